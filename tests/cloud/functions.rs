//! What a test does with functions: invoke, script, hold, ask after.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use lambda_testkit::CloudError;
use lambda_testkit::history::Outcome;
use lambda_testkit::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Order {
    item: String,
    count: u32,
}

/// The message of the panic in which a future ends.
async fn panic_of(work: impl Future) -> String {
    let panic = AssertUnwindSafe(work).catch_unwind().await.err().expect("it panics");
    panic.downcast_ref::<String>().expect("a formatted message").clone()
}

#[tokio::test]
async fn a_handler_may_return_a_plain_value() {
    let cloud = Cloud::start();
    let next = cloud.function("next", async |number: u32| number + 1);
    assert_eq!(next.invoke::<u32>(1).await, 2);
    let nothing = cloud.function("nothing", async |_: Value| {});
    nothing.invoke::<()>(7).await;
    let text = cloud.function("text", async |name: String| format!("hello {name}"));
    assert_eq!(text.invoke::<String>("ada").await, "hello ada");
    let order = cloud.function("order", async |item: String| Order { item, count: 2 });
    assert_eq!(order.invoke::<Order>("tea").await, Order { item: "tea".to_owned(), count: 2 });
    let batch = cloud.function("batch", async |_: Value| BatchResponse::failures(["a"]));
    assert_eq!(batch.invoke::<Value>(()).await, json!({ "batchItemFailures": [{ "itemIdentifier": "a" }] }));
    let half = cloud.function("half", async |n: u32| if n < 9 { Ok(n / 2) } else { Err("too many") });
    assert_eq!(half.invoke::<u32>(4).await, 2);
    assert!(
        matches!(half.try_invoke::<u32>(9).await, Err(CloudError::Function { error_message, .. }) if error_message == "too many")
    );
    // An error that could be written as JSON too, and so might be taken for an answer.
    let serialisable = cloud.function("serialisable", async |_: Value| Err::<u32, _>("no".to_owned()));
    assert!(serialisable.try_invoke::<Value>(()).await.is_err());
}

#[tokio::test]
async fn a_function_that_fails_panics_at_the_line_of_the_invoke() {
    let cloud = Cloud::start();
    let fails = cloud.stub("fails").fails("Bad", "no such order");
    let line = line!() + 1;
    let message = panic_of(fails.invoke::<Value>(())).await;
    assert!(message.starts_with(&format!("{}:{line}:", file!())), "{message}");
    assert!(message.ends_with(": function fails failed: Bad: no such order"), "{message}");
    let seven = cloud.stub("seven").returns(7);
    let message = panic_of(seven.invoke::<Order>(())).await;
    assert!(message.contains("function seven answered 7, which is not what was asked for: invalid type"), "{message}");
}

#[tokio::test]
async fn a_stub_gives_its_answers_in_turn_and_repeats_the_last() {
    let cloud = Cloud::start();
    let stub = cloud.stub("stub");
    assert_eq!(stub.invoke::<Value>(()).await, Value::Null, "it has no script yet");
    stub.then_returns(1).then_fails("Busy", "later").then_returns(2);
    assert_eq!(stub.invoke::<u32>(()).await, 1);
    assert!(stub.try_invoke::<u32>(()).await.is_err());
    assert_eq!((stub.invoke::<u32>(()).await, stub.invoke::<u32>(()).await), (2, 2));
    stub.times_out();
    let start = cloud.now();
    let error = stub.try_invoke::<u32>(()).await.unwrap_err().to_string();
    assert!(error.contains("Task timed out after 30.00 seconds"), "{error}");
    assert_eq!(cloud.now().duration_since(start).as_secs(), 30);
}

#[tokio::test]
async fn a_stub_is_triggered_as_any_function() {
    let cloud = Cloud::start();
    let (inbox, jobs) = (cloud.bucket("inbox"), cloud.queue("jobs"));
    let stub = cloud.stub("stub").fails("Busy", "later").then_returns(());
    inbox.notify(&stub, on(ObjectCreated));
    jobs.trigger(&stub, batch(1));
    inbox.put("a", "a");
    let report = cloud.drain().await;
    assert_eq!((report.failures.len(), stub.invocations().len()), (1, 2));
    jobs.send("b");
    cloud.drain().await.assert_ok();
    assert_eq!(stub.invocations()[2].event::<SqsEvent>().records[0].body, "b");
}

#[tokio::test]
async fn invocations_tell_event_outcome_and_attempt() {
    let cloud = Cloud::start();
    let clock = cloud.clock();
    let slow = cloud.function_with("slow", clock, async |clock, order: Order| {
        clock.sleep(Duration::from_secs(2)).await;
        if order.count > 1 { Err("too many") } else { Ok(order.item) }
    });
    slow.invoke_later(Order { item: "tea".to_owned(), count: 1 });
    slow.retry_attempts(1).invoke_later(Order { item: "cake".to_owned(), count: 2 });
    let _ = cloud.drain().await;
    let invocations = slow.invocations();
    assert_eq!(invocations.iter().map(|invoked| invoked.attempt()).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!(invocations[0].response::<String>(), "tea");
    assert_eq!(invocations[0].duration(), Some(Duration::from_secs(2)));
    assert_eq!(invocations[1].event::<Order>().item, "cake");
    assert!(matches!(invocations[1].outcome(), Outcome::Failed { .. }));
    assert!(!invocations[2].succeeded());
    let message = panic_of(async { invocations[0].event::<u32>() }).await;
    let expected = r#"invoke slow: the event {"item":"tea","count":1} is another one: "#;
    assert!(message.starts_with(expected), "{message}");
    let message = panic_of(async { invocations[2].response::<u32>() }).await;
    assert_eq!(message, "invoke slow (attempt 2) failed: too many");
}

#[tokio::test]
async fn one_that_waits_at_a_gate_holds_nobody_else_up() {
    let cloud = Cloud::start();
    let gate = cloud.gate();
    let held = cloud.function_with("held", gate.clone(), async |gate, _: Value| gate.passed().await);
    let quick = cloud.stub("quick").returns(1);
    held.invoke_later(());
    quick.invoke_later(());
    let start = cloud.now();
    cloud.settle().await.assert_ok();
    cloud.drain().await.assert_ok();
    assert_eq!((cloud.now(), gate.waiting()), (start, 1), "nobody waits for it");
    let message = panic_of(async { cloud.bucket("outbox").assert_keys(["a"]) }).await;
    assert!(message.ends_with("\n  1 invocation is waiting at a gate: open it and settle"), "{message}");
    assert_eq!((quick.responses().len(), held.responses().len()), (1, 0));

    cloud.advance(Duration::from_secs(29)).await.assert_ok();
    gate.open();
    assert_eq!((gate.waiting(), gate.is_open()), (1, true), "it goes on when the cloud is driven");
    cloud.settle().await.assert_ok();
    assert_eq!((gate.waiting(), held.responses().len()), (0, 1));
    assert_eq!(held.invocations()[0].duration(), Some(Duration::from_secs(29)));
    held.invoke::<()>(()).await; // an open gate holds nobody
}

#[tokio::test]
async fn the_timeout_of_one_at_a_gate_goes_on() {
    let cloud = Cloud::start();
    let held = cloud.stub("held").retry_attempts(0);
    let gate = held.gate();
    held.invoke_later(());
    cloud.settle().await.assert_ok();
    let report = cloud.advance(Duration::from_secs(30)).await;
    assert_eq!((report.failures.len(), gate.waiting()), (1, 0), "{report}");
}

#[tokio::test]
async fn a_caller_waits_behind_the_gate_of_the_one_it_called() {
    let cloud = Cloud::start();
    let inner = cloud.stub("inner").returns(7);
    let gate = inner.gate();
    let called = inner.function().clone();
    let outer = cloud.function_with("outer", called, async |inner, _: Value| inner.try_invoke::<u32>(()).await);
    outer.invoke_later(());
    let start = cloud.now();
    cloud.settle().await.assert_ok();
    assert_eq!((cloud.now(), gate.waiting()), (start, 1));
    gate.open();
    cloud.settle().await.assert_ok();
    assert_eq!((cloud.now(), outer.responses()), (start, vec![json!(7)]));
    gate.close();
    assert!(!gate.is_open());
}

#[tokio::test]
async fn a_cloud_is_dropped_with_somebody_at_a_gate() {
    let cloud = Cloud::start();
    let held = cloud.stub("held");
    let gate = held.gate();
    held.invoke_later(());
    cloud.settle().await.assert_ok();
    drop(cloud);
    assert_eq!(gate.waiting(), 0);
    gate.open();
}

#[test]
fn the_environment_of_a_cloud_is_that_of_its_own_account() {
    let cloud = Cloud::start();
    assert_eq!(cloud.environment(), cloud.own_account().environment());
}
