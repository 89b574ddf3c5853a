//! Guesses at what went wrong.

use serde_json::{Map, Value};

use crate::event::S3EventName;

/// A member that differs from the missing one only in case, hyphens or underscores.
pub(super) fn misspelt(members: &Map<String, Value>, missing: &str) -> Option<String> {
    let bare = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
    let near = members.keys().find(|name| *name != missing && bare(name) == bare(missing))?;
    Some(format!("there is `{near}`; the name must be exactly `{missing}`"))
}

/// What to do about a value that breaks a rule, where that is clear.
pub(super) fn for_value(place: &str, value: &Value, root: &Value) -> Option<String> {
    let name = place.rsplit('/').next()?;
    match (name, value) {
        ("eventName", Value::String(text)) => event_name(text),
        ("key", Value::String(_)) if place.contains("/s3/object/") => {
            Some("S3 writes keys in form encoding: `my files/ü` is `my+files/%C3%BC`".to_owned())
        }
        ("eTag" | "etag", Value::String(text)) if text.starts_with('"') => {
            Some("events carry the entity tag without quotes".to_owned())
        }
        ("size" | "eTag" | "sequencer", _) => {
            let (record, _) = place.split_once("/s3/object/")?;
            let event = root.pointer(record)?.get("eventName").and_then(Value::as_str)?;
            Some(format!("the event is {event}"))
        }
        (_, Value::Number(number)) if place.contains("ttributes/") => {
            Some(format!("SQS writes attributes as text: \"{number}\""))
        }
        _ => None,
    }
}

fn event_name(text: &str) -> Option<String> {
    if let Some(bare) = text.strip_prefix("s3:") {
        return Some(format!("records carry the name without `s3:`, as in {bare}"));
    }
    // Nothing that long is a slip of the pen, and the comparison takes time.
    if text.len() > 64 {
        return None;
    }
    let given = text.to_ascii_lowercase();
    let names = S3EventName::KNOWN.iter().map(S3EventName::as_str);
    let near = |name: &str| strsim::levenshtein(&given, &name.to_ascii_lowercase());
    let (distance, name) = names.map(|name| (near(name), name)).min()?;
    (distance <= 3).then(|| format!("did you mean {name}?"))
}
