//! A registered function: its code, its settings and its execution environments.

use std::collections::BTreeSet;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use bytes::Bytes;

use super::function_ref::FunctionRef;
use super::handler::{Handler, HandlerFuture};
use crate::event::Arn;
use crate::event::invoke::InvocationContext;
use crate::kernel::Gate;
use crate::lock::Lock;

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

/// One function of one account in one region.
pub(crate) struct Function {
    pub name: Arc<str>,
    /// What names it, without a qualifier.
    pub named: FunctionRef,
    pub arn: Arn,
    changing: Lock<Changing>,
}

struct Changing {
    code: Code,
    settings: Settings,
    environments: Environments,
    /// Where invocations wait before the handler runs.
    gate: Option<Gate>,
}

/// The execution environments of a function, counted from 1. Each takes one event at a time.
#[derive(Debug, Default)]
struct Environments {
    idle: BTreeSet<u32>,
    made: u32,
}

impl Function {
    pub fn new(named: &FunctionRef, code: Code) -> Self {
        let changing =
            Changing { code, settings: Settings::default(), environments: Environments::default(), gate: None };
        let (name, arn) = (named.name.as_str().into(), named.arn());
        Self { name, named: named.clone(), arn, changing: Lock::new(changing) }
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

    /// The gate of the function, which `make` makes if there is none yet.
    pub fn gate_or(&self, make: impl FnOnce() -> Gate) -> Gate {
        self.changing().gate.get_or_insert_with(make).clone()
    }

    pub fn gate(&self) -> Option<Gate> {
        self.changing().gate.clone()
    }

    pub fn code(&self) -> Code {
        Arc::clone(&self.changing().code)
    }

    /// An environment for one event: an idle one if there is any, else a new one.
    pub fn take_environment(&self) -> u32 {
        let environments = &mut self.changing().environments;
        environments.idle.pop_first().unwrap_or_else(|| {
            environments.made += 1;
            environments.made
        })
    }

    /// The environment is ready for another event. One that crashed or timed out never is.
    pub fn give_environment_back(&self, environment: u32) {
        self.changing().environments.idle.insert(environment);
    }

    fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock()
    }
}
