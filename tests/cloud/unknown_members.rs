//! Members that AWS has not added yet, in the events of each kind that the cloud makes, and in no others.

use std::time::Duration;

use lambda_testkit::prelude::*;
use serde_json::{Value, json};

const NAME: &str = "fieldFromTheFuture";

fn growing() -> Cloud {
    Cloud::builder().unknown_members().start()
}

/// How many objects of a document have the member.
fn grown(value: &Value) -> usize {
    match value {
        Value::Object(members) => usize::from(members.contains_key(NAME)) + members.values().map(grown).sum::<usize>(),
        Value::Array(elements) => elements.iter().map(grown).sum(),
        _ => 0,
    }
}

#[tokio::test]
async fn events_of_each_kind_have_them_and_what_a_test_sends_has_not() {
    let cloud = growing();
    let seen = cloud.stub("seen");
    let (inbox, queue) = (cloud.bucket("inbox"), cloud.queue("queue"));
    inbox.notify(&seen, on(ObjectCreated));
    inbox.put("a", "a");
    queue.trigger(&seen, batch(1));
    queue.send(json!({ "own": {} }).to_string());
    seen.invoke_later(json!({ "own": {} }));
    cloud.drain().await.assert_ok();
    cloud.rule("ruled", "rate(1 hour)").trigger(&seen);
    cloud.schedule("scheduled", "rate(1 hour)").trigger(&seen);
    cloud.rule("told", "rate(1 hour)").input(json!({ "own": {} })).trigger(&seen);
    cloud.advance(Duration::from_secs(3600)).await.assert_ok();
    let mut counts: Vec<(String, usize)> = Vec::new();
    for event in seen.events() {
        let own = if event.get("own").is_some() { "own" } else { "" };
        let source = event["Records"][0]["eventSource"].as_str().or(event["source"].as_str()).unwrap_or(own);
        counts.push((source.to_owned(), grown(&event)));
    }
    counts.sort();
    counts.dedup(); // a schedule's first run is at once
    let expected = [("aws.events", 2), ("aws.scheduler", 1), ("aws:s3", 9), ("aws:sqs", 3), ("own", 0)];
    assert_eq!(counts, expected.map(|(source, count)| (source.to_owned(), count)));
}

/// The public types of handlers read them, and so does this crate.
#[tokio::test]
async fn lenient_readers_read_them() {
    let cloud = growing();
    let (inbox, events) = (cloud.bucket("inbox"), cloud.queue("events"));
    let read = cloud.function("read", async |event: aws_lambda_events::event::sqs::SqsEvent| {
        let bodies = event.records.into_iter().map(|record| record.body.unwrap_or_default());
        let objects =
            bodies.filter_map(|body| serde_json::from_str::<aws_lambda_events::event::s3::S3Event>(&body).ok());
        let keys = objects.flat_map(|event| event.records).filter_map(|record| record.s3.object.key);
        Ok::<_, String>(keys.collect::<Vec<String>>())
    });
    events.trigger(&read, batch(1));
    inbox.notify(&events, on(ObjectCreated));
    inbox.put("a", "a");
    cloud.drain().await.assert_ok();
    assert_eq!(read.responses().last(), Some(&json!(["a"])));
    for event in read.events() {
        assert!(serde_json::from_value::<SqsEvent>(event.clone()).is_ok(), "{event}");
    }
}
