//! A catalogue of bugs: handlers as people write them, each with one realistic bug, and the same handlers without it.

mod smoke;
