//! What may be given to a function, and by which kind of invocation.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

use bytes::Bytes;

use crate::history::RefusedWith;
use crate::mock::http::ServiceFault;

/// The largest payload of a synchronous invocation: 6 MB.
const MAX_SYNC_PAYLOAD: usize = 6_291_456;
/// The largest payload of an asynchronous invocation: 1 MB.
const MAX_ASYNC_PAYLOAD: usize = 1_048_576;

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

/// Why a payload is refused, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayloadFault {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

/// The payload that the function gets: an empty one is an empty object.
///
/// # Errors
///
/// `RequestEntityTooLargeException` beyond the limit of `kind`; `InvalidRequestContentException` when it is not JSON.
pub(crate) fn check_payload(payload: Bytes, kind: InvocationType) -> Result<Bytes, PayloadFault> {
    check_size(payload.len(), kind)?;
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
fn check_size(size: usize, kind: InvocationType) -> Result<(), PayloadFault> {
    let message = match kind {
        _ if size > MAX_SYNC_PAYLOAD => {
            format!("Request must be smaller than {MAX_SYNC_PAYLOAD} bytes for the InvokeFunction operation")
        }
        InvocationType::Event if size > MAX_ASYNC_PAYLOAD => {
            format!("{size} byte payload is too large for the Event invocation type (limit {MAX_ASYNC_PAYLOAD} bytes)")
        }
        _ => return Ok(()),
    };
    Err(PayloadFault { status: 413, code: "RequestEntityTooLargeException", message })
}

impl ServiceFault for PayloadFault {
    fn status(&self) -> u16 {
        self.status
    }

    fn refused_with(&self) -> RefusedWith {
        RefusedWith { code: self.code.to_owned(), message: self.message.clone() }
    }
}

fn not_json(error: &dyn std::fmt::Display) -> PayloadFault {
    let message = format!("Could not parse request body into json: Could not parse payload into json: {error}");
    PayloadFault { status: 400, code: "InvalidRequestContentException", message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_over_the_limits_are_refused_in_the_words_of_production_logs() {
        use InvocationType::{DryRun, Event, RequestResponse};
        let request = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
        let event = "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)";
        for (kind, size, message) in [
            (RequestResponse, 6_291_456, None),
            (RequestResponse, 6_291_457, Some(request)),
            (DryRun, 6_291_457, Some(request)),
            (Event, 1_048_576, None),
            (Event, 1_048_577, Some(event)),
            (Event, 6_291_457, Some(request)),
        ] {
            let fault = check_size(size, kind).err();
            assert_eq!(fault.as_ref().map(|fault| fault.message.as_str()), message, "{kind} {size}");
            assert!(fault.is_none_or(|fault| (fault.status, fault.code) == (413, "RequestEntityTooLargeException")));
        }
    }

    #[test]
    fn nothing_is_an_empty_object_and_all_else_must_be_json() {
        let check = |payload: &'static [u8]| check_payload(Bytes::from_static(payload), InvocationType::DryRun);
        assert_eq!(check(b"").unwrap(), "{}");
        assert_eq!(check(b" [1]").unwrap(), " [1]");
        for broken in [&b"{"[..], b"1 2", b"\"\xff\""] {
            assert_eq!(check(broken).unwrap_err().code, "InvalidRequestContentException");
        }
    }
}
