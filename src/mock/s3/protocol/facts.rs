//! What a request for S3 tells when a policy asks for one of S3's keys.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html>

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Uri};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::service::S3Service;
use super::super::state::{ObjectAt, Tags};
use crate::mock::http::{Facts, header_text, query};

/// What of a request the keys are about.
pub(super) struct Told {
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether somebody has signed it.
    pub signed: bool,
}

/// The version that a request names.
pub(super) const VERSION: &str = "s3:versionid";

/// The upload that a request names. No policy can ask for it.
pub(super) const UPLOAD: &str = "uploadId";

pub(super) fn facts(service: Arc<S3Service>, told: Told) -> Facts {
    Facts::new(move |resource, key| values(&service, &told, resource, key))
}

fn values(service: &S3Service, told: &Told, resource: &str, key: &str) -> Vec<String> {
    let header = |name: &str| header_text(&told.headers, name).map(str::to_owned);
    let parameter = |name: &str| query::value(told.uri.query().unwrap_or(""), name).map(|value| value.to_string());
    let one = match key {
        "aws:CurrentTime" => Some(service.now().to_string()),
        "aws:EpochTime" => Some(service.now().as_second().to_string()),
        "aws:SourceIp" => Some("127.0.0.1".to_owned()),
        "aws:Referer" => header("referer"),
        "aws:UserAgent" => header("user-agent"),
        "s3:prefix" | "s3:delimiter" | "s3:max-keys" => parameter(&key[3..]),
        VERSION => parameter("versionId"),
        UPLOAD => parameter(UPLOAD),
        "s3:authType" if !told.signed => None,
        "s3:authType" => Some(match parameter("X-Amz-Credential").or_else(|| parameter("AWSAccessKeyId")) {
            Some(_) => "REST-QUERY-STRING".to_owned(),
            None => "REST-HEADER".to_owned(),
        }),
        "s3:signatureversion" => {
            let old = || header("authorization").is_some_and(|value| value.starts_with("AWS "));
            let old = || old() || parameter("AWSAccessKeyId").is_some();
            told.signed.then(|| if old() { "AWS" } else { "AWS4-HMAC-SHA256" }.to_owned())
        }
        "s3:RequestObjectTagKeys" => return asked_tags(told).into_iter().map(|(name, _)| name).collect(),
        "s3:if-match" | "s3:if-none-match" => header(&key[3..]),
        "s3:x-amz-copy-source" => header(&key[3..]).map(|source| source.trim_start_matches('/').to_owned()),
        key => {
            let key = key.strip_prefix("s3:").unwrap_or("");
            if let Some(name) = key.strip_prefix("ExistingObjectTag/") {
                return existing_tag(service, told, resource, name).into_iter().collect();
            }
            if let Some(name) = key.strip_prefix("RequestObjectTag/") {
                let of_that_name = asked_tags(told).into_iter().filter(|(known, _)| known == name);
                return of_that_name.map(|(_, value)| value).collect();
            }
            // What is left are headers of Amazon, which may stand in a presigned query, too.
            let name = if key.starts_with("object-lock") { format!("x-amz-{key}") } else { key.to_owned() };
            if name.starts_with("x-amz-") { header(&name).or_else(|| parameter(&name)) } else { None }
        }
    };
    one.into_iter().collect()
}

/// The version that is asked for, where it is about an object and not the source of a copy.
fn existing_tag(service: &S3Service, told: &Told, resource: &str, name: &str) -> Option<String> {
    let (bucket, key) = resource.split_once('/')?;
    let version_id = query::value(told.uri.query().unwrap_or(""), "versionId").map(|id| id.to_string());
    let at = ObjectAt { bucket: bucket.to_owned(), key: key.to_owned(), version_id };
    let tags = service.tags(&at)?;
    tags.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

/// The tags that a request gives an object: in a header, or as a document.
fn asked_tags(told: &Told) -> Vec<(String, String)> {
    if let Some(header) = header_text(&told.headers, "x-amz-tagging") {
        return Tags::from_header(header).map_or_else(|_| Vec::new(), |tags| tags.iter().cloned().collect());
    }
    let has_document = query::pairs(told.uri.query().unwrap_or("")).any(|(name, _)| name == "tagging");
    if has_document { tags_of_document(&told.body) } else { Vec::new() }
}

/// The tags that a document has, whatever else it says.
pub(super) fn tags_of_document(body: &[u8]) -> Vec<(String, String)> {
    let mut reader = Reader::from_reader(body);
    let (mut tags, mut names) = (Vec::new(), Vec::new());
    let (mut element, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event() {
            Err(_) | Ok(Event::Eof) => return tags,
            Ok(Event::Start(start)) => {
                element = start.local_name().as_ref().to_vec();
                text.clear();
            }
            Ok(Event::Text(more)) => text.push_str(&more.xml10_content().unwrap_or_default()),
            Ok(Event::GeneralRef(reference)) => {
                let name = reference.decode().unwrap_or_default();
                text.push_str(&quick_xml::escape::unescape(&format!("&{name};")).unwrap_or_default());
            }
            Ok(Event::End(end)) if end.local_name().as_ref() == element => match &*element {
                b"Key" => names.push(std::mem::take(&mut text)),
                b"Value" => tags.extend(names.pop().map(|name| (name, std::mem::take(&mut text)))),
                _ => {}
            },
            Ok(_) => {}
        }
    }
}
