//! What was asked of Slack and what it answered: a view of the history.

use std::time::Duration;

use jiff::Timestamp;

use super::service::OK;
use crate::history::{Actor, Entry, Outcome, What};

/// A request to a webhook, whatever was answered; see [`Slack::requests`](crate::Slack::requests).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlackRequest {
    /// The channel; empty when the URL is no webhook.
    pub channel: String,
    /// The text of the message, empty when it has only blocks or attachments; of what is no message, the body as it was sent.
    pub text: String,
    /// The HTTP status; none for a request that got no answer.
    pub status: Option<u16>,
    /// Slack's word: `ok` with 200, or why it was refused, such as `rate_limited`. Without an answer, why there is none. Empty
    /// where the test has answered something else without a word.
    pub answer: String,
    /// How long the answer asks to wait, by its header `Retry-After`.
    pub retry_after: Option<Duration>,
    /// The function that asked; none if it was the test, or if nobody can tell.
    pub function: Option<String>,
    /// When it came, on the cloud's clock.
    pub at: Timestamp,
}

impl SlackRequest {
    /// The request that an entry tells of, if it is one.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let What::Request(request) = &entry.what else { return None };
        let (status, answer, retry_after) = match &entry.outcome {
            Outcome::Answered { status, error: Some(error), retry_after, .. } => {
                (Some(*status), error.code.as_str(), *retry_after)
            }
            Outcome::Answered { status, retry_after, .. } => {
                (Some(*status), if *status == 200 { OK } else { "" }, *retry_after)
            }
            Outcome::Unanswered { why } => (None, *why, None),
            _ => (None, "", None),
        };
        let function = match &entry.actor {
            Actor::Function(name) => Some(name.to_string()),
            _ => None,
        };
        (request.service == "slack").then(|| Self {
            channel: request.resource.clone(),
            text: request.detail.clone(),
            status,
            answer: answer.to_owned(),
            retry_after,
            function,
            at: entry.at,
        })
    }
}
