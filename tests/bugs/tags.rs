//! Tags of objects as a state.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Tag, Tagging};
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, write};

/// Tags are put as a whole.
async fn add_tag(s3: &Client, key: &str, step: &str) -> Result<(), Error> {
    let mut tags = s3.get_object_tagging().bucket("inbox").key(key).send().await?.tag_set;
    tags.retain(|tag| tag.key() != step);
    tags.push(Tag::builder().key(step).value("done").build()?);
    let tagging = Tagging::builder().set_tag_set(Some(tags)).build()?;
    s3.put_object_tagging().bucket("inbox").key(key).tagging(tagging).send().await?;
    Ok(())
}

async fn note(event: SqsEvent, s3: Client, step: &str, by_tag: bool) -> Result<(), Error> {
    for message in event.records {
        if by_tag {
            add_tag(&s3, &message.body, step).await?;
        } else {
            write(&s3, "steps", &format!("{}/{step}", message.body), "done").await?;
        }
    }
    Ok(())
}

fn steps(trial: &Trial, by_tag: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("steps"));
        inbox.put("a.txt", "a");
        for step in ["scan", "sort"] {
            let s3 = Client::new(&cloud.sdk_config());
            let function = cloud.function(step, move |event: SqsEvent| note(event, s3.clone(), step, by_tag));
            let queue = cloud.queue(step).visibility_timeout(Duration::from_secs(180));
            queue.trigger(&function, batch(1));
            queue.send("a.txt");
        }
    })
    .tried(trial)
}

#[test]
fn two_functions_set_tags_of_one_object() {
    Bug {
        name: "two functions set tags of one object",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html",
        finding: "something else is there: s3://inbox/a.txt",
        buggy: |trial| steps(trial, true),
        fixed: |trial| steps(trial, false),
    }
    .try_it();
}
