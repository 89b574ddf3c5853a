//! How requests reach the mocks: one gateway for all services, over a socket or in process.
//!
//! * [`listener`]: the loopback port, opened on first use.
//! * [`gateway`]: who asks, for which service; every request passes here once.
//! * [`sigv4`], [`canonical`], [`credentials`]: Signature Version 4, checked for every service alike.
//! * [`chunked`]: the `aws-chunked` transfer encoding.
//! * [`refusal`]: the gateway's own refusals, in the words of each service.

mod call;
mod canonical;
mod chunked;
mod credentials;
mod gateway;
mod listener;
mod refusal;
mod sigv4;

pub(crate) use call::{Call, Caller, Origin};
pub use credentials::AccessKey;
pub(crate) use gateway::{Answer, Gateway, Service};
pub(crate) use listener::Listener;
#[cfg(feature = "slack")]
pub(crate) use listener::background;
