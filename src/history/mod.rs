//! What happened in a cloud, as typed entries; everything that is told of a run is a view of this one list.
//!
//! * `entry`: one thing that happened, what led to it, and what came of it.
//! * `request`, `delivery`, `invocation`: the three kinds of things that most entries are about.
//! * `name`: names that stay the same when something else of the run is left out.
//! * `recorder`: the list while it grows.
//! * `bounded`: as much of a timeline as a failing test prints.
//! * `timeline`, `explain`, `query`, `invoked`: the views; `decided`: how the decisions of `explain` are found.

mod bounded;
mod decided;
mod delivery;
mod entry;
mod explain;
mod invocation;
mod invoked;
mod name;
mod query;
mod recorder;
mod request;
mod timeline;

pub use delivery::{DeliveryInfo, Source};
pub use entry::{Actor, Entry, EntryId, Outcome, RefusedWith, What};
pub(crate) use entry::{LATE_ANSWER, OVERDUE, stopped};
pub use explain::{Decision, Explanation, Standing};
pub use invocation::InvocationInfo;
pub use invoked::Invoked;
pub(crate) use name::Name;
pub use query::{Answered, Deliveries, History, Invocations, InvokedFunction, Requests};
pub(crate) use recorder::Recorder;
pub use request::{Caller, Origin, RequestInfo};
pub use timeline::{Line, Timeline};
