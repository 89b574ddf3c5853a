//! The XML of errors: S3's, and those of the query protocol.

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
    let body = written(|writer| {
        let elements = elements.into_iter().chain(ids);
        writer.create_element("Error").write_inner_content(|writer| texts(writer, elements))
    });
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// The document in which the query protocol and REST-XML report an error.
///
/// <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization>
pub(crate) fn error_response(namespace: Option<&str>, code: &str, message: &str, request_id: &str) -> Bytes {
    written(|writer| {
        let root = writer.create_element("ErrorResponse");
        root.with_attributes(namespace.map(|namespace| ("xmlns", namespace))).write_inner_content(|writer| {
            writer.create_element("Error").write_inner_content(|writer| {
                texts(writer, [("Type", "Sender"), ("Code", code), ("Message", message)])?;
                writer.create_element("Detail").write_empty().map(drop)
            })?;
            texts(writer, [("RequestId", request_id)])
        })
    })
}

/// The same as EC2 has it.
///
/// <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#operation-error-serialization>
pub(super) fn ec2_error(code: &str, message: &str, request_id: &str) -> Bytes {
    written(|writer| {
        writer.create_element("Response").write_inner_content(|writer| {
            writer.create_element("Errors").write_inner_content(|writer| {
                let error = writer.create_element("Error");
                error.write_inner_content(|writer| texts(writer, [("Code", code), ("Message", message)])).map(drop)
            })?;
            texts(writer, [("RequestID", request_id)])
        })
    })
}

pub(crate) type XmlWriter = Writer<Vec<u8>>;

/// A document with what `write` puts below its declaration.
pub(crate) fn written(write: impl FnOnce(&mut XmlWriter) -> std::io::Result<&mut XmlWriter>) -> Bytes {
    let mut writer = Writer::new(Vec::new());
    let declaration = BytesDecl::new("1.0", Some("UTF-8"), None);
    let written = writer.write_event(Event::Decl(declaration)).and_then(|()| {
        writer.write_event(Event::Text(BytesText::from_escaped("\n")))?;
        write(&mut writer).map(drop)
    });
    written.expect("a vector takes whatever is written");
    keep_returns(Bytes::from(writer.into_inner()))
}

/// Elements that have texts alone.
pub(crate) fn texts<'t>(
    writer: &mut XmlWriter,
    elements: impl IntoIterator<Item = (&'t str, &'t str)>,
) -> std::io::Result<()> {
    elements
        .into_iter()
        .try_for_each(|(name, value)| writer.create_element(name).write_text_content(BytesText::new(value)).map(drop))
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
