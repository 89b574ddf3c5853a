//! Gives turns, and polls those who hold one until nobody does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake};
use std::time::Instant;

use super::stall::{PATIENCE, Stuck};
use super::{InvocationFuture, InvocationId, Phase, State, Turns};
use crate::history::EntryId;
use crate::kernel::current;

/// How often invocations are polled before the caller's runtime gets a chance to run its other tasks.
const POLLS_BEFORE_YIELD: u32 = 128;

/// Why no turn goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turned {
    /// Nobody holds a turn.
    Free,
    /// All who hold a turn seem to wait for an invocation that is ready and could go on.
    BehindOthers,
    /// All who hold a turn seem to wait for somebody who waits for the agenda.
    BehindTheAgenda,
    /// The driver has enough.
    Interrupted,
}

impl Turned {
    /// Whether an entry of the agenda may run, or the clock move.
    pub fn agenda_may_help(self) -> bool {
        matches!(self, Self::Free | Self::BehindTheAgenda)
    }
}

enum Choice {
    Poll(InvocationId),
    /// All who hold a turn wait for something that the kernel does not know.
    Wait,
    Nothing,
}

impl Turns {
    /// Lets all who hold a turn go on until every one of them has finished or is parked, or until `done`.
    ///
    /// It also ends when those who hold a turn seem to wait for an invocation that does not, or for the agenda, if
    /// `agenda_goes_on`.
    pub fn poll(
        &self,
        cx: &mut Context<'_>,
        done: &dyn Fn() -> bool,
        agenda_goes_on: &dyn Fn() -> bool,
    ) -> Poll<Turned> {
        self.driver.register(cx.waker());
        loop {
            if done() {
                return Poll::Ready(Turned::Interrupted);
            }
            if self.polls_since_yield.load(Ordering::Relaxed) >= POLLS_BEFORE_YIELD {
                self.polls_since_yield.store(0, Ordering::Relaxed);
                if let Some((id, why)) = self.overdue() {
                    self.abandon(id, why);
                }
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match self.choose() {
                Choice::Poll(id) => {
                    self.polls_since_yield.fetch_add(1, Ordering::Relaxed);
                    self.poll_one(id);
                }
                Choice::Nothing if self.errands_go_first(cx) => return Poll::Pending,
                Choice::Nothing => return Poll::Ready(Turned::Free),
                Choice::Wait => match self.stuck(agenda_goes_on()) {
                    Stuck::No => {
                        self.polls_since_yield.store(0, Ordering::Relaxed);
                        return Poll::Pending;
                    }
                    Stuck::Behind(whom) => return Poll::Ready(whom),
                    Stuck::Yes(id, why) => self.abandon(id, why),
                },
            }
        }
    }

    /// The first invocations that may have the next turn, in order, `most` of them.
    pub fn ready(&self, turned: Turned, most: usize) -> Vec<(InvocationId, EntryId)> {
        self.state().eligible(turned).take(most).collect()
    }

    /// Whether an invocation other than `id` is ready, be it put aside or not.
    pub fn others_ready(&self, id: InvocationId) -> bool {
        let state = self.state();
        state.ready.iter().chain(&state.aside).any(|other| *other != id)
    }

    /// Gives `id` a turn.
    pub fn give(&self, id: InvocationId) {
        self.state().give(id);
    }

    fn choose(&self) -> Choice {
        let mut state = self.state();
        if state.running.is_empty() {
            return Choice::Nothing;
        }
        let woken = |id: &&InvocationId| state.slots.get(id).is_some_and(|slot| !slot.polling && slot.woken.is_set());
        if let Some(id) = state.running.iter().find(woken) {
            return Choice::Poll(*id);
        }
        // Someone outside waits for this one, perhaps a task that the holder of the turn itself waits for.
        let is_urgent = |id: &&InvocationId| state.slots.get(id).is_some_and(|slot| slot.invocation.urgent);
        match state.ready.iter().find(is_urgent).copied() {
            Some(id) => {
                state.give(id);
                Choice::Poll(id)
            }
            None => Choice::Wait,
        }
    }

    fn poll_one(&self, id: InvocationId) {
        let began = Instant::now();
        let (mut future, waker) = {
            let mut state = self.state();
            let State { slots, running, present_poll, .. } = &mut *state;
            let Some(slot) = slots.get_mut(&id) else {
                running.retain(|running| *running != id);
                return;
            };
            *present_poll = Some((id, began));
            slot.polling = true;
            slot.polls += 1;
            slot.progress = began;
            slot.woken.clear();
            let taken: InvocationFuture = Box::pin(std::future::pending());
            (std::mem::replace(&mut slot.invocation.future, taken), slot.waker.clone())
        };
        let polled = {
            let _entered = current::enter(self.key(), id);
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            if polled.is_ready() {
                // What it holds is dropped while it still counts as running.
                let done = std::mem::replace(&mut future, Box::pin(std::future::pending()));
                let _ = catch_unwind(AssertUnwindSafe(|| drop(done)));
            }
            polled
        };
        // Dropped behind the lock: what a waker holds may call back.
        let mut watched = Vec::new();
        let mut state = self.state();
        state.present_poll = None;
        let Some(slot) = state.slots.get_mut(&id) else { return };
        slot.polling = false;
        watched.append(&mut slot.watched);
        // What took long was the code itself: neither waiting nor asking again and again.
        slot.progress = Instant::now();
        slot.turn_began += (slot.progress - began).saturating_sub(self.stall_limit / PATIENCE);
        if polled.is_ready() {
            state.running.retain(|running| *running != id);
            let finished = state.slots.remove(&id);
            if let Some(slot) = &finished {
                state.leave(&slot.tasks, false);
            }
            drop(state);
            drop(finished);
            return;
        }
        slot.invocation.future = future;
        if let Some(why) = slot.ending.take() {
            drop(state);
            self.abandon(id, why);
        } else if !slot.held.aside.is_empty() {
            state.set_aside(id);
        } else if slot.parks > 0 {
            let ready = slot.woken.is_set();
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
            state.stir();
        }
        drop(state);
        self.driver.wake();
    }
}

impl State {
    /// Who may have the next turn. While somebody holds one, that is only whom he may wait for.
    fn eligible(&self, turned: Turned) -> impl Iterator<Item = (InvocationId, EntryId)> {
        let slots = self.ready.iter().filter_map(|id| Some((*id, self.slots.get(id)?)));
        let may = slots.filter(move |(_, slot)| turned == Turned::Free || slot.may_be_waited_for());
        may.map(|(id, slot)| (id, slot.invocation.line))
    }

    fn give(&mut self, id: InvocationId) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        slot.take_turn();
        slot.begun = true;
        slot.woken.set();
        // Nearly always the first.
        if let Some(place) = self.ready.iter().position(|ready| *ready == id) {
            self.ready.remove(place);
        }
        self.running.push(id);
    }
}

/// Wakes one invocation.
pub(super) struct InvocationWaker {
    id: InvocationId,
    woken: AtomicBool,
    turns: Weak<Turns>,
}

impl InvocationWaker {
    pub fn new(id: InvocationId, turns: Weak<Turns>) -> Self {
        Self { id, woken: AtomicBool::new(false), turns }
    }

    pub fn is_set(&self) -> bool {
        self.woken.load(Ordering::Acquire)
    }

    pub fn set(&self) {
        self.woken.store(true, Ordering::Release);
    }

    fn clear(&self) {
        self.woken.store(false, Ordering::Release);
    }
}

impl Wake for InvocationWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.set();
        if let Some(turns) = self.turns.upgrade() {
            turns.woke(self.id);
        }
    }
}
