//! The mock Slack: incoming webhooks that answer as Slack does and keep what was posted.
//!
//! * [`rules`]: what is a message and what is not; pure.
//! * [`state`]: channels, messages, answers that were scripted for the next posts or for a time.
//! * [`posts`]: answers that were scripted for posts by their place.
//! * [`request`]: what was asked, refused or not.
//! * [`service`]: the webhooks behind the gateway.
//! * [`mounted`]: expectations of the test's own, on `wiremock`.

mod blocks;
mod mounted;
mod posts;
mod request;
mod rules;
mod service;
mod state;

use std::sync::Arc;
use std::time::Duration;

pub use posts::SlackPosts;
pub use request::SlackRequest;
pub(crate) use service::SlackService;
pub use state::SlackMessage;

use crate::choice::{Choices, ScriptedAnswer};
use crate::expectation;
use crate::history::Name;
use crate::kernel::later;
use state::rate_limited;

/// The Slack of a [`Cloud`](crate::Cloud), as a test sees it.
///
/// It answers on the cloud's own port of loopback. [`mock_server`](Self::mock_server) takes expectations of your own, which
/// come first.
///
/// Answers can be scripted: for posts by their place ([`channel`](Self::channel)), for the next ones
/// ([`respond_next`](Self::respond_next), [`rate_limit_next`](Self::rate_limit_next)), and for a time
/// ([`rate_limit_for`](Self::rate_limit_for)). Where several stand for a request, it gets that of the first of these kinds, and
/// whatever it says, nothing is posted.
///
/// Blocks are held to the documented limits of Block Kit. Not supported yet: rate limits by themselves (see
/// [`rate_limit_next`](Self::rate_limit_next)), and the Web API.
#[derive(Clone)]
pub struct Slack {
    service: Arc<SlackService>,
    choices: Arc<Choices>,
    base: String,
}

impl std::fmt::Debug for Slack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slack").finish_non_exhaustive()
    }
}

impl Slack {
    /// `base` is the cloud's address, such as `http://127.0.0.1:4566`.
    pub(crate) fn new(service: &Arc<SlackService>, choices: &Arc<Choices>, base: String) -> Self {
        Self { service: Arc::clone(service), choices: Arc::clone(choices), base }
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

    /// All requests to webhooks so far, refused ones too, in the order in which they came: a view of
    /// [`Cloud::history`](crate::Cloud::history).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let cloud = lambda_testkit::Cloud::start();
    /// let (slack, http) = (cloud.slack(), reqwest::Client::new());
    /// slack.rate_limit_next(1, std::time::Duration::from_secs(5));
    /// for _ in 0..2 {
    ///     http.post(slack.webhook("#alarms")).body(r#"{"text":"disk full"}"#).send().await.unwrap();
    /// }
    /// let requests = slack.requests();
    /// assert_eq!([&*requests[0].answer, &*requests[1].answer], ["rate_limited", "ok"]);
    /// assert_eq!((requests[0].status, requests[0].text.as_str()), (Some(429), "disk full"));
    /// assert_eq!(slack.texts("#alarms"), ["disk full"]);
    /// # }
    /// ```
    pub fn requests(&self) -> Vec<SlackRequest> {
        self.service.kernel().recorder().look(|entries| entries.filter_map(SlackRequest::of).collect())
    }

    /// The posts to a channel, to give some of them an answer by their place, such as the second one. See [`SlackPosts`]. `*`
    /// in the name stands for any characters or none.
    pub fn channel(&self, channel: impl Into<String>) -> SlackPosts {
        SlackPosts::new(&self.choices, channel.into())
    }

    /// Answers the next `count` requests, to whatever channel, with `429 Too Many Requests` and this `Retry-After`, rounded up
    /// to whole seconds, at least one.
    pub fn rate_limit_next(&self, count: usize, retry_after: Duration) {
        self.service.state().script(&rate_limited(retry_after), count);
    }

    /// Answers the next `count` requests, to whatever channel, with this status and text.
    ///
    /// # Panics
    ///
    /// When the status is not from 200 to 599.
    #[track_caller]
    pub fn respond_next(&self, count: usize, status: u16, text: impl Into<String>) {
        self.service.state().script(&answer(status, text), count);
    }

    /// From now on, and for so long on the cloud's clock, Slack answers all requests with `429 Too Many Requests`; their
    /// `Retry-After` is what is left of that time, rounded up to whole seconds. A later call replaces an earlier one, and
    /// one with no time ends it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let cloud = lambda_testkit::Cloud::start();
    /// let (slack, http) = (cloud.slack(), reqwest::Client::new());
    /// slack.rate_limit_for(Duration::from_secs(60));
    /// let post = async || http.post(slack.webhook("#alarms")).body(r#"{"text":"disk full"}"#).send().await.unwrap();
    ///
    /// cloud.advance(Duration::from_secs(20)).await.assert_ok();
    /// let busy = post().await;
    /// assert!(busy.status() == 429 && busy.headers()["retry-after"] == "40");
    /// cloud.advance(Duration::from_secs(40)).await.assert_ok();
    /// assert_eq!(post().await.status(), 200);
    /// # }
    /// ```
    ///
    /// <https://docs.slack.dev/apis/web-api/rate-limits>
    pub fn rate_limit_for(&self, time: Duration) {
        let until = later(self.service.kernel().now(), time);
        self.service.state().limit_until(until);
    }

    /// A `wiremock` server for expectations of your own, started on first use: they are asked before Slack's rules. It has
    /// an address of its own too, for any other webhook.
    pub fn mock_server(&self) -> &wiremock::MockServer {
        self.service.mounted().server()
    }
}

/// An answer of this status and text.
#[track_caller]
fn answer(status: u16, text: impl Into<String>) -> ScriptedAnswer {
    assert!((200..600).contains(&status), "{status} is not an HTTP status from 200 to 599");
    ScriptedAnswer { status, text: text.into(), retry_after: None }
}
