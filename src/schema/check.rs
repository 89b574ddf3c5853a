//! Validation: find out what a document is, check it against that schema, translate the errors.

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::catalog::{SCHEMAS, position};
use super::compiled::{document, owner_of, record};
use super::detect::detect;
use super::error::{ValidationError, ValidationErrors, describe};
use super::hint;
use super::parse::parse;
use crate::event::look::{Look, RecordFamily, look, unsupported};
use crate::event::pointer_step as step;

/// Checks a document against the schema of the event that it looks like, and says which one that is.
///
/// Every record of an S3 event is checked against the schema of its own kind; a document with records of several
/// kinds answers `s3/event`.
///
/// # Errors
///
/// [`ValidationErrors`] if the document is not valid, or looks like no known event.
///
/// # Example
///
/// ```
/// use lambda_testkit::schema;
///
/// let response = serde_json::json!({ "batchItemFailures": [{ "itemIdentifier": "19dd0b57" }] });
/// assert_eq!(schema::validate(&response), Ok("sqs/batch-response"));
///
/// let errors = schema::validate(&serde_json::json!({ "batchItemFailures": [{}] })).unwrap_err();
/// assert_eq!(
///     errors.to_string(),
///     "the document looks like sqs/batch-response but is not valid\n  \
///      at /batchItemFailures/0/itemIdentifier: expected the member `itemIdentifier`, found nothing",
/// );
/// ```
pub fn validate(event: &Value) -> Result<&'static str, ValidationErrors> {
    match look(event) {
        Look::Document(name) => {
            let validator = document(known(name));
            if validator.is_valid(event) {
                return Ok(name);
            }
            Err(ValidationErrors::new(Some(name), explain(validator, event, "")))
        }
        Look::Records(family) => validate_records(family, event),
        _ if let Some(name) = unsupported(event) => Err(ValidationErrors::unsupported(name)),
        Look::UnknownRecords => Err(ValidationErrors::new(None, vec![unknown_records(&event["Records"])])),
        Look::Unknown => Err(ValidationErrors::new(None, unknown(event))),
    }
}

fn known(name: &'static str) -> usize {
    position(name).expect("detection names schemas that exist")
}

fn validate_records(family: RecordFamily, event: &Value) -> Result<&'static str, ValidationErrors> {
    let records = event["Records"].as_array().map_or(&[][..], Vec::as_slice);
    let mut errors = Vec::new();
    let mut last = "";
    let mut index = 0;
    let mut mixed = false;
    for (place, item) in records.iter().enumerate() {
        let name = family.schema_of(item);
        if name != last {
            mixed |= !last.is_empty();
            (last, index) = (name, known(name));
        }
        let validator = record(index);
        if !validator.is_valid(item) {
            errors.extend(explain(validator, item, &format!("/Records/{place}")));
        }
    }
    let name = if mixed { family.mixed() } else { last };
    if errors.is_empty() { Ok(name) } else { Err(ValidationErrors::new(Some(name), errors)) }
}

fn unknown_records(records: &Value) -> ValidationError {
    let Some(first) = records.get(0) else {
        return ValidationError::new("/Records", "a list with at least one record", describe(records));
    };
    if !first.is_object() {
        return ValidationError::new("/Records/0", "a record, which is an object", describe(first));
    }
    let source = first.get("eventSource").map_or_else(|| "nothing".to_owned(), describe);
    ValidationError::new("/Records/0/eventSource", "\"aws:s3\" or \"aws:sqs\" (or EventSource \"aws:sns\")", source)
}

/// The members that tell the families apart: each would be missing, whichever event was meant.
fn unknown(event: &Value) -> Vec<ValidationError> {
    let Value::Object(members) = event else {
        let hint = "check payloads and custom inputs as invoke/payload or scheduled/custom-input".to_owned();
        return vec![ValidationError::new("", "an event, which is an object", describe(event)).with_hint(Some(hint))];
    };
    [
        ("Records", "the records of an S3, SQS or SNS event"),
        ("detail-type", "the detail type of an EventBridge or scheduled event"),
        ("Event", "the mark of an S3 test event"),
        ("Type", "the type of an SNS notification"),
        ("requestContext", "the context of a destination record"),
        ("batchItemFailures", "the failures of a batch response"),
        ("errorMessage", "the message of a function error"),
    ]
    .into_iter()
    .map(|(name, meaning)| {
        let found = members.get(name).map_or_else(|| "nothing".to_owned(), describe);
        ValidationError::new(step(name), meaning, found).with_hint(hint::misspelt(members, name))
    })
    .collect()
}

/// Checks a document against one schema, whatever it looks like.
///
/// # Errors
///
/// [`ValidationErrors`] if the document is not valid; the errors say so if it looks like another event. A name that
/// is not one of [`names`](super::names) is an error too.
///
/// # Example
///
/// ```
/// use lambda_testkit::schema;
///
/// assert_eq!(schema::validate_as("invoke/payload", &serde_json::json!([1, 2])), Ok("invoke/payload"));
/// assert!(schema::validate_as("s3/put", &serde_json::json!({ "Records": [] })).is_err());
/// ```
pub fn validate_as(name: &str, event: &Value) -> Result<&'static str, ValidationErrors> {
    let Some(index) = position(name) else {
        let error = ValidationError::new("", "the name of a schema such as s3/put", format!("{name:?}"));
        return Err(ValidationErrors::new(None, vec![error]));
    };
    let name = SCHEMAS[index].name;
    let validator = document(index);
    if validator.is_valid(event) {
        return Ok(name);
    }
    let looks_like = detect(event);
    let mut errors = explain(validator, event, "");
    if let Some(other) = looks_like.filter(|other| *other != name && name != "s3/event") {
        let hint = format!("the document looks like {other}, not {name}");
        errors = errors.into_iter().map(|error| error.with_hint(Some(hint.clone()))).collect();
    }
    Err(ValidationErrors::new(looks_like, errors))
}

/// Checks the bytes of a document: as [`validate`], and also that they are JSON, repeat no member, and have no number
/// that a reader would round because it fits neither `i64` nor `u64` nor `f64`.
///
/// # Errors
///
/// [`ValidationErrors`] as for [`validate`]. Bytes that are not JSON have one error with an empty pointer and the
/// byte's offset; a member that appears twice in one object and a number that does not fit have an error with their
/// pointer, also where the schema takes anything.
///
/// # Example
///
/// ```
/// use lambda_testkit::schema;
///
/// let errors = schema::validate_bytes(b"{\"Records\": [").unwrap_err();
/// assert_eq!(errors.iter().next().unwrap().offset(), Some(13));
/// ```
pub fn validate_bytes(bytes: &[u8]) -> Result<&'static str, ValidationErrors> {
    check_bytes(bytes, validate)
}

/// Checks the bytes of a document against one schema: [`validate_as`] for bytes.
///
/// # Errors
///
/// As for [`validate_bytes`] and [`validate_as`].
pub fn validate_bytes_as(name: &str, bytes: &[u8]) -> Result<&'static str, ValidationErrors> {
    check_bytes(bytes, |event| validate_as(name, event))
}

fn check_bytes(
    bytes: &[u8],
    check: impl FnOnce(&Value) -> Result<&'static str, ValidationErrors>,
) -> Result<&'static str, ValidationErrors> {
    let parsed = parse(bytes).map_err(|error| ValidationErrors::new(None, vec![error]))?;
    let outcome = check(&parsed.value);
    if parsed.repeated.is_empty() && parsed.rounded.is_empty() {
        return outcome;
    }
    let twice = |pointer| ValidationError::new(pointer, "each member once", "the member twice in one object");
    let huge = |(pointer, digits)| ValidationError::new(pointer, "a number that fits into 64 bits", digits);
    let mut errors: Vec<_> = parsed.repeated.into_iter().map(twice).collect();
    errors.extend(parsed.rounded.into_iter().map(huge));
    Err(match outcome {
        Ok(name) => ValidationErrors::new(Some(name), errors),
        Err(others) => others.behind(errors),
    })
}

fn explain(validator: &Validator, instance: &Value, prefix: &str) -> Vec<ValidationError> {
    validator.iter_errors(instance).map(|error| translate(&error, instance, prefix)).collect()
}

fn translate(error: &jsonschema::ValidationError<'_>, root: &Value, prefix: &str) -> ValidationError {
    let place = error.instance_path().as_str();
    let value = error.instance();
    if let Kind::Required { property } = error.kind() {
        let name = property.as_str().unwrap_or_default();
        let hint = value.as_object().and_then(|members| hint::misspelt(members, name));
        let pointer = format!("{prefix}{place}{}", step(name));
        return ValidationError::new(pointer, format!("the member `{name}`"), "nothing").with_hint(hint);
    }
    let expected = match error.kind() {
        Kind::FalseSchema => "no such member in this kind of event".to_owned(),
        Kind::Constant { expected_value } => expected_value.to_string(),
        Kind::Enum { options } => {
            let options = options.as_array().map_or(&[][..], Vec::as_slice);
            let options: Vec<_> = options.iter().map(Value::to_string).collect();
            format!("one of {}", options.join(", "))
        }
        _ => error
            .absolute_keyword_location()
            .and_then(|location| owner_of(location.as_str()))
            .and_then(|schema| schema.get("title").or_else(|| schema.get("type")).map(readable))
            .unwrap_or_else(|| error.to_string()),
    };
    let hint = hint::for_value(place, value, root);
    ValidationError::new(format!("{prefix}{place}"), expected, describe(value)).with_hint(hint)
}

fn readable(title_or_type: &Value) -> String {
    match title_or_type.as_str() {
        Some("object") => "an object".to_owned(),
        Some("array") => "a list".to_owned(),
        Some("string") => "text that is not empty".to_owned(),
        Some("integer") => "a whole number".to_owned(),
        Some(title) => title.to_owned(),
        None => format!("one of the types {title_or_type}"),
    }
}
