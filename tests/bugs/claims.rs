//! Large payloads that wait in a bucket while a message says where.

use std::time::Duration;

use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, read, read_if_any, write};

#[derive(Clone)]
struct Means {
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    claims: String,
}

async fn check_in(event: S3Event, means: Means, put_first: bool) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&means.s3, "inbox", &key).await?;
        if put_first {
            write(&means.s3, "claims", &key, body.clone()).await?;
        }
        means.sqs.send_message().queue_url(&means.claims).message_body(&key).send().await?;
        if !put_first {
            write(&means.s3, "claims", &key, body).await?;
        }
    }
    Ok(())
}

/// What is not there any more has been fetched.
async fn fetch(event: SqsEvent, means: Means) -> Result<(), Error> {
    for message in event.records {
        let Some(body) = read_if_any(&means.s3, "claims", &message.body).await? else { continue };
        write(&means.s3, "outbox", &message.body, body).await?;
        means.s3.delete_object().bucket("claims").key(&message.body).send().await?;
    }
    Ok(())
}

fn claims(trial: &Trial, put_first: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _, _) = (cloud.bucket("inbox"), cloud.bucket("claims"), cloud.bucket("outbox"));
        let claims = cloud.queue("claims").visibility_timeout(Duration::from_secs(180));
        let config = cloud.sdk_config();
        let (s3, sqs) = (aws_sdk_s3::Client::new(&config), aws_sdk_sqs::Client::new(&config));
        let means = Means { s3, sqs, claims: claims.url() };
        let other = means.clone();
        let check = cloud.function("check-in", move |event: S3Event| check_in(event, means.clone(), put_first));
        let fetch = cloud.function("fetch", move |event: SqsEvent| fetch(event, other.clone()));
        inbox.notify(&check, on(ObjectCreated));
        claims.trigger(&fetch, batch(1));
        inbox.put("a.txt", "a");
    })
    .tried(trial)
}

#[test]
fn a_message_comes_before_its_payload() {
    Bug {
        name: "a message is sent before what it points to is there",
        from: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-s3-messages.html",
        finding: "something is lost: s3://outbox/a.txt",
        buggy: |trial| claims(trial, false),
        fixed: |trial| claims(trial, true),
    }
    .try_it();
}
