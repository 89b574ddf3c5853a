//! Limits so small that a test meets them, and what they leave as it is.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use lambda_testkit::prelude::*;
use serde_json::Value;

use crate::common::refusal;

fn small() -> Cloud {
    Cloud::builder().small_limits().start()
}

#[tokio::test]
async fn listings_have_pages_of_three() {
    let cloud = small();
    let bucket = cloud.bucket("box");
    (1..=4).for_each(|number| bucket.put(&number.to_string(), ""));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let page = s3.list_objects_v2().bucket("box").send().await.unwrap();
    assert_eq!((page.contents().len(), page.is_truncated(), page.max_keys()), (3, Some(true), Some(1000)));
    let rest = s3.list_objects_v2().bucket("box").set_continuation_token(page.next_continuation_token);
    let rest = rest.send().await.unwrap();
    assert_eq!((rest.contents().len(), rest.is_truncated()), (1, Some(false)));
    assert_eq!(s3.list_objects().bucket("box").send().await.unwrap().contents().len(), 3);
    assert_eq!(s3.list_object_versions().bucket("box").send().await.unwrap().versions().len(), 3);
    assert_eq!(bucket.keys().len(), 4, "the test itself sees all");

    (1..=4).for_each(|number| drop(cloud.queue(&format!("q{number}"))));
    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let page = sqs.list_queues().max_results(10).send().await.unwrap();
    assert!(page.queue_urls().len() == 3 && page.next_token().is_some());
    // Whoever does not ask for pages is given no token, and so all at once.
    assert_eq!(sqs.list_queues().send().await.unwrap().queue_urls().len(), 4);
}

#[tokio::test]
async fn messages_and_batches_of_them_have_8_kib_and_come_by_twos() {
    let cloud = small();
    let jobs = cloud.queue("jobs");
    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let send = |size| sqs.send_message().queue_url(jobs.url()).message_body("x".repeat(size)).send();
    send(8_192).await.unwrap();
    assert_eq!(refusal(send(8_193).await), "400 InvalidParameterValue");
    jobs.purge();
    let batch_of = |count: usize, size: usize| {
        let entry =
            |id: usize| SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body("x".repeat(size));
        let entries = (0..count).map(|id| entry(id).build().unwrap()).collect();
        sqs.send_message_batch().queue_url(jobs.url()).set_entries(Some(entries)).send()
    };
    assert_eq!(refusal(batch_of(2, 4_097).await), "400 AWS.SimpleQueueService.BatchRequestTooLong");
    assert_eq!(batch_of(10, 100).await.unwrap().successful().len(), 10, "a batch request has ten entries as ever");
    let received = sqs.receive_message().queue_url(jobs.url()).max_number_of_messages(10).send().await.unwrap();
    assert_eq!(received.messages().len(), 2);

    let work = cloud.function("work", async |event: SqsEvent| event.records.len());
    cloud.queue("line").trigger(&work, batch(10));
    let _ = ["a", "b", "c"].map(|body| cloud.queue("line").send(body));
    cloud.drain().await.assert_ok();
    assert_eq!(work.responses(), [2, 1]);
}

#[tokio::test]
async fn a_batch_of_two_is_full_before_its_window_is_over() {
    let cloud = small();
    let work = cloud.function("work", async |event: SqsEvent| event.records.len());
    cloud.queue("line").trigger(&work, batch(10).window(Duration::from_secs(20)));
    let _ = ["a", "b", "c"].map(|body| cloud.queue("line").send(body));
    cloud.settle().await.assert_ok();
    assert_eq!(work.responses(), [2]);
    cloud.advance(Duration::from_secs(20)).await.assert_ok();
    assert_eq!(work.responses(), [2, 1]);
}

#[tokio::test]
async fn payloads_and_answers_are_refused_as_on_aws() {
    let cloud = small();
    cloud.function("length", async |text: String| text.len());
    let repeats = cloud.function("repeats", async |times: usize| "x".repeat(times));
    let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
    let invoke = |kind: InvocationType, size: usize| {
        let payload = Blob::new(format!("\"{}\"", "x".repeat(size - 2)));
        lambda.invoke().function_name("length").invocation_type(kind).payload(payload).send()
    };
    invoke(InvocationType::RequestResponse, 49_152).await.unwrap();
    let refused = invoke(InvocationType::RequestResponse, 49_153).await;
    assert_eq!(refusal(refused), "413 RequestEntityTooLargeException");
    invoke(InvocationType::Event, 8_192).await.unwrap();
    assert_eq!(refusal(invoke(InvocationType::Event, 8_193).await), "413 RequestEntityTooLargeException");
    assert_eq!(repeats.invoke::<String>(49_150).await.len(), 49_150);
    let error = repeats.try_invoke::<Value>(49_151).await.unwrap_err().to_string();
    assert!(error.contains("Function.ResponseSizeTooLarge") && error.contains("(49152 bytes)"), "{error}");
    cloud.drain().await.assert_ok();
}

/// What the cloud makes itself is never refused: the largest event of S3 has a key of 1,024 bytes, spelt in 3,072.
#[tokio::test]
async fn events_that_the_cloud_makes_stay_below_the_limits() {
    let cloud = small();
    let (events, dead, bucket) = (cloud.queue("events"), cloud.queue("dead"), cloud.bucket("box"));
    bucket.notify(&events, on(ObjectCreated));
    let fails = cloud.stub("fails").fails("No", "never").retry_attempts(0).dead_letter(&dead);
    cloud.bucket("other").notify(&fails, on(ObjectCreated));
    let key = "é".repeat(512);
    bucket.put(&key, "");
    cloud.bucket("other").put(&key, "");
    let _ = cloud.drain().await;
    // One is the event by which S3 tries the configuration out.
    assert_eq!((events.messages().len(), dead.messages().len()), (2, 1), "{}", cloud.timeline());
}
