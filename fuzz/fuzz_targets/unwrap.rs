//! Unwrapping ends at events that unwrap to themselves, and undoes wrapping.

#![no_main]

mod same;

use lambda_testkit::event::{Document, Event, unwrap};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(document) = serde_json::from_slice::<Value>(data) else { return };
    let detected = Event::detect(&document);
    let found = match unwrap(&document) {
        Ok(found) => found,
        Err(error) => return assert_eq!(detected, Err(error)),
    };
    assert!(detected.is_ok() && !found.is_empty());
    for event in &found {
        assert_eq!(Event::detect(&event.document), Ok(event.family));
        let again = unwrap(&event.document).expect("what was found is an event");
        assert_eq!(again.len(), 1, "{} unwraps further", event.document);
        assert!(again[0].steps.is_empty() && again[0].document == event.document);
    }

    // One more envelope of each kind puts one more step in front of every path.
    let in_sns = document.in_sns();
    let wrapped = [
        ("sns", serde_json::to_value(&in_sns).ok()),
        ("sns[0]", serde_json::to_value(in_sns.to_lambda()).ok()),
        // SQS does not take every text.
        ("sqs[0]", document.sqs_message().try_build().ok().and_then(|batch| serde_json::to_value(batch).ok())),
        ("eventbridge", document.try_via_eventbridge().ok().and_then(|event| serde_json::to_value(event).ok())),
    ];
    for (step, outer) in wrapped {
        let Some(outer) = outer else { continue };
        let inside = unwrap(&outer).expect("an envelope is an event");
        assert_eq!(inside.len(), found.len(), "{outer}");
        for (inner, event) in inside.iter().zip(&found) {
            let path = event.path();
            let expected = if path.is_empty() { step.to_owned() } else { format!("{step} > {path}") };
            assert_eq!(inner.path(), expected);
            assert!(same::same(&inner.document, &event.document), "{} became {}", event.document, inner.document);
        }
    }
});
