//! Buckets that tell EventBridge, and rules of event buses that hand on what matches.

use aws_sdk_s3::types::{EventBridgeConfiguration, NotificationConfiguration, ObjectCannedAcl, StorageClass};
use lambda_testkit::event::{S3EventBridgeEvent, TargetInput};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Plan, Queue};
use serde_json::{Value, json};

use crate::recorded::assert_shape;

/// What the rule has put into the queue so far, in order; it is empty then.
fn taken(queue: &Queue) -> Vec<Value> {
    let events = queue.messages().iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect();
    queue.purge();
    events
}

fn from_s3() -> Value {
    json!({ "source": ["aws.s3"] })
}

/// An event in the shape that was recorded, with the `event-version` that S3 has sent since then.
fn recorded(detail_type: &str, detail: Value) -> Value {
    let mut event = json!({
        "version": "0",
        "id": "<uuid>",
        "detail-type": detail_type,
        "source": "aws.s3",
        "account": "111111111111",
        "time": "<seconds>",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::inbox"],
        "detail": {
            "version": "0",
            "event-version": "1.1",
            "bucket": { "name": "inbox" },
            "request-id": "<text>",
            "requester": "111111111111",
        },
    });
    let members = event["detail"].as_object_mut().unwrap();
    members.extend(detail.as_object().unwrap().clone());
    event
}

#[tokio::test]
async fn events_of_s3_have_the_shape_that_was_recorded() {
    let cloud = Cloud::start();
    let (inbox, seen) = (cloud.bucket("inbox"), cloud.queue("seen"));
    cloud.event_bus("default").rule("all", from_s3()).trigger(&seen);
    inbox.notify_event_bridge();
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let key = "test key/ü+1";
    s3.put_object().bucket("inbox").key(key).body(b"data".to_vec().into()).send().await.unwrap();
    s3.delete_object().bucket("inbox").key(key).send().await.unwrap();
    cloud.settle().await.assert_ok();
    let etag = "8d777f385d3dfec8815d20f7496026dc";
    let events = taken(&seen);
    assert_eq!(events.len(), 2, "{}", cloud.timeline());
    assert_shape(
        &events[0],
        &recorded(
            "Object Created",
            json!({
                "object": { "key": key, "size": 4, "etag": etag, "sequencer": "<sequencer>" },
                "source-ip-address": "127.0.0.1",
                "reason": "PutObject",
            }),
        ),
    );
    assert_shape(
        &events[1],
        &recorded(
            "Object Deleted",
            json!({
                "object": { "key": key, "sequencer": "<sequencer>" },
                "source-ip-address": "127.0.0.1",
                "reason": "DeleteObject",
                "deletion-type": "Permanently Deleted",
            }),
        ),
    );

    let put = s3.put_object().bucket("inbox").key("cold").body(b"something".to_vec().into());
    put.storage_class(StorageClass::Glacier).send().await.unwrap();
    s3.put_object_acl().bucket("inbox").key("cold").acl(ObjectCannedAcl::PublicRead).send().await.unwrap_err();
    let restore = aws_sdk_s3::types::RestoreRequest::builder().days(1).build();
    s3.restore_object().bucket("inbox").key("cold").restore_request(restore).send().await.unwrap();
    cloud.drain().await.assert_ok();
    let events = taken(&seen);
    let kinds: Vec<&str> = events.iter().map(|event| event["detail-type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Object Created", "Object Restore Initiated", "Object Restore Completed"]);
    let object = json!({ "key": "cold", "size": 9, "etag": "437b930db84b8079c2dd804a71936b5f" });
    let initiated = json!({ "object": object, "source-ip-address": "127.0.0.1", "source-storage-class": "GLACIER" });
    assert_shape(&events[1], &recorded("Object Restore Initiated", initiated));
}

#[tokio::test]
async fn clients_turn_it_on_and_off() {
    let cloud = Cloud::start();
    let inbox = cloud.bucket("inbox");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let configure = |configuration: NotificationConfiguration| {
        s3.put_bucket_notification_configuration().bucket("inbox").notification_configuration(configuration).send()
    };
    let on = EventBridgeConfiguration::builder().build();
    configure(NotificationConfiguration::builder().event_bridge_configuration(on).build()).await.unwrap();
    let get = || s3.get_bucket_notification_configuration().bucket("inbox").send();
    assert!(get().await.unwrap().event_bridge_configuration.is_some());
    inbox.put("a", "1");
    configure(NotificationConfiguration::builder().build()).await.unwrap();
    assert!(get().await.unwrap().event_bridge_configuration.is_none());
    inbox.put("b", "2");
    cloud.settle().await.assert_ok();
    let bus = cloud.event_bus("default");
    assert_eq!(bus.events().len(), 1, "{}", cloud.timeline());
    // It stays when a trigger of the bucket comes and goes.
    inbox.notify_event_bridge();
    inbox.notify(&cloud.queue("line"), lambda_testkit::on(ObjectCreated)).remove();
    assert!(get().await.unwrap().event_bridge_configuration.is_some());
}

#[tokio::test]
async fn a_rule_says_why_it_lets_nothing_through() {
    let cloud = Cloud::start();
    let (inbox, bus) = (cloud.bucket("inbox"), cloud.event_bus("default"));
    let tables = cloud.function("tables", async |event: S3EventBridgeEvent| event.detail.object.key.to_string());
    let pattern = json!({ "source": ["aws.s3"], "detail": { "object": { "key": [{ "suffix": ".csv" }] } } });
    let rule = bus.rule("tables", pattern).trigger(&tables);
    inbox.notify_event_bridge();
    inbox.put("a b.csv", "");
    inbox.put("a.txt", "");
    cloud.settle().await.assert_ok();
    assert_eq!(tables.responses(), ["a b.csv"]);
    let missed: Vec<_> = rule.decisions().into_iter().map(|decision| decision.missed).collect();
    assert_eq!(missed.len(), 2);
    assert!(missed[0].is_none());
    assert!(missed[1].as_deref().unwrap().contains("detail.object.key"), "{missed:?}");
    assert!(cloud.explain().to_string().contains("Object Created of aws.s3: tables → tables did not fire"));

    rule.disable();
    inbox.put("c.csv", "");
    cloud.settle().await.assert_ok();
    assert_eq!((rule.is_enabled(), tables.responses().len()), (false, 1));
    assert!(cloud.explain().to_string().contains("now tables → tables: disabled"), "{}", cloud.explain());
    rule.enable();
    inbox.put("d.csv", "");
    cloud.settle().await.assert_ok();
    assert_eq!(tables.responses(), ["a b.csv", "d.csv"]);
    rule.remove();
    inbox.put("e.csv", "");
    cloud.settle().await.assert_ok();
    assert_eq!((rule.is_enabled(), tables.responses().len()), (false, 2));
}

#[tokio::test]
async fn a_target_may_get_a_part_of_the_event_or_a_text() {
    let cloud = Cloud::start();
    let (inbox, bus, seen) = (cloud.bucket("inbox"), cloud.event_bus("default"), cloud.queue("seen"));
    let rule = |name: &str, input: TargetInput| bus.rule(name, from_s3()).input(input).trigger(&seen);
    rule("a", TargetInput::constant("{\"by\": 1}").unwrap());
    rule("b", TargetInput::path("$.detail.object").unwrap());
    let text = "\"<key> by <aws.events.rule-name>\"";
    rule("c", TargetInput::transformer([("key", "$.detail.object.key")], text).unwrap());
    rule("d", TargetInput::path("$.detail.nowhere").unwrap());
    inbox.notify_event_bridge();
    inbox.put("a b", "1");
    cloud.settle().await.assert_ok();
    let mut bodies: Vec<Value> = taken(&seen);
    assert_eq!(bodies[1]["key"].as_str(), Some("a b"));
    bodies.remove(1);
    assert_eq!(bodies, [json!({ "by": 1 }), json!("a b by c")]);
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("rule d → seen: Object Created\n"), "{timeline}");
    assert!(timeline.contains("lost: "), "{timeline}");
}

/// function → destination → bus → rule → function.
#[tokio::test]
async fn what_lambda_puts_on_a_bus_goes_on() {
    let cloud = Cloud::start();
    let bus = cloud.event_bus("results");
    let double = cloud.function("double", async |number: u32| number * 2).on_success(&bus);
    let show = cloud.function("show", async |event: Value| event["detail"]["responsePayload"].clone());
    let pattern = json!({ "detail-type": [{ "suffix": "- Success" }] });
    let rule = bus.rule("show", pattern).trigger(&show);
    assert_eq!(rule.id(), "arn:aws:events:us-east-1:111111111111:rule/results/show");
    double.invoke_later(21);
    cloud.settle().await.assert_ok();
    assert_eq!(show.responses(), [42]);
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("rule show → show: Lambda Function Invocation Result - Success"), "{timeline}");
}

#[tokio::test]
async fn it_may_come_twice_and_late() {
    for (plan, answers) in
        [("count → count #1: twice", 2), ("inbox → default #1: twice", 2), ("count → count #1: late", 1)]
    {
        let cloud = Cloud::builder().plan(plan.parse::<Plan>().unwrap()).start();
        let inbox = cloud.bucket("inbox");
        let count = cloud.function("count", async |_: S3EventBridgeEvent| 1);
        cloud.event_bus("default").rule("count", from_s3()).trigger(&count);
        inbox.notify_event_bridge();
        inbox.put("a", "1");
        cloud.drain().await.assert_ok();
        assert_eq!(count.responses().len(), answers, "{plan}\n{}", cloud.timeline());
    }
}

#[test]
fn wrong_rules_are_refused_by_name() {
    let cloud = Cloud::start();
    let (bus, function) = (cloud.event_bus("default"), cloud.stub("f"));
    let refused = |name: &str, pattern: Value| bus.rule(name, pattern).try_trigger(&function).unwrap_err().to_string();
    for (name, pattern, why) in [
        ("a b", from_s3(), "\"a b\" is no name of a rule"),
        ("", from_s3(), "is no name of a rule"),
        ("r", json!({ "source": "aws.s3" }), "InvalidEventPatternException"),
        ("r", json!({ "source": [{ "sufix": ".csv" }] }), "sufix"),
        ("r", json!({ "source": ["x".repeat(2_100)] }), "at most 2048"),
    ] {
        let error = refused(name, pattern);
        assert!(error.contains(why), "{error}");
    }
    let elsewhere = cloud.account("222222222222").queue("line");
    let error = bus.rule("r", from_s3()).try_trigger(&elsewhere).unwrap_err();
    assert!(matches!(error, CloudError::Setting { name: "target", .. }), "{error}");
    let fifo = cloud.queue("line.fifo");
    assert!(matches!(bus.rule("r", from_s3()).try_trigger(&fifo), Err(CloudError::Setting { .. })));
    let other = Cloud::start();
    assert!(bus.rule("r", from_s3()).try_trigger(&other.queue("line")).is_err());
}
