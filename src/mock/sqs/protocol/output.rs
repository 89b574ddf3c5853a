//! What the operations answer, free of any wire. The names are those of AWS's API reference; empty lists and maps are left out, as
//! AWS does.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::event::{MessageAttribute, md5_of_attributes};
use crate::mock::sqs::message::{OutgoingMessage, SentMessage};
use crate::mock::sqs::state::{self, BatchFailure, BatchOutcome, MoveStatus, QueuePage};

/// The output of an operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "PascalCase")]
pub(crate) enum Output {
    /// Of an operation that answers nothing.
    Nothing {},
    QueueUrl {
        queue_url: String,
    },
    /// Of ListQueues.
    Queues {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        queue_urls: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    },
    /// Of ListDeadLetterSourceQueues, which spells its list in another way.
    Sources {
        #[serde(rename = "queueUrls", skip_serializing_if = "Vec::is_empty")]
        queue_urls: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    },
    Attributes {
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        attributes: BTreeMap<String, String>,
    },
    Tags {
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        tags: BTreeMap<String, String>,
    },
    Sent(Sent),
    Batch {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        successful: Vec<Done>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        failed: Vec<Failed>,
    },
    Messages {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        messages: Vec<Received>,
    },
    MoveTask {
        task_handle: String,
    },
    /// Of CancelMessageMoveTask.
    Moved {
        #[serde(rename = "ApproximateNumberOfMessagesMoved")]
        moved: u64,
    },
    MoveTasks {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        results: Vec<MoveTask>,
    },
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Sent {
    pub message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    pub md5_of_body: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    pub md5_of_attributes: Option<String>,
    #[serde(rename = "MD5OfMessageSystemAttributes", skip_serializing_if = "Option::is_none")]
    pub md5_of_system_attributes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence_number: Option<String>,
}

/// An entry of a batch that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Done {
    pub id: String,
    /// Of SendMessageBatch alone.
    #[serde(flatten)]
    pub sent: Option<Sent>,
}

/// An entry of a batch that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Failed {
    pub id: String,
    pub code: &'static str,
    pub message: String,
    pub sender_fault: bool,
}

/// A message as a receive hands it out, with the attributes that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Received {
    pub message_id: String,
    pub receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    pub md5_of_body: String,
    pub body: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<&'static str, String>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    pub md5_of_message_attributes: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub message_attributes: BTreeMap<String, Attribute>,
}

/// A user's attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    pub data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    /// In Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<String>,
}

/// A message move task.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasksResultEntry.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MoveTask {
    /// Only while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_handle: Option<String>,
    pub status: &'static str,
    pub source_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_number_of_messages_per_second: Option<u64>,
    #[serde(rename = "ApproximateNumberOfMessagesMoved")]
    pub moved: u64,
    #[serde(rename = "ApproximateNumberOfMessagesToMove")]
    pub to_move: u64,
    /// Only when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<&'static str>,
    /// Milliseconds since 1970.
    pub started_timestamp: i64,
}

impl Output {
    pub(super) fn queues(page: &QueuePage, base: &str) -> Self {
        let (queue_urls, next_token) = urls(page, base);
        Self::Queues { queue_urls, next_token }
    }

    pub(super) fn sources(page: &QueuePage, base: &str) -> Self {
        let (queue_urls, next_token) = urls(page, base);
        Self::Sources { queue_urls, next_token }
    }

    pub(super) fn batch<T>(outcome: BatchOutcome<T>, sent: impl Fn(&str, T) -> Option<Sent>) -> Self {
        let successful = outcome.successful.into_iter().map(|entry| {
            let sent = sent(&entry.id, entry.value);
            Done { id: entry.id, sent }
        });
        let failed = outcome.failed.into_iter().map(|BatchFailure { id, fault }| Failed {
            id,
            code: fault.query_code,
            sender_fault: fault.is_of_sender(),
            message: fault.message,
        });
        Self::Batch { successful: successful.collect(), failed: failed.collect() }
    }
}

fn urls(page: &QueuePage, base: &str) -> (Vec<String>, Option<String>) {
    (page.queues.iter().map(|queue| queue.url(base)).collect(), page.next_token.clone())
}

impl Sent {
    /// `request` is the message as the caller gave it: only its own system attributes are digested.
    pub(super) fn of(sent: SentMessage, request: &OutgoingMessage) -> Self {
        let system = request.trace_header.as_ref().map(MessageAttribute::string);
        Self {
            message_id: sent.message_id,
            md5_of_body: sent.md5_of_body,
            md5_of_attributes: sent.md5_of_attributes,
            md5_of_system_attributes: md5_of_attributes(system.iter().map(|header| ("AWSTraceHeader", header))),
            sequence_number: sent.sequence_number,
        }
    }
}

impl From<&MessageAttribute> for Attribute {
    fn from(attribute: &MessageAttribute) -> Self {
        let binary = attribute.binary_value().map(|bytes| STANDARD.encode(bytes));
        Self {
            data_type: attribute.data_type().as_str().to_owned(),
            string_value: attribute.string_value().filter(|_| binary.is_none()).map(str::to_owned),
            binary_value: binary,
        }
    }
}

impl From<&state::MoveTask> for MoveTask {
    fn from(task: &state::MoveTask) -> Self {
        let (status, failure_reason) = match task.status {
            MoveStatus::Running => ("RUNNING", None),
            MoveStatus::Completed => ("COMPLETED", None),
            MoveStatus::Cancelled => ("CANCELLED", None),
            MoveStatus::Failed(why) => ("FAILED", Some(why)),
        };
        Self {
            task_handle: (task.status == MoveStatus::Running).then(|| task.handle()),
            status,
            source_arn: task.source.arn().to_string(),
            destination_arn: task.destination.as_ref().map(|queue| queue.arn().to_string()),
            max_number_of_messages_per_second: task.per_second.map(u64::from),
            moved: task.moved,
            to_move: task.to_move,
            failure_reason,
            started_timestamp: task.started.as_millisecond(),
        }
    }
}
