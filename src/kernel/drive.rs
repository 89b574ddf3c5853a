//! The driver: takes work from the agenda, gives turns, and is the only thing that moves the clock.

use std::collections::BTreeSet;
use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;

use super::agenda::Kind;
use super::{Kernel, Report, Signal, Waiting, later};
use crate::history::What;

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
    /// No work is left, and nothing that recurs begins any more.
    End,
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
    /// A function triggers itself: so many of its invocations in one call were caused by others of its own.
    TriggersItself {
        /// The function.
        function: String,
        /// The limit.
        limit: usize,
        /// What led to the last of them, from the first cause on.
        chain: Vec<String>,
        /// The end of the timeline.
        timeline: String,
    },
    /// More invocations than the limit began in one call.
    TooManyInvocations {
        /// The limit.
        limit: usize,
        /// What led to the last of them, from the first cause on.
        chain: Vec<String>,
        /// The recurring rules and schedules that fired meanwhile, if the call was to go on until no work is left.
        recurring: Vec<String>,
        /// The end of the timeline.
        timeline: String,
    },
    /// More test time than the limit would have passed in one call.
    TooMuchTime {
        /// The limit.
        limit: Duration,
        /// What was next on the agenda.
        next: String,
        /// As in [`TooManyInvocations`](Self::TooManyInvocations).
        recurring: Vec<String>,
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
            Self::TriggersItself { function, limit, chain, timeline } => {
                write!(
                    f,
                    "the function {function} triggers itself: more than {limit} of its invocations in one call "
                )?;
                write!(f, "were caused by others of its own (see max_recursion and recursive_loop); ")?;
                fmt_end(f, chain, timeline)
            }
            Self::TooManyInvocations { limit, chain, recurring, timeline } => {
                write!(f, "more than {limit} invocations in one call; {}", Recurring(recurring))?;
                fmt_end(f, chain, timeline)
            }
            Self::TooMuchTime { limit, next, recurring, timeline } => {
                let hours = limit.as_secs_f64() / 3600.0;
                write!(f, "more than {hours} h of test time in one call; next was {next}; {}", Recurring(recurring))?;
                fmt_end(f, &[], timeline)
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

impl DriveError {
    /// Whether there was always more to do, until a limit was reached.
    pub(crate) fn is_limit(&self) -> bool {
        matches!(self, Self::TooManyInvocations { .. } | Self::TooMuchTime { .. } | Self::TriggersItself { .. })
    }
}

/// How the last of too many came about, and the end of the timeline.
fn fmt_end(f: &mut fmt::Formatter<'_>, chain: &[String], timeline: &str) -> fmt::Result {
    if !chain.is_empty() {
        writeln!(f, "the last of them came about like this:")?;
    }
    for step in chain {
        writeln!(f, "  {step}")?;
    }
    write!(f, "the timeline ends with:\n{timeline}")
}

/// What keeps a call going that waits until no work is left.
struct Recurring<'a>(&'a [String]);

impl fmt::Display for Recurring<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(
            f,
            "drain has no end while what recurs makes more work ({}): advance past it instead; ",
            self.0.join(", ")
        )
    }
}

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
        let _driving = self.seat.take().await;
        let driven = self.drive_locked(goal).await;
        self.aims.ended(self.now());
        if driven.as_ref().is_err_and(DriveError::is_limit) {
            // Whoever has such an error gets no report, but the end of the timeline.
            self.look(None);
        }
        let invocations = driven?;
        // All that failed since the last report, also while a request of the test drove the cloud.
        let (failures, ignored) = self.take_failures();
        let explored = self.aims.are_given();
        Ok(Report { invocations, failures, ignored, waiting: self.waiting(), explored })
    }

    /// Drives until `goal` and counts the invocations that began; the caller has the driver's seat.
    pub(super) async fn drive_locked(&self, goal: Goal<'_>) -> Result<usize, DriveError> {
        self.driven.store(true, Ordering::Relaxed);
        let started = self.started.load(Ordering::Relaxed);
        let (target, bounded) = match goal {
            // Only now: whoever waited for another to drive asks for time beyond that.
            Goal::For(time) => {
                (self.aims.next().map_or_else(|| later(self.now(), time), |aim| aim.max(self.now())), true)
            }
            Goal::Until(asked) if asked < self.now() => {
                return Err(DriveError::Passed { asked, now: self.now() });
            }
            Goal::Until(time) => (time, true),
            Goal::Settle => (self.now(), true),
            Goal::Drain | Goal::End | Goal::Signal(_) => (self.now(), false),
        };
        let time_limit = later(target, self.limits.test_time);
        let done = || matches!(goal, Goal::Signal(signal) if signal.is_fired());
        self.recursion.begin(self.recorder());
        // Also asked between two turns: a function that calls itself and waits never leaves the turns.
        let too_many = || {
            let started = self.started.load(Ordering::Relaxed) - started;
            started > self.limits.invocations || self.recursion.beyond().is_some()
        };
        let mut recurred = BTreeSet::new();
        let agenda_goes_on = || self.next_due(&goal).is_some();
        let recurring_until = match goal {
            // What a fault has held up may have moved the clock beyond further runs of a rule.
            Goal::End => Some(self.aims.last().unwrap_or_else(|| self.now())),
            Goal::Drain if self.aims.are_given() => Some(self.aims.next().unwrap_or_else(|| self.now())),
            _ => None,
        };
        {
            let mut agenda = self.agenda();
            agenda.hold_after(bounded.then_some(target));
            agenda.hold_recurring_after(recurring_until);
        }
        self.turns.resume();
        loop {
            let turned = poll_fn(|cx| self.turns.poll(cx, &|| done() || too_many(), &agenda_goes_on)).await;
            if done() {
                break;
            }
            if too_many() {
                return Err(self.too_many(recurred));
            }
            if !self.step(&goal, turned, time_limit, &mut recurred)? {
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
            .map(|(due, entry)| Waiting { due, what: entry.label.to_string(), recurring: !entry.kind.is_work() })
            .collect()
    }

    /// Moves the clock forward, never back.
    pub(super) fn move_clock(&self, to: Timestamp) {
        {
            let mut now = self.now.lock();
            if to <= *now {
                return;
            }
            *now = to;
        }
        self.turns.clock_moved();
    }

    fn too_many(&self, recurred: BTreeSet<String>) -> DriveError {
        let beyond = self.recursion.beyond();
        let (tail, path) = self.recorder().tail(LINES_SHOWN, beyond);
        let from = path.len().saturating_sub(STEPS_SHOWN);
        let (limit, timeline) = (self.limits.invocations, tail.timeline().flat());
        let chain = path[from..].iter().map(ToString::to_string).collect();
        let stopped = beyond.and_then(|line| {
            self.recorder().with(line, |entry| match &entry.what {
                What::Stopped { function, invocations } => Some((function.clone(), *invocations as usize)),
                _ => None,
            })?
        });
        let own = || Some((self.function_of(beyond?)?.to_string(), self.recursion.limit()));
        match stopped.or_else(own) {
            Some((function, limit)) => DriveError::TriggersItself { function, limit, chain, timeline },
            None => {
                DriveError::TooManyInvocations { limit, chain, recurring: recurred.into_iter().collect(), timeline }
            }
        }
    }

    pub(super) fn too_much_time(&self, recurred: &BTreeSet<String>) -> DriveError {
        let next = self.agenda().iter().next().map(|(due, entry)| format!("{:?} at {due}", entry.label));
        DriveError::TooMuchTime {
            limit: self.limits.test_time,
            next: next.unwrap_or_else(|| "nothing".to_owned()),
            recurring: recurred.iter().cloned().collect(),
            timeline: self.recorder().tail(LINES_SHOWN, None).0.timeline().flat(),
        }
    }
}
