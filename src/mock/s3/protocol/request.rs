//! Makes every request a plain path-style one, without what the gateway has dealt with.

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, RANGE};
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Request, Uri};
use percent_encoding::percent_decode_str;

use super::super::fault::S3Fault;
use super::super::state::ByteRange;
use super::kept::{self, Kept};
use super::post::Posted;
use super::presigned::split_query;
use crate::mock::http::{Framing, unwrap_encoding};

/// Headers that belong to the signature or to the transfer, not to the operation.
static TRANSFER: [HeaderName; 6] = [
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-amz-decoded-content-length"),
    HeaderName::from_static("x-amz-trailer"),
    HeaderName::from_static("x-amz-te"),
];

static MAX_PARTS: HeaderName = HeaderName::from_static("x-amz-max-parts");

/// Rewrites a request.
///
/// # Errors
///
/// `KeyTooLongError`, `InvalidURI`, and `NotImplemented` for bodies without a length.
pub(super) fn prepare(mut request: Request<Bytes>) -> Result<(Request<Bytes>, Kept), S3Fault> {
    check_framing(&request)?;
    check_head(&request)?;
    let path = path_style(request.uri(), request.headers().get(HOST));
    check_path(&path)?;
    let mut kept = kept::take(request.headers_mut());
    kept.posted = request.extensions().get::<Posted>().is_some();
    let query = split_query(&mut request, &mut kept)?;
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    let target = PathAndQuery::try_from(target).map_err(|_| S3Fault::invalid_uri())?;
    *request.uri_mut() = Uri::from(target);

    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_static("s3"));
    headers.remove(AUTHORIZATION);
    TRANSFER.iter().for_each(|name| drop(headers.remove(name)));
    unwrap_encoding(headers);
    // S3 ignores a Range that it cannot read, as RFC 9110 says; `s3s` would refuse it.
    if headers.get(RANGE).is_some_and(|range| range.to_str().ok().and_then(ByteRange::parse).is_none()) {
        headers.remove(RANGE);
    }
    // Nor does it look at a number of parts that is none: https://github.com/versity/versitygw/issues/1806
    let is_count =
        |value: &HeaderValue| value.to_str().is_ok_and(|text| text.parse().is_ok_and(|parts: i32| parts >= 0));
    if headers.get(&MAX_PARTS).is_some_and(|value| !is_count(value)) {
        headers.remove(&MAX_PARTS);
    }
    Ok((request, kept))
}

/// The path, led by the bucket even when the host names it.
pub(super) fn path_style(uri: &Uri, host: Option<&HeaderValue>) -> String {
    match virtual_bucket(uri, host) {
        Some(bucket) => format!("/{bucket}{}", uri.path()),
        None => uri.path().to_owned(),
    }
}

/// Whether a request reaches the region of the bucket that its host names: so it does under a name of that region, and
/// under one without a region, which DNS leads to where the bucket is.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/UsingRouting.html>
pub(super) fn reaches_bucket(uri: &Uri, host: Option<&HeaderValue>, region: &str) -> bool {
    let labels = host_name(uri, host).and_then(|host| labels_at_amazon(&host));
    let Some((before, after)) = labels.as_ref().and_then(|labels| at_service(labels)) else { return false };
    let named = after.iter().map(String::as_str).filter(|label| !matches!(*label, "s3" | "dualstack"));
    !before.is_empty() && named.map(|label| label.strip_prefix("s3-").unwrap_or(label)).all(|named| named == region)
}

fn host_name(uri: &Uri, host: Option<&HeaderValue>) -> Option<String> {
    let host = host.and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(http::uri::Authority::as_str))?;
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    Some(host.to_ascii_lowercase())
}

/// The labels of a host before Amazon's domain.
fn labels_at_amazon(host: &str) -> Option<Vec<String>> {
    let rest = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    Some(rest.split('.').map(str::to_owned).collect())
}

/// The labels of the bucket, and from the service on: `s3`, `s3.<region>`, `s3-<region>` or `s3.dualstack.<region>`.
fn at_service(labels: &[String]) -> Option<(&[String], &[String])> {
    let service = labels.iter().rposition(|label| label == "s3" || label.starts_with("s3-"))?;
    Some(labels.split_at(service))
}

/// The bucket that the host names.
fn virtual_bucket(uri: &Uri, host: Option<&HeaderValue>) -> Option<String> {
    let host = host_name(uri, host)?;
    for base in ["s3.localhost", "localhost", "127.0.0.1"] {
        if host == base {
            return None;
        }
        if let Some(bucket) = host.strip_suffix(base).and_then(|rest| rest.strip_suffix('.')) {
            return Some(bucket.to_owned()).filter(|bucket| !bucket.is_empty());
        }
    }
    let labels = labels_at_amazon(&host)?;
    let (bucket, _) = at_service(&labels)?;
    Some(bucket.join(".")).filter(|bucket| !bucket.is_empty())
}

fn check_path(path: &str) -> Result<(), S3Fault> {
    let key = path.strip_prefix('/').ok_or_else(S3Fault::invalid_uri)?.split_once('/').map_or("", |(_, key)| key);
    let key = percent_decode_str(key).decode_utf8().map_err(|_| S3Fault::invalid_uri())?;
    if key.len() > 1024 { Err(S3Fault::key_too_long(key.len())) } else { Ok(()) }
}

/// The longest head of a request, with the parameters. Page: "Error responses", `RequestHeaderSectionTooLarge`.
const MAX_HEAD_BYTES: usize = 8 * 1024;

/// All headers and parameters together have at most 8 KiB.
fn check_head(request: &Request<Bytes>) -> Result<(), S3Fault> {
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let size = headers + request.uri().query().map_or(0, str::len);
    if size <= MAX_HEAD_BYTES {
        return Ok(());
    }
    let message = "Your request header and query parameters used to make the request exceed the maximum allowed size.";
    Err(S3Fault::new(400, "RequestHeaderSectionTooLarge", message).with("MaxSizeAllowed", MAX_HEAD_BYTES.to_string()))
}

/// A body comes as it is, or in the chunks of Amazon, and not in those of HTTP.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
fn check_framing(request: &Request<Bytes>) -> Result<(), S3Fault> {
    match request.extensions().get::<Framing>() {
        Some(Framing::Chunked) => Err(S3Fault::header_not_implemented("Transfer-Encoding")),
        _ => Ok(()),
    }
}

/// What is stored must have a length. Clients leave it out where there is no body, as in a copy.
pub(super) fn check_length(operation: &str, framing: Option<&Framing>) -> Result<(), S3Fault> {
    if framing == Some(&Framing::Unsaid) && matches!(operation, "PutObject" | "PutObjectAnnotation" | "UploadPart") {
        return Err(S3Fault::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header."));
    }
    Ok(())
}
