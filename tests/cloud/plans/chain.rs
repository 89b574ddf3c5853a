//! What the tour has not: functions that wait for each other, sleep, poll, and use handles; a FIFO queue; two queues in a
//! row; S3 that writes to a queue.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use lambda_testkit::prelude::*;
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// An object makes `outer` call `inner` and sleep at once, then wait for what `inner` has sent, and hand it on in order.
pub fn arrange(cloud: &Cloud) {
    let (config, clock) = (cloud.sdk_config(), cloud.clock());
    let (lambda, sqs) = (aws_sdk_lambda::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let (dead, notices) = (cloud.queue("dead"), cloud.queue("notices"));
    let results = cloud
        .queue("results.fifo")
        .visibility_timeout(Duration::from_secs(40))
        .dead_letter(&cloud.queue("dead.fifo"), 2);
    let replies = cloud.queue("replies");
    let (inbox, kept) = (cloud.bucket("inbox"), cloud.bucket("kept"));

    let (client, url) = (sqs.clone(), replies.url());
    cloud.function("inner", move |event: Value| {
        let (sqs, url, kept) = (client.clone(), url.clone(), kept.clone());
        async move {
            kept.try_put(event["key"].as_str().unwrap_or_default(), "kept")?;
            sqs.send_message().queue_url(url).message_body(event["key"].to_string()).send().await?;
            Ok::<_, Error>(json!({ "kept": event["key"] }))
        }
    });
    let (from, to) = (replies.url(), results.url());
    let outer = cloud.function("outer", move |event: S3Event| {
        let (lambda, sqs, clock) = (lambda.clone(), sqs.clone(), clock.clone());
        let (from, to) = (from.clone(), to.clone());
        async move {
            let key = event.records[0].key().to_string();
            let payload = Blob::new(json!({ "key": key }).to_string());
            let invoked = lambda.invoke().function_name("inner").payload(payload).send();
            let (invoked, ()) = tokio::join!(invoked, clock.sleep(Duration::from_secs(2)));
            if let Some(error) = invoked?.function_error() {
                return Err::<(), Error>(error.into());
            }
            let replies = sqs.receive_message().queue_url(&from).wait_time_seconds(20).send().await?;
            for reply in replies.messages() {
                let body = reply.body().unwrap_or_default();
                let group = sqs.send_message().queue_url(&to).message_group_id("all").message_deduplication_id(body);
                group.message_body(body).send().await?;
                let handle = reply.receipt_handle().unwrap_or_default();
                sqs.delete_message().queue_url(&from).receipt_handle(handle).send().await?;
            }
            Ok(())
        }
    });
    outer.timeout(Duration::from_secs(900)).dead_letter(&dead);
    inbox.notify(&outer, on(ObjectCreated));
    cloud.bucket("kept").notify(&notices, on(ObjectCreated));

    let last = cloud.function("last", async |event: SqsEvent| {
        Ok::<_, Error>(BatchResponse::failures(
            event.records.iter().filter(|r| r.body.contains('b')).map(|r| r.message_id.clone()),
        ))
    });
    results.trigger(&last, batch(10).report_item_failures());
    let noted = cloud.function("noted", async |event: SqsEvent| Ok::<_, Error>(event.records.len()));
    notices.trigger(&noted, batch(2).window(Duration::from_secs(5)));
}
