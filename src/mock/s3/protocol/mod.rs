//! S3's HTTP on the crate `s3s`, which parses requests and prints answers. Its types stay in this folder.
//!
//! The gateway has verified the signature: what it knows of the request comes as a [`Call`]. Errors are printed
//! here and not by `s3s`, which has no extra elements and no host id.

mod adapter;
mod buckets;
mod convert;
mod describe;
mod headers;
mod listing;
mod multipart;
mod notification;
mod objects;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service as Parser, S3ServiceBuilder};

use self::adapter::{Adapter, FaultSlot, RequestBody};
use super::fault::S3Fault;
use super::service::S3Service;
use crate::mock::http::{Answer, Call, Service};

/// The mock S3 as an HTTP service.
pub(crate) struct S3Protocol {
    parser: Parser,
    service: Arc<S3Service>,
}

impl fmt::Debug for S3Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Protocol").finish_non_exhaustive()
    }
}

impl S3Protocol {
    /// The protocol in front of a service.
    pub(crate) fn new(service: Arc<S3Service>) -> Self {
        let mut builder = S3ServiceBuilder::new(Adapter::new(service.clone()));
        let mut config = S3Config::default();
        // Signatures and dates are the gateway's business.
        config.presigned_url_max_skew_time_secs = u32::MAX;
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        Self { parser: builder.build(), service }
    }

    async fn respond(&self, request: Request<Bytes>, call: Call) -> Response<Bytes> {
        let is_head = request.method() == http::Method::HEAD;
        let mut response = match self.answer(request, &call).await {
            Ok(response) => response,
            Err(fault) => response::error(&fault, &call),
        };
        response::add_ids(response.headers_mut(), &call);
        if is_head || response.status() == http::StatusCode::NOT_MODIFIED {
            *response.body_mut() = Bytes::new();
        }
        response
    }

    async fn answer(&self, request: Request<Bytes>, call: &Call) -> Result<Response<Bytes>, S3Fault> {
        let request = request::prepare(request)?;
        headers::check(request.headers())?;
        let path = request.uri().path().to_owned();
        let bucket = path[1..].split('/').next().unwrap_or("");
        if let Some(expected) = headers::text(request.headers(), "x-amz-expected-bucket-owner") {
            self.service.check_owner(bucket, expected)?;
        }
        let what = response::describe(&request);

        let slot = FaultSlot::default();
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(call.clone());
        parts.extensions.insert(slot.clone());
        parts.extensions.insert(RequestBody(body.clone()));
        let parsed = self.parser.call(Request::from_parts(parts, s3s::Body::from(body))).await;
        let response = parsed.map_err(|_| response::internal_error(&what))?;
        if let Some(fault) = slot.take() {
            return Err(fault);
        }
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| response::internal_error(&what))?.to_bytes();
        if parts.status.is_client_error() || parts.status.is_server_error() {
            return Err(response::fault_of_parser(parts.status.as_u16(), &body, &what, bucket));
        }
        Ok(Response::from_parts(parts, body))
    }
}

impl Service for S3Protocol {
    fn describe(&self, request: &Request<Bytes>) -> String {
        describe::describe(request)
    }

    /// A bucket may be in another region than the service.
    fn is_also_in(&self, region: &str, request: &http::request::Parts) -> bool {
        let bucket = request.uri.path().split('/').nth(1).unwrap_or("");
        self.service.region_of(bucket).is_some_and(|its| its.as_str() == region)
    }

    /// Answers a request whose signature was verified and whose body is plain (no `aws-chunked`).
    fn handle(&self, request: Request<Bytes>, call: Call) -> Answer<'_> {
        Box::pin(self.respond(request, call))
    }
}

impl FaultSlot {
    fn take(&self) -> Option<S3Fault> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

/// A fault on its way around `s3s`.
type Slot = Arc<Mutex<Option<S3Fault>>>;
