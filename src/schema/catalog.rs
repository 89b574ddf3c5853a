//! The schema files, by name.

/// One schema file.
pub(super) struct Schema {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

macro_rules! schemas {
    ($($name:literal,)*) => {
        /// Every schema that a document can be checked against, sorted by name.
        pub(super) static SCHEMAS: &[Schema] = &[
            $(Schema {
                name: $name,
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/", $name, ".schema.json")),
            },)*
        ];
    };
}

schemas! {
    "eventbridge/envelope",
    "eventbridge/lambda-result",
    "eventbridge/s3-event",
    "eventbridge/s3-object-access-tier-changed",
    "eventbridge/s3-object-acl-updated",
    "eventbridge/s3-object-created",
    "eventbridge/s3-object-deleted",
    "eventbridge/s3-object-restore-completed",
    "eventbridge/s3-object-restore-expired",
    "eventbridge/s3-object-restore-initiated",
    "eventbridge/s3-object-storage-class-changed",
    "eventbridge/s3-object-tags-added",
    "eventbridge/s3-object-tags-deleted",
    "invoke/destination-record",
    "invoke/function-error",
    "invoke/payload",
    "s3/acl-put",
    "s3/annotation-delete",
    "s3/annotation-put",
    "s3/copy",
    "s3/delete",
    "s3/delete-marker",
    "s3/event",
    "s3/intelligent-tiering",
    "s3/lifecycle-delete",
    "s3/lifecycle-delete-marker",
    "s3/lifecycle-transition",
    "s3/multipart",
    "s3/post",
    "s3/put",
    "s3/reduced-redundancy-lost",
    "s3/replication-after-threshold",
    "s3/replication-failed",
    "s3/replication-missed-threshold",
    "s3/replication-not-tracked",
    "s3/restore-completed",
    "s3/restore-delete",
    "s3/restore-post",
    "s3/retention-put",
    "s3/tagging-delete",
    "s3/tagging-put",
    "s3/test-event",
    "scheduled/custom-input",
    "scheduled/rule",
    "scheduled/scheduler-default",
    "sns/event",
    "sns/notification",
    "sqs/batch-response",
    "sqs/fifo",
    "sqs/standard",
}

/// The definitions that the other schemas refer to.
pub(super) const COMMON: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/common.schema.json"));

/// The place of the schema in [`SCHEMAS`].
pub(super) fn position(name: &str) -> Option<usize> {
    SCHEMAS.binary_search_by(|schema| schema.name.cmp(name)).ok()
}

/// The text of a schema: one of [`names`], or `common` for the definitions that they share.
///
/// ```
/// use lambda_testkit::schema;
///
/// assert!(schema::get("s3/put").unwrap().contains("ObjectCreated:Put"));
/// assert!(schema::get("s3/pot").is_none());
/// ```
pub fn get(name: &str) -> Option<&'static str> {
    if name == "common" {
        return Some(COMMON);
    }
    position(name).map(|index| SCHEMAS[index].text)
}

/// The names of all schemas, sorted: `eventbridge/envelope`, …, `sqs/standard`.
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    SCHEMAS.iter().map(|schema| schema.name)
}
