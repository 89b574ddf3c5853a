//! The query of a presigned URL: the signature, and headers that were signed into it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Method, Request};

use super::super::fault::S3Fault;
use super::headers::is_checksum;
use super::kept::{self, Kept};
use crate::mock::http::{NoRegion, query};

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

/// Query parameters of URLs that were presigned with Signature Version 2: its own, and headers that boto3 repeats there.
const OLD_SIGNING: [&str; 5] = ["awsaccesskeyid", "content-md5", "content-type", "expires", "signature"];

/// Headers that S3 takes from the query of a presigned URL too, or of which this mock only takes the value that holds
/// anyway.
const FROM_QUERY: [&str; 9] = [
    "x-amz-acl",
    "x-amz-checksum-mode",
    "x-amz-expected-bucket-owner",
    super::annotations::DIRECTIVE,
    "x-amz-object-ownership",
    "x-amz-request-payer",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-user-agent",
];

/// What becomes of a header that was signed into the query of a presigned URL.
#[derive(Debug, PartialEq, Eq)]
enum Hoisted {
    Taken,
    Ignored,
    Unclear,
}

/// Some SDKs move all headers of Amazon into the query when they presign. S3 takes user metadata from there; tags have to
/// come as a signed header, and checksums in the query are not looked at. What S3 makes of others is not known: the SDK
/// for Go, which has a list, signs most of them as headers.
///
/// <https://docs.aws.amazon.com/AWSJavaScriptSDK/latest/AWS/S3.html#getSignedUrl-property>,
/// <https://github.com/aws/aws-sdk/issues/782>, <https://github.com/aws/aws-sdk/issues/480>
fn hoisted(name: &str) -> Hoisted {
    if name.starts_with("x-amz-meta-") || FROM_QUERY.contains(&name) {
        Hoisted::Taken
    } else if name == "x-amz-tagging" || name == "x-amz-sdk-checksum-algorithm" || is_checksum(name) {
        Hoisted::Ignored
    } else {
        Hoisted::Unclear
    }
}

/// Those whose usual value changes nothing.
fn is_encryption(name: &str) -> bool {
    name.starts_with("x-amz-server-side-encryption")
}

/// Takes the signature out of the query, and turns headers that were signed into a URL back into headers.
pub(super) fn split_query(request: &mut Request<Bytes>, kept: &mut Kept) -> Result<String, S3Fault> {
    let text = request.uri().query().unwrap_or("").to_owned();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_old = request.extensions().get::<NoRegion>().is_some() && !request.headers().contains_key(AUTHORIZATION);
    let mut rest = Serializer::new(String::new());
    let mut seen = BTreeSet::new();
    for (name, value) in query::pairs(&text) {
        // The first counts: https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py
        if reads && !seen.insert(name.clone()) {
            continue;
        }
        // And any other value than this is as none.
        let value = if name == "fetch-owner" && value != "true" { Cow::Borrowed("false") } else { value };
        let lower = name.to_ascii_lowercase();
        if SIGNING.contains(&lower.as_str()) || is_old && OLD_SIGNING.contains(&lower.as_str()) {
            continue;
        }
        if reads && name == "response-expires" {
            kept.response_expires = Some(HeaderValue::from_str(&value).map_err(|_| S3Fault::invalid_uri())?);
            continue;
        }
        if !lower.starts_with("x-amz-") {
            rest.append_pair(&name, &value);
            continue;
        }
        match hoisted(&lower) {
            Hoisted::Unclear | Hoisted::Taken if is_encryption(&lower) && value != "AES256" && value != "false" => {
                return Err(S3Fault::not_implemented(format!(
                    "{lower} in the query of a presigned URL (sign it as a header)"
                )));
            }
            Hoisted::Taken => {}
            Hoisted::Ignored => continue,
            Hoisted::Unclear => {
                let what = format!("{lower} in the query of a presigned URL (sign it as a header)");
                return Err(S3Fault::not_implemented(what));
            }
        }
        let name = HeaderName::from_bytes(lower.as_bytes()).map_err(|_| S3Fault::invalid_uri())?;
        // The query is UTF-8.
        let word = Some(&value).filter(|_| lower.starts_with("x-amz-meta-")).and_then(|value| kept::readable(value));
        let value =
            word.map_or_else(|| HeaderValue::from_bytes(value.as_bytes()), Ok).map_err(|_| S3Fault::invalid_uri())?;
        request.headers_mut().entry(name).or_insert(value);
    }
    Ok(rest.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_headers_in_the_query_metadata_are_taken_tags_and_checksums_ignored_and_others_refused() {
        let mut kept = Kept::default();
        let mut request = Request::put(
            "/b/k?X-Amz-Signature=0&x-amz-meta-Via=a+url&X-Amz-Tagging=a%3D1&x-amz-checksum-crc32=AAAAAA%3D%3D\
             &x-amz-sdk-checksum-algorithm=CRC32&x-id=PutObject",
        )
        .body(Bytes::new())
        .unwrap();
        assert_eq!(split_query(&mut request, &mut kept).unwrap(), "x-id=PutObject");
        let headers: Vec<_> = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(headers, [("x-amz-meta-via", &b"a url"[..])]);

        let mut copy = Request::put("/b/k?x-amz-copy-source=a%2Fb").body(Bytes::new()).unwrap();
        let fault = split_query(&mut copy, &mut kept).unwrap_err();
        assert_eq!((fault.status, fault.message.contains("x-amz-copy-source")), (501, true));
    }

    #[test]
    fn the_old_signature_is_taken_out_of_a_url_and_of_nothing_else() {
        let query = "AWSAccessKeyId=a&Signature=s&Expires=1&content-type=a%2Fb&versionId=v";
        let split = |request: http::request::Builder, extended: bool| {
            let mut request = request.uri(format!("/b/k?{query}")).body(Bytes::new()).unwrap();
            if extended {
                request.extensions_mut().insert(NoRegion);
            }
            split_query(&mut request, &mut Kept::default()).unwrap()
        };
        assert_eq!(split(Request::get("/"), true), "versionId=v");
        assert!(split(Request::get("/"), false).starts_with("AWSAccessKeyId=a&"));
        assert!(split(Request::get("/").header("authorization", "AWS a:s"), true).contains("Expires=1"));
    }
}
