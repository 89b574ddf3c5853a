//! A bucket's notification configuration: what it may say, and which changes it lets through.

mod events;
mod filter;
mod matching;
#[cfg(test)]
mod tests;
mod validate;

use crate::event::Arn;

pub(crate) use self::matching::Outcome;

/// A bucket's notification configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NotificationConfiguration {
    /// In the order: functions, queues.
    pub rules: Vec<NotificationRule>,
    /// Whether all events go to EventBridge, too.
    pub event_bridge: bool,
}

/// One configuration: some event types, a filter, a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotificationRule {
    /// Unique in the bucket.
    pub id: String,
    pub destination: Destination,
    /// As they were given, such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// URL-encoded, as it was given.
    pub prefix: Option<String>,
    /// URL-encoded, as it was given.
    pub suffix: Option<String>,
}

/// Where the events of a rule go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    pub kind: DestinationKind,
    pub arn: Arn,
}

/// The kinds of destinations that this mock delivers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DestinationKind {
    Function,
    Queue,
}

/// A configuration as a request brings it, unchecked.
#[derive(Debug, Clone, Default)]
pub(crate) struct NotificationRequest {
    pub functions: Vec<RuleRequest>,
    pub queues: Vec<RuleRequest>,
    /// Whether the request names a topic; refused.
    pub topics: bool,
    /// Whether the request turns EventBridge on.
    pub event_bridge: bool,
}

/// One rule as a request brings it, unchecked.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleRequest {
    /// None or empty: an id is assigned.
    pub id: Option<String>,
    pub arn: String,
    pub events: Vec<String>,
    /// Name and value of each filter rule.
    pub filter: Vec<(Option<String>, Option<String>)>,
}
