//! The Lambda API over HTTP: Invoke, and the way to the operations of [`api`].
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Request, Response};

use super::answer::AnswerParts;
use super::api::{self, Asked, Constraints, Fault, Ready, response};
use super::event_stream;
use super::function_ref::FunctionRef;
use super::invoke::{Attempt, Outcome};
use super::log::LogTail;
use super::operations;
use super::payload::{InvocationType, InvokeFault, check_payload};
use super::service::{AcceptedEvent, LambdaService};
use super::tenant::{self, TenantId};
use super::version::VersionId;
use crate::event::invoke::{ClientContext, MAX_CLIENT_CONTEXT_BYTES};
use crate::event::{AccountId, Region};
use crate::history::RequestInfo;
use crate::iam::Policy;
use crate::mock::http::{
    Answer, Asked as Permission, Call, Doing, Effect, Fault as HttpFault, Incoming, Parsed, Service, Wire, header_text,
};

/// What Lambda may answer although nothing is wrong with the request.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors>
const FAULTS: &[HttpFault] = &[
    HttpFault::new(429, "TooManyRequestsException", "Rate Exceeded."),
    HttpFault::new(500, "ServiceException", "The Lambda service encountered an internal error."),
    HttpFault::new(403, "AccessDeniedException", "User is not authorized to perform: lambda:InvokeFunction"),
];

/// What every operation may answer.
const MANAGEMENT_FAULTS: &[HttpFault] = &[
    HttpFault::new(429, "TooManyRequestsException", "Rate exceeded"),
    HttpFault::new(500, "ServiceException", "The Lambda service encountered an internal error."),
    HttpFault::new(403, "AccessDeniedException", "User is not authorized to perform this operation"),
];

/// A request that was read.
enum Read {
    Invoke(Invoke),
    Managing(Ready),
}

/// The operation that invokes a function, and its sibling, whose answer is a stream.
pub(super) const INVOKE: &str = "Invoke";
pub(super) const INVOKE_WITH_STREAM: &str = "InvokeWithResponseStream";

/// An Invoke that was read.
struct Invoke {
    function: FunctionRef,
    kind: InvocationType,
    client_context: Option<ClientContext>,
    tenant: Option<TenantId>,
    wants_log: bool,
    /// Whether the answer is a stream.
    streams: bool,
    payload: Bytes,
}

/// The name of the operation that invokes a function; none of any other.
fn invoking(name: &str) -> Option<&'static str> {
    [INVOKE, INVOKE_WITH_STREAM].into_iter().find(|one| *one == name)
}

impl Service for LambdaService {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn wire(&self) -> Wire {
        Wire::RestJson
    }

    fn claims(&self, parts: &Parts) -> bool {
        operations::is_path(parts.uri.path())
    }

    fn runs_handlers(&self) -> bool {
        true
    }

    fn parse(self: Arc<Self>, incoming: Incoming) -> Doing<Parsed> {
        Box::pin(async move {
            let Incoming { request, caller, region } = incoming;
            let size = request.body().len();
            let account = caller.as_ref().map(|caller| caller.account.clone());
            let read = match account {
                Some(account) => read(&self, &request, &account, &region),
                None => Err(Fault::new(403, "AccessDeniedException", "no caller")),
            };
            let info = match &read {
                Ok(Read::Invoke(invoke)) => {
                    let operation = if invoke.streams { INVOKE_WITH_STREAM } else { INVOKE };
                    Self::requesting(operation, &invoke.function).detail(format!("({})", invoke.kind))
                }
                Ok(Read::Managing(ready)) => ready.info.clone(),
                Err(_) => describe(&request, &region),
            };
            Parsed::new(RequestInfo { size, caller, ..info }, move |call: Call| async move {
                let result = match read {
                    Ok(Read::Invoke(invoke)) => self.invoke(invoke, &call).await,
                    Ok(Read::Managing(ready)) => (ready.run)(&self, &call),
                    Err(fault) => Err(fault),
                };
                match result {
                    Ok(response) => Answer::ok(response),
                    Err(fault) => Answer::refused(fault.respond(&call), fault.code, fault.message),
                }
            })
        })
    }

    /// The ARN alone says whose function it is, whether there is one or not.
    fn policies(&self, info: &RequestInfo, _: &str, _: Permission<'_>) -> Option<Vec<Policy>> {
        let arn = info.arn.as_ref()?;
        let mut policies = vec![Policy::OwnerAndRoles(arn.account()?.clone())];
        if let Some(named) = FunctionRef::from_arn(arn)
            && let Some(function) = self.find(&named)
            && let Some(policy) = function.policy(named.qualifier())
        {
            policies.push(Policy::OfResource(policy.document()));
        }
        Some(policies)
    }

    fn operations(&self) -> &'static [&'static str] {
        &api::NAMES
    }

    fn effect(&self, operation: &str) -> Effect {
        api::find(operation).map_or(Effect::Write, |known| known.effect)
    }

    fn answers_in_parts(&self, operation: &str) -> bool {
        operation == INVOKE_WITH_STREAM || self.effect(operation) == Effect::Read
    }

    fn faults(&self, operation: &str) -> &'static [HttpFault] {
        if invoking(operation).is_some() { FAULTS } else { MANAGEMENT_FAULTS }
    }
}

/// What is asked, as far as a request says that could not be read.
fn describe(request: &Request<Bytes>, region: &Region) -> RequestInfo {
    let (method, path) = (request.method(), request.uri().path());
    let Some(found) = operations::find(method, path, request.uri().query().unwrap_or_default()) else {
        return RequestInfo::new("lambda", method.to_string(), region).on(path, None);
    };
    let info = RequestInfo::new("lambda", found.name, region);
    let named = found.parameters.first().map(|name| name.rsplit_once("function:").map_or(&**name, |(_, name)| name));
    match named {
        Some(name) if invoking(found.name).is_some() => {
            let kind = header_text(request.headers(), "x-amz-invocation-type").unwrap_or("RequestResponse");
            info.on(name, None).detail(format!("({kind})"))
        }
        Some(name) if api::find(found.name).is_some() => info.on(name, None),
        _ => info.on(path, None),
    }
}

fn read(lambda: &LambdaService, request: &Request<Bytes>, account: &AccountId, region: &Region) -> Result<Read, Fault> {
    let (method, path) = (request.method(), request.uri().path());
    let Some(found) = operations::find(method, path, request.uri().query().unwrap_or_default()) else {
        return Err(Fault::unsupported(format_args!("{method} {path}")));
    };
    let asked = Asked { request, path: found.parameters, lambda, account, region };
    match api::find(found.name) {
        _ if invoking(found.name).is_some() => read_invoke(&asked, found.name == INVOKE_WITH_STREAM).map(Read::Invoke),
        Some(known) => (known.read)(&asked).map(Read::Managing),
        None => Err(Fault::unsupported(format_args!("{} ({method} {path})", found.name))),
    }
}

fn read_invoke(asked: &Asked<'_>, streams: bool) -> Result<Invoke, Fault> {
    let request = asked.request;
    let mut constraints = Constraints::default();
    let kind = match header_text(request.headers(), "x-amz-invocation-type") {
        None | Some("RequestResponse") => InvocationType::RequestResponse,
        Some("Event") if !streams => InvocationType::Event,
        Some("DryRun") => InvocationType::DryRun,
        Some(other) => {
            let known = if streams { "[RequestResponse, DryRun]" } else { "[Event, RequestResponse, DryRun]" };
            let rule = format!("Member must satisfy enum value set: {known}");
            constraints.broken(other, "invocationType", &rule);
            InvocationType::DryRun
        }
    };
    let wants_log = match header_text(request.headers(), "x-amz-log-type") {
        None | Some("None") => false,
        Some("Tail") => true,
        Some(other) => {
            constraints.broken(other, "logType", "Member must satisfy enum value set: [None, Tail]");
            false
        }
    };
    let tenant = header_text(request.headers(), "x-amz-tenant-id");
    if let Some((id, rule)) = tenant.and_then(|id| Some((id, tenant::broken_rule(id)?))) {
        constraints.broken(id, "tenantId", rule);
    }
    constraints.check()?;
    refuse_unsupported(request)?;
    let client_context = request.headers().get("x-amz-client-context").map(client_context).transpose()?;
    let (function, payload) = (asked.function()?, request.body().clone());
    Ok(Invoke { function, kind, client_context, tenant: tenant.map(Arc::from), wants_log, streams, payload })
}

/// The client context, which Lambda refuses in words of its own.
///
/// <https://github.com/boto/boto3/issues/2153>
fn client_context(header: &HeaderValue) -> Result<ClientContext, Fault> {
    let read = ClientContext::from_header(header.to_str().unwrap_or_default());
    read.map_err(|error| match header.len() {
        0..=MAX_CLIENT_CONTEXT_BYTES => {
            let message = "Client context must be a valid Base64-encoded JSON object.";
            Fault::new(400, "InvalidRequestContentException", message)
        }
        _ => Fault::invalid(error.to_string()),
    })
}

impl LambdaService {
    /// An Invoke of a function, as permissions and the history see it. Who may invoke the function need not be allowed to invoke
    /// its versions and aliases: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html>.
    pub fn request(function: &FunctionRef) -> RequestInfo {
        Self::requesting(INVOKE, function)
    }

    fn requesting(operation: &'static str, function: &FunctionRef) -> RequestInfo {
        RequestInfo::new("lambda", operation, &function.region)
            .on(function.label(), Some(function.qualified_arn()))
            .action("lambda:InvokeFunction")
    }

    async fn invoke(&self, invoke: Invoke, call: &Call) -> Result<Response<Bytes>, Fault> {
        let Invoke { function, kind, client_context, tenant, wants_log, streams, payload } = invoke;
        let found = self.callee(&function);
        let function = found.ok_or_else(|| Fault::no_function(&function.arn(), function.qualifier()))?;
        let payload = check_payload(payload, kind, self.limits())?;
        function.check_tenant(tenant.as_deref())?;
        match kind {
            InvocationType::DryRun => Ok(empty(204, call)),
            InvocationType::Event => {
                let (request_id, trace_header) = (call.request_id.clone(), call.trace_header.clone());
                self.accept(AcceptedEvent { function, payload, request_id, cause: call.entry, trace_header, tenant });
                Ok(empty(202, call))
            }
            InvocationType::RequestResponse => {
                // Of the other types Lambda ignores what is said of the log.
                let log_tail = wants_log.then(Arc::<LogTail>::default);
                let parts = streams.then(Arc::<AnswerParts>::default);
                self.check_loop(&function, call.trace_header.as_deref(), call.entry).map_err(InvokeFault::from)?;
                let attempt = Attempt {
                    log_tail: log_tail.clone(),
                    parts: parts.clone(),
                    tenant,
                    trace_header: call.trace_header.clone(),
                    client_context,
                    ..Attempt::first(payload, call.request_id.clone(), call.entry)
                };
                let reply = self.invoke_and_wait(&function, attempt).map_err(InvokeFault::from)?;
                let limit = self.kernel().wait(&reply.signal).await.err();
                let outcome = reply.take().ok_or_else(|| {
                    let why = limit.map_or_else(|| "the invocation was lost".to_owned(), |error| error.to_string());
                    Fault::new(500, "ServiceException", why)
                })?;
                Ok(match &parts {
                    Some(parts) => streamed(&outcome, reply.version, parts, log_tail.as_deref(), call),
                    None => executed(&outcome, reply.version, log_tail.as_deref(), call),
                })
            }
        }
    }
}

/// Settings that would change the result, and that are not supported, are refused rather than ignored.
fn refuse_unsupported(request: &Request<Bytes>) -> Result<(), Fault> {
    let name = "x-amz-durable-execution-name";
    match header_text(request.headers(), name) {
        Some(_) => Err(Fault::invalid(format!("lambda-testkit does not support the header {name}"))),
        None => Ok(()),
    }
}

fn executed(outcome: &Outcome, version: VersionId, log_tail: Option<&LogTail>, call: &Call) -> Response<Bytes> {
    let mut response = response(200, call).header("x-amz-executed-version", version.to_string());
    if let Some(tail) = log_tail {
        response = response.header("x-amz-log-result", tail.to_base64());
    }
    let (response, body) = match outcome {
        Outcome::Success(payload) => (response, payload.clone()),
        Outcome::Error(error) => {
            (response.header("x-amz-function-error", "Unhandled"), Bytes::from(error.to_json().to_string()))
        }
    };
    response.body(body).expect("the headers are constants")
}

/// All parts come at once, when the function has ended.
fn streamed(
    outcome: &Outcome,
    version: VersionId,
    parts: &AnswerParts,
    log_tail: Option<&LogTail>,
    call: &Call,
) -> Response<Bytes> {
    let parts = match outcome {
        Outcome::Success(payload) => parts.of(payload, event_stream::LONGEST_PART),
        Outcome::Error(_) => Vec::new(),
    };
    let log = log_tail.map(LogTail::to_base64);
    let mut response = response(200, call)
        .header("x-amz-executed-version", version.to_string())
        .body(event_stream::of(&parts, outcome, log.as_deref()))
        .expect("the headers are constants");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(event_stream::CONTENT_TYPE));
    response
}

fn empty(status: u16, call: &Call) -> Response<Bytes> {
    response(status, call).body(Bytes::new()).expect("the headers are constants")
}
