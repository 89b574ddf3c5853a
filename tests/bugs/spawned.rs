//! Work that a handler starts and does not wait for.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;

use crate::case::Bug;
use crate::inbox::{Error, OBJECTS, inbox, read, write};

async fn audit_later(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        let (audit, size) = (s3.clone(), body.len().to_string());
        write(&s3, "outbox", &key, body).await?;
        tokio::spawn(async move { write(&audit, "outbox", &format!("audit/{key}"), size).await });
    }
    Ok(())
}

async fn audit_now(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        let (audit, size) = (s3.clone(), body.len().to_string());
        write(&s3, "outbox", &key, body).await?;
        tokio::spawn(async move { write(&audit, "outbox", &format!("audit/{key}"), size).await }).await??;
    }
    Ok(())
}

#[test]
fn nobody_waits_for_what_is_spawned() {
    Bug {
        name: "nobody waits for what is spawned",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: background processes are frozen",
        finding: "nobody waits for",
        buggy: |trial| inbox(trial, audit_later, OBJECTS),
        fixed: |trial| inbox(trial, audit_now, OBJECTS),
    }
    .try_it();
}
