//! Answers that a test scripts for posts by their place: the second one to a channel.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::{answer, rate_limited};
use crate::choice::{Choices, Fault, FaultPlace, InjectedFault, ScriptedAnswer};

/// Some posts to a channel, which are to get an answer of the test's own; [`Slack::channel`](crate::Slack::channel) begins it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let cloud = lambda_testkit::Cloud::start();
/// let (slack, http) = (cloud.slack(), reqwest::Client::new());
/// let busy = slack.channel("#alarms").nth(2).respond(500, "rollup_error");
///
/// let mut came = Vec::new();
/// for text in ["one", "two", "three"] {
///     let post = http.post(slack.webhook("#alarms")).body(format!(r#"{{"text":"{text}"}}"#));
///     came.push(post.send().await.unwrap().status().as_u16());
/// }
/// assert_eq!((came, busy.hits()), (vec![200, 500, 200], 1));
/// slack.assert_posted("#alarms", ["one", "three"]);
/// # }
/// ```
///
/// It is counted as a [`Fault`](crate::Fault) is, from when it was scripted: each request for a webhook of the channel, whatever
/// becomes of it. A [plan](crate::Plan) and faults come first; a post that they spoil leaves the answer to the next one.
#[derive(Debug, Clone)]
#[must_use = "posts get an answer of their own when they are told which"]
pub struct SlackPosts {
    choices: Arc<Choices>,
    place: FaultPlace,
    optional: bool,
}

impl SlackPosts {
    pub(super) fn new(choices: &Arc<Choices>, channel: String) -> Self {
        let place = Fault::on("slack.PostMessage").resource(channel);
        Self { choices: Arc::clone(choices), place, optional: false }
    }

    /// The first post that gets the answer, counted from 1. Default: 1.
    pub fn nth(self, nth: u32) -> Self {
        Self { place: self.place.nth(nth), ..self }
    }

    /// How many posts get it, from the [`nth`](Self::nth) on. Default: 1.
    pub fn times(self, times: u32) -> Self {
        Self { place: self.place.times(times), ..self }
    }

    /// Only posts of the function of this name. Default: those of everybody, the test's own too.
    pub fn by(self, function: impl Into<String>) -> Self {
        Self { place: self.place.by(function), ..self }
    }

    /// Says that none of these posts need come. Otherwise the drop of a cloud panics when none came, for then its test has
    /// proved nothing.
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// Answers them with this status and text.
    ///
    /// # Panics
    ///
    /// When the status is not from 200 to 599, or a number of posts is 0. The drop of the cloud panics when no such post
    /// came, unless it is [`optional`](Self::optional).
    #[track_caller]
    pub fn respond(self, status: u16, text: impl Into<String>) -> InjectedFault {
        self.script(answer(status, text))
    }

    /// Answers them with `429 Too Many Requests` and this `Retry-After`, rounded up to whole seconds, at least one.
    ///
    /// # Panics
    ///
    /// As [`respond`](Self::respond), but for the status.
    #[track_caller]
    pub fn rate_limit(self, retry_after: Duration) -> InjectedFault {
        self.script(rate_limited(retry_after))
    }

    #[track_caller]
    fn script(self, answer: ScriptedAnswer) -> InjectedFault {
        if let Some((name, rule)) = self.place.uncounted() {
            panic!("invalid {name} 0: {rule}");
        }
        let fault = self.place.answer(answer);
        let fault = if self.optional { fault.optional() } else { fault };
        InjectedFault::new(self.choices.injections().add(fault, Location::caller()))
    }
}
