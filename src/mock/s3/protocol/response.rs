//! Answers: request ids, and errors as S3 prints them.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use super::super::fault::S3Fault;
use super::{methods, unread};
use crate::mock::http::{Call, query, s3_error};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

/// Adds the ids that every answer carries.
pub(super) fn add_ids(headers: &mut HeaderMap, call: &Call) {
    // And for the name of the server, so that the map grows once.
    headers.reserve(3);
    for (name, value) in [(REQUEST_ID, &call.request_id), (HOST_ID, &call.host_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

/// The answer to a request that failed. One that finds nothing changed has no document.
pub(super) fn error(fault: &S3Fault, call: &Call) -> Response<Bytes> {
    let extra = fault.extra.iter().map(|(name, value)| (name.as_ref(), value.as_str()));
    let elements = [("Code", fault.code.as_ref()), ("Message", fault.message.as_ref())].into_iter().chain(extra);
    let mut response = s3_error(fault.status, elements, call);
    if response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().remove(CONTENT_TYPE);
        *response.body_mut() = Bytes::new();
    }
    for (name, value) in &fault.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A request as messages name it.
pub(super) fn describe(method: &Method, uri: &Uri) -> String {
    let parameters: Vec<_> = query::pairs(uri.query().unwrap_or("")).map(|(name, _)| name).collect();
    let kind = match uri.path().trim_start_matches('/').split_once('/') {
        Some((_, key)) if !key.is_empty() => "object",
        _ if uri.path() == "/" => "service",
        _ => "bucket",
    };
    let query = if parameters.is_empty() { String::new() } else { format!(" with ?{}", parameters.join("&")) };
    format!("{} on {kind}{query}", method)
}

/// The parser gave up without an answer, which its code does not do on any input known.
pub(super) fn internal_error(what: &str) -> S3Fault {
    let message = format!("We encountered an internal error. Please try again. ({what})");
    S3Fault::new(500, "InternalError", message)
}

/// The fault that `s3s` found itself, in S3's words.
pub(super) fn fault_of_parser(status: u16, body: &[u8], (method, uri): (&Method, &Uri), bucket: &str) -> S3Fault {
    let elements = elements(body);
    let element = |name: &str| elements.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone());
    let code = element("Code").unwrap_or_else(|| "InternalError".to_owned());
    let message = element("Message").unwrap_or_default();
    if let Some(fault) = unread::fault(&message) {
        return fault;
    }
    match code.as_str() {
        "NotImplemented" => match message.strip_suffix(" is not implemented yet") {
            Some(operation) => S3Fault::not_implemented(operation),
            None => methods::refusal(method, uri).unwrap_or_else(|| S3Fault::not_implemented(describe(method, uri))),
        },
        "MalformedXML" => S3Fault::malformed_xml(),
        "InvalidBucketName" => S3Fault::invalid_bucket_name(bucket),
        "InvalidURI" => S3Fault::invalid_uri(),
        "MissingRequestBodyError" => S3Fault::new(status, code, "Request Body is empty"),
        "MethodNotAllowed" => methods::refusal(method, uri).unwrap_or_else(|| {
            S3Fault::new(status, code, "The specified method is not allowed against this resource.")
        }),
        _ if message.is_empty() => {
            S3Fault::new(status, code, format!("the request was refused: {}", describe(method, uri)))
        }
        _ => S3Fault::new(status, code, message),
    }
}

/// The elements inside the outermost one, with their text.
fn elements(xml: &[u8]) -> Vec<(String, String)> {
    let mut reader = Reader::from_reader(xml);
    let mut elements: Vec<(String, String)> = Vec::new();
    let mut depth = 0_usize;
    loop {
        // It is `s3s` that wrote it, so there is nothing wrong with it.
        match reader.read_event().unwrap_or(Event::Eof) {
            Event::Eof => return elements,
            Event::Start(element) => {
                depth += 1;
                if depth == 2 {
                    elements.push((String::from_utf8_lossy(element.name().as_ref()).into_owned(), String::new()));
                }
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) if depth == 2 => add(&mut elements, &text.xml10_content().unwrap_or_default()),
            Event::GeneralRef(reference) if depth == 2 => {
                let name = reference.decode().unwrap_or_default();
                add(&mut elements, &unescape(&format!("&{name};")).unwrap_or_default());
            }
            _ => {}
        }
    }
}

fn add(elements: &mut [(String, String)], text: &str) {
    if let Some((_, so_far)) = elements.last_mut() {
        so_far.push_str(text);
    }
}
