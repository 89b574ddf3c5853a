//! Messages as a test sends and receives them.

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{CloudError, expect};
use super::function::check_seconds;
use super::queue::Queue;
use super::stored::Message;
use crate::event::MessageAttribute;
use crate::expectation;
use crate::mock::sqs::OutgoingMessage;

/// A message to be sent, with all that it may have beside its text; see [`Queue::send`].
///
/// ```
/// # use std::time::Duration;
/// # use lambda_testkit::event::MessageAttribute;
/// # use lambda_testkit::{Cloud, NewMessage};
/// # use serde_json::json;
/// let cloud = Cloud::start();
/// let jobs = cloud.queue("jobs");
/// let message = NewMessage::json(&json!({ "job": 7 })).attribute("weeks", MessageAttribute::number(6));
/// jobs.send(message.delay(Duration::from_secs(60)));
/// assert_eq!(jobs.bodies(), [r#"{"job":7}"#]);
///
/// cloud.queue("orders.fifo").send(NewMessage::text("tea").group("ada").deduplication_id("order-1"));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a message does nothing until it is given to Queue::send"]
pub struct NewMessage {
    message: OutgoingMessage,
    delay: Option<Duration>,
}

impl NewMessage {
    /// A message with this text.
    pub fn text(body: impl Into<String>) -> Self {
        Self { message: OutgoingMessage { body: body.into(), ..OutgoingMessage::default() }, delay: None }
    }

    /// A message with this value as JSON.
    ///
    /// # Panics
    ///
    /// When the value cannot be written as JSON.
    #[track_caller]
    pub fn json(value: &impl Serialize) -> Self {
        let body = serde_json::to_string(value).map_err(|error| CloudError::NotJson(error.to_string()));
        Self::text(expect(body))
    }

    /// A user attribute; at most 10.
    pub fn attribute(mut self, name: impl Into<String>, value: MessageAttribute) -> Self {
        self.message.attributes.insert(name.into(), value);
        self
    }

    /// How long until it can be received: whole seconds up to 15 minutes. Default: the queue's own delay. FIFO queues have
    /// only that.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// The message group, which messages of FIFO queues must have. In a standard queue (a fair queue, then) the message keeps it, and
    /// nothing else follows: messages come in the order in which they were sent, where SQS lets a group wait that has some 30 messages
    /// or more in flight, and more than a tenth of all.
    ///
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html>
    pub fn group(mut self, id: impl Into<String>) -> Self {
        self.message.group_id = Some(id.into());
        self
    }

    /// The deduplication id, which messages of FIFO queues have unless the queue deduplicates by content.
    pub fn deduplication_id(mut self, id: impl Into<String>) -> Self {
        self.message.deduplication_id = Some(id.into());
        self
    }

    pub(super) fn checked(self) -> Result<OutgoingMessage, CloudError> {
        let Self { mut message, delay } = self;
        if let Some(delay) = delay {
            check_seconds("delay", delay, 0..=u64::MAX, "SQS counts in whole seconds")?;
            message.delay_seconds = Some(i64::try_from(delay.as_secs()).unwrap_or(i64::MAX));
        }
        Ok(message)
    }
}

/// Anything that is a message: text, JSON as a [`Value`], or a [`NewMessage`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    note = "send text, a `serde_json::Value`, or `NewMessage::json(&value)` for any other type of serde"
)]
pub trait IntoMessage {
    /// The message.
    fn into_message(self) -> NewMessage;
}

impl IntoMessage for NewMessage {
    fn into_message(self) -> NewMessage {
        self
    }
}

macro_rules! text {
    ($($text:ty),*) => {
        $(impl IntoMessage for $text {
            fn into_message(self) -> NewMessage {
                NewMessage::text(self)
            }
        })*
    };
}

text!(&str, String, &String, Cow<'_, str>, Box<str>);

impl IntoMessage for Value {
    fn into_message(self) -> NewMessage {
        NewMessage::text(self.to_string())
    }
}

impl IntoMessage for &Value {
    fn into_message(self) -> NewMessage {
        NewMessage::text(self.to_string())
    }
}

/// A message that the test received, and that is hidden from others until its visibility timeout is over.
#[derive(Debug, Clone)]
#[must_use = "a message that is received and not deleted comes back"]
pub struct Received {
    queue: Queue,
    receipt_handle: String,
    message: Message,
}

impl Received {
    pub(super) fn new(queue: &Queue, receipt_handle: String, message: Message) -> Self {
        Self { queue: queue.clone(), receipt_handle, message }
    }

    /// The text as JSON, in a type of your choice.
    ///
    /// # Panics
    ///
    /// When it is not JSON of this type; the message shows the text.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_str(&self.message.body) {
            Ok(value) => value,
            Err(error) => {
                panic!("the message {:?} is not what was expected: {error}", expectation::shown(&self.message.body))
            }
        }
    }

    /// The handle with which an SDK client deletes the message or changes its visibility.
    pub fn receipt_handle(&self) -> &str {
        &self.receipt_handle
    }

    /// Deletes the message from the queue.
    ///
    /// # Panics
    ///
    /// When the queue refuses, as a FIFO queue does after the visibility timeout, or the Cloud was dropped.
    #[track_caller]
    pub fn delete(self) {
        expect(self.queue.delete_received(&self.receipt_handle).map_err(|error| self.named_in(error)));
    }

    /// Gives the message back: others can receive it at once.
    ///
    /// # Panics
    ///
    /// When the queue refuses, as for a message that was deleted, or the Cloud was dropped.
    #[track_caller]
    pub fn give_back(self) {
        expect(self.queue.return_received(&self.receipt_handle).map_err(|error| self.named_in(error)));
    }

    /// SQS names the handle, a test knows the message by its text.
    fn named_in(&self, error: CloudError) -> CloudError {
        let body = expectation::shown(&self.message.body);
        error.because(format_args!("the message {body:?} of {}", self.queue.name()))
    }
}

/// What it says: text, attributes, how often it was received.
impl std::ops::Deref for Received {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}
