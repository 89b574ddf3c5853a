//! SQS → Lambda → Slack: error messages go to a Slack channel, each exactly once, even when Slack says 429.

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_testkit::prelude::*;
use lambda_testkit::{Queue, Slack};
use serde_json::json;

type Error = Box<dyn std::error::Error + Send + Sync>;

async fn to_slack(event: SqsEvent, http: reqwest::Client, webhook: String) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let text = message.body.unwrap_or_default();
        let posted = http.post(&webhook).json(&json!({ "text": text })).send().await?;
        if !posted.status().is_success() {
            // The article's handler did not look at the status, and so lost the message.
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    Ok(response)
}

/// Lets the function post what is in the queue of alarms to Slack.
pub fn arrange(cloud: &Cloud) -> (Queue, Queue, Slack) {
    let dead = cloud.queue("alarms-dead");
    let alarms = cloud.queue("alarms").visibility_timeout(Duration::from_secs(60)).dead_letter(&dead, 3);
    let slack = cloud.slack();
    let (http, webhook) = (reqwest::Client::new(), slack.webhook("#general"));
    let function = cloud.function("to-slack", move |event: SqsEvent| to_slack(event, http.clone(), webhook.clone()));
    alarms.trigger(&function, batch(10).report_item_failures());
    (alarms, dead, slack)
}

/// Queues three alarms, of which Slack refuses the first once, and returns the drained cloud and the result.
pub async fn run() -> (Cloud, String) {
    let cloud = Cloud::start();
    let (alarms, dead, slack) = arrange(&cloud);

    slack.rate_limit_next(1, Duration::from_secs(1));
    for alarm in ["disk full on db-1", "no route to db-2", "db-3 is slow"] {
        alarms.send(alarm);
    }
    cloud.drain().await.assert_ok();

    assert_eq!(slack.texts("#general"), ["no route to db-2", "db-3 is slow", "disk full on db-1"]);
    assert!(alarms.messages().is_empty() && dead.messages().is_empty());
    let result = format!("#general: {:?}", slack.texts("#general"));
    (cloud, result)
}
