//! What surrounds an invocation of a function: the context, what becomes of asynchronous events, and failures.

mod client_context;
mod destination;
mod failure;
#[cfg(test)]
mod tests;
mod trace;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::derived::Derived;
use super::nullable::present;
use super::{Arn, BuildError, DEFAULT_TIME, Object, Time, default_account, default_region};

pub use client_context::{ClientContext, MAX_CLIENT_CONTEXT_BYTES};
pub use destination::{
    DestinationCondition, DestinationRecord, RequestContext, ResponseContext, dead_letter_attributes,
};
pub use failure::{FunctionError, MAX_RESPONSE_BYTES};
pub use trace::TraceHeader;

/// What a function sees about its invocation beside the payload.
///
/// ```
/// use lambda_testkit::event::invoke::InvocationContext;
///
/// let context = InvocationContext::new("check_users").qualifier("live", "7");
/// assert_eq!(
///     context.invoked_function_arn.to_string(),
///     "arn:aws:lambda:us-east-1:111111111111:function:check_users:live",
/// );
/// assert_eq!(context.function_version, "7");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvocationContext {
    /// The id of the request, a UUID; the same for every retry of an asynchronous event.
    pub request_id: String,
    /// The ARN that the caller named: with a qualifier only when the caller gave one.
    pub invoked_function_arn: Arn,
    /// The name of the function.
    pub function_name: String,
    /// The version that runs: a number, or `$LATEST`.
    pub function_version: String,
    /// When the function is stopped.
    pub deadline: Time,
    /// The memory of the function, in MB.
    pub memory_limit_in_mb: u32,
    /// The log group.
    pub log_group_name: String,
    /// The log stream.
    pub log_stream_name: String,
    /// The X-Ray trace header.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub trace_header: Option<String>,
    /// What the caller handed over beside the payload; of synchronous invocations only.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub client_context: Option<ClientContext>,
    /// The Cognito identity of a caller from the mobile SDK.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub identity: Option<CognitoIdentity>,
    /// The tenant that the caller named.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// The Cognito identity of a caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CognitoIdentity {
    /// The id of the identity.
    pub cognito_identity_id: String,
    /// The id of the identity pool.
    pub cognito_identity_pool_id: String,
    /// Members that the crate does not know.
    #[serde(flatten)]
    pub unknown: Object,
}

/// Checks the name of a function: 1 to 64 letters, digits, hyphens and underscores (CreateFunction in the API reference
/// of Lambda).
///
/// # Errors
///
/// [`BuildError::Rule`] for any other text.
pub fn check_function_name(name: &str) -> Result<(), BuildError> {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if (1..=64).contains(&name.len()) && letters {
        return Ok(());
    }
    let rule = "a function name has 1 to 64 letters, digits, hyphens and underscores";
    Err(BuildError::Rule { what: "function name", value: name.to_owned(), rule })
}

impl InvocationContext {
    /// The context of an unqualified invocation: `$LATEST`, 128 MB, in account `111111111111` and
    /// `us-east-1`, with the deadline 3 s after the start of 2026, and ids that follow from the name.
    pub fn new(function_name: impl Into<String>) -> Self {
        let function_name = function_name.into();
        let mut ids = Derived::from(&[b"invoke", function_name.as_bytes()]);
        let resource = format!("function:{function_name}");
        let three_seconds = jiff::SignedDuration::from_secs(3);
        Self {
            request_id: ids.uuid(),
            invoked_function_arn: Arn::regional("lambda", &default_region(), &default_account(), resource),
            function_version: "$LATEST".to_owned(),
            deadline: Time::millis(DEFAULT_TIME.saturating_add(three_seconds).unwrap_or(DEFAULT_TIME)),
            memory_limit_in_mb: 128,
            log_group_name: format!("/aws/lambda/{function_name}"),
            log_stream_name: format!("2026/01/01/[$LATEST]{}", ids.hex(32)),
            trace_header: None,
            client_context: None,
            identity: None,
            tenant_id: None,
            unknown: Object::new(),
            function_name,
        }
    }

    /// Called with this qualifier (an alias, a version or `$LATEST`), which stands for this version.
    #[must_use]
    pub fn qualifier(mut self, qualifier: &str, version: impl Into<String>) -> Self {
        let arn = &self.invoked_function_arn;
        let region = arn.region().cloned().unwrap_or_else(default_region);
        let account = arn.account().cloned().unwrap_or_else(default_account);
        let resource = format!("function:{}:{qualifier}", self.function_name);
        self.invoked_function_arn = Arn::regional("lambda", &region, &account, resource);
        self.function_version = version.into();
        self
    }

    /// The ARN with the qualifier that the caller gave, or `$LATEST`: how destination records name the function.
    pub fn qualified_arn(&self) -> Arn {
        let arn = &self.invoked_function_arn;
        if arn.resource().split(':').count() > 2 {
            return arn.clone();
        }
        let region = arn.region().cloned().unwrap_or_else(default_region);
        let account = arn.account().cloned().unwrap_or_else(default_account);
        Arn::regional("lambda", &region, &account, format!("{}:$LATEST", arn.resource()))
    }

    /// The id of the request.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = id.into();
        self
    }

    /// When the function is stopped.
    #[must_use]
    pub fn deadline(mut self, deadline: Timestamp) -> Self {
        self.deadline = Time::millis(deadline);
        self
    }

    /// What the caller handed over beside the payload.
    #[must_use]
    pub fn client_context(mut self, context: ClientContext) -> Self {
        self.client_context = Some(context);
        self
    }

    /// The tenant that the caller named.
    #[must_use]
    pub fn tenant_id(mut self, tenant: impl Into<String>) -> Self {
        self.tenant_id = Some(tenant.into());
        self
    }

    /// The X-Ray trace header.
    #[must_use]
    pub fn trace_header(mut self, header: impl Into<String>) -> Self {
        self.trace_header = Some(header.into());
        self
    }
}
