//! Functions that send messages to queues.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use lambda_runtime::{Error, LambdaEvent};
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};

const USERS: [&str; 3] = ["ann", "bob", "cy"];

async fn send_batch(sqs: &Client, queue: &str, users: &[&str], day: &str) -> Result<Vec<BatchResultErrorEntry>, Error> {
    let entry = |user: &&str| {
        let entry = SendMessageBatchRequestEntry::builder().id(*user).message_body(format!("remind {user}"));
        entry.message_group_id(*user).message_deduplication_id(format!("{user}-{day}")).build()
    };
    let entries = users.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    Ok(sqs.send_message_batch().queue_url(queue).set_entries(Some(entries)).send().await?.failed)
}

async fn send_all_unseen(event: LambdaEvent<EventBridgeEvent>, sqs: Client, queue: String) -> Result<(), Error> {
    let day = event.payload.time.map(|time| time.to_rfc3339()).ok_or("no time")?;
    send_batch(&sqs, &queue, &USERS, &day).await?;
    Ok(())
}

async fn send_all_seen(event: LambdaEvent<EventBridgeEvent>, sqs: Client, queue: String) -> Result<(), Error> {
    let day = event.payload.time.map(|time| time.to_rfc3339()).ok_or("no time")?;
    // What was sent is known by its deduplication id when the event comes again.
    match send_batch(&sqs, &queue, &USERS, &day).await?.as_slice() {
        [] => Ok(()),
        failed => Err(format!("{} were not sent: {failed:?}", failed.len()).into()),
    }
}

async fn send_one_by_one(event: LambdaEvent<EventBridgeEvent>, sqs: Client, queue: String) -> Result<(), Error> {
    println!("{:?}", event.payload.detail_type);
    let queue = queue.replace(".fifo", "");
    for user in USERS {
        sqs.send_message().queue_url(&queue).message_body(format!("remind {user}")).send().await?;
    }
    Ok(())
}

fn reminders<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(LambdaEvent<EventBridgeEvent>, Client, String) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (reminders, _) = (cloud.queue("reminders.fifo"), cloud.queue("reminders"));
        let (sqs, url) = (Client::new(&cloud.sdk_config()), reminders.url());
        let remind = cloud.function("remind", move |event| handler(event, sqs.clone(), url.clone()));
        cloud.rule("daily", "cron(0 8 * * ? *)").trigger(&remind);
        let _ = cloud.advance(std::time::Duration::from_secs(86_400)).await;
    })
    .tried(trial)
}

#[test]
fn an_entry_of_send_message_batch_fails() {
    Bug {
        name: "an entry of SendMessageBatch fails",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html",
        finding: "something is lost",
        buggy: |trial| reminders(trial, send_all_unseen),
        fixed: |trial| reminders(trial, send_all_seen),
    }
    .try_it();
}

#[test]
fn a_fan_out_is_not_idempotent() {
    Bug {
        name: "a fan-out sends again what it has sent",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: an event may come twice",
        finding: "not idempotent",
        buggy: |trial| reminders(trial, send_one_by_one),
        fixed: |trial| reminders(trial, send_all_seen),
    }
    .try_it();
}
