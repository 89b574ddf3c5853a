//! SQS records as an event source mapping delivers them, and what a function answers.

mod attribute;
mod batch;
mod builder;
mod code;
mod digest;
mod rules;
#[cfg(test)]
mod tests;
mod verdict;

use serde::{Deserialize, Serialize};

use super::code::as_code;
use super::nullable::{decimal, present};
use super::open::constant;
use super::records::{Records, by_records};
use super::{Arn, Members, Nullable, Object, Region};

pub use attribute::{Base64Bytes, DataType, MessageAttribute, ValueKind};
pub use batch::{BatchItemFailure, BatchResponse};
pub use builder::SqsMessageBuilder;
#[cfg(feature = "proptest")]
pub(crate) use builder::receipt_handle;
#[cfg(feature = "cloud")]
pub(crate) use digest::body_digest;
pub use digest::{md5_of_attributes, md5_of_body};
#[cfg(feature = "cloud")]
pub(crate) use rules::{AttributeFault, attribute_fault};
pub use rules::{
    MAX_MESSAGE_ATTRIBUTES, MAX_MESSAGE_BYTES, check_attribute_name, check_group_or_deduplication_id,
    check_message_body, check_queue_name, message_bytes,
};
pub use verdict::{BatchFault, BatchProblem, BatchVerdict};

by_records!(SqsEvent, SqsRecord, "an SQS event");
as_code!(SqsEvent of SqsRecord by code::code);

/// A batch of SQS messages as Lambda delivers it: `{"Records":[…]}`.
///
/// ```
/// use lambda_testkit::event::SqsEvent;
///
/// let event = SqsEvent::message("disk full").queue("alarms").build();
/// assert_eq!(event.records[0].event_source_arn.to_string(), "arn:aws:sqs:us-east-1:111111111111:alarms");
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Records<SqsRecord>")]
pub struct SqsEvent {
    /// The messages, at least one.
    #[serde(rename = "Records")]
    pub records: Vec<SqsRecord>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl SqsEvent {
    /// A batch of these messages.
    pub fn of(records: impl IntoIterator<Item = SqsRecord>) -> Self {
        Self { records: records.into_iter().collect(), unknown: Object::new() }
    }
}

constant! {
    /// The `eventSource` of SQS records: `aws:sqs`.
    SqsSource = "aws:sqs"
}

/// One message of an [`SqsEvent`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsRecord {
    /// The id that SQS gave the message, a UUID; the same at every delivery.
    pub message_id: String,
    /// The handle of this delivery.
    pub receipt_handle: String,
    /// The message, always as text.
    pub body: String,
    /// What SQS knows about the message.
    pub attributes: SqsAttributes,
    /// What the sender added to the message.
    pub message_attributes: Members<MessageAttribute>,
    /// The digest of the message attributes. Without any it is absent, or `null` when the event source
    /// mapping has a batching window of a second or more.
    #[serde(default, skip_serializing_if = "Nullable::is_absent")]
    pub md5_of_message_attributes: Nullable<String>,
    /// The digest of the body.
    pub md5_of_body: String,
    /// Always `aws:sqs`.
    pub event_source: SqsSource,
    /// The ARN of the queue.
    #[serde(rename = "eventSourceARN")]
    pub event_source_arn: Arn,
    /// The region of the queue.
    pub aws_region: Region,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `attributes` of an SQS record. Numbers travel as decimal strings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SqsAttributes {
    /// How often the message was received, this time included.
    #[serde(with = "decimal")]
    pub approximate_receive_count: u64,
    /// The trace header that the sender gave.
    #[serde(rename = "AWSTraceHeader", default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub aws_trace_header: Option<String>,
    /// When the message was sent, in milliseconds since 1970.
    #[serde(with = "decimal")]
    pub sent_timestamp: u64,
    /// The place of the message in its FIFO queue.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub sequence_number: Option<String>,
    /// The group of the message: in FIFO queues, and in fair queues.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub message_group_id: Option<String>,
    /// Who sent the message: `AIDA…`, or `AROA…:session`.
    pub sender_id: String,
    /// What tells repeated sends apart, in FIFO queues.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub message_deduplication_id: Option<String>,
    /// When the message was first received, in milliseconds since 1970.
    #[serde(with = "decimal")]
    pub approximate_first_receive_timestamp: u64,
    /// The queue that gave the message up, in a dead-letter queue.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub dead_letter_queue_source_arn: Option<Arn>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}
