//! The two protocols of SQS: how each spells requests, answers and errors.

pub(super) mod json;
mod negotiated;
pub(super) mod query;
mod xml;
