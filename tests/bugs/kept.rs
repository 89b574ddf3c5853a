//! What an environment keeps of an invocation that failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};
use tokio::sync::OnceCell;

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, write};
use crate::rounds::text;

#[derive(Clone, Default)]
struct Kept {
    /// The configuration, or why there is none.
    result: Arc<OnceCell<Result<String, String>>>,
    config: Arc<OnceCell<String>>,
    running: Arc<AtomicUsize>,
}

fn with_kept<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(S3Event, Client, Kept) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        inbox.put("config", "v1");
        let config = cloud.sdk_config();
        let function = cloud.function_in("work", move || {
            let (s3, kept) = (Client::new(&config), Kept::default());
            move |event: S3Event| handler(event, s3.clone(), kept.clone())
        });
        inbox.notify(&function, on(ObjectCreated));
        inbox.put("a.txt", "a");
    })
    .tried(trial)
}

async fn label(event: S3Event, s3: &Client, config: &str) -> Result<(), Error> {
    for record in event.records {
        write(s3, "outbox", &record.key().to_string(), config).await?;
    }
    Ok(())
}

async fn keep_whatever_comes(event: S3Event, s3: Client, kept: Kept) -> Result<(), Error> {
    let read = async || text(&s3, "inbox", "config").await.map_err(|error| error.to_string());
    let config = kept.result.get_or_init(read).await.clone()?;
    label(event, &s3, &config).await
}

async fn keep_what_is_read(event: S3Event, s3: Client, kept: Kept) -> Result<(), Error> {
    let config = kept.config.get_or_try_init(async || text(&s3, "inbox", "config").await).await?;
    label(event, &s3, config).await
}

const REUSE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: objects declared outside the handler";

#[test]
fn a_cell_keeps_an_error() {
    Bug {
        name: "a cell that is set once keeps an error",
        from: REUSE,
        finding: "given up, although the fault passed",
        buggy: |trial| with_kept(trial, keep_whatever_comes),
        fixed: |trial| with_kept(trial, keep_what_is_read),
    }
    .try_it();
}

/// One at a time, for the sake of somebody else's limit.
fn enter(kept: &Kept) -> Result<(), Error> {
    match kept.running.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(()),
        _ => {
            leave(kept);
            Err("somebody else is at work".into())
        }
    }
}

fn leave(kept: &Kept) {
    kept.running.fetch_sub(1, Ordering::SeqCst);
}

async fn leave_when_done(event: S3Event, s3: Client, kept: Kept) -> Result<(), Error> {
    enter(&kept)?;
    label(event, &s3, "v1").await?;
    leave(&kept);
    Ok(())
}

async fn leave_anyway(event: S3Event, s3: Client, kept: Kept) -> Result<(), Error> {
    enter(&kept)?;
    let done = label(event, &s3, "v1").await;
    leave(&kept);
    done
}

#[test]
fn an_early_return_leaves_a_count_up() {
    Bug {
        name: "an early return leaves a count up",
        from: REUSE,
        finding: "given up, although the fault passed",
        buggy: |trial| with_kept(trial, leave_when_done),
        fixed: |trial| with_kept(trial, leave_anyway),
    }
    .try_it();
}
