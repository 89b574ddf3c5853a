//! Headers that only some operations have. Elsewhere they say something that would not be done.

use http::HeaderMap;

use super::super::fault::S3Fault;

/// The operations that make an object. A form is a PutObject here.
const MAKING: &[&str] = &["PutObject", "CopyObject", "CreateMultipartUpload"];

/// The beginning of a header's name, and the operations that have it.
///
/// S3 takes the encryption again with every part, and looks at a client's key alone.
const OWNERS: [(&str, &[&str]); 9] = [
    ("x-amz-object-lock-", MAKING),
    ("x-amz-copy-source-server-side-encryption-", &["CopyObject", "UploadPartCopy"]),
    (
        "x-amz-server-side-encryption",
        &[
            "PutObject",
            "CopyObject",
            "CreateMultipartUpload",
            "UploadPart",
            "UploadPartCopy",
            "CompleteMultipartUpload",
        ],
    ),
    (
        "x-amz-bypass-governance-retention",
        &["DeleteObject", "DeleteObjects", "DeleteObjectAnnotation", "PutObjectRetention"],
    ),
    (super::annotations::DIRECTIVE, &["CopyObject"]),
    ("x-amz-object-if-match", &["PutObjectAnnotation", "DeleteObjectAnnotation"]),
    ("x-amz-bucket-object-lock-enabled", &["CreateBucket"]),
    ("x-amz-bucket-object-lock-token", &["PutObjectLockConfiguration"]),
    ("x-amz-optional-object-attributes", &[]),
];

/// Refuses them where something is written that does not have them.
///
/// # Errors
///
/// `NotImplemented`, with the header's name.
pub(super) fn check(operation: &str, headers: &HeaderMap) -> Result<(), S3Fault> {
    for name in headers.keys() {
        let owners = OWNERS.iter().find(|(start, _)| name.as_str().starts_with(start)).map(|(_, owners)| owners);
        if owners.is_some_and(|owners| !owners.contains(&operation)) {
            return Err(S3Fault::header_not_implemented(name.as_str()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    #[test]
    fn a_header_is_refused_where_it_does_not_belong() {
        let check = |operation, name| {
            let header = (HeaderName::from_static(name), HeaderValue::from_static("x"));
            check(operation, &HeaderMap::from_iter([header])).is_ok()
        };
        assert!(check("PutObject", "x-amz-object-lock-mode"));
        assert!(!check("UploadPart", "x-amz-object-lock-mode"));
        assert!(check("UploadPart", "x-amz-server-side-encryption-customer-key"));
        assert!(!check("PutObjectTagging", "x-amz-server-side-encryption"));
        assert!(!check("PutObject", "x-amz-copy-source-server-side-encryption-customer-key"));
        assert!(check("PutObject", "x-amz-tagging"));
    }
}
