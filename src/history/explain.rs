//! Why each trigger did or did not fire.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use super::entry::stopped;
use super::{DeliveryInfo, Entry, EntryId, Source, What};

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
    /// The trigger's id.
    pub trigger_id: String,
    /// The name of the function, queue or bucket that the trigger is for.
    pub to: String,
    /// `None` when the trigger fired; else the reason why not.
    pub missed: Option<String>,
}

impl Decision {
    /// The decision that an entry records, if it does.
    fn of(entry: &Entry) -> Option<Self> {
        match &entry.what {
            What::Missed(decision) => Some((**decision).clone()),
            // S3 tries a new configuration out: no trigger decides that.
            What::Delivery(delivery) if matches!(delivery.from, Source::TestEvent { .. }) => None,
            What::Delivery(delivery) => Some(Self::about(delivery, entry.at)),
            _ => None,
        }
    }

    /// That a trigger hands something on.
    pub(crate) fn about(delivery: &DeliveryInfo, at: Timestamp) -> Self {
        Self {
            at,
            change: delivery.from.change(),
            trigger: delivery.trigger(),
            trigger_id: delivery.trigger_id.clone(),
            to: delivery.to.clone(),
            missed: None,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, change, trigger, missed, .. } = self;
        match missed {
            None => write!(f, "{at} {change}: {trigger} fired"),
            Some(reason) => write!(f, "{at} {change}: {trigger} did not fire: {reason}"),
        }
    }
}

/// The decisions that entries record, in order: those of triggers, and Lambda's own not to go on with a loop.
pub(crate) fn decisions<'a>(entries: impl Iterator<Item = &'a Entry>) -> impl Iterator<Item = Decision> {
    let mut handed: BTreeMap<EntryId, &DeliveryInfo> = BTreeMap::new();
    entries.filter_map(move |entry| match &entry.what {
        What::Stopped { invocations, .. } => {
            // What nobody has handed on was asked for: that is in the answer.
            let delivery = handed.get(&entry.cause?)?;
            Some(Decision { missed: Some(stopped(*invocations)), ..Decision::about(delivery, entry.at) })
        }
        What::Delivery(delivery) => {
            handed.insert(entry.id, &**delivery);
            Decision::of(entry)
        }
        _ => Decision::of(entry),
    })
}

/// Everything that the triggers of a cloud decided, in order: the answer to "why did my function not run?".
///
/// Triggers of buckets say yes or no to each change. Those of queues are listed when they fire and when a filter does not let a
/// message through, those of schedules when they fire and when they are disabled; what they wait for is in the `waiting` of a [`Report`](crate::Report). Destinations of functions are
/// listed with what they are told. Where Lambda stopped a recursive loop, what was handed on stands there, and then that it was
/// stopped. What a test [redelivers](crate::Function::redeliver) stands among them, as `once more, …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    decisions: Vec<Decision>,
}

impl Explanation {
    pub(crate) fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        Self { decisions: decisions(entries).collect() }
    }

    /// The decisions in the order in which they were made.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.decisions.is_empty() {
            return writeln!(f, "no trigger was asked: no bucket, queue or schedule that has one changed");
        }
        self.decisions.iter().try_for_each(|decision| writeln!(f, "{decision}"))
    }
}
