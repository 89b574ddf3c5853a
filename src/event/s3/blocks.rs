//! The blocks that some kinds of S3 records carry beside `s3`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::event::nullable::present;
use crate::event::open::open_enum;
use crate::event::{Arn, Object, Time};

open_enum! {
    /// A storage class of S3.
    StorageClass {
        /// S3 Standard.
        Standard = "STANDARD",
        /// Reduced redundancy.
        ReducedRedundancy = "REDUCED_REDUNDANCY",
        /// Standard, infrequent access.
        StandardIa = "STANDARD_IA",
        /// One zone, infrequent access.
        OnezoneIa = "ONEZONE_IA",
        /// Intelligent-Tiering.
        IntelligentTiering = "INTELLIGENT_TIERING",
        /// Glacier Flexible Retrieval.
        Glacier = "GLACIER",
        /// Glacier Deep Archive.
        DeepArchive = "DEEP_ARCHIVE",
        /// S3 on Outposts.
        Outposts = "OUTPOSTS",
        /// Glacier Instant Retrieval.
        GlacierIr = "GLACIER_IR",
        /// Snow devices.
        Snow = "SNOW",
        /// Express One Zone.
        ExpressOnezone = "EXPRESS_ONEZONE",
        /// FSx for OpenZFS.
        FsxOpenzfs = "FSX_OPENZFS",
        /// FSx for NetApp ONTAP.
        FsxOntap = "FSX_ONTAP",
        /// AWS Backup, warm.
        AwsBackupWarm = "AWS_BACKUP_WARM",
        /// AWS Backup, low-cost warm.
        AwsBackupLowCostWarm = "AWS_BACKUP_LOW_COST_WARM",
    }
}

open_enum! {
    /// An archive access tier of Intelligent-Tiering.
    AccessTier {
        /// The Archive Access tier.
        ArchiveAccess = "ARCHIVE_ACCESS",
        /// The Deep Archive Access tier.
        DeepArchiveAccess = "DEEP_ARCHIVE_ACCESS",
    }
}

open_enum! {
    /// The mode of a retention under Object Lock.
    RetentionMode {
        /// Nobody can shorten it.
        Compliance = "COMPLIANCE",
        /// Who has a special permission can shorten it.
        Governance = "GOVERNANCE",
    }
}

open_enum! {
    /// Whether an event hold keeps an object, whose retention then begins when the hold ends.
    EventHold {
        /// It is held.
        On = "ON",
        /// It is not, or not any more.
        Off = "OFF",
    }
}

/// `objectRetentionEventData` of `ObjectRetention:Put`.
///
/// Its members are those of the class of the same name in the AWS SDK for Java 2.x (module `s3-event-notifications`),
/// which also says that no other kind of event has it. The editions of the user guide's page "Event message structure"
/// (`notification-content-structure.html`) of version 2.5 and before do not show it.
///
/// ```
/// use lambda_testkit::event::{ObjectRetentionEventData, S3Event};
///
/// let until = "2027-01-01T00:00:00Z".parse().unwrap();
/// let event = S3Event::builder("ObjectRetention:Put", "ledger", "2026.csv")
///     .retention(ObjectRetentionEventData::fixed("COMPLIANCE", until))
///     .build();
/// let data = event.records[0].object_retention_event_data.as_ref().unwrap();
/// assert_eq!(data.retain_until_date.to_string(), "2027-01-01T00:00:00.000Z");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRetentionEventData {
    /// The mode.
    pub mode: RetentionMode,
    /// How long the object is retained at least. While an event hold is on: from now on, for the hold's duration.
    pub retain_until_date: Time,
    /// The state of the event hold; absent for a retention up to a fixed date.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub event_hold: Option<EventHold>,
    /// How long the object is retained after the hold; absent for a retention up to a fixed date.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub event_hold_duration: Option<EventHoldDuration>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl ObjectRetentionEventData {
    /// A retention up to a fixed date, to the millisecond.
    pub fn fixed(mode: impl Into<RetentionMode>, until: Timestamp) -> Self {
        Self {
            mode: mode.into(),
            retain_until_date: Time::millis(until),
            event_hold: None,
            event_hold_duration: None,
            unknown: Object::new(),
        }
    }

    /// A retention with an event hold that is on: `days` after the hold ends, which is `until` if it ended now.
    pub fn held(mode: impl Into<RetentionMode>, until: Timestamp, days: u64) -> Self {
        Self {
            event_hold: Some(EventHold::On),
            event_hold_duration: Some(EventHoldDuration { days: Some(days), years: None, unknown: Object::new() }),
            ..Self::fixed(mode, until)
        }
    }
}

/// The duration of a retention after an event hold: `{"days": 90}` or `{"years": 1}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventHoldDuration {
    /// In days.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
    /// In years.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub years: Option<u64>,
    /// Members that the crate does not know: AWS may add units.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `s3.objectAnnotation` of `ObjectAnnotation:Put` and `ObjectAnnotation:Delete`: which annotation it was.
///
/// Its members are those of the class `S3ObjectAnnotation` in the AWS SDK for Java 2.x (module `s3-event-notifications`).
/// The editions of the user guide's page "Event message structure" of version 2.5 and before do not show it; "Annotating
/// objects" (`annotations-overview.html`) names the two kinds of events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct S3ObjectAnnotation {
    /// The name, 1 to 512 bytes.
    pub name: String,
    /// The size of its payload in bytes, at most 1 MiB.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The entity tag of its payload, without quotes.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl S3ObjectAnnotation {
    /// The annotation of this name, without size and entity tag.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), size: None, e_tag: None, unknown: Object::new() }
    }
}

/// `glacierEventData` of `ObjectRestore:Completed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GlacierEventData {
    /// What was restored.
    pub restore_event_data: RestoreEventData,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// The restored copy of an archived object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RestoreEventData {
    /// When the temporary copy expires.
    pub lifecycle_restoration_expiry_time: Time,
    /// The storage class that the object was restored from.
    pub lifecycle_restore_storage_class: StorageClass,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `replicationEventData` of the replication events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationEventData {
    /// The id of the replication rule.
    pub replication_rule_id: String,
    /// The ARN of the destination bucket.
    pub destination_bucket: Arn,
    /// The operation that was to be replicated, such as `OBJECT_PUT`.
    pub s3_operation: String,
    /// When the operation was made.
    pub request_time: Time,
    /// Why replication failed, such as `DstBucketNotFound`; of failures only. The list of AWS is open.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// The threshold of replication time control. Its unit is not documented.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<String>,
    /// How long replication took. Its unit is not documented.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub replication_time: Option<String>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `lifecycleEventData` of `LifecycleTransition`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecycleEventData {
    /// Where the object went.
    pub transition_event_data: TransitionEventData,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// The transition of an object to another storage class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransitionEventData {
    /// The new storage class.
    pub destination_storage_class: StorageClass,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `intelligentTieringEventData` of `IntelligentTiering`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntelligentTieringEventData {
    /// The new access tier.
    pub destination_access_tier: AccessTier,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}
