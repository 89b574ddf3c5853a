//! The invocations in flight, and whose turn it is.
//!
//! A turn lasts until the invocation finishes or *parks*. It parks only on what the kernel knows (a sleep on the test
//! clock, a long poll, another function); while it waits for anything else it keeps its turn and the clock stands still.

mod stall;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use futures::task::AtomicWaker;
use jiff::Timestamp;

use self::stall::Stuck;
use super::timeline::LineId;
use super::{Signal, current};

/// Names one invocation in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InvocationId(u64);

/// Why an invocation was dropped before it finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Abandoned {
    /// Its function's timeout passed on the test clock.
    TimedOut,
    /// It waited, in real time, for something that the kernel does not know.
    Stalled {
        /// What was wrong, in words that a duration follows.
        what: &'static str,
        /// How long it made no progress, or held its turn.
        after: Duration,
        /// The last request that it made, if any.
        last_request: Option<String>,
    },
}

pub(crate) type InvocationFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An invocation about to begin.
pub(crate) struct Invocation {
    /// The timeline line under which its own lines stand.
    pub line: LineId,
    /// When the function's timeout passes, on the test clock.
    pub deadline: Timestamp,
    /// Whether somebody outside any invocation waits for it, and may himself be waited for.
    pub urgent: bool,
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
}

struct Slot {
    invocation: Invocation,
    /// Taken out while it is being polled, so that no lock is held meanwhile.
    polling: bool,
    phase: Phase,
    parks: usize,
    waker: Arc<InvocationWaker>,
    turn_began: Instant,
    progress: Instant,
    last_request: Option<String>,
    requests_this_instant: usize,
}

#[derive(Default)]
struct State {
    next: u64,
    slots: BTreeMap<InvocationId, Slot>,
    ready: VecDeque<InvocationId>,
    running: Vec<InvocationId>,
    alarm: Option<Instant>,
    /// Whether what they wait for has come, for the tasks outside any invocation that wait for the agenda.
    outside: Vec<Arc<AtomicBool>>,
}

/// The invocations in flight of one kernel.
pub(crate) struct Turns {
    state: Mutex<State>,
    driver: AtomicWaker,
    stall_limit: Duration,
    /// How many requests an invocation may make without the test clock moving, before it counts as a busy loop.
    requests_per_instant: usize,
    me: Weak<Turns>,
}

/// How often invocations are polled before the caller's runtime gets a chance to run its other tasks.
const POLLS_BEFORE_YIELD: u32 = 128;

impl Turns {
    pub fn new(stall_limit: Duration, requests_per_instant: usize) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            state: Mutex::default(),
            driver: AtomicWaker::new(),
            stall_limit,
            requests_per_instant,
            me: me.clone(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no user code runs under this lock")
    }

    fn key(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    /// The invocation that the calling code belongs to.
    pub fn current(&self) -> Option<InvocationId> {
        current::get(self.key())
    }

    /// The invocation that the calling code belongs to or, for a request over a socket, the only one that can have
    /// made it: the one that holds the turn.
    pub fn current_or_running(&self) -> Option<InvocationId> {
        self.current().or_else(|| match self.state().running.as_slice() {
            [only] => Some(*only),
            _ => None,
        })
    }

    pub fn line_of(&self, id: InvocationId) -> Option<LineId> {
        self.state().slots.get(&id).map(|slot| slot.invocation.line)
    }

    pub fn deadline_of(&self, id: InvocationId) -> Option<Timestamp> {
        self.state().slots.get(&id).map(|slot| slot.invocation.deadline)
    }

    /// Whether somebody outside any invocation waits for `id`.
    pub fn is_urgent(&self, id: InvocationId) -> bool {
        self.state().slots.get(&id).is_some_and(|slot| slot.invocation.urgent)
    }

    pub fn in_flight(&self) -> usize {
        self.state().slots.len()
    }

    /// Queues an invocation for its first turn.
    pub fn start(&self, invocation: Invocation) -> InvocationId {
        let mut state = self.state();
        let id = InvocationId(state.next);
        state.next += 1;
        let waker = Arc::new(InvocationWaker { id, woken: AtomicBool::new(false), turns: self.me.clone() });
        let slot = Slot {
            invocation,
            polling: false,
            phase: Phase::Ready,
            parks: 0,
            waker,
            turn_began: Instant::now(),
            progress: Instant::now(),
            last_request: None,
            requests_this_instant: 0,
        };
        state.slots.insert(id, slot);
        state.ready.push_back(id);
        drop(state);
        self.driver.wake();
        id
    }

    /// Drops an invocation that has not finished; nothing happens if it has.
    pub fn abandon(&self, id: InvocationId, why: Abandoned) {
        let slot = {
            let mut state = self.state();
            state.running.retain(|running| *running != id);
            state.ready.retain(|ready| *ready != id);
            state.slots.remove(&id)
        };
        if let Some(slot) = slot {
            let Invocation { future, abandoned, .. } = slot.invocation;
            // A panic in a destructor of the handler must not keep its caller waiting.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
            abandoned(why);
            self.driver.wake();
        }
    }

    /// Notes a request that `id` made. False when it makes so many without the clock moving that it counts as a busy
    /// loop, which no answer can end.
    pub fn note_request(&self, id: InvocationId, request: &str) -> bool {
        let mut state = self.state();
        let Some(slot) = state.slots.get_mut(&id) else { return true };
        slot.progress = Instant::now();
        slot.last_request = Some(request.to_owned());
        slot.requests_this_instant += 1;
        slot.requests_this_instant <= self.requests_per_instant
    }

    /// The clock has moved: busy loops start counting anew.
    pub fn clock_moved(&self) {
        self.state().slots.values_mut().for_each(|slot| slot.requests_this_instant = 0);
    }

    /// Says that `id` waits for something that the kernel knows, until the guard is dropped.
    pub fn park(&self, id: InvocationId) -> Park {
        let mut state = self.state();
        if let Some(slot) = state.slots.get_mut(&id) {
            slot.parks += 1;
            // Said by the thread of a socket that the invocation waits for: its next poll may never come.
            if slot.phase == Phase::Running && !slot.polling && !slot.waker.woken.load(Ordering::Acquire) {
                slot.phase = Phase::Parked;
                state.running.retain(|running| *running != id);
            }
        }
        drop(state);
        self.driver.wake();
        Park { id, turns: self.me.clone() }
    }

    /// Says that code outside any invocation waits for the agenda to fire `signal`, until the guard is dropped.
    pub fn wait_outside(&self, signal: &Signal) -> Outside {
        let fired = signal.flag();
        self.state().outside.push(Arc::clone(&fired));
        self.driver.wake();
        Outside { fired, turns: self.me.clone() }
    }

    /// Gives turns until every invocation has finished or is parked, or until `done`.
    ///
    /// It also ends when those who hold a turn seem to wait for tasks of their own that wait for the agenda.
    pub fn poll(&self, cx: &mut Context<'_>, done: &dyn Fn() -> bool) -> Poll<()> {
        self.driver.register(cx.waker());
        for _ in 0..POLLS_BEFORE_YIELD {
            if done() {
                return Poll::Ready(());
            }
            match self.choose() {
                Choice::Poll(id) => self.poll_one(id),
                Choice::Nothing => return Poll::Ready(()),
                Choice::Wait => match self.stuck() {
                    Stuck::No => return Poll::Pending,
                    Stuck::BehindTheAgenda => return Poll::Ready(()),
                    Stuck::Yes(id, why) => self.abandon(id, why),
                },
            }
        }
        if let Some((id, why)) = self.overdue() {
            self.abandon(id, why);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Drops every invocation, and with them whatever they hold, without telling anyone.
    pub fn clear(&self) {
        let slots = {
            let mut state = self.state();
            state.running.clear();
            state.ready.clear();
            std::mem::take(&mut state.slots)
        };
        drop(slots);
        // A task that drives may wait for one of them.
        self.driver.wake();
    }

    /// Forgets wake-ups given to an earlier driver that was dropped, by polling all who hold a turn once more.
    pub fn resume(&self) {
        let state = self.state();
        for id in &state.running {
            if let Some(slot) = state.slots.get(id) {
                slot.waker.woken.store(true, Ordering::Release);
            }
        }
    }

    fn choose(&self) -> Choice {
        let mut state = self.state();
        let woken = |id: &&InvocationId| {
            state.slots.get(id).is_some_and(|slot| !slot.polling && slot.waker.woken.load(Ordering::Acquire))
        };
        if let Some(id) = state.running.iter().find(woken) {
            return Choice::Poll(*id);
        }
        let next = if state.running.is_empty() {
            state.ready.pop_front()
        } else {
            // Someone outside waits for this one, perhaps a task that the holder of the turn itself waits for.
            let urgent = state.ready.iter().position(|id| state.slots.get(id).is_some_and(|s| s.invocation.urgent));
            urgent.and_then(|index| state.ready.remove(index))
        };
        match next {
            Some(id) => {
                state.running.push(id);
                if let Some(slot) = state.slots.get_mut(&id) {
                    slot.phase = Phase::Running;
                    slot.turn_began = Instant::now();
                    slot.progress = slot.turn_began;
                }
                Choice::Poll(id)
            }
            None if state.running.is_empty() => Choice::Nothing,
            None => Choice::Wait,
        }
    }

    fn poll_one(&self, id: InvocationId) {
        let (mut future, waker) = {
            let mut state = self.state();
            let Some(slot) = state.slots.get_mut(&id) else { return };
            slot.polling = true;
            slot.progress = Instant::now();
            slot.waker.woken.store(false, Ordering::Release);
            let taken: InvocationFuture = Box::pin(std::future::pending());
            (std::mem::replace(&mut slot.invocation.future, taken), slot.waker.clone())
        };
        let polled = {
            let _entered = current::enter(self.key(), id);
            let waker = Waker::from(waker);
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            if polled.is_ready() {
                // What it holds is dropped while it still counts as running.
                let done = std::mem::replace(&mut future, Box::pin(std::future::pending()));
                let _ = catch_unwind(AssertUnwindSafe(|| drop(done)));
            }
            polled
        };
        let mut state = self.state();
        let Some(slot) = state.slots.get_mut(&id) else { return };
        slot.polling = false;
        if polled.is_ready() {
            state.running.retain(|running| *running != id);
            let finished = state.slots.remove(&id);
            drop(state);
            drop(finished);
            return;
        }
        slot.invocation.future = future;
        if slot.parks > 0 {
            let ready = slot.waker.woken.load(Ordering::Acquire);
            slot.phase = if ready { Phase::Ready } else { Phase::Parked };
            state.running.retain(|running| *running != id);
            if ready {
                state.ready.push_back(id);
            }
        }
    }

    fn woke(&self, id: InvocationId) {
        let mut state = self.state();
        if let Some(slot) = state.slots.get_mut(&id)
            && slot.phase == Phase::Parked
        {
            slot.phase = Phase::Ready;
            state.ready.push_back(id);
        }
        drop(state);
        self.driver.wake();
    }
}

enum Choice {
    Poll(InvocationId),
    /// All who hold a turn wait for something that the kernel does not know.
    Wait,
    Nothing,
}

/// While it lives, code outside any invocation waits for the agenda.
pub(crate) struct Outside {
    fired: Arc<AtomicBool>,
    turns: Weak<Turns>,
}

impl Drop for Outside {
    fn drop(&mut self) {
        let Some(turns) = self.turns.upgrade() else { return };
        turns.state().outside.retain(|fired| !Arc::ptr_eq(fired, &self.fired));
    }
}

/// While it lives, its invocation waits for something that the kernel knows.
pub(crate) struct Park {
    id: InvocationId,
    turns: Weak<Turns>,
}

impl Drop for Park {
    fn drop(&mut self) {
        let Some(turns) = self.turns.upgrade() else { return };
        if let Some(slot) = turns.state().slots.get_mut(&self.id) {
            slot.parks = slot.parks.saturating_sub(1);
        }
    }
}

struct InvocationWaker {
    id: InvocationId,
    woken: AtomicBool,
    turns: Weak<Turns>,
}

impl Wake for InvocationWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        if let Some(turns) = self.turns.upgrade() {
            turns.woke(self.id);
        }
    }
}
