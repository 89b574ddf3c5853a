//! When the driving calls of a run ended, so that another run of the same test can aim at the same instants.
//!
//! A run with a fault takes longer. If `drain` and `advance` followed it, recurring rules would fire more often than in the
//! ordinary run, and its end would differ for that reason alone.

use std::sync::Arc;

use jiff::Timestamp;

use crate::lock::Lock;

/// The instants at which driving calls ended, and those of an earlier run.
#[derive(Debug, Default)]
pub(crate) struct Aims {
    earlier: Option<Arc<[Timestamp]>>,
    ended: Lock<Vec<Timestamp>>,
}

impl Aims {
    pub fn at(earlier: Option<Arc<[Timestamp]>>) -> Self {
        Self { earlier, ended: Lock::default() }
    }

    /// Whether there is an earlier run to follow.
    pub fn are_given(&self) -> bool {
        self.earlier.is_some()
    }

    /// When the call that now begins ended in the earlier run.
    pub fn next(&self) -> Option<Timestamp> {
        let earlier = self.earlier.as_ref()?;
        earlier.get(self.ended.lock().len()).copied()
    }

    /// When the call before the one that now begins ended in the earlier run.
    pub fn last(&self) -> Option<Timestamp> {
        let before = self.ended.lock().len().checked_sub(1)?;
        self.earlier.as_ref()?.get(before).copied()
    }

    /// A call has ended.
    pub fn ended(&self, at: Timestamp) {
        self.ended.lock().push(at);
    }

    /// All that have ended.
    pub fn all(&self) -> Vec<Timestamp> {
        self.ended.lock().clone()
    }
}
