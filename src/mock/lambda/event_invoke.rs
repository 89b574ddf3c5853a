//! How a function's asynchronous invocations are retried, and who is told what becomes of them.

use std::time::Duration;

use jiff::Timestamp;

use super::destination::Side;
use crate::event::Arn;

/// The configuration of the asynchronous invocations by one qualifier of a function. What is not set is as AWS has it by default.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionEventInvokeConfig.html>
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EventInvokeConfig {
    /// How often a failed invocation is tried again: 0 to 2.
    pub retry_attempts: Option<u32>,
    /// How old an event may become before it is given up: 60 s to 6 h.
    pub maximum_event_age: Option<Duration>,
    /// Who is told that an event was processed.
    pub on_success: Option<Arn>,
    /// Who is told that an event was given up.
    pub on_failure: Option<Arn>,
    pub last_modified: Timestamp,
}

impl EventInvokeConfig {
    pub fn destination(&self, side: Side) -> Option<&Arn> {
        match side {
            Side::Success => self.on_success.as_ref(),
            Side::Failure => self.on_failure.as_ref(),
        }
    }

    /// How often a failed invocation is tried again.
    pub fn retry_attempts(&self) -> u32 {
        self.retry_attempts.unwrap_or(2)
    }

    /// How old an event may become before it is given up.
    pub fn maximum_event_age(&self) -> Duration {
        self.maximum_event_age.unwrap_or(Duration::from_secs(6 * 60 * 60))
    }
}
