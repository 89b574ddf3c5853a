//! The Invoke API over HTTP.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::function::Function;
use super::invoke::{Attempt, Outcome};
use super::payload::{InvocationType, PayloadFault, check_payload};
use super::service::LambdaService;
use crate::event::invoke::ClientContext;
use crate::event::{AccountId, Arn};
use crate::mock::http::{Answer, Call, Caller, Service};

/// The version of a function that was never published.
const LATEST: &str = "$LATEST";

/// An error of the Lambda API.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    status: u16,
    code: &'static str,
    message: String,
    /// The model spells the member `Message` for some errors and `message` for others.
    capital: bool,
}

impl Fault {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), capital: false }
    }

    fn not_found(arn: &Arn, qualifier: &str) -> Self {
        let message = format!("Function not found: {arn}:{qualifier}");
        Self { capital: true, ..Self::new(404, "ResourceNotFoundException", message) }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterValueException", message)
    }

    fn respond(&self, call: &Call) -> Response<Bytes> {
        let member = if self.capital { "Message" } else { "message" };
        let body = json!({ "Type": "User", member: self.message }).to_string();
        response(self.status, call)
            .header("x-amzn-errortype", self.code)
            .body(Bytes::from(body))
            .expect("codes are valid header values")
    }
}

impl From<PayloadFault> for Fault {
    fn from(fault: PayloadFault) -> Self {
        Self::new(fault.status, fault.code, fault.message)
    }
}

fn response(status: u16, call: &Call) -> http::response::Builder {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("x-amzn-requestid", &call.request_id)
}

impl Service for LambdaService {
    fn describe(&self, request: &Request<Bytes>) -> String {
        match (request.method(), invoked_name(request.uri().path())) {
            (&Method::POST, Some(name)) => {
                let kind = header(request, "x-amz-invocation-type").unwrap_or("RequestResponse");
                format!("lambda Invoke {} ({kind})", name.rsplit_once("function:").map_or(name.as_str(), |(_, n)| n))
            }
            (method, _) => format!("lambda {method} {}", request.uri().path()),
        }
    }

    fn handle(&self, request: Request<Bytes>, call: Call) -> Answer<'_> {
        Box::pin(async move {
            match self.invoke(request, &call).await {
                Ok(response) => response,
                Err(fault) => fault.respond(&call),
            }
        })
    }
}

impl LambdaService {
    async fn invoke(&self, request: Request<Bytes>, call: &Call) -> Result<Response<Bytes>, Fault> {
        let caller = call.caller.as_ref().ok_or_else(|| Fault::new(403, "AccessDeniedException", "no caller"))?;
        let (&Method::POST, Some(name)) = (request.method(), invoked_name(request.uri().path())) else {
            let asked = format!("{} {}", request.method(), request.uri().path());
            return Err(Fault::new(
                400,
                "NotImplemented",
                format!("lambda-testkit does not support {asked}: only Invoke"),
            ));
        };
        let kind = match header(&request, "x-amz-invocation-type") {
            None | Some("RequestResponse") => InvocationType::RequestResponse,
            Some("Event") => InvocationType::Event,
            Some("DryRun") => InvocationType::DryRun,
            Some(other) => return Err(Fault::invalid(format!("invalid InvocationType {other:?}"))),
        };
        refuse_unsupported(&request)?;
        let client_context = header(&request, "x-amz-client-context").map(ClientContext::from_header).transpose();
        let client_context = client_context.map_err(|error| Fault::invalid(error.to_string()))?;
        let function = self.resolve(&name, request.uri().query(), caller)?;
        let payload = check_payload(request.into_body(), kind)?;
        match kind {
            InvocationType::DryRun => Ok(empty(204, call)),
            InvocationType::Event => {
                let request_id = call.request_id.clone();
                self.invoke_later(&function, payload, request_id, call.cause, call.trace_header.clone());
                Ok(empty(202, call))
            }
            InvocationType::RequestResponse => {
                let attempt = Attempt {
                    trace_header: call.trace_header.clone(),
                    client_context,
                    ..Attempt::first(payload, call.request_id.clone(), call.cause)
                };
                let reply = self.invoke_and_wait(&function, attempt);
                let limit = self.kernel().wait(&reply.signal).await.err();
                let outcome = reply.take().ok_or_else(|| {
                    let why = limit.map_or_else(|| "the invocation was lost".to_owned(), |error| error.to_string());
                    Fault { capital: true, ..Fault::new(500, "ServiceException", why) }
                })?;
                Ok(executed(&outcome, call))
            }
        }
    }

    /// Finds the function by name, partial ARN or ARN, each with an optional qualifier.
    fn resolve(&self, name: &str, query: Option<&str>, caller: &Caller) -> Result<Arc<Function>, Fault> {
        let (account, rest) = match name.split(':').collect::<Vec<_>>().as_slice() {
            ["arn", partition, "lambda", region, account, "function", rest @ ..]
                if *partition == self.region().partition().as_str() && *region == self.region().as_str() =>
            {
                (*account, rest.join(":"))
            }
            ["arn", ..] => {
                return Err(Fault::invalid(format!("{name:?} is not the ARN of a function in {}", self.region())));
            }
            [account, "function", rest @ ..] => (*account, rest.join(":")),
            rest => (caller.account.as_str(), rest.join(":")),
        };
        let account = AccountId::new(account).map_err(|error| Fault::invalid(error.to_string()))?;
        let (name, in_name) = match rest.split_once(':') {
            Some((name, qualifier)) => (name.to_owned(), Some(qualifier.to_owned())),
            None => (rest, None),
        };
        let in_query = query
            .into_iter()
            .flat_map(|query| query.split('&'))
            .find_map(|pair| pair.strip_prefix("Qualifier="))
            .map(|value| percent_decode_str(value).decode_utf8_lossy().into_owned());
        if let (Some(in_name), Some(in_query)) = (&in_name, &in_query)
            && in_name != in_query
        {
            let message = "The derived qualifier from the function name does not match the specified qualifier.";
            return Err(Fault::invalid(message));
        }
        let qualifier = in_name.or(in_query).unwrap_or_else(|| LATEST.to_owned());
        let arn = Arn::regional("lambda", self.region(), &account, format!("function:{name}"));
        if account != caller.account {
            let message = caller.not_authorized(self.region().partition(), "lambda:InvokeFunction", &arn);
            return Err(Fault { capital: true, ..Fault::new(403, "AccessDeniedException", message) });
        }
        if qualifier != LATEST {
            // There are no versions and aliases, so none can be found.
            return Err(Fault::not_found(&arn, &qualifier));
        }
        self.find(&account, &name).ok_or_else(|| Fault::not_found(&arn, &qualifier))
    }
}

/// Settings that would change the result, and that are not supported, are refused rather than ignored.
fn refuse_unsupported(request: &Request<Bytes>) -> Result<(), Fault> {
    if header(request, "x-amz-log-type").is_some_and(|kind| kind != "None") {
        return Err(Fault::invalid("lambda-testkit does not support LogType Tail: logs are not captured"));
    }
    for name in ["x-amz-tenant-id", "x-amz-durable-execution-name"] {
        if header(request, name).is_some() {
            return Err(Fault::invalid(format!("lambda-testkit does not support the header {name}")));
        }
    }
    Ok(())
}

fn executed(outcome: &Outcome, call: &Call) -> Response<Bytes> {
    let response = response(200, call).header("x-amz-executed-version", LATEST);
    let (response, body) = match outcome {
        Outcome::Success(payload) => (response, payload.clone()),
        Outcome::Error(error) => {
            (response.header("x-amz-function-error", "Unhandled"), Bytes::from(error.to_json().to_string()))
        }
    };
    response.body(body).expect("the headers are constants")
}

fn empty(status: u16, call: &Call) -> Response<Bytes> {
    response(status, call).body(Bytes::new()).expect("the headers are constants")
}

fn invoked_name(path: &str) -> Option<String> {
    let name = path.strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")?;
    Some(percent_decode_str(name).decode_utf8().ok()?.into_owned())
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
