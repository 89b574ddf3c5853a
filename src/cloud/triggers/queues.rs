//! What happens around queues: who waits for them, when time alone changes them, and which line sent what.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};

use super::mapping::Mapping;
use crate::cloud::world::World;
use crate::kernel::{EntryId, Kind, LineId, Signal};
use crate::mock::sqs::{DeadLettered, OutgoingMessage, QueueId, SentMessage, SqsFault};

/// The surroundings of all queues of a cloud.
#[derive(Default)]
pub(crate) struct Queues {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Long polls.
    waiting: BTreeMap<QueueId, Vec<Weak<Signal>>>,
    mappings: BTreeMap<QueueId, Vec<Arc<Mapping>>>,
    /// The entry for the next change that time alone makes.
    next_change: BTreeMap<QueueId, EntryId>,
    /// Which line of the timeline sent a message, by message id.
    sent_by: BTreeMap<String, LineId>,
}

impl Queues {
    /// A message may have become visible, or the queue's next change may have moved.
    pub fn changed(&self, world: &Arc<World>, queue: &QueueId) {
        self.plan_next_change(world, queue);
        let (waiting, mappings) = {
            let mut state = self.state();
            let waiting = state.waiting.remove(queue).unwrap_or_default();
            (waiting, state.mappings.get(queue).cloned().unwrap_or_default())
        };
        waiting.iter().filter_map(Weak::upgrade).for_each(|signal| signal.fire());
        mappings.iter().for_each(|mapping| mapping.wake(world));
    }

    /// A message was received so often that it went to its dead-letter queue.
    pub fn dead_lettered(&self, world: &Arc<World>, moved: &DeadLettered) {
        let cause = self.sender_of(&moved.message_id);
        world.kernel.note(cause, format!("message moved to dead-letter queue {}", moved.to.name));
    }

    /// Fires `signal` when the queue changes next. Call it before looking into the queue.
    pub fn listen(&self, queue: &QueueId, signal: &Arc<Signal>) {
        let mut state = self.state();
        let waiting = state.waiting.entry(queue.clone()).or_default();
        waiting.retain(|signal| signal.strong_count() > 0);
        waiting.push(Arc::downgrade(signal));
    }

    /// Lets `mapping` have the queue's messages from now on.
    pub fn add_mapping(&self, world: &Arc<World>, queue: &QueueId, mapping: Arc<Mapping>) {
        self.state().mappings.entry(queue.clone()).or_default().push(mapping);
        self.changed(world, queue);
    }

    /// Whether a mapping of the queue to the function of this name exists.
    pub fn is_mapped(&self, queue: &QueueId, function: &str) -> bool {
        self.state().mappings.get(queue).is_some_and(|all| all.iter().any(|m| m.function().name == function))
    }

    /// Sends a message and remembers the line that it came from.
    pub fn send(
        &self,
        world: &Arc<World>,
        queue: &QueueId,
        sender: &str,
        message: &OutgoingMessage,
        cause: Option<LineId>,
    ) -> Result<SentMessage, SqsFault> {
        let line = world.kernel.note(cause, format!("message to {}", queue.name));
        match world.sqs.send(queue, sender, message) {
            Ok(sent) => {
                if sent.duplicate {
                    world.kernel.amend(line, ": dropped, a duplicate");
                }
                self.remember(&sent.message_id, Some(line));
                Ok(sent)
            }
            Err(fault) => {
                world.kernel.amend(line, &format!(": refused, {}", fault.query_code));
                Err(fault)
            }
        }
    }

    /// Remembers which line sent a message. A send that was dropped as a duplicate changes nothing.
    pub fn remember(&self, message_id: &str, line: Option<LineId>) {
        if let Some(line) = line {
            self.state().sent_by.entry(message_id.to_owned()).or_insert(line);
        }
    }

    /// The line that sent a message.
    pub fn sender_of(&self, message_id: &str) -> Option<LineId> {
        self.state().sent_by.get(message_id).copied()
    }

    fn plan_next_change(&self, world: &Arc<World>, queue: &QueueId) {
        let mut state = self.state();
        // Asked under the lock: two threads must not plan in another order than they asked.
        let due = world.sqs.next_change(queue);
        if let Some(entry) = state.next_change.remove(queue) {
            world.kernel.cancel(entry);
        }
        let Some(due) = due else { return };
        // Without a mapping nobody acts on the change by himself, so there is no work to wait for.
        let kind = Kind::Change { work: state.mappings.contains_key(queue) };
        let (weak, queue) = (Arc::downgrade(world), queue.clone());
        let changed = queue.clone();
        let entry = world.kernel.plan(due, kind, format!("messages of {} become visible", queue.name), move || {
            if let Some(world) = weak.upgrade() {
                world.queues.changed(&world, &changed);
            }
        });
        state.next_change.insert(queue, entry);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no panic under this lock")
    }
}
