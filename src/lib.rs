//! Test AWS Lambda handlers end to end, offline and in milliseconds.
//!
//! ```
//! use lambda_testkit::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let cloud = Cloud::start();                                    // no ports, no containers, no sleep
//! let export = cloud.bucket("export");
//! let count = cloud.function("count-lines", {
//!     let export = export.clone();                               // or an SDK client: cloud.sdk_config()
//!     move |event: S3Event| {
//!         let export = export.clone();
//!         async move { export.try_bytes(event.records[0].key().as_str()).map(|csv| csv.split(|b| *b == b'\n').count()) }
//!     }
//! });
//! export.notify(&count, on(ObjectCreated).prefix("in/").suffix(".csv"));
//!
//! export.put("in/a b.csv", "1\n2\n3");
//! cloud.settle().await.assert_ok();                              // returns when nothing is left to deliver
//!
//! assert_eq!(count.responses(), [3]);
//! # }
//! ```
//!
//! # The nouns
//!
//! * A [`Cloud`] holds buckets, queues, functions, schedules and a Slack, joined by the triggers that AWS has, on a clock
//!   that moves only when the test says so. Start here.
//! * An [`event`] is what a function receives: typed, with builders: `S3Event::put("export", "a b.csv").build()`.
//! * A [`strategy`] generates events for `proptest`, adversarial by default.
//! * A [`schema`] says whether a document is one of AWS's events, and if not, where and why.
//! * A [`fixture`] is one canonical document of each event.
//! * A [`schedule`] expression is parsed, explained, and lists its next runs.
//!
//! # A whole chain in one test
//!
//! [`Bucket::notify`], [`Queue::trigger`], [`ScheduleBuilder::trigger`] and the SDK's Invoke start functions;
//! [`Cloud::settle`] runs until nothing is due, [`Cloud::advance`] lets time pass, [`Cloud::drain`] runs all retries and
//! redeliveries. [`Cloud::timeline`] shows what happened as a tree by cause, the same bytes for the same seed, and
//! [`Cloud::explain`] says why a trigger did not fire.
//!
//! [`Cloud::stub`] is a function whose answers are a script, a [`Gate`] holds invocations in their middle, and
//! [`Cloud::service`] and [`Cloud::forward`] answer for services that are not mocked.
//!
//! [`Cloud::history`] is the same in types, [`Cloud::state`] what is left at the end, and [`Cloud::region`] the same cloud
//! elsewhere.
//!
//! # When the cloud does not do the ordinary
//!
//! Every request, delivery, batch, invocation and turn is a [`Point`] at which a run may go another way: an error, a reset, an
//! answer that is lost although the work is done, a crash, a duplicate. [`Cloud::course`] lists the points that a run met;
//! a [`Plan`] given to [`CloudBuilder::plan`] makes some of them deviate.
//!
//! [`CloudBuilder::small_limits`] has tests meet pages, batches and sizes that production meets at 1,000 keys and at 1 MiB;
//! [`Cloud::function_in`] makes a handler anew for each execution environment, of which [`Function::concurrency`] bounds the
//! number.
//!
//! `cloud.sdk_config()` gives AWS SDK clients that call the mocks in the caller's own task; [`Cloud::endpoint`] serves
//! the same over loopback to programs of any language.
//!
//! # Scope
//!
//! Mocked are S3, SQS, Lambda's Invoke and the configuration of asynchronous invocations, Slack's incoming webhooks, and what
//! starts functions by the clock: rules of
//! EventBridge and schedules of EventBridge Scheduler. For every other service of AWS a test may answer itself or have a
//! server on loopback answer ([`Cloud::service`], [`Cloud::json_service`], [`Cloud::forward`]); a request for a service that
//! nobody answers for is refused by name. Out of scope are API Gateway and function URLs, streams of DynamoDB and Kinesis as triggers, Step Functions,
//! containers, layers and cold-start times.
//!
//! # Not supported yet
//!
//! Asking for any of these is an error that names it, never a silent no-op.
//!
//! * S3: ACLs other than `private`, object lock, lifecycle, replication, encryption with keys, form POST, SNS and
//!   EventBridge as destinations of notifications.
//! * SQS: the query protocol, permissions, message move tasks, `ReceiveRequestAttemptId`.
//! * Lambda: versions and aliases, several events at once in one environment, topics as destinations, response streaming,
//!   and every API but Invoke and FunctionEventInvokeConfig; functions that are programs.
//! * Event buses: they keep what functions have for destinations; no rules on them, and no client is answered.
//! * Schedules: their APIs (a test makes them with [`Cloud::schedule`] and [`Cloud::rule`]), flexible windows, retries of
//!   the target.
//! * Slack: rate limits by themselves, the Web API.
//! * Policies of buckets and queues: another account has no access to them. It may invoke a function whose policy lets it.
//! * Choices: an object that is written again between its event and the read.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `cloud` | yes | [`Cloud`], the mocks of S3, SQS, Lambda and schedules |
//! | `aws-sdk` | yes | `sdk_config()` for clients of the AWS SDK for Rust |
//! | `slack` | yes | the mock Slack, on `wiremock` |
//! | `proptest` | yes | [`strategy`] |
//! | `schema` | yes | [`schema`] |
//! | `schedule` | with `cloud` | [`schedule`] without the rest |
//! | `lambda-runtime` | yes | handlers that take `LambdaEvent<T>`, `service_fn`, `tower::Service` |
//! | `tracing` | no | [`tracing`]: what handlers log in the logs of their invocations |
//! | `insta` | no | [`snapshot`]: redactions for values that are not seeded |
//! | `cli` | no | the command `lambda-testkit` |

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod event;
pub mod fixture;
#[cfg(any(feature = "schedule", feature = "cloud"))]
pub mod schedule;
#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "insta")]
pub mod snapshot;
#[cfg(feature = "proptest")]
pub mod strategy;

#[cfg(feature = "cloud")]
mod choice;
#[cfg(feature = "cloud")]
mod cloud;
#[cfg(feature = "cloud")]
mod expectation;
#[cfg(feature = "cloud")]
mod explore;
#[cfg(feature = "cloud")]
mod glob;
#[cfg(feature = "cloud")]
pub mod history;
#[cfg(feature = "cloud")]
mod iam;
#[cfg(feature = "cloud")]
mod kernel;
#[cfg(feature = "cloud")]
mod lock;
#[cfg(feature = "cloud")]
mod mock;
#[cfg(feature = "cloud")]
mod pattern;
#[cfg(feature = "aws-sdk")]
mod sdk;
#[cfg(feature = "tracing")]
pub mod tracing;

#[cfg(feature = "cloud")]
pub use choice::{Course, Deviation, Fault, FaultPlace, InjectedFault, ParsePlanError, Plan, Point, PointKind, Span};
#[cfg(feature = "cloud")]
pub use cloud::{
    Account, Batch, Bucket, BucketState, BusState, Cloud, CloudBuilder, CloudError, CloudState, Destination,
    Difference, EphemeralStorage, EventBus, EventRule, Function, FunctionState, IntoMessage, InvocationLog, Lint,
    LogWriter, Message, MessagePlace, MessageState, NewMessage, NotificationTarget, ObjectContent, ObjectEvents,
    ObjectState, ObjectVersion, Queue, QueueState, Received, Redelivery, SEED_VARIABLE, Schedule, ScheduleBuilder,
    StateDiff, StoredObject, Stub, Subscription, TIMELINE_VARIABLE, Trigger, batch, env, on,
};
#[cfg(feature = "cloud")]
pub use explore::{End, Explore, Explored, Finding, Invariant, explore};
#[cfg(feature = "cloud")]
pub use history::{Decision, Explanation, History, Line, Standing, Timeline};
#[cfg(feature = "cloud")]
pub use kernel::{Clock, DriveError, Failure, Gate, IgnoredAnswer, Report, Waiting};
#[cfg(feature = "cloud")]
pub use mock::http::AccessKey;
#[cfg(feature = "cloud")]
pub use mock::lambda::{
    EventAlone, Fallible, Handler, HandlerAnswer, HandlerEvent, HandlerFuture, HandlerResult, Plain, RecursiveLoop,
    Returned, TakesEvent,
};
#[cfg(feature = "lambda-runtime")]
pub use mock::lambda::{IsService, IsStreamingService, Streams, WithContext};
#[cfg(feature = "cloud")]
pub use mock::other::{Answers, Later, Now, ServiceError};
#[cfg(feature = "slack")]
pub use mock::slack::{Slack, SlackMessage, SlackPosts, SlackRequest};

/// What most tests use: `use lambda_testkit::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "cloud")]
    pub use crate::ObjectEvents::{ObjectCreated, ObjectRemoved, ObjectTagging};
    pub use crate::event::{BatchResponse, Document, S3Event, ScheduledEvent, SqsEvent};
    #[cfg(feature = "cloud")]
    pub use crate::{Cloud, batch, explore, on};
}

/// The examples of the README are tests too.
#[cfg(all(
    doctest,
    feature = "cloud",
    feature = "aws-sdk",
    feature = "lambda-runtime",
    feature = "slack",
    feature = "proptest",
    feature = "schema"
))]
#[doc = include_str!("../README.md")]
struct Readme;
