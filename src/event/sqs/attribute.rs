//! Message attributes: what a sender adds to a message beside its body.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::event::nullable::present;
use crate::event::{InvalidName, Object};

/// What a value is: the first part of a [`DataType`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// Text.
    String,
    /// A number, written as text.
    Number,
    /// Bytes.
    Binary,
}

/// The type of a message attribute: `String`, `Number` or `Binary`, and optionally a dot and a label of the
/// user's own, such as `Number.java.lang.Long`; at most 256 bytes in all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DataType(String);

impl DataType {
    /// Takes the full name of a type.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] for another kind than the three, an empty label, or more than 256 bytes.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        let rule = "a data type is String, Number or Binary, optionally with .label, at most 256 bytes long";
        let (kind, label) = text.split_once('.').map_or((text.as_str(), None), |(kind, label)| (kind, Some(label)));
        if matches!(kind, "String" | "Number" | "Binary") && label != Some("") && text.len() <= 256 {
            Ok(Self(text))
        } else {
            Err(InvalidName::new("data type", text, rule))
        }
    }

    fn of(kind: &str) -> Self {
        Self(kind.to_owned())
    }

    /// The first part.
    pub fn kind(&self) -> ValueKind {
        match self.0.as_bytes()[0] {
            b'S' => ValueKind::String,
            b'N' => ValueKind::Number,
            _ => ValueKind::Binary,
        }
    }

    /// The user's label, if there is one.
    pub fn label(&self) -> Option<&str> {
        self.0.split_once('.').map(|(_, label)| label)
    }

    /// The full name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for DataType {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl TryFrom<&str> for DataType {
    type Error = InvalidName;

    fn try_from(text: &str) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl TryFrom<String> for DataType {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::new(text)
    }
}

impl From<DataType> for String {
    fn from(data_type: DataType) -> String {
        data_type.0
    }
}

/// Bytes that travel as base64 (standard alphabet, padded).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Base64Bytes(pub Vec<u8>);

impl TryFrom<String> for Base64Bytes {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        let rule = "binary values are padded base64 of the standard alphabet";
        BASE64_STANDARD.decode(&text).map(Self).map_err(|_| InvalidName::new("binary value", text, rule))
    }
}

impl From<Base64Bytes> for String {
    fn from(bytes: Base64Bytes) -> String {
        BASE64_STANDARD.encode(bytes.0)
    }
}

/// A message attribute as an SQS record carries it. The lists are always there and always empty: AWS reserves them.
///
/// ```
/// use lambda_testkit::event::MessageAttribute;
///
/// let weeks = MessageAttribute::number("6");
/// assert_eq!(
///     serde_json::to_string(&weeks).unwrap(),
///     r#"{"stringValue":"6","stringListValues":[],"binaryListValues":[],"dataType":"Number"}"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Parts")]
pub struct MessageAttribute {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<Base64Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_list_values: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_list_values: Option<Vec<Base64Bytes>>,
    data_type: DataType,
    #[serde(flatten)]
    unknown: Object,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parts {
    #[serde(default, deserialize_with = "present")]
    string_value: Option<String>,
    #[serde(default, deserialize_with = "present")]
    binary_value: Option<Base64Bytes>,
    #[serde(default, deserialize_with = "present")]
    string_list_values: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    binary_list_values: Option<Vec<Base64Bytes>>,
    data_type: DataType,
    #[serde(flatten)]
    unknown: Object,
}

impl TryFrom<Parts> for MessageAttribute {
    type Error = InvalidName;

    fn try_from(parts: Parts) -> Result<Self, InvalidName> {
        let binary = parts.data_type.kind() == ValueKind::Binary;
        if parts.string_value.is_none() == binary && parts.binary_value.is_some() == binary {
            Ok(Self {
                string_value: parts.string_value,
                binary_value: parts.binary_value,
                string_list_values: parts.string_list_values,
                binary_list_values: parts.binary_list_values,
                data_type: parts.data_type,
                unknown: parts.unknown,
            })
        } else {
            let rule = "attributes of type Binary have a binaryValue, all others a stringValue";
            Err(InvalidName::new("message attribute of type", parts.data_type.0, rule))
        }
    }
}

impl MessageAttribute {
    fn new(data_type: DataType, string_value: Option<String>, binary_value: Option<Base64Bytes>) -> Self {
        Self {
            string_value,
            binary_value,
            string_list_values: Some(Vec::new()),
            binary_list_values: Some(Vec::new()),
            data_type,
            unknown: Object::new(),
        }
    }

    /// Text, of type `String`.
    pub fn string(value: impl Into<String>) -> Self {
        Self::new(DataType::of("String"), Some(value.into()), None)
    }

    /// A number as text, of type `Number`. The form is checked when the message is built.
    pub fn number(value: impl ToString) -> Self {
        Self::new(DataType::of("Number"), Some(value.to_string()), None)
    }

    /// Bytes, of type `Binary`.
    pub fn binary(value: impl Into<Vec<u8>>) -> Self {
        Self::new(DataType::of("Binary"), None, Some(Base64Bytes(value.into())))
    }

    /// The same value with a label of the user's own behind the type: `Number` becomes `Number.label`.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] when the label is empty or the type becomes longer than 256 bytes.
    pub fn labelled(mut self, label: &str) -> Result<Self, InvalidName> {
        let kind = self.data_type.0.split('.').next().unwrap_or_default();
        self.data_type = DataType::new(format!("{kind}.{label}"))?;
        Ok(self)
    }

    /// The type.
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// The text of a String or Number.
    pub fn string_value(&self) -> Option<&str> {
        self.string_value.as_deref()
    }

    /// The bytes of a Binary.
    pub fn binary_value(&self) -> Option<&[u8]> {
        self.binary_value.as_ref().map(|bytes| bytes.0.as_slice())
    }

    /// The value as bytes, whatever the type is: what counts for the size and the digest.
    pub fn value_bytes(&self) -> Cow<'_, [u8]> {
        match (&self.string_value, &self.binary_value) {
            (Some(text), _) => Cow::Borrowed(text.as_bytes()),
            (None, Some(bytes)) => Cow::Borrowed(&bytes.0),
            (None, None) => Cow::Borrowed(&[]),
        }
    }

    /// Members that the crate does not know.
    pub fn unknown(&self) -> &Object {
        &self.unknown
    }
}
