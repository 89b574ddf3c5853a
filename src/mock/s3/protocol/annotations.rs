//! The operations on annotations, which `s3s` does not know. They are told from others here, before it is asked, and wait at the
//! same gate.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAnnotation.html>

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use percent_encoding::percent_decode_str;

use super::super::fault::S3Fault;
use super::super::service::S3Service;
use super::super::state::{Annotated, AnnotationListing, ListAnnotations, ObjectAt, PutAnnotation, TagMatch};
use super::gate::{Gate, Routed};
use super::kept::http_date;
use super::listing::{read_token, token};
use super::{Result, headers, offered, request, sse};
use crate::event::Partition;
use crate::mock::http::{Access, Call, Framing, header_text, query, written, xml_texts as texts};

/// The header, or the parameter, by which a copy leaves the annotations of its source behind.
pub(super) const DIRECTIVE: &str = "x-amz-object-annotation-directive";

/// What is said and refused of a page is from <https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py>.
const MAX: &str = "max-annotation-results";
const MAX_PAGE: usize = 1_000;
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The operation on annotations that a request with a path-style address asks for.
pub(super) fn route(method: &Method, uri: &Uri) -> Option<Routed> {
    let (bucket, key) = uri.path().strip_prefix('/')?.split_once('/').filter(|(_, key)| !key.is_empty())?;
    let text = uri.query().unwrap_or("");
    query::value(text, "annotation")?;
    let operation = match *method {
        Method::PUT => "PutObjectAnnotation",
        Method::DELETE => "DeleteObjectAnnotation",
        Method::GET if query::value(text, "annotationName").is_some() => "GetObjectAnnotation",
        Method::GET => "ListObjectAnnotations",
        _ => return None,
    };
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some(Routed { operation: operation.to_owned(), bucket: decoded(bucket), key: decoded(key) })
}

/// Checks the request, waits at the gate, and does it.
pub(super) async fn run(
    service: Arc<S3Service>,
    routed: Routed,
    gate: Gate,
    parts: Parts,
    body: Bytes,
) -> Result<Response<Bytes>> {
    offered::check(&routed, &parts.method, parts.uri.query().unwrap_or(""), &parts.headers)?;
    request::check_length(&routed.operation, parts.extensions.get::<Framing>())?;
    let asked = Asked { routed: routed.clone(), parts, body };
    let call = gate.pass(routed).await;
    match &*asked.routed.operation {
        "PutObjectAnnotation" => asked.put(&service, &call),
        "GetObjectAnnotation" => asked.get(&service, &call),
        "ListObjectAnnotations" => asked.list(&service, &call),
        _ => asked.delete(&service, &call),
    }
}

/// A request about annotations.
struct Asked {
    routed: Routed,
    parts: Parts,
    body: Bytes,
}

impl Asked {
    fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        query::value(self.parts.uri.query().unwrap_or(""), name)
    }

    fn at(&self) -> ObjectAt {
        let version_id = self.parameter("versionId").map(Cow::into_owned);
        ObjectAt { bucket: self.routed.bucket.clone(), key: self.routed.key.clone(), version_id }
    }

    /// Without a name there is none that S3 takes.
    fn name(&self) -> String {
        self.parameter("annotationName").unwrap_or_default().into_owned()
    }

    fn if_match(&self) -> Option<TagMatch> {
        headers::tag(&self.parts.headers, "x-amz-object-if-match")
    }

    fn put(&self, service: &S3Service, call: &Call) -> Result<Response<Bytes>> {
        let request = PutAnnotation {
            at: self.at(),
            name: self.name(),
            payload: self.body.clone(),
            claims: headers::claims(&self.parts.headers)?,
            if_match: self.if_match(),
        };
        let stored = service.act(call, |state, act| state.put_annotation(act, request))?;
        let body = written(|writer| {
            writer.create_element("PutObjectAnnotationOutput").write_inner_content(|writer| {
                texts(writer, [("Key", &*self.routed.key), ("AnnotationName", &*self.name())])
            })
        });
        let mut response = document(body);
        describe(response.headers_mut(), &stored, true);
        Ok(response)
    }

    fn get(&self, service: &S3Service, call: &Call) -> Result<Response<Bytes>> {
        let found = service.act(call, |state, _| state.annotation(&self.at(), &self.name()))?;
        let wants_checksum = header_text(&self.parts.headers, "x-amz-checksum-mode") == Some("ENABLED");
        let mut response = Response::new(found.annotation.payload.clone());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("binary/octet-stream"));
        headers.insert(CONTENT_LENGTH, found.annotation.payload.len().into());
        headers.extend(http_date(found.annotation.time).map(|time| (LAST_MODIFIED, time)));
        describe(headers, &found, wants_checksum);
        Ok(response)
    }

    /// The largest page that is asked for.
    fn max(&self) -> Result<Option<usize>> {
        let Some(text) = self.parameter(MAX).filter(|text| !text.is_empty()) else { return Ok(None) };
        let Ok(max) = text.parse::<i32>() else {
            let message = format!("Provided {MAX} not an integer or within integer range");
            return Err(S3Fault::invalid_argument(message, MAX, text));
        };
        let max = usize::try_from(max).ok().filter(|max| (1..=MAX_PAGE).contains(max));
        let message = || format!("Argument {MAX} must be an integer between 1 and {MAX_PAGE}");
        max.map(Some).ok_or_else(|| S3Fault::invalid_argument(message(), MAX, text))
    }

    fn list(&self, service: &S3Service, call: &Call) -> Result<Response<Bytes>> {
        let max = self.max()?.unwrap_or(MAX_PAGE);
        let continued = self.parameter("continuation-token");
        let request = ListAnnotations {
            at: self.at(),
            prefix: self.parameter("annotation-prefix").unwrap_or_default().into_owned(),
            after: continued.as_deref().map(read_token).transpose()?,
            max,
        };
        let entries = |page: &AnnotationListing| page.annotations.len();
        let listing = service.act(call, |state, _| {
            let list = |max| state.list_annotations(&ListAnnotations { max, ..request.clone() });
            call.paged(max, entries, list)
        })?;
        let mut response = document(self.listed(&request, continued.as_deref(), &listing));
        version(response.headers_mut(), listing.version_id.as_deref());
        Ok(response)
    }

    fn listed(&self, request: &ListAnnotations, continued: Option<&str>, listing: &AnnotationListing) -> Bytes {
        let count = listing.annotations.len().to_string();
        let max = self.parameter(MAX).map(|_| request.max.to_string());
        let next = listing.next.as_deref().map(token);
        written(|writer| {
            let root = writer.create_element("ListObjectAnnotationsOutput").with_attribute(("xmlns", NAMESPACE));
            root.write_inner_content(|writer| {
                writer.create_element("Annotations").write_inner_content(|writer| {
                    for (name, annotation) in &listing.annotations {
                        let time = annotation.time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
                        let (tag, size) = (format!("\"{}\"", annotation.e_tag), annotation.payload.len().to_string());
                        writer.create_element("AnnotationEntry").write_inner_content(|writer| {
                            let algorithm = annotation.checksum.algorithm.as_str();
                            let entry = [("AnnotationName", &**name), ("LastModified", &time), ("ETag", &tag)];
                            texts(writer, entry.into_iter().chain([("ChecksumAlgorithm", algorithm), ("Size", &size)]))
                        })?;
                    }
                    Ok(())
                })?;
                texts(writer, [("Bucket", &*self.routed.bucket), ("Key", &*self.routed.key)])?;
                texts(writer, Some(("AnnotationPrefix", &*request.prefix)).filter(|(_, prefix)| !prefix.is_empty()))?;
                texts(writer, max.as_deref().map(|max| ("MaxAnnotationResults", max)))?;
                texts(writer, [("AnnotationCount", &*count)])?;
                texts(writer, continued.map(|token| ("ContinuationToken", token)))?;
                texts(writer, next.as_deref().map(|token| ("NextContinuationToken", token)))
            })
        })
    }

    fn delete(&self, service: &S3Service, call: &Call) -> Result<Response<Bytes>> {
        let bypass = header_text(&self.parts.headers, "x-amz-bypass-governance-retention");
        let bypass = bypass.is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let (at, name, if_match) = (self.at(), self.name(), self.if_match());
        let id =
            service.act(call, |state, act| state.delete_annotation(act, (&at, &name), if_match.as_ref(), bypass))?;
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        version(response.headers_mut(), id.as_deref());
        Ok(response)
    }
}

fn document(body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// What a PUT and a GET say of an annotation in headers.
fn describe(headers: &mut HeaderMap, annotated: &Annotated, with_checksum: bool) {
    let Annotated { annotation, version_id, encryption } = annotated;
    version(headers, version_id.as_deref());
    let tag = HeaderValue::try_from(format!("\"{}\"", annotation.e_tag));
    headers.extend(tag.map(|tag| (ETAG, tag)));
    headers.insert(sse::HEADER, HeaderValue::from_static(sse::name(encryption.as_ref())));
    if with_checksum {
        let (name, value) = (annotation.checksum.algorithm.header(), annotation.checksum.value.as_str());
        headers.extend(HeaderValue::try_from(value).map(|value| (HeaderName::from_static(name), value)));
        headers.insert("x-amz-checksum-type", HeaderValue::from_static("FULL_OBJECT"));
    }
}

fn version(headers: &mut HeaderMap, id: Option<&str>) {
    let value = id.and_then(|id| HeaderValue::from_str(id).ok());
    headers.extend(value.map(|value| (HeaderName::from_static("x-amz-object-version-id"), value)));
}

/// What a copy needs beside its own permissions when it takes annotations along (CopyObject,
/// x-amz-object-annotation-directive).
pub(super) fn of_copy(
    service: &S3Service,
    routed: &Routed,
    (headers, uri): (&HeaderMap, &Uri),
    source: Option<&(String, String)>,
    partition: Partition,
) -> Vec<Access> {
    let Some((bucket, key)) = source.filter(|_| routed.operation == "CopyObject") else { return Vec::new() };
    let parameter = || query::value(uri.query().unwrap_or(""), DIRECTIVE);
    let directive = header_text(headers, DIRECTIVE).map(Cow::Borrowed).or_else(parameter);
    let version = header_text(headers, "x-amz-copy-source").and_then(|source| source.split_once("?versionId="));
    let version_id = version.map(|(_, id)| id.to_owned());
    let at = ObjectAt { bucket: bucket.clone(), key: key.clone(), version_id };
    if directive.as_deref() == Some("EXCLUDE") || !service.has_annotations(&at) {
        return Vec::new();
    }
    let access =
        |action, resource: String| Access { action, arn: format!("arn:{partition}:s3:::{resource}"), resource };
    vec![
        access("s3:GetObjectAnnotation", format!("{bucket}/{key}")),
        access("s3:PutObjectAnnotation", format!("{}/{}", routed.bucket, routed.key)),
    ]
}
