//! How a function refuses a message, and how it does not.

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use lambda_testkit::prelude::*;
use lambda_testkit::{Clock, Explored, explore};
use serde::Serialize;
use serde_json::{Value, json};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, write};

#[derive(Clone)]
struct Means {
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    jobs: String,
    clock: Clock,
}

impl Means {
    async fn store(&self, message: &SqsMessage) -> Result<(), Error> {
        let body = message.body.clone().unwrap_or_default();
        write(&self.s3, "outbox", &body, body.clone()).await
    }

    async fn put_off(&self, message: &SqsMessage) -> Result<(), Error> {
        let change = self.sqs.change_message_visibility().queue_url(&self.jobs).visibility_timeout(60);
        change.set_receipt_handle(message.receipt_handle.clone()).send().await?;
        Ok(())
    }
}

fn jobs<F: Future<Output = Result<Value, Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Means) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("outbox");
        let jobs = cloud.queue("jobs").visibility_timeout(Duration::from_secs(180));
        let (config, clock) = (cloud.sdk_config(), cloud.clock());
        let (s3, sqs) = (aws_sdk_s3::Client::new(&config), aws_sdk_sqs::Client::new(&config));
        let means = Means { s3, sqs, jobs: jobs.url(), clock };
        let function = cloud.function("store", move |event: SqsEvent| handler(event, means.clone()));
        jobs.trigger(&function, batch(10).report_item_failures());
        jobs.send_all(["tea", "rum"]);
    })
    .tried(trial)
}

const ERRORS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html";

/// What is not reported as failed is deleted, whenever it would be visible again.
async fn put_off_only(event: SqsEvent, means: Means) -> Result<Value, Error> {
    for message in &event.records {
        if means.store(message).await.is_err() {
            means.put_off(message).await?;
        }
    }
    Ok(Value::Null)
}

async fn put_off_and_report(event: SqsEvent, means: Means) -> Result<Value, Error> {
    let mut failed = Vec::new();
    for message in &event.records {
        if means.store(message).await.is_err() {
            means.put_off(message).await?;
            failed.push(json!({ "itemIdentifier": message.message_id }));
        }
    }
    Ok(json!({ "batchItemFailures": failed }))
}

#[test]
fn a_changed_visibility_is_taken_for_a_refusal() {
    Bug {
        name: "a changed visibility is taken for a refusal",
        from: ERRORS,
        finding: "something is lost: s3://outbox/",
        buggy: |trial| jobs(trial, put_off_only),
        fixed: |trial| jobs(trial, put_off_and_report),
    }
    .try_it();
}

#[derive(Serialize)]
struct InRust {
    batch_item_failures: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    item_identifier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InJson {
    batch_item_failures: Vec<JsonItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonItem {
    item_identifier: Option<String>,
}

async fn failed(event: SqsEvent, means: &Means) -> Vec<Option<String>> {
    let mut failed = Vec::new();
    for message in event.records {
        if means.store(&message).await.is_err() {
            failed.push(message.message_id);
        }
    }
    failed
}

async fn answer_as_rust_spells(event: SqsEvent, means: Means) -> Result<Value, Error> {
    let items = failed(event, &means).await.into_iter().map(|item_identifier| Item { item_identifier });
    Ok(serde_json::to_value(InRust { batch_item_failures: items.collect() })?)
}

async fn answer_as_aws_spells(event: SqsEvent, means: Means) -> Result<Value, Error> {
    let items = failed(event, &means).await.into_iter().map(|item_identifier| JsonItem { item_identifier });
    Ok(serde_json::to_value(InJson { batch_item_failures: items.collect() })?)
}

#[test]
fn the_answer_is_spelt_in_snake_case() {
    Bug {
        name: "the answer about a batch is spelt in snake case",
        from: ERRORS,
        finding: "something is lost: s3://outbox/",
        buggy: |trial| jobs(trial, answer_as_rust_spells),
        fixed: |trial| jobs(trial, answer_as_aws_spells),
    }
    .try_it();
}

/// A time limit of the handler's own: what is dropped was not done.
async fn in_time(event: SqsEvent, means: Means, report: bool) -> Result<Value, Error> {
    let mut failed = Vec::new();
    for message in &event.records {
        let is_refused = tokio::select! {
            stored = means.store(message) => stored.is_err(),
            () = means.clock.sleep(Duration::from_secs(5)) => report,
        };
        if is_refused {
            failed.push(json!({ "itemIdentifier": message.message_id }));
        }
    }
    Ok(json!({ "batchItemFailures": failed }))
}

async fn in_time_or_not_at_all(event: SqsEvent, means: Means) -> Result<Value, Error> {
    in_time(event, means, false).await
}

async fn in_time_or_later(event: SqsEvent, means: Means) -> Result<Value, Error> {
    in_time(event, means, true).await
}

#[test]
fn a_time_limit_drops_the_work() {
    Bug {
        name: "a time limit drops the work in silence",
        from: "https://docs.rs/tokio/latest/tokio/macro.select.html: the other branches are dropped",
        finding: "something is lost: s3://outbox/",
        buggy: |trial| jobs(trial, in_time_or_not_at_all),
        fixed: |trial| jobs(trial, in_time_or_later),
    }
    .try_it();
}
