//! What a receive shows of a message: the attributes that were asked for.

use super::operation::Receive;
use super::output::Received;
use crate::event::md5_of_attributes;
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::{Message, ReceivedMessage, counted};
use crate::mock::sqs::settings;

/// The system attributes of a message.
const SYSTEM: [&str; 9] = [
    "AWSTraceHeader",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

/// Refuses names that are neither of a message's nor of a queue's attributes. The latter are
/// skipped: the deprecated `AttributeNames` shares its model with GetQueueAttributes.
pub(super) fn check_system_names(names: &[String]) -> Result<(), SqsFault> {
    let known = |name: &&String| *name == "All" || SYSTEM.contains(&name.as_str()) || settings::is_known(name);
    match names.iter().find(|name| !known(name)) {
        Some(unknown) => Err(SqsFault::unknown_attribute(unknown)),
        None => Ok(()),
    }
}

/// A message with what `receive` asks for.
pub(super) fn shown(received: ReceivedMessage, receive: &Receive) -> Received {
    let ReceivedMessage { receipt_handle, message } = received;
    let all = receive.system_attributes.iter().any(|name| name == "All");
    let system = SYSTEM.into_iter().filter(|name| all || receive.system_attributes.iter().any(|wanted| wanted == name));
    let attributes = system.filter_map(|name| Some((name, system_attribute(&message, name)?))).collect();
    let wanted = |name: &str| receive.message_attributes.iter().any(|pattern| matches(pattern, name));
    let own: Vec<_> = message.attributes.iter().filter(|(name, _)| wanted(name)).collect();
    Received {
        receipt_handle,
        md5_of_body: message.md5_of_body(),
        attributes,
        md5_of_message_attributes: md5_of_attributes(own.iter().copied()),
        message_attributes: own.into_iter().map(|(name, attribute)| (name.to_owned(), attribute.into())).collect(),
        message_id: message.id,
        body: message.body,
    }
}

/// `All`, `*` and `.*` are all names, `x.*` those that begin with `x`, others themselves.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern {
        "All" | "*" | ".*" => true,
        _ => pattern.strip_suffix(".*").map_or(pattern == name, |prefix| name.starts_with(prefix)),
    }
}

fn system_attribute(message: &Message, name: &str) -> Option<String> {
    match name {
        "AWSTraceHeader" => message.trace_header.clone(),
        "ApproximateFirstReceiveTimestamp" => {
            message.first_received.map(|time| counted(time).as_millisecond().to_string())
        }
        "ApproximateReceiveCount" => Some(message.receive_count.to_string()),
        "DeadLetterQueueSourceArn" => message.dead_letter_source.as_ref().map(ToString::to_string),
        "MessageDeduplicationId" => message.deduplication_id.clone(),
        "MessageGroupId" => message.group_id.clone(),
        "SenderId" => Some(message.sender_id.clone()),
        "SentTimestamp" => Some(counted(message.sent).as_millisecond().to_string()),
        "SequenceNumber" => message.sequence_number.clone(),
        _ => None,
    }
}
