//! proptest strategies for every event, built to find the bugs of handlers.
//!
//! [`s3_event`], [`sqs_event`], [`scheduled_event`] and the strategies beside them yield valid events with nasty
//! contents: keys with spaces, `+`, `%`, emoji and right-to-left text, empty and enormous objects, duplicate and
//! reordered records, full batches, bodies that are JSON inside JSON, and once in a while members that nobody knows yet.
//! Their methods narrow them down. Nothing is ever rejected, and a failing event shrinks to one record with short, readable
//! contents, printed as the code that builds it: `S3Event::put("bucket", "in/+").build()`.
//!
//! ```
//! use lambda_testkit::strategy::s3_event;
//! use proptest::prelude::*;
//!
//! proptest!(|(event in s3_event().key_prefix("my_files/export-").key_suffix(".csv"))| {
//!     for record in &event.records {
//!         prop_assert!(record.key().as_str().ends_with(".csv"));
//!     }
//! });
//! ```
//!
//! AWS adds members at any time, and a handler must ignore them. So 2 % of what AWS sends carries some, named
//! `fieldFromTheFuture1` and so on; `unknown_members` sets the share. The types of this crate keep them, and the schemas take
//! them: strict is what AWS documents, not what it may add.
//!
//! ```
//! use lambda_testkit::schema;
//! use lambda_testkit::strategy::{sample, sqs_event};
//!
//! let batch = sample(&sqs_event().unknown_members(1.0), 7, 0);
//! assert!(batch.records.iter().all(|message| !message.unknown.is_empty()));
//! assert!(schema::validate(&serde_json::to_value(&batch).unwrap()).is_ok());
//! let plain = sample(&sqs_event().unknown_members(0.0), 7, 0);
//! assert!(plain.records.iter().all(|message| message.unknown.is_empty()));
//! ```
//!
//! [`S3Events::via_sqs`] yields what a function behind a queue receives of S3, [`object_body`] what lies in the bucket,
//! `start_time` (feature `schedule`) when a clock starts: just before a change of summer time.
//!
//! [`fault_plan`], [`delivery_plan`], [`history`] and [`interleaving`] generate what a cloud does otherwise than ordinarily.
//! [`malformed`] turns any of them into documents with one labelled defect. [`sample`] and [`from_bytes`] draw values
//! without proptest's loop: by number, and from the bytes of a fuzzer. All event types and their parts (keys, ARNs,
//! records, …) implement [`Arbitrary`](proptest::arbitrary::Arbitrary).

mod arbitrary;
mod body;
mod custom;
mod draws;
mod invoke;
mod json;
mod key;
mod malformed;
mod nested;
mod object_body;
mod part;
mod place;
#[cfg(feature = "cloud")]
mod plan;
mod s3;
mod sample;
mod scheduled;
mod sns;
mod sqs;
#[cfg(feature = "schedule")]
mod start;
mod text;
mod tree;

pub use custom::{CustomBridgeEvents, eventbridge_event};
pub use invoke::{
    DestinationRecords, FunctionErrors, InvocationContexts, destination_record, function_error, invocation_context,
};
pub use json::{JsonValues, invoke_payload, scheduled_input};
pub use malformed::{Defect, DefectKind, Malformed, MalformedDocument, malformed};
pub use nested::{NestedEvents, nested_event};
pub use object_body::{BodyKind, ObjectBodies, ObjectBody, object_body};
pub use part::Parts;
#[cfg(feature = "cloud")]
pub use plan::{Plans, delivery_plan, fault_plan, history, interleaving};
pub use s3::{S3BridgeEvents, S3Events, TestEvents, s3_event, s3_eventbridge_event, s3_test_event};
pub use sample::{from_bytes, sample};
pub use scheduled::{ScheduledEvents, scheduled_event};
pub use sns::{SnsEvents, SnsNotifications, sns_event, sns_notification};
pub use sqs::{BatchResponses, SqsEvents, batch_response, sqs_event};
#[cfg(feature = "schedule")]
pub use start::{StartTimes, start_time};

/// Makes a generator a strategy of proptest.
macro_rules! strategy {
    ($generator:ty) => {
        impl proptest::strategy::Strategy for $generator {
            type Tree = $crate::strategy::tree::ChoiceTree<Self>;
            type Value = <Self as $crate::strategy::tree::Generate>::Value;

            fn new_tree(&self, runner: &mut proptest::test_runner::TestRunner) -> proptest::strategy::NewTree<Self> {
                let mut source = $crate::strategy::draws::Draws::random(runner.rng());
                let value = $crate::strategy::tree::Generate::generate(self, &mut source);
                Ok($crate::strategy::tree::ChoiceTree::new(self.clone(), source.into_tape(), value))
            }
        }
    };
}
use strategy;

/// The parameter of a strategy as a list.
///
/// # Panics
///
/// If it is empty: there would be nothing to choose from.
#[track_caller]
fn choices<T>(what: &str, values: impl IntoIterator<Item = T>) -> Vec<T> {
    let values: Vec<T> = values.into_iter().collect();
    assert!(!values.is_empty(), "a strategy needs at least one of its {what}");
    values
}
