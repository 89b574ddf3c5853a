//! Keys in the encoded form that events, filters and `encoding-type=url` share.

use crate::event::ObjectKey;

/// The text in the form in which S3 encodes keys. Longer texts than a key are not encoded, for S3 has none.
pub(crate) fn encoded(text: &str) -> String {
    ObjectKey::new(text).map_or_else(|_| text.to_owned(), |key| key.encode().as_str().to_owned())
}
