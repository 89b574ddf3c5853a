//! A job that moves dead letters back into the queue that they came from.

use std::time::Duration;

use aws_sdk_sqs::Client;
use lambda_testkit::prelude::Cloud;
use lambda_testkit::{Explored, explore};
use serde_json::Value;

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::Error;

#[derive(Clone)]
struct Queues {
    sqs: Client,
    dead: String,
    orders: String,
}

async fn move_all(queues: Queues, delete_first: bool) -> Result<(), Error> {
    let Queues { sqs, dead, orders } = queues;
    loop {
        let messages = sqs.receive_message().queue_url(&dead).max_number_of_messages(10).send().await?.messages;
        let Some(messages) = messages.filter(|messages| !messages.is_empty()) else { return Ok(()) };
        for message in messages {
            let (body, receipt) = (message.body.unwrap_or_default(), message.receipt_handle.unwrap_or_default());
            let delete = sqs.delete_message().queue_url(&dead).receipt_handle(receipt);
            let send = sqs.send_message().queue_url(&orders).message_body(body);
            if delete_first {
                delete.send().await?;
                send.send().await?;
            } else {
                send.send().await?;
                delete.send().await?;
            }
        }
    }
}

fn redriven(trial: &Trial, delete_first: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (dead, orders) = (cloud.queue("dead"), cloud.queue("orders"));
        let queues = Queues { sqs: Client::new(&cloud.sdk_config()), dead: dead.url(), orders: orders.url() };
        let redrive = cloud.function("redrive", move |_: Value| move_all(queues.clone(), delete_first));
        dead.send_all(["tea", "milk"]);
        cloud.rule("hourly", "rate(1 hour)").trigger(&redrive);
        let _ = cloud.advance(Duration::from_secs(3600)).await;
    })
    .tried(trial)
}

#[test]
fn a_redrive_loses_letters() {
    Bug {
        name: "a redrive deletes before it sends",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html",
        finding: "something is lost: queue orders",
        buggy: |trial| redriven(trial, true),
        fixed: |trial| redriven(trial, false),
    }
    .try_it();
}
