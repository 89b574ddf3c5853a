//! Those who wait for something that the kernel knows: parked, put aside, or outside any invocation.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};

use super::{InvocationId, Phase, Signal, State, Turns};

impl Turns {
    /// Says that `id` waits for something that the kernel knows, until the guard is dropped; `planned` says whether the
    /// agenda brings it, be it only the end of the timeout.
    pub fn park(&self, id: InvocationId, planned: bool) -> Park {
        let mut state = self.state();
        if let Some(slot) = state.slots.get_mut(&id) {
            slot.parks += 1;
            slot.planned_parks += usize::from(planned);
            // Said by the thread of a socket that the invocation waits for: its next poll may never come.
            if slot.waits_elsewhere() {
                slot.phase = Phase::Parked;
                state.running.retain(|running| *running != id);
            }
        }
        drop(state);
        self.driver.wake();
        Park { id, planned, turns: self.me.clone() }
    }

    /// Takes the turn of `id` away, which is ready all the same, until [`recall`](Self::recall). None if it holds none.
    pub fn put_aside(&self, id: InvocationId) -> Option<Aside> {
        let signal = Arc::new(Signal::default());
        let mut state = self.state();
        let slot = state.slots.get_mut(&id).filter(|slot| slot.phase == Phase::Running)?;
        slot.held.aside.push(Arc::clone(&signal));
        if slot.waits_elsewhere() {
            state.set_aside(id);
        }
        drop(state);
        self.driver.wake();
        Some(Aside { id, signal, turns: self.me.clone() })
    }

    /// Lets all who were put aside be ready like others. False if there is none.
    pub fn recall(&self) -> bool {
        let mut signals = Vec::new();
        let mut state = self.state();
        let State { aside, ready, slots, .. } = &mut *state;
        let any = !aside.is_empty();
        for id in aside.drain(..) {
            let Some(slot) = slots.get_mut(&id) else { continue };
            slot.phase = Phase::Ready;
            signals.append(&mut slot.held.aside);
            ready.push_back(id);
        }
        drop(state);
        signals.iter().for_each(|signal| signal.fire());
        any
    }

    /// Says that code outside any invocation waits for the agenda to fire `signal`, until the guard is dropped.
    pub fn wait_outside(&self, signal: &Signal) -> Outside {
        let fired = signal.flag();
        self.state().outside.push(Arc::clone(&fired));
        self.driver.wake();
        Outside { fired, turns: self.me.clone() }
    }
}

impl State {
    pub(super) fn set_aside(&mut self, id: InvocationId) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        slot.phase = Phase::Aside;
        self.running.retain(|running| *running != id);
        self.aside.push_back(id);
    }
}

impl super::Slot {
    /// Whether it holds its turn and will not be polled until something comes over a socket or from another thread.
    fn waits_elsewhere(&self) -> bool {
        self.phase == Phase::Running && !self.polling && !self.woken.is_set()
    }
}

/// While it lives, its invocation waits for something that the kernel knows.
pub(crate) struct Park {
    id: InvocationId,
    planned: bool,
    turns: Weak<Turns>,
}

impl Drop for Park {
    fn drop(&mut self) {
        let Some(turns) = self.turns.upgrade() else { return };
        let mut state = turns.state();
        let state = &mut *state;
        if let Some(slot) = state.slots.get_mut(&self.id) {
            slot.parks = slot.parks.saturating_sub(1);
            slot.planned_parks = slot.planned_parks.saturating_sub(usize::from(self.planned));
            // Said by one who waited on its behalf, and goes on: it waits for him once more.
            if slot.parks == 0 && slot.phase == Phase::Parked {
                slot.take_turn();
                state.running.push(self.id);
            }
        }
    }
}

/// An invocation lets all others go first until the signal fires, or until this is dropped before its poll returned.
pub(crate) struct Aside {
    id: InvocationId,
    signal: Arc<Signal>,
    turns: Weak<Turns>,
}

impl Aside {
    pub fn signal(&self) -> &Signal {
        &self.signal
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let Some(turns) = self.turns.upgrade() else { return };
        if let Some(slot) = turns.state().slots.get_mut(&self.id) {
            slot.held.aside.retain(|signal| !Arc::ptr_eq(signal, &self.signal));
        }
    }
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
