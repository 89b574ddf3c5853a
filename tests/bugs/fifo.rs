//! Message groups: their order, and the ids by which a queue knows what it has had.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::Error;

async fn go_on_after_a_failure(event: SqsEvent, s3: aws_sdk_s3::Client) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let step = message.body.unwrap_or_default();
        if s3.put_object().bucket("steps").key(&step).send().await.is_err() {
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    Ok(response)
}

async fn stop_after_a_failure(event: SqsEvent, s3: aws_sdk_s3::Client) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    let mut failed = false;
    for message in event.records {
        let step = message.body.unwrap_or_default();
        failed = failed || s3.put_object().bucket("steps").key(&step).send().await.is_err();
        if failed {
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    Ok(response)
}

fn steps<F>(trial: &Trial, handler: fn(SqsEvent, aws_sdk_s3::Client) -> F) -> Explored
where
    F: Future<Output = Result<SqsBatchResponse, Error>> + Send + 'static,
{
    explore(async move |cloud: &Cloud| {
        cloud.bucket("steps");
        let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
        let steps = cloud.queue("steps.fifo");
        let function = cloud.function("step", move |event: SqsEvent| handler(event, s3.clone()));
        steps.trigger(&function, batch(10).report_item_failures());
        for step in ["open", "pay", "close"] {
            steps.send_fifo("order-1", step, step);
        }
    })
    .tried(trial)
}

#[test]
fn goes_on_after_a_failure() {
    Bug {
        name: "a FIFO batch goes on after a failure",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
        finding: "the order of a message group is not kept",
        buggy: |trial| steps(trial, go_on_after_a_failure),
        fixed: |trial| steps(trial, stop_after_a_failure),
    }
    .try_it();
}

/// Each order becomes a mail that another team's queue takes.
async fn mail_with_a_new_id(event: SqsEvent, sqs: aws_sdk_sqs::Client, mails: String) -> Result<(), Error> {
    for (number, message) in event.records.into_iter().enumerate() {
        let body = message.body.unwrap_or_default();
        let receipt = message.receipt_handle.unwrap_or_default();
        let id = format!("{}-{number}", &receipt[..receipt.len().min(32)]);
        let send = sqs.send_message().queue_url(&mails).message_group_id("mails").message_deduplication_id(id);
        send.message_body(body).send().await?;
    }
    Ok(())
}

async fn mail_with_the_messages_id(event: SqsEvent, sqs: aws_sdk_sqs::Client, mails: String) -> Result<(), Error> {
    for message in event.records {
        let (body, id) = (message.body.unwrap_or_default(), message.message_id.unwrap_or_default());
        let send = sqs.send_message().queue_url(&mails).message_group_id("mails").message_deduplication_id(id);
        send.message_body(body).send().await?;
    }
    Ok(())
}

async fn mail_to_a_standard_queue(event: SqsEvent, sqs: aws_sdk_sqs::Client, _: String) -> Result<(), Error> {
    let mails = sqs.get_queue_url().queue_name("mails").send().await?.queue_url.ok_or("no such queue")?;
    for message in event.records {
        sqs.send_message().queue_url(&mails).message_body(message.body.unwrap_or_default()).send().await?;
    }
    Ok(())
}

fn mails<F>(trial: &Trial, handler: fn(SqsEvent, aws_sdk_sqs::Client, String) -> F) -> Explored
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    explore(async move |cloud: &Cloud| {
        let (orders, mails, _) = (cloud.queue("orders"), cloud.queue("mails.fifo").url(), cloud.queue("mails"));
        let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
        let function = cloud.function("mail", move |event: SqsEvent| handler(event, sqs.clone(), mails.clone()));
        orders.trigger(&function, batch(10));
        orders.send("tea for two");
        orders.send("milk");
    })
    .tried(trial)
}

#[test]
fn deduplication_id_is_new_for_each_attempt() {
    Bug {
        name: "the deduplication id is another one for each attempt",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html",
        finding: "not idempotent",
        buggy: |trial| mails(trial, mail_with_a_new_id),
        fixed: |trial| mails(trial, mail_with_the_messages_id),
    }
    .try_it();
}

#[test]
fn duplicates_are_sent_on() {
    Bug {
        name: "what comes twice is sent on twice",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html",
        finding: "not idempotent",
        buggy: |trial| mails(trial, mail_to_a_standard_queue),
        fixed: |trial| mails(trial, mail_with_the_messages_id),
    }
    .try_it();
}
