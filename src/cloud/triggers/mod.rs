//! What makes the cloud act by itself: the triggers that AWS has. Each hands what it has to the router, and knows neither
//! the cloud that it belongs to nor the others.
//!
//! * [`objects`]: a committed change of an object → functions and queues of the bucket's configuration.
//! * [`mapping`], [`mappings`]: messages of a queue → a function, as event source mappings do it. [`sources`] makes, changes and
//!   deletes them; [`polling`] fills batches ([`gathered`]), [`outcome`] runs them ([`record`], [`answer`]).
//! * [`lifecycle`]: midnight → what the lifecycle rules of buckets ask for.
//! * [`runs`]: a rule or schedule → a function.

mod answer;
mod gathered;
pub(super) mod lifecycle;
pub(super) mod mapping;
pub(super) mod mappings;
pub(super) mod objects;
mod outcome;
mod polling;
mod record;
pub(super) mod runs;
mod sources;
