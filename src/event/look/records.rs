//! Events that come as `{"Records": […]}`.

use serde_json::Value;

use crate::event::s3::s3_schema;

/// A family of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordFamily {
    S3,
    Sqs,
    Sns,
}

impl RecordFamily {
    /// The `eventSource` of a record, which SNS spells `EventSource`.
    pub(crate) fn source(record: &Value) -> Option<&str> {
        record.get("eventSource").or_else(|| record.get("EventSource")).and_then(Value::as_str)
    }

    /// The family whose records have this source.
    pub(crate) fn of_source(source: &str) -> Option<Self> {
        match source {
            "aws:s3" => Some(Self::S3),
            "aws:sqs" => Some(Self::Sqs),
            "aws:sns" => Some(Self::Sns),
            _ => None,
        }
    }

    /// The family of a record: by its source, or else by a member that no other family has.
    pub(crate) fn likely(record: &Value) -> Option<Self> {
        let has = |name| record.get(name).is_some();
        if let Some(family) = Self::source(record).and_then(Self::of_source) {
            Some(family)
        } else if has("s3") {
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
    pub(crate) fn schema_of(self, record: &Value) -> &'static str {
        match self {
            Self::S3 => record.get("eventName").and_then(Value::as_str).and_then(s3_schema).unwrap_or(self.mixed()),
            Self::Sqs if is_fifo(record) => "sqs/fifo",
            Self::Sqs | Self::Sns => self.mixed(),
        }
    }

    /// The schema of a document whose records do not all have the same one.
    pub(crate) fn mixed(self) -> &'static str {
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
