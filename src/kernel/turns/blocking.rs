//! Handlers that block their thread on their own cloud.
//!
//! The cloud gives turns on the thread of whoever drives it. A handler that blocks it, say with a `block_on` of its own,
//! until another function answers waits for ever, for that function needs the thread. No one can end such a handler from
//! outside, so what it waits for must end instead, with an error.

use std::task::Waker;
use std::time::{Duration, Instant};

use super::{InvocationId, Turns};
use crate::kernel::wake_at;

/// How one wait inside an invocation is watched.
#[derive(Default)]
pub(crate) enum Watch {
    #[default]
    New,
    /// Since this poll, until then.
    Until(u64, Instant),
    /// The poll in which the wait began has returned: nothing blocked it.
    Safe,
}

impl Turns {
    /// Whether the wait of `id` that is polled with `waker` blocks the thread, and has done so for the stall limit.
    ///
    /// What an invocation awaits is polled with the invocation's own waker, and that cannot block. Any other waker is
    /// that of a set of futures or that of a `block_on`; only a real alarm can tell them apart, for in the first case
    /// the poll returns.
    pub fn is_blocked(&self, id: InvocationId, waker: &Waker, watch: &mut Watch) -> bool {
        let mut state = self.state();
        let Some(slot) = state.slots.get_mut(&id) else { return false };
        if slot.waker.will_wake(waker) {
            return false;
        }
        if slot.blocked_in == Some(slot.polls) {
            // Found before, so whatever else it asks for in the same poll need not wait so long.
            return true;
        }
        match *watch {
            Watch::New => {
                let until = Instant::now() + self.stall_limit;
                *watch = Watch::Until(slot.polls, until);
                drop(state);
                wake_at(until, waker.clone());
                false
            }
            Watch::Until(poll, until) if poll == slot.polls => {
                let blocked = Instant::now() >= until;
                if blocked {
                    slot.blocked_in = Some(poll);
                }
                blocked
            }
            Watch::Until(..) | Watch::Safe => {
                *watch = Watch::Safe;
                false
            }
        }
    }

    /// The invocation whose poll has lasted for the stall limit; else when to look again.
    pub fn blocks_driver(&self) -> Result<InvocationId, Instant> {
        let now = Instant::now();
        match self.state().present_poll {
            Some((id, began)) if began + self.stall_limit <= now => Ok(id),
            Some((_, began)) => Err(began + self.stall_limit),
            None => Err(now + self.stall_limit),
        }
    }

    /// The real time after which a poll counts as blocked.
    pub fn stall_limit(&self) -> Duration {
        self.stall_limit
    }
}
