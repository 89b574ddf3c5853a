//! An invocation as a test asks after it: owned, with what came of it.

use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{Entry, InvocationInfo, InvokedFunction, Outcome, What};
use crate::event::invoke::{FunctionError, TraceHeader};
use crate::expectation;

/// One attempt to run a function, as [`Function::invocations`](crate::Function::invocations) gives it.
///
/// It is the state at the moment of asking: one that was still running has an open [`outcome`](Self::outcome).
#[derive(Debug, Clone, PartialEq)]
pub struct Invoked {
    entry: Entry,
}

impl Invoked {
    /// The invocation that an entry tells of.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        matches!(entry.what, What::Invocation(_)).then(|| Self { entry: entry.clone() })
    }

    fn borrowed(&self) -> InvokedFunction<'_> {
        InvokedFunction::of(&self.entry).expect("it was made from an invocation")
    }

    /// The whole entry of the history: when it began, under which cause.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// What was invoked, with what, in which environment.
    pub fn info(&self) -> &InvocationInfo {
        self.borrowed().invocation
    }

    /// The event in a type of your choice.
    ///
    /// # Panics
    ///
    /// When the event is none of this type; the message shows the event.
    #[track_caller]
    pub fn event<T: DeserializeOwned>(&self) -> T {
        match self.borrowed().event() {
            Ok(event) => event,
            Err(error) => panic!("{}: the event {} is another one: {error}", self.info(), shown(&self.info().event)),
        }
    }

    /// The handler's answer in a type of your choice.
    ///
    /// # Panics
    ///
    /// When the invocation failed or has not ended, or the answer is none of this type; the message shows which.
    #[track_caller]
    pub fn response<T: DeserializeOwned>(&self) -> T {
        let info = self.info();
        match &self.entry.outcome {
            Outcome::Succeeded { response, .. } => match serde_json::from_slice(response) {
                Ok(answer) => answer,
                Err(error) => panic!("{info}: the answer {} is another one: {error}", shown(response)),
            },
            Outcome::Failed { error, .. } => panic!("{info} failed: {}", error.error_message),
            _ => panic!("{info} has not ended"),
        }
    }

    /// What came of it.
    pub fn outcome(&self) -> &Outcome {
        &self.entry.outcome
    }

    /// The error with which it failed, if it did.
    pub fn error(&self) -> Option<&FunctionError> {
        match &self.entry.outcome {
            Outcome::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Whether the handler answered without an error.
    pub fn succeeded(&self) -> bool {
        self.borrowed().succeeded()
    }

    /// What the handler wrote into its [log](crate::InvocationLog), line by line.
    pub fn logs(&self) -> &[String] {
        &self.entry.logs
    }

    /// Which attempt it was for this event, counted from 1.
    pub fn attempt(&self) -> u32 {
        self.info().attempt
    }

    /// Whether it was the first in its environment.
    pub fn is_cold_start(&self) -> bool {
        self.info().cold
    }

    /// The trace header that the handler was given: as `_X_AMZN_TRACE_ID` on AWS, and as `xray_trace_id` of `lambda_runtime`.
    ///
    /// All that the handler asks AWS for carries it on: messages that it sends (`AWSTraceHeader`), what its objects trigger, and
    /// functions that it invokes, destinations and dead letters.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # use serde_json::Value;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let orders = cloud.queue("orders");
    /// let ship = cloud.stub("ship");
    /// orders.trigger(&ship, batch(1));
    /// let accept = cloud.function_with("accept", orders, async |orders, order: String| orders.send(order));
    /// accept.invoke::<String>("tea").await;
    /// cloud.settle().await.assert_ok();
    /// assert_eq!(ship.invocations()[0].trace_id(), accept.invocations()[0].trace_id());
    /// # }
    /// ```
    pub fn trace_header(&self) -> TraceHeader {
        self.info().trace_header()
    }

    /// The id of the trace: the same for all invocations that follow from one request. See [`TraceHeader::root`].
    pub fn trace_id(&self) -> String {
        self.info().trace_id()
    }

    /// When it began, on the cloud's clock.
    pub fn began(&self) -> Timestamp {
        self.entry.at
    }

    /// When it ended, on the cloud's clock; none while it runs.
    pub fn ended(&self) -> Option<Timestamp> {
        self.borrowed().ended()
    }

    /// How long it took on the cloud's clock; none while it runs.
    pub fn duration(&self) -> Option<Duration> {
        self.borrowed().duration()
    }
}

/// Enough of a document to recognise it.
fn shown(json: &[u8]) -> String {
    expectation::shown(&String::from_utf8_lossy(json)).into_owned()
}
