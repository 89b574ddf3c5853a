//! The limits of SQS messages, for builders and for the queue that takes messages in.

use super::{MessageAttribute, ValueKind};
use crate::event::{BuildError, Members};

/// The greatest size of a message: body, and names, types and values of its attributes, in bytes (1 MiB).
pub const MAX_MESSAGE_BYTES: usize = 1_048_576;

/// The greatest number of attributes of a message.
pub const MAX_MESSAGE_ATTRIBUTES: usize = 10;

fn broken(what: &'static str, value: impl Into<String>, rule: &'static str) -> BuildError {
    BuildError::Rule { what, value: value.into(), rule }
}

/// The size of a message as SQS counts it: the body, and the names, types and values of its attributes, in bytes.
pub fn message_bytes(body: &str, attributes: &Members<MessageAttribute>) -> usize {
    let attribute = |(name, attribute): (&str, &MessageAttribute)| {
        name.len() + attribute.data_type().as_str().len() + attribute.value_bytes().len()
    };
    body.len() + attributes.iter().map(attribute).sum::<usize>()
}

/// Checks that a body is not empty and holds only characters that SQS takes: tab, line feed, carriage
/// return, and U+0020 up without U+FFFE and U+FFFF.
///
/// # Errors
///
/// [`BuildError::Rule`] naming the first character that is not allowed.
pub fn check_message_body(body: &str) -> Result<(), BuildError> {
    if body.is_empty() {
        return Err(broken("message body", body, "a message body is not empty"));
    }
    match body.char_indices().find(|(_, char)| !allowed(*char)) {
        Some((at, char)) => Err(broken(
            "message body",
            format!("U+{:04X} at byte {at}", u32::from(char)),
            "SQS takes tab, line feed, carriage return and U+0020 up, without U+FFFE and U+FFFF",
        )),
        None => Ok(()),
    }
}

fn allowed(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Checks the name of a message attribute: 1 to 256 letters, digits and `_ - .`; no dot at either end, no
/// two dots in a row, and not `AWS.` or `Amazon.` (in any case) at the start. Letters and digits may be any
/// of Unicode: AWS takes them, whatever its guide says.
///
/// # Errors
///
/// [`BuildError::Rule`] for any other name.
pub fn check_attribute_name(name: &str) -> Result<(), BuildError> {
    let what = "message attribute name";
    let lower = name.to_ascii_lowercase();
    if name.is_empty() || name.chars().count() > 256 {
        return Err(broken(what, name, "a name has 1 to 256 characters"));
    }
    if !name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.')) {
        return Err(broken(what, name, "a name consists of letters, digits, underscore, hyphen and period"));
    }
    if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        return Err(broken(what, name, "names that start with AWS. or Amazon. are reserved"));
    }
    if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        return Err(broken(what, name, "a name does not start or end with a period or hold two in a row"));
    }
    Ok(())
}

/// Checks a message group or deduplication id: 1 to 128 ASCII letters, digits and punctuation.
///
/// # Errors
///
/// [`BuildError::Rule`] for any other text.
pub fn check_group_or_deduplication_id(what: &'static str, id: &str) -> Result<(), BuildError> {
    if (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(broken(what, id, "it can only include alphanumeric and punctuation characters, 1 to 128 in length"))
    }
}

/// Checks the name of a queue: 1 to 80 letters, digits, hyphens and underscores, of which a FIFO queue's last five are
/// `.fifo` (CreateQueue in the API reference of SQS).
///
/// # Errors
///
/// [`BuildError::Rule`] for any other text.
pub fn check_queue_name(name: &str) -> Result<(), BuildError> {
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    let letters = stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !stem.is_empty() && name.len() <= 80 && letters {
        return Ok(());
    }
    let rule = "a queue name has 1 to 80 letters, digits, hyphens and underscores, and may end in .fifo";
    Err(broken("queue name", name, rule))
}

/// What is wrong with the attributes of a message: builders and the queue that takes messages in have words of their own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AttributeFault<'a> {
    /// There are so many, which are more than 10.
    TooMany(usize),
    /// A name breaks its rules.
    Name(BuildError),
    /// The attribute of this name has no value of its kind.
    Empty(&'a str, ValueKind),
    /// The text of this attribute holds a character that SQS does not take.
    Character(&'a str, BuildError),
    /// This attribute is to be a number, and is this text.
    NoNumber(&'a str, &'a str),
}

/// The first thing that is wrong with the attributes of a message.
pub(crate) fn attribute_fault(attributes: &Members<MessageAttribute>) -> Option<AttributeFault<'_>> {
    if attributes.len() > MAX_MESSAGE_ATTRIBUTES {
        return Some(AttributeFault::TooMany(attributes.len()));
    }
    attributes.iter().find_map(|(name, attribute)| {
        let (kind, text) = (attribute.data_type().kind(), attribute.string_value());
        if let Err(error) = check_attribute_name(name) {
            return Some(AttributeFault::Name(error));
        }
        if attribute.value_bytes().is_empty() {
            return Some(AttributeFault::Empty(name, kind));
        }
        let text = text?;
        if kind == ValueKind::Number {
            let good = text.parse::<f64>().is_ok_and(f64::is_finite);
            return (!good).then_some(AttributeFault::NoNumber(name, text));
        }
        // The characters of a value are those of a body.
        check_message_body(text).err().map(|error| AttributeFault::Character(name, error))
    })
}

/// Checks all attributes of a message.
pub(super) fn check_attributes(attributes: &Members<MessageAttribute>) -> Result<(), BuildError> {
    let what = "value of message attribute";
    Err(match attribute_fault(attributes) {
        None => return Ok(()),
        Some(AttributeFault::TooMany(count)) => {
            broken("number of message attributes", count.to_string(), "a message has at most 10 attributes")
        }
        Some(AttributeFault::Name(error)) => error,
        Some(AttributeFault::Empty(name, _)) => broken(what, name, "the value is not empty"),
        Some(AttributeFault::Character(name, _)) => broken(what, name, "the value holds no control characters"),
        Some(AttributeFault::NoNumber(_, text)) => {
            broken("number", text, "the value of a Number attribute is a decimal number")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_names_follow_what_aws_takes() {
        for name in ["a", "Hello", "Help.Me", "attr.1øßä", "_-1", &"n".repeat(256)] {
            assert!(check_attribute_name(name).is_ok(), "{name}");
        }
        for name in ["", "a!", "a\"", "§", "(", "a?", "a.", ".a", "a..b", "AWS.x", "aMaZoN.x", &"n".repeat(257)] {
            assert!(check_attribute_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn characters_outside_the_allowed_ranges_are_named() {
        assert!(check_message_body("tab\t lf\n cr\r ü \u{7f} \u{e000} 😀").is_ok());
        for body in ["", "\0", "a\u{b}", "\u{fffe}", "\u{ffff}"] {
            assert!(check_message_body(body).is_err(), "{body:?}");
        }
        let error = check_message_body("ü\u{1}").unwrap_err().to_string();
        assert!(error.starts_with("invalid message body \"U+0001 at byte 2\""), "{error}");
    }

    #[test]
    fn values_are_checked_by_their_type() {
        let check = |attribute| check_attributes(&[("a", attribute)].into_iter().collect());
        assert!(check(MessageAttribute::number("-1.5e3")).is_ok());
        assert!(check(MessageAttribute::binary([0])).is_ok());
        for bad in [
            MessageAttribute::number("six"),
            MessageAttribute::string(""),
            MessageAttribute::string("\0"),
            MessageAttribute::binary([]),
        ] {
            assert!(check(bad.clone()).is_err(), "{bad:?}");
        }
    }
}
