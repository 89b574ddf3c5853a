//! Questions to a history, in types.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{Actor, DeliveryInfo, Entry, EntryId, Explanation, InvocationInfo, Outcome, RequestInfo, Timeline, What};
use crate::event::invoke::TraceHeader;

/// Everything that happened in a cloud so far, in the order in which it began: what [`Timeline`] prints, in types.
///
/// ```
/// use lambda_testkit::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let (inbox, count) = (cloud.bucket("inbox"), cloud.function("count", |event: S3Event| async move {
///     Ok::<_, String>(event.records.len())
/// }));
/// inbox.notify(&count, on(ObjectCreated));
/// inbox.put("a.txt", "a");
/// cloud.settle().await.assert_ok();
///
/// let history = cloud.history();
/// assert_eq!(history.requests().operation("PutObject").resource("inbox/a.txt").count(), 1);
/// let invocations: Vec<_> = history.invocations().of("count").collect();
/// assert_eq!(invocations[0].event::<S3Event>().unwrap().records[0].bucket(), "inbox");
/// assert!(invocations[0].succeeded());
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    start: Timestamp,
    entries: Vec<Entry>,
    dropped: u64,
}

impl History {
    pub(super) fn new(start: Timestamp, entries: Vec<Entry>, dropped: u64) -> Self {
        Self { start, entries, dropped }
    }

    /// The entries in the order in which they began.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of this name; none when a limited history has dropped it.
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(id.place(self.dropped)?)
    }

    /// What led to an entry, from the first cause to the entry itself.
    pub fn path_to(&self, id: EntryId) -> Vec<&Entry> {
        let mut path: Vec<&Entry> = std::iter::successors(self.get(id), |entry| self.get(entry.cause?)).collect();
        path.reverse();
        path
    }

    /// All that followed from an entry, the entry first: of what sent a message, its deliveries, the invocations that they started, and
    /// what these did.
    ///
    /// ```
    /// use lambda_testkit::history::What;
    /// use lambda_testkit::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let jobs = cloud.queue("jobs");
    /// jobs.trigger(&cloud.function("work", |_: SqsEvent| async { Err::<(), _>("never") }), batch(1));
    /// jobs.send("a job");
    /// let _ = cloud.settle().await;
    /// let (history, message) = (cloud.history(), &jobs.messages()[0]);
    /// let of_message = history.led_to(message.sent_by.unwrap());
    /// assert!(of_message.iter().any(|entry| matches!(&entry.what, What::Invocation(work) if &*work.function == "work")));
    /// # }
    /// ```
    pub fn led_to(&self, id: EntryId) -> Vec<&Entry> {
        let mut led_to = BTreeSet::new();
        let from = |entry: &&Entry| {
            // Causes stand before what they cause.
            let follows = entry.id == id || entry.cause.is_some_and(|cause| led_to.contains(&cause));
            follows && led_to.insert(entry.id)
        };
        self.entries.iter().filter(from).collect()
    }

    /// The requests to services, those of the test's handles too.
    pub fn requests(&self) -> Requests<'_> {
        Requests(self.entries.iter().filter_map(Answered::of).collect())
    }

    /// The invocations of functions.
    pub fn invocations(&self) -> Invocations<'_> {
        Invocations(self.entries.iter().filter_map(InvokedFunction::of).collect())
    }

    /// What triggers, schedules and services handed to functions and queues.
    pub fn deliveries(&self) -> Deliveries<'_> {
        let deliveries = self.entries.iter().filter_map(|entry| match &entry.what {
            What::Delivery(delivery) => Some((entry, &**delivery)),
            _ => None,
        });
        Deliveries(deliveries.collect())
    }

    /// The messages that Slack accepted, in order: the channel and the text. What a test has answered itself, in Slack's
    /// place, was not posted.
    pub fn posted(&self) -> Vec<(&str, &str)> {
        let accepted = |answered: &Answered<'_>| {
            matches!(answered.entry.outcome, Outcome::Answered { status: 200, error: None, remark: None, .. })
        };
        let posted = self.requests().service("slack").filter(accepted).0.into_iter();
        posted.map(|answered| (answered.request.resource.as_str(), answered.request.detail.as_str())).collect()
    }

    /// The messages that were moved to dead-letter queues, and the events that were given up, as entries.
    pub fn given_up(&self) -> Vec<&Entry> {
        let given_up = |entry: &&Entry| matches!(entry.what, What::Moved { .. } | What::GivenUp { .. });
        self.entries.iter().filter(given_up).collect()
    }

    /// Why each trigger did or did not fire.
    pub fn explain(&self) -> Explanation {
        Explanation::of(self.entries.iter())
    }

    /// The same as text.
    pub fn timeline(&self) -> Timeline {
        Timeline::new(self.start, &self.entries, self.dropped)
    }
}

/// A request and what it was answered.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Answered<'a> {
    /// The whole entry: when, by whom, under which cause.
    pub entry: &'a Entry,
    /// What was asked.
    pub request: &'a RequestInfo,
}

impl<'a> Answered<'a> {
    fn of(entry: &'a Entry) -> Option<Self> {
        match &entry.what {
            What::Request(request) => Some(Self { entry, request }),
            _ => None,
        }
    }

    /// The HTTP status; none for a request that got no answer.
    pub fn status(&self) -> Option<u16> {
        match &self.entry.outcome {
            Outcome::Answered { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// AWS's error code, if the request was refused.
    pub fn error_code(&self) -> Option<&'a str> {
        match &self.entry.outcome {
            Outcome::Answered { error: Some(error), .. } => Some(&error.code),
            _ => None,
        }
    }

    /// How long the answer asks to wait before the next request, by its header `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.entry.outcome {
            Outcome::Answered { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// Some requests of a history, in order. Each method keeps those that it names.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a selection does nothing until it is counted or iterated over"]
pub struct Requests<'a>(Vec<Answered<'a>>);

impl<'a> Requests<'a> {
    /// Those to this service: `s3`, `sqs`, `lambda`, `slack`.
    pub fn service(self, name: &str) -> Self {
        self.filter(|answered| answered.request.service == name)
    }

    /// Those for this operation, such as `PutObject`.
    pub fn operation(self, name: &str) -> Self {
        self.filter(|answered| answered.request.operation == name)
    }

    /// Those about this resource: `bucket/key`, the name of a bucket, a queue or a function, a channel.
    pub fn resource(self, resource: &str) -> Self {
        self.filter(|answered| answered.request.resource == resource)
    }

    /// Those of this account, this principal or this principal's ARN.
    pub fn caller(self, who: &str) -> Self {
        self.filter(|answered| {
            let caller = answered.request.caller.as_ref();
            caller.is_some_and(|caller| caller.account.as_str() == who || caller.principal == who || caller.arn == who)
        })
    }

    /// Those made by this function, by its name.
    pub fn made_by(self, function: &str) -> Self {
        self.filter(|answered| matches!(&answered.entry.actor, Actor::Function(name) if **name == *function))
    }

    /// Those answered with this HTTP status.
    pub fn status(self, status: u16) -> Self {
        self.filter(|answered| answered.status() == Some(status))
    }

    /// Those that were refused with an error, or got no answer.
    pub fn failed(self) -> Self {
        self.filter(|answered| answered.entry.outcome.is_failed_request())
    }

    /// Those that `keep` says yes to.
    pub fn filter(mut self, keep: impl Fn(&Answered<'a>) -> bool) -> Self {
        self.0.retain(|answered| keep(answered));
        self
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl<'a> IntoIterator for Requests<'a> {
    type Item = Answered<'a>;
    type IntoIter = std::vec::IntoIter<Answered<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// An invocation and what came of it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct InvokedFunction<'a> {
    /// The whole entry: when it began, under which cause.
    pub entry: &'a Entry,
    /// What was invoked, with what.
    pub invocation: &'a InvocationInfo,
}

impl<'a> InvokedFunction<'a> {
    pub(super) fn of(entry: &'a Entry) -> Option<Self> {
        match &entry.what {
            What::Invocation(invocation) => Some(Self { entry, invocation }),
            _ => None,
        }
    }

    /// The event in a type of your choice.
    ///
    /// # Errors
    ///
    /// When the event is none of this type.
    pub fn event<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.invocation.event)
    }

    /// The handler's answer in a type of your choice; none when it failed or has not ended.
    ///
    /// # Errors
    ///
    /// When the answer is none of this type.
    pub fn response<T: DeserializeOwned>(&self) -> Option<Result<T, serde_json::Error>> {
        match &self.entry.outcome {
            Outcome::Succeeded { response, .. } => Some(serde_json::from_slice(response)),
            _ => None,
        }
    }

    /// What came of it.
    pub fn outcome(&self) -> &'a Outcome {
        &self.entry.outcome
    }

    /// Whether the handler answered without an error.
    pub fn succeeded(&self) -> bool {
        matches!(self.entry.outcome, Outcome::Succeeded { .. })
    }

    /// Which attempt it was for this event, counted from 1.
    pub fn attempt(&self) -> u32 {
        self.invocation.attempt
    }

    /// The trace header that the handler was given.
    pub fn trace_header(&self) -> TraceHeader {
        self.invocation.trace_header()
    }

    /// The id of the trace: the same for all invocations that follow from one request. See [`TraceHeader::root`].
    pub fn trace_id(&self) -> String {
        self.invocation.trace_id()
    }

    /// When it ended, on the cloud's clock; none while it runs.
    pub fn ended(&self) -> Option<Timestamp> {
        match &self.entry.outcome {
            Outcome::Succeeded { at, .. } | Outcome::Failed { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// How long it took on the cloud's clock; none while it runs.
    pub fn duration(&self) -> Option<Duration> {
        Duration::try_from(self.ended()?.duration_since(self.entry.at)).ok()
    }
}

/// Some invocations of a history, in the order in which they began.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a selection does nothing until it is counted or iterated over"]
pub struct Invocations<'a>(Vec<InvokedFunction<'a>>);

impl<'a> Invocations<'a> {
    /// Those of this function, by its name or ARN.
    pub fn of(mut self, function: &str) -> Self {
        self.0.retain(|invoked| {
            *invoked.invocation.function == *function || invoked.invocation.arn.to_string() == function
        });
        self
    }

    /// Those that failed.
    pub fn failed(mut self) -> Self {
        self.0.retain(|invoked| matches!(invoked.entry.outcome, Outcome::Failed { .. }));
        self
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All of them as a list.
    pub fn collect(self) -> Vec<InvokedFunction<'a>> {
        self.0
    }
}

impl<'a> IntoIterator for Invocations<'a> {
    type Item = InvokedFunction<'a>;
    type IntoIter = std::vec::IntoIter<InvokedFunction<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Some deliveries of a history, in order.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a selection does nothing until it is counted or iterated over"]
pub struct Deliveries<'a>(Vec<(&'a Entry, &'a DeliveryInfo)>);

impl<'a> Deliveries<'a> {
    /// Those from this bucket, queue, rule or schedule, by its name.
    pub fn from(mut self, source: &str) -> Self {
        self.0.retain(|(_, delivery)| delivery.from.name() == source);
        self
    }

    /// Those to this function or queue, by its name.
    pub fn to(mut self, target: &str) -> Self {
        self.0.retain(|(_, delivery)| {
            delivery.to == target || delivery.to.split_once(':').is_some_and(|(function, _)| function == target)
        });
        self
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl<'a> IntoIterator for Deliveries<'a> {
    type Item = (&'a Entry, &'a DeliveryInfo);
    type IntoIter = std::vec::IntoIter<(&'a Entry, &'a DeliveryInfo)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
