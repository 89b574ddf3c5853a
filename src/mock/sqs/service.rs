//! The queues of one cloud: one lock, the cloud's clock, and word of what changed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::event::Arn;
use crate::history::Caller;
use crate::iam::Policy;
use crate::kernel::Ids;
use crate::lock::Lock;
use crate::mock::http::Call;

use super::fault::SqsFault;
use super::limits::SqsLimits;
use super::message::{OutgoingMessage, ReceivedMessage, Sender, SentMessage, StoredMessage};
use super::polls::Polls;
use super::queue::{Room, Wanted};
use super::queue_id::QueueId;
use super::settings::Settings;
use super::state::{DeadLettered, Receivable, ReceiveRequest, SqsState, Taken};

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
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    observe: Observe,
    limits: SqsLimits,
    state: Lock<SqsState>,
    polls: Polls,
}

impl SqsService {
    /// A service without queues.
    ///
    /// `observe` is called after the lock is released. It is not told of what time alone does;
    /// [`next_change`](Self::next_change) says when that will be.
    pub(crate) fn new(now: Arc<dyn Fn() -> Timestamp + Send + Sync>, observe: Observe, limits: SqsLimits) -> Self {
        Self { now, observe, limits, state: Lock::new(SqsState::new(limits)), polls: Polls::default() }
    }

    /// How much it takes and gives at once.
    pub(crate) fn limits(&self) -> SqsLimits {
        self.limits
    }

    /// The long polls that wait for a change.
    pub(super) fn polls(&self) -> &Polls {
        &self.polls
    }

    /// Time alone may have made messages of the queue visible.
    pub(crate) fn time_passed(&self, queue: &QueueId) {
        self.polls.wake(queue);
        (self.observe)(&Notice::Changed(queue.clone()));
    }

    /// Runs one step of the state, then tells of the queues that it changed.
    pub(super) fn step<R>(&self, step: impl FnOnce(&mut SqsState, Timestamp) -> R) -> R {
        let now = (self.now)();
        let (result, notices) = {
            let mut state = self.state.lock();
            state.run_moves(now);
            let result = step(&mut state, now);
            let moved = state.take_dead_lettered().into_iter().map(Notice::DeadLettered);
            (result, moved.chain(state.take_changed().into_iter().map(Notice::Changed)).collect::<Vec<_>>())
        };
        for notice in &notices {
            if let Notice::Changed(queue) = notice {
                self.polls.wake(queue);
            }
            (self.observe)(notice);
        }
        result
    }

    /// Creates a queue, as CreateQueue does.
    pub(crate) fn create(&self, queue: &QueueId, attributes: &BTreeMap<String, String>) -> Result<(), SqsFault> {
        self.step(|state, now| state.create_queue(now, queue, attributes, &BTreeMap::new()))
    }

    /// Drops all messages, as PurgeQueue does.
    pub(crate) fn purge(&self, queue: &QueueId) -> Result<(), SqsFault> {
        self.step(|state, now| state.purge_queue(now, queue))
    }

    /// Whether the queue exists.
    pub(crate) fn exists(&self, queue: &QueueId) -> bool {
        self.step(|state, _| state.exists(queue))
    }

    /// Sends a message, as SendMessage does.
    pub(crate) fn send(
        &self,
        queue: &QueueId,
        sender: Sender<'_>,
        message: &OutgoingMessage,
        ids: &mut Ids,
    ) -> Result<SentMessage, SqsFault> {
        self.step(|state, now| state.send(now, ids, queue, sender, message))
    }

    /// Receives what is visible, without waiting. The request may be answered with a part of what there is.
    pub(crate) fn receive(
        &self,
        queue: &QueueId,
        request: ReceiveRequest,
        call: &Call,
    ) -> Result<Vec<ReceivedMessage>, SqsFault> {
        self.step(|state, now| state.receive(now, queue, request, &|visible| call.messages(visible)))
    }

    /// Deletes a received message, as DeleteMessage does.
    pub(crate) fn delete(&self, queue: &QueueId, receipt_handle: &str) -> Result<(), SqsFault> {
        self.step(|state, now| state.delete(now, queue, receipt_handle))
    }

    /// Makes a received message visible at once, as ChangeMessageVisibility with 0 does.
    pub(crate) fn make_visible(&self, queue: &QueueId, receipt_handle: &str) -> Result<(), SqsFault> {
        self.step(|state, now| state.change_visibility(now, queue, receipt_handle, 0))
    }

    /// The settings in typed form.
    pub(crate) fn settings(&self, queue: &QueueId) -> Result<Settings, SqsFault> {
        self.step(|state, _| state.settings(queue).cloned())
    }

    /// What the queue's policy says of an operation, if it has one; none when there is no such queue.
    pub(super) fn policy_about(&self, queue: &QueueId, operation: &str) -> Option<Option<Policy>> {
        self.step(|state, _| {
            let settings = state.settings(queue).ok()?;
            Some(settings.policy.as_ref().and_then(|policy| policy.about(operation)))
        })
    }

    /// Lets a service send messages for one of its resources, in a statement of this label.
    pub(crate) fn let_send(
        &self,
        queue: &QueueId,
        label: &str,
        service: &Caller,
        source: &Arn,
    ) -> Result<(), SqsFault> {
        self.step(|state, now| state.let_send(now, queue, label, service, source))
    }

    /// Whether the queue's policy has a statement of this label.
    pub(crate) fn has_permission(&self, queue: &QueueId, label: &str) -> Result<bool, SqsFault> {
        self.step(|state, _| state.has_permission(queue, label))
    }

    /// Takes a statement out of the queue's policy, as RemovePermission does.
    pub(crate) fn remove_permission(&self, queue: &QueueId, label: &str) -> Result<(), SqsFault> {
        self.step(|state, now| state.remove_permission(now, queue, label))
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

    /// Every queue with its messages in the order of their arrival.
    pub(crate) fn contents(&self) -> Vec<(QueueId, Vec<StoredMessage>)> {
        self.step(|state, now| state.contents(now))
    }

    /// Receives as the poller of a function does, no more than there is room for; what is not wanted is deleted.
    pub(crate) fn receive_batch(&self, queue: &QueueId, room: Room, wanted: Wanted<'_>) -> Result<Taken, SqsFault> {
        self.step(|state, now| state.receive_batch(now, queue, room, wanted))
    }

    /// What a receive with this `room` would take out of the queue now: hand out, dead-letter or delete.
    pub(crate) fn receivable(&self, queue: &QueueId, room: Room, wanted: Wanted<'_>) -> Result<Receivable, SqsFault> {
        self.step(|state, now| state.receivable(now, queue, room, wanted))
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
        f.debug_struct("SqsService").finish_non_exhaustive()
    }
}
