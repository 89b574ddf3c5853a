//! The same seed gives the same bytes, on any runtime, in any build.
use crate::runtimes;

use std::collections::BTreeSet;
use std::time::Duration;

use lambda_testkit::Timeline;
use lambda_testkit::event::BatchResponse as Response;
use lambda_testkit::prelude::*;
use runtimes::{multi_thread, on_current_thread};
use serde_json::Value;

type Sdk = Box<dyn std::error::Error + Send + Sync>;

/// What a run leaves behind.
#[derive(Debug, Clone, PartialEq)]
struct Traces {
    timeline: Timeline,
    events: Vec<Value>,
    dead: Vec<String>,
}

/// S3 → function → queue → function → dead-letter queue, with a schedule, retries and two functions that sleep at once.
async fn mixed(seed: u64) -> Traces {
    let cloud = Cloud::builder().seed(seed).start();
    let (uploads, dead, lost) = (cloud.bucket("uploads"), cloud.queue("dead"), cloud.queue("lost"));
    let jobs = cloud.queue("jobs").dead_letter(&dead, 2);
    let (config, url, clock) = (cloud.sdk_config(), jobs.url(), cloud.clock());
    let (s3, sqs) = (aws_sdk_s3::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let splits = cloud.function("splits", move |event: S3Event| {
        let (s3, sqs, url, clock) = (s3.clone(), sqs.clone(), url.clone(), clock.clone());
        async move {
            let object = &event.records[0];
            let body = s3.get_object().bucket(object.bucket()).key(object.key().to_string()).send().await?;
            let body = body.body.collect().await?.to_vec();
            for line in String::from_utf8(body)?.lines() {
                clock.sleep(Duration::from_millis(line.len() as u64 * 100)).await;
                sqs.send_message().queue_url(&url).message_body(line).send().await?;
            }
            Ok::<_, Sdk>(())
        }
    });
    uploads.notify(&splits, on(ObjectCreated).suffix(".txt"));
    let works = cloud.function("works", |event: SqsEvent| async move {
        let bad = event.records.iter().filter(|record| record.body.contains("bad"));
        Ok::<_, Sdk>(Response::failures(bad.map(|record| record.message_id.clone())))
    });
    jobs.trigger(&works, batch(3).report_item_failures());
    let fails = cloud.function("fails", |_: Value| async { Err::<(), _>("as always") }).dead_letter(&lost);
    cloud.rule("sometimes", "rate(10 minutes)").trigger(&fails);

    for name in ["one.txt", "two.txt", "three.bin"] {
        uploads.put(name, format!("first of {name}\nbad line of {name}\nlast"));
    }
    let _ = cloud.advance(Duration::from_secs(610)).await;
    let _ = cloud.drain().await;
    let events = [&splits, &works, &fails].into_iter().flat_map(|function| function.events()).collect();
    let dead = dead.messages().into_iter().map(|message| message.id).collect();
    Traces { timeline: cloud.timeline(), events, dead }
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_a_hundred_runs_on_both_runtimes() {
    let first = on_current_thread(mixed(7));
    let text = first.timeline.to_string();
    assert!(text.contains("message moved to dead-letter queue") && text.contains("attempt 3"), "{text}");
    for _ in 0..50 {
        let again = on_current_thread(mixed(7));
        assert_eq!(again, first);
        assert_eq!(again.timeline.to_string(), text);
    }
    let runtime = multi_thread();
    for _ in 0..50 {
        let again = runtime.block_on(runtime.spawn(mixed(7))).unwrap();
        assert_eq!(again, first);
        assert_eq!(again.timeline.to_string(), text);
    }
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let runtime = multi_thread();
    let first = on_current_thread(mixed(7));
    let runs: Vec<_> = (0..8).map(|_| runtime.spawn(mixed(7))).collect();
    for run in runs {
        assert_eq!(runtime.block_on(run).unwrap(), first);
    }
}

/// The document without its values: member names, and how long lists are.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(elements) => elements.iter().map(shape).collect(),
        _ => Value::Null,
    }
}

#[test]
fn another_seed_gives_other_ids_and_the_same_story() {
    let (one, other) = (on_current_thread(mixed(1)), on_current_thread(mixed(2)));
    let ids = |traces: &Traces| traces.dead.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(one.dead.len(), 2);
    assert!(ids(&one).is_disjoint(&ids(&other)));
    assert_ne!(one.events, other.events);
    let shapes = |traces: &Traces| traces.events.iter().map(shape).collect::<Vec<_>>();
    assert_eq!(shapes(&one), shapes(&other));
    assert_eq!(one.timeline.to_string(), other.timeline.to_string(), "the timeline prints no ids");
}
