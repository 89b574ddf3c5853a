//! Schedule → Lambda → Slack: errors in a log file.

use aws_sdk_s3::Client;
use lambda_runtime::{Error, LambdaEvent};
use serde::Deserialize;

pub use crate::slack::Webhook;

/// The bucket of the logs.
pub const LOGS: &str = "logs";

/// The constant input of the schedule. The article's handler read `log` in one place and `logs` in another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub log: String,
}

#[derive(Clone)]
pub struct Clients {
    pub s3: Client,
    pub slack: Webhook,
}

/// Counts the errors in the log, and posts if there are any.
pub async fn handle(clients: Clients, event: LambdaEvent<Check>) -> Result<usize, Error> {
    let log = event.payload.log;
    let object = clients.s3.get_object().bucket(LOGS).key(format!("{log}/logs.txt")).send().await;
    let bytes = object.map_err(aws_sdk_s3::Error::from)?.body.collect().await?.into_bytes();
    // One bad byte must not stop the check of the other lines.
    let errors = String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains("ERROR")).count();
    if errors > 0 {
        clients.slack.post(&format!("{log}: {errors} errors")).await?;
    }
    Ok(errors)
}
