//! The answers of the query protocol in XML.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#response-serialization>

use std::io::Result;

use bytes::Bytes;
use quick_xml::Writer;

use crate::mock::http::{error_response, written, xml_texts as texts};
use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::protocol::output::{Failed, MoveTask, Output, Received, Sent};

type Xml = Writer<Vec<u8>>;

pub(super) const NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";

/// The document of a success.
pub(super) fn success(operation: &str, output: &Output, request_id: &str) -> Bytes {
    written(|xml| {
        let root = xml.create_element(format!("{operation}Response")).with_attribute(("xmlns", NAMESPACE));
        root.write_inner_content(|xml| {
            let name = format!("{operation}Result");
            match output {
                Output::Nothing {} => {}
                output if is_empty(output) => drop(xml.create_element(name).write_empty()?),
                output => drop(xml.create_element(name).write_inner_content(|xml| result(xml, operation, output))?),
            }
            let metadata = xml.create_element("ResponseMetadata");
            metadata.write_inner_content(|xml| texts(xml, [("RequestId", request_id)])).map(drop)
        })
    })
}

/// The document of an error.
pub(super) fn error(fault: &SqsFault, request_id: &str) -> Bytes {
    if fault.is_no_action() {
        return written(|xml| xml.create_element("UnknownOperationException").write_empty());
    }
    error_response(Some(NAMESPACE), fault.query_code, fault.query_message(), request_id)
}

fn is_empty(output: &Output) -> bool {
    match output {
        Output::Attributes { attributes } => attributes.is_empty(),
        Output::Tags { tags } => tags.is_empty(),
        Output::Messages { messages } => messages.is_empty(),
        Output::Queues { queue_urls, .. } | Output::Sources { queue_urls, .. } => queue_urls.is_empty(),
        Output::MoveTasks { results } => results.is_empty(),
        _ => false,
    }
}

fn result(xml: &mut Xml, operation: &str, output: &Output) -> Result<()> {
    match output {
        Output::Nothing {} => Ok(()),
        Output::QueueUrl { queue_url } => texts(xml, [("QueueUrl", queue_url.as_str())]),
        Output::Queues { queue_urls, next_token } | Output::Sources { queue_urls, next_token } => {
            texts(xml, queue_urls.iter().map(|url| ("QueueUrl", url.as_str())))?;
            optional(xml, "NextToken", next_token.as_deref())
        }
        Output::Attributes { attributes } => pairs(xml, "Attribute", ("Name", "Value"), attributes),
        Output::Tags { tags } => pairs(xml, "Tag", ("Key", "Value"), tags),
        Output::Sent(message) => sent(xml, message),
        Output::Batch { successful, failed } => {
            let name = format!("{operation}ResultEntry");
            for entry in successful {
                xml.create_element(&name).write_inner_content(|xml| {
                    texts(xml, [("Id", entry.id.as_str())])?;
                    entry.sent.as_ref().map_or(Ok(()), |message| sent(xml, message))
                })?;
            }
            failed.iter().try_for_each(|entry| refused(xml, entry))
        }
        Output::Messages { messages } => messages.iter().try_for_each(|message| received(xml, message)),
        Output::MoveTask { task_handle } => texts(xml, [("TaskHandle", task_handle.as_str())]),
        Output::Moved { moved } => texts(xml, [("ApproximateNumberOfMessagesMoved", moved.to_string().as_str())]),
        Output::MoveTasks { results } => results.iter().try_for_each(|task| move_task(xml, task)),
    }
}

fn optional(xml: &mut Xml, name: &str, value: Option<&str>) -> Result<()> {
    texts(xml, value.map(|value| (name, value)))
}

fn pairs<'p, K: AsRef<str> + 'p>(
    xml: &mut Xml,
    element: &str,
    (key, value): (&str, &str),
    map: impl IntoIterator<Item = (&'p K, &'p String)>,
) -> Result<()> {
    map.into_iter().try_for_each(|(name, text)| {
        let element = xml.create_element(element);
        element.write_inner_content(|xml| texts(xml, [(key, name.as_ref()), (value, text.as_str())])).map(drop)
    })
}

fn sent(xml: &mut Xml, message: &Sent) -> Result<()> {
    texts(xml, [("MessageId", message.message_id.as_str()), ("MD5OfMessageBody", message.md5_of_body.as_str())])?;
    optional(xml, "MD5OfMessageAttributes", message.md5_of_attributes.as_deref())?;
    optional(xml, "MD5OfMessageSystemAttributes", message.md5_of_system_attributes.as_deref())?;
    optional(xml, "SequenceNumber", message.sequence_number.as_deref())
}

fn refused(xml: &mut Xml, entry: &Failed) -> Result<()> {
    let of_sender = entry.sender_fault.to_string();
    let members = [
        ("Id", entry.id.as_str()),
        ("Code", entry.code),
        ("Message", entry.message.as_str()),
        ("SenderFault", of_sender.as_str()),
    ];
    xml.create_element("BatchResultErrorEntry").write_inner_content(|xml| texts(xml, members)).map(drop)
}

fn received(xml: &mut Xml, message: &Received) -> Result<()> {
    let members = [
        ("MessageId", message.message_id.as_str()),
        ("ReceiptHandle", message.receipt_handle.as_str()),
        ("MD5OfBody", message.md5_of_body.as_str()),
        ("Body", message.body.as_str()),
    ];
    let element = xml.create_element("Message");
    let written = element.write_inner_content(|xml| {
        texts(xml, members)?;
        pairs(xml, "Attribute", ("Name", "Value"), &message.attributes)?;
        optional(xml, "MD5OfMessageAttributes", message.md5_of_message_attributes.as_deref())?;
        message.message_attributes.iter().try_for_each(|(name, attribute)| {
            let value = [
                ("StringValue", attribute.string_value.as_deref()),
                ("BinaryValue", attribute.binary_value.as_deref()),
                ("DataType", Some(attribute.data_type.as_str())),
            ];
            let element = xml.create_element("MessageAttribute");
            let written = element.write_inner_content(|xml| {
                texts(xml, [("Name", name.as_str())])?;
                let value = value.into_iter().filter_map(|(name, text)| Some((name, text?)));
                xml.create_element("Value").write_inner_content(|xml| texts(xml, value)).map(drop)
            });
            written.map(drop)
        })
    });
    written.map(drop)
}

fn move_task(xml: &mut Xml, task: &MoveTask) -> Result<()> {
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let members = [
        ("TaskHandle", task.task_handle.clone()),
        ("Status", Some(task.status.to_owned())),
        ("SourceArn", Some(task.source_arn.clone())),
        ("DestinationArn", task.destination_arn.clone()),
        ("MaxNumberOfMessagesPerSecond", number(task.max_number_of_messages_per_second)),
        ("ApproximateNumberOfMessagesMoved", number(Some(task.moved))),
        ("ApproximateNumberOfMessagesToMove", number(Some(task.to_move))),
        ("FailureReason", task.failure_reason.map(str::to_owned)),
        ("StartedTimestamp", Some(task.started_timestamp.to_string())),
    ];
    let members = members.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
    let element = xml.create_element("ListMessageMoveTasksResultEntry");
    element.write_inner_content(|xml| texts(xml, members)).map(drop)
}
