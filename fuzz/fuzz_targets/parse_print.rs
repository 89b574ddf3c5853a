//! What is read as an event prints as the document that it was read from; what a strategy makes reads as itself.

#![no_main]

mod same;

use lambda_testkit::event::invoke::{DestinationRecord, FunctionError, InvocationContext};
use lambda_testkit::event::{BatchResponse, Event, Json, from_slice};
use lambda_testkit::strategy::{
    batch_response, destination_record, from_bytes, function_error, invocation_context, s3_event, s3_eventbridge_event,
    s3_test_event, scheduled_event, sns_event, sns_notification, sqs_event,
};
use libfuzzer_sys::fuzz_target;
use proptest::strategy::Strategy;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Bytes that are read as a `T` print as the same document, and that reads again. Says whether they are one.
fn document<T: Serialize + DeserializeOwned>(data: &[u8]) -> bool {
    let Ok(read) = from_slice::<T>(data) else { return false };
    let printed = serde_json::to_vec(&read).expect("what was read can be printed");
    let before: Value = serde_json::from_slice(data).expect("what was read is JSON");
    let after: Value = serde_json::from_slice(&printed).expect("what was printed is JSON");
    assert!(same::same(&before, &after), "{before} became {after}");
    assert!(from_slice::<T>(&printed).is_ok(), "{after} cannot be read again");
    true
}

/// A generated event reads as itself, and as an event of a known family.
fn generated<S>(events: &S, data: &[u8], known: bool)
where
    S: Strategy,
    S::Value: Serialize + DeserializeOwned + PartialEq,
{
    let event = from_bytes(events, data);
    let printed = serde_json::to_vec(&event).expect("a generated event can be printed");
    assert_eq!(from_slice::<S::Value>(&printed).expect("a generated event can be read"), event);
    if known {
        let family = Event::from_slice(&printed).expect("a generated event is of a known family").family();
        assert_eq!(Event::detect(&serde_json::to_value(&event).expect("it is JSON")), Ok(family));
    }
}

fuzz_target!(|data: &[u8]| {
    if let Ok(event) = Event::from_slice(data) {
        let printed = serde_json::to_vec(&event).expect("an event can be printed");
        assert_eq!(Event::from_slice(&printed).expect("an event can be read again").family(), event.family());
    }
    document::<Event>(data);
    document::<BatchResponse>(data);
    document::<FunctionError>(data);
    document::<InvocationContext>(data);
    document::<DestinationRecord>(data);
    if document::<Json>(data) {
        return;
    }
    match data.first().unwrap_or(&0) % 11 {
        0 => generated(&s3_event(), data, true),
        1 => generated(&s3_event().from_the_future(), data, true),
        2 => generated(&s3_test_event(), data, true),
        3 => generated(&s3_eventbridge_event(s3_event()), data, true),
        4 => generated(&sqs_event(), data, true),
        5 => generated(&sns_event(), data, true),
        6 => generated(&sns_notification(), data, true),
        7 => generated(&scheduled_event(), data, true),
        8 => generated(&destination_record(), data, true),
        9 => generated(&batch_response(), data, false),
        _ => {
            generated(&function_error(), data, false);
            generated(&invocation_context(), data, false);
        }
    }
});
