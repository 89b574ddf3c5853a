//! Which event a document looks like, by the name of its schema.

use serde_json::Value;

use crate::event::look;

/// The name of the schema that a document looks made for, valid or not; none if it looks like no known event.
///
/// ```
/// use lambda_testkit::schema;
///
/// let event = serde_json::json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put" }] });
/// assert_eq!(schema::detect(&event), Some("s3/put"));
/// assert_eq!(schema::detect(&serde_json::json!({ "user": 7 })), None);
/// ```
pub fn detect(document: &Value) -> Option<&'static str> {
    look::name(document)
}
