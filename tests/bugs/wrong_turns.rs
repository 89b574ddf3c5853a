//! What handlers do about errors that goes wrong itself.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;

use crate::case::Bug;
use crate::inbox::{Error, OBJECTS, inbox, read, write};

async fn parse(s3: &Client, key: &str) -> Result<(), Error> {
    let body = read(s3, "inbox", key).await?;
    write(s3, "outbox", &format!("pages/{key}"), body).await
}

/// The error goes where the results are, and whoever reads these takes it for one.
async fn report_among_results(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        if let Err(error) = parse(&s3, &key).await {
            write(&s3, "outbox", &format!("pages/{key}.err"), error.to_string()).await?;
            return Err(error);
        }
    }
    Ok(())
}

async fn report_elsewhere(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        if let Err(error) = parse(&s3, &key).await {
            write(&s3, "outbox", &format!("errors/{key}.err"), error.to_string()).await?;
            return Err(error);
        }
    }
    Ok(())
}

#[test]
fn an_error_is_put_among_the_results() {
    Bug {
        name: "an error is put among the results",
        from: "Yuan et al., OSDI 2014: error handlers that are wrong",
        finding: "something is there that should not be",
        buggy: |trial| inbox(trial, report_among_results, OBJECTS),
        fixed: |trial| inbox(trial, report_elsewhere, OBJECTS),
    }
    .try_it();
}

/// Locks the key for as long as it works on it.
async fn locked(s3: &Client, key: &str) -> Result<(), Error> {
    let body = read(s3, "inbox", key).await?;
    write(s3, "outbox", &format!("lock/{key}"), "").await?;
    write(s3, "outbox", key, body).await
}

async fn unlock(s3: &Client, key: &str) -> Result<(), Error> {
    s3.delete_object().bucket("outbox").key(format!("lock/{key}")).send().await?;
    Ok(())
}

/// The last result is the one that counts: that of the clean-up.
async fn clean_up_and_forget(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let worked = locked(&s3, &key).await;
        if worked.is_err() {
            eprintln!("{key}: {worked:?}");
        }
        unlock(&s3, &key).await?;
    }
    Ok(())
}

async fn clean_up_and_tell(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let worked = locked(&s3, &key).await;
        let unlocked = unlock(&s3, &key).await;
        worked.and(unlocked)?;
    }
    Ok(())
}

#[test]
fn a_clean_up_hides_the_error() {
    Bug {
        name: "a clean-up hides the error",
        from: "Yuan et al., OSDI 2014: errors of what comes before are lost",
        finding: "something is lost",
        buggy: |trial| inbox(trial, clean_up_and_forget, OBJECTS),
        fixed: |trial| inbox(trial, clean_up_and_tell, OBJECTS),
    }
    .try_it();
}
