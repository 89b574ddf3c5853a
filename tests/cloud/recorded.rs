//! What the mocks deliver and answer has the shape of what AWS delivered and answered when it was recorded.
//!
//! The expected documents are written out by hand: literal where AWS's value is fixed, a pattern such as `<uuid>` where
//! it differs from run to run. Members are compared as a set, and nothing may be missing or too much.
use crate::common;

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, Tag, Tagging, VersioningConfiguration};
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName};
use common::{message, refusal};
use lambda_testkit::prelude::*;
use lambda_testkit::{Function, Queue};
use serde_json::{Value, json};

/// Compares an answer with a recording, in which a string in angle brackets stands for a value that is not fixed.
#[track_caller]
pub fn assert_shape(found: &Value, recorded: &Value) {
    if let Err(difference) = shape(found, recorded, "") {
        panic!("{difference}\nfound    {found}\nrecorded {recorded}");
    }
}

fn shape(found: &Value, recorded: &Value, at: &str) -> Result<(), String> {
    match (found, recorded) {
        (Value::Object(found), Value::Object(recorded)) => {
            let (mut ours, mut theirs): (Vec<_>, Vec<_>) = (found.keys().collect(), recorded.keys().collect());
            ours.sort();
            theirs.sort();
            if ours != theirs {
                return Err(format!("{at}: members {ours:?}, recorded {theirs:?}"));
            }
            recorded.iter().try_for_each(|(name, value)| shape(&found[name], value, &format!("{at}/{name}")))
        }
        (Value::Array(found), Value::Array(recorded)) if found.len() == recorded.len() => {
            let mut pairs = found.iter().zip(recorded).enumerate();
            pairs.try_for_each(|(index, (found, recorded))| shape(found, recorded, &format!("{at}/{index}")))
        }
        (Value::String(text), Value::String(pattern)) if pattern.starts_with('<') => {
            if fits(text, pattern) {
                Ok(())
            } else {
                Err(format!("{at}: {text:?} is no {pattern}"))
            }
        }
        _ if found == recorded => Ok(()),
        _ => Err(format!("{at}: {found}, recorded {recorded}")),
    }
}

fn fits(text: &str, pattern: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let upper_hex = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    match pattern {
        "<milliseconds>" => text.parse::<jiff::Timestamp>().is_ok() && text.len() == "2026-01-01T00:00:00.000Z".len(),
        "<seconds>" => text.parse::<jiff::Timestamp>().is_ok() && text.len() == "2026-01-01T00:00:00Z".len(),
        "<epoch>" => text.len() == 13 && digits(text),
        "<uuid>" => text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]),
        "<principal>" => text.len() > 8 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':'),
        "<ip>" => text.parse::<std::net::IpAddr>().is_ok(),
        "<sequencer>" => text.len().is_multiple_of(2) && !text.is_empty() && text.bytes().all(upper_hex),
        "<sequence>" => text.len() == 20 && digits(text),
        "<md5>" => text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "<text>" => !text.is_empty(),
        _ => panic!("the pattern {pattern} is not known"),
    }
}

/// The record of S3 for a name, version of the structure and object.
fn s3_record(name: &str, version: &str, object: Value) -> Value {
    json!({
        "eventVersion": version,
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "<milliseconds>",
        "eventName": name,
        "userIdentity": { "principalId": "<principal>" },
        "requestParameters": { "sourceIPAddress": "<ip>" },
        "responseElements": { "x-amz-request-id": "<text>", "x-amz-id-2": "<text>" },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "<text>",
            "bucket": {
                "name": "export",
                "ownerIdentity": { "principalId": "<principal>" },
                "arn": "arn:aws:s3:::export",
            },
            "object": object,
        },
    })
}

fn seen(cloud: &Cloud) -> Function {
    cloud.function("seen", async |_: Value| Ok::<_, String>(()))
}

/// The records in the messages of a queue, without the test event that comes first.
fn records(queue: &Queue) -> Vec<Value> {
    let bodies = queue.bodies();
    let documents = bodies.iter().map(|body| serde_json::from_str::<Value>(body).unwrap());
    documents.filter_map(|document| Some(document.get("Records")?.as_array()?.clone())).flatten().collect()
}

/// AWS's unified version, in which the recordings' members are the same: they were made at 2.1 and, for tags, 2.3.
fn version_of(event: &Value) -> &str {
    event["eventVersion"].as_str().unwrap()
}

#[track_caller]
fn assert_records(found: &[Value], recorded: &[(&str, Value)]) {
    assert_eq!(found.len(), recorded.len(), "{found:?}");
    for (found, (name, object)) in found.iter().zip(recorded) {
        let version = version_of(found).to_owned();
        assert!(version.starts_with("2."), "{version}");
        assert_shape(found, &s3_record(name, &version, object.clone()));
    }
}

#[tokio::test]
async fn s3_records_reach_a_function_and_a_queue_alike() {
    let cloud = Cloud::start();
    let (export, queue, function) = (cloud.bucket("export"), cloud.queue("changes"), seen(&cloud));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    export.notify(&queue, on(ObjectCreated).and(ObjectRemoved).and(ObjectTagging).prefix("q/"));
    export.notify(&function, on(ObjectCreated).and(ObjectRemoved).and(ObjectTagging).prefix("f/"));

    for folder in ["q", "f"] {
        let key = |name: &str| format!("{folder}/{name}");
        let body = || ByteStream::from_static(b"something");
        s3.put_object().bucket("export").key(key("a@b")).body(body()).send().await.unwrap();
        let source = format!("export/{folder}/a%40b");
        s3.copy_object().bucket("export").key(key("copy")).copy_source(source).send().await.unwrap();
        let tags = Tagging::builder().tag_set(Tag::builder().key("a").value("b").build().unwrap()).build().unwrap();
        s3.put_object_tagging().bucket("export").key(key("copy")).tagging(tags).send().await.unwrap();
        s3.delete_object_tagging().bucket("export").key(key("copy")).send().await.unwrap();
        s3.delete_object().bucket("export").key(key("copy")).send().await.unwrap();
        cloud.settle().await.assert_ok();
    }
    let e_tag = "437b930db84b8079c2dd804a71936b5f";
    let recorded = |folder: &str| {
        let written = |name: &str| {
            let key = format!("{folder}/{name}");
            json!({ "key": key, "size": 9, "eTag": e_tag, "sequencer": "<sequencer>" })
        };
        let key = format!("{folder}/copy");
        [
            ("ObjectCreated:Put", written("a%40b")),
            ("ObjectCreated:Copy", written("copy")),
            // Neither a size nor a sequencer.
            ("ObjectTagging:Put", json!({ "key": key, "eTag": e_tag })),
            ("ObjectTagging:Delete", json!({ "key": key, "eTag": e_tag })),
            ("ObjectRemoved:Delete", json!({ "key": key, "sequencer": "<sequencer>" })),
        ]
    };
    assert_records(&records(&queue), &recorded("q"));
    let events = function.events();
    assert!(events.iter().all(|event| event["Records"].as_array().unwrap().len() == 1), "one record an event");
    let delivered: Vec<Value> = events.iter().map(|event| event["Records"][0].clone()).collect();
    assert_records(&delivered, &recorded("f"));
}

#[tokio::test]
async fn a_multipart_upload_is_one_record_with_the_etag_of_the_whole() {
    let cloud = Cloud::start();
    let (export, queue) = (cloud.bucket("export"), cloud.queue("changes"));
    export.notify(&queue, on(ObjectCreated));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let upload = s3.create_multipart_upload().bucket("export").key("test-key").send().await.unwrap().upload_id.unwrap();
    let part = s3.upload_part().bucket("export").key("test-key").upload_id(&upload).part_number(1);
    let part = part.body(ByteStream::from(vec![b'a'; 6144])).send().await.unwrap();
    let part = aws_sdk_s3::types::CompletedPart::builder()
        .part_number(1)
        .set_e_tag(part.e_tag)
        .set_checksum_crc32(part.checksum_crc32);
    let parts = aws_sdk_s3::types::CompletedMultipartUpload::builder().parts(part.build()).build();
    let complete = s3.complete_multipart_upload().bucket("export").key("test-key").upload_id(upload);
    complete.multipart_upload(parts).send().await.unwrap();
    cloud.settle().await.assert_ok();
    let object = json!({ "key": "test-key", "size": 6144, "eTag": "<text>", "sequencer": "<sequencer>" });
    let found = records(&queue);
    assert_records(&found, &[("ObjectCreated:CompleteMultipartUpload", object)]);
    assert!(found[0]["s3"]["object"]["eTag"].as_str().unwrap().ends_with("-1"));
}

#[tokio::test]
async fn records_of_versions_name_them() {
    let cloud = Cloud::start();
    let (export, queue) = (cloud.bucket("export"), cloud.queue("changes"));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket("export").versioning_configuration(enabled).send().await.unwrap();
    export.notify(&queue, on(ObjectCreated).and(ObjectRemoved));
    let put =
        s3.put_object().bucket("export").key("test-key").body(ByteStream::from_static(b"data")).send().await.unwrap();
    s3.delete_object().bucket("export").key("test-key").send().await.unwrap();
    let version = put.version_id.unwrap();
    s3.delete_object().bucket("export").key("test-key").version_id(&version).send().await.unwrap();
    cloud.settle().await.assert_ok();
    assert_records(
        &records(&queue),
        &[
            (
                "ObjectCreated:Put",
                json!({
                    "key": "test-key",
                    "size": 4,
                    "eTag": "8d777f385d3dfec8815d20f7496026dc",
                    "versionId": version,
                    "sequencer": "<sequencer>",
                }),
            ),
            (
                "ObjectRemoved:DeleteMarkerCreated",
                json!({
                    "key": "test-key",
                    "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                    "versionId": "<text>",
                    "sequencer": "<sequencer>",
                }),
            ),
            ("ObjectRemoved:Delete", json!({ "key": "test-key", "versionId": version, "sequencer": "<sequencer>" })),
        ],
    );

    // With versioning suspended an object has no version.
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    s3.put_bucket_versioning().bucket("export").versioning_configuration(suspended).send().await.unwrap();
    export.put("test-key", "data");
    cloud.settle().await.assert_ok();
    let e_tag = "8d777f385d3dfec8815d20f7496026dc";
    let object = json!({ "key": "test-key", "size": 4, "eTag": e_tag, "sequencer": "<sequencer>" });
    assert_records(&records(&queue)[3..], &[("ObjectCreated:Put", object)]);
}

#[tokio::test]
async fn a_new_configuration_is_announced_to_its_queue() {
    let cloud = Cloud::start();
    let (export, queue) = (cloud.bucket("export"), cloud.queue("changes"));
    export.notify(&queue, on(ObjectCreated));
    cloud.settle().await.assert_ok();
    let body: Value = serde_json::from_str(&queue.bodies()[0]).unwrap();
    assert_shape(
        &body,
        &json!({
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": "<milliseconds>",
            "Bucket": "export",
            "RequestId": "<text>",
            "HostId": "<text>",
        }),
    );
}

/// What S3 answers to destinations that are not there, as the XML of its error.
#[tokio::test]
async fn destinations_that_are_not_there_are_named_in_the_error() {
    let cloud = Cloud::start();
    cloud.bucket("export");
    let configuration =
        |kind: &str, arns: &[&str]| {
            let (element, member) = if kind == "Queue" {
                ("QueueConfiguration", "Queue")
            } else {
                ("CloudFunctionConfiguration", "CloudFunction")
            };
            let rules: String = arns
            .iter()
            .enumerate()
            .map(|(n, arn)| format!(
                "<{element}><{member}>{arn}</{member}><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule>\
                 <Name>prefix</Name><Value>{n}/</Value></FilterRule></S3Key></Filter></{element}>"
            ))
            .collect();
            format!("<NotificationConfiguration>{rules}</NotificationConfiguration>")
        };
    let put = async |kind: &str, arns: &[&str]| {
        let put = common::signed::Raw::new("s3", "PUT", "/export?notification=").body(configuration(kind, arns));
        put.signed(&cloud).await.body
    };
    let element = |name: &str, value: &str| format!("<{name}>{value}</{name}>");
    let queue = "arn:aws:sqs:us-east-1:111111111111:my-queue";
    let other = "arn:aws:sqs:us-east-1:111111111111:my-queue-2";
    let function = "arn:aws:lambda:us-east-1:111111111111:function:my-lambda";

    for (kind, arns) in [
        ("Queue", &["invalid-queue"][..]),
        ("Queue", &["invalid-queue", "invalid-2"]),
        ("CloudFunction", &["invalid-queue"]),
    ] {
        let body = put(kind, arns).await;
        for part in [
            element("Code", "InvalidArgument"),
            element("Message", "The ARN could not be parsed"),
            element("ArgumentName", kind),
            element("ArgumentValue", "invalid-queue"),
        ] {
            assert!(body.contains(&part), "{part} is not in {body}");
        }
    }
    let missing = "The destination queue does not exist";
    let body = put("Queue", &[queue, other]).await;
    for part in [
        element("Message", "Unable to validate the following destination configurations"),
        element("ArgumentName1", queue),
        element("ArgumentValue1", missing),
        element("ArgumentName2", other),
        element("ArgumentValue2", missing),
    ] {
        assert!(body.contains(&part), "{part} is not in {body}");
    }
    let body = put("CloudFunction", &[function]).await;
    for part in [
        element("ArgumentName1", &format!("{function}, null")),
        element("ArgumentValue1", &format!("Not authorized to invoke function [{function}]")),
    ] {
        assert!(body.contains(&part), "{part} is not in {body}");
    }
}

#[tokio::test]
async fn a_plain_message_has_no_digest_of_attributes() {
    let cloud = Cloud::start();
    let (queue, function) = (cloud.queue("alarms"), seen(&cloud));
    queue.trigger(&function, batch(1));
    let id = queue.send("{\"fail_attempts\": 2}");
    cloud.settle().await.assert_ok();
    let record = json!({
        "messageId": id,
        "receiptHandle": "<text>",
        "body": "{\"fail_attempts\": 2}",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "<epoch>",
            "SenderId": "<principal>",
            "ApproximateFirstReceiveTimestamp": "<epoch>",
        },
        "messageAttributes": {},
        "md5OfBody": "<md5>",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:111111111111:alarms",
        "awsRegion": "us-east-1",
    });
    // Recorded both ways: absent without a batching window, null with one.
    let mut event = function.events().remove(0);
    let members = event["Records"][0].as_object_mut().unwrap();
    assert!(members.remove("md5OfMessageAttributes").is_none_or(|digest| digest.is_null()));
    assert_shape(&event, &json!({ "Records": [record] }));
}

#[tokio::test]
async fn message_attributes_arrive_with_their_digest_and_empty_lists() {
    let cloud = Cloud::start();
    let (queue, function) = (cloud.queue("books"), seen(&cloud));
    queue.trigger(&function, batch(1));
    let attribute =
        |kind: &str, value: &str| MessageAttributeValue::builder().data_type(kind).string_value(value).build().unwrap();
    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let send = sqs.send_message().queue_url(queue.url()).message_body("b");
    let send = send.message_attributes("Title", attribute("String", "The Whistler"));
    let send = send.message_attributes("Author", attribute("String", "John Grisham"));
    send.message_attributes("WeeksOn", attribute("Number", "6")).send().await.unwrap();
    cloud.settle().await.assert_ok();

    let recorded = |kind: &str, value: &str| {
        let (no_strings, no_binaries) = (json!([]), json!([]));
        json!({
            "stringValue": value,
            "stringListValues": no_strings,
            "binaryListValues": no_binaries,
            "dataType": kind,
        })
    };
    let record = &function.events()[0]["Records"][0];
    assert_shape(
        &record["messageAttributes"],
        &json!({
            "WeeksOn": recorded("Number", "6"),
            "Author": recorded("String", "John Grisham"),
            "Title": recorded("String", "The Whistler"),
        }),
    );
    assert_eq!(record["md5OfMessageAttributes"], "d25a6aea97eb8f585bfa92d314504a92");
}

#[tokio::test]
async fn fifo_messages_arrive_with_group_sequence_and_deduplication_id() {
    let cloud = Cloud::start();
    let (queue, function) = (cloud.queue("orders.fifo"), seen(&cloud));
    queue.trigger(&function, batch(10));
    queue.send_fifo("group-1", "dedup-1", "a");
    queue.send_fifo("group-1", "dedup-2", "b");
    cloud.settle().await.assert_ok();
    let events = function.events();
    let records: Vec<&Value> = events.iter().flat_map(|event| event["Records"].as_array().unwrap()).collect();
    let attributes = |deduplication: &str| {
        json!({
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "<epoch>",
            "SequenceNumber": "<sequence>",
            "MessageGroupId": "group-1",
            "SenderId": "<principal>",
            "MessageDeduplicationId": deduplication,
            "ApproximateFirstReceiveTimestamp": "<epoch>",
        })
    };
    assert_eq!(records.len(), 2);
    for (record, (body, deduplication)) in records.iter().zip([("a", "dedup-1"), ("b", "dedup-2")]) {
        assert_eq!(record["body"], body);
        assert_shape(&record["attributes"], &attributes(deduplication));
    }
    assert!(records[0]["attributes"]["SequenceNumber"].as_str() < records[1]["attributes"]["SequenceNumber"].as_str());
}

#[tokio::test]
async fn a_scheduled_rule_sends_the_recorded_event() {
    let cloud = Cloud::start();
    let function = seen(&cloud);
    let every_minute = cloud.rule("every-minute", "rate(1 minute)").trigger(&function);
    cloud.advance(Duration::from_secs(120)).await.assert_ok();
    every_minute.stop();
    let events = function.events();
    assert!(events.len() >= 2, "{events:?}");
    for event in &events {
        assert_shape(
            event,
            &json!({
                "version": "0",
                "id": "<uuid>",
                "detail-type": "Scheduled Event",
                "source": "aws.events",
                "account": "111111111111",
                "time": "<seconds>",
                "region": "us-east-1",
                "resources": ["arn:aws:events:us-east-1:111111111111:rule/every-minute"],
                "detail": {},
            }),
        );
    }
    assert_ne!(events[0]["id"], events[1]["id"]);

    let custom = cloud.function("custom", async |_: Value| Ok::<_, String>(()));
    cloud
        .rule("custom", "rate(1 minute)")
        .input(json!({ "custom-value": "somecustominput" }))
        .trigger(&custom)
        .fire_now();
    cloud.settle().await.assert_ok();
    assert_eq!(custom.events().last(), Some(&json!({ "custom-value": "somecustominput" })));
}

#[tokio::test]
async fn an_event_that_was_given_up_reaches_the_dead_letter_queue_as_recorded() {
    let cloud = Cloud::start();
    let dead = cloud.queue("dead");
    let fails = async |_: Value| Err::<(), _>("Test exception (this is intentional)".to_owned());
    let function = cloud.function("fails", fails).dead_letter(&dead);
    let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
    let invoke = lambda.invoke().function_name("fails").invocation_type("Event".into());
    let payload = aws_sdk_lambda::primitives::Blob::new("{\"raise_error\": 1}");
    let invoked = invoke.payload(payload).send().await.unwrap();
    let report = cloud.drain().await;
    assert_eq!((report.failures.len(), function.events().len()), (3, 3));

    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let receive = sqs.receive_message().queue_url(dead.url()).message_attribute_names("All");
    let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All).send().await.unwrap();
    let [letter] = receive.messages() else { panic!("{receive:?}") };
    // The digest of the very bytes that were sent, as recorded.
    assert_eq!(
        (letter.body(), letter.md5_of_body()),
        (Some("{\"raise_error\": 1}"), Some("ba08269cbd0ce515889bfba6593731e1"))
    );
    let mut attributes: Vec<_> = letter.message_attributes().unwrap().iter().collect();
    attributes.sort_by_key(|(name, _)| *name);
    let attributes: Vec<_> = attributes
        .iter()
        .map(|(name, value)| (name.as_str(), value.data_type(), value.string_value().unwrap()))
        .collect();
    let request_id = aws_sdk_lambda::operation::RequestId::request_id(&invoked).unwrap();
    assert_eq!(
        attributes,
        [
            ("ErrorCode", "Number", "200"),
            ("ErrorMessage", "String", "Test exception (this is intentional)"),
            ("RequestID", "String", request_id),
        ]
    );
    assert!(letter.md5_of_message_attributes().is_some());
}

#[tokio::test]
async fn sqs_words_its_refusals_as_recorded() {
    let cloud = Cloud::start();
    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let (url, fifo) = (cloud.queue("alarms").url(), cloud.queue("orders.fifo").url());
    let send = || sqs.send_message().queue_url(&url).message_body("x");
    let ordered = || sqs.send_message().queue_url(&fifo).message_body("x").message_group_id("g");
    let text = |value: &str| MessageAttributeValue::builder().data_type("String").string_value(value).build().unwrap();
    let receive = |wait| sqs.receive_message().queue_url(&url).wait_time_seconds(wait).send();
    let wait = |value: i32| {
        format!("Value {value} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.")
    };
    let no_id =
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
    let not_for_type = "Value 2 for parameter DelaySeconds is invalid. \
                        Reason: The request include parameter that is not valid for this queue type.";
    let too_long = "a".repeat(129);
    let bad_id = |kind: &str, value: &str| {
        format!(
            "Value {value} for parameter {kind} is invalid. \
             Reason: {kind} can only include alphanumeric and punctuation characters. 1 to 128 in length."
        )
    };

    assert_eq!(message(receive(21).await), wait(21));
    assert_eq!(message(receive(-1).await), wait(-1));
    assert_eq!(refusal(receive(21).await), "400 InvalidParameterValue");
    let empty = send().message_attributes("ErrorDetails", text("")).send().await;
    assert_eq!(
        message(empty),
        "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'."
    );
    assert_eq!(message(ordered().send().await), no_id);
    assert_eq!(message(ordered().message_deduplication_id("d").delay_seconds(2).send().await), not_for_type);
    assert_eq!(message(ordered().message_deduplication_id("").send().await), bad_id("MessageDeduplicationId", ""));
    let long = ordered().message_deduplication_id(&too_long).send().await;
    assert_eq!(message(long), bad_id("MessageDeduplicationId", &too_long));
    assert_eq!(message(send().message_group_id("").send().await), bad_id("MessageGroupId", ""));
    let no_group = sqs.send_message().queue_url(&fifo).message_body("x").message_deduplication_id("d").send().await;
    assert_eq!(message(no_group), "The request must contain the parameter MessageGroupId.");
    let nowhere = sqs.get_queue_url().queue_name("nowhere").send().await;
    assert_eq!(message(nowhere), "The specified queue does not exist.");
    assert!(cloud.queue("alarms").messages().is_empty() && cloud.queue("orders.fifo").messages().is_empty());
}

#[tokio::test]
async fn lambda_answers_as_recorded() {
    let cloud = Cloud::start();
    cloud.function("silent", async |_: Value| Ok::<_, String>(()));
    let invoke = |kind: &'static str| {
        let raw = common::signed::Raw::new("lambda", "POST", "/2015-03-31/functions/silent/invocations");
        raw.header("x-amz-invocation-type", kind)
    };
    let waited = invoke("RequestResponse").signed(&cloud).await;
    assert_eq!(
        (waited.status, waited.body.as_str(), waited.header("x-amz-executed-version")),
        (200, "null", "$LATEST")
    );
    let queued = invoke("Event").signed(&cloud).await;
    assert_eq!((queued.status, queued.body.as_str(), queued.header("x-amz-executed-version")), (202, "", ""));

    let missing = common::signed::Raw::new("lambda", "POST", "/2015-03-31/functions/doesnotexist/invocations");
    let missing = missing.signed(&cloud).await;
    assert_eq!(missing.status, 404);
    let body: Value = serde_json::from_str(&missing.body).unwrap();
    let message = "Function not found: arn:aws:lambda:us-east-1:111111111111:function:doesnotexist:$LATEST";
    assert_eq!(body, json!({ "Message": message, "Type": "User" }));
}
