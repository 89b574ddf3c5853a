//! What becomes of a batch after each answer of its function, and what the timeline says of it.
//!
//! The rows are those of the Lambda developer guide
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting>) and of
//! what AWS was seen to do.
use crate::runtimes::on_both_runtimes;

use lambda_testkit::prelude::*;
use lambda_testkit::{Function, Queue};
use serde_json::{Value, json};

/// What a function does with a batch, made from the ids of its messages.
type Answers = fn(&[String]) -> Result<Value, String>;

fn item(id: impl Into<Value>) -> Value {
    json!({ "itemIdentifier": id.into() })
}

fn failures(items: &[Value]) -> Result<Value, String> {
    Ok(json!({ "batchItemFailures": items }))
}

/// A queue with two messages, and a function that answers them.
fn prepared(cloud: &Cloud, answers: Answers, reports: bool) -> (Queue, Function) {
    let queue = cloud.queue("q");
    let function = cloud.function("f", move |event: SqsEvent| {
        let ids: Vec<String> = event.records.iter().map(|record| record.message_id.clone()).collect();
        std::future::ready(answers(&ids))
    });
    let batch = if reports { batch(10).report_item_failures() } else { batch(10) };
    queue.trigger(&function, batch);
    queue.send_all(["a", "b"]);
    (queue, function)
}

/// What is kept of the two messages, and what the timeline says of it.
#[test]
fn every_answer_keeps_what_aws_keeps_and_says_why() {
    let all = ["a", "b"].as_slice();
    let rows: [(&str, Answers, &[&str], &str); 25] = [
        ("one is named", |ids| failures(&[item(&*ids[1])]), &["b"], "1 of 2 kept for redelivery"),
        ("all are named", |ids| failures(&[item(&*ids[0]), item(&*ids[1])]), all, "2 of 2 kept for redelivery"),
        ("one is named twice", |ids| failures(&[item(&*ids[1]), item(&*ids[1])]), &["b"], "1 of 2 kept"),
        ("none is named", |_| failures(&[]), &[], ""),
        ("the list is null", |_| Ok(json!({ "batchItemFailures": null })), &[], ""),
        ("an empty object", |_| Ok(json!({})), &[], ""),
        ("null", |_| Ok(Value::Null), &[], ""),
        ("an empty text", |_| Ok(json!("")), &[], ""),
        ("an empty list", |_| Ok(json!([])), &[], ""),
        ("an empty id", |_| failures(&[item("")]), all, "/batchItemFailures/0/itemIdentifier is empty"),
        ("a null id", |_| failures(&[item(Value::Null)]), all, "itemIdentifier is null instead of a string"),
        ("a number as id", |_| failures(&[item(123)]), all, "itemIdentifier is 123 instead of a string"),
        (
            "another member",
            |_| failures(&[json!({ "foo": "bar" })]),
            all,
            "itemIdentifier is missing: there is only `foo`",
        ),
        ("an empty item", |_| failures(&[json!({})]), all, "/batchItemFailures/0/itemIdentifier is missing"),
        ("an unknown id", |_| failures(&[item("x")]), all, "is \"x\", which is no message of the batch"),
        (
            "a known and an unknown id",
            |ids| failures(&[item(&*ids[0]), item("x")]),
            all,
            "/batchItemFailures/1/itemIdentifier is \"x\"",
        ),
        ("an id in other letters", |ids| failures(&[item(ids[0].to_uppercase())]), all, "which is no message"),
        ("a text as item", |_| failures(&[json!("a")]), all, "/batchItemFailures/0 is \"a\" instead of an object"),
        ("a text as list", |_| Ok(json!({ "batchItemFailures": "a" })), all, "is \"a\" instead of an array"),
        ("an object as list", |_| Ok(json!({ "batchItemFailures": {} })), all, "instead of an array"),
        ("a text", |_| Ok(json!("done")), all, "the answer is \"done\" instead of an object"),
        ("a number", |_| Ok(json!(7)), all, "the answer is 7 instead of an object"),
        ("a list", |ids| Ok(json!([ids[0]])), all, "instead of an object"),
        (
            "a misspelt list",
            |ids| Ok(json!({ "batchItemFailure": [item(&*ids[0])] })),
            &[],
            "there is `batchItemFailure`",
        ),
        ("an error", |_| Err("broken".to_owned()), all, "2 of 2 kept for redelivery: the function failed"),
    ];
    on_both_runtimes(move || async move {
        for (name, answers, kept, said) in rows {
            let cloud = Cloud::start();
            let (queue, _) = prepared(&cloud, answers, true);
            let _ = cloud.settle().await;
            assert_eq!(queue.bodies(), kept, "{name}");
            let timeline = cloud.timeline().to_string();
            assert!(timeline.contains(said), "{name}: {timeline}");
            assert_eq!(timeline.contains("kept for redelivery"), !kept.is_empty(), "{name}: {timeline}");
        }
    });
}

#[test]
fn without_the_report_no_answer_keeps_a_message_and_every_error_keeps_all() {
    let rows: [(Answers, usize); 5] = [
        (|ids| failures(&[item(&*ids[1])]), 0),
        (|_| failures(&[item("x")]), 0),
        (|_| Ok(json!("done")), 0),
        (|_| Ok(Value::Null), 0),
        (|_| Err("broken".to_owned()), 2),
    ];
    on_both_runtimes(move || async move {
        for (row, (answers, kept)) in rows.into_iter().enumerate() {
            let cloud = Cloud::start();
            let (queue, _) = prepared(&cloud, answers, false);
            let _ = cloud.settle().await;
            assert_eq!(queue.bodies().len(), kept, "row {row}");
        }
    });
}

#[test]
fn what_was_kept_comes_again_after_the_visibility_timeout_with_its_count() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = prepared(&cloud, |ids| failures(&[item(&*ids[ids.len() - 1])]), true);
        queue.dead_letter(&cloud.queue("dead"), 2);
        cloud.drain().await.assert_ok();
        let counts: Vec<Vec<u64>> = function
            .invocations()
            .iter()
            .map(|run| run.event::<SqsEvent>().records.iter().map(|r| r.attributes.approximate_receive_count).collect())
            .collect();
        assert_eq!(counts, [vec![1, 1], vec![2]]);
        assert_eq!(cloud.queue("dead").bodies(), ["b"]);
        queue.assert_empty();
    });
}
