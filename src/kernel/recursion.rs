//! Functions that trigger themselves: a run that has no end is told by its causes long before it has become long.

use std::collections::BTreeMap;

use crate::event::Arn;
use crate::history::{EntryId, Recorder};
use crate::lock::Lock;

/// Counts, for each function, the invocations of one driving call that it caused itself.
#[derive(Debug)]
pub(super) struct Recursion {
    limit: usize,
    /// Whether a call also ends where Lambda stops a loop.
    ends_with_loops: bool,
    state: Lock<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The entries of the history before this one were written before the call.
    began: Option<EntryId>,
    counts: BTreeMap<Arn, usize>,
    /// The invocation that went beyond the limit.
    beyond: Option<EntryId>,
}

impl Recursion {
    pub fn new(limit: usize, ends_with_loops: bool) -> Self {
        Self { limit, ends_with_loops, state: Lock::default() }
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    /// A driving call begins.
    pub fn begin(&self, recorder: &Recorder) {
        *self.state.lock() = State { began: Some(recorder.next_id()), ..State::default() };
    }

    /// An invocation starts.
    pub fn note(&self, recorder: &Recorder, line: EntryId) {
        let began = self.state.lock().began;
        let Some(function) = recorder.caused_by_itself(line, began) else { return };
        let mut state = self.state.lock();
        let count = state.counts.entry(function).or_default();
        *count += 1;
        if *count > self.limit {
            state.beyond.get_or_insert(line);
        }
    }

    /// Lambda has stopped a loop.
    pub fn note_stopped(&self, line: EntryId) {
        if self.ends_with_loops {
            self.state.lock().beyond.get_or_insert(line);
        }
    }

    /// The invocation that went beyond the limit, or that Lambda stopped, if any.
    pub fn beyond(&self) -> Option<EntryId> {
        self.state.lock().beyond
    }
}
