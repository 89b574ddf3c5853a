//! AWS JSON, the protocol of most services: an operation in a header, JSON in and out.

use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::mock::http::operation;

/// An error that a double answers, as [`Cloud::json_service`](crate::Cloud::json_service) takes it.
///
/// ```
/// # use lambda_testkit::ServiceError;
/// let error = ServiceError::new(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
/// assert_eq!(error.to_string(), "400 ResourceNotFoundException: Secrets Manager can't find the specified secret.");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceError {
    status: u16,
    code: String,
    message: String,
}

impl ServiceError {
    /// An error with an HTTP status, AWS's code and a message.
    ///
    /// # Panics
    ///
    /// When the status is not from 400 to 599, or the code is not 1 or more ASCII letters, digits, `.`, `#`, `:` and `_`.
    #[track_caller]
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        let code = code.into();
        assert!((400..600).contains(&status), "{status} is not the HTTP status of an error, from 400 to 599");
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'#' | b':' | b'_');
        assert!(!code.is_empty() && code.bytes().all(valid), "{code:?} is not an error code of AWS");
        Self { status, code, message: message.into() }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.message)
    }
}

impl std::error::Error for ServiceError {}

/// The operation and the input of a request.
///
/// # Errors
///
/// The `SerializationException` that AWS answers when the body is no JSON.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(String, Value), ServiceError> {
    let operation = operation(request);
    if request.body().is_empty() {
        return Ok((operation, json!({})));
    }
    match serde_json::from_slice(request.body()) {
        Ok(input) => Ok((operation, input)),
        Err(error) => Err(ServiceError::new(400, "SerializationException", error.to_string())),
    }
}

/// The answer in the version of the protocol that was asked in.
pub(crate) fn write(answer: Result<Value, ServiceError>, content_type: Option<HeaderValue>) -> Response<Bytes> {
    let (status, error, body) = match answer {
        Ok(output) => (200, None, output),
        Err(ServiceError { status, code, message }) => {
            let body = json!({ "__type": code, "message": message });
            (status, Some(code), body)
        }
    };
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).expect("checked when the error was made");
    let content_type = content_type.unwrap_or(HeaderValue::from_static("application/x-amz-json-1.0"));
    response.headers_mut().insert("content-type", content_type);
    if let Some(code) = error.and_then(|code| HeaderValue::from_str(&code).ok()) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

/// Answers a request by a function of its operation and input.
pub(crate) async fn answer_json<F>(request: Request<Bytes>, double: impl FnOnce(String, Value) -> F) -> Response<Bytes>
where
    F: Future<Output = Result<Value, ServiceError>>,
{
    let content_type = request.headers().get("content-type").cloned();
    let answer = match read(&request) {
        Ok((operation, input)) => double(operation, input).await,
        Err(error) => Err(error),
    };
    write(answer, content_type)
}
