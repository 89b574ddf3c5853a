//! A fault that a test injects by hand: which requests, and what happens to them.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::{Deviation, Span};

/// What happens to some requests, for [`Cloud::inject`](crate::Cloud::inject).
///
/// ```
/// use std::time::Duration;
/// use lambda_testkit::{Cloud, Fault};
///
/// let cloud = Cloud::start();
/// let exports = cloud.bucket("exports");
/// let slow = cloud.inject(Fault::on("s3.PutObject").resource("exports/*.csv").nth(2).refuse("SlowDown"));
///
/// exports.put("a.csv", "1");
/// assert!(exports.try_put("b.csv", "2").is_err());
/// exports.put("b.csv", "2");                          // the third
/// assert_eq!(slow.hits(), 1);
/// ```
///
/// Requests are those of handlers, of the test's own clients and of handles such as [`Bucket`](crate::Bucket), but not those
/// that services of the cloud make, which are deliveries. Each attempt of an SDK client is a request of its own: a client
/// that tries three times survives `times(2)`, and not `times(3)`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    pub(super) place: FaultPlace,
    pub(super) effect: Effect,
    pub(super) optional: bool,
}

/// Which requests a [`Fault`] hits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a place says nothing until it is told what happens there"]
pub struct FaultPlace {
    /// As in plans: `s3.PutObject`, or `s3.*`.
    pub(super) operation: String,
    pub(super) resource: Option<String>,
    pub(super) function: Option<String>,
    pub(super) nth: u32,
    /// How many requests are hit; all without a number.
    pub(super) times: Option<u32>,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// In place of the work.
    Before(Deviation),
    /// Once the work is done.
    After(Deviation),
    /// The answer comes so much later.
    Latency(Duration),
    /// These entries of a batch fail, counted from 0.
    Entries(BTreeSet<usize>),
    /// The service answers this in place of its work.
    #[cfg(feature = "slack")]
    Answer(ScriptedAnswer),
}

/// An answer in a test's own words.
#[cfg(feature = "slack")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScriptedAnswer {
    pub status: u16,
    pub text: String,
    /// How long it asks to wait, in seconds.
    pub retry_after: Option<u64>,
}

impl Fault {
    /// Requests for an operation, spelt as plans and courses do: the service, a dot and the operation's name in its API,
    /// such as `s3.PutObject`, `sqs.SendMessageBatch`, `lambda.Invoke` and `slack.PostMessage`. `s3.*` are all of a service.
    pub fn on(operation: impl Into<String>) -> FaultPlace {
        FaultPlace { operation: operation.into(), resource: None, function: None, nth: 1, times: Some(1) }
    }

    /// Says that the fault need not be hit. Otherwise the drop of a cloud panics when a fault was never hit, for then its
    /// test has proved nothing.
    ///
    /// ```
    /// # use lambda_testkit::{Cloud, Fault};
    /// let cloud = Cloud::start();
    /// cloud.inject(Fault::on("s3.DeleteObject").refuse("SlowDown").optional());
    /// ```
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &FaultPlace {
        &self.place
    }

    /// What happens there.
    pub(crate) fn effect(&self) -> &Effect {
        &self.effect
    }
}

impl FaultPlace {
    /// Only requests about what the pattern stands for: `bucket/key`, a bucket with all its keys, the name of a queue or a
    /// function, a channel of Slack. `*` stands for any characters or none. Default: all.
    pub fn resource(mut self, pattern: impl Into<String>) -> Self {
        self.resource = Some(pattern.into());
        self
    }

    /// Only requests that the function of this name makes. Default: those of everybody, the test's own too.
    pub fn by(mut self, function: impl Into<String>) -> Self {
        self.function = Some(function.into());
        self
    }

    /// The first request that is hit, counted from 1 at the injection among all that the place stands for. Default: 1.
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = nth;
        self
    }

    /// How many requests are hit, from the [`nth`](Self::nth) on. Default: 1.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// All requests from the [`nth`](Self::nth) on are hit.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    fn with(self, effect: Effect) -> Fault {
        Fault { place: self, effect, optional: false }
    }

    /// The service refuses, before any work, with an error that it may give although nothing is wrong with the request, such
    /// as `SlowDown`.
    pub fn refuse(self, code: impl Into<String>) -> Fault {
        self.with(Effect::Before(Deviation::error(code.into(), Span::Once)))
    }

    /// The connection is reset, before any work.
    pub fn reset(self) -> Fault {
        self.with(Effect::Before(Deviation::Reset(Span::Once)))
    }

    /// The request hangs, before any work, until the timeout of the function that makes it. Only functions are hit, and not
    /// by what they do through handles: a handle's verb cannot wait, and fails.
    pub fn hang(self) -> Fault {
        self.with(Effect::Before(Deviation::Hangs))
    }

    /// The work is done, and the connection breaks before the answer.
    pub fn answer_lost(self) -> Fault {
        self.with(Effect::After(Deviation::AnswerLost))
    }

    /// The work is done, and the body of the answer ends in its middle; an answer without a body is lost.
    pub fn cut_body(self) -> Fault {
        self.with(Effect::After(Deviation::BodyCut))
    }

    /// The work is done, and the environment of the function that asks crashes. Only functions are hit.
    pub fn crash_after(self) -> Fault {
        self.with(Effect::After(Deviation::Crash))
    }

    /// The work is done at once, and the answer comes so much later on the cloud's clock.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lambda_testkit::{Cloud, Fault};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (sqs, url) = (aws_sdk_sqs::Client::new(&cloud.sdk_config()), cloud.queue("jobs").url());
    /// cloud.inject(Fault::on("sqs.SendMessage").latency(Duration::from_secs(5)));
    /// let before = cloud.now();
    /// sqs.send_message().queue_url(url).message_body("one").send().await.unwrap();
    /// assert_eq!(cloud.now().duration_since(before).as_secs(), 5);
    /// # }
    /// ```
    ///
    /// A handle's verb cannot wait, so it fails and says so, and nothing is done. What asks over a socket is answered at once, and
    /// is not hit: the driver cannot see there when a late answer has come. Other faults may hit the same request.
    pub fn latency(self, time: Duration) -> Fault {
        self.with(Effect::Latency(time))
    }

    /// The batch is done but for these entries, counted from 0, which fail with the service's internal error: of
    /// SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch, PutEvents and DeleteObjects. A batch that has none of them
    /// is not hit.
    pub fn fail_entries(self, entries: impl IntoIterator<Item = usize>) -> Fault {
        self.with(Effect::Entries(entries.into_iter().collect()))
    }

    /// The service answers this in place of its work.
    #[cfg(feature = "slack")]
    pub(crate) fn answer(self, answer: ScriptedAnswer) -> Fault {
        self.with(Effect::Answer(answer))
    }

    /// The service and the operation; none if it is not spelt so.
    pub(crate) fn operation(&self) -> Option<(&str, &str)> {
        self.operation.split_once('.')
    }

    /// The operation as it was spelt.
    pub(crate) fn spelt(&self) -> &str {
        &self.operation
    }

    /// Whether it is a place of the operation, spelt as it is: `s3.PutObject`.
    pub(crate) fn is_for(&self, operation: &str) -> bool {
        match self.operation.strip_suffix('*') {
            Some(start) => operation.starts_with(start),
            None => operation == self.operation,
        }
    }

    /// The number that is 0 and must not be, with the rule.
    pub(crate) fn uncounted(&self) -> Option<(&'static str, &'static str)> {
        match (self.nth, self.times) {
            (0, _) => Some(("first request of a fault", "requests are counted from 1")),
            (_, Some(0)) => Some(("times of a fault", "at least one request is hit")),
            _ => None,
        }
    }
}

impl fmt::Display for FaultPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, resource, function, nth, times } = self;
        f.write_str(operation)?;
        if let Some(resource) = resource {
            write!(f, " {resource}")?;
        }
        if let Some(function) = function {
            write!(f, " by {function}")?;
        }
        match (nth, times) {
            (1, Some(1)) => Ok(()),
            (nth, Some(1)) => write!(f, " #{nth}"),
            (nth, Some(times)) => write!(f, " #{nth} to #{}", u64::from(*nth) + u64::from(*times) - 1),
            (nth, None) => write!(f, " from #{nth} on"),
        }
    }
}

/// As plans say it: `s3.PutObject exports/* #2: SlowDown`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        match &self.effect {
            Effect::Before(deviation) | Effect::After(deviation) => deviation.fmt(f),
            Effect::Latency(time) => write!(f, "answered after {time:?}"),
            Effect::Entries(entries) => write!(f, "entries {entries:?} fail"),
            #[cfg(feature = "slack")]
            Effect::Answer(ScriptedAnswer { status, text, .. }) => write!(f, "answered {status} {text}"),
        }
    }
}
