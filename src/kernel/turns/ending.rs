//! How an invocation leaves before it has finished.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::{Invocation, InvocationId, Slot, Turns};

/// Why an invocation was dropped before it finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Abandoned {
    /// Its function's timeout passed on the test clock.
    TimedOut,
    /// Its environment crashed.
    Crashed,
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

impl Turns {
    /// Drops an invocation that has not finished; nothing happens if it has.
    ///
    /// One that is being polled is dropped as soon as the poll returns, unless it finishes in that very poll: neither
    /// its own code nor another thread may drop a future that runs.
    pub fn abandon(&self, id: InvocationId, why: Abandoned) {
        let slot = {
            let mut state = self.state();
            match state.slots.get_mut(&id) {
                Some(slot) if slot.polling => {
                    slot.ending.get_or_insert(why);
                    return;
                }
                _ => {}
            }
            state.unqueue(id);
            let slot = state.slots.remove(&id);
            if let Some(slot) = &slot {
                state.leave(&slot.tasks, true);
            }
            slot
        };
        if let Some(slot) = slot {
            let Slot { invocation, held, .. } = *slot;
            let Invocation { future, abandoned, .. } = invocation;
            // A panic in a destructor of the handler must not keep its caller waiting.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
            abandoned(why);
            drop(held);
            self.driver.wake();
        }
    }

    /// Whether the environment of `id` has crashed in its present poll.
    pub fn has_crashed(&self, id: InvocationId) -> bool {
        self.state().slots.get(&id).is_some_and(|slot| slot.ending == Some(Abandoned::Crashed))
    }

    /// Whether `id` will be dropped as soon as its present poll returns: nothing that it still asks for may happen.
    pub fn is_ending(&self, id: InvocationId) -> bool {
        self.state().slots.get(&id).is_some_and(|slot| slot.ending.is_some())
    }
}
