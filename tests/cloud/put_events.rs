//! Events that clients put on buses.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use lambda_testkit::event::EventBridgeEvent;
use lambda_testkit::prelude::*;
use lambda_testkit::{EventBus, Fault};
use serde_json::{Value, json};

use crate::common::signed::Raw;
use crate::common::{message, refusal};
use crate::recorded::assert_shape;

fn entry(source: &str, detail: Value) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder().source(source).detail_type("Order").detail(detail.to_string()).build()
}

fn all(bus: &EventBus) -> Vec<Value> {
    bus.events().iter().map(|event| serde_json::to_value(event).unwrap()).collect()
}

/// The code, else that there is an id.
fn came_to(entry: &PutEventsResultEntry) -> &str {
    assert_ne!(entry.error_code.is_some(), entry.event_id.is_some());
    entry.error_code.as_deref().unwrap_or("put")
}

/// handler → bus → rule → handler.
#[tokio::test]
async fn what_a_handler_puts_starts_another() {
    let cloud = Cloud::start();
    let events = Client::new(&cloud.sdk_config());
    let order = cloud.function_with("order", events, async |events, id: u32| {
        let put = events.put_events().entries(entry("shop", json!({ "id": id }))).send().await;
        put.map(|put| put.failed_entry_count).map_err(Box::new)
    });
    let bill = cloud.function("bill", async |event: EventBridgeEvent<Value>| event.detail["id"].clone());
    let (bus, big) = (cloud.event_bus("default"), json!({ "detail": { "id": [{ "numeric": [">", 5] }] } }));
    bus.rule("bill", big).trigger(&bill);
    assert_eq!(order.invoke::<i32>(7).await, 0);
    assert_eq!(order.invoke::<i32>(3).await, 0);
    cloud.settle().await.assert_ok();
    assert_eq!(bill.responses(), [7]);
    assert_shape(
        &all(&bus)[0],
        &json!({
            "version": "0",
            "id": "<uuid>",
            "detail-type": "Order",
            "source": "shop",
            "account": "111111111111",
            "time": "<seconds>",
            "region": "us-east-1",
            "resources": [],
            "detail": { "id": 7 },
        }),
    );
    insta::assert_snapshot!(cloud.timeline(), @r"
    2026-01-01T00:00:00Z start
    +00:00:00.000 test invokes order
    +00:00:00.000   invoke order: ok
    +00:00:00.000     events PutEvents default → 200
    +00:00:00.000       rule bill → bill: Order
    +00:00:00.000         invoke bill: ok
    +00:00:00.000 test invokes order
    +00:00:00.000   invoke order: ok
    +00:00:00.000     events PutEvents default → 200
    +00:00:00.000       no notification to bill: detail.id is 3, and not > 5
    ");
    // Only what no rule has handed on is left.
    let state = cloud.state();
    assert_eq!(state.buses.values().map(|bus| bus.events.len()).collect::<Vec<_>>(), [1], "{state:?}");
}

#[tokio::test]
async fn each_entry_is_looked_at_by_itself() {
    let cloud = Cloud::start();
    let (events, bus) = (Client::new(&cloud.sdk_config()), cloud.event_bus("orders"));
    let bare = PutEventsRequestEntry::builder;
    let entries = [
        PutEventsRequestEntry::builder()
            .source("shop")
            .detail_type("Order")
            .detail("{}")
            .event_bus_name(bus.arn().to_string())
            .resources("arn:aws:s3:::inbox")
            .time(aws_sdk_eventbridge::primitives::DateTime::from_secs(1_700_000_000))
            .build(),
        bare().detail_type("t").detail("{}").build(),
        bare().source("s").detail("{}").build(),
        bare().source("s").detail_type("t").build(),
        bare().source("s").detail_type("t").detail("{").build(),
        bare().source("s").detail_type("t").detail("1").build(),
        entry("aws.s3", json!({})),
        bare().source("s").detail_type("t").detail("{}").event_bus_name("not there").build(),
    ];
    let answer = events.put_events().set_entries(Some(entries.to_vec())).send().await.unwrap();
    assert_eq!(answer.failed_entry_count, 6);
    let came: Vec<&str> = answer.entries().iter().map(came_to).collect();
    let invalid = "InvalidArgument";
    let malformed = "MalformedDetail";
    let all_codes = ["put", invalid, invalid, invalid, malformed, malformed, "NotAuthorizedForSourceException", "put"];
    assert_eq!(came, all_codes);
    let why = "Parameter Source is not valid. Reason: Source is a required argument.";
    assert_eq!(answer.entries()[1].error_message.as_deref(), Some(why));
    let put = &all(&bus)[0];
    assert_eq!(put["id"].as_str(), answer.entries()[0].event_id());
    assert_eq!((&put["time"], &put["resources"]), (&json!("2023-11-14T22:13:20Z"), &json!(["arn:aws:s3:::inbox"])));
    // EventBridge does not tell, but the timeline does.
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("lost: there is no such bus"), "{timeline}");
}

#[tokio::test]
async fn an_entry_may_fail_and_the_request_may_be_refused() {
    let cloud = Cloud::start();
    let (events, bus) = (Client::new(&cloud.sdk_config()), cloud.event_bus("default"));
    let put = |count: usize| {
        let entries = (0..count).map(|n| entry("shop", json!({ "n": n }))).collect();
        events.put_events().set_entries(Some(entries)).send()
    };
    let failing = cloud.inject(Fault::on("events.PutEvents").fail_entries([1]));
    let answer = put(3).await.unwrap();
    assert_eq!(answer.entries().iter().map(came_to).collect::<Vec<_>>(), ["put", "InternalFailure", "put"]);
    assert_eq!((answer.failed_entry_count, failing.hits(), bus.events().len()), (1, 1, 2));

    assert_eq!(refusal(put(0).await), "400 ValidationException");
    assert!(message(put(11).await).ends_with("Member must have length less than or equal to 10"));
    let long = entry("shop", json!({ "text": "x".repeat(1_048_576) }));
    let long = events.put_events().entries(long).send().await;
    assert_eq!(message(long), "Total size of the entries in the request is over the limit.");

    let theirs = cloud.account("222222222222").event_bus("default");
    let theirs = PutEventsRequestEntry::builder()
        .source("s")
        .detail_type("t")
        .detail("{}")
        .event_bus_name(theirs.arn().to_string());
    let both = events.put_events().entries(entry("shop", json!({}))).entries(theirs.build()).send().await;
    assert_eq!(refusal(both), "403 AccessDeniedException");
    assert_eq!(bus.events().len(), 2, "nothing is put of what is not permitted");

    let other = events.put_rule().name("r").send().await;
    assert_eq!(refusal(other), "400 NotImplemented");
    let raw = Raw::new("events", "POST", "/").header("x-amz-target", "AWSEvents.PutEvents").body("{");
    assert_eq!(raw.signed(&cloud).await.refusal(), "400 SerializationException");
}

#[tokio::test]
async fn a_test_may_still_answer_for_event_bridge() {
    let cloud = Cloud::start();
    cloud.json_service("events", |operation, _| Ok(json!({ "NextToken": operation })));
    let events = Client::new(&cloud.sdk_config());
    assert_eq!(events.list_rules().send().await.unwrap().next_token(), Some("ListRules"));
}
