//! One canonical document of every event and variant, as the files in the folder `fixtures/` of the source.
//!
//! The builders of [`event`](crate::event) make them, with their defaults: the same bytes on every machine. Use them
//! as test data in any language, or as examples of what AWS sends.
//!
//! ```
//! use lambda_testkit::event::S3Event;
//! use lambda_testkit::fixture;
//!
//! let event: S3Event = serde_json::from_str(fixture::get("s3/put").unwrap()).unwrap();
//! assert_eq!(event.records[0].event_name.as_str(), "ObjectCreated:Put");
//! ```

/// Hands the names of all fixtures and schemas, sorted, to another macro: the one list of them.
macro_rules! event_names {
    ($then:ident) => {
        $then! {
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
    };
}
#[cfg(feature = "schema")]
pub(crate) use event_names;

macro_rules! fixtures {
    ($($name:literal,)*) => {
        /// Name and text of every fixture, sorted by name.
        const FIXTURES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/", $name, ".json"))),)*
        ];
    };
}

event_names!(fixtures);

/// The text of a fixture: pretty-printed JSON, with a line feed at its end.
pub fn get(name: &str) -> Option<&'static str> {
    FIXTURES.binary_search_by(|(known, _)| (*known).cmp(name)).ok().map(|at| FIXTURES[at].1)
}

/// The names of all fixtures, sorted. A fixture has the name of the schema that it is valid against.
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    FIXTURES.iter().map(|(name, _)| *name)
}
