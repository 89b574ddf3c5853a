//! One invocation from its first turn to its outcome.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use jiff::Timestamp;

use super::answer::{AnswerParts, Collected};
use super::callee::Callee;
use super::environment::{Environment, Start};
use super::handler::HandlerResult;
use super::log::{LogTail, Usage};
use super::payload::PayloadLimits;
use super::running::Running;
use super::settings::Settings;
use super::tenant::TenantId;
use super::unreached;
use super::version::VersionId;
use crate::event::invoke::{ClientContext, FunctionError, InvocationContext, TraceHeader};
use crate::history::{self, Actor, EntryId, InvocationInfo, Name, What};
use crate::kernel::{Abandoned, Invocation, Kernel, Kind, PlannedId, later};
use crate::lock::Lock;

/// What a handler that is stuck should know: nobody can see from outside whether it sleeps or waits for a socket.
const REAL_TIME: &str = "tokio::time::sleep and timeouts of HTTP clients are real time, in which the cloud's clock stands \
                         still: a handler sleeps by Cloud::clock().sleep";

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Success(Bytes),
    /// The function failed; the caller still gets HTTP 200, with this payload.
    Error(FunctionError),
}

/// One attempt to run a function.
pub(crate) struct Attempt {
    pub payload: Bytes,
    pub request_id: String,
    /// Counted from 1.
    pub number: u32,
    pub cause: Option<EntryId>,
    /// Whether somebody outside any invocation waits for the outcome.
    pub urgent: bool,
    /// Whether the one who asked is given the error, so that no report needs to name it.
    pub answered: bool,
    /// What the event came with.
    pub trace_header: Option<String>,
    /// Whose event it is, where tenants are told apart.
    pub tenant: Option<TenantId>,
    /// Of synchronous invocations only.
    pub client_context: Option<ClientContext>,
    /// Takes the end of the log, if whoever asked wants it.
    pub log_tail: Option<Arc<LogTail>>,
    /// Takes the parts in which the function answers, if whoever asked wants them as a stream.
    pub parts: Option<Arc<AnswerParts>>,
    /// Whether it runs in a new environment although there is an idle one.
    pub fresh: bool,
    /// The version that runs; see [`LambdaService::pick_version`](super::LambdaService::pick_version).
    pub version: VersionId,
}

/// The function runs as many events as its reserved concurrency allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Throttled;

impl Attempt {
    /// The first attempt with `payload`.
    pub fn first(payload: Bytes, request_id: String, cause: Option<EntryId>) -> Self {
        Self {
            payload,
            request_id,
            number: 1,
            cause,
            urgent: false,
            answered: false,
            trace_header: None,
            tenant: None,
            client_context: None,
            log_tail: None,
            parts: None,
            fresh: false,
            version: VersionId::Latest,
        }
    }
}

/// Is told the outcome, and the line of the invocation.
type Done = Box<dyn FnOnce(Outcome, EntryId) + Send>;

/// Queues the attempt for its turn; `done` is told the outcome, exactly once. An answer beyond the limits is none.
///
/// # Errors
///
/// [`Throttled`], and then nothing has happened.
pub(crate) fn start(
    kernel: &Arc<Kernel>,
    callee: &Callee,
    attempt: Attempt,
    limits: PayloadLimits,
    done: Done,
) -> Result<(), Throttled> {
    let version = attempt.version;
    let (environment, settings) =
        callee.take_environment(version, attempt.fresh, attempt.tenant.as_deref()).ok_or(Throttled)?;
    let (timeout, memory_size) = (settings.timeout_of(attempt.answered), settings.memory_size);
    let deadline = later(kernel.now(), timeout);
    let start = environment.start();
    let mut context = context(callee, &attempt, memory_size, kernel.now());
    let stream = || log_stream(kernel, callee, &context.function_version, environment.number);
    context.log_stream_name = environment.log_stream(stream).to_owned();
    let info = Arc::new(InvocationInfo {
        function: Arc::clone(&callee.name),
        arn: callee.arn.clone(),
        attempt: attempt.number,
        event: attempt.payload.clone(),
        // In the history, which is the same in every run, all times are by the cloud's clock.
        context: context.clone().deadline(deadline),
        environment: environment.number,
        cold: environment.cold,
        answered: attempt.answered,
    });
    let line = kernel.record(attempt.cause, Actor::Service, What::Invocation(Arc::clone(&info)));
    if let Some(tail) = &attempt.log_tail {
        tail.started(&attempt.request_id, version);
    }
    callee.began(line, &environment, attempt.log_tail.clone());
    let running = Running {
        kernel: Arc::downgrade(kernel),
        line,
        info,
        settings: Arc::clone(&settings),
        log_tail: attempt.log_tail.clone(),
    };
    let ending = Arc::new(Ending {
        kernel: Arc::downgrade(kernel),
        callee: callee.clone(),
        version,
        settings,
        timeout,
        request_id: attempt.request_id.clone(),
        began: kernel.now(),
        log_tail: attempt.log_tail,
        limits,
        parts: attempt.parts,
        line,
        open: Lock::new(Some(Open { done, environment, deadline: None })),
    });

    // Handlers compare their deadline with the system clock.
    let context = context.deadline(later(Timestamp::now(), timeout));
    let (payload, finished) = (attempt.payload, Arc::clone(&ending));
    let gate = callee.gate();
    let work = running.run(async move {
        if let Some(gate) = gate {
            gate.passed().await;
        }
        if let Err(panic) = initialised(&start) {
            return finished.not_initialised(&*panic);
        }
        // The call itself is inside too: a handler may panic before its first await.
        let most = finished.longest_stream();
        let work = AssertUnwindSafe(async { start.handler()(payload, context).await?.collected(most).await });
        finished.finish(work.catch_unwind().await.unwrap_or_else(|panic| Err(panicked(&*panic))));
    });

    let dropped = Arc::clone(&ending);
    let id = kernel.start(Invocation {
        line,
        deadline,
        urgent: attempt.urgent,
        awaited: attempt.answered,
        future: Box::pin(work),
        abandoned: Box::new(move |why| dropped.abandoned(&why)),
    });
    let weak = Arc::downgrade(kernel);
    let entry = kernel.plan(deadline, Kind::Turn, format!("timeout of {}", callee.label), move || {
        if let Some(kernel) = weak.upgrade() {
            kernel.abandon(id, Abandoned::TimedOut);
        }
    });
    ending.set_deadline(entry);
    Ok(())
}

/// Makes the handler if this is a cold start.
fn initialised(start: &Start) -> std::thread::Result<()> {
    if !start.is_cold() {
        return Ok(());
    }
    catch_unwind(AssertUnwindSafe(|| {
        start.handler();
    }))
}

/// The context that the handler sees, but for its deadline. The timeout itself runs on the cloud's clock.
fn context(callee: &Callee, attempt: &Attempt, memory_size: u32, now: Timestamp) -> InvocationContext {
    let mut context = InvocationContext::new(&*callee.name).request_id(attempt.request_id.as_str());
    context.memory_limit_in_mb = memory_size;
    context.invoked_function_arn = callee.invoked_arn();
    if attempt.version != VersionId::Latest {
        context.function_version = attempt.version.to_string();
    }
    let trace = TraceHeader::of_event(attempt.trace_header.as_deref(), &attempt.request_id, now);
    let trace = trace.entering(&callee.arn, &attempt.request_id, attempt.number);
    context.trace_header = Some(trace.to_string());
    context.tenant_id = attempt.tenant.as_deref().map(str::to_owned);
    context.client_context.clone_from(&attempt.client_context);
    context
}

/// The log stream of an environment that starts now.
fn log_stream(kernel: &Kernel, callee: &Callee, version: &str, environment: u32) -> String {
    let name = Name::ROOT.under("log stream", &callee.arn.to_string()).nth(environment);
    let id = kernel.ids(name, "log stream").uuid().replace('-', "");
    format!("{}/[{version}]{id}", kernel.now().strftime("%Y/%m/%d"))
}

/// Waits to be told how the invocation ended, and tells the one who asked for it.
struct Ending {
    kernel: Weak<Kernel>,
    callee: Callee,
    version: VersionId,
    /// Those that it began with.
    settings: Arc<Settings>,
    timeout: Duration,
    request_id: String,
    began: Timestamp,
    log_tail: Option<Arc<LogTail>>,
    limits: PayloadLimits,
    parts: Option<Arc<AnswerParts>>,
    line: EntryId,
    open: Lock<Option<Open>>,
}

struct Open {
    done: Done,
    environment: Environment,
    deadline: Option<PlannedId>,
}

impl Ending {
    fn set_deadline(&self, entry: PlannedId) {
        if let Some(open) = &mut *self.open.lock() {
            open.deadline = Some(entry);
            return;
        }
        // Another thread has driven it to its end meanwhile.
        if let Some(kernel) = self.kernel.upgrade() {
            kernel.cancel(entry);
        }
    }

    /// How much a function may stream: more only to whoever wants it as a stream.
    fn longest_stream(&self) -> usize {
        if self.parts.is_some() { self.limits.streamed } else { self.limits.response }
    }

    fn finish(&self, result: HandlerResult<Collected>) {
        let Some(kernel) = self.kernel.upgrade() else { return };
        let turns = kernel.turns();
        if turns.current().is_some_and(|id| turns.has_crashed(id)) {
            // Its environment was gone before it came to its end.
            return self.abandoned(&Abandoned::Crashed);
        }
        // A process that ended takes its environment with it.
        let sound = !matches!(&result, Err(error) if error.error_type.as_deref() == Some("Runtime.ExitError"));
        let outcome = match result {
            Ok(Collected { payload, parts }) => {
                let most = if parts.is_some() { self.longest_stream() } else { self.limits.response };
                if let (Some(wanted), Some(parts)) = (&self.parts, parts) {
                    wanted.set(parts);
                }
                if payload.len() > most {
                    Outcome::Error(FunctionError::response_larger_than(most))
                } else {
                    Outcome::Success(payload)
                }
            }
            Err(mut error) => {
                error.error_message = kernel.redacted(&error.error_message);
                if turns.current().is_some_and(|id| !turns.has_asked(id))
                    && let Some(hint) = unreached::hint(&error.error_message)
                {
                    error.error_message.push_str(&format!("; {hint}"));
                }
                Outcome::Error(error)
            }
        };
        self.end(outcome, false, sound);
    }

    fn abandoned(&self, why: &Abandoned) {
        let (error, stuck) = match why {
            Abandoned::TimedOut => (FunctionError::timeout(&self.request_id, self.timeout), false),
            Abandoned::Crashed => (FunctionError::exited(&self.request_id), false),
            // Not in Lambda's words, which name the timeout: by the cloud's clock no time has passed.
            Abandoned::Stalled { what, after, last_request } => {
                let last = last_request
                    .as_deref()
                    .map_or("it had made no request".to_owned(), |request| format!("its last request was {request}"));
                let message = format!("stuck: {what} {after:?} of real time; {last}; {REAL_TIME}");
                (FunctionError::new("Sandbox.Timedout", message), true)
            }
        };
        // One that takes several events at once is not ended because of one of them.
        let sound = matches!(why, Abandoned::TimedOut) && self.settings.per_environment > 1;
        self.end(Outcome::Error(error), stuck, sound);
    }

    /// The maker of the handler has panicked: on AWS the process ends before it asks for an event.
    fn not_initialised(&self, panic: &(dyn Any + Send)) {
        let Some(kernel) = self.kernel.upgrade() else { return };
        // The exit status of a Rust program that panicked.
        let mut exit = FunctionError::exit_status(&self.request_id, 101);
        let why = kernel.redacted(&panicked(panic).error_message);
        exit.error_message.push_str(&format!(" (the handler could not be made: {why})"));
        self.end(Outcome::Error(exit), false, false);
    }

    fn complete_log(&self, outcome: &Outcome, at: Timestamp, cold: bool) {
        let Some(tail) = &self.log_tail else { return };
        if let Outcome::Error(error) = outcome {
            tail.failed(&self.request_id, at, error);
        }
        let duration = Duration::try_from(at.duration_since(self.began)).unwrap_or_default();
        tail.ended(&self.request_id, Usage { duration, memory: self.settings.memory_size, cold });
    }

    /// Ends the invocation, once. Its environment goes on to the next event only if it is `sound`.
    fn end(&self, outcome: Outcome, stuck: bool, sound: bool) {
        let Some(kernel) = self.kernel.upgrade() else { return };
        let Some(Open { done, environment, deadline }) = self.open.lock().take() else { return };
        if let Some(entry) = deadline {
            kernel.cancel(entry);
        }
        let (at, cold) = (kernel.now(), environment.cold);
        let ended = self.callee.give_environment_back(self.line, (self.version, environment), sound);
        // A panic in a destructor of what the handler captured must not keep its caller waiting.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(ended)));
        self.complete_log(&outcome, at, cold);
        kernel.close(
            self.line,
            match &outcome {
                Outcome::Success(response) => history::Outcome::Succeeded { response: response.clone(), at },
                Outcome::Error(error) => history::Outcome::Failed { error: error.clone(), stuck, at },
            },
        );
        done(outcome, self.line);
    }
}

/// As the Rust runtime reports a panic: the type is always that of the panic's box.
fn panicked(panic: &(dyn Any + Send)) -> FunctionError {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = message.map_or_else(|| "Lambda panicked".to_owned(), |text| format!("Lambda panicked: {text}"));
    FunctionError::new(std::any::type_name::<Box<dyn Any + Send>>(), message)
}
