//! What the tests with real SDK clients share.

pub mod clock;
pub mod signed;
pub mod socket;

use std::fmt::Debug;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use lambda_testkit::Cloud;

pub use socket::over_socket;

/// Runs a test twice, each time in a cloud of its own: with clients that call in process, and over loopback HTTP.
pub async fn both_ways(test: impl AsyncFn(&Cloud, SdkConfig)) {
    let cloud = Cloud::start();
    test(&cloud, cloud.sdk_config()).await;
    let cloud = Cloud::start();
    test(&cloud, over_socket(&cloud, &cloud.sdk_config())).await;
}

/// The same configuration for another region.
pub fn in_region(config: &SdkConfig, region: &'static str) -> SdkConfig {
    config.to_builder().region(aws_types::region::Region::from_static(region)).build()
}

/// Lets S3 invoke a function of the account for a bucket, as AddPermission does it.
pub async fn let_s3_invoke(config: &SdkConfig, function: &str, bucket: &str) {
    let add = aws_sdk_lambda::Client::new(config).add_permission().function_name(function);
    let add = add.statement_id(format!("s3-{bucket}")).action("lambda:InvokeFunction").principal("s3.amazonaws.com");
    let add = add.source_arn(format!("arn:aws:s3:::{bucket}")).source_account("111111111111");
    add.send().await.unwrap();
}

/// Lets S3 send to a queue of the cloud's account for a bucket, as a client has to before it configures notifications.
pub async fn let_s3_send(config: &SdkConfig, queue: &str, bucket: &str) {
    let arn = format!("arn:aws:sqs:us-east-1:111111111111:{queue}");
    let policy = serde_json::json!({
        "Version": "2008-10-17",
        "Id": format!("{arn}/SQSDefaultPolicy"),
        "Statement": [{
            "Sid": format!("s3-{bucket}"),
            "Effect": "Allow",
            "Principal": { "Service": "s3.amazonaws.com" },
            "Action": "SQS:SendMessage",
            "Resource": arn,
            "Condition": {
                "ArnLike": { "aws:SourceArn": format!("arn:aws:s3:::{bucket}") },
                "StringEquals": { "aws:SourceAccount": "111111111111" },
            },
        }],
    });
    let set = aws_sdk_sqs::Client::new(config).set_queue_attributes().queue_url(queue);
    set.attributes(aws_sdk_sqs::types::QueueAttributeName::Policy, policy.to_string()).send().await.unwrap();
}

/// How a request was refused: HTTP status and AWS's error code, such as `404 NoSuchKey`.
#[track_caller]
pub fn refusal<T: Debug, E>(result: Result<T, SdkError<E, HttpResponse>>) -> String
where
    E: ProvideErrorMetadata + Debug,
{
    let error = result.expect_err("AWS would refuse this");
    let status = error.raw_response().unwrap_or_else(|| panic!("no answer at all: {error:?}")).status().as_u16();
    format!("{status} {}", error.code().unwrap_or("without a code"))
}

/// The message that came with an error.
#[track_caller]
pub fn message<T: Debug, E>(result: Result<T, SdkError<E, HttpResponse>>) -> String
where
    E: ProvideErrorMetadata + Debug,
{
    let error = result.expect_err("AWS would refuse this");
    error.message().unwrap_or_else(|| panic!("an error without a message: {error:?}")).to_owned()
}
