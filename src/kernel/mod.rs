//! What makes a run reproducible: one clock, one agenda, one source of ids, one timeline, one turn at a time.
//!
//! * [`agenda`]: all future work, in order.
//! * [`turns`]: the invocations in flight, and whose turn it is.
//! * [`drive`] and [`step`]: take work from the agenda and give turns: the only thing that moves the clock.
//! * [`order`]: who decides what comes first where the cloud promises no order.
//! * [`wait`]: how running code waits for something that the agenda brings.
//! * [`ids`] and [`timeline`]: seeded ids, and what happened.

mod agenda;
mod current;
mod drive;
mod ids;
mod order;
mod report;
mod signal;
mod step;
mod timeline;
mod turns;
mod wait;
mod watchdog;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub(crate) use agenda::{EntryId, Kind};
pub use drive::DriveError;
pub(crate) use drive::Goal;
pub(crate) use ids::Ids;
#[cfg_attr(not(test), allow(unused_imports, reason = "for the orders that a sweep of choices brings"))]
pub(crate) use order::{Enabled, Order, Ordinary};
pub use report::{Failure, Report, Waiting};
pub(crate) use signal::Signal;
pub use timeline::{Line, LineId, Timeline};
pub(crate) use turns::{Abandoned, Invocation, InvocationId};
pub use wait::Clock;
pub(crate) use watchdog::wake_at;

use agenda::{Agenda, Entry};
use timeline::Recorder;
use turns::Turns;

type Action = Box<dyn FnOnce() + Send>;

/// How far one call may go, and when a handler counts as stuck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Invocations that one driving call may start.
    pub invocations: usize,
    /// Requests that one invocation may make, and sleeps of no time, without the test clock moving.
    pub requests: usize,
    /// Test time that one driving call may pass, beyond the time that it was told to pass.
    pub test_time: Duration,
    /// Real time that a handler may wait for something unknown without any progress.
    pub stall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            invocations: 10_000,
            requests: 100_000,
            test_time: Duration::from_secs(24 * 60 * 60),
            stall: Duration::from_secs(10),
        }
    }
}

/// The kernel of one cloud.
pub(crate) struct Kernel {
    now: Mutex<Timestamp>,
    agenda: Mutex<Agenda<Action>>,
    ids: Arc<Mutex<Ids>>,
    recorder: Recorder,
    turns: Arc<Turns>,
    driver: tokio::sync::Mutex<()>,
    started: AtomicUsize,
    closed: Signal,
    failures: Mutex<Vec<Failure>>,
    limits: Limits,
    order: Arc<dyn Order>,
}

impl Kernel {
    /// A kernel whose course is the ordinary one.
    pub fn new(start: Timestamp, seed: u64, limits: Limits) -> Arc<Self> {
        Self::with_order(start, seed, limits, Arc::new(Ordinary))
    }

    /// A kernel in which `order` decides what comes first.
    pub fn with_order(start: Timestamp, seed: u64, limits: Limits, order: Arc<dyn Order>) -> Arc<Self> {
        Arc::new(Self {
            now: Mutex::new(start),
            agenda: Mutex::new(Agenda::new()),
            ids: Arc::new(Mutex::new(Ids::new(seed))),
            recorder: Recorder::new(start),
            turns: Turns::new(limits.stall, limits.requests),
            driver: tokio::sync::Mutex::new(()),
            started: AtomicUsize::new(0),
            closed: Signal::default(),
            failures: Mutex::default(),
            limits,
            order,
        })
    }

    /// The time on the test clock.
    pub fn now(&self) -> Timestamp {
        *self.now.lock().expect("no panic under this lock")
    }

    /// The seeded source of ids.
    pub fn ids(&self) -> MutexGuard<'_, Ids> {
        self.ids.lock().expect("no panic under this lock")
    }

    /// The same source, for a service that keeps a handle to it.
    pub fn shared_ids(&self) -> Arc<Mutex<Ids>> {
        Arc::clone(&self.ids)
    }

    /// Writes one line of the timeline.
    pub fn note(&self, cause: Option<LineId>, text: impl Into<String>) -> LineId {
        self.recorder.write(self.now(), cause, text.into())
    }

    /// Adds to a line what was not known when it was written, such as a response's status.
    pub fn amend(&self, line: LineId, text: &str) {
        self.recorder.amend(line, text);
    }

    /// What happened so far.
    pub fn timeline(&self) -> Timeline {
        self.recorder.snapshot()
    }

    /// Plans `action` for `due`, or for now if that has passed.
    ///
    /// The action must not hold this kernel or the cloud strongly: what is planned would keep its own planner alive.
    pub fn plan(
        &self,
        due: Timestamp,
        kind: Kind,
        label: impl Into<String>,
        action: impl FnOnce() + Send + 'static,
    ) -> EntryId {
        self.plan_about(due, kind, label, None, action)
    }

    /// As [`plan`](Self::plan), with the line of the timeline that it is `about`, for whoever decides the order.
    pub fn plan_about(
        &self,
        due: Timestamp,
        kind: Kind,
        label: impl Into<String>,
        about: Option<LineId>,
        action: impl FnOnce() + Send + 'static,
    ) -> EntryId {
        let entry = Entry { kind, label: label.into(), about, action: Box::new(action) as Action };
        let now = self.now();
        self.agenda().add(now, due, entry)
    }

    /// Takes planned work back; nothing happens if it has run.
    pub fn cancel(&self, id: EntryId) {
        let cancelled = self.agenda().cancel(id);
        drop(cancelled); // outside the lock: an action may own things whose drop calls back
    }

    /// Queues an invocation for its first turn.
    pub fn start(&self, invocation: Invocation) -> InvocationId {
        self.started.fetch_add(1, Ordering::Relaxed);
        self.turns.start(invocation)
    }

    /// Drops an invocation that has not finished; while it is being polled, as soon as the poll returns.
    pub fn abandon(&self, id: InvocationId, why: Abandoned) {
        self.turns.abandon(id, why);
    }

    /// Whether `id` goes as soon as its present poll returns. Whatever it asks for until then must be kept waiting.
    #[cfg_attr(not(test), allow(dead_code, reason = "asked at a request, once a choice may crash an invocation"))]
    pub fn is_crashing(&self, id: InvocationId) -> bool {
        self.turns.is_ending(id)
    }

    /// The invocations and who holds the turn.
    pub fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Whether somebody drives this kernel right now.
    pub fn is_driven(&self) -> bool {
        self.driver.try_lock().is_err()
    }

    /// Whether the calling code belongs to an invocation of this kernel.
    pub fn inside_invocation(&self) -> bool {
        self.turns.current().is_some()
    }

    /// Notes a failed attempt for the next report.
    pub fn failed(&self, failure: Failure) {
        self.failures.lock().expect("no panic under this lock").push(failure);
    }

    /// Plans the firing of `signal`; the entry goes when the guard is dropped.
    pub fn alarm(
        self: &Arc<Self>,
        due: Timestamp,
        kind: Kind,
        label: impl Into<String>,
        signal: &Arc<Signal>,
    ) -> AlarmGuard {
        signal.plan();
        let signal = Arc::clone(signal);
        let id = self.plan(due, kind, label, move || signal.fire());
        AlarmGuard { kernel: Arc::downgrade(self), id }
    }

    /// Drops all planned work and all invocations: they may hold this kernel, and would keep it alive for ever.
    pub fn shut_down(&self) {
        self.turns.clear();
        let agenda = std::mem::replace(&mut *self.agenda(), Agenda::new());
        drop(agenda);
        // Whoever still waits, in a task of his own, waits for nothing.
        self.closed.fire();
    }

    fn agenda(&self) -> MutexGuard<'_, Agenda<Action>> {
        self.agenda.lock().expect("no action runs under this lock")
    }
}

/// Takes its agenda entry back when dropped.
pub(crate) struct AlarmGuard {
    kernel: Weak<Kernel>,
    id: EntryId,
}

impl Drop for AlarmGuard {
    fn drop(&mut self) {
        if let Some(kernel) = self.kernel.upgrade() {
            kernel.cancel(self.id);
        }
    }
}

/// `at + duration`, or the last representable instant.
pub(crate) fn later(at: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration).ok().and_then(|duration| at.checked_add(duration).ok()).unwrap_or(Timestamp::MAX)
}
