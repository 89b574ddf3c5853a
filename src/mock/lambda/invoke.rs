//! One invocation from its first turn to its outcome.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use jiff::Timestamp;

use super::function::Function;
use super::handler::HandlerResult;
use crate::event::invoke::{ClientContext, FunctionError, InvocationContext, MAX_RESPONSE_BYTES};
use crate::kernel::{Abandoned, EntryId, Failure, Invocation, Kernel, Kind, LineId, later};

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
    pub cause: Option<LineId>,
    /// Whether somebody outside any invocation waits for the outcome.
    pub urgent: bool,
    /// Whether the one who asked is given the error, so that no report needs to name it.
    pub answered: bool,
    pub trace_header: Option<String>,
    /// Of synchronous invocations only.
    pub client_context: Option<ClientContext>,
}

impl Attempt {
    /// The first attempt with `payload`.
    pub fn first(payload: Bytes, request_id: String, cause: Option<LineId>) -> Self {
        Self {
            payload,
            request_id,
            number: 1,
            cause,
            urgent: false,
            answered: false,
            trace_header: None,
            client_context: None,
        }
    }
}

type Done = Box<dyn FnOnce(Outcome) + Send>;

/// Queues the attempt for its turn; `done` is told the outcome, exactly once.
pub(crate) fn start(kernel: &Arc<Kernel>, function: &Arc<Function>, attempt: Attempt, done: Done) {
    let again = if attempt.number > 1 { format!(" (attempt {})", attempt.number) } else { String::new() };
    let line = kernel.note(attempt.cause, format!("invoke {}{again}", function.name));
    let timeout = function.settings().timeout;
    let ending = Arc::new(Ending {
        kernel: Arc::downgrade(kernel),
        function: Arc::clone(function),
        request_id: attempt.request_id.clone(),
        attempt: attempt.number,
        timeout,
        line,
        answered: attempt.answered,
        open: Mutex::new(Some(Open { done, deadline: None })),
    });

    let context = context(function, &attempt, timeout);
    let (payload, finished) = (attempt.payload, Arc::clone(&ending));
    let code = function.take_event(&payload);
    let work = async move {
        // The call itself is inside too: a handler may panic before its first await.
        let work = AssertUnwindSafe(async { code(payload, context).await });
        finished.finish(work.catch_unwind().await.unwrap_or_else(|panic| Err(panicked(&*panic))));
    };

    let deadline = later(kernel.now(), timeout);
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
    let entry = kernel.plan(deadline, Kind::Turn, format!("timeout of {}", function.name), move || {
        if let Some(kernel) = weak.upgrade() {
            kernel.abandon(id, Abandoned::TimedOut);
        }
    });
    ending.set_deadline(entry);
}

/// The context that the handler sees.
///
/// Its deadline is in real time, because handlers compare it with the system clock; so it is never printed. The timeout
/// itself runs on the cloud's clock.
fn context(function: &Function, attempt: &Attempt, timeout: Duration) -> InvocationContext {
    let mut context = InvocationContext::new(function.name.as_str())
        .request_id(attempt.request_id.as_str())
        .deadline(later(Timestamp::now(), timeout));
    context.invoked_function_arn = function.arn.clone();
    context.trace_header.clone_from(&attempt.trace_header);
    context.client_context.clone_from(&attempt.client_context);
    context
}

/// Waits to be told how the invocation ended, and tells the one who asked for it.
struct Ending {
    kernel: Weak<Kernel>,
    function: Arc<Function>,
    request_id: String,
    attempt: u32,
    timeout: Duration,
    line: LineId,
    answered: bool,
    open: Mutex<Option<Open>>,
}

struct Open {
    done: Done,
    deadline: Option<EntryId>,
}

impl Ending {
    fn set_deadline(&self, entry: EntryId) {
        if let Some(open) = &mut *self.open.lock().expect("no panic under this lock") {
            open.deadline = Some(entry);
        }
    }

    fn finish(&self, result: HandlerResult) {
        let outcome = match result {
            Ok(payload) if payload.len() > MAX_RESPONSE_BYTES => Outcome::Error(FunctionError::response_too_large()),
            Ok(payload) => Outcome::Success(payload),
            Err(error) => Outcome::Error(error),
        };
        self.end(outcome, None);
    }

    fn abandoned(&self, why: &Abandoned) {
        let error = match why {
            Abandoned::Crashed => FunctionError::exited(&self.request_id),
            _ => FunctionError::timeout(&self.request_id, self.timeout),
        };
        let hint = match why {
            Abandoned::TimedOut | Abandoned::Crashed => None,
            Abandoned::Stalled { what, after, last_request } => {
                let last = last_request
                    .as_deref()
                    .map_or("it had made no request".to_owned(), |request| format!("its last request was {request}"));
                Some(format!("stuck: {what} {after:?} of real time; {last}"))
            }
        };
        self.end(Outcome::Error(error), hint);
    }

    fn end(&self, outcome: Outcome, hint: Option<String>) {
        let Some(kernel) = self.kernel.upgrade() else { return };
        let Some(open) = self.open.lock().expect("no panic under this lock").take() else { return };
        if let Some(entry) = open.deadline {
            kernel.cancel(entry);
        }
        if let Some(hint) = &hint {
            kernel.note(Some(self.line), hint.as_str());
        }
        match &outcome {
            Outcome::Success(response) => {
                self.function.record_response(response);
                kernel.amend(self.line, ": ok");
            }
            Outcome::Error(error) => {
                let (kind, message) = (error.error_type.as_deref().unwrap_or("error"), &error.error_message);
                kernel.note(Some(self.line), format!("failed: {kind}: {message}"));
                // Why a handler was stuck is not in its error, so that is reported in any case.
                if hint.is_some() || !self.answered {
                    let error = hint.map_or_else(|| message.clone(), |hint| format!("{message}; {hint}"));
                    kernel.failed(Failure { function: self.function.name.clone(), attempt: self.attempt, error });
                }
            }
        }
        (open.done)(outcome);
    }
}

/// As the Rust runtime reports a panic: the type is always that of the panic's box.
fn panicked(panic: &(dyn Any + Send)) -> FunctionError {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = message.map_or_else(|| "Lambda panicked".to_owned(), |text| format!("Lambda panicked: {text}"));
    FunctionError::new(std::any::type_name::<Box<dyn Any + Send>>(), message)
}
