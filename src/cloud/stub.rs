//! Functions without a handler: a script says what they answer.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use super::Cloud;
use super::account::Account;
use super::error::{CloudError, expect};
use super::function::{Function, json_bytes};
use crate::event::invoke::FunctionError;
use crate::kernel::Clock;
use crate::lock::Lock;
use crate::mock::lambda::{Code, Deployed, HandlerResult};

/// A function whose answers are a script: each invocation takes the next one, and the last one repeats. Made by
/// [`Cloud::stub`]; without a script it answers `null`.
///
/// It is a [`Function`] too: it is triggered and asked as any other.
///
/// ```
/// # use lambda_testkit::prelude::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let price = cloud.stub("price").returns(7).then_fails("Unavailable", "try later").then_times_out();
/// assert_eq!(price.invoke::<u32>("tea").await, 7);
/// let error = price.try_invoke::<u32>("tea").await.unwrap_err();
/// assert_eq!(error.to_string(), "function price failed: Unavailable: try later");
/// assert!(price.try_invoke::<u32>("tea").await.unwrap_err().to_string().contains("timed out"));
/// assert_eq!(price.invocations().len(), 3);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Stub {
    function: Function,
    script: Script,
}

type Script = Arc<Lock<VecDeque<Step>>>;

#[derive(Debug, Clone)]
enum Step {
    Answer(HandlerResult),
    TimesOut,
}

/// Longer than any function may take.
const TOO_LONG: Duration = Duration::from_secs(16 * 60);

impl Account {
    /// Registers a function without a handler, or replaces the code of the one that there is; see [`Stub`].
    ///
    /// # Panics
    ///
    /// As [`try_function`](Self::try_function) fails.
    #[track_caller]
    pub fn stub(&self, name: &str) -> Stub {
        expect(self.try_stub(name))
    }

    /// As [`stub`](Self::stub).
    ///
    /// # Errors
    ///
    /// As [`try_function`](Self::try_function).
    pub fn try_stub(&self, name: &str) -> Result<Stub, CloudError> {
        let script = Script::default();
        let function =
            self.register(name, Deployed::Shared(code(Arc::clone(&script), Clock::new(&self.world()?.kernel))))?;
        Ok(Stub { function, script })
    }
}

impl Cloud {
    /// Registers a function without a handler, whose answers are a script. See [`Stub`].
    ///
    /// # Panics
    ///
    /// As [`Account::stub`].
    #[track_caller]
    pub fn stub(&self, name: &str) -> Stub {
        self.own_account().stub(name)
    }
}

fn code(script: Script, clock: Clock) -> Code {
    Arc::new(move |_, _| {
        let step = next(&script);
        let clock = clock.clone();
        Box::pin(async move {
            match step {
                Step::Answer(answer) => answer.map(Into::into),
                Step::TimesOut => {
                    clock.sleep(TOO_LONG).await;
                    Err(FunctionError::new("Sandbox.Timedout", "the stub outlived its timeout"))
                }
            }
        })
    })
}

fn next(script: &Script) -> Step {
    let mut script = script.lock();
    match script.len() {
        0 => Step::Answer(Ok(Bytes::from_static(b"null"))),
        1 => script[0].clone(),
        _ => script.pop_front().expect("there are two or more"),
    }
}

impl Stub {
    /// The function itself.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// Forgets what is left of the script: from now on the function answers this.
    ///
    /// # Panics
    ///
    /// When the value cannot be written as JSON.
    #[track_caller]
    pub fn returns(&self, value: impl Serialize) -> Self {
        self.restart().then_returns(value)
    }

    /// As [`returns`](Self::returns), with a failure of this type and message.
    pub fn fails(&self, error_type: impl Into<String>, message: impl Into<String>) -> Self {
        self.restart().then_fails(error_type, message)
    }

    /// As [`returns`](Self::returns): the function runs until its timeout.
    pub fn times_out(&self) -> Self {
        self.restart().then_times_out()
    }

    /// Answers this after what was scripted before.
    ///
    /// # Panics
    ///
    /// When the value cannot be written as JSON.
    #[track_caller]
    pub fn then_returns(&self, value: impl Serialize) -> Self {
        self.then(Step::Answer(Ok(expect(json_bytes(&value)))))
    }

    /// Fails so after what was scripted before.
    pub fn then_fails(&self, error_type: impl Into<String>, message: impl Into<String>) -> Self {
        self.then(Step::Answer(Err(FunctionError::new(error_type, message))))
    }

    /// Runs until its timeout after what was scripted before.
    pub fn then_times_out(&self) -> Self {
        self.then(Step::TimesOut)
    }

    fn then(&self, step: Step) -> Self {
        self.script.lock().push_back(step);
        self.clone()
    }

    fn restart(&self) -> &Self {
        self.script.lock().clear();
        self
    }
}

impl Deref for Stub {
    type Target = Function;

    fn deref(&self) -> &Function {
        &self.function
    }
}
