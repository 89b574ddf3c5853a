//! Any JSON value, with the members of objects in their order.

use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::Members;
use super::members;

/// The members of a JSON object that the crate does not know, or does not look into.
pub type Object = Members<Json>;

/// Any JSON value. Unlike [`serde_json::Value`] it keeps the order of members whatever features of
/// `serde_json` the build turns on, and refuses an object that names a member twice.
///
/// Numbers are those that `serde_json` reads. Without its feature `float_roundtrip` it may read a fraction one
/// unit in the last place off, and for very small or very large ones (about 1e-9 or 1e40) printing and reading may change that
/// place again. Whole numbers, and fractions of up to 15 digits at everyday sizes, are exact.
///
/// ```
/// use lambda_testkit::event::Json;
///
/// let json: Json = r#"{"z":[1,-1,0.5],"a":null}"#.parse().unwrap();
/// assert_eq!(json.to_string(), r#"{"z":[1,-1,0.5],"a":null}"#);
/// ```
#[derive(Clone, PartialEq, Default)]
pub enum Json {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that fits `i64`, `u64` or a finite `f64`.
    Number(serde_json::Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

impl Json {
    /// The empty object, `{}`.
    pub const fn empty_object() -> Self {
        Self::Object(Members::new())
    }

    /// The JSON form of any serde value.
    ///
    /// # Errors
    ///
    /// What the value's own `Serialize` reports, or a map whose keys are not strings.
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        // By way of text: `serde_json::Value` would sort the members.
        serde_json::from_str(&serde_json::to_string(value)?)
    }

    /// Reads any serde type out of the value.
    ///
    /// # Errors
    ///
    /// What the type's own `Deserialize` reports.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(serde_json::to_value(self)?)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The member `name` of an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.get(name)
    }
}

impl fmt::Debug for Json {
    /// A block of JSON text, with as much on a line as fits; very long texts are cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::readable::block(self, 0))
    }
}

impl fmt::Display for Json {
    /// Compact JSON text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(bool),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::String(text),
            Value::Array(elements) => Self::Array(elements.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

impl From<Json> for serde_json::Value {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(bool) => Self::Bool(bool),
            Json::Number(number) => Self::Number(number),
            Json::String(text) => Self::String(text),
            Json::Array(elements) => Self::Array(elements.into_iter().map(Self::from).collect()),
            Json::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, Self::from(value))).collect())
            }
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl std::str::FromStr for Json {
    type Err = serde_json::Error;

    /// Reads JSON text; members keep their order.
    fn from_str(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(elements) => elements.serialize(serializer),
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        Json::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        serde_json::Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("a number that is not finite"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let first: Option<String> = map.next_key()?;
        if first.as_deref() == Some(NUMBER_TOKEN) && has_arbitrary_precision() {
            let digits: String = map.next_value()?;
            return digits.parse().map(Json::Number).map_err(A::Error::custom);
        }
        members::read_from(first, map).map(Json::Object)
    }
}

/// What `serde_json` calls its only member when a number passes through serde with `arbitrary_precision`, which
/// another crate of the build may have switched on.
pub(crate) const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Whether that feature is on. Only then a number keeps its spelling, and only then the token means a number.
fn has_arbitrary_precision() -> bool {
    "1.50".parse::<serde_json::Number>().is_ok_and(|number| number.to_string() == "1.50")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_prints_as_it_was_read() {
        for text in [
            "null",
            "true",
            "0",
            "18446744073709551615",
            "-9223372036854775808",
            "1.5",
            r#""ü\n\"""#,
            "[]",
            r#"{"b":{"d":[{}],"c":""},"a":0}"#,
        ] {
            let json: Json = serde_json::from_str(text).unwrap();
            assert_eq!(json.to_string(), text);
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::Value::from(json.clone()), value);
            assert_eq!(json.to::<serde_json::Value>().unwrap(), value);
        }
    }

    #[test]
    fn a_member_with_the_name_of_the_number_token_is_a_member() {
        let text = r#"{"$serde_json::private::Number":"12"}"#;
        let json: Json = serde_json::from_str(text).unwrap();
        // `serde_json` itself takes the token for a number when its feature is on.
        assert_eq!(json.to_string(), if has_arbitrary_precision() { "12" } else { text });
    }

    #[test]
    fn a_repeated_member_is_refused_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"a":2}}]"#] {
            assert!(serde_json::from_str::<Json>(text).is_err(), "{text}");
        }
    }
}
