//! The mocked services.
//!
//! A mock is three rooms: the handle that a test holds (in `cloud`), the state (pure, synchronous, testable without a
//! runtime), and the protocol glue. A request enters in one place, [`http::Gateway`], whether it came over a socket or
//! from an SDK client inside the process. No mock knows another: `cloud` joins them.

pub(crate) mod events;
pub(crate) mod http;
pub(crate) mod lambda;
pub(crate) mod other;
pub(crate) mod s3;
#[cfg(feature = "slack")]
pub(crate) mod slack;
pub(crate) mod sqs;
