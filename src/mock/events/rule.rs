//! The rules of a bus: which events each lets through, and to whom.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>

use std::fmt;

use serde_json::Value;

use crate::event::{Arn, TargetInput};
use crate::pattern::{EventPattern, InvalidPattern};

/// The longest name of a rule, in characters.
const LONGEST_NAME: usize = 64;
/// The longest event pattern, in characters: the quota that accounts have unless they ask for more.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const LONGEST_PATTERN: usize = 2048;

/// A rule of a bus, with the one target that it has here.
#[derive(Debug, Clone)]
pub(crate) struct BusRule {
    pub name: String,
    pub pattern: EventPattern,
    /// The ARN of a function or a queue, of a function with its qualifier.
    pub target: Arn,
    /// What the target gets of the event.
    pub input: TargetInput,
    pub enabled: bool,
}

/// Why a rule is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvalidRule {
    Name(String),
    /// So many characters.
    LongPattern(usize),
    Pattern(InvalidPattern),
}

/// Whether a text may name a bus or a rule: letters, digits, dots, hyphens and underscores, at most so many.
pub(crate) fn is_name(text: &str, longest: usize) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=longest).contains(&text.len()) && text.bytes().all(fits)
}

impl BusRule {
    /// A rule with a pattern in JSON.
    ///
    /// # Errors
    ///
    /// [`InvalidRule`].
    pub fn new(name: &str, pattern: &str, target: Arn, input: TargetInput) -> Result<Self, InvalidRule> {
        if !is_name(name, LONGEST_NAME) {
            return Err(InvalidRule::Name(name.to_owned()));
        }
        let length = pattern.chars().count();
        if length > LONGEST_PATTERN {
            return Err(InvalidRule::LongPattern(length));
        }
        let pattern = EventPattern::parse(pattern).map_err(InvalidRule::Pattern)?;
        Ok(Self { name: name.to_owned(), pattern, target, input, enabled: true })
    }
}

impl BusRule {
    /// Whether it lets an event through; if not, why.
    pub fn check(&self, event: &Value) -> Result<(), String> {
        if !self.enabled {
            return Err("the trigger is disabled".to_owned());
        }
        self.pattern.matches(event).map_err(|mismatch| mismatch.to_string())
    }
}

impl InvalidRule {
    /// The code of the error that PutRule answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => "ValidationException",
            Self::LongPattern(_) | Self::Pattern(_) => "InvalidEventPatternException",
        }
    }
}

impl fmt::Display for InvalidRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(
                f,
                "{name:?} is no name of a rule: it has 1 to {LONGEST_NAME} letters, digits, dots, hyphens and underscores"
            ),
            Self::LongPattern(length) => {
                write!(
                    f,
                    "Event pattern is not valid. Reason: it has {length} characters, and at most {LONGEST_PATTERN} are taken"
                )
            }
            Self::Pattern(why) => write!(f, "Event pattern is not valid. Reason: {why}"),
        }
    }
}
