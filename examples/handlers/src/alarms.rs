//! SQS → Lambda → Slack: alarms, each of them once, also when Slack is busy.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};

pub use crate::slack::Webhook;

/// An alarm, as other programs queue it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    pub host: String,
    pub text: String,
}

/// Posts each alarm of the batch, and says which could not be read or posted: the queue delivers those again.
pub async fn handle(slack: Webhook, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let mut response = SqsBatchResponse::default();
    for message in event.payload.records {
        let body = message.body.unwrap_or_default();
        // What S3 sends to a queue when somebody has it notify the queue.
        if body.contains("\"s3:TestEvent\"") {
            continue;
        }
        let posted = match serde_json::from_str::<Alarm>(&body) {
            Ok(Alarm { host, text }) => slack.post(&format!("{host}: {text}")).await,
            Err(error) => Err(error.into()),
        };
        if posted.is_err() {
            response.add_failure(message.message_id.ok_or("the message has no id")?);
        }
    }
    Ok(response)
}
