//! Answers: request ids, and errors as S3 prints them.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use quick_xml::escape::{escape, unescape};

use super::super::fault::S3Fault;
use crate::mock::http::Call;

/// Adds the ids that every answer carries.
pub(super) fn add_ids(headers: &mut HeaderMap, call: &Call) {
    for (name, value) in [("x-amz-request-id", &call.request_id), ("x-amz-id-2", &call.host_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

/// The answer to a request that failed.
pub(super) fn error(fault: &S3Fault, call: &Call) -> Response<Bytes> {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    let mut element = |name: &str, value: &str| {
        xml.push_str(&format!("<{name}>{}</{name}>", escape(value)));
    };
    element("Code", &fault.code);
    element("Message", &fault.message);
    fault.extra.iter().for_each(|(name, value)| element(name, value));
    element("RequestId", &call.request_id);
    element("HostId", &call.host_id);
    xml.push_str("</Error>");

    let mut response = Response::new(Bytes::from(xml));
    *response.status_mut() = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    for (name, value) in &fault.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A request as messages name it.
pub(super) fn describe(method: &Method, uri: &Uri) -> String {
    let parameters = uri.query().unwrap_or("").split('&').map(|p| p.split('=').next().unwrap_or(""));
    let parameters: Vec<&str> = parameters.filter(|name| !name.is_empty()).collect();
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
pub(super) fn fault_of_parser(status: u16, body: &[u8], what: &str, bucket: &str) -> S3Fault {
    let body = String::from_utf8_lossy(body);
    let element = |name: &str| {
        let inner = body.split_once(&format!("<{name}>"))?.1.split_once(&format!("</{name}>"))?.0;
        unescape(inner).ok().map(std::borrow::Cow::into_owned)
    };
    let code = element("Code").unwrap_or_else(|| "InternalError".to_owned());
    let message = element("Message").unwrap_or_default();
    match code.as_str() {
        "NotImplemented" => match message.strip_suffix(" is not implemented yet") {
            Some(operation) => S3Fault::not_implemented(operation),
            None => S3Fault::not_implemented(what),
        },
        "MalformedXML" => S3Fault::malformed_xml(),
        "InvalidBucketName" => S3Fault::invalid_bucket_name(bucket),
        "InvalidURI" => super::request::invalid_uri(),
        "MissingRequestBodyError" => S3Fault::new(status, code, "Request Body is empty"),
        "MethodNotAllowed" => S3Fault::new(status, code, "The specified method is not allowed against this resource."),
        _ if message.is_empty() => S3Fault::new(status, code, format!("the request was refused: {what}")),
        _ => S3Fault::new(status, code, message),
    }
}
