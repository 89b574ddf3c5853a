//! Makes every request a plain path-style one, without what the gateway has dealt with.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, RANGE};
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use percent_encoding::percent_decode_str;

use super::super::fault::S3Fault;
use super::super::state::ByteRange;

/// Query parameters of presigned URLs, in lower case.
const SIGNING: [&str; 8] = [
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// Headers that belong to the signature or to the transfer, not to the operation.
const TRANSFER: [&str; 6] = [
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-te",
];

/// Rewrites a request.
///
/// # Errors
///
/// `KeyTooLongError`, `InvalidURI`, and `NotImplemented` for form uploads.
pub(super) fn prepare(mut request: Request<Bytes>) -> Result<Request<Bytes>, S3Fault> {
    let path = path_style(&request);
    check_path(&path)?;
    let query = split_query(&mut request)?;
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    let target = PathAndQuery::try_from(target).map_err(|_| invalid_uri())?;
    *request.uri_mut() = Uri::from(target);

    let content_type = request.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if request.method() == Method::POST && content_type.starts_with(b"multipart/form-data") {
        return Err(S3Fault::not_implemented("PostObject (a browser form upload)"));
    }
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_static("s3"));
    headers.remove(AUTHORIZATION);
    TRANSFER.iter().for_each(|name| drop(headers.remove(*name)));
    drop_chunked_encoding(headers);
    // S3 ignores a Range that it cannot read, as RFC 9110 says; `s3s` would refuse it.
    if headers.get(RANGE).is_some_and(|range| range.to_str().ok().and_then(ByteRange::parse).is_none()) {
        headers.remove(RANGE);
    }
    Ok(request)
}

/// The path, led by the bucket even when the host names it.
pub(super) fn path_style<B>(request: &Request<B>) -> String {
    match virtual_bucket(request) {
        Some(bucket) => format!("/{bucket}{}", request.uri().path()),
        None => request.uri().path().to_owned(),
    }
}

/// The bucket that the host names.
fn virtual_bucket<B>(request: &Request<B>) -> Option<String> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str))?;
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let host = host.to_ascii_lowercase();
    for base in ["s3.localhost", "localhost", "127.0.0.1"] {
        if host == base {
            return None;
        }
        if let Some(bucket) = host.strip_suffix(base).and_then(|rest| rest.strip_suffix('.')) {
            return Some(bucket.to_owned()).filter(|bucket| !bucket.is_empty());
        }
    }
    let rest = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    // Before the domain: `s3`, `s3.<region>`, `s3-<region>` or `s3.dualstack.<region>`, and the bucket before that.
    let labels: Vec<&str> = rest.split('.').collect();
    let service = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-"))?;
    Some(labels[..service].join(".")).filter(|bucket| !bucket.is_empty())
}

fn check_path(path: &str) -> Result<(), S3Fault> {
    let key = path.strip_prefix('/').ok_or_else(invalid_uri)?.split_once('/').map_or("", |(_, key)| key);
    let key = percent_decode_str(key).decode_utf8().map_err(|_| invalid_uri())?;
    if key.len() > 1024 { Err(S3Fault::key_too_long(key.len())) } else { Ok(()) }
}

/// Takes the signature out of the query, and turns headers that were signed into a URL back into headers.
fn split_query(request: &mut Request<Bytes>) -> Result<String, S3Fault> {
    let query = request.uri().query().unwrap_or("").to_owned();
    let mut kept = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let lower = name.to_ascii_lowercase();
        if SIGNING.contains(&lower.as_str()) {
            continue;
        }
        if !lower.starts_with("x-amz-") {
            kept.push(parameter);
            continue;
        }
        let value: Vec<u8> = percent_decode_str(&value.replace('+', " ")).collect();
        let name = HeaderName::from_bytes(lower.as_bytes()).map_err(|_| invalid_uri())?;
        let value = HeaderValue::from_bytes(&value).map_err(|_| invalid_uri())?;
        request.headers_mut().entry(name).or_insert(value);
    }
    Ok(kept.join("&"))
}

/// `aws-chunked` is about the transfer: S3 does not store it.
fn drop_chunked_encoding(headers: &mut http::HeaderMap) {
    let Some(encoding) = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()) else { return };
    let rest: Vec<&str> =
        encoding.split(',').map(str::trim).filter(|part| !part.eq_ignore_ascii_case("aws-chunked")).collect();
    let rest = rest.join(",");
    if rest.is_empty() {
        headers.remove(CONTENT_ENCODING);
    } else if let Ok(rest) = HeaderValue::from_str(&rest) {
        headers.insert(CONTENT_ENCODING, rest);
    }
}

pub(super) fn invalid_uri() -> S3Fault {
    S3Fault::new(400, "InvalidURI", "Couldn't parse the specified URI.")
}
