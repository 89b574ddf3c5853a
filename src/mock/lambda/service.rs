//! The functions of all accounts and regions, and how they are run.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;

use super::environment::Deployed;
use super::event_source::{EventSourceMappings, MappingFault};
use super::function::Function;
use super::function_ref::FunctionRef;
use super::invoke::{self, Attempt, Outcome, Throttled};
use super::payload::PayloadLimits;
use super::recursion::LoopStopped;
use super::tenant::TenantId;
use crate::event::{AccountId, Arn};
use crate::history::{Actor, EntryId, What};
use crate::kernel::{Kernel, Signal};
use crate::lock::Lock;

/// An event that was accepted and runs later: its first attempt, its retries and its end are the router's business.
#[derive(Clone)]
pub(crate) struct AcceptedEvent {
    pub function: Arc<Function>,
    pub payload: Bytes,
    pub request_id: String,
    pub cause: Option<EntryId>,
    /// What it came with; the router gives it one if it came with none.
    pub trace_header: Option<String>,
    /// Whose event it is, where tenants are told apart.
    pub tenant: Option<TenantId>,
}

type OwnerOf = Box<dyn Fn(&Arn) -> Option<AccountId> + Send + Sync>;
type WantsFresh = Box<dyn Fn(Option<EntryId>, &Function) -> bool + Send + Sync>;

/// What the service asks of the world around it.
pub(crate) struct Hooks {
    /// Takes events that run later.
    pub accept: Box<dyn Fn(AcceptedEvent) + Send + Sync>,
    /// Says whether a synchronous invocation runs in a fresh environment although there is a warm one.
    pub wants_fresh: WantsFresh,
    /// Says whose a queue or bucket is; none if there is no such.
    pub owner_of: OwnerOf,
    /// The event source mappings, which poll where queues can be reached.
    pub mappings: Weak<dyn EventSourceMappings>,
}

/// The mock Lambda.
pub(crate) struct LambdaService {
    kernel: Arc<Kernel>,
    functions: Lock<BTreeMap<FunctionRef, Arc<Function>>>,
    hooks: OnceLock<Hooks>,
    limits: PayloadLimits,
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
    pub fn new(kernel: Arc<Kernel>, limits: PayloadLimits) -> Self {
        Self { kernel, functions: Lock::default(), hooks: OnceLock::new(), limits }
    }

    pub fn limits(&self) -> PayloadLimits {
        self.limits
    }

    /// Joins it to the world around it; once, when the cloud is put together.
    pub fn join(&self, hooks: Hooks) {
        let _ = self.hooks.set(hooks);
    }

    /// Queues an event: it is run as soon as the agenda gets to it, and again when the function fails.
    pub fn accept(&self, event: AcceptedEvent) {
        if let Some(hooks) = self.hooks.get() {
            (hooks.accept)(event);
        }
    }

    /// Whose a queue or bucket is; none if there is no such.
    pub(super) fn owner_of(&self, arn: &Arn) -> Option<AccountId> {
        (self.hooks.get()?.owner_of)(arn)
    }

    /// The event source mappings of the cloud.
    ///
    /// # Errors
    ///
    /// When the cloud is being dropped.
    pub(super) fn mappings(&self) -> Result<Arc<dyn EventSourceMappings>, MappingFault> {
        let mappings = self.hooks.get().and_then(|hooks| hooks.mappings.upgrade());
        mappings.ok_or_else(|| MappingFault::new(500, "ServiceException", "the Cloud was dropped"))
    }

    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    /// Adds a function, or replaces the code of the one with this name.
    pub fn register(&self, named: &FunctionRef, deployed: Deployed) -> Arc<Function> {
        let mut functions = self.functions.lock();
        if let Some(function) = functions.get(named) {
            let function = Arc::clone(function);
            drop(functions);
            function.deploy(deployed, self.kernel.now());
            return function;
        }
        let function = Arc::new(Function::new(named, deployed, self.kernel.now()));
        functions.insert(named.clone(), Arc::clone(&function));
        function
    }

    /// The function of this name. There are no versions and aliases, so none can be found.
    pub fn find(&self, named: &FunctionRef) -> Option<Arc<Function>> {
        self.functions.lock().get(named).cloned()
    }

    /// Takes a function away. Nobody finds it any more, but who has it keeps it.
    pub fn remove(&self, function: &Function) {
        let removed = self.functions.lock().remove(&function.named);
        drop(removed); // outside the lock: what a handler captured may call back
    }

    /// Whether a function has not been taken away meanwhile.
    pub fn has(&self, function: &Arc<Function>) -> bool {
        self.find(&function.named).is_some_and(|there| Arc::ptr_eq(&there, function))
    }

    /// The function that runs the invocation with this line, whether the history still has the line or not.
    pub fn running(&self, line: EntryId) -> Option<Arc<Function>> {
        self.all().into_iter().find(|function| function.runs(line))
    }

    /// All functions, by account, region and name.
    pub fn all(&self) -> Vec<Arc<Function>> {
        self.functions.lock().values().cloned().collect()
    }

    /// Whether a function is invoked for what came with this trace header. That it is not is written down under `cause`.
    ///
    /// # Errors
    ///
    /// [`LoopStopped`].
    pub fn check_loop(
        &self,
        function: &Function,
        trace_header: Option<&str>,
        cause: Option<EntryId>,
    ) -> Result<(), LoopStopped> {
        function.check_loop(trace_header).inspect_err(|stopped| {
            let what = What::Stopped { function: function.name.to_string(), invocations: stopped.invocations };
            self.kernel.record(cause, Actor::Service, what);
        })
    }

    /// Runs the function once; the reply's signal fires when it has ended.
    ///
    /// # Errors
    ///
    /// [`Throttled`].
    pub fn invoke_and_wait(&self, function: &Arc<Function>, mut attempt: Attempt) -> Result<Arc<Reply>, Throttled> {
        if function.is_busy() {
            return Err(Throttled);
        }
        let tenant = attempt.tenant.as_deref();
        let fresh =
            |hooks: &Hooks| function.has_warm_environment(tenant) && (hooks.wants_fresh)(attempt.cause, function);
        attempt.fresh = self.hooks.get().is_some_and(fresh);
        // Whoever waits for the caller waits for those that the caller waits for.
        let turns = self.kernel.turns();
        attempt.answered = true;
        attempt.urgent = turns.current().is_none_or(|caller| turns.is_urgent(caller));
        let reply = Arc::new(Reply::default());
        let told = Arc::clone(&reply);
        let done = move |outcome, _| {
            *told.outcome.lock() = Some(outcome);
            told.signal.fire();
        };
        invoke::start(&self.kernel, function, attempt, self.limits, Box::new(done))?;
        Ok(reply)
    }

    /// Runs the function once and tells `done` the outcome, and the line of the invocation.
    ///
    /// # Errors
    ///
    /// [`Throttled`], and then `done` is told nothing.
    pub fn invoke_then(
        &self,
        function: &Arc<Function>,
        attempt: Attempt,
        done: impl FnOnce(Outcome, EntryId) + Send + 'static,
    ) -> Result<(), Throttled> {
        invoke::start(&self.kernel, function, attempt, self.limits, Box::new(done))
    }
}
