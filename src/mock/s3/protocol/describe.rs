//! What a request asks for, in one line, for the timeline.

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;

use super::headers::text;
use super::request::path_style;

/// The operation and what it is about, such as `s3 PutObject s3://export/a.csv`.
///
/// The request need not be valid: this is written down before anything is checked.
pub(super) fn describe(request: &Request<Bytes>) -> String {
    let path = path_style(request);
    let path = path.trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let key = percent_decode_str(key).decode_utf8_lossy();
    let query = request.uri().query().unwrap_or("");
    let parameters: Vec<(&str, &str)> =
        query.split('&').map(|parameter| parameter.split_once('=').unwrap_or((parameter, ""))).collect();
    let has = |name: &str| parameters.iter().any(|(parameter, _)| *parameter == name);
    let method = request.method().as_str();
    let source = text(request.headers(), "x-amz-copy-source");
    let operation = if bucket.is_empty() {
        service_operation(method)
    } else if key.is_empty() {
        bucket_operation(method, has, parameters.contains(&("list-type", "2")))
    } else {
        object_operation(method, has, source.is_some())
    };
    let mut line = match operation {
        Some(operation) => format!("s3 {operation}"),
        None => {
            let asked: Vec<&str> = parameters
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| !name.is_empty() && !name.to_ascii_lowercase().starts_with("x-"))
                .collect();
            let query = if asked.is_empty() { String::new() } else { format!("?{}", asked.join("&")) };
            format!("s3 {method} {query}").trim_end().to_owned()
        }
    };
    if !bucket.is_empty() {
        line.push_str(&format!(" s3://{bucket}"));
    }
    if !key.is_empty() {
        line.push_str(&format!("/{key}"));
    }
    if let Some(source) = source {
        let source = percent_decode_str(source.trim_start_matches('/')).decode_utf8_lossy();
        line.push_str(&format!(" from s3://{source}"));
    }
    line
}

fn service_operation(method: &str) -> Option<&'static str> {
    (method == "GET").then_some("ListBuckets")
}

fn bucket_operation(method: &str, has: impl Fn(&str) -> bool, v2: bool) -> Option<&'static str> {
    const SUB: [(&str, &str, &str); 8] = [
        ("GET", "location", "GetBucketLocation"),
        ("GET", "notification", "GetBucketNotificationConfiguration"),
        ("PUT", "notification", "PutBucketNotificationConfiguration"),
        ("GET", "versioning", "GetBucketVersioning"),
        ("PUT", "versioning", "PutBucketVersioning"),
        ("GET", "versions", "ListObjectVersions"),
        ("GET", "uploads", "ListMultipartUploads"),
        ("POST", "delete", "DeleteObjects"),
    ];
    if let Some((_, _, operation)) = SUB.iter().find(|(m, parameter, _)| *m == method && has(parameter)) {
        return Some(operation);
    }
    if OTHER_RESOURCES.iter().any(|resource| has(resource)) {
        return None;
    }
    match method {
        "PUT" => Some("CreateBucket"),
        "DELETE" => Some("DeleteBucket"),
        "HEAD" => Some("HeadBucket"),
        "GET" if v2 => Some("ListObjectsV2"),
        "GET" => Some("ListObjects"),
        _ => None,
    }
}

fn object_operation(method: &str, has: impl Fn(&str) -> bool, copies: bool) -> Option<&'static str> {
    if OTHER_RESOURCES.iter().any(|resource| has(resource)) {
        return None;
    }
    match method {
        "GET" if has("tagging") => Some("GetObjectTagging"),
        "PUT" if has("tagging") => Some("PutObjectTagging"),
        "DELETE" if has("tagging") => Some("DeleteObjectTagging"),
        "POST" if has("uploads") => Some("CreateMultipartUpload"),
        "PUT" if has("uploadId") && copies => Some("UploadPartCopy"),
        "PUT" if has("uploadId") => Some("UploadPart"),
        "POST" if has("uploadId") => Some("CompleteMultipartUpload"),
        "DELETE" if has("uploadId") => Some("AbortMultipartUpload"),
        "GET" if has("uploadId") => Some("ListParts"),
        "PUT" if copies => Some("CopyObject"),
        "PUT" => Some("PutObject"),
        "GET" => Some("GetObject"),
        "HEAD" => Some("HeadObject"),
        "DELETE" => Some("DeleteObject"),
        _ => None,
    }
}

/// Subresources whose operations this mock does not have; their requests are shown as they are.
const OTHER_RESOURCES: [&str; 24] = [
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metrics",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "torrent",
    "website",
];
