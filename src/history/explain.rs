//! Why each trigger did or did not fire.

use std::fmt;

use jiff::Timestamp;

use super::decided::decided;
use super::{DeliveryInfo, Entry, Source};

/// What one trigger made of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// When, on the cloud's clock.
    pub at: Timestamp,
    /// What happened, such as `ObjectCreated:Put s3://export/a.txt`.
    pub change: String,
    /// The trigger, such as `export → to-utf8`.
    pub trigger: String,
    /// The trigger's id; `on success`, `on failure` or `dead letter` of a function's asynchronous events, `redrive` of a queue's
    /// dead letters, `invoke` of an invocation that was refused.
    pub trigger_id: String,
    /// The name of the function, queue or bucket that the trigger is for.
    pub to: String,
    /// `None` when the trigger fired; else the reason why not.
    pub missed: Option<String>,
    /// What became of what it handed on, if it did not arrive, was throttled, or came back.
    pub hindered: Option<String>,
    pub(super) kind: Kind,
}

/// What a trigger is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Objects,
    Messages,
    Times,
    /// Anything else.
    Events,
}

impl Decision {
    /// That a trigger hands something on.
    pub(super) fn about(delivery: &DeliveryInfo, at: Timestamp) -> Self {
        Self {
            at,
            change: delivery.from.change(),
            trigger: delivery.trigger(),
            trigger_id: delivery.trigger_id.clone(),
            to: delivery.to.clone(),
            missed: None,
            hindered: None,
            kind: match delivery.from {
                Source::Object { .. } | Source::TestEvent { .. } => Kind::Objects,
                Source::Messages { .. } => Kind::Messages,
                Source::Schedule { .. } => Kind::Times,
                Source::Event { .. } | Source::Record { .. } | Source::Redelivery { .. } => Kind::Events,
            },
        }
    }

    /// That a trigger does not, and why.
    pub(crate) fn that_missed(delivery: &DeliveryInfo, at: Timestamp, why: String) -> Self {
        Self { missed: Some(why), ..Self::about(delivery, at) }
    }

    /// All that the triggers decided, in order.
    pub(crate) fn all<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Self> {
        decided(entries)
    }

    /// That it did not fire, in the words of a timeline.
    pub(super) fn fmt_missed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { change, to, missed, kind, .. } = self;
        let why = missed.as_deref().unwrap_or("it fired");
        match kind {
            Kind::Messages => write!(f, "not delivered to {to}: {why}"),
            Kind::Times => write!(f, "{change}, but does not start {to}: {why}"),
            Kind::Objects | Kind::Events => write!(f, "no notification to {to}: {why}"),
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, change, trigger, missed, hindered, .. } = self;
        match (missed, hindered) {
            (Some(reason), _) => write!(f, "{at} {change}: {trigger} did not fire: {reason}"),
            (None, Some(hindered)) => write!(f, "{at} {change}: {trigger} fired, but {hindered}"),
            (None, None) => write!(f, "{at} {change}: {trigger} fired"),
        }
    }
}

/// How a trigger stands now: what it waits for, or what keeps it from firing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// The trigger, such as `alarms → to-slack`.
    pub trigger: String,
    /// The trigger's id.
    pub trigger_id: String,
    /// How it stands, in words.
    pub stands: String,
}

impl Standing {
    pub(crate) fn new(trigger: String, trigger_id: String, stands: String) -> Self {
        Self { trigger, trigger_id, stands }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "now {}: {}", self.trigger, self.stands)
    }
}

/// Everything that the triggers of a cloud decided, in order: the answer to "why did my function not run?".
///
/// * Buckets say yes or no to each change of an object.
/// * Queues are listed when they hand a batch on, and for each message that a filter does not let through, or that goes to a
///   dead-letter queue.
/// * Rules and schedules are listed when they are due, rules of event buses say yes or no to each event.
/// * Functions are listed with what they tell their destinations and dead-letter queues, and when an event is given up of which
///   nobody is told.
/// * Invocations are listed when they are refused for want of permission.
///
/// What was fired and did not arrive, was throttled, or came back says so. What a test [redelivers](crate::Function::redeliver)
/// stands among them, as `once more, …`. [`Cloud::explain`](crate::Cloud::explain) adds how triggers stand now:
/// [`standings`](Self::standings).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    decisions: Vec<Decision>,
    standings: Vec<Standing>,
}

impl Explanation {
    pub(crate) fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        Self { decisions: Decision::all(entries), standings: Vec::new() }
    }

    /// The same, and how triggers stand now.
    pub(crate) fn with_standings(self, standings: Vec<Standing>) -> Self {
        Self { standings, ..self }
    }

    /// The decisions in the order in which they were made.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// How triggers stand now, by their kind: those of queues, rules and schedules, and those of buckets that cannot fire. None
    /// in the explanation of a [`History`](crate::History), which does not know.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.decisions.is_empty() {
            writeln!(f, "no trigger was asked: no bucket, queue or schedule that has one changed")?;
        }
        self.decisions.iter().try_for_each(|decision| writeln!(f, "{decision}"))?;
        self.standings.iter().try_for_each(|standing| writeln!(f, "{standing}"))
    }
}
