//! Event buses: what was put on them, and their rules by pattern. S3, Lambda and clients put events there; tests make the rules
//! and read the events.
//!
//! * [`buses`]: the state, [`rule`]: one rule.
//! * [`service`]: what clients are answered, [`put_events`]: to the one operation that there is.

mod buses;
mod put_events;
mod rule;
mod service;

pub(crate) use buses::{DEFAULT, EventBuses, HandedOn, Outcome};
pub(crate) use rule::{BusRule, is_name};
