//! A new version that gets a tenth of what an alias gets.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::{Cloud, ObjectCreated, S3Event, on};
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, read, write};

/// Sums are written by version 1; a tenth of the events goes to the next one.
fn released<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    next: fn(Client, S3Event) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        let sum = cloud.function_with("sum", s3.clone(), sum_of_lines);
        let first = sum.publish();
        cloud.function_with("sum", s3, next);
        let live = sum.alias("live", &first).additional_version(&sum.publish(), 0.1);
        inbox.notify(&live, on(ObjectCreated));
        inbox.put("a.txt", "1\n2\n");
    })
    .tried(trial)
}

async fn sum_of_lines(s3: Client, event: S3Event) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let text = String::from_utf8(read(&s3, "inbox", &key).await?)?;
        let numbers: Result<Vec<u32>, _> = text.lines().map(str::parse).collect();
        write(&s3, "outbox", &key, numbers?.iter().sum::<u32>().to_string()).await?;
    }
    Ok(())
}

/// Takes the end of the last line for the beginning of another one.
async fn sum_of_pieces(s3: Client, event: S3Event) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let text = String::from_utf8(read(&s3, "inbox", &key).await?)?;
        let numbers: Result<Vec<u32>, _> = text.split('\n').map(str::parse).collect();
        write(&s3, "outbox", &key, numbers?.iter().sum::<u32>().to_string()).await?;
    }
    Ok(())
}

/// The retry finds the old version, which is why nobody sees it before all events go to the new one.
#[test]
fn a_new_version_fails() {
    Bug {
        name: "a new version fails, and a retry by the old one hides it",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html",
        finding: "a function fails",
        buggy: |trial| released(trial, sum_of_pieces),
        fixed: |trial| released(trial, sum_of_lines),
    }
    .try_it();
}

/// Counts what is no end of a line.
async fn sum_of_words(s3: Client, event: S3Event) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let text = String::from_utf8(read(&s3, "inbox", &key).await?)?;
        write(&s3, "outbox", &key, text.split_whitespace().count().to_string()).await?;
    }
    Ok(())
}

#[test]
fn a_new_version_does_something_else() {
    Bug {
        name: "a new version writes something else",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html",
        finding: "something else is there: s3://outbox/a.txt",
        buggy: |trial| released(trial, sum_of_words),
        fixed: |trial| released(trial, sum_of_lines),
    }
    .try_it();
}
