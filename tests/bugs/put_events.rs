//! Events that a handler puts on a bus, for another handler.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use lambda_testkit::event::EventBridgeEvent;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};
use serde_json::{Value, json};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, write};

fn entries(order: &Value) -> Vec<PutEventsRequestEntry> {
    let items = order["items"].as_array().into_iter().flatten();
    let entry = |item: &Value| {
        let detail = json!({ "order": order["id"], "item": item }).to_string();
        PutEventsRequestEntry::builder().source("shop").detail_type("Item").detail(detail).build()
    };
    items.map(entry).collect()
}

async fn announce(order: Value, events: Client) -> Result<(), Error> {
    events.put_events().set_entries(Some(entries(&order))).send().await?;
    Ok(())
}

/// Puts once more what has failed, and gives up after three times.
async fn announce_all(order: Value, events: Client) -> Result<(), Error> {
    let mut left = entries(&order);
    for _ in 0..3 {
        let answer = events.put_events().set_entries(Some(left.clone())).send().await?;
        let failed = answer.entries().iter().map(|entry| entry.error_code().is_some());
        left = left.into_iter().zip(failed).filter_map(|(entry, failed)| failed.then_some(entry)).collect();
        if left.is_empty() {
            return Ok(());
        }
    }
    Err("some events cannot be put".into())
}

/// Orders come by invocations, and each item is packed, whose event names it.
fn shop<F>(trial: &Trial, handler: fn(Value, Client) -> F) -> Explored
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    explore(async move |cloud: &Cloud| {
        cloud.bucket("packed");
        let (events, s3) = (Client::new(&cloud.sdk_config()), aws_sdk_s3::Client::new(&cloud.sdk_config()));
        let order = cloud.function("order", move |order: Value| handler(order, events.clone()));
        let pack = cloud.function_with("pack", s3, async |s3, event: EventBridgeEvent<Value>| {
            let (order, item) = (&event.detail["order"], event.detail["item"].as_str().ok_or("no item")?);
            write(&s3, "packed", &format!("{order}/{item}"), "").await
        });
        cloud.event_bus("default").rule("pack", json!({ "source": ["shop"] })).trigger(&pack);
        order.invoke_later(json!({ "id": 7, "items": ["tea", "milk"] }));
    })
    .tried(trial)
}

#[test]
fn entries_of_put_events_that_fail_are_not_looked_at() {
    Bug {
        name: "entries of PutEvents that fail are not looked at",
        from: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html: you must detect unsuccessful entries",
        finding: "something is lost",
        buggy: |trial| shop(trial, announce),
        fixed: |trial| shop(trial, announce_all),
    }
    .try_it();
}
