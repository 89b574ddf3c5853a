//! Functions that run out of time.

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent};
use lambda_testkit::prelude::*;
use lambda_testkit::{Clock, Explored, explore};
use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::case::{Bug, Trial, Tried as _};

#[derive(Clone)]
struct Means {
    http: Client,
    webhook: String,
    clock: Clock,
}

impl Means {
    /// Translates a text, which takes its time, and posts it. False if Slack does not take it.
    async fn translate(&self, text: &str) -> bool {
        self.clock.sleep(Duration::from_secs(4)).await;
        let posted = self.http.post(&self.webhook).json(&json!({ "text": text })).send().await;
        posted.is_ok_and(|posted| posted.status().is_success())
    }
}

async fn translate_all(event: LambdaEvent<SqsEvent>, means: Means) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        if !means.translate(&message.body.unwrap_or_default()).await {
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    Ok(response)
}

async fn translate_in_time(event: LambdaEvent<SqsEvent>, means: Means) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    let last = means.clock.now() + Duration::from_secs(20);
    for message in event.payload.records {
        if means.clock.now() > last || !means.translate(&message.body.unwrap_or_default()).await {
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    Ok(response)
}

fn translations<F: Future<Output = Result<SqsBatchResponse, Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(LambdaEvent<SqsEvent>, Means) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let means = Means { http: Client::new(), webhook: cloud.slack().webhook("#news"), clock: cloud.clock() };
        let translate = cloud.function("translate", move |event| handler(event, means.clone()));
        let dead = cloud.queue("dead");
        let news = cloud.queue("news").visibility_timeout(Duration::from_secs(180)).dead_letter(&dead, 10);
        news.trigger(&translate, batch(10).report_item_failures());
        news.send_all((1..=10).map(|number| format!("article {number}")));
    })
    .at_least_once("slack #news")
    .tried(trial)
}

#[test]
fn a_batch_takes_longer_than_the_timeout() {
    Bug {
        name: "a batch takes longer than the function's timeout",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: batch size and timeout",
        finding: "a function fails",
        buggy: |trial| translations(trial, translate_all),
        fixed: |trial| translations(trial, translate_in_time),
    }
    .try_it();
}

/// Waits as long as Slack asks for, and has no time left for the batch.
async fn post_when_slack_likes(event: LambdaEvent<SqsEvent>, means: Means) -> Result<SqsBatchResponse, Error> {
    for message in event.payload.records {
        let text = json!({ "text": message.body });
        let mut posted = means.http.post(&means.webhook).json(&text).send().await?;
        while posted.status() == StatusCode::TOO_MANY_REQUESTS {
            let seconds = posted.headers()["retry-after"].to_str()?.parse()?;
            means.clock.sleep(Duration::from_secs(seconds)).await;
            posted = means.http.post(&means.webhook).json(&text).send().await?;
        }
        posted.error_for_status()?;
    }
    Ok(SqsBatchResponse::default())
}

async fn post_or_give_back(event: LambdaEvent<SqsEvent>, means: Means) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        let text = json!({ "text": message.body });
        let posted = means.http.post(&means.webhook).json(&text).send().await;
        if !matches!(posted, Ok(posted) if posted.status().is_success()) {
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    Ok(response)
}

fn alerts<F: Future<Output = Result<SqsBatchResponse, Error>> + Send + 'static>(
    handler: fn(LambdaEvent<SqsEvent>, Means) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let means = Means { http: Client::new(), webhook: cloud.slack().webhook("#alerts"), clock: cloud.clock() };
        let post = cloud.function("post", move |event| handler(event, means.clone()));
        let alerts = cloud.queue("alerts").visibility_timeout(Duration::from_secs(180));
        alerts.trigger(&post, batch(10).report_item_failures());
        alerts.send_all(["disk full", "no route", "too slow"]);
    })
    // Neither of them knows what it has posted.
    .without(": twice")
    .budget(0)
    .try_run()
}

/// A timeout excuses what is done again only if the cloud has held the function up.
#[test]
fn a_function_that_spends_its_time_on_one_message_is_answerable_for_the_others() {
    let explored = alerts(post_when_slack_likes);
    let found = explored.findings().iter().find(|found| found.what == "not idempotent");
    let found = found.unwrap_or_else(|| panic!("{explored}"));
    assert!(found.plan.to_string().ends_with("rate_limited"), "{explored}");
    alerts(post_or_give_back).assert_ok();
}
