//! The queues of one cloud: one lock, the cloud's clock and ids, and word of what changed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::event::{AccountId, Region};
use crate::kernel::Ids;

use super::fault::SqsFault;
use super::message::{OutgoingMessage, ReceivedMessage, SentMessage, StoredMessage};
use super::queue_id::QueueId;
use super::settings::Settings;
use super::state::{DeadLettered, ReceiveRequest, SqsState};

/// What the service tells the world around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A message of the queue may have become visible, or its next change may have moved.
    Changed(QueueId),
    /// A message was moved to a dead-letter queue.
    DeadLettered(DeadLettered),
}

type Observe = Box<dyn Fn(&Notice) + Send + Sync>;

/// SQS as the rest of the cloud sees it. The protocol and the handles of tests use the same state.
pub(crate) struct SqsService {
    region: Region,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ids: Arc<Mutex<Ids>>,
    observe: Observe,
    state: Mutex<SqsState>,
}

impl SqsService {
    /// A service without queues.
    ///
    /// `observe` is called after the lock is released. It is not told of what time alone does;
    /// [`next_change`](Self::next_change) says when that will be.
    pub(crate) fn new(
        region: Region,
        now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        ids: Arc<Mutex<Ids>>,
        observe: Observe,
    ) -> Self {
        Self { region, now, ids, observe, state: Mutex::new(SqsState::default()) }
    }

    /// The region of all queues.
    pub(crate) fn region(&self) -> &Region {
        &self.region
    }

    /// Runs one step of the state, then tells of the queues that it changed.
    fn step<R>(&self, step: impl FnOnce(&mut SqsState, Timestamp) -> R) -> R {
        let now = (self.now)();
        let (result, notices) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let result = step(&mut state, now);
            let moved = state.take_dead_lettered().into_iter().map(Notice::DeadLettered);
            (result, moved.chain(state.take_changed().into_iter().map(Notice::Changed)).collect::<Vec<_>>())
        };
        notices.iter().for_each(|notice| (self.observe)(notice));
        result
    }

    /// A step that may draw ids. The lock of the ids is taken inside that of the queues.
    pub(super) fn step_with_ids<R>(&self, step: impl FnOnce(&mut SqsState, Timestamp, &mut Ids) -> R) -> R {
        self.step(|state, now| {
            let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
            step(state, now, &mut ids)
        })
    }

    /// Creates a queue of `account`, as CreateQueue does.
    pub(crate) fn create(
        &self,
        account: &AccountId,
        name: &str,
        attributes: &BTreeMap<String, String>,
    ) -> Result<QueueId, SqsFault> {
        let queue = QueueId::new(account, &self.region, name);
        self.step(|state, now| state.create_queue(now, &queue, attributes, &BTreeMap::new()))?;
        Ok(queue)
    }

    /// Drops all messages, as PurgeQueue does.
    pub(crate) fn purge(&self, queue: &QueueId) -> Result<(), SqsFault> {
        self.step(|state, now| state.purge_queue(now, queue))
    }

    /// Whether the queue exists.
    pub(crate) fn exists(&self, queue: &QueueId) -> bool {
        self.step(|state, _| state.exists(queue))
    }

    /// Sends a message, as SendMessage does. `sender` becomes its `SenderId`.
    pub(crate) fn send(
        &self,
        queue: &QueueId,
        sender: &str,
        message: &OutgoingMessage,
    ) -> Result<SentMessage, SqsFault> {
        self.step_with_ids(|state, now, ids| state.send(now, ids, queue, sender, message))
    }

    /// Receives what is visible, without waiting.
    pub(crate) fn receive(&self, queue: &QueueId, request: ReceiveRequest) -> Result<Vec<ReceivedMessage>, SqsFault> {
        self.step_with_ids(|state, now, ids| state.receive(now, ids, queue, request))
    }

    /// Deletes a received message, as DeleteMessage does.
    pub(crate) fn delete(&self, queue: &QueueId, receipt_handle: &str) -> Result<(), SqsFault> {
        self.step(|state, now| state.delete(now, queue, receipt_handle))
    }

    /// The settings in typed form.
    pub(crate) fn settings(&self, queue: &QueueId) -> Result<Settings, SqsFault> {
        self.step(|state, _| state.settings(queue).cloned())
    }

    /// Changes attributes, as SetQueueAttributes does.
    pub(crate) fn set_attributes(
        &self,
        queue: &QueueId,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), SqsFault> {
        self.step(|state, now| state.set_queue_attributes(now, queue, attributes))
    }

    /// The queue's messages in the order of their arrival, without receiving them.
    pub(crate) fn messages(&self, queue: &QueueId) -> Result<Vec<StoredMessage>, SqsFault> {
        self.step(|state, now| state.messages(now, queue))
    }

    /// How many messages, up to `most`, a receive would take out of the queue now: hand out or dead-letter.
    pub(crate) fn receivable(&self, queue: &QueueId, most: usize) -> Result<usize, SqsFault> {
        self.step(|state, now| state.receivable(now, queue, most))
    }

    /// How many messages the queue holds.
    #[cfg(test)]
    pub(crate) fn counts(&self, queue: &QueueId) -> Result<super::message::QueueCounts, SqsFault> {
        self.step(|state, now| state.counts(now, queue))
    }

    /// The next time at which a message becomes visible by itself.
    pub(crate) fn next_change(&self, queue: &QueueId) -> Option<Timestamp> {
        self.step(|state, now| state.next_change(now, queue))
    }
}

impl fmt::Debug for SqsService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqsService").field("region", &self.region).finish_non_exhaustive()
    }
}
