//! S3 event notifications, as Lambda, SQS and SNS receive them.

mod blocks;
mod bridge;
mod bucket_name;
mod builder;
mod detail_type;
mod facts;
mod name;
mod test_event;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::code::as_code;
use super::nullable::present;
use super::open::constant;
use super::records::{Records, by_records};
use super::{
    Arn, EncodedKey, EventVersion, Members, Nullable, Object, ObjectKey, PrincipalId, Region, Sequencer, Time,
};

pub use blocks::{
    AccessTier, EventHold, EventHoldDuration, GlacierEventData, IntelligentTieringEventData, LifecycleEventData,
    ObjectRetentionEventData, ReplicationEventData, RestoreEventData, RetentionMode, S3ObjectAnnotation, StorageClass,
    TransitionEventData,
};
pub use bridge::{S3BridgeBucket, S3BridgeObject, S3Detail, S3EventBridgeEvent};
#[cfg(feature = "proptest")]
pub(crate) use bucket_name::check_bucket_name;
#[cfg(feature = "cloud")]
pub(crate) use bucket_name::check_new_bucket_name;
pub use builder::S3EventBuilder;
pub(super) use builder::{bridge_code as s3_bridge_code, code as s3_code};
pub(super) use detail_type::detail_schema;
pub use facts::{BridgeFacts, Carried, ExtraBlock, S3Facts};
pub use name::S3EventName;
pub(super) use name::s3_schema;
pub use test_event::TestEvent;
pub(super) use test_event::code as s3_test_code;

by_records!(S3Event, S3Record, "an S3 event");
as_code!(S3Event of S3Record by builder::code);

/// An S3 event notification: `{"Records":[…]}`. AWS sends one record each; code for more.
///
/// ```
/// use lambda_testkit::event::S3Event;
///
/// let event = S3Event::put("export", "my files/ü+1.csv").size(1024).build();
/// assert_eq!(event.records[0].s3.object.key.as_str(), "my+files/%C3%BC%2B1.csv");
/// assert_eq!(event.records[0].key().as_str(), "my files/ü+1.csv");
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Records<S3Record>")]
pub struct S3Event {
    /// What happened, one record for each event.
    #[serde(rename = "Records")]
    pub records: Vec<S3Record>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl S3Event {
    /// An event of these records.
    pub fn of(records: impl IntoIterator<Item = S3Record>) -> Self {
        Self { records: records.into_iter().collect(), unknown: Object::new() }
    }
}

constant! {
    /// The `eventSource` of S3 records: `aws:s3`.
    S3Source = "aws:s3"
}

/// One record of an [`S3Event`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct S3Record {
    /// The version of the record's form.
    pub event_version: EventVersion,
    /// Always `aws:s3`.
    pub event_source: S3Source,
    /// The region of the bucket.
    pub aws_region: Region,
    /// When S3 finished the request.
    pub event_time: Time,
    /// What happened.
    pub event_name: S3EventName,
    /// Who caused it.
    pub user_identity: UserIdentity,
    /// Where the request came from.
    pub request_parameters: RequestParameters,
    /// The ids of the request, for AWS support.
    pub response_elements: ResponseElements,
    /// The bucket and the object.
    pub s3: S3Entity,
    /// Of `ObjectRestore:Completed`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub glacier_event_data: Option<GlacierEventData>,
    /// Of replication events.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub replication_event_data: Option<ReplicationEventData>,
    /// Of `LifecycleTransition`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub lifecycle_event_data: Option<LifecycleEventData>,
    /// Of `IntelligentTiering`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub intelligent_tiering_event_data: Option<IntelligentTieringEventData>,
    /// Of `ObjectRetention:Put`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub object_retention_event_data: Option<ObjectRetentionEventData>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl S3Record {
    /// The raw key of the object, decoded.
    pub fn key(&self) -> ObjectKey {
        self.s3.object.key.decode()
    }

    /// The name of the bucket.
    pub fn bucket(&self) -> &str {
        &self.s3.bucket.name
    }
}

/// A principal in a record: `userIdentity` and `ownerIdentity`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentity {
    /// The id of the principal.
    pub principal_id: PrincipalId,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `requestParameters` of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestParameters {
    /// An IP address, or `s3.amazonaws.com` for what S3 did itself.
    #[serde(rename = "sourceIPAddress")]
    pub source_ip_address: Cow<'static, str>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `responseElements` of a record: headers of the response to the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ResponseElements {
    /// The request id, 16 upper-case letters and digits.
    pub x_amz_request_id: String,
    /// The extended request id ("host id").
    #[serde(rename = "x-amz-id-2")]
    pub x_amz_id_2: String,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `s3` of a record: bucket and object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct S3Entity {
    /// The version of this part of the record, `1.0`.
    #[serde(rename = "s3SchemaVersion")]
    pub s3_schema_version: Cow<'static, str>,
    /// The id of the notification configuration that matched.
    pub configuration_id: String,
    /// The bucket.
    pub bucket: S3Bucket,
    /// The object.
    pub object: S3Object,
    /// The annotation, of `ObjectAnnotation:Put` and `ObjectAnnotation:Delete`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub object_annotation: Option<S3ObjectAnnotation>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `s3.bucket` of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct S3Bucket {
    /// The name.
    pub name: String,
    /// The customer id of the owner.
    pub owner_identity: UserIdentity,
    /// The ARN.
    pub arn: Arn,
    /// The bucket's own `aws:…` tags, since version 2.5; absent when it has none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub aws_generated_tags: Option<Members<String>>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `s3.object` of a record. Which of the optional fields are there follows from the kind of event
/// ([`S3EventName::facts`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct S3Object {
    /// The key, encoded.
    pub key: EncodedKey,
    /// The size in bytes.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The entity tag, without quotes.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
    /// The version of the object; absent in unversioned buckets.
    #[serde(default, skip_serializing_if = "Nullable::is_absent")]
    pub version_id: Nullable<String>,
    /// The order among the events of this key.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<Sequencer>,
    /// Whether the object has annotations, in events since 2.6. Which kinds carry it is not documented; copies do, which
    /// bring those of their source along.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub has_object_annotation: Option<bool>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}
