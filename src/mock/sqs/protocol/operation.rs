//! The operations of SQS: their names and parameters.

use std::collections::BTreeMap;

use super::members::Members;
use super::read;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::OutgoingMessage;
use crate::mock::sqs::queue_id::QueueRef;
use crate::mock::sqs::state::BatchEntry;

/// One operation with its parameters; the names are those of AWS's API reference.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operation {
    CreateQueue { name: String, attributes: BTreeMap<String, String>, tags: BTreeMap<String, String> },
    GetQueueUrl { name: String, owner: Option<String> },
    ListQueues { prefix: String, max_results: Option<i64>, next_token: Option<String> },
    StartMessageMoveTask { source: String, destination: Option<String>, per_second: Option<i64> },
    ListMessageMoveTasks { source: String, max_results: Option<i64> },
    CancelMessageMoveTask { handle: String },
    OnQueue { queue: QueueRef, operation: QueueOperation },
}

/// An operation on one queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum QueueOperation {
    DeleteQueue,
    PurgeQueue,
    GetQueueAttributes { names: Vec<String> },
    SetQueueAttributes { attributes: BTreeMap<String, String> },
    SendMessage { message: OutgoingMessage },
    SendMessageBatch { entries: Vec<BatchEntry<Result<OutgoingMessage, SqsFault>>> },
    ReceiveMessage(Receive),
    DeleteMessage { handle: String },
    DeleteMessageBatch { entries: Vec<BatchEntry<String>> },
    ChangeMessageVisibility { handle: String, timeout: i64 },
    ChangeMessageVisibilityBatch { entries: Vec<BatchEntry<(String, i64)>> },
    TagQueue { tags: BTreeMap<String, String> },
    UntagQueue { keys: Vec<String> },
    ListQueueTags,
    AddPermission { label: String, accounts: Vec<String>, actions: Vec<String> },
    RemovePermission { label: String },
    ListDeadLetterSourceQueues { max_results: Option<i64>, next_token: Option<String> },
}

/// The parameters of ReceiveMessage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receive {
    /// 1 to 10.
    pub max_messages: usize,
    /// Seconds; `None` means the queue's.
    pub visibility_timeout: Option<i64>,
    /// Seconds, 0 to 20; `None` means the queue's.
    pub wait: Option<u32>,
    /// The system attributes asked for.
    pub system_attributes: Vec<String>,
    /// The user attributes asked for, with AWS's wildcards.
    pub message_attributes: Vec<String>,
    /// On a FIFO queue: names the attempt, which may be repeated.
    pub attempt_id: Option<String>,
}

/// All names, in the order of the reference.
pub(in crate::mock::sqs) const NAMES: [&str; 23] = [
    "AddPermission",
    "CancelMessageMoveTask",
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "CreateQueue",
    "DeleteMessage",
    "DeleteMessageBatch",
    "DeleteQueue",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "ListMessageMoveTasks",
    "ListQueues",
    "ListQueueTags",
    "PurgeQueue",
    "ReceiveMessage",
    "RemovePermission",
    "SendMessage",
    "SendMessageBatch",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
];

/// Refuses what is no operation.
pub(super) fn check_name(name: &str) -> Result<(), SqsFault> {
    if NAMES.contains(&name) { Ok(()) } else { Err(SqsFault::unknown_operation(name)) }
}

impl Operation {
    /// The operation's name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::CreateQueue { .. } => "CreateQueue",
            Self::GetQueueUrl { .. } => "GetQueueUrl",
            Self::ListQueues { .. } => "ListQueues",
            Self::StartMessageMoveTask { .. } => "StartMessageMoveTask",
            Self::ListMessageMoveTasks { .. } => "ListMessageMoveTasks",
            Self::CancelMessageMoveTask { .. } => "CancelMessageMoveTask",
            Self::OnQueue { operation, .. } => operation.name(),
        }
    }

    /// Reads the request of the named operation.
    pub(super) fn read(name: &str, members: &impl Members) -> Result<Self, SqsFault> {
        Ok(match name {
            "CreateQueue" => Self::CreateQueue {
                name: members.required("QueueName")?,
                attributes: members.string_map("Attributes")?.unwrap_or_default(),
                tags: members.string_map("tags")?.unwrap_or_default(),
            },
            "GetQueueUrl" => Self::GetQueueUrl {
                name: members.required("QueueName")?,
                owner: members.string("QueueOwnerAWSAccountId")?,
            },
            "ListQueues" => Self::ListQueues {
                prefix: members.string("QueueNamePrefix")?.unwrap_or_default(),
                max_results: members.integer("MaxResults")?,
                next_token: members.string("NextToken")?,
            },
            "StartMessageMoveTask" => Self::StartMessageMoveTask {
                source: members.required("SourceArn")?,
                destination: members.string("DestinationArn")?,
                per_second: members.integer("MaxNumberOfMessagesPerSecond")?,
            },
            "ListMessageMoveTasks" => Self::ListMessageMoveTasks {
                source: members.required("SourceArn")?,
                max_results: members.integer("MaxResults")?,
            },
            "CancelMessageMoveTask" => Self::CancelMessageMoveTask { handle: members.required("TaskHandle")? },
            _ => {
                let queue = QueueRef::parse(&members.required("QueueUrl")?)?;
                Self::OnQueue { queue, operation: QueueOperation::read(name, members)? }
            }
        })
    }
}

impl QueueOperation {
    /// The operation's name.
    fn name(&self) -> &'static str {
        match self {
            Self::DeleteQueue => "DeleteQueue",
            Self::PurgeQueue => "PurgeQueue",
            Self::GetQueueAttributes { .. } => "GetQueueAttributes",
            Self::SetQueueAttributes { .. } => "SetQueueAttributes",
            Self::SendMessage { .. } => "SendMessage",
            Self::SendMessageBatch { .. } => "SendMessageBatch",
            Self::ReceiveMessage(_) => "ReceiveMessage",
            Self::DeleteMessage { .. } => "DeleteMessage",
            Self::DeleteMessageBatch { .. } => "DeleteMessageBatch",
            Self::ChangeMessageVisibility { .. } => "ChangeMessageVisibility",
            Self::ChangeMessageVisibilityBatch { .. } => "ChangeMessageVisibilityBatch",
            Self::TagQueue { .. } => "TagQueue",
            Self::UntagQueue { .. } => "UntagQueue",
            Self::ListQueueTags => "ListQueueTags",
            Self::AddPermission { .. } => "AddPermission",
            Self::RemovePermission { .. } => "RemovePermission",
            Self::ListDeadLetterSourceQueues { .. } => "ListDeadLetterSourceQueues",
        }
    }

    fn read(name: &str, members: &impl Members) -> Result<Self, SqsFault> {
        Ok(match name {
            "DeleteQueue" => Self::DeleteQueue,
            "PurgeQueue" => Self::PurgeQueue,
            "GetQueueAttributes" => Self::GetQueueAttributes { names: members.strings("AttributeNames")? },
            "SetQueueAttributes" => {
                // <https://github.com/madara-alliance/madara/pull/836>: none at all are refused, too.
                let attributes = members.string_map("Attributes")?.filter(|attributes| !attributes.is_empty());
                let attributes = attributes.ok_or_else(|| SqsFault::missing_parameter("Attributes"))?;
                Self::SetQueueAttributes { attributes }
            }
            "SendMessage" => Self::SendMessage { message: read::message(members, name)? },
            "SendMessageBatch" => Self::SendMessageBatch {
                entries: read::entries(members, name, |entry, _| read::batched_message(entry))?,
            },
            "ReceiveMessage" => Self::ReceiveMessage(read::receive(members)?),
            "DeleteMessage" => {
                Self::DeleteMessage { handle: members.string("ReceiptHandle")?.ok_or_else(SqsFault::missing_handle)? }
            }
            "DeleteMessageBatch" => {
                let handle = |entry: &_, place: &_| read::required(entry, place, "ReceiptHandle");
                Self::DeleteMessageBatch { entries: read::entries(members, name, handle)? }
            }
            "ChangeMessageVisibility" => {
                let (handle, timeout) = read::visibility(members, "")?;
                Self::ChangeMessageVisibility { handle, timeout }
            }
            "ChangeMessageVisibilityBatch" => {
                Self::ChangeMessageVisibilityBatch { entries: read::entries(members, name, read::visibility)? }
            }
            "TagQueue" => Self::TagQueue { tags: members.string_map("Tags")?.unwrap_or_default() },
            "UntagQueue" => Self::UntagQueue { keys: members.strings("TagKeys")? },
            "ListQueueTags" => Self::ListQueueTags,
            "AddPermission" => Self::AddPermission {
                label: members.required("Label")?,
                accounts: members.strings("AWSAccountIds")?,
                actions: members.strings("Actions")?,
            },
            "RemovePermission" => Self::RemovePermission { label: members.required("Label")? },
            "ListDeadLetterSourceQueues" => Self::ListDeadLetterSourceQueues {
                max_results: members.integer("MaxResults")?,
                next_token: members.string("NextToken")?,
            },
            _ => return Err(SqsFault::unknown_operation(name)),
        })
    }
}
