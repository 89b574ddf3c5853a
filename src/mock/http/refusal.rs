//! Refusals that the gateway itself gives, in the protocol of each service.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response};
use jiff::Timestamp;

use super::call::Call;
use super::cbor;
use super::chunked::ChunkFault;
use super::form::FormFault;
use super::service::Answer;
use super::sigv4::{AuthFault, Expiry, Mismatch};
use super::xml::{ec2_error, error_response, s3_error};
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
    /// The query protocol, and REST-XML in its usual form.
    Xml,
    /// The query protocol as EC2 has it.
    Ec2,
    /// RPC v2 in CBOR.
    Cbor,
    /// A bare word, as Slack has it.
    #[cfg_attr(not(feature = "slack"), expect(dead_code, reason = "Slack alone speaks so"))]
    Word,
}

impl Wire {
    /// The protocol of a request to a service that speaks this one: without a target it is one of the older protocol.
    pub(super) fn of(self, parts: &Parts) -> Self {
        match self {
            Self::QueryJson if !parts.headers.contains_key("x-amz-target") => Self::Xml,
            wire => wire,
        }
    }
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

/// What S3 says to Signature Version 2 for buckets that are newer than June 2020, with the settings that mend it.
const OLD_VERSION: &str = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. \
                           (In boto3 set Config(signature_version='s3v4'); lambda-testkit takes Signature Version 2 \
                           with CloudBuilder::buckets_before_2020.)";

/// What all but S3 say. (They go on with the text that should have been signed.)
///
/// <https://github.com/aws/aws-sdk-js/issues/168>, <https://github.com/erlcloud/erlcloud/issues/335>
const SIGNATURE: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                         Secret Access Key and signing method. Consult the service documentation for details.";
const SIGNATURE_OF_S3: &str = "The request signature we calculated does not match the signature you provided. Check your \
                               key and signing method.";
const SKEW: &str = "The difference between the request time and the current time is too large.";

/// A time without fractions of a second.
fn in_seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

/// A refusal in AWS's words: status, code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    /// Further elements of S3's XML.
    details: Vec<(&'static str, String)>,
    header: Option<(&'static str, &'static str)>,
    /// What the history tells beside it.
    remark: Option<&'static str>,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new(), header: None, remark: None }
    }

    /// Adds an element of S3's XML.
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// An error that a plan asked for.
    pub fn fault(fault: &Fault) -> Self {
        Self { header: fault.header, ..Self::new(fault.status, fault.code, fault.message) }
    }

    /// The refusal of what permissions do not allow.
    pub fn denied(wire: Wire, denial: &Denial) -> Self {
        match wire {
            // Of the account's own policies S3 says more, since 2024: https://aws.amazon.com/about-aws/whats-new/2024/08/amazon-s3-http-403-access-denied-error-message/
            Wire::S3 if denial.is_of_identity() => Self::new(403, "AccessDenied", denial.to_string()),
            Wire::S3 => Self::new(403, "AccessDenied", "Access Denied"),
            Wire::RestJson | Wire::Json | Wire::Cbor => Self::new(403, "AccessDeniedException", denial.to_string()),
            Wire::QueryJson | Wire::Xml | Wire::Ec2 | Wire::Word => Self::new(403, "AccessDenied", denial.to_string()),
        }
    }

    /// The refusal of a signature, in the words of the service.
    pub fn auth(wire: Wire, fault: &AuthFault) -> Self {
        let token = "The security token included in the request is invalid.";
        if wire == Wire::S3 {
            return Self::auth_of_s3(fault);
        }
        let query_style = matches!(wire, Wire::QueryJson | Wire::Xml);
        let mismatch = if query_style { "SignatureDoesNotMatch" } else { "InvalidSignatureException" };
        match fault {
            AuthFault::UnknownAccessKey(_) if query_style => Self::new(403, "InvalidClientTokenId", token),
            AuthFault::UnknownAccessKey(_) => Self::new(403, "UnrecognizedClientException", token),
            // Only S3 looks at the hash that the request states; the others sign over the one of the body that came.
            AuthFault::SignatureMismatch(_)
            | AuthFault::BodyHashMismatch { .. }
            | AuthFault::NoBodyHash
            | AuthFault::UnknownBodyHash(_) => Self::new(403, mismatch, SIGNATURE),
            AuthFault::ClockSkew(_) | AuthFault::NotYetValid => Self::new(403, mismatch, SKEW),
            AuthFault::NotSigned(_) => {
                Self::new(403, mismatch, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
            }
            AuthFault::Expired(_) => Self::new(403, "AccessDenied", "Request has expired"),
            AuthFault::OldVersion => Self::new(400, "InvalidRequest", OLD_VERSION),
            AuthFault::TwoMechanisms(_) => Self::new(400, "IncompleteSignature", "the request is signed twice"),
            AuthFault::UnsupportedType(_) => {
                Self::new(400, "IncompleteSignature", "only AWS4-HMAC-SHA256 signatures are supported")
            }
            AuthFault::OldMalformed(_) | AuthFault::OldQuery | AuthFault::OldExpires(_) => {
                Self::new(400, "InvalidRequest", OLD_VERSION)
            }
            AuthFault::NoDate => {
                Self::new(400, "IncompleteSignature", "the x-amz-date header is missing, or is no date")
            }
            AuthFault::Malformed(why) | AuthFault::Query(why) => Self::new(400, "IncompleteSignature", why.as_str()),
            AuthFault::NoField(name) => Self::new(400, "IncompleteSignature", format!("the field {name} is missing")),
        }
    }

    /// The refusal of a signature by S3.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
    fn auth_of_s3(fault: &AuthFault) -> Self {
        match fault {
            AuthFault::UnknownAccessKey(id) => {
                let message = "The AWS Access Key Id you provided does not exist in our records.";
                Self::new(403, "InvalidAccessKeyId", message).with("AWSAccessKeyId", id.as_str())
            }
            AuthFault::SignatureMismatch(mismatch) => Self::mismatch(mismatch.as_deref()),
            // https://github.com/versity/versitygw/issues/1514
            AuthFault::ClockSkew(skew) => Self::new(403, "RequestTimeTooSkewed", SKEW)
                .with("RequestTime", skew.said.as_str())
                .with("ServerTime", in_seconds(skew.now))
                .with("MaxAllowedSkewMilliseconds", "900000"),
            AuthFault::NotSigned(names) => {
                let message = "There were headers present in the request which were not signed";
                Self::new(403, "AccessDenied", message).with("HeadersNotSigned", names.as_str())
            }
            AuthFault::Expired(expiry) => Self::expired(expiry),
            AuthFault::NotYetValid => Self::new(403, "AccessDenied", "Request is not valid yet"),
            AuthFault::NoDate => {
                Self::new(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
            }
            AuthFault::OldVersion => Self::new(400, "InvalidRequest", OLD_VERSION),
            AuthFault::OldMalformed(header) => {
                let message = "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature";
                Self::new(400, "InvalidArgument", message)
                    .with("ArgumentName", "Authorization")
                    .with("ArgumentValue", header.as_str())
            }
            AuthFault::OldQuery => {
                let message =
                    "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
                Self::new(403, "AccessDenied", message)
            }
            AuthFault::OldExpires(said) => {
                Self::new(403, "AccessDenied", format!("Invalid date (should be seconds since epoch): {said}"))
            }
            AuthFault::TwoMechanisms(header) => {
                let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature \
                               query string parameter or the Authorization header should be specified";
                let refusal = Self::new(400, "InvalidArgument", message);
                match header {
                    Some(header) => {
                        refusal.with("ArgumentName", "Authorization").with("ArgumentValue", header.as_str())
                    }
                    None => refusal,
                }
            }
            AuthFault::UnsupportedType(header) => Self::new(400, "InvalidArgument", "Unsupported Authorization Type")
                .with("ArgumentName", "Authorization")
                .with("ArgumentValue", header.as_str()),
            AuthFault::Malformed(why) => Self::new(400, "AuthorizationHeaderMalformed", why.as_str()),
            AuthFault::Query(why) => Self::new(400, "AuthorizationQueryParametersError", why.as_str()),
            AuthFault::NoBodyHash => {
                Self::new(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
            }
            AuthFault::UnknownBodyHash(said) => {
                let message = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
                               STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, \
                               STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, \
                               STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.";
                if said.starts_with("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD") {
                    let message = "Signature Version 4A is not supported by lambda-testkit";
                    return Self::new(501, "NotImplemented", message).with("Header", "x-amz-content-sha256");
                }
                Self::new(400, "InvalidArgument", message)
                    .with("ArgumentName", "x-amz-content-sha256")
                    .with("ArgumentValue", said.as_str())
            }
            AuthFault::NoField(name) => {
                let message = format!(
                    "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of \
                     the fields."
                );
                Self::new(400, "InvalidArgument", message).with("ArgumentName", *name).with("ArgumentValue", "")
            }
            // https://github.com/versity/versitygw/issues/2043
            AuthFault::BodyHashMismatch { said, calculated } => Self::new(
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            )
            .with("ClientComputedContentSHA256", said.as_str())
            .with("S3ComputedContentSHA256", calculated.as_str()),
        }
    }

    /// The refusal of a wrong signature, with what S3 calculated it from.
    ///
    /// <https://github.com/versity/versitygw/issues/779>, <https://github.com/minio/minio/issues/2986>
    fn mismatch(mismatch: Option<&Mismatch>) -> Self {
        let refusal = Self::new(403, "SignatureDoesNotMatch", SIGNATURE_OF_S3);
        let Some(Mismatch { access_key, signature, to_sign, canonical }) = mismatch else { return refusal };
        // XML has no other control characters.
        let is_text = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().filter(is_text).collect::<String>();
        let bytes = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
        let refusal = refusal
            .with("AWSAccessKeyId", access_key)
            .with("StringToSign", text(to_sign))
            .with("SignatureProvided", signature)
            .with("StringToSignBytes", bytes(to_sign));
        match canonical {
            Some(canonical) => {
                refusal.with("CanonicalRequest", text(canonical)).with("CanonicalRequestBytes", bytes(canonical))
            }
            None => refusal,
        }
    }

    /// The refusal of a presigned URL that is no more good.
    ///
    /// <https://github.com/versity/versitygw/issues/2116>, <https://github.com/aws/aws-sdk-php/issues/1333>
    fn expired(expiry: &Expiry) -> Self {
        let refusal = Self::new(403, "AccessDenied", "Request has expired");
        let refusal = match expiry.seconds {
            Some(seconds) => refusal.with("X-Amz-Expires", seconds.to_string()),
            None => refusal,
        };
        refusal.with("Expires", in_seconds(expiry.at)).with("ServerTime", in_seconds(expiry.now))
    }

    /// The refusal of a body in chunks.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>
    pub(super) fn chunks(wire: Wire, fault: &ChunkFault) -> Self {
        match fault {
            ChunkFault::Auth(fault) => Self::auth(wire, fault),
            // https://github.com/versity/versitygw/issues/1666
            ChunkFault::Incomplete(why) => {
                let refusal = Self::new(400, "IncompleteBody", "The request body terminated unexpectedly");
                Self { remark: Some(why), ..refusal }
            }
            // https://github.com/versity/versitygw/issues/1161
            ChunkFault::UnknownTrailer => {
                let message = "The value specified in the x-amz-trailer header is not supported";
                Self::new(400, "InvalidRequest", message)
            }
            // https://github.com/versity/versitygw/issues/1683; the status: https://github.com/aws/aws-sdk-cpp/issues/2727
            ChunkFault::SmallChunk(number, size) => {
                let message = "Only the last chunk is allowed to have a size less than 8192 bytes";
                Self::new(403, "InvalidChunkSizeError", message)
                    .with("Chunk", number.to_string())
                    .with("BadChunkSize", size.to_string())
            }
            ChunkFault::NoLength => {
                Self::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
            }
            ChunkFault::Trailer => Self::new(
                400,
                "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform to our published \
                 schema.",
            ),
        }
    }

    /// The refusal of a form, by S3 alone.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
    pub(super) fn form(fault: FormFault) -> Self {
        match fault {
            FormFault::Malformed => {
                let message = "The body of your POST request is not well-formed multipart/form-data.";
                Self::new(400, "MalformedPOSTRequest", message)
            }
            FormFault::TooLarge => {
                let message = "Your POST request fields preceding the upload file were too large.";
                Self::new(400, "MaxPostPreDataLengthExceededError", message)
            }
        }
    }

    /// The refusal of a request without any signature.
    pub fn anonymous(wire: Wire) -> Self {
        let message = "Request is missing Authentication Token";
        let query_style = matches!(wire, Wire::QueryJson | Wire::Xml);
        let code = if query_style { "MissingAuthenticationToken" } else { "MissingAuthenticationTokenException" };
        Self::new(403, code, message)
    }

    /// The refusal as an answer of `wire`.
    pub fn answer(self, wire: Wire, call: &Call) -> Answer {
        let response = self.respond(wire, call);
        Answer { remark: self.remark, ..Answer::refused(response, self.code, self.message) }
    }

    fn respond(&self, wire: Wire, call: &Call) -> Response<Bytes> {
        let mut response = Response::builder().status(self.status);
        if let Some((name, value)) = self.header {
            response = response.header(name, value);
        }
        let (response, body): (_, Bytes) = match wire {
            Wire::S3 => return self.respond_as_s3(call),
            // The code is in a header alone.
            Wire::RestJson => {
                // The model spells the member in two ways.
                let capital = matches!(self.code, "AccessDeniedException" | "ServiceException");
                let member = if capital { "Message" } else { "message" };
                let body = serde_json::json!({ member: self.message });
                let response = response
                    .header("content-type", "application/json")
                    .header("x-amzn-errortype", self.code)
                    .header("x-amzn-requestid", &call.request_id);
                (response, body.to_string().into())
            }
            Wire::QueryJson | Wire::Json => {
                let body = serde_json::json!({ "__type": self.code, "message": self.message }).to_string();
                let mut response = response
                    .header("content-type", "application/x-amz-json-1.0")
                    .header("x-amzn-errortype", self.code)
                    .header("x-amzn-requestid", &call.request_id);
                if wire == Wire::QueryJson {
                    let side = if self.status >= 500 { "Receiver" } else { "Sender" };
                    response = response.header("x-amzn-query-error", format!("{};{side}", self.code));
                }
                (response, body.into())
            }
            Wire::Xml | Wire::Ec2 => {
                let body = match wire {
                    Wire::Xml => error_response(None, self.code, &self.message, &call.request_id),
                    _ => ec2_error(self.code, &self.message, &call.request_id),
                };
                (response.header("content-type", "text/xml").header("x-amzn-requestid", &call.request_id), body)
            }
            Wire::Cbor => {
                let response = response
                    .header("content-type", "application/cbor")
                    .header("smithy-protocol", "rpc-v2-cbor")
                    .header("x-amzn-requestid", &call.request_id);
                (response, cbor::error(self.code, &self.message))
            }
            Wire::Word => (response.header("content-type", "text/html"), Bytes::from_static(self.code.as_bytes())),
        };
        response.body(body).expect("codes and ids are valid header values")
    }

    fn respond_as_s3(&self, call: &Call) -> Response<Bytes> {
        let details = self.details.iter().map(|(name, value)| (*name, value.as_str()));
        let elements = [("Code", self.code), ("Message", self.message.as_str())].into_iter().chain(details);
        let mut response = s3_error(self.status, elements, call);
        let ids = [("x-amz-request-id", call.request_id.as_str()), ("x-amz-id-2", call.host_id.as_str())];
        for (name, value) in ids.into_iter().chain(self.header) {
            response.headers_mut().insert(name, HeaderValue::from_str(value).expect("ids are valid header values"));
        }
        response
    }
}
