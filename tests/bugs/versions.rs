//! An object is not what it was when its event was made; and events are not all of one kind.

use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use lambda_testkit::prelude::{Cloud, ObjectCreated, ObjectRemoved, on};
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, is, write};

/// What a record says of its object.
struct Told {
    key: String,
    version: Option<String>,
    tag: String,
    size: i64,
}

fn told(event: S3Event) -> Vec<Told> {
    let objects = event.records.into_iter().map(|record| record.s3.object);
    let told = objects.map(|object| Told {
        key: object.key.unwrap_or_default(),
        version: object.version_id,
        tag: object.e_tag.unwrap_or_default(),
        size: object.size.unwrap_or_default(),
    });
    told.collect()
}

async fn archive(event: S3Event, s3: Client, which: bool) -> Result<(), Error> {
    for Told { key, version, .. } in told(event) {
        let read = s3.get_object().bucket("inbox").key(&key).set_version_id(version.clone().filter(|_| which));
        let body = read.send().await?.body.collect().await?.to_vec();
        write(&s3, "outbox", &format!("{key}/{}", version.unwrap_or_default()), body).await?;
    }
    Ok(())
}

async fn archive_the_newest(event: S3Event, s3: Client) -> Result<(), Error> {
    archive(event, s3, false).await
}

async fn archive_the_version(event: S3Event, s3: Client) -> Result<(), Error> {
    archive(event, s3, true).await
}

fn inbox<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(S3Event, Client) -> F,
    versions: bool,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        if versions {
            let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
            s3.put_bucket_versioning().bucket("inbox").versioning_configuration(enabled).send().await.unwrap();
        }
        let function = cloud.function("archive", move |event: S3Event| handler(event, s3.clone()));
        inbox.notify(&function, on(ObjectCreated));
        inbox.put("a.txt", "first");
        inbox.put("b.txt", "other");
    })
    .tried(trial)
}

#[test]
fn the_version_is_ignored() {
    Bug {
        name: "the version of an event is ignored",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: versionId",
        finding: "two versions are mixed: s3://outbox/a.txt/",
        buggy: |trial| inbox(trial, archive_the_newest, true),
        fixed: |trial| inbox(trial, archive_the_version, true),
    }
    .try_it();
}

/// A catalogue: how long an object is, by which tag it is known, and what it begins with.
async fn catalogue_what_was_told(event: S3Event, s3: Client) -> Result<(), Error> {
    for Told { key, tag, size, .. } in told(event) {
        let body = match s3.get_object().bucket("inbox").key(&key).send().await {
            Err(error) if is(&error, "NoSuchKey") => continue, // deleted since
            other => other?.body.collect().await?.to_vec(),
        };
        let line = format!("{size} {tag} {}", String::from_utf8_lossy(&body));
        write(&s3, "outbox", &format!("{key}/{tag}"), line).await?;
    }
    Ok(())
}

async fn catalogue_what_is_there(event: S3Event, s3: Client) -> Result<(), Error> {
    for Told { key, .. } in told(event) {
        let object = match s3.get_object().bucket("inbox").key(&key).send().await {
            Err(error) if is(&error, "NoSuchKey") => continue, // deleted since
            other => other?,
        };
        let (size, tag) = (object.content_length().unwrap_or_default(), object.e_tag().unwrap_or_default().to_owned());
        let (tag, body) = (tag.trim_matches('"'), object.body.collect().await?.to_vec());
        let line = format!("{size} {tag} {}", String::from_utf8_lossy(&body));
        write(&s3, "outbox", &format!("{key}/{tag}"), line).await?;
    }
    Ok(())
}

#[test]
fn an_object_was_overwritten() {
    Bug {
        name: "an object was overwritten since its event",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: eTag",
        finding: "two versions are mixed: s3://outbox/a.txt/",
        buggy: |trial| inbox(trial, catalogue_what_was_told, false),
        fixed: |trial| inbox(trial, catalogue_what_is_there, false),
    }
    .try_it();
}

async fn copy(event: S3Event, s3: Client, wanted: fn(&str) -> bool) -> Result<(), Error> {
    for record in event.records {
        let (name, key) = (record.event_name.unwrap_or_default(), record.s3.object.key.unwrap_or_default());
        if wanted(&name) {
            let body = s3.get_object().bucket("inbox").key(&key).send().await?.body.collect().await?.to_vec();
            write(&s3, "outbox", &key, body).await?;
        }
    }
    Ok(())
}

/// A bucket that tells of what is created and of what is deleted.
fn changes(trial: &Trial, wanted: fn(&str) -> bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("copy", move |event: S3Event| copy(event, s3.clone(), wanted));
        inbox.notify(&function, on(ObjectCreated).and(ObjectRemoved));
        inbox.put("a.txt", "a");
        let _ = cloud.drain().await;
        inbox.delete("a.txt");
    })
    .tried_with(trial, |state| assert_eq!(state.buckets["outbox"].objects.len(), 1))
}

const NAMES: &str =
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html";

#[test]
fn what_is_removed_is_read() {
    Bug {
        name: "what was removed is taken for created",
        from: NAMES,
        finding: "a function fails",
        buggy: |trial| changes(trial, |name| name.starts_with("Object")),
        fixed: |trial| changes(trial, |name| name.starts_with("ObjectCreated:")),
    }
    .try_it();
}

#[test]
fn no_event_has_this_name() {
    Bug {
        name: "events are looked for by the name of their subscription",
        from: NAMES,
        finding: "the check failed",
        buggy: |trial| changes(trial, |name| name.starts_with("s3:ObjectCreated:")),
        fixed: |trial| changes(trial, |name| name.starts_with("ObjectCreated:")),
    }
    .try_it();
}
