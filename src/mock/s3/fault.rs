//! S3's errors as S3 words them: code, status, message and the extra elements of the XML body.

use std::borrow::Cow;
use std::fmt;

use crate::history::RefusedWith;
use crate::mock::http::ServiceFault;

/// One S3 error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct S3Fault {
    /// The error code, such as `NoSuchKey`.
    pub code: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// The message, in AWS's words.
    pub message: Cow<'static, str>,
    /// Further elements of the error body, in order.
    pub extra: Vec<(Cow<'static, str>, String)>,
    /// Response headers that belong to the error, such as `x-amz-delete-marker`.
    pub headers: Vec<(&'static str, String)>,
    /// The value and the rule, for a person at a handle, where S3 leaves them out. Never on the wire.
    pub note: Option<Box<str>>,
}

impl fmt::Display for S3Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.status, self.message)?;
        for (name, value) in &self.extra {
            write!(f, ", {name}={value}")?;
        }
        Ok(())
    }
}

impl std::error::Error for S3Fault {}

impl ServiceFault for S3Fault {
    fn status(&self) -> u16 {
        self.status
    }

    fn refused_with(&self) -> RefusedWith {
        RefusedWith { code: self.code.to_string(), message: self.message.to_string() }
    }
}

impl S3Fault {
    pub(crate) fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), status, message: message.into(), extra: Vec::new(), headers: Vec::new(), note: None }
    }

    /// Adds an element to the error body.
    pub(crate) fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }

    /// Adds what a person needs to know.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into().into_boxed_str());
        self
    }

    /// What a person needs to know beyond S3's message: the note, or else what the further elements say.
    pub(crate) fn told(&self) -> Option<String> {
        let extra =
            || self.extra.iter().map(|(name, value)| format!("{name}={value:?}")).collect::<Vec<_>>().join(", ");
        self.note.as_deref().map(str::to_owned).or_else(|| (!self.extra.is_empty()).then(extra))
    }

    /// Adds a response header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn access_denied() -> Self {
        Self::new(403, "AccessDenied", "Access Denied")
    }

    /// A bucket of another region than the one that the request was sent to.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    pub(crate) fn permanent_redirect(bucket: &str, region: &str) -> Self {
        let message = "The bucket you are attempting to access must be addressed using the specified endpoint. \
                       Please send all future requests to this endpoint.";
        Self::new(301, "PermanentRedirect", message)
            .with("Endpoint", format!("{bucket}.s3.{region}.amazonaws.com"))
            .with("Bucket", bucket)
            .header("x-amz-bucket-region", region)
    }

    /// A request that reached its bucket, but was signed for another region.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    pub(crate) fn wrong_region(signed: &str, region: &str, presigned: bool) -> Self {
        let (code, what) = if presigned {
            ("AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter")
        } else {
            ("AuthorizationHeaderMalformed", "The authorization header is malformed")
        };
        Self::new(400, code, format!("{what}; the region '{signed}' is wrong; expecting '{region}'"))
            .with("Region", region)
            .header("x-amz-bucket-region", region)
    }

    pub(crate) fn no_such_bucket(bucket: &str) -> Self {
        Self::new(404, "NoSuchBucket", "The specified bucket does not exist").with("BucketName", bucket)
    }

    pub(crate) fn no_such_key(key: &str) -> Self {
        Self::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
    }

    pub(crate) fn no_such_version(key: &str, version: &str) -> Self {
        Self::new(404, "NoSuchVersion", "The specified version does not exist.")
            .with("Key", key)
            .with("VersionId", version)
    }

    pub(crate) fn no_such_upload(upload: &str) -> Self {
        let message = "The specified upload does not exist. The upload ID may be invalid, \
                       or the upload may have been aborted or completed.";
        Self::new(404, "NoSuchUpload", message).with("UploadId", upload)
    }

    pub(crate) fn invalid_argument(
        message: impl Into<Cow<'static, str>>,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self::new(400, "InvalidArgument", message).with("ArgumentName", name).with("ArgumentValue", value)
    }

    pub(crate) fn invalid_part_number(value: impl Into<String>) -> Self {
        let message = "Part number must be an integer between 1 and 10000, inclusive";
        Self::invalid_argument(message, "partNumber", value)
    }

    pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "InvalidRequest", message)
    }

    pub(crate) fn invalid_bucket_name(bucket: &str) -> Self {
        Self::new(400, "InvalidBucketName", "The specified bucket is not valid.").with("BucketName", bucket)
    }

    pub(crate) fn invalid_uri() -> Self {
        Self::new(400, "InvalidURI", "Couldn't parse the specified URI.")
    }

    pub(crate) fn malformed_xml() -> Self {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Self::new(400, "MalformedXML", message)
    }

    pub(crate) fn key_too_long(size: usize) -> Self {
        Self::new(400, "KeyTooLongError", "Your key is too long")
            .with("Size", size.to_string())
            .with("MaxSizeAllowed", "1024")
    }

    pub(crate) fn method_not_allowed(method: &str, resource: &str) -> Self {
        Self::new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
            .with("Method", method)
            .with("ResourceType", resource)
    }

    pub(crate) fn precondition_failed(condition: &'static str) -> Self {
        Self::new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
            .with("Condition", condition)
    }

    pub(crate) fn not_modified() -> Self {
        Self::new(304, "NotModified", "Not Modified")
    }

    /// S3's own words for a header that it cannot act on.
    pub(crate) fn header_not_implemented(name: &str) -> Self {
        Self::new(501, "NotImplemented", "A header you provided implies functionality that is not implemented")
            .with("Header", name)
    }

    /// A part of S3 that this mock does not have; `what` names it.
    pub(crate) fn not_implemented(what: impl fmt::Display) -> Self {
        Self::new(501, "NotImplemented", format!("{what} is not implemented by this mock of S3"))
    }
}
