//! Function → dead-letter queue: asynchronous events that were given up.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use std::sync::Arc;

use crate::cloud::world::World;
use crate::event::invoke::dead_letter_attributes;
use crate::mock::lambda::Exhausted;
use crate::mock::sqs::{OutgoingMessage, QueueId};

/// Sends the event, verbatim, to the function's dead-letter queue if it has one.
pub(in crate::cloud) fn send(world: &Arc<World>, exhausted: &Exhausted) {
    let Some(queue) = exhausted.function.settings().dead_letter.as_ref().and_then(QueueId::from_arn) else { return };
    let attributes = dead_letter_attributes(&exhausted.request_id, &printable(&exhausted.error_message));
    let body = String::from_utf8_lossy(&exhausted.payload).into_owned();
    let message = OutgoingMessage { body, attributes, ..OutgoingMessage::default() };
    if let Err(error) = world.queues.send(world, &queue, "lambda.amazonaws.com", &message, exhausted.cause) {
        world.kernel.note(exhausted.cause, format!("lost: {}", error.message));
    }
}

/// Control characters, which a panic's message may hold, are not allowed in message attributes.
fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r'), "\u{fffd}")
}
