//! The XML of S3's errors, which the gateway and the mock of S3 both answer.

use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};

use bytes::Bytes;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::call::Call;

/// An `Error` document with these elements and the ids of the request.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses>
pub(crate) fn s3_error<'e>(
    status: u16,
    elements: impl IntoIterator<Item = (&'e str, &'e str)>,
    call: &'e Call,
) -> Response<Bytes> {
    let ids = [("RequestId", call.request_id.as_str()), ("HostId", call.host_id.as_str())];
    let mut writer = Writer::new(Vec::new());
    let written = (|| {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.write_event(Event::Text(BytesText::from_escaped("\n")))?;
        writer.create_element("Error").write_inner_content(|writer| {
            for (name, value) in elements.into_iter().chain(ids) {
                writer.create_element(name).write_text_content(BytesText::new(value))?;
            }
            Ok(())
        })?;
        std::io::Result::Ok(())
    })();
    written.expect("a vector takes whatever is written");
    let mut response = Response::new(keep_returns(Bytes::from(writer.into_inner())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// Carriage returns as references: readers of XML would turn them into line feeds, and keys may have them.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html#object-key-xml-related-constraints>
pub(crate) fn keep_returns(xml: Bytes) -> Bytes {
    if !xml.contains(&b'\r') {
        return xml;
    }
    let lines: Vec<&[u8]> = xml.split(|byte| *byte == b'\r').collect();
    Bytes::from(lines.join(&b"&#13;"[..]))
}
