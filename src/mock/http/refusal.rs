//! Refusals that the gateway itself gives, in the protocol of each service.

use bytes::Bytes;
use http::Response;

use super::call::Call;
use super::service::Answer;
use super::sigv4::AuthFault;
use crate::iam::Denial;

/// The protocols in which services say no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// S3's XML.
    S3,
    /// AWS JSON with the codes of the query protocol beside it, as SQS has it.
    QueryJson,
    /// AWS JSON.
    Json,
    /// REST-JSON, as Lambda has it: the code in a header.
    RestJson,
    /// A bare word, as Slack has it.
    #[cfg_attr(not(feature = "slack"), expect(dead_code, reason = "Slack alone speaks so"))]
    Word,
}

/// An error that a service may answer although nothing is wrong with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub status: u16,
    pub code: &'static str,
    pub message: &'static str,
    /// Further headers, such as `retry-after`.
    pub header: Option<(&'static str, &'static str)>,
}

impl Fault {
    pub const fn new(status: u16, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message, header: None }
    }

    #[cfg(feature = "slack")]
    pub const fn header(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }
}

/// What the regions say that never knew Signature Version 2, with the setting that mends it.
const OLD_VERSION: &str = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. \
                           (Signature Version 2 is not supported by lambda-testkit; \
                           in boto3 set Config(signature_version='s3v4').)";

/// A refusal in AWS's words: status, code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    /// One more element of S3's XML.
    pub detail: Option<(&'static str, String)>,
    header: Option<(&'static str, &'static str)>,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), detail: None, header: None }
    }

    /// An error that a plan asked for.
    pub fn fault(fault: &Fault) -> Self {
        Self { header: fault.header, ..Self::new(fault.status, fault.code, fault.message) }
    }

    /// The refusal of what permissions do not allow.
    pub fn denied(wire: Wire, denial: &Denial) -> Self {
        match wire {
            Wire::S3 => Self::new(403, "AccessDenied", "Access Denied"),
            Wire::RestJson | Wire::Json => Self::new(403, "AccessDeniedException", denial.to_string()),
            Wire::QueryJson | Wire::Word => Self::new(403, "AccessDenied", denial.to_string()),
        }
    }

    /// The refusal of a signature, in the words of the service.
    pub fn auth(wire: Wire, fault: &AuthFault) -> Self {
        let signature = "The request signature we calculated does not match the signature you provided. \
                         Check your key and signing method.";
        let skew = "The difference between the request time and the current time is too large.";
        let token = "The security token included in the request is invalid.";
        let s3 = wire == Wire::S3;
        let query_style = wire == Wire::QueryJson;
        match fault {
            AuthFault::UnknownAccessKey(_) if s3 => Self::new(
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
            AuthFault::UnknownAccessKey(_) if query_style => Self::new(403, "InvalidClientTokenId", token),
            AuthFault::UnknownAccessKey(_) => Self::new(403, "UnrecognizedClientException", token),
            AuthFault::SignatureMismatch if s3 || query_style => Self::new(403, "SignatureDoesNotMatch", signature),
            AuthFault::SignatureMismatch => Self::new(403, "InvalidSignatureException", signature),
            AuthFault::ClockSkew if s3 => Self::new(403, "RequestTimeTooSkewed", skew),
            AuthFault::ClockSkew if query_style => Self::new(403, "SignatureDoesNotMatch", skew),
            AuthFault::ClockSkew => Self::new(403, "InvalidSignatureException", skew),
            AuthFault::HostNotSigned if s3 => {
                let message = "There were headers present in the request which were not signed";
                let detail = Some(("HeadersNotSigned", "host".to_owned()));
                Self { detail, ..Self::new(403, "AccessDenied", message) }
            }
            AuthFault::HostNotSigned => {
                let code = if query_style { "SignatureDoesNotMatch" } else { "InvalidSignatureException" };
                Self::new(403, code, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
            }
            AuthFault::Expired => Self::new(403, "AccessDenied", "Request has expired"),
            AuthFault::OldVersion => Self::new(400, "InvalidRequest", OLD_VERSION),
            AuthFault::Malformed(why) if s3 => Self::new(400, "AuthorizationHeaderMalformed", *why),
            AuthFault::Malformed(why) => Self::new(400, "IncompleteSignature", *why),
            // Only S3 looks at the hash that the request states; the others sign over the one of the body that came.
            AuthFault::BodyHashMismatch if query_style => Self::new(403, "SignatureDoesNotMatch", signature),
            AuthFault::BodyHashMismatch if !s3 => Self::new(403, "InvalidSignatureException", signature),
            AuthFault::BodyHashMismatch => Self::new(
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
        }
    }

    /// The refusal of a request without any signature.
    pub fn anonymous(wire: Wire) -> Self {
        let message = "Request is missing Authentication Token";
        let code =
            if wire == Wire::QueryJson { "MissingAuthenticationToken" } else { "MissingAuthenticationTokenException" };
        Self::new(403, code, message)
    }

    /// The refusal as an answer of `wire`.
    pub fn answer(self, wire: Wire, call: &Call) -> Answer {
        let response = self.respond(wire, call);
        Answer::refused(response, self.code, self.message)
    }

    fn respond(&self, wire: Wire, call: &Call) -> Response<Bytes> {
        let mut response = Response::builder().status(self.status);
        if let Some((name, value)) = self.header {
            response = response.header(name, value);
        }
        let (response, body) = match wire {
            Wire::S3 => {
                let detail = self.detail.as_ref().map(|(name, text)| format!("<{name}>{}</{name}>", escaped(text)));
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>{}\
                     <RequestId>{}</RequestId><HostId>{}</HostId></Error>",
                    self.code,
                    escaped(&self.message),
                    detail.unwrap_or_default(),
                    call.request_id,
                    call.host_id
                );
                let response = response
                    .header("content-type", "application/xml")
                    .header("x-amz-request-id", &call.request_id)
                    .header("x-amz-id-2", &call.host_id);
                (response, body)
            }
            // The code is in a header alone.
            Wire::RestJson => {
                // The model spells the member in two ways.
                let member = if self.code == "AccessDeniedException" { "Message" } else { "message" };
                let body = serde_json::json!({ member: self.message });
                let response = response
                    .header("content-type", "application/json")
                    .header("x-amzn-errortype", self.code)
                    .header("x-amzn-requestid", &call.request_id);
                (response, body.to_string())
            }
            Wire::QueryJson | Wire::Json => {
                let body = serde_json::json!({ "__type": self.code, "message": self.message }).to_string();
                let mut response = response
                    .header("content-type", "application/x-amz-json-1.0")
                    .header("x-amzn-errortype", self.code)
                    .header("x-amzn-requestid", &call.request_id);
                if wire == Wire::QueryJson {
                    let side = self.fault_side("Sender", "Receiver");
                    response = response.header("x-amzn-query-error", format!("{};{side}", self.code));
                }
                (response, body)
            }
            Wire::Word => (response.header("content-type", "text/html"), self.code.to_owned()),
        };
        response.body(Bytes::from(body)).expect("codes and ids are valid header values")
    }

    fn fault_side(&self, sender: &'static str, receiver: &'static str) -> &'static str {
        if self.status >= 500 { receiver } else { sender }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
