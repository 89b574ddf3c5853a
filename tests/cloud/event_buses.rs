//! Event buses as destinations: the events that Lambda puts there.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{DestinationConfig, OnSuccess};
use lambda_testkit::event::invoke::DestinationRecord;
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Deviation, Function, Plan, explore};
use serde_json::{Value, json};

use crate::common::{message, refusal};
use crate::recorded::assert_shape;

fn handler(cloud: &Cloud) -> Function {
    let handler = async |event: Value| match event.get("raise_error") {
        Some(_) => Err("Test exception (this is intentional)".to_owned()),
        None => Ok(json!({ "event": event })),
    };
    cloud.function("handler", handler).retry_attempts(0)
}

fn all(bus: &lambda_testkit::EventBus) -> Vec<Value> {
    bus.events().iter().map(|event| serde_json::to_value(event).unwrap()).collect()
}

/// In the shape that was recorded.
#[tokio::test]
async fn successes_and_failures_are_events_of_lambda() {
    let cloud = Cloud::start();
    let bus = cloud.event_bus("results");
    let function = handler(&cloud).on_success(&bus).on_failure(&bus);
    function.invoke_later(json!({}));
    function.invoke_later(json!({ "raise_error": 1 }));
    assert_eq!(cloud.drain().await.failures.len(), 1);
    let arn = format!("{}:$LATEST", function.arn());
    let bus_arn = "arn:aws:events:us-east-1:111111111111:event-bus/results";
    assert_eq!((bus.name(), bus.arn().to_string().as_str()), ("results", bus_arn));
    let recorded = |outcome: &str, detail: Value| {
        json!({
            "version": "0",
            "id": "<uuid>",
            "detail-type": format!("Lambda Function Invocation Result - {outcome}"),
            "source": "lambda",
            "account": "111111111111",
            "time": "<seconds>",
            "region": "us-east-1",
            "resources": [bus_arn, arn],
            "detail": detail,
        })
    };
    let request = |condition: &str| json!({ "requestId": "<uuid>", "functionArn": arn, "condition": condition, "approximateInvokeCount": 1 });
    let success = json!({
        "version": "1.0",
        "timestamp": "<milliseconds>",
        "requestContext": request("Success"),
        "requestPayload": {},
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST" },
        "responsePayload": { "event": {} },
    });
    let failure = json!({
        "version": "1.0",
        "timestamp": "<milliseconds>",
        "requestContext": request("RetriesExhausted"),
        "requestPayload": { "raise_error": 1 },
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": {
            "errorType": "alloc::string::String",
            "errorMessage": "Test exception (this is intentional)",
        },
    });
    let events = all(&bus);
    assert_eq!(events.len(), 2);
    assert_shape(&events[0], &recorded("Success", success));
    assert_shape(&events[1], &recorded("Failure", failure));
    assert_ne!(events[0]["id"], events[1]["id"]);
    // It is a request of Lambda's in the history, under the record.
    let timeline = cloud.timeline().to_string();
    assert_eq!(timeline.matches("events PutEvents results").count(), 2, "{timeline}");
    let state = cloud.state();
    assert_eq!(state.buses[bus_arn].events.len(), 2);
    assert!(state.buses[bus_arn].events[0].starts_with("lambda, Lambda Function Invocation Result - "), "{state:?}");
}

#[tokio::test]
async fn the_api_takes_the_arn_of_a_bus_that_is_there() {
    let cloud = Cloud::start();
    let function = handler(&cloud);
    let lambda = Client::new(&cloud.sdk_config());
    let put = async |bus: &str| {
        let destination = OnSuccess::builder().destination(format!("arn:aws:events:{bus}")).build();
        let both = DestinationConfig::builder().on_success(destination).build();
        lambda.put_function_event_invoke_config().function_name("handler").destination_config(both).send().await
    };
    put("us-east-1:111111111111:event-bus/default").await.unwrap();
    function.invoke_later(json!({}));
    cloud.drain().await.assert_ok();
    let record: DestinationRecord = cloud.event_bus("default").events()[0].detail.to().unwrap();
    assert_eq!(record.response_payload.unwrap().to::<Value>().unwrap(), json!({ "event": {} }));

    for (bus, why) in [
        ("us-east-1:111111111111:event-bus/other", "there is no such queue, bucket or event bus"),
        ("us-east-1:222222222222:event-bus/default", "own account only"),
        ("us-east-1:111111111111:rule/default", "there is no such"),
    ] {
        let refused = put(bus).await;
        assert_eq!(message(put(bus).await), format!("The destination ARN arn:aws:events:{bus} is invalid."), "{why}");
        assert_eq!(refusal(refused), "400 InvalidParameterValueException");
    }
    let elsewhere = Cloud::start();
    let theirs = elsewhere.event_bus("default");
    assert!(matches!(function.try_on_success(&theirs), Err(CloudError::Setting { .. })));
    let theirs = cloud.account("222222222222").event_bus("default");
    let error = function.try_on_success(&theirs).unwrap_err().to_string();
    assert!(error.contains("own account only"), "{error}");
}

#[tokio::test]
async fn what_is_too_long_for_a_bus_is_lost_with_its_reason() {
    let cloud = Cloud::start();
    let bus = cloud.event_bus("default");
    let function = handler(&cloud).on_success(&bus);
    function.invoke_later(json!({ "text": "x".repeat(600_000) }));
    cloud.drain().await.assert_ok();
    assert!(bus.events().is_empty());
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("lost: the record has 1200"), "{timeline}");
    assert!(timeline.contains("bytes, an event has at most 1048576"), "{timeline}");
}

#[test]
fn names_of_buses_are_checked() {
    let cloud = Cloud::start();
    for name in ["", "a b", "a/b", &"x".repeat(257)] {
        let error = cloud.own_account().try_event_bus(name).unwrap_err();
        assert!(error.to_string().starts_with(&format!("invalid event bus {name}: ")), "{error}");
    }
    assert!(cloud.event_bus(&"x".repeat(256)).events().is_empty());
}

/// The record may come twice or late, and a sweep sees what is lost.
#[tokio::test]
async fn a_record_for_a_bus_may_go_another_way_like_every_delivery() {
    let run = async |plan: &Plan| {
        let cloud = Cloud::builder().plan(plan).start();
        let bus = cloud.event_bus("default");
        handler(&cloud).on_success(&bus).invoke_later(json!({}));
        let start = cloud.now();
        cloud.drain().await.assert_ok();
        cloud.course().assert_plan_met();
        (cloud.course(), all(&bus), cloud.now().duration_since(start).as_secs())
    };
    let (course, once, _) = run(&Plan::new()).await;
    let point = course.points().iter().find(|point| &*point.label == "handler → default");
    let point = point.unwrap_or_else(|| panic!("{course:?}"));
    let (_, twice, _) = run(&point.deviate(&Deviation::Twice)).await;
    assert_eq!((once.len(), twice.len()), (1, 2));
    assert_ne!(twice[0]["id"], twice[1]["id"], "they are two events");
    assert_eq!(run(&point.deviate(&Deviation::Late)).await.2, 60);
}

#[test]
fn an_exploration_compares_what_is_on_buses() {
    let explored = explore(async |cloud: &Cloud| {
        let bus = cloud.event_bus("default");
        let copies =
            cloud.function_with("copies", cloud.bucket("out"), async |out, key: String| out.try_put(&key, "x"));
        copies.on_success(&bus).on_failure(&bus).invoke_later("a");
    });
    let explored = explored.check(|state| {
        let events: usize = state.buses.values().map(|bus| bus.events.len()).sum();
        assert!(events >= 1, "somebody is told of each end");
    });
    assert!(explored.singles() > 5, "{explored}");
}
