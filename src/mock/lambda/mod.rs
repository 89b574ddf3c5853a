//! The mock Lambda: functions that are Rust closures, invoked as Lambda invokes them.
//!
//! * [`handler`]: what can be a function.
//! * [`function`]: a registered function and its settings.
//! * [`invoke`]: one invocation from its first turn to its outcome.
//! * [`payload`]: what may be given to a function.
//! * [`service`]: the functions of all accounts; synchronous and asynchronous invocation, retries.
//! * [`protocol`]: the Invoke API over HTTP.

mod function;
mod handler;
mod invoke;
mod payload;
mod protocol;
mod service;

pub(crate) use function::{Function, Settings, code};
pub use handler::{Handler, HandlerFuture, HandlerResult, TakesEvent};
#[cfg(feature = "lambda-runtime")]
pub use handler::{IsService, TakesLambdaEvent};
pub(crate) use invoke::{Attempt, Outcome};
pub(crate) use payload::{InvocationType, check_payload};
pub(crate) use service::{Exhausted, LambdaService};
