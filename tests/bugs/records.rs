//! Records of what was done, by which an event that comes again is known.

use std::time::Duration;

use lambda_testkit::prelude::*;
use lambda_testkit::{Clock, Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::channel::Channel;
use crate::inbox::{Error, claim, write};

#[derive(Clone)]
struct Means {
    s3: aws_sdk_s3::Client,
    channel: Channel,
    clock: Clock,
}

impl Means {
    /// Writes a record if there is none, or if it is still this one.
    async fn record(&self, id: &str, text: &str, instead_of: Option<&str>) -> Result<bool, Error> {
        claim(&self.s3, ("records", id), text, instead_of).await
    }

    /// A record says until when somebody is at work, and at last that the work is done.
    async fn post_once(&self, id: &str, text: &str) -> Result<(), Error> {
        let now = self.clock.now().as_second();
        let until = (now + 60).to_string();
        if !self.record(id, &until, None).await? {
            let found = self.s3.get_object().bucket("records").key(id).send().await?;
            let tag = found.e_tag().unwrap_or_default().to_owned();
            let state = String::from_utf8(found.body.collect().await?.to_vec())?;
            if state == "done" {
                return Ok(());
            }
            if state.parse::<i64>()? > now || !self.record(id, &until, Some(&tag)).await? {
                return Err(format!("{id} is in progress").into());
            }
        }
        if let Err(error) = self.channel.post(text).await {
            self.s3.delete_object().bucket("records").key(id).send().await?;
            return Err(error);
        }
        write(&self.s3, "records", id, "done").await
    }

    async fn post_once_at_most(&self, id: &str, text: &str) -> Result<(), Error> {
        if self.record(id, "done", None).await? { self.channel.post(text).await } else { Ok(()) }
    }
}

async fn record_first(event: SqsEvent, means: Means) -> Result<BatchResponse, Error> {
    let mut failed = Vec::new();
    for message in event.records {
        if means.post_once_at_most(&message.message_id, &message.body).await.is_err() {
            failed.push(message.message_id);
        }
    }
    Ok(BatchResponse::failures(failed))
}

async fn record_both(event: SqsEvent, means: Means) -> Result<BatchResponse, Error> {
    let mut failed = Vec::new();
    for message in event.records {
        if means.post_once(&message.message_id, &message.body).await.is_err() {
            failed.push(message.message_id);
        }
    }
    Ok(BatchResponse::failures(failed))
}

fn alarms<F: Future<Output = Result<BatchResponse, Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Means) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("records");
        let (s3, channel) = (aws_sdk_s3::Client::new(&cloud.sdk_config()), Channel::of(cloud, "#alarms"));
        let means = Means { s3, channel, clock: cloud.clock() };
        let alarms = cloud.queue("alarms").visibility_timeout(Duration::from_secs(180));
        let function = cloud.function("to-slack", move |event: SqsEvent| handler(event, means.clone()));
        alarms.trigger(&function, batch(10).report_item_failures());
        alarms.send_all(["disk full", "no route"]);
    })
    .tried(trial)
}

#[test]
fn a_record_says_done_too_early() {
    Bug {
        name: "a record says that it is done before it is",
        from: "https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/: INPROGRESS, then COMPLETED",
        finding: "something is lost: slack #alarms",
        buggy: |trial| alarms(trial, record_first),
        fixed: |trial| alarms(trial, record_both),
    }
    .try_it();
}
