//! Queue → function: an event source mapping.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use crate::cloud::router::{Batch, Router};
use crate::event::{BatchVerdict, SqsEvent, SqsMessageBuilder};
use crate::history::{Actor, Caller, DeliveryInfo, EntryId, Source, What};
use crate::kernel::{Kind, PlannedId, later};
use crate::mock::lambda::{Function, Outcome};
use crate::mock::sqs::{QueueId, ReceiveRequest, ReceivedMessage};

/// How many batches of a standard queue Lambda starts with at once.
const CONCURRENT_BATCHES: usize = 5;
/// What a record adds to its body and attributes, at most.
const RECORD_OVERHEAD: usize = 2_048;

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
    state: Mutex<State>,
    router: Weak<Router>,
    me: Weak<Mapping>,
}

struct State {
    /// The next poll, and when it is due.
    planned: Option<(PlannedId, Timestamp)>,
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
        let state = Mutex::new(State { planned: None, in_flight: 0, enabled: true });
        let router = Arc::downgrade(router);
        Arc::new_cyclic(|me| Self { id, queue, function, settings, state, router, me: me.clone() })
    }

    pub fn function(&self) -> &Function {
        &self.function
    }

    /// The mapping, as timelines and plans name it.
    pub fn label(&self) -> String {
        format!("{} → {}", self.queue.name, self.function.name)
    }

    pub fn is_enabled(&self) -> bool {
        self.state().enabled
    }

    /// Lets it poll, or stops it; batches in flight go on.
    pub fn enable(&self, enabled: bool) {
        let planned = {
            let mut state = self.state();
            state.enabled = enabled;
            if enabled { None } else { state.planned.take() }
        };
        let Some(router) = self.router.upgrade() else { return };
        if let Some((entry, _)) = planned {
            router.kernel().cancel(entry);
        }
        self.wake(&router);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }

    /// The groups of a FIFO queue limit themselves: none is in two batches at once.
    fn most_at_once(&self) -> usize {
        if self.queue.is_fifo() { usize::MAX } else { CONCURRENT_BATCHES }
    }

    /// The most messages in one event. A batch may always be smaller than was asked for.
    fn batch_size(&self, router: &Router) -> usize {
        self.settings.batch_size.min(router.sqs().limits().received)
    }

    /// Plans a poll if there is something to receive and nobody is about to.
    pub fn wake(&self, router: &Arc<Router>) {
        let Ok(receivable) = router.sqs().receivable(&self.queue, self.batch_size(router)) else { return };
        let mut state = self.state();
        if !state.enabled || state.in_flight >= self.most_at_once() || receivable.count == 0 {
            return;
        }
        let kernel = router.kernel();
        let full = receivable.count >= self.batch_size(router);
        let due = if full { kernel.now() } else { later(kernel.now(), self.settings.window) };
        match state.planned {
            Some((_, planned)) if planned <= due => return,
            // The batch is full before its window is over.
            Some((entry, _)) => kernel.cancel(entry),
            None => {}
        }
        let (weak, me) = (Arc::downgrade(router), self.me.clone());
        let label = format!("poll {} for {}", self.queue.name, self.function.name);
        let entry = kernel.plan_about(due, Kind::Work, label, receivable.first, move || {
            if let (Some(router), Some(me)) = (weak.upgrade(), me.upgrade()) {
                me.poll(&router);
            }
        });
        state.planned = Some((entry, due));
    }

    fn poll(&self, router: &Arc<Router>) {
        {
            let mut state = self.state();
            state.planned = None;
            // It may have been planned by the very receive that began the last batch that is allowed.
            if !state.enabled || state.in_flight >= self.most_at_once() {
                return;
            }
        }
        let Ok(receivable) = router.sqs().receivable(&self.queue, self.batch_size(router)) else { return };
        let (first, received) = (receivable.first, receivable.receive_count + 1);
        let max_messages = match receivable.count {
            // Only messages for the dead-letter queue: a receive moves them.
            0 => self.batch_size(router),
            count => router.batch_size(&self.label(), first, received, count.min(self.batch_size(router))),
        };
        let request = ReceiveRequest { max_messages, visibility_timeout: None };
        let batch = match router.sqs().receive(&self.queue, request) {
            Ok(batch) => batch,
            Err(error) => {
                router.kernel().note(None, format!("poll {} failed: {}", self.queue.name, error.message));
                return;
            }
        };
        for part in split(batch, router.lambda().limits().request) {
            self.invoke(router, part);
        }
        // More may be visible than one batch takes.
        self.wake(router);
    }

    fn invoke(&self, router: &Arc<Router>, messages: Vec<ReceivedMessage>) {
        let received = messages.iter().map(|received| received.message.receive_count).max().unwrap_or(1);
        let from = Source::Messages { queue: self.queue.name.clone(), count: messages.len(), received };
        let event = self.event(&messages);
        let batch = Batch {
            info: DeliveryInfo::new(from, &self.id, &*self.function.name, self.function.arn.clone()),
            function: Arc::clone(&self.function),
            payload: Bytes::from(serde_json::to_vec(&event).expect("events have string keys")),
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
        let kept = verdict.retried().len();
        if kept > 0 {
            let why = verdict.fault().map(|fault| fault.to_string());
            kernel.record(Some(entry), Actor::Service, What::Kept { kept, of: batch.len(), why });
        }
        self.state().in_flight -= 1;
        self.wake(router);
    }

    fn event(&self, batch: &[ReceivedMessage]) -> SqsEvent {
        let mut records = batch.iter().map(|received| self.record(received));
        let first = records.next().expect("a batch has at least one message");
        let builder = records.fold(first, SqsMessageBuilder::record);
        // The mock accepted these messages by the same rules.
        builder.try_build().unwrap_or_else(|error| panic!("accepted messages make no event: {error}"))
    }

    fn record(&self, received: &ReceivedMessage) -> SqsMessageBuilder {
        let message = &received.message;
        let mut builder = SqsEvent::message(message.body.as_str())
            .queue_arn(self.queue.arn())
            .message_id(message.id.as_str())
            .receipt_handle(received.receipt_handle.as_str())
            .sender_id(message.sender_id.as_str())
            .sent_at(message.sent)
            .receive_count(u64::from(message.receive_count));
        if let Some(first) = message.first_received {
            builder = builder.first_received_at(first);
        }
        if let Some(header) = &message.trace_header {
            builder = builder.trace_header(header.as_str());
        }
        if let Some(source) = &message.dead_letter_source {
            builder = builder.dead_letter_source(source.clone());
        }
        match (&message.group_id, &message.deduplication_id) {
            (Some(group), Some(deduplication)) => builder = builder.fifo(group.as_str(), deduplication.as_str()),
            (Some(group), None) => builder = builder.group(group.as_str()),
            _ => {}
        }
        if let Some(number) = &message.sequence_number {
            builder = builder.sequence_number(number);
        }
        if !self.settings.window.is_zero() {
            builder = builder.batching_window();
        }
        for (name, attribute) in message.attributes.iter() {
            builder = builder.attribute(name, attribute.clone());
        }
        builder
    }
}

/// Cuts a batch into events of at most `longest` bytes: 6 MB on AWS.
fn split(batch: Vec<ReceivedMessage>, longest: usize) -> Vec<Vec<ReceivedMessage>> {
    let mut parts: Vec<Vec<ReceivedMessage>> = Vec::new();
    let mut size = longest;
    for received in batch {
        let own = escaped_len(&received.message.body)
            + received
                .message
                .attributes
                .iter()
                .map(|(name, attribute)| name.len() + attribute.value_bytes().len() * 2)
                .sum::<usize>()
            + RECORD_OVERHEAD;
        if size + own > longest {
            parts.push(Vec::new());
            size = 0;
        }
        size += own;
        if let Some(part) = parts.last_mut() {
            part.push(received);
        }
    }
    parts
}

/// How long the text is as a JSON string.
fn escaped_len(text: &str) -> usize {
    let escapes = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(escapes).sum::<usize>()
}
