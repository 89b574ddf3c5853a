//! The validator of this crate against one of the whole standard, on every event with every value replaced by others.

use std::collections::BTreeSet;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, Validator};
use lambda_testkit::{fixture, schema};
use serde_json::{Value, json};

fn standard(name: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema::get(name).unwrap()).unwrap();
    let options = jsonschema::options().with_pattern_options(PatternOptions::regex()).should_validate_formats(true);
    options.build(&schema).unwrap()
}

/// The JSON Pointers at which a document breaks a schema, by the other validator; of a missing member its own.
fn places(validator: &Validator, document: &Value) -> BTreeSet<String> {
    let place = |error: jsonschema::ValidationError<'_>| {
        let at = error.instance_path().as_str().to_owned();
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                format!("{at}/{}", property.as_str().unwrap().replace('~', "~0").replace('/', "~1"))
            }
            _ => at,
        }
    };
    validator.iter_errors(document).map(place).collect()
}

fn ours(name: &str, document: &Value) -> BTreeSet<String> {
    let errors = schema::validate_as(name, document).err();
    errors.iter().flatten().map(|error| error.pointer().to_owned()).collect()
}

/// The pointers of a value and of all in it.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), all));
        }
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let step = name.replace('~', "~0").replace('/', "~1");
            pointers(member, &format!("{at}/{step}"), all);
        }),
        _ => {}
    }
}

fn values() -> Vec<Value> {
    let mut values = vec![json!(null), json!(true), json!([]), json!([{}]), json!({}), json!({ "dataType": "Binary" })];
    values.extend([json!({ "a": 1 }), json!({ "dataType": "Number.int", "stringValue": null, "a": "b" })]);
    values.extend([0, -1, 1, 99, 100, 599, 600, i64::MAX].map(Value::from));
    values.extend([json!(1.0), json!(1.5), json!(-0.5), json!(1e30), json!(u64::MAX), json!(i64::MAX as u64 + 1)]);
    values.extend(["", "x", "ü", "Binary", "String", "2.1", "1.0", "0123", "aws:s3", "$LATEST"].map(Value::from));
    values.extend(["2026-02-28T23:59:59Z", "2026-02-30T00:00:00.000Z", "0000-01-01T00:00:00Z"].map(Value::from));
    values.extend([1024, 1025, 3073].map(|length| Value::from("ü".repeat(length))));
    values
}

#[test]
fn the_validator_answers_as_one_of_the_whole_standard_does() {
    let values = values();
    let (mut checked, mut refused) = (0, 0);
    for name in schema::names() {
        let standard = standard(name);
        let event: Value = serde_json::from_str(fixture::get(name).unwrap()).unwrap();
        let mut all = Vec::new();
        pointers(&event, "", &mut all);
        let mut compare = |document: &Value, what: &str| {
            let (expected, found) = (places(&standard, document), ours(name, document));
            assert_eq!(found, expected, "{name}: {what}");
            checked += 1;
            refused += usize::from(!found.is_empty());
        };
        compare(&event, "the fixture");
        for (turn, pointer) in all.iter().enumerate() {
            // Every value stands at every fourth place, which is another one in each schema: each pair takes its time.
            for value in values.iter().skip((turn + name.len()) % 4).step_by(4) {
                let mut other = event.clone();
                *other.pointer_mut(pointer).unwrap() = value.clone();
                compare(&other, &format!("{value} at {pointer}"));
            }
            if let Some((parent, member)) = pointer.rsplit_once('/') {
                let mut other = event.clone();
                if let Some(Value::Object(members)) = other.pointer_mut(parent) {
                    members.remove(&member.replace("~1", "/").replace("~0", "~")).unwrap();
                    compare(&other, &format!("nothing at {pointer}"));
                }
            }
        }
    }
    assert!(checked > 5_000 && refused > checked / 4, "{checked} documents, {refused} of them refused");
}

#[test]
fn a_large_text_is_measured_in_characters() {
    let name = "sqs/standard";
    let mut event: Value = serde_json::from_str(fixture::get(name).unwrap()).unwrap();
    let standard = standard(name);
    for body in ["ü".repeat(600_000), "x".repeat(1024 * 1024), "x".repeat(1024 * 1024 + 1)] {
        event["Records"][0]["body"] = body.into();
        assert_eq!(ours(name, &event), places(&standard, &event));
    }
}
