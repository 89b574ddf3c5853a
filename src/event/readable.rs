//! `Debug` of events: one readable block of JSON, with as much on a line as fits, instead of a line for each field of
//! each struct. proptest prints a failing value so.

use std::fmt;

use serde::Serialize;

use super::Json;

/// The columns that a line should not go beyond.
const WIDTH: usize = 110;

/// Longer texts are cut: a body may have a megabyte.
const LONG: usize = 2000;

/// Writes the name of a type and its value as a block, the same for `{:?}` and `{:#?}`.
pub(super) fn write(f: &mut fmt::Formatter<'_>, name: &str, value: &impl Serialize) -> fmt::Result {
    match Json::from_serialize(value) {
        Ok(json) => write!(f, "{name} {}", block(&json, 0)),
        Err(error) => write!(f, "{name} (without a JSON form: {error})"),
    }
}

/// A value as text, whose lines but the first start at a column.
pub(super) fn block(json: &Json, column: usize) -> String {
    let inner = column + 2;
    let (open, close, parts): (char, char, Vec<String>) = match json {
        Json::Array(elements) => ('[', ']', elements.iter().map(|element| block(element, inner)).collect()),
        Json::Object(members) => {
            let member = |(name, value)| format!("{}: {}", Json::from(name), block(value, inner));
            ('{', '}', members.iter().map(member).collect())
        }
        Json::String(text) => {
            return match text.char_indices().nth(LONG) {
                Some((end, _)) => format!("{} … {} bytes in all", Json::from(&text[..end]), text.len()),
                None => json.to_string(),
            };
        }
        other => return other.to_string(),
    };
    // One that was broken is longer than a line, and so is what holds it.
    let line = format!("{open}{}{close}", parts.join(", "));
    if column + line.len() <= WIDTH {
        return line;
    }
    let new_line = format!("\n{:inner$}", "");
    let mut text = String::from(open);
    // Full at first, so that the first part starts a line.
    let mut used = WIDTH;
    for (at, part) in parts.iter().enumerate() {
        let comma = if at + 1 == parts.len() { "" } else { "," };
        let is_block = part.contains('\n');
        if is_block || used + part.len() + 2 > WIDTH {
            text.push_str(&new_line);
            used = inner;
        } else {
            text.push(' ');
            used += 1;
        }
        text.push_str(part);
        text.push_str(comma);
        used = if is_block { WIDTH } else { used + part.len() + comma.len() };
    }
    text.push_str(&format!("\n{:column$}{close}", ""));
    text
}

/// `Debug` by [`write`].
macro_rules! readable {
    ($($name:ident),+ $(,)?) => {
        $(impl std::fmt::Debug for $name {
            /// One block of JSON behind the name of the type.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::event::readable::write(f, stringify!($name), self)
            }
        })+
    };
}
pub(super) use readable;

#[cfg(test)]
mod tests {
    use crate::event::{Json, S3Event, ScheduledEvent, SqsEvent};

    #[test]
    fn an_event_is_one_block_with_full_lines() {
        let event = S3Event::put("export", "my files/ü+1.csv").build();
        let text = format!("{event:?}");
        assert_eq!(text, format!("{event:#?}"));
        assert_eq!(
            text,
            r#"S3Event {
  "Records": [
    {
      "eventVersion": "2.6", "eventSource": "aws:s3", "awsRegion": "us-east-1",
      "eventTime": "2026-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Put",
      "userIdentity": {"principalId": "AWS:AIDA0ZHYLTB4WU92U3A51"},
      "requestParameters": {"sourceIPAddress": "203.0.113.7"},
      "responseElements": {
        "x-amz-request-id": "LT2IFFE91CT35O83",
        "x-amz-id-2": "IgQXS6vNsVdoBhvv/g20SElpLdMNb9+A+rMDARwemjpgy9Iku3XjbTc8pM6HOeOneb6rHHI7uMXh"
      },
      "s3": {
        "s3SchemaVersion": "1.0", "configurationId": "461637b2-b3f2-4fb3-9283-19284723cc8e",
        "bucket": {"name": "export", "ownerIdentity": {"principalId": "AF38UA3WC0O4EI"}, "arn": "arn:aws:s3:::export"},
        "object": {
          "key": "my+files/%C3%BC%2B1.csv", "size": 1024, "eTag": "e5fe9cc153371086f65405e911331ccc",
          "sequencer": "006955B90000000000"
        }
      }
    }
  ]
}"#
        );
    }

    #[test]
    fn each_family_fits_on_a_screen_and_can_be_read_again() {
        let s3 = format!("{:?}", S3Event::put("export", "a.csv").build());
        let sqs = format!("{:?}", SqsEvent::message("hello").build());
        let scheduled = format!("{:?}", ScheduledEvent::rule("nightly").build());
        for (text, name) in [(s3, "S3Event "), (sqs, "SqsEvent "), (scheduled, "EventBridgeEvent ")] {
            assert!(text.lines().count() <= 30 && text.starts_with(name), "{text}");
            assert!(serde_json::from_str::<Json>(&text[name.len()..]).is_ok(), "{text}");
        }
    }

    #[test]
    fn long_texts_are_cut_and_wide_ones_are_not_broken() {
        let text = format!("{:?}", SqsEvent::message("x".repeat(100_000)).build());
        assert!(text.len() < 5000 && text.contains("100000 bytes in all"), "{text}");
    }
}
