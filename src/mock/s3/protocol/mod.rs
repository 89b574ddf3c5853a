//! S3's HTTP on the crate `s3s`, which parses requests and prints answers. Its types stay in this folder.
//!
//! The gateway has verified the signature: what it knows of the request comes as a [`Call`]. `s3s` finds the operation
//! and is held at the [`gate`] until the request may go on. What it would skip is refused ([`offered`], [`members`]),
//! what it would take for something else is refused before it is asked ([`lacking`]), and what it would lose is [`kept`].
//! Operations that it does not know stand beside it ([`annotations`]).
//! Elements that it does not know are added to its documents ([`additions`]), and a form is read as the PutObject that it means
//! ([`post`]). Errors are printed here and not by `s3s`, which has no extra elements and no host id.

mod access;
mod acl;
mod adapter;
mod additions;
mod annotations;
mod attributes;
mod belonging;
mod buckets;
mod configurations;
mod convert;
mod cors;
mod facts;
mod gate;
mod headers;
mod kept;
mod lacking;
mod lifecycle;
mod lifecycle_rules;
mod listing;
mod lock;
mod members;
mod methods;
mod multipart;
mod notification;
mod objects;
mod offered;
mod operations;
mod parts_document;
mod policy_words;
mod post;
mod presigned;
mod request;
mod response;
mod restore;
mod settings;
mod sse;
#[cfg(test)]
mod tests;
mod unread;
mod words;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt as _;
use percent_encoding::percent_decode_str;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service as Parser, S3ServiceBuilder};

use self::adapter::{Adapter, Alongside, FaultSlot};
use self::additions::Additions;
use self::gate::{Gate, Gatekeeper, NoKeys, Routed};
use super::fault::S3Fault;
use super::service::S3Service;
use super::state::ObjectAt;
use crate::event::{Arn, Region};
use crate::history::{Caller, RequestInfo};
use crate::iam::Policy;
use crate::kernel::Ids;
use crate::mock::http::{
    Access, Answer, Asked, Call, Doing, Dress, Effect, FORM, Facts, Fault, Incoming, NoRegion, Parsed, PostForm,
    Service, ServiceFault, Wire, header_text, keep_returns, query,
};

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

type Result<T> = std::result::Result<T, S3Fault>;
type Work = Pin<Box<dyn Future<Output = Result<Response<Bytes>>> + Send>>;

/// A request as far as its reading has come.
enum Reading {
    /// Held at the gate: what it is, its document, and how it goes on.
    Held(Routed, Bytes, Gate, Work),
    Refused(S3Fault),
}

impl S3Protocol {
    /// The protocol in front of a service.
    pub(crate) fn new(service: Arc<S3Service>) -> Self {
        let mut builder = S3ServiceBuilder::new(Adapter::new(service.clone()));
        let mut config = S3Config::default();
        // Signatures and dates are the gateway's business.
        config.presigned_url_max_skew_time_secs = u32::MAX;
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        builder.set_auth(NoKeys);
        builder.set_access(Gatekeeper);
        Self { parser: builder.build(), service }
    }

    /// Lets `s3s` read the request up to the gate.
    async fn read(&self, request: Request<Bytes>) -> Reading {
        let gate = Gate::default();
        let (body, mut work) = match self.start(request, &gate) {
            Ok(started) => started,
            Err(fault) => return Reading::Refused(fault),
        };
        let early = poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if gate.holds() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        match (early.await, gate.take_routed()) {
            (None, Some(routed)) => Reading::Held(routed, body, gate, work),
            (Some(Err(fault)), _) => Reading::Refused(fault),
            // No operation has run, so there is nothing that could have been answered.
            _ => Reading::Refused(response::internal_error("a request that is no operation")),
        }
    }

    fn start(&self, request: Request<Bytes>, gate: &Gate) -> Result<(Bytes, Work)> {
        let (request, kept) = request::prepare(request)?;
        headers::check(request.headers())?;
        methods::check_query(request.method(), request.uri())?;
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let bucket = request.uri().path()[1..].split('/').next().unwrap_or("").to_owned();

        if let Some(routed) = annotations::route(request.method(), request.uri()) {
            let (parts, body) = request.into_parts();
            let work = annotations::run(self.service.clone(), routed, gate.clone(), parts, body.clone());
            return Ok((body, Box::pin(work)));
        }
        let slot = FaultSlot::default();
        let (mut parts, body) = request.into_parts();
        let (additions, document) = (Additions::default(), body.clone());
        let completes =
            parts.method == Method::POST && query::value(parts.uri.query().unwrap_or(""), "uploadId").is_some();
        let readable = if completes { parts_document::readable(&body) } else { body.clone() };
        parts.extensions.insert(Alongside {
            gate: gate.clone(),
            slot: slot.clone(),
            kept,
            additions: additions.clone(),
            body,
        });
        let parser = self.parser.clone();
        let work: Work = Box::pin(async move {
            let parsed = parser.call(Request::from_parts(parts, s3s::Body::from(readable))).await;
            let what = || response::describe(&method, &uri);
            let response = parsed.map_err(|_| response::internal_error(&what()))?;
            if let Some(fault) = slot.take() {
                return Err(fault);
            }
            let (mut parts, body) = response.into_parts();
            if let Some(status) = parts.extensions.remove::<StatusCode>() {
                parts.status = status;
            }
            let body = body.collect().await.map_err(|_| response::internal_error(&what()))?.to_bytes();
            if parts.status.is_client_error() || parts.status.is_server_error() {
                return Err(response::fault_of_parser(parts.status.as_u16(), &body, (&method, &uri), &bucket));
            }
            Ok(Response::from_parts(parts, additions.apply(body)))
        });
        Ok((document, work))
    }

    /// What a handle asks for.
    pub(crate) fn request(&self, operation: &str, bucket: &str, key: &str, region: &Region) -> RequestInfo {
        let routed = Routed { operation: operation.to_owned(), bucket: bucket.to_owned(), key: key.to_owned() };
        self.info(&routed, false, region, None)
    }

    /// What the gateway and the history are told of a request that was read.
    fn info(
        &self,
        routed: &Routed,
        versioned: bool,
        region: &Region,
        source: Option<&(String, String)>,
    ) -> RequestInfo {
        let Routed { operation, bucket, key } = routed;
        let resource = if key.is_empty() { bucket.clone() } else { format!("{bucket}/{key}") };
        // The keys of a batch are asked for one by one.
        let named = if operation == "DeleteObjects" { format!("{bucket}/*") } else { resource.clone() };
        let arn = (!bucket.is_empty()).then(|| Arn::global(region.partition(), "s3", named));
        let info = RequestInfo::new(self.name(), operation.clone(), region)
            .action(operations::action(operation, versioned))
            .on(resource, arn);
        match source {
            Some((bucket, key)) => info.detail(format!("from s3://{bucket}/{key}")),
            None => info,
        }
    }

    /// Refuses what is right in itself but is about another bucket than the caller thinks.
    fn check_bucket(
        &self,
        routed: &Routed,
        expected_owner: Option<&str>,
        (uri, host): (&Uri, Option<&HeaderValue>),
        call: &Call,
    ) -> Result<()> {
        let Routed { operation, bucket, .. } = routed;
        if let Some(expected) = expected_owner {
            self.service.check_owner(bucket, expected)?;
        }
        // Where a bucket is can be asked anywhere, and whether a name is taken too.
        let anywhere = matches!(operation.as_str(), "CreateBucket" | "GetBucketLocation");
        match self.service.region_of(bucket) {
            Some(its) if call.caller.is_some() && !anywhere && its != call.region => {
                if request::reaches_bucket(uri, host, its.as_str()) {
                    let presigned = query::value(uri.query().unwrap_or(""), "X-Amz-Credential").is_some();
                    return Err(S3Fault::wrong_region(call.region.as_str(), its.as_str(), presigned));
                }
                Err(S3Fault::permanent_redirect(bucket, its.as_str()))
            }
            _ => Ok(()),
        }
    }
}

/// The permission that a request needs beside its own because it ends a governance.
///
/// The console always offers to bypass, so who has not the permission is refused only where it matters.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-bypass>
fn bypass(service: &S3Service, routed: &Routed, version_id: Option<String>, region: &Region) -> Option<Access> {
    let Routed { operation, bucket, key } = routed;
    let key = match operation.as_str() {
        "DeleteObject" | "DeleteObjectAnnotation" | "PutObjectRetention" => {
            let at = ObjectAt { bucket: bucket.clone(), key: key.clone(), version_id };
            Some(key.as_str()).filter(|_| service.is_governed(&at))
        }
        // Which they are stands in the document.
        "DeleteObjects" => Some("*"),
        _ => None,
    };
    let resource = format!("{bucket}/{}", key?);
    let arn = format!("arn:{}:s3:::{resource}", region.partition());
    Some(Access { action: "s3:BypassGovernanceRetention", arn, resource })
}

/// The bucket and the key that a copy reads.
fn copied(headers: &http::HeaderMap) -> Option<(String, String)> {
    let source = header_text(headers, "x-amz-copy-source")?;
    let source = source.split_once("?versionId=").map_or(source, |(source, _)| source);
    let source = percent_decode_str(source.trim_start_matches('/')).decode_utf8().ok()?;
    source.split_once('/').map(|(bucket, key)| (bucket.to_owned(), key.to_owned()))
}

/// What a request with this path, led by the bucket, is about.
fn named(path: &str) -> String {
    let path = path.trim_start_matches('/');
    let path = path.strip_suffix('/').filter(|bucket| !bucket.contains('/')).unwrap_or(path);
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// A request that is no operation, as the history names it: its method and the names in its query.
fn unread(method: &Method, uri: &Uri) -> String {
    let names = query::pairs(uri.query().unwrap_or("")).map(|(name, _)| name);
    let names: Vec<_> = names.filter(|name| !name.is_empty() && !name.to_ascii_lowercase().starts_with("x-")).collect();
    let query = if names.is_empty() { String::new() } else { format!(" ?{}", names.join("&")) };
    format!("{method}{query}")
}

/// The answer as it goes back: with its ids, and without a body where HTTP has none.
fn finished(result: Result<Response<Bytes>>, is_head: bool, call: &Call) -> Answer {
    let mut answer = match result {
        Ok(response) => Answer::ok(response),
        Err(fault) => {
            let error = fault.refused_with();
            // A condition that does not hold is an answer and no error.
            let refused = (fault.status != 304).then_some(error);
            Answer { response: response::error(&fault, call), error: refused, remark: None }
        }
    };
    response::add_ids(answer.response.headers_mut(), call);
    // `s3s` says so for a GET alone.
    if is_head && answer.response.headers().contains_key(http::header::CONTENT_RANGE) {
        *answer.response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    if is_head || answer.response.status() == StatusCode::NOT_MODIFIED {
        *answer.response.body_mut() = Bytes::new();
    }
    answer
}

impl Service for S3Protocol {
    fn name(&self) -> &'static str {
        "s3"
    }

    fn wire(&self) -> Wire {
        Wire::S3
    }

    /// S3 alone takes requests without any mark, and is asked last. A form is of another service: browsers post theirs to
    /// S3 in parts.
    fn claims(&self, parts: &Parts) -> bool {
        let is_form = || header_text(&parts.headers, "content-type").is_some_and(|kind| kind.starts_with(FORM));
        !(parts.headers.contains_key("x-amz-target") || parts.method == Method::POST && is_form())
    }

    fn takes_anonymous(&self) -> bool {
        true
    }

    fn path_of_old_signature(&self, parts: &Parts) -> Option<String> {
        self.service.is_as_before_2020().then(|| request::path_style(&parts.uri, parts.headers.get(HOST)))
    }

    fn parse(self: Arc<Self>, incoming: Incoming) -> Doing<Parsed> {
        Box::pin(async move {
            let Incoming { request, caller, mut region } = incoming;
            let (method, uri, host) = (request.method(), request.uri(), request.headers().get(HOST));
            let (method, uri, host) = (method.clone(), uri.clone(), host.cloned());
            let is_head = method == Method::HEAD;
            let size = request.body().len();
            let path = request::path_style(&uri, host.as_ref());
            if method == Method::OPTIONS {
                let info = RequestInfo::new(self.name(), "OPTIONS", &region).on(named(&path), None);
                let named = named(&path);
                let place = named.split_once('/').unwrap_or((&named, ""));
                let answer = cors::preflight(&self.service, place, &method, request.headers());
                let run = move |call: Call| async move { finished(answer, false, &call) };
                return Parsed::new(RequestInfo { size, caller, ..info }, run);
            }
            if let Some(name) = lacking::find(&method, &path, uri.query().unwrap_or_default()) {
                let info = RequestInfo::new(self.name(), name, &region).on(named(&path), None);
                let fault = S3Fault::not_implemented(name);
                let run = move |call: Call| async move { finished(Err(fault), is_head, &call) };
                return Parsed::new(RequestInfo { size, caller, ..info }, run);
            }
            let (mut request, mut posted) = (request, None);
            let form = request.extensions_mut().remove::<PostForm>();
            // Signature Version 2 names no region.
            let old_form = form.as_ref().is_some_and(|form| form.field("x-amz-credential").is_none());
            if old_form || request.extensions().get::<NoRegion>().is_some() {
                let named = named(&path);
                region = self.service.region_of(named.split('/').next().unwrap_or("")).unwrap_or(region);
            }
            if let Some(form) = form {
                match post::read(request, &path, &form, self.service.now()) {
                    Ok((put, wanted)) => (request, posted) = (put, Some(wanted)),
                    Err(fault) => {
                        let info = RequestInfo::new(self.name(), "PostObject", &region)
                            .action(operations::action("PostObject", false))
                            .on(named(&path), None);
                        let run = move |call: Call| async move { finished(Err(fault), is_head, &call) };
                        return Parsed::new(RequestInfo { size, caller, ..info }, run);
                    }
                }
            }
            let source = copied(request.headers());
            let crossing = cors::Crossing::of(&method, request.headers());
            let told = facts::Told {
                uri: uri.clone(),
                headers: request.headers().clone(),
                body: request.body().clone(),
                signed: caller.is_some(),
            };
            let bypasses = header_text(request.headers(), "x-amz-bypass-governance-retention")
                .is_some_and(|value| value.eq_ignore_ascii_case("true"));
            let version_id = query::value(uri.query().unwrap_or_default(), "versionId").map(|id| id.into_owned());
            let expected = header_text(request.headers(), "x-amz-expected-bucket-owner").map(str::to_owned);
            match self.read(request).await {
                Reading::Held(mut routed, body, gate, work) => {
                    if posted.is_some() {
                        "PostObject".clone_into(&mut routed.operation);
                    }
                    let info = RequestInfo {
                        size,
                        caller,
                        ..self.info(&routed, version_id.is_some(), &region, source.as_ref())
                    };
                    let mut also = operations::also(
                        &routed,
                        (&told.headers, uri.query().unwrap_or("")),
                        source.as_ref(),
                        region.partition(),
                    );
                    also.extend(annotations::of_copy(
                        &self.service,
                        &routed,
                        (&told.headers, &uri),
                        source.as_ref(),
                        region.partition(),
                    ));
                    also.extend(bypasses.then(|| bypass(&self.service, &routed, version_id, &region)).flatten());
                    // Whoever asks is told, and who may not see the bucket, too: so SDKs find it (HeadBucket).
                    let place =
                        (routed.operation == "HeadBucket").then(|| self.service.region_of(&routed.bucket)).flatten();
                    let place = place.and_then(|region| HeaderValue::from_str(region.as_str()).ok());
                    let dress = (crossing.is_some() || place.is_some()).then(|| {
                        let (service, bucket) = (Arc::clone(&self.service), routed.bucket.clone());
                        let dress: Dress = Box::new(move |response| {
                            place.map(|place| response.headers_mut().insert("x-amz-bucket-region", place));
                            if let Some(crossing) = crossing {
                                crossing.dress(&service, &bucket, response);
                            }
                        });
                        dress
                    });
                    let by_entry = routed.operation == "DeleteObjects";
                    let facts = Some(facts::facts(Arc::clone(&self.service), told));
                    let parsed = Parsed::new(info, move |call: Call| async move {
                        let checked = offered::is_implemented(&routed.operation)
                            .and_then(|()| {
                                self.check_bucket(&routed, expected.as_deref(), (&uri, host.as_ref()), &call)
                            })
                            .and_then(|()| members::check(&routed.operation, &body));
                        let result = match checked {
                            Ok(()) => {
                                gate.open(call.clone());
                                work.await
                            }
                            Err(fault) => Err(fault),
                        };
                        // All bodies are documents but those of an object and of an annotation.
                        let is_document = !matches!(&*routed.operation, "GetObject" | "GetObjectAnnotation");
                        let result = match &posted {
                            Some(wanted) => result.map(|answer| wanted.answer(answer, &call.region)),
                            None => result,
                        };
                        let result = result.map(|answer| if is_document { answer.map(keep_returns) } else { answer });
                        finished(result, is_head, &call)
                    });
                    Parsed { also, facts, dress, by_entry, ..parsed }
                }
                Reading::Refused(fault) => {
                    let info = RequestInfo::new(self.name(), unread(&method, &uri), &region).on(named(&path), None);
                    let info = RequestInfo { size, caller, ..info };
                    Parsed::new(info, move |call: Call| async move { finished(Err(fault), is_head, &call) })
                }
            }
        })
    }

    fn policies(&self, info: &RequestInfo, resource: &str, asked: Asked<'_>) -> Option<Vec<Policy>> {
        // What could not be read asks for nothing.
        if info.action.is_empty() {
            return None;
        }
        if resource.is_empty() || info.operation == "CreateBucket" {
            return Some(vec![Policy::Signed]);
        }
        let (bucket, key) = resource.split_once('/').unwrap_or((resource, ""));
        // Each of the keys is asked for when its turn comes.
        if info.operation == "DeleteObjects" && key.is_empty() {
            return None;
        }
        let version_id = asked.facts.and_then(|facts| facts.of(resource, facts::VERSION).pop());
        let of_upload = matches!(&*info.operation, "AbortMultipartUpload" | "ListParts");
        let upload = asked.facts.filter(|_| of_upload).and_then(|facts| facts.of(resource, facts::UPLOAD).pop());
        let at = ObjectAt { bucket: bucket.to_owned(), key: key.to_owned(), version_id };
        let caller = info.caller.as_deref();
        let is_service = caller.is_some_and(Caller::is_service);
        let caller = (caller.map(|caller| &caller.account), is_service);
        self.service.policies(caller, asked.action, &at, upload.as_deref())
    }

    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>: without `s3:ListBucket`, 403 in place of 404.
    fn listing(&self, info: &RequestInfo) -> Option<(Access, Facts)> {
        let (bucket, key) = info.resource.split_once('/')?;
        let arn = format!("arn:{}:s3:::{bucket}", info.region.partition());
        let access = Access { action: "s3:ListBucket", resource: bucket.to_owned(), arn };
        let key = key.to_owned();
        let prefix = move |_: &str, name: &str| Vec::from_iter((name == "s3:prefix").then(|| key.clone()));
        operations::reads_object(&info.operation).then(|| (access, Facts::new(prefix)))
    }

    fn is_absent(&self, info: &RequestInfo) -> bool {
        // A version may be there although the key is deleted.
        let by_key = info.action == "s3:GetObject";
        by_key && info.resource.split_once('/').is_some_and(|(bucket, key)| !self.service.exists(bucket, key))
    }

    fn operations(&self) -> &'static [&'static str] {
        offered::operations()
    }

    fn effect(&self, operation: &str) -> Effect {
        operations::effect(operation)
    }

    fn faults(&self, _: &str) -> &'static [Fault] {
        operations::FAULTS
    }

    fn may_vanish(&self, operation: &str, resource: &str) -> bool {
        let is_there = |(bucket, key): (&str, &str)| self.service.exists(bucket, key);
        operations::needs_object(operation) && resource.split_once('/').is_some_and(is_there)
    }

    fn vanish(&self, resource: &str, call: &Call) {
        if let Some((bucket, key)) = resource.split_once('/') {
            // It was there a moment ago; if another thread was faster, it is gone as well.
            let _ = self.service.delete(call, bucket, key);
        }
    }

    fn overwrite(&self, resource: &str, call: &Call) {
        if let Some((bucket, key)) = resource.split_once('/') {
            // If another thread was faster, there is nothing to overwrite any more.
            let _ = self.service.overwrite(call, bucket, key);
        }
    }

    fn response_ids(&self, ids: &mut Ids) -> (String, String) {
        (ids.upper(16), ids.base64(76))
    }
}
