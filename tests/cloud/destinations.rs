//! Who is told how asynchronous invocations end: destinations of functions, beside their dead-letter queues.

use std::time::Duration;

use lambda_testkit::event::invoke::{DestinationCondition, DestinationRecord};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Deviation, Function, Plan, PointKind, Queue, Redelivery, explore};
use serde_json::{Value, json};

/// A function that fails for every odd number.
fn work(cloud: &Cloud) -> Function {
    cloud.function(
        "work",
        async |number: u32| if number.is_multiple_of(2) { Ok(number * 10) } else { Err(format!("{number} is odd")) },
    )
}

fn records(queue: &Queue) -> Vec<DestinationRecord> {
    queue.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

/// The condition, the event and how often the function ran.
fn told(record: &DestinationRecord) -> (String, String, u64) {
    let context = &record.request_context;
    (context.condition.to_string(), record.request_payload.to_string(), context.approximate_invoke_count)
}

fn owned(condition: &str, payload: &str, count: u64) -> (String, String, u64) {
    (condition.to_owned(), payload.to_owned(), count)
}

#[tokio::test]
async fn successes_and_failures_go_their_own_ways_and_a_dead_letter_beside_the_record() {
    let cloud = Cloud::start();
    let (done, failed, dead) = (cloud.queue("done"), cloud.queue("failed"), cloud.queue("dead"));
    let work = work(&cloud).on_success(&done).on_failure(&failed).dead_letter(&dead).retry_attempts(1);
    work.invoke_later(1);
    work.invoke_later(2);
    let _ = cloud.drain().await;
    assert_eq!(records(&done).iter().map(told).collect::<Vec<_>>(), [owned("Success", "2", 1)]);
    assert_eq!(records(&failed).iter().map(told).collect::<Vec<_>>(), [owned("RetriesExhausted", "1", 2)]);
    assert_eq!(records(&done)[0].response_payload.as_ref().unwrap().to_string(), "20");
    assert_eq!(dead.bodies(), ["1"]);
    let timeline = cloud.timeline().to_string();
    for line in ["record of work → done: Success", "record of work → failed: RetriesExhausted", "message to failed"]
    {
        assert!(timeline.contains(line), "{line}: {timeline}");
    }
    let history = cloud.history();
    assert_eq!(history.deliveries().from("work").count(), 2);
    assert_eq!(history.given_up().len(), 1);
    let decisions = cloud.explain();
    let decided: Vec<_> = decisions.decisions().iter().map(|d| (d.trigger.as_str(), d.trigger_id.as_str())).collect();
    let mut expected =
        vec![("work → done", "on success"), ("work → dead", "dead letter"), ("work → failed", "on failure")];
    expected.sort();
    let mut decided = decided;
    decided.sort();
    assert_eq!(decided, expected);
}

#[tokio::test]
async fn who_waits_for_the_answer_is_told_by_it_and_nobody_else() {
    let cloud = Cloud::start();
    let (told, jobs) = (cloud.queue("told"), cloud.queue("jobs"));
    let work = work(&cloud).on_success(&told).on_failure(&told);
    assert_eq!(work.invoke::<u32>(2).await, 20);
    assert!(work.try_invoke::<u32>(1).await.is_err());
    // A mapping waits for the answer too; and the duplicate of a batch is nobody's event.
    let batches = cloud.function("batches", async |_: SqsEvent| {}).on_success(&told).on_failure(&told);
    jobs.trigger(&batches, batch(1));
    jobs.send("a");
    cloud.drain().await.assert_ok();
    batches.redeliver(Redelivery::All);
    cloud.drain().await.assert_ok();
    assert_eq!(batches.invocations().len(), 2);
    told.assert_empty();
}

#[tokio::test]
async fn a_function_is_told_as_by_any_asynchronous_invocation() {
    let cloud = Cloud::start();
    let end = cloud.queue("end");
    let alarm = cloud.stub("alarm").fails("Busy", "not now").then_returns("told");
    alarm.on_success(&end);
    work(&cloud).on_failure(&alarm).retry_attempts(0).invoke_later(1);
    let _ = cloud.drain().await;
    assert_eq!(alarm.events().len(), 2, "it is retried: {}", cloud.timeline());
    assert_eq!(alarm.events()[0]["requestPayload"], 1);
    let record = &records(&end)[0];
    assert_eq!(record.request_context.approximate_invoke_count, 2);
    // The record of a record.
    let inner: DestinationRecord = record.request_payload.to().unwrap();
    assert_eq!(inner.request_context.condition, DestinationCondition::RetriesExhausted);
    let ids = [&inner.request_context.request_id, &record.request_context.request_id];
    assert_ne!(ids[0], ids[1], "an invocation of its own");
}

#[tokio::test]
async fn a_bucket_holds_each_failure_under_the_time_and_an_id() {
    let cloud = Cloud::start();
    let failures = cloud.bucket("failures");
    let seen = cloud.function("seen", async |_: S3Event| {});
    failures.notify(&seen, on(ObjectCreated));
    let work = work(&cloud).on_failure(&failures).retry_attempts(1);
    work.invoke_later(1);
    work.invoke_later(3);
    let _ = cloud.drain().await;
    let keys = failures.keys();
    assert_eq!(keys.len(), 2, "{keys:?}");
    // AWS: aws/lambda/async/<function-name>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<Random UUID>
    let start = "aws/lambda/async/work/2026/01/01/2026-01-01T00.01.00-";
    assert!(keys.iter().all(|key| key.strip_prefix(start).is_some_and(|id| id.len() == 36)), "{keys:?}");
    let mut events: Vec<u32> = Vec::new();
    for key in &keys {
        let record: DestinationRecord = serde_json::from_slice(&failures.bytes(key)).unwrap();
        events.push(record.request_payload.to().unwrap());
    }
    events.sort_unstable();
    assert_eq!(events, [1, 3]);
    assert_eq!(seen.invocations().len(), 2, "what is put there is announced as any other object");
    assert_eq!(cloud.history().deliveries().to("failures").count(), 2);
}

#[tokio::test]
async fn a_throttled_event_is_told_with_as_many_attempts_as_there_were() {
    let cloud = Cloud::start();
    let (failed, clock) = (cloud.queue("failed"), cloud.clock());
    let slow = cloud.function_with("slow", clock, async |clock, _: u32| clock.sleep(Duration::from_secs(500)).await);
    slow.timeout(Duration::from_secs(900)).concurrency(1).maximum_event_age(Duration::from_secs(60));
    let dead = cloud.queue("dead");
    slow.on_failure(&failed).dead_letter(&dead);
    slow.invoke_later(1);
    slow.invoke_later(2);
    let _ = cloud.drain().await;
    let [record] = &records(&failed)[..] else { panic!("{}", cloud.timeline()) };
    assert_eq!(told(record), owned("EventAgeExceeded", "2", 0));
    assert!(record.response_context.is_none() && record.response_payload.is_none());
    // After 1, 2, 4, 8 and 16 s; the next would be at 63 s.
    assert_eq!(record.timestamp.to_string(), "2026-01-01T00:00:31.000Z");
    let letter = &dead.messages()[0];
    let code = letter.attributes.get("ErrorCode").unwrap();
    assert_eq!((code.string_value(), letter.body.as_str()), (Some("429"), "2"));

    // One that ran before it was throttled says how that went.
    let cloud = Cloud::start();
    let failed = cloud.queue("failed");
    let work = work(&cloud).on_failure(&failed).maximum_event_age(Duration::from_secs(90));
    work.invoke_later(1);
    let _ = cloud.settle().await;
    work.concurrency(0);
    let _ = cloud.drain().await;
    let record = &records(&failed)[0];
    assert_eq!(told(record), owned("ZeroReservedConcurrency", "1", 1));
    assert_eq!(record.response_payload.as_ref().unwrap().get("errorMessage").unwrap().as_str(), Some("1 is odd"));
}

#[tokio::test]
async fn triggers_that_do_not_wait_tell_destinations_too() {
    let cloud = Cloud::start();
    let (told, inbox) = (cloud.queue("told"), cloud.bucket("inbox"));
    let work = cloud.function("work", async |_: Value| {}).on_success(&told);
    inbox.notify(&work, on(ObjectCreated));
    inbox.put("a.txt", "a");
    cloud.settle().await.assert_ok();
    cloud.rule("hourly", "rate(1 hour)").trigger(&work).fire_now();
    cloud.settle().await.assert_ok();
    work.redeliver(Redelivery::All);
    cloud.settle().await.assert_ok();
    let records = records(&told);
    let ids: Vec<&str> = records.iter().map(|record| record.request_context.request_id.as_str()).collect();
    assert_eq!(ids.len(), 4, "{}", cloud.timeline());
    assert_eq!(ids[..2], ids[2..], "what comes again has its id again");
}

#[tokio::test]
async fn a_destination_that_is_gone_loses_the_record_with_a_reason() {
    let cloud = Cloud::start();
    let (queue, bucket) = (cloud.queue("queue"), cloud.bucket("bucket"));
    let work = work(&cloud).on_success(&queue).on_failure(&bucket).retry_attempts(0);
    aws_sdk_sqs::Client::new(&cloud.sdk_config()).delete_queue().queue_url(queue.url()).send().await.unwrap();
    aws_sdk_s3::Client::new(&cloud.sdk_config()).delete_bucket().bucket("bucket").send().await.unwrap();
    work.invoke_later(1);
    work.invoke_later(2);
    let _ = cloud.drain().await;
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("lost: The specified queue does not exist"), "{timeline}");
    assert!(timeline.contains("lost: The specified bucket does not exist"), "{timeline}");
}

#[tokio::test]
async fn a_record_that_is_too_long_is_lost() {
    let cloud = Cloud::start();
    let (queue, alarm) = (cloud.queue("queue"), cloud.stub("alarm"));
    let long = cloud.function("long", async |size: usize| "x".repeat(size)).on_success(&queue);
    let longer = cloud.function("longer", async |size: usize| "x".repeat(size)).on_success(&alarm);
    for function in [&long, &longer] {
        function.invoke_later(1_048_576);
        function.invoke_later(1_000);
    }
    cloud.drain().await.assert_ok();
    assert_eq!((queue.bodies().len(), alarm.events().len()), (1, 1));
    let timeline = cloud.timeline().to_string();
    assert_eq!(timeline.matches("lost: ").count(), 2, "{timeline}");
    assert!(timeline.contains("an event has at most 1048576"), "{timeline}");
}

#[tokio::test]
async fn a_record_comes_twice_or_late_as_any_delivery() {
    let run = async |plan: &Plan| {
        let cloud = Cloud::builder().plan(plan).start();
        let (failed, bucket) = (cloud.queue("failed"), cloud.bucket("bucket"));
        work(&cloud).on_success(&failed).on_failure(&bucket).retry_attempts(0).invoke_later(2);
        cloud.function("work", async |number: u32| if number == 2 { Ok(20) } else { Err("odd") });
        cloud.settle().await.assert_ok();
        let start = cloud.now();
        cloud.function("work", async |_: u32| Err::<u32, _>("always")).invoke_later(1);
        let _ = cloud.drain().await;
        cloud.course().assert_plan_met();
        let late = cloud.now().duration_since(start).as_secs();
        (cloud.course(), failed.bodies().len(), bucket.keys().len(), late)
    };
    let (course, ..) = run(&Plan::new()).await;
    for (label, twice) in [("work → failed", (2, 1)), ("work → bucket", (1, 2))] {
        let point = course.points().iter().find(|point| &*point.label == label && point.kind == PointKind::Delivery);
        let point = point.unwrap_or_else(|| panic!("{label}: {course:?}"));
        let (_, messages, objects, _) = run(&point.deviate(&Deviation::Twice)).await;
        assert_eq!((messages, objects), twice, "{label}");
        let (_, messages, objects, _) = run(&point.deviate(&Deviation::Late)).await;
        assert_eq!((messages, objects), (1, 1), "{label}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_destination_is_refused_with_the_rule() {
    let (cloud, other) = (Cloud::start(), Cloud::start());
    let function = work(&cloud);
    let refused = |result: Result<(), CloudError>, words: &str| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    refused(function.try_on_success(&function), "You can't specify the function as a destination for itself.");
    refused(function.try_on_success(&cloud.bucket("bucket")), "(a bucket is told of failures only)");
    refused(function.try_on_failure(&cloud.queue("q.fifo")), "(a destination must be a standard queue)");
    refused(function.try_on_failure(&other.queue("queue")), "it belongs to another Cloud");
    let foreign = cloud.account("222222222222");
    refused(function.try_on_failure(&foreign.queue("queue")), "permissions are not supported yet");
    refused(function.try_on_failure(&foreign.bucket("theirs")), "permissions are not supported yet");
    refused(function.try_on_success(&foreign.function("f", async |_: Value| {})), "permissions are not supported yet");
    function.try_on_failure(&cloud.bucket("bucket")).unwrap();
}

/// A function that writes an object, and fails for every odd number.
fn puts(cloud: &Cloud) -> Function {
    cloud.bucket("outbox");
    cloud.function_with("puts", aws_sdk_s3::Client::new(&cloud.sdk_config()), async |s3, number: u32| {
        let put = s3.put_object().bucket("outbox").key(number.to_string()).body(Vec::new().into()).send().await;
        put.map_err(|error| error.to_string())?;
        if number.is_multiple_of(2) { Ok(number) } else { Err(format!("{number} is odd")) }
    })
}

/// The record of an event that ends as it always ends is no news, whichever attempt it tells of and with which error; nor is
/// a dead letter.
#[test]
fn an_exploration_compares_records_by_what_became_of_the_event() {
    for to_bucket in [false, true] {
        let explored = explore(async move |cloud: &Cloud| {
            let puts = puts(cloud).on_success(&cloud.queue("done")).dead_letter(&cloud.queue("dead"));
            if to_bucket {
                puts.on_failure(&cloud.bucket("failed"))
            } else {
                puts.on_failure(&cloud.queue("failed"))
            };
            puts.invoke_later(1);
            puts.invoke_later(2);
        });
        let explored = explored.failing("puts").pairs(30).histories(30).orders(10).try_run();
        assert!(explored.is_ok() && explored.singles() > 20, "{explored}");
    }
}

/// A fault that stays ends in the destination: that is no silence, although the function swallows nothing.
#[test]
fn a_fault_that_stays_is_told_by_a_destination() {
    let explored = explore(async |cloud: &Cloud| {
        puts(cloud).on_failure(&cloud.queue("failed")).invoke_later(2);
    });
    let explored = explored.pairs(20).histories(20).orders(10).try_run();
    assert!(explored.is_ok() && explored.singles() > 8, "{explored}");
}

/// A function that is told and swallows the record is not idempotent, or loses it, as any other.
#[test]
fn what_a_destination_does_twice_is_found() {
    let explored = explore(async |cloud: &Cloud| {
        let alarms = cloud.queue("alarms");
        let tell = cloud.function_with("tell", alarms, async |alarms, record: Value| {
            alarms.send(json!({ "event": record["requestPayload"] }));
        });
        work(cloud).on_success(&tell).invoke_later(2);
    });
    let explored = explored.pairs(5).histories(5).orders(5).try_run();
    assert!(explored.to_string().contains("not idempotent"), "{explored}");
}
