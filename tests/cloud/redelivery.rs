//! What functions were given, given to them once more.

use std::time::Duration;

use lambda_testkit::event::BatchResponse;
use lambda_testkit::history::Source;
use lambda_testkit::prelude::*;
use lambda_testkit::{Function, Redelivery, explore};
use serde_json::Value;

/// A function that copies what a bucket tells it of: the same object each time.
fn copies(cloud: &Cloud) -> Function {
    let (inbox, outbox) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
    let copy = cloud.function_with("copy", (inbox.clone(), outbox), async |(inbox, outbox), event: S3Event| {
        let key = event.records[0].key();
        outbox.try_put(key.as_str(), inbox.try_bytes(key.as_str())?)
    });
    inbox.notify(&copy, on(ObjectCreated));
    copy
}

/// A function that tells a queue of each object of another bucket, as often as it is told itself.
fn tells(cloud: &Cloud) -> Function {
    let (inbox, told) = (cloud.bucket("bell"), cloud.queue("told"));
    let tell = cloud.function_with("tell", told, async |told, event: S3Event| {
        told.try_send(event.records[0].key().as_str()).map(|_| ())
    });
    inbox.notify(&tell, on(ObjectCreated));
    tell
}

#[tokio::test]
async fn a_function_that_does_the_same_twice_leaves_the_state_as_it_was_and_another_does_not() {
    let cloud = Cloud::start();
    let (copy, tell) = (copies(&cloud), tells(&cloud));
    for (key, text) in [("a b.txt", "a"), ("b.txt", "b")] {
        cloud.bucket("inbox").put(key, text);
        cloud.bucket("bell").put(key, text);
    }
    assert_eq!(copy.redeliver(Redelivery::All), 0, "nothing was given to it yet");
    cloud.settle().await.assert_ok();

    let before = cloud.state();
    for _ in 0..2 {
        assert_eq!(copy.redeliver(Redelivery::All), 2, "the original events alone");
        cloud.settle().await.assert_ok();
    }
    assert_eq!(cloud.state(), before);
    assert_eq!(copy.invocations().len(), 6);
    let events = copy.events();
    assert!(events[0] == events[2] && events[1] == events[5]);

    assert_eq!(tell.redeliver(Redelivery::All), 2);
    cloud.settle().await.assert_ok();
    assert_ne!(cloud.state(), before);
    cloud.queue("told").assert_bodies(["a b.txt", "a b.txt", "b.txt", "b.txt"]);
}

#[tokio::test]
async fn the_history_the_timeline_and_the_explanation_say_so() {
    let cloud = Cloud::start();
    let copy = copies(&cloud);
    cloud.bucket("inbox").put("a.txt", "a");
    cloud.settle().await.assert_ok();
    copy.redeliver(Redelivery::All);
    cloud.settle().await.assert_ok();

    insta::assert_snapshot!(cloud.timeline());
    let history = cloud.history();
    let deliveries: Vec<_> = history.deliveries().to("copy").into_iter().collect();
    let [(original, first), (again, second)] = deliveries[..] else { panic!("{deliveries:?}") };
    assert_eq!(again.cause, Some(original.id));
    assert_eq!(second.from, Source::Redelivery { of: Some(Box::new(first.from.clone())) });
    assert_eq!((history.deliveries().from("inbox").count(), history.deliveries().from("redelivery").count()), (1, 1));
    let told = cloud.explain().to_string();
    let line = "2026-01-01T00:00:00Z once more, ObjectCreated:Put s3://inbox/a.txt: redelivery → copy fired";
    assert_eq!(told.lines().last(), Some(line), "{told}");
}

#[tokio::test]
async fn the_order_is_the_one_that_was_asked_for() {
    let cloud = Cloud::start();
    let (inbox, last) = (cloud.bucket("inbox"), cloud.bucket("last"));
    let keep = cloud.function_with("keep", last.clone(), async |last, event: S3Event| {
        last.try_put("key", event.records[0].key().to_string())
    });
    inbox.notify(&keep, on(ObjectCreated));
    let keys: Vec<String> = (0..9).map(|number| format!("{number}.txt")).collect();
    keys.iter().for_each(|key| inbox.put(key, ""));
    cloud.settle().await.assert_ok();
    let mut seen = Vec::new();
    for order in [Redelivery::All, Redelivery::Reversed, Redelivery::Shuffled(1), Redelivery::Shuffled(1)] {
        let before = keep.events().len();
        assert_eq!(keep.redeliver(order), 9);
        cloud.settle().await.assert_ok();
        let key = |event: &Value| event["Records"][0]["s3"]["object"]["key"].as_str().unwrap().to_owned();
        seen.push(keep.events()[before..].iter().map(key).collect::<Vec<_>>());
        assert_eq!(Some(&last.text("key")), seen.last().and_then(|keys| keys.last()));
    }
    assert_eq!(seen[0], keys);
    assert_eq!(seen[1], keys.iter().rev().cloned().collect::<Vec<_>>());
    assert!(seen[2] == seen[3] && seen[2] != seen[0] && seen[2] != seen[1]);
    seen[2].sort();
    assert_eq!(seen[2], keys);
}

#[tokio::test]
async fn a_batch_comes_again_with_its_messages_and_the_queue_is_as_it_was() {
    let cloud = Cloud::start();
    let (dead, told) = (cloud.queue("dead"), cloud.queue("told"));
    let jobs = cloud.queue("jobs").dead_letter(&dead, 2);
    let work = cloud.function_with("work", told.clone(), async |told, event: SqsEvent| {
        let again = told.messages().len() >= 2;
        let bodies = event.records.iter().map(|record| record.body.clone());
        told.send_all(bodies);
        // What came before is reported as failed when it comes again.
        BatchResponse::failures(event.records.iter().filter(|_| again).map(|record| record.message_id.clone()))
    });
    jobs.trigger(&work, batch(10).report_item_failures());
    jobs.send_all(["one", "two"]);
    cloud.settle().await.assert_ok();

    assert_eq!(work.redeliver(Redelivery::All), 1);
    cloud.drain().await.assert_ok();
    let runs = work.invocations();
    assert_eq!(runs.len(), 2, "{}", cloud.timeline());
    assert_eq!(runs[0].info().event, runs[1].info().event);
    assert_ne!(runs[0].info().context.request_id, runs[1].info().context.request_id);
    assert!(jobs.messages().is_empty() && dead.messages().is_empty());
    assert!(cloud.timeline().contains("redeliver to work: 2 messages in jobs"));
}

#[tokio::test]
async fn a_duplicate_of_a_batch_that_fails_is_reported_and_not_tried_again() {
    let cloud = Cloud::start();
    let (jobs, dead) = (cloud.queue("jobs"), cloud.queue("dead"));
    let work = cloud.stub("work").returns(()).then_fails("Busy", "once is enough");
    work.dead_letter(&dead);
    jobs.trigger(&work, batch(10));
    jobs.send("one");
    cloud.settle().await.assert_ok();
    work.redeliver(Redelivery::All);
    let report = cloud.drain().await;
    let failed: Vec<_> = report.failures.iter().map(|failure| failure.error.as_str()).collect();
    assert_eq!((failed, work.invocations().len()), (vec!["once is enough"], 2), "{}", cloud.timeline());
    assert!(jobs.messages().is_empty() && dead.messages().is_empty());
}

#[tokio::test]
async fn runs_of_schedules_come_again_without_the_schedule() {
    let cloud = Cloud::start();
    let check = cloud.stub("check");
    let hourly = cloud.rule("hourly", "rate(1 hour)").trigger(check.function());
    cloud.advance(Duration::from_secs(2 * 3600)).await.assert_ok();
    let runs = check.invocations().len();
    let next = hourly.next_runs(1);
    assert_eq!(check.redeliver(Redelivery::All), runs);
    cloud.settle().await.assert_ok();
    assert_eq!((check.invocations().len(), hourly.next_runs(1)), (2 * runs, next));
    let events = check.events();
    assert_eq!(events[..runs], events[runs..]);
    assert!(cloud.timeline().contains("redeliver to check: rule hourly is due"));
}

#[tokio::test]
async fn an_asynchronous_event_comes_again_once_and_is_tried_again_as_the_first_time() {
    let cloud = Cloud::start();
    let dead = cloud.queue("dead");
    let work = cloud.stub("work").fails("Busy", "try later");
    work.dead_letter(&dead);
    work.invoke_later("tea");
    let _ = cloud.drain().await;
    assert!(work.try_invoke::<Value>("nobody but the test waits for this").await.is_err());
    let caller = cloud.function_with("caller", work.function().clone(), async |work, _: u32| {
        work.try_invoke::<Value>("nor does anybody but its caller for this").await.is_err()
    });
    caller.invoke::<bool>(1).await;
    assert_eq!((caller.redeliver(Redelivery::All), work.redeliver(Redelivery::All)), (0, 1));
    let _ = cloud.drain().await;
    let history = cloud.history();
    let runs: Vec<_> = history.invocations().of("work").into_iter().filter(|run| !run.invocation.answered).collect();
    assert_eq!(runs.iter().map(|run| run.attempt()).collect::<Vec<_>>(), [1, 2, 3, 1, 2, 3]);
    assert!(runs.iter().all(|run| run.invocation.context.request_id == runs[0].invocation.context.request_id));
    assert_eq!(dead.bodies(), [r#""tea""#, r#""tea""#]);
    assert_eq!(history.deliveries().from("redelivery").into_iter().next().unwrap().1.to_string(), "redeliver to work");
}

#[tokio::test]
async fn a_busy_function_is_given_duplicates_later_and_one_that_may_not_run_loses_them() {
    let cloud = Cloud::start();
    let (jobs, clock) = (cloud.queue("jobs"), cloud.clock());
    let work = cloud.function_with("work", clock, async |clock, _: SqsEvent| clock.sleep(Duration::from_secs(3)).await);
    jobs.trigger(&work, batch(1));
    jobs.send_all(["one", "two", "three"]);
    cloud.drain().await.assert_ok();
    work.concurrency(1);
    assert_eq!(work.redeliver(Redelivery::Reversed), 3);
    cloud.drain().await.assert_ok();
    assert_eq!(work.invocations().len(), 6, "{}", cloud.timeline());

    work.concurrency(0);
    work.redeliver(Redelivery::All);
    cloud.drain().await.assert_ok();
    assert_eq!(work.invocations().len(), 6);
    assert!(cloud.timeline().contains("lost: its function's reserved concurrency is 0"), "{}", cloud.timeline());
}

#[tokio::test]
async fn a_redelivery_is_a_point_of_its_own_and_what_came_twice_is_one_event() {
    let run = async |plan: &str, came: usize| {
        let cloud = Cloud::builder().plan(plan).start();
        let copy = copies(&cloud);
        cloud.bucket("inbox").put("a.txt", "a");
        cloud.settle().await.assert_ok();
        assert_eq!(copy.redeliver(Redelivery::All), 1);
        cloud.settle().await.assert_ok();
        cloud.course().assert_plan_met();
        assert_eq!(copy.invocations().len(), came, "{}", cloud.timeline());
    };
    run("redelivery → copy #1: twice", 3).await;
    run("inbox → copy #1: twice", 3).await;
}

#[tokio::test]
async fn what_a_limited_history_has_dropped_does_not_come() {
    let cloud = Cloud::builder().history_limit(3).start();
    let copy = copies(&cloud);
    for key in ["a.txt", "b.txt"] {
        cloud.bucket("inbox").put(key, "1");
        cloud.settle().await.assert_ok();
    }
    assert!(copy.redeliver(Redelivery::All) <= 1);
    cloud.settle().await.assert_ok();
}

#[test]
fn an_exploration_runs_what_comes_again_and_its_check_judges_the_end() {
    let explored = explore(async |cloud: &Cloud| {
        let copy = copies(cloud);
        cloud.bucket("inbox").put("a.txt", "a");
        let _ = cloud.drain().await;
        copy.redeliver(Redelivery::Reversed);
    });
    let explored = explored.pairs(10).histories(10).orders(10);
    let explored = explored.try_check(|state| assert_eq!(state.buckets["outbox"].objects.len(), 1));
    assert!(explored.is_ok() && explored.singles() > 10, "{explored}");

    let explored = explore(async |cloud: &Cloud| {
        let tell = tells(cloud);
        cloud.bucket("bell").put("a.txt", "a");
        let _ = cloud.drain().await;
        tell.redeliver(Redelivery::All);
    });
    let explored = explored.try_check(|state| {
        let told = state.queues.values().find(|queue| queue.name == "told").unwrap();
        assert_eq!(told.messages.len(), 1, "told twice");
    });
    assert!(!explored.is_ok() && explored.to_string().contains("told twice"), "{explored}");
}

#[test]
fn a_test_that_breaks_the_order_of_a_group_finds_nothing() {
    let explored = explore(async |cloud: &Cloud| {
        let (jobs, work) = (cloud.queue("jobs.fifo"), cloud.stub("work"));
        jobs.trigger(&work, batch(1));
        for body in ["one", "two"] {
            jobs.send_fifo("group", body, body);
        }
        let _ = cloud.drain().await;
        work.redeliver(Redelivery::Reversed);
    });
    let explored = explored.pairs(10).histories(10).orders(10).try_run();
    assert!(explored.is_ok(), "{explored}");
}
