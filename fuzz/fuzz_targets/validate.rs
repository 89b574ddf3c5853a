//! Errors point at places that exist, the ways of validating agree, and every labelled defect is found.

#![no_main]

use lambda_testkit::event::losses;
use lambda_testkit::schema::{self, ValidationErrors};
use lambda_testkit::strategy::{
    MalformedDocument, destination_record, from_bytes, malformed, s3_event, s3_eventbridge_event, scheduled_event,
    sns_event, sqs_event,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fn check_errors(document: &Value, errors: &ValidationErrors) {
    assert!(errors.iter().next().is_some(), "errors without an error");
    if let Some(name) = errors.looks_like() {
        assert!(schema::get(name).is_some(), "{name}");
    }
    for error in errors {
        let pointer = error.pointer();
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let exists = document.pointer(pointer).is_some();
        assert!(exists || document.pointer(parent).is_some(), "{pointer} is nowhere in {document}");
        assert!(exists || error.found() == "nothing", "{error}");
    }
}

fn raw(data: &[u8]) {
    let by_bytes = schema::validate_bytes(data);
    let Ok(document) = serde_json::from_slice::<Value>(data) else {
        let errors = by_bytes.expect_err("what is not JSON is not valid");
        assert!(errors.iter().all(|error| error.pointer().is_empty() && error.offset() <= Some(data.len())));
        return;
    };
    let by_value = schema::validate(&document);
    if losses(data).is_ok_and(|losses| losses.is_empty()) {
        assert_eq!(by_bytes, by_value);
    }
    match by_value {
        Ok(name) => assert_eq!(schema::validate_as(name, &document), Ok(name)),
        Err(errors) => check_errors(&document, &errors),
    }
    // Any schema may be asked about any document.
    let names = schema::names();
    let any = data.len() % names.len();
    if let Some(Err(errors)) = schema::names().nth(any).map(|name| schema::validate_as(name, &document)) {
        check_errors(&document, &errors);
    }
}

fn labelled(document: &MalformedDocument) {
    let (defect, text) = (&document.defect, String::from_utf8_lossy(&document.bytes));
    match schema::validate_bytes(&document.bytes) {
        Ok(name) => assert!(!defect.must_reject, "{defect:?} passed as {name}: {text}"),
        Err(errors) if defect.must_reject => {
            let hit = errors.iter().any(|error| (error.pointer(), error.offset()) == (&defect.pointer, defect.offset));
            assert!(hit, "{defect:?} was reported as {errors}: {text}");
        }
        Err(_) => {}
    }
}

fuzz_target!(|data: &[u8]| {
    // Documents start with a bracket; what starts with a small byte stands for a generated one.
    match data {
        [0, rest @ ..] => labelled(&from_bytes(&malformed(s3_event()), rest)),
        [1, rest @ ..] => labelled(&from_bytes(&malformed(sqs_event()), rest)),
        [2, rest @ ..] => labelled(&from_bytes(&malformed(scheduled_event()), rest)),
        [3, rest @ ..] => labelled(&from_bytes(&malformed(sns_event()), rest)),
        [4, rest @ ..] => labelled(&from_bytes(&malformed(destination_record()), rest)),
        [5, rest @ ..] => labelled(&from_bytes(&malformed(s3_eventbridge_event(s3_event())), rest)),
        _ => raw(data),
    }
});
