//! Clocks before 1970, and near both ends of what a time can be.
use crate::common::clock::seconds;

use std::time::Duration;

use jiff::Timestamp;
use lambda_testkit::NewMessage;
use lambda_testkit::prelude::*;
use serde_json::Value;

fn starts() -> Vec<Timestamp> {
    let texts = ["1969-12-31T23:59:59.999Z", "1901-12-13T20:45:51Z", "1600-02-29T00:00:00Z", "0001-01-01T00:00:00Z"];
    let ends = [Timestamp::MIN, Timestamp::MAX, Timestamp::MAX - seconds(100), Timestamp::UNIX_EPOCH];
    texts.iter().map(|text| text.parse().unwrap()).chain(ends).collect()
}

/// Objects, messages, retries and schedules, by handles and by clients.
async fn tour(cloud: &Cloud) {
    let (bucket, queue, dead) = (cloud.bucket("export"), cloud.queue("q"), cloud.queue("dead"));
    let seen = cloud.function("seen", |event: S3Event| async move { event.records.len() });
    let batches = cloud.function("batches", |event: SqsEvent| async move { event.records.len() });
    let fails = cloud.function("fails", |_: Value| async { Err::<(), _>("always") });
    fails.dead_letter(&dead);
    bucket.notify(&seen, on(ObjectCreated));
    bucket.notify(&queue, on(ObjectRemoved));
    queue.trigger(&batches, batch(10).window(seconds(20)));
    let fifo = cloud.queue("q.fifo");
    fifo.trigger(&cloud.function("fifo", |event: SqsEvent| async move { event.records.len() }), batch(10));
    for (name, expression) in [("rate", "rate(1 minute)"), ("cron", "cron(0 3 * * ? *)")] {
        let rule = cloud.rule(name, expression).trigger(&cloud.stub(name));
        let schedule = cloud.schedule(name, expression).time_zone("Asia/Tokyo").trigger(&cloud.stub(name));
        assert!(rule.next_runs(3).len() <= 3 && schedule.next_runs(3).len() <= 3);
        assert!(!rule.calendar().explain().is_empty());
        rule.fire_now();
    }
    cloud.schedule("once", "at(2030-01-01T00:00:00)").trigger(&cloud.stub("once"));

    bucket.put("a.csv", "1");
    bucket.delete("a.csv");
    queue.send("now");
    queue.send(NewMessage::text("later").delay(seconds(60)));
    fifo.send_fifo("group", "1", "ordered");
    fails.invoke_later(());
    let _ = cloud.settle().await;
    let _ = cloud.try_advance(Duration::from_secs(300)).await.unwrap();

    let config = cloud.sdk_config();
    let (s3, sqs) = (aws_sdk_s3::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let put = s3.put_object().bucket("export").key("b").body(b"1".to_vec().into()).send().await;
    // The date of a signature has four digits for the year, and no sign.
    if cloud.now() < "1000-01-01T00:00:00Z".parse().unwrap() {
        assert!(put.is_ok() || crate::common::refusal(put).starts_with("403 "));
        return;
    }
    put.unwrap();
    s3.get_object().bucket("export").key("b").send().await.unwrap();
    s3.list_objects_v2().bucket("export").send().await.unwrap();
    sqs.send_message().queue_url(dead.url()).message_body("sdk").send().await.unwrap();
    let all = aws_sdk_sqs::types::MessageSystemAttributeName::All;
    let request = sqs.receive_message().queue_url(dead.url()).message_system_attribute_names(all);
    assert!(!request.send().await.unwrap().messages().is_empty());
    let names = aws_sdk_sqs::types::QueueAttributeName::All;
    sqs.get_queue_attributes().queue_url(dead.url()).attribute_names(names).send().await.unwrap();
    let _ = cloud.try_advance(Duration::from_secs(60)).await.unwrap();
    assert!(!cloud.timeline().to_string().is_empty() && !cloud.explain().to_string().is_empty());
    let _ = (cloud.state(), cloud.history());
    assert_eq!(batches.responses().is_empty(), batches.events().is_empty());
}

#[tokio::test]
async fn a_clock_that_starts_at_any_time_runs() {
    for start in starts() {
        let cloud = Cloud::builder().start_time(start).start();
        tour(&cloud).await;
        cloud.discard();
    }
}

#[tokio::test]
async fn before_1970_sqs_counts_from_1970() {
    let cloud = Cloud::builder().start_time("1969-12-31T23:59:00Z".parse().unwrap()).start();
    let queue = cloud.queue("q");
    let function = cloud.function("sent", |event: SqsEvent| async move { event.records[0].attributes.sent_timestamp });
    queue.trigger(&function, batch(1));
    queue.send("a");
    cloud.drain().await.assert_ok();
    assert_eq!(function.responses(), [Value::from(0)]);
}

#[tokio::test]
async fn an_advance_of_any_length_ends_at_the_last_time_that_there_is() {
    let cloud = Cloud::start();
    cloud.queue("q").send("a");
    cloud.try_advance(Duration::MAX).await.unwrap().assert_ok();
    assert_eq!(cloud.now(), Timestamp::MAX);
    cloud.clock().sleep(Duration::MAX).await;
    cloud.try_advance(Duration::MAX).await.unwrap().assert_ok();
    cloud.discard();
}
