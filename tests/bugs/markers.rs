//! Markers that say how far a scheduled job has come.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;

use crate::case::Bug;
use crate::inbox::{Error, claim, write};
use crate::rounds::{PARTS, keys, rounds, tagged, text};

async fn copy(s3: &Client, key: &str) -> Result<(), Error> {
    write(s3, "outbox", key, text(s3, "inbox", key).await?).await
}

/// Goes on behind the marker, and sets it behind what it has seen, or behind what it has done.
async fn go_on(s3: &Client, past_failures: bool) -> Result<(), Error> {
    let (marker, _) = tagged(s3, "outbox", "marker").await?;
    let behind = keys(s3, "inbox").await?.into_iter().filter(|key| *key > marker);
    let (mut last, mut failed) = (marker.clone(), None);
    for key in behind {
        if let Err(error) = copy(s3, &key).await {
            failed = Some(error);
            if !past_failures {
                break;
            }
        }
        last = key;
    }
    write(s3, "outbox", "marker", last).await?;
    failed.filter(|_| !past_failures).map_or(Ok(()), Err)
}

async fn go_past_failures(_: ScheduledEvent, s3: Client) -> Result<(), Error> {
    go_on(&s3, true).await
}

async fn stop_at_a_failure(_: ScheduledEvent, s3: Client) -> Result<(), Error> {
    go_on(&s3, false).await
}

#[test]
fn the_marker_passes_what_failed() {
    Bug {
        name: "the marker passes what failed",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html: in the order of their keys",
        finding: "something is lost: s3://outbox/",
        buggy: |trial| rounds(trial, go_past_failures, 2, PARTS),
        fixed: |trial| rounds(trial, stop_at_a_failure, 2, PARTS),
    }
    .try_it();
}

async fn report(event: &ScheduledEvent, s3: &Client) -> Result<String, Error> {
    let time = event.time.to_string();
    write(s3, "outbox", &format!("reports/{time}"), "all is well").await?;
    Ok(time)
}

async fn point_to_own(event: ScheduledEvent, s3: Client) -> Result<(), Error> {
    let time = report(&event, &s3).await?;
    write(&s3, "outbox", "latest", time).await
}

async fn point_to_newest(event: ScheduledEvent, s3: Client) -> Result<(), Error> {
    let time = report(&event, &s3).await?;
    let (latest, tag) = tagged(&s3, "outbox", "latest").await?;
    if latest >= time || claim(&s3, ("outbox", "latest"), time, tag.as_deref()).await? {
        return Ok(());
    }
    Err("somebody else has come first".into())
}

#[test]
fn an_older_run_sets_the_latest_back() {
    Bug {
        name: "an older run sets the latest back",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: a retry comes later",
        finding: "something else is there: s3://outbox/latest",
        buggy: |trial| rounds(trial, point_to_own, 3, &[]),
        fixed: |trial| rounds(trial, point_to_newest, 3, &[]),
    }
    .try_it();
}
