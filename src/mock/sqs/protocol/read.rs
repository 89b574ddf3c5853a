//! How the parameters of messages, receives and batches read.

use super::members::Members;
use super::operation::Receive;
use crate::event::ValueKind;
use crate::mock::sqs::content;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::{MessageAttributes, OutgoingMessage};
use crate::mock::sqs::state::BatchEntry;

pub(super) fn receive(members: &impl Members) -> Result<Receive, SqsFault> {
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
        attempt_id: members.string("ReceiveRequestAttemptId")?,
    })
}

/// The handle and the seconds of a change, which stand in the request itself or at the place of an entry.
pub(super) fn visibility(members: &impl Members, place: &str) -> Result<(String, i64), SqsFault> {
    let timeout = members.integer("VisibilityTimeout")?;
    let missing = || SqsFault::missing_parameter(&format!("{place}VisibilityTimeout"));
    Ok((required(members, place, "ReceiptHandle")?, timeout.ok_or_else(missing)?))
}

/// The entries of a batch. What one lacks is named with its place, in the words of the query protocol.
///
/// <https://github.com/aws/aws-sdk-js/issues/2388>
pub(super) fn entries<M: Members, T>(
    members: &M,
    operation: &str,
    read: impl Fn(&M, &str) -> Result<T, SqsFault>,
) -> Result<Vec<BatchEntry<T>>, SqsFault> {
    let entries = members.structures("Entries")?;
    let numbered = (1..).zip(&entries).map(|(number, entry)| {
        let place = format!("{operation}RequestEntry.{number}.");
        Ok(BatchEntry { id: required(entry, &place, "Id")?, value: read(entry, &place)? })
    });
    numbered.collect()
}

/// A member of the structure at a place.
pub(super) fn required(members: &impl Members, place: &str, name: &str) -> Result<String, SqsFault> {
    members.string(name)?.ok_or_else(|| SqsFault::missing_parameter(&format!("{place}{name}")))
}

/// A message of a batch: wrong types and lists spoil the request, anything else only the entry.
pub(super) fn batched_message(members: &impl Members) -> Result<Result<OutgoingMessage, SqsFault>, SqsFault> {
    match message(members, "SendMessageBatch") {
        Err(fault) if ["SerializationException", "UnsupportedOperation"].contains(&fault.shape) => Err(fault),
        message => Ok(message),
    }
}

pub(super) fn message(members: &impl Members, operation: &str) -> Result<OutgoingMessage, SqsFault> {
    Ok(OutgoingMessage {
        // Absent and empty bodies get the same answer, after the queue was looked up.
        body: members.string("MessageBody")?.unwrap_or_default(),
        delay_seconds: members.integer("DelaySeconds")?,
        attributes: attributes(members, "MessageAttributes", operation)?,
        trace_header: trace_header(members, operation)?,
        group_id: members.string("MessageGroupId")?,
        deduplication_id: members.string("MessageDeduplicationId")?,
    })
}

/// Attributes in the order of their names, whatever order `serde_json` keeps. Lists of values, which AWS reserves, are refused
/// even if they are empty, as those of received messages are in some SDKs.
///
/// <https://github.com/aws/aws-sdk-js/issues/3132>, <https://github.com/ruby-shoryuken/shoryuken/issues/769>
fn attributes(members: &impl Members, name: &str, operation: &str) -> Result<MessageAttributes, SqsFault> {
    let mut structures = members.named_structures(name)?;
    structures.sort_by(|(one, _), (other, _)| one.cmp(other));
    structures
        .into_iter()
        .map(|(name, members)| {
            if ["StringListValues", "BinaryListValues"].into_iter().any(|list| members.has_list(list)) {
                return Err(SqsFault::unsupported(format!(
                    "Message attribute list values in {operation} operation are not supported."
                )));
            }
            let data_type = members.string("DataType")?;
            let (text, bytes) = (members.string("StringValue")?, members.blob("BinaryValue")?);
            let attribute = content::attribute(&name, data_type.as_deref(), text, bytes)?;
            Ok((name, attribute))
        })
        .collect()
}

/// The only system attribute that can be sent: `AWSTraceHeader`, a string that is a trace header.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
fn trace_header(members: &impl Members, operation: &str) -> Result<Option<String>, SqsFault> {
    let mut header = None;
    for (name, attribute) in attributes(members, "MessageSystemAttributes", operation)? {
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
        if text.is_some_and(|text| !content::is_trace_header(text)) {
            return Err(SqsFault::invalid_parameter(
                "Message (system) attribute 'AWSTraceHeader' must be a correctly formatted X-Ray trace header.",
            ));
        }
        header = text.map(str::to_owned);
    }
    Ok(header)
}
