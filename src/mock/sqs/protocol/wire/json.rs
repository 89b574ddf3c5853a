//! AWS JSON 1.0, with the codes of the query protocol beside its own.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>,
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#awsquerycompatible-trait>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Response};
use serde_json::{Map, Value, json};

use crate::mock::sqs::fault::SqsFault;
use crate::mock::sqs::protocol::members::Members;
use crate::mock::sqs::protocol::operation::{Operation, check_name};
use crate::mock::sqs::protocol::output::Output;

pub(in crate::mock::sqs::protocol) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Reads a request whose `x-amz-target` this is.
pub(in crate::mock::sqs::protocol) fn read(target: &str, body: &Bytes) -> Result<Operation, SqsFault> {
    let name = target.strip_prefix("AmazonSQS.").ok_or_else(|| SqsFault::unknown_operation(target))?;
    // The name is checked first: an unknown operation has no known body.
    check_name(name)?;
    let document: Value = if body.is_empty() {
        Value::Object(Map::new())
    } else {
        serde_json::from_slice(body).map_err(|error| SqsFault::serialization(format!("not valid JSON: {error}")))?
    };
    Operation::read(name, &Object::of(&document, "the request")?)
}

/// The URL or name of the queue that a request is about, as far as it can be read.
pub(in crate::mock::sqs::protocol) fn queue(body: &Bytes) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let queue = body.get("QueueUrl").or_else(|| body.get("QueueName"));
    queue.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The body of a success.
pub(in crate::mock::sqs::protocol) fn body(output: &Output) -> Bytes {
    serde_json::to_vec(output).expect("documents have string keys").into()
}

/// The body of an error.
pub(in crate::mock::sqs::protocol) fn error(fault: &SqsFault) -> Bytes {
    json!({ "__type": shape(fault), "message": fault.message }).to_string().into()
}

/// The headers in which an error is named twice.
pub(in crate::mock::sqs::protocol) fn name_error(fault: &SqsFault, response: &mut Response<Bytes>) {
    let headers = [("x-amzn-errortype", shape(fault)), ("x-amzn-query-error", format!("{};Sender", fault.query_code))];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn shape(fault: &SqsFault) -> String {
    format!("{}#{}", fault.namespace(), fault.shape)
}

/// A JSON object of a request. `null` counts as absent.
#[derive(Debug, Clone, Copy)]
struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    fn of(value: &'a Value, name: &str) -> Result<Self, SqsFault> {
        value.as_object().map(Self).ok_or_else(|| wrong(value, "a structure", name))
    }

    fn read<T>(self, name: &str, kind: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Result<Option<T>, SqsFault> {
        let value = self.0.get(name).filter(|value| !value.is_null());
        value.map(|value| read(value).ok_or_else(|| wrong(value, kind, name))).transpose()
    }

    fn list(self, name: &str) -> Result<&'a [Value], SqsFault> {
        Ok(self.read(name, "a list", |value| value.as_array().map(Vec::as_slice))?.unwrap_or_default())
    }
}

impl Members for Object<'_> {
    fn string(&self, name: &str) -> Result<Option<String>, SqsFault> {
        self.read(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, SqsFault> {
        self.read(name, "an integer", Value::as_i64)
    }

    fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, SqsFault> {
        self.read(name, "a base64 blob", |value| STANDARD.decode(value.as_str()?).ok())
    }

    fn strings(&self, name: &str) -> Result<Vec<String>, SqsFault> {
        let text = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(|| wrong(item, "a string", name));
        self.list(name)?.iter().map(text).collect()
    }

    fn has_list(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    fn structures(&self, name: &str) -> Result<Vec<Self>, SqsFault> {
        self.list(name)?.iter().map(|item| Self::of(item, name)).collect()
    }

    fn named_structures(&self, name: &str) -> Result<Vec<(String, Self)>, SqsFault> {
        let Some(map) = self.read(name, "a map", Value::as_object)? else { return Ok(Vec::new()) };
        map.iter().map(|(key, value)| Ok((key.clone(), Self::of(value, name)?))).collect()
    }

    fn string_map(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, SqsFault> {
        let Some(map) = self.read(name, "a map", Value::as_object)? else { return Ok(None) };
        let entries = map.iter().map(|(key, value)| match value {
            Value::String(text) => Ok((key.clone(), text.clone())),
            other => Err(wrong(other, "a string", name)),
        });
        entries.collect::<Result<_, _>>().map(Some)
    }
}

fn wrong(value: &Value, kind: &str, name: &str) -> SqsFault {
    let found = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    };
    SqsFault::serialization(format!("{found} can not be converted to {kind}: {name}"))
}
