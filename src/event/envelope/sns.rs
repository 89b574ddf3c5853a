//! What SNS delivers: notifications to queues and endpoints, and events to functions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::derived::Derived;
use crate::event::nullable::present;
use crate::event::open::constant;
use crate::event::readable::readable;
use crate::event::records::{Records, by_records};
use crate::event::{
    Arn, Base64Bytes, DEFAULT_TIME, Document, Members, MessageAttribute, Nullable, Object, SqsEvent, SqsMessageBuilder,
    Time, default_account, default_region,
};

by_records!(SnsEvent, SnsRecord, "an SNS event");
readable!(SnsNotification, SnsEvent, SnsRecord);

constant! {
    /// The `Type` of a notification: `Notification`.
    NotificationType = "Notification"
}

constant! {
    /// The `EventSource` of SNS records: `aws:sns`.
    SnsSource = "aws:sns"
}

/// The document by which SNS delivers a message to a queue or an HTTP endpoint (not raw).
///
/// The signature has the right form, and verifies nothing.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnsNotification {
    /// Always `Notification`.
    #[serde(rename = "Type")]
    pub kind: NotificationType,
    /// The id of the message, a UUID.
    pub message_id: String,
    /// The ARN of the topic.
    pub topic_arn: Arn,
    /// The subject; absent when the sender gave none, in some recordings `null`.
    #[serde(default, skip_serializing_if = "Nullable::is_absent")]
    pub subject: Nullable<String>,
    /// The message, always as text.
    pub message: String,
    /// When the message was published.
    pub timestamp: Time,
    /// `1` (SHA1) or `2` (SHA256).
    pub signature_version: String,
    /// The signature, base64.
    pub signature: String,
    /// Where the certificate of the signature lies.
    #[serde(rename = "SigningCertURL")]
    pub signing_cert_url: String,
    /// How to end the subscription.
    #[serde(rename = "UnsubscribeURL")]
    pub unsubscribe_url: String,
    /// What the sender added to the message; absent when that is nothing.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub message_attributes: Option<Members<SnsAttribute>>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// A message attribute as SNS writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnsAttribute {
    /// `String`, `Number`, `Binary` or `String.Array`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// The value; base64 for Binary.
    pub value: String,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl SnsNotification {
    /// The notification of a message to the topic `topic` in account `111111111111` and `us-east-1`, at the
    /// start of 2026, with ids that follow from the message.
    pub fn new(message: impl Into<String>, subject: Option<&str>) -> Self {
        let message = message.into();
        let mut ids = Derived::from(&[b"sns", message.as_bytes()]);
        let mut notification = Self {
            kind: NotificationType,
            message_id: ids.uuid(),
            topic_arn: Arn::regional("sns", &default_region(), &default_account(), "topic"),
            subject: subject.map(str::to_owned).into(),
            message,
            timestamp: Time::millis(DEFAULT_TIME),
            signature_version: "1".to_owned(),
            // 256 bytes of an RSA signature.
            signature: ids.base64(342) + "==",
            signing_cert_url: String::new(),
            unsubscribe_url: String::new(),
            message_attributes: None,
            unknown: Object::new(),
        };
        notification.fill_urls();
        notification
    }

    fn fill_urls(&mut self) {
        let region = self.topic_arn.region().cloned().unwrap_or_else(default_region);
        let mut ids = Derived::from(&[b"subscription", self.topic_arn.resource().as_bytes()]);
        let (certificate, subscription) = (ids.hex(32), ids.uuid());
        let suffix = region.partition().dns_suffix();
        let (host, topic) = (format!("https://sns.{region}.{suffix}"), &self.topic_arn);
        self.signing_cert_url = format!("{host}/SimpleNotificationService-{certificate}.pem");
        self.unsubscribe_url = format!("{host}/?Action=Unsubscribe&SubscriptionArn={topic}:{subscription}");
    }

    /// Published to this topic; the URLs follow.
    #[must_use]
    pub fn topic(mut self, arn: Arn) -> Self {
        self.topic_arn = arn;
        self.fill_urls();
        self
    }

    /// Published with this subject.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Nullable::Value(subject.into());
        self
    }

    /// Published at this time, to the millisecond.
    #[must_use]
    pub fn timestamp(mut self, time: Timestamp) -> Self {
        self.timestamp = Time::millis(time);
        self
    }

    /// Published with this attribute; `kind` is `String`, `Number`, `Binary` or `String.Array`.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, kind: impl Into<String>, value: impl Into<String>) -> Self {
        let attribute = SnsAttribute { kind: kind.into(), value: value.into(), unknown: Object::new() };
        self.message_attributes.get_or_insert_default().insert(name, attribute);
        self
    }

    /// Raw message delivery: the message without the notification around it.
    pub fn raw(&self) -> RawMessage {
        RawMessage(self.message.clone())
    }

    /// Raw message delivery to a queue: the message as the body, and the SNS attributes as message
    /// attributes. Attributes of a type that SQS does not have are left out, as SNS does. A Binary attribute whose
    /// value is not base64 is an error when the message is built.
    pub fn raw_sqs_message(&self) -> SqsMessageBuilder {
        let attributes = self.message_attributes.iter().flat_map(Members::iter);
        attributes.fold(self.raw().sqs_message(), |builder, (name, attribute)| match attribute.kind.as_str() {
            "String" => builder.attribute(name, MessageAttribute::string(attribute.value.as_str())),
            "Number" => builder.attribute(name, MessageAttribute::number(&attribute.value)),
            "Binary" => match Base64Bytes::try_from(attribute.value.clone()) {
                Ok(bytes) => builder.attribute(name, MessageAttribute::binary(bytes.0)),
                Err(error) => builder.refuse(error.into()),
            },
            _ => builder,
        })
    }

    /// Raw message delivery to a queue, as a batch of one message.
    ///
    /// # Panics
    ///
    /// When SQS would not take the message.
    #[track_caller]
    pub fn raw_in_sqs(&self) -> SqsEvent {
        self.raw_sqs_message().build()
    }

    /// The event by which SNS delivers the message to a function.
    pub fn to_lambda(&self) -> SnsEvent {
        let subscription = Derived::from(&[b"subscription", self.topic_arn.resource().as_bytes(), b"lambda"]).uuid();
        let record = SnsRecord {
            event_source: SnsSource,
            event_version: "1.0".to_owned(),
            event_subscription_arn: format!("{}:{subscription}", self.topic_arn),
            sns: SnsMessage {
                kind: NotificationType,
                message_id: self.message_id.clone(),
                topic_arn: self.topic_arn.clone(),
                subject: self.subject.value().cloned().map_or(Nullable::Null, Nullable::Value),
                message: self.message.clone(),
                timestamp: self.timestamp.clone(),
                signature_version: self.signature_version.clone(),
                signature: self.signature.clone(),
                signing_cert_url: self.signing_cert_url.clone(),
                unsubscribe_url: self.unsubscribe_url.clone(),
                message_attributes: self.message_attributes.clone().unwrap_or_default(),
                unknown: Object::new(),
            },
            unknown: Object::new(),
        };
        SnsEvent { records: vec![record], unknown: Object::new() }
    }
}

/// A message that is delivered as it is: plain text that need not be JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawMessage(pub String);

/// What a function receives from SNS: `{"Records":[…]}`, one record each.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Records<SnsRecord>")]
pub struct SnsEvent {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<SnsRecord>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// One record of an [`SnsEvent`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnsRecord {
    /// Always `aws:sns`.
    pub event_source: SnsSource,
    /// The version of the record, `1.0`.
    pub event_version: String,
    /// The ARN of the subscription.
    pub event_subscription_arn: String,
    /// The message.
    pub sns: SnsMessage,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// The message of an [`SnsRecord`]: a notification with other spellings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnsMessage {
    /// Always `Notification`.
    #[serde(rename = "Type")]
    pub kind: NotificationType,
    /// The id of the message, a UUID.
    pub message_id: String,
    /// The ARN of the topic.
    pub topic_arn: Arn,
    /// The subject; `null` when the sender gave none.
    #[serde(default, skip_serializing_if = "Nullable::is_absent")]
    pub subject: Nullable<String>,
    /// The message, always as text.
    pub message: String,
    /// When the message was published.
    pub timestamp: Time,
    /// `1` (SHA1) or `2` (SHA256).
    pub signature_version: String,
    /// The signature, base64.
    pub signature: String,
    /// Where the certificate of the signature lies.
    pub signing_cert_url: String,
    /// How to end the subscription.
    pub unsubscribe_url: String,
    /// What the sender added to the message.
    pub message_attributes: Members<SnsAttribute>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}
