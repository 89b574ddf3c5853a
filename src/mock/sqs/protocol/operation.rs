//! The operations of SQS and how their requests read.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::Value;

use super::members::Members;
use crate::event::ValueKind;
use crate::mock::sqs::content;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::{MessageAttributes, OutgoingMessage};
use crate::mock::sqs::queue_id::QueueRef;
use crate::mock::sqs::state::BatchEntry;

/// One operation with its parameters; the names are those of AWS's API reference.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operation {
    CreateQueue { name: String, attributes: BTreeMap<String, String>, tags: BTreeMap<String, String> },
    GetQueueUrl { name: String, owner: Option<String> },
    ListQueues { prefix: String, max_results: Option<i64>, next_token: Option<String> },
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
}

impl Operation {
    const OF_NO_QUEUE: [&str; 3] = ["CreateQueue", "GetQueueUrl", "ListQueues"];

    /// The operations that there are.
    pub(in crate::mock::sqs) fn names() -> &'static [&'static str] {
        static NAMES: LazyLock<Vec<&str>> =
            LazyLock::new(|| [&Operation::OF_NO_QUEUE[..], &QueueOperation::NAMES[..]].concat());
        &NAMES
    }

    /// Reads the request of the named operation.
    pub(super) fn decode(name: &str, body: &Bytes) -> Result<Self, SqsFault> {
        // The name is checked first: an unknown operation has no known body.
        match name {
            _ if Self::OF_NO_QUEUE.contains(&name) => {}
            "AddPermission"
            | "RemovePermission"
            | "StartMessageMoveTask"
            | "CancelMessageMoveTask"
            | "ListMessageMoveTasks" => return Err(SqsFault::unsupported(name)),
            _ if QueueOperation::NAMES.contains(&name) => {}
            _ => return Err(SqsFault::unknown_operation(name)),
        }
        let document: Value = if body.is_empty() {
            Value::Object(serde_json::Map::new())
        } else {
            serde_json::from_slice(body).map_err(|error| SqsFault::serialization(format!("not valid JSON: {error}")))?
        };
        let members = Members::of(&document, "the request")?;
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
            _ => {
                let queue = QueueRef::parse(&members.required("QueueUrl")?)?;
                Self::OnQueue { queue, operation: QueueOperation::decode(name, members)? }
            }
        })
    }
}

impl QueueOperation {
    const NAMES: [&str; 15] = [
        "DeleteQueue",
        "PurgeQueue",
        "GetQueueAttributes",
        "SetQueueAttributes",
        "SendMessage",
        "SendMessageBatch",
        "ReceiveMessage",
        "DeleteMessage",
        "DeleteMessageBatch",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "TagQueue",
        "UntagQueue",
        "ListQueueTags",
        "ListDeadLetterSourceQueues",
    ];

    /// The operation's name.
    pub(crate) fn name(&self) -> &'static str {
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
            Self::ListDeadLetterSourceQueues { .. } => "ListDeadLetterSourceQueues",
        }
    }

    fn decode(name: &str, members: Members<'_>) -> Result<Self, SqsFault> {
        Ok(match name {
            "DeleteQueue" => Self::DeleteQueue,
            "PurgeQueue" => Self::PurgeQueue,
            "GetQueueAttributes" => Self::GetQueueAttributes { names: members.strings("AttributeNames")? },
            "SetQueueAttributes" => {
                let attributes = members.string_map("Attributes")?;
                let attributes = attributes.ok_or_else(|| SqsFault::missing_parameter("Attributes"))?;
                Self::SetQueueAttributes { attributes }
            }
            "SendMessage" => Self::SendMessage { message: message(members)? },
            "SendMessageBatch" => Self::SendMessageBatch { entries: entries(members, batched_message)? },
            "ReceiveMessage" => Self::ReceiveMessage(receive(members)?),
            "DeleteMessage" => Self::DeleteMessage { handle: members.required("ReceiptHandle")? },
            "DeleteMessageBatch" => {
                Self::DeleteMessageBatch { entries: entries(members, |entry| entry.required("ReceiptHandle"))? }
            }
            "ChangeMessageVisibility" => {
                let (handle, timeout) = visibility(members)?;
                Self::ChangeMessageVisibility { handle, timeout }
            }
            "ChangeMessageVisibilityBatch" => {
                Self::ChangeMessageVisibilityBatch { entries: entries(members, visibility)? }
            }
            "TagQueue" => Self::TagQueue { tags: members.string_map("Tags")?.unwrap_or_default() },
            "UntagQueue" => Self::UntagQueue { keys: members.strings("TagKeys")? },
            "ListQueueTags" => Self::ListQueueTags,
            "ListDeadLetterSourceQueues" => Self::ListDeadLetterSourceQueues {
                max_results: members.integer("MaxResults")?,
                next_token: members.string("NextToken")?,
            },
            _ => return Err(SqsFault::unknown_operation(name)),
        })
    }
}

fn receive(members: Members<'_>) -> Result<Receive, SqsFault> {
    if members.get("ReceiveRequestAttemptId").is_some() {
        return Err(SqsFault::unsupported("The parameter ReceiveRequestAttemptId of ReceiveMessage"));
    }
    let most = members.integer("MaxNumberOfMessages")?.unwrap_or(1);
    let max_messages = usize::try_from(most).ok().filter(|most| (1..=10).contains(most)).ok_or_else(|| {
        SqsFault::invalid_value(most, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
    })?;
    let wait = members.integer("WaitTimeSeconds")?.map(|wait| {
        u32::try_from(wait)
            .ok()
            .filter(|wait| *wait <= 20)
            .ok_or_else(|| SqsFault::invalid_value(wait, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided."))
    });
    let mut system_attributes = members.strings("MessageSystemAttributeNames")?;
    system_attributes.extend(members.strings("AttributeNames")?);
    Ok(Receive {
        max_messages,
        visibility_timeout: members.integer("VisibilityTimeout")?,
        wait: wait.transpose()?,
        system_attributes,
        message_attributes: members.strings("MessageAttributeNames")?,
    })
}

fn visibility(members: Members<'_>) -> Result<(String, i64), SqsFault> {
    let timeout = members.integer("VisibilityTimeout")?;
    Ok((members.required("ReceiptHandle")?, timeout.ok_or_else(|| SqsFault::missing_parameter("VisibilityTimeout"))?))
}

fn entries<T>(
    members: Members<'_>,
    read: impl Fn(Members<'_>) -> Result<T, SqsFault>,
) -> Result<Vec<BatchEntry<T>>, SqsFault> {
    let entries = members.list("Entries")?.unwrap_or_default().iter();
    entries
        .map(|entry| {
            let entry = Members::of(entry, "Entries")?;
            Ok(BatchEntry { id: entry.required("Id")?, value: read(entry)? })
        })
        .collect()
}

/// A message of a batch: wrong types spoil the request, anything else only the entry.
fn batched_message(members: Members<'_>) -> Result<Result<OutgoingMessage, SqsFault>, SqsFault> {
    match message(members) {
        Err(fault) if fault.shape == "SerializationException" => Err(fault),
        message => Ok(message),
    }
}

fn message(members: Members<'_>) -> Result<OutgoingMessage, SqsFault> {
    Ok(OutgoingMessage {
        // Absent and empty bodies get the same answer, after the queue was looked up.
        body: members.string("MessageBody")?.unwrap_or_default(),
        delay_seconds: members.integer("DelaySeconds")?,
        attributes: attributes(members, "MessageAttributes")?,
        trace_header: trace_header(members)?,
        group_id: members.string("MessageGroupId")?,
        deduplication_id: members.string("MessageDeduplicationId")?,
        sent_by: None,
    })
}

/// Attributes in the order of their names, whatever order `serde_json` keeps.
fn attributes(members: Members<'_>, name: &str) -> Result<MessageAttributes, SqsFault> {
    let mut structures = members.structures(name)?;
    structures.sort_by_key(|(name, _)| *name);
    structures
        .into_iter()
        .map(|(name, members)| {
            for list in ["StringListValues", "BinaryListValues"] {
                if members.list(list)?.is_some_and(|list| !list.is_empty()) {
                    return Err(SqsFault::unsupported(&format!("{list}, which AWS has not implemented either,")));
                }
            }
            let data_type = members.string("DataType")?.unwrap_or_default();
            let (text, bytes) = (members.string("StringValue")?, members.blob("BinaryValue")?);
            Ok((name, content::attribute(name, &data_type, text, bytes)?))
        })
        .collect()
}

/// The only system attribute that can be sent: `AWSTraceHeader`, a string.
fn trace_header(members: Members<'_>) -> Result<Option<String>, SqsFault> {
    let mut header = None;
    for (name, attribute) in attributes(members, "MessageSystemAttributes")? {
        if name != "AWSTraceHeader" {
            return Err(SqsFault::invalid_parameter(format!(
                "Message system attribute name '{name}' is invalid: only AWSTraceHeader can be sent."
            )));
        }
        let text = attribute.string_value().filter(|text| !text.is_empty());
        if attribute.data_type().kind() != ValueKind::String || text.is_none() {
            return Err(SqsFault::invalid_parameter(
                "Message (system) attribute 'AWSTraceHeader' must contain a non-empty value of type 'String'.",
            ));
        }
        header = text.map(str::to_owned);
    }
    Ok(header)
}
