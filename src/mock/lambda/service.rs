//! The functions of all accounts and regions, and how they are run.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::function::{Code, Function};
use super::function_ref::FunctionRef;
use super::invoke::{self, Attempt, Outcome};
use crate::history::EntryId;
use crate::kernel::{Kernel, Signal};
use crate::lock::Lock;

/// An event that was accepted and runs later: its first attempt, its retries and its end are the router's business.
#[derive(Clone)]
pub(crate) struct AcceptedEvent {
    pub function: Arc<Function>,
    pub payload: Bytes,
    pub request_id: String,
    pub cause: Option<EntryId>,
    pub trace_header: Option<String>,
}

type Accept = Box<dyn Fn(AcceptedEvent) + Send + Sync>;

/// The mock Lambda.
pub(crate) struct LambdaService {
    kernel: Arc<Kernel>,
    functions: Lock<BTreeMap<FunctionRef, Arc<Function>>>,
    accept: OnceLock<Accept>,
}

/// What a synchronous caller waits for.
#[derive(Default)]
pub(crate) struct Reply {
    pub signal: Signal,
    outcome: Lock<Option<Outcome>>,
}

impl Reply {
    pub fn take(&self) -> Option<Outcome> {
        self.outcome.lock().take()
    }
}

impl LambdaService {
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel, functions: Lock::default(), accept: OnceLock::new() }
    }

    /// Says who takes events that run later; once, when the cloud is put together.
    pub fn on_event(&self, accept: Accept) {
        let _ = self.accept.set(accept);
    }

    /// Queues an event: it is run as soon as the agenda gets to it, and again when the function fails.
    pub fn accept(&self, event: AcceptedEvent) {
        if let Some(accept) = self.accept.get() {
            accept(event);
        }
    }

    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    /// Adds a function, or replaces the code of the one with this name.
    pub fn register(&self, named: &FunctionRef, code: Code) -> Arc<Function> {
        let mut functions = self.functions.lock();
        if let Some(function) = functions.get(named) {
            let function = Arc::clone(function);
            drop(functions);
            drop(function.replace_code(code));
            return function;
        }
        let function = Arc::new(Function::new(named, code));
        functions.insert(named.clone(), Arc::clone(&function));
        function
    }

    /// The function of this name. There are no versions and aliases, so none can be found.
    pub fn find(&self, named: &FunctionRef) -> Option<Arc<Function>> {
        self.functions.lock().get(named).cloned()
    }

    /// All functions, by account, region and name.
    pub fn all(&self) -> Vec<Arc<Function>> {
        self.functions.lock().values().cloned().collect()
    }

    /// Runs the function once; the reply's signal fires when it has ended.
    pub fn invoke_and_wait(&self, function: &Arc<Function>, mut attempt: Attempt) -> Arc<Reply> {
        // Whoever waits for the caller waits for those that the caller waits for.
        let turns = self.kernel.turns();
        attempt.answered = true;
        attempt.urgent = turns.current().is_none_or(|caller| turns.is_urgent(caller));
        let reply = Arc::new(Reply::default());
        let told = Arc::clone(&reply);
        let done = move |outcome| {
            *told.outcome.lock() = Some(outcome);
            told.signal.fire();
        };
        invoke::start(&self.kernel, function, attempt, Box::new(done));
        reply
    }

    /// Runs the function once and tells `done` the outcome.
    pub fn invoke_then(&self, function: &Arc<Function>, attempt: Attempt, done: impl FnOnce(Outcome) + Send + 'static) {
        invoke::start(&self.kernel, function, attempt, Box::new(done));
    }
}
