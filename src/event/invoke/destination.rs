//! What becomes of an asynchronous event: the destination record, and the message of a dead-letter queue.

use serde::{Deserialize, Serialize};

use super::{FunctionError, InvocationContext};
use crate::event::derived::Derived;
use crate::event::nullable::present;
use crate::event::open::open_enum;
use crate::event::readable::readable;
use crate::event::{
    Arn, DEFAULT_TIME, EventBridgeEvent, Json, Members, MessageAttribute, Object, Time, default_account, default_region,
};

readable!(DestinationRecord);

open_enum! {
    /// Why Lambda sent a destination record.
    DestinationCondition {
        /// The function succeeded.
        Success = "Success",
        /// The function failed at every attempt.
        RetriesExhausted = "RetriesExhausted",
        /// The next attempt would have come after the greatest age of the event.
        EventAgeExceeded = "EventAgeExceeded",
        /// The reserved concurrency is 0; the function never ran.
        ZeroReservedConcurrency = "ZeroReservedConcurrency",
    }
}

/// The record that Lambda sends to the destination of an asynchronous invocation.
///
/// ```
/// use lambda_testkit::event::Json;
/// use lambda_testkit::event::invoke::{DestinationRecord, FunctionError, InvocationContext};
///
/// let context = InvocationContext::new("check_users");
/// let error = FunctionError::new("Exception", "no such user");
/// let record = DestinationRecord::failure(&context, Json::empty_object(), &error, 3);
/// assert_eq!(record.request_context.condition.as_str(), "RetriesExhausted");
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DestinationRecord {
    /// The version of the record, `1.0`.
    pub version: String,
    /// When the record was made.
    pub timestamp: Time,
    /// The invocation.
    pub request_context: RequestContext,
    /// The event that the function received.
    pub request_payload: Json,
    /// How the function answered; absent when it never ran.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub response_context: Option<ResponseContext>,
    /// What the function answered; absent when it never ran.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub response_payload: Option<Json>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `requestContext` of a [`DestinationRecord`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext {
    /// The id of the request.
    pub request_id: String,
    /// The ARN of the function, always with a qualifier.
    pub function_arn: Arn,
    /// Why the record was sent.
    pub condition: DestinationCondition,
    /// How often the function was tried; 0 when it never ran.
    pub approximate_invoke_count: u64,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// `responseContext` of a [`DestinationRecord`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseContext {
    /// 200, also when the function failed.
    pub status_code: u16,
    /// The version that ran.
    pub executed_version: String,
    /// `Unhandled` when the function failed.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub function_error: Option<String>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

impl DestinationRecord {
    /// The record of an invocation of any outcome, at the start of 2026, without an answer of the function.
    pub fn new(
        context: &InvocationContext,
        payload: impl Into<Json>,
        condition: DestinationCondition,
        invoke_count: u64,
    ) -> Self {
        Self {
            version: "1.0".to_owned(),
            timestamp: Time::millis(DEFAULT_TIME),
            request_context: RequestContext {
                request_id: context.request_id.clone(),
                function_arn: context.qualified_arn(),
                condition,
                approximate_invoke_count: invoke_count,
                unknown: Object::new(),
            },
            request_payload: payload.into(),
            response_context: None,
            response_payload: None,
            unknown: Object::new(),
        }
    }

    /// The function succeeded at this attempt.
    pub fn success(
        context: &InvocationContext,
        payload: impl Into<Json>,
        response: impl Into<Json>,
        invoke_count: u64,
    ) -> Self {
        let record = Self::new(context, payload, DestinationCondition::Success, invoke_count);
        record.answered(context, response, None)
    }

    /// The function failed at every attempt.
    pub fn failure(
        context: &InvocationContext,
        payload: impl Into<Json>,
        error: &FunctionError,
        invoke_count: u64,
    ) -> Self {
        let record = Self::new(context, payload, DestinationCondition::RetriesExhausted, invoke_count);
        record.answered(context, error.to_json(), Some("Unhandled"))
    }

    /// Adds what the function answered; `function_error` is `Unhandled` for a failure.
    #[must_use]
    pub fn answered(
        mut self,
        context: &InvocationContext,
        response: impl Into<Json>,
        function_error: Option<&str>,
    ) -> Self {
        self.response_context = Some(ResponseContext {
            status_code: 200,
            executed_version: context.function_version.clone(),
            function_error: function_error.map(str::to_owned),
            unknown: Object::new(),
        });
        self.response_payload = Some(response.into());
        self
    }

    /// When the record was made.
    #[must_use]
    pub fn timestamp(mut self, time: jiff::Timestamp) -> Self {
        self.timestamp = Time::millis(time);
        self
    }

    /// The record as Lambda puts it on the event bus `bus`.
    pub fn to_event_bridge(&self, bus: &Arn) -> EventBridgeEvent<Self> {
        let success = self.request_context.condition == DestinationCondition::Success;
        let outcome = if success { "Success" } else { "Failure" };
        let function = &self.request_context.function_arn;
        EventBridgeEvent {
            version: Some("0".to_owned()),
            id: Derived::from(&[b"destination", self.request_context.request_id.as_bytes()]).uuid(),
            detail_type: format!("Lambda Function Invocation Result - {outcome}"),
            source: "lambda".to_owned(),
            account: function.account().cloned().unwrap_or_else(default_account),
            time: Time::seconds(self.timestamp.timestamp()),
            region: function.region().cloned().unwrap_or_else(default_region),
            resources: vec![bus.to_string(), function.to_string()],
            detail: self.clone(),
            unknown: Object::new(),
        }
    }
}

/// The greatest length of the attribute `ErrorMessage`, in bytes.
const MAX_ERROR_MESSAGE: usize = 1024;

/// The attributes of the message that Lambda sends to a function's dead-letter queue; its body is the event itself.
///
/// `ErrorCode` is 200, as for every failure of a function; `ErrorMessage` is cut off after 1 KiB, and left out
/// when it is empty, because SQS takes no empty values.
pub fn dead_letter_attributes(request_id: &str, error_message: &str) -> Members<MessageAttribute> {
    let mut attributes = Members::new();
    attributes.insert("RequestID", MessageAttribute::string(request_id));
    attributes.insert("ErrorCode", MessageAttribute::number(200));
    if !error_message.is_empty() {
        let end = error_message.floor_char_boundary(MAX_ERROR_MESSAGE);
        attributes.insert("ErrorMessage", MessageAttribute::string(&error_message[..end]));
    }
    attributes
}
