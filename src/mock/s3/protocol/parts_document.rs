//! The checksums in the document that completes an upload: `s3s` knows half of them.

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::checksum::ChecksumAlgorithm;
use super::super::fault::S3Fault;

/// The checksum of each part, in the order of the document.
///
/// # Errors
///
/// `MalformedXML` for what is no document.
pub(super) fn checksums(document: &[u8]) -> Result<Vec<Option<(ChecksumAlgorithm, String)>>, S3Fault> {
    let mut reader = Reader::from_reader(document);
    let mut parts: Vec<Option<(ChecksumAlgorithm, String)>> = Vec::new();
    let mut open = None;
    loop {
        match reader.read_event().map_err(|_| S3Fault::malformed_xml())? {
            Event::Eof => return Ok(parts),
            Event::Start(element) => {
                let name = element.local_name();
                let name = String::from_utf8_lossy(name.as_ref());
                if name == "Part" {
                    parts.push(None);
                }
                open = name.strip_prefix("Checksum").and_then(ChecksumAlgorithm::parse);
            }
            Event::Text(text) => {
                if let (Some(algorithm), Some(part)) = (open, parts.last_mut()) {
                    let text = text.xml10_content().map_err(|_| S3Fault::malformed_xml())?;
                    *part = Some((algorithm, text.trim().to_owned()));
                }
            }
            Event::End(_) => open = None,
            _ => {}
        }
    }
}

/// Whether an element of this name has a checksum that `s3s` does not know.
fn is_unknown(name: &[u8]) -> bool {
    use ChecksumAlgorithm::{Md5, Sha512, Xxhash3, Xxhash64, Xxhash128};
    let algorithm = name.strip_prefix(b"Checksum").and_then(|name| std::str::from_utf8(name).ok());
    let algorithm = algorithm.and_then(ChecksumAlgorithm::parse);
    algorithm.is_some_and(|algorithm| matches!(algorithm, Md5 | Sha512 | Xxhash3 | Xxhash64 | Xxhash128))
}

/// The document without the checksums that `s3s` does not know, and would refuse. What is no document stays as it is.
pub(super) fn readable(document: &Bytes) -> Bytes {
    let mut reader = Reader::from_reader(&document[..]);
    let (mut readable, mut from) = (Vec::new(), 0);
    loop {
        let at = reader.buffer_position() as usize;
        let Ok(event) = reader.read_event() else { return document.clone() };
        let begins = match &event {
            Event::Eof => break,
            Event::Start(element) | Event::Empty(element) => is_unknown(element.local_name().as_ref()),
            _ => false,
        };
        let ends = match &event {
            Event::Empty(_) => begins,
            Event::End(element) => is_unknown(element.local_name().as_ref()),
            _ => false,
        };
        if begins {
            readable.extend_from_slice(&document[from..at]);
        }
        if ends {
            from = reader.buffer_position() as usize;
        }
    }
    if from == 0 {
        return document.clone();
    }
    readable.extend_from_slice(&document[from..]);
    readable.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_does_not_know_is_left_out() {
        for (document, expected) in [
            ("<C><Part><ETag>a</ETag></Part></C>", "<C><Part><ETag>a</ETag></Part></C>"),
            ("<C><Part><ETag>a</ETag><ChecksumMD5>x</ChecksumMD5></Part></C>", "<C><Part><ETag>a</ETag></Part></C>"),
            ("<C><ChecksumSHA512/><n:ChecksumXXHASH3>x</n:ChecksumXXHASH3>b</C>", "<C>b</C>"),
            ("<C><ChecksumSHA1>x</ChecksumSHA1></C>", "<C><ChecksumSHA1>x</ChecksumSHA1></C>"),
            ("<C><ChecksumMD5>x</C>", "<C><ChecksumMD5>x</C>"),
            ("", ""),
        ] {
            assert_eq!(readable(&Bytes::from(document)), expected, "{document}");
        }
    }

    #[test]
    fn every_part_has_its_own_or_none() {
        let document = "<C><Part><ETag>a</ETag><ChecksumXXHASH3>AA==</ChecksumXXHASH3></Part><Part><ETag>b</ETag></Part>\
                        <Part><ChecksumCRC32>BB==</ChecksumCRC32></Part></C>";
        let found = checksums(document.as_bytes()).unwrap();
        let expected = [
            Some((ChecksumAlgorithm::Xxhash3, "AA==".to_owned())),
            None,
            Some((ChecksumAlgorithm::Crc32, "BB==".into())),
        ];
        assert_eq!(found, expected);
        assert!(checksums(b"<C><Part>").is_ok_and(|parts| parts == [None]));
    }
}
