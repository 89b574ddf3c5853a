//! What each kind of S3 event carries, as a table.

use super::detail_type;
use crate::event::{EventVersion, S3EventName};

/// Whether events of a kind carry a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carried {
    /// Every event carries it.
    Always,
    /// Some do: `versionId` in versioned buckets; and fields for which no record of AWS is known.
    Sometimes,
    /// No event carries it.
    Never,
}

/// The block beside `s3` that some kinds of records carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExtraBlock {
    /// `glacierEventData`
    Glacier,
    /// `replicationEventData`
    Replication,
    /// `lifecycleEventData`
    Lifecycle,
    /// `intelligentTieringEventData`
    IntelligentTiering,
    /// `objectRetentionEventData`
    Retention,
}

impl ExtraBlock {
    /// The name of the block's member.
    pub fn member(self) -> &'static str {
        match self {
            Self::Glacier => "glacierEventData",
            Self::Replication => "replicationEventData",
            Self::Lifecycle => "lifecycleEventData",
            Self::IntelligentTiering => "intelligentTieringEventData",
            Self::Retention => "objectRetentionEventData",
        }
    }
}

/// How a kind of event looks on EventBridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BridgeFacts {
    /// The `detail-type`.
    pub detail_type: &'static str,
    /// The `reason`, if any.
    pub reason: Option<&'static str>,
    /// The `deletion-type`, if any.
    pub deletion_type: Option<&'static str>,
    /// Whether `object` carries `size`.
    pub size: bool,
    /// Whether `object` carries `etag`.
    pub etag: bool,
    /// Whether `object` carries `sequencer`.
    pub sequencer: bool,
    /// Whether the detail carries `source-ip-address`.
    pub source_ip: bool,
}

/// What records of one kind carry. Fields of kinds that no published record of AWS shows are
/// [`Carried::Sometimes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct S3Facts {
    /// `s3.object.size`
    pub size: Carried,
    /// `s3.object.eTag`
    pub e_tag: Carried,
    /// `s3.object.versionId`
    pub version_id: Carried,
    /// `s3.object.sequencer`
    pub sequencer: Carried,
    /// The `eventVersion` up to 2025; none for kinds that came later.
    pub legacy_version: Option<EventVersion>,
    /// The block beside `s3`.
    pub block: Option<ExtraBlock>,
    /// Whether S3 itself causes the event: `s3.amazonaws.com` is the principal and the source address.
    pub by_service: bool,
    /// Whether `s3.objectAnnotation` says which annotation it was.
    pub annotation: bool,
    /// How the event looks on EventBridge; none when S3 does not send it there.
    pub event_bridge: Option<BridgeFacts>,
}

const V2_1: Option<EventVersion> = Some(EventVersion::V2_1);
const V2_2: Option<EventVersion> = Some(EventVersion::V2_2);
const V2_3: Option<EventVersion> = Some(EventVersion::V2_3);

/// A kind that carries everything, caused by a request.
const FULL: S3Facts = S3Facts {
    size: Carried::Always,
    e_tag: Carried::Always,
    version_id: Carried::Sometimes,
    sequencer: Carried::Always,
    legacy_version: V2_1,
    block: None,
    by_service: false,
    annotation: false,
    event_bridge: None,
};

/// A kind of which no record is published.
const UNSEEN: S3Facts =
    S3Facts { size: Carried::Sometimes, e_tag: Carried::Sometimes, sequencer: Carried::Sometimes, ..FULL };

const DELETION: S3Facts = S3Facts { size: Carried::Never, e_tag: Carried::Never, ..FULL };

/// Tags and ACL: the content of the object did not change.
const METADATA: S3Facts = S3Facts { size: Carried::Never, sequencer: Carried::Never, legacy_version: V2_3, ..FULL };

const REPLICATION: S3Facts =
    S3Facts { legacy_version: V2_2, block: Some(ExtraBlock::Replication), by_service: true, ..FULL };

const BRIDGE: BridgeFacts = BridgeFacts {
    detail_type: detail_type::CREATED,
    reason: None,
    deletion_type: None,
    size: true,
    etag: true,
    sequencer: true,
    source_ip: true,
};

const fn created(reason: &'static str) -> S3Facts {
    S3Facts { event_bridge: Some(BridgeFacts { reason: Some(reason), ..BRIDGE }), ..FULL }
}

const fn deleted(
    reason: &'static str,
    deletion_type: &'static str,
    etag: bool,
    source_ip: bool,
) -> Option<BridgeFacts> {
    Some(BridgeFacts {
        detail_type: detail_type::DELETED,
        reason: Some(reason),
        deletion_type: Some(deletion_type),
        size: false,
        etag,
        source_ip,
        ..BRIDGE
    })
}

const fn metadata(detail_type: &'static str) -> S3Facts {
    S3Facts { event_bridge: Some(BridgeFacts { detail_type, size: false, sequencer: false, ..BRIDGE }), ..METADATA }
}

const PERMANENT: &str = "Permanently Deleted";
const MARKER: &str = "Delete Marker Created";
const EXPIRED: &str = "Lifecycle Expiration";

impl S3EventName {
    /// What records of this kind carry. An unknown kind may carry anything.
    pub fn facts(&self) -> S3Facts {
        use S3EventName as E;
        match self {
            E::ObjectCreatedPut => created("PutObject"),
            E::ObjectCreatedPost => created("POST Object"),
            E::ObjectCreatedCopy => created("CopyObject"),
            E::ObjectCreatedCompleteMultipartUpload => created("CompleteMultipartUpload"),
            E::ObjectRemovedDelete => {
                S3Facts { event_bridge: deleted("DeleteObject", PERMANENT, false, true), ..DELETION }
            }
            E::ObjectRemovedDeleteMarkerCreated => S3Facts {
                e_tag: Carried::Always,
                version_id: Carried::Always,
                event_bridge: deleted("DeleteObject", MARKER, true, true),
                ..DELETION
            },
            E::ObjectRestorePost => S3Facts {
                event_bridge: Some(BridgeFacts {
                    detail_type: detail_type::RESTORE_INITIATED,
                    sequencer: false,
                    ..BRIDGE
                }),
                ..FULL
            },
            E::ObjectRestoreCompleted => S3Facts {
                block: Some(ExtraBlock::Glacier),
                event_bridge: Some(BridgeFacts {
                    detail_type: detail_type::RESTORE_COMPLETED,
                    sequencer: false,
                    source_ip: false,
                    ..BRIDGE
                }),
                ..FULL
            },
            E::ObjectRestoreDelete => S3Facts {
                legacy_version: V2_3,
                by_service: true,
                event_bridge: Some(BridgeFacts {
                    detail_type: detail_type::RESTORE_EXPIRED,
                    size: false,
                    sequencer: false,
                    source_ip: false,
                    ..BRIDGE
                }),
                ..UNSEEN
            },
            E::ReducedRedundancyLostObject => S3Facts { by_service: true, ..UNSEEN },
            E::ReplicationOperationFailedReplication
            | E::ReplicationOperationMissedThreshold
            | E::ReplicationOperationReplicatedAfterThreshold
            | E::ReplicationOperationNotTracked => REPLICATION,
            E::LifecycleExpirationDelete => S3Facts {
                legacy_version: V2_3,
                by_service: true,
                event_bridge: deleted(EXPIRED, PERMANENT, false, false),
                ..DELETION
            },
            E::LifecycleExpirationDeleteMarkerCreated => S3Facts {
                legacy_version: V2_3,
                by_service: true,
                e_tag: Carried::Sometimes,
                version_id: Carried::Always,
                event_bridge: deleted(EXPIRED, MARKER, true, false),
                ..DELETION
            },
            E::LifecycleTransition => S3Facts {
                legacy_version: V2_3,
                block: Some(ExtraBlock::Lifecycle),
                by_service: true,
                event_bridge: Some(BridgeFacts {
                    detail_type: detail_type::STORAGE_CLASS_CHANGED,
                    source_ip: false,
                    ..BRIDGE
                }),
                ..FULL
            },
            E::IntelligentTiering => S3Facts {
                legacy_version: V2_3,
                block: Some(ExtraBlock::IntelligentTiering),
                by_service: true,
                event_bridge: Some(BridgeFacts {
                    detail_type: detail_type::ACCESS_TIER_CHANGED,
                    source_ip: false,
                    ..BRIDGE
                }),
                ..FULL
            },
            E::ObjectTaggingPut => metadata(detail_type::TAGS_ADDED),
            E::ObjectTaggingDelete => metadata(detail_type::TAGS_DELETED),
            E::ObjectAclPut => metadata(detail_type::ACL_UPDATED),
            E::ObjectAnnotationPut | E::ObjectAnnotationDelete => {
                S3Facts { legacy_version: None, annotation: true, ..UNSEEN }
            }
            E::ObjectRetentionPut => S3Facts { legacy_version: None, block: Some(ExtraBlock::Retention), ..UNSEEN },
            E::Other(_) => S3Facts { legacy_version: None, ..UNSEEN },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_recorded_events_carry() {
        // name, size, eTag, sequencer, legacy version: recorded on AWS in 2025.
        for (name, size, e_tag, sequencer, version) in [
            ("ObjectCreated:Put", true, true, true, "2.1"),
            ("ObjectCreated:Copy", true, true, true, "2.1"),
            ("ObjectCreated:CompleteMultipartUpload", true, true, true, "2.1"),
            ("ObjectRemoved:Delete", false, false, true, "2.1"),
            ("ObjectRemoved:DeleteMarkerCreated", false, true, true, "2.1"),
            ("ObjectRestore:Post", true, true, true, "2.1"),
            ("ObjectRestore:Completed", true, true, true, "2.1"),
            ("ObjectTagging:Put", false, true, false, "2.3"),
            ("ObjectTagging:Delete", false, true, false, "2.3"),
            ("ObjectAcl:Put", false, true, false, "2.3"),
        ] {
            let facts = S3EventName::from(name).facts();
            let always = |carried| match carried {
                Carried::Always => true,
                Carried::Never => false,
                Carried::Sometimes => panic!("{name} is recorded"),
            };
            assert_eq!(
                (always(facts.size), always(facts.e_tag), always(facts.sequencer)),
                (size, e_tag, sequencer),
                "{name}"
            );
            assert_eq!(facts.legacy_version.unwrap().to_string(), version, "{name}");
        }
    }

    #[test]
    fn replication_and_lost_objects_do_not_reach_event_bridge() {
        for name in S3EventName::all() {
            let group = name.as_str().split(':').next().unwrap();
            let absent = ["Replication", "ReducedRedundancyLostObject", "ObjectAnnotation", "ObjectRetention"];
            assert_eq!(name.facts().event_bridge.is_none(), absent.contains(&group), "{name}");
        }
    }
}
