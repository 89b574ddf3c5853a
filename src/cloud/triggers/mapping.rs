//! Queue → function: an event source mapping.
//!
//! Messages of a batching window are received as they come: a queue's visibility timeout should be "six times the function
//! timeout, plus the value of `MaximumBatchingWindowInSeconds`"
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>). A batch closes when it is full, when its
//! window is over, or when its event would be larger than 6 MB; what does not fit stays in the queue for the next one, of a
//! FIFO queue behind those of its group
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching>).

use std::sync::{Arc, MutexGuard, Weak};
use std::time::Duration;

use jiff::Timestamp;

use super::gathered::Gathered;
use super::{answer, record};
use crate::cloud::router::{Batch, Router};
use crate::event::BatchVerdict;
use crate::history::{Actor, Caller, DeliveryInfo, EntryId, Source, What};
use crate::kernel::{Kind, PlannedId, later};
use crate::lock::Lock;
use crate::mock::lambda::{Function, Outcome};
use crate::mock::sqs::{QueueId, ReceivedMessage, Room};

/// How many batches of a standard queue Lambda starts with at once.
const CONCURRENT_BATCHES: usize = 5;

/// How a mapping makes batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchSettings {
    /// The most messages in one event.
    pub batch_size: usize,
    /// How long to wait for a batch to fill.
    pub window: Duration,
    /// Whether the function's answer says which messages failed.
    pub report_item_failures: bool,
}

/// One event source mapping.
pub(crate) struct Mapping {
    pub id: String,
    queue: QueueId,
    function: Arc<Function>,
    settings: BatchSettings,
    state: Lock<State>,
    router: Weak<Router>,
    me: Weak<Mapping>,
}

struct State {
    /// The next poll, and when it is due.
    planned: Option<(PlannedId, Timestamp)>,
    /// What was received for a batch that is not full yet: in flight, for its visibility timeout runs.
    gathered: Gathered,
    /// When the window of what was gathered is over.
    closes: Timestamp,
    in_flight: usize,
    enabled: bool,
}

impl Mapping {
    pub fn new(
        id: String,
        router: &Arc<Router>,
        queue: QueueId,
        function: Arc<Function>,
        settings: BatchSettings,
    ) -> Arc<Self> {
        let state = Lock::new(State {
            planned: None,
            gathered: Gathered::default(),
            closes: Timestamp::MIN,
            in_flight: 0,
            enabled: true,
        });
        let router = Arc::downgrade(router);
        Arc::new_cyclic(|me| Self { id, queue, function, settings, state, router, me: me.clone() })
    }

    pub fn function(&self) -> &Function {
        &self.function
    }

    pub fn settings(&self) -> &BatchSettings {
        &self.settings
    }

    /// The mapping, as timelines and plans name it.
    pub fn label(&self) -> String {
        format!("{} → {}", self.queue.name, self.function.name)
    }

    pub fn is_enabled(&self) -> bool {
        self.state().enabled
    }

    /// Lets it poll, or stops it. Batches in flight go on; messages that wait for their batch come back when their
    /// visibility timeout ends.
    pub fn enable(&self, enabled: bool) {
        let planned = {
            let mut state = self.state();
            state.enabled = enabled;
            if enabled {
                None
            } else {
                state.gathered = Gathered::default();
                state.planned.take()
            }
        };
        let Some(router) = self.router.upgrade() else { return };
        if let Some((entry, _)) = planned {
            router.kernel().cancel(entry);
        }
        self.wake(&router);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// The groups of a FIFO queue limit themselves: none is in two batches at once.
    fn most_at_once(&self) -> usize {
        if self.queue.is_fifo() { usize::MAX } else { CONCURRENT_BATCHES }
    }

    /// The most messages in one event. A batch may always be smaller than was asked for.
    fn batch_size(&self, router: &Router) -> usize {
        self.settings.batch_size.min(router.sqs().limits().received)
    }

    /// Plans a poll if there is something to receive, or a batch to close, and nobody is about to.
    pub fn wake(&self, router: &Arc<Router>) {
        // A queue that was deleted has nothing.
        let receivable = router.sqs().receivable(&self.queue, Room::of_messages(1)).unwrap_or_default();
        let mut state = self.state();
        if !state.enabled || state.in_flight >= self.most_at_once() {
            return;
        }
        let kernel = router.kernel();
        let (due, about) = match state.gathered.first() {
            _ if receivable.is_any() => (kernel.now(), receivable.first),
            Some(first) => (state.closes, first.message.sent_by),
            None => return,
        };
        match state.planned {
            Some((_, planned)) if planned <= due => return,
            // There is more before the batch closes.
            Some((entry, _)) => kernel.cancel(entry),
            None => {}
        }
        let (weak, me) = (Arc::downgrade(router), self.me.clone());
        let label = format!("poll {} for {}", self.queue.name, self.function.name);
        let entry = kernel.plan_about(due, Kind::Work, label, about, move || {
            if let (Some(router), Some(me)) = (weak.upgrade(), me.upgrade()) {
                me.poll(&router);
            }
        });
        state.planned = Some((entry, due));
    }

    /// Receives what the batch has room for, and runs the batch if it is full or its window is over.
    fn poll(&self, router: &Arc<Router>) {
        let now = router.kernel().now();
        let (mut gathered, closes) = {
            let mut state = self.state();
            state.planned = None;
            // It may have been planned by the very receive that began the last batch that is allowed.
            if !state.enabled || state.in_flight >= self.most_at_once() {
                return;
            }
            (std::mem::take(&mut state.gathered), state.closes)
        };
        let (most, longest) = (self.batch_size(router), router.lambda().limits().request);
        let closes = if gathered.len() == 0 { later(now, self.settings.window) } else { closes };
        let there = router.sqs().receivable(&self.queue, gathered.room(most, longest)).unwrap_or_default();
        let count = gathered.len() + there.count;
        let is_closing = closes <= now || there.more || count >= most;
        let size = if is_closing {
            let first = gathered.first().map(|first| (first.message.sent_by, first.message.receive_count));
            let (first, received) = first.unwrap_or((there.first, there.receive_count + 1));
            router.batch_size(&self.label(), first, received, count)
        } else {
            count
        };
        if there.exhausted || size > gathered.len() {
            self.receive(router, &mut gathered, size);
        }
        let batch = gathered.take(if is_closing { size } else { 0 });
        {
            let mut state = self.state();
            // What a mapping that was disabled meanwhile holds comes back when its timeout ends.
            if state.enabled {
                (state.gathered, state.closes) = (gathered, closes);
            }
        }
        if !batch.is_empty() {
            self.invoke(router, batch);
        }
        // More may be visible than one batch takes.
        self.wake(router);
    }

    /// Adds messages until there are `size`. From now on they are in flight, and their visibility timeout runs.
    fn receive(&self, router: &Arc<Router>, gathered: &mut Gathered, size: usize) {
        let room = gathered.room(size, router.lambda().limits().request);
        // Where only messages for the dead-letter queue are left, a receive with room moves them.
        let room = Room { messages: room.messages.max(1), ..room };
        let received = match router.sqs().receive_batch(&self.queue, room) {
            Ok(received) => received,
            Err(error) => {
                router.kernel().note(None, format!("poll {} failed: {}", self.queue.name, error.message));
                return;
            }
        };
        for message in received {
            if gathered.holds_one(&message) {
                let text = "received once more: the queue's visibility timeout is shorter than the batching window";
                router.kernel().note(message.message.sent_by, text);
            }
            gathered.add(message);
        }
    }

    fn invoke(&self, router: &Arc<Router>, messages: Vec<ReceivedMessage>) {
        let received = messages.iter().map(|received| received.message.receive_count).max().unwrap_or(1);
        let from = Source::Messages { queue: self.queue.name.clone(), count: messages.len(), received };
        let event = record::event(&self.queue, &self.settings, &messages);
        let batch = Batch {
            info: DeliveryInfo::new(from, &self.id, &*self.function.name, self.function.arn.clone()),
            function: Arc::clone(&self.function),
            payload: router.printed(event),
            cause: messages.first().and_then(|first| first.message.sent_by),
            by: Arc::new(Caller::service("lambda.amazonaws.com", &self.function.named.account)),
            may_repeat: !self.queue.is_fifo(),
        };
        // The invocation stands under the first message; the others say where they went.
        let others: Vec<_> = messages.iter().skip(1).filter_map(|other| other.message.sent_by).collect();
        let joined = |_| {
            for sent_by in others {
                let what = What::Joined { function: self.function.name.to_string() };
                router.kernel().record(Some(sent_by), Actor::Service, what);
            }
        };
        self.state().in_flight += 1;
        let (weak, me) = (Arc::downgrade(router), self.me.clone());
        let running = router.run_batch(batch, joined, move |outcome, entry, repeats| {
            if let (Some(router), Some(me)) = (weak.upgrade(), me.upgrade()) {
                me.settle(&router, &messages, &outcome, entry, repeats);
            }
        });
        if !running {
            self.state().in_flight -= 1;
        }
    }

    /// Deletes what the function took care of; the rest becomes visible again when its timeout ends.
    fn settle(
        &self,
        router: &Arc<Router>,
        batch: &[ReceivedMessage],
        outcome: &Outcome,
        entry: EntryId,
        repeats: bool,
    ) {
        let ids: Vec<&str> = batch.iter().map(|received| received.message.id.as_str()).collect();
        let verdict = match outcome {
            Outcome::Success(answer) => BatchVerdict::of_response(answer, &ids, self.settings.report_item_failures),
            Outcome::Error(_) => BatchVerdict::of_function_error(&ids),
        };
        let (sqs, kernel) = (router.sqs(), router.kernel());
        for received in batch.iter().filter(|received| !verdict.is_retried(&received.message.id)) {
            let done = if repeats {
                // As if the deletion had been lost, and the timeout were over: it is delivered once more.
                sqs.make_visible(&self.queue, &received.receipt_handle)
            } else {
                sqs.delete(&self.queue, &received.receipt_handle)
            };
            if let Err(error) = done {
                kernel.note(Some(entry), format!("a message is not deleted: {}", error.message));
            }
        }
        let (kept, function) = (verdict.retried().len(), self.function.name.to_string());
        if kept > 0 {
            let (of, why) = (batch.len(), verdict.fault().cloned());
            kernel.record(Some(entry), Actor::Service, What::Kept { function: function.clone(), kept, of, why });
        }
        if let Outcome::Success(answer) = outcome
            && let Some(why) = answer::ignored(answer, self.settings.report_item_failures)
        {
            kernel.record(Some(entry), Actor::Service, What::Ignored { function, why });
        }
        self.state().in_flight -= 1;
        self.wake(router);
    }
}
