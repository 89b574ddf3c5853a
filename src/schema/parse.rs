//! JSON text to a value, with what `serde_json` keeps to itself: repeated members and byte offsets.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::error::ValidationError;
use crate::event::{BYTE_ORDER_MARK, LossKind, NUMBER_TOKEN, losses};

/// Open brackets that `serde_json` accepts inside each other.
const MAX_DEPTH: usize = 127;

/// The value of a document and what it does not show.
pub(super) struct Parsed {
    pub(super) value: Value,
    /// The pointers of members that appear twice in one object.
    pub(super) repeated: Vec<String>,
    /// The pointers and digits of numbers that were rounded to fit.
    pub(super) rounded: Vec<(String, String)>,
}

/// Reads one JSON document. Of a repeated member the last value is kept.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, ValidationError> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        let hint = "save the file as UTF-8 without a byte-order mark".to_owned();
        return Err(ValidationError::syntax(0, "JSON", "a byte-order mark (U+FEFF)").with_hint(Some(hint)));
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        // An incomplete character at the very end means that the document was cut off.
        return Err(match error.error_len() {
            Some(_) => ValidationError::syntax(error.valid_up_to(), "UTF-8 text", "a byte that is not UTF-8"),
            None => ValidationError::syntax(bytes.len(), "more text", "the end of the document inside a character"),
        });
    }
    let mut lossy = false;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Node { lossy: &mut lossy }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| syntax_error(bytes, &error))?;
    let mut parsed = Parsed { value, repeated: Vec::new(), rounded: Vec::new() };
    // Most documents lose nothing, and only those that may are read once more for the places.
    if lossy {
        for loss in losses(bytes).unwrap_or_default() {
            match loss.kind {
                LossKind::DuplicateKey(_) => parsed.repeated.push(loss.pointer),
                LossKind::NumberOutOfRange(digits) => parsed.rounded.push((loss.pointer, digits)),
            }
        }
    }
    Ok(parsed)
}

fn syntax_error(bytes: &[u8], error: &serde_json::Error) -> ValidationError {
    if error.is_eof() {
        return ValidationError::syntax(bytes.len(), "more text", "the end of the document");
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    let line_start = match error.line() {
        0 | 1 => 0,
        line => bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(line - 2).map_or(0, |(index, _)| index + 1),
    };
    let offset = (line_start + error.column().saturating_sub(1)).min(bytes.len());
    if message.starts_with("recursion limit") {
        let offset = first_too_deep(bytes).unwrap_or(offset);
        return ValidationError::syntax(offset, &format!("at most {MAX_DEPTH} nested brackets"), "one more");
    }
    if message.starts_with("number out of range") {
        let is_digit = |b: &u8| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let digits = bytes[..offset.min(bytes.len())].iter().rev().take_while(|b| is_digit(b)).count();
        return ValidationError::syntax(offset - digits, "a number that fits into 64 bits", "a larger one");
    }
    let another = message == "trailing characters" && matches!(bytes.get(offset), Some(b'{' | b'['));
    let hint = "another document begins here; several in one file stand on a line each (NDJSON)".to_owned();
    ValidationError::syntax(offset, "JSON", &message).with_hint(another.then_some(hint))
}

/// The offset of the first bracket that opens one level too many.
fn first_too_deep(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (offset, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some(offset);
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

struct Node<'a> {
    /// Set when the value may not show all: a member is repeated, or a number may have been rounded to fit.
    lossy: &'a mut bool,
}

/// 2^63, the first number beyond `i64`.
const HUGE: f64 = 9_223_372_036_854_775_808.0;

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        *self.lossy |= value.abs() >= HUGE;
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Node { lossy: &mut *self.lossy })? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if key == NUMBER_TOKEN && map.is_empty() {
                let digits: String = members.next_value()?;
                *self.lossy = true;
                return digits.parse().map(Value::Number).map_err(A::Error::custom);
            }
            let value = members.next_value_seed(Node { lossy: &mut *self.lossy })?;
            *self.lossy |= map.insert(key, value).is_some();
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_out_as_from_serde_json() {
        for text in [r#"{"a":[1,-2,3.5,null,true,"x\n"],"b":{}}"#, "[]", "5", "\"é\"", " { } "] {
            assert_eq!(parse(text.as_bytes()).unwrap().value, serde_json::from_str::<Value>(text).unwrap());
        }
    }

    #[test]
    fn repeated_members_are_named_by_their_pointer() {
        let parsed = parse(br#"{"a":[{"k/":1,"k/":2}],"b":1,"b":2}"#).unwrap();
        assert_eq!(parsed.repeated, ["/a/0/k~1", "/b"]);
        assert_eq!(parsed.value["b"], 2);
    }

    #[test]
    fn numbers_that_do_not_fit_are_named_by_their_pointer() {
        let text = br#"{"a":[18446744073709551615,18446744073709551616,1e300],"b":-9223372036854775809,"c":1e19}"#;
        let rounded = parse(text).unwrap().rounded;
        let of = |pointer: &str, digits: &str| (pointer.to_owned(), digits.to_owned());
        assert_eq!(rounded, [of("/a/1", "18446744073709551616"), of("/b", "-9223372036854775809")]);
    }

    #[test]
    fn syntax_errors_carry_the_offset_of_the_offending_byte() {
        let deep = "[".repeat(128);
        for (text, offset) in [
            (&b"{\"a\":1"[..], 6),
            (b"", 0),
            (b"{\n \"a\": x}", 8),
            (b"[1,\xff]", 3),
            (b"\"\xc3", 2),
            (b"[1e999]", 1),
            (b"{} {}", 3),
            (deep.as_bytes(), 127),
        ] {
            let error = parse(text).err().unwrap();
            assert_eq!((error.pointer(), error.offset()), ("", Some(offset)), "{}", String::from_utf8_lossy(text));
        }
    }
}
