//! What an invocation returns when the function failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::nullable::present;
use crate::event::{Json, Object};

/// The greatest size of a response, in bytes (6 MiB and 100).
pub const MAX_RESPONSE_BYTES: usize = 6_291_556;

/// The payload of a failed invocation (status 200, header `X-Amz-Function-Error: Unhandled`).
///
/// Lambda hands on what the runtime of the function reports, so only the two members that (nearly) all
/// runtimes send are named here; `stackTrace`, `trace`, `requestId` and others are in `unknown`.
///
/// ```
/// use std::time::Duration;
/// use lambda_testkit::event::invoke::FunctionError;
///
/// let error = FunctionError::timeout("id-1", Duration::from_secs(3));
/// assert_eq!(
///     serde_json::to_string(&error).unwrap(),
///     r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id-1 Error: Task timed out after 3.00 seconds"}"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    /// The type of the error: a class, a Rust type, or `Runtime.…`, `Sandbox.…`, `Function.…`. Timeouts up to 2024 have none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// What went wrong.
    pub error_message: String,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl FunctionError {
    /// An error that the function returned or raised.
    pub fn new(error_type: impl Into<String>, error_message: impl Into<String>) -> Self {
        Self { error_type: Some(error_type.into()), error_message: error_message.into(), unknown: Object::new() }
    }

    /// The function did not answer in time.
    pub fn timeout(request_id: &str, timeout: Duration) -> Self {
        let seconds = timeout.as_secs_f64();
        let message = format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds");
        Self::new("Sandbox.Timedout", message)
    }

    /// The process of the function ended without giving a reason.
    pub fn exited(request_id: &str) -> Self {
        let message = format!("RequestId: {request_id} Error: Runtime exited without providing a reason");
        Self::new("Runtime.ExitError", message)
    }

    /// The process of the function ended with this status.
    pub fn exit_status(request_id: &str, status: i32) -> Self {
        let message = format!("RequestId: {request_id} Error: Runtime exited with error: exit status {status}");
        Self::new("Runtime.ExitError", message)
    }

    /// The response of the function is larger than [`MAX_RESPONSE_BYTES`].
    pub fn response_too_large() -> Self {
        Self::response_larger_than(MAX_RESPONSE_BYTES)
    }

    /// As [`response_too_large`](Self::response_too_large), with another limit.
    pub(crate) fn response_larger_than(limit: usize) -> Self {
        let message = format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).");
        Self::new("Function.ResponseSizeTooLarge", message)
    }

    /// The error as JSON.
    pub fn to_json(&self) -> Json {
        let mut members = Object::new();
        if let Some(error_type) = &self.error_type {
            members.insert("errorType", Json::from(error_type.as_str()));
        }
        members.insert("errorMessage", Json::from(self.error_message.as_str()));
        members.extend(self.unknown.iter().map(|(name, value)| (name, value.clone())));
        Json::Object(members)
    }
}
