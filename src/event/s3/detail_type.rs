//! The `detail-type`s of S3's events on EventBridge.

macro_rules! detail_types {
    ($($constant:ident = $text:literal as $slug:literal,)+) => {
        $(pub(super) const $constant: &str = $text;)+

        /// The name of the schema, and of the fixture, of S3's events with this `detail-type`.
        pub(in crate::event) fn detail_schema(detail_type: &str) -> Option<&'static str> {
            match detail_type {
                $($text => Some(concat!("eventbridge/", $slug)),)+
                _ => None,
            }
        }
    };
}

detail_types! {
    CREATED = "Object Created" as "s3-object-created",
    DELETED = "Object Deleted" as "s3-object-deleted",
    RESTORE_INITIATED = "Object Restore Initiated" as "s3-object-restore-initiated",
    RESTORE_COMPLETED = "Object Restore Completed" as "s3-object-restore-completed",
    RESTORE_EXPIRED = "Object Restore Expired" as "s3-object-restore-expired",
    STORAGE_CLASS_CHANGED = "Object Storage Class Changed" as "s3-object-storage-class-changed",
    ACCESS_TIER_CHANGED = "Object Access Tier Changed" as "s3-object-access-tier-changed",
    TAGS_ADDED = "Object Tags Added" as "s3-object-tags-added",
    TAGS_DELETED = "Object Tags Deleted" as "s3-object-tags-deleted",
    ACL_UPDATED = "Object ACL Updated" as "s3-object-acl-updated",
}
