//! Posts that say what was done, or was not.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::channel::Channel;
use crate::inbox::{Error, is, read, write};

#[derive(Clone)]
struct Means {
    s3: Client,
    channel: Channel,
}

impl Means {
    async fn import(&self, key: &str) -> Result<(), Error> {
        let body = read(&self.s3, "inbox", key).await?;
        write(&self.s3, "outbox", key, body).await
    }
}

fn imports<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(S3Event, Means) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let means = Means { s3: Client::new(&cloud.sdk_config()), channel: Channel::of(cloud, "#imports") };
        let function = cloud.function("import", move |event: S3Event| handler(event, means.clone()));
        inbox.notify(&function, on(ObjectCreated));
        inbox.put("a.csv", "a");
        inbox.put("b.csv", "b");
    })
    .tried(trial)
}

async fn post_then_import(event: S3Event, means: Means) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        means.channel.post(&format!("{key} is imported")).await?;
        means.import(&key).await?;
    }
    Ok(())
}

/// Whoever makes the marker posts; who cannot post takes it away.
async fn import_then_post_once(event: S3Event, means: Means) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        means.import(&key).await?;
        let marker = format!("posted/{key}");
        match means.s3.put_object().bucket("outbox").key(&marker).if_none_match("*").send().await {
            Err(error) if is(&error, "PreconditionFailed") => continue,
            other => drop(other?),
        }
        if let Err(error) = means.channel.post(&format!("{key} is imported")).await {
            means.s3.delete_object().bucket("outbox").key(&marker).send().await?;
            return Err(error);
        }
    }
    Ok(())
}

#[test]
fn a_post_comes_before_the_work() {
    Bug {
        name: "a post comes before the work that may fail",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: it is tried twice more",
        finding: "not idempotent",
        buggy: |trial| imports(trial, post_then_import),
        fixed: |trial| imports(trial, import_then_post_once),
    }
    .try_it();
}

async fn import_and_post_anyway(event: S3Event, means: Means) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        if let Err(error) = means.import(&key).await {
            eprintln!("import of {key}: {error}");
        }
        let marker = format!("posted/{key}");
        match means.s3.put_object().bucket("outbox").key(&marker).if_none_match("*").send().await {
            Err(error) if is(&error, "PreconditionFailed") => continue,
            other => drop(other?),
        }
        if let Err(error) = means.channel.post(&format!("{key} is imported")).await {
            means.s3.delete_object().bucket("outbox").key(&marker).send().await?;
            return Err(error);
        }
    }
    Ok(())
}

#[test]
fn success_is_told_of_what_failed() {
    Bug {
        name: "success is told of work that failed",
        from: "Yuan et al., OSDI 2014: errors are logged, and the work goes on",
        finding: "something is lost",
        buggy: |trial| imports(trial, import_and_post_anyway),
        fixed: |trial| imports(trial, import_then_post_once),
    }
    .try_it();
}
