//! What is known of each operation beside its code: its action in policies, whether it writes, its errors.

use std::borrow::Cow;

use http::HeaderMap;

use super::gate::Routed;
use crate::event::Partition;
use crate::mock::http::{Access, Effect, Fault, query};

/// The action that permissions name; of a version that the request names, it is another one.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
pub(super) fn action(operation: &str, versioned: bool) -> Cow<'static, str> {
    Cow::Borrowed(match operation {
        "GetObject" | "HeadObject" if versioned => "s3:GetObjectVersion",
        "DeleteObject" if versioned => "s3:DeleteObjectVersion",
        "GetObjectAcl" if versioned => "s3:GetObjectVersionAcl",
        "PutObjectAcl" if versioned => "s3:PutObjectVersionAcl",
        "GetObjectTagging" if versioned => "s3:GetObjectVersionTagging",
        "PutObjectTagging" if versioned => "s3:PutObjectVersionTagging",
        "DeleteObjectTagging" if versioned => "s3:DeleteObjectVersionTagging",
        "GetObjectAttributes" if versioned => "s3:GetObjectVersionAttributes",
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
        "GetBucketEncryption" => "s3:GetEncryptionConfiguration",
        "PutBucketEncryption" | "DeleteBucketEncryption" => "s3:PutEncryptionConfiguration",
        "GetBucketLifecycleConfiguration" => "s3:GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => "s3:PutLifecycleConfiguration",
        "GetBucketCors" => "s3:GetBucketCORS",
        "PutBucketCors" | "DeleteBucketCors" => "s3:PutBucketCORS",
        "DeleteBucketTagging" => "s3:PutBucketTagging",
        "GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "s3:PutBucketPublicAccessBlock",
        "DeleteBucketOwnershipControls" => "s3:PutBucketOwnershipControls",
        "GetBucketAccelerateConfiguration" => "s3:GetAccelerateConfiguration",
        "PutBucketAccelerateConfiguration" => "s3:PutAccelerateConfiguration",
        "GetBucketAnalyticsConfiguration" | "ListBucketAnalyticsConfigurations" => "s3:GetAnalyticsConfiguration",
        "PutBucketAnalyticsConfiguration" | "DeleteBucketAnalyticsConfiguration" => "s3:PutAnalyticsConfiguration",
        "GetBucketIntelligentTieringConfiguration" | "ListBucketIntelligentTieringConfigurations" => {
            "s3:GetIntelligentTieringConfiguration"
        }
        "PutBucketIntelligentTieringConfiguration" | "DeleteBucketIntelligentTieringConfiguration" => {
            "s3:PutIntelligentTieringConfiguration"
        }
        "GetBucketInventoryConfiguration" | "ListBucketInventoryConfigurations" => "s3:GetInventoryConfiguration",
        "PutBucketInventoryConfiguration" | "DeleteBucketInventoryConfiguration" => "s3:PutInventoryConfiguration",
        "GetBucketMetricsConfiguration" | "ListBucketMetricsConfigurations" => "s3:GetMetricsConfiguration",
        "PutBucketMetricsConfiguration" | "DeleteBucketMetricsConfiguration" => "s3:PutMetricsConfiguration",
        "GetBucketReplication" => "s3:GetReplicationConfiguration",
        "DeleteBucketReplication" => "s3:PutReplicationConfiguration",
        other => return Cow::Owned(format!("s3:{other}")),
    })
}

/// What a request needs beside its own action: to read the source of a copy, and to set what it sets in passing.
pub(super) fn also(
    routed: &Routed,
    (headers, parameters): (&HeaderMap, &str),
    source: Option<&(String, String)>,
    partition: Partition,
) -> Vec<Access> {
    let access =
        |action, resource: String| Access { action, arn: format!("arn:{partition}:s3:::{resource}"), resource };
    let mut also = Vec::new();
    if let Some((bucket, key)) = source {
        let names_version = headers
            .get("x-amz-copy-source")
            .is_some_and(|source| source.to_str().is_ok_and(|source| source.contains("?versionId=")));
        let action = if names_version { "s3:GetObjectVersion" } else { "s3:GetObject" };
        also.push(access(action, format!("{bucket}/{key}")));
    }
    // Attributes need what a read needs, and their own permission.
    if routed.operation == "GetObjectAttributes" {
        also.push(access("s3:GetObject", format!("{}/{}", routed.bucket, routed.key)));
    }
    if matches!(&*routed.operation, "PutObject" | "CopyObject" | "CreateMultipartUpload") {
        let object = || format!("{}/{}", routed.bucket, routed.key);
        let opens = |canned: &str| !matches!(canned, "private" | "bucket-owner-full-control");
        // To give the bucket's owner full control is a part of writing:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html#grant-putobject-conditionally-1
        let grants = |(name, value): (&http::HeaderName, &http::HeaderValue)| match name.as_str() {
            "x-amz-acl" => value.to_str().is_ok_and(opens),
            "x-amz-grant-full-control" => false,
            name => name.starts_with("x-amz-grant-"),
        };
        if headers.iter().any(grants) || query::value(parameters, "x-amz-acl").is_some_and(|canned| opens(&canned)) {
            also.push(access("s3:PutObjectAcl", object()));
        }
        if headers.contains_key("x-amz-tagging") {
            also.push(access("s3:PutObjectTagging", object()));
        }
    }
    also
}

/// Whether the operation reads one object, and so tells whether it is there.
pub(super) fn reads_object(operation: &str) -> bool {
    matches!(operation, "GetObject" | "HeadObject" | "GetObjectAttributes")
}

/// Whether the operation reads something of one object, which somebody may delete first.
pub(super) fn needs_object(operation: &str) -> bool {
    reads_object(operation) || matches!(operation, "GetObjectAnnotation" | "ListObjectAnnotations")
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
