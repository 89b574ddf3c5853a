//! The functions of all accounts, and the two ways to invoke them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::function::{Code, Function};
use super::invoke::{self, Attempt, Outcome};
use crate::event::{AccountId, Arn, Region};
use crate::kernel::{Kernel, Kind, LineId, Signal, later};

/// An asynchronous event that was given up.
pub(crate) struct Exhausted {
    pub function: Arc<Function>,
    pub payload: Bytes,
    pub request_id: String,
    /// The error of the last attempt.
    pub error_message: String,
    pub cause: Option<LineId>,
}

type GiveUp = Box<dyn Fn(&Exhausted) + Send + Sync>;

/// The mock Lambda.
pub(crate) struct LambdaService {
    kernel: Arc<Kernel>,
    region: Region,
    functions: Mutex<BTreeMap<(AccountId, String), Arc<Function>>>,
    give_up: GiveUp,
    me: Weak<LambdaService>,
}

/// What a synchronous caller waits for.
#[derive(Default)]
pub(crate) struct Reply {
    pub signal: Signal,
    outcome: Mutex<Option<Outcome>>,
}

impl Reply {
    pub fn take(&self) -> Option<Outcome> {
        self.outcome.lock().expect("no panic under this lock").take()
    }
}

/// An event on its way to a function, with what its retries need to know.
struct Delivery {
    function: Arc<Function>,
    payload: Bytes,
    request_id: String,
    cause: Option<LineId>,
    trace_header: Option<String>,
    received: Timestamp,
}

/// The wait before the first retry of an asynchronous invocation; the second waits twice as long.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
const RETRY_DELAY: Duration = Duration::from_secs(60);

impl LambdaService {
    /// `give_up` is told of every asynchronous event that failed for good.
    pub fn new(kernel: Arc<Kernel>, region: Region, give_up: GiveUp) -> Arc<Self> {
        Arc::new_cyclic(|me| Self { kernel, region, functions: Mutex::default(), give_up, me: me.clone() })
    }

    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Adds a function, or replaces the code of the one with this name.
    pub fn register(&self, account: &AccountId, name: &str, code: Code) -> Arc<Function> {
        let mut functions = self.functions.lock().expect("no panic under this lock");
        let key = (account.clone(), name.to_owned());
        if let Some(function) = functions.get(&key) {
            let function = Arc::clone(function);
            drop(functions);
            drop(function.replace_code(code));
            return function;
        }
        let arn = Arn::regional("lambda", &self.region, account, format!("function:{name}"));
        let function = Arc::new(Function::new(name, account, arn, code));
        functions.insert(key, Arc::clone(&function));
        function
    }

    pub fn find(&self, account: &AccountId, name: &str) -> Option<Arc<Function>> {
        let functions = self.functions.lock().expect("no panic under this lock");
        functions.get(&(account.clone(), name.to_owned())).cloned()
    }

    /// The function that an unqualified ARN names.
    pub fn find_arn(&self, arn: &Arn) -> Option<Arc<Function>> {
        let name = arn.resource().strip_prefix("function:")?;
        self.find(arn.account()?, name)
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
            *told.outcome.lock().expect("no panic under this lock") = Some(outcome);
            told.signal.fire();
        };
        invoke::start(&self.kernel, function, attempt, Box::new(done));
        reply
    }

    /// Runs the function once and tells `done` the outcome.
    pub fn invoke_then(&self, function: &Arc<Function>, attempt: Attempt, done: impl FnOnce(Outcome) + Send + 'static) {
        invoke::start(&self.kernel, function, attempt, Box::new(done));
    }

    /// Queues an event: it is delivered as soon as the agenda gets to it, and retried when the function fails.
    pub fn invoke_later(
        &self,
        function: &Arc<Function>,
        payload: Bytes,
        request_id: String,
        cause: Option<LineId>,
        trace_header: Option<String>,
    ) {
        let received = self.kernel.now();
        let function = Arc::clone(function);
        let delivery = Arc::new(Delivery { function, payload, request_id, cause, trace_header, received });
        self.plan(delivery, received, 1);
    }

    fn plan(&self, delivery: Arc<Delivery>, due: Timestamp, number: u32) {
        let label = format!(
            "{} {} (attempt {number})",
            if number == 1 { "deliver to" } else { "retry" },
            delivery.function.name
        );
        let me = self.me.clone();
        self.kernel.plan(due, Kind::Work, label, move || {
            if let Some(me) = me.upgrade() {
                me.attempt(delivery, number);
            }
        });
    }

    fn attempt(&self, delivery: Arc<Delivery>, number: u32) {
        let attempt = Attempt {
            number,
            trace_header: delivery.trace_header.clone(),
            ..Attempt::first(delivery.payload.clone(), delivery.request_id.clone(), delivery.cause)
        };
        let me = self.me.clone();
        let function = Arc::clone(&delivery.function);
        self.invoke_then(&function, attempt, move |outcome| {
            if let (Some(me), Outcome::Error(error)) = (me.upgrade(), outcome) {
                me.retry(delivery, number, error.error_message);
            }
        });
    }

    fn retry(&self, delivery: Arc<Delivery>, failed: u32, error_message: String) {
        let settings = delivery.function.settings();
        let due = later(self.kernel.now(), RETRY_DELAY * failed);
        let given_up = if failed > settings.retry_attempts {
            Some("its retries are exhausted")
        } else if due >= later(delivery.received, settings.maximum_event_age) {
            // The event is dropped at once, not when it reaches the age.
            Some("it would have reached its maximum age by its next retry")
        } else {
            None
        };
        let Some(why) = given_up else { return self.plan(delivery, due, failed + 1) };
        let name = &delivery.function.name;
        let cause = self.kernel.note(delivery.cause, format!("event for {name} given up: {why}"));
        (self.give_up)(&Exhausted {
            function: Arc::clone(&delivery.function),
            payload: delivery.payload.clone(),
            request_id: delivery.request_id.clone(),
            error_message,
            cause: Some(cause),
        });
    }
}
