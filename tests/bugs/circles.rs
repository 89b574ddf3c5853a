//! Functions that send to the queue that they are triggered by.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_testkit::prelude::{Cloud, batch};
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, write};

/// What the handlers are given.
#[derive(Clone)]
struct Means {
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    /// Where they send to.
    queue: String,
}

async fn forward(event: SqsEvent, means: Means) -> Result<SqsBatchResponse, Error> {
    for message in event.records {
        let id = message.message_id.unwrap_or_default();
        let send = means.sqs.send_message().queue_url(&means.queue).message_body(message.body.unwrap_or_default());
        let send = send.message_group_id("all").message_deduplication_id(id);
        send.send().await?;
    }
    Ok(SqsBatchResponse::default())
}

fn forwarded(trial: &Trial, to: &'static str) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (orders, config) = (cloud.queue("orders.fifo"), cloud.sdk_config());
        let queue = cloud.queue(to).url();
        let means = Means { s3: aws_sdk_s3::Client::new(&config), sqs: aws_sdk_sqs::Client::new(&config), queue };
        let function = cloud.function("forward", move |event: SqsEvent| forward(event, means.clone()));
        orders.trigger(&function, batch(1));
        orders.send_fifo("all", "1", "tea");
    })
    .tried(trial)
}

#[test]
fn it_sends_to_its_own_queue() {
    Bug {
        name: "it sends to its own queue",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html: SQS and Lambda",
        finding: "does not end",
        buggy: |trial| forwarded(trial, "orders.fifo"),
        fixed: |trial| forwarded(trial, "shipping.fifo"),
    }
    .try_it();
}

/// What cannot be stored now is put at the end of the queue, and taken from its beginning.
async fn store_or_send_again(event: SqsEvent, means: Means) -> Result<SqsBatchResponse, Error> {
    for message in event.records {
        let order = message.body.unwrap_or_default();
        if write(&means.s3, "orders", &order, order.clone()).await.is_err() {
            means.sqs.send_message().queue_url(&means.queue).message_body(order).delay_seconds(60).send().await?;
        }
    }
    Ok(SqsBatchResponse::default())
}

async fn store_or_give_back(event: SqsEvent, means: Means) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let order = message.body.unwrap_or_default();
        if write(&means.s3, "orders", &order, order.clone()).await.is_err() {
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    Ok(response)
}

fn stored<F: Future<Output = Result<SqsBatchResponse, Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Means) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("orders");
        let (orders, config) = (cloud.queue("orders").dead_letter(&cloud.queue("dead"), 3), cloud.sdk_config());
        let (s3, sqs) = (aws_sdk_s3::Client::new(&config), aws_sdk_sqs::Client::new(&config));
        let means = Means { s3, sqs, queue: orders.url() };
        let function = cloud.function("store", move |event: SqsEvent| handler(event, means.clone()));
        orders.trigger(&function, batch(10).report_item_failures());
        orders.send("tea");
    })
    .tried(trial)
}

#[test]
fn it_sends_again_for_ever() {
    Bug {
        name: "what fails is sent again, and never given up",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html; Stoica et al. (WASABI), SOSP 2024: missing cap",
        finding: "the run does not end",
        buggy: |trial| stored(trial, store_or_send_again),
        fixed: |trial| stored(trial, store_or_give_back),
    }
    .try_it();
}
