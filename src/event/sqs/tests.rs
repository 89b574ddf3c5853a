use serde_json::{Value, json};

use super::*;
use crate::event::BuildError;

fn keys(value: &Value, text: &str) -> Vec<String> {
    // `Value` may sort its members: the order is read off the text.
    let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    keys.sort_by_key(|key| text.find(&format!("\"{key}\":")).unwrap());
    keys
}

#[test]
fn a_record_has_the_members_of_recorded_ones_in_their_order() {
    let event = SqsEvent::message("0-0-message").batching_window().build();
    let text = serde_json::to_string(&event).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        keys(&value["Records"][0], &text),
        [
            "messageId",
            "receiptHandle",
            "body",
            "attributes",
            "messageAttributes",
            "md5OfMessageAttributes",
            "md5OfBody",
            "eventSource",
            "eventSourceARN",
            "awsRegion"
        ]
    );
    assert_eq!(
        keys(&value["Records"][0]["attributes"], &text),
        ["ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"]
    );
    assert_eq!(value["Records"][0]["md5OfMessageAttributes"], Value::Null);
    assert_eq!(value["Records"][0]["attributes"]["SentTimestamp"], "1767225600000");
}

#[test]
fn the_digest_of_no_attributes_is_absent_or_null_and_stays_so() {
    for (builder, text) in [
        (SqsEvent::message("a"), None),
        (SqsEvent::message("a").batching_window(), Some(Value::Null)),
        (
            SqsEvent::message("a").attribute("k", MessageAttribute::string("x")),
            Some(json!("a45daa70926828a2f0a1db3418e6feb4")),
        ),
    ] {
        let value = serde_json::to_value(builder.build()).unwrap();
        assert_eq!(value["Records"][0].get("md5OfMessageAttributes"), text.as_ref());
        let again: SqsEvent = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(again).unwrap(), value);
    }
}

#[test]
fn fifo_messages_carry_group_deduplication_id_and_growing_sequence_numbers() {
    let event = SqsEvent::message("1").fifo("g", "d1").record(SqsEvent::message("2").fifo("g", "d2")).build();
    let attributes: Vec<_> = event.records.iter().map(|record| &record.attributes).collect();
    assert_eq!(attributes[1].message_deduplication_id.as_deref(), Some("d2"));
    assert!(attributes[0].sequence_number < attributes[1].sequence_number);
    assert_eq!(attributes[0].sequence_number.as_ref().unwrap().len(), 20);
    assert!(event.records[0].event_source_arn.resource().ends_with(".fifo"));
    assert_ne!(event.records[0].message_id, event.records[1].message_id);
}

#[test]
fn unknown_members_survive_at_every_level_in_their_order() {
    let mut value = serde_json::to_value(
        SqsEvent::message("a")
            .attribute("k", MessageAttribute::binary([1, 2]))
            .trace_header("Root=1-5759e988-bd862e3fe1be46a994272793")
            .dead_letter_source("arn:aws:sqs:us-east-1:111111111111:source")
            .build(),
    )
    .unwrap();
    for pointer in ["", "/Records/0", "/Records/0/attributes", "/Records/0/messageAttributes/k"] {
        value.pointer_mut(pointer).unwrap()["future"] = json!({"z": [1, {"y": null}], "a": "ü"});
    }
    let event: SqsEvent = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&event).unwrap(), value);
    let text = r#"{"Records":[],"z":1,"a":2,"m":3}"#;
    assert_eq!(serde_json::to_string(&serde_json::from_str::<SqsEvent>(text).unwrap()).unwrap(), text);
}

#[test]
fn what_aws_never_sends_is_refused() {
    let good =
        serde_json::to_value(SqsEvent::message("a").attribute("k", MessageAttribute::string("x")).build()).unwrap();
    for (pointer, bad) in [
        ("/Records/0/messageId", Value::Null),
        ("/Records/0/body", json!({"a": 1})),
        ("/Records/0/eventSource", json!("aws:s3")),
        ("/Records/0/eventSourceARN", json!("queue")),
        ("/Records/0/attributes/ApproximateReceiveCount", json!(1)),
        ("/Records/0/attributes/ApproximateReceiveCount", json!("01")),
        ("/Records/0/attributes/SentTimestamp", json!("-1")),
        ("/Records/0/messageAttributes/k/dataType", json!("Binary")),
        ("/Records/0/messageAttributes/k/dataType", json!("Text")),
        ("/Records/0/messageAttributes", Value::Null),
    ] {
        let mut value = good.clone();
        *value.pointer_mut(pointer).unwrap() = bad;
        assert!(serde_json::from_value::<SqsEvent>(value).is_err(), "{pointer}");
    }
}

#[test]
fn messages_that_sqs_would_refuse_are_not_built() {
    let too_many = (0..11)
        .fold(SqsEvent::message("a"), |builder, at| builder.attribute(format!("k{at}"), MessageAttribute::string("x")));
    for (builder, message) in [
        (SqsEvent::message(""), "invalid message body \"\": a message body is not empty"),
        (SqsEvent::message("a".repeat(MAX_MESSAGE_BYTES + 1)), "invalid message size \"1048577 bytes\""),
        (too_many, "invalid number of message attributes \"11\""),
        (SqsEvent::message("a").queue("a.fifo"), "invalid queue name \"a.fifo\""),
        (SqsEvent::message("a").queue("a b"), "invalid queue name \"a b\""),
        (SqsEvent::message("a").fifo("g", "d").queue("a"), "invalid queue name \"a\""),
        (SqsEvent::message("a").fifo("", "d"), "invalid MessageGroupId \"\""),
        (SqsEvent::message("a").sequence_number(1), "invalid setting \"sequence_number\""),
        (SqsEvent::message("a").region("mars"), "invalid region \"mars\""),
        (SqsEvent::message("a").receive_count(0), "invalid receive count \"0\""),
    ] {
        let error: BuildError = builder.try_build().unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
    }
    assert!(SqsEvent::message("a".repeat(MAX_MESSAGE_BYTES)).try_build().is_ok());
}

#[test]
fn batch_responses_name_the_failed_message_and_those_behind_it() {
    let event = SqsEvent::message("1").record(SqsEvent::message("2")).record(SqsEvent::message("3")).build();
    let ids: Vec<_> = event.records.iter().map(|record| record.message_id.clone()).collect();
    let response = serde_json::to_vec(&BatchResponse::fail_from(&event, 1)).unwrap();
    assert_eq!(BatchVerdict::of_response(&response, &ids, true).retried(), &ids[1..]);
    let response = serde_json::to_vec(&BatchResponse::fail_from(&event, 3)).unwrap();
    assert_eq!(BatchVerdict::of_response(&response, &ids, true), BatchVerdict::Deleted);
}

#[test]
fn values_that_sqs_never_sends_are_refused() {
    let message = || SqsEvent::message("body");
    let fifo = || message().fifo("group", "id");
    for (builder, rule) in [
        (message().message_id(""), "invalid message id \"\""),
        (message().receipt_handle(""), "invalid receipt handle \"\""),
        (message().sender_id(""), "invalid sender id \"\""),
        (message().trace_header(""), "invalid trace header \"\""),
        (fifo().sequence_number("seven"), "invalid sequence number \"seven\""),
        (fifo().sequence_number(""), "invalid sequence number \"\""),
        (fifo().sequence_number("1".repeat(40)), "invalid sequence number"),
        (message().queue_arn("arn:aws:sns:us-east-1:111111111111:q"), "invalid queue ARN"),
        (message().queue_arn("arn:aws:sqs:us-east-1::q"), "invalid queue ARN"),
        (message().queue_arn("arn:aws:sqs::111111111111:q"), "invalid queue ARN"),
        (message().dead_letter_source("arn:aws:sqs:::q"), "invalid queue ARN"),
        (message().dead_letter_source("arn:aws:s3:::bucket"), "invalid queue ARN"),
        (message().dead_letter_source("arn:aws:sqs:us-east-1:111111111111:a b"), "invalid queue name \"a b\""),
    ] {
        let error = builder.try_build().unwrap_err().to_string();
        assert!(error.starts_with(rule), "{error}");
    }
    assert!(fifo().sequence_number("1".repeat(39)).try_build().is_ok());
}
