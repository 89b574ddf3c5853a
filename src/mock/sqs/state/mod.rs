//! All queues of all accounts: pure state that knows no HTTP, no runtime and no clock.
//!
//! Every method takes `now`; ids come from the generator of the request. A method that fails has
//! changed nothing.

mod attempts;
mod batch;
#[cfg(test)]
mod fifo_model;
mod moves;
mod permissions;
mod queues;
mod receive;
mod send;
#[cfg(test)]
mod standard_model;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::history::EntryId;

use super::fault::SqsFault;
use super::limits::SqsLimits;
use super::message::{Position, StoredMessage};
use super::queue::Queue;
use super::queue_id::QueueId;

pub(crate) use batch::{BatchEntry, BatchFailure, BatchOutcome};
pub(crate) use moves::{MoveStatus, MoveTask, source_of};
pub(crate) use queues::QueuePage;
pub(crate) use receive::{Receivable, ReceiveRequest, Taken};

/// The queues of all accounts.
#[derive(Debug, Default)]
pub(crate) struct SqsState {
    queues: BTreeMap<QueueId, Queue>,
    deleted: BTreeMap<QueueId, Timestamp>,
    /// How many positions each queue has given away; never reset, so that none is used twice.
    positions: BTreeMap<QueueId, u64>,
    changed: BTreeSet<QueueId>,
    dead_lettered: Vec<DeadLettered>,
    /// All message move tasks, in the order of their starts.
    moves: Vec<MoveTask>,
    attempts: attempts::Attempts,
    limits: SqsLimits,
}

/// A message that a receive moved to its dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadLettered {
    /// The dead-letter queue.
    pub to: QueueId,
    /// What sent the message.
    pub sent_by: Option<EntryId>,
}

impl SqsState {
    /// No queues, and these limits.
    pub(crate) fn new(limits: SqsLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub(crate) fn limits(&self) -> SqsLimits {
        self.limits
    }

    /// The messages that were moved to dead-letter queues since this was asked last.
    pub(crate) fn take_dead_lettered(&mut self) -> Vec<DeadLettered> {
        std::mem::take(&mut self.dead_lettered)
    }

    /// The queues on which a message may have become visible, or whose next change may have
    /// moved, since this was asked last.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<QueueId> {
        std::mem::take(&mut self.changed)
    }

    /// Whether the queue exists.
    pub(crate) fn exists(&self, queue: &QueueId) -> bool {
        self.queues.contains_key(queue)
    }

    /// The next time at which a message of the queue becomes visible by itself, or is moved: the end of a delay or of a visibility
    /// timeout, or the next step of a move task. `None` also for a queue that does not exist.
    pub(crate) fn next_change(&mut self, now: Timestamp, queue: &QueueId) -> Option<Timestamp> {
        let becomes_visible = self.queue_at(now, queue).ok()?.next_change();
        becomes_visible.into_iter().chain(self.next_move(queue)).min()
    }

    /// How many messages the queue holds.
    #[cfg(test)]
    pub(crate) fn counts(&mut self, now: Timestamp, queue: &QueueId) -> Result<super::message::QueueCounts, SqsFault> {
        Ok(self.queue_at(now, queue)?.counts())
    }

    /// The queue's messages in the order of their arrival, without receiving them.
    pub(crate) fn messages(&mut self, now: Timestamp, queue: &QueueId) -> Result<Vec<StoredMessage>, SqsFault> {
        Ok(self.queue_at(now, queue)?.stored().collect())
    }

    /// Every queue with its messages in the order of their arrival.
    pub(crate) fn contents(&mut self, now: Timestamp) -> Vec<(QueueId, Vec<StoredMessage>)> {
        let contents = self.queues.iter_mut().map(|(id, queue)| {
            queue.roll(now);
            (id.clone(), queue.stored().collect())
        });
        contents.collect()
    }

    /// The queue, brought to `now`.
    fn queue_at(&mut self, now: Timestamp, queue: &QueueId) -> Result<&mut Queue, SqsFault> {
        let queue = self.queues.get_mut(queue).ok_or_else(SqsFault::queue_does_not_exist)?;
        queue.roll(now);
        Ok(queue)
    }

    fn next_position(&mut self, queue: &QueueId) -> Position {
        let next = self.positions.entry(queue.clone()).or_default();
        *next += 1;
        Position(*next - 1)
    }
}
