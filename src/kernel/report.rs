//! What one driving call did and what it left for later.

use std::fmt;

use jiff::Timestamp;

use crate::history::{Entry, Outcome, What};

/// How many failures, and how much of what waits, `Display` shows.
const MOST_SHOWN: usize = 40;

/// What a call of `settle`, `advance` or `drain` did, and what waits for later.
///
/// `Display` prints it for a failed assertion, at most 40 failures and as much of what waits:
///
/// ```text
/// 1 invocation, 1 failed
///   to-utf8 failed (attempt 1): invalid byte 0x82
/// waiting:
///   2026-01-01T00:01:00Z retry to-utf8 (attempt 2)
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a report says which invocations failed: `assert_ok()`, or `let _ =` if that does not matter"]
#[non_exhaustive]
pub struct Report {
    /// How many invocations began.
    pub invocations: usize,
    /// The attempts that failed since the last report, in order. A failure that somebody was answered with, such as the
    /// caller of [`Function::invoke`](crate::Function::invoke), is not among them.
    pub failures: Vec<Failure>,
    /// What is still planned, in order of its due time.
    pub waiting: Vec<Waiting>,
}

impl Report {
    /// Panics with the report when any attempt failed, even if a retry succeeded later.
    ///
    /// # Panics
    ///
    /// When [`failures`](Self::failures) is not empty.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.failures.is_empty(), "invocations failed: {self}");
    }

    /// Whether no retry, delayed delivery or other work is left. Recurring schedules do not count.
    pub fn is_done(&self) -> bool {
        self.waiting.iter().all(|waiting| waiting.recurring)
    }
}

/// One failed attempt to run a function.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The function's name.
    pub function: String,
    /// Which attempt it was, counted from 1.
    pub attempt: u32,
    /// The error's message.
    pub error: String,
}

impl Failure {
    /// The failure that an entry records, unless the one who asked was told. Why a handler was stuck is not in what
    /// callers are told, so that is reported in any case.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let (What::Invocation(invocation), Outcome::Failed { error, hint, .. }) = (&entry.what, &entry.outcome) else {
            return None;
        };
        if hint.is_none() && invocation.answered {
            return None;
        }
        let message = &error.error_message;
        Some(Self {
            function: invocation.function.to_string(),
            attempt: invocation.attempt,
            error: hint.as_ref().map_or_else(|| message.clone(), |hint| format!("{message}; {hint}")),
        })
    }
}

/// Something planned for later.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// When it is due, on the cloud's clock.
    pub due: Timestamp,
    /// What it is, in words.
    pub what: String,
    /// Whether it is a recurring rule or housekeeping, which `drain` does not wait for.
    pub recurring: bool,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.invocations == 1 { "" } else { "s" };
        writeln!(f, "{} invocation{plural}, {} failed", self.invocations, self.failures.len())?;
        for Failure { function, attempt, error } in self.failures.iter().take(MOST_SHOWN) {
            writeln!(f, "  {function} failed (attempt {attempt}): {error}")?;
        }
        more(f, self.failures.len())?;
        if !self.waiting.is_empty() {
            writeln!(f, "waiting:")?;
        }
        for Waiting { due, what, .. } in self.waiting.iter().take(MOST_SHOWN) {
            writeln!(f, "  {due} {what}")?;
        }
        more(f, self.waiting.len())
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: usize) -> fmt::Result {
    if count > MOST_SHOWN { writeln!(f, "  … and {} more", count - MOST_SHOWN) } else { Ok(()) }
}
