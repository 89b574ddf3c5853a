//! Small objects that a scheduled job puts together, while others bring new ones.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, claim, read_if_any, write};
use crate::rounds::{keys, tagged};

async fn bring(event: SqsEvent, s3: Client) -> Result<(), Error> {
    for message in event.records {
        write(&s3, "inbox", &message.message_id, message.body).await?;
    }
    Ok(())
}

/// Writes what there is, and perhaps what was there before.
async fn compact(s3: &Client, keep: bool) -> Result<(), Error> {
    let keys = keys(s3, "inbox").await?;
    if keys.is_empty() {
        return Ok(());
    }
    let (before, tag) = tagged(s3, "outbox", "all").await?;
    let mut lines: BTreeSet<String> = before.lines().filter(|_| keep).map(str::to_owned).collect();
    for key in &keys {
        if let Some(line) = read_if_any(s3, "inbox", key).await? {
            lines.insert(String::from_utf8(line)?);
        }
    }
    let all = lines.into_iter().collect::<Vec<_>>().join("\n");
    if !claim(s3, ("outbox", "all"), all, tag.as_deref()).await? {
        return Err("somebody else does the same".into());
    }
    for key in &keys {
        s3.delete_object().bucket("inbox").key(key).send().await?;
    }
    Ok(())
}

fn compaction(trial: &Trial, keep: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let _ = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let (s3, own) = (Client::new(&cloud.sdk_config()), Client::new(&cloud.sdk_config()));
        let bring = cloud.function("bring", move |event: SqsEvent| bring(event, s3.clone()));
        let compact = cloud.function("compact", move |_: ScheduledEvent| {
            let s3 = own.clone();
            async move { compact(&s3, keep).await }
        });
        let lines = cloud.queue("lines").visibility_timeout(Duration::from_secs(180));
        lines.trigger(&bring, batch(1));
        cloud.rule("every-minute", "rate(1 minute)").trigger(&compact);
        lines.send_all(["one", "two"]);
        let _ = cloud.advance(Duration::from_secs(120)).await;
    })
    .tried(trial)
}

#[test]
fn a_compaction_forgets_what_it_had() {
    Bug {
        name: "a compaction forgets what it has put together before",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: an object is written as a whole",
        finding: "something else is there: s3://outbox/all",
        buggy: |trial| compaction(trial, false),
        fixed: |trial| compaction(trial, true),
    }
    .try_it();
}
