//! Which of several things that may happen now happens first.

use std::sync::Arc;

use super::{InvocationId, Kernel};
use crate::history::EntryId;

/// One of the things that may happen in a step of the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enabled<'a> {
    /// An invocation is ready for its next turn.
    Invocation {
        /// Which.
        id: InvocationId,
        /// Its line of the timeline.
        line: EntryId,
    },
    /// An entry of the agenda is due.
    Entry {
        /// What it is, in words.
        label: &'a Arc<str>,
        /// The line of the timeline that it is about, if whoever planned it said so.
        about: Option<EntryId>,
    },
}

/// Decides the order where the cloud promises none.
pub(crate) trait Order: Send + Sync {
    /// The place in `enabled` of what comes first; 0 is the ordinary course. Asked only where there are two or more.
    fn first(&self, kernel: &Kernel, enabled: &[Enabled<'_>]) -> usize;
}

/// All invocations that are ready, in order, and then what is due, in order.
#[cfg(test)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ordinary;

#[cfg(test)]
impl Order for Ordinary {
    fn first(&self, _: &Kernel, _: &[Enabled<'_>]) -> usize {
        0
    }
}
