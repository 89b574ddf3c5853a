//! `{"Records": […]}` as it is read: a document without records says what it is instead.

use serde::Deserialize;

use super::nullable::present;
use super::{DocumentDescription, Json, Object};

/// What an event of records is read by way of.
#[derive(Deserialize)]
#[serde(bound = "R: Deserialize<'de>")]
pub(super) struct Records<R> {
    #[serde(rename = "Records", default = "Option::default", deserialize_with = "present")]
    records: Option<Vec<R>>,
    #[serde(flatten)]
    unknown: Object,
}

impl<R> Records<R> {
    /// The records and the other members; an error where there are no records.
    pub(super) fn into_parts(self, wanted: &str) -> Result<(Vec<R>, Object), String> {
        match self.records {
            Some(records) => Ok((records, self.unknown)),
            None => Err(match DocumentDescription::of(&Json::Object(self.unknown).into()) {
                Some(document) => format!("this is {document}, not {wanted}: missing field `Records`"),
                None => "missing field `Records`".to_owned(),
            }),
        }
    }
}

/// Reads an event of records by way of [`Records`].
macro_rules! by_records {
    ($event:ident, $record:ident, $wanted:literal) => {
        impl TryFrom<$crate::event::records::Records<$record>> for $event {
            type Error = String;

            fn try_from(read: $crate::event::records::Records<$record>) -> Result<Self, String> {
                let (records, unknown) = read.into_parts($wanted)?;
                Ok(Self { records, unknown })
            }
        }
    };
}
pub(super) use by_records;

#[cfg(test)]
mod tests {
    use crate::event::{S3Event, SnsEvent, SqsEvent};
    use crate::fixture;

    #[test]
    fn an_event_of_another_family_is_named() {
        let s3 = |name| serde_json::from_str::<S3Event>(fixture::get(name).unwrap()).unwrap_err().to_string();
        let start = |text: &str, expected: &str| assert!(text.starts_with(expected), "{text}");
        start(&s3("sqs/standard"), "this has `aws:sqs` where `aws:s3` is due");
        start(&s3("scheduled/rule"), "this is scheduled/rule, not an S3 event: missing field `Records`");
        start(&s3("s3/test-event"), "this is s3/test-event, not an S3 event");
        start(&s3("invoke/payload"), "missing field `Records`");
        let sqs = serde_json::from_str::<SqsEvent>(fixture::get("sns/notification").unwrap()).unwrap_err();
        start(&sqs.to_string(), "this is sns/notification, not an SQS event");
        let sns = serde_json::from_str::<SnsEvent>(fixture::get("eventbridge/envelope").unwrap()).unwrap_err();
        start(&sns.to_string(), "this is eventbridge/envelope, not an SNS event");
        let http = r#"{"httpMethod": "GET", "requestContext": {}}"#;
        let error = serde_json::from_str::<S3Event>(http).unwrap_err();
        start(&error.to_string(), "this is an API Gateway request (REST API), which is not supported, not an S3 event");
    }
}
