//! Reading the members of a JSON request, with AWS's errors for wrong types.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::mock::sqs::fault::SqsFault;

/// A JSON object of a request. `null` counts as absent; unknown members are ignored, as on AWS.
#[derive(Debug, Clone, Copy)]
pub(super) struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    pub(super) fn of(value: &'a Value, name: &str) -> Result<Self, SqsFault> {
        value.as_object().map(Self).ok_or_else(|| wrong(value, "a structure", name))
    }

    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn read<T>(self, name: &str, kind: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Result<Option<T>, SqsFault> {
        self.get(name).map(|value| read(value).ok_or_else(|| wrong(value, kind, name))).transpose()
    }

    pub(super) fn string(self, name: &str) -> Result<Option<String>, SqsFault> {
        self.read(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn required(self, name: &str) -> Result<String, SqsFault> {
        self.string(name)?.ok_or_else(|| SqsFault::missing_parameter(name))
    }

    pub(super) fn integer(self, name: &str) -> Result<Option<i64>, SqsFault> {
        self.read(name, "an integer", Value::as_i64)
    }

    pub(super) fn blob(self, name: &str) -> Result<Option<Vec<u8>>, SqsFault> {
        self.read(name, "a base64 blob", |value| STANDARD.decode(value.as_str()?).ok())
    }

    pub(super) fn list(self, name: &str) -> Result<Option<&'a [Value]>, SqsFault> {
        self.read(name, "a list", |value| value.as_array().map(Vec::as_slice))
    }

    pub(super) fn strings(self, name: &str) -> Result<Vec<String>, SqsFault> {
        let list = self.list(name)?.unwrap_or_default();
        list.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong(item, "a string", name))).collect()
    }

    /// The entries of a map, each value read as a structure.
    pub(super) fn structures(self, name: &str) -> Result<Vec<(&'a str, Members<'a>)>, SqsFault> {
        let Some(map) = self.read(name, "a map", Value::as_object)? else { return Ok(Vec::new()) };
        map.iter().map(|(key, value)| Ok((key.as_str(), Members::of(value, name)?))).collect()
    }

    pub(super) fn string_map(self, name: &str) -> Result<Option<BTreeMap<String, String>>, SqsFault> {
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
