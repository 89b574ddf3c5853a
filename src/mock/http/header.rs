//! The values of headers, as text.

use http::HeaderMap;
use http::header::AsHeaderName;

/// A header's value, when it is text.
pub(crate) fn header_text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
