use std::time::Duration;

use serde_json::{Value, json};

use super::*;

fn read(patterns: &[Value]) -> Filters {
    Filters::read(&patterns.iter().map(Value::to_string).collect::<Vec<_>>()).unwrap()
}

fn record(body: &str) -> Value {
    json!({
        "messageId": "1",
        "body": body,
        "attributes": { "ApproximateReceiveCount": "1" },
        "messageAttributes": { "kind": { "stringValue": "order", "dataType": "String" } },
        "eventSourceARN": "arn:aws:sqs:us-east-1:111111111111:q",
    })
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html#filtering-SQS>, one row each.
#[test]
fn the_body_is_read_as_the_filter_asks_for_it() {
    let plain = json!({ "body": ["abc"] });
    let inside = json!({ "body": { "type": ["order"] } });
    let dotted = json!({ "body.type": ["order"] });
    let beside = json!({ "messageAttributes": { "kind": { "stringValue": ["order"] } } });
    let absent = json!({ "body": { "type": [{ "exists": false }] } });
    for (filter, body, gets_through) in [
        (&plain, "abc", true),
        (&plain, "abd", false),
        (&plain, r#"{"abc":1}"#, false),
        (&plain, r#"["abc"]"#, false),
        (&inside, r#"{"type":"order"}"#, true),
        (&inside, r#"{"type":"other"}"#, false),
        (&inside, "order", false),
        (&dotted, r#"{"type":"order"}"#, true),
        (&dotted, "order", false),
        (&beside, "abc", true),
        (&beside, r#"{"type":"other"}"#, true),
        (&absent, "{}", true),
        (&absent, "abc", false),
    ] {
        let verdict = read(std::slice::from_ref(filter)).admit(record(body));
        assert_eq!(verdict.is_ok(), gets_through, "{filter} {body}: {verdict:?}");
    }
}

#[test]
fn one_filter_of_several_is_enough_and_each_says_why_it_does_not_match() {
    let filters = read(&[json!({ "body": { "a": [1] } }), json!({ "body": { "b": [{ "numeric": [">", 5] }] } })]);
    assert_eq!(filters.admit(record(r#"{"a":1}"#)), Ok(()));
    assert_eq!(filters.admit(record(r#"{"b":6}"#)), Ok(()));
    let reasons = filters.admit(record(r#"{"a":2,"b":5}"#)).unwrap_err();
    assert!(reasons.contains("body.a is 2") && reasons.contains("; body.b is 5"), "{reasons}");
    let once = filters.admit(record("text")).unwrap_err();
    assert_eq!(once, "the body is plain text, and the filter asks for members of JSON");
    assert_eq!(Filters::default().admit(record("text")), Ok(()));
}

#[test]
fn filters_are_refused_in_the_words_of_aws_and_the_reason_is_told_beside_them() {
    let refused = |pattern: &str| Filters::read(&[pattern.to_owned()]).unwrap_err();
    for pattern in ["null", "simple string", "\"text\"", r#"{"body":"x"}"#, r#"{"body":{"a":[]}}"#, ""] {
        let fault = refused(pattern);
        assert_eq!(
            (fault.code, &*fault.message),
            ("InvalidParameterValueException", "Invalid filter pattern definition.")
        );
        assert!(fault.told.is_some(), "{pattern}");
    }
    assert!(Filters::read(&vec![r#"{"body":["x"]}"#.to_owned(); 5]).is_ok());
    let six = Filters::read(&vec![r#"{"body":["x"]}"#.to_owned(); 6]).unwrap_err();
    assert!(six.message.contains("at most 5 filters, not 6"), "{}", six.message);
}

#[test]
fn values_have_the_limits_of_the_api() {
    let pollers = |minimum, maximum| Some(Some(Pollers { minimum, maximum }));
    let long = |characters| Some(vec!["x".repeat(characters)]);
    for (given, refusal) in [
        (Given::default(), ""),
        (Given { batch_size: Some(1), ..Given::default() }, ""),
        (Given { batch_size: Some(10_000), window: Some(300), ..Given::default() }, ""),
        (Given { batch_size: Some(0), ..Given::default() }, "Value '0' at 'batchSize'"),
        (Given { batch_size: Some(10_001), ..Given::default() }, "less than or equal to 10000"),
        (Given { window: Some(-1), ..Given::default() }, "Value '-1' at 'maximumBatchingWindowInSeconds'"),
        (Given { window: Some(301), ..Given::default() }, "less than or equal to 300"),
        (Given { maximum_concurrency: Some(Some(2)), ..Given::default() }, ""),
        (Given { maximum_concurrency: Some(Some(1_000)), ..Given::default() }, ""),
        (Given { maximum_concurrency: Some(Some(1)), ..Given::default() }, "greater than or equal to 2"),
        (Given { maximum_concurrency: Some(Some(1_001)), ..Given::default() }, "less than or equal to 1000"),
        (Given { pollers: pollers(200, 10_000), ..Given::default() }, ""),
        (Given { pollers: pollers(201, 10_001), ..Given::default() }, "2 validation errors detected"),
        (Given { filters: long(4_096), ..Given::default() }, ""),
        (Given { filters: long(4_097), ..Given::default() }, "filterCriteria.filters.1.member.pattern"),
    ] {
        match given.check() {
            Ok(()) => assert_eq!(refusal, "", "{given:?}"),
            Err(fault) => {
                assert_eq!(fault.code, "ValidationException", "{given:?}");
                assert!(!refusal.is_empty() && fault.message.contains(refusal), "{given:?}: {}", fault.message);
            }
        }
    }
}

#[test]
fn settings_fit_each_other_and_the_kind_of_the_queue() {
    let settings = MappingSettings::default();
    let window = |seconds| Duration::from_secs(seconds);
    let pollers = |minimum, maximum| Some(Pollers { minimum, maximum });
    for (settings, fifo, refusal) in [
        (settings.clone(), false, ""),
        (MappingSettings { batch_size: 10_000, window: window(300), ..settings.clone() }, false, ""),
        (MappingSettings { batch_size: 11, ..settings.clone() }, false, "must be greater than 0"),
        (MappingSettings { batch_size: 11, ..settings.clone() }, true, "must be greater than 0"),
        (MappingSettings { window: window(1), ..settings.clone() }, true, "not supported for FIFO queues"),
        (MappingSettings { maximum_concurrency: Some(2), ..settings.clone() }, true, ""),
        (MappingSettings { maximum_concurrency: Some(1_000), ..settings.clone() }, false, ""),
        (MappingSettings { pollers: pollers(2, 10_000), ..settings.clone() }, false, ""),
        (MappingSettings { pollers: pollers(1, 5), ..settings.clone() }, false, "at least 2"),
        (MappingSettings { pollers: pollers(5, 4), ..settings.clone() }, false, "must not be greater"),
        (
            MappingSettings { pollers: pollers(2, 4), maximum_concurrency: Some(2), ..settings.clone() },
            false,
            "mutually exclusive",
        ),
    ] {
        let checked = settings.check(fifo).map_err(|fault| fault.message);
        match checked {
            Ok(()) => assert_eq!(refusal, "", "{settings:?}"),
            Err(message) => assert!(!refusal.is_empty() && message.contains(refusal), "{settings:?}: {message}"),
        }
    }
}

#[test]
fn a_mapping_polls_when_it_is_enabled_and_no_longer_on_its_way_there() {
    use Transition::{Creating, Deleting, Disabling, Enabling, Updating};
    for (phase, name, polls) in [
        (Phase::settled(true), "Enabled", true),
        (Phase::settled(false), "Disabled", false),
        (Phase::moving(true, Creating), "Creating", false),
        (Phase::moving(true, Enabling), "Enabling", false),
        (Phase::moving(false, Disabling), "Disabling", false),
        (Phase::moving(true, Updating), "Updating", true),
        (Phase::moving(false, Updating), "Updating", false),
        (Phase::moving(false, Deleting), "Deleting", false),
    ] {
        assert_eq!((phase.name(), phase.polls()), (name, polls));
    }
}
