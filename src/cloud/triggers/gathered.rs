//! The messages that a poller has received for one batch.

use crate::mock::sqs::{ReceivedMessage, Room};

/// Messages in flight that wait for their batch to close.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    messages: Vec<ReceivedMessage>,
    /// The size of their records.
    bytes: usize,
}

impl Gathered {
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    pub fn first(&self) -> Option<&ReceivedMessage> {
        self.messages.first()
    }

    /// What there is room for in a batch of at most `size` messages, whose event has at most `longest` bytes: 6 MB on AWS. A
    /// batch that has no room for the next message is full.
    pub fn room(&self, size: usize, longest: usize) -> Room {
        Room { messages: size.saturating_sub(self.len()), bytes: Some(longest.saturating_sub(self.bytes)) }
    }

    /// Whether a message was received before for this batch, once.
    pub fn holds_one(&self, received: &ReceivedMessage) -> bool {
        let message = &received.message;
        let earlier = || self.messages.iter().filter(|earlier| earlier.message.id == message.id);
        message.receive_count > 1 && earlier().take(2).count() == 1
    }

    pub fn add(&mut self, received: ReceivedMessage) {
        self.bytes += received.message.record_len();
        self.messages.push(received);
    }

    /// Takes the first `size` messages out.
    pub fn take(&mut self, size: usize) -> Vec<ReceivedMessage> {
        let taken: Vec<_> = self.messages.drain(..size.min(self.messages.len())).collect();
        self.bytes -= taken.iter().map(|received| received.message.record_len()).sum::<usize>();
        taken
    }
}
