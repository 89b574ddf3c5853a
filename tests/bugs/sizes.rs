//! Answers that grow with what they are about.

use aws_sdk_lambda::primitives::Blob;
use lambda_testkit::prelude::{Cloud, ObjectCreated, S3Event, on};
use lambda_testkit::{Explored, explore};
use serde_json::json;

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, read, write};

/// One function loads what another one writes: the text itself, or where it is.
fn loaded(trial: &Trial, whole: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let config = cloud.sdk_config();
        let (s3, lambda) = (aws_sdk_s3::Client::new(&config), aws_sdk_lambda::Client::new(&config));
        let means = (s3.clone(), whole);
        cloud.function_with("load", means, async |(s3, whole): (aws_sdk_s3::Client, bool), key: String| {
            let lines = String::from_utf8(read(&s3, "inbox", &key).await?)?.to_uppercase();
            if whole {
                return Ok::<_, Error>(lines);
            }
            write(&s3, "outbox", &key, lines).await?;
            Ok(key)
        });
        let copy = cloud.function("copy", move |event: S3Event| {
            let (s3, lambda) = (s3.clone(), lambda.clone());
            async move {
                for record in event.records {
                    let key = record.key().to_string();
                    let payload = Blob::new(json!(key).to_string());
                    let answer = lambda.invoke().function_name("load").payload(payload).send().await?;
                    if let Some(error) = answer.function_error {
                        return Err(format!("{key} is not loaded: {error}").into());
                    }
                    let text: String = serde_json::from_slice(answer.payload.ok_or("no answer")?.as_ref())?;
                    if whole {
                        write(&s3, "outbox", &key, text).await?;
                    }
                }
                Ok::<_, Error>(())
            }
        });
        inbox.notify(&copy, on(ObjectCreated));
        inbox.put("a.txt", "a line\n".repeat(8_000));
    })
    .tried(trial)
}

#[test]
fn an_answer_grows_with_an_object() {
    Bug {
        name: "an answer grows with an object",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB for a synchronous answer",
        finding: "with small limits",
        buggy: |trial| loaded(trial, true),
        fixed: |trial| loaded(trial, false),
    }
    .try_it();
}
