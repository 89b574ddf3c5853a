//! What a committed mutation tells the outside: all that an S3 event record needs.

use std::sync::Arc;

use jiff::Timestamp;

use super::notification::{NotificationConfiguration, Outcome};
use crate::event::{AccountId, Region};

/// One committed change of one key.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The bucket's name.
    pub bucket: String,
    /// The key, as written (not URL-encoded).
    pub key: String,
    /// What happened.
    pub kind: ChangeKind,
    /// The object's size in bytes, for the kinds whose record has one.
    pub size: Option<u64>,
    /// The entity tag without quotes, for the kinds whose record has one.
    pub e_tag: Option<String>,
    /// The version; none in unversioned buckets and for null versions.
    pub version_id: Option<String>,
    /// The sequencer; none for tagging.
    pub sequencer: Option<String>,
    /// The storage class that the object has gone to, of a transition.
    pub storage_class: Option<String>,
    /// The bucket's region.
    pub region: Region,
    /// The bucket's owner.
    pub owner: AccountId,
    /// When the change was committed.
    pub time: Timestamp,
    /// What its record says beside the object.
    pub extra: Extra,
    /// The bucket's notification configuration at that moment.
    pub notification: Arc<NotificationConfiguration>,
}

/// What records of some kinds say beside the object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Extra {
    #[default]
    None,
    /// The class that the object was restored from, and how long the copy is there.
    Restored { class: String, until: Timestamp },
    /// By the name of its mode, and its end.
    Retained { mode: &'static str, until: Timestamp },
    /// An annotation's name, and the size and the entity tag of what was written.
    Annotated { name: String, written: Option<(u64, String)> },
}

impl Change {
    /// What each notification configuration of the bucket makes of this change.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        self.notification.matches(self)
    }
}

/// The kinds of changes, one for each event type that an S3 operation causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ChangeKind {
    /// PutObject.
    Put,
    /// PostObject.
    Post,
    /// CopyObject.
    Copy,
    /// CompleteMultipartUpload.
    CompleteMultipartUpload,
    /// An object or a version was removed.
    Delete,
    /// A delete marker was put on top of the versions.
    DeleteMarkerCreated,
    /// PutObjectAcl.
    AclPut,
    /// PutObjectTagging.
    TaggingPut,
    /// DeleteObjectTagging.
    TaggingDelete,
    /// PutObjectAnnotation.
    AnnotationPut,
    /// DeleteObjectAnnotation.
    AnnotationDelete,
    /// PutObjectRetention.
    RetentionPut,
    /// RestoreObject.
    RestorePost,
    /// The copy that was asked for is there.
    RestoreCompleted,
    /// It is gone again.
    RestoreDelete,
    /// A lifecycle rule removed an object or a version.
    LifecycleDelete,
    /// A lifecycle rule put a delete marker on top of the versions.
    LifecycleDeleteMarkerCreated,
    /// A lifecycle rule changed the storage class.
    LifecycleTransition,
}

impl ChangeKind {
    /// The event name as it stands in a record, without the `s3:` of configurations.
    pub(crate) fn event_name(self) -> &'static str {
        match self {
            Self::Put => "ObjectCreated:Put",
            Self::Post => "ObjectCreated:Post",
            Self::Copy => "ObjectCreated:Copy",
            Self::CompleteMultipartUpload => "ObjectCreated:CompleteMultipartUpload",
            Self::Delete => "ObjectRemoved:Delete",
            Self::DeleteMarkerCreated => "ObjectRemoved:DeleteMarkerCreated",
            Self::AclPut => "ObjectAcl:Put",
            Self::TaggingPut => "ObjectTagging:Put",
            Self::TaggingDelete => "ObjectTagging:Delete",
            Self::AnnotationPut => "ObjectAnnotation:Put",
            Self::AnnotationDelete => "ObjectAnnotation:Delete",
            Self::RetentionPut => "ObjectRetention:Put",
            Self::RestorePost => "ObjectRestore:Post",
            Self::RestoreCompleted => "ObjectRestore:Completed",
            Self::RestoreDelete => "ObjectRestore:Delete",
            Self::LifecycleDelete => "LifecycleExpiration:Delete",
            Self::LifecycleDeleteMarkerCreated => "LifecycleExpiration:DeleteMarkerCreated",
            Self::LifecycleTransition => "LifecycleTransition",
        }
    }
}
