//! The one place where a request enters, whether over a socket or from an SDK client in this process.

use std::future::{Future, pending};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::request::Parts;
use http::{Request, Response};

use super::call::{Call, Origin};
use super::chunked::{self, ChunkFault};
use super::credentials::Credentials;
use super::refusal::Refusal;
use super::sigv4::{self, Verifier};
use crate::event::Region;
use crate::kernel::{InvocationId, Kernel, LineId};

/// The AWS services that a request may be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceName {
    S3,
    Sqs,
    Lambda,
}

pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Response<Bytes>> + Send + 'a>>;

/// A mocked service behind the gateway.
pub(crate) trait Service: Send + Sync {
    /// What the request asks for, for the timeline: the operation and what it is about.
    fn describe(&self, request: &Request<Bytes>) -> String;

    /// Whether a request may be signed for `region`, which is not the cloud's.
    fn is_also_in(&self, _region: &str, _request: &Parts) -> bool {
        false
    }

    /// Answers a verified request.
    fn handle(&self, request: Request<Bytes>, call: Call) -> Answer<'_>;
}

/// Verifies requests and hands them to their service.
pub(crate) struct Gateway {
    kernel: Arc<Kernel>,
    credentials: Credentials,
    verifier: Verifier,
    s3: Arc<dyn Service>,
    sqs: Arc<dyn Service>,
    lambda: Arc<dyn Service>,
}

impl Gateway {
    pub fn new(
        kernel: Arc<Kernel>,
        region: Region,
        s3: Arc<dyn Service>,
        sqs: Arc<dyn Service>,
        lambda: Arc<dyn Service>,
    ) -> Self {
        Self { kernel, credentials: Credentials::default(), verifier: Verifier::new(region), s3, sqs, lambda }
    }

    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request<Bytes>, origin: Origin) -> Response<Bytes> {
        let (mut parts, body) = request.into_parts();
        complete_host(&mut parts);
        let invocation = match origin {
            Origin::InProcess => self.kernel.turns().current(),
            Origin::Socket => self.kernel.turns().current_or_running(),
        };
        let route = route(&parts);
        let request = Request::from_parts(parts, body);
        let what = match &route {
            Ok(name) => self.service(*name).describe(&request),
            Err(unknown) => unknown.escape_debug().to_string(),
        };
        if let Some(id) = invocation
            && !self.kernel.turns().note_request(id, &what)
        {
            self.kernel.note(self.kernel.turns().line_of(id), format!("{what} held: a busy loop, see its timeout"));
            let _park = self.kernel.turns().park(id);
            pending::<()>().await;
        }
        if invocation.is_none() && origin == Origin::InProcess {
            // The answers come at once, so a task that asks in a loop would never let the others run.
            tokio::task::yield_now().await;
        }
        let line = self.line(invocation, what);
        let (mut parts, body) = request.into_parts();
        let mut call = self.call(route.as_ref().ok(), &parts, origin);
        call.cause = Some(line);

        let response = match route {
            Ok(name) => match self.admit(name, &mut parts, body, &mut call) {
                Ok(body) => self.service(name).handle(Request::from_parts(parts, body), call).await,
                Err(refusal) => refusal.respond(Some(name), &call),
            },
            Err(unknown) => Refusal::not_mocked(&unknown).respond(None, &call),
        };
        self.kernel.amend(line, &format!(" → {}", response.status().as_u16()));
        response
    }

    fn service(&self, name: ServiceName) -> &dyn Service {
        match name {
            ServiceName::S3 => &*self.s3,
            ServiceName::Sqs => &*self.sqs,
            ServiceName::Lambda => &*self.lambda,
        }
    }

    fn line(&self, invocation: Option<InvocationId>, what: String) -> LineId {
        let above = invocation.and_then(|id| self.kernel.turns().line_of(id));
        // While the cloud is driven, only a task that a handler has spawned asks from outside.
        let spawned = invocation.is_none() && self.kernel.is_driven();
        self.kernel.note(above, if spawned { format!("{what} (outside any invocation)") } else { what })
    }

    fn call(&self, name: Option<&ServiceName>, parts: &Parts, origin: Origin) -> Call {
        let mut ids = self.kernel.ids();
        let (request_id, host_id) = match name {
            Some(ServiceName::S3) => (ids.upper(16), ids.base64(76)),
            _ => (ids.uuid(), String::new()),
        };
        let trace = parts.headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok());
        // SQS hands the header on, and an empty one is none.
        let trace = trace.filter(|value| !value.is_empty()).map(str::to_owned);
        Call {
            caller: None,
            request_id,
            host_id,
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            origin,
            cause: None,
            trace_header: trace,
        }
    }

    /// Checks who asks and takes the body out of its transfer encoding.
    fn admit(&self, name: ServiceName, parts: &mut Parts, body: Bytes, call: &mut Call) -> Result<Bytes, Refusal> {
        let verified = self
            .verifier
            .verify(parts, &body, &self.credentials, self.kernel.now(), &|region| {
                self.service(name).is_also_in(region, parts)
            })
            .map_err(|fault| Refusal::auth(name, &fault))?;
        let signer = match verified {
            Some(verified) => {
                call.caller = Some(verified.caller);
                Some(verified.chunks)
            }
            None if name == ServiceName::S3 => None,
            None => return Err(Refusal::anonymous(name)),
        };
        if !chunked::is_chunked(parts) {
            return Ok(body);
        }
        chunked::decode(parts, &body, signer).map_err(|fault| match fault {
            ChunkFault::Auth(fault) => Refusal::auth(name, &fault),
            ChunkFault::Incomplete(why) => Refusal::new(
                400,
                "IncompleteBody",
                format!("You did not provide the number of bytes specified by the Content-Length HTTP header: {why}"),
            ),
        })
    }
}

/// Clients in this process leave the `Host` header to the connection, but it is signed.
fn complete_host(parts: &mut Parts) {
    if parts.headers.contains_key(HOST) {
        return;
    }
    if let Some(host) = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        parts.headers.insert(HOST, host);
    }
}

/// Whether answering the request may run handlers, in the task that answers.
pub(super) fn may_run_handlers(parts: &Parts) -> bool {
    route(parts) == Ok(ServiceName::Lambda)
}

/// The service that a request is for; the error names one that is not mocked.
fn route(parts: &Parts) -> Result<ServiceName, String> {
    if let Some(service) = sigv4::signed_service(parts) {
        return match service.as_str() {
            "s3" => Ok(ServiceName::S3),
            "sqs" => Ok(ServiceName::Sqs),
            "lambda" => Ok(ServiceName::Lambda),
            _ => Err(service),
        };
    }
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or("");
    if target.starts_with("AmazonSQS.") {
        Ok(ServiceName::Sqs)
    } else if !target.is_empty() {
        Err(target.to_owned())
    } else if parts.uri.path().starts_with("/2015-03-31/") {
        Ok(ServiceName::Lambda)
    } else {
        Ok(ServiceName::S3)
    }
}
