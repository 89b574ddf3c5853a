//! An invocation of a function: one attempt to run its handler on one event.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::event::Arn;
use crate::event::invoke::{InvocationContext, TraceHeader};

/// One attempt to run a function.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct InvocationInfo {
    /// The function's name.
    pub function: Arc<str>,
    /// The function's ARN, without a qualifier.
    pub arn: Arn,
    /// Which attempt it is for this event, counted from 1.
    pub attempt: u32,
    /// What the handler was given.
    pub event: Bytes,
    /// What the handler may know of its invocation.
    pub context: InvocationContext,
    /// The execution environment that ran it, counted from 1 for each version of the function. Each takes one event at a time.
    pub environment: u32,
    /// Whether it was the first in its environment: a cold start.
    pub cold: bool,
    /// Whether the one who asked for the invocation was given its outcome, so that no report names a failure of it.
    pub answered: bool,
}

impl InvocationInfo {
    /// The version or alias by which it was invoked, if that is not `$LATEST`.
    fn qualifier(&self) -> Option<&str> {
        let (_, qualifier) = self.context.invoked_function_arn.resource().strip_prefix("function:")?.split_once(':')?;
        (qualifier != "$LATEST").then_some(qualifier)
    }

    /// What tells it from others of the same cause: not which version an alias came to.
    pub(super) fn subject(&self) -> String {
        self.told(None)
    }

    fn told(&self, version: Option<&str>) -> String {
        let qualifier = self.qualifier().map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
        let attempt = (self.attempt > 1).then(|| format!("attempt {}", self.attempt));
        let details: Vec<String> =
            version.map(|version| format!("version {version}")).into_iter().chain(attempt).collect();
        let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
        format!("invoke {}{qualifier}{details}", self.function)
    }

    /// The trace header that the handler was given: `Root=…;Parent=…;Sampled=…;Lineage=…`.
    pub fn trace_header(&self) -> TraceHeader {
        let header = self.context.trace_header.as_deref().and_then(|text| text.parse().ok());
        header.expect("every invocation of a cloud has a trace header")
    }

    /// The id of the trace: the same for all invocations that follow from one request. See [`TraceHeader::root`].
    pub fn trace_id(&self) -> String {
        self.trace_header().root().to_owned()
    }
}

impl fmt::Display for InvocationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.context.function_version.as_str();
        // A version that was named as such is not told twice.
        let version = self.qualifier().filter(|qualifier| *qualifier != version).map(|_| version);
        f.write_str(&self.told(version))
    }
}
