//! What becomes of an event, told to the destinations of its function.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::Router;
use super::asynchronous::trace_of;
use super::delivery::{Delivery, Target};
use crate::event::invoke::{DestinationCondition, DestinationRecord, FunctionError, InvocationContext};
use crate::event::{Arn, Json, Region};
use crate::history::{Caller, EntryId, Origin, RequestInfo, Source};
use crate::kernel::{Kind, PlannedId};
use crate::mock::http::{Call, Done};
use crate::mock::lambda::{AcceptedEvent, Side, VersionId};
use crate::mock::s3::Content;

/// How an event ended.
pub(super) struct Told<'a> {
    pub condition: DestinationCondition,
    /// How often the function ran.
    pub attempts: u32,
    /// The version that ran last.
    pub version: VersionId,
    /// What it answered the last time, if it ran at all.
    pub answer: Option<Answer<'a>>,
}

/// What a function answered.
pub(super) enum Answer<'a> {
    Success(&'a Bytes),
    Error(&'a FunctionError),
}

impl Router {
    /// Hands the record of an event that has ended to its function's destination, if it has one for such an end. `line` is
    /// what ended it.
    pub(super) fn tell(&self, event: &AcceptedEvent, end: &Told<'_>, line: EntryId) {
        let success = end.condition == DestinationCondition::Success;
        let (side, trigger_id) = if success { (Side::Success, "on success") } else { (Side::Failure, "on failure") };
        let function = &event.function;
        let config = function.event_invoke();
        let Some(to) = config.destination(side).and_then(|arn| Target::destination(arn, &function.named.region)) else {
            return;
        };
        let now = self.now();
        let record = serde_json::to_vec(&record(event, end, now)).expect("records have string keys");
        let from = Source::Record { function: function.label.to_string(), condition: end.condition.clone() };
        let by = Caller::service("lambda.amazonaws.com", &function.named.account);
        let delivery = Delivery::new(from, trigger_id, to, Bytes::from(record), by, now);
        let trace_header = Some(trace_of(event, end.attempts).to_string());
        self.submit(Delivery { cause: Some(line), trace_header, ..delivery });
    }
}

/// The object that a record becomes in a bucket.
#[derive(Debug, Clone)]
pub(super) struct RecordObject {
    pub bucket: Arn,
    /// The region of the function.
    pub region: Region,
    pub function: String,
    /// Counted from 0 when the record comes more than once.
    pub copy: usize,
    /// The trace that goes on with what the object triggers.
    pub trace_header: Option<String>,
}

impl Router {
    /// Plans that a record is put into a bucket.
    pub(super) fn plan_object(
        &self,
        due: Timestamp,
        object: RecordObject,
        by: &Arc<Caller>,
        record: &Bytes,
        line: EntryId,
    ) -> PlannedId {
        let (me, by, record) = (self.me.clone(), Arc::clone(by), record.clone());
        let label = format!("deliver to {}", object.bucket.resource());
        self.kernel.plan_about(due, Kind::Work, label, Some(line), move || {
            if let Some(me) = me.upgrade() {
                me.put(&object, &by, record, line);
            }
        })
    }

    /// Puts a record into a bucket; what is refused is lost.
    fn put(&self, object: &RecordObject, by: &Arc<Caller>, record: Bytes, line: EntryId) {
        let Some((s3, protocol)) = self.s3.get() else { return };
        let id = self.kernel.ids_of(line, &format!("object {}", object.copy)).uuid();
        let (bucket, key) = (object.bucket.resource(), key(&object.function, self.now(), &id));
        let info = protocol.request("PutObject", bucket, &key, &object.region);
        let (caller, origin, size) = (Some(Arc::clone(by)), Origin::Service, record.len());
        let info = RequestInfo { caller, origin, size, ..info };
        let put = |call: &Call| {
            let mut traced = call.clone();
            traced.trace_header.clone_from(&object.trace_header);
            s3.put(&traced, bucket, &key, record, Content::default()).map(Done::plainly)
        };
        if let Err(undone) = self.pipeline.act(&**protocol, info, Some(line), put) {
            self.lost(line, undone.why());
        }
    }
}

fn record(event: &AcceptedEvent, end: &Told<'_>, now: Timestamp) -> DestinationRecord {
    let mut context = InvocationContext::new(&*event.function.name).request_id(event.request_id.as_str());
    context.invoked_function_arn = event.function.invoked_arn();
    context.function_version = end.version.to_string();
    let attempts = end.attempts.into();
    let record = DestinationRecord::new(&context, json(&event.payload), end.condition.clone(), attempts).timestamp(now);
    match end.answer {
        None => record,
        Some(Answer::Success(payload)) => record.answered(&context, json(payload), None),
        Some(Answer::Error(error)) => record.answered(&context, error.to_json(), Some("Unhandled")),
    }
}

/// A payload as a part of a document.
fn json(payload: &[u8]) -> Json {
    serde_json::from_slice(payload).unwrap_or_else(|_| Json::from(String::from_utf8_lossy(payload).into_owned()))
}

/// The key of the object that holds a record.
fn key(function: &str, now: Timestamp, id: &str) -> String {
    format!("aws/lambda/async/{function}/{}-{id}", now.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S"))
}
