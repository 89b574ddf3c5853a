//! Objects that are read in parts.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::channel::Channel;
use crate::inbox::{Error, claim};

/// The first four bytes and the rest, of one version if that is asked for.
async fn read(s3: &Client, key: &str, of_one: bool) -> Result<String, Error> {
    let head = s3.get_object().bucket("inbox").key(key).range("bytes=0-3").send().await?;
    let tag = head.e_tag().map(str::to_owned).filter(|_| of_one);
    let head = head.body.collect().await?.to_vec();
    let rest = s3.get_object().bucket("inbox").key(key).range("bytes=4-").set_if_match(tag).send().await?;
    Ok(String::from_utf8([head, rest.body.collect().await?.to_vec()].concat())?)
}

async fn announce(event: S3Event, s3: Client, channel: Channel, of_one: bool) -> Result<(), Error> {
    for record in event.records {
        let text = read(&s3, &record.key().to_string(), of_one).await?;
        if claim(&s3, ("outbox", &text), "", None).await?
            && let Err(error) = channel.post(&text).await
        {
            s3.delete_object().bucket("outbox").key(&text).send().await?;
            return Err(error);
        }
    }
    Ok(())
}

fn announcements(trial: &Trial, of_one: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let (s3, channel) = (Client::new(&cloud.sdk_config()), Channel::of(cloud, "#news"));
        let function =
            cloud.function("announce", move |event: S3Event| announce(event, s3.clone(), channel.clone(), of_one));
        inbox.notify(&function, on(ObjectCreated));
        inbox.put("b.txt", "0123456789");
    })
    .tried(trial)
}

#[test]
fn ranges_of_two_versions_are_joined() {
    Bug {
        name: "ranges of two versions are joined",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/range-get-olap.html",
        finding: "two versions are mixed",
        buggy: |trial| announcements(trial, false),
        fixed: |trial| announcements(trial, true),
    }
    .try_it();
}
