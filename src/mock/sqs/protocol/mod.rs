//! The API of SQS: [`parse`] a request, `SqsService::execute` it, [`respond`].
//!
//! The three are apart so that the caller can park a long poll between two executions. The [operations](operation), their
//! [parameters](read) and [outputs](output) know nothing of how they are spelt: that is the business of the two [wires](wire).

mod execute;
mod members;
mod operation;
mod output;
mod read;
mod received;
#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};

use self::wire::{json, query};
use super::content;
use super::fault::SqsFault;
use crate::mock::http::{Answer, Call, ServiceFault, header_text};

pub(super) use execute::{Executed, Poll};
pub(super) use operation::{NAMES, Operation};
pub(super) use output::Output;

/// The base of queue URLs where no request says how the caller reached us.
const DEFAULT_BASE: &str = "http://127.0.0.1";

/// How a request is spelt, and so its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    Json,
    Query(query::Form),
}

/// A request that was read, or why it could not be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    /// What to do.
    pub operation: Result<Operation, SqsFault>,
    /// What queue URLs begin with: the scheme and host that the caller used, so that SDKs that
    /// call the queue URL itself come back here.
    pub base: String,
    wire: Wire,
}

/// Reads a request. One that cannot be read (an unknown operation, broken JSON, members that are missing or of a wrong type) says
/// why in place of the operation.
pub(super) fn parse(request: &http::Request<Bytes>) -> Request {
    let (wire, operation) = match header_text(request.headers(), "x-amz-target") {
        Some(target) => (Wire::Json, json::read(target, request.body())),
        None => (Wire::Query(query::Form::of(request)), query::read(request)),
    };
    let operation = operation.and_then(|operation| check_trace(request).map(|()| operation));
    let host = header_text(request.headers(), "host");
    let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
    let base = host.map_or_else(|| DEFAULT_BASE.to_owned(), |host| ["http://", host].concat());
    Request { operation, base, wire }
}

/// A trace header that is none spoils any request.
///
/// <https://github.com/aws/aws-xray-sdk-python/issues/213>, <https://github.com/boto/boto3/issues/3372>
fn check_trace(request: &http::Request<Bytes>) -> Result<(), SqsFault> {
    // An empty one is none.
    match header_text(request.headers(), "x-amzn-trace-id").filter(|value| !value.is_empty()) {
        Some(value) if !content::is_trace_header(value) => Err(SqsFault::invalid_parameter(format!(
            "The request has a 'X-Amzn-Trace-Id' HTTP header which is reserved for AWS X-Ray trace header and has an invalid \
             value '{value}'"
        ))),
        _ => Ok(()),
    }
}

impl Request {
    /// The answer.
    pub fn respond(&self, result: Result<Output, SqsFault>, call: &Call) -> Answer {
        let mut response = match self.wire {
            Wire::Json => as_json(&result),
            Wire::Query(form) => {
                let name = self.operation.as_ref().map_or("", Operation::name);
                query::respond(result.as_ref(), name, form, &call.request_id)
            }
        };
        let request_id = HeaderValue::from_str(&call.request_id).unwrap_or_else(|_| HeaderValue::from_static(""));
        response.headers_mut().insert("x-amzn-requestid", request_id);
        Answer { response, error: result.err().map(|fault| fault.refused_with()), remark: None }
    }
}

fn as_json(result: &Result<Output, SqsFault>) -> Response<Bytes> {
    let mut response = match result {
        Ok(output) => Response::new(json::body(output)),
        Err(fault) => {
            let mut response = Response::new(json::error(fault));
            *response.status_mut() = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
            json::name_error(fault, &mut response);
            response
        }
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(json::CONTENT_TYPE));
    response
}

/// The operation and the queue, as far as a request says that could not be read.
pub(super) fn unread(request: &http::Request<Bytes>) -> (String, String) {
    let (operation, queue) = match header_text(request.headers(), "x-amz-target") {
        Some(target) => (target.rsplit('.').next().unwrap_or_default().to_owned(), json::queue(request.body())),
        None => query::asked(request),
    };
    let queue = queue.rsplit('/').next().unwrap_or_default().to_owned();
    (operation, queue)
}

/// Whether a request without a signature is one of the query protocol: with an action of SQS in its query string, or a form that is
/// sent to the path of a queue.
pub(super) fn is_query(parts: &Parts) -> bool {
    query::is_asked(parts)
}
