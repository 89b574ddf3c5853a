//! The mock Slack: incoming webhooks that answer as Slack does and keep what was posted.
//!
//! * [`rules`]: what is a message and what is not; pure.
//! * [`state`]: channels, messages, scripted answers.
//! * [`service`]: the webhooks behind the gateway.
//! * [`mounted`]: expectations of the test's own, on `wiremock`.

mod blocks;
mod mounted;
mod rules;
mod service;
mod state;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use service::SlackService;
use state::Scripted;
pub use state::SlackMessage;

use crate::expectation;
use crate::history::Name;

/// The Slack of a [`Cloud`](crate::Cloud), as a test sees it.
///
/// It answers on the cloud's own port of loopback. [`mock_server`](Self::mock_server) takes expectations of your own, which
/// come first.
///
/// Blocks are held to the documented limits of Block Kit. Not supported yet: rate limits by themselves (see
/// [`rate_limit_next`](Self::rate_limit_next)), and the Web API.
#[derive(Clone)]
pub struct Slack {
    service: Arc<SlackService>,
    base: String,
}

impl std::fmt::Debug for Slack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slack").finish_non_exhaustive()
    }
}

impl Slack {
    /// `base` is the cloud's address, such as `http://127.0.0.1:4566`.
    pub(crate) fn new(service: &Arc<SlackService>, base: String) -> Self {
        Self { service: Arc::clone(service), base }
    }

    /// The URL of the channel's incoming webhook: `http://127.0.0.1:<port>/services/T…/B…/…`.
    ///
    /// As with a real app's webhook, the members `channel` and `username` of a payload change nothing.
    pub fn webhook(&self, channel: &str) -> String {
        let mut ids = self.service.kernel().ids(Name::ROOT.under("channel", channel), "webhook");
        format!("{}{}", self.base, self.service.state().webhook(channel, &mut ids))
    }

    /// The messages posted to the channel, in order.
    ///
    /// # Panics
    ///
    /// When nobody asked for a webhook of the channel: its name may be misspelt.
    #[track_caller]
    pub fn messages(&self, channel: &str) -> Vec<SlackMessage> {
        match self.service.state().messages(channel) {
            Ok(messages) => messages.to_vec(),
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

    /// Asserts that these texts were posted to the channel, in this order, and no others.
    ///
    /// # Panics
    ///
    /// Otherwise; the message shows what is missing with the nearest text, and what is still to be done. Also as
    /// [`messages`](Self::messages).
    #[track_caller]
    pub fn assert_posted<T: AsRef<str>>(&self, channel: &str, texts: impl IntoIterator<Item = T>) {
        let expected: Vec<String> = texts.into_iter().map(|text| text.as_ref().to_owned()).collect();
        let (found, hint) = (self.texts(channel), self.service.kernel().what_waits());
        if let Some(unmet) = expectation::unmet(&format!("slack {channel}"), "message", &expected, &found, true, hint) {
            panic!("{unmet}");
        }
    }

    /// Answers the next `count` requests with `429 Too Many Requests` and this `Retry-After`, in whole seconds, at least
    /// one.
    pub fn rate_limit_next(&self, count: usize, retry_after: Duration) {
        let retry_after = Some(retry_after.as_secs().max(1));
        self.script(Scripted { status: 429, body: "rate_limited".to_owned(), retry_after }, count);
    }

    /// Answers the next `count` requests with this status and text.
    ///
    /// # Panics
    ///
    /// When the status is not from 200 to 599.
    #[track_caller]
    pub fn respond_next(&self, count: usize, status: u16, text: impl Into<String>) {
        assert!((200..600).contains(&status), "{status} is not an HTTP status from 200 to 599");
        self.script(Scripted { status, body: text.into(), retry_after: None }, count);
    }

    fn script(&self, answer: Scripted, count: usize) {
        self.service.state().scripted.extend(std::iter::repeat_n(answer, count));
    }

    /// A `wiremock` server for expectations of your own, started on first use: they are asked before Slack's rules. It has
    /// an address of its own too, for any other webhook.
    pub fn mock_server(&self) -> &wiremock::MockServer {
        self.service.mounted().server()
    }
}
