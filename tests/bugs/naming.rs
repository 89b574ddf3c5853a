//! Objects that are named after what is another one at the next attempt.

use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_runtime::LambdaEvent;
use lambda_testkit::prelude::*;
use lambda_testkit::{Clock, Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, write};

async fn name_after_now(_: ScheduledEvent, s3: Client, clock: Clock) -> Result<(), Error> {
    write(&s3, "reports", &clock.now().to_string()[..16], "fine").await
}

async fn name_after_the_event(event: ScheduledEvent, s3: Client, _: Clock) -> Result<(), Error> {
    write(&s3, "reports", &event.time.timestamp().to_string()[..16], "fine").await
}

fn reports<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(ScheduledEvent, Client, Clock) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("reports");
        let (s3, clock) = (Client::new(&cloud.sdk_config()), cloud.clock());
        let report = cloud.function("report", move |event: ScheduledEvent| handler(event, s3.clone(), clock.clone()));
        cloud.rule("every-minute", "rate(1 minute)").trigger(&report);
        let _ = cloud.advance(Duration::from_secs(180)).await;
    })
    .tried(trial)
}

#[test]
fn a_report_is_named_after_now() {
    Bug {
        name: "a report is named after the time at which it is written",
        from: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html: time",
        finding: "something is lost: s3://reports/",
        buggy: |trial| reports(trial, name_after_now),
        fixed: |trial| reports(trial, name_after_the_event),
    }
    .try_it();
}

fn orders(trial: &Trial, by_request: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("orders");
        let s3 = Client::new(&cloud.sdk_config());
        let orders = cloud.queue("orders").visibility_timeout(Duration::from_secs(180));
        let store = cloud.function("store", move |event: LambdaEvent<SqsEvent>| {
            let s3 = s3.clone();
            async move {
                for message in event.payload.records {
                    let id = if by_request { &event.context.request_id } else { &message.message_id };
                    write(&s3, "orders", id, message.body.as_str()).await?;
                }
                Ok::<_, Error>(())
            }
        });
        orders.trigger(&store, batch(1));
        orders.send_all(["tea", "milk"]);
    })
    .tried(trial)
}

#[test]
fn an_order_is_named_after_the_request() {
    Bug {
        name: "what is stored is named after the request and not after the message",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html",
        finding: "not idempotent: s3://orders/",
        buggy: |trial| orders(trial, true),
        fixed: |trial| orders(trial, false),
    }
    .try_it();
}
