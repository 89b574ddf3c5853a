//! What a function with `ReportBatchItemFailures` answers.

use serde::{Deserialize, Serialize};

use super::SqsEvent;
use crate::event::Object;

/// The answer of a function that reports which messages of a batch failed.
///
/// ```
/// use lambda_testkit::event::BatchResponse;
///
/// let response = BatchResponse::success().fail("id-2");
/// assert_eq!(
///     serde_json::to_string(&response).unwrap(),
///     r#"{"batchItemFailures":[{"itemIdentifier":"id-2"}]}"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// The messages that failed. The others are deleted from the queue.
    pub batch_item_failures: Vec<BatchItemFailure>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// One failed message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// The `messageId` of the record.
    pub item_identifier: String,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl BatchResponse {
    /// No message failed.
    pub fn success() -> Self {
        Self::default()
    }

    /// These messages failed.
    pub fn failures<I: Into<String>>(message_ids: impl IntoIterator<Item = I>) -> Self {
        message_ids.into_iter().fold(Self::success(), Self::fail)
    }

    /// One more message failed.
    #[must_use]
    pub fn fail(mut self, message_id: impl Into<String>) -> Self {
        let failure = BatchItemFailure { item_identifier: message_id.into(), unknown: Object::new() };
        self.batch_item_failures.push(failure);
        self
    }

    /// The message at `first` and all behind it failed: how a function keeps the order of a FIFO queue,
    /// which Lambda does not do for it. A place behind the end of the batch means that none failed.
    pub fn fail_from(event: &SqsEvent, first: usize) -> Self {
        Self::failures(event.records.iter().skip(first).map(|record| record.message_id.as_str()))
    }
}
