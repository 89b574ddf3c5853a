//! Keys encode and decode as a second, simple program says.

#![no_main]

use lambda_testkit::event::{EncodedKey, ObjectKey};
use libfuzzer_sys::fuzz_target;

/// Form decoding, byte by byte.
fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut raw = Vec::new();
    while let Some(byte) = bytes.next() {
        raw.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(raw).ok()
}

/// What `java.net.URLEncoder` does, but for the slash.
fn encode(raw: &str) -> String {
    let one = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'*' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    raw.bytes().map(one).collect()
}

fn fits(raw: &str) -> bool {
    (1..=ObjectKey::MAX_BYTES).contains(&raw.len())
}

fuzz_target!(|text: &str| {
    let decoded = ObjectKey::decode(text).ok();
    assert_eq!(decoded.as_ref().map(ObjectKey::as_str), decode(text).filter(|raw| fits(raw)).as_deref());
    let spelled = EncodedKey::new(text);
    assert_eq!(spelled.is_ok(), decoded.is_some());
    if let (Ok(spelled), Some(decoded)) = (spelled, &decoded) {
        assert_eq!(spelled.as_str(), text, "the spelling is kept");
        assert_eq!(spelled.decode(), *decoded);
    }

    let raw = ObjectKey::new(text);
    assert_eq!(raw.is_ok(), fits(text));
    for key in raw.ok().into_iter().chain(decoded) {
        let encoded = key.encode();
        assert_eq!(encoded.as_str(), encode(key.as_str()));
        assert_eq!(encoded.decode(), key);
    }
});
