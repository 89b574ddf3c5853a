//! What is known of each operation beside its code: its action in policies, whether it writes, its errors.

use std::borrow::Cow;

use crate::mock::http::{Effect, Fault};

/// The action that permissions name.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
pub(super) fn action(operation: &str) -> Cow<'static, str> {
    Cow::Borrowed(match operation {
        "ListBuckets" => "s3:ListAllMyBuckets",
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => "s3:ListBucket",
        "ListObjectVersions" => "s3:ListBucketVersions",
        "ListMultipartUploads" => "s3:ListBucketMultipartUploads",
        "ListParts" => "s3:ListMultipartUploadParts",
        "GetObject" | "HeadObject" => "s3:GetObject",
        "PutObject"
        | "PostObject"
        | "CopyObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload" => "s3:PutObject",
        "DeleteObject" | "DeleteObjects" => "s3:DeleteObject",
        "GetObjectLockConfiguration" => "s3:GetBucketObjectLockConfiguration",
        "PutObjectLockConfiguration" => "s3:PutBucketObjectLockConfiguration",
        "GetBucketNotificationConfiguration" => "s3:GetBucketNotification",
        "PutBucketNotificationConfiguration" => "s3:PutBucketNotification",
        other => return Cow::Owned(format!("s3:{other}")),
    })
}

/// Whether the operation reads one object, and so tells whether it is there.
pub(super) fn reads_object(operation: &str) -> bool {
    matches!(operation, "GetObject" | "HeadObject" | "GetObjectAttributes")
}

/// Whether the operation changes something.
pub(super) fn effect(operation: &str) -> Effect {
    let reads = ["Get", "Head", "List"].iter().any(|verb| operation.starts_with(verb));
    if reads { Effect::Read } else { Effect::Write }
}

/// What S3 may answer although nothing is wrong with the request.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
pub(super) const FAULTS: &[Fault] = &[
    Fault::new(503, "SlowDown", "Please reduce your request rate."),
    Fault::new(500, "InternalError", "We encountered an internal error. Please try again."),
    Fault::new(503, "ServiceUnavailable", "Service is unable to handle request."),
    Fault::new(403, "AccessDenied", "Access Denied"),
];
