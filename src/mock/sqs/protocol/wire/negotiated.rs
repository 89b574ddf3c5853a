//! The answers of the query protocol in JSON: the tree of the XML, for those who accept `application/json`.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::protocol::output::Output;

/// The document of a success.
pub(super) fn success(operation: &str, output: &Output, request_id: &str) -> Bytes {
    let mut response = Map::new();
    if !matches!(output, Output::Nothing {}) {
        response.insert(format!("{operation}Result"), result(output));
    }
    response.insert("ResponseMetadata".to_owned(), json!({ "RequestId": request_id }));
    json!({ format!("{operation}Response"): response }).to_string().into()
}

/// The document of an error.
pub(super) fn error(fault: &SqsFault, request_id: &str) -> Bytes {
    let error = json!({ "Code": fault.query_code, "Message": fault.query_message(), "Type": "Sender" });
    json!({ "Error": error, "RequestId": request_id }).to_string().into()
}

fn result(output: &Output) -> Value {
    let mut value = serde_json::to_value(output).expect("documents have string keys");
    match output {
        Output::Messages { .. } => {
            let mut messages = value["Messages"].take().as_array().cloned().unwrap_or_default();
            messages.iter_mut().for_each(message);
            json!({ "messages": messages })
        }
        Output::Queues { queue_urls, next_token } | Output::Sources { queue_urls, next_token } => {
            json!({ "queueUrls": queue_urls, "NextToken": next_token })
        }
        Output::Attributes { .. } => json!({ "Attributes": list(&value["Attributes"], "Name") }),
        Output::Tags { .. } => json!({ "Tags": list(&value["Tags"], "Key") }),
        _ => value,
    }
}

fn message(message: &mut Value) {
    for member in ["Attributes", "MessageAttributes"] {
        if message.get(member).is_some() {
            message[member] = list(&message[member], "Name");
        }
    }
}

/// A map as the list of its entries.
fn list(map: &Value, key: &str) -> Value {
    let entries = map.as_object().into_iter().flatten();
    entries.map(|(name, value)| json!({ key: name, "Value": value })).collect()
}
