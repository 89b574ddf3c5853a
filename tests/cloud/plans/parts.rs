//! What a service may do in part: pages, batches, receives; by handlers that are made for each environment, one of which
//! waits for the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};
use aws_types::SdkConfig;
use lambda_testkit::prelude::*;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// An object that comes into `inbox` has `moves` send what is in `stock` to `line`, take it from there, and have `ends`
/// delete it.
pub fn arrange(cloud: &Cloud) {
    let config = cloud.sdk_config();
    ["a", "b", "c"].iter().for_each(|key| cloud.bucket("stock").put(key, ""));
    let line = cloud.queue("line").url();
    let own = config.clone();
    cloud.function_in("ends", move || {
        let s3 = aws_sdk_s3::Client::new(&own);
        move |keys: Vec<String>| {
            let s3 = s3.clone();
            async move {
                let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(key).build());
                let delete = Delete::builder().set_objects(Some(objects.collect::<Result<_, _>>()?)).build()?;
                let deleted = s3.delete_objects().bucket("stock").delete(delete).send().await?;
                if deleted.errors().is_empty() { Ok(()) } else { Err::<(), Error>("some are left".into()) }
            }
        }
    });
    let moves = cloud.function_in("moves", move || {
        let (config, line, runs) = (config.clone(), line.clone(), Arc::new(AtomicU32::new(0)));
        move |_: S3Event| {
            let run = runs.fetch_add(1, Ordering::Relaxed);
            let (config, line) = (config.clone(), line.clone());
            async move { moves(&config, &line).await.map_err(|error| format!("run {run}: {error}")) }
        }
    });
    moves.dead_letter(&cloud.queue("dead")).concurrency(2);
    cloud.bucket("inbox").notify(&moves, on(ObjectCreated));
}

async fn moves(config: &SdkConfig, line: &str) -> Result<(), Error> {
    let (s3, sqs) = (aws_sdk_s3::Client::new(config), aws_sdk_sqs::Client::new(config));
    let mut pages = s3.list_objects_v2().bucket("stock").into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        keys.extend(page?.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
    }
    if keys.is_empty() {
        return Ok(());
    }
    let entry = |key: &String| SendMessageBatchRequestEntry::builder().id(key).message_body(key).build();
    let entries = keys.iter().map(entry).collect::<Result<_, _>>()?;
    let sent = sqs.send_message_batch().queue_url(line).set_entries(Some(entries)).send().await?;
    if !sent.failed().is_empty() {
        return Err("some were not sent".into());
    }
    loop {
        let received = sqs.receive_message().queue_url(line).max_number_of_messages(10).send().await?;
        let handles = received.messages().iter().filter_map(|message| message.receipt_handle()).enumerate();
        let entry = |(id, handle): (usize, &str)| {
            DeleteMessageBatchRequestEntry::builder().id(id.to_string()).receipt_handle(handle).build()
        };
        let entries: Vec<_> = handles.map(entry).collect::<Result<_, _>>()?;
        if entries.is_empty() {
            break;
        }
        sqs.delete_message_batch().queue_url(line).set_entries(Some(entries)).send().await?;
    }
    let payload = Blob::new(serde_json::to_vec(&keys)?);
    let ended = aws_sdk_lambda::Client::new(config).invoke().function_name("ends").payload(payload).send().await?;
    ended.function_error().map_or(Ok(()), |error| Err(error.into()))
}
