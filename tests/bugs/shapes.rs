//! What events look like, and what handlers expect of them.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};
use serde::Deserialize;
use serde_json::json;

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, copy, write};

async fn first_message(event: SqsEvent, s3: Client) -> Result<(), Error> {
    let body: serde_json::Value = serde_json::from_str(&event.records[0].body)?;
    if body["Event"] == "s3:TestEvent" { Ok(()) } else { copy(serde_json::from_value(body)?, s3).await }
}

async fn all_events(event: SqsEvent, s3: Client) -> Result<(), Error> {
    for record in event.records {
        copy(serde_json::from_str(&record.body)?, s3.clone()).await?;
    }
    Ok(())
}

async fn all_messages(event: SqsEvent, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let body: serde_json::Value = serde_json::from_str(&record.body)?;
        if body["Event"] != "s3:TestEvent" {
            copy(serde_json::from_value(body)?, s3.clone()).await?;
        }
    }
    Ok(())
}

fn via_sqs<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _, dead) = (cloud.bucket("inbox"), cloud.bucket("outbox"), cloud.queue("dead"));
        let events = cloud.queue("events").dead_letter(&dead, 5);
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("copy", move |event: SqsEvent| handler(event, s3.clone()));
        events.trigger(&function, batch(10));
        inbox.notify(&events, on(ObjectCreated));
        inbox.put("a.txt", "a");
        inbox.put("b.txt", "b");
    })
    .tried(trial)
}

#[test]
fn only_the_first_message_is_used() {
    Bug {
        name: "only the first message is used",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html: an event holds up to 10,000 messages",
        finding: "something is there that should not be: s3://outbox/",
        buggy: |trial| via_sqs(trial, first_message),
        fixed: |trial| via_sqs(trial, all_messages),
    }
    .try_it();
}

#[test]
fn a_test_event_is_no_event() {
    Bug {
        name: "s3:TestEvent is parsed as an event",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html",
        finding: "a function fails",
        buggy: |trial| via_sqs(trial, all_events),
        fixed: |trial| via_sqs(trial, all_messages),
    }
    .try_it();
}

#[derive(Deserialize)]
struct Records<T> {
    #[serde(rename = "Records")]
    records: Vec<Record<T>>,
}

#[derive(Deserialize)]
struct Record<T> {
    #[serde(rename = "eventName")]
    name: String,
    s3: Entity<T>,
}

#[derive(Deserialize)]
struct Entity<T> {
    object: T,
}

#[derive(Deserialize)]
struct Sized {
    key: String,
    size: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code)]
struct Strict {
    key: String,
    size: Option<u64>,
    e_tag: Option<String>,
}

#[derive(Deserialize)]
struct Lenient {
    key: String,
    size: Option<u64>,
}

trait Object {
    fn log(self) -> (String, u64);
}

impl Object for Sized {
    fn log(self) -> (String, u64) {
        (self.key, self.size)
    }
}

impl Object for Strict {
    fn log(self) -> (String, u64) {
        (self.key, self.size.unwrap_or_default())
    }
}

impl Object for Lenient {
    fn log(self) -> (String, u64) {
        (self.key, self.size.unwrap_or_default())
    }
}

async fn log_changes<T: Object>(event: Records<T>, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let (key, size) = record.s3.object.log();
        write(&s3, "outbox", &format!("{}/{key}", record.name), size.to_string()).await?;
    }
    Ok(())
}

fn changes<T: Object + for<'de> Deserialize<'de> + Send + 'static>(trial: &Trial) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("log", move |event: Records<T>| log_changes(event, s3.clone()));
        inbox.notify(&function, on(ObjectCreated).and(ObjectRemoved));
        inbox.put("a.txt", "a");
        inbox.delete("a.txt");
    })
    .tried(trial)
}

#[test]
fn a_deletion_has_no_size() {
    Bug {
        name: "a deletion has no size",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html",
        finding: "a function fails",
        buggy: changes::<Sized>,
        fixed: changes::<Lenient>,
    }
    .try_it();
}

#[test]
fn an_unknown_field_is_refused() {
    Bug {
        name: "an unknown field is refused",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: ignore what is new",
        finding: "a function fails",
        buggy: changes::<Strict>,
        fixed: changes::<Lenient>,
    }
    .try_it();
}

#[derive(Deserialize)]
struct Logs {
    logs: String,
}

#[derive(Deserialize)]
struct Log {
    log: String,
}

fn hourly<T: for<'de> Deserialize<'de> + Send + 'static>(trial: &Trial, prefix: fn(T) -> String) -> Explored {
    explore(async move |cloud: &Cloud| {
        let _ = cloud.bucket("outbox");
        let s3 = Client::new(&cloud.sdk_config());
        let check = cloud.function("check", move |input: T| {
            let s3 = s3.clone();
            async move { write(&s3, "outbox", &prefix(input), "checked").await }
        });
        cloud.rule("hourly", "rate(1 hour)").input(json!({ "log": "linux" })).trigger(&check);
        let _ = cloud.advance(std::time::Duration::from_secs(3600)).await;
    })
    .tried(trial)
}

#[test]
fn a_schedules_input_is_mistyped() {
    Bug {
        name: "a schedule's input is mistyped",
        from: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html: constant input is not checked",
        finding: "a function fails",
        buggy: |trial| hourly(trial, |input: Logs| input.logs),
        fixed: |trial| hourly(trial, |input: Log| input.log),
    }
    .try_it();
}
