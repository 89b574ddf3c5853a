//! The answers as JSON. Empty lists and maps are left out, as AWS does.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::operation::Receive;
use crate::event::{MessageAttribute, md5_of_attributes};
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::message::{Message, OutgoingMessage, ReceivedMessage, SentMessage, counted};
use crate::mock::sqs::settings;
use crate::mock::sqs::state::{BatchOutcome, QueuePage};

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

pub(super) fn map(name: &str, entries: &BTreeMap<String, String>) -> Value {
    let mut body = Map::new();
    if !entries.is_empty() {
        body.insert(name.to_owned(), json!(entries));
    }
    Value::Object(body)
}

pub(super) fn queue_page(name: &str, page: &QueuePage, base: &str) -> Value {
    let mut body = Map::new();
    if !page.queues.is_empty() {
        body.insert(name.to_owned(), page.queues.iter().map(|queue| queue.url(base)).collect());
    }
    if let Some(token) = &page.next_token {
        body.insert("NextToken".to_owned(), json!(token));
    }
    Value::Object(body)
}

/// `request` is the message as the caller gave it: only its own system attributes are digested.
pub(super) fn sent(sent: &SentMessage, request: &OutgoingMessage) -> Map<String, Value> {
    let system = request.trace_header.as_ref().map(MessageAttribute::string);
    let members = [
        ("MessageId", Some(sent.message_id.clone())),
        ("MD5OfMessageBody", Some(sent.md5_of_body.clone())),
        ("MD5OfMessageAttributes", sent.md5_of_attributes.clone()),
        ("MD5OfMessageSystemAttributes", md5_of_attributes(system.iter().map(|header| ("AWSTraceHeader", header)))),
        ("SequenceNumber", sent.sequence_number.clone()),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))).collect()
}

pub(super) fn batch<T>(outcome: &BatchOutcome<T>, encode: impl Fn(&str, &T) -> Map<String, Value>) -> Value {
    let successful: Vec<Value> = outcome
        .successful
        .iter()
        .map(|entry| {
            let mut members = encode(&entry.id, &entry.value);
            members.insert("Id".to_owned(), json!(entry.id));
            Value::Object(members)
        })
        .collect();
    let failed: Vec<Value> = outcome
        .failed
        .iter()
        .map(|failure| {
            json!({
                "Id": failure.id,
                "Code": failure.fault.query_code,
                "Message": failure.fault.message,
                "SenderFault": failure.fault.is_of_sender(),
            })
        })
        .collect();
    let lists = [("Successful", successful), ("Failed", failed)];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    Value::Object(lists.map(|(name, list)| (name.to_owned(), Value::Array(list))).collect())
}

/// Refuses names that are neither of a message's nor of a queue's attributes. The latter are
/// skipped: the deprecated `AttributeNames` shares its model with GetQueueAttributes.
pub(super) fn check_system_names(names: &[String]) -> Result<(), SqsFault> {
    let known = |name: &&String| *name == "All" || SYSTEM.contains(&name.as_str()) || settings::is_known(name);
    match names.iter().find(|name| !known(name)) {
        Some(unknown) => Err(SqsFault::unknown_attribute(unknown)),
        None => Ok(()),
    }
}

pub(super) fn received(messages: &[ReceivedMessage], receive: &Receive) -> Value {
    let mut body = Map::new();
    if !messages.is_empty() {
        body.insert("Messages".to_owned(), messages.iter().map(|message| one(message, receive)).collect());
    }
    Value::Object(body)
}

fn one(received: &ReceivedMessage, receive: &Receive) -> Value {
    let message = &received.message;
    let mut members = Map::from_iter([
        ("MessageId".to_owned(), json!(message.id)),
        ("ReceiptHandle".to_owned(), json!(received.receipt_handle)),
        ("MD5OfBody".to_owned(), json!(message.md5_of_body())),
        ("Body".to_owned(), json!(message.body)),
    ]);
    let all = receive.system_attributes.iter().any(|name| name == "All");
    let system: Map<String, Value> = SYSTEM
        .into_iter()
        .filter(|name| all || receive.system_attributes.iter().any(|wanted| wanted == name))
        .filter_map(|name| Some((name.to_owned(), json!(system_attribute(message, name)?))))
        .collect();
    if !system.is_empty() {
        members.insert("Attributes".to_owned(), Value::Object(system));
    }
    let wanted = |name: &str| receive.message_attributes.iter().any(|pattern| matches(pattern, name));
    let attributes: Vec<_> = message.attributes.iter().filter(|(name, _)| wanted(name)).collect();
    if let Some(md5) = md5_of_attributes(attributes.iter().copied()) {
        members.insert("MD5OfMessageAttributes".to_owned(), json!(md5));
        let attributes = attributes.into_iter().map(|(name, attribute)| (name.to_owned(), user_attribute(attribute)));
        members.insert("MessageAttributes".to_owned(), Value::Object(attributes.collect()));
    }
    Value::Object(members)
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

fn user_attribute(attribute: &MessageAttribute) -> Value {
    let data_type = attribute.data_type().as_str();
    match attribute.binary_value() {
        Some(bytes) => json!({ "DataType": data_type, "BinaryValue": STANDARD.encode(bytes) }),
        None => json!({ "DataType": data_type, "StringValue": attribute.string_value() }),
    }
}
