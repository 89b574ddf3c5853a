//! What is done with the keys of S3 events.

use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::Client;
use lambda_testkit::event::S3EventBridgeEvent;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};
use serde_json::json;

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::Error;

/// The handler of the first scenario of the article: it uses keys as they are in the event.
async fn copy_encoded(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.s3.object.key.ok_or("no key")?;
        let body = s3.get_object().bucket("inbox").key(&key).send().await?.body;
        s3.put_object().bucket("copies").key(&key).body(body.collect().await?.into_bytes().into()).send().await?;
    }
    Ok(())
}

async fn copy_decoded(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.s3.object.key.ok_or("no key")?.replace('+', " ");
        let key = percent_encoding::percent_decode_str(&key).decode_utf8()?;
        let body = s3.get_object().bucket("inbox").key(&*key).send().await?.body;
        s3.put_object().bucket("copies").key(&*key).body(body.collect().await?.into_bytes().into()).send().await?;
    }
    Ok(())
}

fn copies<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(S3Event, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("copies"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("copy", move |event: S3Event| handler(event, s3.clone()));
        inbox.notify(&function, on(ObjectCreated));
        inbox.put("a b.txt", "a");
        inbox.put("c.txt", "c");
    })
    .tried_with(trial, |state| assert_eq!(state.buckets["copies"].objects.len(), 2))
}

#[test]
fn keys_are_not_decoded() {
    Bug {
        name: "keys are not decoded",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html",
        finding: "a function fails",
        buggy: |trial| copies(trial, copy_encoded),
        fixed: |trial| copies(trial, copy_decoded),
    }
    .try_it();
}

/// As for notifications, whose keys are encoded; those on EventBridge are not.
async fn copy_decoded_once_more(event: S3EventBridgeEvent, s3: Client) -> Result<(), Error> {
    let key = event.detail.object.key.to_string().replace('+', " ");
    let key = percent_encoding::percent_decode_str(&key).decode_utf8()?;
    copy(&s3, &key).await
}

async fn copy_raw(event: S3EventBridgeEvent, s3: Client) -> Result<(), Error> {
    copy(&s3, event.detail.object.key.as_str()).await
}

async fn copy(s3: &Client, key: &str) -> Result<(), Error> {
    let body = s3.get_object().bucket("inbox").key(key).send().await?.body;
    s3.put_object().bucket("copies").key(key).body(body.collect().await?.into_bytes().into()).send().await?;
    Ok(())
}

fn copies_by_event_bridge<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(S3EventBridgeEvent, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("copies"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("copy", move |event: S3EventBridgeEvent| handler(event, s3.clone()));
        let created = json!({ "source": ["aws.s3"], "detail-type": ["Object Created"] });
        cloud.event_bus("default").rule("created", created).trigger(&function);
        inbox.notify_event_bridge();
        inbox.put("a+b.txt", "a");
        inbox.put("c.txt", "c");
    })
    .tried(trial)
}

#[test]
fn keys_of_event_bridge_are_decoded() {
    Bug {
        name: "keys of EventBridge are decoded",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html: there the key is not encoded",
        finding: "a function fails",
        buggy: |trial| copies_by_event_bridge(trial, copy_decoded_once_more),
        fixed: |trial| copies_by_event_bridge(trial, copy_raw),
    }
    .try_it();
}
