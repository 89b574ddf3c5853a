//! The checksums in the document that completes an upload: `s3s` knows half of them.

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

#[cfg(test)]
mod tests {
    use super::*;

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
