//! What each operation may be asked.
//!
//! An operation is told from others by its query, so a request for one that is not implemented looks like another one
//! with a parameter more: `PUT /key?encryption` like PutObject. Each parameter that the operation does not know is
//! refused, and so is each condition that it does not check.

use std::borrow::Cow;
use std::sync::LazyLock;

use http::header::{CONTENT_RANGE, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderName, Method};

use super::super::fault::S3Fault;
use super::belonging;
use super::gate::Routed;
use crate::mock::http::query;

/// The parameters of every operation that is implemented, as the API's model has them.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>
const PARAMETERS: &[(&str, &[&str])] = &[
    ("AbortMultipartUpload", &["uploadId"]),
    ("CompleteMultipartUpload", &["uploadId"]),
    ("CopyObject", &[]),
    ("CreateBucket", &[]),
    ("CreateMultipartUpload", &["uploads"]),
    ("DeleteBucket", &[]),
    ("DeleteObject", &["versionId"]),
    ("DeleteObjectAnnotation", ANNOTATION),
    ("DeleteObjectTagging", &["tagging", "versionId"]),
    ("DeleteObjects", &["delete"]),
    ("GetBucketLocation", &["location"]),
    ("GetBucketNotificationConfiguration", &["notification"]),
    ("GetBucketVersioning", &["versioning"]),
    ("GetObject", READ),
    ("GetObjectAnnotation", ANNOTATION),
    ("GetObjectAttributes", &["attributes", "versionId"]),
    ("GetObjectLegalHold", &["legal-hold", "versionId"]),
    ("GetObjectLockConfiguration", &["object-lock"]),
    ("GetObjectRetention", &["retention", "versionId"]),
    ("GetObjectTagging", &["tagging", "versionId"]),
    ("HeadBucket", &[]),
    ("HeadObject", READ),
    ("ListBuckets", &["bucket-region", "continuation-token", "max-buckets", "prefix"]),
    (
        "ListMultipartUploads",
        &["uploads", "delimiter", "encoding-type", "key-marker", "max-uploads", "prefix", "upload-id-marker"],
    ),
    (
        "ListObjectVersions",
        &["versions", "delimiter", "encoding-type", "key-marker", "max-keys", "prefix", "version-id-marker"],
    ),
    (
        "ListObjectAnnotations",
        &["annotation", "annotation-prefix", "continuation-token", "max-annotation-results", "versionId"],
    ),
    // Each other type than 2 is the first.
    ("ListObjects", &["delimiter", "encoding-type", "list-type", "marker", "max-keys", "prefix"]),
    (
        "ListObjectsV2",
        &[
            "list-type",
            "continuation-token",
            "delimiter",
            "encoding-type",
            "fetch-owner",
            "max-keys",
            "prefix",
            "start-after",
        ],
    ),
    ("ListParts", &["uploadId", "max-parts", "part-number-marker"]),
    // Forms are read by the gateway.
    ("PostObject", &[]),
    ("PutBucketNotificationConfiguration", &["notification"]),
    ("PutBucketVersioning", &["versioning"]),
    ("PutObject", &[]),
    ("PutObjectAnnotation", ANNOTATION),
    ("PutObjectLegalHold", &["legal-hold", "versionId"]),
    ("PutObjectLockConfiguration", &["object-lock"]),
    ("PutObjectRetention", &["retention", "versionId"]),
    ("PutObjectTagging", &["tagging", "versionId"]),
    ("RestoreObject", &["restore", "versionId"]),
    ("UploadPart", &["partNumber", "uploadId"]),
    ("UploadPartCopy", &["partNumber", "uploadId"]),
    ("DeleteBucketCors", &["cors"]),
    ("DeleteBucketEncryption", &["encryption"]),
    ("DeleteBucketLifecycle", &["lifecycle"]),
    ("DeleteBucketOwnershipControls", &["ownershipControls"]),
    ("DeleteBucketPolicy", &["policy"]),
    ("DeletePublicAccessBlock", &["publicAccessBlock"]),
    ("DeleteBucketTagging", &["tagging"]),
    ("DeleteBucketWebsite", &["website"]),
    ("GetBucketAccelerateConfiguration", &["accelerate"]),
    ("GetBucketAcl", &["acl"]),
    ("GetBucketCors", &["cors"]),
    ("GetBucketEncryption", &["encryption"]),
    ("GetBucketLifecycleConfiguration", &["lifecycle"]),
    ("GetBucketLogging", &["logging"]),
    ("GetBucketOwnershipControls", &["ownershipControls"]),
    ("GetBucketPolicy", &["policy"]),
    ("GetBucketPolicyStatus", &["policyStatus"]),
    ("GetPublicAccessBlock", &["publicAccessBlock"]),
    ("GetBucketRequestPayment", &["requestPayment"]),
    ("GetBucketTagging", &["tagging"]),
    ("GetBucketWebsite", &["website"]),
    ("PutBucketAccelerateConfiguration", &["accelerate"]),
    ("PutBucketAcl", &["acl"]),
    ("PutBucketCors", &["cors"]),
    ("PutBucketEncryption", &["encryption"]),
    ("PutBucketLifecycleConfiguration", &["lifecycle"]),
    ("PutBucketLogging", &["logging"]),
    ("PutBucketOwnershipControls", &["ownershipControls"]),
    ("PutBucketPolicy", &["policy"]),
    ("PutPublicAccessBlock", &["publicAccessBlock"]),
    ("PutBucketRequestPayment", &["requestPayment"]),
    ("PutBucketTagging", &["tagging"]),
    ("PutBucketWebsite", &["website"]),
    ("DeleteBucketAnalyticsConfiguration", &["analytics", "id"]),
    ("GetBucketAnalyticsConfiguration", &["analytics", "id"]),
    ("PutBucketAnalyticsConfiguration", &["analytics", "id"]),
    ("ListBucketAnalyticsConfigurations", &["analytics", "continuation-token"]),
    ("DeleteBucketIntelligentTieringConfiguration", &["intelligent-tiering", "id"]),
    ("GetBucketIntelligentTieringConfiguration", &["intelligent-tiering", "id"]),
    ("PutBucketIntelligentTieringConfiguration", &["intelligent-tiering", "id"]),
    ("ListBucketIntelligentTieringConfigurations", &["intelligent-tiering", "continuation-token"]),
    ("DeleteBucketInventoryConfiguration", &["inventory", "id"]),
    ("GetBucketInventoryConfiguration", &["inventory", "id"]),
    ("PutBucketInventoryConfiguration", &["inventory", "id"]),
    ("ListBucketInventoryConfigurations", &["inventory", "continuation-token"]),
    ("DeleteBucketMetricsConfiguration", &["metrics", "id"]),
    ("GetBucketMetricsConfiguration", &["metrics", "id"]),
    ("PutBucketMetricsConfiguration", &["metrics", "id"]),
    ("ListBucketMetricsConfigurations", &["metrics", "continuation-token"]),
    ("DeleteBucketReplication", &["replication"]),
    ("GetBucketReplication", &["replication"]),
    ("GetObjectAcl", &["acl", "versionId"]),
    ("PutObjectAcl", &["acl", "versionId"]),
];

const ANNOTATION: &[&str] = &["annotation", "annotationName", "versionId"];

const READ: &[&str] = &[
    "partNumber",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "versionId",
];

/// The conditions of HTTP, and the header that says that a body is a part of one.
static CONDITIONS: [HeaderName; 6] =
    [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE, CONTENT_RANGE];
/// A part of a source, which is copied to a part alone.
static COPIED_RANGE: HeaderName = HeaderName::from_static("x-amz-copy-source-range");

/// The operations that are implemented.
pub(super) fn operations() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| PARAMETERS.iter().map(|(name, _)| *name).collect());
    &NAMES
}

/// Whether an operation is implemented.
///
/// # Errors
///
/// `NotImplemented`, with its name.
pub(super) fn is_implemented(operation: &str) -> Result<(), S3Fault> {
    let known = PARAMETERS.iter().any(|(name, _)| *name == operation);
    if known { Ok(()) } else { Err(S3Fault::not_implemented(operation)) }
}

/// Refuses what an operation that is implemented does not know; in S3's words where they are known, most of them from
/// <https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py>.
///
/// # Errors
///
/// `NotImplemented`, with the name of what it lacks.
pub(super) fn check(routed: &Routed, method: &Method, text: &str, headers: &HeaderMap) -> Result<(), S3Fault> {
    let operation = routed.operation.as_str();
    let Some((_, known)) = PARAMETERS.iter().find(|(name, _)| *name == operation) else {
        return Ok(());
    };
    for (name, value) in query::pairs(text) {
        match &*name {
            // The name by which SDKs call what they ask for.
            "x-id" if value.is_empty() || value == operation => {}
            "x-id" if is_implemented(&value).is_ok() => {
                return Err(S3Fault::not_implemented(format!("{operation} with ?x-id={value}")));
            }
            "x-id" => return Err(S3Fault::not_implemented(value)),
            "website" if !value.is_empty() => {
                let message = "The website parameter must not have a value";
                return Err(S3Fault::invalid_argument(message, "website", value));
            }
            name if known.contains(&name) || is_for_logs(name) => {}
            name if *method == Method::GET && OF_REDIRECT.contains(&name) && is_redirected(text) => {}
            // https://github.com/versity/versitygw/issues/1226 and 1237
            "partNumber" if matches!(operation, "PutObject" | "CopyObject") => {
                let message = "This operation does not accept partNumber without uploadId";
                return Err(S3Fault::invalid_argument(message, "partNumber", "partNumber"));
            }
            // https://github.com/versity/versitygw/issues/1688
            "versions" if operation == "GetObject" => {
                let message = "There is no such thing as the ?versions sub-resource for a key";
                return Err(S3Fault::invalid_request(message));
            }
            "marker" if operation == "ListObjectsV2" => {
                return Err(of_other_listing(name, "Marker unsupported with REST.GET.BUCKET in list-type=2"));
            }
            "continuation-token" | "start-after" if operation == "ListObjects" => {
                let shown = if name == "start-after" { "startAfter" } else { &*name };
                let message = format!("{shown} only supported in REST.GET.BUCKET with list-type=2");
                return Err(of_other_listing(name, message));
            }
            "versionId" if routed.key.is_empty() || operation == "ListParts" => {
                let of_list = operation == "GetBucketAcl" || operation == "PutBucketAcl";
                let message = "This operation does not accept a version-id.";
                let message = if of_list { "Invalid version id specified" } else { message };
                return Err(S3Fault::invalid_argument(message, name, value));
            }
            "annotationName" if operation == "GetObject" => {
                return Err(S3Fault::invalid_argument("Unexpected query string parameter", "ResourceType", name));
            }
            "logging" if operation == "GetObject" => {
                let message = "There is no such thing as the ?logging sub-resource for a key";
                return Err(S3Fault::new(400, "NoLoggingStatusForKey", message));
            }
            name => return Err(S3Fault::not_implemented(format!("{} with ?{name}", level(routed, method)))),
        }
    }
    if *method != Method::GET && *method != Method::HEAD {
        belonging::check(operation, headers)?;
    }
    check_conditions(operation, method, headers)
}

/// Of a parameter of the other version of the listing S3 does not tell the value.
fn of_other_listing(name: impl Into<String>, message: impl Into<Cow<'static, str>>) -> S3Fault {
    S3Fault::new(400, "InvalidArgument", message).with("ArgumentName", name)
}

/// What S3 itself appends to the `success_action_redirect` of a form, which may lead back to a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>
const OF_REDIRECT: [&str; 3] = ["bucket", "key", "etag"];

fn is_redirected(text: &str) -> bool {
    OF_REDIRECT.iter().all(|name| query::value(text, name).is_some())
}

/// S3 ignores parameters that begin with `x-`; they are there for its access logs.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html#LogFormatCustom>
fn is_for_logs(name: &str) -> bool {
    name.starts_with("x-") && !name.starts_with("x-amz-")
}

fn level(routed: &Routed, method: &Method) -> String {
    let kind = match (routed.bucket.is_empty(), routed.key.is_empty()) {
        (true, _) => "the service",
        (false, true) => "a bucket",
        (false, false) => "an object",
    };
    format!("{method} on {kind}")
}

/// Refuses conditions that would change what the operation does, and that it does not check, in S3's own words.
/// What only reads is not harmed by them.
fn check_conditions(operation: &str, method: &Method, headers: &HeaderMap) -> Result<(), S3Fault> {
    let known: &[HeaderName] = match operation {
        "GetObject" | "HeadObject" => &CONDITIONS[..5],
        "PutObject" | "CopyObject" | "CompleteMultipartUpload" => &CONDITIONS[..2],
        "DeleteObject" => &CONDITIONS[..1],
        _ if *method == Method::GET || *method == Method::HEAD => &CONDITIONS,
        _ => &[],
    };
    let range = (operation == "CopyObject").then_some(&COPIED_RANGE);
    let mut names = CONDITIONS.iter().filter(|name| !known.contains(name)).chain(range);
    match names.find(|name| headers.contains_key(*name)) {
        Some(name) => Err(S3Fault::header_not_implemented(name.as_str())),
        None => Ok(()),
    }
}
