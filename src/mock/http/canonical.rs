//! The canonical form of a request, as Signature Version 4 defines it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::borrow::Cow;

use http::HeaderMap;
use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// Writes the canonical URI: S3 encodes each path once, all other services encode the sent path once more.
pub(super) fn path(into: &mut Vec<u8>, uri: &Uri, service: &str) {
    let path = match uri.path() {
        "" => "/",
        path => path,
    };
    if service == "s3" {
        let raw = Cow::from(percent_decode_str(path));
        percent_encode(&raw, RESERVED_IN_PATH).for_each(|text| into.extend_from_slice(text.as_bytes()));
    } else {
        percent_encode(path.as_bytes(), RESERVED_IN_PATH).for_each(|text| into.extend_from_slice(text.as_bytes()));
    }
}

/// The canonical query string, without the signature of a presigned URL.
pub(super) fn query(uri: &Uri) -> String {
    let Some(query) = uri.query() else { return String::new() };
    let recode = |text: &str| {
        let raw: Vec<u8> = percent_decode_str(text).collect();
        percent_encode(&raw, RESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(name, _)| !name.eq_ignore_ascii_case("X-Amz-Signature"))
        .map(|(name, value)| (recode(name), recode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Writes the canonical headers; false when a signed header is not there, which is written as one without a value.
///
/// White space is that of ASCII: any other is part of the value, byte for byte.
pub(super) fn headers<'s>(into: &mut Vec<u8>, headers: &HeaderMap, signed: impl Iterator<Item = &'s str>) -> bool {
    let mut is_whole = true;
    for name in signed {
        let mut values = headers.get_all(name).iter().peekable();
        into.extend_from_slice(name.as_bytes());
        if values.peek().is_none() {
            is_whole = false;
            into.push(b':');
        }
        for (place, value) in values.enumerate() {
            into.push(if place == 0 { b':' } else { b',' });
            let words = value.as_bytes().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            for (place, word) in words.enumerate() {
                if place > 0 {
                    into.push(b' ');
                }
                into.extend_from_slice(word);
            }
        }
        into.push(b'\n');
    }
    is_whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(uri: &Uri, service: &str) -> String {
        let mut text = Vec::new();
        super::path(&mut text, uri, service);
        String::from_utf8(text).unwrap()
    }

    fn headers(map: &HeaderMap, name: &str) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        super::headers(&mut text, map, [name].into_iter()).then_some(text)
    }

    #[test]
    fn s3_paths_are_encoded_once_and_others_twice() {
        let uri: Uri = "/a%20b/%E3%81%82+c".parse().unwrap();
        assert_eq!(path(&uri, "s3"), "/a%20b/%E3%81%82%2Bc");
        assert_eq!(path(&uri, "lambda"), "/a%2520b/%25E3%2581%2582%2Bc");
    }

    #[test]
    fn queries_are_sorted_and_lose_the_signature() {
        let uri: Uri = "/?prefix=a/b&X-Amz-Signature=1&list-type=2&notification".parse().unwrap();
        assert_eq!(query(&uri), "list-type=2&notification=&prefix=a%2Fb");
    }

    #[test]
    fn header_values_are_trimmed_and_joined() {
        let mut map = HeaderMap::new();
        map.append("x-a", " 1   2 ".parse().unwrap());
        map.append("x-a", "3".parse().unwrap());
        assert_eq!(headers(&map, "x-a").as_deref(), Some(&b"x-a:1 2,3\n"[..]));
        assert_eq!(headers(&map, "x-b"), None);
    }

    #[test]
    fn only_white_space_of_ascii_is_collapsed_and_other_bytes_are_kept() {
        let mut map = HeaderMap::new();
        let value = http::HeaderValue::from_bytes(b"a\xc2\xa0\xc2\xa0b \t c\xe4").unwrap();
        map.append("x-a", value);
        assert_eq!(headers(&map, "x-a").as_deref(), Some(&b"x-a:a\xc2\xa0\xc2\xa0b c\xe4\n"[..]));
    }
}
