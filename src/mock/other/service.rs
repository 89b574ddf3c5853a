//! A service that the test answers for, behind the gateway.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use serde_json::Value;

use super::asked;
use super::forward::Endpoint;
use crate::history::{RefusedWith, RequestInfo};
use crate::iam::Policy;
use crate::lock::Lock;
use crate::mock::http::{Answer, Asked, Doing, Effect, Fault, Incoming, Parsed, Service, Wire, header_text, operation};

type Double = Box<dyn Fn(Request<Bytes>) -> Doing<Response<Bytes>> + Send + Sync>;

/// A service that is not mocked, and who answers for it.
pub(crate) struct OtherService {
    name: &'static str,
    by: By,
}

enum By {
    /// A closure of the test.
    Double(Double),
    /// A server on loopback.
    Server(Endpoint),
}

/// What the services of AWS that speak JSON have in common.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html>
const FAULTS: &[Fault] = &[
    Fault::new(400, "ThrottlingException", "Rate exceeded"),
    Fault::new(500, "InternalFailure", "The request processing has failed because of an unknown error."),
    Fault::new(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
];

impl OtherService {
    /// A service that a closure answers for.
    pub fn double(name: &str, double: Double) -> Self {
        Self { name: interned(name), by: By::Double(double) }
    }

    /// A service that a server answers for.
    pub fn forward(name: &str, endpoint: Endpoint) -> Self {
        Self { name: interned(name), by: By::Server(endpoint) }
    }

    async fn answer(&self, request: Request<Bytes>) -> Answer {
        let (response, remark) = match &self.by {
            By::Double(double) => (double(request).await, None),
            By::Server(endpoint) => (endpoint.clone().answer(self.name, request).await, Some("forwarded")),
        };
        Answer { error: refused_with(&response), response, remark }
    }
}

/// Names live as long as the process: there are as many as a test program writes down, and history keeps no copies.
fn interned(name: &str) -> &'static str {
    static NAMES: Lock<BTreeSet<&'static str>> = Lock::new(BTreeSet::new());
    let mut names = NAMES.lock();
    if let Some(known) = names.get(name) {
        return known;
    }
    let name: &'static str = Box::leak(name.into());
    names.insert(name);
    name
}

/// The error of an answer, where AWS JSON and REST-JSON put it.
fn refused_with(response: &Response<Bytes>) -> Option<RefusedWith> {
    if response.status().as_u16() < 400 {
        return None;
    }
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let text = |names: [&str; 2]| names.iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned);
    let header = header_text(response.headers(), "x-amzn-errortype").map(str::to_owned);
    // Such as `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException:http://internal…`.
    let code = header.or_else(|| text(["__type", "code"]))?;
    let code = code.split(':').next().and_then(|code| code.rsplit('#').next()).unwrap_or_default().to_owned();
    Some(RefusedWith { code, message: text(["message", "Message"]).unwrap_or_default() })
}

impl Service for OtherService {
    fn name(&self) -> &'static str {
        self.name
    }

    fn wire(&self) -> Wire {
        Wire::Json
    }

    /// Only a signature says which service is meant.
    fn claims(&self, _: &Parts) -> bool {
        false
    }

    fn is_replaceable(&self) -> bool {
        true
    }

    /// A double may call functions of its own cloud, as handlers do.
    fn runs_handlers(&self) -> bool {
        matches!(self.by, By::Double(_))
    }

    fn parse(self: Arc<Self>, incoming: Incoming) -> Doing<Parsed> {
        Box::pin(async move {
            let Incoming { mut request, caller, region } = incoming;
            let operation = operation(&request);
            let action = format!("{}:{operation}", self.name);
            let info = RequestInfo::new(self.name, operation, &region).action(action);
            let info = info.on(asked::resource(&request), None);
            let info = RequestInfo { size: request.body().len(), caller: caller.clone(), ..info };
            request.extensions_mut().insert(region);
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            Parsed::new(info, move |_| async move { self.answer(request).await })
        })
    }

    /// Whose the resources are is unknown: whoever has signed may ask. What was refused before it was read asks for nothing.
    fn policies(&self, info: &RequestInfo, _: &str, _: Asked<'_>) -> Option<Vec<Policy>> {
        (!info.action.is_empty()).then(|| vec![Policy::Signed])
    }

    fn effect(&self, operation: &str) -> Effect {
        if asked::is_read(operation) { Effect::Read } else { Effect::Write }
    }

    fn faults(&self, _: &str) -> &'static [Fault] {
        FAULTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_found_where_the_protocols_put_it() {
        let refused = |header: Option<&str>, body: &'static str| {
            let mut response = Response::builder().status(400);
            if let Some(code) = header {
                response = response.header("x-amzn-errortype", code);
            }
            let refused = refused_with(&response.body(Bytes::from(body)).unwrap());
            refused.map(|RefusedWith { code, message }| format!("{code}: {message}"))
        };
        let dynamodb = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow"}"#;
        assert_eq!(refused(None, dynamodb).as_deref(), Some("ThrottlingException: slow"));
        let rest = Some("NotFoundException:http://internal.amazon.com/");
        assert_eq!(refused(rest, r#"{"Message":"no"}"#).as_deref(), Some("NotFoundException: no"));
        assert_eq!(refused(None, "<html>"), None);
    }

    #[test]
    fn a_name_is_kept_once() {
        assert!(std::ptr::eq(interned("ssm"), interned(&String::from("ssm"))));
    }
}
