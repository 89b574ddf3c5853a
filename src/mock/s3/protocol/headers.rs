//! Request headers: which of S3's are implemented, and what the digests among them claim.

use http::header::{AsHeaderName, IF_MATCH, IF_NONE_MATCH, IF_RANGE};
use http::{HeaderMap, HeaderName};

use super::super::checksum::{ChecksumAlgorithm, Claims};
use super::super::fault::S3Fault;
use super::super::state::{RangeCondition, TagMatch, WriteConditions};
use super::{kept, lock, sse};
use crate::mock::http::header_text;

/// The `x-amz-*` headers that are acted on, or that mean nothing to a mock of this kind.
const KNOWN: &[&str] = &[
    "x-amz-acl",
    // Nobody is the root of an account here, so a policy that shuts its account out is the test's own business.
    "x-amz-confirm-remove-self-bucket-access",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-transition-default-minimum-object-size",
    "x-amz-bypass-governance-retention",
    "x-amz-checksum-algorithm",
    "x-amz-checksum-mode",
    "x-amz-checksum-type",
    "x-amz-copy-source",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-copy-source-range",
    "x-amz-expected-bucket-owner",
    "x-amz-metadata-directive",
    "x-amz-mp-object-size",
    super::annotations::DIRECTIVE,
    "x-amz-object-if-match",
    "x-amz-object-ownership",
    "x-amz-optional-object-attributes",
    "x-amz-bucket-object-lock-enabled",
    // The bucket's owner pays for every request here, so who offers to pay makes no difference.
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-skip-destination-validation",
    "x-amz-source-expected-bucket-owner",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-tagging-directive",
    "x-amz-user-agent",
    "x-amz-website-redirect-location",
    // Needed no more since any versioned bucket can get Object Lock.
    "x-amz-bucket-object-lock-token",
    // Of GetObjectAttributes.
    "x-amz-max-parts",
    "x-amz-object-attributes",
    "x-amz-part-number-marker",
];

/// Refuses headers that are not implemented.
///
/// # Errors
///
/// `NotImplemented`, with the header's name; `InvalidRequest` for a checksum of an algorithm that S3 does not know
/// (<https://github.com/versity/versitygw/issues/1104>), which does no harm beside another
/// (<https://github.com/versity/versitygw/issues/1356>).
pub(super) fn check(headers: &HeaderMap) -> Result<(), S3Fault> {
    for name in headers.keys().map(HeaderName::as_str) {
        let known = !name.starts_with("x-amz-")
            || name.starts_with("x-amz-meta-")
            || KNOWN.contains(&name)
            || sse::HEADERS.contains(&name)
            || lock::HEADERS.contains(&name)
            || is_checksum(name);
        if !known && name.starts_with("x-amz-checksum-") {
            if headers.keys().any(|name| is_checksum(name.as_str())) {
                continue;
            }
            let message = "The algorithm type you specified in x-amz-checksum- header is invalid.";
            return Err(S3Fault::invalid_request(message));
        }
        if !known {
            return Err(S3Fault::not_implemented(format!("the header {name}")).with("Header", name));
        }
    }
    Ok(())
}

/// Whether a header of this name has the checksum of a body.
pub(super) fn is_checksum(name: &str) -> bool {
    ChecksumAlgorithm::ALL.iter().any(|algorithm| algorithm.header() == name)
}

/// Whether there is a header whose name begins so.
pub(super) fn any(headers: &HeaderMap, prefix: &str) -> bool {
    headers.keys().any(|name| name.as_str().starts_with(prefix))
}

/// The conditions of a write that `s3s` does not know to have any.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub(super) fn conditions(headers: &HeaderMap) -> WriteConditions {
    WriteConditions {
        if_match: tag(headers, IF_MATCH),
        if_none_match: tag(headers, IF_NONE_MATCH),
        bypass_governance: false,
    }
}

/// The entity tag that a header names, or any.
pub(super) fn tag(headers: &HeaderMap, name: impl AsHeaderName) -> Option<TagMatch> {
    header_text(headers, name).map(|value| match value.trim() {
        "*" => TagMatch::Any,
        value => TagMatch::Is(value.trim_matches('"').to_owned()),
    })
}

/// The condition of a range.
pub(super) fn if_range(headers: &HeaderMap) -> Option<RangeCondition> {
    header_text(headers, IF_RANGE).map(|value| match kept::time(value) {
        Some(time) => RangeCondition::Modified(time),
        None => RangeCondition::Tag(value.trim().trim_matches('"').to_owned()),
    })
}

/// What the headers say of the body.
///
/// # Errors
///
/// `InvalidRequest` for two checksums, for an algorithm without its value, and for one with the value of another.
pub(super) fn claims(headers: &HeaderMap) -> Result<Claims, S3Fault> {
    let mut checksum = None;
    let there = if any(headers, "x-amz-checksum-") { &ChecksumAlgorithm::ALL[..] } else { &[] };
    for algorithm in there.iter().copied() {
        let Some(value) = header_text(headers, algorithm.header()) else { continue };
        if checksum.replace((algorithm, value.to_owned())).is_some() {
            let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
            return Err(S3Fault::invalid_request(message));
        }
    }
    if let Some(name) = header_text(headers, "x-amz-sdk-checksum-algorithm") {
        let wanted = algorithm(name)?;
        if checksum.as_ref().is_some_and(|(given, _)| *given != wanted) {
            // https://github.com/versity/versitygw/issues/1598
            return Err(S3Fault::invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid."));
        }
        if checksum.is_none() {
            let message = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or \
                           x-amz-trailer headers were found.";
            return Err(S3Fault::invalid_request(message));
        }
    }
    Ok(Claims { md5: header_text(headers, "content-md5").map(str::to_owned), checksum })
}

/// The algorithm of that name.
///
/// # Errors
///
/// `InvalidRequest` for an unknown one.
pub(super) fn algorithm(name: &str) -> Result<ChecksumAlgorithm, S3Fault> {
    ChecksumAlgorithm::parse(name).ok_or_else(|| {
        let message = "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
                       [CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, \
                       XXHASH128]";
        S3Fault::invalid_request(message)
    })
}
