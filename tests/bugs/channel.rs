//! What handlers need to post to a channel of Slack.

use lambda_testkit::prelude::*;
use serde_json::json;

use crate::inbox::Error;

#[derive(Clone)]
pub struct Channel {
    http: reqwest::Client,
    webhook: String,
}

impl Channel {
    /// The webhook of the channel of this name.
    pub fn of(cloud: &Cloud, name: &str) -> Self {
        Self { http: reqwest::Client::new(), webhook: cloud.slack().webhook(name) }
    }

    pub async fn post(&self, text: &str) -> Result<(), Error> {
        self.http.post(&self.webhook).json(&json!({ "text": text })).send().await?.error_for_status()?;
        Ok(())
    }
}
