//! The end of a run as places that hold texts: what two runs are compared by.

use std::collections::BTreeMap;

use crate::cloud::{CloudState, MessageState, ObjectState};
use crate::event::invoke::{DestinationCondition, DestinationRecord};

/// What a run left: at each place some texts, in no order.
///
/// Places are `s3://bucket/key`, `uploads of BUCKET`, `queue NAME`, `event bus NAME`, `slack CHANNEL` and `given up by NAME`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct View(pub BTreeMap<Place, Vec<String>>);

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    Object { bucket: String, key: String },
    Uploads { bucket: String },
    Queue { name: String },
    Bus { name: String },
    Channel { name: String },
    GivenUp { function: String },
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::Uploads { bucket } => write!(f, "uploads of {bucket}"),
            Self::Queue { name } => write!(f, "queue {name}"),
            Self::Bus { name } => write!(f, "event bus {name}"),
            Self::Channel { name } => write!(f, "slack {name}"),
            Self::GivenUp { function } => write!(f, "given up by {function}"),
        }
    }
}

impl View {
    pub fn of(state: &CloudState) -> Self {
        let mut places = BTreeMap::new();
        for (bucket, held) in &state.buckets {
            for (key, object) in &held.objects {
                places.insert(Place::Object { bucket: bucket.clone(), key: key.clone() }, vec![object_text(object)]);
            }
            if !held.open_uploads.is_empty() {
                places.insert(Place::Uploads { bucket: bucket.clone() }, held.open_uploads.clone());
            }
        }
        for queue in state.queues.values().filter(|queue| !queue.messages.is_empty()) {
            let texts = queue.messages.iter().map(message_text);
            places.entry(Place::Queue { name: queue.name.clone() }).or_insert_with(Vec::new).extend(texts);
        }
        for bus in state.buses.values().filter(|bus| !bus.events.is_empty()) {
            let texts = bus.events.iter().map(|text| event_text(text));
            places.entry(Place::Bus { name: bus.name.clone() }).or_insert_with(Vec::new).extend(texts);
        }
        for (channel, texts) in &state.slack {
            places.insert(Place::Channel { name: channel.clone() }, texts.clone());
        }
        for function in state.functions.values().filter(|function| function.given_up > 0) {
            let place = Place::GivenUp { function: function.name.clone() };
            let texts = std::iter::repeat_n("an event".to_owned(), function.given_up);
            places.entry(place).or_insert_with(Vec::new).extend(texts);
        }
        places.values_mut().for_each(|texts| texts.sort());
        Self(places)
    }
}

/// What the record of an asynchronous invocation says whichever way it came about: not when it was made and at which attempt,
/// and of an event that was given up, not with which error.
fn record_text(text: &str) -> Option<String> {
    // Most texts are none, and there are many.
    if !text.starts_with(r#"{"version":"1.0","timestamp":"#) {
        return None;
    }
    let record: DestinationRecord = serde_json::from_str(text).ok()?;
    let (function, event) = (&record.request_context.function_arn, &record.request_payload);
    Some(match record.request_context.condition {
        DestinationCondition::Success => {
            let answer = record.response_payload.unwrap_or_default();
            format!("record of {function}: {event} answered {answer}")
        }
        _ => format!("record of {function}: {event} given up"),
    })
}

/// An event on a bus, of which a record is the detail.
fn event_text(text: &str) -> String {
    let record = text.split_once(": ").and_then(|(what, detail)| Some(format!("{what}: {}", record_text(detail)?)));
    record.unwrap_or_else(|| text.to_owned())
}

fn object_text(object: &ObjectState) -> String {
    let mut text = String::from_utf8_lossy(&object.bytes).into_owned();
    if let Some(record) = record_text(&text) {
        text = record;
    }
    if let Some(kind) = &object.content_type {
        text.push_str(&format!(" [content type {kind}]"));
    }
    for (what, pairs) in [("metadata", &object.metadata), ("tag", &object.tags)] {
        for (name, value) in pairs {
            text.push_str(&format!(" [{what} {name}: {value}]"));
        }
    }
    text
}

fn message_text(message: &MessageState) -> String {
    let mut text = record_text(&message.body).unwrap_or_else(|| message.body.clone());
    if is_dead_event(message) {
        // As of a record: the error is that of the last attempt alone.
        text.push_str(" [event that was given up]");
    } else {
        message.attributes.iter().for_each(|attribute| text.push_str(&format!(" [{attribute}]")));
    }
    if let Some(group) = &message.group_id {
        text.push_str(&format!(" [group {group}]"));
    }
    if let Some(source) = &message.dead_letter_source {
        text.push_str(&format!(" [dead letter of {}]", source.rsplit(':').next().unwrap_or(source)));
    }
    text
}

/// Whether it is an event in the dead-letter queue of a function, by the attributes that Lambda gives it, in their order.
fn is_dead_event(message: &MessageState) -> bool {
    let names = message.attributes.iter().map(|attribute| attribute.split(':').next().unwrap_or_default());
    names.filter(|name| *name != "ErrorMessage").eq(["ErrorCode", "RequestID"])
}
