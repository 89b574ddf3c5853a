//! Refusals that the gateway itself gives, as each service says them.

use bytes::Bytes;
use http::Response;

use super::call::Call;
use super::gateway::ServiceName;
use super::sigv4::AuthFault;

/// What the regions say that never knew Signature Version 2, with the setting that mends it.
const OLD_VERSION: &str = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. \
                           (Signature Version 2 is not supported by lambda-testkit; \
                           in boto3 set Config(signature_version='s3v4').)";

/// A refusal in AWS's words: status, code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    /// One more element of S3's XML.
    pub detail: Option<(&'static str, String)>,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), detail: None }
    }

    /// The refusal of a signature, in the words of `service`.
    pub fn auth(service: ServiceName, fault: &AuthFault) -> Self {
        let signature = "The request signature we calculated does not match the signature you provided. \
                         Check your key and signing method.";
        let skew = "The difference between the request time and the current time is too large.";
        let token = "The security token included in the request is invalid.";
        let s3 = service == ServiceName::S3;
        let query_style = service == ServiceName::Sqs;
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
            AuthFault::WrongRegion { signed, expected, presigned } if s3 => {
                let (code, what) = if *presigned {
                    ("AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter")
                } else {
                    ("AuthorizationHeaderMalformed", "The authorization header is malformed")
                };
                let message = format!("{what}; the region '{signed}' is wrong; expecting '{expected}'");
                Self { detail: Some(("Region", expected.to_string())), ..Self::new(400, code, message) }
            }
            AuthFault::WrongRegion { signed, .. } => {
                let code = if query_style { "SignatureDoesNotMatch" } else { "InvalidSignatureException" };
                Self::new(403, code, format!("Credential should be scoped to a valid region, not '{signed}'."))
            }
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

    /// The refusal of a request without any signature. S3 decides that by itself.
    pub fn anonymous(service: ServiceName) -> Self {
        let message = "Request is missing Authentication Token";
        match service {
            ServiceName::Sqs => Self::new(403, "MissingAuthenticationToken", message),
            _ => Self::new(403, "MissingAuthenticationTokenException", message),
        }
    }

    /// A request for a service that is not mocked.
    pub fn not_mocked(service: &str) -> Self {
        let message = format!("lambda-testkit does not mock {service}: it has s3, sqs and lambda");
        Self::new(400, "NotImplemented", message)
    }

    /// In the protocol of `service`; in AWS's JSON when it is none of the mocked ones.
    pub fn respond(&self, service: Option<ServiceName>, call: &Call) -> Response<Bytes> {
        let response = Response::builder().status(self.status);
        let (response, body) = match service {
            Some(ServiceName::S3) => {
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
            // REST-JSON: the code is in a header alone.
            Some(ServiceName::Lambda) => {
                let body = serde_json::json!({ "message": self.message }).to_string();
                let response = response
                    .header("content-type", "application/json")
                    .header("x-amzn-errortype", self.code)
                    .header("x-amzn-requestid", &call.request_id);
                (response, body)
            }
            Some(ServiceName::Sqs) | None => {
                let body = serde_json::json!({ "__type": self.code, "message": self.message }).to_string();
                let mut response = response
                    .header("content-type", "application/x-amz-json-1.0")
                    .header("x-amzn-errortype", self.code)
                    .header("x-amzn-requestid", &call.request_id);
                if service.is_some() {
                    response = response.header("x-amzn-query-error", format!("{};Sender", self.code));
                }
                (response, body)
            }
        };
        response.body(Bytes::from(body)).expect("codes and ids are valid header values")
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
