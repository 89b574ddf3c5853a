//! What has not been done yet, in one sentence: the usual reason of an expectation that is not met.

use std::collections::BTreeMap;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};

use super::agenda::Kind;
use super::{Failure, Kernel};
use crate::event::Arn;
use crate::history::What;

impl Kernel {
    /// What waits for the cloud to be driven, and by which call: `1 invocation is waiting: settle`. None when nothing does.
    pub fn what_waits(&self) -> Option<String> {
        let now = self.now();
        let invocations = self.turns.that_go_on();
        let agenda = self.agenda();
        let planned = || agenda.iter().filter(|(_, entry)| entry.kind != Kind::Turn);
        let due = planned().take_while(|(due, _)| *due <= now).count();
        if invocations > 0 {
            return Some(format!("{} waiting: settle", counted(invocations, "invocation")));
        }
        if let (1.., Some((_, first))) = (due, planned().next()) {
            let others = if due > 1 { format!(" and {} more", due - 1) } else { String::new() };
            return Some(format!("due and not done yet: {}{others}: settle", first.label));
        }
        let at_gates = self.turns.at_gates().load(Ordering::Relaxed);
        if at_gates > 0 {
            return Some(format!("{} waiting at a gate: open it and settle", counted(at_gates, "invocation")));
        }
        // Work comes before what recurs or is mere housekeeping.
        let later = planned().find(|(_, entry)| entry.kind.is_work()).or_else(|| planned().next());
        later.map(|(due, entry)| format!("{} is due in {}: advance", entry.label, until(now, due)))
    }
}

/// How many of the ended invocations the test has seen otherwise than in a report.
#[derive(Debug, Default)]
pub(super) struct Looked {
    all: usize,
    by_function: BTreeMap<Arn, usize>,
}

impl Looked {
    fn has_seen_all(&self, ended: usize) -> bool {
        ended < self.all
    }

    fn has_seen(&self, ended: usize, function: &Arn) -> bool {
        self.has_seen_all(ended) || self.by_function.get(function).is_some_and(|seen| ended < *seen)
    }
}

impl Kernel {
    /// Notes that the test looks at all that happened so far, or at all that came of one function's invocations. Failures
    /// among that need no report any more.
    pub fn look(&self, function: Option<&Arn>) {
        let ended = self.recorder.ended();
        let mut looked = self.looked();
        match function {
            None => looked.all = ended,
            Some(function) => _ = looked.by_function.insert(function.clone(), ended),
        }
    }

    fn looked(&self) -> MutexGuard<'_, Looked> {
        self.looked.lock()
    }

    /// What is wrong with leaving the cloud as it is: that it has work which is due and nobody ever drove it, or that
    /// invocations failed at which nobody has looked. None if that may be.
    pub fn unheeded(&self) -> Option<String> {
        let mut failures = Vec::new();
        let looked = self.looked();
        self.recorder.look_at_ended(self.reported.load(Ordering::Relaxed), |ended, entry, refused| {
            let is_known = match &entry.what {
                // Whoever was answered was told.
                What::Invocation(invocation) => invocation.answered || looked.has_seen(ended, &invocation.arn),
                _ => looked.has_seen_all(ended),
            };
            if !is_known {
                failures.extend(Failure::of(entry, refused));
            }
        });
        drop(looked);
        if let Some(Failure { function, attempt, error, .. }) = failures.first() {
            let others = match failures.len() {
                1 => String::new(),
                count => format!(", and {} more", count - 1),
            };
            return Some(format!(
                "{function} failed (attempt {attempt}): {error}{others}; nobody has looked at it: settle().await.assert_ok()"
            ));
        }
        let now = self.now();
        let due = || self.agenda().iter().any(|(due, entry)| due <= now && entry.kind.is_work());
        if self.driven.load(Ordering::Relaxed) || !(self.turns.that_go_on() > 0 || due()) {
            return None;
        }
        let waits = self.what_waits().unwrap_or_default();
        Some(format!("nobody has driven the cloud, although there is work: {waits}"))
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun} is") } else { format!("{count} {noun}s are") }
}

fn until(now: Timestamp, due: Timestamp) -> String {
    let left = due.duration_since(now);
    let seconds = SignedDuration::from_secs(left.as_secs());
    let milliseconds = (left - seconds).as_millis();
    if milliseconds == 0 { format!("{} s", left.as_secs()) } else { format!("{}.{milliseconds:03} s", left.as_secs()) }
}
