//! Why each trigger did or did not fire.

use std::fmt;
use std::sync::Mutex;

use jiff::Timestamp;

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
    /// `None` when the trigger fired; else the reason why not.
    pub missed: Option<String>,
}

/// Everything that the triggers of a cloud decided, in order: the answer to "why did my function not run?".
///
/// Triggers of buckets say yes or no to each change. Those of queues and schedules are listed when they fire; what they
/// wait for is in the `waiting` of a [`Report`](crate::Report).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    decisions: Vec<Decision>,
}

impl Explanation {
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
        for Decision { at, change, trigger, missed } in &self.decisions {
            match missed {
                None => writeln!(f, "{at} {change}: {trigger} fired")?,
                Some(reason) => writeln!(f, "{at} {change}: {trigger} did not fire: {reason}")?,
            }
        }
        Ok(())
    }
}

/// The decisions while they are made.
#[derive(Debug, Default)]
pub(crate) struct Decisions(Mutex<Vec<Decision>>);

impl Decisions {
    pub fn record(&self, decision: Decision) {
        self.0.lock().expect("no panic under this lock").push(decision);
    }

    /// Records that a trigger fired; those of queues and schedules have no other answer.
    pub fn fired(&self, at: Timestamp, change: String, trigger: String) {
        self.record(Decision { at, change, trigger, missed: None });
    }

    pub fn explanation(&self) -> Explanation {
        Explanation { decisions: self.0.lock().expect("no panic under this lock").clone() }
    }
}
