//! Runs of a schedule of which the next begins before the last has ended.

use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_testkit::prelude::{Cloud, ScheduledEvent};
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, is, read_if_any, write};

fn with(list: &[u8], run: &str) -> String {
    let list = String::from_utf8_lossy(list);
    let mut runs: Vec<&str> = list.lines().chain([run]).collect();
    runs.sort_unstable();
    runs.dedup();
    runs.join("\n")
}

async fn note_run(run: String, s3: Client) -> Result<(), Error> {
    let runs = read_if_any(&s3, "outbox", "runs").await?.unwrap_or_default();
    write(&s3, "outbox", "runs", with(&runs, &run)).await
}

async fn note_run_unless_changed(run: String, s3: Client) -> Result<(), Error> {
    let (runs, tag) = match s3.get_object().bucket("outbox").key("runs").send().await {
        Err(error) if is(&error, "NoSuchKey") => (Vec::new(), None),
        other => {
            let object = other?;
            let tag = object.e_tag().map(str::to_owned);
            (object.body.collect().await?.to_vec(), tag)
        }
    };
    let put = s3.put_object().bucket("outbox").key("runs").body(with(&runs, &run).into_bytes().into());
    match tag {
        Some(tag) => put.if_match(tag).send().await?,
        None => put.if_none_match("*").send().await?,
    };
    Ok(())
}

fn runs<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(String, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("outbox");
        let s3 = Client::new(&cloud.sdk_config());
        let note = cloud.function("note", move |event: ScheduledEvent| handler(event.id, s3.clone()));
        note.timeout(Duration::from_secs(300));
        cloud.rule("every-minute", "rate(1 minute)").trigger(&note);
        let _ = cloud.advance(Duration::from_secs(180)).await;
    })
    .tried(trial)
}

#[test]
fn runs_overlap() {
    Bug {
        name: "runs of a schedule overlap",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html: a run does not wait for the one before",
        finding: "something else is there: s3://outbox/runs",
        buggy: |trial| runs(trial, note_run),
        fixed: |trial| runs(trial, note_run_unless_changed),
    }
    .try_it();
}
