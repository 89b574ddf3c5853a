//! Events in messages: several records in one, of which one fails.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_s3::Client;
use lambda_testkit::event::S3EventName;
use lambda_testkit::prelude::{Cloud, S3Event, batch};
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, read, write};

async fn copy(s3: &Client, key: &str) -> Result<(), Error> {
    write(s3, "outbox", key, read(s3, "inbox", key).await?).await
}

/// What is remembered of a message is how its last record went.
async fn last_counts(event: S3Event, s3: Client) -> Result<(), Error> {
    let mut came = Ok(());
    for record in event.records {
        came = copy(&s3, &record.key().to_string()).await;
    }
    came
}

async fn each_counts(event: S3Event, s3: Client) -> Result<(), Error> {
    let mut came = Ok(());
    for record in event.records {
        let copied = copy(&s3, &record.key().to_string()).await;
        came = came.and(copied);
    }
    came
}

fn wrapped<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(S3Event, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _, dead) = (cloud.bucket("inbox"), cloud.bucket("outbox"), cloud.queue("dead"));
        let s3 = Client::new(&cloud.sdk_config());
        let events = cloud.queue("events").dead_letter(&dead, 3);
        let function = cloud.function("copy", move |event: SqsEvent| {
            let s3 = s3.clone();
            async move {
                let mut response = SqsBatchResponse::default();
                for message in event.records {
                    let event = serde_json::from_str(&message.body.unwrap_or_default())?;
                    if handler(event, s3.clone()).await.is_err() {
                        response.add_failure(message.message_id.unwrap_or_default());
                    }
                }
                Ok::<_, Error>(response)
            }
        });
        events.trigger(&function, batch(10).report_item_failures());
        let keys = ["a.txt", "b.txt"];
        keys.iter().for_each(|key| inbox.put(key, key));
        let [one, other] = keys.map(|key| S3Event::builder(S3EventName::from("ObjectCreated:Put"), "inbox", key));
        events.send(serde_json::to_string(&one.record(other).build()).expect("events have string keys"));
    })
    .tried(trial)
}

#[test]
fn only_the_last_record_counts() {
    Bug {
        name: "of several records in a message the last one counts",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: Records is a list",
        finding: "something is lost: s3://outbox/a.txt",
        buggy: |trial| wrapped(trial, last_counts),
        fixed: |trial| wrapped(trial, each_counts),
    }
    .try_it();
}
