//! Prefixes and suffixes of filters. They are given URL-encoded and mean text: `%3d` and `%3D` are the same, and `%` of
//! a key is no part of an escape.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>

use percent_encoding::percent_decode_str;

use crate::mock::s3::encode::encoded;

/// The text that the value of a filter means. None when it has a character that must be encoded and is not: no key
/// matches that.
pub(super) fn text(value: &str) -> Option<Vec<u8>> {
    let mut literal = value.split('%');
    let plain = literal.next().is_none_or(is_literal);
    let escapes = literal.all(|part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && is_literal(rest)
    });
    (plain && escapes).then(|| percent_decode_str(&value.replace('+', " ")).collect())
}

/// Whether nothing in it needs an escape; `+` is a space.
fn is_literal(part: &str) -> bool {
    part.split('+').all(|part| encoded(part) == part)
}

/// Whether a key starts with what a prefix means.
pub(super) fn starts(key: &str, prefix: &str) -> bool {
    text(prefix).is_some_and(|prefix| key.as_bytes().starts_with(&prefix))
}

/// Whether a key ends with what a suffix means.
pub(super) fn ends(key: &str, suffix: &str) -> bool {
    text(suffix).is_some_and(|suffix| key.as_bytes().ends_with(&suffix))
}

/// Whether some key could match two prefixes, or two suffixes: one of them is the beginning, or the end, of the other.
pub(super) fn overlap(a: Option<&str>, b: Option<&str>, within: fn(&[u8], &[u8]) -> bool) -> bool {
    // What matches nothing is compared as it stands.
    let text = |value: Option<&str>| {
        let value = value.unwrap_or("");
        text(value).unwrap_or_else(|| value.as_bytes().to_vec())
    };
    let (a, b) = (text(a), text(b));
    within(&a, &b) || within(&b, &a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_and_what_lacks_one_matches_nothing() {
        for (value, meaning) in [
            ("", Some("")),
            ("a/b-c_d.e*", Some("a/b-c_d.e*")),
            ("a+b", Some("a b")),
            ("a%20b%3d%3D%2B", Some("a b==+")),
            ("%C3%a9", Some("é")),
            ("a b", None),
            ("é", None),
            ("50%", None),
            ("%3", None),
            ("%3é", None),
            ("a=b", None),
        ] {
            assert_eq!(text(value).as_deref(), meaning.map(str::as_bytes), "{value}");
        }
    }
}
