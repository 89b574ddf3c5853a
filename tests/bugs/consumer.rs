//! Functions that poll a queue themselves, in place of a trigger.

use std::time::Duration;

use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use aws_sdk_sqs::types::Message;
use lambda_testkit::prelude::*;
use lambda_testkit::{Clock, Explored, explore};
use reqwest::Client as Http;
use serde_json::json;

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, is, write};

/// What the handlers are given.
#[derive(Clone)]
struct Means {
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
    http: Http,
    webhook: String,
    jobs: String,
    clock: Clock,
}

impl Means {
    async fn receive(&self) -> Result<Vec<Message>, Error> {
        let received = self.sqs.receive_message().queue_url(&self.jobs).max_number_of_messages(10).send().await?;
        Ok(received.messages.unwrap_or_default())
    }

    async fn delete(&self, message: &Message) -> Result<(), Error> {
        let handle = message.receipt_handle().ok_or("no receipt handle")?;
        self.sqs.delete_message().queue_url(&self.jobs).receipt_handle(handle).send().await?;
        Ok(())
    }

    async fn store(&self, message: &Message) -> Result<(), Error> {
        let (id, body) = (message.message_id().ok_or("no id")?, message.body().unwrap_or_default());
        write(&self.s3, "done", id, body).await
    }

    async fn post(&self, message: &Message) -> Result<(), Error> {
        let text = message.body().unwrap_or_default();
        let posted = self.http.post(&self.webhook).json(&json!({ "text": text })).send().await?;
        posted.error_for_status()?;
        Ok(())
    }

    /// Whether nobody has marked the message before.
    async fn mark(&self, message: &Message) -> Result<bool, Error> {
        let id = message.message_id().ok_or("no id")?;
        match self.s3.put_object().bucket("done").key(id).if_none_match("*").send().await {
            Err(error) if is(&error, "PreconditionFailed") => Ok(false),
            other => other.map(|_| true).map_err(Into::into),
        }
    }

    async fn unmark(&self, message: &Message) -> Result<(), Error> {
        let id = message.message_id().ok_or("no id")?;
        self.s3.delete_object().bucket("done").key(id).send().await?;
        Ok(())
    }
}

/// A function that looks every minute whether there are jobs.
fn polled<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(Means) -> F,
    minutes: u64,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let _ = cloud.bucket("done");
        let jobs = cloud.queue("jobs");
        let config = cloud.sdk_config();
        let means = Means {
            sqs: aws_sdk_sqs::Client::new(&config),
            s3: aws_sdk_s3::Client::new(&config),
            http: Http::new(),
            webhook: cloud.slack().webhook("#jobs"),
            jobs: jobs.url(),
            clock: cloud.clock(),
        };
        let poll = cloud.function("poll", move |_: serde_json::Value| handler(means.clone()));
        poll.timeout(Duration::from_secs(300));
        cloud.rule("every-minute", "rate(1 minute)").trigger(&poll);
        jobs.send_all(["resize a.png", "resize b.png"]);
        let _ = cloud.advance(Duration::from_secs(60 * minutes)).await;
    })
    .tried(trial)
}

async fn delete_then_store(means: Means) -> Result<(), Error> {
    for message in means.receive().await? {
        means.delete(&message).await?;
        means.store(&message).await?;
    }
    Ok(())
}

async fn store_then_delete(means: Means) -> Result<(), Error> {
    for message in means.receive().await? {
        means.store(&message).await?;
        means.delete(&message).await?;
    }
    Ok(())
}

const DELETE: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html";

async fn store_and_leave(means: Means) -> Result<(), Error> {
    for message in means.receive().await? {
        means.store(&message).await?;
    }
    Ok(())
}

#[test]
fn a_message_is_never_deleted() {
    Bug {
        name: "a message is never deleted",
        from: DELETE,
        finding: "a message comes back although its work was done",
        buggy: |trial| polled(trial, store_and_leave, 5),
        fixed: |trial| polled(trial, store_then_delete, 5),
    }
    .try_it();
}

#[test]
fn a_message_is_deleted_before_it_is_processed() {
    Bug {
        name: "a message is deleted before it is processed",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-architecture.html",
        finding: "something is lost",
        buggy: |trial| polled(trial, delete_then_store, 5),
        fixed: |trial| polled(trial, store_then_delete, 5),
    }
    .try_it();
}

async fn post_and_delete_if_possible(means: Means) -> Result<(), Error> {
    for message in means.receive().await? {
        means.post(&message).await?;
        let _ = means.delete(&message).await;
    }
    Ok(())
}

/// Posts what nobody has posted; what is marked and posted is deleted, whoever posted it.
async fn post_once_and_delete(means: Means) -> Result<(), Error> {
    for message in means.receive().await? {
        if means.mark(&message).await?
            && let Err(error) = means.post(&message).await
        {
            means.unmark(&message).await?;
            return Err(error);
        }
        means.delete(&message).await?;
    }
    Ok(())
}

#[test]
fn an_error_of_delete_message_is_ignored() {
    Bug {
        name: "an error of DeleteMessage is ignored",
        from: DELETE,
        finding: "not idempotent",
        buggy: |trial| polled(trial, post_and_delete_if_possible, 5),
        fixed: |trial| polled(trial, post_once_and_delete, 5),
    }
    .try_it();
}

async fn delete_all(means: &Means, messages: &[Message]) -> Result<Vec<String>, Error> {
    let entry = |message: &Message| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(message.message_id().unwrap_or_default());
        entry.receipt_handle(message.receipt_handle().unwrap_or_default()).build()
    };
    let entries = messages.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let deleted = means.sqs.delete_message_batch().queue_url(&means.jobs).set_entries(Some(entries)).send().await?;
    Ok(deleted.failed.into_iter().map(|failed| failed.id).collect())
}

async fn post_and_delete_all(means: Means) -> Result<(), Error> {
    let messages = means.receive().await?;
    for message in &messages {
        means.post(message).await?;
    }
    if !messages.is_empty() {
        delete_all(&means, &messages).await?;
    }
    Ok(())
}

async fn post_once_and_delete_all(means: Means) -> Result<(), Error> {
    let mut messages = means.receive().await?;
    for message in &messages {
        if means.mark(message).await?
            && let Err(error) = means.post(message).await
        {
            means.unmark(message).await?;
            return Err(error);
        }
    }
    for _ in 0..3 {
        if messages.is_empty() {
            return Ok(());
        }
        let failed = delete_all(&means, &messages).await?;
        messages.retain(|message| failed.iter().any(|id| Some(id.as_str()) == message.message_id()));
    }
    if messages.is_empty() { Ok(()) } else { Err("some messages cannot be deleted".into()) }
}

#[test]
fn an_entry_of_delete_message_batch_fails() {
    Bug {
        name: "an entry of DeleteMessageBatch fails",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html",
        finding: "something is there that should not be",
        buggy: |trial| polled(trial, post_and_delete_all, 1),
        fixed: |trial| polled(trial, post_once_and_delete_all, 1),
    }
    .try_it();
}

/// A job takes 20 s: two of them take more than the 30 s for which a received message is invisible.
async fn work_on_all(means: Means) -> Result<(), Error> {
    for message in means.receive().await? {
        means.clock.sleep(Duration::from_secs(20)).await;
        means.post(&message).await?;
        means.delete(&message).await?;
    }
    Ok(())
}

async fn work_on_all_in_time(means: Means) -> Result<(), Error> {
    for message in means.receive().await? {
        let handle = message.receipt_handle().ok_or("no receipt handle")?;
        let change = means.sqs.change_message_visibility().queue_url(&means.jobs).receipt_handle(handle);
        change.visibility_timeout(300).send().await?;
        if means.mark(&message).await? {
            means.clock.sleep(Duration::from_secs(20)).await;
            if let Err(error) = means.post(&message).await {
                means.unmark(&message).await?;
                return Err(error);
            }
        }
        means.delete(&message).await?;
    }
    Ok(())
}

#[test]
fn the_work_takes_longer_than_the_visibility_timeout() {
    Bug {
        name: "the work takes longer than the visibility timeout",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html",
        finding: "the work takes longer than the visibility timeout",
        buggy: |trial| polled(trial, work_on_all, 5),
        fixed: |trial| polled(trial, work_on_all_in_time, 5),
    }
    .try_it();
}
