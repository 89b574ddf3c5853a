//! A record out of what was set and what follows from it.

use std::borrow::Cow;

use jiff::Timestamp;

use super::S3EventBuilder;
use crate::event::derived::Derived;
use crate::event::s3::{
    AccessTier, Carried, ExtraBlock, GlacierEventData, IntelligentTieringEventData, LifecycleEventData,
    ObjectRetentionEventData, ReplicationEventData, RequestParameters, ResponseElements, RestoreEventData,
    RetentionMode, S3Bucket, S3Entity, S3EventName, S3Facts, S3Object, S3ObjectAnnotation, S3Record, S3Source,
    StorageClass, TransitionEventData, UserIdentity,
};
use crate::event::{
    Arn, BuildError, Nullable, Object, ObjectKey, PrincipalId, Sequencer, Time, default_account, default_region,
};

/// The entity tag of no bytes at all: of empty objects and of delete markers.
const EMPTY_E_TAG: &str = "d41d8cd98f00b204e9800998ecf8427e";
/// The AWS CLI and SDKs cut multipart uploads into parts of this size.
const PART_BYTES: u64 = 8 * 1024 * 1024;

impl S3EventBuilder {
    /// The record at this place of the event. The builders behind this one are not its business.
    pub(super) fn record_at(mut self, place: usize) -> Result<S3Record, BuildError> {
        if let Some(error) = self.error.take() {
            return Err(error);
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
            // The place tells apart records that are alike in all else.
            &(self.time.as_nanosecond() + i128::try_from(place).unwrap_or(0)).to_le_bytes(),
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
                object: self.object(place, &facts, &key, &mut ids),
                object_annotation: facts.annotation.then(|| self.annotation(&mut ids)),
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
            object_retention_event_data: None,
            event_name: self.event_name.clone(),
            unknown: Object::new(),
        };
        self.add_block(&facts, &mut record);
        Ok(record)
    }

    fn object(&mut self, place: usize, facts: &S3Facts, key: &ObjectKey, ids: &mut Derived) -> S3Object {
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
            (facts.sequencer == Carried::Always).then(|| Sequencer::at(self.time, counter(self.time, place)))
        });
        S3Object {
            key: key.encode(),
            size,
            e_tag,
            version_id: Nullable::from(version_id),
            sequencer,
            has_object_annotation: self.has_annotation,
            unknown: Object::new(),
        }
    }

    fn annotation(&mut self, ids: &mut Derived) -> S3ObjectAnnotation {
        self.annotation.take().unwrap_or_else(|| {
            let put = self.event_name == S3EventName::ObjectAnnotationPut;
            let (size, e_tag) = (put.then_some(256), put.then(|| ids.hex(32)));
            S3ObjectAnnotation { size, e_tag, ..S3ObjectAnnotation::new("summary") }
        })
    }

    fn add_block(self, facts: &S3Facts, record: &mut S3Record) {
        let class = self.storage_class.unwrap_or(StorageClass::Glacier);
        let after =
            |days: i64| self.time.saturating_add(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(self.time);
        match facts.block {
            Some(ExtraBlock::Retention) => {
                let fixed = || ObjectRetentionEventData::fixed(RetentionMode::Governance, after(30));
                record.object_retention_event_data = Some(self.retention.unwrap_or_else(fixed));
            }
            Some(ExtraBlock::Glacier) => {
                let expiry = self.restore_expiry.unwrap_or_else(|| after(1));
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

/// The counter of a default sequencer: equal ones mark a second delivery of one event, so that those of one time
/// count on with the place. Microseconds leave room for 4,096 places.
fn counter(time: Timestamp, place: usize) -> u32 {
    let micros = u32::try_from(time.subsec_microsecond()).unwrap_or(0);
    (micros * 4096).saturating_add(u32::try_from(place).unwrap_or(u32::MAX))
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
