//! The invocations in flight, and whose turn it is.
//!
//! A turn lasts until the invocation finishes or *parks*. It parks only on what the kernel knows (a sleep on the test
//! clock, a long poll, another function); while it waits for anything else it keeps its turn and the clock stands still.
//!
//! * [`poll`]: gives turns, and polls those who hold one.
//! * [`waiting`]: parked, put aside, or waiting outside any invocation.
//! * [`spawned`] and [`errand`]: tasks of an invocation, and waits on its behalf outside its polls.
//! * [`ending`]: how an invocation leaves before it has finished.
//! * [`stall`] and [`blocking`]: holders of a turn that do not come to an end.

mod blocking;
mod ending;
mod errand;
mod poll;
mod spawned;
mod stall;
mod waiting;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{Display, Write};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, MutexGuard, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use futures::task::AtomicWaker;
use jiff::Timestamp;
use tokio::task::Id;

pub(super) use blocking::Watch;
pub(crate) use ending::Abandoned;
use errand::Errands;
use poll::InvocationWaker;
pub(super) use poll::Turned;
use spawned::Spawned;

use super::{Signal, current};
use crate::history::EntryId;
use crate::lock::Lock;

/// Names one invocation in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct InvocationId(u64);

pub(crate) type InvocationFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An invocation about to begin.
pub(crate) struct Invocation {
    /// The timeline line under which its own lines stand.
    pub line: EntryId,
    /// When the function's timeout passes, on the test clock.
    pub deadline: Timestamp,
    /// Whether somebody outside any invocation waits for it, and may himself be waited for.
    pub urgent: bool,
    /// Whether somebody waits for its answer.
    pub awaited: bool,
    /// The work. It must not panic and must report its own result.
    pub future: InvocationFuture,
    /// Told when the future is dropped before it finished.
    pub abandoned: Box<dyn FnOnce(Abandoned) + Send>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Ready,
    Running,
    Parked,
    /// Ready, but it lets all others go first.
    Aside,
}

struct Slot {
    invocation: Invocation,
    phase: Phase,
    /// Whether it has had a turn, and so may hold something that others wait for.
    begun: bool,
    /// The future is taken out while it is being polled, so that no lock is held meanwhile.
    polling: bool,
    /// How often it was polled.
    polls: u64,
    /// The poll in which it was found to block its thread on its own cloud.
    blocked_in: Option<u64>,
    /// Who is to look again while the present poll lasts: what waits in it by other wakers than the invocation's own.
    watched: Vec<Waker>,
    /// Why it is to be dropped as soon as its present poll returns.
    ending: Option<Abandoned>,
    /// What it waits for that the kernel knows, and how much of that an entry of the agenda brings.
    parks: usize,
    planned_parks: usize,
    /// The tasks that are known to be its own.
    tasks: Vec<Id>,
    /// Who is to be let go when it is over.
    held: Held,
    woken: Arc<InvocationWaker>,
    waker: Waker,
    turn_began: Instant,
    progress: Instant,
    last_request: Option<String>,
    /// How many requests it made at the instant `counted`, of those that the clock has shown.
    requests: usize,
    counted: u64,
}

/// Signals for those who act for an invocation, perhaps on the thread of a socket: all fire when it is over.
#[derive(Default)]
struct Held {
    over: Arc<Signal>,
    /// Fire when it goes on after it was put aside.
    aside: Vec<Arc<Signal>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.over.fire();
        self.aside.iter().for_each(|signal| signal.fire());
    }
}

#[derive(Default)]
struct State {
    next: u64,
    /// Boxed, for a map keeps its values in blocks of eleven.
    slots: BTreeMap<InvocationId, Box<Slot>>,
    ready: VecDeque<InvocationId>,
    aside: VecDeque<InvocationId>,
    running: Vec<InvocationId>,
    alarm: Option<Instant>,
    /// How often the clock has moved.
    instant: u64,
    /// The poll that is going on, and when it began.
    present_poll: Option<(InvocationId, Instant)>,
    /// Whether what they wait for has come, for the tasks outside any invocation that wait for the agenda.
    outside: Vec<Arc<AtomicBool>>,
    spawned: Spawned,
    errands: Errands,
}

/// The invocations in flight of one kernel.
pub(crate) struct Turns {
    state: Lock<State>,
    driver: AtomicWaker,
    /// How many invocations were polled since the caller's runtime last got a chance.
    polls_since_yield: AtomicU32,
    at_gates: AtomicUsize,
    stall_limit: Duration,
    /// How many requests an invocation may make without the test clock moving, before it counts as a busy loop.
    requests_per_instant: usize,
    me: Weak<Turns>,
}

impl Turns {
    pub fn new(stall_limit: Duration, requests_per_instant: usize) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            state: Lock::default(),
            driver: AtomicWaker::new(),
            polls_since_yield: AtomicU32::new(0),
            at_gates: AtomicUsize::new(0),
            stall_limit,
            requests_per_instant,
            me: me.clone(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn key(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    /// The invocation that the calling code belongs to.
    pub fn current(&self) -> Option<InvocationId> {
        current::get(self.key())
    }

    /// The invocation that the calling code belongs to or, for a request over a socket, the only one that can have
    /// made it: the one that holds the turn, or whose tasks go on.
    pub fn current_or_running(&self) -> Option<InvocationId> {
        self.current().or_else(|| self.state().waits_for_tasks())
    }

    pub fn line_of(&self, id: InvocationId) -> Option<EntryId> {
        self.state().slots.get(&id).map(|slot| slot.invocation.line)
    }

    pub fn deadline_of(&self, id: InvocationId) -> Option<Timestamp> {
        self.state().slots.get(&id).map(|slot| slot.invocation.deadline)
    }

    /// Fires when `id` is over: when it has finished, was abandoned, or is gone with its cloud. None if it is.
    pub fn over(&self, id: InvocationId) -> Option<Arc<Signal>> {
        self.state().slots.get(&id).map(|slot| Arc::clone(&slot.held.over))
    }

    /// Whether somebody outside any invocation waits for `id`.
    pub fn is_urgent(&self, id: InvocationId) -> bool {
        self.state().slots.get(&id).is_some_and(|slot| slot.invocation.urgent)
    }

    #[cfg(test)]
    pub fn in_flight(&self) -> usize {
        self.state().slots.len()
    }

    /// How many invocations go on by themselves when the cloud is driven. While one waits at a gate of the test, those do
    /// not that wait for what no agenda brings: it, and whoever waits for its answer.
    pub fn that_go_on(&self) -> usize {
        let state = self.state();
        // Asked each time that the clock moves, while there may be thousands.
        if self.at_gates.load(Ordering::Relaxed) == 0 {
            return state.slots.len();
        }
        let held = |slot: &Slot| slot.phase == Phase::Parked && slot.parks > 0 && slot.planned_parks == 0;
        state.slots.values().filter(|slot| !held(slot)).count()
    }

    /// How many invocations wait at gates of the test.
    pub fn at_gates(&self) -> &AtomicUsize {
        &self.at_gates
    }

    /// Queues an invocation for its first turn.
    pub fn start(&self, invocation: Invocation) -> InvocationId {
        let mut state = self.state();
        let id = InvocationId(state.next);
        state.next += 1;
        let woken = Arc::new(InvocationWaker::new(id, self.me.clone()));
        let slot = Slot {
            invocation,
            phase: Phase::Ready,
            begun: false,
            polling: false,
            polls: 0,
            blocked_in: None,
            watched: Vec::new(),
            ending: None,
            parks: 0,
            planned_parks: 0,
            tasks: Vec::new(),
            held: Held::default(),
            waker: Waker::from(Arc::clone(&woken)),
            woken,
            turn_began: Instant::now(),
            progress: Instant::now(),
            last_request: None,
            requests: 0,
            counted: 0,
        };
        state.slots.insert(id, Box::new(slot));
        state.ready.push_back(id);
        drop(state);
        self.driver.wake();
        id
    }

    /// Notes a request that `id` made. False when it makes so many without the clock moving that it counts as a busy
    /// loop, which no answer can end.
    pub fn note_request(&self, id: InvocationId, request: &dyn Display) -> bool {
        let mut state = self.state();
        let instant = state.instant;
        state.stir();
        let Some(slot) = state.slots.get_mut(&id) else { return true };
        slot.progress = Instant::now();
        let text = slot.last_request.get_or_insert_default();
        text.clear();
        let _ = write!(text, "{request}"); // a String takes everything
        if slot.counted != instant {
            (slot.requests, slot.counted) = (0, instant);
        }
        slot.requests += 1;
        slot.requests <= self.requests_per_instant
    }

    /// Whether `id` has made a request.
    pub fn has_asked(&self, id: InvocationId) -> bool {
        self.state().slots.get(&id).is_some_and(|slot| slot.last_request.is_some())
    }

    /// The clock has moved: busy loops start counting anew.
    pub fn clock_moved(&self) {
        self.state().instant += 1;
    }

    /// Drops every invocation, and with them whatever they hold, without telling anyone.
    pub fn clear(&self) {
        let slots = {
            let mut state = self.state();
            state.running.clear();
            state.ready.clear();
            state.aside.clear();
            std::mem::take(&mut state.slots)
        };
        drop(slots);
        // A task that drives may wait for one of them.
        self.driver.wake();
    }

    /// Begins to drive: notes who does, and forgets wake-ups given to an earlier driver that was dropped, by polling all who hold
    /// a turn once more.
    pub fn resume(&self) {
        let mut state = self.state();
        state.driven_here();
        for id in &state.running {
            if let Some(slot) = state.slots.get(id) {
                slot.woken.set();
            }
        }
    }
}

impl State {
    /// Takes `id` out of whatever queue it stands in.
    fn unqueue(&mut self, id: InvocationId) {
        self.running.retain(|running| *running != id);
        self.ready.retain(|ready| *ready != id);
        self.aside.retain(|aside| *aside != id);
    }
}

impl Slot {
    fn take_turn(&mut self) {
        self.phase = Phase::Running;
        self.turn_began = Instant::now();
        self.progress = self.turn_began;
    }

    /// Whether it may be what the holders of a turn wait for: it has begun and may hold a lock, or somebody who has
    /// begun waits for its answer.
    fn may_be_waited_for(&self) -> bool {
        self.begun || self.invocation.awaited
    }
}
