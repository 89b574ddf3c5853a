//! The values of headers, as text.

use http::HeaderMap;

/// A header's value, when it is text.
pub(crate) fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
