//! Methods that a resource does not have, in S3's words.
//!
//! What is answered was measured by <https://github.com/versity/versitygw/issues/1810> and, of buckets, objects and the parts
//! of both, by <https://github.com/brekkylab/backlot/issues/312> and <https://github.com/brekkylab/backlot/issues/230>.

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
