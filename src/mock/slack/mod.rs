//! The mock Slack: incoming webhooks that answer as Slack does and keep what was posted.
//!
//! * [`rules`]: what is a message and what is not; pure.
//! * [`server`]: the webhooks, on `wiremock`.

mod rules;
mod server;

use std::sync::Arc;
use std::time::Duration;

pub use server::SlackMessage;
pub(crate) use server::SlackServer;
use server::{Scripted, rate_limited};

/// The Slack of a [`Cloud`](crate::Cloud), as a test sees it.
///
/// It stands on a `wiremock` server of its own, on a port of loopback: [`mock_server`](Self::mock_server) takes further
/// expectations, which come first.
///
/// Not supported yet: the rules of Block Kit beyond the number of blocks, rate limits by themselves (see
/// [`rate_limit_next`](Self::rate_limit_next)), and the Web API.
#[derive(Clone)]
pub struct Slack {
    server: Arc<SlackServer>,
}

impl std::fmt::Debug for Slack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slack").finish_non_exhaustive()
    }
}

impl Slack {
    pub(crate) fn new(server: &Arc<SlackServer>) -> Self {
        Self { server: Arc::clone(server) }
    }

    /// The URL of the channel's incoming webhook: `http://127.0.0.1:<port>/services/T…/B…/…`.
    ///
    /// As with a real app's webhook, the members `channel` and `username` of a payload change nothing.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn webhook(&self, channel: &str) -> String {
        self.server.webhook(channel)
    }

    /// The messages posted to the channel, in order.
    ///
    /// # Panics
    ///
    /// When nobody asked for a webhook of the channel: its name may be misspelt.
    #[track_caller]
    pub fn messages(&self, channel: &str) -> Vec<SlackMessage> {
        match self.server.messages(channel) {
            Ok(messages) => messages,
            Err(known) => panic!("no webhook was made for the channel {channel:?}; there are {known:?}"),
        }
    }

    /// The texts of the messages posted to the channel, in order.
    ///
    /// # Panics
    ///
    /// As [`messages`](Self::messages).
    #[track_caller]
    pub fn texts(&self, channel: &str) -> Vec<String> {
        self.messages(channel).into_iter().map(|message| message.text).collect()
    }

    /// Answers the next `count` requests with `429 Too Many Requests` and this `Retry-After`, in whole seconds, at least
    /// one.
    pub fn rate_limit_next(&self, count: usize, retry_after: Duration) {
        self.server.script(rate_limited(retry_after), count);
    }

    /// Answers the next `count` requests with this status and text.
    ///
    /// # Panics
    ///
    /// When the status is not from 200 to 599.
    #[track_caller]
    pub fn respond_next(&self, count: usize, status: u16, text: impl Into<String>) {
        assert!((200..600).contains(&status), "{status} is not an HTTP status from 200 to 599");
        self.server.script(Scripted { status, body: text.into(), retry_after: None }, count);
    }

    /// The `wiremock` server below, for expectations of your own.
    pub fn mock_server(&self) -> &wiremock::MockServer {
        self.server.mock_server()
    }
}
