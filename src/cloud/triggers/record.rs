//! The event that a function is given for a batch of messages.

use serde_json::Value;

use crate::event::{SqsEvent, SqsMessageBuilder};
use crate::mock::lambda::event_source::MappingSettings;
use crate::mock::sqs::{QueueId, ReceivedMessage, counted};

/// The event of a batch, which has at least one message.
pub(super) fn event(queue: &QueueId, settings: &MappingSettings, batch: &[ReceivedMessage]) -> SqsEvent {
    let mut records = batch.iter().map(|received| record(queue, settings, received));
    let first = records.next().expect("a batch has at least one message");
    let builder = records.fold(first, SqsMessageBuilder::record);
    // The mock accepted these messages by the same rules.
    builder.try_build().unwrap_or_else(|error| panic!("accepted messages make no event: {error}"))
}

/// The record of a message, as filters look at it: as the function would get it.
pub(super) fn seen_by_filters(queue: &QueueId, settings: &MappingSettings, received: &ReceivedMessage) -> Value {
    let event = event(queue, settings, std::slice::from_ref(received));
    let mut event = serde_json::to_value(event).expect("events have string keys");
    event["Records"][0].take()
}

fn record(queue: &QueueId, settings: &MappingSettings, received: &ReceivedMessage) -> SqsMessageBuilder {
    let message = &received.message;
    let mut builder = SqsEvent::message(message.body.as_str())
        .queue_arn(queue.arn())
        .message_id(message.id.as_str())
        .receipt_handle(received.receipt_handle.as_str())
        .sender_id(message.sender_id.as_str())
        .sent_at(counted(message.sent))
        .receive_count(u64::from(message.receive_count));
    if let Some(first) = message.first_received {
        builder = builder.first_received_at(counted(first));
    }
    if let Some(header) = &message.trace_header {
        builder = builder.trace_header(header.as_str());
    }
    if let Some(source) = &message.dead_letter_source {
        builder = builder.dead_letter_source(&**source);
    }
    match (&message.group_id, &message.deduplication_id) {
        (Some(group), Some(deduplication)) => builder = builder.fifo(group.as_str(), deduplication.as_str()),
        (Some(group), None) => builder = builder.group(group.as_str()),
        _ => {}
    }
    if let Some(number) = &message.sequence_number {
        builder = builder.sequence_number(number);
    }
    if !settings.window.is_zero() {
        builder = builder.batching_window();
    }
    for (name, attribute) in message.attributes.iter() {
        builder = builder.attribute(name, attribute.clone());
    }
    builder
}
