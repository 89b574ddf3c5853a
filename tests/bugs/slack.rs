//! Posts to Slack, and how they are tried again.

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_testkit::prelude::*;
use lambda_testkit::{Clock, Explored, explore};
use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::Error;

/// What the handlers are given.
#[derive(Clone)]
struct Means {
    http: Client,
    webhook: String,
    clock: Clock,
}

impl Means {
    async fn post(&self, text: &str) -> reqwest::Result<StatusCode> {
        Ok(self.http.post(&self.webhook).json(&json!({ "text": text })).send().await?.status())
    }
}

async fn post_and_hope(event: SqsEvent, means: Means) -> Result<SqsBatchResponse, Error> {
    for message in event.records {
        means.post(&message.body.unwrap_or_default()).await?;
    }
    Ok(SqsBatchResponse::default())
}

/// It knows of the rate limit, and of nothing else.
async fn look_for_429(event: SqsEvent, means: Means) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let status = means.post(&message.body.unwrap_or_default()).await?;
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    Ok(response)
}

/// As often as `most`, with `pause` between.
async fn post_again(event: SqsEvent, means: Means, most: usize, pause: u64) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let text = message.body.unwrap_or_default();
        let mut tried = 0;
        while !matches!(means.post(&text).await, Ok(status) if status.is_success()) {
            tried += 1;
            if tried == most {
                response.add_failure(message.message_id.unwrap_or_default());
                break;
            }
            if pause > 0 {
                means.clock.sleep(Duration::from_secs(pause)).await;
            }
        }
    }
    Ok(response)
}

async fn post_again_after_a_second(event: SqsEvent, means: Means) -> Result<SqsBatchResponse, Error> {
    post_again(event, means, 2, 1).await
}

async fn post_again_at_once(event: SqsEvent, means: Means) -> Result<SqsBatchResponse, Error> {
    post_again(event, means, 5, 0).await
}

async fn post_until_it_works(event: SqsEvent, means: Means) -> Result<SqsBatchResponse, Error> {
    post_again(event, means, usize::MAX, 31).await
}

async fn post_or_give_back(event: SqsEvent, means: Means) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let text = message.body.unwrap_or_default();
        if !matches!(means.post(&text).await, Ok(status) if status.is_success()) {
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    Ok(response)
}

fn alarms<F>(trial: &Trial, handler: fn(SqsEvent, Means) -> F) -> Explored
where
    F: Future<Output = Result<SqsBatchResponse, Error>> + Send + 'static,
{
    explore(async move |cloud: &Cloud| {
        let dead = cloud.queue("alarms-dead");
        let alarms = cloud.queue("alarms").visibility_timeout(Duration::from_secs(900)).dead_letter(&dead, 5);
        let means = Means { http: Client::new(), webhook: cloud.slack().webhook("#alarms"), clock: cloud.clock() };
        let function = cloud.function("to-slack", move |event: SqsEvent| handler(event, means.clone()));
        function.timeout(Duration::from_secs(900));
        alarms.trigger(&function, batch(10).report_item_failures());
        alarms.send("disk full");
        alarms.send("no route");
    })
    .at_least_once("slack #alarms")
    .tried(trial)
}

#[test]
fn status_is_ignored() {
    Bug {
        name: "Slack's status is ignored",
        from: "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors",
        finding: "something is lost",
        buggy: |trial| alarms(trial, post_and_hope),
        fixed: |trial| alarms(trial, post_or_give_back),
    }
    .try_it();
}

#[test]
fn errors_but_429_are_ignored() {
    Bug {
        name: "Slack's errors but the rate limit are ignored",
        from: "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors",
        finding: "something is lost",
        buggy: |trial| alarms(trial, look_for_429),
        fixed: |trial| alarms(trial, post_or_give_back),
    }
    .try_it();
}

#[test]
fn retry_after_is_ignored() {
    Bug {
        name: "Slack's Retry-After is ignored",
        from: "https://docs.slack.dev/apis/web-api/rate-limits/",
        finding: "Slack's Retry-After is not respected",
        buggy: |trial| alarms(trial, post_again_after_a_second),
        fixed: |trial| alarms(trial, post_or_give_back),
    }
    .try_it();
}

#[test]
fn retries_do_not_wait() {
    Bug {
        name: "no delay between retries",
        from: "Stoica et al., If at first you don't succeed, try, try, again (WASABI), SOSP 2024: missing delay",
        finding: "retries do not wait",
        buggy: |trial| alarms(trial, post_again_at_once),
        fixed: |trial| alarms(trial, post_or_give_back),
    }
    .try_it();
}

#[test]
fn retries_have_no_cap() {
    Bug {
        name: "no cap on retries",
        from: "Stoica et al., If at first you don't succeed, try, try, again (WASABI), SOSP 2024: missing cap",
        finding: "retries do not end",
        buggy: |trial| alarms(trial, post_until_it_works),
        fixed: |trial| alarms(trial, post_or_give_back),
    }
    .try_it();
}
