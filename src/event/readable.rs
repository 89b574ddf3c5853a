//! `Debug` of documents without a builder: one readable block of JSON, with as much on a line as fits, instead of a line for
//! each field of each struct. Events that a builder builds print as code ([`super::code`]).

use std::fmt;

use serde::Serialize;

use super::Json;

/// The columns that a line should not go beyond.
const WIDTH: usize = 110;

/// Longer texts are cut: a body may have a megabyte.
const LONG: usize = 2000;

/// What is printed of one value at most, in bytes: a batch may have 10,000 messages.
const MOST: usize = 64 * 1024;

/// Writes the name of a type and its value as a block, the same for `{:?}` and `{:#?}`.
pub(super) fn write(f: &mut fmt::Formatter<'_>, name: &str, value: &impl Serialize) -> fmt::Result {
    match Json::from_serialize(value) {
        Ok(json) => write!(f, "{name} {}", capped(block(&json, 0))),
        Err(error) => write!(f, "{name} (without a JSON form: {error})"),
    }
}

/// The text, cut where it is too long to be read.
pub(super) fn capped(mut text: String) -> String {
    let whole = text.len();
    if whole > MOST {
        text.truncate(text.floor_char_boundary(MOST));
        text.push_str(&format!("\n… {whole} bytes in all"));
    }
    text
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
    use super::{block, capped};
    use crate::event::{Document, Json, S3Event};

    #[test]
    fn a_document_is_one_block_with_full_lines() {
        let notification = S3Event::put("export", "my files/ü+1.csv").build().in_sns();
        let text = format!("{notification:?}");
        assert_eq!(text, format!("{notification:#?}"));
        let start = r#"SnsNotification {
  "Type": "Notification", "MessageId": "9ff3f40e-d5fd-4cbe-96bb-26c283a833a3",
  "TopicArn": "arn:aws:sns:us-east-1:111111111111:topic", "Subject": "Amazon S3 Notification",
"#;
        assert!(text.starts_with(start) && text.lines().count() <= 30, "{text}");
        assert!(text["SnsNotification ".len()..].parse::<Json>().is_ok(), "it can be read again: {text}");
    }

    #[test]
    fn long_texts_are_cut_and_so_are_long_lists() {
        let text = block(&Json::from("x".repeat(100_000)), 0);
        assert!(text.len() < 5000 && text.contains("100000 bytes in all"), "{text}");
        let text = capped("ü".repeat(100_000));
        assert!(text.len() < 66_000 && text.ends_with("\n… 200000 bytes in all"), "{}", text.len());
    }
}
