//! S3 events in the form in which EventBridge delivers them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::detail_type;
use super::{AccessTier, S3Record, StorageClass};
use crate::event::derived::Derived;
use crate::event::nullable::present;
use crate::event::readable::readable;
use crate::event::{
    AccountId, Arn, BuildError, EventBridgeEvent, EventVersion, Members, Nullable, Object, ObjectKey, Sequencer, Time,
};

readable!(S3Detail);

/// An S3 event as EventBridge delivers it, with source `aws.s3`.
///
/// ```
/// use lambda_testkit::event::S3Event;
///
/// let event = S3Event::put("export", "a b.csv").build_event_bridge();
/// assert_eq!(event.detail_type, "Object Created");
/// assert_eq!(event.detail.object.key.as_str(), "a b.csv"); // raw, unlike in a notification
/// ```
pub type S3EventBridgeEvent = EventBridgeEvent<S3Detail>;

/// The `detail` of an [`S3EventBridgeEvent`]. Which of the optional members are there follows from the
/// `detail-type` ([`super::BridgeFacts`]).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct S3Detail {
    /// The version of the detail, `0`.
    pub version: Cow<'static, str>,
    /// The version of the schema; absent in recordings up to 2025.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub event_version: Option<EventVersion>,
    /// The bucket.
    pub bucket: S3BridgeBucket,
    /// The object.
    pub object: S3BridgeObject,
    /// The request id.
    pub request_id: String,
    /// The account that made the request, or `s3.amazonaws.com`.
    pub requester: Cow<'static, str>,
    /// The address that the request came from; absent for what S3 did itself.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub source_ip_address: Option<String>,
    /// The operation behind a creation or deletion, such as `PutObject`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'static, str>>,
    /// `Permanently Deleted` or `Delete Marker Created`, of deletions.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub deletion_type: Option<Cow<'static, str>>,
    /// When the restored copy expires.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub restore_expiry_time: Option<Time>,
    /// The storage class that is restored from.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub source_storage_class: Option<StorageClass>,
    /// The new storage class.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub destination_storage_class: Option<StorageClass>,
    /// The new access tier.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub destination_access_tier: Option<AccessTier>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `detail.bucket` of an [`S3EventBridgeEvent`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct S3BridgeBucket {
    /// The name.
    pub name: String,
    /// The bucket's own `aws:…` tags, since event version 1.1.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub aws_generated_tags: Option<Members<String>>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `detail.object` of an [`S3EventBridgeEvent`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct S3BridgeObject {
    /// The key, raw.
    pub key: ObjectKey,
    /// The size in bytes.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The entity tag, without quotes.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The version of the object.
    #[serde(default, skip_serializing_if = "Nullable::is_absent")]
    pub version_id: Nullable<String>,
    /// The order among the events of this key.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<Sequencer>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl S3Record {
    /// The same event as EventBridge delivers it, for a bucket of `account`.
    ///
    /// The event's id follows from the request id. The storage class of a restore request, which a record
    /// does not carry, is `GLACIER`.
    ///
    /// # Errors
    ///
    /// [`BuildError::NotOnEventBridge`] for kinds that S3 does not send there, and for unknown ones.
    pub fn to_event_bridge(&self, account: &AccountId) -> Result<S3EventBridgeEvent, BuildError> {
        let kind = self.event_name.facts();
        let Some(facts) = kind.event_bridge else {
            return Err(BuildError::NotOnEventBridge { event: self.event_name.to_string() });
        };
        let object = &self.s3.object;
        let bucket = &self.s3.bucket;
        let restore = self.glacier_event_data.as_ref().map(|data| &data.restore_event_data);
        let initiated = (facts.detail_type == detail_type::RESTORE_INITIATED).then_some(StorageClass::Glacier);
        // 1.0 came with the unified versions, 1.1 with the generated tags.
        let event_version = match self.event_version {
            version if version >= EventVersion::V2_5 => Some(EventVersion::of(1, 1)),
            EventVersion::V2_4 => Some(EventVersion::of(1, 0)),
            _ => None,
        };
        let detail = S3Detail {
            version: Cow::Borrowed("0"),
            event_version,
            bucket: S3BridgeBucket {
                name: bucket.name.clone(),
                aws_generated_tags: bucket.aws_generated_tags.clone(),
                unknown: Object::new(),
            },
            object: S3BridgeObject {
                key: object.key.decode(),
                size: object.size.filter(|_| facts.size),
                etag: object.e_tag.clone().filter(|_| facts.etag),
                version_id: object.version_id.clone(),
                sequencer: object.sequencer.clone().filter(|_| facts.sequencer),
                unknown: Object::new(),
            },
            request_id: self.response_elements.x_amz_request_id.clone(),
            requester: if kind.by_service {
                Cow::Borrowed("s3.amazonaws.com")
            } else {
                Cow::Owned(account.as_str().to_owned())
            },
            source_ip_address: facts.source_ip.then(|| self.request_parameters.source_ip_address.to_string()),
            reason: facts.reason.map(Cow::Borrowed),
            deletion_type: facts.deletion_type.map(Cow::Borrowed),
            restore_expiry_time: restore.map(|restore| restore.lifecycle_restoration_expiry_time.clone()),
            source_storage_class: restore.map(|restore| restore.lifecycle_restore_storage_class.clone()).or(initiated),
            destination_storage_class: self
                .lifecycle_event_data
                .as_ref()
                .map(|data| data.transition_event_data.destination_storage_class.clone()),
            destination_access_tier: self
                .intelligent_tiering_event_data
                .as_ref()
                .map(|data| data.destination_access_tier.clone()),
            unknown: Object::new(),
        };
        Ok(EventBridgeEvent {
            version: Some("0".to_owned()),
            id: Derived::from(&[b"event", self.response_elements.x_amz_request_id.as_bytes()]).uuid(),
            detail_type: facts.detail_type.to_owned(),
            source: "aws.s3".to_owned(),
            account: account.clone(),
            time: Time::seconds(self.event_time.timestamp()),
            region: self.aws_region.clone(),
            resources: vec![Arn::global(self.aws_region.partition(), "s3", bucket.name.as_str()).to_string()],
            detail,
            unknown: Object::new(),
        })
    }
}
