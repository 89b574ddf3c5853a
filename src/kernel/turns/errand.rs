//! Waits on behalf of an invocation, outside its polls: in a task that it has spawned, or on the thread of a socket.
//!
//! Whoever is woken there goes on when *its* runtime gives it the next turn, which the driver cannot do. So before the clock
//! moves, whoever was woken has gone on, and the tasks of the driver's own runtime have had their turns until none of them
//! stirs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::Context;
use std::time::Instant;

use super::stall::PATIENCE;
use super::{InvocationId, Signal, State, Turns};

/// So often the runtime is let go on while nothing stirs: a task may wake another by way of several more.
const QUIET_ROUNDS: u32 = 16;

#[derive(Default)]
pub(super) struct Errands {
    /// Whether what each waits for has come.
    waiting: Vec<Arc<AtomicBool>>,
    /// How often the runtime was let go on since anything stirred.
    rounds: u32,
    /// Since when one that was woken has not gone on.
    late_since: Option<Instant>,
}

impl Turns {
    /// Says that the calling code waits for `signal` on behalf of `id`, until the guard is dropped; none in a poll of `id`, whose
    /// waits the driver sees.
    pub fn errand(&self, id: InvocationId, signal: &Signal) -> Option<Errand> {
        if self.current() == Some(id) {
            return None;
        }
        let fired = signal.flag();
        let mut state = self.state();
        state.errands.waiting.push(Arc::clone(&fired));
        state.stir();
        Some(Errand { fired, turns: self.me.clone() })
    }

    /// Whether those who wait on behalf of an invocation are to go on before anything else happens. Then the driver is woken
    /// again.
    pub(super) fn errands_go_first(&self, cx: &Context<'_>) -> bool {
        let mut state = self.state();
        let errands = &mut state.errands;
        if errands.waiting.is_empty() {
            return false;
        }
        if errands.waiting.iter().any(|fired| fired.load(Ordering::Acquire)) {
            let now = Instant::now();
            // Perhaps it is not polled any more, as the loser of a `select` that is kept.
            let due = *errands.late_since.get_or_insert(now) + self.stall_limit / PATIENCE;
            if due > now {
                self.look_again(&mut state, due);
            }
            return due > now;
        }
        errands.late_since = None;
        errands.rounds += 1;
        let goes_first = errands.rounds <= QUIET_ROUNDS;
        if goes_first {
            cx.waker().wake_by_ref();
        }
        goes_first
    }
}

impl State {
    /// Something has happened, so more may follow from it.
    pub(super) fn stir(&mut self) {
        self.errands.rounds = 0;
    }
}

/// While it lives, code waits on behalf of an invocation.
pub(crate) struct Errand {
    fired: Arc<AtomicBool>,
    turns: Weak<Turns>,
}

impl Drop for Errand {
    fn drop(&mut self) {
        let Some(turns) = self.turns.upgrade() else { return };
        let mut state = turns.state();
        state.errands.waiting.retain(|fired| !Arc::ptr_eq(fired, &self.fired));
        state.stir();
        drop(state);
        turns.driver.wake();
    }
}
