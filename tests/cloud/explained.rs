//! What `explain` says of each trigger: why it fired or did not, what became of what it handed on, and how it stands.
use crate::common::clock::seconds;

use lambda_testkit::prelude::*;
use lambda_testkit::{Cloud, Function, NewMessage};
use serde_json::{Value, json};

fn takes(cloud: &Cloud, name: &str) -> Function {
    cloud.function(name, async |_: Value| {})
}

async fn remove_permission(cloud: &Cloud, function: &str, id: &str) {
    let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
    lambda.remove_permission().function_name(function).statement_id(id).send().await.unwrap();
}

#[tokio::test]
async fn a_bucket_and_its_function() {
    let cloud = Cloud::start();
    let (export, seen) = (cloud.bucket("export"), takes(&cloud, "seen"));
    let csv = export.notify(&seen, on(ObjectCreated).prefix("in/").suffix(".csv"));
    for key in ["in/a.csv", "in/a.txt", "a.csv"] {
        export.put(key, "1");
    }
    export.delete("in/a.txt");
    cloud.settle().await.assert_ok();
    csv.disable();
    export.put("in/b.csv", "1");
    csv.enable();
    remove_permission(&cloud, "seen", "s3-export").await;
    export.put("in/c.csv", "1");
    csv.disable();
    cloud.bucket("logs").notify(&takes(&cloud, "logs"), on(ObjectCreated));
    remove_permission(&cloud, "logs", "s3-logs").await;
    // The second event finds no room, again and again.
    let narrow = takes(&cloud, "narrow").concurrency(1);
    let gate = narrow.gate();
    cloud.bucket("many").notify(&narrow, on(ObjectCreated));
    cloud.bucket("many").put("a", "1");
    cloud.bucket("many").put("b", "2");
    cloud.advance(seconds(5)).await.assert_ok();
    gate.open();
    cloud.drain().await.assert_ok();
    insta::assert_snapshot!(cloud.explain());
}

#[tokio::test]
async fn a_queue_and_its_function() {
    let cloud = Cloud::start();
    let order = |id: u32| json!({ "type": "order", "id": id });
    let filtered = cloud.queue("filtered");
    filtered.trigger(&takes(&cloud, "orders"), batch(10).filter(json!({ "body": { "type": ["order"] } })));
    filtered.send(order(1));
    filtered.send(json!({ "type": "refund" }));
    let disabled = cloud.queue("disabled");
    disabled.trigger(&takes(&cloud, "sleeps"), batch(10)).disable();
    disabled.send_all(["a", "b"]);
    // Nothing can be received now.
    let hidden = cloud.queue("hidden");
    hidden.send("in flight");
    assert_eq!(hidden.receive(1).len(), 1);
    hidden.send(NewMessage::text("delayed").delay(seconds(90)));
    hidden.trigger(&takes(&cloud, "waits"), batch(10));
    // As many batches run as may.
    let full = cloud.queue("full");
    let slow = takes(&cloud, "slow");
    let gate = slow.gate();
    full.trigger(&slow, batch(1).maximum_concurrency(2));
    full.send_all(["a", "b", "c"]);
    // A batch whose window is open.
    let window = cloud.queue("window");
    window.trigger(&takes(&cloud, "gathers"), batch(10).window(seconds(20)));
    window.send("a");
    // The function has no room for a batch.
    let throttled = cloud.queue("throttled");
    let busy = takes(&cloud, "busy").concurrency(1);
    let busy_gate = busy.gate();
    throttled.trigger(&busy, batch(1));
    throttled.send_all(["a", "b"]);
    cloud.settle().await.assert_ok();
    insta::assert_snapshot!("how_they_stand", cloud.explain());
    gate.open();
    busy_gate.open();
    cloud.drain().await.assert_ok();
    insta::assert_snapshot!("when_all_is_done", cloud.explain());
}

#[tokio::test]
async fn wrong_answers_to_a_batch() {
    let cloud = Cloud::start();
    let queue = cloud.queue("jobs").dead_letter(&cloud.queue("dead"), 1);
    let wrong =
        cloud.function("wrong", async |_: SqsEvent| json!({ "batchItemFailures": [{ "itemIdentifier": "x" }] }));
    queue.trigger(&wrong, batch(10).report_item_failures());
    let unheard = cloud.queue("unheard");
    let ignored = cloud.function("ignored", async |_: SqsEvent| json!({ "batchItemFailures": [] }));
    unheard.trigger(&ignored, batch(10));
    queue.send("a");
    unheard.send("b");
    let _ = cloud.drain().await;
    insta::assert_snapshot!(cloud.explain());
}

#[tokio::test]
async fn a_rule_and_a_schedule() {
    let cloud = Cloud::start();
    let check = takes(&cloud, "check");
    let hourly = cloud.rule("hourly", "rate(1 hour)").trigger(&check);
    cloud.schedule("once", "at(2026-01-01T02:30:00)").trigger(&check);
    cloud.advance(seconds(3_600)).await.assert_ok();
    hourly.disable();
    cloud.advance(seconds(3_600)).await.assert_ok();
    insta::assert_snapshot!("disabled", cloud.explain());
    hourly.enable();
    remove_permission(&cloud, "check", "events-hourly").await;
    cloud.advance(seconds(3_600)).await.assert_ok();
    insta::assert_snapshot!("without_permission", cloud.explain());
}

#[tokio::test]
async fn destinations_and_dead_letters_of_a_function() {
    let cloud = Cloud::start();
    let fails = |name: &str| cloud.stub(name).fails("Busy", "try later").retry_attempts(0);
    let (told, gone, dead) = (cloud.queue("told"), cloud.queue("gone"), cloud.queue("dead"));
    takes(&cloud, "works").on_success(&told).invoke_later(1);
    takes(&cloud, "tells").on_success(&gone).invoke_later(2);
    fails("both").on_failure(&told).dead_letter(&dead).invoke_later(3);
    fails("dead").dead_letter(&dead).invoke_later(4);
    fails("silent").invoke_later(5);
    fails("lost").dead_letter(&gone).invoke_later(6);
    takes(&cloud, "stopped").concurrency(0).invoke_later(7);
    let removed = takes(&cloud, "removed");
    removed.invoke_later(8);
    let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
    lambda.delete_function().function_name("removed").send().await.unwrap();
    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    sqs.delete_queue().queue_url(gone.url()).send().await.unwrap();
    let _ = cloud.drain().await;
    insta::assert_snapshot!(cloud.explain());
}

#[tokio::test]
async fn an_invocation_that_no_policy_allows() {
    let cloud = Cloud::start();
    let echo = takes(&cloud, "echo");
    let partner = cloud.account("222222222222");
    let lambda = aws_sdk_lambda::Client::new(&partner.sdk_config());
    let invoke = || lambda.invoke().function_name(echo.arn().to_string()).send();
    invoke().await.unwrap_err();
    echo.invokable_by(&partner);
    invoke().await.unwrap();
    insta::assert_snapshot!(cloud.explain());
}
