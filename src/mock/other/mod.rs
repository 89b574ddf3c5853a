//! Services that are neither mocked nor refused: a double of the test answers for them, or a server on loopback.
//!
//! * [`service`]: such a service behind the gateway.
//! * [`double`]: closures that answer; [`aws_json`] is for services that speak AWS JSON.
//! * [`forward`]: servers that answer.
//! * [`asked`]: what a request is about, as far as that can be seen without knowing the service.

mod asked;
mod aws_json;
mod double;
mod forward;
mod service;

pub use aws_json::ServiceError;
pub(crate) use aws_json::answer_json;
pub use double::{Answers, Later, Now};
pub(crate) use forward::Endpoint;
pub(crate) use service::OtherService;
