//! What a test does with buckets, queues and channels, and what a failed assertion says.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use lambda_testkit::event::MessageAttribute;
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, NewMessage, ObjectContent};
use serde_json::{Value, json};

/// The message of the panic in which it ends.
fn panic_of(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("it panics");
    panic.downcast_ref::<String>().expect("a formatted message").clone()
}

#[tokio::test]
async fn an_object_has_all_that_was_put_and_an_sdk_client_sees_the_same() {
    let cloud = Cloud::start();
    let export = cloud.bucket("export");
    let content = ObjectContent::new().content_type("application/json").content_encoding("identity");
    export.put_with("a.json", r#"{"n":1}"#, content.metadata("Owner", "ada").tag("kind", "daily"));
    let object = export.object("a.json");
    assert_eq!((object.text().as_str(), object.json::<Value>()["n"].as_u64(), object.size), (r#"{"n":1}"#, Some(1), 7));
    assert_eq!(object.content_type.as_deref(), Some("application/json"));
    assert_eq!(object.content_encoding.as_deref(), Some("identity"));
    assert_eq!(object.metadata.get("owner").map(String::as_str), Some("ada"));
    assert_eq!(object.tags.get("kind").map(String::as_str), Some("daily"));
    assert_eq!((object.last_modified, object.version_id), (cloud.now(), None));

    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let head = s3.head_object().bucket("export").key("a.json").send().await.unwrap();
    assert_eq!(head.e_tag().map(|tag| tag.trim_matches('"')), Some(object.e_tag.as_str()));
    assert_eq!(head.metadata().and_then(|metadata| metadata.get("owner")).map(String::as_str), Some("ada"));

    export.put("plain", "x");
    let plain = export.object("plain");
    assert!(plain.content_type.is_none() && plain.metadata.is_empty() && plain.tags.is_empty());
    for odd in [("a b", "1"), ("a", "1\n2"), ("ü", "1"), ("", "1")] {
        let odd = ObjectContent::new().metadata(odd.0, odd.1);
        let refused = export.try_put_with("odd", "", odd.clone());
        assert!(matches!(refused, Err(CloudError::Setting { .. })), "no header is so: {odd:?}");
    }
    let odd = ObjectContent::new().content_type("text/\u{7}");
    assert!(export.try_put_with("odd", "", odd).is_err(), "no header is so");
    let twice = ObjectContent::new().tag("a", "1").tag("a", "2");
    assert!(matches!(export.try_put_with("b", "", twice), Err(CloudError::Aws { code, .. }) if code == "InvalidTag"));
}

#[tokio::test]
async fn a_missing_object_names_the_nearest_key_and_what_is_to_be_done() {
    let cloud = Cloud::start();
    let (inbox, copy) = (cloud.bucket("inbox"), cloud.stub("copy"));
    inbox.notify(&copy, on(ObjectCreated));
    inbox.put("in/a+b.csv", "x");
    let message = panic_of(|| drop(inbox.object("in/a b.csv")));
    let expected = r#"; nearest is "in/a+b.csv"; the bucket holds ["in/a+b.csv"]; due and not done yet: "#;
    assert!(message.starts_with("s3://inbox/in/a b.csv: s3 answered NoSuchKey: "), "{message}");
    assert!(message.contains(expected) && message.ends_with(": settle"), "{message}");
    cloud.settle().await.assert_ok();
    inbox.assert_keys(["in/a+b.csv"]);
    let message = panic_of(|| inbox.assert_keys(["in/a b.csv"]));
    let expected = "s3://inbox does not hold what was expected:\n  key \"in/a b.csv\" is missing; nearest is \
                    \"in/a+b.csv\"\n  key \"in/a+b.csv\" is too much";
    assert_eq!(message, expected);
    assert!(panic_of(|| inbox.assert_empty()).contains("is too much"));
    inbox.delete("in/a+b.csv");
    inbox.assert_empty();
}

#[tokio::test]
async fn a_retry_that_is_due_later_is_said_with_its_time() {
    let cloud = Cloud::start();
    let (outbox, work) = (cloud.bucket("outbox"), cloud.stub("work").fails("Busy", "later"));
    work.invoke_later(());
    let _ = cloud.settle().await;
    let message = panic_of(|| outbox.assert_keys(["a"]));
    let end = "key \"a\" is missing\n  there is no key at all\n  retry work (attempt 2) is due in 60 s: advance";
    assert!(message.ends_with(end), "{message}");
}

#[tokio::test]
async fn anything_that_is_a_message_is_sent() {
    let cloud = Cloud::start();
    let jobs = cloud.queue("jobs");
    jobs.send("text");
    jobs.send(String::from("owned"));
    jobs.send(json!({ "n": 1 }));
    let attribute = MessageAttribute::number(6);
    jobs.send(NewMessage::json(&[1, 2]).attribute("weeks", attribute.clone()).delay(Duration::from_secs(60)));
    assert_eq!(jobs.bodies(), ["text", "owned", r#"{"n":1}"#, "[1,2]"]);
    assert_eq!(cloud.queue("all").send_all(["a", "b"]).len(), 2);
    cloud.queue("all").assert_bodies(["b", "a"]);
    let delayed = &jobs.messages()[3];
    assert!(!delayed.is_visible() && delayed.attributes.get("weeks") == Some(&attribute));
    let half = jobs.try_send(NewMessage::text("x").delay(Duration::from_millis(500))).unwrap_err().to_string();
    assert_eq!(half, "invalid delay 500ms: SQS counts in whole seconds");
    assert!(matches!(
        jobs.try_send(NewMessage::text("x").delay(Duration::from_secs(901))),
        Err(CloudError::Aws { .. })
    ));

    let orders = cloud.queue("orders.fifo");
    for _ in 0..2 {
        orders.send(NewMessage::text("tea").group("ada").deduplication_id("1"));
    }
    assert_eq!(orders.bodies(), ["tea"]);
    assert_eq!(orders.messages()[0].group_id.as_deref(), Some("ada"));
}

#[tokio::test]
async fn a_test_receives_as_any_consumer_does() {
    let cloud = Cloud::start();
    let dead = cloud.queue("dead");
    let jobs = cloud.queue("jobs").dead_letter(&dead, 2);
    jobs.send(json!({ "n": 1 }));
    let received = jobs.receive(10);
    assert_eq!((received.len(), received[0].json::<Value>()["n"].as_u64(), received[0].receive_count), (1, Some(1), 1));
    assert!(jobs.receive(10).is_empty(), "it is hidden");
    received.into_iter().for_each(|message| message.give_back());
    let again = jobs.receive(1).remove(0);
    assert_eq!(again.receive_count, 2);
    again.give_back();
    assert!(jobs.receive(1).is_empty(), "it was received too often");
    dead.assert_bodies([r#"{"n":1}"#]);
    dead.receive(1).remove(0).delete();
    dead.assert_empty();
    jobs.assert_empty();
    assert_eq!(cloud.history().requests().service("sqs").operation("ReceiveMessage").count(), 5);
    assert!(matches!(jobs.try_receive(11), Err(CloudError::Setting { .. })));
}

#[tokio::test]
async fn a_queue_that_is_not_as_expected_shows_what_it_holds() {
    let cloud = Cloud::start();
    let (jobs, work) = (cloud.queue("jobs"), cloud.stub("work"));
    jobs.trigger(&work, batch(10));
    jobs.send("disk full");
    let message = panic_of(|| jobs.assert_empty());
    assert!(message.starts_with("queue jobs is not empty: it holds 1\n  \"disk full\" (received 0×)\n  "), "{message}");
    assert!(message.ends_with(": settle"), "{message}");
    let message = panic_of(|| jobs.assert_bodies(["disk fall"]));
    assert!(message.contains("message \"disk fall\" is missing; nearest is \"disk full\""), "{message}");
    cloud.settle().await.assert_ok();
    jobs.assert_empty();
}

#[tokio::test]
async fn posts_are_asserted_in_their_order() {
    let cloud = Cloud::start();
    let slack = cloud.slack();
    let webhook = slack.webhook("#general");
    let http = reqwest::Client::new();
    for text in ["one", "two"] {
        http.post(&webhook).json(&json!({ "text": text })).send().await.unwrap();
    }
    slack.assert_posted("#general", ["one", "two"]);
    let message = panic_of(|| slack.assert_posted("#general", ["two", "one"]));
    assert!(
        message.starts_with("slack #general does not hold what was expected:\n  the order is another"),
        "{message}"
    );
    slack.webhook("#quiet");
    slack.assert_posted("#quiet", [""; 0]);
}
