//! A queue as a test sees it.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::json;

use super::batch::Batch;
use super::error::{CloudError, expect};
use super::function::{Function, check_seconds};
use super::message::{IntoMessage, NewMessage, Received};
use super::stored::{Message, MessagePlace};
use super::trigger::Trigger;
use super::world::World;
use crate::event::{Arn, message_bytes};
use crate::expectation;
use crate::history::Origin;
use crate::kernel::later;
use crate::mock::http::Call;
use crate::mock::lambda::event_source::{NewMapping, Phase};
use crate::mock::sqs::{QueueId, ReceiveRequest, ReceivedMessage, SqsFault, SqsService, base_of_region};

/// How a message gets what a FIFO queue asks for.
const FIFO_VERBS: &str = "send_fifo(group, deduplication_id, body), or send a NewMessage with group(…) and \
                          deduplication_id(…)";

/// How many messages a failed assertion shows.
const MOST_MESSAGES_SHOWN: usize = 20;

/// A queue of a [`Cloud`](crate::Cloud), used with its owner's rights.
#[derive(Clone)]
pub struct Queue {
    world: Weak<World>,
    id: QueueId,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("arn", &self.arn().to_string()).finish_non_exhaustive()
    }
}

impl Queue {
    pub(super) fn new(world: &Arc<World>, id: QueueId) -> Self {
        Self { world: Arc::downgrade(world), id }
    }

    /// Whether it belongs to this cloud.
    pub(super) fn is_of(&self, world: &Arc<World>) -> bool {
        std::ptr::eq(self.world.as_ptr(), Arc::as_ptr(world))
    }

    fn world(&self) -> Result<Arc<World>, CloudError> {
        self.world.upgrade().ok_or(CloudError::Dropped)
    }

    /// An error of SQS, which does not say what queue it is that does not exist.
    fn told(&self, error: impl Into<CloudError>) -> CloudError {
        let (error, QueueId { account, region, name }) = (error.into(), &self.id);
        let is_gone = matches!(&error, CloudError::Aws { code, .. } if code.ends_with("NonExistentQueue"));
        if is_gone {
            error.because(format_args!("queue {name} of {account} in {region}, which was deleted"))
        } else {
            error
        }
    }

    /// The queue's name.
    pub fn name(&self) -> &str {
        &self.id.name
    }

    /// The queue's ARN.
    pub fn arn(&self) -> Arn {
        self.id.arn()
    }

    /// The queue's URL for clients of [`sdk_config`](crate::Cloud::sdk_config). A client that comes over a socket may
    /// use it too: only the path counts. In another region than the cloud's own the path names it.
    pub fn url(&self) -> String {
        let home = self.world().map_or_else(|_| self.id.region.clone(), |world| world.home.clone());
        self.id.url(&base_of_region("http://127.0.0.1", &self.id.region, &home))
    }

    /// Sends a message and returns its id: text, a [`Value`](serde_json::Value), or a [`NewMessage`](crate::NewMessage) with
    /// attributes, a delay, a group.
    ///
    /// # Panics
    ///
    /// As [`try_send`](Self::try_send) fails.
    #[track_caller]
    pub fn send(&self, message: impl IntoMessage) -> String {
        expect(self.try_send(message))
    }

    /// As [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`], such as for an empty body or one of more than 1 MiB, or when the queue is a FIFO queue,
    /// whose messages need a group; [`CloudError::Setting`] for a delay with parts of a second.
    pub fn try_send(&self, message: impl IntoMessage) -> Result<String, CloudError> {
        let message = message.into_message().checked()?;
        let bytes = message_bytes(&message.body, &message.attributes);
        let world = self.world()?;
        let by = world.caller(&self.id.account);
        let sent = world.router.send(&self.id, (&by, None), Origin::Handle, message, None);
        sent.map_err(|undone| {
            let error = self.told(CloudError::undone("sqs", undone));
            // SQS names the parameter, a test has verbs.
            let lacks_ids = |message: &str| {
                message.contains("the parameter MessageGroupId") || message.contains("provided explicitly")
            };
            match &error {
                CloudError::Aws { message, .. } if self.id.is_fifo() && lacks_ids(message) => {
                    error.because(format_args!("{} is a FIFO queue: {FIFO_VERBS}", self.id.name))
                }
                CloudError::Aws { message, .. } if message.contains("Message must be shorter") => {
                    error.because(format_args!("it has {bytes} bytes with its attributes"))
                }
                _ => error,
            }
        })
    }

    /// Sends several messages, one after the other, and returns their ids.
    ///
    /// # Panics
    ///
    /// As [`try_send`](Self::try_send) fails for the first that the queue refuses; those before it are sent.
    #[track_caller]
    pub fn send_all<M: IntoMessage>(&self, messages: impl IntoIterator<Item = M>) -> Vec<String> {
        let mut ids = Vec::new();
        for message in messages {
            ids.push(self.send(message));
        }
        ids
    }

    /// Sends a message to a FIFO queue and returns its id.
    ///
    /// # Panics
    ///
    /// As [`try_send_fifo`](Self::try_send_fifo) fails.
    #[track_caller]
    pub fn send_fifo(&self, group: &str, deduplication_id: &str, body: impl Into<String>) -> String {
        expect(self.try_send_fifo(group, deduplication_id, body))
    }

    /// As [`send_fifo`](Self::send_fifo).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when SQS would refuse the message.
    pub fn try_send_fifo(
        &self,
        group: &str,
        deduplication_id: &str,
        body: impl Into<String>,
    ) -> Result<String, CloudError> {
        self.try_send(NewMessage::text(body).group(group).deduplication_id(deduplication_id))
    }

    /// Receives at most `most` messages, 1 to 10, as a consumer of the test's own, without waiting. They are hidden from
    /// others until they are deleted or the visibility timeout is over.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// # use serde_json::{Value, json};
    /// let cloud = Cloud::start();
    /// let results = cloud.queue("results");
    /// results.send(json!({ "total": 7 }));
    /// for message in results.receive(10) {
    ///     assert_eq!(message.json::<Value>()["total"], 7);
    ///     message.delete();
    /// }
    /// results.assert_empty();
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_receive`](Self::try_receive) fails.
    #[track_caller]
    pub fn receive(&self, most: usize) -> Vec<Received> {
        expect(self.try_receive(most))
    }

    /// As [`receive`](Self::receive).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] when the number is not 1 to 10, [`CloudError::Aws`] when the queue was deleted.
    pub fn try_receive(&self, most: usize) -> Result<Vec<Received>, CloudError> {
        if !(1..=10).contains(&most) {
            let rule = "a consumer receives 1 to 10 messages at once";
            return Err(CloudError::Setting { name: "number of messages", value: most.to_string(), rule });
        }
        let request = ReceiveRequest { max_messages: most, visibility_timeout: None };
        let received = self.act_as("ReceiveMessage", |sqs, call| sqs.receive(&self.id, request, call))?;
        let world = self.world()?;
        let settings = world.sqs.settings(&self.id).map_err(|fault| self.told(fault))?;
        let timeout = Duration::from_secs(settings.visibility_timeout.into());
        let place = match timeout {
            Duration::ZERO => MessagePlace::Visible,
            _ => MessagePlace::InFlight { until: later(world.kernel.now(), timeout) },
        };
        let message = |received: ReceivedMessage| {
            Received::new(self, received.receipt_handle, Message::new(received.message, place))
        };
        Ok(received.into_iter().map(message).collect())
    }

    pub(super) fn delete_received(&self, receipt_handle: &str) -> Result<(), CloudError> {
        self.act("DeleteMessage", |sqs| sqs.delete(&self.id, receipt_handle))
    }

    pub(super) fn return_received(&self, receipt_handle: &str) -> Result<(), CloudError> {
        self.act("ChangeMessageVisibility", |sqs| sqs.make_visible(&self.id, receipt_handle))
    }

    fn act<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&SqsService) -> Result<T, SqsFault>,
    ) -> Result<T, CloudError> {
        self.act_as(operation, |sqs, _| work(sqs))
    }

    fn act_as<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&SqsService, &Call) -> Result<T, SqsFault>,
    ) -> Result<T, CloudError> {
        let world = self.world()?;
        let done = world.router.act_on_queue(&self.id, &world.caller(&self.id.account), operation, work);
        done.map_err(|undone| self.told(CloudError::undone("sqs", undone)))
    }

    /// Asserts that the queue holds no message at all: none visible, delayed or in flight.
    ///
    /// # Panics
    ///
    /// Otherwise; the message shows the messages and what is still to be done.
    #[track_caller]
    pub fn assert_empty(&self) {
        let messages = self.messages();
        if messages.is_empty() {
            return;
        }
        let shown = messages.iter().take(MOST_MESSAGES_SHOWN).map(|message| {
            let place = match message.place {
                MessagePlace::Visible => String::new(),
                MessagePlace::Delayed { until } => format!(", delayed until {until}"),
                MessagePlace::InFlight { until } => format!(", in flight until {until}"),
            };
            format!("\n  {:?} (received {}×{place})", expectation::shown(&message.body), message.receive_count)
        });
        let shown: String = shown.collect();
        let hint = self.hint().map(|hint| format!("\n  {hint}")).unwrap_or_default();
        panic!("queue {} is not empty: it holds {}{shown}{hint}", self.name(), messages.len());
    }

    /// Asserts that the queue holds messages with these texts and no others: of a FIFO queue in this order, of a standard
    /// queue in any.
    ///
    /// # Panics
    ///
    /// Otherwise; the message shows what is missing with the nearest text, and what is still to be done.
    #[track_caller]
    pub fn assert_bodies<T: AsRef<str>>(&self, bodies: impl IntoIterator<Item = T>) {
        let expected: Vec<String> = bodies.into_iter().map(|body| body.as_ref().to_owned()).collect();
        let (place, fifo) = (format!("queue {}", self.name()), self.id.is_fifo());
        if let Some(unmet) = expectation::unmet(&place, "message", &expected, &self.bodies(), fifo, self.hint()) {
            panic!("{unmet}");
        }
    }

    fn hint(&self) -> Option<String> {
        self.world().ok()?.kernel.what_waits()
    }

    /// The messages in the order in which they were sent, without receiving them.
    ///
    /// # Panics
    ///
    /// When the queue was deleted or the Cloud dropped.
    #[track_caller]
    pub fn messages(&self) -> Vec<Message> {
        let messages = |world: Arc<World>| world.sqs.messages(&self.id).map_err(|fault| self.told(fault));
        let messages = expect(self.world().and_then(messages));
        messages.into_iter().map(|stored| Message::new(stored.message, stored.place.into())).collect()
    }

    /// Those of its [messages](Self::messages) that a consumer has received and neither deleted nor lost again.
    ///
    /// # Panics
    ///
    /// As [`messages`](Self::messages).
    #[track_caller]
    pub fn in_flight(&self) -> Vec<Message> {
        self.placed(|place| matches!(place, MessagePlace::InFlight { .. }))
    }

    /// Those of its [messages](Self::messages) that cannot be received yet, because they or the queue have a delay.
    ///
    /// # Panics
    ///
    /// As [`messages`](Self::messages).
    #[track_caller]
    pub fn delayed(&self) -> Vec<Message> {
        self.placed(|place| matches!(place, MessagePlace::Delayed { .. }))
    }

    #[track_caller]
    fn placed(&self, wanted: impl Fn(MessagePlace) -> bool) -> Vec<Message> {
        self.messages().into_iter().filter(|message| wanted(message.place)).collect()
    }

    /// The messages of this queue that are in its dead-letter queue now; none if it has no such queue.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (jobs, dead) = (cloud.queue("jobs"), cloud.queue("jobs-dead"));
    /// jobs.dead_letter(&dead, 1);
    /// jobs.trigger(&cloud.function("work", |_: SqsEvent| async { Err::<(), _>("never") }), batch(1));
    /// let id = jobs.send("a job");
    /// let _ = cloud.drain().await;
    /// assert_eq!(jobs.dead_letters()[0].id, id);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`messages`](Self::messages).
    #[track_caller]
    pub fn dead_letters(&self) -> Vec<Message> {
        let world = expect(self.world());
        let settings = expect(world.sqs.settings(&self.id).map_err(|fault| self.told(fault)));
        let Some(redrive) = settings.redrive else { return Vec::new() };
        let (own, there) = (self.arn(), Self::new(&world, redrive.target));
        there.messages().into_iter().filter(|message| message.dead_letter_source.as_ref() == Some(&own)).collect()
    }

    /// The texts of all messages, in the order in which they were sent.
    ///
    /// # Panics
    ///
    /// As [`messages`](Self::messages).
    #[track_caller]
    pub fn bodies(&self) -> Vec<String> {
        self.messages().into_iter().map(|message| message.body).collect()
    }

    /// Drops all messages, as PurgeQueue does.
    ///
    /// # Panics
    ///
    /// When the queue was purged less than 60 s ago on the cloud's clock, as AWS refuses it, or was deleted.
    #[track_caller]
    pub fn purge(&self) {
        expect(self.world().and_then(|world| world.sqs.purge(&self.id).map_err(|fault| self.told(fault))));
    }

    /// Sets how long a received message is hidden. Whole seconds, 0 to 12 hours; default 30 s.
    ///
    /// # Panics
    ///
    /// As [`try_visibility_timeout`](Self::try_visibility_timeout) fails.
    #[track_caller]
    pub fn visibility_timeout(&self, timeout: Duration) -> Self {
        expect(self.try_visibility_timeout(timeout));
        self.clone()
    }

    /// As [`visibility_timeout`](Self::visibility_timeout).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the timeout is longer than 12 hours, [`CloudError::Setting`] for parts of a second.
    pub fn try_visibility_timeout(&self, timeout: Duration) -> Result<(), CloudError> {
        check_seconds("visibility timeout", timeout, 0..=u64::MAX, "SQS counts in whole seconds")?;
        let seconds = timeout.as_secs().to_string();
        self.set("VisibilityTimeout", seconds).map_err(|error| match &error {
            CloudError::Aws { code, .. } if code == "InvalidAttributeValue" => {
                error.because(format_args!("{timeout:?}: a visibility timeout is 0 s to 12 hours"))
            }
            _ => error,
        })
    }

    /// Moves a message to `dead_letters` instead of delivering it once more, when it has been received
    /// `max_receive_count` times: 1 to 1,000.
    ///
    /// # Panics
    ///
    /// As [`try_dead_letter`](Self::try_dead_letter) fails.
    #[track_caller]
    pub fn dead_letter(&self, dead_letters: &Queue, max_receive_count: u32) -> Self {
        expect(self.try_dead_letter(dead_letters, max_receive_count));
        self.clone()
    }

    /// As [`dead_letter`](Self::dead_letter).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the count is out of range, or one queue is FIFO and the other is not;
    /// [`CloudError::Setting`] when the queue belongs to another Cloud.
    pub fn try_dead_letter(&self, dead_letters: &Queue, max_receive_count: u32) -> Result<(), CloudError> {
        if !dead_letters.is_of(&self.world()?) {
            return Err(CloudError::of_another_cloud("dead-letter queue", &dead_letters.arn()));
        }
        let policy = json!({
            "deadLetterTargetArn": dead_letters.arn().to_string(),
            "maxReceiveCount": max_receive_count,
        });
        self.set("RedrivePolicy", policy.to_string())
    }

    fn set(&self, name: &str, value: String) -> Result<(), CloudError> {
        let attributes = BTreeMap::from([(name.to_owned(), value)]);
        self.world()?.sqs.set_attributes(&self.id, &attributes).map_err(|fault| self.told(fault))
    }

    /// Lets a function have the queue's messages, in batches: an event source mapping.
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # let cloud = Cloud::start();
    /// # let to_slack = cloud.function("to-slack", |_: SqsEvent| async { Ok::<_, String>(()) });
    /// cloud.queue("alarms").trigger(&to_slack, batch(10).report_item_failures());
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_trigger`](Self::try_trigger) fails.
    #[track_caller]
    pub fn trigger(&self, function: &Function, batch: Batch) -> Trigger {
        expect(self.try_trigger(function, batch))
    }

    /// As [`trigger`](Self::trigger).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] for what Lambda refuses, with `ValidationException` or `InvalidParameterValueException`: a batch
    /// size, window, filter or concurrency out of range, or a visibility timeout that is shorter than the function's timeout;
    /// with `ResourceConflictException` when the queue has a trigger to the function already. [`CloudError::Setting`] for
    /// parts of a second, and for a function of another account, region or Cloud.
    pub fn try_trigger(&self, function: &Function, batch: Batch) -> Result<Trigger, CloudError> {
        let world = self.world()?;
        if !function.is_of(&world) {
            return Err(CloudError::of_another_cloud("function", &function.arn()));
        }
        let function = function.callee()?;
        let setting =
            |rule| Err(CloudError::Setting { name: "function", value: function.invoked_arn().to_string(), rule });
        if function.named.account != self.id.account {
            return setting("a queue triggers functions of its own account only: permissions are not supported yet");
        }
        if function.named.region != self.id.region {
            return setting("a queue triggers functions of its own region only");
        }
        let (source, given) = (self.id.arn(), batch.given()?);
        let new = NewMapping { source, function, given, enabled: true };
        let mapping = world.mappings.make(new, Phase::settled(true))?;
        Ok(Trigger::of_queue(&world, &self.id, mapping.id.clone(), mapping.label()))
    }
}
