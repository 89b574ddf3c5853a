//! Methods that a resource does not have, in S3's words.
//!
//! What is answered was measured by <https://github.com/versity/versitygw/issues/1810> and, of buckets, objects and the parts
//! of both, by <https://github.com/brekkylab/backlot/issues/312> and <https://github.com/brekkylab/backlot/issues/230>.

use std::collections::BTreeSet;

use http::{Method, Uri};

use super::super::fault::S3Fault;
use crate::mock::http::query;

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource {
    Service,
    Bucket,
    Object,
}

impl Resource {
    /// What a path names that is led by the bucket.
    fn of(path: &str) -> Self {
        match path.trim_start_matches('/').split_once('/') {
            Some((_, key)) if !key.is_empty() => Self::Object,
            _ if path == "/" => Self::Service,
            _ => Self::Bucket,
        }
    }

    /// Its name in errors, and the methods that it has.
    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Service => ("SERVICE", "GET"),
            Self::Bucket => ("BUCKET", "HEAD, DELETE, POST, GET, PUT"),
            Self::Object => ("OBJECT", "HEAD, DELETE, GET, PUT"),
        }
    }
}

/// The parts of a bucket that no HEAD can ask for, and the methods that they have.
const PARTS_OF_BUCKET: [(&str, &str); 7] = [
    ("acl", "GET, PUT"),
    ("location", "GET"),
    ("policy", "DELETE, GET, PUT"),
    ("tagging", "DELETE, GET, PUT"),
    ("uploads", "POST, GET"),
    ("versioning", "GET, PUT"),
    ("versions", "GET"),
];

/// Those of an object.
const PARTS_OF_OBJECT: [(&str, &str); 3] =
    [("acl", "GET, PUT"), ("tagging", "DELETE, GET, PUT"), ("uploadId", "DELETE, POST, GET")];

/// What a query asks of a bucket instead of its listing.
const SELECTORS_OF_BUCKET: [&str; 28] = [
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "tagging",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "website",
];

/// What a query asks of an object instead of its content.
const SELECTORS_OF_OBJECT: [&str; 8] =
    ["acl", "annotation", "attributes", "legal-hold", "retention", "tagging", "torrent", "uploadId"];

/// Refuses a query that asks for two things at once, before anything is looked up.
///
/// <https://github.com/brekkylab/backlot/pull/118>; of uploads and uploadId,
/// <https://github.com/versity/versitygw/issues/2155>
///
/// # Errors
///
/// `InvalidArgument`, with the names in the order of the alphabet.
pub(super) fn check_one(uri: &Uri) -> Result<(), S3Fault> {
    let selectors = match Resource::of(uri.path()) {
        Resource::Service => return Ok(()),
        Resource::Bucket => &SELECTORS_OF_BUCKET[..],
        Resource::Object => &SELECTORS_OF_OBJECT,
    };
    let asked: BTreeSet<&str> = query::pairs(uri.query().unwrap_or(""))
        .filter_map(|(name, _)| selectors.iter().find(|one| **one == name))
        .copied()
        .collect();
    match asked.first() {
        Some(first) if asked.len() > 1 => {
            let names: Vec<&str> = asked.iter().copied().collect();
            let message = format!("Conflicting query string parameters: {}", names.join(", "));
            Err(S3Fault::invalid_argument(message, "ResourceType", *first))
        }
        _ => Ok(()),
    }
}

fn refused(method: &Method, resource: Resource, allowed: &'static str) -> S3Fault {
    S3Fault::method_not_allowed(method.as_str(), resource.told().0).header("allow", allowed)
}

/// How S3 refuses a request that is no operation; none where its query may ask for more than is known here.
pub(super) fn refusal(method: &Method, uri: &Uri) -> Option<S3Fault> {
    if !uri.query().unwrap_or("").is_empty() {
        return None;
    }
    let resource = Resource::of(uri.path());
    // A browser would post a form.
    if resource == Resource::Bucket && method == Method::POST {
        let form = "Bucket POST must be of the enclosure-type multipart/form-data";
        return Some(S3Fault::precondition_failed(form));
    }
    Some(refused(method, resource, resource.told().1))
}

/// Refuses a HEAD of what has only other methods.
///
/// # Errors
///
/// `MethodNotAllowed`, with those methods in `Allow`.
pub(super) fn check_head(uri: &Uri) -> Result<(), S3Fault> {
    let resource = Resource::of(uri.path());
    let parts = if resource == Resource::Object { &PARTS_OF_OBJECT[..] } else { &PARTS_OF_BUCKET };
    for (name, _) in query::pairs(uri.query().unwrap_or("")) {
        if let Some((_, allowed)) = parts.iter().find(|(part, _)| *part == name) {
            return Err(refused(&Method::HEAD, resource, allowed));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_refused_with_those_that_there_are() {
        for (method, path, resource, allowed) in [
            (Method::POST, "/", "SERVICE", "GET"),
            (Method::PATCH, "/b", "BUCKET", "HEAD, DELETE, POST, GET, PUT"),
            (Method::PATCH, "/b/", "BUCKET", "HEAD, DELETE, POST, GET, PUT"),
            (Method::POST, "/b/k", "OBJECT", "HEAD, DELETE, GET, PUT"),
        ] {
            let fault = refusal(&method, &path.parse().unwrap()).unwrap();
            assert_eq!((fault.status, fault.code.as_ref()), (405, "MethodNotAllowed"), "{method} {path}");
            let extra: Vec<_> = fault.extra.iter().map(|(_, value)| value.as_str()).collect();
            assert_eq!(
                (extra, &*fault.headers),
                (vec![method.as_str(), resource], &[("allow", allowed.to_owned())][..])
            );
        }
        let form = refusal(&Method::POST, &Uri::from_static("/b")).unwrap();
        assert_eq!((form.status, form.code.as_ref(), form.headers.len()), (412, "PreconditionFailed", 0));
        assert_eq!(refusal(&Method::POST, &Uri::from_static("/b?odd")), None);
    }

    #[test]
    fn a_query_asks_for_one_thing() {
        for (target, conflict) in [
            ("/b?versioning&acl", Some("acl, versioning")),
            ("/b?acl=&acl&x-id=GetBucketAcl", None),
            ("/b?uploads&uploadId=1", Some("uploadId, uploads")),
            ("/b?uploads&prefix=acl", None),
            ("/b/k?tagging&acl", Some("acl, tagging")),
            ("/b/k?uploadId=1&partNumber=1", None),
            ("/b/k?versioning&acl", None),
            ("/?acl&tagging", None),
        ] {
            let fault = check_one(&target.parse().unwrap()).err();
            let message = conflict.map(|names| format!("Conflicting query string parameters: {names}"));
            assert_eq!(fault.map(|fault| fault.message.into_owned()), message, "{target}");
        }
    }

    #[test]
    fn a_part_that_has_no_head_says_what_it_has() {
        for (target, allowed) in [
            ("/b?location", Some("GET")),
            ("/b?x-id=HeadBucket&uploads=", Some("POST, GET")),
            ("/b/k?tagging&versionId=1", Some("DELETE, GET, PUT")),
            ("/b/k?uploadId=1", Some("DELETE, POST, GET")),
            ("/b/k?location", None),
            ("/b/k?versionId=1", None),
        ] {
            let fault = check_head(&target.parse().unwrap()).err();
            let found = fault.map(|fault| fault.headers[0].1.clone());
            assert_eq!(found.as_deref(), allowed, "{target}");
        }
    }
}
