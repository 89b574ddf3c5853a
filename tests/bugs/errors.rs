//! Errors that are swallowed, or handled wrongly.
//!
//! Yuan et al., "Simple testing can prevent most critical failures", OSDI 2014: most catastrophic failures come from error
//! handlers that are empty, too general or wrong.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use lambda_testkit::prelude::*;

use crate::case::Bug;
use crate::inbox::{Error, OBJECTS, copy, inbox, is, read, write};

const OSDI14: &str = "Yuan et al., OSDI 2014: ignored errors";

async fn copy_if_possible(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        let _ = write(&s3, "outbox", &key, body).await;
    }
    Ok(())
}

#[test]
fn an_error_is_swallowed() {
    Bug {
        name: "an error is swallowed",
        from: OSDI14,
        finding: "something is lost",
        buggy: |trial| inbox(trial, copy_if_possible, OBJECTS),
        fixed: |trial| inbox(trial, copy, OBJECTS),
    }
    .try_it();
}

async fn copy_if_permitted(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let body = read(&s3, "inbox", &key).await?;
        match s3.put_object().bucket("outbox").key(&key).body(body.into()).send().await {
            Err(error) if is(&error, "AccessDenied") => eprintln!("no permission for {key}, skipped"),
            other => drop(other?),
        }
    }
    Ok(())
}

#[test]
fn a_missing_permission_is_swallowed() {
    Bug {
        name: "a missing permission is swallowed",
        from: OSDI14,
        finding: "a failure that nobody is told of",
        buggy: |trial| inbox(trial, copy_if_permitted, OBJECTS),
        fixed: |trial| inbox(trial, copy, OBJECTS),
    }
    .try_it();
}

/// One bad object must not stop the others, its author thought; and retries cost time.
async fn copy_without_retries(event: S3Event, s3: Client) -> Result<(), Error> {
    let hasty = Client::from_conf(s3.config().to_builder().retry_config(RetryConfig::disabled()).build());
    for record in event.records {
        let key = record.key().to_string();
        let Ok(object) = hasty.get_object().bucket("inbox").key(&key).send().await else {
            eprintln!("cannot read {key}");
            continue;
        };
        let body = object.body.collect().await?.into_bytes();
        write(&s3, "outbox", &key, body).await?;
    }
    Ok(())
}

#[test]
fn slow_down_is_not_retried() {
    Bug {
        name: "SlowDown is not retried",
        from: "WASABI (SOSP'24): not retried though transient; https://repost.aws/knowledge-center/http-5xx-errors-s3",
        finding: "something is lost",
        buggy: |trial| inbox(trial, copy_without_retries, OBJECTS),
        fixed: |trial| inbox(trial, copy, OBJECTS),
    }
    .try_it();
}

async fn thumbnail_beside(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let name = key.rsplit('/').next().unwrap_or_default();
        write(&s3, "inbox", &format!("small/{name}"), read(&s3, "inbox", &key).await?).await?;
    }
    Ok(())
}

#[test]
fn its_own_output_triggers_it() {
    Bug {
        name: "its own output triggers it",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html",
        finding: "the run does not end",
        buggy: |trial| inbox(trial, thumbnail_beside, OBJECTS),
        fixed: |trial| inbox(trial, copy, OBJECTS),
    }
    .try_it();
}
