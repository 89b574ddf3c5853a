//! `ReceiveRequestAttemptId`: a receive of a FIFO queue whose answer was lost can be repeated.
//!
//! The same id within 5 minutes gives the same messages with the same handles, and hides them anew. When one of them has come back
//! meanwhile, the id begins anew; when one was deleted or had its visibility timeout changed, SQS refuses the id
//! (<https://github.com/awslabs/amazon-sqs-java-messaging-lib/issues/213>).
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html#API_ReceiveMessage_RequestParameters>

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::SqsState;
use super::receive::check_timeout;
use crate::mock::sqs::content;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::{Place, Position, ReceivedMessage};
use crate::mock::sqs::queue::later;
use crate::mock::sqs::queue_id::QueueId;

const WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// What an attempt handed out, and until when it is hidden.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    at: Timestamp,
    messages: Vec<(Position, Place)>,
}

/// The attempts of all queues.
pub(super) type Attempts = BTreeMap<(QueueId, String), Attempt>;

impl SqsState {
    /// What an earlier attempt with this id was given, if it can be given again.
    ///
    /// # Errors
    ///
    /// For an id with other characters than SQS takes, a timeout out of range, and an attempt of whose messages one was deleted or
    /// had its visibility timeout changed.
    pub(crate) fn received_before(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        id: &str,
        visibility_timeout: Option<i64>,
    ) -> Result<Option<Vec<ReceivedMessage>>, SqsFault> {
        content::check_id("ReceiveRequestAttemptId", id)?;
        let own_timeout = visibility_timeout.map(check_timeout).transpose()?;
        self.attempts.retain(|_, attempt| now.duration_since(attempt.at) < WINDOW);
        let key = (queue.clone(), id.to_owned());
        let Some(attempt) = self.attempts.get(&key).cloned() else { return Ok(None) };
        let state = self.queue_at(now, queue)?;
        let place_of = |position: &Position| state.entry(*position).map(|entry| entry.place);
        let is_as_it_was = |(position, place): &(Position, Place)| place_of(position) == Some(*place);
        let has_come_back = |(position, place): &(Position, Place)| {
            let is_over = matches!(place, Place::InFlight(until) if *until <= now);
            is_over && place_of(position) == Some(Place::Visible)
        };
        if attempt.messages.iter().any(|message| !is_as_it_was(message) && !has_come_back(message)) {
            let reason = "The receiveRequestAttemptId is not valid anymore since the receive call is not retryable.";
            return Err(SqsFault::invalid_value(id, "ReceiveRequestAttemptId", reason));
        }
        if !attempt.messages.iter().all(is_as_it_was) {
            self.attempts.remove(&key);
            return Ok(None);
        }
        let timeout = own_timeout.unwrap_or(state.settings.visibility_timeout);
        let place = if timeout == 0 { Place::Visible } else { Place::InFlight(later(now, timeout)) };
        let again = attempt.messages.iter().filter_map(|(position, _)| {
            state.place(*position, place);
            state.held(*position)
        });
        let again: Vec<_> = again.collect();
        let messages = attempt.messages.iter().map(|(position, _)| (*position, place)).collect();
        self.attempts.insert(key, Attempt { messages, ..attempt });
        self.changed.insert(queue.clone());
        Ok(Some(again))
    }

    /// Remembers what an attempt was given.
    pub(crate) fn remember_attempt(
        &mut self,
        now: Timestamp,
        queue: &QueueId,
        id: &str,
        received: &[ReceivedMessage],
    ) -> Result<(), SqsFault> {
        let state = self.queue_at(now, queue)?;
        if !state.is_fifo() || received.is_empty() {
            return Ok(());
        }
        let positions = received.iter().filter_map(|message| state.position_of(&message.receipt_handle));
        let messages = positions.filter_map(|position| Some((position, state.entry(position)?.place))).collect();
        self.attempts.insert((queue.clone(), id.to_owned()), Attempt { at: now, messages });
        Ok(())
    }
}
