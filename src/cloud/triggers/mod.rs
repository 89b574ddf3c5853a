//! What joins the mocks: the triggers that AWS has.
//!
//! * [`objects`]: a committed change of an object → functions and queues of the bucket's configuration.
//! * [`mapping`]: messages of a queue → a function, as an event source mapping does it.
//! * [`runs`]: a schedule → a function.
//! * [`dead_letters`]: an asynchronous event that was given up → a queue.
//! * [`decisions`]: why each trigger did or did not fire.

pub(super) mod dead_letters;
pub(super) mod decisions;
pub(super) mod mapping;
pub(super) mod objects;
pub(super) mod queues;
pub(super) mod runs;

pub(crate) use decisions::Decisions;
pub(crate) use queues::Queues;
pub(crate) use runs::Schedules;
