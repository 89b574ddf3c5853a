//! The functions of all accounts and regions, and how they are run.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;

use super::alias::Route;
use super::callee::Callee;
use super::environment::Deployed;
use super::event_source::{EventSourceMappings, MappingFault};
use super::function::{Function, NewFunction};
use super::function_ref::FunctionRef;
use super::invoke::{self, Attempt, Outcome, Throttled};
use super::payload::PayloadLimits;
use super::recursion::LoopStopped;
use super::tenant::TenantId;
use super::version::VersionId;
use crate::event::{AccountId, Arn};
use crate::history::{Actor, EntryId, Name, What};
use crate::kernel::{Kernel, Signal};
use crate::lock::Lock;
use crate::mock::http::Call;

/// An event that was accepted and runs later: its first attempt, its retries and its end are the router's business.
#[derive(Clone)]
pub(crate) struct AcceptedEvent {
    pub function: Callee,
    pub payload: Bytes,
    pub request_id: String,
    pub cause: Option<EntryId>,
    /// What it came with; the router gives it one if it came with none.
    pub trace_header: Option<String>,
    /// Whose event it is, where tenants are told apart.
    pub tenant: Option<TenantId>,
}

type ReadObject = Box<dyn Fn(&Call, &str, &str) -> Result<Bytes, String> + Send + Sync>;
type OwnerOf = Box<dyn Fn(&Arn) -> Option<AccountId> + Send + Sync>;
type WantsFresh = Box<dyn Fn(Option<EntryId>, &Callee) -> bool + Send + Sync>;
type WantsAdditional = Box<dyn Fn(Option<EntryId>, &Callee, VersionId) -> bool + Send + Sync>;

/// What the service asks of the world around it.
pub(crate) struct Hooks {
    /// Takes events that run later.
    pub accept: Box<dyn Fn(AcceptedEvent) + Send + Sync>,
    /// Says whether a synchronous invocation runs in a fresh environment although there is a warm one.
    pub wants_fresh: WantsFresh,
    /// Says whether an invocation by an alias runs the additional version, and not the alias's own.
    pub wants_additional: WantsAdditional,
    /// Says whose a queue, bucket or event bus is; none if there is no such.
    pub owner_of: OwnerOf,
    /// Reads an object of S3 for a caller, by bucket and key; or says in S3's words why not.
    pub read_object: ReadObject,
    /// The event source mappings, which poll where queues can be reached.
    pub mappings: Weak<dyn EventSourceMappings>,
}

/// The mock Lambda.
pub(crate) struct LambdaService {
    kernel: Arc<Kernel>,
    functions: Lock<BTreeMap<FunctionRef, Arc<Function>>>,
    /// The handlers of functions that are created through the API.
    bound: Lock<BTreeMap<FunctionRef, Deployed>>,
    hooks: OnceLock<Hooks>,
    limits: PayloadLimits,
}

/// What a synchronous caller waits for.
pub(crate) struct Reply {
    pub signal: Signal,
    /// The version that runs.
    pub version: VersionId,
    outcome: Lock<Option<Outcome>>,
}

impl Reply {
    pub fn take(&self) -> Option<Outcome> {
        self.outcome.lock().take()
    }
}

impl LambdaService {
    pub fn new(kernel: Arc<Kernel>, limits: PayloadLimits) -> Self {
        Self { kernel, functions: Lock::default(), bound: Lock::default(), hooks: OnceLock::new(), limits }
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

    /// Whose a queue, bucket or event bus is; none if there is no such.
    pub(super) fn owner_of(&self, arn: &Arn) -> Option<AccountId> {
        (self.hooks.get()?.owner_of)(arn)
    }

    /// The object of S3 from which a caller has a function's code.
    pub(super) fn read_object(&self, call: &Call, bucket: &str, key: &str) -> Result<Bytes, String> {
        let hooks = self.hooks.get().ok_or_else(|| "the Cloud was dropped".to_owned())?;
        (hooks.read_object)(call, bucket, key)
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
            function.deploy(&deployed, self.kernel.now());
            return function;
        }
        let function = Arc::new(Function::new(named, NewFunction::of(deployed), self.kernel.now()));
        functions.insert(named.clone(), Arc::clone(&function));
        function
    }

    /// Gives the function of this name its code: now if it is there, else when it is created.
    pub fn bind(&self, named: &FunctionRef, deployed: Deployed) {
        let replaced = self.bound.lock().insert(named.clone(), deployed.clone());
        drop(replaced); // outside the lock: what a handler captured may call back
        if let Some(function) = self.find(named) {
            function.deploy(&deployed, self.kernel.now());
        }
    }

    /// What is bound to a name, whether there is a function or not.
    pub fn bound(&self, named: &FunctionRef) -> Option<Deployed> {
        self.bound.lock().get(named).cloned()
    }

    /// Adds a function, with the code that is bound to its name; none if there is one of this name.
    pub fn create(&self, named: &FunctionRef, new: NewFunction) -> Option<Arc<Function>> {
        let now = self.kernel.now();
        let function = {
            let mut functions = self.functions.lock();
            if functions.contains_key(named) {
                return None;
            }
            let function = Arc::new(Function::new(named, new, now));
            functions.insert(named.clone(), Arc::clone(&function));
            function
        };
        // Only now, so that whoever binds at the same time finds the function, or is found here.
        if let Some(deployed) = self.bound(named) {
            function.deploy(&deployed, now);
        }
        Some(function)
    }

    /// The function of this name, by whatever qualifier.
    pub fn find(&self, named: &FunctionRef) -> Option<Arc<Function>> {
        let functions = self.functions.lock();
        match named.qualifier {
            None => functions.get(named).cloned(),
            Some(_) => functions.get(&named.by(None)).cloned(),
        }
    }

    /// The function, version or alias that is named.
    pub fn callee(&self, named: &FunctionRef) -> Option<Callee> {
        let callee = Callee::new(self.find(named)?, named.qualifier.as_deref());
        callee.route().is_some().then_some(callee)
    }

    /// The id of a revision of a function.
    pub fn revision_id(&self, function: &Function, revision: u32) -> String {
        let name = Name::ROOT.under("function", &function.arn.to_string()).nth(revision);
        self.kernel.ids(name, "revision").uuid()
    }

    /// Takes a function away. Nobody finds it any more, but who has it keeps it.
    pub fn remove(&self, function: &Function) {
        let removed = self.functions.lock().remove(&function.named);
        drop(removed); // outside the lock: what a handler captured may call back
    }

    /// Whether a function, and the version or alias that is meant, has not been taken away meanwhile.
    pub fn has(&self, callee: &Callee) -> bool {
        let there = self.find(&callee.named).is_some_and(|there| Arc::ptr_eq(&there, callee.function()));
        there && callee.route().is_some()
    }

    /// The function that runs the invocation with this line, whether the history still has the line or not.
    pub fn running(&self, line: EntryId) -> Option<Arc<Function>> {
        self.all().into_iter().find(|function| function.runs(line))
    }

    /// All functions, by account, region and name.
    pub fn all(&self) -> Vec<Arc<Function>> {
        self.functions.lock().values().cloned().collect()
    }

    /// Picks the version that an invocation runs; none if it is gone. Of an alias with two it is a choice.
    pub fn pick_version(&self, cause: Option<EntryId>, callee: &Callee) -> Option<VersionId> {
        Some(match callee.route()? {
            Route::To(version) => version,
            Route::Split { own, additional } => {
                let wants = |hooks: &Hooks| (hooks.wants_additional)(cause, callee, additional);
                if self.hooks.get().is_some_and(wants) { additional } else { own }
            }
        })
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
    /// [`Throttled`]. So is who names a version that another thread takes away at this moment: it is gone when he asks again.
    pub fn invoke_and_wait(&self, callee: &Callee, mut attempt: Attempt) -> Result<Arc<Reply>, Throttled> {
        if callee.is_busy() {
            return Err(Throttled);
        }
        let version = self.pick_version(attempt.cause, callee).ok_or(Throttled)?;
        let tenant = attempt.tenant.as_deref();
        let fresh =
            |hooks: &Hooks| callee.has_warm_environment(version, tenant) && (hooks.wants_fresh)(attempt.cause, callee);
        attempt.fresh = self.hooks.get().is_some_and(fresh);
        attempt.version = version;
        // Whoever waits for the caller waits for those that the caller waits for.
        let turns = self.kernel.turns();
        attempt.answered = true;
        attempt.urgent = turns.asking().is_none_or(|caller| turns.is_urgent(caller));
        let reply = Arc::new(Reply { signal: Signal::default(), version, outcome: Lock::default() });
        let told = Arc::clone(&reply);
        let done = move |outcome, _| {
            *told.outcome.lock() = Some(outcome);
            told.signal.fire();
        };
        invoke::start(&self.kernel, callee, attempt, self.limits, Box::new(done))?;
        Ok(reply)
    }

    /// Runs the function once and tells `done` the outcome, and the line of the invocation.
    ///
    /// # Errors
    ///
    /// [`Throttled`], and then `done` is told nothing.
    pub fn invoke_then(
        &self,
        callee: &Callee,
        attempt: Attempt,
        done: impl FnOnce(Outcome, EntryId) + Send + 'static,
    ) -> Result<(), Throttled> {
        invoke::start(&self.kernel, callee, attempt, self.limits, Box::new(done))
    }
}
