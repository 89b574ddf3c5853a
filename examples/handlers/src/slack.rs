//! Messages for a Slack channel.

use lambda_runtime::Error;
use serde_json::json;

/// An incoming webhook, and the client that posts to it.
#[derive(Clone)]
pub struct Webhook {
    http: reqwest::Client,
    url: String,
}

impl Webhook {
    /// A webhook with a client of its own.
    pub fn new(url: impl Into<String>) -> Self {
        Self { http: reqwest::Client::new(), url: url.into() }
    }

    /// Posts a text. The article's handler did not look at the status, and lost what Slack refused.
    pub(crate) async fn post(&self, text: &str) -> Result<(), Error> {
        let posted = self.http.post(&self.url).json(&json!({ "text": text })).send().await?;
        if !posted.status().is_success() {
            return Err(format!("Slack answered {}", posted.status()).into());
        }
        Ok(())
    }
}
