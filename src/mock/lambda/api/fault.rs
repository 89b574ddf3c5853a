//! An error of the Lambda API.

use bytes::Bytes;
use http::Response;
use serde_json::json;

use crate::event::Arn;
use crate::mock::http::Call;
use crate::mock::lambda::payload::InvokeFault;

/// The errors whose text the model calls `Message`; that of all others is `message`.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors>
const CAPITAL: [&str; 4] =
    ["RecursiveInvocationException", "ResourceInUseException", "ResourceNotFoundException", "ServiceException"];
/// The errors that do not say whose fault it is.
const WITHOUT_TYPE: [&str; 2] = ["ValidationException", "SerializationException"];

/// How many seconds whoever was throttled is asked to wait. The model has the header, but no value: this is how long Lambda's own
/// queue waits at first.
const RETRY_AFTER: &str = "1";

/// An error of the Lambda API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mock::lambda) struct Fault {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    reason: Option<&'static str>,
}

impl Fault {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), reason: None }
    }

    /// The function of this ARN does not exist, or has no such version or alias.
    pub fn no_function(arn: &Arn, qualifier: &str) -> Self {
        Self::not_found(format!("Function not found: {arn}:{qualifier}"))
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "ResourceNotFoundException", message)
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterValueException", message)
    }

    /// What the crate does not have, and names.
    pub fn unsupported(what: impl std::fmt::Display) -> Self {
        Self::new(400, "NotImplemented", format!("lambda-testkit does not support {what}"))
    }

    pub fn respond(&self, call: &Call) -> Response<Bytes> {
        let member = if CAPITAL.contains(&self.code) { "Message" } else { "message" };
        let mut body = json!({ member: self.message });
        if !WITHOUT_TYPE.contains(&self.code) {
            body["Type"] = json!("User");
        }
        if let Some(reason) = self.reason {
            body["Reason"] = json!(reason);
        }
        let mut response = response(self.status, call).header("x-amzn-errortype", self.code);
        if self.reason.is_some() {
            response = response.header("retry-after", RETRY_AFTER);
        }
        response.body(Bytes::from(body.to_string())).expect("codes are valid header values")
    }
}

impl From<InvokeFault> for Fault {
    fn from(fault: InvokeFault) -> Self {
        let InvokeFault { status, code, message, reason } = fault;
        Self { reason, ..Self::new(status, code, message) }
    }
}

/// An answer of the Lambda API without its body.
pub(in crate::mock::lambda) fn response(status: u16, call: &Call) -> http::response::Builder {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("x-amzn-requestid", &call.request_id)
}
