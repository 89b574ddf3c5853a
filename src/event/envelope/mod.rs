//! Events inside other events: SNS, SQS and EventBridge around any document, and the way back.

mod sns;
#[cfg(test)]
mod tests;
mod unwrap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::invoke::DestinationRecord;
use super::{BuildError, EventBridgeEvent, Json, S3Event, SqsEvent, SqsMessageBuilder, TestEvent, edit};

pub use sns::{RawMessage, SnsAttribute, SnsEvent, SnsMessage, SnsNotification, SnsRecord};
pub use unwrap::{UnwrapStep, Unwrapped, unwrap};

/// A document that SNS, SQS or EventBridge can carry. Envelopes nest to any depth.
///
/// ```
/// use lambda_testkit::event::{Document, S3Event, unwrap};
///
/// let event = S3Event::put("export", "a.csv").build();
/// let batch = event.in_sns().in_sqs();
/// let found = unwrap(&serde_json::to_value(&batch).unwrap()).unwrap();
/// assert_eq!(found[0].path(), "sqs[0] > sns");
/// assert_eq!(found[0].document, serde_json::to_value(&event).unwrap());
/// ```
pub trait Document: Serialize {
    /// The document as text: what a queue or topic carries.
    ///
    /// # Panics
    ///
    /// Never for the types of this crate: they all have a JSON form.
    fn to_text(&self) -> String {
        match serde_json::to_string(self) {
            Ok(text) => text,
            Err(error) => panic!("the document has no JSON form: {error}"),
        }
    }

    /// The subject under which the sender publishes the document to a topic.
    fn subject(&self) -> Option<&'static str> {
        None
    }

    /// Reads the document as any serde type, such as one of `aws_lambda_events`.
    ///
    /// # Errors
    ///
    /// What the type's own `Deserialize` reports.
    fn to<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error>
    where
        Self: Sized,
    {
        serde_json::from_value(serde_json::to_value(self)?)
    }

    /// The document with another value at a place, named by a JSON Pointer; a member that is not there is added. For what
    /// no builder builds: a field that AWS adds one day, or a value that it never sends.
    ///
    /// ```
    /// use lambda_testkit::event::{Document, S3Event};
    ///
    /// let event = S3Event::put("export", "a.csv").build().with_member("/Records/0/s3/object/checksum", "crc64");
    /// assert_eq!(event.records[0].s3.object.unknown.get("checksum").unwrap().as_str(), Some("crc64"));
    /// ```
    ///
    /// # Panics
    ///
    /// When the pointer leads nowhere, or the document does not read as its type any more.
    #[must_use]
    #[track_caller]
    fn with_member(self, pointer: &str, value: impl Into<Json>) -> Self
    where
        Self: Sized + DeserializeOwned,
    {
        edited(&self, |document| edit::set(document, pointer, value.into()))
    }

    /// The document without the member or element at a place, named by a JSON Pointer.
    ///
    /// ```
    /// use lambda_testkit::event::{Document, S3Event};
    ///
    /// let event = S3Event::put("export", "a.csv").build().without_member("/Records/0/s3/object/eTag");
    /// assert_eq!(event.records[0].s3.object.e_tag, None);
    /// ```
    ///
    /// # Panics
    ///
    /// When nothing is there, or the document does not read as its type any more.
    #[must_use]
    #[track_caller]
    fn without_member(self, pointer: &str) -> Self
    where
        Self: Sized + DeserializeOwned,
    {
        edited(&self, |document| edit::remove(document, pointer))
    }

    /// The notification by which SNS delivers the document to a queue or an HTTP endpoint. For what a
    /// function receives from SNS, go on with [`SnsNotification::to_lambda`]; for raw delivery, with
    /// [`SnsNotification::raw`].
    fn in_sns(&self) -> SnsNotification {
        SnsNotification::new(self.to_text(), self.subject())
    }

    /// A message with the document as its body, to be refined.
    fn sqs_message(&self) -> SqsMessageBuilder {
        SqsEvent::message(self.to_text())
    }

    /// A batch of one message with the document as its body.
    ///
    /// # Panics
    ///
    /// When SQS would not take the document, most often because it is larger than 1 MiB.
    /// [`Document::sqs_message`] followed by `try_build` returns the error.
    #[track_caller]
    fn in_sqs(&self) -> SqsEvent {
        self.sqs_message().build()
    }

    /// The document as the detail of an event that an application puts on a bus. For an S3 event with one
    /// record it is the event that S3 itself sends there.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for a document that is not a JSON object, and for S3 events that S3 does not send.
    fn try_via_eventbridge(&self) -> Result<EventBridgeEvent<Json>, BuildError> {
        let broken = |value, rule| BuildError::Rule { what: "event detail", value, rule };
        let detail: Json = serde_json::from_str(&self.to_text())
            .map_err(|error| broken(error.to_string(), "the detail of an event is JSON"))?;
        if detail.as_object().is_none() {
            return Err(broken(detail.to_string(), "the detail of an event is a JSON object"));
        }
        Ok(EventBridgeEvent::custom("custom.application", "Custom Event", detail))
    }

    /// The document as the detail of an event.
    ///
    /// # Panics
    ///
    /// Where [`Document::try_via_eventbridge`] returns an error, with its message.
    #[track_caller]
    fn via_eventbridge(&self) -> EventBridgeEvent<Json> {
        match self.try_via_eventbridge() {
            Ok(event) => event,
            Err(error) => panic!("cannot send the document through EventBridge: {error}"),
        }
    }
}

#[track_caller]
fn edited<D>(document: &D, edit: impl FnOnce(&mut Json) -> Result<(), BuildError>) -> D
where
    D: Document + DeserializeOwned,
{
    let mut json = match document.to_text().parse::<Json>() {
        Ok(json) => json,
        Err(error) => panic!("the document has no JSON form: {error}"),
    };
    if let Err(error) = edit(&mut json) {
        panic!("cannot change the document: {error}");
    }
    match serde_json::from_str(&json.to_string()) {
        Ok(document) => document,
        Err(error) => panic!("the document does not read as its type any more: {error}"),
    }
}

impl Document for S3Event {
    fn subject(&self) -> Option<&'static str> {
        Some("Amazon S3 Notification")
    }

    fn try_via_eventbridge(&self) -> Result<EventBridgeEvent<Json>, BuildError> {
        let [record] = self.records.as_slice() else {
            return Err(BuildError::Rule {
                what: "S3 event",
                value: format!("{} records", self.records.len()),
                rule: "S3 sends one event to EventBridge for each record",
            });
        };
        let event = record.to_event_bridge(&super::default_account())?;
        let detail = Json::from_serialize(&event.detail).map_err(|error| BuildError::Rule {
            what: "event detail",
            value: error.to_string(),
            rule: "it is JSON",
        })?;
        Ok(event.with_detail(detail))
    }
}

impl Document for TestEvent {
    fn subject(&self) -> Option<&'static str> {
        Some("Amazon S3 Notification")
    }
}

impl Document for SqsEvent {}
impl Document for SnsEvent {}
impl Document for SnsNotification {}
impl Document for DestinationRecord {}
impl Document for Json {}
impl Document for serde_json::Value {}
impl<D: Serialize> Document for EventBridgeEvent<D> {}

impl Document for RawMessage {
    fn to_text(&self) -> String {
        self.0.clone()
    }
}
