//! Failures that pass, and what handlers take them for.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use lambda_testkit::prelude::*;
use lambda_testkit::{Clock, Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, is, read, write};

const WASABI: &str =
    "Stoica et al., If at first you don't succeed, try, try, again (WASABI), SOSP 2024: not retried though transient";

/// The limit of a day's orders; without an object of its own, a hundred.
async fn limit_or_default(s3: &Client) -> Result<u32, Error> {
    let hasty = Client::from_conf(s3.config().to_builder().retry_config(RetryConfig::disabled()).build());
    let Ok(object) = hasty.get_object().bucket("config").key("limit").send().await else { return Ok(100) };
    Ok(String::from_utf8(object.body.collect().await?.to_vec())?.parse()?)
}

async fn limit(s3: &Client) -> Result<u32, Error> {
    match s3.get_object().bucket("config").key("limit").send().await {
        Err(error) if is(&error, "NoSuchKey") => Ok(100),
        other => Ok(String::from_utf8(other?.body.collect().await?.to_vec())?.parse()?),
    }
}

async fn accept_up_to(event: SqsEvent, s3: Client, limit: u32) -> Result<(), Error> {
    for message in event.records {
        let (amount, id) = (message.body.unwrap_or_default(), message.message_id.unwrap_or_default());
        let verdict = if amount.parse::<u32>()? <= limit { "accepted" } else { "refused" };
        write(&s3, "orders", &format!("{id}/{verdict}"), amount).await?;
    }
    Ok(())
}

async fn accept_by_default(event: SqsEvent, s3: Client) -> Result<(), Error> {
    let limit = limit_or_default(&s3).await?;
    accept_up_to(event, s3, limit).await
}

async fn accept(event: SqsEvent, s3: Client) -> Result<(), Error> {
    let limit = limit(&s3).await?;
    accept_up_to(event, s3, limit).await
}

fn orders<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Client) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (config, _) = (cloud.bucket("config"), cloud.bucket("orders"));
        config.put("limit", "5000");
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("accept", move |event: SqsEvent| handler(event, s3.clone()));
        let orders = cloud.queue("orders");
        orders.trigger(&function, batch(10));
        orders.send_all(["40", "400"]);
    })
    .tried(trial)
}

#[test]
fn a_transient_error_becomes_a_default() {
    Bug {
        name: "a transient error becomes a default value",
        from: WASABI,
        finding: "something",
        buggy: |trial| orders(trial, accept_by_default),
        fixed: |trial| orders(trial, accept),
    }
    .try_it();
}

const KEYS: [&str; 3] = ["1.csv", "2.csv", "3.csv"];

async fn collect(s3: &Client, lines: &mut Vec<String>) -> Result<(), Error> {
    for key in KEYS {
        let day = String::from_utf8(read(s3, "days", key).await?)?;
        lines.extend(day.lines().map(str::to_owned));
    }
    Ok(())
}

/// Collects the days, up to three times; with what an attempt has collected that failed, unless that is cleared.
async fn report(s3: Client, clock: Clock, cleared: bool) -> Result<(), Error> {
    let (mut lines, mut attempt) = (Vec::new(), 1);
    while let Err(error) = collect(&s3, &mut lines).await {
        if attempt == 3 {
            return Err(error);
        }
        clock.sleep(Duration::from_secs(1 << attempt)).await;
        attempt += 1;
        if cleared {
            lines.clear();
        }
    }
    write(&s3, "reports", "week.csv", lines.join("\n")).await
}

fn reports(trial: &Trial, cleared: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (days, _) = (cloud.bucket("days"), cloud.bucket("reports"));
        for key in KEYS {
            days.put(key, format!("{key},12"));
        }
        let (s3, clock) = (Client::new(&cloud.sdk_config()), cloud.clock());
        let function = cloud
            .function("report", move |_: serde_json::Value| report(s3.clone(), clock.clone(), cleared))
            .timeout(Duration::from_secs(60));
        cloud.rule("weekly", "rate(7 days)").trigger(&function);
        let _ = cloud.advance(Duration::from_secs(7 * 86_400)).await;
    })
    .tried(trial)
}

#[test]
fn a_retry_goes_on_with_what_was_collected() {
    Bug {
        name: "a retry goes on with what the attempt before has collected",
        from: "Stoica et al., If at first you don't succeed, try, try, again (WASABI), SOSP 2024: state not reset",
        finding: "something else is there",
        buggy: |trial| reports(trial, false),
        fixed: |trial| reports(trial, true),
    }
    .try_it();
}
