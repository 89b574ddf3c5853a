//! What is assumed of standard queues: that messages come in their order, and once.

use std::collections::BTreeSet;

use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};
use serde::{Deserialize, Serialize};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, is, read_if_any, write};

/// A body is `order status`.
async fn keep_last(event: SqsEvent, s3: Client) -> Result<(), Error> {
    for message in event.records {
        let body = message.body.unwrap_or_default();
        let (order, status) = body.split_once(' ').ok_or("no status")?;
        write(&s3, "orders", order, status).await?;
    }
    Ok(())
}

fn statuses(trial: &Trial, queue: &'static str) -> Explored {
    explore(async move |cloud: &Cloud| {
        let _ = cloud.bucket("orders");
        let s3 = Client::new(&cloud.sdk_config());
        let queue = cloud.queue(queue);
        let function = cloud.function("status", move |event: SqsEvent| keep_last(event, s3.clone()));
        queue.trigger(&function, batch(1));
        for status in ["42 paid", "42 shipped"] {
            if queue.name().ends_with(".fifo") {
                queue.send_fifo("42", &status[3..], status);
            } else {
                queue.send(status);
            }
        }
    })
    .tried(trial)
}

#[test]
fn a_standard_queue_keeps_no_order() {
    Bug {
        name: "a standard queue keeps no order",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html",
        finding: "something else is there",
        buggy: |trial| statuses(trial, "status"),
        fixed: |trial| statuses(trial, "status.fifo"),
    }
    .try_it();
}

async fn count(event: SqsEvent, s3: Client) -> Result<(), Error> {
    for message in event.records {
        let page = message.body.unwrap_or_default();
        let visits = read_if_any(&s3, "visits", &page).await?.unwrap_or_else(|| b"0".to_vec());
        let visits: u32 = String::from_utf8(visits)?.parse()?;
        write(&s3, "visits", &page, (visits + 1).to_string()).await?;
    }
    Ok(())
}

#[derive(Default, Serialize, Deserialize)]
struct Visits {
    count: u32,
    /// The messages that were counted.
    counted: BTreeSet<String>,
}

async fn count_once(event: SqsEvent, s3: Client) -> Result<(), Error> {
    for message in event.records {
        let (page, id) = (message.body.unwrap_or_default(), message.message_id.unwrap_or_default());
        let (mut visits, tag) = match s3.get_object().bucket("visits").key(&page).send().await {
            Err(error) if is(&error, "NoSuchKey") => (Visits::default(), None),
            other => {
                let object = other?;
                let tag = object.e_tag().map(str::to_owned);
                (serde_json::from_slice(&object.body.collect().await?.into_bytes())?, tag)
            }
        };
        if !visits.counted.insert(id) {
            continue;
        }
        visits.count += 1;
        let put = s3.put_object().bucket("visits").key(&page).body(serde_json::to_vec(&visits)?.into());
        // Whoever comes second fails, and Lambda tries it again.
        match tag {
            Some(tag) => put.if_match(tag).send().await?,
            None => put.if_none_match("*").send().await?,
        };
    }
    Ok(())
}

fn visits<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let _ = cloud.bucket("visits");
        let s3 = Client::new(&cloud.sdk_config());
        let queue = cloud.queue("visits");
        let function = cloud.function("count", move |event: SqsEvent| handler(event, s3.clone()));
        queue.trigger(&function, batch(10));
        queue.send_all(["index.html", "about.html"]);
    })
    .tried(trial)
}

#[test]
fn a_counter_counts_redeliveries() {
    Bug {
        name: "a counter in an object counts redeliveries",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html",
        finding: "something else is there",
        buggy: |trial| visits(trial, count),
        fixed: |trial| visits(trial, count_once),
    }
    .try_it();
}

async fn keep_later(event: S3Event, s3: Client, later: fn(&str, &str) -> bool) -> Result<(), Error> {
    for record in event.records {
        let (key, object) = (record.key().to_string(), record.s3.object);
        let new = object.sequencer.ok_or("no sequencer")?.to_string();
        let text = format!("{new} {}", object.e_tag.unwrap_or_default());
        for _ in 0..5 {
            let (old, put) = match s3.get_object().bucket("outbox").key(&key).send().await {
                Err(error) if is(&error, "NoSuchKey") => (String::new(), s3.put_object().if_none_match("*")),
                other => {
                    let object = other?;
                    let put = s3.put_object().if_match(object.e_tag().unwrap_or_default());
                    (String::from_utf8(object.body.collect().await?.to_vec())?, put)
                }
            };
            if !later(&new, old.split(' ').next().unwrap_or_default()) {
                break;
            }
            match put.bucket("outbox").key(&key).body(text.clone().into_bytes().into()).send().await {
                Err(error) if is(&error, "PreconditionFailed") => continue,
                other => drop(other?),
            }
            break;
        }
    }
    Ok(())
}

fn tags(trial: &Trial, later: fn(&str, &str) -> bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("tag", move |event: S3Event| keep_later(event, s3.clone(), later));
        inbox.notify(&function, on(ObjectCreated));
        inbox.put("a.txt", "one");
        inbox.put("a.txt", "two");
    })
    .tried(trial)
}

/// A sequencer is hexadecimal: as a decimal number it is none.
fn by_number(new: &str, old: &str) -> bool {
    let number = |text: &str| text.parse::<u64>().unwrap_or_default();
    number(new) >= number(old)
}

fn by_text(new: &str, old: &str) -> bool {
    format!("{new:0<32}") > format!("{old:0<32}")
}

#[test]
fn a_sequencer_is_no_number() {
    Bug {
        name: "a sequencer is compared as a decimal number",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: sequencer",
        finding: "something else is there: s3://outbox/a.txt",
        buggy: |trial| tags(trial, by_number),
        fixed: |trial| tags(trial, by_text),
    }
    .try_it();
}
