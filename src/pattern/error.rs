//! Why a text is no pattern.

use std::fmt;

/// A text that is no event pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvalidPattern {
    /// Where, as `body.type`; empty for the whole.
    path: String,
    reason: String,
}

impl InvalidPattern {
    pub(super) fn new(path: &str, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: reason.into() }
    }
}

/// In the words of EventBridge, with the member.
impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for InvalidPattern {}
