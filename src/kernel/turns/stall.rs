//! Holders of a turn that do not come to an end: the only place where real time counts.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};
use std::time::Instant;

use super::{Abandoned, InvocationId, Phase, State, Turned, Turns};
use crate::kernel::wake_at;

/// A turn may take so many times the stall limit in real time, however busy it is: a handler that asks the same again
/// and again, with real pauses, would never end by the test clock.
const LONGEST_TURN: u32 = 6;

/// Divides the stall limit. After that long without progress, a holder of a turn is taken to wait for somebody else: for
/// a task that it has spawned, or for a lock that another invocation holds.
pub(super) const PATIENCE: u32 = 10;

/// What is to be done while all who hold a turn wait.
pub(super) enum Stuck {
    No,
    /// They seem to wait for somebody who needs another turn or the agenda.
    Behind(Turned),
    Yes(InvocationId, Abandoned),
}

struct WakeDriver(Weak<Turns>);

impl Wake for WakeDriver {
    fn wake(self: Arc<Self>) {
        if let Some(turns) = self.0.upgrade() {
            turns.driver.wake();
        }
    }
}

impl Turns {
    /// A holder of a turn that has had it for too long, however busy it is.
    pub(super) fn overdue(&self) -> Option<(InvocationId, Abandoned)> {
        let (state, longest) = (self.state(), self.stall_limit * LONGEST_TURN);
        let slots = state.running.iter().filter_map(|id| Some((*id, state.slots.get(id)?)));
        let (id, slot) = slots.min_by_key(|(id, slot)| (slot.turn_began, *id))?;
        let last_request = slot.last_request.clone();
        let why = Abandoned::Stalled { what: "still busy after", after: longest, last_request };
        (slot.turn_began.elapsed() >= longest).then_some((id, why))
    }

    /// What is to be done while all who hold a turn wait for something that the kernel does not know. Sets an alarm for
    /// the next look.
    ///
    /// `agenda_goes_on` says whether the agenda has an entry that may run.
    pub(super) fn stuck(&self, agenda_goes_on: bool) -> Stuck {
        if let Some((id, why)) = self.overdue() {
            return Stuck::Yes(id, why);
        }
        let now = Instant::now();
        let mut state = self.state();
        let progress = state.running.iter().filter_map(|id| state.slots.get(id).map(|slot| (slot.progress, *id)));
        let Some((oldest, latest)) = progress.clone().min().zip(progress.map(|(at, _)| at).max()) else {
            return Stuck::No;
        };
        let due = if let Some(whom) = state.behind(agenda_goes_on) {
            let due = latest + self.stall_limit / PATIENCE;
            if due <= now {
                return Stuck::Behind(whom);
            }
            due
        } else {
            // The oldest may wait for the others, so it is stuck only when none of them moves.
            let due = latest + self.stall_limit;
            if due <= now {
                let last_request = state.slots.get(&oldest.1).and_then(|slot| slot.last_request.clone());
                let (what, after) = ("no progress for", self.stall_limit);
                return Stuck::Yes(oldest.1, Abandoned::Stalled { what, after, last_request });
            }
            due
        };
        self.look_again(&mut state, due);
        Stuck::No
    }

    /// Has the driver look again at this time at the latest.
    pub(super) fn look_again(&self, state: &mut State, due: Instant) {
        if state.alarm.is_none_or(|alarm| alarm <= Instant::now() || alarm > due) {
            state.alarm = Some(due);
            // By way of the driver's own waker: another task may drive by then.
            wake_at(due, Waker::from(Arc::new(WakeDriver(self.me.clone()))));
        }
    }
}

impl State {
    /// Who could bring what the holders of a turn wait for, if anybody.
    fn behind(&self, agenda_goes_on: bool) -> Option<Turned> {
        let outside = self.outside.iter().filter(|fired| !fired.load(Ordering::Acquire)).count();
        // Asleep with a lock, say. Who waits for the answer of a function is no help: that function is.
        let asleep = || self.slots.values().any(|slot| slot.phase == Phase::Parked && slot.planned_parks > 0);
        let ready = || {
            let mut ready = self.ready.iter().chain(&self.aside).filter_map(|id| self.slots.get(id));
            ready.any(|slot| slot.may_be_waited_for())
        };
        if agenda_goes_on && (outside >= self.running.len() || asleep()) {
            Some(Turned::BehindTheAgenda)
        } else {
            ready().then_some(Turned::BehindOthers)
        }
    }
}
