//! AWS JSON 1.0: [`parse`] a request, `SqsService::execute` it, [`respond`].
//!
//! The three are apart so that the caller can park a long poll between two executions.

mod encode;
mod execute;
mod members;
mod operation;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::fault::{SqsFault, Wire};
use crate::mock::http::{Answer, Call, ServiceFault, error_response, header_text, query};

pub(super) use execute::{Executed, Poll};
pub(super) use operation::Operation;

/// The base of queue URLs where no request says how the caller reached us.
const DEFAULT_BASE: &str = "http://127.0.0.1";
/// Of the query protocol.
const NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// A request that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    /// What to do.
    pub operation: Operation,
    /// What queue URLs begin with: the scheme and host that the caller used, so that SDKs that
    /// call the queue URL itself come back here.
    pub base: String,
}

/// Reads a request.
///
/// # Errors
///
/// For a request of the query protocol, an unknown or unsupported operation, broken JSON, and
/// members that are missing or of a wrong type.
pub(super) fn parse(request: &http::Request<Bytes>) -> Result<Request, SqsFault> {
    let Some(target) = request.headers().get("x-amz-target") else {
        return Err(SqsFault::query_protocol(action(request).as_deref()));
    };
    let target = target.to_str().unwrap_or_default();
    let name = target.strip_prefix("AmazonSQS.").ok_or_else(|| SqsFault::unknown_operation(target))?;
    let operation = Operation::decode(name, request.body())?;
    let host = header_text(request.headers(), "host");
    let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
    let base = host.map_or_else(|| DEFAULT_BASE.to_owned(), |host| format!("http://{host}"));
    Ok(Request { operation, base })
}

/// The `Action` of a query request, from its query string or its form.
fn action(request: &http::Request<Bytes>) -> Option<String> {
    let form = std::str::from_utf8(request.body()).unwrap_or_default();
    let in_query = query::value(request.uri().query().unwrap_or_default(), "Action");
    let action = in_query.or_else(|| query::value(form, "Action"))?;
    // A longer name is none of an operation and would only blow the answer up.
    Some(action.chars().filter(char::is_ascii_alphanumeric).take(80).collect())
}

/// The answer to a request.
pub(super) fn respond(result: Result<Value, SqsFault>, call: &Call) -> Answer {
    let error = result.as_ref().err().map(ServiceFault::refused_with);
    Answer { response: response(result, call), error, remark: None }
}

fn response(result: Result<Value, SqsFault>, call: &Call) -> http::Response<Bytes> {
    let request_id = HeaderValue::from_str(&call.request_id).unwrap_or_else(|_| HeaderValue::from_static(""));
    let (status, content_type, body, error) = match result {
        Ok(body) => (200, CONTENT_TYPE, Bytes::from(body.to_string()), None),
        Err(fault) if fault.wire == Wire::Xml => {
            let body = error_response(Some(NAMESPACE), fault.query_code, &fault.message, &call.request_id);
            (fault.status, "text/xml", body, None)
        }
        Err(fault) => {
            let shape = format!("{}#{}", fault.namespace(), fault.shape);
            let body = json!({ "__type": shape, "message": fault.message }).to_string();
            (fault.status, CONTENT_TYPE, Bytes::from(body), Some((shape, format!("{};Sender", fault.query_code))))
        }
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("x-amzn-requestid", request_id);
    if let Some((shape, query_error)) = error {
        for (name, value) in [("x-amzn-errortype", shape), ("x-amzn-query-error", query_error)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
    response
}
