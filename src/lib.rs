//! Test AWS Lambda handlers end to end, offline and in milliseconds.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod event;
#[cfg(any(feature = "schedule", feature = "cloud"))]
pub mod schedule;
#[cfg(feature = "schema")]
pub mod schema;

#[cfg(feature = "cloud")]
mod cloud;
#[cfg(feature = "cloud")]
mod kernel;
#[cfg(feature = "cloud")]
mod mock;
#[cfg(feature = "aws-sdk")]
mod sdk;

#[cfg(feature = "cloud")]
pub use cloud::*;
#[cfg(feature = "cloud")]
pub use kernel::{Clock, DriveError, Failure, Line, LineId, Report, Timeline, Waiting};
#[cfg(feature = "cloud")]
pub use mock::http::AccessKey;
#[cfg(feature = "cloud")]
pub use mock::lambda::{Handler, HandlerFuture, HandlerResult, TakesEvent};
#[cfg(feature = "lambda-runtime")]
pub use mock::lambda::{IsService, TakesLambdaEvent};
#[cfg(feature = "slack")]
pub use mock::slack::{Slack, SlackMessage};

/// What most tests use.
pub mod prelude {
    #[cfg(feature = "cloud")]
    pub use crate::ObjectEvents::{ObjectCreated, ObjectRemoved, ObjectTagging};
    #[cfg(feature = "cloud")]
    pub use crate::{Cloud, batch, on};
    pub use crate::event::{BatchResponse, S3Event, ScheduledEvent, SqsEvent};
}
