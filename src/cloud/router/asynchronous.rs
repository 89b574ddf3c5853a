//! Events that functions are given later: attempts, retries, and what becomes of those that are given up.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::Router;
use super::records::{Answer, Told};
use super::start::Start;
use crate::event::MessageAttribute;
use crate::event::invoke::{DestinationCondition, FunctionError, TraceHeader, dead_letter_attributes};
use crate::history::{Actor, Caller, EntryId, What};
use crate::kernel::{Kind, PlannedId, later};
use crate::mock::lambda::{AcceptedEvent, Attempt, Outcome, STOPPED, Throttled, VersionId};
use crate::mock::sqs::{OutgoingMessage, QueueId};

/// The wait before the first retry; the second waits twice as long.
const RETRY_DELAY: Duration = Duration::from_secs(60);
/// The wait after the first throttle; it doubles with each, up to the longest.
const THROTTLE_DELAY: Duration = Duration::from_secs(1);
const LONGEST_THROTTLE_DELAY: Duration = Duration::from_secs(300);
/// What a dead letter says of an event that never ran: the HTTP error of a throttled invocation.
const THROTTLED: (i32, &str) = (429, "Rate Exceeded.");
/// As [`THROTTLED`], of an event in a loop.
const LOOP: (i32, &str) = (400, STOPPED);

/// An event on its way, with what its retries need to know.
pub(super) struct Underway {
    event: AcceptedEvent,
    received: Timestamp,
    /// What the delivery is called at points of choice.
    label: String,
    end: End,
}

/// What becomes of an event that the function does not take care of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is tried again, and then given up.
    Retries,
    /// Nothing: it is the duplicate of a batch, and not what is in the queue.
    None,
}

/// How far an event has come.
#[derive(Clone)]
struct Stage {
    /// The attempt, counted from 1.
    attempt: u32,
    /// How often it was throttled since it last ran.
    throttled: u32,
    /// How the attempt before failed.
    failed: Option<Arc<Failed>>,
}

/// An attempt that failed.
struct Failed {
    error: FunctionError,
    /// The version that ran.
    version: VersionId,
}

impl Stage {
    fn first() -> Self {
        Self { attempt: 1, throttled: 0, failed: None }
    }

    /// How often the function has run so far.
    fn ran(&self) -> u32 {
        self.attempt - 1
    }
}

/// Why an event is given up.
#[derive(Clone, Copy)]
enum Reason {
    Exhausted,
    TooOldToRetry,
    TooOldWhileThrottled,
    NoConcurrency,
    Loop,
}

impl Reason {
    fn condition(self) -> DestinationCondition {
        match self {
            // How AWS calls the end of a loop there is not documented: no attempt is left, that much is true.
            Self::Exhausted | Self::Loop => DestinationCondition::RetriesExhausted,
            Self::TooOldToRetry | Self::TooOldWhileThrottled => DestinationCondition::EventAgeExceeded,
            Self::NoConcurrency => DestinationCondition::ZeroReservedConcurrency,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Exhausted => "its retries are exhausted",
            Self::TooOldToRetry => "it would have reached its maximum age by its next retry",
            Self::TooOldWhileThrottled => "it would have reached its maximum age while it was throttled",
            Self::NoConcurrency => "its function's reserved concurrency is 0",
            Self::Loop => "Lambda stops the recursive loop",
        }
    }
}

impl Router {
    /// Takes an event that somebody has handed to Lambda himself.
    pub fn accept(&self, event: AcceptedEvent) {
        let label = format!("event → {}", event.function.label);
        let now = self.now();
        self.route(event, now, &label, End::Retries);
    }

    pub(super) fn route(&self, mut event: AcceptedEvent, due: Timestamp, label: &str, end: End) {
        // All attempts belong to one trace.
        let (header, now) = (event.trace_header.as_deref(), self.now());
        event.trace_header = Some(TraceHeader::of_event(header, &event.request_id, now).to_string());
        let to = event.function.arn.clone();
        let times = self.times(event.cause, label, &to, Some(due));
        let underway = Arc::new(Underway { event, received: now, label: label.to_owned(), end });
        for _ in 0..times.count {
            let planned = self.plan(&underway, later(due, times.late), Stage::first());
            self.remember(&to, planned, times.before);
        }
    }

    fn plan(&self, underway: &Arc<Underway>, due: Timestamp, stage: Stage) -> PlannedId {
        let verb = if stage.attempt == 1 { "deliver to" } else { "retry" };
        let label = format!("{verb} {} (attempt {})", underway.event.function.label, stage.attempt);
        let (me, underway) = (self.me.clone(), Arc::clone(underway));
        let about = underway.event.cause;
        self.kernel.plan_about(due, Kind::Work, label, about, move || {
            if let Some(me) = me.upgrade() {
                me.attempt(&underway, stage);
            }
        })
    }

    fn attempt(&self, underway: &Arc<Underway>, stage: Stage) {
        let event = &underway.event;
        if !self.lambda.has(&event.function) {
            // With the function its destinations and its dead-letter queue are gone.
            let why = format!("the function {} was deleted", event.function.invoked_arn());
            self.kernel.record(event.cause, Actor::Service, What::Lost { why });
            return;
        }
        if event.function.reserved_concurrency() == Some(0) {
            return self.give_up(underway, Reason::NoConcurrency, &stage);
        }
        if self.lambda.check_loop(&event.function, event.trace_header.as_deref(), event.cause).is_err() {
            return self.give_up(underway, Reason::Loop, &stage);
        }
        let Start::In { version, fresh } = self.start(event.cause, &event.function, event.tenant.as_deref()) else {
            return self.throttled(underway, stage);
        };
        let attempt = Attempt {
            number: stage.attempt,
            trace_header: event.trace_header.clone(),
            version,
            tenant: event.tenant.clone(),
            fresh,
            ..Attempt::first(event.payload.clone(), event.request_id.clone(), event.cause)
        };
        let (me, told, number) = (self.me.clone(), Arc::clone(underway), stage.attempt);
        let started = self.lambda.invoke_then(&event.function, attempt, move |outcome, line| {
            if let Some(me) = me.upgrade() {
                me.ended(&told, (number, version), outcome, line);
            }
        });
        if started == Err(Throttled) {
            self.throttled(underway, stage);
        }
    }

    /// An attempt has ended.
    fn ended(&self, underway: &Arc<Underway>, (number, version): (u32, VersionId), outcome: Outcome, line: EntryId) {
        if underway.end == End::None {
            return;
        }
        match outcome {
            Outcome::Success(payload) => {
                let answer = Some(Answer::Success(&payload));
                let told = Told { condition: DestinationCondition::Success, attempts: number, version, answer };
                self.tell(&underway.event, &told, line);
            }
            Outcome::Error(error) => {
                let failed = Some(Arc::new(Failed { error, version }));
                self.retry(underway, Stage { attempt: number + 1, throttled: 0, failed });
            }
        }
    }

    /// A throttled event is not an attempt: it waits in Lambda's queue, up to its maximum age.
    fn throttled(&self, underway: &Arc<Underway>, stage: Stage) {
        let delay = (THROTTLE_DELAY * 2_u32.saturating_pow(stage.throttled)).min(LONGEST_THROTTLE_DELAY);
        let due = later(self.now(), delay);
        let (function, then) = (underway.event.function.label.to_string(), format!("tried again in {delay:?}"));
        self.kernel.record(underway.event.cause, Actor::Service, What::Throttled { function, then });
        if self.is_too_old(underway, due) {
            return self.give_up(underway, Reason::TooOldWhileThrottled, &stage);
        }
        self.plan(underway, due, Stage { throttled: stage.throttled + 1, ..stage });
    }

    /// Plans the next attempt after one that failed, if there is to be one.
    fn retry(&self, underway: &Arc<Underway>, next: Stage) {
        let due = later(self.now(), RETRY_DELAY * next.ran());
        if next.ran() > underway.event.function.event_invoke().retry_attempts() {
            self.give_up(underway, Reason::Exhausted, &next);
        } else if self.is_too_old(underway, due) {
            // The event is dropped at once, not when it reaches the age.
            self.give_up(underway, Reason::TooOldToRetry, &next);
        } else {
            self.plan(underway, due, next);
        }
    }

    fn is_too_old(&self, underway: &Underway, due: Timestamp) -> bool {
        due >= later(underway.received, underway.event.function.event_invoke().maximum_event_age())
    }

    /// The end of an event: whoever is to be told of failures gets its record, and the function's dead-letter queue the
    /// event itself.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
    fn give_up(&self, underway: &Underway, reason: Reason, stage: &Stage) {
        let event = &underway.event;
        if let (End::None, Some(line)) = (underway.end, event.cause) {
            return self.lost(line, reason.text().to_owned());
        }
        let (function, arn) = (event.function.label.to_string(), event.function.arn.to_string());
        let what = What::GivenUp { function, arn, why: reason.text().to_owned() };
        let line = self.kernel.record(event.cause, Actor::Service, what);
        let failed = stage.failed.as_deref();
        let told = Told {
            condition: reason.condition(),
            attempts: stage.ran(),
            version: failed.map_or(VersionId::Latest, |failed| failed.version),
            answer: failed.map(|failed| Answer::Error(&failed.error)),
        };
        self.tell(event, &told, line);
        self.dead_letter(underway, reason, stage, line);
    }

    /// Sends an event that was given up to the function's dead-letter queue, verbatim, if there is one.
    fn dead_letter(&self, underway: &Underway, reason: Reason, stage: &Stage, line: EntryId) {
        let Underway { event, label, .. } = underway;
        let dead_letter = event.function.settings().dead_letter.clone();
        let Some(queue) = dead_letter.as_ref().and_then(QueueId::from_arn) else { return };
        let by = Arc::new(Caller::service("lambda.amazonaws.com", &event.function.named.account));
        let refused = if matches!(reason, Reason::Loop) { LOOP } else { THROTTLED };
        let failed = stage.failed.as_deref();
        let error_message = failed.map_or(refused.1, |failed| &failed.error.error_message);
        let mut attributes = dead_letter_attributes(&event.request_id, &printable(error_message));
        if failed.is_none() {
            attributes.insert("ErrorCode", MessageAttribute::number(refused.0));
        }
        let body = String::from_utf8_lossy(&event.payload).into_owned();
        let trace_header = Some(trace_of(event, stage.ran()).to_string());
        let message = OutgoingMessage { body, attributes, trace_header, ..OutgoingMessage::default() };
        let times = self.times(Some(line), &format!("{label}, dead letter"), &queue.arn(), None);
        for _ in 0..times.count {
            if times.late.is_zero() {
                self.deliver(&queue, (&by, None), message.clone(), line);
            } else {
                let label = format!("dead letter to {}", queue.name);
                self.plan_message(later(self.now(), times.late), &label, (&queue, (&by, None)), &message, line);
            }
        }
    }
}

/// The trace that goes on behind an event: as its last invocation had it, so that a loop over what tells of events is one too.
pub(super) fn trace_of(event: &AcceptedEvent, attempts: u32) -> TraceHeader {
    let header = TraceHeader::of_event(event.trace_header.as_deref(), &event.request_id, Timestamp::UNIX_EPOCH);
    if attempts == 0 { header } else { header.entering(&event.function.arn, &event.request_id, attempts) }
}

/// Control characters, which a panic's message may hold, are not allowed in message attributes.
fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r'), "\u{fffd}")
}
