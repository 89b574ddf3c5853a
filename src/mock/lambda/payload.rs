//! What may be given to a function, and by which kind of invocation.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

use bytes::Bytes;

use super::invoke::Throttled;
use crate::event::invoke::MAX_RESPONSE_BYTES;
use crate::history::RefusedWith;
use crate::mock::http::ServiceFault;

/// How large payloads may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PayloadLimits {
    /// What a synchronous invocation is given, and a batch of messages.
    pub request: usize,
    /// What an asynchronous invocation is given.
    pub event: usize,
    /// What a function answers.
    pub response: usize,
    /// What a function streams.
    pub streamed: usize,
}

impl PayloadLimits {
    /// So small that a test meets them: a 128th of AWS's.
    pub const SMALL: Self = Self { request: 49_152, event: 8_192, response: 49_152, streamed: 1_638_400 };
}

/// AWS's own: 6 MB, 1 MB, 6 MB and 200 MB.
impl Default for PayloadLimits {
    fn default() -> Self {
        Self { request: 6_291_456, event: 1_048_576, response: MAX_RESPONSE_BYTES, streamed: 209_715_200 }
    }
}

/// How a function is invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

/// As requests spell it.
impl std::fmt::Display for InvocationType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::RequestResponse => "RequestResponse",
            Self::Event => "Event",
            Self::DryRun => "DryRun",
        })
    }
}

/// Why an invocation is refused, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvokeFault {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    pub reason: Option<&'static str>,
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors>
impl From<Throttled> for InvokeFault {
    fn from(_: Throttled) -> Self {
        Self {
            status: 429,
            code: "TooManyRequestsException",
            message: "Rate Exceeded.".to_owned(),
            reason: Some("ReservedFunctionConcurrentInvocationLimitExceeded"),
        }
    }
}

/// The payload that the function gets: an empty one is an empty object.
///
/// # Errors
///
/// `RequestEntityTooLargeException` beyond the limit of `kind`; `InvalidRequestContentException` when it is not JSON.
pub(crate) fn check_payload(payload: Bytes, kind: InvocationType, limits: PayloadLimits) -> Result<Bytes, InvokeFault> {
    check_size(payload.len(), kind, limits)?;
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    // Skipping over a string, serde_json does not look at its encoding.
    let text = std::str::from_utf8(&payload).map_err(|error| not_json(&error))?;
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| not_json(&error))?;
    Ok(payload)
}

/// The limit of all requests comes first. The API's model names `RequestTooLargeException`, but what Lambda sends has
/// another code.
///
/// <https://github.com/pelmers/streetwarp-web/issues/14> (2024), <https://github.com/ASFHyP3/hyp3/issues/2241> (2024),
/// <https://github.com/aws/aws-pdk/issues/771> (2024)
fn check_size(size: usize, kind: InvocationType, limits: PayloadLimits) -> Result<(), InvokeFault> {
    let PayloadLimits { request, event, .. } = limits;
    let message = match kind {
        _ if size > request => {
            format!("Request must be smaller than {request} bytes for the InvokeFunction operation")
        }
        InvocationType::Event if size > event => {
            format!("{size} byte payload is too large for the Event invocation type (limit {event} bytes)")
        }
        _ => return Ok(()),
    };
    Err(InvokeFault { status: 413, code: "RequestEntityTooLargeException", message, reason: None })
}

impl ServiceFault for InvokeFault {
    fn status(&self) -> u16 {
        self.status
    }

    fn refused_with(&self) -> RefusedWith {
        RefusedWith { code: self.code.to_owned(), message: self.message.clone() }
    }
}

fn not_json(error: &dyn std::fmt::Display) -> InvokeFault {
    let message = format!("Could not parse request body into json: Could not parse payload into json: {error}");
    InvokeFault { status: 400, code: "InvalidRequestContentException", message, reason: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_over_the_limits_are_refused_in_the_words_of_production_logs() {
        use InvocationType::{DryRun, Event, RequestResponse};
        let request = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
        let event = "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)";
        let small_request = "Request must be smaller than 49152 bytes for the InvokeFunction operation";
        let small_event = "8193 byte payload is too large for the Event invocation type (limit 8192 bytes)";
        let (aws, small) = (PayloadLimits::default(), PayloadLimits::SMALL);
        for (limits, kind, size, message) in [
            (aws, RequestResponse, 6_291_456, None),
            (aws, RequestResponse, 6_291_457, Some(request)),
            (aws, DryRun, 6_291_457, Some(request)),
            (aws, Event, 1_048_576, None),
            (aws, Event, 1_048_577, Some(event)),
            (aws, Event, 6_291_457, Some(request)),
            (small, RequestResponse, 49_152, None),
            (small, RequestResponse, 49_153, Some(small_request)),
            (small, Event, 8_192, None),
            (small, Event, 8_193, Some(small_event)),
            (small, Event, 49_153, Some(small_request)),
        ] {
            let fault = check_size(size, kind, limits).err();
            assert_eq!(fault.as_ref().map(|fault| fault.message.as_str()), message, "{kind} {size}");
            assert!(fault.is_none_or(|fault| (fault.status, fault.code) == (413, "RequestEntityTooLargeException")));
        }
    }

    #[test]
    fn nothing_is_an_empty_object_and_all_else_must_be_json() {
        let check = |payload: &'static [u8]| {
            check_payload(Bytes::from_static(payload), InvocationType::DryRun, PayloadLimits::default())
        };
        assert_eq!(check(b"").unwrap(), "{}");
        assert_eq!(check(b" [1]").unwrap(), " [1]");
        for broken in [&b"{"[..], b"1 2", b"\"\xff\""] {
            assert_eq!(check(broken).unwrap_err().code, "InvalidRequestContentException");
        }
    }
}
