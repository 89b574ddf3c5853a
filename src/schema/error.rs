//! What a validation reports.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValidationError {
    pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
    expected: String,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl ValidationError {
    pub(super) fn new(pointer: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), offset: None, expected: expected.into(), found: found.into(), hint: None }
    }

    pub(super) fn syntax(offset: usize, expected: &str, found: &str) -> Self {
        Self { offset: Some(offset), ..Self::new("", expected, found) }
    }

    pub(super) fn with_hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// Where: a JSON Pointer (RFC 6901). For a missing member it is the pointer that the member would have; for text
    /// that is not JSON it is empty, and [`offset`](Self::offset) says where.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The byte where the document stops being JSON, counted from 0. None if it is JSON.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }

    /// What should stand there.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What stands there, shortened; `nothing` for a missing member.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// How to put it right, where that can be guessed.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "at byte {offset}: ")?,
            None if self.pointer.is_empty() => {}
            None => write!(f, "at {}: ", self.pointer)?,
        }
        write!(f, "expected {}, found {}", self.expected, self.found)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

impl std::error::Error for ValidationError {}

/// All that is wrong with a document, and which event it looks like.
///
/// `Display` prints one line that names the event and one line for each error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValidationErrors {
    looks_like: Option<&'static str>,
    #[serde(skip)]
    unsupported: Option<&'static str>,
    errors: Vec<ValidationError>,
}

impl ValidationErrors {
    /// Keeps the first error of each place: the others repeat it in other words.
    pub(super) fn new(looks_like: Option<&'static str>, errors: Vec<ValidationError>) -> Self {
        let mut kept: Vec<ValidationError> = Vec::with_capacity(errors.len());
        for error in errors {
            if !kept.iter().any(|known| known.pointer == error.pointer && known.offset == error.offset) {
                kept.push(error);
            }
        }
        Self { looks_like, unsupported: None, errors: kept }
    }

    /// Of an event of AWS that no schema knows: one error with an empty pointer.
    pub(super) fn unsupported(name: &'static str) -> Self {
        let error = ValidationError::new("", "an event of S3, SQS, SNS, EventBridge, a schedule or Lambda", name);
        Self { looks_like: None, unsupported: Some(name), errors: vec![error] }
    }

    /// The same with these errors in front.
    pub(super) fn behind(self, mut first: Vec<ValidationError>) -> Self {
        first.extend(self.errors);
        Self { unsupported: self.unsupported, ..Self::new(self.looks_like, first) }
    }

    /// What the document looks like, if that is an event of AWS that no schema knows, such as `a Kinesis stream event`.
    pub fn unsupported_event(&self) -> Option<&'static str> {
        self.unsupported
    }

    /// The schema that the document looks made for, such as `s3/put`; none if it looks like no known event.
    pub fn looks_like(&self) -> Option<&'static str> {
        self.looks_like
    }

    /// The errors, in the order of the document's checks. There is at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, ValidationError> {
        self.errors.iter()
    }
}

impl<'a> IntoIterator for &'a ValidationErrors {
    type Item = &'a ValidationError;
    type IntoIter = std::slice::Iter<'a, ValidationError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ValidationErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut errors = self.errors.as_slice();
        match (self.unsupported, self.looks_like) {
            (Some(name), _) => {
                write!(f, "not supported: this looks like {name}")?;
                // The last error says just that.
                errors = errors.split_last().map_or(errors, |(_, others)| others);
            }
            (None, Some(name)) => write!(f, "the document looks like {name} but is not valid")?,
            (None, None) => f.write_str("the document looks like no known event")?,
        }
        errors.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for ValidationErrors {}

/// A value in a few words: scalars in full up to 60 characters, containers by their size.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(members) => format!("an object with {} members", members.len()),
        scalar => {
            let text = scalar.to_string();
            match text.char_indices().nth(60) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}
