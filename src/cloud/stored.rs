//! A message in a queue, seen without receiving it.

use jiff::Timestamp;

use crate::event::{Arn, Members, MessageAttribute};
use crate::history::EntryId;
use crate::mock::sqs::{self, Place};

/// A message in a queue, seen without receiving it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// The message's id; it stays the same in a dead-letter queue.
    pub id: String,
    /// The text.
    pub body: String,
    /// The message's attributes.
    pub attributes: Members<MessageAttribute>,
    /// The message group: in FIFO and fair queues.
    pub group_id: Option<String>,
    /// The deduplication id, given or from the content: in FIFO queues.
    pub deduplication_id: Option<String>,
    /// The X-Ray header that it was sent with.
    pub trace_header: Option<String>,
    /// When it was sent.
    pub sent: Timestamp,
    /// How often it was received.
    pub receive_count: u32,
    /// The queue that it was moved from, in a dead-letter queue.
    pub dead_letter_source: Option<Arn>,
    /// Where it stands.
    pub place: MessagePlace,
    /// What sent it. [`History::led_to`](crate::History::led_to) tells what became of it.
    pub sent_by: Option<EntryId>,
}

/// Where a message of a queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessagePlace {
    /// It can be received; in a FIFO queue: unless an earlier message of its group is hidden.
    Visible,
    /// It cannot be received before this time, because it or the queue has a delay.
    Delayed {
        /// When the delay ends.
        until: Timestamp,
    },
    /// It was received, and comes back unless it is deleted.
    InFlight {
        /// When its visibility timeout ends.
        until: Timestamp,
    },
}

impl Message {
    pub(super) fn new(message: sqs::Message, place: MessagePlace) -> Self {
        Self {
            id: message.id,
            body: message.body,
            attributes: message.attributes,
            group_id: message.group_id,
            deduplication_id: message.deduplication_id,
            trace_header: message.trace_header,
            sent: message.sent,
            receive_count: message.receive_count,
            dead_letter_source: message.dead_letter_source.map(|source| *source),
            place,
            sent_by: message.sent_by,
        }
    }

    /// Whether it can be received now; otherwise it is delayed or in flight.
    pub fn is_visible(&self) -> bool {
        self.place == MessagePlace::Visible
    }
}

impl From<Place> for MessagePlace {
    fn from(place: Place) -> Self {
        match place {
            Place::Visible => Self::Visible,
            Place::Delayed(until) => Self::Delayed { until },
            Place::InFlight(until) => Self::InFlight { until },
        }
    }
}
