//! The one document of CBOR that is answered: an error.

use bytes::Bytes;

/// A map of the error's code and its message, as RPC v2 has it.
///
/// <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>
pub(super) fn error(code: &str, message: &str) -> Bytes {
    const MAP_OF_TWO: u8 = 0xa2;
    let mut bytes = vec![MAP_OF_TWO];
    ["__type", code, "message", message].into_iter().for_each(|text| put(&mut bytes, text));
    Bytes::from(bytes)
}

/// A text string with its length in four bytes (RFC 8949, 3.1).
fn put(bytes: &mut Vec<u8>, text: &str) {
    const TEXT_OF_FOUR_BYTES_OF_LENGTH: u8 = 0x7a;
    let length = u32::try_from(text.len()).expect("a message is short");
    bytes.push(TEXT_OF_FOUR_BYTES_OF_LENGTH);
    bytes.extend(length.to_be_bytes());
    bytes.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_map_of_texts() {
        let expected = b"\xa2z\0\0\0\x06__typez\0\0\0\x01Cz\0\0\0\x07messagez\0\0\0\x02no";
        assert_eq!(error("C", "no"), &expected[..]);
    }
}
