//! The answer of InvokeWithResponseStream: an event stream, each message in a frame of its own.
//!
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>

use bytes::{BufMut, Bytes, BytesMut};
use crc_fast::{CrcAlgorithm, checksum};
use serde_json::json;

use super::invoke::Outcome;

pub(super) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// How much a part holds at most when the function has answered at once.
pub(super) const LONGEST_PART: usize = 65_536;

/// The lengths before the headers, with their checksum, and the checksum of all.
const AROUND: usize = 16;
/// The type of a header whose value is text.
const TEXT: u8 = 7;

/// The whole stream: the parts of what the function answered, and how it ended.
pub(super) fn of(parts: &[Bytes], outcome: &Outcome, log: Option<&str>) -> Bytes {
    let mut end = serde_json::Map::new();
    if let Outcome::Error(error) = outcome {
        end.insert("ErrorCode".into(), json!("Unhandled"));
        end.insert("ErrorDetails".into(), json!(error.to_json().to_string()));
    }
    if let Some(log) = log {
        end.insert("LogResult".into(), json!(log));
    }
    let mut stream = BytesMut::new();
    for part in parts {
        frame(&mut stream, "PayloadChunk", "application/octet-stream", part);
    }
    frame(&mut stream, "InvokeComplete", "application/json", json!(end).to_string().as_bytes());
    stream.freeze()
}

fn frame(stream: &mut BytesMut, event: &str, content_type: &str, payload: &[u8]) {
    let mut headers = BytesMut::new();
    for (name, value) in [(":message-type", "event"), (":event-type", event), (":content-type", content_type)] {
        headers.put_u8(u8::try_from(name.len()).expect("the names are short"));
        headers.put_slice(name.as_bytes());
        headers.put_u8(TEXT);
        headers.put_u16(u16::try_from(value.len()).expect("the values are short"));
        headers.put_slice(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).expect("no function may stream as much");
    let from = stream.len();
    stream.put_u32(length(AROUND + headers.len() + payload.len()));
    stream.put_u32(length(headers.len()));
    let crc = |bytes: &[u8]| checksum(CrcAlgorithm::Crc32IsoHdlc, bytes) as u32;
    stream.put_u32(crc(&stream[from..]));
    stream.put_slice(&headers);
    stream.put_slice(payload);
    stream.put_u32(crc(&stream[from..]));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message `payload` with headers, made by hand by the rules of the format.
    #[test]
    fn a_frame_says_its_lengths_and_its_checksums() {
        let mut stream = BytesMut::new();
        frame(&mut stream, "E", "c", b"xyz");
        let headers = b"\x0d:message-type\x07\x00\x05event\x0b:event-type\x07\x00\x01E\x0d:content-type\x07\x00\x01c";
        let total = 16 + headers.len() + 3;
        assert_eq!(stream.len(), total);
        assert_eq!(stream[..4], u32::try_from(total).unwrap().to_be_bytes());
        assert_eq!(stream[4..8], u32::try_from(headers.len()).unwrap().to_be_bytes());
        assert_eq!(stream[8..12], crc32(&stream[..8]).to_be_bytes());
        assert_eq!(&stream[12..12 + headers.len()], headers);
        assert_eq!(stream[total - 4..], crc32(&stream[..total - 4]).to_be_bytes());
    }

    /// CRC-32 bit by bit.
    fn crc32(bytes: &[u8]) -> u32 {
        let step = |crc: u32| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
    }
}
