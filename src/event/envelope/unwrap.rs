//! The way back: from nested envelopes to the events inside.

use std::fmt;

use serde_json::{Value, json};

use crate::event::{Event, Family, NotAnEvent};

/// An event found inside envelopes.
#[derive(Debug, Clone, PartialEq)]
pub struct Unwrapped {
    /// The family of the event.
    pub family: Family,
    /// The event.
    pub document: Value,
    /// The envelopes around it, outermost first.
    pub steps: Vec<UnwrapStep>,
}

/// An envelope that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnwrapStep {
    /// The body of this message of an SQS batch.
    Sqs(usize),
    /// This record of a batch, alone: it holds no known event, and others of the batch do.
    Record(usize),
    /// The message of this record of an SNS event.
    SnsRecord(usize),
    /// The message of an SNS notification.
    Sns,
    /// The detail of an EventBridge event.
    EventBridge,
}

impl fmt::Display for UnwrapStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqs(index) => write!(f, "sqs[{index}]"),
            Self::Record(index) => write!(f, "record[{index}]"),
            Self::SnsRecord(index) => write!(f, "sns[{index}]"),
            Self::Sns => f.write_str("sns"),
            Self::EventBridge => f.write_str("eventbridge"),
        }
    }
}

impl Unwrapped {
    /// The envelopes around the event as text, such as `sqs[0] > sns`; empty when there were none.
    pub fn path(&self) -> String {
        let steps: Vec<_> = self.steps.iter().map(UnwrapStep::to_string).collect();
        steps.join(" > ")
    }

    /// Reads the event.
    ///
    /// # Errors
    ///
    /// What the type's own `Deserialize` reports.
    pub fn to<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.document)
    }
}

/// Opens envelopes down to the innermost known events, in the order of their records.
///
/// A message that holds no known event ends the way: then the event is the batch of that one message
/// ([`UnwrapStep::Record`]), or, when no message of a batch holds one, the whole batch. The own events of a service (S3 and schedules on EventBridge, destination
/// records) are not opened.
///
/// # Errors
///
/// [`NotAnEvent`] when the document itself is none.
pub fn unwrap(document: &Value) -> Result<Vec<Unwrapped>, NotAnEvent> {
    let family = Event::detect(document)?;
    let mut found = Vec::new();
    // A list instead of recursion: envelopes may be nested as deep as the document is long.
    let mut open = vec![Unwrapped { family, document: document.clone(), steps: Vec::new() }];
    while let Some(outer) = open.pop() {
        let mut inner = inner(&outer);
        if inner.is_empty() {
            found.push(outer);
        } else {
            inner.reverse();
            open.append(&mut inner);
        }
    }
    Ok(found)
}

/// The events inside one envelope; none when it holds no known one, or is no envelope.
fn inner(outer: &Unwrapped) -> Vec<Unwrapped> {
    let step = |document: Value, step: UnwrapStep| {
        let family = Event::detect(&document).ok()?;
        let steps = outer.steps.iter().copied().chain([step]).collect();
        Some(Unwrapped { family, document, steps })
    };
    let text = |text: Option<&Value>| serde_json::from_str(text?.as_str()?).ok();
    match outer.family {
        Family::Sqs => of_records(outer, |at, record| step(text(record.get("body"))?, UnwrapStep::Sqs(at))),
        Family::Sns => {
            of_records(outer, |at, record| step(text(record.pointer("/Sns/Message"))?, UnwrapStep::SnsRecord(at)))
        }
        Family::SnsNotification => {
            text(outer.document.get("Message")).and_then(|message| step(message, UnwrapStep::Sns)).into_iter().collect()
        }
        Family::EventBridge => {
            let detail = outer.document.get("detail").cloned();
            detail.and_then(|detail| step(detail, UnwrapStep::EventBridge)).into_iter().collect()
        }
        Family::S3
        | Family::S3Test
        | Family::S3EventBridge
        | Family::Rule
        | Family::Scheduler
        | Family::Destination => Vec::new(),
    }
}

fn of_records(outer: &Unwrapped, open: impl Fn(usize, &Value) -> Option<Unwrapped>) -> Vec<Unwrapped> {
    let Some(records) = outer.document.get("Records").and_then(Value::as_array) else { return Vec::new() };
    let opened: Vec<_> = records.iter().enumerate().map(|(at, record)| open(at, record)).collect();
    if opened.iter().all(Option::is_none) {
        return Vec::new();
    }
    let alone = |at: usize, record: &Value| Unwrapped {
        family: outer.family,
        document: json!({ "Records": [record] }),
        steps: outer.steps.iter().copied().chain([UnwrapStep::Record(at)]).collect(),
    };
    let opened = opened.into_iter().zip(records).enumerate();
    opened.map(|(at, (opened, record))| opened.unwrap_or_else(|| alone(at, record))).collect()
}
