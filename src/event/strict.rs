//! Reading bytes strictly: what a JSON parser would silently drop or round is reported.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::{DocumentDescription, describe_document};

/// Something in a JSON text that reading it would lose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Where it stands, as a JSON Pointer.
    pub pointer: String,
    /// The byte at which it starts.
    pub offset: usize,
    /// What would be lost.
    pub kind: LossKind,
}

/// What reading a JSON text would lose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LossKind {
    /// The object names this member again: most parsers keep only one of the values.
    DuplicateKey(String),
    /// The number fits neither `i64` nor `u64` nor a finite `f64`.
    NumberOutOfRange(String),
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        match &self.kind {
            LossKind::DuplicateKey(key) => write!(f, "{at}: duplicate key {key:?} (byte {})", self.offset),
            LossKind::NumberOutOfRange(number) => {
                write!(f, "{at}: number {number} is out of range (byte {})", self.offset)
            }
        }
    }
}

/// Why bytes could not be read as an event.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The bytes are not UTF-8 from this offset on.
    NotUtf8 {
        /// The number of good bytes before.
        offset: usize,
    },
    /// The text starts with a byte-order mark, which JSON does not allow.
    ByteOrderMark,
    /// The text is JSON, but not of the form of the type, and looks like this document.
    Unfit {
        /// What the document looks like.
        document: DocumentDescription,
        /// The type as which it was to be read.
        wanted: &'static str,
        /// What the type does not take.
        error: serde_json::Error,
    },
    /// The text is not JSON, or not of the form of the type.
    Json(serde_json::Error),
    /// The text is JSON, but reading it would lose something.
    Lossy(Vec<Loss>),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 { offset } => write!(f, "the bytes are not UTF-8 from byte {offset} on"),
            Self::ByteOrderMark => f.write_str("the text starts with a byte-order mark (U+FEFF), which is not JSON"),
            Self::Unfit { document, wanted, error } => {
                write!(f, "this is {document}, and does not read as {wanted}: {error}")
            }
            Self::Json(error) => error.fmt(f),
            Self::Lossy(losses) => {
                for (at, loss) in losses.iter().enumerate() {
                    if at > 0 {
                        f.write_str("; ")?;
                    }
                    loss.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) | Self::Unfit { error, .. } => Some(error),
            Self::NotUtf8 { .. } | Self::ByteOrderMark | Self::Lossy(_) => None,
        }
    }
}

/// Reads an event from bytes, and refuses what could not be printed again as it was: repeated keys and
/// numbers out of range.
///
/// ```
/// use lambda_testkit::event::{Json, from_slice};
///
/// let error = from_slice::<Json>(br#"{"a":{"n":1e999,"b":1,"b":2}}"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "/a/n: number 1e999 is out of range (byte 10); /a/b: duplicate key \"b\" (byte 22)",
/// );
/// ```
///
/// A document of another family is named:
///
/// ```
/// use lambda_testkit::event::{S3Event, from_slice};
/// use lambda_testkit::fixture;
///
/// let error = from_slice::<S3Event>(fixture::get("sqs/standard").unwrap().as_bytes()).unwrap_err();
/// assert!(error.to_string().starts_with("this is sqs/standard, and does not read as S3Event: "), "{error}");
/// ```
///
/// # Errors
///
/// [`ReadError`] for bytes that are not UTF-8, not JSON or not of the form of `T`, and for losses.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    let losses = losses(bytes)?;
    if !losses.is_empty() {
        return Err(ReadError::Lossy(losses));
    }
    serde_json::from_slice(bytes).map_err(|error| match describe_document(bytes) {
        Some(document) if error.is_data() => {
            let wanted = std::any::type_name::<T>();
            let end = wanted.find('<').unwrap_or(wanted.len());
            let start = wanted[..end].rfind("::").map_or(0, |at| at + 2);
            ReadError::Unfit { document, wanted: &wanted[start..end], error }
        }
        _ => ReadError::Json(error),
    })
}

/// U+FEFF as UTF-8 has it.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One step of a JSON Pointer (RFC 6901): `/` and the escaped name.
pub(crate) fn pointer_step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Everything in a JSON text that reading it would lose, in the order of the text.
///
/// # Errors
///
/// [`ReadError::NotUtf8`] and [`ReadError::Json`] for bytes that are not JSON at all.
pub fn losses(bytes: &[u8]) -> Result<Vec<Loss>, ReadError> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Err(ReadError::ByteOrderMark);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| ReadError::NotUtf8 { offset: error.valid_up_to() })?;
    // From here on the text is known to be JSON, so that the scanner need not look for errors.
    serde_json::from_str::<IgnoredAny>(text).map_err(ReadError::Json)?;
    Ok(Scanner { text, at: 0, open: Vec::new(), losses: Vec::new() }.scan())
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The objects and arrays around the place, outermost first. A list instead of recursion, because the
    /// text may be nested as deep as it is long.
    open: Vec<Open>,
    losses: Vec<Loss>,
}

enum Open {
    Object { seen: HashSet<String>, key: Option<String> },
    Array { index: usize },
}

impl Scanner<'_> {
    fn scan(mut self) -> Vec<Loss> {
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'{' => self.open.push(Open::Object { seen: HashSet::new(), key: None }),
                b'[' => self.open.push(Open::Array { index: 0 }),
                b'}' | b']' => drop(self.open.pop()),
                b',' => match self.open.last_mut() {
                    Some(Open::Object { key, .. }) => *key = None,
                    Some(Open::Array { index }) => *index += 1,
                    None => {}
                },
                b'"' => {
                    self.string();
                    continue;
                }
                b'-' | b'0'..=b'9' => {
                    self.number();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.losses
    }

    fn string(&mut self) {
        let start = self.at;
        let mut escape = false;
        self.at += 1;
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            self.at += 1;
            match byte {
                _ if escape => escape = false,
                b'\\' => escape = true,
                b'"' => break,
                _ => {}
            }
        }
        let raw = &self.text[start..self.at];
        if let Some(Open::Object { seen, key: key @ None }) = self.open.last_mut() {
            // A key that cannot be decoded (a lone surrogate) is an error of its own when it is read.
            let name = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
            let new = seen.insert(name.clone());
            *key = Some(name.clone());
            if !new {
                self.report(start, LossKind::DuplicateKey(name));
            }
        }
    }

    fn number(&mut self) {
        let rest = &self.text[self.at..];
        let is_part = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let length = rest.bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        let number = &rest[..length];
        let fits = if number.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
            number.parse::<f64>().is_ok_and(f64::is_finite)
        } else {
            number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok()
        };
        if !fits {
            self.report(self.at, LossKind::NumberOutOfRange(number.to_owned()));
        }
        self.at += length;
    }

    fn report(&mut self, offset: usize, kind: LossKind) {
        let mut pointer = String::new();
        for open in &self.open {
            match open {
                Open::Object { key, .. } => pointer.push_str(&pointer_step(key.as_deref().unwrap_or_default())),
                Open::Array { index } => pointer.push_str(&format!("/{index}")),
            }
        }
        self.losses.push(Loss { pointer, offset, kind });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_found_at_any_depth_with_their_place() {
        for (text, found) in [
            (r#"{"a":1,"\u0061":2}"#, &["/a: duplicate key \"a\" (byte 7)"][..]),
            (r#"[0,{"x":[{"k":"v","k":"{\"k\":1}"}]}]"#, &["/1/x/0/k: duplicate key \"k\" (byte 18)"]),
            (
                r#"{"a/b~":[18446744073709551616]}"#,
                &["/a~1b~0/0: number 18446744073709551616 is out of range (byte 9)"],
            ),
            ("-9223372036854775809", &["the document: number -9223372036854775809 is out of range (byte 0)"]),
            (
                "[1e400,-1E+400]",
                &["/0: number 1e400 is out of range (byte 1)", "/1: number -1E+400 is out of range (byte 7)"],
            ),
            (r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":"a"}]}"#, &[]),
            ("[18446744073709551615,-9223372036854775808,-0,1.5e300,\"1e400\"]", &[]),
        ] {
            let losses = losses(text.as_bytes()).unwrap();
            assert_eq!(losses.iter().map(Loss::to_string).collect::<Vec<_>>(), found, "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_an_error_and_not_a_loss() {
        for bytes in [&b""[..], b"{", b"\"\xff\"", b"{\"a\":}", b"[1,]", b"nul", b"1 2"] {
            assert!(losses(bytes).is_err(), "{bytes:?}");
        }
        assert!(matches!(losses(b"\"a\xff\""), Err(ReadError::NotUtf8 { offset: 2 })));
    }

    #[test]
    fn nesting_without_end_does_not_overflow_the_stack() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert!(losses(deep.as_bytes()).unwrap().is_empty());
        assert!(from_slice::<crate::event::Json>(deep.as_bytes()).is_err());
    }
}
