//! Messages: as a producer gives them, as a queue keeps them, as a consumer receives them.

use jiff::Timestamp;

use crate::event::hex::hex;
use crate::event::{Arn, Members, MessageAttribute};
use crate::history::EntryId;

/// A message's place in the order in which SQS accepted messages; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position(pub u64);

/// The user's attributes of a message.
pub(crate) type MessageAttributes = Members<MessageAttribute>;

/// A message that a producer hands in.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct OutgoingMessage {
    /// The text.
    pub body: String,
    /// Seconds until it can be received, 0 to 900; `None` means the queue's `DelaySeconds`.
    pub delay_seconds: Option<i64>,
    /// User attributes, at most 10.
    pub attributes: MessageAttributes,
    /// The X-Ray header.
    pub trace_header: Option<String>,
    /// Required on a FIFO queue.
    pub group_id: Option<String>,
    /// Only on a FIFO queue; required there unless the queue deduplicates by content.
    pub deduplication_id: Option<String>,
}

/// Who sends messages.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sender<'s> {
    /// The principal's id.
    pub principal: &'s str,
    /// The entry of the history that sends them.
    pub entry: Option<EntryId>,
    /// The X-Ray header of messages that have none of their own.
    pub trace_header: Option<&'s str>,
}

/// What the producer is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentMessage {
    /// The new message's id; the first message's if this one was a duplicate.
    pub message_id: String,
    /// Hexadecimal MD5 of the body.
    pub md5_of_body: String,
    /// Digest of the user attributes, if there are any.
    pub md5_of_attributes: Option<String>,
    /// Only on a FIFO queue.
    pub sequence_number: Option<String>,
    /// Whether a FIFO queue dropped the message because it had seen its deduplication id.
    pub duplicate: bool,
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    /// The id, which stays the same in a dead-letter queue.
    pub id: String,
    /// The text.
    pub body: String,
    /// The digest of the text: each receive answers it.
    pub body_digest: [u8; 16],
    /// User attributes.
    pub attributes: MessageAttributes,
    /// The X-Ray header.
    pub trace_header: Option<String>,
    /// The producer's principal id.
    pub sender_id: String,
    /// When it was sent first; a move to a dead-letter queue does not change it.
    pub sent: Timestamp,
    /// When it was received first.
    pub first_received: Option<Timestamp>,
    /// How often it was received, in all queues that it was in.
    pub receive_count: u32,
    /// The message group, always there on a FIFO queue.
    pub group_id: Option<String>,
    /// The deduplication id, given or from the content; only on a FIFO queue.
    pub deduplication_id: Option<String>,
    /// 20 digits, growing; only on a FIFO queue.
    pub sequence_number: Option<String>,
    /// The queue that it was dead-lettered from.
    pub dead_letter_source: Option<Box<Arn>>,
    /// The entry of the history that sent it.
    pub sent_by: Option<EntryId>,
}

impl Message {
    /// Hexadecimal MD5 of the body.
    pub(crate) fn md5_of_body(&self) -> String {
        hex(&self.body_digest)
    }

    /// How many bytes its record takes in the event of a function, at most: what a poller fills its batches by.
    pub(crate) fn record_len(&self) -> usize {
        // Base64 and the escapes that a message can hold make nothing longer than twice.
        let attributes = self.attributes.iter().map(|(name, attribute)| {
            name.len() + attribute.data_type().as_str().len() + attribute.value_bytes().len() * 2 + ATTRIBUTE_OVERHEAD
        });
        let trace_header = self.trace_header.as_ref().map_or(0, |header| header.len() * 2);
        escaped_len(&self.body) + attributes.sum::<usize>() + trace_header + RECORD_OVERHEAD
    }
}

/// A time as SQS counts it, from 1970 on; on a clock before that everything happens when 1970 begins.
pub(crate) fn counted(time: Timestamp) -> Timestamp {
    time.max(Timestamp::UNIX_EPOCH)
}

/// What a record has beside its body and the user's attributes, at most: ids, digests, ARNs, the system's attributes.
const RECORD_OVERHEAD: usize = 2_048;
/// What an attribute has beside its name, type and value.
const ATTRIBUTE_OVERHEAD: usize = 128;

/// How long the text is as a JSON string.
fn escaped_len(text: &str) -> usize {
    let escapes = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(escapes).sum::<usize>()
}

/// A message that a consumer received.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ReceivedMessage {
    /// The handle for deletion and for changes of the visibility timeout.
    pub receipt_handle: String,
    /// The message, this receive counted.
    pub message: Message,
}

/// Where a message of a queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// It can be received (in a FIFO queue: unless an earlier message of its group is hidden).
    Visible,
    /// Not yet receivable, until then.
    Delayed(Timestamp),
    /// Received and not deleted; it comes back then.
    InFlight(Timestamp),
}

/// A message seen by a test, without receiving it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredMessage {
    /// The message.
    pub message: Message,
    /// Where it stands.
    pub place: Place,
}

/// How many messages a queue holds; the three numbers count different messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QueueCounts {
    /// `ApproximateNumberOfMessages`. In a FIFO queue messages behind a hidden one count here.
    pub visible: usize,
    /// `ApproximateNumberOfMessagesNotVisible`.
    pub in_flight: usize,
    /// `ApproximateNumberOfMessagesDelayed`.
    pub delayed: usize,
}
