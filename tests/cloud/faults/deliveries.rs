//! What is handed on without being asked for: it comes twice, late, or before another; batches are small, come again, or
//! are throttled, as events are.

use std::time::Duration;

use jiff::Timestamp;
use lambda_testkit::prelude::*;
use lambda_testkit::{Course, Deviation, Plan, Point, PointKind};
use serde_json::json;

use super::calls::lambda;
use super::{assert_met, planned};

/// The n-th point of this kind, counted from 0, at which this may happen.
#[track_caller]
fn nth<'a>(course: &'a Course, kind: PointKind, deviation: &Deviation, nth: usize) -> &'a Point {
    let mut points = course.points().iter();
    let found = points.by_ref().filter(|point| point.kind == kind && point.alternatives.contains(deviation)).nth(nth);
    found.unwrap_or_else(|| panic!("{deviation} cannot happen so often:\n{course}"))
}

type Scenario = fn(&Cloud);

async fn drained(scenario: Scenario, plan: &Plan) -> Cloud {
    let cloud = planned(plan);
    scenario(&cloud);
    let _ = cloud.drain().await;
    assert_met(&cloud, plan);
    cloud
}

/// The drained cloud of a scenario in which the n-th delivery deviates.
async fn deviating(scenario: Scenario, kind: PointKind, deviation: &Deviation, place: usize) -> Cloud {
    let ordinary = drained(scenario, &Plan::new()).await;
    let plan = nth(&ordinary.course(), kind, deviation, place).deviate(deviation);
    drained(scenario, &plan).await
}

/// When each invocation of the function began, in seconds, with its attempt and its event.
fn runs(cloud: &Cloud, function: &str) -> Vec<(i64, u32, serde_json::Value)> {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let history = cloud.history();
    let invocations = history.invocations().of(function).into_iter();
    let seconds = |at: Timestamp| at.as_second() - start.as_second();
    invocations.map(|run| (seconds(run.entry.at), run.attempt(), run.event().unwrap())).collect()
}

fn keys(cloud: &Cloud, function: &str) -> Vec<(i64, String)> {
    let key = |event: &serde_json::Value| event["Records"][0]["s3"]["object"]["key"].as_str().unwrap().to_owned();
    runs(cloud, function).iter().map(|(at, _, event)| (*at, key(event))).collect()
}

fn to_function(cloud: &Cloud) {
    let seen = cloud.function("seen", async |_: S3Event| Ok::<_, String>(()));
    cloud.bucket("inbox").notify(&seen, on(ObjectCreated));
    cloud.bucket("inbox").put("a", "");
    cloud.bucket("inbox").put("b", "");
}

#[tokio::test]
async fn a_notification_reaches_a_function_twice_late_or_before_the_one_before() {
    let kind = PointKind::Delivery;
    for (deviation, place, expected) in [
        (Deviation::Twice, 0, [(0, "a"), (0, "a"), (0, "b")].as_slice()),
        (Deviation::Late, 0, &[(0, "b"), (60, "a")]),
        (Deviation::Before, 0, &[(0, "b"), (0, "a")]),
    ] {
        let cloud = deviating(to_function, kind, &deviation, place).await;
        let found = keys(&cloud, "seen");
        let found: Vec<_> = found.iter().map(|(at, key)| (*at, key.as_str())).collect();
        assert_eq!(found, expected, "{deviation}\n{}", cloud.timeline());
    }
    let cloud = deviating(to_function, kind, &Deviation::Twice, 0).await;
    let history = cloud.history();
    let ids: Vec<_> = history.invocations().into_iter().map(|run| &run.invocation.context.request_id).collect();
    assert!(ids[0] == ids[1] && ids[1] != ids[2], "it is the same event: {ids:?}");
}

fn to_queue(cloud: &Cloud) {
    let events = cloud.queue("events");
    cloud.bucket("inbox").notify(&events, on(ObjectCreated));
    events.purge();
    cloud.bucket("inbox").put("a", "");
    cloud.bucket("inbox").put("b", "");
}

#[tokio::test]
async fn a_notification_reaches_a_queue_twice_late_or_before_the_one_before() {
    // The test event of S3 is the first delivery of all.
    for (deviation, place, expected) in
        [(Deviation::Twice, 1, "aab"), (Deviation::Late, 1, "ba"), (Deviation::Before, 1, "ba")]
    {
        let cloud = deviating(to_queue, PointKind::Delivery, &deviation, place).await;
        let bodies = cloud.queue("events").bodies();
        let keys: String = bodies
            .iter()
            .filter_map(|body| {
                let event: serde_json::Value = serde_json::from_str(body).unwrap();
                event["Records"][0]["s3"]["object"]["key"].as_str().map(str::to_owned)
            })
            .collect();
        assert_eq!(keys, expected, "{deviation}\n{}", cloud.timeline());
    }
}

#[tokio::test]
async fn a_schedule_starts_its_function_twice_or_late() {
    let run = async |plan: &Plan| {
        let cloud = planned(plan);
        let check = cloud.function("check", async |_: serde_json::Value| Ok::<_, String>(()));
        cloud.rule("hourly", "rate(1 hour)").input(json!(1)).trigger(&check);
        cloud.advance(Duration::from_secs(3 * 3600)).await.assert_ok();
        assert_met(&cloud, plan);
        cloud
    };
    let ordinary = run(&Plan::new()).await;
    let first = |cloud: &Cloud| -> Vec<i64> { runs(cloud, "check").iter().map(|(at, ..)| *at).collect() };
    let times = first(&ordinary);
    for (deviation, expected) in [
        (Deviation::Twice, [&[times[0]], times.as_slice()].concat()),
        (Deviation::Late, [&[times[0] + 60], &times[1..]].concat()),
    ] {
        let plan = nth(&ordinary.course(), PointKind::Delivery, &deviation, 0).deviate(&deviation);
        assert_eq!(first(&run(&plan).await), expected, "{deviation}");
    }
}

#[tokio::test]
async fn an_event_that_a_client_hands_over_comes_twice_or_late() {
    let run = async |plan: &Plan| {
        let cloud = planned(plan);
        cloud.function("works", async |number: u32| Ok::<_, String>(number));
        let client = lambda(&cloud.sdk_config());
        for number in ["1", "2"] {
            let call = client.invoke().function_name("works").invocation_type("Event".into());
            call.payload(number.as_bytes().into()).send().await.unwrap();
        }
        cloud.drain().await.assert_ok();
        assert_met(&cloud, plan);
        cloud
    };
    let ordinary = run(&Plan::new()).await;
    for (deviation, expected) in [
        (Deviation::Twice, [(0, 1, json!(1)), (0, 1, json!(1)), (0, 1, json!(2))].as_slice()),
        (Deviation::Late, &[(0, 1, json!(2)), (60, 1, json!(1))]),
        (Deviation::Before, &[(0, 1, json!(2)), (0, 1, json!(1))]),
    ] {
        let plan = nth(&ordinary.course(), PointKind::Delivery, &deviation, 0).deviate(&deviation);
        assert_eq!(runs(&run(&plan).await, "works"), expected, "{deviation}");
    }
}

fn given_up(cloud: &Cloud) {
    let dead = cloud.queue("dead");
    let fails = cloud.function("fails", async |_: u32| Err::<(), _>("always")).retry_attempts(0).dead_letter(&dead);
    fails.invoke_later(1);
    fails.invoke_later(2);
}

#[tokio::test]
async fn a_dead_letter_comes_twice_or_late() {
    for (deviation, expected) in
        [(Deviation::Twice, ["1", "1", "2"].as_slice()), (Deviation::Late, ["2", "1"].as_slice())]
    {
        let ordinary = drained(given_up, &Plan::new()).await;
        let course = ordinary.course();
        let mut points = course.points().iter();
        let point = points.find(|point| point.label.ends_with(", dead letter")).unwrap();
        assert!(!point.alternatives.contains(&Deviation::Before), "it is sent at once, so it can overtake nothing");
        let cloud = drained(given_up, &point.deviate(&deviation)).await;
        assert_eq!(cloud.queue("dead").bodies(), expected, "{deviation}\n{}", cloud.timeline());
    }
}

fn batches(cloud: &Cloud) {
    let works = cloud.function("works", async |_: SqsEvent| Ok::<_, String>(()));
    let line = cloud.queue("line").visibility_timeout(Duration::from_secs(45));
    line.trigger(&works, batch(10));
    for body in ["a", "b", "c", "d"] {
        line.send(body);
    }
}

/// When each batch came, and the bodies in it with how often they were received.
fn received(cloud: &Cloud) -> Vec<(i64, String)> {
    let text = |event: &serde_json::Value| {
        let records = event["Records"].as_array().unwrap().iter();
        let texts = records.map(|record| {
            let count = record["attributes"]["ApproximateReceiveCount"].as_str().unwrap();
            format!("{}{count}", record["body"].as_str().unwrap())
        });
        texts.collect::<Vec<_>>().join(" ")
    };
    runs(cloud, "works").iter().map(|(at, _, event)| (*at, text(event))).collect()
}

#[tokio::test]
async fn a_batch_has_half_of_its_messages_or_one() {
    for (deviation, expected) in
        [(Deviation::Half, [(0, "a1 b1"), (0, "c1 d1")]), (Deviation::One, [(0, "a1"), (0, "b1 c1 d1")])]
    {
        let cloud = deviating(batches, PointKind::Batch, &deviation, 0).await;
        assert_eq!(received(&cloud), expected.map(|(at, text)| (at, text.to_owned())), "{deviation}");
        assert_eq!(cloud.queue("line").messages().len(), 0);
    }
}

#[tokio::test]
async fn messages_come_again_although_the_function_took_care_of_them() {
    let cloud = deviating(batches, PointKind::Delivery, &Deviation::Twice, 0).await;
    let expected = [(0, "a1 b1 c1 d1".to_owned()), (0, "a2 b2 c2 d2".to_owned())];
    assert_eq!(received(&cloud), expected, "{}", cloud.timeline());
    assert_eq!(cloud.queue("line").messages().len(), 0);
}

#[tokio::test]
async fn a_throttled_batch_comes_back_when_its_visibility_timeout_ends() {
    let cloud = deviating(batches, PointKind::Invocation, &Deviation::Throttled, 0).await;
    assert_eq!(received(&cloud), [(45, "a2 b2 c2 d2".to_owned())], "{}", cloud.timeline());
}

#[tokio::test]
async fn a_throttled_event_waits_longer_each_time_and_loses_no_attempt() {
    let scenario: Scenario = |cloud| {
        let fails = cloud.function("fails", async |_: u32| Err::<(), _>("always")).retry_attempts(1);
        fails.invoke_later(1);
    };
    let label = "invoke fails";
    let plan: Plan = [1, 2, 4].map(|nth| format!("{label} #{nth}: throttled")).join("; ").parse().unwrap();
    let cloud = drained(scenario, &plan).await;
    let runs: Vec<_> = runs(&cloud, "fails").iter().map(|(at, attempt, _)| (*at, *attempt)).collect();
    // 1 s and 2 s; a minute after that attempt, the back-off begins anew.
    assert_eq!(runs, [(3, 1), (64, 2)], "{}", cloud.timeline());
}
