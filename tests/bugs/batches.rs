//! What a function answers about a batch from a queue.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, Queue, explore};
use serde::Deserialize;

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::Error;

#[derive(Deserialize)]
struct Order {
    id: String,
    item: String,
}

pub async fn store(s3: &Client, message: &SqsMessage) -> Result<(), Error> {
    let order: Order = serde_json::from_str(message.body.as_deref().ok_or("no body")?)?;
    s3.put_object().bucket("orders").key(&order.id).body(order.item.into_bytes().into()).send().await?;
    Ok(())
}

async fn store_or_fail_all(event: SqsEvent, s3: Client) -> Result<SqsBatchResponse, Error> {
    for message in &event.records {
        store(&s3, message).await?;
    }
    Ok(SqsBatchResponse::default())
}

async fn store_or_unwrap(event: SqsEvent, s3: Client) -> Result<SqsBatchResponse, Error> {
    for message in event.records {
        let order: Order = serde_json::from_str(&message.body.unwrap_or_default()).expect("orders are JSON");
        s3.put_object().bucket("orders").key(&order.id).body(order.item.into_bytes().into()).send().await?;
    }
    Ok(SqsBatchResponse::default())
}

async fn store_and_log(event: SqsEvent, s3: Client) -> Result<SqsBatchResponse, Error> {
    for message in &event.records {
        if let Err(error) = store(&s3, message).await {
            eprintln!("order is not stored: {error}");
        }
    }
    Ok(SqsBatchResponse::default())
}

/// Reports the messages that could not be stored, by what the handler takes for their ids.
async fn report_by(
    event: SqsEvent,
    s3: Client,
    id: fn(SqsMessage) -> Option<String>,
) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        if store(&s3, &message).await.is_err() {
            response.add_failure(id(message).unwrap_or_default());
        }
    }
    Ok(response)
}

async fn report_receipts(event: SqsEvent, s3: Client) -> Result<SqsBatchResponse, Error> {
    report_by(event, s3, |message| message.receipt_handle).await
}

async fn report_bodies(event: SqsEvent, s3: Client) -> Result<SqsBatchResponse, Error> {
    report_by(event, s3, |message| message.body).await
}

async fn report(event: SqsEvent, s3: Client) -> Result<SqsBatchResponse, Error> {
    report_by(event, s3, |message| message.message_id).await
}

/// A queue of orders that the handler stores, with a queue for those that it cannot store.
fn arrange<F>(cloud: &Cloud, handler: fn(SqsEvent, Client) -> F) -> Queue
where
    F: Future<Output = Result<SqsBatchResponse, Error>> + Send + 'static,
{
    cloud.bucket("orders");
    let s3 = Client::new(&cloud.sdk_config());
    let dead = cloud.queue("dead");
    let incoming = cloud.queue("incoming").dead_letter(&dead, 3);
    let function = cloud.function("store", move |event: SqsEvent| handler(event, s3.clone()));
    incoming.trigger(&function, batch(10).report_item_failures());
    incoming
}

/// Two orders, and between them one that is none.
fn orders<F>(trial: &Trial, handler: fn(SqsEvent, Client) -> F) -> Explored
where
    F: Future<Output = Result<SqsBatchResponse, Error>> + Send + 'static,
{
    explore(async move |cloud: &Cloud| {
        let incoming = arrange(cloud, handler);
        incoming.send_all([r#"{"id":"1","item":"tea"}"#, "not an order", r#"{"id":"2","item":"milk"}"#]);
    })
    .tried_with(trial, |state| {
        let dead = state.queues.values().find(|queue| queue.name == "dead").expect("it is there");
        assert_eq!(dead.messages.iter().map(|message| &*message.body).collect::<Vec<_>>(), ["not an order"]);
    })
}

/// Two orders.
pub fn good_orders<F>(trial: &Trial, handler: fn(SqsEvent, Client) -> F) -> Explored
where
    F: Future<Output = Result<SqsBatchResponse, Error>> + Send + 'static,
{
    explore(async move |cloud: &Cloud| {
        arrange(cloud, handler).send_all([r#"{"id":"1","item":"tea"}"#, r#"{"id":"2","item":"milk"}"#]);
    })
    .tried(trial)
}

const PAGE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html";

#[test]
fn whole_batch_fails_because_of_one_message() {
    Bug {
        name: "whole batch fails because of one message",
        from: PAGE,
        finding: "a function fails",
        buggy: |trial| orders(trial, store_or_fail_all),
        fixed: |trial| orders(trial, report),
    }
    .try_it();
}

#[test]
fn body_that_is_not_json_poisons_the_batch() {
    Bug {
        name: "a body that is not JSON poisons the batch",
        from: PAGE,
        finding: "a function fails",
        buggy: |trial| orders(trial, store_or_unwrap),
        fixed: |trial| orders(trial, report),
    }
    .try_it();
}

#[test]
fn receipt_handles_are_reported() {
    Bug {
        name: "receipt handles are reported in place of message ids",
        from: PAGE,
        finding: "the check failed",
        buggy: |trial| orders(trial, report_receipts),
        fixed: |trial| orders(trial, report),
    }
    .try_it();
}

#[test]
fn bodies_are_reported() {
    Bug {
        name: "bodies are reported in place of message ids",
        from: PAGE,
        finding: "the check failed",
        buggy: |trial| orders(trial, report_bodies),
        fixed: |trial| orders(trial, report),
    }
    .try_it();
}

/// Stops at the first failure, and forgets the messages behind it.
async fn report_one(event: SqsEvent, s3: Client) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        if store(&s3, &message).await.is_err() {
            response.add_failure(message.message_id.unwrap_or_default());
            break;
        }
    }
    Ok(response)
}

#[test]
fn a_batch_stops_at_a_failure() {
    Bug {
        name: "a batch stops at a failure and reports that one alone",
        from: PAGE,
        finding: "something is lost",
        buggy: |trial| good_orders(trial, report_one),
        fixed: |trial| good_orders(trial, report),
    }
    .try_it();
}

#[test]
fn partial_failure_is_a_success() {
    Bug {
        name: "an error is logged and nothing reported",
        from: "Yuan et al., Simple testing can prevent most critical failures, OSDI 2014: handlers that only log",
        finding: "something is lost",
        buggy: |trial| good_orders(trial, store_and_log),
        fixed: |trial| good_orders(trial, report),
    }
    .try_it();
}
