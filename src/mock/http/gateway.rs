//! The one place where a request enters, whether over a socket or from an SDK client in this process.

mod expected;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderName, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{Method, Request, Response};

use super::call::Call;
use super::chunked;
use super::credentials::Credentials;
use super::form::{self, PostForm};
use super::header::header_text;
use super::logical::SdkAttempt;
use super::nobody::Nobody;
use super::pipeline::{After, Before, Begun, CUT, LOST, Pipeline};
use super::refusal::{Refusal, Wire};
use super::reply::Reply;
use super::service::{Answer, Incoming, Parsed, Service};
use super::sigv2::{self, NoRegion};
use super::sigv4::{self, AuthFault, ChunkSigner, Verified, Verifier};
use crate::event::Region;
use crate::history::{Caller, Origin, Outcome, RequestInfo};
use crate::kernel::{InvocationId, Kernel};

const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Verifies requests, finds their service, and sends them through the pipeline.
pub(crate) struct Gateway {
    kernel: Arc<Kernel>,
    credentials: Credentials,
    verifier: Verifier,
    /// The region of requests that name none.
    region: Region,
    pipeline: Arc<Pipeline>,
    /// In the order in which they are asked whether a request without a signature is theirs.
    services: RwLock<Vec<Arc<dyn Service>>>,
}

/// A request whose signature is good, or that needs none.
struct Admitted {
    body: Bytes,
    caller: Option<Arc<Caller>>,
    region: Region,
}

/// Who has signed a request.
struct Signer {
    /// None for a request without a signature.
    caller: Option<Arc<Caller>>,
    region: Region,
    chunks: Option<ChunkSigner>,
}

/// Where a request comes from, and in which words its refusal is put.
struct Asking {
    wire: Wire,
    origin: Origin,
    invocation: Option<InvocationId>,
    attempt: Option<SdkAttempt>,
    /// The trace header that it brings.
    trace: Option<String>,
}

impl Gateway {
    pub fn new(kernel: Arc<Kernel>, region: Region, pipeline: Arc<Pipeline>, services: Vec<Arc<dyn Service>>) -> Self {
        Self {
            kernel,
            credentials: Credentials::default(),
            verifier: Verifier::default(),
            region,
            pipeline,
            services: RwLock::new(services),
        }
    }

    /// Adds a service that requests may be for, or replaces the one of its name that is replaceable.
    ///
    /// # Errors
    ///
    /// The service itself, when there is one of its name that is not.
    pub fn serve<S: Service + 'static>(&self, service: Arc<S>) -> Result<(), Arc<S>> {
        let mut services = self.services.write().unwrap_or_else(PoisonError::into_inner);
        let replaced = match services.iter_mut().find(|known| known.name() == service.name()) {
            Some(known) if known.is_replaceable() => Some(std::mem::replace(known, service)),
            Some(_) => return Err(service),
            None => {
                services.push(service);
                None
            }
        };
        drop(services);
        drop(replaced); // outside the lock: what a double has captured may call back
        Ok(())
    }

    /// The service of this name; else the names of those that there are.
    pub fn service(&self, name: &str) -> Result<Arc<dyn Service>, Vec<&'static str>> {
        let services = self.services();
        let found = services.iter().find(|service| service.name() == name).cloned();
        found.ok_or_else(|| services.iter().map(|service| service.name()).collect())
    }

    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    fn services(&self) -> RwLockReadGuard<'_, Vec<Arc<dyn Service>>> {
        self.services.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request of a client in this process; none when it was asked, or is to be answered, in a task whose environment
    /// is gone: nothing may go on there.
    #[cfg(feature = "aws-sdk")]
    pub async fn handle(&self, request: Request<Bytes>) -> Option<Reply> {
        let (mut parts, body) = request.into_parts();
        complete_host(&mut parts);
        let turns = self.kernel.turns();
        if turns.is_frozen() {
            return None;
        }
        let reply = self.answer(self.route(&parts), Request::from_parts(parts, body), Origin::InProcess).await;
        (!turns.is_frozen()).then_some(reply)
    }

    /// Answers a request whose service was [found](Self::route).
    pub(super) async fn answer(
        &self,
        service: Result<Arc<dyn Service>, Nobody>,
        request: Request<Bytes>,
        origin: Origin,
    ) -> Reply {
        let (mut parts, body) = request.into_parts();
        let turns = self.kernel.turns();
        let invocation = if origin == Origin::Socket { turns.current_or_running() } else { turns.asking() };
        let attempt = SdkAttempt::of(&parts);
        // SQS hands the header on, and an empty one is none.
        let trace = header_text(&parts.headers, TRACE_ID).filter(|value| !value.is_empty()).map(str::to_owned);

        let (service, wire, parsed) = match service {
            Ok(service) => {
                let wire = service.wire().of(&parts);
                let parsed = match self.admit(&*service, wire, &mut parts, body) {
                    Ok(Admitted { body, caller, region }) => {
                        let request = Request::from_parts(parts, body);
                        Arc::clone(&service).parse(Incoming { request, caller, region }).await
                    }
                    Err(refusal) => self.refused(&*service, wire, &parts, refusal),
                };
                (service, wire, parsed)
            }
            Err(nobody) => {
                let request = Request::from_parts(parts, body);
                let incoming = Incoming { request, caller: None, region: self.region.clone() };
                let service: Arc<dyn Service> = Arc::new(nobody);
                (Arc::clone(&service), service.wire(), service.parse(incoming).await)
            }
        };
        self.pass(&service, parsed, Asking { wire, origin, invocation, attempt, trace }).await
    }

    /// Sends a request that was read through the pipeline.
    async fn pass(&self, service: &Arc<dyn Service>, parsed: Parsed, asking: Asking) -> Reply {
        let Asking { wire, origin, invocation, attempt, trace } = asking;
        let (shared, service) = (service, &**service);
        let Parsed { mut info, also, facts, dress, by_entry, run } = parsed;
        info.origin = origin;
        info.also = also.iter().map(|access| (access.action, access.arn.clone())).collect();
        if let Some(id) = invocation {
            if !self.note(id, &info).await {
                return Reply::Reset;
            }
        } else if origin == Origin::InProcess {
            // The answers come at once, so a task that asks in a loop would never let the others run.
            tokio::task::yield_now().await;
        }
        let actor = self.kernel.actor(invocation);
        let info = Arc::new(info);
        let (begun, mut call) = self.pipeline.begin(service, &info, invocation, attempt, actor);
        call.trace_header = trace.or(call.trace_header);
        let extent = call.extent.clone();
        call.permits = facts
            .clone()
            .filter(|_| by_entry)
            .map(|facts| Pipeline::permits(&self.pipeline, shared, &info, facts, invocation));

        let mut answer = match self.pipeline.authorise(service, &info, (&also, facts.as_ref()), invocation) {
            Err(refusal) => refusal.answer(wire, &call),
            Ok(()) => match self.pipeline.before(service, &info, &begun).await {
                Before::Gone => return Reply::Reset,
                Before::Reset => return self.reset(&begun, "connection reset"),
                Before::Refuse(refusal) => refusal.answer(wire, &call),
                Before::Go => {
                    let answer = run(call.clone()).await;
                    match self.pipeline.conceal(service, &info, invocation, answer.response.status()) {
                        Some(refusal) => refusal.answer(wire, &call),
                        None => answer,
                    }
                }
            },
        };
        if let Some(dress) = dress {
            dress(&mut answer.response);
        }
        let worked = answer.response.status().as_u16() < 400;
        let after = self.pipeline.after(service, &info, &begun, worked).await;
        let Answer { response, error, remark } = answer;
        let remark = remark.or_else(|| extent.and_then(|extent| extent.remark()));
        match after {
            After::Answer => {
                let (status, retry_after) = (response.status().as_u16(), retry_after(&response));
                self.pipeline.end(&begun, Outcome::Answered { status, error, remark, retry_after });
                Reply::Whole(response)
            }
            // What has no body can only be lost as a whole.
            After::Cut if response.body().is_empty() => self.reset(&begun, LOST),
            After::Cut => {
                self.pipeline.end(&begun, Outcome::Unanswered { why: CUT });
                Reply::Cut(response)
            }
            After::Lost => self.reset(&begun, LOST),
            After::Gone => Reply::Reset,
        }
    }

    fn reset(&self, begun: &Begun, why: &'static str) -> Reply {
        self.pipeline.end(begun, Outcome::Unanswered { why });
        Reply::Reset
    }

    /// Notes that an invocation asks for something. One that asks too often without the clock moving is held until its
    /// timeout, as is one whose environment has crashed: then it is over, and this false.
    async fn note(&self, id: InvocationId, info: &RequestInfo) -> bool {
        if self.kernel.is_crashing(id) {
            self.kernel.keep(id).await;
            false
        } else if !self.kernel.turns().note_request(id, info) {
            self.kernel.hold(id, info).await;
            false
        } else {
            true
        }
    }

    /// Checks who asks and takes the body out of its transfer encoding.
    fn admit(&self, service: &dyn Service, wire: Wire, parts: &mut Parts, body: Bytes) -> Result<Admitted, Refusal> {
        // Browsers do not sign preflights, whatever the URL is signed for.
        if parts.method == Method::OPTIONS && service.takes_anonymous() {
            return Ok(Admitted { body, caller: None, region: self.region.clone() });
        }
        if wire == Wire::S3 && form::is_form(parts) {
            return self.admit_form(parts, body);
        }
        let signer = self.signer(service, parts, Some(&body)).map_err(|fault| Refusal::auth(wire, &fault))?;
        let Signer { caller, region, chunks } = signer;
        if caller.is_none() && !service.takes_anonymous() {
            return Err(Refusal::anonymous(wire));
        }
        if !chunked::is_chunked(parts) {
            return Ok(Admitted { body, caller, region });
        }
        let body = chunked::decode(parts, body, chunks).map_err(|fault| Refusal::chunks(wire, &fault))?;
        Ok(Admitted { body, caller, region })
    }

    /// Who has signed a request, whose body may not have come yet.
    fn signer(&self, service: &dyn Service, parts: &mut Parts, body: Option<&[u8]>) -> Result<Signer, AuthFault> {
        let (caller, region, chunks) = match self.verifier.verify(parts, body, &self.credentials, self.kernel.now()) {
            Ok(Some(Verified { caller, region, chunks })) => (Some(caller), Some(region), chunks),
            Ok(None) => (None, None, None),
            Err(AuthFault::OldVersion) => (Some(self.verify_old(service, parts)?), None, None),
            Err(fault) => return Err(fault),
        };
        Ok(Signer { caller, region: region.unwrap_or_else(|| self.region.clone()), chunks })
    }

    /// Who has signed a request with Signature Version 2, if its service takes that.
    fn verify_old(&self, service: &dyn Service, parts: &mut Parts) -> Result<Arc<Caller>, AuthFault> {
        let path = service.path_of_old_signature(parts).ok_or(AuthFault::OldVersion)?;
        parts.extensions.insert(NoRegion);
        sigv2::verify(parts, &path, &self.credentials, self.kernel.now())
    }

    /// Admits a form, which says inside who signed its policy. The service gets it read.
    fn admit_form(&self, parts: &mut Parts, body: Bytes) -> Result<Admitted, Refusal> {
        let form = PostForm::read(parts, &body).map_err(Refusal::form)?;
        let signed = self.verifier.verify_policy(&form, &self.credentials);
        let signed = signed.map_err(|fault| Refusal::auth(Wire::S3, &fault))?;
        parts.extensions.insert(form);
        let (caller, region) = signed.unzip();
        Ok(Admitted { body, caller, region: region.flatten().unwrap_or_else(|| self.region.clone()) })
    }

    /// A request that is refused before its service reads it.
    fn refused(&self, service: &dyn Service, wire: Wire, parts: &Parts, refusal: Refusal) -> Parsed {
        let path = percent_encoding::percent_decode_str(parts.uri.path()).decode_utf8_lossy();
        let asked = format!("{} {path}", parts.method);
        let info = RequestInfo::new(service.name(), asked, &self.region);
        Parsed::new(info, move |call: Call| async move { refusal.answer(wire, &call) })
    }

    /// The service that a request is for.
    pub(super) fn route(&self, parts: &Parts) -> Result<Arc<dyn Service>, Nobody> {
        let signed = sigv4::signed_service(parts);
        let is_for = |service: &&Arc<dyn Service>| match &signed {
            Some(signed) => service.name() == *signed,
            None => service.claims(parts),
        };
        let services = self.services();
        services.iter().find(is_for).cloned().ok_or_else(|| Nobody {
            signed: signed.is_some(),
            asked: signed
                .as_deref()
                .unwrap_or_else(|| header_text(&parts.headers, "x-amz-target").unwrap_or_default())
                .to_owned(),
            mocked: services.iter().map(|service| service.name()).collect(),
        })
    }
}

/// How long an answer asks to wait before the next request. A date in its place is not read.
fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let seconds = header_text(response.headers(), RETRY_AFTER)?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Clients in this process leave the `Host` header to the connection, but it is signed.
pub(super) fn complete_host(parts: &mut Parts) {
    if parts.headers.contains_key(HOST) {
        return;
    }
    if let Some(host) = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
        parts.headers.insert(HOST, host);
    }
}
