//! Which messages a queue's trigger lets through to its function, and what is said of the others.
use crate::common::clock::{elapsed, seconds};
use crate::runtimes::on_both_runtimes;

use lambda_testkit::event::MessageAttribute;
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Function, NewMessage};
use serde_json::{Value, json};

fn takes(cloud: &Cloud) -> Function {
    cloud.function("takes", |_: SqsEvent| async {})
}

/// The bodies of each batch that the function was given.
fn batches(function: &Function) -> Vec<Vec<String>> {
    let records = |event: Value| serde_json::from_value::<SqsEvent>(event).unwrap().records;
    function.events().into_iter().map(|event| records(event).into_iter().map(|record| record.body).collect()).collect()
}

fn type_is(kind: &str) -> Value {
    json!({ "body": { "type": [kind] } })
}

#[test]
fn what_no_filter_lets_through_is_deleted_and_says_why() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("shop"), takes(&cloud));
        let trigger = queue.trigger(&function, batch(10).filter(type_is("order")).filter(type_is("offer")));
        let sent = [
            json!({ "type": "order", "id": 1 }).to_string(),
            json!({ "type": "refund", "id": 2 }).to_string(),
            json!({ "type": "offer", "id": 3 }).to_string(),
            "plain text".to_owned(),
        ];
        sent.iter().for_each(|body| drop(queue.send(body)));
        cloud.settle().await.assert_ok();
        assert_eq!(batches(&function), [[sent[0].clone(), sent[2].clone()]]);
        queue.assert_empty();
        let missed: Vec<_> = trigger.decisions().into_iter().filter_map(|decision| decision.missed).collect();
        assert_eq!(
            missed,
            [
                r#"filtered out and deleted: body.type is "refund", and not "order"; body.type is "refund", and not "offer""#,
                "filtered out and deleted: the body is plain text, and the filter asks for members of JSON",
            ]
        );
        let explained = cloud.explain().to_string();
        assert!(explained.contains("1 message in shop: shop → takes did not fire: filtered out"), "{explained}");
        // Each stands under what sent it.
        let timeline = cloud.timeline().to_string();
        let lines: Vec<_> = timeline.lines().collect();
        let at = lines.iter().position(|line| line.contains("refund")).unwrap();
        assert!(lines[at - 1].contains("message to shop"), "{timeline}");
    });
}

#[test]
fn a_filter_sees_the_record_as_the_function_would() {
    on_both_runtimes(|| async {
        for (pattern, gets_through) in [
            (json!({ "messageAttributes": { "kind": { "stringValue": ["order"] } } }), true),
            (json!({ "messageAttributes": { "kind": { "stringValue": ["refund"] } } }), false),
            (json!({ "messageAttributes": { "kind": { "dataType": ["String"] } }, "body": ["hello"] }), true),
            (json!({ "messageAttributes": { "none": { "stringValue": [{ "exists": false }] } } }), true),
            (json!({ "attributes": { "ApproximateReceiveCount": ["1"] } }), true),
            (json!({ "attributes": { "ApproximateReceiveCount": ["0"] } }), false),
            (json!({ "attributes": { "SentTimestamp": ["1767225600000"] } }), true),
            (json!({ "eventSourceARN": [{ "suffix": ":shop" }], "awsRegion": ["us-east-1"] }), true),
            (json!({ "md5OfBody": ["5d41402abc4b2a76b9719d911017c592"] }), true),
            (json!({ "receiptHandle": [{ "exists": true }], "messageId": [{ "exists": true }] }), true),
            (json!({ "body": [{ "prefix": "hel" }] }), true),
            (json!({ "Body": ["hello"] }), false),
        ] {
            let cloud = Cloud::start();
            let (queue, function) = (cloud.queue("shop"), takes(&cloud));
            queue.trigger(&function, batch(10).filter(pattern.clone()));
            queue.send(NewMessage::text("hello").attribute("kind", MessageAttribute::string("order")));
            cloud.settle().await.assert_ok();
            assert_eq!(function.events().len(), usize::from(gets_through), "{pattern}");
            queue.assert_empty();
        }
    });
}

#[test]
fn messages_that_are_filtered_out_take_no_room_in_a_batch_and_no_time_of_a_window() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), takes(&cloud));
        queue.trigger(&function, batch(3).window(seconds(20)).filter(type_is("order")));
        let order = json!({ "type": "order" }).to_string();
        for body in ["x", &order, "y", &order, "z"] {
            queue.send(body);
        }
        cloud.settle().await.assert_ok();
        assert!(function.events().is_empty(), "two of three, and the window runs");
        assert_eq!(queue.messages().len(), 2, "what is filtered out is gone at once");
        queue.send(&*order);
        cloud.settle().await.assert_ok();
        assert_eq!((batches(&function).len(), batches(&function)[0].len()), (1, 3));
        assert_eq!(elapsed(&cloud), seconds(0));
        // Nothing but what is filtered out: no batch, and nothing that waits.
        queue.send("x");
        assert!(cloud.drain().await.is_done());
        assert_eq!((function.events().len(), elapsed(&cloud)), (1, seconds(0)));
        queue.assert_empty();
    });
}

#[test]
fn a_message_that_comes_back_is_filtered_again_and_gives_way_in_its_group() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, dead) = (cloud.queue("q.fifo"), cloud.queue("dead.fifo"));
        queue.dead_letter(&dead, 3);
        let fails = cloud.function("fails", |_: SqsEvent| async { Err::<(), _>("always") });
        // Only the first delivery gets through: the second is filtered out, and so there are no dead letters.
        let first = json!({ "attributes": { "ApproximateReceiveCount": ["1"] } });
        let trigger = queue.trigger(&fails, batch(1).filter(first));
        queue.send_fifo("a", "1", "one");
        queue.send_fifo("a", "2", "two");
        let _ = cloud.drain().await;
        assert_eq!(batches(&fails), [["one"], ["two"]], "the second one after the first has gone");
        queue.assert_empty();
        dead.assert_empty();
        let missed: Vec<_> = trigger.decisions().into_iter().filter_map(|decision| decision.missed).collect();
        assert_eq!(missed.len(), 2);
        assert!(missed[0].contains(r#"attributes.ApproximateReceiveCount is "2", and not "1""#), "{missed:?}");
    });
}

#[test]
fn what_was_received_too_often_is_a_dead_letter_whether_a_filter_lets_it_through_or_not() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, dead, function) = (cloud.queue("q"), cloud.queue("dead"), takes(&cloud));
        queue.dead_letter(&dead, 1);
        queue.send("x");
        assert_eq!(queue.receive(1).len(), 1);
        queue.trigger(&function, batch(1).filter(type_is("order")));
        cloud.drain().await.assert_ok();
        assert_eq!(dead.bodies(), ["x"]);
        assert!(function.events().is_empty());
    });
}

#[test]
fn of_two_triggers_the_one_that_receives_a_message_decides() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), takes(&cloud));
        let other = cloud.function("other", |_: SqsEvent| async {});
        queue.trigger(&function, batch(1).filter(type_is("order")));
        queue.trigger(&other, batch(1).filter(type_is("refund")));
        queue.send(json!({ "type": "refund" }));
        cloud.settle().await.assert_ok();
        assert!(other.events().is_empty(), "as on AWS, filters share nothing out between functions");
        queue.assert_empty();
    });
}

#[test]
fn thousands_of_messages_are_filtered_in_one_go() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), takes(&cloud));
        queue.trigger(&function, batch(10).filter(type_is("order")));
        (0..2_000).for_each(|number| drop(queue.send(json!({ "type": number }))));
        cloud.settle().await.assert_ok();
        queue.assert_empty();
        assert!(function.events().is_empty());
    });
}

#[test]
fn filters_have_the_limits_of_aws() {
    let cloud = Cloud::start();
    let (queue, function) = (cloud.queue("q"), takes(&cloud));
    let refused = |batch| queue.try_trigger(&function, batch).unwrap_err();
    let error = refused(batch(1).filter(json!({ "body": { "type": [] } })));
    assert_eq!(
        error.to_string(),
        "lambda answered InvalidParameterValueException: Invalid filter pattern definition. \
         (body.type: Empty arrays are not allowed)"
    );
    let CloudError::Aws { code, .. } = refused(batch(1).filter(type_is(&"x".repeat(4_096)))) else { panic!() };
    assert_eq!(code, "ValidationException");
    let six = (0..6).fold(batch(1), |batch, number| batch.filter(type_is(&number.to_string())));
    assert!(refused(six).to_string().contains("at most 5 filters, not 6"));
    let five = (0..5).fold(batch(1), |batch, number| batch.filter(type_is(&number.to_string())));
    assert!(queue.try_trigger(&function, five).is_ok());
}
