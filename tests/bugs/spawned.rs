//! Work that a handler starts and does not wait for.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;

use tokio::task::{JoinError, JoinSet};

use crate::batches::{good_orders, store};
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

/// What a task returned, if it came to its end.
type Joined = Result<Result<(), Error>, JoinError>;

/// Copies each object in two ways at once, and hands what came of it to `look`.
async fn copy_in_tasks(event: S3Event, s3: Client, look: fn(Joined) -> Result<(), Error>) -> Result<(), Error> {
    let mut tasks = JoinSet::new();
    for record in event.records {
        for folder in ["copy", "backup"] {
            let (s3, key) = (s3.clone(), record.key().to_string());
            tasks.spawn(async move {
                write(&s3, "outbox", &format!("{folder}/{key}"), read(&s3, "inbox", &key).await?).await
            });
        }
    }
    while let Some(done) = tasks.join_next().await {
        look(done)?;
    }
    Ok(())
}

#[test]
fn what_came_of_a_spawned_task_is_not_looked_at() {
    Bug {
        name: "what came of a spawned task is not looked at",
        from: "https://docs.rs/tokio/latest/tokio/task/struct.JoinSet.html: join_next answers the task's own result inside of the JoinSet's",
        finding: "something is lost",
        buggy: |trial| inbox(trial, |event, s3| copy_in_tasks(event, s3, |done| Ok(done.map(|_| ())?)), OBJECTS),
        fixed: |trial| inbox(trial, |event, s3| copy_in_tasks(event, s3, |done| done?), OBJECTS),
    }
    .try_it();
}

/// Stores each message in a task of its own, and reports those whose tasks are `failed`.
async fn store_in_tasks(event: SqsEvent, s3: Client, failed: fn(&Joined) -> bool) -> Result<SqsBatchResponse, Error> {
    let tasks = event.records.into_iter().map(|message| {
        let (s3, id) = (s3.clone(), message.message_id.clone().unwrap_or_default());
        (id, tokio::spawn(async move { store(&s3, &message).await }))
    });
    let tasks: Vec<_> = tasks.collect();
    let mut response = SqsBatchResponse::default();
    for (id, task) in tasks {
        if failed(&task.await) {
            response.add_failure(id);
        }
    }
    Ok(response)
}

#[test]
fn only_tasks_that_panic_are_reported() {
    Bug {
        name: "only tasks that panic are reported",
        from: "https://docs.rs/tokio/latest/tokio/task/struct.JoinHandle.html: what a task returns is inside of the handle's own result",
        finding: "something is lost",
        buggy: |trial| good_orders(trial, |event, s3| store_in_tasks(event, s3, |task| task.is_err())),
        fixed: |trial| good_orders(trial, |event, s3| store_in_tasks(event, s3, |task| !matches!(task, Ok(Ok(()))))),
    }
    .try_it();
}
