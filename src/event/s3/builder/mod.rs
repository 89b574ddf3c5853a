//! Builds S3 events whose every part fits the others.

mod assembly;
mod bridge_code;
mod code;
mod rules;

use jiff::Timestamp;

use super::{
    AccessTier, ObjectRetentionEventData, ReplicationEventData, S3Event, S3EventBridgeEvent, S3EventName,
    S3ObjectAnnotation, S3Record, StorageClass,
};

pub(in crate::event) use bridge_code::bridge_code;
pub(in crate::event) use code::code;

use crate::event::error::checked;
use crate::event::time::DEFAULT_TIME;
use crate::event::{
    AccountId, BuildError, InvalidName, Members, Object, ObjectKey, PrincipalId, Region, Sequencer, VersionPolicy,
    default_account,
};

/// Builds an [`S3Event`], or records for one.
///
/// Everything that is not set follows from what is: the ARN from bucket and region, the sequencer from the
/// time and the place in the event, ids and entity tag from bucket, key, time and place, the principal from the
/// kind of event. A record carries only the fields that its kind carries; setting another one is an error when
/// the event is built, and so is a value that AWS never sends, such as an empty id.
#[derive(Debug, Clone)]
#[must_use = "nothing is built until `build` is called"]
pub struct S3EventBuilder {
    event_name: S3EventName,
    bucket: String,
    key: Option<ObjectKey>,
    version_policy: VersionPolicy,
    region: Option<Region>,
    account: Option<AccountId>,
    owner: Option<String>,
    principal: Option<PrincipalId>,
    source_ip: Option<String>,
    time: Timestamp,
    configuration_id: Option<String>,
    request_id: Option<String>,
    host_id: Option<String>,
    size: Option<u64>,
    e_tag: Option<String>,
    version_id: Option<String>,
    sequencer: Option<Sequencer>,
    aws_generated_tags: Option<Members<String>>,
    storage_class: Option<StorageClass>,
    restore_expiry: Option<Timestamp>,
    access_tier: Option<AccessTier>,
    replication: Option<ReplicationEventData>,
    retention: Option<ObjectRetentionEventData>,
    annotation: Option<S3ObjectAnnotation>,
    has_annotation: Option<bool>,
    more: Vec<S3EventBuilder>,
    /// The first setter that was given a bad value.
    error: Option<BuildError>,
}

impl S3Event {
    /// Starts an event of any kind that AWS documents ([`S3EventName::all`]). The key is raw (not encoded).
    ///
    /// A name that the crate does not know is an error when the event is built, because what its events carry is
    /// not known either; in what is read it is kept. For a test with such a name, set
    /// [`event_name`](S3Record::event_name) of a record that was built.
    pub fn builder(
        event_name: impl Into<S3EventName>,
        bucket: impl Into<String>,
        key: impl TryInto<ObjectKey, Error: Into<InvalidName>>,
    ) -> S3EventBuilder {
        let (key, error) = match checked(key) {
            Ok(key) => (Some(key), None),
            Err(error) => (None, Some(error)),
        };
        S3EventBuilder {
            event_name: event_name.into(),
            bucket: bucket.into(),
            key,
            version_policy: VersionPolicy::default(),
            region: None,
            account: None,
            owner: None,
            principal: None,
            source_ip: None,
            time: DEFAULT_TIME,
            configuration_id: None,
            request_id: None,
            host_id: None,
            size: None,
            e_tag: None,
            version_id: None,
            sequencer: None,
            aws_generated_tags: None,
            storage_class: None,
            restore_expiry: None,
            access_tier: None,
            replication: None,
            retention: None,
            annotation: None,
            has_annotation: None,
            more: Vec::new(),
            error,
        }
    }

    /// Starts an `ObjectCreated:Put`. The key is raw (not encoded).
    pub fn put(bucket: impl Into<String>, key: impl TryInto<ObjectKey, Error: Into<InvalidName>>) -> S3EventBuilder {
        Self::builder(S3EventName::ObjectCreatedPut, bucket, key)
    }

    /// Starts an `ObjectRemoved:Delete`. The key is raw (not encoded).
    pub fn delete(bucket: impl Into<String>, key: impl TryInto<ObjectKey, Error: Into<InvalidName>>) -> S3EventBuilder {
        Self::builder(S3EventName::ObjectRemovedDelete, bucket, key)
    }
}

impl S3EventBuilder {
    fn checked<T>(&mut self, value: impl TryInto<T, Error: Into<InvalidName>>) -> Option<T> {
        match checked(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    /// The size in bytes, at most 2⁶³ − 1. Default 1,024; 16 MiB for a multipart upload.
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// The entity tag, without quotes. The default looks like an MD5 and follows from bucket, key and size.
    pub fn e_tag(mut self, e_tag: impl Into<String>) -> Self {
        self.e_tag = Some(e_tag.into());
        self
    }

    /// The version id, as in a versioned bucket. Default none, except for delete markers.
    pub fn version_id(mut self, version_id: impl Into<String>) -> Self {
        self.version_id = Some(version_id.into());
        self
    }

    /// The sequencer. The default follows from the time and from the place in the event: of two records at one time
    /// the one behind is the later.
    pub fn sequencer(mut self, sequencer: impl TryInto<Sequencer, Error: Into<InvalidName>>) -> Self {
        self.sequencer = self.checked(sequencer);
        self
    }

    /// The region of the bucket, and with it the partition of its ARN. Default `us-east-1`.
    pub fn region(mut self, region: impl TryInto<Region, Error: Into<InvalidName>>) -> Self {
        self.region = self.checked(region);
        self
    }

    /// The account that owns the bucket. Default `111111111111`.
    pub fn account(mut self, account: impl TryInto<AccountId, Error: Into<InvalidName>>) -> Self {
        self.account = self.checked(account);
        self
    }

    /// The customer id of the bucket's owner. The default follows from the account.
    pub fn owner(mut self, customer_id: impl Into<String>) -> Self {
        self.owner = Some(customer_id.into());
        self
    }

    /// Who caused the event. Default an IAM user; S3 itself for what S3 does by itself.
    pub fn principal(mut self, principal: impl Into<PrincipalId>) -> Self {
        self.principal = Some(principal.into());
        self
    }

    /// Where the request came from. Default `203.0.113.7`; `s3.amazonaws.com` for what S3 does by itself.
    pub fn source_ip(mut self, address: impl Into<String>) -> Self {
        self.source_ip = Some(address.into());
        self
    }

    /// The time of the event, to the millisecond. Default the start of 2026.
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = time;
        self
    }

    /// The id of the notification configuration. The default is a UUID that follows from the bucket.
    pub fn configuration_id(mut self, id: impl Into<String>) -> Self {
        self.configuration_id = Some(id.into());
        self
    }

    /// The request id.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// The extended request id, `x-amz-id-2`.
    pub fn host_id(mut self, id: impl Into<String>) -> Self {
        self.host_id = Some(id.into());
        self
    }

    /// Which `eventVersion` to write. Default 2.6 for every kind.
    pub fn version_policy(mut self, policy: VersionPolicy) -> Self {
        self.version_policy = policy;
        self
    }

    /// The bucket's `aws:…` tags; needs version 2.5 or later.
    pub fn aws_generated_tags<N: Into<String>, V: Into<String>>(
        mut self,
        tags: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.aws_generated_tags = Some(tags.into_iter().map(|(name, value)| (name, value.into())).collect());
        self
    }

    /// The storage class: the new one of a `LifecycleTransition`, the old one of a restore. Default `GLACIER`.
    /// `ObjectRestore:Post` has it in the EventBridge form only.
    pub fn storage_class(mut self, class: impl Into<StorageClass>) -> Self {
        self.storage_class = Some(class.into());
        self
    }

    /// When the restored copy expires, of `ObjectRestore:Completed`. Default a day after the event.
    pub fn restore_expiry(mut self, time: Timestamp) -> Self {
        self.restore_expiry = Some(time);
        self
    }

    /// The new access tier, of `IntelligentTiering`. Default `ARCHIVE_ACCESS`.
    pub fn access_tier(mut self, tier: impl Into<AccessTier>) -> Self {
        self.access_tier = Some(tier.into());
        self
    }

    /// The details of a replication event.
    pub fn replication(mut self, data: ReplicationEventData) -> Self {
        self.replication = Some(data);
        self
    }

    /// The retention that was set, of `ObjectRetention:Put`. Default `GOVERNANCE`, for 30 days from the event on.
    pub fn retention(mut self, data: ObjectRetentionEventData) -> Self {
        self.retention = Some(data);
        self
    }

    /// Which annotation it was, of `ObjectAnnotation:Put` and `ObjectAnnotation:Delete`. Default `summary`, with a size
    /// and an entity tag in a `Put`.
    pub fn object_annotation(mut self, annotation: S3ObjectAnnotation) -> Self {
        self.annotation = Some(annotation);
        self
    }

    /// Whether the object has annotations; needs version 2.6 or later. Default absent.
    pub fn has_object_annotation(mut self, has: bool) -> Self {
        self.has_annotation = Some(has);
        self
    }

    /// Adds the records of another builder behind this one's.
    pub fn record(mut self, other: S3EventBuilder) -> Self {
        self.more.push(other);
        self
    }

    /// The event.
    ///
    /// # Panics
    ///
    /// Where [`S3EventBuilder::try_build`] returns an error, with its message.
    #[track_caller]
    pub fn build(self) -> S3Event {
        match self.try_build() {
            Ok(event) => event,
            Err(error) => panic!("cannot build the S3 event: {error}"),
        }
    }

    /// The event.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for a bad name or value, for a kind that AWS does not document, for a field that the kind of
    /// event does not carry, and for a kind or field that the chosen version does not have.
    pub fn try_build(self) -> Result<S3Event, BuildError> {
        let mut records = Vec::with_capacity(1 + self.more.len());
        self.build_into(&mut records)?;
        Ok(S3Event { records, unknown: Object::new() })
    }

    fn build_into(mut self, records: &mut Vec<S3Record>) -> Result<(), BuildError> {
        let more = std::mem::take(&mut self.more);
        let place = records.len();
        records.push(self.record_at(place)?);
        more.into_iter().try_for_each(|builder| builder.build_into(records))
    }

    /// The event in the form in which EventBridge delivers it.
    ///
    /// # Errors
    ///
    /// As [`S3EventBuilder::try_build`], and for a kind that S3 does not send to EventBridge.
    pub fn try_build_event_bridge(mut self) -> Result<S3EventBridgeEvent, BuildError> {
        let account = self.account.clone().unwrap_or_else(default_account);
        // The one thing that the EventBridge form shows and the record does not.
        let initiated = self.event_name == S3EventName::ObjectRestorePost;
        let storage_class = if initiated { self.storage_class.take() } else { None };
        storage_class.as_ref().map_or(Ok(()), rules::check_storage_class)?;
        let mut event = self.try_build_record()?.to_event_bridge(&account)?;
        if let Some(class) = storage_class {
            event.detail.source_storage_class = Some(class);
        }
        Ok(event)
    }

    /// The event in the form in which EventBridge delivers it.
    ///
    /// # Panics
    ///
    /// Where [`S3EventBuilder::try_build_event_bridge`] returns an error, with its message.
    #[track_caller]
    pub fn build_event_bridge(self) -> S3EventBridgeEvent {
        match self.try_build_event_bridge() {
            Ok(event) => event,
            Err(error) => panic!("cannot build the S3 event: {error}"),
        }
    }

    /// The record alone.
    ///
    /// # Errors
    ///
    /// As [`S3EventBuilder::try_build`], and when [`S3EventBuilder::record`] added others.
    pub fn try_build_record(self) -> Result<S3Record, BuildError> {
        if let (None, false) = (&self.error, self.more.is_empty()) {
            return Err(BuildError::Rule {
                what: "number of records",
                value: (1 + self.more.len()).to_string(),
                rule: "this form holds one record",
            });
        }
        self.record_at(0)
    }
}
