//! A bucket that is to hold what another one holds.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, read_if_any, write};

async fn remove(s3: &Client, key: &str) -> Result<(), Error> {
    s3.delete_object().bucket("outbox").key(key).send().await?;
    Ok(())
}

/// Does what the event says, whatever has happened since.
async fn repeat_events(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        if record.event_name.to_string().starts_with("ObjectRemoved:") {
            remove(&s3, &key).await?;
        } else if let Some(body) = read_if_any(&s3, "inbox", &key).await? {
            write(&s3, "outbox", &key, body).await?;
        }
    }
    Ok(())
}

/// Takes an event for the hint that something has changed.
async fn look_what_is_there(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        match read_if_any(&s3, "inbox", &key).await? {
            Some(body) => write(&s3, "outbox", &key, body).await?,
            None => remove(&s3, &key).await?,
        }
    }
    Ok(())
}

fn mirror<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(S3Event, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("mirror", move |event: S3Event| handler(event, s3.clone()));
        inbox.notify(&function, on(ObjectCreated).and(ObjectRemoved));
        inbox.put("a.txt", "a");
        let _ = cloud.drain().await;
        inbox.delete("a.txt");
        inbox.put("a.txt", "again");
    })
    .tried(trial)
}

#[test]
fn a_removal_comes_late() {
    Bug {
        name: "a removal that comes late removes what is new",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html: no order",
        finding: "something is lost: s3://outbox/a.txt",
        buggy: |trial| mirror(trial, repeat_events),
        fixed: |trial| mirror(trial, look_what_is_there),
    }
    .try_it();
}
