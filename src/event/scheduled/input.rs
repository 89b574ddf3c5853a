//! What the target of a rule receives.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::{EventPath, InputTransformer};
use crate::event::{Arn, DEFAULT_TIME, EventBridgeEvent, InvalidName, Json};

/// What the target of a rule receives: the whole event, or one of the three replacements, which AWS allows
/// one at a time.
///
/// ```
/// use lambda_testkit::event::{RuleContext, ScheduledEvent, TargetInput};
///
/// let event = ScheduledEvent::rule("nightly").build();
/// let input = TargetInput::constant(r#"{"log":"2026-01-01.log"}"#).unwrap();
/// assert_eq!(input.apply(&event, &RuleContext::of(&event)).unwrap(), r#"{"log":"2026-01-01.log"}"#);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum TargetInput {
    /// The whole event.
    Whole,
    /// A constant JSON text (`Input`), handed on as it is.
    Constant(String),
    /// A part of the event (`InputPath`).
    Path(EventPath),
    /// A text with values of the event filled in (`InputTransformer`).
    Transformer(InputTransformer),
}

/// What a template can name beside the event itself.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleContext {
    /// The ARN of the rule, `<aws.events.rule-arn>`.
    pub rule_arn: String,
    /// The name of the rule, `<aws.events.rule-name>`.
    pub rule_name: String,
    /// When EventBridge received the event, `<aws.events.event.ingestion-time>`.
    pub ingestion_time: Timestamp,
}

impl RuleContext {
    /// The context of the rule `arn`.
    pub fn new(arn: &Arn, ingestion_time: Timestamp) -> Self {
        let rule_name = arn.resource().rsplit('/').next().unwrap_or_default().to_owned();
        Self { rule_arn: arn.to_string(), rule_name, ingestion_time }
    }

    /// The context of the rule that sent a scheduled event: its first resource and its time.
    pub fn of<D>(event: &EventBridgeEvent<D>) -> Self {
        let rule_arn = event.resources.first().cloned().unwrap_or_default();
        let rule_name = rule_arn.rsplit('/').next().unwrap_or_default().to_owned();
        Self { rule_arn, rule_name, ingestion_time: event.time.timestamp() }
    }
}

impl Default for RuleContext {
    /// No rule, at the start of 2026.
    fn default() -> Self {
        Self { rule_arn: String::new(), rule_name: String::new(), ingestion_time: DEFAULT_TIME }
    }
}

/// Why an input is refused, or could not be made for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// The text is not JSON.
    NotJson {
        /// The text.
        text: String,
        /// What the parser says.
        error: String,
    },
    /// A text is empty or too long.
    Length {
        /// Which text.
        what: &'static str,
        /// Its length.
        length: usize,
        /// The greatest length.
        max: usize,
        /// In what the length is counted: `characters` or `bytes`.
        unit: &'static str,
    },
    /// A path is not of the form that EventBridge takes.
    Path(InvalidName),
    /// The path leads nowhere in this event.
    NothingThere {
        /// The path.
        path: String,
    },
    /// A template names a placeholder that has no path. AWS says: `InputTemplate for target … contains
    /// invalid placeholder …`.
    UnknownPlaceholder(String),
    /// A value that stands inside a string of the template is not escaped, and what comes out is not JSON: AWS drops the
    /// delivery.
    PlaceholderBreaksJson {
        /// The name of the placeholder.
        placeholder: String,
        /// Its value, as it was put into the template.
        value: String,
        /// The template, filled in.
        text: String,
    },
    /// A placeholder stands as the name of a member, which AWS does not replace.
    PlaceholderAsName(String),
    /// A placeholder has a name that AWS does not take.
    PlaceholderName(String),
    /// There are more than 100 paths.
    TooManyPaths(usize),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { text, error } => write!(f, "{text:?} is not JSON: {error}"),
            Self::Length { what, length, max, unit } => write!(f, "{what} has {length} {unit}: 1 to {max} are allowed"),
            Self::Path(error) => error.fmt(f),
            Self::NothingThere { path } => write!(f, "{path} leads nowhere in the event"),
            Self::UnknownPlaceholder(name) => write!(f, "the template contains the invalid placeholder {name}"),
            Self::PlaceholderBreaksJson { placeholder, value, text } => write!(
                f,
                "the value {value:?} of the placeholder <{placeholder}> is put into a string as it is, and makes {text:?}, which is not JSON: without quotes around <{placeholder}> it would be written as JSON"
            ),
            Self::PlaceholderAsName(name) => write!(f, "the placeholder {name} stands as the name of a member"),
            Self::PlaceholderName(name) => write!(
                f,
                "invalid placeholder name {name:?}: 1 to 256 letters, digits, hyphens and underscores, not starting with AWS."
            ),
            Self::TooManyPaths(count) => write!(f, "{count} input paths: at most 100 are allowed"),
        }
    }
}

impl std::error::Error for InputError {}

impl From<InvalidName> for InputError {
    fn from(error: InvalidName) -> Self {
        Self::Path(error)
    }
}

/// The greatest length of a constant input and of a template, in characters (`Target` in the API reference of EventBridge).
const MAX_INPUT: usize = 8192;

pub(super) fn check_length(what: &'static str, text: &str) -> Result<(), InputError> {
    let length = text.chars().count();
    if (1..=MAX_INPUT).contains(&length) {
        Ok(())
    } else {
        Err(InputError::Length { what, length, max: MAX_INPUT, unit: "characters" })
    }
}

/// Checks that the text is one or more JSON values (a template may have one on each line).
pub(super) fn check_json(text: &str) -> Result<(), InputError> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    let not_json = |error: &dyn fmt::Display| InputError::NotJson { text: text.to_owned(), error: error.to_string() };
    match values.next() {
        None => return Err(not_json(&"it is empty")),
        Some(Err(error)) => return Err(not_json(&error)),
        Some(Ok(_)) => {}
    }
    values.try_for_each(|value| value.map(drop)).map_err(|error| not_json(&error))
}

impl TargetInput {
    /// A constant input: any JSON text of at most 8,192 characters.
    ///
    /// # Errors
    ///
    /// [`InputError`] for other text.
    pub fn constant(json: impl Into<String>) -> Result<Self, InputError> {
        let json = json.into();
        check_length("the input", &json)?;
        match serde_json::from_str::<serde_json::Value>(&json) {
            Ok(_) => Ok(Self::Constant(json)),
            Err(error) => Err(InputError::NotJson { text: json, error: error.to_string() }),
        }
    }

    /// A part of the event.
    ///
    /// # Errors
    ///
    /// [`InputError::Path`] for a text that is no [`EventPath`].
    pub fn path(path: &str) -> Result<Self, InputError> {
        Ok(Self::Path(path.parse()?))
    }

    /// A template with the values that the paths lead to.
    ///
    /// # Errors
    ///
    /// As [`InputTransformer::new`].
    pub fn transformer<'a>(
        paths: impl IntoIterator<Item = (&'a str, &'a str)>,
        template: impl Into<String>,
    ) -> Result<Self, InputError> {
        InputTransformer::new(paths, template).map(Self::Transformer)
    }

    /// The text that the target receives for this event.
    ///
    /// # Errors
    ///
    /// [`InputError::NothingThere`] for a path that leads nowhere, and what [`InputTransformer::apply_to`] reports of a
    /// filled-in template that is not JSON: AWS drops such a delivery.
    pub fn apply<D: Serialize>(&self, event: &EventBridgeEvent<D>, rule: &RuleContext) -> Result<String, InputError> {
        let json = || {
            Json::from_serialize(event)
                .map_err(|error| InputError::NotJson { text: "the event".to_owned(), error: error.to_string() })
        };
        match self {
            Self::Whole => Ok(json()?.to_string()),
            Self::Constant(text) => Ok(text.clone()),
            Self::Path(path) => match path.select(&json()?) {
                Some(part) => Ok(part.to_string()),
                None => Err(InputError::NothingThere { path: path.to_string() }),
            },
            Self::Transformer(transformer) => transformer.apply(&json()?, rule),
        }
    }
}
