//! The fixtures are what the builders make, byte for byte, and every builder result is valid.
//!
//! `UPDATE_FIXTURES=1 cargo test --test events` writes them anew.
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use lambda_testkit::event::invoke::{DestinationRecord, FunctionError, InvocationContext};
use lambda_testkit::event::{
    BatchResponse, Document, Event, EventBridgeEvent, Family, Json, MessageAttribute, S3Event, S3EventName,
    ScheduledEvent, SqsEvent, TestEvent,
};
use lambda_testkit::{fixture, schema};
use serde::Serialize;

const KEY: &str = "my files/ü+1.csv";

fn s3(name: S3EventName) -> lambda_testkit::event::S3EventBuilder {
    S3Event::builder(name, "export", KEY)
}

/// Every fixture by its name, made by the builders.
fn made() -> BTreeMap<String, String> {
    let mut made = BTreeMap::new();
    let mut add = |name: &str, event: &dyn erased::Print| {
        assert!(made.insert(name.to_owned(), event.print()).is_none(), "{name} twice");
    };
    for name in S3EventName::all() {
        add(&format!("s3/{}", name.slug()), &s3(name.clone()).build());
    }
    let both = s3(S3EventName::ObjectCreatedPut).record(s3(S3EventName::ObjectRemovedDelete)).build();
    add("s3/event", &both);
    add("s3/test-event", &TestEvent::new("export"));
    for (name, kind) in [
        ("created", S3EventName::ObjectCreatedPut),
        ("deleted", S3EventName::ObjectRemovedDelete),
        ("restore-initiated", S3EventName::ObjectRestorePost),
        ("restore-completed", S3EventName::ObjectRestoreCompleted),
        ("restore-expired", S3EventName::ObjectRestoreDelete),
        ("storage-class-changed", S3EventName::LifecycleTransition),
        ("access-tier-changed", S3EventName::IntelligentTiering),
        ("tags-added", S3EventName::ObjectTaggingPut),
        ("tags-deleted", S3EventName::ObjectTaggingDelete),
        ("acl-updated", S3EventName::ObjectAclPut),
    ] {
        add(&format!("eventbridge/s3-object-{name}"), &s3(kind).build_event_bridge());
    }
    let tagged = s3(S3EventName::ObjectCreatedCopy).aws_generated_tags([("aws:cloudformation:stack-name", "exports")]);
    add("eventbridge/s3-event", &tagged.build_event_bridge());
    let detail = Json::from(serde_json::json!({ "orderId": "17" }));
    add("eventbridge/envelope", &EventBridgeEvent::custom("com.example.shop", "Order Placed", detail));

    let message = SqsEvent::message("{\"alarm\":\"disk full\"}").queue("alarms");
    let attribute = MessageAttribute::number(6).labelled("int").unwrap();
    let second = SqsEvent::message("plain text").queue("alarms");
    let second = second.attribute("severity", attribute).attribute("raw", MessageAttribute::binary([0, 255]));
    add("sqs/standard", &message.record(second).build());
    add("sqs/fifo", &SqsEvent::message("plain text").queue("orders.fifo").fifo("customer-7", "order-17").build());
    add("sqs/batch-response", &BatchResponse::success().fail("2b1bd1e5-7fbc-4e6a-a1c6-0e5d1c9a8f00"));

    add("scheduled/rule", &ScheduledEvent::rule("nightly").build());
    add("scheduled/scheduler-default", &ScheduledEvent::scheduler("nightly").build());
    add("scheduled/custom-input", &Json::from(serde_json::json!({ "log": "app.log" })));

    let context = InvocationContext::new("check_users");
    let user = Json::from(serde_json::json!({ "user": "u1" }));
    let error = FunctionError::timeout(&context.request_id, Duration::from_secs(3));
    let record = DestinationRecord::failure(&context, user.clone(), &error, 3);
    add("invoke/payload", &user);
    add("invoke/function-error", &error);
    add("invoke/destination-record", &record);
    let bus = "arn:aws:events:us-east-1:111111111111:event-bus/default".parse().unwrap();
    add("eventbridge/lambda-result", &record.to_event_bridge(&bus));

    let notification = S3Event::put("export", KEY).build().in_sns();
    add("sns/notification", &notification);
    add("sns/event", &notification.to_lambda());
    made
}

mod erased {
    /// Prints a document; lets documents of all types into one list.
    pub trait Print {
        fn print(&self) -> String;
    }

    impl<T: super::Serialize> Print for T {
        fn print(&self) -> String {
            serde_json::to_string_pretty(self).unwrap() + "\n"
        }
    }
}

#[test]
fn the_files_are_what_the_builders_make_byte_for_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    for (name, text) in made() {
        let path = root.join(format!("{name}.json"));
        if update {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
            continue;
        }
        let file = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(file == text, "{name}.json is out of date: run UPDATE_FIXTURES=1 cargo test --test events");
        assert_eq!(fixture::get(&name), Some(&*text));
    }
}

#[test]
fn there_is_a_fixture_for_every_schema_and_it_is_valid() {
    assert_eq!(fixture::names().collect::<Vec<_>>(), schema::names().collect::<Vec<_>>());
    for name in fixture::names() {
        let bytes = fixture::get(name).unwrap().as_bytes();
        assert_eq!(schema::validate_bytes_as(name, bytes), Ok(name));
        match name {
            // These may be anything, so that nothing marks them.
            "scheduled/custom-input" | "invoke/payload" => assert!(schema::validate_bytes(bytes).is_err()),
            // Its own kind says more.
            "eventbridge/s3-event" => {
                assert_eq!(schema::validate_bytes(bytes), Ok("eventbridge/s3-object-created"));
            }
            _ => assert_eq!(schema::validate_bytes(bytes), Ok(name)),
        }
    }
    assert_eq!(fixture::get("s3/pot"), None);
}

#[test]
fn types_and_schemas_agree_on_what_a_document_is() {
    for name in fixture::names() {
        let document: serde_json::Value = serde_json::from_str(fixture::get(name).unwrap()).unwrap();
        let family = match name {
            "s3/test-event" => Some(Family::S3Test),
            "sqs/batch-response" | "invoke/function-error" | "invoke/payload" | "scheduled/custom-input" => None,
            "scheduled/rule" => Some(Family::Rule),
            "scheduled/scheduler-default" => Some(Family::Scheduler),
            "invoke/destination-record" => Some(Family::Destination),
            "sns/event" => Some(Family::Sns),
            "sns/notification" => Some(Family::SnsNotification),
            "eventbridge/envelope" | "eventbridge/lambda-result" => Some(Family::EventBridge),
            _ if name.starts_with("eventbridge/") => Some(Family::S3EventBridge),
            _ if name.starts_with("sqs/") => Some(Family::Sqs),
            _ => Some(Family::S3),
        };
        assert_eq!(Event::detect(&document).ok(), family, "{name}");
        if family.is_some() {
            assert!(Event::from_value(document).is_ok(), "{name}");
        }
    }
}

#[test]
fn no_fixture_holds_two_deliveries_of_one_event() {
    for name in fixture::names() {
        let document: serde_json::Value = serde_json::from_str(fixture::get(name).unwrap()).unwrap();
        let records = document["Records"].as_array().map_or(&[][..], Vec::as_slice);
        for pointer in ["/s3/object/sequencer", "/responseElements/x-amz-request-id", "/messageId"] {
            let values: Vec<_> = records.iter().filter_map(|record| record.pointer(pointer)?.as_str()).collect();
            let different: std::collections::BTreeSet<_> = values.iter().collect();
            assert_eq!(different.len(), values.len(), "{name} {pointer}");
        }
    }
}
