//! Queue → function: an event source mapping.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use crate::cloud::world::World;
use crate::event::{BatchVerdict, SqsEvent, SqsMessageBuilder};
use crate::kernel::{EntryId, Kind, LineId, later};
use crate::mock::lambda::{Attempt, Function, Outcome};
use crate::mock::sqs::{QueueId, ReceiveRequest, ReceivedMessage};

/// How many batches of a standard queue Lambda starts with at once.
const CONCURRENT_BATCHES: usize = 5;
/// The largest event: 6 MB. A batch that is larger is split.
const MAX_EVENT: usize = 6_291_456;
/// What a record adds to its body and attributes, at most.
const RECORD_OVERHEAD: usize = 2_048;

/// How a mapping makes batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The most messages in one event.
    pub batch_size: usize,
    /// How long to wait for a batch to fill.
    pub window: Duration,
    /// Whether the function's answer says which messages failed.
    pub report_item_failures: bool,
}

/// One event source mapping.
pub(crate) struct Mapping {
    queue: QueueId,
    function: Arc<Function>,
    settings: Settings,
    state: Mutex<State>,
    me: std::sync::Weak<Mapping>,
}

#[derive(Default)]
struct State {
    /// The next poll, and when it is due.
    planned: Option<(EntryId, Timestamp)>,
    in_flight: usize,
}

impl Mapping {
    pub fn new(queue: QueueId, function: Arc<Function>, settings: Settings) -> Arc<Self> {
        Arc::new_cyclic(|me| Self { queue, function, settings, state: Mutex::default(), me: me.clone() })
    }

    pub fn function(&self) -> &Function {
        &self.function
    }

    /// The groups of a FIFO queue limit themselves: none is in two batches at once.
    fn most_at_once(&self) -> usize {
        if self.queue.is_fifo() { usize::MAX } else { CONCURRENT_BATCHES }
    }

    /// Plans a poll if there is something to receive and nobody is about to.
    pub fn wake(&self, world: &Arc<World>) {
        let Ok(receivable) = world.sqs.receivable(&self.queue, self.settings.batch_size) else { return };
        let mut state = self.state.lock().expect("no panic under this lock");
        if state.in_flight >= self.most_at_once() || receivable == 0 {
            return;
        }
        let full = receivable >= self.settings.batch_size;
        let due = if full { world.kernel.now() } else { later(world.kernel.now(), self.settings.window) };
        match state.planned {
            Some((_, planned)) if planned <= due => return,
            // The batch is full before its window is over.
            Some((entry, _)) => world.kernel.cancel(entry),
            None => {}
        }
        let (weak, me) = (Arc::downgrade(world), self.me.clone());
        let label = format!("poll {} for {}", self.queue.name, self.function.name);
        let entry = world.kernel.plan(due, Kind::Work, label, move || {
            if let (Some(world), Some(me)) = (weak.upgrade(), me.upgrade()) {
                me.poll(&world);
            }
        });
        state.planned = Some((entry, due));
    }

    fn poll(self: &Arc<Self>, world: &Arc<World>) {
        {
            let mut state = self.state.lock().expect("no panic under this lock");
            state.planned = None;
            // It may have been planned by the very receive that began the last batch that is allowed.
            if state.in_flight >= self.most_at_once() {
                return;
            }
        }
        let request = ReceiveRequest { max_messages: self.settings.batch_size, visibility_timeout: None };
        let batch = match world.sqs.receive(&self.queue, request) {
            Ok(batch) => batch,
            Err(error) => {
                world.kernel.note(None, format!("poll {} failed: {}", self.queue.name, error.message));
                return;
            }
        };
        for part in split(batch) {
            self.invoke(world, part);
        }
        // More may be visible than one batch takes.
        self.wake(world);
    }

    fn invoke(self: &Arc<Self>, world: &Arc<World>, batch: Vec<ReceivedMessage>) {
        let sent_by = batch.first().and_then(|first| world.queues.sender_of(&first.message.id));
        let messages = if batch.len() == 1 { "message" } else { "messages" };
        let again = batch.iter().map(|received| received.message.receive_count).max().unwrap_or(1);
        let again = if again > 1 { format!(", received {again} times") } else { String::new() };
        let text = format!("{} → {}: {} {messages}{again}", self.queue.name, self.function.name, batch.len());
        let change = format!("{} {messages}{again} in {}", batch.len(), self.queue.name);
        world.decisions.fired(world.kernel.now(), change, format!("{} → {}", self.queue.name, self.function.name));
        let line = world.kernel.note(sent_by, text);
        for other in batch.iter().skip(1) {
            // The invocation stands under the first message; the others say where they went.
            if let Some(sent_by) = world.queues.sender_of(&other.message.id) {
                let text = format!("delivered to {} in the batch of an earlier message", self.function.name);
                world.kernel.note(Some(sent_by), text);
            }
        }
        let event = self.event(&batch);
        let payload = Bytes::from(serde_json::to_vec(&event).expect("events have string keys"));
        self.state.lock().expect("no panic under this lock").in_flight += 1;
        let request_id = world.kernel.ids().uuid();
        let attempt = Attempt::first(payload, request_id, Some(line));
        let (weak, me) = (Arc::downgrade(world), Arc::clone(self));
        world.lambda.invoke_then(&self.function, attempt, move |outcome| {
            if let Some(world) = weak.upgrade() {
                me.settle(&world, &batch, &outcome, line);
            }
        });
    }

    /// Deletes what the function took care of; the rest becomes visible again when its timeout ends.
    fn settle(&self, world: &Arc<World>, batch: &[ReceivedMessage], outcome: &Outcome, line: LineId) {
        let ids: Vec<&str> = batch.iter().map(|received| received.message.id.as_str()).collect();
        let verdict = match outcome {
            Outcome::Success(answer) => BatchVerdict::of_response(answer, &ids, self.settings.report_item_failures),
            Outcome::Error(_) => BatchVerdict::of_function_error(&ids),
        };
        for received in batch.iter().filter(|received| !verdict.is_retried(&received.message.id)) {
            if let Err(error) = world.sqs.delete(&self.queue, &received.receipt_handle) {
                world.kernel.note(Some(line), format!("a message is not deleted: {}", error.message));
            }
        }
        let retried = verdict.retried().len();
        if retried > 0 {
            let why = verdict.fault().map_or(String::new(), |fault| format!(": {fault}"));
            world.kernel.note(Some(line), format!("{retried} of {} kept for redelivery{why}", batch.len()));
        }
        self.state.lock().expect("no panic under this lock").in_flight -= 1;
        self.wake(world);
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

/// Cuts a batch into events of at most 6 MB.
fn split(batch: Vec<ReceivedMessage>) -> Vec<Vec<ReceivedMessage>> {
    let mut parts: Vec<Vec<ReceivedMessage>> = Vec::new();
    let mut size = MAX_EVENT;
    for received in batch {
        let own = escaped_len(&received.message.body)
            + received
                .message
                .attributes
                .iter()
                .map(|(name, attribute)| name.len() + attribute.value_bytes().len() * 2)
                .sum::<usize>()
            + RECORD_OVERHEAD;
        if size + own > MAX_EVENT {
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
