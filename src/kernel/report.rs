//! What one driving call did and what it left for later.

use std::fmt;

use jiff::Timestamp;

use crate::event::BatchProblem;
use crate::history::{Entry, Outcome, What, stopped};

/// How many failures, and how much of what waits, `Display` shows.
const MOST_SHOWN: usize = 40;

/// What a call of `settle`, `advance` or `drain` did, and what waits for later.
///
/// `Display` prints it for a failed assertion, at most 40 failures and as much of what waits:
///
/// ```text
/// 1 invocation, 1 failed
///   to-utf8 failed (attempt 1): service error
///     its last refused request: s3 GetObject s3://export/a.csv → 404 NoSuchKey: The specified key does not exist.
/// waiting:
///   2026-01-01T00:01:00Z retry to-utf8 (attempt 2)
///   2026-01-01T01:00:00Z schedule every-hour (recurring: advance to it, drain does not wait for it)
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a report says which invocations failed: `assert_ok()`, or `let _ =` if that does not matter"]
#[non_exhaustive]
pub struct Report {
    /// How many invocations began.
    pub invocations: usize,
    /// The attempts that failed since the last report, in order. A failure that somebody was answered with, such as the
    /// caller of [`Function::invoke`](crate::Function::invoke), is not among them.
    ///
    /// A faulty answer to a trigger that reports item failures, such as one with an unknown id, is one too: Lambda delivers
    /// the whole batch again, as if the function had failed. So is an invocation that Lambda stopped because it was one too many
    /// in a recursive loop, whoever was told.
    pub failures: Vec<Failure>,
    /// What was ignored in the answers of functions since the last report, although it looks as if it was meant to count,
    /// in order.
    pub ignored: Vec<IgnoredAnswer>,
    /// What is still planned, in order of its due time.
    pub waiting: Vec<Waiting>,
    /// Whether failures are part of what is tried out: in an exploration, which judges the end.
    pub(super) explored: bool,
}

impl Report {
    /// Panics with the report when any attempt failed, even if a retry succeeded later.
    ///
    /// In a run of [`explore`](crate::explore) that deviates it asserts nothing: there failures are what is tried out.
    ///
    /// # Panics
    ///
    /// When [`failures`](Self::failures) is not empty.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.failures.is_empty() || self.explored, "invocations failed: {self}");
    }

    /// Whether no retry, delayed delivery or other work is left. Recurring schedules do not count.
    pub fn is_done(&self) -> bool {
        self.waiting.iter().all(|waiting| waiting.recurring)
    }
}

/// Something in the answer of a function that Lambda does not look at: `batchItemFailures` for a trigger without
/// [`report_item_failures`](crate::Batch::report_item_failures), or a misspelt name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IgnoredAnswer {
    /// The function's name.
    pub function: String,
    /// What is ignored, and why.
    pub why: String,
}

impl IgnoredAnswer {
    /// What an entry says was ignored.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let What::Ignored { function, why } = &entry.what else { return None };
        Some(Self { function: function.clone(), why: why.clone() })
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
    /// The last of its requests that a service refused, with AWS's code and message: an SDK's error says neither unless
    /// asked.
    pub refused: Option<String>,
}

impl Failure {
    /// The failure that an entry records, unless the one who asked was told. That a handler was stuck is reported in any
    /// case: it is a fault of the test, which a caller in the cloud would take for one of the function.
    pub(super) fn of(entry: &Entry, refused: Option<&Entry>) -> Option<Self> {
        if let What::Kept { function, kept, of, why: Some(fault) } = &entry.what {
            let error = format!("faulty answer, {kept} of {of} kept for redelivery: {fault}");
            let failed = fault.problem == BatchProblem::FunctionError; // which its invocation says
            return (!failed).then(|| Self { function: function.clone(), attempt: 1, error, refused: None });
        }
        if let What::Stopped { function, invocations } = &entry.what {
            let error = stopped(*invocations);
            return Some(Self { function: function.clone(), attempt: 1, error, refused: None });
        }
        let (What::Invocation(invocation), Outcome::Failed { error, stuck, .. }) = (&entry.what, &entry.outcome) else {
            return None;
        };
        if !stuck && invocation.answered {
            return None;
        }
        Some(Self {
            function: invocation.function.to_string(),
            attempt: invocation.attempt,
            error: error.error_message.clone(),
            refused: refused.map(ToString::to_string),
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
        for Failure { function, attempt, error, refused } in self.failures.iter().take(MOST_SHOWN) {
            writeln!(f, "  {function} failed (attempt {attempt}): {error}")?;
            if let Some(refused) = refused {
                writeln!(f, "    its last refused request: {refused}")?;
            }
        }
        more(f, self.failures.len())?;
        for IgnoredAnswer { function, why } in self.ignored.iter().take(MOST_SHOWN) {
            writeln!(f, "  the answer of {function} is ignored: {why}")?;
        }
        more(f, self.ignored.len())?;
        if !self.waiting.is_empty() {
            writeln!(f, "waiting:")?;
        }
        for Waiting { due, what, recurring } in self.waiting.iter().take(MOST_SHOWN) {
            let note = if *recurring { " (recurring: advance to it, drain does not wait for it)" } else { "" };
            writeln!(f, "  {due} {what}{note}")?;
        }
        more(f, self.waiting.len())
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: usize) -> fmt::Result {
    if count > MOST_SHOWN { writeln!(f, "  … and {} more", count - MOST_SHOWN) } else { Ok(()) }
}
