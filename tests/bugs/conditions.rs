//! Conditional writes whose answer is lost.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::S3Event;

use crate::case::Bug;
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
