//! What a payload is, beside what a function takes: for the message about one that it cannot read.

use std::any::type_name;

use crate::event::describe_document;

/// The event types of this crate and of `aws_lambda_events`, by name: what they are, and how the names of their documents
/// begin.
const TYPES: [(&str, &str, &[&str]); 9] = [
    ("S3Event", "an S3 event", &["s3/"]),
    ("TestEvent", "an S3 test event", &["s3/test-event"]),
    ("SqsEvent", "an SQS event", &["sqs/standard", "sqs/fifo"]),
    ("SnsEvent", "an SNS event", &["sns/event"]),
    ("ScheduledEvent", "a scheduled event", &["scheduled/"]),
    ("S3EventBridgeEvent", "an S3 event on EventBridge", &["eventbridge/s3-"]),
    ("EventBridgeEvent", "an EventBridge event", &["eventbridge/", "scheduled/"]),
    ("CloudWatchEvent", "an EventBridge event", &["eventbridge/", "scheduled/"]),
    ("DestinationRecord", "the destination record of an asynchronous invocation", &["invoke/destination-record"]),
];

/// What the payload is and, if that is something else, what a function takes whose events are of type `T`. None for a
/// payload that looks like no event of AWS.
pub(super) fn instead_of<T>(payload: &[u8]) -> Option<String> {
    let event = describe_document(payload)?.to_string();
    let path = type_name::<T>();
    let name = path.split('<').next().and_then(|path| path.rsplit("::").next()).unwrap_or(path);
    Some(match TYPES.iter().find(|(known, ..)| *known == name) {
        // One of this kind, but a broken one.
        Some((_, _, begin)) if begin.iter().any(|begin| begins(&event, begin)) => format!("this is {event}"),
        Some((_, kind, _)) => format!("this is {event}, the function takes {kind}"),
        None => format!("this is {event}, the function takes {path}"),
    })
}

/// Whether the name of a document begins so. S3's test event is the one document that is of another family than its name.
fn begins(event: &str, begin: &str) -> bool {
    event.starts_with(begin) && (event != "s3/test-event" || begin == event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{
        EventBridgeEvent, Json, S3Event, S3EventBridgeEvent, ScheduledEvent, SnsEvent, SqsEvent, TestEvent,
    };
    use crate::fixture;

    struct Order;

    fn said<T>(name: &str) -> String {
        instead_of::<T>(fixture::get(name).unwrap().as_bytes()).unwrap()
    }

    #[test]
    fn a_payload_of_another_family_is_named_beside_what_the_function_takes() {
        assert_eq!(said::<S3Event>("sqs/standard"), "this is sqs/standard, the function takes an S3 event");
        assert_eq!(said::<SqsEvent>("scheduled/rule"), "this is scheduled/rule, the function takes an SQS event");
        assert_eq!(said::<S3Event>("s3/test-event"), "this is s3/test-event, the function takes an S3 event");
        assert!(said::<Order>("sqs/fifo").starts_with("this is sqs/fifo, the function takes lambda_testkit::"));
        let kinesis = br#"{"Records":[{"eventSource":"aws:kinesis"}]}"#;
        let text = instead_of::<S3Event>(kinesis).unwrap();
        assert_eq!(text, "this is a Kinesis stream event, which is not supported, the function takes an S3 event");
        assert_eq!(instead_of::<S3Event>(br#"{"user":7}"#), None);
    }

    #[test]
    fn every_known_event_is_of_the_family_that_its_type_reads() {
        let mut read = 0;
        for name in fixture::names() {
            let bytes = fixture::get(name).unwrap().as_bytes();
            let mut check = |reads: bool, said: Option<String>| {
                read += usize::from(reads);
                let another = said.is_some_and(|said| said.contains("the function takes"));
                assert!(!reads || !another, "{name}");
            };
            check(serde_json::from_slice::<S3Event>(bytes).is_ok(), instead_of::<S3Event>(bytes));
            check(serde_json::from_slice::<TestEvent>(bytes).is_ok(), instead_of::<TestEvent>(bytes));
            check(serde_json::from_slice::<SqsEvent>(bytes).is_ok(), instead_of::<SqsEvent>(bytes));
            check(serde_json::from_slice::<SnsEvent>(bytes).is_ok(), instead_of::<SnsEvent>(bytes));
            check(serde_json::from_slice::<ScheduledEvent>(bytes).is_ok(), instead_of::<ScheduledEvent>(bytes));
            check(serde_json::from_slice::<S3EventBridgeEvent>(bytes).is_ok(), instead_of::<S3EventBridgeEvent>(bytes));
            let bridge = serde_json::from_slice::<EventBridgeEvent<Json>>(bytes).is_ok();
            check(bridge, instead_of::<EventBridgeEvent<Json>>(bytes));
        }
        assert!(read > 40, "{read}");
    }
}
