//! What a message may hold: sizes, characters, ids and attributes, as AWS checks them.

use crate::event::{
    AttributeFault, DataType, MAX_MESSAGE_ATTRIBUTES, MessageAttribute, ValueKind, attribute_fault,
    check_group_or_deduplication_id, check_message_body, message_bytes,
};

use super::fault::SqsFault;
use super::message::{MessageAttributes, OutgoingMessage};

/// The size that counts against limits: the body and the names, types and values of user attributes.
pub(super) fn size(message: &OutgoingMessage) -> usize {
    message_bytes(&message.body, &message.attributes)
}

/// The characters of a body: those of XML 1.0, and at least one.
///
/// <https://github.com/Particular/NServiceBus.AmazonSQS/issues/2630> has AWS's words.
pub(super) fn check_body(body: &str) -> Result<(), SqsFault> {
    if body.is_empty() {
        return Err(SqsFault::missing_parameter("MessageBody"));
    }
    if check_message_body(body).is_ok() {
        return Ok(());
    }
    Err(SqsFault::invalid_message_contents(refused_character(body, "message body")))
}

/// Names the first character of a text that no message takes.
fn refused_character(text: &str, place: &str) -> String {
    let is_allowed = |char: char| check_message_body(char.encode_utf8(&mut [0; 4])).is_ok();
    let found = text.chars().find(|&char| !is_allowed(char)).map_or(0, u32::from);
    format!(
        "Invalid binary character '#x{found:X}' was found in the {place}, the set of allowed characters is \
         #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]."
    )
}

/// Whether a text is a trace header: SQS looks for the id of a trace, and does not count its digits.
pub(super) fn is_trace_header(text: &str) -> bool {
    let roots = text.split(';').filter_map(|member| member.trim().strip_prefix("Root=1-")?.split_once('-'));
    roots.into_iter().any(|(time, random)| !time.is_empty() && !random.is_empty())
}

/// The form of `MessageGroupId` and `MessageDeduplicationId`.
pub(super) fn check_id(parameter: &'static str, id: &str) -> Result<(), SqsFault> {
    check_group_or_deduplication_id(parameter, id).map_err(|_| {
        let reason =
            format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
        SqsFault::invalid_value(id, parameter, &reason)
    })
}

/// An attribute as the protocol carries it: the type as text, and one of two values.
///
/// AWS's words about a name that is missing are those of <https://github.com/aws/aws-sdk-php/issues/694>, about a type that is
/// missing those of <https://github.com/aws/aws-sdk-java/issues/1692>, about both type and value those of
/// <https://github.com/boto/boto/pull/3348>, and about a type that is none those of
/// <https://github.com/grafana/k6-jslib-aws/pull/65>.
pub(super) fn attribute(
    name: &str,
    data_type: Option<&str>,
    text: Option<String>,
    bytes: Option<Vec<u8>>,
) -> Result<MessageAttribute, SqsFault> {
    if name.is_empty() {
        return Err(SqsFault::invalid_parameter("The request must contain non-empty message attribute name."));
    }
    if (data_type, &text, &bytes) == (None, &None, &None) {
        let message = format!("The message attribute '{name}' must contain non-empty message attribute value.");
        return Err(SqsFault::invalid_parameter(message));
    }
    let data_type = data_type.unwrap_or_default();
    if data_type.is_empty() {
        let message = format!("The message attribute '{name}' must contain non-empty message attribute type.");
        return Err(SqsFault::invalid_parameter(message));
    }
    let Ok(checked) = DataType::new(data_type) else {
        return Err(SqsFault::invalid_parameter(format!(
            "The type of message (user) attribute '{name}' is invalid. You must use only the following supported type \
             prefixes: Binary, Number, String."
        )));
    };
    let attribute = match (checked.kind(), text, bytes) {
        (ValueKind::String, text, None) => MessageAttribute::string(text.unwrap_or_default()),
        (ValueKind::Number, text, None) => MessageAttribute::number(text.unwrap_or_default()),
        (ValueKind::Binary, None, bytes) => MessageAttribute::binary(bytes.unwrap_or_default()),
        (kind, ..) => {
            let field = if kind == ValueKind::Binary { "Binary" } else { "String" };
            return Err(SqsFault::invalid_parameter(format!(
                "The message attribute '{name}' with type '{data_type}' must use field '{field}'."
            )));
        }
    };
    match checked.label() {
        None => Ok(attribute),
        Some(label) => attribute.labelled(label).map_err(|error| SqsFault::invalid_parameter(error.to_string())),
    }
}

/// Number, names and values of user attributes.
pub(super) fn check_attributes(attributes: &MessageAttributes) -> Result<(), SqsFault> {
    let message = match attribute_fault(attributes) {
        None => return Ok(()),
        Some(AttributeFault::TooMany(count)) => {
            format!("Number of message attributes [{count}] exceeds the allowed maximum [{MAX_MESSAGE_ATTRIBUTES}].")
        }
        Some(AttributeFault::Name(error)) => error.to_string(),
        Some(AttributeFault::Character(name, _)) => {
            let text = attributes.get(name).and_then(|attribute| attribute.string_value());
            let place = format!("message (user) attribute '{name}'");
            refused_character(text.unwrap_or_default(), &place)
        }
        Some(AttributeFault::Empty(name, kind)) => {
            format!("Message (user) attribute '{name}' must contain a non-empty value of type '{kind:?}'.")
        }
        Some(AttributeFault::NoNumber(name, _)) => {
            format!("Can't cast the value of message (user) attribute '{name}' to a number.")
        }
    };
    Err(SqsFault::invalid_parameter(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Value {
        Text(&'static str),
        Bytes(Vec<u8>),
    }
    use Value::{Bytes, Text};

    fn one(name: &str, data_type: &str, value: Value) -> Result<(), SqsFault> {
        let (text, bytes) = match value {
            Text(text) => (Some(text.to_owned()), None),
            Bytes(bytes) => (None, Some(bytes)),
        };
        let attribute = attribute(name, Some(data_type), text, bytes)?;
        assert_eq!(attribute.data_type().as_str(), data_type);
        check_attributes(&MessageAttributes::from_iter([(name, attribute)]))
    }

    #[test]
    fn attributes_that_aws_takes_are_taken() {
        let long_type = "String.".to_owned() + &"x".repeat(249);
        for (name, data_type, value) in [
            ("k", "String", Text("x")),
            ("attr.1øßä", "String", Text("x")),
            (&"n".repeat(256), "Number", Text("1493147359900")),
            ("timestamp", "Number.java.lang.Long", Text("-1.5e3")),
            ("b", "Binary.png", Bytes(vec![0, 255])),
            ("k", &long_type, Text("tab\tand 😀")),
        ] {
            assert_eq!(one(name, data_type, value), Ok(()), "{name} {data_type}");
        }
    }

    #[test]
    fn attributes_that_aws_refuses_are_refused() {
        let long_type = "Number.".to_owned() + &"x".repeat(256);
        for (name, data_type, value) in [
            ("a!", "String", Text("x")),
            ("a\"", "String", Text("x")),
            ("a(", "String", Text("x")),
            ("a?", "String", Text("x")),
            ("a§", "String", Text("x")),
            (&"n".repeat(257), "String", Text("x")),
            ("", "String", Text("x")),
            (".a", "String", Text("x")),
            ("a.", "String", Text("x")),
            ("aws.a", "String", Text("x")),
            ("Amazon.a", "String", Text("x")),
            ("a", "", Text("x")),
            ("a", "Invalid", Text("x")),
            ("a", "String.", Text("x")),
            ("a", &long_type, Text("1")),
            ("a", "Number", Text("one")),
            ("a", "Number", Text("nan")),
            ("a", "String", Text("\u{1}")),
            ("a", "Binary", Text("x")),
            ("a", "String", Bytes(vec![1])),
            ("a", "Binary", Bytes(vec![])),
        ] {
            let fault = one(name, data_type, value).unwrap_err();
            assert_eq!(fault.query_code, "InvalidParameterValue", "{name} {data_type}");
        }
        assert_eq!(
            one("ErrorDetails", "String", Text("")).unwrap_err().message,
            "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'."
        );
        assert!(one("a", "String", Text("x\u{1}")).unwrap_err().message.starts_with(
            "Invalid binary character '#x1' was found in the message (user) attribute 'a', the set of allowed"
        ));
        let eleven = (0..11).map(|n| (format!("a{n}"), MessageAttribute::string("x"))).collect();
        assert!(check_attributes(&eleven).unwrap_err().message.contains("[11]"));
    }

    #[test]
    fn a_trace_header_has_the_id_of_a_trace() {
        for header in [
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            "Self=1-67891234-12456789abcdef012345678; Root=1-67891233-abcdef012345678912345678",
            "Root=1-abc-def",
        ] {
            assert!(is_trace_header(header), "{header}");
        }
        for text in [
            "Root=dummy;Parent=53995c3f42cd8ad8;Sampled=0",
            "Root%3D1-62e56f5b-2105bde31e64e9a03fa9407c%3BParent%3D7aec6ed908b9ae33%3BSampled%3D0",
            "dae04c7a-6a43-4d8c-9a86-6caac024711e",
            "Root=1-5759e988-",
        ] {
            assert!(!is_trace_header(text), "{text}");
        }
    }

    #[test]
    fn bodies_hold_the_characters_of_xml() {
        for body in ["\t\n\r ", "\u{D7FF}\u{E000}\u{FFFD}\u{10000}\u{10FFFF}", "é&quot;\r"] {
            assert_eq!(check_body(body), Ok(()));
        }
        for body in ["\0", "a\u{1F}", "\u{FFFE}", "\u{FFFF}"] {
            assert_eq!(check_body(body).unwrap_err().shape, "InvalidMessageContents");
        }
        assert_eq!(check_body("").unwrap_err().message, "The request must contain the parameter MessageBody.");
    }

    #[test]
    fn group_and_deduplication_ids_have_1_to_128_visible_characters() {
        assert_eq!(check_id("MessageGroupId", &"a!~".repeat(42)), Ok(()));
        assert_eq!(check_id("MessageGroupId", &"a".repeat(128)), Ok(()));
        for id in ["", "a b", "é", &"a".repeat(129)] {
            assert_eq!(
                check_id("MessageGroupId", id).unwrap_err().message,
                format!(
                    "Value {id} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include \
                     alphanumeric and punctuation characters. 1 to 128 in length."
                )
            );
        }
    }

    #[test]
    fn the_size_counts_names_types_and_values() {
        let attributes = MessageAttributes::from_iter([("k", MessageAttribute::string("é"))]);
        let message = OutgoingMessage { body: "body".into(), attributes, ..OutgoingMessage::default() };
        assert_eq!(size(&message), 4 + 1 + 6 + 2);
    }
}
