//! Every operation of S3, SQS and Lambda that is not supported is refused by its name, and changes nothing.

use std::collections::BTreeSet;

use crate::common;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use common::signed::{Answer, Raw};
use common::{both_ways, refusal};
use lambda_testkit::Function;
use lambda_testkit::prelude::*;
use serde_json::{Value, json};

/// All operations of the API models of the SDK for Rust (S3 1.157, SQS 1.119, Lambda 1.156): the service, whether it is
/// supported (`+`), the name, the method, and a target with all that its model requires there.
const OPERATIONS: &str = include_str!("operations.txt");

struct Operation {
    service: &'static str,
    supported: bool,
    name: &'static str,
    method: &'static str,
    target: &'static str,
}

fn operations() -> Vec<Operation> {
    let operation = |line: &'static str| {
        let fields: Vec<&str> = line.split(' ').collect();
        let [service, mark, name, method, target] = fields[..] else { panic!("{line}") };
        Operation { service, supported: mark == "+", name, method, target }
    };
    OPERATIONS.lines().map(operation).collect()
}

/// A cloud in which whatever runs in place of another operation changes something.
fn furnished() -> (Cloud, Function) {
    let cloud = Cloud::start();
    cloud.bucket("export").put("k", "kept");
    cloud.bucket("empty");
    cloud.queue("alarms").send("kept");
    let function = cloud.function("echo", async |event: Value| Ok::<_, String>(event));
    (cloud, function)
}

/// What can be seen: the state, and the settings that it leaves out.
async fn look(cloud: &Cloud) -> (lambda_testkit::CloudState, Vec<String>) {
    let mut settings = Vec::new();
    for target in ["?versioning=", "?notification=", "/k?tagging=", "?uploads=", "?versions="] {
        let target = format!("/export{target}");
        let answer = Raw::new("s3", "GET", &target).signed(cloud).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        settings.push(answer.body);
    }
    let url = cloud.queue("alarms").url();
    for operation in ["GetQueueAttributes", "ListQueueTags"] {
        let body = json!({ "QueueUrl": url, "AttributeNames": ["All"] }).to_string();
        settings.push(Raw::sqs(operation).body(body).signed(cloud).await.body);
    }
    // Request ids differ.
    settings.iter_mut().for_each(|text| *text = text.split("<RequestId>").next().unwrap().to_owned());
    (cloud.state(), settings)
}

/// The body that the operation with which this one could be taken for another would need.
fn body(operation: &Operation, cloud: &Cloud) -> Vec<u8> {
    match (operation.service, operation.method) {
        ("sqs", _) => {
            let arn = cloud.queue("alarms").arn().to_string();
            json!({
                "QueueUrl": cloud.queue("alarms").url(), "Label": "all", "AWSAccountIds": ["222222222222"], "Actions": ["*"],
                "SourceArn": arn, "TaskHandle": "handle", "MessageBody": "other", "QueueName": "other",
            })
            .to_string()
            .into_bytes()
        }
        ("lambda", "POST" | "PUT") => br#"{"FunctionName":"echo","Name":"live","FunctionVersion":"$LATEST"}"#.to_vec(),
        ("s3", "PUT") => b"other".to_vec(),
        ("s3", "POST") => b"<Delete><Object><Key>k</Key></Object></Delete>".to_vec(),
        _ => Vec::new(),
    }
}

async fn send(cloud: &Cloud, operation: &Operation, bucket: &str) -> Answer {
    let target = operation.target.replace("{bucket}", bucket);
    let request = match operation.service {
        "sqs" => Raw::sqs(operation.name),
        service => Raw::new(service, operation.method, &target),
    };
    // Headers that only the operation itself has must not hide its name.
    let request = match operation.name {
        "GetObjectAttributes" => request.header("x-amz-object-attributes", "ETag"),
        "RenameObject" => request.header("x-amz-rename-source", "/export/other"),
        "PutBucketAcl" | "PutObjectAcl" => {
            request.header("x-amz-acl", "public-read").header("x-amz-grant-read", "id=1")
        }
        "WriteGetObjectResponse" => request
            .header("x-amz-request-route", "io-1")
            .header("x-amz-request-token", "t")
            .header("x-amz-fwd-status", "200"),
        "CopyObject" | "UploadPartCopy" => request.header("x-amz-copy-source", "export/k"),
        "CreateSession" => request.header("x-amz-create-session-mode", "ReadOnly"),
        "PutObjectRetention" => request.header("x-amz-bypass-governance-retention", "true"),
        "PutObjectLockConfiguration" => request.header("x-amz-bucket-object-lock-token", "t"),
        "PutBucketLifecycleConfiguration" => request.header("x-amz-transition-default-minimum-object-size", "varies"),
        _ => request,
    };
    request.body(body(operation, cloud)).signed(cloud).await
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name_and_changes_nothing() {
    let (cloud, function) = furnished();
    let before = look(&cloud).await;
    let mut names = BTreeSet::new();
    for operation in operations().iter().filter(|operation| !operation.supported) {
        let Operation { service, name, .. } = operation;
        // What would have run may need a bucket with objects, one without any, or none.
        let buckets: &[&str] = if operation.target.contains("{bucket}") { &["export", "empty", "new"] } else { &[""] };
        for bucket in buckets {
            let answer = send(&cloud, operation, bucket).await;
            let expected = match *service {
                "s3" => "501 NotImplemented",
                _ => "400 NotImplemented",
            };
            assert_eq!(answer.refusal(), expected, "{name} {bucket}: {}", answer.body);
            assert!(answer.body.contains(name), "{name} {bucket}: {}", answer.body);
            assert_eq!(cloud.state(), before.0, "{name} {bucket}");
        }
        assert_eq!(look(&cloud).await, before, "{name}");
        let timeline = cloud.timeline().to_string();
        let line = timeline.lines().rev().find(|line| line.contains(&format!("{service} {name}")));
        assert!(line.is_some_and(|line| line.contains(" → ")), "{name}: {timeline}");
        names.insert((*service, *name));
    }
    assert_eq!(names.len(), 19 + 51);
    cloud.settle().await.assert_ok();
    assert!(function.events().is_empty());
    assert_eq!(cloud.state(), before.0);
}

/// The other half of the list: what it says to be supported is not refused for its name.
#[tokio::test]
async fn what_is_supported_is_not_refused_by_name() {
    for operation in operations().iter().filter(|operation| operation.supported) {
        let (cloud, _) = furnished();
        let answer = send(&cloud, operation, "export").await;
        for refusal in ["NotImplemented", "UnsupportedOperation", "InvalidAction", "UnknownOperation"] {
            assert!(!answer.refusal().contains(refusal), "{}: {}", operation.name, answer.body);
        }
    }
}

/// As clients of the SDK send them, with their own headers, hosts and signing names.
#[tokio::test]
async fn clients_are_told_what_is_not_supported() {
    both_ways(async |cloud, config| {
        cloud.bucket("export").put("k", "kept");
        cloud.function("echo", async |event: Value| Ok::<_, String>(event));
        let before = cloud.state();
        let s3 = aws_sdk_s3::Client::new(&config);
        let lambda = aws_sdk_lambda::Client::new(&config);
        let check = |name: &str, (refused, message): (String, String)| {
            assert!(refused.ends_with("NotImplemented"), "{name}: {refused}");
            assert!(message.contains(name), "{name}: {message}");
        };
        check("GetObjectTorrent", said(s3.get_object_torrent().bucket("export").key("k").send().await));
        check(
            "RenameObject",
            said(s3.rename_object().bucket("export").key("k").rename_source("/export/k").send().await),
        );
        check("GetBucketAbac", said(s3.get_bucket_abac().bucket("export").send().await));
        let delete = s3.delete_bucket_metadata_configuration().bucket("export");
        check("DeleteBucketMetadataConfiguration", said(delete.send().await));
        check("DeleteFunctionUrlConfig", said(lambda.delete_function_url_config().function_name("echo").send().await));
        check(
            "InvokeAsync",
            said({
                #[expect(deprecated, reason = "it is an operation all the same")]
                let invoke = lambda.invoke_async().function_name("echo");
                invoke.invoke_args(aws_sdk_lambda::primitives::ByteStream::from_static(b"{}")).send().await
            }),
        );
        check(
            "GetLayerVersionByArn",
            said(lambda.get_layer_version_by_arn().arn("arn:aws:lambda:us-east-1:1:layer:a:1").send().await),
        );
        assert_eq!(cloud.state(), before);
    })
    .await;
}

type Refused<T, E> = Result<
    T,
    aws_smithy_runtime_api::client::result::SdkError<E, aws_smithy_runtime_api::client::orchestrator::HttpResponse>,
>;

/// Status and code, and the message.
#[track_caller]
fn said<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(result: Refused<T, E>) -> (String, String) {
    let text = match &result {
        Err(error) => error.message().unwrap_or_default().to_owned(),
        Ok(_) => String::new(),
    };
    (refusal(result), text)
}
