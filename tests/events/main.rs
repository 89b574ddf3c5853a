//! Events, schemas, fixtures and generators against each other.

#![cfg(all(feature = "proptest", feature = "schema"))]

mod fixtures;
mod schemas;
mod strategies;
