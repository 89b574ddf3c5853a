//! Which family a document belongs to.

use std::fmt;

use serde_json::Value;

use super::invoke::DestinationRecord;
use super::look::{RecordFamily, marked};
use super::{
    EventBridgeEvent, Json, ReadError, S3Event, S3EventBridgeEvent, ScheduledEvent, SnsEvent, SnsNotification,
    SqsEvent, TestEvent, from_slice,
};

/// A kind of document that this crate knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// An S3 event notification.
    S3,
    /// `s3:TestEvent`.
    S3Test,
    /// An S3 event on EventBridge.
    S3EventBridge,
    /// A batch of SQS messages.
    Sqs,
    /// An SNS message to a function.
    Sns,
    /// An SNS message to a queue or endpoint.
    SnsNotification,
    /// A scheduled event of an EventBridge rule.
    Rule,
    /// A scheduled event of EventBridge Scheduler.
    Scheduler,
    /// Any other event on EventBridge.
    EventBridge,
    /// The destination record of an asynchronous invocation.
    Destination,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 10] = [
        Self::S3,
        Self::S3Test,
        Self::S3EventBridge,
        Self::Sqs,
        Self::Sns,
        Self::SnsNotification,
        Self::Rule,
        Self::Scheduler,
        Self::EventBridge,
        Self::Destination,
    ];

    /// The family's name, for messages, such as `S3 event`.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "S3 event",
            Self::S3Test => "S3 test event",
            Self::S3EventBridge => "S3 event on EventBridge",
            Self::Sqs => "SQS event",
            Self::Sns => "SNS event",
            Self::SnsNotification => "SNS notification",
            Self::Rule => "scheduled event of an EventBridge rule",
            Self::Scheduler => "scheduled event of EventBridge Scheduler",
            Self::EventBridge => "EventBridge event",
            Self::Destination => "Lambda destination record",
        }
    }
}

/// As its [name](Family::name).
impl serde::Serialize for Family {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a document is none of the known events.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NotAnEvent {
    /// The document is not a JSON object.
    NotAnObject(&'static str),
    /// `Records` is not an array of objects, or is empty.
    BadRecords(String),
    /// The records are of no known source.
    UnknownSource {
        /// Which record.
        index: usize,
        /// Its `eventSource`, if it has one.
        source: Option<String>,
    },
    /// The records are of different sources.
    MixedSources(Family, Family),
    /// Nothing marks the document as an event; these are its members.
    NoMarker(Vec<String>),
}

impl fmt::Display for NotAnEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject(kind) => write!(f, "an event is a JSON object, and this is {kind}"),
            Self::BadRecords(what) => write!(f, "`Records` {what}"),
            Self::UnknownSource { index, source: Some(source) } => {
                write!(f, "/Records/{index} has the unknown event source {source:?}")
            }
            Self::UnknownSource { index, source: None } => write!(f, "/Records/{index} has no `eventSource`"),
            Self::MixedSources(one, other) => write!(f, "`Records` mixes records of an {one} and an {other}"),
            Self::NoMarker(members) if members.is_empty() => f.write_str("the object is empty"),
            Self::NoMarker(members) => write!(
                f,
                "none of `Records`, `detail-type` with `source`, `Type` with `Message`, `Event` and `requestContext` marks it as an event; it has the members {}",
                members.join(", ")
            ),
        }
    }
}

impl std::error::Error for NotAnEvent {}

/// An event of any family.
///
/// ```
/// use lambda_testkit::event::{Event, Family};
///
/// let document = serde_json::json!({"source": "aws.scheduler", "detail-type": "Scheduled Event"});
/// assert_eq!(Event::detect(&document), Ok(Family::Scheduler));
/// let error = Event::detect(&serde_json::json!({"Records": [{"eventSource": "aws:kinesis"}]})).unwrap_err();
/// assert_eq!(error.to_string(), "/Records/0 has the unknown event source \"aws:kinesis\"");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// An S3 event notification.
    S3(S3Event),
    /// `s3:TestEvent`.
    S3Test(Box<TestEvent>),
    /// An S3 event on EventBridge.
    S3EventBridge(Box<S3EventBridgeEvent>),
    /// A batch of SQS messages.
    Sqs(SqsEvent),
    /// An SNS message to a function.
    Sns(SnsEvent),
    /// An SNS message to a queue or endpoint.
    SnsNotification(Box<SnsNotification>),
    /// A scheduled event of an EventBridge rule.
    Rule(Box<ScheduledEvent>),
    /// A scheduled event of EventBridge Scheduler.
    Scheduler(Box<ScheduledEvent>),
    /// Any other event on EventBridge.
    EventBridge(Box<EventBridgeEvent<Json>>),
    /// The destination record of an asynchronous invocation.
    Destination(Box<DestinationRecord>),
}

/// Why bytes are not an event.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventError {
    /// The bytes cannot be read as JSON, or only with a loss.
    Read(ReadError),
    /// The document is of no known family.
    NotAnEvent(NotAnEvent),
    /// The document is of this family, but not a valid member of it.
    Invalid {
        /// The family that the document belongs to.
        family: Family,
        /// What is wrong with it.
        error: serde_json::Error,
    },
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(f),
            Self::NotAnEvent(error) => error.fmt(f),
            Self::Invalid { family, .. } => write!(f, "this is an {family}, but an invalid one"),
        }
    }
}

impl std::error::Error for EventError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            Self::NotAnEvent(error) => Some(error),
            Self::Invalid { error, .. } => Some(error),
        }
    }
}

impl Event {
    /// Says which family a document belongs to, by what marks its family alone: the document may still be invalid.
    ///
    /// # Errors
    ///
    /// [`NotAnEvent`] says why it belongs to none.
    pub fn detect(document: &Value) -> Result<Family, NotAnEvent> {
        let Value::Object(members) = document else { return Err(NotAnEvent::NotAnObject(kind(document))) };
        if let Some(records) = members.get("Records") {
            return family_of_records(records);
        }
        let schema = marked(members).ok_or_else(|| NotAnEvent::NoMarker(members.keys().cloned().collect()))?;
        Ok(match schema {
            "s3/test-event" => Family::S3Test,
            "sns/notification" => Family::SnsNotification,
            "invoke/destination-record" => Family::Destination,
            "scheduled/rule" => Family::Rule,
            "scheduled/scheduler-default" => Family::Scheduler,
            name if name.starts_with("eventbridge/s3-") => Family::S3EventBridge,
            _ => Family::EventBridge,
        })
    }

    /// Reads a document as the event of its family.
    ///
    /// # Errors
    ///
    /// [`EventError::NotAnEvent`] for a document of no family, [`EventError::Invalid`] for a broken one.
    pub fn from_value(document: Value) -> Result<Self, EventError> {
        let family = Self::detect(&document).map_err(EventError::NotAnEvent)?;
        let event = match family {
            Family::S3 => serde_json::from_value(document).map(Self::S3),
            Family::S3Test => serde_json::from_value(document).map(Self::S3Test),
            Family::S3EventBridge => serde_json::from_value(document).map(Self::S3EventBridge),
            Family::Sqs => serde_json::from_value(document).map(Self::Sqs),
            Family::Sns => serde_json::from_value(document).map(Self::Sns),
            Family::SnsNotification => serde_json::from_value(document).map(Self::SnsNotification),
            Family::Rule => serde_json::from_value(document).map(Self::Rule),
            Family::Scheduler => serde_json::from_value(document).map(Self::Scheduler),
            Family::EventBridge => serde_json::from_value(document).map(Self::EventBridge),
            Family::Destination => serde_json::from_value(document).map(Self::Destination),
        };
        event.map_err(|error| EventError::Invalid { family, error })
    }

    /// Reads bytes as the event of their family, strictly ([`from_slice`]): members keep their order.
    ///
    /// # Errors
    ///
    /// [`EventError`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, EventError> {
        let document: Value = from_slice(bytes).map_err(EventError::Read)?;
        let family = Self::detect(&document).map_err(EventError::NotAnEvent)?;
        // Read from the bytes again: `Value` does not keep the order of members.
        let event = match family {
            Family::S3 => serde_json::from_slice(bytes).map(Self::S3),
            Family::S3Test => serde_json::from_slice(bytes).map(Self::S3Test),
            Family::S3EventBridge => serde_json::from_slice(bytes).map(Self::S3EventBridge),
            Family::Sqs => serde_json::from_slice(bytes).map(Self::Sqs),
            Family::Sns => serde_json::from_slice(bytes).map(Self::Sns),
            Family::SnsNotification => serde_json::from_slice(bytes).map(Self::SnsNotification),
            Family::Rule => serde_json::from_slice(bytes).map(Self::Rule),
            Family::Scheduler => serde_json::from_slice(bytes).map(Self::Scheduler),
            Family::EventBridge => serde_json::from_slice(bytes).map(Self::EventBridge),
            Family::Destination => serde_json::from_slice(bytes).map(Self::Destination),
        };
        event.map_err(|error| EventError::Invalid { family, error })
    }

    /// The family of the event.
    pub fn family(&self) -> Family {
        match self {
            Self::S3(_) => Family::S3,
            Self::S3Test(_) => Family::S3Test,
            Self::S3EventBridge(_) => Family::S3EventBridge,
            Self::Sqs(_) => Family::Sqs,
            Self::Sns(_) => Family::Sns,
            Self::SnsNotification(_) => Family::SnsNotification,
            Self::Rule(_) => Family::Rule,
            Self::Scheduler(_) => Family::Scheduler,
            Self::EventBridge(_) => Family::EventBridge,
            Self::Destination(_) => Family::Destination,
        }
    }
}

impl serde::Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::S3(event) => event.serialize(serializer),
            Self::S3Test(event) => event.serialize(serializer),
            Self::S3EventBridge(event) => event.serialize(serializer),
            Self::Sqs(event) => event.serialize(serializer),
            Self::Sns(event) => event.serialize(serializer),
            Self::SnsNotification(event) => event.serialize(serializer),
            Self::Rule(event) | Self::Scheduler(event) | Self::EventBridge(event) => event.serialize(serializer),
            Self::Destination(event) => event.serialize(serializer),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Event {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        // By way of text: the order of members survives, and repeated ones are found.
        let text = Json::deserialize(deserializer)?.to_string();
        Self::from_slice(text.as_bytes()).map_err(|error| match &error {
            EventError::Invalid { error: cause, .. } => D::Error::custom(format_args!("{error}: {cause}")),
            _ => D::Error::custom(error),
        })
    }
}

impl super::Document for Event {}

fn family_of_records(records: &Value) -> Result<Family, NotAnEvent> {
    let Value::Array(records) = records else {
        return Err(NotAnEvent::BadRecords(format!("is {} instead of an array", kind(records))));
    };
    let mut family = None;
    for (index, record) in records.iter().enumerate() {
        let source = RecordFamily::source(record);
        let own = match source.and_then(RecordFamily::of_source) {
            Some(RecordFamily::S3) => Family::S3,
            Some(RecordFamily::Sqs) => Family::Sqs,
            Some(RecordFamily::Sns) => Family::Sns,
            None => return Err(NotAnEvent::UnknownSource { index, source: source.map(str::to_owned) }),
        };
        let first = *family.get_or_insert(own);
        if first != own {
            return Err(NotAnEvent::MixedSources(first, own));
        }
    }
    family.ok_or_else(|| NotAnEvent::BadRecords("is empty".to_owned()))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_an_event_says_why() {
        for (document, message) in [
            (json!(null), "an event is a JSON object, and this is null"),
            (json!({}), "the object is empty"),
            (json!({"Records": {}}), "`Records` is an object instead of an array"),
            (json!({"Records": []}), "`Records` is empty"),
            (json!({"Records": [1]}), "/Records/0 has no `eventSource`"),
            (
                json!({"Records": [{"eventSource": "aws:s3"}, {"eventSource": "aws:sqs"}]}),
                "`Records` mixes records of an S3 event and an SQS event",
            ),
        ] {
            assert_eq!(Event::detect(&document).unwrap_err().to_string(), message);
        }
        let error = Event::detect(&json!({"log": "x", "n": 1})).unwrap_err().to_string();
        assert!(error.ends_with("it has the members log, n"), "{error}");
    }

    #[test]
    fn records_of_cloud_trail_are_events_of_no_service() {
        for source in ["aws.s3", "aws.events", "aws.scheduler"] {
            for kind in ["AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"] {
                let document =
                    json!({"source": source, "detail-type": kind, "detail": {"eventSource": "s3.amazonaws.com"}});
                assert_eq!(Event::detect(&document), Ok(Family::EventBridge), "{source} {kind}");
            }
        }
        assert_eq!(
            Event::detect(&json!({"source": "aws.s3", "detail-type": "Object Created"})),
            Ok(Family::S3EventBridge)
        );
    }

    #[test]
    fn an_error_leads_to_its_cause() {
        use std::error::Error;
        for bytes in [&b"{"[..], br#"{"a":1,"a":2}"#, b"{}", br#"{"Records":[{"eventSource":"aws:s3"}]}"#] {
            let error = Event::from_slice(bytes).unwrap_err();
            assert!(error.source().is_some(), "{error}");
        }
        let EventError::Read(error) = Event::from_slice(b"{").unwrap_err() else { panic!("a read error is due") };
        assert!(error.source().is_some_and(|cause| cause.is::<serde_json::Error>()));
    }

    #[test]
    fn a_broken_event_is_named_by_its_family() {
        let error = Event::from_slice(br#"{"Records":[{"eventSource":"aws:s3"}]}"#).unwrap_err();
        assert_eq!(error.to_string(), "this is an S3 event, but an invalid one");
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("eventVersion"));
    }
}
