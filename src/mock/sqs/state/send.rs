//! Sending: checks, delays, deduplication.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::event::{body_digest, md5_of_attributes};
use crate::kernel::Ids;

use super::SqsState;
use crate::mock::sqs::content;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::fifo::Seen;
use crate::mock::sqs::message::{Message, OutgoingMessage, Place, Position, Sender, SentMessage};
use crate::mock::sqs::queue::later;
use crate::mock::sqs::queue_id::QueueId;
use crate::mock::sqs::settings::Settings;

/// AWS's sequence numbers have 20 digits and begin about here.
const FIRST_SEQUENCE_NUMBER: u128 = 18_849_496_460_467_696_128;

/// How AWS words the errors: otherwise in the results of a batch than in an answer of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wording {
    Alone,
    InBatch,
}

impl SqsState {
    /// Sends one message.
    ///
    /// # Errors
    ///
    /// AWS's for a message that it would not take; nothing is stored then.
    pub(crate) fn send(
        &mut self,
        now: Timestamp,
        ids: &mut Ids,
        queue: &QueueId,
        sender: Sender<'_>,
        message: &OutgoingMessage,
    ) -> Result<SentMessage, SqsFault> {
        let longest = self.limits.message;
        let settings = &self.queue_at(now, queue)?.settings;
        check_ids(message)?;
        check_fifo_ids(settings, message)?;
        check(settings, longest, message, Wording::Alone)?;
        self.accept(now, ids, queue, sender, message)
    }

    /// Stores a message that was checked.
    pub(super) fn accept(
        &mut self,
        now: Timestamp,
        ids: &mut Ids,
        queue: &QueueId,
        sender: Sender<'_>,
        message: &OutgoingMessage,
    ) -> Result<SentMessage, SqsFault> {
        let position = self.next_position(queue);
        let state = self.queue_at(now, queue)?;
        let md5_of_attributes = md5_of_attributes(message.attributes.iter());
        let mut stored = Message {
            id: ids.uuid(),
            body: message.body.clone(),
            body_digest: body_digest(&message.body),
            attributes: message.attributes.clone(),
            trace_header: message.trace_header.as_deref().or(sender.trace_header).map(str::to_owned),
            sender_id: sender.principal.to_owned(),
            sent: now,
            first_received: None,
            receive_count: 0,
            group_id: message.group_id.clone(),
            deduplication_id: None,
            sequence_number: None,
            dead_letter_source: None,
            sent_by: sender.entry,
        };
        let md5_of_body = stored.md5_of_body();
        if let (Some(deduplication), Some(group)) = (&mut state.deduplication, &message.group_id) {
            let id = message.deduplication_id.clone().unwrap_or_else(|| content_id(&message.body));
            if let Some(first) = deduplication.find(group, &id).cloned() {
                return Ok(SentMessage {
                    message_id: first.message_id,
                    md5_of_body,
                    md5_of_attributes,
                    sequence_number: Some(first.sequence_number),
                    duplicate: true,
                });
            }
            let sequence_number = sequence_number(position);
            let seen = Seen { message_id: stored.id.clone(), sequence_number: sequence_number.clone() };
            deduplication.remember(now, group, &id, seen);
            stored.deduplication_id = Some(id);
            stored.sequence_number = Some(sequence_number);
        }
        let own_delay = message.delay_seconds.and_then(|delay| u32::try_from(delay).ok());
        // On a FIFO queue the queue's delay holds even against an explicit 0.
        let delay = own_delay.filter(|_| !state.is_fifo()).unwrap_or(state.settings.delay);
        let place = if delay == 0 { Place::Visible } else { Place::Delayed(later(now, delay)) };
        let sent = SentMessage {
            message_id: stored.id.clone(),
            md5_of_body,
            md5_of_attributes,
            sequence_number: stored.sequence_number.clone(),
            duplicate: false,
        };
        state.insert(position, stored, place, now);
        self.changed.insert(queue.clone());
        Ok(sent)
    }
}

/// The number of the message at a position of a FIFO queue.
pub(super) fn sequence_number(Position(position): Position) -> String {
    (FIRST_SEQUENCE_NUMBER + 256 * u128::from(position)).to_string()
}

/// Whether the ids that a message has look like ids, whatever its queue.
fn check_ids(message: &OutgoingMessage) -> Result<(), SqsFault> {
    let ids = [("MessageGroupId", &message.group_id), ("MessageDeduplicationId", &message.deduplication_id)];
    ids.into_iter().try_for_each(|(name, id)| id.as_ref().map_or(Ok(()), |id| content::check_id(name, id)))
}

/// Whether a message has the ids that its queue asks for.
pub(super) fn check_fifo_ids(settings: &Settings, message: &OutgoingMessage) -> Result<(), SqsFault> {
    let Some(fifo) = settings.fifo else { return Ok(()) };
    if message.group_id.is_none() {
        return Err(SqsFault::missing_parameter("MessageGroupId"));
    }
    if message.deduplication_id.is_none() && !fifo.content_based_deduplication {
        return Err(SqsFault::invalid_parameter(
            "The queue should either have ContentBasedDeduplication enabled or \
             MessageDeduplicationId provided explicitly",
        ));
    }
    Ok(())
}

/// Everything else that AWS checks of one message.
///
/// `longest` is the limit of all queues, in bytes.
pub(super) fn check(
    settings: &Settings,
    longest: usize,
    message: &OutgoingMessage,
    wording: Wording,
) -> Result<(), SqsFault> {
    content::check_body(&message.body)?;
    if let Some(delay) = message.delay_seconds {
        if settings.fifo.is_some() && delay > 0 {
            return Err(not_for_type(wording, delay, "DelaySeconds"));
        }
        if !(0..=900).contains(&delay) {
            return Err(SqsFault::invalid_value(delay, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900."));
        }
    }
    check_ids(message)?;
    if let Some(id) = message.deduplication_id.as_ref().filter(|_| settings.fifo.is_none()) {
        return Err(not_for_type(wording, id, "MessageDeduplicationId"));
    }
    content::check_attributes(&message.attributes)?;
    let limit = (settings.maximum_message_size as usize).min(longest);
    if content::size(message) > limit {
        let problem = match wording {
            Wording::Alone => "are invalid",
            Wording::InBatch => "cannot be validated",
        };
        return Err(SqsFault::invalid_parameter(format!(
            "One or more parameters {problem}. Reason: Message must be shorter than {limit} bytes."
        )));
    }
    Ok(())
}

/// A parameter that the queue's type does not take.
///
/// <https://github.com/aws/aws-sdk-js/issues/3187> has the words in a batch.
fn not_for_type(wording: Wording, value: impl fmt::Display, parameter: &str) -> SqsFault {
    let reason = "The request include parameter that is not valid for this queue type";
    match wording {
        Wording::Alone => SqsFault::invalid_value(value, parameter, &format!("{reason}.")),
        Wording::InBatch => SqsFault::invalid_parameter(reason),
    }
}

/// The deduplication id of a message that was given none: the SHA-256 of its body.
fn content_id(body: &str) -> String {
    crate::event::hex::hex(&Sha256::digest(body.as_bytes()))
}
