//! Events have one source: what the mocks deliver validates against the same schemas as builders, fixtures and
//! generators, and reads back as the typed events.

use std::convert::Infallible;
use std::time::Duration;

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, Tag, Tagging};
use lambda_testkit::prelude::*;
use lambda_testkit::{Cloud, Function, ObjectEvents, event, schema};
use serde_json::Value;

/// A function that takes whatever it is given.
fn sink(cloud: &Cloud, name: &str) -> Function {
    cloud.function(name, |_: Value| async { Ok::<_, Infallible>(()) })
}

/// The names of the schemas of all events that the function got.
fn validated(function: &Function) -> Vec<&'static str> {
    function
        .events()
        .iter()
        .map(|event| schema::validate(event).unwrap_or_else(|error| panic!("{error}\n{event:#}")))
        .collect()
}

#[tokio::test]
async fn every_change_of_an_object_makes_a_valid_event() {
    let cloud = Cloud::start();
    let bucket = cloud.bucket("export");
    let function = sink(&cloud, "sink");
    let queue = cloud.queue("events");
    bucket.notify(&function, on(ObjectCreated).and(ObjectRemoved).and(ObjectTagging));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());

    let key = "a b/ü+%2F..\u{301}😀";
    bucket.put(key, "");
    let source = "export/a%20b/%C3%BC%2B%252F..%CC%81%F0%9F%98%80";
    s3.copy_object().bucket("export").key("copy").copy_source(source).send().await.unwrap();
    let tag = Tag::builder().key("k").value("v").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag).build().unwrap();
    s3.put_object_tagging().bucket("export").key("copy").tagging(tagging).send().await.unwrap();
    s3.delete_object_tagging().bucket("export").key("copy").send().await.unwrap();
    let upload = s3.create_multipart_upload().bucket("export").key("parts").send().await.unwrap();
    let id = upload.upload_id.unwrap();
    let part = s3.upload_part().bucket("export").key("parts").upload_id(&id).part_number(1);
    let part = part.body(b"part".to_vec().into()).send().await.unwrap();
    let part = CompletedPart::builder().part_number(1).e_tag(part.e_tag.unwrap()).build();
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    let complete = s3.complete_multipart_upload().bucket("export").key("parts").upload_id(&id);
    complete.multipart_upload(parts).send().await.unwrap();
    bucket.delete(key);
    cloud.settle().await.assert_ok();

    let expected = ["s3/put", "s3/copy", "s3/tagging-put", "s3/tagging-delete", "s3/multipart", "s3/delete"];
    assert_eq!(validated(&function), expected);
    let first: S3Event = serde_json::from_value(function.events()[0].clone()).unwrap();
    assert_eq!(first.records[0].key().as_str(), key);

    // A queue learns of its configuration by a test event, which is none of the records.
    let other = cloud.bucket("other");
    other.notify(&queue, on(ObjectEvents::Only(event::S3EventName::ObjectCreatedPut)));
    other.put("k", "v");
    cloud.settle().await.assert_ok();
    let bodies: Vec<Value> = queue.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(
        bodies.iter().map(|body| schema::validate(body).unwrap()).collect::<Vec<_>>(),
        ["s3/test-event", "s3/put"]
    );
}

#[tokio::test]
async fn messages_reach_a_function_as_valid_events() {
    let cloud = Cloud::start();
    let (standard, fifo) = (sink(&cloud, "standard"), sink(&cloud, "fifo"));
    cloud.queue("q").trigger(&standard, batch(10));
    cloud.queue("q.fifo").trigger(&fifo, batch(10));
    cloud.queue("q").send("{\"json\": \"in a string\"}\r\n\u{1F600}");
    cloud.queue("q.fifo").send_fifo("group", "id-1", "first");
    cloud.settle().await.assert_ok();
    assert_eq!(validated(&standard), ["sqs/standard"]);
    assert_eq!(validated(&fifo), ["sqs/fifo"]);
}

#[tokio::test]
async fn schedules_make_valid_events() {
    let cloud = Cloud::start();
    let (rule, schedule) = (sink(&cloud, "rule"), sink(&cloud, "schedule"));
    cloud.rule("every-minute", "rate(1 minute)").trigger(&rule);
    cloud.schedule("tokyo", "cron(0 9 * * ? *)").time_zone("Asia/Tokyo").trigger(&schedule);
    cloud.advance(Duration::from_secs(60)).await.assert_ok();
    assert_eq!(validated(&rule), ["scheduled/rule"]);
    cloud.advance(Duration::from_secs(86_400)).await.assert_ok();
    assert_eq!(validated(&schedule), ["scheduled/scheduler-default"]);
    let event: ScheduledEvent = serde_json::from_value(schedule.events()[0].clone()).unwrap();
    assert_eq!(event.time.timestamp().to_string(), "2026-01-02T00:00:00Z");
}
