//! Handlers that block their thread on their own cloud.
//!
//! The cloud gives turns on the thread of whoever drives it. A handler that blocks it, say with a `block_on` of its own,
//! until another function answers waits for ever, for that function needs the thread. No one can end such a handler from
//! outside, so what it waits for must end instead, with an error.

use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};
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

/// Has all waits that began in one poll looked at again and again while that poll lasts. One alarm for all of them: a handler may
/// wait for thousands at once.
struct PollAlarm {
    turns: Weak<Turns>,
    id: InvocationId,
    poll: u64,
}

impl Wake for PollAlarm {
    fn wake(self: Arc<Self>) {
        let Some(turns) = self.turns.upgrade() else { return };
        let watched = match turns.state().slots.get(&self.id) {
            Some(slot) if slot.polling && slot.polls == self.poll => slot.watched.clone(),
            _ => return,
        };
        wake_at(Instant::now() + turns.stall_limit, Waker::from(self));
        watched.into_iter().for_each(Waker::wake);
    }
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
                let (poll, until) = (slot.polls, Instant::now() + self.stall_limit);
                *watch = Watch::Until(poll, until);
                let is_first = slot.watched.is_empty();
                slot.watched.push(waker.clone());
                drop(state);
                if is_first {
                    wake_at(until, Waker::from(Arc::new(PollAlarm { turns: self.me.clone(), id, poll })));
                }
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
