//! The input of EventBridge Scheduler: constant text with context attributes filled in.

use jiff::Timestamp;

use super::InputError;
use crate::event::derived::Derived;
use crate::event::{Arn, Time};

/// The greatest length of a schedule's `Input`, in bytes (256 KiB).
pub const MAX_SCHEDULER_INPUT_BYTES: usize = 256 * 1024;

/// What the `Input` of a schedule can name.
///
/// ```
/// use lambda_testkit::event::{DEFAULT_TIME, SchedulerContext};
///
/// let arn = "arn:aws:scheduler:us-east-1:111111111111:schedule/default/nightly".parse().unwrap();
/// let context = SchedulerContext::new(arn, DEFAULT_TIME);
/// let text = context.fill(r#"{"at":"<aws.scheduler.scheduled-time>","try":<aws.scheduler.attempt-number>}"#).unwrap();
/// assert_eq!(text, r#"{"at":"2026-01-01T00:00:00Z","try":1}"#);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SchedulerContext {
    /// `<aws.scheduler.schedule-arn>`
    pub schedule_arn: Arn,
    /// `<aws.scheduler.scheduled-time>`: the nominal time, written in whole seconds.
    pub scheduled_time: Timestamp,
    /// `<aws.scheduler.execution-id>`: one for each attempt, 16 lower-case letters and digits.
    pub execution_id: String,
    /// `<aws.scheduler.attempt-number>`: 1 for the first.
    pub attempt_number: u32,
}

impl SchedulerContext {
    /// The first attempt of this schedule at this time. The execution id follows from both.
    pub fn new(schedule_arn: Arn, scheduled_time: Timestamp) -> Self {
        Self { execution_id: String::new(), schedule_arn, scheduled_time, attempt_number: 1 }.attempt(1)
    }

    /// The same context for another attempt, with another execution id.
    #[must_use]
    pub fn attempt(mut self, number: u32) -> Self {
        self.attempt_number = number;
        let parts = [self.schedule_arn.to_string(), self.scheduled_time.to_string(), number.to_string()];
        self.execution_id = Derived::from(&parts.each_ref().map(|part| part.as_bytes())).lower(16);
        self
    }

    /// The `Input` with every context attribute replaced, wherever it stands. Replacing is textual: quotes
    /// must stand in the input. Other text in `<>` stays as it is.
    ///
    /// # Errors
    ///
    /// [`InputError`] when the input is empty or too long, and when what comes out is not JSON, which
    /// Lambda targets need.
    pub fn fill(&self, input: &str) -> Result<String, InputError> {
        if !(1..=MAX_SCHEDULER_INPUT_BYTES).contains(&input.len()) {
            let (what, length, max) = ("the schedule's input", input.len(), MAX_SCHEDULER_INPUT_BYTES);
            return Err(InputError::Length { what, length, max, unit: "bytes" });
        }
        let text = input
            .replace("<aws.scheduler.schedule-arn>", &self.schedule_arn.to_string())
            .replace("<aws.scheduler.scheduled-time>", &Time::seconds(self.scheduled_time).to_string())
            .replace("<aws.scheduler.execution-id>", &self.execution_id)
            .replace("<aws.scheduler.attempt-number>", &self.attempt_number.to_string());
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(_) => Ok(text),
            Err(error) => Err(InputError::NotJson { text, error: error.to_string() }),
        }
    }
}
