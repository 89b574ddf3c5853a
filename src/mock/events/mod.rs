//! Event buses: what was put on them, and their rules by pattern. S3 and Lambda put events there, tests make the rules and read
//! the events. Clients that put events or rules themselves are not answered.

mod rule;
mod service;

pub(crate) use rule::BusRule;
pub(crate) use service::{DEFAULT, EventBuses};
