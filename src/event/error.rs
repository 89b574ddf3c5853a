//! Why a builder refused to build.

use std::fmt;

use super::ids::is_uuid;
use super::{EventVersion, InvalidName};

/// Why a builder refused to build an event. `Display` says what was wrong, with the value and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// A name, key or number breaks AWS's rules.
    Name(InvalidName),
    /// A field was set that events of this kind do not carry.
    NotCarried {
        /// The kind of event, as AWS names it.
        event: String,
        /// The field that was set.
        field: &'static str,
    },
    /// The kind of event has no version of its own from before the versions were unified.
    NoLegacyVersion {
        /// The kind of event, as AWS names it.
        event: String,
    },
    /// The record version is older than the field.
    TooOld {
        /// The field that was set.
        field: &'static str,
        /// The version that the record would have.
        version: EventVersion,
        /// The first version with the field.
        since: EventVersion,
    },
    /// The kind of event does not exist on EventBridge.
    NotOnEventBridge {
        /// The kind of event, as AWS names it.
        event: String,
    },
    /// A value breaks a limit or rule.
    Rule {
        /// What was set.
        what: &'static str,
        /// The offending value, or what is wrong with it.
        value: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::NotCarried { event, field } => write!(f, "{event} events do not carry {field}"),
            Self::NoLegacyVersion { event } => {
                write!(f, "{event} events came after the unified versions and have no legacy version")
            }
            Self::TooOld { field, version, since } => {
                write!(f, "{field} exists since version {since}, but the record has version {version}")
            }
            Self::NotOnEventBridge { event } => write!(f, "S3 does not send {event} events to EventBridge"),
            Self::Rule { what, value, rule } => write!(f, "invalid {what} {value:?}: {rule}"),
        }
    }
}

impl std::error::Error for BuildError {}

impl From<InvalidName> for BuildError {
    fn from(error: InvalidName) -> Self {
        Self::Name(error)
    }
}

/// Checks that a text that was set is not empty.
pub(super) fn not_empty(what: &'static str, text: Option<&str>) -> Result<(), BuildError> {
    match text {
        Some("") => Err(BuildError::Rule { what, value: String::new(), rule: "it is not empty" }),
        _ => Ok(()),
    }
}

/// Checks that the id of an event is a UUID: hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(super) fn check_uuid(what: &'static str, text: &str) -> Result<(), BuildError> {
    if is_uuid(text) {
        Ok(())
    } else {
        let rule = "it is a UUID such as 6a7e8feb-b491-4cf7-a9f1-bf3703467718";
        Err(BuildError::Rule { what, value: text.to_owned(), rule })
    }
}

/// The value of a builder's setter: a checked one, or text still to be checked.
pub(super) fn checked<T, V: TryInto<T, Error: Into<InvalidName>>>(value: V) -> Result<T, BuildError> {
    value.try_into().map_err(|error| BuildError::Name(error.into()))
}
