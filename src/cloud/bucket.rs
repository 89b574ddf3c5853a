//! A bucket as a test sees it.

use std::sync::{Arc, Weak};

use bytes::Bytes;

use super::error::{CloudError, expect};
use super::notification::{repeated_rules, rules_of};
use super::object::{ObjectContent, StoredObject};
use super::target::{self, Home, NotificationTarget};
use super::trigger::Trigger;
use super::triggers::objects::{s3, short_name};
use super::world::World;
use crate::event::{AccountId, Arn, Region, S3EventName};
use crate::expectation;
use crate::history::RequestInfo;
use crate::mock::http::Call;
use crate::mock::s3::{Content, DestinationKind, Found, NotificationRequest, RuleRequest};
use crate::mock::sqs::QueueId;

/// How many keys a message names.
const MOST_KEYS_SHOWN: usize = 20;

/// A bucket of a [`Cloud`](crate::Cloud), used with its owner's rights.
#[derive(Clone)]
pub struct Bucket {
    world: Weak<World>,
    account: AccountId,
    region: Region,
    name: String,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).field("account", &self.account).finish_non_exhaustive()
    }
}

impl Bucket {
    pub(super) fn new(world: &Arc<World>, account: &AccountId, region: Region, name: &str) -> Self {
        Self { world: Arc::downgrade(world), account: account.clone(), region, name: name.to_owned() }
    }

    pub(super) fn world(&self) -> Result<Arc<World>, CloudError> {
        self.world.upgrade().ok_or(CloudError::Dropped)
    }

    pub(super) fn look(&self, world: &World) -> Call {
        world.look(&self.account, &self.region)
    }

    pub(super) fn request(&self, world: &World, operation: &'static str, key: &str) -> RequestInfo {
        world.s3_request(&self.account, &self.region, operation, &self.name, key)
    }

    /// Whether it belongs to this cloud.
    pub(super) fn is_of(&self, world: &Arc<World>) -> bool {
        std::ptr::eq(self.world.as_ptr(), Arc::as_ptr(world))
    }

    /// The bucket's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bucket's ARN, such as `arn:aws:s3:::export`.
    pub fn arn(&self) -> Arn {
        Arn::global(self.region.partition(), "s3", self.name.as_str())
    }

    /// Puts an object, as PutObject does. The key is raw, not encoded.
    ///
    /// # Panics
    ///
    /// As [`try_put`](Self::try_put) fails.
    #[track_caller]
    pub fn put(&self, key: &str, body: impl AsRef<[u8]>) {
        expect(self.try_put(key, body));
    }

    /// As [`put`](Self::put).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`], such as `KeyTooLongError` for a key of more than 1,024 bytes.
    pub fn try_put(&self, key: &str, body: impl AsRef<[u8]>) -> Result<(), CloudError> {
        let world = self.world()?;
        let body = Bytes::copy_from_slice(body.as_ref());
        let info = RequestInfo { size: body.len(), ..self.request(&world, "PutObject", key) };
        world.act_on_s3(info, |s3, call| s3.put(call, &self.name, key, body, Content::default()))?;
        Ok(())
    }

    /// Puts an object with a content type, metadata or tags. See [`ObjectContent`].
    ///
    /// # Panics
    ///
    /// As [`try_put_with`](Self::try_put_with) fails.
    #[track_caller]
    pub fn put_with(&self, key: &str, body: impl AsRef<[u8]>, content: ObjectContent) {
        expect(self.try_put_with(key, body, content));
    }

    /// As [`put_with`](Self::put_with).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`], such as `InvalidTag` for a tag that is given twice; [`CloudError::Setting`] for what cannot stand in
    /// an HTTP header.
    pub fn try_put_with(&self, key: &str, body: impl AsRef<[u8]>, content: ObjectContent) -> Result<(), CloudError> {
        let world = self.world()?;
        let body = Bytes::copy_from_slice(body.as_ref());
        let content = content.checked()?;
        let info = RequestInfo { size: body.len(), ..self.request(&world, "PutObject", key) };
        world.act_on_s3(info, |s3, call| s3.put(call, &self.name, key, body, content))?;
        Ok(())
    }

    /// The object with all that it has: bytes, content type, metadata, tags, entity tag, version, time.
    ///
    /// # Panics
    ///
    /// When there is no such object; the message names the nearest key and what is still to be done.
    #[track_caller]
    pub fn object(&self, key: &str) -> StoredObject {
        match self.try_object(key) {
            Ok(object) => object,
            Err(error) => panic!("{}", self.absent(key, &error)),
        }
    }

    /// As [`object`](Self::object).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] with `NoSuchKey` when there is no such object.
    pub fn try_object(&self, key: &str) -> Result<StoredObject, CloudError> {
        Ok(StoredObject::new(&self.name, key, self.found(key)?))
    }

    /// The object's bytes.
    ///
    /// # Panics
    ///
    /// When there is no such object; the message names the nearest key and what is still to be done.
    #[track_caller]
    pub fn bytes(&self, key: &str) -> Bytes {
        match self.try_bytes(key) {
            Ok(bytes) => bytes,
            Err(error) => panic!("{}", self.absent(key, &error)),
        }
    }

    /// Asserts that the bucket holds these keys and no others, in any order.
    ///
    /// # Panics
    ///
    /// Otherwise; the message shows what is missing with the nearest key, and what is still to be done.
    #[track_caller]
    pub fn assert_keys<K: AsRef<str>>(&self, keys: impl IntoIterator<Item = K>) {
        let expected: Vec<String> = keys.into_iter().map(|key| key.as_ref().to_owned()).collect();
        let (place, hint) = (format!("s3://{}", self.name), self.hint());
        if let Some(unmet) = expectation::unmet(&place, "key", &expected, &self.keys(), false, hint) {
            panic!("{unmet}");
        }
    }

    /// Asserts that the bucket holds no object.
    ///
    /// # Panics
    ///
    /// Otherwise; the message shows the keys.
    #[track_caller]
    pub fn assert_empty(&self) {
        self.assert_keys(std::iter::empty::<&str>());
    }

    fn hint(&self) -> Option<String> {
        self.world().ok()?.kernel.what_waits()
    }

    /// Why an object is not found, and what may be the reason.
    fn absent(&self, key: &str, error: &CloudError) -> String {
        let keys = self.try_keys().unwrap_or_default();
        let known: Vec<&str> = keys.iter().map(String::as_str).collect();
        let near = expectation::nearest(key, &known).map(|near| format!("; nearest is {near:?}")).unwrap_or_default();
        let hint = self.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        let shown = &known[..known.len().min(MOST_KEYS_SHOWN)];
        let more =
            if known.len() > shown.len() { format!(" and {} more", known.len() - shown.len()) } else { String::new() };
        // It is there after all, behind a marker.
        let versions = self.try_versions(key).unwrap_or_default();
        let marked = match versions.first() {
            Some(newest) if newest.is_delete_marker() => {
                let kept = versions.iter().filter(|version| !version.is_delete_marker()).count();
                format!(
                    "; its newest version is a delete marker, and of those before it {kept} {} an object",
                    if kept == 1 { "is" } else { "are" }
                )
            }
            _ => String::new(),
        };
        format!("s3://{}/{key}: {error}{near}{marked}; the bucket holds {shown:?}{more}{hint}", self.name)
    }

    /// As [`bytes`](Self::bytes).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] with `NoSuchKey` when there is no such object.
    pub fn try_bytes(&self, key: &str) -> Result<Bytes, CloudError> {
        Ok(self.found(key)?.body)
    }

    fn found(&self, key: &str) -> Result<Found, CloudError> {
        let world = self.world()?;
        // A test that looks leaves no entry; what a handler reads by a handle is a request like any other.
        if world.kernel.inside_invocation() {
            let info = self.request(&world, "GetObject", key);
            return world.act_on_s3(info, |s3, call| s3.get(call, &self.name, key));
        }
        Ok(world.s3.get(&self.look(&world), &self.name, key)?)
    }

    /// The object as UTF-8 text.
    ///
    /// # Panics
    ///
    /// When there is no such object, or when it is not UTF-8; the message says where.
    #[track_caller]
    pub fn text(&self, key: &str) -> String {
        match String::from_utf8(self.bytes(key).to_vec()) {
            Ok(text) => text,
            Err(error) => panic!("s3://{}/{key} is not UTF-8: {error}", self.name),
        }
    }

    /// All keys, in S3's order: by UTF-8 bytes.
    ///
    /// # Panics
    ///
    /// When the bucket was deleted or the Cloud dropped.
    #[track_caller]
    pub fn keys(&self) -> Vec<String> {
        expect(self.try_keys())
    }

    pub(super) fn try_keys(&self) -> Result<Vec<String>, CloudError> {
        self.world().and_then(|world| Ok(world.s3.keys(&self.look(&world), &self.name, "")?))
    }

    /// Deletes an object, as DeleteObject does; one that is not there is deleted too.
    ///
    /// # Panics
    ///
    /// As [`try_delete`](Self::try_delete) fails.
    #[track_caller]
    pub fn delete(&self, key: &str) {
        expect(self.try_delete(key));
    }

    /// As [`delete`](Self::delete).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the bucket was deleted.
    pub fn try_delete(&self, key: &str) -> Result<(), CloudError> {
        let world = self.world()?;
        let info = self.request(&world, "DeleteObject", key);
        world.act_on_s3(info, |s3, call| s3.delete(call, &self.name, key))?;
        Ok(())
    }

    /// Adds a trigger to the bucket's notification configuration: events of objects go to a function or a queue.
    ///
    /// S3 is permitted to invoke the function or to send to the queue, also of another account, by a statement in its policy, as
    /// the console does it. An SDK client does that itself before PutBucketNotificationConfiguration: by Lambda's AddPermission, or
    /// with the queue's attribute `Policy`. When the permission is taken away later, what S3 has to tell is lost, and the timeline
    /// says why.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html>
    ///
    /// ```
    /// # use lambda_testkit::prelude::*;
    /// # let cloud = Cloud::start();
    /// # let to_utf8 = cloud.function("to-utf8", |_: S3Event| async { Ok::<_, String>(()) });
    /// let export = cloud.bucket("export");
    /// export.notify(&to_utf8, on(ObjectCreated).prefix("my_files/export-").suffix(".csv"));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`try_notify`](Self::try_notify) fails.
    #[track_caller]
    pub fn notify(&self, target: &impl NotificationTarget, subscription: Subscription) -> Trigger {
        expect(self.try_notify(target, subscription))
    }

    /// As [`notify`](Self::notify).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] as S3 answers PutBucketNotificationConfiguration, such as for filters that overlap those of
    /// another trigger, for a FIFO queue, or for a queue whose policy denies S3; [`CloudError::Setting`] for one of another Cloud.
    pub fn try_notify(
        &self,
        target: &impl NotificationTarget,
        subscription: Subscription,
    ) -> Result<Trigger, CloudError> {
        let world = self.world()?;
        let before = world.s3.notification(&self.look(&world), &self.name)?;
        let mut request = repeated_rules(&before, |_| true);
        let arn = target.arn();
        if !target.is_in(&Home(&world)) {
            return Err(CloudError::of_another_cloud("destination", &arn));
        }
        let kind = if arn.service() == "lambda" { DestinationKind::Function } else { DestinationKind::Queue };
        let rule =
            RuleRequest { id: None, arn: arn.to_string(), events: subscription.events, filter: subscription.filter };
        rules_of(&mut request, kind).push(rule);
        let to = short_name(&arn);
        let by = Arc::new(s3(&self.account));
        let permitted = target::permit(&world, &arn, (&by, &self.arn()), &self.region, &format!("s3-{}", self.name))?;
        let info = self.request(&world, "PutBucketNotificationConfiguration", "").detail(format!("to notify {to}"));
        let set = world.act_on_s3(info, |s3, call| s3.set_notification(call, &self.name, request, false));
        if let Err(error) = set {
            let queue = QueueId::from_arn(&arn).filter(|queue| world.sqs.exists(queue));
            let why = queue.and_then(|queue| world.router.may_send(&by, Some(&self.arn()), &queue).err());
            permitted.undo(&world);
            return Err(why.map_or(error.clone(), |why| error.because(why)));
        }
        let now = world.s3.notification(&self.look(&world), &self.name)?;
        let known = |id: &str| before.rules.iter().any(|rule| rule.id == id);
        let id = now.rules.iter().find(|rule| !known(&rule.id)).map(|rule| rule.id.clone());
        let id = id.ok_or(CloudError::Dropped)?;
        Ok(Trigger::of_bucket(&world, (&self.account, &self.region), &self.name, id, &to))
    }

    /// Sends all events of the bucket to EventBridge, too: to the [bus](crate::Cloud::event_bus) `default` of the bucket's
    /// account and region, whose [rules](crate::EventBus::rule) hand them on. Off by default, as on AWS.
    ///
    /// There it is an `EventBridgeConfiguration` of the notification configuration; S3 does not try it out by a test event.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html>
    ///
    /// # Panics
    ///
    /// As [`try_notify_event_bridge`](Self::try_notify_event_bridge) fails.
    #[track_caller]
    pub fn notify_event_bridge(&self) {
        expect(self.try_notify_event_bridge());
    }

    /// As [`notify_event_bridge`](Self::notify_event_bridge).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the bucket was deleted.
    pub fn try_notify_event_bridge(&self) -> Result<(), CloudError> {
        let world = self.world()?;
        let before = world.s3.notification(&self.look(&world), &self.name)?;
        let request = NotificationRequest { event_bridge: true, ..repeated_rules(&before, |_| true) };
        let info = self.request(&world, "PutBucketNotificationConfiguration", "").detail("to notify EventBridge");
        // The destinations that there are were tried out before.
        world.act_on_s3(info, |s3, call| s3.set_notification(call, &self.name, request, true))
    }

    /// The same as [`notify`](Self::notify), by the name that queues, rules and schedules have for it.
    ///
    /// # Panics
    ///
    /// As [`try_notify`](Self::try_notify) fails.
    #[track_caller]
    pub fn trigger(&self, target: &impl NotificationTarget, subscription: Subscription) -> Trigger {
        self.notify(target, subscription)
    }
}

/// The events that a trigger is for: one of S3's families, or a single kind.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectEvents {
    /// `s3:ObjectCreated:*`: put, post, copy and completed multipart uploads.
    ObjectCreated,
    /// `s3:ObjectRemoved:*`: deletions and delete markers, but not what lifecycle rules remove.
    ObjectRemoved,
    /// `s3:ObjectTagging:*`.
    ObjectTagging,
    /// One kind of event.
    Only(S3EventName),
}

impl ObjectEvents {
    fn config_name(&self) -> String {
        match self {
            Self::ObjectCreated => "s3:ObjectCreated:*".to_owned(),
            Self::ObjectRemoved => "s3:ObjectRemoved:*".to_owned(),
            Self::ObjectTagging => "s3:ObjectTagging:*".to_owned(),
            Self::Only(name) => name.config_name().to_string(),
        }
    }
}

impl From<S3EventName> for ObjectEvents {
    fn from(name: S3EventName) -> Self {
        Self::Only(name)
    }
}

/// Which events of which keys a trigger is for. Made by [`on`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a subscription does nothing until it is given to Bucket::notify"]
pub struct Subscription {
    events: Vec<String>,
    filter: Vec<(Option<String>, Option<String>)>,
}

/// Starts a subscription: `on(ObjectCreated).prefix("in/").suffix(".csv")`.
pub fn on(events: impl Into<ObjectEvents>) -> Subscription {
    Subscription { events: vec![events.into().config_name()], filter: Vec::new() }
}

impl Subscription {
    /// More events for the same trigger.
    pub fn and(mut self, events: impl Into<ObjectEvents>) -> Self {
        self.events.push(events.into().config_name());
        self
    }

    /// Only keys that start with this. S3 compares with the URL-encoded key, so a space is written `+`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.filter.push((Some("prefix".to_owned()), Some(prefix.into())));
        self
    }

    /// Only keys that end with this. S3 compares with the URL-encoded key, so a space is written `+`.
    pub fn suffix(mut self, suffix: impl Into<String>) -> Self {
        self.filter.push((Some("suffix".to_owned()), Some(suffix.into())));
        self
    }
}
