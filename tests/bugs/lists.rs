//! Lists, batches and limits.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, read, write};

fn nightly<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("nightly", move |_: serde_json::Value| handler(s3.clone()));
        inbox.put("a.txt", "a");
        inbox.put("b.txt", "b");
        function.invoke_later(());
    })
    .tried(trial)
}

async fn list_page(s3: Client) -> Result<(), Error> {
    let page = s3.list_objects_v2().bucket("inbox").send().await?;
    let keys: Vec<&str> = page.contents().iter().filter_map(|object| object.key()).collect();
    write(&s3, "outbox", "report", keys.join("\n")).await
}

async fn list_all(s3: Client) -> Result<(), Error> {
    let mut pages = s3.list_objects_v2().bucket("inbox").into_paginator().send();
    let mut keys: Vec<String> = Vec::new();
    while let Some(page) = pages.next().await {
        keys.extend(page?.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
    }
    write(&s3, "outbox", "report", keys.join("\n")).await
}

#[test]
fn a_list_has_more_pages() {
    Bug {
        name: "a list has more pages",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html: IsTruncated",
        finding: "something else is there",
        buggy: |trial| nightly(trial, list_page),
        fixed: |trial| nightly(trial, list_all),
    }
    .try_it();
}

fn both() -> Result<Delete, Error> {
    let key = |key| ObjectIdentifier::builder().key(key).build();
    Ok(Delete::builder().objects(key("a.txt")?).objects(key("b.txt")?).build()?)
}

async fn delete_unseen(s3: Client) -> Result<(), Error> {
    s3.delete_objects().bucket("inbox").delete(both()?).send().await?;
    Ok(())
}

async fn delete_seen(s3: Client) -> Result<(), Error> {
    let deleted = s3.delete_objects().bucket("inbox").delete(both()?).send().await?;
    if deleted.errors().is_empty() { Ok(()) } else { Err(format!("not deleted: {:?}", deleted.errors()).into()) }
}

#[test]
fn an_entry_of_delete_objects_fails() {
    Bug {
        name: "an entry of DeleteObjects fails",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html: errors in an answer of status 200",
        finding: "something is there that should not be",
        buggy: |trial| nightly(trial, delete_unseen),
        fixed: |trial| nightly(trial, delete_seen),
    }
    .try_it();
}

fn forwarded(trial: &Trial, whole: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, jobs) = (cloud.bucket("inbox"), cloud.queue("jobs"));
        let (s3, sqs) = (Client::new(&cloud.sdk_config()), aws_sdk_sqs::Client::new(&cloud.sdk_config()));
        let url = jobs.url();
        let function = cloud.function("forward", move |event: S3Event| {
            let (s3, sqs, url) = (s3.clone(), sqs.clone(), url.clone());
            async move {
                for record in event.records {
                    let key = record.key().to_string();
                    let body = if whole { String::from_utf8(read(&s3, "inbox", &key).await?)? } else { key };
                    sqs.send_message().queue_url(&url).message_body(body).send().await?;
                }
                Ok::<_, Error>(())
            }
        });
        inbox.notify(&function, on(ObjectCreated));
        inbox.put("a.txt", "x".repeat(10_000));
    })
    .at_least_once("queue jobs")
    .tried(trial)
}

#[test]
fn a_message_grows_with_an_object() {
    Bug {
        name: "a message grows with an object",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html",
        finding: "with small limits",
        buggy: |trial| forwarded(trial, true),
        fixed: |trial| forwarded(trial, false),
    }
    .try_it();
}
