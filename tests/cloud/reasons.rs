//! Why a call failed can be read: in the timeline, and in the failure of the function that made it.

use crate::common;

use aws_sdk_s3::types::{Event, LambdaFunctionConfiguration, NotificationConfiguration};
use common::both_ways;
use lambda_testkit::prelude::*;
use serde_json::Value;

/// The lines that say an HTTP status of an error: each has to name AWS's code and message.
fn refused(cloud: &Cloud) -> Vec<String> {
    let timeline = cloud.timeline().to_string();
    let status = |line: &str| line.split_once(" → ").and_then(|(_, rest)| rest.get(..3)?.parse::<u16>().ok());
    let lines: Vec<String> =
        timeline.lines().filter(|line| status(line) >= Some(400)).map(|line| line[14..].trim().to_owned()).collect();
    for line in &lines {
        let (_, rest) = line.split_once(" → ").unwrap();
        let (code, message) = rest[4..].split_once(": ").unwrap_or_else(|| panic!("no code and message: {line}"));
        assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') && !message.is_empty(), "{line}");
    }
    lines
}

#[tokio::test]
async fn every_refused_request_says_the_code_and_the_message_of_aws() {
    both_ways(async |cloud, config| {
        let (s3, sqs) = (aws_sdk_s3::Client::new(&config), aws_sdk_sqs::Client::new(&config));
        let lambda = aws_sdk_lambda::Client::new(&config);
        let (bucket, queue) = (cloud.bucket("export"), cloud.queue("alarms"));
        bucket.put("k", "v");
        cloud.account("222222222222").bucket("private");
        s3.get_object().bucket("export").key("absent").send().await.unwrap_err();
        s3.head_object().bucket("export").key("absent").send().await.unwrap_err();
        s3.get_object().bucket("private").key("absent").send().await.unwrap_err();
        s3.put_object().bucket("export").key("k").if_none_match("*").send().await.unwrap_err();
        s3.get_bucket_abac().bucket("export").send().await.unwrap_err();
        s3.delete_bucket().bucket("export").send().await.unwrap_err();
        sqs.send_message().queue_url(queue.url()).message_body("").send().await.unwrap_err();
        sqs.delete_message().queue_url(queue.url()).receipt_handle("no").send().await.unwrap_err();
        lambda.invoke().function_name("absent").send().await.unwrap_err();
        lambda.delete_function_url_config().function_name("absent").send().await.unwrap_err();
        bucket.try_put(&"k".repeat(1025), "v").unwrap_err();
        queue.try_send("").unwrap_err();
        let starts = [
            "s3 GetObject s3://export/absent → 404 NoSuchKey: The specified key does not exist.",
            "s3 HeadObject s3://export/absent → 404 NoSuchKey: ",
            "s3 GetObject s3://private/absent → 403 AccessDenied: Access Denied",
            "s3 PutObject s3://export/k → 412 PreconditionFailed: At least one of",
            "s3 GetBucketAbac s3://export → 501 NotImplemented: GetBucketAbac is not implemented",
            "s3 DeleteBucket s3://export → 409 BucketNotEmpty: ",
            "sqs SendMessage alarms → 400 MissingParameter: The request must contain the parameter MessageBody.",
            "sqs DeleteMessage alarms → 400 ReceiptHandleIsInvalid: ",
            "lambda Invoke absent (RequestResponse) → 404 ResourceNotFoundException: Function not found: ",
            "lambda DeleteFunctionUrlConfig /2021-10-31/functions/absent/url → 400 NotImplemented: ",
            "put s3://export/kkk",
            "message to alarms → 400 MissingParameter: ",
        ];
        let lines = refused(cloud);
        assert_eq!(lines.len(), starts.len(), "{}", cloud.timeline());
        lines.iter().zip(starts).for_each(|(line, start)| assert!(line.starts_with(start), "{line}"));
    })
    .await;
}

/// The `Display` of an SDK's error is "service error".
#[tokio::test]
async fn a_function_that_fails_by_a_refused_request_is_reported_with_it() {
    let cloud = Cloud::start();
    cloud.bucket("export");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let reads = cloud.function("reads", move |key: String| {
        let s3 = s3.clone();
        async move { s3.get_object().bucket("export").key(key).send().await.map(drop) }
    });
    let fails = cloud.function("fails", async |_: Value| Err::<(), _>("of itself"));
    reads.invoke_later("absent");
    fails.invoke_later(1);
    let report = cloud.settle().await;
    let failures: Vec<_> =
        report.failures.iter().map(|failure| (failure.error.as_str(), failure.refused.as_deref())).collect();
    let reason = "s3 GetObject s3://export/absent → 404 NoSuchKey: The specified key does not exist.";
    assert_eq!(failures, [("service error", Some(reason)), ("of itself", None)]);
    let line = format!("reads failed (attempt 1): service error\n    its last refused request: {reason}\n");
    assert!(report.to_string().contains(&line), "{report}");
    assert_eq!(refused(&cloud), [reason]);
}

#[tokio::test]
async fn a_configuration_that_was_refused_does_not_stand_there_as_done() {
    let cloud = Cloud::start();
    let seen = cloud.function("seen", async |_: Value| Ok::<_, String>(()));
    let bucket = cloud.bucket("export");
    bucket.notify(&seen, on(ObjectCreated));
    bucket.try_notify(&seen, on(ObjectCreated).prefix("a/")).unwrap_err();
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let absent = LambdaFunctionConfiguration::builder()
        .lambda_function_arn("arn:aws:lambda:us-east-1:111111111111:function:absent")
        .events(Event::S3ObjectCreated)
        .build();
    let configuration = NotificationConfiguration::builder().lambda_function_configurations(absent.unwrap()).build();
    let put = s3.put_bucket_notification_configuration().bucket("export").notification_configuration(configuration);
    put.send().await.unwrap_err();
    let lines = refused(&cloud);
    assert_eq!(lines.len(), 2, "{}", cloud.timeline());
    assert!(lines[0].starts_with("configure s3://export to notify seen → 400 InvalidArgument: "), "{}", lines[0]);
    let start = "s3 PutBucketNotificationConfiguration s3://export → 400 InvalidArgument: ";
    assert!(lines[1].starts_with(start), "{}", lines[1]);
    bucket.put("a/b", "");
    cloud.settle().await.assert_ok();
    assert_eq!(seen.events().len(), 1, "the first configuration is in force");
}
