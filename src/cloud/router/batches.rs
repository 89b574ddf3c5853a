//! Messages that an event source mapping has received, on their way to its function.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::Router;
use super::start::Start;
use crate::choice::{Deviation, PointKind};
use crate::event::invoke::TraceHeader;
use crate::history::{Actor, Caller, DeliveryInfo, EntryId, What};
use crate::mock::lambda::{Attempt, Callee, Outcome};

/// A batch that is to be run.
pub(in crate::cloud) struct Batch {
    pub info: DeliveryInfo,
    pub function: Callee,
    pub payload: Bytes,
    /// The trace headers of its messages, in order.
    pub traces: Vec<String>,
    /// What sent the first message.
    pub cause: Option<EntryId>,
    /// The mapping's principal.
    pub by: Arc<Caller>,
    /// Whether the same messages may come again although the function took care of them.
    pub may_repeat: bool,
}

impl Router {
    /// How many of the messages that there are a poll takes; `first` is what sent the first of them.
    pub fn batch_size(&self, label: &str, first: Option<EntryId>, receive_count: u32, count: usize) -> usize {
        if count < 2 {
            return count;
        }
        let name = self.name(first, "batch", &format!("{label}, received {receive_count}"));
        match self.pick(PointKind::Batch, name, label, &self.sizes) {
            Some(Deviation::Half) => count.div_ceil(2),
            Some(Deviation::One) => 1,
            _ => count,
        }
    }

    /// Runs a batch at once; `done` is told the outcome, with the entry of the delivery and whether its messages are to
    /// come again even if the function took care of them.
    ///
    /// False when it does not run: the messages come back when their visibility timeout ends.
    pub fn run_batch(
        &self,
        batch: Batch,
        before_start: impl FnOnce(EntryId),
        done: impl FnOnce(Outcome, EntryId, bool) + Send + 'static,
    ) -> bool {
        let Batch { info, function, payload, traces, cause, by, may_repeat } = batch;
        let label = info.trigger();
        let entry = self.kernel.record(cause, Actor::Service, What::Delivery(Arc::new(info)));
        before_start(entry);
        if let Err(why) = self.may_invoke(&by, None, &function.as_named()) {
            self.lost(entry, why);
            return false;
        }
        // A mapping knows no tenants.
        if let Err(fault) = function.check_tenant(None) {
            self.lost(entry, fault.message);
            return false;
        }
        let request_id = self.kernel.ids_of(entry, "event").uuid();
        let trace = trace_of(&traces, &request_id, self.now()).to_string();
        if self.lambda.check_loop(&function, Some(&trace), Some(entry)).is_err() {
            return false;
        }
        let repeats = may_repeat && {
            let name = self.name(Some(entry), "delivery", &label);
            self.pick(PointKind::Delivery, name, &label, &self.repeats).is_some()
        };
        let throttled = || {
            let then = "the messages come back when their visibility timeout ends".to_owned();
            let what = What::Throttled { function: function.label.to_string(), then };
            self.kernel.record(Some(entry), Actor::Service, what);
            false
        };
        let Start::In { version, fresh } = self.start(Some(entry), &function, None) else { return throttled() };
        let trace_header = Some(trace);
        let attempt = Attempt { version, fresh, trace_header, ..Attempt::first(payload, request_id, Some(entry)) };
        let started = self.lambda.invoke_then(&function, attempt, move |outcome, _| done(outcome, entry, repeats));
        started.is_ok() || throttled()
    }
}

/// The trace with which a batch goes on: that of its first message that has one, and the longest chains of all of them. On AWS it
/// is a new one, which is linked to those of the messages.
///
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html>
fn trace_of(messages: &[String], request_id: &str, now: Timestamp) -> TraceHeader {
    let first = TraceHeader::of_event(messages.first().map(String::as_str), request_id, now);
    first.joined(messages.iter().skip(1).map(String::as_str))
}
