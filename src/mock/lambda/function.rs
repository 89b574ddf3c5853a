//! A registered function: its code, its settings, and what it was given and answered.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;

use super::handler::{Handler, HandlerFuture};
use crate::event::invoke::InvocationContext;
use crate::event::{AccountId, Arn};

/// A handler without its shape.
pub(crate) type Code = Arc<dyn Fn(Bytes, InvocationContext) -> HandlerFuture + Send + Sync>;

pub(crate) fn code<Shape>(handler: impl Handler<Shape>) -> Code {
    Arc::new(move |payload, context| handler.call(payload, context))
}

/// What can be set on a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How long an invocation may take on the cloud's clock.
    pub timeout: Duration,
    /// How often a failed asynchronous invocation is tried again: 0 to 2.
    pub retry_attempts: u32,
    /// How old an asynchronous event may become before it is given up: 60 s to 6 h.
    pub maximum_event_age: Duration,
    /// The queue for asynchronous events that were given up.
    pub dead_letter: Option<Arn>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            retry_attempts: 2,
            maximum_event_age: Duration::from_secs(6 * 60 * 60),
            dead_letter: None,
        }
    }
}

/// One function of one account.
pub(crate) struct Function {
    pub name: String,
    pub account: AccountId,
    pub arn: Arn,
    changing: Mutex<Changing>,
}

struct Changing {
    code: Code,
    settings: Settings,
    events: Vec<Bytes>,
    responses: Vec<Bytes>,
}

impl Function {
    pub fn new(name: &str, account: &AccountId, arn: Arn, code: Code) -> Self {
        let changing = Changing { code, settings: Settings::default(), events: Vec::new(), responses: Vec::new() };
        Self { name: name.to_owned(), account: account.clone(), arn, changing: Mutex::new(changing) }
    }

    pub fn settings(&self) -> Settings {
        self.changing().settings.clone()
    }

    /// Changes the settings. An invocation in flight keeps those that it began with.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.changing().settings);
    }

    /// Replaces the code. An invocation in flight keeps the old one, as on AWS.
    ///
    /// Returns the old code, to be dropped where no lock is held: what it captured may call back.
    #[must_use]
    pub fn replace_code(&self, code: Code) -> Code {
        std::mem::replace(&mut self.changing().code, code)
    }

    /// The code for one event, which is recorded.
    pub fn take_event(&self, event: &Bytes) -> Code {
        let mut changing = self.changing();
        changing.events.push(event.clone());
        Arc::clone(&changing.code)
    }

    pub fn record_response(&self, response: &Bytes) {
        self.changing().responses.push(response.clone());
    }

    /// The events so far, one for each attempt.
    pub fn events(&self) -> Vec<Bytes> {
        self.changing().events.clone()
    }

    /// The answers of the successful invocations so far.
    pub fn responses(&self) -> Vec<Bytes> {
        self.changing().responses.clone()
    }

    fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock().expect("no user code runs under this lock")
    }
}
