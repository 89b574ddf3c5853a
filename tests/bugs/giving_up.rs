//! Who has tried often enough.

use std::time::Duration;

use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::channel::Channel;
use crate::inbox::{Error, write};

#[derive(Clone)]
struct Means {
    s3: aws_sdk_s3::Client,
    channel: Channel,
}

/// What fails the third time is taken as done.
async fn store(event: SqsEvent, means: Means, tell: bool) -> Result<BatchResponse, Error> {
    let mut failed = Vec::new();
    for message in event.records {
        if write(&means.s3, "outbox", &message.body, "ordered").await.is_ok() {
            continue;
        }
        let is_last = message.attributes.approximate_receive_count >= 3;
        if is_last && (!tell || means.channel.post(&format!("{} is given up", message.body)).await.is_ok()) {
            continue;
        }
        failed.push(message.message_id);
    }
    Ok(BatchResponse::failures(failed))
}

async fn give_up(event: SqsEvent, means: Means) -> Result<BatchResponse, Error> {
    store(event, means, false).await
}

async fn give_up_and_say_so(event: SqsEvent, means: Means) -> Result<BatchResponse, Error> {
    store(event, means, true).await
}

fn orders<F: Future<Output = Result<BatchResponse, Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Means) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("outbox");
        let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
        let means = Means { s3, channel: Channel::of(cloud, "#orders") };
        let orders = cloud.queue("orders").visibility_timeout(Duration::from_secs(180));
        let function = cloud.function("store", move |event: SqsEvent| handler(event, means.clone()));
        orders.trigger(&function, batch(10).report_item_failures());
        orders.send_all(["tea", "milk"]);
    })
    .tried(trial)
}

#[test]
fn a_message_is_given_up_in_silence() {
    Bug {
        name: "a message is given up in silence after three receives",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: what was reported comes back",
        finding: "a failure that nobody is told of",
        buggy: |trial| orders(trial, give_up),
        fixed: |trial| orders(trial, give_up_and_say_so),
    }
    .try_it();
}
