//! What a document is, for messages about one that is not what was expected.

use std::fmt;

use serde_json::Value;

use super::look::{self, unsupported};

/// What a document looks like. `Display` is the name alone, which fits behind "this is".
///
/// A look at a few members: the document need not be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentDescription {
    /// A document that this crate knows, by the name of its schema and fixture, such as `sqs/standard`.
    Known(&'static str),
    /// An event of AWS that this crate does not support, such as `a Kinesis stream event`.
    Unsupported(&'static str),
}

impl fmt::Display for DocumentDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(name) => f.pad(name),
            Self::Unsupported(name) => write!(f, "{name}, which is not supported"),
        }
    }
}

impl DocumentDescription {
    /// What a document looks like; none for one that carries no mark of an event of AWS.
    pub fn of(document: &Value) -> Option<Self> {
        look::name(document).map(Self::Known).or_else(|| unsupported(document).map(Self::Unsupported))
    }
}

/// What a document looks like; none for bytes that are not JSON, and for a document that carries no mark of an event of
/// AWS. Meant for the moment in which a payload could not be read as what somebody expected.
///
/// ```
/// use lambda_testkit::event::{S3Event, describe_document};
/// use lambda_testkit::fixture;
///
/// let payload = fixture::get("sqs/standard").unwrap().as_bytes();
/// assert!(serde_json::from_slice::<S3Event>(payload).is_err());
/// assert_eq!(describe_document(payload).unwrap().to_string(), "sqs/standard");
/// let kinesis = br#"{"Records": [{"eventSource": "aws:kinesis"}]}"#;
/// assert_eq!(describe_document(kinesis).unwrap().to_string(), "a Kinesis stream event, which is not supported");
/// assert_eq!(describe_document(br#"{"user": 7}"#), None);
/// ```
pub fn describe_document(bytes: &[u8]) -> Option<DocumentDescription> {
    DocumentDescription::of(&serde_json::from_slice(bytes).ok()?)
}
