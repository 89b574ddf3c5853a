//! What an environment keeps, and who relies on it.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_testkit::prelude::{Cloud, ObjectCreated, S3Event, SqsEvent, batch, on};
use lambda_testkit::{EphemeralStorage, Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, read, write};

/// Three parts of one document; each event writes the document of those that are there.
fn parts<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(S3Event, Client, EphemeralStorage) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let (s3, tmp) = (Client::new(&cloud.sdk_config()), cloud.ephemeral_storage());
        let join = cloud.function("join", move |event: S3Event| handler(event, s3.clone(), tmp.clone()));
        inbox.notify(&join, on(ObjectCreated));
        inbox.put("part-1", "one");
        inbox.put("part-2", "two");
    })
    .tried(trial)
}

async fn join_in_tmp(event: S3Event, s3: Client, tmp: EphemeralStorage) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        fs::write(tmp.path().join(&key), read(&s3, "inbox", &key).await?)?;
        let names: Result<BTreeSet<_>, _> =
            fs::read_dir(tmp.path())?.map(|file| file.map(|file| file.path())).collect();
        let parts: Result<Vec<String>, _> = names?.into_iter().map(fs::read_to_string).collect();
        write(&s3, "outbox", "document", parts?.join("\n")).await?;
    }
    Ok(())
}

async fn join_in_s3(_: S3Event, s3: Client, _: EphemeralStorage) -> Result<(), Error> {
    let mut parts = Vec::new();
    let mut pages = s3.list_objects_v2().bucket("inbox").into_paginator().send();
    while let Some(page) = pages.next().await {
        for object in page?.contents() {
            let body = read(&s3, "inbox", object.key().unwrap_or_default()).await?;
            parts.push(String::from_utf8(body)?);
        }
    }
    write(&s3, "outbox", "document", parts.join("\n")).await
}

#[test]
fn tmp_is_relied_on() {
    Bug {
        name: "/tmp is relied on between invocations",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html",
        finding: "something else is there: s3://outbox/document",
        buggy: |trial| parts(trial, join_in_tmp),
        fixed: |trial| parts(trial, join_in_s3),
    }
    .try_it();
}

/// A program that has made something in `main`, which all events of an environment share.
fn labelled(trial: &Trial, begin_anew: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let config = cloud.sdk_config();
        let label = cloud.function_in("label", move || {
            let (s3, labels) = (Client::new(&config), Arc::new(Mutex::new(BTreeSet::<String>::new())));
            move |event: S3Event| {
                let (s3, labels) = (s3.clone(), Arc::clone(&labels));
                async move {
                    for record in event.records {
                        let key = record.key().to_string();
                        let body = String::from_utf8(read(&s3, "inbox", &key).await?)?;
                        let text = {
                            let mut labels = labels.lock().unwrap();
                            if begin_anew {
                                labels.clear();
                            }
                            labels.extend(body.split(' ').map(str::to_owned));
                            labels.iter().cloned().collect::<Vec<_>>().join("\n")
                        };
                        write(&s3, "outbox", &key, text).await?;
                    }
                    Ok::<_, Error>(())
                }
            }
        });
        inbox.notify(&label, on(ObjectCreated));
        inbox.put("a.txt", "red round");
        inbox.put("b.txt", "green square");
    })
    .tried(trial)
}

#[test]
fn globals_leak() {
    Bug {
        name: "globals leak from one invocation into the next",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html: no user data in the execution environment",
        finding: "something else is there: s3://outbox/b.txt",
        buggy: |trial| labelled(trial, false),
        fixed: |trial| labelled(trial, true),
    }
    .try_it();
}

/// A program whose events share a scratch buffer; each environment takes so many at once.
fn scratched(trial: &Trial, at_once: u32, own: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let config = cloud.sdk_config();
        let shout = cloud.function_in("shout", move || {
            let (s3, shared) = (Client::new(&config), Arc::new(Mutex::new(String::new())));
            move |event: S3Event| {
                let scratch = if own { Arc::default() } else { Arc::clone(&shared) };
                let s3 = s3.clone();
                async move {
                    for record in event.records {
                        let key = record.key().to_string();
                        scratch.lock().unwrap().clone_from(&key);
                        let text = String::from_utf8(read(&s3, "inbox", &key).await?)?;
                        let name = scratch.lock().unwrap().clone();
                        write(&s3, "outbox", &name, text.to_uppercase()).await?;
                    }
                    Ok::<_, Error>(())
                }
            }
        });
        shout.per_execution_environment_max_concurrency(at_once);
        inbox.notify(&shout, on(ObjectCreated));
        inbox.put("a.txt", "a");
        inbox.put("b.txt", "b");
    })
    .tried(trial)
}

#[test]
fn events_share_a_buffer() {
    Bug {
        name: "events that are handled at once share a buffer",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-rust.html: state must be thread-safe",
        finding: "something else is there: s3://outbox/",
        buggy: |trial| scratched(trial, 2, false),
        fixed: |trial| scratched(trial, 2, true),
    }
    .try_it();
    // Where an environment takes one event at a time, the buffer is no bug.
    let alone = scratched(&Trial::default(), 1, false);
    assert!(alone.is_ok(), "{alone}");
}

/// A rate that changes between two orders. What fails for good comes back for ever, for the queue has no dead-letter queue.
fn rated(trial: &Trial, keep: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (settings, _) = (cloud.bucket("settings"), cloud.bucket("outbox"));
        let config = cloud.sdk_config();
        let price = cloud.function_in("price", move || {
            let (s3, kept) = (Client::new(&config), Arc::new(Mutex::new(None::<String>)));
            move |event: SqsEvent| {
                let (s3, kept) = (s3.clone(), Arc::clone(&kept));
                async move {
                    for message in event.records {
                        let known = kept.lock().unwrap().clone().filter(|_| keep);
                        let rate = match known {
                            Some(rate) => rate,
                            None => String::from_utf8(read(&s3, "settings", "rate").await?)?,
                        };
                        *kept.lock().unwrap() = Some(rate.clone());
                        write(&s3, "outbox", &message.body, rate).await?;
                    }
                    Ok::<_, Error>(())
                }
            }
        });
        let orders = cloud.queue("orders").visibility_timeout(Duration::from_secs(180));
        orders.trigger(&price, batch(1));
        settings.put("rate", "1");
        orders.send("tea");
        let _ = cloud.drain().await;
        settings.put("rate", "2");
        orders.send("milk");
    })
    .tried(trial)
}

#[test]
fn a_setting_is_kept_for_ever() {
    Bug {
        name: "a setting is read once and kept for ever",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: environments are reused for hours",
        finding: "something else is there: s3://outbox/milk",
        buggy: |trial| rated(trial, true),
        fixed: |trial| rated(trial, false),
    }
    .try_it();
}
