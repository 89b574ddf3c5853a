//! What AWS adds to its events one day, and who cannot bear it.

use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_s3::Client;
use lambda_testkit::prelude::{Cloud, ObjectCreated, batch, on};
use lambda_testkit::{Explored, explore};
use serde::Deserialize;
use serde_json::Value;

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, write};

/// All that an object has in the events of today.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(dead_code)]
struct Object {
    key: String,
    size: Option<u64>,
    e_tag: Option<String>,
    version_id: Option<String>,
    sequencer: Option<String>,
}

async fn sizes_of_known_objects(event: Value, s3: Client) -> Result<(), Error> {
    for record in event["Records"].as_array().ok_or("no records")? {
        let object: Object = serde_json::from_value(record["s3"]["object"].clone())?;
        write(&s3, "outbox", &object.key, object.size.unwrap_or_default().to_string()).await?;
    }
    Ok(())
}

/// It keeps the whole event too, under a name that follows from it.
async fn sizes_and_archive(event: Value, s3: Client) -> Result<(), Error> {
    for record in event["Records"].as_array().ok_or("no records")? {
        let (key, size) = (record["s3"]["object"]["key"].as_str().ok_or("no key")?, &record["s3"]["object"]["size"]);
        write(&s3, "outbox", key, size.to_string()).await?;
        let text = record.to_string();
        let sum = text.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        write(&s3, "outbox", &format!("raw/{sum:08x}.json"), text).await?;
    }
    Ok(())
}

fn sizes<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(Value, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("size", move |event: Value| handler(event, s3.clone()));
        inbox.notify(&function, on(ObjectCreated));
        inbox.put("a.txt", "a");
        inbox.put("b.txt", "bb");
    })
    .ignoring("s3://outbox/raw/") // what comes late has a later time
    .tried(trial)
}

#[test]
fn a_field_of_tomorrow_is_refused() {
    Bug {
        name: "a field of tomorrow is refused",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: eventVersion",
        finding: "with unknown members",
        buggy: |trial| sizes(trial, sizes_of_known_objects),
        fixed: |trial| sizes(trial, sizes_and_archive),
    }
    .try_it();
}

/// What does not look like an event that the author has seen is laid aside.
async fn events_as_they_are_known(event: SqsEvent, s3: Client) -> Result<(), Error> {
    for message in event.records {
        let body = message.body.unwrap_or_default();
        let parsed: Value = serde_json::from_str(&body)?;
        let Some(records) = parsed["Records"].as_array() else { continue };
        for record in records {
            let object = record["s3"]["object"].clone();
            let key = object["key"].as_str().ok_or("no key")?.to_owned();
            match serde_json::from_value::<Object>(object) {
                Ok(object) => {
                    write(&s3, "outbox", &format!("sizes/{key}"), object.size.unwrap_or_default().to_string()).await?;
                }
                Err(_) => write(&s3, "outbox", &format!("unreadable/{key}"), body.clone()).await?,
            }
        }
    }
    Ok(())
}

async fn events_as_they_come(event: SqsEvent, s3: Client) -> Result<(), Error> {
    for message in event.records {
        let parsed: Value = serde_json::from_str(&message.body.unwrap_or_default())?;
        for record in parsed["Records"].as_array().into_iter().flatten() {
            let object = &record["s3"]["object"];
            let key = object["key"].as_str().ok_or("no key")?;
            write(&s3, "outbox", &format!("sizes/{key}"), object["size"].to_string()).await?;
        }
    }
    Ok(())
}

fn laid_aside<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let events = cloud.queue("events");
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("size", move |event: SqsEvent| handler(event, s3.clone()));
        events.trigger(&function, batch(1));
        inbox.notify(&events, on(ObjectCreated));
        inbox.put("a.txt", "a");
    })
    .tried(trial)
}

#[test]
fn an_event_of_tomorrow_is_laid_aside() {
    Bug {
        name: "an event of tomorrow is laid aside",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: eventVersion",
        finding: "something is lost: s3://outbox/sizes/",
        buggy: |trial| laid_aside(trial, events_as_they_are_known),
        fixed: |trial| laid_aside(trial, events_as_they_come),
    }
    .try_it();
}
