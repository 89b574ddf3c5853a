//! A delivery: something that a trigger, a schedule or a service hands to a function, a queue or a bucket.

use std::fmt;

use crate::event::Arn;
use crate::event::invoke::DestinationCondition;

/// What a delivery comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A change of an object, told by a bucket's notification configuration.
    Object {
        /// The bucket.
        bucket: String,
        /// The key, as written.
        key: String,
        /// The event's name, such as `ObjectCreated:Put`.
        event: String,
    },
    /// A new notification configuration, which S3 tries out with `s3:TestEvent`.
    TestEvent {
        /// The bucket.
        bucket: String,
    },
    /// Messages that an event source mapping received.
    Messages {
        /// The queue.
        queue: String,
        /// How many messages.
        count: usize,
        /// The highest receive count among them.
        received: u32,
    },
    /// A rule or schedule that is due.
    Schedule {
        /// `rule` or `schedule`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// An event on a bus that a rule lets through.
    Event {
        /// The rule.
        rule: String,
        /// Who put the event, such as `aws.s3`.
        source: String,
        /// The event's `detail-type`.
        detail_type: String,
    },
    /// The record of an asynchronous invocation that has ended, for a destination of its function.
    Record {
        /// The function.
        function: String,
        /// How it ended.
        condition: DestinationCondition,
    },
    /// A test that has a function given once more what it was given before.
    Redelivery {
        /// What it came from the first time; none for an event that somebody had handed to Lambda.
        of: Option<Box<Source>>,
    },
}

/// What redeliveries come from, where others come from a bucket or a queue.
const REDELIVERY: &str = "redelivery";

impl Source {
    /// The name of what it comes from: a bucket, a queue, a rule or a schedule, a function, or `redelivery`.
    pub fn name(&self) -> &str {
        match self {
            Self::Object { bucket, .. } | Self::TestEvent { bucket } => bucket,
            Self::Messages { queue, .. } => queue,
            Self::Schedule { name, .. } => name,
            Self::Event { rule, .. } => rule,
            Self::Record { function, .. } => function,
            Self::Redelivery { .. } => REDELIVERY,
        }
    }

    /// What happened there, as [`Decision::change`](super::Decision::change) shows it.
    pub fn change(&self) -> String {
        match self {
            Self::Object { bucket, key, event } => format!("{event} s3://{bucket}/{key}"),
            Self::TestEvent { bucket } => format!("s3:TestEvent s3://{bucket}"),
            Self::Messages { queue, count, received } => format!("{} in {queue}", Messages(*count, *received)),
            Self::Schedule { kind, name } => format!("{kind} {name} is due"),
            Self::Event { source, detail_type, .. } => format!("{detail_type} of {source}"),
            Self::Record { function, condition } => format!("{condition} of an event for {function}"),
            Self::Redelivery { of: Some(of) } => format!("once more, {}", of.change()),
            Self::Redelivery { of: None } => "once more, an asynchronous invocation".to_owned(),
        }
    }
}

/// One delivery: from where, to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryInfo {
    /// What it comes from.
    pub from: Source,
    /// The id of the trigger that hands it on, as [`Trigger::id`](crate::Trigger::id) gives it; `on success` or `on failure` for
    /// a destination, and `redelivery` for a redelivery, which no trigger makes.
    pub trigger_id: String,
    /// The name of the function, queue or bucket that gets it; of a function with its version or alias (`work:live`), if that is
    /// not `$LATEST`.
    pub to: String,
    /// The ARN of the function, queue or bucket that gets it; of a function without a qualifier.
    pub to_arn: Arn,
}

impl DeliveryInfo {
    /// What a function is given once more, after a delivery or an invocation.
    pub(crate) fn again(of: Option<Source>, to: impl Into<String>, to_arn: Arn) -> Self {
        Self::new(Source::Redelivery { of: of.map(Box::new) }, REDELIVERY, to, to_arn)
    }

    pub(crate) fn new(from: Source, trigger_id: &str, to: impl Into<String>, to_arn: Arn) -> Self {
        Self { from, trigger_id: trigger_id.to_owned(), to: to.into(), to_arn }
    }

    /// The trigger, as explanations and plans name it: `export → to-utf8`.
    pub fn trigger(&self) -> String {
        format!("{} → {}", self.from.name(), self.to)
    }

    /// What tells this delivery from others of the same cause.
    pub(crate) fn subject(&self) -> String {
        match &self.from {
            Source::Messages { received, .. } if *received > 1 => format!("{}, received {received}", self.trigger()),
            _ => self.trigger(),
        }
    }
}

impl fmt::Display for DeliveryInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = &self.to;
        match &self.from {
            Source::Object { event, .. } => write!(f, "notify {to}: {event}"),
            Source::TestEvent { .. } => write!(f, "s3:TestEvent to {to}"),
            Source::Messages { queue, count, received } => write!(f, "{queue} → {to}: {}", Messages(*count, *received)),
            Source::Schedule { kind, name } => write!(f, "{kind} {name} → {to}"),
            Source::Event { rule, detail_type, .. } => write!(f, "rule {rule} → {to}: {detail_type}"),
            Source::Record { function, condition } => write!(f, "record of {function} → {to}: {condition}"),
            Source::Redelivery { of: Some(of) } => write!(f, "redeliver to {to}: {}", of.change()),
            Source::Redelivery { of: None } => write!(f, "redeliver to {to}"),
        }
    }
}

/// So many messages, and how often they were received if more than once.
struct Messages(usize, u32);

impl fmt::Display for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, received) = self;
        write!(f, "{count} {}", if *count == 1 { "message" } else { "messages" })?;
        if *received > 1 { write!(f, ", received {received} times") } else { Ok(()) }
    }
}
