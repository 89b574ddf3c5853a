//! Signature Version 2, which S3 takes for buckets from before 24 June 2020.
//!
//! Its time is that of a header or of a presigned URL, as with Version 4, and judged by the same clocks. It names no region.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE};
use http::request::Parts;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use percent_encoding::percent_decode_str;
use sha1::Sha1;

use super::credentials::Credentials;
use super::header::header_text;
use super::query;
use super::sigv4::{AMZ_DATE, AuthFault, Expiry, Mismatch, Skew, is_skewed};
use crate::history::Caller;

/// Marks a request whose signature names no region: it is about the region of its bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoRegion;

/// The parameters that are signed: those that name a part of a resource, and those that override headers of an answer.
/// The page lists the older of them; SDKs sign all of these.
const SIGNED: [&str; 33] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// The signature of a text: HMAC-SHA1 in base64.
pub(super) fn signature(secret: &str, text: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Who has signed a request to this path, which begins with the bucket even when the host names it.
pub(super) fn verify(
    parts: &Parts,
    path: &str,
    credentials: &Credentials,
    now: Timestamp,
) -> Result<Arc<Caller>, AuthFault> {
    let claim = Claim::read(parts)?;
    let known =
        credentials.get(&claim.access_key).ok_or_else(|| AuthFault::UnknownAccessKey(claim.access_key.clone()))?;
    claim.check_time(now)?;
    let is_right = |path: &str| signature(&known.secret, &claim.to_sign(parts, path)) == claim.signature;
    if is_right(path) || slashed(path).is_some_and(|path| is_right(&path)) {
        Ok(Arc::clone(&known.caller))
    } else {
        let to_sign = claim.to_sign(parts, path);
        Err(mismatch(claim.access_key, claim.signature, to_sign))
    }
}

pub(super) fn mismatch(access_key: String, signature: String, to_sign: Vec<u8>) -> AuthFault {
    AuthFault::SignatureMismatch(Some(Box::new(Mismatch { access_key, signature, to_sign, canonical: None })))
}

/// The path of a bucket as boto3 signs it, whatever it sends: `/bucket/`, for "a signature that the server will accept".
///
/// <https://github.com/boto/botocore/blob/develop/botocore/handlers.py>
fn slashed(path: &str) -> Option<String> {
    let bucket = path.strip_prefix('/').filter(|bucket| !bucket.is_empty() && !bucket.contains('/'))?;
    Some(format!("/{bucket}/"))
}

/// A signature as a request claims it, unchecked.
struct Claim {
    access_key: String,
    signature: String,
    /// As it is signed: nothing where `x-amz-date` says it among the headers of Amazon.
    date: String,
    /// As it was sent.
    shown: String,
    time: Time,
}

enum Time {
    Header(Timestamp),
    /// Of a presigned URL: the end of its time.
    Ends(Timestamp),
}

impl Claim {
    fn read(parts: &Parts) -> Result<Self, AuthFault> {
        let Some(header) = parts.headers.get(AUTHORIZATION) else {
            return Self::from_query(parts.uri.query().unwrap_or(""));
        };
        let header = String::from_utf8_lossy(header.as_bytes());
        let claimed = header.strip_prefix("AWS ").and_then(|claimed| claimed.split_once(':'));
        let (access_key, signature) = claimed.ok_or_else(|| AuthFault::OldMalformed(header.clone().into_owned()))?;
        let text = header_text(&parts.headers, DATE);
        let (shown, date) = match parts.headers.contains_key(AMZ_DATE) {
            true => (header_text(&parts.headers, AMZ_DATE), ""),
            false => (text, text.unwrap_or_default()),
        };
        Ok(Self {
            access_key: access_key.trim().to_owned(),
            signature: signature.trim().to_owned(),
            date: date.to_owned(),
            shown: shown.unwrap_or_default().to_owned(),
            time: Time::Header(shown.and_then(parse_date).ok_or(AuthFault::NoDate)?),
        })
    }

    fn from_query(text: &str) -> Result<Self, AuthFault> {
        let field = |name| query::value(text, name).map(|value| value.into_owned());
        let (Some(access_key), Some(signature), Some(date)) =
            (field("AWSAccessKeyId"), field("Signature"), field("Expires"))
        else {
            return Err(AuthFault::OldQuery);
        };
        let ends = date.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let time = Time::Ends(ends.ok_or_else(|| AuthFault::OldExpires(date.clone()))?);
        Ok(Self { access_key, signature, shown: date.clone(), date, time })
    }

    /// A URL does not say when it was signed: that clock counts which is nearer to its end.
    fn check_time(&self, now: Timestamp) -> Result<(), AuthFault> {
        match self.time {
            Time::Header(time) if is_skewed(time, now) => {
                Err(AuthFault::ClockSkew(Skew { said: self.shown.clone(), now }))
            }
            Time::Header(_) => Ok(()),
            Time::Ends(ends) => {
                let clocks = [now, Timestamp::now()];
                let clock = clocks.into_iter().min_by_key(|clock| ends.duration_since(*clock).abs());
                match clock.filter(|clock| ends < *clock) {
                    Some(now) => Err(AuthFault::Expired(Expiry { seconds: None, at: ends, now })),
                    None => Ok(()),
                }
            }
        }
    }

    fn to_sign(&self, parts: &Parts, path: &str) -> Vec<u8> {
        let header = |name: &str| parts.headers.get(name).map_or(&b""[..], |value| value.as_bytes().trim_ascii());
        let (md5, kind) = (header("content-md5"), header(CONTENT_TYPE.as_str()));
        let mut text = [parts.method.as_str().as_bytes(), md5, kind, self.date.as_bytes(), b""].join(&b'\n');
        for (name, value) in self.amazon(parts) {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            text.extend_from_slice(&value);
            text.push(b'\n');
        }
        text.extend_from_slice(resource(parts, path).as_bytes());
        text
    }

    /// The headers of Amazon. In a presigned URL they may stand among the parameters.
    fn amazon(&self, parts: &Parts) -> BTreeMap<String, Vec<u8>> {
        let mut headers: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (name, value) in parts.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amz-")) {
            let value = value.as_bytes().trim_ascii();
            match headers.get_mut(name.as_str()) {
                Some(values) => values.extend([b",", value].concat()),
                None => drop(headers.insert(name.as_str().to_owned(), value.to_vec())),
            }
        }
        if matches!(self.time, Time::Ends(_)) {
            for (name, value) in query::pairs(parts.uri.query().unwrap_or("")) {
                let name = name.to_ascii_lowercase();
                if name.starts_with("x-amz-") {
                    headers.entry(name).or_insert_with(|| value.as_bytes().to_vec());
                }
            }
        }
        headers
    }
}

/// What is asked for: the path as it is sent, and the parameters that are signed.
fn resource(parts: &Parts, path: &str) -> String {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = parts.uri.query().unwrap_or("").split('&');
    let mut signed: Vec<(String, Option<String>)> = pairs
        .map(|pair| pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value))))
        .map(|(name, value)| (decoded(name), value.map(decoded)))
        .filter(|(name, _)| SIGNED.contains(&name.as_str()))
        .collect();
    signed.sort();
    let signed = signed.into_iter().map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => name,
    });
    let signed: Vec<String> = signed.collect();
    if signed.is_empty() { path.to_owned() } else { format!("{path}?{}", signed.join("&")) }
}

/// A date of HTTP from 1970 on. Some programs name a wrong day of the week.
fn parse_date(text: &str) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    PARSER.parse_timestamp(text).ok().filter(|time| *time >= Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
