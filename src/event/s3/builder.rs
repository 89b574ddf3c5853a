//! Builds S3 events whose every part fits the others.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{AccessTier, StorageClass};
use super::{
    Carried, ExtraBlock, GlacierEventData, IntelligentTieringEventData, LifecycleEventData, ReplicationEventData,
    RequestParameters, ResponseElements, RestoreEventData, S3Bucket, S3Entity, S3Event, S3EventBridgeEvent,
    S3EventName, S3Facts, S3Object, S3Record, S3Source, TransitionEventData, UserIdentity,
};
use crate::event::derived::Derived;
use crate::event::error::checked;
use crate::event::time::DEFAULT_TIME;
use crate::event::{
    AccountId, Arn, BuildError, EventVersion, InvalidName, Members, Nullable, Object, ObjectKey, PrincipalId, Region,
    Sequencer, Time, VersionPolicy, default_account, default_region,
};

/// The entity tag of no bytes at all: of empty objects and of delete markers.
const EMPTY_E_TAG: &str = "d41d8cd98f00b204e9800998ecf8427e";
/// The AWS CLI and SDKs cut multipart uploads into parts of this size.
const PART_BYTES: u64 = 8 * 1024 * 1024;

/// Builds an [`S3Event`], or records for one.
///
/// Everything that is not set follows from what is: the ARN from bucket and region, the sequencer from the
/// time, ids and entity tag from bucket and key, the principal from the kind of event. A record carries
/// only the fields that its kind carries; setting another one is an error when the event is built.
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
    more: Vec<S3EventBuilder>,
    /// The first setter that was given a bad value.
    error: Option<BuildError>,
}

impl S3Event {
    /// Starts an event of any kind. The key is raw (not encoded).
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

    /// The size in bytes. Default 1,024; 16 MiB for a multipart upload.
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

    /// The sequencer. The default follows from the time.
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
    /// [`BuildError`] for a bad name, for a field that the kind of event does not carry, and for a kind or
    /// field that the chosen version does not have.
    pub fn try_build(self) -> Result<S3Event, BuildError> {
        let mut records = Vec::with_capacity(1 + self.more.len());
        self.build_into(&mut records)?;
        Ok(S3Event { records, unknown: Object::new() })
    }

    fn build_into(mut self, records: &mut Vec<S3Record>) -> Result<(), BuildError> {
        let more = std::mem::take(&mut self.more);
        records.push(self.try_build_record()?);
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
    pub fn try_build_record(mut self) -> Result<S3Record, BuildError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if !self.more.is_empty() {
            return Err(BuildError::Rule {
                what: "number of records",
                value: (1 + self.more.len()).to_string(),
                rule: "this form holds one record",
            });
        }
        let Some(key) = self.key.take() else { unreachable!("a missing key comes with an error") };
        let facts = self.event_name.facts();
        let event_version = self.event_version(&facts)?;
        self.check_fields(&facts)?;

        let region = self.region.take().unwrap_or_else(default_region);
        let account = self.account.take().unwrap_or_else(default_account);
        let owner =
            self.owner.take().unwrap_or_else(|| Derived::from(&[b"owner", account.as_str().as_bytes()]).upper("A", 13));
        let mut ids = Derived::from(&[
            self.event_name.as_str().as_bytes(),
            self.bucket.as_bytes(),
            key.as_str().as_bytes(),
            &self.time.as_nanosecond().to_le_bytes(),
        ]);
        let principal_id = self.principal.take().unwrap_or_else(|| match facts.block {
            _ if facts.by_service => PrincipalId::S3,
            Some(ExtraBlock::Glacier) => PrincipalId::AmazonCustomer(owner.clone()),
            _ => PrincipalId::User(Derived::from(&[b"user", account.as_str().as_bytes()]).upper("AIDA", 17)),
        });
        let source_ip_address = match self.source_ip.take() {
            Some(address) => Cow::Owned(address),
            None if facts.by_service => Cow::Borrowed("s3.amazonaws.com"),
            None => Cow::Borrowed("203.0.113.7"),
        };
        let configuration_id = self
            .configuration_id
            .take()
            .unwrap_or_else(|| Derived::from(&[b"configuration", self.bucket.as_bytes()]).uuid());
        let time = self.time;
        let mut record = S3Record {
            event_version,
            event_source: S3Source,
            event_time: Time::millis(time),
            user_identity: UserIdentity { principal_id, unknown: Object::new() },
            request_parameters: RequestParameters { source_ip_address, unknown: Object::new() },
            response_elements: ResponseElements {
                x_amz_request_id: self.request_id.take().unwrap_or_else(|| ids.upper("", 16)),
                x_amz_id_2: self.host_id.take().unwrap_or_else(|| ids.base64(76)),
                unknown: Object::new(),
            },
            s3: S3Entity {
                s3_schema_version: Cow::Borrowed("1.0"),
                configuration_id,
                object: self.object(&facts, &key, &mut ids),
                bucket: S3Bucket {
                    arn: Arn::global(region.partition(), "s3", self.bucket.as_str()),
                    owner_identity: UserIdentity { principal_id: PrincipalId::Customer(owner), unknown: Object::new() },
                    name: std::mem::take(&mut self.bucket),
                    aws_generated_tags: self.aws_generated_tags.take(),
                    unknown: Object::new(),
                },
                unknown: Object::new(),
            },
            aws_region: region,
            glacier_event_data: None,
            replication_event_data: None,
            lifecycle_event_data: None,
            intelligent_tiering_event_data: None,
            event_name: self.event_name.clone(),
            unknown: Object::new(),
        };
        self.add_block(&facts, &mut record);
        Ok(record)
    }

    fn event_version(&self, facts: &S3Facts) -> Result<EventVersion, BuildError> {
        let version = match self.version_policy {
            VersionPolicy::Unified(version) if version.major() == 2 => version,
            VersionPolicy::Unified(version) => {
                return Err(BuildError::Rule {
                    what: "event version",
                    value: version.to_string(),
                    rule: "S3 records have the major version 2",
                });
            }
            VersionPolicy::Legacy => facts
                .legacy_version
                .ok_or_else(|| BuildError::NoLegacyVersion { event: self.event_name.to_string() })?,
        };
        if self.aws_generated_tags.is_some() && version < EventVersion::V2_5 {
            return Err(BuildError::TooOld { field: "awsGeneratedTags", version, since: EventVersion::V2_5 });
        }
        Ok(version)
    }

    fn check_fields(&self, facts: &S3Facts) -> Result<(), BuildError> {
        let character = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if !(3..=255).contains(&self.bucket.len()) || !self.bucket.bytes().all(character) {
            return Err(BuildError::Rule {
                what: "bucket name",
                value: self.bucket.clone(),
                rule: "a bucket name has 3 to 255 letters, digits, periods, hyphens and underscores",
            });
        }
        let own_block = |block| facts.block == Some(block);
        let class = own_block(ExtraBlock::Glacier) || own_block(ExtraBlock::Lifecycle);
        for (set, carried, field) in [
            (self.size.is_some(), facts.size != Carried::Never, "size"),
            (self.e_tag.is_some(), facts.e_tag != Carried::Never, "eTag"),
            (self.sequencer.is_some(), facts.sequencer != Carried::Never, "sequencer"),
            (self.storage_class.is_some(), class, "a storage class"),
            (self.restore_expiry.is_some(), own_block(ExtraBlock::Glacier), "glacierEventData"),
            (self.access_tier.is_some(), own_block(ExtraBlock::IntelligentTiering), "intelligentTieringEventData"),
            (self.replication.is_some(), own_block(ExtraBlock::Replication), "replicationEventData"),
        ] {
            if set && !carried {
                return Err(self.event_name.not_carried(field));
            }
        }
        let foreign =
            self.aws_generated_tags.iter().flat_map(Members::iter).find(|(name, _)| !name.starts_with("aws:"));
        match foreign {
            Some((name, _)) => Err(BuildError::Rule {
                what: "AWS-generated tag",
                value: name.to_owned(),
                rule: "the names of tags that AWS generates start with aws:",
            }),
            None => Ok(()),
        }
    }

    fn object(&mut self, facts: &S3Facts, key: &ObjectKey, ids: &mut Derived) -> S3Object {
        let multipart = self.event_name == S3EventName::ObjectCreatedCompleteMultipartUpload;
        let default_size = if multipart { 2 * PART_BYTES } else { 1024 };
        let size = self.size.or((facts.size == Carried::Always).then_some(default_size));
        let e_tag = self.e_tag.take().or_else(|| {
            if facts.e_tag != Carried::Always {
                return None;
            }
            Some(match size {
                Some(size) if multipart => format!("{}-{}", ids.hex(32), size.div_ceil(PART_BYTES).max(1)),
                Some(0) => EMPTY_E_TAG.to_owned(),
                None if facts.version_id == Carried::Always => EMPTY_E_TAG.to_owned(),
                _ => ids.hex(32),
            })
        });
        let version_id = self
            .version_id
            .take()
            .or_else(|| (facts.version_id == Carried::Always).then(|| ids.base64(32).replace(['+', '/'], "_")));
        let sequencer = self.sequencer.take().or_else(|| {
            let counter = u32::try_from(self.time.subsec_nanosecond()).unwrap_or(0);
            (facts.sequencer == Carried::Always).then(|| Sequencer::at(self.time, counter))
        });
        S3Object {
            key: key.encode(),
            size,
            e_tag,
            version_id: Nullable::from(version_id),
            sequencer,
            unknown: Object::new(),
        }
    }

    fn add_block(self, facts: &S3Facts, record: &mut S3Record) {
        let class = self.storage_class.unwrap_or(StorageClass::Glacier);
        match facts.block {
            Some(ExtraBlock::Glacier) => {
                let day = jiff::SignedDuration::from_hours(24);
                let expiry = self.restore_expiry.unwrap_or_else(|| self.time.saturating_add(day).unwrap_or(self.time));
                record.glacier_event_data = Some(GlacierEventData {
                    restore_event_data: RestoreEventData {
                        lifecycle_restoration_expiry_time: Time::millis(expiry),
                        lifecycle_restore_storage_class: class,
                        unknown: Object::new(),
                    },
                    unknown: Object::new(),
                });
            }
            Some(ExtraBlock::Lifecycle) => {
                record.lifecycle_event_data = Some(LifecycleEventData {
                    transition_event_data: TransitionEventData {
                        destination_storage_class: class,
                        unknown: Object::new(),
                    },
                    unknown: Object::new(),
                });
            }
            Some(ExtraBlock::IntelligentTiering) => {
                record.intelligent_tiering_event_data = Some(IntelligentTieringEventData {
                    destination_access_tier: self.access_tier.unwrap_or(AccessTier::ArchiveAccess),
                    unknown: Object::new(),
                });
            }
            Some(ExtraBlock::Replication) => {
                record.replication_event_data = Some(self.replication.unwrap_or_else(|| default_replication(record)));
            }
            None => {}
        }
    }
}

fn default_replication(record: &S3Record) -> ReplicationEventData {
    use S3EventName as E;
    let name = &record.event_name;
    let failed = *name == E::ReplicationOperationFailedReplication;
    let late = *name == E::ReplicationOperationReplicatedAfterThreshold;
    let threshold = late || *name == E::ReplicationOperationMissedThreshold;
    ReplicationEventData {
        replication_rule_id: "replicate-all".to_owned(),
        destination_bucket: Arn::global(
            record.aws_region.partition(),
            "s3",
            format!("{}-replica", record.s3.bucket.name),
        ),
        s3_operation: "OBJECT_PUT".to_owned(),
        request_time: record.event_time.clone(),
        failure_reason: failed.then(|| "AssumeRoleNotPermitted".to_owned()),
        threshold: threshold.then(|| "15".to_owned()),
        replication_time: late.then(|| "20".to_owned()),
        unknown: Object::new(),
    }
}
