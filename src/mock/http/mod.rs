//! How requests reach the mocks: one gateway for all services, over a socket or in process.
//!
//! * [`listener`]: the loopback port, opened on first use; [`shared_port`]: the one that presigned URLs lead to.
//! * [`gateway`]: who asks, for which service; every HTTP request passes here once.
//! * [`sigv4`], [`canonical`], [`credentials`]: Signature Version 4, checked for every service alike; [`sigv2`]: the older one of S3.
//! * [`chunked`]: the `aws-chunked` transfer encoding; [`framing`]: what HTTP says of a body's length;
//!   [`form`]: what browsers post.
//! * [`exchange`]: requests of ours to another server on loopback.
//! * [`header`], [`query`]: values of headers, query strings and forms; [`xml`], [`cbor`]: errors in other forms than JSON.
//! * [`service`]: what a service is to the gateway; [`nobody`] answers for those that are not mocked, in the protocol that
//!   [`unmocked`] sees in the request.
//! * [`pipeline`]: the way of every request, those of handles too; [`alternatives`] says how it may deviate,
//!   and [`logical`] which requests are attempts of one call.
//! * [`permits`]: what work asks permission for entry by entry.
//! * [`refusal`]: the gateway's own refusals, in the protocol of each service; [`reply`]: how an answer arrives.

mod alternatives;
mod arriving;
mod call;
mod canonical;
mod cbor;
mod chunked;
mod credentials;
mod exchange;
mod extent;
mod form;
mod framing;
mod gateway;
mod header;
mod listener;
mod logical;
mod nobody;
mod permits;
mod pipeline;
pub(crate) mod query;
mod refusal;
mod reply;
mod service;
#[cfg(feature = "aws-sdk")]
pub(crate) mod shared_port;
mod sigv2;
mod sigv4;
mod unmocked;
mod xml;

pub(crate) use call::Call;
pub(crate) use chunked::unwrap_encoding;
pub use credentials::AccessKey;
pub(crate) use exchange::exchange;
pub(crate) use form::PostForm;
pub(crate) use framing::Framing;
pub(crate) use gateway::Gateway;
pub(crate) use header::header_text;
pub(crate) use listener::Listener;
pub(crate) use pipeline::{Bounds, BoundsOf, Done, Pipeline, Undone};
pub(crate) use refusal::{Fault, Wire};
#[cfg(feature = "aws-sdk")]
pub(crate) use reply::Reply;
pub(crate) use service::{Access, Answer, Asked, Doing, Dress, Effect, Facts, Incoming, Parsed, Service, ServiceFault};
pub(crate) use sigv2::NoRegion;
pub(crate) use sigv4::signing_clock;
pub(crate) use unmocked::FORM;
pub(crate) use unmocked::operation;
pub(crate) use xml::{error_response, keep_returns, s3_error, texts as xml_texts, written};
