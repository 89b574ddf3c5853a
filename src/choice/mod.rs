//! Where the world may go another way than the ordinary one.
//!
//! At each such place, a [`Point`], the rooms ask [`Choices::pick`] which of the alternatives comes to pass. Without a
//! [`Plan`] that is always the ordinary course. The points that were met are a run's [`Course`].
//!
//! * [`deviation`]: the ways in which a point may deviate.
//! * [`draws`]: deviations that are drawn by a seed, for runs that nobody has written a plan for.
//! * [`drawn`]: the part of a plan that is drawn, and the record of what it came to.
//! * [`plan`]: which points deviate; printed as short text and parsed back; [`shrinking`] finds the simplest that fails.
//! * [`course`]: which points were met, and what else might have happened there; [`thing`]: what might have gone first.
//! * [`fault`]: what a test injects by hand, beside the plan; [`injected`] counts what it hits, by [`pattern`].

mod choices;
mod course;
mod deviation;
mod drawn;
mod draws;
mod fault;
mod injected;
mod pattern;
mod plan;
mod shrinking;
mod thing;

pub(crate) use choices::{At, Choices};
pub use course::{Course, Point, PointKind};
pub(crate) use deviation::Class;
pub use deviation::{Deviation, Span};
pub(crate) use draws::{Drawing, Draws, mixed};
pub(crate) use fault::Effect;
#[cfg(feature = "slack")]
pub(crate) use fault::ScriptedAnswer;
pub use fault::{Fault, FaultPlace};
pub use injected::InjectedFault;
pub(crate) use injected::{Asking, Faults, Injections, Rule};
pub use plan::{ParsePlanError, Plan};
pub(crate) use shrinking::Shrinking;
pub(crate) use thing::Thing;
