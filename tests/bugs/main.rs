//! A catalogue of bugs: handlers as people write them, each with one realistic bug, and the same handlers without it.
//!
//! Each is explored with the default settings, and one invariant where the bug leaves no other trace. The bug is found,
//! and its twin passes.

mod announced;
mod attributes;
mod batches;
mod bodies;
mod canary;
mod case;
mod channel;
mod circles;
mod claims;
mod cleaning;
mod conditions;
mod consumer;
mod environments;
mod errors;
mod fifo;
mod giving_up;
mod growing;
mod inbox;
mod invokes;
mod keys;
mod lists;
mod locks;
mod mirror;
mod naming;
mod ordering;
mod overlap;
mod put_events;
mod readme;
mod records;
mod redrive;
mod regions;
mod sending;
mod shapes;
mod shared;
mod sizes;
mod slack;
mod spawned;
mod table;
mod timeouts;
mod tours;
mod transient;
mod versions;
mod wrapped;
mod wrong_turns;
