//! The driver: takes work from the agenda, gives turns, and is the only thing that moves the clock.

use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;

use super::agenda::Kind;
use super::{Kernel, Report, Signal, Waiting, later};

/// When a driving call is done.
pub(crate) enum Goal<'a> {
    /// What is due has run, and what was in flight or followed from it has ended. What became due only because the clock
    /// moved meanwhile stays planned.
    Settle,
    /// So much test time has passed since the call had its turn, and then as `Settle`.
    For(Duration),
    /// It is this time, and then as `Settle`.
    Until(Timestamp),
    /// No work is left.
    Drain,
    /// The signal has fired, or nothing is left that could fire it.
    Signal(&'a Signal),
}

/// Why a driving call stopped before its goal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DriveError {
    /// The Cloud was dropped meanwhile.
    Dropped,
    /// `settle`, `advance` or `drain` was called by a handler.
    InsideHandler,
    /// The cloud was told to advance to a time that has passed.
    Passed {
        /// The time that was asked for.
        asked: Timestamp,
        /// The time on the cloud's clock.
        now: Timestamp,
    },
    /// More invocations than the limit began in one call: often a function that triggers itself.
    TooManyInvocations {
        /// The limit.
        limit: usize,
        /// What led to the last of them, from the first cause on.
        chain: Vec<String>,
        /// The end of the timeline.
        timeline: String,
    },
    /// More test time than the limit would have passed in one call.
    TooMuchTime {
        /// The limit.
        limit: Duration,
        /// What was next on the agenda.
        next: String,
        /// The end of the timeline.
        timeline: String,
    },
    /// A handler blocks the thread that drives the cloud until the cloud answers, which needs that thread.
    Blocked {
        /// The invocation's line of the timeline.
        invocation: String,
        /// The real time after which this was noticed.
        after: Duration,
    },
}

impl fmt::Display for DriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped => f.write_str("the Cloud was dropped"),
            Self::InsideHandler => {
                f.write_str("a handler cannot drive its own cloud: call settle, advance and drain from the test")
            }
            Self::Passed { asked, now } => write!(f, "cannot advance to {asked}: it is {now}"),
            Self::TooManyInvocations { limit, chain, timeline } => {
                writeln!(f, "more than {limit} invocations in one call; the last of them came about like this:")?;
                for step in chain {
                    writeln!(f, "  {step}")?;
                }
                write!(f, "the timeline ends with:\n{timeline}")
            }
            Self::TooMuchTime { limit, next, timeline } => {
                let hours = limit.as_secs_f64() / 3600.0;
                write!(f, "more than {hours} h of test time in one call; next was {next}; ")?;
                write!(f, "the timeline ends with:\n{timeline}")
            }
            Self::Blocked { invocation, after } => {
                write!(f, "the handler blocks its thread on a call of its own cloud, which cannot go on without it: ")?;
                write!(f, "use .await, or tokio::task::spawn_blocking around code that must block ")?;
                write!(f, "({invocation}, after {after:?} of real time)")
            }
        }
    }
}

impl std::error::Error for DriveError {}

const STEPS_SHOWN: usize = 12;
const LINES_SHOWN: usize = 60;

impl Kernel {
    /// Drives until `goal`, one caller at a time.
    ///
    /// # Errors
    ///
    /// A [`DriveError`] when called by a handler or when a limit is reached. What was not done stays planned.
    pub async fn drive(&self, goal: Goal<'_>) -> Result<Report, DriveError> {
        if self.inside_invocation() {
            return Err(DriveError::InsideHandler);
        }
        let _driver = self.driver.lock().await;
        let driven = self.drive_locked(goal).await;
        if let Err(DriveError::TooManyInvocations { .. } | DriveError::TooMuchTime { .. }) = &driven {
            // Whoever has such an error gets no report, but the end of the timeline.
            self.look(None);
        }
        let invocations = driven?;
        // All that failed since the last report, also while a request of the test drove the cloud.
        let failures = self.take_failures();
        Ok(Report { invocations, failures, waiting: self.waiting() })
    }

    /// Drives until `goal` and counts the invocations that began; the caller holds the driver's lock.
    pub(super) async fn drive_locked(&self, goal: Goal<'_>) -> Result<usize, DriveError> {
        self.driven.store(true, Ordering::Relaxed);
        let started = self.started.load(Ordering::Relaxed);
        let (target, bounded) = match goal {
            // Only now: whoever waited for another to drive asks for time beyond that.
            Goal::For(time) => (later(self.now(), time), true),
            Goal::Until(asked) if asked < self.now() => {
                return Err(DriveError::Passed { asked, now: self.now() });
            }
            Goal::Until(time) => (time, true),
            Goal::Settle => (self.now(), true),
            Goal::Drain | Goal::Signal(_) => (self.now(), false),
        };
        let time_limit = later(target, self.limits.test_time);
        let done = || matches!(goal, Goal::Signal(signal) if signal.is_fired());
        // Also asked between two turns: a function that calls itself and waits never leaves the turns.
        let too_many = || self.started.load(Ordering::Relaxed) - started > self.limits.invocations;
        let agenda_goes_on = || self.next_due(&goal).is_some();
        self.agenda().hold_after(bounded.then_some(target));
        self.turns.resume();
        loop {
            let turned = poll_fn(|cx| self.turns.poll(cx, &|| done() || too_many(), &agenda_goes_on)).await;
            if done() {
                break;
            }
            if too_many() {
                return Err(self.too_many_invocations());
            }
            if !self.step(&goal, turned, time_limit)? {
                self.move_clock(target);
                break;
            }
        }
        Ok(self.started.load(Ordering::Relaxed) - started)
    }

    /// What is planned, in order, without what belongs to invocations in flight.
    pub fn waiting(&self) -> Vec<Waiting> {
        let agenda = self.agenda();
        let planned = agenda.iter().filter(|(_, entry)| entry.kind != Kind::Turn);
        planned
            .map(|(due, entry)| Waiting { due, what: entry.label.clone(), recurring: !entry.kind.is_work() })
            .collect()
    }

    /// Moves the clock forward, never back.
    pub(super) fn move_clock(&self, to: Timestamp) {
        {
            let mut now = self.now.lock().expect("no panic under this lock");
            if to <= *now {
                return;
            }
            *now = to;
        }
        self.turns.clock_moved();
    }

    fn too_many_invocations(&self) -> DriveError {
        let (tail, path) = self.recorder().tail(LINES_SHOWN);
        let from = path.len().saturating_sub(STEPS_SHOWN);
        DriveError::TooManyInvocations {
            limit: self.limits.invocations,
            chain: path[from..].iter().map(ToString::to_string).collect(),
            timeline: tail.timeline().flat(),
        }
    }

    pub(super) fn too_much_time(&self) -> DriveError {
        let next = self.agenda().iter().next().map(|(due, entry)| format!("{:?} at {due}", entry.label));
        DriveError::TooMuchTime {
            limit: self.limits.test_time,
            next: next.unwrap_or_else(|| "nothing".to_owned()),
            timeline: self.recorder().tail(LINES_SHOWN).0.timeline().flat(),
        }
    }
}
