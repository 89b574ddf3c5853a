//! Event source mappings answer, and functions are given messages, as when AWS was recorded.
//!
//! As in [`recorded`](crate::recorded), the expected documents are written out by hand.
use crate::common::clock::seconds;
use crate::common::signed::{Answer, Raw};
use crate::recorded::assert_shape;

use lambda_testkit::prelude::*;
use lambda_testkit::{Function, Queue};
use serde_json::{Value, json};

const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

fn seen(cloud: &Cloud, name: &str) -> Function {
    cloud.function(name, async |_: Value| ())
}

async fn send(cloud: &Cloud, method: &str, id: &str, body: &Value) -> Answer {
    let target = if id.is_empty() { MAPPINGS.to_owned() } else { format!("{MAPPINGS}/{id}") };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Raw::new("lambda", method, &target).body(body).signed(cloud).await
}

/// The answer to a request that succeeds.
async fn done(cloud: &Cloud, method: &str, id: &str, body: Value) -> (u16, Value) {
    let answer = send(cloud, method, id, &body).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}", answer.body)))
}

/// A number of seconds since 1970 is no text, and so is checked here.
fn without_time(mut document: Value) -> Value {
    let modified = document.as_object_mut().unwrap().remove("LastModified").unwrap();
    assert!(modified.as_f64().is_some_and(|seconds| seconds >= 1_767_225_600.0), "{modified}");
    document
}

fn recorded(queue: &Queue, function: &Function, state: &str, more: Value) -> Value {
    let mut document = json!({
        "BatchSize": 10,
        "EventSourceArn": queue.arn().to_string(),
        "EventSourceMappingArn": "<text>",
        "FunctionArn": function.arn().to_string(),
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "State": state,
        "StateTransitionReason": "USER_INITIATED",
        "UUID": "<uuid>",
    });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

fn asked(queue: &Queue, function: &Function, more: Value) -> Value {
    let mut body = json!({ "EventSourceArn": queue.arn().to_string(), "FunctionName": function.name() });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn filters(pattern: &str) -> Value {
    json!({ "FilterCriteria": { "Filters": [{ "Pattern": pattern }] } })
}

#[tokio::test]
async fn a_new_mapping_is_described_by_these_members() {
    let reports = json!({ "FunctionResponseTypes": ["ReportBatchItemFailures"] });
    let windowed =
        json!({ "BatchSize": 20, "MaximumBatchingWindowInSeconds": 1, "ScalingConfig": { "MaximumConcurrency": 2 } });
    let filtered = filters(r#"{"body":{"testItem":["test24"]}}"#);
    for (given, told) in [
        (json!({}), json!({})),
        (json!({ "FilterCriteria": { "Filters": [] } }), json!({})),
        (json!({ "BatchSize": 1 }), json!({ "BatchSize": 1 })),
        (reports.clone(), reports),
        (windowed.clone(), windowed),
        (filtered.clone(), filtered),
    ] {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), seen(&cloud, "f"));
        let (status, made) = done(&cloud, "POST", "", asked(&queue, &function, given)).await;
        assert_eq!(status, 202);
        let id = made["UUID"].as_str().unwrap().to_owned();
        let arn = made["EventSourceMappingArn"].as_str().unwrap();
        assert_eq!(arn, format!("arn:aws:lambda:us-east-1:111111111111:event-source-mapping:{id}"));
        assert_shape(&without_time(made), &recorded(&queue, &function, "Creating", told.clone()));
        cloud.settle().await.assert_ok();
        let (status, got) = done(&cloud, "GET", &id, Value::Null).await;
        assert_eq!(status, 200);
        assert_shape(&without_time(got), &recorded(&queue, &function, "Enabled", told));
    }
}

#[tokio::test]
async fn a_mapping_of_a_fifo_queue_is_disabled_and_enabled() {
    let cloud = Cloud::start();
    let (queue, function) = (cloud.queue("q.fifo"), seen(&cloud, "f"));
    let one = json!({ "BatchSize": 1 });
    let given = json!({ "BatchSize": 1, "Enabled": false });
    let (_, made) = done(&cloud, "POST", "", asked(&queue, &function, given)).await;
    let id = made["UUID"].as_str().unwrap().to_owned();
    assert_shape(&without_time(made), &recorded(&queue, &function, "Disabled", one.clone()));
    let (status, enabling) = done(&cloud, "PUT", &id, json!({ "Enabled": true })).await;
    assert_eq!(status, 202);
    assert_shape(&without_time(enabling), &recorded(&queue, &function, "Enabling", one.clone()));
    cloud.settle().await.assert_ok();
    let (_, enabled) = done(&cloud, "GET", &id, Value::Null).await;
    assert_shape(&without_time(enabled), &recorded(&queue, &function, "Enabled", one));
}

#[tokio::test]
async fn another_function_takes_over_when_the_mapping_says_so() {
    let cloud = Cloud::start();
    let (queue, first, second) = (cloud.queue("q"), seen(&cloud, "first"), seen(&cloud, "second"));
    let window = json!({ "MaximumBatchingWindowInSeconds": 1 });
    let (_, made) = done(&cloud, "POST", "", asked(&queue, &first, window.clone())).await;
    let id = made["UUID"].as_str().unwrap().to_owned();
    queue.send(r#"{"foo":"bar"}"#);
    cloud.advance(seconds(1)).await.assert_ok();
    let (status, updating) = done(&cloud, "PUT", &id, json!({ "FunctionName": "second" })).await;
    assert_eq!(status, 202);
    assert_shape(&without_time(updating), &recorded(&queue, &second, "Updating", window.clone()));
    cloud.settle().await.assert_ok();
    let (_, updated) = done(&cloud, "GET", &id, Value::Null).await;
    assert_shape(&without_time(updated), &recorded(&queue, &second, "Enabled", window));
    queue.send(r#"{"foo":"bar2"}"#);
    cloud.advance(seconds(1)).await.assert_ok();
    let bodies = |function: &Function| -> Vec<Value> {
        function.events().iter().map(|event| event["Records"][0]["body"].clone()).collect()
    };
    assert_eq!((bodies(&first), bodies(&second)), (vec![json!(r#"{"foo":"bar"}"#)], vec![json!(r#"{"foo":"bar2"}"#)]));
}

#[tokio::test]
async fn refusals_are_worded_as_recorded() {
    let cloud = Cloud::start();
    let (queue, function) = (cloud.queue("q"), seen(&cloud, "f"));
    let check = |answer: Answer, status: u16, code: &str, words: &str| {
        assert_eq!(answer.refusal(), format!("{status} {code}"));
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body, json!({ "Type": "User", "message": words }));
    };
    let invalid = "InvalidParameterValueException";
    let too_large = json!({ "BatchSize": 15 });
    let too_large_words =
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
    check(send(&cloud, "POST", "", &asked(&queue, &function, too_large.clone())).await, 400, invalid, too_large_words);
    for pattern in ["null", "simple string", r#"{"eventSource":"aws:sqs"}"#, r#"{"eventSource":[]}"#] {
        let answer = send(&cloud, "POST", "", &asked(&queue, &function, filters(pattern))).await;
        check(answer, 400, invalid, "Invalid filter pattern definition.");
    }
    let mut missing = asked(&queue, &function, json!({}));
    missing["EventSourceArn"] = json!("arn:aws:sqs:us-east-1:111111111111:missing");
    let words = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error \
                 Message: The specified queue does not exist.";
    check(send(&cloud, "POST", "", &missing).await, 400, invalid, words);

    let (_, made) = done(&cloud, "POST", "", asked(&queue, &function, json!({}))).await;
    let id = made["UUID"].as_str().unwrap().to_owned();
    let words = format!(
        "An event source mapping with SQS arn (\" {} \") and function (\" f \") already exists. Please update or delete the \
         existing mapping with UUID {id}",
        queue.arn()
    );
    check(
        send(&cloud, "POST", "", &asked(&queue, &function, json!({}))).await,
        409,
        "ResourceConflictException",
        &words,
    );
    let (status, _) = done(&cloud, "POST", "", asked(&queue, &seen(&cloud, "other"), json!({}))).await;
    assert_eq!(status, 202, "another function may have messages of the same queue");
    cloud.settle().await.assert_ok();
    check(send(&cloud, "PUT", &id, &too_large).await, 400, invalid, too_large_words);
}

/// A record of a queue without message attributes.
fn record(queue: &Queue, body: &str, received: &str, more: Value) -> Value {
    let mut record = json!({
        "messageId": "<uuid>",
        "receiptHandle": "<text>",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": received,
            "SentTimestamp": "<epoch>",
            "SenderId": "<principal>",
            "ApproximateFirstReceiveTimestamp": "<epoch>",
        },
        "messageAttributes": {},
        "md5OfBody": "<md5>",
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn().to_string(),
        "awsRegion": "us-east-1",
    });
    for (name, value) in more.as_object().unwrap() {
        match record[name].as_object_mut() {
            Some(members) => members.extend(value.as_object().unwrap().clone()),
            None => record[name] = value.clone(),
        }
    }
    record
}

/// Pattern, a body that matches and one that does not, of which only the first reached the function.
#[tokio::test]
async fn filters_let_through_what_was_let_through_when_recorded() {
    for (pattern, matching, other) in [
        (r#"{"body":{"testItem":["test24"]}}"#, r#"{"testItem":"test24"}"#, r#"{"testItem":"tesWER"}"#),
        (r#"{"body":{"testItem":["test24","test45"]}}"#, r#"{"testItem":"test45"}"#, r#"{"testItem":"WERTD"}"#),
        (
            r#"{"body":{"testItem":["test24","test45"],"test2":["go"]}}"#,
            r#"{"testItem":"test45","test2":"go"}"#,
            r#"{"testItem":"test67","test2":"go"}"#,
        ),
        (r#"{"body":{"test2":[{"exists":true}]}}"#, r#"{"test2":"7411"}"#, r#"{"test5":"74545"}"#),
        (r#"{"body":{"my-number":[{"numeric":[">",100]}]}}"#, r#"{"my-number":101}"#, r#"{"my-number":100}"#),
        (r#"{"body":{"test2":[{"numeric":[">",100]}]}}"#, r#"{"test2":105}"#, "this is a test string"),
        (r#"{"body":{"my-number":[{"numeric":["<",100]}]}}"#, r#"{"my-number":99}"#, r#"{"my-number":100}"#),
        (r#"{"body":{"my-number":[{"numeric":[">=",100,"<",200]}]}}"#, r#"{"my-number":100}"#, r#"{"my-number":200}"#),
        (r#"{"body":{"test2":[{"prefix":"us-1"}]}}"#, r#"{"test2":"us-1-48454"}"#, r#"{"test2":"eu-wert"}"#),
        (r#"{"body":{"my-key":["my-value"]}}"#, r#"{"my-key":"my-value"}"#, "plain"),
        (r#"{"body":{"my-key":[{"prefix":"yes"}]}}"#, r#"{"my-key":"yes-value"}"#, r#"{"my-key":"no"}"#),
    ] {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), seen(&cloud, "f"));
        let mut given = filters(pattern);
        given["MaximumBatchingWindowInSeconds"] = json!(1);
        assert_eq!(done(&cloud, "POST", "", asked(&queue, &function, given)).await.0, 202);
        queue.send_all([matching, other]);
        cloud.advance(seconds(1)).await.assert_ok();
        // With a batching window the digest of no attributes is null.
        let recorded = record(&queue, matching, "1", json!({ "md5OfMessageAttributes": null }));
        let events = function.events();
        assert_eq!(events.len(), 1, "{pattern}");
        assert_shape(&events[0], &json!({ "Records": [recorded] }));
        queue.assert_empty();
    }
}

#[tokio::test]
async fn a_failed_message_comes_again_after_the_visibility_timeout_and_is_a_dead_letter_in_the_end() {
    let cloud = Cloud::start();
    let (queue, dead) = (cloud.queue("q").visibility_timeout(seconds(30)), cloud.queue("dead"));
    queue.dead_letter(&dead, 2);
    let function = cloud.function("fails", async |_: Value| Err::<(), _>("failed attempt".to_owned()));
    let (_, made) = done(&cloud, "POST", "", asked(&queue, &function, json!({ "BatchSize": 1 }))).await;
    assert_eq!(made["BatchSize"], 1);
    let body = r#"{"fail_attempts": 2}"#;
    let id = queue.send(body);
    let _ = cloud.settle().await;
    let once = |received: &str| json!({ "Records": [record(&queue, body, received, json!({}))] });
    assert_eq!(function.events().len(), 1);
    let _ = cloud.advance(seconds(29)).await;
    assert_eq!(function.events().len(), 1);
    let _ = cloud.drain().await;
    let events = function.events();
    assert_eq!(events.len(), 2);
    assert_shape(&events[0], &once("1"));
    assert_shape(&events[1], &once("2"));
    assert_eq!(events[0]["Records"][0]["messageId"], events[1]["Records"][0]["messageId"]);
    assert_ne!(events[0]["Records"][0]["receiptHandle"], events[1]["Records"][0]["receiptHandle"]);
    assert_eq!((dead.bodies(), dead.messages()[0].id.clone()), (vec![body.to_owned()], id));
}

/// Fails what has not been received often enough, and with it, to keep the order, all that comes after.
fn reporting(cloud: &Cloud) -> Function {
    cloud.function("reports", async |event: SqsEvent| {
        let fails = |record: &lambda_testkit::event::SqsRecord| {
            let body: Value = serde_json::from_str(&record.body).map_err(|error| error.to_string())?;
            Ok::<_, String>(record.attributes.approximate_receive_count <= body["fail_attempts"].as_u64().unwrap())
        };
        let mut failures = Vec::new();
        for record in &event.records {
            if fails(record)? {
                failures.push(json!({ "itemIdentifier": record.message_id }));
            }
        }
        Ok::<_, String>(json!({ "batchItemFailures": failures }))
    })
}

#[tokio::test]
async fn reported_messages_of_a_fifo_queue_come_again_and_the_exhausted_one_is_a_dead_letter() {
    let cloud = Cloud::start();
    let (queue, dead) = (cloud.queue("q.fifo"), cloud.queue("dead.fifo"));
    queue.dead_letter(&dead, 2);
    let bodies: Vec<_> = [0, 1, 1, 2].iter().enumerate().collect();
    let bodies: Vec<_> =
        bodies.iter().map(|(n, fails)| format!(r#"{{"message": {}, "fail_attempts": {fails}}}"#, n + 1)).collect();
    for (n, body) in bodies.iter().enumerate() {
        queue.send_fifo("1", &format!("dedup-{}", n + 1), body);
    }
    let function = reporting(&cloud);
    let reports = json!({ "FunctionResponseTypes": ["ReportBatchItemFailures"] });
    let (_, made) = done(&cloud, "POST", "", asked(&queue, &function, reports.clone())).await;
    assert_shape(&without_time(made), &recorded(&queue, &function, "Creating", reports));
    let _ = cloud.drain().await;
    let in_order = |number: usize, received: &str| {
        let more = json!({ "attributes": {
            "MessageDeduplicationId": format!("dedup-{number}"),
            "MessageGroupId": "1",
            "SequenceNumber": "<sequence>",
        } });
        record(&queue, &bodies[number - 1], received, more)
    };
    let events = function.events();
    assert_eq!(events.len(), 2, "{events:?}");
    let first: Vec<_> = (1..=4).map(|number| in_order(number, "1")).collect();
    assert_shape(&events[0], &json!({ "Records": first }));
    let second: Vec<_> = (2..=4).map(|number| in_order(number, "2")).collect();
    assert_shape(&events[1], &json!({ "Records": second }));
    assert_eq!(dead.bodies(), [bodies[3].as_str()]);
    queue.assert_empty();
}

#[tokio::test]
async fn a_function_that_fails_takes_the_good_messages_of_its_batch_to_the_dead_letters_too() {
    let cloud = Cloud::start();
    let (queue, dead) = (cloud.queue("q"), cloud.queue("dead"));
    queue.dead_letter(&dead, 1);
    queue.trigger(&reporting(&cloud), batch(10).report_item_failures());
    let sent = ["{not a json body", r#"{"message": 2, "fail_attempts": 0}"#];
    queue.send_all(sent);
    let _ = cloud.drain().await;
    dead.assert_bodies(sent);
}

#[tokio::test]
async fn an_answer_of_another_form_fails_the_batch_and_an_empty_object_does_not() {
    for (answer, attempts, dead_letters) in
        [(json!({ "batchItemFailures": [{ "foo": "notvalid" }] }), 2, 1), (json!({}), 1, 0)]
    {
        let cloud = Cloud::start();
        let (queue, dead) = (cloud.queue("q"), cloud.queue("dead"));
        queue.dead_letter(&dead, 2);
        let function = cloud.function("answers", move |_: Value| std::future::ready(answer.clone()));
        queue.trigger(&function, batch(10).report_item_failures());
        queue.send(r#"{"message": 1, "fail_attempts": 0}"#);
        let _ = cloud.drain().await;
        assert_eq!((function.events().len(), dead.bodies().len()), (attempts, dead_letters));
        queue.assert_empty();
    }
}

#[tokio::test]
async fn fifteen_messages_arrive_whatever_more_a_batch_could_hold() {
    for size in [15, 100, 1_000, 10_000] {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), seen(&cloud, "f"));
        let given = json!({ "BatchSize": size, "MaximumBatchingWindowInSeconds": 10 });
        let (_, made) = done(&cloud, "POST", "", asked(&queue, &function, given.clone())).await;
        assert_shape(&without_time(made), &recorded(&queue, &function, "Creating", given));
        (0..15).for_each(|number| drop(queue.send(number.to_string())));
        cloud.drain().await.assert_ok();
        let records = function.events().iter().map(|event| event["Records"].as_array().unwrap().len()).sum::<usize>();
        assert_eq!(records, 15);
    }
}

#[tokio::test]
async fn thirty_messages_in_batches_of_twenty_are_two_batches() {
    let cloud = Cloud::start();
    let (queue, function) = (cloud.queue("q"), seen(&cloud, "f"));
    function.concurrency(2);
    let given =
        json!({ "BatchSize": 20, "MaximumBatchingWindowInSeconds": 1, "ScalingConfig": { "MaximumConcurrency": 2 } });
    let (_, made) = done(&cloud, "POST", "", asked(&queue, &function, given.clone())).await;
    assert_shape(&without_time(made), &recorded(&queue, &function, "Creating", given));
    (0..30).for_each(|number| drop(queue.send(number.to_string())));
    cloud.drain().await.assert_ok();
    assert_eq!(function.events().len(), 2);
}
