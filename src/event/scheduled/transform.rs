//! Input transformers: templates with values of the event filled in.

use super::input::{check_json, check_length};
use super::{EventPath, InputError, RuleContext};
use crate::event::{Json, Object, Time};

/// An `InputTransformer` of a rule's target.
///
/// In a template, `<name>` stands for a value. Outside quotes it becomes JSON (`""` when there is no such value). Inside
/// quotes it becomes text, **not escaped**: in a template that is one or more strings, objects and arrays are written
/// without their quotes; in a template that is an object, they are written as JSON. A value with quotes, backslashes or
/// line feeds therefore breaks the string around it, and AWS drops the delivery: that is an
/// [`InputError::PlaceholderBreaksJson`]. Outside quotes nothing breaks.
///
/// As recorded on AWS, and for the escaping the user guide of EventBridge, "Common Issues with transforming input"
/// (`eb-transform-target-input.html`): values taken by an input path are not escaped.
///
/// ```
/// use lambda_testkit::event::{InputTransformer, RuleContext, ScheduledEvent};
///
/// let event = ScheduledEvent::rule("nightly").build();
/// let input = InputTransformer::new([("at", "$.time")], r#"{"at": <at>, "by": "rule <aws.events.rule-name>"}"#).unwrap();
/// let text = input.apply_to(&event, &RuleContext::of(&event)).unwrap();
/// assert_eq!(text, r#"{"at": "2026-01-01T00:00:00Z", "by": "rule nightly"}"#);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct InputTransformer {
    paths: Vec<(String, EventPath)>,
    template: String,
}

/// The names that every template can use.
const RESERVED: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

enum Piece<'a> {
    Text(&'a str),
    Placeholder { name: &'a str, quoted: bool },
}

impl InputTransformer {
    /// Takes the paths (`InputPathsMap`) and the template (`InputTemplate`).
    ///
    /// # Errors
    ///
    /// [`InputError`] for more than 100 paths, a bad path or placeholder name, a template that is empty or
    /// longer than 8,192 characters, and one that uses a placeholder without a path or as the name of a member.
    pub fn new<'a>(
        paths: impl IntoIterator<Item = (&'a str, &'a str)>,
        template: impl Into<String>,
    ) -> Result<Self, InputError> {
        let mut parsed = Vec::new();
        for (name, path) in paths {
            let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            if !(1..=256).contains(&name.len()) || !letters {
                return Err(InputError::PlaceholderName(name.to_owned()));
            }
            parsed.push((name.to_owned(), path.parse()?));
        }
        if parsed.len() > 100 {
            return Err(InputError::TooManyPaths(parsed.len()));
        }
        let transformer = Self { paths: parsed, template: template.into() };
        check_length("the input template", &transformer.template)?;
        transformer.check_placeholders()?;
        Ok(transformer)
    }

    fn check_placeholders(&self) -> Result<(), InputError> {
        let pieces = pieces(&self.template);
        for (at, piece) in pieces.iter().enumerate() {
            let Piece::Placeholder { name, quoted } = piece else { continue };
            if !RESERVED.contains(name) && !self.paths.iter().any(|(known, _)| known == name) {
                return Err(InputError::UnknownPlaceholder((*name).to_owned()));
            }
            if let Some(Piece::Text(after)) = pieces.get(at + 1) {
                let after = if *quoted { end_of_string(after) } else { Some(*after) };
                if self.is_object() && after.is_some_and(|after| after.trim_start().starts_with(':')) {
                    return Err(InputError::PlaceholderAsName((*name).to_owned()));
                }
            }
        }
        Ok(())
    }

    fn is_object(&self) -> bool {
        self.template.trim_start().starts_with('{')
    }

    /// The text that the target receives for this event.
    ///
    /// # Errors
    ///
    /// [`InputError::PlaceholderBreaksJson`] when a value makes the filled-in template something that is not JSON, and
    /// [`InputError::NotJson`] when the template is none in itself: AWS drops such a delivery.
    pub fn apply_to<D: serde::Serialize>(
        &self,
        event: &crate::event::EventBridgeEvent<D>,
        rule: &RuleContext,
    ) -> Result<String, InputError> {
        let event = Json::from_serialize(event)
            .map_err(|error| InputError::NotJson { text: "the event".to_owned(), error: error.to_string() })?;
        self.apply(&event, rule)
    }

    pub(super) fn apply(&self, event: &Json, rule: &RuleContext) -> Result<String, InputError> {
        let mut text = String::with_capacity(self.template.len());
        // The first value that ends the string around it.
        let mut breaks = None;
        for piece in pieces(&self.template) {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Placeholder { name, quoted } => {
                    let value = self.value(name, event, rule);
                    match (quoted, value) {
                        (true, None) => {}
                        (false, None) => text.push_str("\"\""),
                        (false, Some(value)) => text.push_str(&value.to_string()),
                        (true, Some(value)) => {
                            let inside = match value {
                                Json::String(text) => text,
                                value if self.is_object() => value.to_string(),
                                value => without_quotes(&value),
                            };
                            if breaks.is_none() && is_special(&inside) {
                                breaks = Some((name.to_owned(), inside.clone()));
                            }
                            text.push_str(&inside);
                        }
                    }
                }
            }
        }
        match (check_json(&text), breaks) {
            (Ok(()), _) => Ok(text),
            (Err(_), Some((placeholder, value))) => Err(InputError::PlaceholderBreaksJson { placeholder, value, text }),
            (Err(error), None) => Err(error),
        }
    }

    fn value(&self, name: &str, event: &Json, rule: &RuleContext) -> Option<Json> {
        match name {
            "aws.events.rule-arn" => Some(Json::from(rule.rule_arn.as_str())),
            "aws.events.rule-name" => Some(Json::from(rule.rule_name.as_str())),
            "aws.events.event.ingestion-time" => Some(Json::from(Time::seconds(rule.ingestion_time).to_string())),
            "aws.events.event" => Some(without_detail(event)),
            "aws.events.event.json" => Some(event.clone()),
            _ => self.paths.iter().find(|(known, _)| known == name).and_then(|(_, path)| path.select(event)),
        }
    }
}

/// Cuts a template into literal text and placeholders. A `<` that no name and `>` follow is literal.
fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut quoted, mut escape, mut start, mut at) = (false, false, 0, 0);
    let bytes = template.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let name = (*byte == b'<' && !escape).then(|| placeholder(&template[at + 1..])).flatten();
        if let Some(name) = name {
            pieces.push(Piece::Text(&template[start..at]));
            pieces.push(Piece::Placeholder { name, quoted });
            at += name.len() + 2;
            start = at;
            continue;
        }
        quoted ^= *byte == b'"' && !escape;
        escape = quoted && *byte == b'\\' && !escape;
        at += 1;
    }
    pieces.push(Piece::Text(&template[start..]));
    pieces
}

fn placeholder(text: &str) -> Option<&str> {
    let name = &text[..text.find('>')?];
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (!name.is_empty() && letters).then_some(name)
}

/// What follows the quote that ends a string.
fn end_of_string(text: &str) -> Option<&str> {
    let mut escape = false;
    let end = text.bytes().position(|byte| {
        let end = byte == b'"' && !escape;
        escape = byte == b'\\' && !escape;
        end
    })?;
    Some(&text[end + 1..])
}

/// Whether a text means something else between the quotes of a JSON string than it says.
fn is_special(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
}

/// `{acc_id:0a78,list:[A,B]}`: how a value looks inside a string.
fn without_quotes(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(without_quotes).collect();
            format!("[{}]", elements.join(","))
        }
        Json::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|(name, value)| format!("{name}:{}", without_quotes(value))).collect();
            format!("{{{}}}", members.join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// The event as `<aws.events.event>` shows it: without its detail, and with a name of its own for the type.
fn without_detail(event: &Json) -> Json {
    let names = [
        ("id", "id"),
        ("account", "account"),
        ("detailType", "detail-type"),
        ("time", "time"),
        ("source", "source"),
        ("region", "region"),
        ("resources", "resources"),
        ("version", "version"),
    ];
    let members: Object =
        names.into_iter().filter_map(|(shown, name)| Some((shown, event.get(name)?.clone()))).collect();
    Json::Object(members)
}
