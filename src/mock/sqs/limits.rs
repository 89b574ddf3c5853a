//! How much SQS takes and gives at once.

/// Of standard and FIFO queues alike.
const MOST_IN_FLIGHT: usize = 120_000;

/// Limits that hold for every queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SqsLimits {
    /// The longest message, in bytes, whatever the queue's own limit is.
    pub message: usize,
    /// The longest batch of messages, in bytes.
    pub batch: usize,
    /// The most messages that one receive gives; it may always be fewer than were asked for.
    pub received: usize,
    /// The most queues on a page; a page may always be shorter than was asked for.
    pub page: usize,
    /// The most messages of one queue that are received and not deleted.
    pub in_flight: usize,
}

impl SqsLimits {
    /// So small that a test meets them: bytes are a 128th of AWS's. The 10 entries of a batch request stay, for whoever
    /// sends as many is right.
    pub const SMALL: Self = Self { message: 8_192, batch: 8_192, received: 2, page: 3, in_flight: MOST_IN_FLIGHT };
}

/// AWS's own.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
impl Default for SqsLimits {
    fn default() -> Self {
        Self { message: 1_048_576, batch: 1_048_576, received: usize::MAX, page: 1_000, in_flight: MOST_IN_FLIGHT }
    }
}
