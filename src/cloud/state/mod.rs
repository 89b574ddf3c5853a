//! What a cloud holds, as one value that can be compared: the end of a run.
//!
//! It leaves out what no two runs have in common or what nobody promises: times, ids, ETags, version ids, receive counts.

mod diff;
mod take;

use std::collections::BTreeMap;

use bytes::Bytes;

pub use diff::{Difference, StateDiff};
pub(super) use take::take;

/// What a cloud holds: objects, messages, events on buses, functions, and what was posted to Slack.
///
/// ```
/// # use lambda_testkit::prelude::*;
/// let (one, other) = (Cloud::start(), Cloud::builder().seed(7).start());
/// one.bucket("export").put("a.csv", "1,2");
/// other.bucket("export").put("a.csv", "1,2");
/// assert_eq!(one.state(), other.state());                        // whatever the ids and times
///
/// other.bucket("export").put("b.csv", "3");
/// let diff = one.state().diff(&other.state());
/// assert_eq!(diff.to_string(), "s3://export/b.csv: only in the second: 1 byte, \"3\"\n");
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct CloudState {
    /// The buckets of all accounts and regions, by name.
    pub buckets: BTreeMap<String, BucketState>,
    /// The queues of all accounts and regions, by ARN.
    pub queues: BTreeMap<String, QueueState>,
    /// The event buses of all accounts and regions that were made or used, by ARN.
    pub buses: BTreeMap<String, BusState>,
    /// The functions of all accounts and regions, by ARN.
    pub functions: BTreeMap<String, FunctionState>,
    /// The texts posted to Slack, by channel, in order.
    pub slack: BTreeMap<String, Vec<String>>,
}

/// A bucket with its current objects.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BucketState {
    /// The account that owns it.
    pub owner: String,
    /// Its region.
    pub region: String,
    /// The current objects by key; one under a delete marker is not current.
    pub objects: BTreeMap<String, ObjectState>,
    /// The keys of multipart uploads that were neither completed nor aborted.
    pub open_uploads: Vec<String>,
}

/// A current object: what a writer gave it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ObjectState {
    /// The content.
    pub bytes: Bytes,
    /// The content type, when the writer gave one.
    pub content_type: Option<String>,
    /// The user's metadata, by lower-case name without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// A queue with its messages, visible or not: of a FIFO queue in order, of a standard queue ordered by text, for SQS
/// promises no order there.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QueueState {
    /// The queue's name.
    pub name: String,
    /// The messages.
    pub messages: Vec<MessageState>,
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct MessageState {
    /// The text.
    pub body: String,
    /// The attributes as `name: type = value`, binary ones in base64.
    pub attributes: Vec<String>,
    /// The message group.
    pub group_id: Option<String>,
    /// The queue that it was moved from, by ARN, in a dead-letter queue.
    pub dead_letter_source: Option<String>,
}

/// An event bus with what was put on it, ordered by text, for EventBridge promises no order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BusState {
    /// The bus's name.
    pub name: String,
    /// The events, as `source, detail type: detail` in JSON.
    pub events: Vec<String>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionState {
    /// The function's name.
    pub name: String,
    /// How many of its asynchronous events were given up.
    pub given_up: usize,
}

impl CloudState {
    /// What is in one of the two and not in the other, or differs.
    pub fn diff(&self, second: &Self) -> StateDiff {
        StateDiff::between(self, second)
    }
}
