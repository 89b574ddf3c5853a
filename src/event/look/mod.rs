//! What a document looks like, by a few members that tell the families apart. The one place that knows: detection by
//! types ([`Event::detect`](super::Event::detect)), by schemas, and the messages about documents of another family.

mod foreign;
mod records;

use serde_json::{Map, Value};

use super::SCHEDULED_EVENT;
use super::s3::detail_schema;

pub(crate) use foreign::unsupported;
pub(crate) use records::RecordFamily;

/// What a document looks like, valid or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A list of records, the first known one of this family.
    Records(RecordFamily),
    /// A member `Records` that holds no records, or none that is known.
    UnknownRecords,
    /// One document with one schema, of this name.
    Document(&'static str),
    /// Nothing known.
    Unknown,
}

/// What a document looks like. Marks of which some are missing or wrong count too, as long as no others are there.
pub(crate) fn look(document: &Value) -> Look {
    let Value::Object(members) = document else { return Look::Unknown };
    if let Some(records) = members.get("Records") {
        let family = records.as_array().and_then(|records| records.iter().find_map(RecordFamily::likely));
        return family.map_or(Look::UnknownRecords, Look::Records);
    }
    let has = |name| members.contains_key(name);
    let is = |name, text| text_of(members, name) == Some(text);
    let in_context = |name| members.get("requestContext").and_then(|context| context.get(name)).is_some();
    if has("detail-type") || (has("source") && has("detail")) {
        Look::Document(bridge_schema(members))
    } else if is("Event", S3_TEST) || is("Service", "Amazon S3") {
        Look::Document("s3/test-event")
    } else if is("Type", NOTIFICATION) || (has("TopicArn") && has("Message")) {
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

const S3_TEST: &str = "s3:TestEvent";
const NOTIFICATION: &str = "Notification";

fn text_of<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

/// The schema of a document without `Records` that has **all** the marks of its family, and is no answer of a function.
pub(crate) fn marked(members: &Map<String, Value>) -> Option<&'static str> {
    let text = |name| text_of(members, name);
    if text("Event") == Some(S3_TEST) {
        return Some("s3/test-event");
    }
    if let (Some(detail_type), Some(source)) = (text("detail-type"), text("source")) {
        // Of the sources of schedules, only their one event is theirs.
        let other = matches!(source, "aws.events" | "aws.scheduler") && detail_type != SCHEDULED_EVENT;
        return Some(if other { "eventbridge/envelope" } else { bridge_schema(members) });
    }
    if text("Type") == Some(NOTIFICATION) && members.contains_key("Message") {
        return Some("sns/notification");
    }
    let context = members.get("requestContext").and_then(Value::as_object);
    let record = context.is_some_and(|context| context.contains_key("condition"));
    (record && members.contains_key("requestPayload")).then_some("invoke/destination-record")
}

fn bridge_schema(members: &Map<String, Value>) -> &'static str {
    let detail_type = text_of(members, "detail-type");
    // Whatever the source is: such an event carries the record of a call, not the event of the service.
    if detail_type.is_some_and(|kind| kind.ends_with(" via CloudTrail")) {
        return "eventbridge/envelope";
    }
    let of_s3 = detail_type.and_then(detail_schema);
    match (text_of(members, "source"), detail_type) {
        (Some("aws.s3"), _) => of_s3.unwrap_or("eventbridge/s3-event"),
        (Some("aws.events"), _) => "scheduled/rule",
        (Some("aws.scheduler"), _) => "scheduled/scheduler-default",
        (Some("lambda"), _) => "eventbridge/lambda-result",
        (Some(_), _) => "eventbridge/envelope",
        (None, Some(SCHEDULED_EVENT)) => {
            let from_scheduler = members.get("resources").is_some_and(|resources| {
                resources.get(0).and_then(Value::as_str).is_some_and(|arn| arn.contains(":scheduler:"))
            });
            if from_scheduler { "scheduled/scheduler-default" } else { "scheduled/rule" }
        }
        (None, Some(kind)) if kind.starts_with("Lambda Function Invocation Result") => "eventbridge/lambda-result",
        (None, _) => of_s3.unwrap_or("eventbridge/envelope"),
    }
}

/// The name of the schema (and fixture) that a document looks made for; none if it looks like no known event.
pub(crate) fn name(document: &Value) -> Option<&'static str> {
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
