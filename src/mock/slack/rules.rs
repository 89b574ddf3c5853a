//! What Slack accepts at an incoming webhook, and what it answers to the rest. Pure: no server, no state.
//!
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>

use serde_json::{Map, Value};

use super::blocks;
use crate::mock::http::query;

/// How Slack refuses: with a status and a bare word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub status: u16,
    pub word: &'static str,
}

const fn word(status: u16, word: &'static str) -> Word {
    Word { status, word }
}

pub(super) const METHOD: Word = word(405, "method_not_allowed");
pub(super) const NO_TEAM: Word = word(404, "no_team");
pub(super) const NO_SERVICE: Word = word(404, "no_service");
pub(super) const INVALID_TOKEN: Word = word(403, "invalid_token");
const INVALID_PAYLOAD: Word = word(400, "invalid_payload");
const NO_TEXT: Word = word(400, "no_text");
const INVALID_BLOCKS: Word = word(400, "invalid_blocks");
const TOO_MANY_ATTACHMENTS: Word = word(400, "too_many_attachments");

const FORM: &str = "application/x-www-form-urlencoded";

const MAX_BLOCKS: usize = 50;
const MAX_ATTACHMENTS: usize = 100;
/// Longer texts are cut, not refused; in characters.
const MAX_TEXT: usize = 40_000;

/// A payload that Slack would post.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Accepted {
    pub text: String,
    pub payload: Value,
}

/// Reads a request's body.
///
/// JSON as it is, whatever the content type says, or as the field `payload` of a form. Slack does not document more
/// than `application/json`; what it was seen to take is listed in
/// <https://github.com/mattermost/mattermost/issues/2972>.
pub(super) fn read(content_type: Option<&str>, body: &[u8]) -> Result<Accepted, Word> {
    let kind = content_type.unwrap_or("").split(';').next().unwrap_or("").trim();
    let form = std::str::from_utf8(body).ok().filter(|_| kind.eq_ignore_ascii_case(FORM));
    let payload: Value = match form.and_then(|form| query::value(form, "payload")) {
        Some(json) => serde_json::from_str(&json),
        None => serde_json::from_slice(body),
    }
    .map_err(|_| INVALID_PAYLOAD)?;
    let text = check(payload.as_object().ok_or(INVALID_PAYLOAD)?)?;
    Ok(Accepted { text, payload })
}

/// The text of a message that says something at all.
fn check(message: &Map<String, Value>) -> Result<String, Word> {
    let text = match message.get("text") {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text.as_str(),
        Some(_) => return Err(INVALID_PAYLOAD),
    };
    let blocks = list(message.get("blocks"), INVALID_BLOCKS)?;
    let attachments = list(message.get("attachments"), INVALID_PAYLOAD)?;
    check_blocks(blocks)?;
    if attachments.len() > MAX_ATTACHMENTS {
        return Err(TOO_MANY_ATTACHMENTS);
    }
    for attachment in attachments {
        check_blocks(list(attachment.get("blocks"), INVALID_BLOCKS)?)?;
    }
    if text.is_empty() && blocks.is_empty() && attachments.is_empty() {
        return Err(NO_TEXT);
    }
    Ok(text.chars().take(MAX_TEXT).collect())
}

fn list(value: Option<&Value>, otherwise: Word) -> Result<&[Value], Word> {
    match value {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) if items.iter().all(Value::is_object) => Ok(items),
        Some(_) => Err(otherwise),
    }
}

fn check_blocks(blocks: &[Value]) -> Result<(), Word> {
    if blocks.len() <= MAX_BLOCKS && blocks::are_valid(blocks) { Ok(()) } else { Err(INVALID_BLOCKS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_forms_are_messages() {
        let json = Some("application/json;charset=utf-8");
        assert_eq!(read(json, br#"{"text":"hi"}"#).unwrap().text, "hi");
        assert_eq!(read(None, br#"{"text":"hi"}"#).unwrap().text, "hi");
        let form = Some("application/x-www-form-urlencoded");
        assert_eq!(read(form, b"a=1&payload=%7B%22text%22%3A%22a+b%26%22%7D").unwrap().text, "a b&");
        assert_eq!(read(json, br#"{"blocks":[{"type":"divider"}]}"#).unwrap().text, "");
        for content_type in ["text/plain", "text/html; charset=utf-8", "application/x-www-form-urlencoded"] {
            assert_eq!(
                read(Some(content_type), br#"{"text":"a&payload"}"#).unwrap().text,
                "a&payload",
                "{content_type}"
            );
        }
    }

    #[test]
    fn what_is_not_a_message_is_refused_in_slacks_words() {
        let many = |name: &str, count: usize| {
            format!(r#"{{"text":"t","{name}":[{}]}}"#, vec![r#"{"type":"divider"}"#; count].join(","))
        };
        let cases = [
            (Some("application/json"), "".to_owned(), "invalid_payload"),
            (Some("application/json"), "[]".to_owned(), "invalid_payload"),
            (Some("application/json"), "{\"text\":1}".to_owned(), "invalid_payload"),
            (Some("application/json"), "payload={\"text\":\"t\"}".to_owned(), "invalid_payload"),
            (Some("application/x-www-form-urlencoded"), "payload=t".to_owned(), "invalid_payload"),
            (Some("application/x-www-form-urlencoded"), "text=t".to_owned(), "invalid_payload"),
            (None, "{}".to_owned(), "no_text"),
            (None, "{\"text\":\"\"}".to_owned(), "no_text"),
            (None, "{\"blocks\":\"x\"}".to_owned(), "invalid_blocks"),
            (None, "{\"blocks\":[{\"type\":\"section\"}]}".to_owned(), "invalid_blocks"),
            (None, "{\"attachments\":[{\"blocks\":[{}]}]}".to_owned(), "invalid_blocks"),
            (None, many("blocks", 51), "invalid_blocks"),
            (None, many("attachments", 101), "too_many_attachments"),
        ];
        for (content_type, body, word) in cases {
            assert_eq!(read(content_type, body.as_bytes()).unwrap_err().word, word, "{body}");
        }
        assert!(read(None, many("blocks", 50).as_bytes()).is_ok());
        assert!(read(None, &[0xff, 0xfe]).is_err());
    }

    #[test]
    fn long_texts_are_cut_at_40_000_characters() {
        let body = serde_json::json!({ "text": "é".repeat(40_001) }).to_string();
        assert_eq!(read(None, body.as_bytes()).unwrap().text.chars().count(), 40_000);
    }
}
