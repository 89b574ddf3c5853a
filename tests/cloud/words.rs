//! The words of errors: each names the value and the rule, and what it says to write is taken.

use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, NewMessage, Queue};
use serde_json::Value;

/// The sentence of an error, which has all of these words.
#[track_caller]
fn says<T: std::fmt::Debug>(result: Result<T, CloudError>, words: &[&str]) {
    let text = result.expect_err("it is refused").to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
}

#[test]
fn a_name_that_cannot_be_given_is_named_with_the_rule_that_it_breaks() {
    let cloud = Cloud::start();
    let account = cloud.own_account();
    for (name, rule) in [("Export", "lower-case"), ("a_b", "lower-case"), ("ab", "3 to 63"), ("a..b", "two periods")] {
        says(account.try_bucket(name), &["InvalidBucketName", &format!("{name:?}"), rule]);
    }
    for name in ["a b", "", ".fifo"] {
        says(account.try_queue(name), &["InvalidParameterValue", &format!("{name:?}"), "1 to 80 letters"]);
    }
    says(
        cloud.queue("q").try_visibility_timeout(std::time::Duration::from_secs(43_201)),
        &["VisibilityTimeout", "43201s", "12 hours"],
    );
    says(cloud.bucket("export").try_put(&"k".repeat(1_025), "x"), &["KeyTooLongError", "1025", "1024"]);
    says(cloud.bucket("export").try_bytes("absent.csv"), &["NoSuchKey", "absent.csv"]);
}

#[test]
fn two_rules_that_overlap_are_both_named() {
    let cloud = Cloud::start();
    let (export, one) = (cloud.bucket("export"), cloud.function("one", |_: S3Event| async {}));
    let two = cloud.queue("two");
    export.notify(&one, on(ObjectCreated).prefix("in/").suffix(".csv"));
    let both = ["s3:ObjectCreated:* prefix \"in/\" suffix \".csv\" → function:one", "prefix \"in/a\" → two"];
    says(export.try_notify(&two, on(ObjectCreated).prefix("in/a")), &["overlapping", both[0], both[1]]);
}

#[test]
fn a_destination_of_another_account_or_cloud_is_named_with_the_rule() {
    let (cloud, other) = (Cloud::start(), Cloud::start());
    let partner = cloud.account("222222222222");
    let theirs = partner.function("theirs", |_: Value| async {});
    let own = "of its own account only";
    says(cloud.queue("q").try_trigger(&theirs, batch(1)), &["222222222222:function:theirs", own]);

    // A function and a queue of the same name are there, and it is not them that were meant.
    for one in [&cloud, &other] {
        one.function("same", |_: Value| async {});
        one.queue("same");
    }
    let (function, queue) = (other.function("same", |_: Value| async {}), other.queue("same"));
    let beyond = ["111111111111", "same", "another Cloud"];
    says(cloud.bucket("export").try_notify(&function, on(ObjectCreated)), &beyond);
    says(cloud.bucket("export").try_notify(&queue, on(ObjectCreated)), &beyond);
    says(cloud.bucket("export").try_notify(&other.stub("same"), on(ObjectCreated)), &beyond);
    says(cloud.queue("q").try_trigger(&function, batch(1)), &beyond);
    says(cloud.queue("q").try_dead_letter(&queue, 3), &beyond);
    says(cloud.rule("hourly", "rate(1 hour)").try_trigger(&function), &beyond);
}

#[test]
#[should_panic(expected = "another Cloud")]
fn a_dead_letter_queue_of_another_cloud_is_refused() {
    let (cloud, other) = (Cloud::start(), Cloud::start());
    cloud.function("f", |_: Value| async {}).dead_letter(&other.queue("dead"));
}

#[test]
fn a_message_for_a_fifo_queue_without_its_ids_is_answered_with_the_verbs_that_give_them() {
    let cloud = Cloud::start();
    let queue = cloud.queue("orders.fifo");
    let verbs =
        ["send_fifo(group, deduplication_id, body)", "NewMessage", "group(…)", "deduplication_id(…)", "orders.fifo"];
    says(queue.try_send("x"), &[&["MessageGroupId"][..], &verbs].concat());
    says(queue.try_send(NewMessage::text("x").group("g")), &[&["MessageDeduplicationId"][..], &verbs].concat());
    queue.send(NewMessage::text("x").group("g").deduplication_id("1"));
    queue.send_fifo("g", "2", "y");
    assert_eq!(queue.bodies(), ["x", "y"]);
}

// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>: six fields, and `?` in one of two.
#[test]
fn the_advice_on_a_unix_cron_line_is_taken() {
    let cloud = Cloud::start();
    for (line, advice) in [
        ("0 3 * * *", "cron(0 3 * * ? *)"),
        ("*/5 * * * *", "cron(*/5 * * * ? *)"),
        ("0 3 * * 1", "cron(0 3 ? * MON *)"),
        ("cron(0 3 * * *)", "cron(0 3 * * ? *)"),
        ("cron(0 3 * * * *)", "cron(0 3 * * ? *)"),
    ] {
        says(cloud.own_account().try_rule("r", line), &[line, advice]);
        says(cloud.own_account().try_schedule("s", line), &[line, advice]);
        assert!(cloud.own_account().try_rule("r", advice).is_ok(), "{advice}");
        assert!(cloud.own_account().try_schedule("s", advice).is_ok(), "{advice}");
    }
}

#[tokio::test]
async fn an_event_of_another_family_is_named_beside_what_the_function_takes() {
    let cloud = Cloud::start();
    let function = cloud.function("counts", |event: S3Event| async move { event.records.len() });
    let queue = cloud.queue("q");
    queue.trigger(&function, batch(1));
    queue.send("a");
    let report = cloud.settle().await;
    let error = &report.failures[0].error;
    assert!(error.contains("this is sqs/standard, the function takes an S3 event"), "{error}");
}

/// SQS says neither which queue nor which message it is about.
#[tokio::test]
async fn what_a_queue_refuses_names_the_queue_and_the_message() {
    let cloud = Cloud::start();
    let (jobs, fifo) = (cloud.queue("jobs"), cloud.queue("jobs.fifo"));
    says(jobs.try_send("a".repeat(1_048_577)), &["shorter than 1048576 bytes", "it has 1048577 bytes"]);
    fifo.send_fifo("g", "1", "a job");
    let held = fifo.receive(1).remove(0);
    cloud.advance(std::time::Duration::from_secs(31)).await.assert_ok();
    let expired = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| held.delete())).unwrap_err();
    let expired = expired.downcast_ref::<String>().unwrap();
    assert!(expired.contains("has expired. (the message \"a job\" of jobs.fifo)"), "{expired}");

    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let dead = cloud.queue("dead");
    dead.dead_letter(&jobs, 1);
    sqs.delete_queue().queue_url(jobs.url()).send().await.unwrap();
    let gone = ["does not exist", "queue jobs of 111111111111 in us-east-1, which was deleted"];
    says(jobs.try_send("x"), &gone);
    says(jobs.try_receive(1), &gone);
    says(jobs.try_visibility_timeout(std::time::Duration::from_secs(1)), &gone);
    for look in [|jobs: &Queue, _: &Queue| drop(jobs.messages()), |_: &Queue, dead: &Queue| drop(dead.dead_letters())] {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| look(&jobs, &dead))).unwrap_err();
        let panic = panic.downcast_ref::<String>().unwrap();
        assert!(panic.contains(gone[1]), "{panic}");
    }
    says(cloud.own_account().try_queue("jobs"), &["QueueDeletedRecently", "queue jobs: advance the clock"]);
}
