//! The blocks that some kinds of S3 records carry beside `s3`.

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
