//! What several invocations have in common: objects, and environments.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, OBJECTS, inbox, is, read, read_if_any, write};

async fn size_of_event(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let size = record.s3.object.size.unwrap_or_default();
        write(&s3, "outbox", &record.key().to_string(), size.to_string()).await?;
    }
    Ok(())
}

async fn size_now(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let size = s3.head_object().bucket("inbox").key(&key).send().await?.content_length().unwrap_or_default();
        write(&s3, "outbox", &key, size.to_string()).await?;
    }
    Ok(())
}

#[test]
fn a_late_event_overwrites_newer_data() {
    const OBJECTS: &[(&str, &[u8])] = &[("a.txt", b"old"), ("a.txt", b"newer")];
    Bug {
        name: "a late event overwrites newer data",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: sequencer",
        finding: "something else is there",
        buggy: |trial| inbox(trial, size_of_event, OBJECTS),
        fixed: |trial| inbox(trial, size_now, OBJECTS),
    }
    .try_it();
}

/// The list with this key in it, in order and once.
fn with(list: &str, key: &str) -> String {
    let mut keys: Vec<&str> = list.lines().chain([key]).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.join("\n")
}

async fn add_to_list(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let list = read_if_any(&s3, "outbox", "list").await?.unwrap_or_default();
        write(&s3, "outbox", "list", with(&String::from_utf8(list)?, &record.key().to_string())).await?;
    }
    Ok(())
}

async fn add_if_unchanged(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let (list, tag) = match s3.get_object().bucket("outbox").key("list").send().await {
            Err(error) if is(&error, "NoSuchKey") => (Vec::new(), None),
            other => {
                let object = other?;
                let tag = object.e_tag().map(str::to_owned);
                (object.body.collect().await?.into_bytes().to_vec(), tag)
            }
        };
        let list = with(&String::from_utf8(list)?, &record.key().to_string());
        let put = s3.put_object().bucket("outbox").key("list").body(list.into_bytes().into());
        // Whoever comes second fails, and Lambda tries it again.
        match tag {
            Some(tag) => put.if_match(tag).send().await?,
            None => put.if_none_match("*").send().await?,
        };
    }
    Ok(())
}

#[test]
fn an_update_is_lost() {
    Bug {
        name: "an update is lost",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
        finding: "something else is there",
        buggy: |trial| inbox(trial, add_to_list, OBJECTS),
        fixed: |trial| inbox(trial, add_if_unchanged, OBJECTS),
    }
    .try_it();
}

/// A program whose `main` makes a buffer, which each event fills and flushes.
fn buffered(trial: &Trial, cleared_first: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let config = cloud.sdk_config();
        let function = cloud.function_in("lines", move || {
            let (s3, buffer) = (Client::new(&config), Arc::new(Mutex::new(Vec::<String>::new())));
            move |event: S3Event| {
                let (s3, buffer) = (s3.clone(), Arc::clone(&buffer));
                async move {
                    for record in event.records {
                        let key = record.key().to_string();
                        if cleared_first {
                            buffer.lock().unwrap().clear();
                        }
                        let body = String::from_utf8(read(&s3, "inbox", &key).await?)?;
                        buffer.lock().unwrap().extend(body.lines().map(str::to_uppercase));
                        let lines = buffer.lock().unwrap().join("\n");
                        write(&s3, "outbox", &key, lines).await?;
                        buffer.lock().unwrap().clear();
                    }
                    Ok::<_, Error>(())
                }
            }
        });
        inbox.notify(&function, on(ObjectCreated));
        inbox.put("a.txt", "a");
    })
    .tried(trial)
}

#[test]
fn a_buffer_is_not_reset_on_retry() {
    Bug {
        name: "a buffer is not reset on retry",
        from: "WASABI (SOSP'24): state not reset; https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
        finding: "something else is there",
        buggy: |trial| buffered(trial, false),
        fixed: |trial| buffered(trial, true),
    }
    .try_it();
}
