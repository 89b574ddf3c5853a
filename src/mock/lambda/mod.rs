//! The mock Lambda: functions that are Rust closures, invoked as Lambda invokes them.
//!
//! * [`handler`]: what can be a function, and [`returned`] what it may return.
//! * [`environment`]: what a function keeps between invocations, and how many run at once.
//! * [`expected`]: the words for a payload of another family.
//! * [`function`]: a registered function and [`settings`], what is set on it; [`version`], [`alias`], [`publishing`]: its
//!   versions, the names that point to them, and how both come and go; [`package`]: what was uploaded.
//! * [`callee`]: a function as somebody named it.
//! * [`invoke`]: one invocation from its first turn to its outcome, and [`log`] the end of its log; [`running`]: which one the
//!   running code belongs to, and [`variables`] what its environment says.
//! * [`payload`]: what may be given to a function; [`answer`] what comes of it: at once, or as a stream ([`streaming`] of
//!   `lambda_runtime`), which [`event_stream`] puts into frames.
//! * [`recursion`]: loops of requests; [`tenant`]: tenants.
//! * [`function_ref`]: what names a function; [`policy`]: who else may use it.
//! * [`event_invoke`]: how asynchronous invocations are retried, and [`destination`] who can be told what becomes of them.
//! * [`event_source`]: what can be said of event source mappings: settings, filters, states.
//! * [`storage`]: what `/tmp` is to a function; [`unreached`]: what to look at when a handler's client does not call the cloud.
//! * [`service`]: the functions of all accounts and regions. Events that run later are handed to the router.
//! * [`protocol`]: the Invoke API over HTTP; [`api`]: the operations that set functions up; [`operations`]: the names of all
//!   that there are on AWS.

mod alias;
mod answer;
mod api;
mod callee;
mod destination;
mod environment;
mod event_invoke;
pub(crate) mod event_source;
mod event_stream;
mod expected;
mod function;
mod function_ref;
mod handler;
mod invoke;
mod log;
mod operations;
mod package;
mod payload;
mod policy;
mod protocol;
mod publishing;
mod recursion;
mod returned;
mod running;
mod service;
mod settings;
mod storage;
#[cfg(feature = "lambda-runtime")]
mod streaming;
mod tenant;
mod unreached;
mod variables;
mod version;

pub(crate) use alias::{Additional, AliasError, check_alias_name};
pub use answer::HandlerAnswer;
pub(crate) use api::check_variables;
pub(crate) use callee::Callee;
pub(crate) use destination::{DestinationError, Side};
pub(crate) use environment::{Code, Deployed, code};
pub(crate) use event_invoke::EventInvokeConfig;
pub(crate) use function::Function;
pub(crate) use function_ref::FunctionRef;
pub use handler::{EventAlone, Handler, HandlerEvent, HandlerFuture, HandlerResult, TakesEvent};
#[cfg(feature = "lambda-runtime")]
pub use handler::{IsService, IsStreamingService, Streams, WithContext};
pub(crate) use invoke::{Attempt, Outcome, Throttled};
pub(crate) use payload::{InvocationType, InvokeFault, PayloadLimits, check_payload};
pub(crate) use policy::{CannotAdd, FunctionPolicy, Permission, Statement};
pub use recursion::RecursiveLoop;
pub(crate) use recursion::STOPPED;
pub use returned::{Fallible, Plain, Returned};
pub(crate) use running::Running;
pub(crate) use service::{AcceptedEvent, Hooks, LambdaService};
pub(crate) use settings::{LONGEST_MANAGED_TIMEOUT, Settings};
pub(crate) use tenant::{TenantId, broken_rule};
pub(crate) use version::VersionId;
