//! Events, schemas, fixtures and generators against each other.

#![cfg(all(feature = "proptest", feature = "schema", feature = "schedule"))]

mod contents;
mod fixtures;
mod printed;
mod schemas;
mod starts;
mod strategies;
