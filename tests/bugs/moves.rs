//! Objects that are moved: copied, and then deleted.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;

use crate::case::Bug;
use crate::inbox::{Error, OBJECTS, inbox, is, read_if_any, write};
use crate::rounds::{PARTS, keys, rounds};

async fn copy(s3: &Client, key: &str, look: bool) -> Result<(), Error> {
    let copied = s3.copy_object().copy_source(format!("inbox/{key}")).bucket("outbox").key(key).send().await;
    let is_there = async || s3.head_object().bucket("outbox").key(key).send().await.is_ok();
    match copied {
        Err(error) if look && is(&error, "NoSuchKey") && is_there().await => Ok(()),
        other => other.map(drop).map_err(Into::into),
    }
}

async fn copy_and_delete(event: S3Event, s3: Client, look: bool) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        copy(&s3, &key, look).await?;
        s3.delete_object().bucket("inbox").key(&key).send().await?;
    }
    Ok(())
}

async fn move_what_is_there(event: S3Event, s3: Client) -> Result<(), Error> {
    copy_and_delete(event, s3, false).await
}

async fn move_unless_it_was_moved(event: S3Event, s3: Client) -> Result<(), Error> {
    copy_and_delete(event, s3, true).await
}

#[test]
fn what_was_moved_before_is_missed() {
    Bug {
        name: "what was moved before is missed",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html: a move is a copy and a deletion",
        finding: "given up, although the fault passed",
        buggy: |trial| inbox(trial, move_what_is_there, OBJECTS),
        fixed: |trial| inbox(trial, move_unless_it_was_moved, OBJECTS),
    }
    .try_it();
}

/// Another run may have taken what this one has listed.
async fn take_all(s3: &Client, look: bool) -> Result<(), Error> {
    for key in keys(s3, "inbox").await? {
        let body = match read_if_any(s3, "inbox", &key).await? {
            None if look => continue,
            body => body.unwrap_or_default(),
        };
        write(s3, "outbox", &key, body).await?;
        s3.delete_object().bucket("inbox").key(&key).send().await?;
    }
    Ok(())
}

async fn take_or_default(_: ScheduledEvent, s3: Client) -> Result<(), Error> {
    take_all(&s3, false).await
}

async fn take_what_is_there(_: ScheduledEvent, s3: Client) -> Result<(), Error> {
    take_all(&s3, true).await
}

#[test]
fn what_is_gone_since_it_was_listed_is_taken_as_empty() {
    Bug {
        name: "what is gone since it was listed is taken as empty",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html: a run does not wait for the one before",
        finding: "something else is there: s3://outbox/",
        buggy: |trial| rounds(trial, take_or_default, 2, PARTS),
        fixed: |trial| rounds(trial, take_what_is_there, 2, PARTS),
    }
    .try_it();
}
