//! What makes a run reproducible: one clock, one agenda, one source of ids, one history, one turn at a time.
//!
//! * [`agenda`]: all future work, in order.
//! * [`recursion`]: functions that trigger themselves.
//! * [`background`]: the one thread of the process: sockets, and wake-ups after real time.
//! * [`turns`]: the invocations in flight, and whose turn it is.
//! * [`drive`] and [`step`]: take work from the agenda and give turns: the only thing that moves the clock.
//! * [`aims`]: when an earlier run of the same test had come so far.
//! * [`order`]: who decides what comes first where the cloud promises no order.
//! * [`wait`]: how running code waits for something that the agenda brings; [`gate`]: or the test.
//! * [`ids`]: seeded ids. What happened is written to the [`history`](crate::history).

mod agenda;
mod aims;
mod background;
mod current;
mod drive;
mod due;
mod gate;
mod ids;
mod order;
mod recursion;
mod redacted;
mod report;
mod seat;
mod signal;
mod step;
mod turns;
mod wait;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, MutexGuard, Weak};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub(crate) use agenda::{Kind, PlannedId};
pub(crate) use background::{background, start_runtime, wake_at};
pub use drive::DriveError;
pub(crate) use drive::Goal;
pub use gate::Gate;
pub(crate) use ids::Ids;
#[cfg(test)]
pub(crate) use order::Ordinary;
pub(crate) use order::{Enabled, Order};
pub use report::{Failure, IgnoredAnswer, Report, Waiting};
pub(crate) use signal::Signal;
pub(crate) use turns::{Abandoned, Invocation, InvocationId};
pub use wait::Clock;

use crate::history::{Actor, EntryId, History, Name, Outcome, Recorder, What};
use crate::lock::Lock;

use agenda::{Agenda, Entry};
use aims::Aims;
use due::Looked;
use recursion::Recursion;
use seat::Seat;
use turns::Turns;

type Action = Box<dyn FnOnce() + Send>;

/// How far one call may go, and when a handler counts as stuck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Invocations that one driving call may start.
    pub invocations: usize,
    /// Invocations of one function that it caused itself, in one driving call.
    pub recursion: usize,
    /// Whether a call ends where Lambda stops a loop, as more of it shows nothing.
    pub ends_with_loops: bool,
    /// Requests that one invocation may make, and sleeps of no time, without the test clock moving.
    pub requests: usize,
    /// Test time that one driving call may pass, beyond the time that it was told to pass.
    pub test_time: Duration,
    /// Real time that a handler may wait for something unknown without any progress.
    pub stall: Duration,
    /// How many entries of the history are kept; all without a limit.
    pub history: Option<usize>,
    /// When the driving calls of an earlier run ended, if this one is to follow it.
    pub aims: Option<Arc<[Timestamp]>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            invocations: 50_000,
            recursion: 500,
            ends_with_loops: false,
            requests: 100_000,
            test_time: Duration::from_secs(24 * 60 * 60),
            stall: Duration::from_secs(10),
            history: None,
            aims: None,
        }
    }
}

/// The kernel of one cloud.
pub(crate) struct Kernel {
    now: Lock<Timestamp>,
    agenda: Lock<Agenda<Action>>,
    seed: u64,
    recorder: Recorder,
    turns: Arc<Turns>,
    seat: Seat,
    started: AtomicUsize,
    /// Whether anybody ever drove it.
    driven: AtomicBool,
    recursion: Recursion,
    closed: Signal,
    aims: Aims,
    /// How many of the ended invocations the last report has seen.
    reported: AtomicUsize,
    /// What the test has looked at beside reports.
    looked: Lock<Looked>,
    limits: Limits,
    order: Arc<dyn Order>,
    /// The addresses at which the cloud is reached, which are others in each run.
    addresses: Lock<Vec<SocketAddr>>,
}

impl Kernel {
    /// A kernel whose course is the ordinary one.
    #[cfg(test)]
    pub fn new(start: Timestamp, seed: u64, limits: Limits) -> Arc<Self> {
        Self::with_order(start, seed, limits, Arc::new(Ordinary))
    }

    /// A kernel in which `order` decides what comes first.
    pub fn with_order(start: Timestamp, seed: u64, limits: Limits, order: Arc<dyn Order>) -> Arc<Self> {
        Arc::new(Self {
            now: Lock::new(start),
            agenda: Lock::new(Agenda::new()),
            seed,
            recorder: Recorder::new(start, limits.history),
            turns: Turns::new(limits.stall, limits.requests),
            seat: Seat::default(),
            started: AtomicUsize::new(0),
            driven: AtomicBool::new(false),
            recursion: Recursion::new(limits.recursion, limits.ends_with_loops),
            closed: Signal::default(),
            aims: Aims::at(limits.aims.clone()),
            reported: AtomicUsize::new(0),
            looked: Lock::default(),
            limits,
            order,
            addresses: Lock::default(),
        })
    }

    /// The time on the test clock.
    pub fn now(&self) -> Timestamp {
        *self.now.lock()
    }

    /// The ids of one kind of the thing that has this name.
    pub fn ids(&self, name: Name, kind: &str) -> Ids {
        Ids::of(self.seed, name, kind)
    }

    /// The ids of one kind of what an entry is about.
    pub fn ids_of(&self, entry: EntryId, kind: &str) -> Ids {
        self.ids(self.recorder.name_of(entry), kind)
    }

    /// The seed of all ids.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Says at which address the cloud is reached, too.
    pub fn add_address(&self, address: SocketAddr) {
        let mut addresses = self.addresses.lock();
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }

    /// The same text without the ports of the cloud's own addresses, and without what is another one in every run in a URL that
    /// was presigned: HTTP clients put URLs into their errors, and with them neither the history nor a dead letter would be the
    /// same in every run.
    pub fn redacted(&self, text: &str) -> String {
        let addresses = self.addresses.lock();
        let without =
            |text: String, address: &SocketAddr| text.replace(&address.to_string(), &address.ip().to_string());
        redacted::without_signature(addresses.iter().fold(text.to_owned(), without))
    }

    /// Writes an entry of the history under a name that was made before.
    pub fn record_named(&self, cause: Option<EntryId>, actor: Actor, what: What, name: Name) -> EntryId {
        self.recorder.write_named(self.now(), cause, actor, what, name)
    }

    /// Writes an entry of the history.
    pub fn record(&self, cause: Option<EntryId>, actor: Actor, what: What) -> EntryId {
        let stops = matches!(what, What::Stopped { .. });
        let line = self.recorder.write(self.now(), cause, actor, what);
        if stops {
            self.recursion.note_stopped(line);
        }
        line
    }

    /// Writes down, in words, what a service of the cloud did or saw.
    pub fn note(&self, cause: Option<EntryId>, text: impl Into<String>) -> EntryId {
        self.record(cause, Actor::Service, What::Note(text.into()))
    }

    /// Says what came of an entry.
    pub fn close(&self, entry: EntryId, outcome: Outcome) {
        self.recorder.close(entry, outcome);
    }

    /// The history while it grows.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// When each driving call of the test ended.
    pub fn ends(&self) -> Vec<Timestamp> {
        self.aims.all()
    }

    /// What happened so far.
    pub fn history(&self) -> History {
        self.recorder.snapshot()
    }

    /// Who asks, for the history: what is asked without being an invocation is the test's, unless the cloud is driven
    /// meanwhile and a handler has run; then it may be a task that the handler has spawned.
    pub fn actor(&self, invocation: Option<InvocationId>) -> Actor {
        let line = invocation.and_then(|id| self.turns.line_of(id));
        match line.and_then(|line| self.function_of(line)) {
            Some(function) => Actor::Function(function),
            None if self.is_driven() && self.started.load(Ordering::Relaxed) > 0 => Actor::Unattributed,
            None => Actor::Test,
        }
    }

    /// The function that an entry is the invocation of.
    fn function_of(&self, line: EntryId) -> Option<Arc<str>> {
        self.recorder.with(line, |entry| match &entry.what {
            What::Invocation(invocation) => Some(Arc::clone(&invocation.function)),
            _ => None,
        })?
    }

    /// Plans `action` for `due`, or for now if that has passed.
    ///
    /// The action must not hold this kernel or the cloud strongly: what is planned would keep its own planner alive.
    pub fn plan(
        &self,
        due: Timestamp,
        kind: Kind,
        label: impl Into<Arc<str>>,
        action: impl FnOnce() + Send + 'static,
    ) -> PlannedId {
        self.plan_about(due, kind, label, None, action)
    }

    /// As [`plan`](Self::plan), with the line of the timeline that it is `about`, for whoever decides the order.
    pub fn plan_about(
        &self,
        due: Timestamp,
        kind: Kind,
        label: impl Into<Arc<str>>,
        about: Option<EntryId>,
        action: impl FnOnce() + Send + 'static,
    ) -> PlannedId {
        let entry = Entry { kind, label: label.into(), about, action: Box::new(action) as Action };
        let now = self.now();
        self.agenda().add(now, due, entry)
    }

    /// Whether planned work has neither run nor been taken back.
    pub fn is_planned(&self, id: PlannedId) -> bool {
        self.agenda().contains(id)
    }

    /// Plans the same work for `due` once more, behind what was planned meanwhile; none if it has run.
    pub fn plan_again(&self, id: PlannedId, due: Timestamp) -> Option<PlannedId> {
        let now = self.now();
        let mut agenda = self.agenda();
        let entry = agenda.cancel(id)?;
        Some(agenda.add(now, due, entry))
    }

    /// Takes planned work back; nothing happens if it has run.
    pub fn cancel(&self, id: PlannedId) {
        let cancelled = self.agenda().cancel(id);
        drop(cancelled); // outside the lock: an action may own things whose drop calls back
    }

    /// Queues an invocation for its first turn.
    pub fn start(&self, invocation: Invocation) -> InvocationId {
        self.started.fetch_add(1, Ordering::Relaxed);
        self.recursion.note(&self.recorder, invocation.line);
        self.turns.start(invocation)
    }

    /// Drops an invocation that has not finished; while it is being polled, as soon as the poll returns.
    pub fn abandon(&self, id: InvocationId, why: Abandoned) {
        self.turns.abandon(id, why);
    }

    /// Whether `id` goes as soon as its present poll returns. Whatever it asks for until then must be kept waiting.
    pub fn is_crashing(&self, id: InvocationId) -> bool {
        self.turns.is_ending(id)
    }

    /// The invocations and who holds the turn.
    pub fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Whether somebody drives this kernel right now.
    pub fn is_driven(&self) -> bool {
        self.seat.is_taken()
    }

    /// Whether the calling code belongs to an invocation of this kernel.
    pub fn inside_invocation(&self) -> bool {
        self.turns.current().is_some()
    }

    /// The attempts that failed since this was asked last, without those whose callers were told, and the answers that
    /// were ignored; asked by one driver at a time.
    fn take_failures(&self) -> (Vec<Failure>, Vec<IgnoredAnswer>) {
        let (mut failures, mut ignored) = (Vec::new(), Vec::new());
        let seen = self.reported.load(Ordering::Relaxed);
        let ended = self.recorder.look_at_ended(seen, |_, entry, refused| {
            failures.extend(Failure::of(entry, refused));
            ignored.extend(IgnoredAnswer::of(entry));
        });
        self.reported.store(ended, Ordering::Relaxed);
        (failures, ignored)
    }

    /// Plans the firing of `signal`; the entry goes when the guard is dropped.
    pub fn alarm(
        self: &Arc<Self>,
        due: Timestamp,
        kind: Kind,
        label: impl Into<Arc<str>>,
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
        self.agenda.lock()
    }
}

/// Takes its agenda entry back when dropped.
pub(crate) struct AlarmGuard {
    kernel: Weak<Kernel>,
    id: PlannedId,
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
