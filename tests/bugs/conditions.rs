//! Conditional writes whose answer is lost, or that are refused.

use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, OBJECTS, inbox, is, read};

/// Whoever has the report before has it for another reason.
async fn report_once(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        let put = s3.put_object().bucket("outbox").key(&key).if_none_match("*").body(body.into());
        match put.send().await {
            Err(error) if is(&error, "PreconditionFailed") => return Err(format!("{key} belongs to somebody").into()),
            other => drop(other?),
        }
    }
    Ok(())
}

async fn report_once_or_find_it(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        let put = s3.put_object().bucket("outbox").key(&key).if_none_match("*").body(body.clone().into());
        match put.send().await {
            Err(error) if is(&error, "PreconditionFailed") => {
                if read(&s3, "outbox", &key).await? != body {
                    return Err(format!("{key} belongs to somebody").into());
                }
            }
            other => drop(other?),
        }
    }
    Ok(())
}

#[test]
fn its_own_write_is_taken_for_anothers() {
    Bug {
        name: "its own write is taken for another's",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: 412, also after a retry of one's own",
        finding: "given up, although the fault passed",
        buggy: |trial| inbox(trial, report_once, OBJECTS),
        fixed: |trial| inbox(trial, report_once_or_find_it, OBJECTS),
    }
    .try_it();
}

/// Whoever is refused believes that somebody else has done the same.
async fn append(event: SqsEvent, s3: Client, most: usize) -> Result<(), Error> {
    for message in event.records {
        let mut tries = 0;
        loop {
            let (text, put) = match s3.get_object().bucket("lists").key("all").send().await {
                Err(error) if is(&error, "NoSuchKey") => (String::new(), s3.put_object().if_none_match("*")),
                other => {
                    let object = other?;
                    let put = s3.put_object().if_match(object.e_tag().unwrap_or_default());
                    (String::from_utf8(object.body.collect().await?.to_vec())?, put)
                }
            };
            let mut lines: Vec<&str> = text.lines().chain([message.body.as_str()]).collect();
            lines.sort_unstable();
            lines.dedup();
            match put.bucket("lists").key("all").body(lines.join("\n").into_bytes().into()).send().await {
                Err(error) if is(&error, "PreconditionFailed") && tries < most => tries += 1,
                Err(error) if is(&error, "PreconditionFailed") && most > 0 => return Err(error.into()),
                Err(error) if is(&error, "PreconditionFailed") => break,
                other => break drop(other?),
            }
        }
    }
    Ok(())
}

fn lists(trial: &Trial, most: usize) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("lists");
        let s3 = Client::new(&cloud.sdk_config());
        let names = cloud.queue("names").visibility_timeout(Duration::from_secs(180));
        let function = cloud.function("append", move |event: SqsEvent| append(event, s3.clone(), most));
        names.trigger(&function, batch(1));
        names.send_all(["ann", "bob"]);
    })
    .tried(trial)
}

#[test]
fn whoever_is_refused_thinks_it_done() {
    Bug {
        name: "a conditional write that is refused is taken for done",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: 412, and then again",
        finding: "something else is there: s3://lists/all",
        buggy: |trial| lists(trial, 0),
        fixed: |trial| lists(trial, 5),
    }
    .try_it();
}
