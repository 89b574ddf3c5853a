//! Headers whose text is more than what `s3s` would read in it.

use http::header::{EXPIRES, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

use super::words;

/// What was taken out of a request before `s3s` reads it.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    /// The `Expires` header. S3 keeps it as it is, a date or not.
    pub expires: Option<HeaderValue>,
    /// The parameter that stands for it in the answer.
    pub response_expires: Option<HeaderValue>,
    /// Whether it was a browser's form.
    pub posted: bool,
}

/// Makes headers of the request such as `s3s` reads them, and keeps what it would lose.
pub(super) fn take(headers: &mut HeaderMap) -> Kept {
    metadata(headers);
    for name in [
        IF_MODIFIED_SINCE,
        IF_UNMODIFIED_SINCE,
        HeaderName::from_static("x-amz-copy-source-if-modified-since"),
        HeaderName::from_static("x-amz-copy-source-if-unmodified-since"),
    ] {
        date(headers, &name);
    }
    Kept { expires: headers.remove(EXPIRES), ..Kept::default() }
}

/// S3 reads the bytes of metadata as Latin-1, and decodes and encodes them as RFC 2047 says. `s3s` does the latter, but
/// does not take all that S3 takes, so it gets one word that it can read.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata>
fn metadata(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("x-amz-meta-")).cloned().collect();
    for name in names {
        // Of one name there is one value: S3 joins them.
        let values: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        let joined = values.join(&b","[..]);
        let text: String = joined.iter().map(|byte| char::from(*byte)).collect();
        if let Some(value) = readable(&text).or_else(|| HeaderValue::from_bytes(&joined).ok()) {
            headers.insert(name, value);
        }
    }
}

/// A value of metadata for `s3s`, unless it reads the text as it is.
pub(super) fn readable(text: &str) -> Option<HeaderValue> {
    if text.is_ascii() && !text.contains("=?") {
        return None;
    }
    HeaderValue::try_from(words::encode(&words::decode(text))).ok()
}

/// A condition with a date that cannot be read is none (RFC 9110, 13.1.3); a wrong day of the week does no harm.
fn date(headers: &mut HeaderMap, name: &HeaderName) {
    let Some(value) = headers.remove(name) else { return };
    let time = value.to_str().ok().and_then(time);
    if let Some(value) = time.and_then(http_date) {
        headers.insert(name, value);
    }
}

/// The time that a header says.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

/// A time in the form of HTTP, in whole seconds.
pub(super) fn http_date(time: Timestamp) -> Option<HeaderValue> {
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()?;
    HeaderValue::try_from(text).ok()
}
