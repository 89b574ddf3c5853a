//! Encoded words of RFC 2047, in which metadata that is not ASCII goes over the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The text with its encoded words decoded. What is no such word is text; white space between two words is none.
pub(super) fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut after_word = false;
    for (number, token) in text.split(' ').enumerate() {
        let word = word(token);
        if number > 0 && !(after_word && word.is_some()) {
            decoded.push(' ');
        }
        after_word = word.is_some();
        match word {
            Some(word) => decoded.push_str(&word),
            None => decoded.push_str(token),
        }
    }
    decoded
}

/// The text as one word, whatever it says.
pub(super) fn encode(text: &str) -> String {
    format!("=?UTF-8?B?{}?=", STANDARD.encode(text))
}

fn word(token: &str) -> Option<String> {
    let mut parts = token.strip_prefix("=?")?.strip_suffix("?=")?.split('?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(text).ok()?,
        "Q" | "q" => quoted(text)?,
        _ => return None,
    };
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "us-ascii" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(bytes.into_iter().map(char::from).collect()),
        _ => None,
    }
}

fn quoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'_' => b' ',
            b'=' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_decoded_and_what_is_none_is_text() {
        for (text, meaning) in [
            ("plain  text", "plain  text"),
            ("=?UTF-8?B?w7w=?=", "ü"),
            ("=?utf-8?q?a_=C3=BC?= and =?ISO-8859-1?Q?=FC?=", "a ü and ü"),
            ("=?UTF-8?B?w7w=?= =?UTF-8?B?w7w=?=", "üü"),
            ("=?=", "=?="),
            ("=??=", "=??="),
            ("=?UTF-8?X?a?=", "=?UTF-8?X?a?="),
            ("=?UTF-8?B?w7?=", "=?UTF-8?B?w7?="),
            ("=?UTF-8?Q?=C?=", "=?UTF-8?Q?=C?="),
            ("=?EBCDIC?Q?a?=", "=?EBCDIC?Q?a?="),
        ] {
            assert_eq!(decode(text), meaning, "{text}");
        }
        assert_eq!(decode(&encode("=?=")), "=?=");
    }
}
