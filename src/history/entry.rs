//! One thing that happened.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::name::Name;
use super::{Decision, DeliveryInfo, InvocationInfo, RequestInfo};
use crate::event::invoke::FunctionError;
use crate::event::{Arn, BatchFault};

/// Names one entry of one history: its place in the order in which things happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub(super) u64);

impl EntryId {
    /// Its place in a list from whose front `dropped` entries are gone.
    pub(super) fn place(self, dropped: u64) -> Option<usize> {
        usize::try_from(self.0.checked_sub(dropped)?).ok()
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// The test, or a program that the test started.
    Test,
    /// The function of this name.
    Function(Arc<str>),
    /// A service of the cloud, on its own account: a trigger, a retry, a schedule.
    Service,
    /// Somebody while the cloud was driven, but no invocation in flight: most likely a task that a handler spawned.
    Unattributed,
}

/// How the note on an answer begins that the cloud holds back.
pub(crate) const LATE_ANSWER: &str = "the answer comes";

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum What {
    /// A request to a service.
    Request(Arc<RequestInfo>),
    /// Something was handed to a function, a queue or a bucket.
    Delivery(Arc<DeliveryInfo>),
    /// A trigger did not fire.
    Missed(Box<Decision>),
    /// A function ran.
    Invocation(Arc<InvocationInfo>),
    /// A message went to a function in the batch of an earlier message, under which the invocation stands.
    Joined {
        /// The function, with its version or alias (`work:live`), if that is not `$LATEST`.
        function: String,
    },
    /// Some messages of a batch were not taken care of, and come back.
    Kept {
        /// The function.
        function: String,
        /// How many.
        kept: usize,
        /// Of how many.
        of: usize,
        /// Why all of them come back, if it is not the function that named them.
        why: Option<BatchFault>,
    },
    /// Something in the answer of a function was most likely meant to count, and does not.
    Ignored {
        /// The function.
        function: String,
        /// What, and why.
        why: String,
    },
    /// An invocation that nobody waits for was throttled.
    Throttled {
        /// The function.
        function: String,
        /// What happens then.
        then: String,
    },
    /// A message was received too often and moved.
    Moved {
        /// The dead-letter queue.
        to: String,
    },
    /// An asynchronous event was given up.
    GivenUp {
        /// The function, with its version or alias (`work:live`), if that is not `$LATEST`.
        function: String,
        /// The function's ARN, without a qualifier.
        arn: String,
        /// Why.
        why: String,
    },
    /// Lambda stopped a loop: it did not invoke a function that it had invoked too often in one chain of requests.
    Stopped {
        /// The function.
        function: String,
        /// How often it was invoked in the chain.
        invocations: u32,
    },
    /// Something that was to be delivered is lost.
    Lost {
        /// Why.
        why: String,
    },
    /// Anything else, in words.
    Note(String),
}

/// The remark on the deletion of a message that is no longer held: others may have received it meanwhile.
pub(crate) const OVERDUE: &str = "after its visibility timeout";

/// An error that a service answered, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedWith {
    /// AWS's code, such as `NoSuchKey`.
    pub code: String,
    /// AWS's message.
    pub message: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It has not ended, or nothing is expected to come of it.
    Open,
    /// A request was answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The error, when it was refused.
        error: Option<RefusedWith>,
        /// What else is to be said, such as that a message was dropped as a duplicate.
        remark: Option<&'static str>,
        /// How long the answer asks to wait before the next request (`Retry-After`, in whole seconds).
        retry_after: Option<Duration>,
    },
    /// A request got no answer: the connection broke, or whoever asked was gone.
    Unanswered {
        /// Why, and whether the work was done.
        why: &'static str,
    },
    /// An invocation succeeded.
    Succeeded {
        /// What the handler answered.
        response: Bytes,
        /// When.
        at: Timestamp,
    },
    /// An invocation failed.
    Failed {
        /// The error as callers are told it.
        error: FunctionError,
        /// Whether the handler was dropped because it waited in real time and made no progress, which no Lambda would do.
        stuck: bool,
        /// When.
        at: Timestamp,
    },
}

impl Outcome {
    /// Whether a request was refused or got no answer.
    pub(crate) fn is_failed_request(&self) -> bool {
        match self {
            Self::Answered { error, status, .. } => error.is_some() || *status >= 400,
            Self::Unanswered { .. } => true,
            _ => false,
        }
    }
}

/// One thing that happened, what led to it, and what came of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// Its place in the order in which things happened.
    pub id: EntryId,
    /// The entry that led to this one; `None` for what the test itself did.
    pub cause: Option<EntryId>,
    /// When it began, on the cloud's clock.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub what: What,
    /// What came of it.
    pub outcome: Outcome,
    /// What the handler of an invocation wrote into its [log](crate::InvocationLog), line by line.
    pub logs: Vec<String>,
    pub(crate) name: Name,
}

impl What {
    /// Whether it is a trigger's word on what a function answered, or Lambda's on a loop, which a report tells like a failed
    /// invocation.
    pub(super) fn is_verdict(&self) -> bool {
        matches!(self, Self::Kept { why: Some(_), .. } | Self::Ignored { .. } | Self::Stopped { .. })
    }

    /// A kind and a subject, from which the entry's name is made.
    pub(super) fn named(&self) -> (&'static str, String) {
        match self {
            Self::Request(request) => ("request", request.subject()),
            Self::Delivery(delivery) => ("delivery", delivery.subject()),
            Self::Missed(decision) => ("missed", decision.trigger.clone()),
            Self::Invocation(invocation) => ("invocation", invocation.subject()),
            Self::Joined { function } => ("joined", function.clone()),
            Self::Kept { .. } => ("kept", String::new()),
            Self::Ignored { .. } => ("ignored", String::new()),
            Self::Throttled { function, .. } => ("throttled", function.clone()),
            Self::Moved { to } => ("moved", to.clone()),
            Self::GivenUp { function, .. } => ("given up", function.clone()),
            Self::Stopped { function, .. } => ("stopped", function.clone()),
            Self::Lost { .. } => ("lost", String::new()),
            Self::Note(text) => ("note", text.clone()),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(request) => request.fmt(f),
            Self::Delivery(delivery) => delivery.fmt(f),
            Self::Missed(decision) => decision.fmt_missed(f),
            Self::Invocation(invocation) => invocation.fmt(f),
            Self::Joined { function } => write!(f, "delivered to {function} in the batch of an earlier message"),
            Self::Kept { kept, of, why, .. } => {
                write!(f, "{kept} of {of} kept for redelivery")?;
                why.as_ref().map_or(Ok(()), |why| write!(f, ": {why}"))
            }
            Self::Ignored { function, why } => write!(f, "the answer of {function} is ignored: {why}"),
            Self::Throttled { function, then } => write!(f, "invoke {function}: throttled, {then}"),
            Self::Moved { to } => write!(f, "message moved to dead-letter queue {to}"),
            Self::GivenUp { function, why, .. } => write!(f, "event for {function} given up: {why}"),
            Self::Stopped { function, invocations } => {
                write!(f, "{function} is not invoked: {}", stopped(*invocations))
            }
            Self::Lost { why } => write!(f, "lost: {why}"),
            Self::Note(text) => f.write_str(text),
        }
    }
}

/// Why Lambda does not invoke a function.
pub(crate) fn stopped(invocations: u32) -> String {
    format!("Lambda stops a recursive loop, in which it was invoked {invocations} times (RecursiveInvocationException)")
}

impl Entry {
    /// The function that it is an invocation of.
    pub(super) fn function(&self) -> Option<&Arn> {
        match &self.what {
            What::Invocation(invocation) => Some(&invocation.arn),
            _ => None,
        }
    }
}

/// The entry's line of a timeline, in as many words.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.what, &self.outcome) {
            (What::Request(request), outcome) => fmt_request(request, outcome, f)?,
            (what, Outcome::Succeeded { .. }) => write!(f, "{what}: ok")?,
            (what, _) => what.fmt(f)?,
        }
        if self.actor == Actor::Unattributed { f.write_str(" (outside any invocation)") } else { Ok(()) }
    }
}

fn fmt_request(request: &RequestInfo, outcome: &Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use std::fmt::Display as _;

    use super::Origin::{Handle, Service};
    let slack = request.service == "slack";
    match outcome {
        Outcome::Answered { status: 200, error: None, remark, .. } if slack => {
            write!(f, "{request}: {}", shortened(&request.detail))?;
            return remark.map_or(Ok(()), |remark| write!(f, " ({remark})"));
        }
        // A handle's verb that succeeded says so by itself.
        Outcome::Answered { error: None, remark, .. } if matches!(request.origin, Handle | Service) && !slack => {
            request.fmt(f)?;
            return remark.map_or(Ok(()), |remark| write!(f, ": {remark}"));
        }
        _ => request.fmt(f)?,
    }
    match outcome {
        Outcome::Answered { status, error, remark, .. } => {
            write!(f, " → {status}")?;
            if let Some(RefusedWith { code, message }) = error {
                write!(f, " {code}")?;
                if !message.is_empty() && message != code {
                    write!(f, ": {}", shortened(message))?;
                }
            }
            remark.map_or(Ok(()), |remark| write!(f, " ({remark})"))
        }
        Outcome::Unanswered { why } => write!(f, " → {why}"),
        _ => Ok(()),
    }
}

/// Enough of a text to recognise it.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
