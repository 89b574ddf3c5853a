//! Receiving, and what a receipt handle allows: deletion and changes of the visibility timeout.

use jiff::Timestamp;

use crate::history::EntryId;

use super::send::{Wording, sequence_number};
use super::{DeadLettered, SqsState};
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::{Place, ReceivedMessage};
use crate::mock::sqs::queue::{Queue, Room, Wanted, later};
use crate::mock::sqs::queue_id::QueueId;
use crate::mock::sqs::receipt::Receipt;

/// The longest that a message can stay hidden after one receive, in seconds: 12 hours.
const LONGEST: u32 = 43_200;

/// What a consumer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReceiveRequest {
    /// At most so many messages, 1 to 10.
    pub max_messages: usize,
    /// Seconds, 0 to 43,200; `None` means the queue's timeout.
    pub visibility_timeout: Option<i64>,
}

/// What could be received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Receivable {
    /// How many messages would be handed out.
    pub count: usize,
    /// Whether messages would be moved to the dead-letter queue.
    pub exhausted: bool,
    /// Whether messages would be deleted because the consumer does not want them.
    pub left_out: bool,
    /// Whether there is more than there was room for.
    pub more: bool,
    /// What sent the first message.
    pub first: Option<EntryId>,
    /// How often the first message was received.
    pub receive_count: u32,
}

/// What a receive took out of a queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Taken {
    pub received: Vec<ReceivedMessage>,
    /// What the consumer did not want, as it would have been received; it is deleted.
    pub left_out: Vec<ReceivedMessage>,
}

impl Receivable {
    /// Whether a receive would take anything out of the queue.
    pub(crate) fn is_any(&self) -> bool {
        self.count > 0 || self.exhausted
    }
}

impl SqsState {
    /// Hands out visible messages and hides them. A message that has been received
    /// `maxReceiveCount` times goes to the dead-letter queue instead. `part` is asked how many of so many visible messages are
    /// handed out.
    ///
    /// # Errors
    ///
    /// For a queue that does not exist, a timeout out of range, or 120,000 messages in flight on a
    /// standard queue; a FIFO queue gives none then.
    pub(crate) fn receive(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        request: ReceiveRequest,
        part: &dyn Fn(usize) -> usize,
    ) -> Result<Vec<ReceivedMessage>, SqsFault> {
        let own_timeout = request.visibility_timeout.map(check_timeout).transpose()?;
        let room = Room::of_messages(request.max_messages);
        self.take(now, queue, room, None, own_timeout, part).map(|taken| taken.received)
    }

    /// Receives as the poller of a function does: with the queue's own timeout, and no more than its event has room for. What
    /// it does not want is deleted.
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    pub(crate) fn receive_batch(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        room: Room,
        wanted: Wanted<'_>,
    ) -> Result<Taken, SqsFault> {
        self.take(now, queue, room, wanted, None, &|visible| visible)
    }

    fn take(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        room: Room,
        wanted: Wanted<'_>,
        own_timeout: Option<u32>,
        part: &dyn Fn(usize) -> usize,
    ) -> Result<Taken, SqsFault> {
        let redrive = self.settings(queue)?.redrive.clone();
        // Messages whose dead-letter queue was deleted stay where they are.
        let redrive = redrive.filter(|redrive| self.exists(&redrive.target));
        let most_in_flight = self.limits.in_flight;
        let state = self.queue_at(now, queue)?;
        let room = free(state, room, most_in_flight);
        // A FIFO queue says nothing.
        if !state.is_fifo() && room.messages == 0 {
            let message = format!("Maximum of {most_in_flight} messages in flight is reached for this queue.");
            return Err(SqsFault::over_limit(message));
        }
        let timeout = own_timeout.unwrap_or(state.settings.visibility_timeout);
        let choice = state.choose(now, room, redrive.as_ref().map(|redrive| redrive.max_receive_count), wanted);
        let exhausted: Vec<_> = choice.exhausted.into_iter().filter_map(|position| state.remove(position)).collect();
        let most = part(choice.taken.len());
        let taken = choice.taken.into_iter().take(most);
        let received: Vec<_> = taken.filter_map(|position| state.hand_out(position, now, timeout)).collect();
        let left_out = choice.left_out.into_iter().filter(|(position, _)| state.remove(*position).is_some());
        let left_out: Vec<_> = left_out.map(|(_, message)| message).collect();
        if !received.is_empty() || !exhausted.is_empty() || !left_out.is_empty() {
            self.changed.insert(queue.clone());
        }
        if let Some(redrive) = redrive {
            for (mut message, age_from) in exhausted {
                let position = self.next_position(&redrive.target);
                let target = self.queue_at(now, &redrive.target)?;
                message.dead_letter_source = Some(Box::new(queue.arn()));
                // Retention runs from the first send on standard queues, from the move on FIFO queues.
                let age_from = if target.is_fifo() { now } else { age_from };
                if target.is_fifo() {
                    message.sequence_number = Some(sequence_number(position));
                }
                let sent_by = message.sent_by;
                target.insert(position, message, Place::Visible, age_from);
                self.dead_lettered.push(DeadLettered { to: redrive.target.clone(), sent_by });
                self.changed.insert(redrive.target.clone());
            }
        }
        Ok(Taken { received, left_out })
    }

    /// What a receive with this `room` would take out of the queue now: hand out or move to the dead-letter queue. Fewer
    /// than are visible, where groups hold messages back.
    pub(crate) fn receivable(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        room: Room,
        wanted: Wanted<'_>,
    ) -> Result<Receivable, SqsFault> {
        let redrive = self.settings(queue)?.redrive.clone().filter(|redrive| self.exists(&redrive.target));
        let most_in_flight = self.limits.in_flight;
        let state = self.queue_at(now, queue)?;
        let room = free(state, room, most_in_flight);
        let choice = state.choose(now, room, redrive.map(|redrive| redrive.max_receive_count), wanted);
        let first = choice.taken.first().or(choice.exhausted.first()).and_then(|position| state.entry(*position));
        Ok(Receivable {
            count: choice.taken.len(),
            exhausted: !choice.exhausted.is_empty(),
            left_out: !choice.left_out.is_empty(),
            more: choice.more,
            first: first.and_then(|entry| entry.message.sent_by),
            receive_count: first.map_or(0, |entry| entry.message.receive_count),
        })
    }

    /// Deletes a received message. One that is gone already counts as deleted.
    ///
    /// # Errors
    ///
    /// For a handle that is not of this queue and, on a FIFO queue, a handle whose visibility
    /// timeout is over.
    pub(crate) fn delete(&mut self, now: Timestamp, queue: &QueueId, handle: &str) -> Result<(), SqsFault> {
        self.delete_worded(now, queue, handle, Wording::Alone)
    }

    pub(super) fn delete_worded(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        handle: &str,
        wording: Wording,
    ) -> Result<(), SqsFault> {
        let state = self.queue_at(now, queue)?;
        if handle.is_empty() {
            return Err(SqsFault::missing_handle());
        }
        let receipt = Receipt::read(handle, &state.id)?;
        if has_expired(state, receipt) {
            return Err(expired(wording, handle));
        }
        if state.remove(receipt.position).is_some() {
            self.changed.insert(queue.clone());
        }
        Ok(())
    }

    /// Whether the message of this handle is still there, but no longer held by the receive that made the handle: its visibility
    /// timeout has ended, and others may have received it.
    pub(crate) fn is_overdue(&mut self, now: Timestamp, queue: &QueueId, handle: &str) -> bool {
        let Ok(state) = self.queue_at(now, queue) else { return false };
        Receipt::read(handle, &state.id).is_ok_and(|receipt| is_over(state, receipt))
    }

    /// Hides a received message for another `timeout` seconds from now; 0 makes it visible at once.
    ///
    /// # Errors
    ///
    /// For a timeout outside 0 to 43,200 or beyond 12 hours after the receive, a handle that is not
    /// of this queue, a message that is gone and, on a FIFO queue, a handle that has expired.
    pub(crate) fn change_visibility(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        handle: &str,
        timeout: i64,
    ) -> Result<(), SqsFault> {
        self.change_visibility_worded(now, queue, handle, timeout, Wording::Alone)
    }

    pub(super) fn change_visibility_worded(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        handle: &str,
        timeout: i64,
        wording: Wording,
    ) -> Result<(), SqsFault> {
        let state = self.queue_at(now, queue)?;
        let seconds = check_timeout(timeout)?;
        if handle.is_empty() {
            return Err(SqsFault::missing_parameter("ReceiptHandle"));
        }
        let receipt = Receipt::read(handle, &state.id)?;
        if has_expired(state, receipt) {
            return Err(expired(wording, handle));
        }
        let Some(received) = state.entry(receipt.position).and_then(|entry| entry.last_received) else {
            let reason = "Message does not exist or is not available for visibility timeout change.";
            return Err(SqsFault::invalid_value(handle, "ReceiptHandle", reason));
        };
        if later(now, seconds) > later(received, LONGEST) {
            let reason = format!("Total VisibilityTimeout for the message is beyond the limit [{LONGEST} seconds].");
            return Err(SqsFault::invalid_value(timeout, "VisibilityTimeout", &reason));
        }
        let place = if seconds == 0 { Place::Visible } else { Place::InFlight(later(now, seconds)) };
        state.place(receipt.position, place);
        self.changed.insert(queue.clone());
        Ok(())
    }
}

/// The room that is left of what can be in flight.
fn free(queue: &Queue, room: Room, most_in_flight: usize) -> Room {
    let left = most_in_flight.saturating_sub(queue.counts().in_flight);
    Room { messages: room.messages.min(left), ..room }
}

pub(super) fn check_timeout(timeout: i64) -> Result<u32, SqsFault> {
    u32::try_from(timeout).ok().filter(|&timeout| timeout <= LONGEST).ok_or_else(|| {
        SqsFault::invalid_value(timeout, "VisibilityTimeout", "Must be between 0 and 43200, if provided.")
    })
}

/// Whether the handle is one of a FIFO queue whose visibility timeout is over, while the message is still there.
fn has_expired(queue: &Queue, receipt: Receipt) -> bool {
    queue.is_fifo() && is_over(queue, receipt)
}

/// Whether the message is still there, and the receive that made the handle holds it no more.
fn is_over(queue: &Queue, receipt: Receipt) -> bool {
    queue.entry(receipt.position).is_some() && !is_held(queue, receipt)
}

/// <https://github.com/aws/aws-sdk-java/issues/1628>: whatever was asked with the handle.
fn expired(wording: Wording, handle: &str) -> SqsFault {
    match wording {
        Wording::Alone => SqsFault::invalid_value(handle, "ReceiptHandle", "The receipt handle has expired."),
        Wording::InBatch => SqsFault::receipt_handle_has_expired_in_batch(),
    }
}

/// Whether the receive that made the handle is the last one, and its timeout still runs.
fn is_held(queue: &Queue, receipt: Receipt) -> bool {
    let Receipt { position, receive } = receipt;
    queue
        .entry(position)
        .is_some_and(|entry| matches!(entry.place, Place::InFlight(_)) && entry.message.receive_count == receive)
}
