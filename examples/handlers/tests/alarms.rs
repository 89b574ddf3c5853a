//! Alarms in the queue are posted, each of them once.

use std::time::Duration;

use handlers::alarms::{Alarm, Webhook, handle};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudBuilder, Function, NewMessage, Queue, Slack};

fn arrange(builder: CloudBuilder) -> (Cloud, Queue, Queue, Slack, Function) {
    let cloud = builder.start();
    let dead = cloud.queue("alarms-dead");
    let alarms = cloud.queue("alarms").visibility_timeout(Duration::from_secs(60)).dead_letter(&dead, 3);
    let slack = cloud.slack();
    let function = cloud.function_with("to-slack", Webhook::new(slack.webhook("#general")), handle);
    alarms.trigger(&function, batch(10).report_item_failures());
    (cloud, alarms, dead, slack, function)
}

fn alarm(text: &str) -> NewMessage {
    NewMessage::json(&Alarm { host: "db-1".into(), text: text.into() })
}

#[tokio::test]
async fn alarms_are_posted_in_one_batch() {
    let (cloud, alarms, _, slack, function) = arrange(Cloud::builder());
    alarms.send_all(["disk full", "no route"].map(alarm));
    cloud.settle().await.assert_ok();
    slack.assert_posted("#general", ["db-1: disk full", "db-1: no route"]);
    assert_eq!(function.invocations().len(), 1);
    alarms.assert_empty();
}

#[tokio::test]
async fn of_a_half_failed_batch_only_what_failed_comes_again() {
    let (cloud, alarms, dead, slack, function) = arrange(Cloud::builder());
    slack.rate_limit_next(1, Duration::from_secs(30));
    alarms.send_all(["disk full", "no route", "slow"].map(alarm));
    cloud.drain().await.assert_ok();
    slack.assert_posted("#general", ["db-1: no route", "db-1: slow", "db-1: disk full"]);
    let batches = function.invocations();
    assert_eq!([0, 1].map(|batch: usize| batches[batch].event::<SqsEvent>().records.len()), [3, 1]);
    dead.assert_empty();
}

#[tokio::test]
async fn a_poisoned_message_is_a_dead_letter_and_stops_no_other() {
    let (cloud, alarms, dead, slack, _) = arrange(Cloud::builder());
    let poisoned = ["disk full", r#"{"host":"db-1","text":"disk full","level":"high"}"#];
    alarms.send_all(poisoned);
    alarms.send(alarm("no route"));
    cloud.drain().await.assert_ok();
    slack.assert_posted("#general", ["db-1: no route"]);
    dead.assert_bodies(poisoned);
}

#[tokio::test]
async fn a_test_event_of_s3_is_no_alarm() {
    let (cloud, alarms, dead, slack, function) = arrange(Cloud::builder());
    cloud.bucket("reports").notify(&alarms, on(ObjectCreated));
    cloud.drain().await.assert_ok();
    assert_eq!(function.invocations().len(), 1, "{}", cloud.timeline());
    slack.assert_posted("#general", [""; 0]);
    dead.assert_empty();
}

#[tokio::test]
async fn an_alarm_that_comes_twice_is_posted_twice() {
    let (cloud, alarms, _, slack, _) = arrange(Cloud::builder().plan("alarms → to-slack #1: twice"));
    alarms.send(alarm("disk full"));
    cloud.drain().await.assert_ok();
    slack.assert_posted("#general", ["db-1: disk full", "db-1: disk full"]);
}
