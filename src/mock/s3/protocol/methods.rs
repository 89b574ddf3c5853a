//! Methods that a resource does not have, in S3's words.
//!
//! What is answered was measured by <https://github.com/versity/versitygw/issues/1810> and, of buckets, objects and the parts
//! of both, by <https://github.com/brekkylab/backlot/issues/312> and <https://github.com/brekkylab/backlot/issues/230>.

use std::collections::BTreeMap;

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

/// What a query asks for: the parameter, the name in errors, and the methods that it has.
type Part = (&'static str, &'static str, &'static str);

/// The parts of a bucket, as
/// <https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py> had them from S3 in September 2026.
const PARTS_OF_BUCKET: [Part; 33] = [
    ("abac", "BUCKET_ABAC", "GET, PUT"),
    ("accelerate", "ACCELERATE", "GET, PUT"),
    ("acl", "ACL", "GET, PUT"),
    ("analytics", "ANALYTICS", "DELETE, GET, PUT"),
    ("cors", "CORS", "DELETE, GET, PUT"),
    ("delete", "MULTI_OBJECT_DELETE", "POST"),
    ("encryption", "ENCRYPTION", "DELETE, GET, PUT"),
    ("intelligent-tiering", "INTELLIGENT_TIERING", "DELETE, GET, PUT"),
    ("inventory", "INVENTORY", "DELETE, GET, PUT"),
    ("lifecycle", "LIFECYCLE", "DELETE, GET, PUT"),
    ("location", "LOCATION", "GET"),
    ("logging", "LOGGING_STATUS", "GET, PUT"),
    ("metadataAnnotationTable", "BUCKET_METADATA_ANNOTATION_TABLE_CONFIGURATION", "PUT"),
    ("metadataConfiguration", "BUCKET_METADATA_CONFIGURATION", "DELETE, POST, GET"),
    ("metadataInventoryTable", "BUCKET_METADATA_INVENTORY_TABLE_CONFIGURATION", "PUT"),
    ("metadataJournalTable", "BUCKET_METADATA_JOURNAL_TABLE_CONFIGURATION", "PUT"),
    ("metadataTable", "BUCKET_METADATA_TABLE_CONFIGURATION", "DELETE, POST, GET"),
    ("metrics", "METRICS", "DELETE, GET, PUT"),
    ("notification", "NOTIFICATION", "GET, PUT"),
    ("object-lock", "OBJECT_LOCK_CONFIGURATION", "GET, PUT"),
    ("ownershipControls", "OWNERSHIP_CONTROLS", "DELETE, GET, PUT"),
    ("policy", "BUCKETPOLICY", "DELETE, GET, PUT"),
    ("policyStatus", "POLICY_STATUS", "GET"),
    ("publicAccessBlock", "PUBLIC_ACCESS_BLOCK", "DELETE, GET, PUT"),
    ("replication", "REPLICATION", "DELETE, GET, PUT"),
    ("requestPayment", "REQUEST_PAYMENT", "GET, PUT"),
    ("restore", "RESTORE", "POST"),
    ("tagging", "TAGGING", "DELETE, GET, PUT"),
    ("uploadId", "UPLOAD", "DELETE, POST, GET"),
    ("uploads", "UPLOADS", "POST, GET"),
    ("versioning", "VERSIONING", "GET, PUT"),
    ("versions", "BUCKETVERSIONS", "GET"),
    ("website", "WEBSITE", "DELETE, GET, PUT"),
];

/// Those of an object, from the same place.
const PARTS_OF_OBJECT: [Part; 12] = [
    ("acl", "ACL", "GET, PUT"),
    ("annotation", "OBJECT_ANNOTATIONS", "GET"),
    ("attributes", "OBJECT_ATTRIBUTES", "GET"),
    ("delete", "MULTI_OBJECT_DELETE", "POST"),
    ("encryption", "OBJECT_ENCRYPTION", "PUT"),
    ("legal-hold", "OBJECT_LOCK_LEGALHOLD", "GET, PUT"),
    ("restore", "RESTORE", "POST"),
    ("retention", "OBJECT_LOCK_RETENTION", "GET, PUT"),
    ("select", "SELECT", "POST"),
    ("tagging", "OBJECT_TAGGING", "DELETE, GET, PUT"),
    ("uploadId", "UPLOAD", "DELETE, POST, GET"),
    ("uploads", "UPLOADS", "POST"),
];

/// The parts of the bucket that are found under each key of it too.
const UNDER_A_KEY: [&str; 13] = [
    "accelerate",
    "cors",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "policy",
    "replication",
    "requestPayment",
    "versioning",
    "versions",
    "website",
];

/// A part of an upload.
const PART_OF_UPLOAD: Part = ("partNumber", "PART", "PUT");

impl Resource {
    fn part(self, parameter: &str) -> Option<Part> {
        let of_bucket = || PARTS_OF_BUCKET.into_iter().find(|(name, ..)| *name == parameter);
        match self {
            Self::Service => None,
            Self::Bucket => of_bucket(),
            Self::Object => {
                let own = PARTS_OF_OBJECT.into_iter().find(|(name, ..)| *name == parameter);
                own.or_else(|| of_bucket().filter(|_| UNDER_A_KEY.contains(&parameter)))
            }
        }
    }
}

/// Refuses a query that asks for two things at once or for one that the method does not have, before anything is looked
/// up.
///
/// <https://github.com/brekkylab/backlot/pull/118>
///
/// # Errors
///
/// `InvalidArgument`, with the names in the order of the alphabet; `MethodNotAllowed`, with the methods in `Allow`;
/// `InvalidRequest` for a key where there is to be none, or for none.
pub(super) fn check_query(method: &Method, uri: &Uri) -> Result<(), S3Fault> {
    let resource = Resource::of(uri.path());
    let text = uri.query().unwrap_or("");
    let numbered = query::value(text, "partNumber").is_some();
    let mut asked: BTreeMap<&str, Part> =
        query::pairs(text).filter_map(|(name, _)| resource.part(&name)).map(|part| (part.0, part)).collect();
    match asked.keys().next() {
        Some(&"uploadId") if asked.len() == 1 && numbered => {
            asked = BTreeMap::from([(PART_OF_UPLOAD.0, PART_OF_UPLOAD)])
        }
        None if numbered && resource == Resource::Bucket => {
            return Err(S3Fault::invalid_request("Object must have a valid key name."));
        }
        Some(_) if numbered => drop(asked.insert(PART_OF_UPLOAD.0, PART_OF_UPLOAD)),
        _ => {}
    }
    let Some((first, (_, told, allowed))) = asked.first_key_value() else { return Ok(()) };
    if asked.len() > 1 {
        let names: Vec<&str> = asked.keys().copied().collect();
        let message = format!("Conflicting query string parameters: {}", names.join(", "));
        return Err(S3Fault::invalid_argument(message, "ResourceType", *first));
    }
    let message = match (resource, *first) {
        // Each annotation is a part of its own.
        (_, "annotation") if query::value(text, "annotationName").is_some() => return Ok(()),
        (Resource::Object, "uploads") if *method == Method::GET => {
            "Key is not expected for the GET method ?uploads subresource"
        }
        _ if !allowed.split(", ").any(|name| name == method.as_str()) => {
            return Err(S3Fault::method_not_allowed(method.as_str(), told).header("allow", *allowed));
        }
        (Resource::Bucket, "uploadId") => "A key must be specified",
        _ => return Ok(()),
    };
    Err(S3Fault::invalid_request(message))
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
    let (told, allowed) = resource.told();
    Some(S3Fault::method_not_allowed(method.as_str(), told).header("allow", allowed))
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
            ("/b?uploads&prefix=acl", None),
            ("/b/k?tagging&acl", Some("acl, tagging")),
            ("/b/k?partNumber=1&tagging", Some("partNumber, tagging")),
            ("/b/k?acl&location", Some("acl, location")),
            ("/b/k?partNumber=1", None),
            ("/b/k?ownershipControls&acl", None),
            ("/?acl&tagging", None),
        ] {
            let fault = check_query(&Method::GET, &target.parse().unwrap()).err();
            let message = conflict.map(|names| format!("Conflicting query string parameters: {names}"));
            assert_eq!(fault.map(|fault| fault.message.into_owned()), message, "{target}");
        }
    }

    #[test]
    fn a_part_says_what_methods_it_has() {
        for (method, target, expected) in [
            (Method::HEAD, "/b?location", Some(("LOCATION", "GET"))),
            (Method::HEAD, "/b?x-id=HeadBucket&uploads=", Some(("UPLOADS", "POST, GET"))),
            (Method::HEAD, "/b/k?tagging&versionId=1", Some(("OBJECT_TAGGING", "DELETE, GET, PUT"))),
            (Method::HEAD, "/b/k?location", Some(("LOCATION", "GET"))),
            (Method::HEAD, "/b/k?versionId=1", None),
            (Method::POST, "/b?policy", Some(("BUCKETPOLICY", "DELETE, GET, PUT"))),
            (Method::PUT, "/b/k?uploadId=1", Some(("UPLOAD", "DELETE, POST, GET"))),
            (Method::PATCH, "/b/k?uploadId=1&partNumber=1", Some(("PART", "PUT"))),
            (Method::PUT, "/b/k?uploadId=1&partNumber=1", None),
            (Method::PUT, "/b/k?annotation&annotationName=a", None),
            (Method::GET, "/b/k?restore", Some(("RESTORE", "POST"))),
            (Method::GET, "/b?delete", Some(("MULTI_OBJECT_DELETE", "POST"))),
        ] {
            let fault = check_query(&method, &target.parse().unwrap()).err();
            let found = fault.as_ref().map(|fault| (fault.extra[1].1.as_str(), fault.headers[0].1.as_str()));
            assert_eq!(found, expected, "{method} {target}");
        }
        for (method, target, message) in [
            (Method::GET, "/b?partNumber=1", "Object must have a valid key name."),
            (Method::GET, "/b?uploadId=1", "A key must be specified"),
            (Method::GET, "/b/k?uploads", "Key is not expected for the GET method ?uploads subresource"),
        ] {
            let fault = check_query(&method, &target.parse().unwrap()).unwrap_err();
            assert_eq!((fault.code.as_ref(), fault.message.as_ref()), ("InvalidRequest", message), "{target}");
        }
    }
}
