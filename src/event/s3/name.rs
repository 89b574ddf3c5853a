//! The names of S3 events.

use crate::event::open::open_enum;
use crate::event::{BuildError, InvalidName};

/// The one table of the kinds of events: builders, generators, schemas, detection and the command line read it.
macro_rules! kinds {
    ($($(#[$meta:meta])* $variant:ident = $name:literal as $slug:literal,)+) => {
        open_enum! {
        /// What happened to an object: the `eventName` of an S3 record (table "Event notification types" of
        /// the S3 user guide).
        ///
        /// Reading strips an `s3:` prefix; AWS writes it in bucket configurations only.
        ///
        /// ```
        /// use lambda_testkit::event::S3EventName;
        ///
        /// assert_eq!(S3EventName::from("s3:ObjectCreated:Put"), S3EventName::ObjectCreatedPut);
        /// assert_eq!(S3EventName::ObjectCreatedPut.config_name(), "s3:ObjectCreated:Put");
        /// assert_eq!(S3EventName::from_slug("delete-marker").unwrap(), S3EventName::ObjectRemovedDeleteMarkerCreated);
        /// ```
            S3EventName {
                $($(#[$meta])* $variant = $name,)+
            }
            strip "s3:"
        }

        /// The short names of the command line and of fixture files, in the order of [`S3EventName::KNOWN`].
        const SLUGS: &[&str] = &[$($slug,)+];

        /// The name of the schema, and of the fixture, of records with this `eventName`.
        pub(in crate::event) fn s3_schema(event_name: &str) -> Option<&'static str> {
            match event_name {
                $($name => Some(concat!("s3/", $slug)),)+
                _ => None,
            }
        }
    };
}

kinds! {
    /// PutObject, also presigned.
    ObjectCreatedPut = "ObjectCreated:Put" as "put",
    /// An upload by an HTML form.
    ObjectCreatedPost = "ObjectCreated:Post" as "post",
    /// CopyObject; the event is that of the destination.
    ObjectCreatedCopy = "ObjectCreated:Copy" as "copy",
    /// CompleteMultipartUpload.
    ObjectCreatedCompleteMultipartUpload = "ObjectCreated:CompleteMultipartUpload" as "multipart",
    /// An object of an unversioned bucket, or a version by its id, was deleted.
    ObjectRemovedDelete = "ObjectRemoved:Delete" as "delete",
    /// A deletion in a versioned bucket put a delete marker on top.
    ObjectRemovedDeleteMarkerCreated = "ObjectRemoved:DeleteMarkerCreated" as "delete-marker",
    /// RestoreObject was accepted.
    ObjectRestorePost = "ObjectRestore:Post" as "restore-post",
    /// The temporary copy of an archived object is ready.
    ObjectRestoreCompleted = "ObjectRestore:Completed" as "restore-completed",
    /// The temporary copy of an archived object has expired.
    ObjectRestoreDelete = "ObjectRestore:Delete" as "restore-delete",
    /// S3 lost an object of the reduced redundancy storage class.
    ReducedRedundancyLostObject = "ReducedRedundancyLostObject" as "reduced-redundancy-lost",
    /// Replication failed.
    ReplicationOperationFailedReplication = "Replication:OperationFailedReplication" as "replication-failed",
    /// Replication took longer than the 15 minutes of replication time control.
    ReplicationOperationMissedThreshold = "Replication:OperationMissedThreshold" as "replication-missed-threshold",
    /// Replication succeeded after the 15 minutes of replication time control.
    ReplicationOperationReplicatedAfterThreshold = "Replication:OperationReplicatedAfterThreshold" as "replication-after-threshold",
    /// Replication metrics no longer track the object.
    ReplicationOperationNotTracked = "Replication:OperationNotTracked" as "replication-not-tracked",
    /// A lifecycle rule deleted an object or version.
    LifecycleExpirationDelete = "LifecycleExpiration:Delete" as "lifecycle-delete",
    /// A lifecycle rule put a delete marker on top.
    LifecycleExpirationDeleteMarkerCreated = "LifecycleExpiration:DeleteMarkerCreated" as "lifecycle-delete-marker",
    /// A lifecycle rule changed the storage class.
    LifecycleTransition = "LifecycleTransition" as "lifecycle-transition",
    /// S3 moved the object to an archive access tier of Intelligent-Tiering.
    IntelligentTiering = "IntelligentTiering" as "intelligent-tiering",
    /// PutObjectTagging.
    ObjectTaggingPut = "ObjectTagging:Put" as "tagging-put",
    /// DeleteObjectTagging.
    ObjectTaggingDelete = "ObjectTagging:Delete" as "tagging-delete",
    /// PutObjectAcl that changed the ACL.
    ObjectAclPut = "ObjectAcl:Put" as "acl-put",
    /// PutObjectAnnotation.
    ObjectAnnotationPut = "ObjectAnnotation:Put" as "annotation-put",
    /// DeleteObjectAnnotation.
    ObjectAnnotationDelete = "ObjectAnnotation:Delete" as "annotation-delete",
    /// PutObjectRetention.
    ObjectRetentionPut = "ObjectRetention:Put" as "retention-put",
}

impl S3EventName {
    /// Every kind of event that AWS documents, in the order of its table.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        Self::KNOWN.iter().cloned()
    }

    /// The name in a bucket's notification configuration: with the prefix `s3:`.
    pub fn config_name(&self) -> String {
        format!("s3:{}", self.as_str())
    }

    /// A short name for files and command lines, such as `put`, `delete-marker` or `restore-completed`.
    /// An unknown name is its own short name.
    pub fn slug(&self) -> &str {
        Self::KNOWN.iter().position(|known| known == self).map_or(self.as_str(), |at| SLUGS[at])
    }

    /// The event with this short name.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] for a text that is no short name.
    pub fn from_slug(slug: &str) -> Result<Self, InvalidName> {
        let at = SLUGS.iter().position(|known| *known == slug);
        at.map(|at| Self::KNOWN[at].clone()).ok_or_else(|| {
            InvalidName::new(
                "event",
                slug,
                "known short names are put, copy, delete, delete-marker, restore-completed …",
            )
        })
    }

    /// Whether the configuration value `pattern` (with or without `s3:`) stands for this event: the name
    /// itself, or `<group>:*`.
    pub fn matches(&self, pattern: &str) -> bool {
        let pattern = pattern.strip_prefix("s3:").unwrap_or(pattern);
        match pattern.strip_suffix(":*") {
            Some(group) => self.as_str().split_once(':').is_some_and(|(own, _)| own == group),
            None => self.as_str() == pattern,
        }
    }

    pub(super) fn not_carried(&self, field: &'static str) -> BuildError {
        BuildError::NotCarried { event: self.as_str().to_owned(), field }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_slug_reads_back() {
        assert_eq!(SLUGS.len(), S3EventName::KNOWN.len());
        for name in S3EventName::all() {
            assert_eq!(S3EventName::from(name.as_str()), name);
            assert_eq!(S3EventName::from(name.config_name()), name);
            assert_eq!(S3EventName::from_slug(name.slug()).unwrap(), name);
            let json = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<S3EventName>(&json).unwrap(), name);
        }
        assert!(S3EventName::from_slug("Put").is_err());
    }

    #[test]
    fn unknown_names_are_kept() {
        let name = S3EventName::from("s3:ObjectMoved:Up");
        assert_eq!(name, S3EventName::Other("ObjectMoved:Up".into()));
        assert_eq!(name.slug(), "ObjectMoved:Up");
    }

    #[test]
    fn wildcards_stand_for_their_group_only() {
        let put = S3EventName::ObjectCreatedPut;
        assert!(put.matches("s3:ObjectCreated:*") && put.matches("ObjectCreated:Put"));
        assert!(!put.matches("s3:*") && !put.matches("s3:ObjectRemoved:*") && !put.matches("ObjectCreated"));
        assert!(!S3EventName::LifecycleExpirationDelete.matches("s3:ObjectRemoved:*"));
        assert!(S3EventName::LifecycleTransition.matches("s3:LifecycleTransition"));
    }
}
