//! Which event a document looks like, from a few members that tell the families apart.

use serde_json::{Map, Value};

use crate::event::s3_schema;

/// What a document looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// One schema for the whole document.
    Document(&'static str),
    /// A list of records, each with a schema of its own.
    Records(RecordFamily),
    /// A member `Records` that holds no records, or none that is known.
    UnknownRecords,
    /// Nothing known.
    Unknown,
}

/// Events that come as `{"Records": […]}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordFamily {
    S3,
    Sqs,
    Sns,
}

impl RecordFamily {
    fn of(record: &Value) -> Option<Self> {
        let source = record.get("eventSource").or_else(|| record.get("EventSource")).and_then(Value::as_str);
        match source {
            Some("aws:s3") => return Some(Self::S3),
            Some("aws:sqs") => return Some(Self::Sqs),
            Some("aws:sns") => return Some(Self::Sns),
            _ => {}
        }
        let has = |name| record.get(name).is_some();
        if has("s3") {
            Some(Self::S3)
        } else if has("receiptHandle") || has("md5OfBody") {
            Some(Self::Sqs)
        } else if has("Sns") {
            Some(Self::Sns)
        } else {
            None
        }
    }

    /// The schema of one record of this family.
    pub(super) fn schema_of(self, record: &Value) -> &'static str {
        match self {
            Self::S3 => record.get("eventName").and_then(Value::as_str).and_then(s3_schema).unwrap_or("s3/event"),
            Self::Sqs if is_fifo(record) => "sqs/fifo",
            Self::Sqs => "sqs/standard",
            Self::Sns => "sns/event",
        }
    }

    /// The schema of a document whose records do not all have the same one.
    pub(super) fn mixed(self) -> &'static str {
        match self {
            Self::S3 => "s3/event",
            Self::Sqs => "sqs/standard",
            Self::Sns => "sns/event",
        }
    }
}

fn is_fifo(record: &Value) -> bool {
    if record.get("eventSourceARN").and_then(Value::as_str).is_some_and(|arn| arn.ends_with(".fifo")) {
        return true;
    }
    // A message group alone is no proof: fair queues are standard queues.
    let attribute = |name| record.get("attributes").and_then(|attributes| attributes.get(name)).is_some();
    attribute("SequenceNumber") || attribute("MessageDeduplicationId")
}

/// Every detail type of S3's EventBridge events with its schema.
pub(super) const S3_DETAIL_TYPES: [(&str, &str); 10] = [
    ("Object Created", "eventbridge/s3-object-created"),
    ("Object Deleted", "eventbridge/s3-object-deleted"),
    ("Object Restore Initiated", "eventbridge/s3-object-restore-initiated"),
    ("Object Restore Completed", "eventbridge/s3-object-restore-completed"),
    ("Object Restore Expired", "eventbridge/s3-object-restore-expired"),
    ("Object Storage Class Changed", "eventbridge/s3-object-storage-class-changed"),
    ("Object Access Tier Changed", "eventbridge/s3-object-access-tier-changed"),
    ("Object Tags Added", "eventbridge/s3-object-tags-added"),
    ("Object Tags Deleted", "eventbridge/s3-object-tags-deleted"),
    ("Object ACL Updated", "eventbridge/s3-object-acl-updated"),
];

pub(super) fn look(document: &Value) -> Look {
    let Value::Object(members) = document else { return Look::Unknown };
    if let Some(records) = members.get("Records") {
        let family = records.as_array().and_then(|records| records.iter().find_map(RecordFamily::of));
        return family.map_or(Look::UnknownRecords, Look::Records);
    }
    let has = |name| members.contains_key(name);
    let is = |name, text| members.get(name).and_then(Value::as_str) == Some(text);
    let in_context = |name| members.get("requestContext").and_then(|context| context.get(name)).is_some();
    if has("detail-type") || (has("source") && has("detail")) {
        Look::Document(bridge_schema(members))
    } else if is("Event", "s3:TestEvent") || is("Service", "Amazon S3") {
        Look::Document("s3/test-event")
    } else if is("Type", "Notification") || (has("TopicArn") && has("Message")) {
        Look::Document("sns/notification")
    } else if has("requestPayload") || in_context("condition") || in_context("approximateInvokeCount") {
        Look::Document("invoke/destination-record")
    } else if has("batchItemFailures") {
        Look::Document("sqs/batch-response")
    } else if has("errorMessage") || has("errorType") {
        Look::Document("invoke/function-error")
    } else {
        Look::Unknown
    }
}

fn bridge_schema(members: &Map<String, Value>) -> &'static str {
    let text = |name| members.get(name).and_then(Value::as_str);
    let detail_type = text("detail-type");
    // Whatever the source is: such an event carries the record of a call, not the event of the service.
    if detail_type.is_some_and(|kind| kind.ends_with(" via CloudTrail")) {
        return "eventbridge/envelope";
    }
    let of_s3 = detail_type.and_then(|kind| S3_DETAIL_TYPES.iter().find(|(name, _)| *name == kind));
    match (text("source"), detail_type) {
        (Some("aws.s3"), _) => of_s3.map_or("eventbridge/s3-event", |(_, schema)| schema),
        (Some("aws.events"), _) => "scheduled/rule",
        (Some("aws.scheduler"), _) => "scheduled/scheduler-default",
        (Some("lambda"), _) => "eventbridge/lambda-result",
        (Some(_), _) => "eventbridge/envelope",
        (None, Some("Scheduled Event")) => {
            let from_scheduler = members.get("resources").is_some_and(|resources| {
                resources.get(0).and_then(Value::as_str).is_some_and(|arn| arn.contains(":scheduler:"))
            });
            if from_scheduler { "scheduled/scheduler-default" } else { "scheduled/rule" }
        }
        (None, Some(kind)) if kind.starts_with("Lambda Function Invocation Result") => "eventbridge/lambda-result",
        (None, _) => of_s3.map_or("eventbridge/envelope", |(_, schema)| schema),
    }
}

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
    match look(document) {
        Look::Document(name) => Some(name),
        Look::Records(family) => {
            let mut names = document.get("Records")?.as_array()?.iter().map(|record| family.schema_of(record));
            let first = names.next()?;
            Some(if names.all(|name| name == first) { first } else { family.mixed() })
        }
        Look::UnknownRecords | Look::Unknown => None,
    }
}
