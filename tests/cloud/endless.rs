//! Runs without an end: functions that trigger themselves, and rules that make work for ever.
use crate::common::clock::seconds;

use std::convert::Infallible;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lambda_testkit::prelude::*;
use lambda_testkit::{CloudBuilder, DriveError, RecursiveLoop};
use serde_json::Value;

/// The time that this thread has had a processor; where the system does not tell, the time that has passed.
///
/// Other processes need the machine too, so only this says how long something takes.
fn busy() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    told.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// Drives a function that answers each object with `copies` others under the same prefix. Says why that ended, how often
/// the function ran, and when it did in [`busy`] time.
async fn run_away(cloud: CloudBuilder, copies: usize) -> (DriveError, Vec<Duration>) {
    let cloud = cloud.start();
    let bucket = cloud.bucket("loop");
    let (written, began) = (AtomicUsize::new(0), Arc::new(Mutex::new(Vec::new())));
    let (into, noted) = (bucket.clone(), Arc::clone(&began));
    let again = cloud.function("again", move |_: S3Event| {
        noted.lock().unwrap().push(busy());
        for _ in 0..copies {
            into.put(&format!("in/{}", written.fetch_add(1, Ordering::Relaxed)), "");
        }
        async { Ok::<_, Infallible>(()) }
    });
    // Lambda would stop each chain after 16.
    again.recursive_loop(RecursiveLoop::Allow);
    bucket.notify(&again, on(ObjectCreated).prefix("in/"));
    bucket.put("in/first", "");
    let error = cloud.try_settle().await.unwrap_err();
    let began = began.lock().unwrap().clone();
    (error, began)
}

#[tokio::test]
async fn a_function_that_triggers_itself_is_named_within_two_seconds() {
    let start = busy();
    let (error, began) = run_away(Cloud::builder(), 1).await;
    let text = error.to_string();
    let took = busy() - start;
    let DriveError::TriggersItself { function, limit: 500, chain, .. } = &error else { panic!("{error}") };
    assert_eq!((function.as_str(), began.len()), ("again", 501), "the first is caused by the test");
    assert!(chain.iter().any(|step| step.starts_with("put s3://loop/in/")), "{chain:?}");
    assert!(text.starts_with("the function again triggers itself: more than 500 of its invocations"), "{text}");
    assert!(text.contains("max_recursion") && text.lines().count() < 100, "{text}");
    assert!(took < seconds(2), "{took:?}");
}

#[tokio::test]
async fn a_function_that_triggers_itself_twice_each_time_is_named_as_soon() {
    let (error, began) = run_away(Cloud::builder(), 2).await;
    assert!(matches!(error, DriveError::TriggersItself { limit: 500, .. }), "{error}");
    assert!(began.len() <= 501, "{}", began.len());
}

#[tokio::test]
async fn a_chain_gets_no_slower_as_it_grows() {
    let (error, began) = run_away(Cloud::builder().max_recursion(3_000), 1).await;
    assert!(matches!(error, DriveError::TriggersItself { limit: 3_000, .. }), "{error}");
    // The fastest hundred of each thousand, for what else the machine does is no matter.
    let fastest = |thousand: usize| {
        let hundreds = (0..9).map(|hundred| thousand * 1_000 + hundred * 100);
        hundreds.map(|first| began[first + 100] - began[first]).min().unwrap()
    };
    let (first, last) = (fastest(0), fastest(2));
    assert!(last < first * 3, "a hundred of the first thousand took {first:?}, of the last {last:?}");
}

#[tokio::test]
async fn functions_that_many_objects_trigger_are_no_loop() {
    let cloud = Cloud::builder().max_recursion(1).start();
    let bucket = cloud.bucket("bucket");
    let into = bucket.clone();
    let copies = cloud.function("copies", move |event: S3Event| {
        into.put(&format!("out/{}", event.records[0].key()), "");
        async { Ok::<_, Infallible>(()) }
    });
    bucket.notify(&copies, on(ObjectCreated).prefix("in/"));
    (0..20).for_each(|number| bucket.put(&format!("in/{number}"), ""));
    let report = cloud.settle().await;
    assert_eq!((report.invocations, report.failures.len()), (20, 0), "{report}");
    // Each call counts anew.
    let cloud = Cloud::builder().max_recursion(2).start();
    let queue = cloud.queue("again");
    let sends = queue.clone();
    let left = AtomicUsize::new(6);
    let again = cloud.function("again", move |_: Value| {
        if left.fetch_sub(1, Ordering::Relaxed) > 1 {
            sends.send("once more");
        }
        async { Ok::<_, Infallible>(()) }
    });
    queue.trigger(&again, batch(1));
    queue.send("first");
    let error = cloud.try_settle().await.unwrap_err();
    assert!(matches!(error, DriveError::TriggersItself { limit: 2, .. }), "{error}");
    let report = cloud.try_settle().await.unwrap();
    assert_eq!((report.failures.len(), again.events().len()), (0, 6), "what was not done stays planned: {report}");
}

#[tokio::test]
async fn a_drain_that_a_recurring_rule_keeps_going_names_the_rule_and_advance() {
    let cloud = Cloud::builder().max_test_time(seconds(1_800)).start();
    let fails = cloud.function("fails", async |_: Value| Err::<(), _>("no such table"));
    cloud.rule("every-minute", "rate(1 minute)").trigger(&fails);
    let report = cloud.drain().await;
    assert_eq!(report.invocations, 0, "a rule alone is no work: {report}");
    assert!(
        report.to_string().contains("every-minute (recurring: advance to it, drain does not wait for it)"),
        "{report}"
    );

    fails.invoke_later(());
    let error = cloud.try_drain().await.unwrap_err();
    let DriveError::TooMuchTime { recurring, .. } = &error else { panic!("{error}") };
    assert_eq!(recurring, &["schedule every-minute"]);
    let text = error.to_string();
    assert!(text.contains("more work (schedule every-minute): advance past it instead"), "{text}");
    // Others are not blamed on a rule.
    let error = cloud.try_advance(seconds(60)).await.map(drop);
    assert_eq!(error, Ok(()));
}
