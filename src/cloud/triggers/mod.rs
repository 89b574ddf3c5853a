//! What makes the cloud act by itself: the triggers that AWS has. Each hands what it has to the router, and knows neither
//! the cloud that it belongs to nor the others.
//!
//! * [`objects`]: a committed change of an object → functions and queues of the bucket's configuration.
//! * [`mapping`], [`mappings`], [`gathered`], [`record`], [`answer`]: messages of a queue → a function, as event source mappings do it.
//! * [`runs`]: a rule or schedule → a function.

mod answer;
mod gathered;
pub(super) mod mapping;
pub(super) mod mappings;
pub(super) mod objects;
mod record;
pub(super) mod runs;
