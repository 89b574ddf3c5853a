//! One way for everything that is handed on without being asked for: what triggers, schedules and Lambda's own retries
//! give to functions and queues.
//!
//! A delivery is written down, authorised, may go another way than the ordinary one, is planned, and in the end is run or
//! sent; what cannot be delivered is lost with a reason, never in silence.
//!
//! * [`delivery`]: what is handed on, and to whom.
//! * [`asynchronous`]: events for functions: attempts, retries, giving up, dead letters.
//! * [`records`]: what becomes of such events, told to destinations.
//! * [`events`]: events on buses, and what their rules make of them.
//! * [`batches`]: messages that an event source mapping has received.
//! * [`redelivered`]: what a test has delivered once more.
//! * [`start`]: whether an invocation starts, and in which environment.
//! * [`unknown`]: how an event is printed, with members that nobody knows yet if that is asked for.

mod asynchronous;
mod batches;
mod delivery;
mod events;
mod records;
mod redelivered;
mod start;
mod unknown;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use jiff::Timestamp;

use crate::choice::{At, Choices, Deviation, PointKind};
use crate::event::Arn;
use crate::history::{Actor, Caller, Decision, DeliveryInfo, EntryId, Name, Origin, RequestInfo, Source, What};
use crate::kernel::{Kernel, Kind, PlannedId, later};
use crate::lock::Lock;
use crate::mock::events::EventBuses;
use crate::mock::http::{Call, Done, Pipeline, Undone};
use crate::mock::lambda::{AcceptedEvent, FunctionRef, LambdaService};
use crate::mock::s3::{S3Protocol, S3Service};
use crate::mock::sqs::{OutgoingMessage, QueueId, Sender, SqsEndpoint, SqsFault, SqsService};

use asynchronous::End;
pub(super) use batches::Batch;
pub(super) use delivery::{Delivery, Target};
use events::BusEvent;
pub(super) use events::event_bridge;
use records::RecordObject;
pub(super) use redelivered::Given;

/// How late a delivery comes that a plan wants late.
const LATE: Duration = Duration::from_secs(60);

/// The router of one cloud.
pub(crate) struct Router {
    kernel: Arc<Kernel>,
    choices: Arc<Choices>,
    pipeline: Arc<Pipeline>,
    sqs: Arc<SqsService>,
    endpoint: Arc<SqsEndpoint>,
    lambda: Arc<LambdaService>,
    buses: Arc<EventBuses>,
    /// Whether events have members that AWS has not added yet.
    unknown_members: bool,
    /// Made after the router, to which it tells its changes.
    s3: OnceLock<(Arc<S3Service>, Arc<S3Protocol>)>,
    /// The delivery to each target that was planned last.
    planned: Lock<BTreeMap<String, PlannedId>>,
    /// The alternatives of points that always have the same.
    throttle: Arc<[Deviation]>,
    throttle_or_fresh: Arc<[Deviation]>,
    fresh: Arc<[Deviation]>,
    additional: Arc<[Deviation]>,
    sizes: Arc<[Deviation]>,
    repeats: Arc<[Deviation]>,
    me: Weak<Router>,
}

impl Router {
    pub fn new(
        kernel: Arc<Kernel>,
        choices: Arc<Choices>,
        pipeline: Arc<Pipeline>,
        sqs: Arc<SqsService>,
        endpoint: Arc<SqsEndpoint>,
        lambda: Arc<LambdaService>,
        unknown_members: bool,
    ) -> Arc<Self> {
        let buses = Arc::new(EventBuses::new(Arc::clone(&kernel)));
        Arc::new_cyclic(|me| Self {
            kernel,
            choices,
            pipeline,
            sqs,
            endpoint,
            lambda,
            buses,
            unknown_members,
            s3: OnceLock::new(),
            planned: Lock::default(),
            throttle: [Deviation::Throttled].into(),
            throttle_or_fresh: [Deviation::Throttled, Deviation::Fresh].into(),
            fresh: [Deviation::Fresh].into(),
            additional: [Deviation::AdditionalVersion].into(),
            sizes: [Deviation::Half, Deviation::One].into(),
            repeats: [Deviation::Twice].into(),
            me: me.clone(),
        })
    }

    /// Joins it to S3; once, when the cloud is put together.
    pub fn join(&self, s3: &Arc<S3Service>, protocol: &Arc<S3Protocol>) {
        let _ = self.s3.set((Arc::clone(s3), Arc::clone(protocol)));
    }

    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    pub fn lambda(&self) -> &Arc<LambdaService> {
        &self.lambda
    }

    /// Where records for event buses are put.
    pub fn buses(&self) -> &Arc<EventBuses> {
        &self.buses
    }

    pub fn sqs(&self) -> &Arc<SqsService> {
        &self.sqs
    }

    /// Takes a delivery: from here on it arrives, or it is lost with a reason.
    pub fn submit(&self, delivery: Delivery) {
        let Delivery { info, to, body, by, cause, due, trace_header, source } = delivery;
        let what = What::Delivery(Arc::clone(&info));
        let line = self.kernel.record(cause, Actor::Service, what);
        match to {
            Target::Function(named) => {
                let Some(function) = self.lambda.callee(&named) else {
                    return self.lost(line, format!("there is no function {}", named.qualified_arn()));
                };
                if let Err(why) = self.may_invoke(&by, source.as_ref(), &named) {
                    return self.lost(line, why);
                }
                // No other source gives a function as much.
                let limit = self.lambda.limits().event;
                if matches!(info.from, Source::Record { .. }) && body.len() > limit {
                    let why = format!("the record has {} bytes, an event has at most {limit}", body.len());
                    return self.lost(line, why);
                }
                // No trigger knows tenants.
                if let Err(fault) = function.check_tenant(None) {
                    return self.lost(line, fault.message);
                }
                let request_id = self.kernel.ids_of(line, "event").uuid();
                let cause = Some(line);
                let event = AcceptedEvent { function, payload: body, request_id, cause, trace_header, tenant: None };
                self.route(event, due, &info.trigger(), End::Retries);
            }
            Target::Queue(queue) => {
                let body = String::from_utf8_lossy(&body).into_owned();
                let message = OutgoingMessage { body, trace_header, ..OutgoingMessage::default() };
                let label = format!("deliver to {}", queue.name);
                let arn = queue.arn();
                let times = self.times(Some(line), &info.trigger(), &arn, Some(due));
                for _ in 0..times.count {
                    let by = (&by, source.as_ref());
                    let planned = self.plan_message(later(due, times.late), &label, (&queue, by), &message, line);
                    self.remember(&arn, planned, times.before);
                }
            }
            Target::Bus { arn, region } => {
                let times = self.times(Some(line), &info.trigger(), &arn, Some(due));
                let is_record = matches!(info.from, Source::Record { .. });
                for copy in 0..times.count {
                    let event = BusEvent {
                        bus: arn.clone(),
                        region: region.clone(),
                        is_record,
                        copy,
                        trace_header: trace_header.clone(),
                    };
                    let planned = self.plan_event(later(due, times.late), event, &by, &body, line);
                    self.remember(&arn, planned, times.before);
                }
            }
            Target::Bucket { arn, region } => {
                let name = info.from.name();
                let function = name.split_once(':').map_or(name, |(function, _)| function).to_owned();
                let times = self.times(Some(line), &info.trigger(), &arn, Some(due));
                for copy in 0..times.count {
                    let object = RecordObject {
                        bucket: arn.clone(),
                        region: region.clone(),
                        function: function.clone(),
                        copy,
                        trace_header: trace_header.clone(),
                    };
                    let planned = self.plan_object(later(due, times.late), object, &by, &body, line);
                    self.remember(&arn, planned, times.before);
                }
            }
        }
    }

    /// Plans that a message is sent in a service's name.
    fn plan_message(
        &self,
        due: Timestamp,
        label: &str,
        (queue, (by, source)): (&QueueId, (&Arc<Caller>, Option<&Arn>)),
        message: &OutgoingMessage,
        line: EntryId,
    ) -> PlannedId {
        let (me, queue, message) = (self.me.clone(), queue.clone(), message.clone());
        let (by, source) = (Arc::clone(by), source.cloned());
        self.kernel.plan_about(due, Kind::Work, label, Some(line), move || {
            if let Some(me) = me.upgrade() {
                me.deliver(&queue, (&by, source.as_ref()), message, line);
            }
        })
    }

    /// Sends a message in a service's name; what is refused is lost.
    fn deliver(&self, queue: &QueueId, by: (&Arc<Caller>, Option<&Arn>), message: OutgoingMessage, line: EntryId) {
        if let Err(undone) = self.send(queue, by, Origin::Service, message, Some(line)) {
            self.lost(line, undone.why());
        }
    }

    /// Sends a message, as a handle or a service of the cloud does it, a service for this `source`.
    pub fn send(
        &self,
        queue: &QueueId,
        (by, source): (&Arc<Caller>, Option<&Arn>),
        origin: Origin,
        message: OutgoingMessage,
        cause: Option<EntryId>,
    ) -> Result<String, Undone<SqsFault>> {
        let info = sending(queue, by, source, origin);
        self.pipeline.act(&*self.endpoint, info, cause, |call| {
            let (principal, trace_header) = (&*by.principal, call.trace_header.as_deref());
            let sender = Sender { principal, entry: call.entry, trace_header };
            let sent = self.sqs.send(queue, sender, &message, &mut call.ids("sqs"))?;
            let remark = sent.duplicate.then_some("dropped, a duplicate");
            Ok(Done { value: sent.message_id, remark })
        })
    }

    /// Does something else with a queue for a handle.
    pub fn act_on_queue<T>(
        &self,
        queue: &QueueId,
        by: &Arc<Caller>,
        operation: &'static str,
        work: impl FnOnce(&SqsService, &Call) -> Result<T, SqsFault>,
    ) -> Result<T, Undone<SqsFault>> {
        let info = SqsEndpoint::request(queue, operation, Arc::clone(by), Origin::Handle);
        self.pipeline.act(&*self.endpoint, info, None, |call| work(&self.sqs, call).map(Done::plainly))
    }

    /// Whether somebody may invoke a function, a service for this `source`; if not, why.
    pub fn may_invoke(&self, by: &Arc<Caller>, source: Option<&Arn>, function: &FunctionRef) -> Result<(), String> {
        let (caller, source) = (Some(Arc::clone(by)), source.cloned());
        let info = RequestInfo { caller, source, ..LambdaService::request(function) };
        self.pipeline.authorise(&*self.lambda, &info, (&[], None), None).map_err(|refusal| refusal.message)
    }

    /// Whether somebody may send messages to a queue, a service for this `source`; if not, why.
    pub fn may_send(&self, by: &Arc<Caller>, source: Option<&Arn>, queue: &QueueId) -> Result<(), String> {
        let info = sending(queue, by, source, Origin::Service);
        self.pipeline.authorise(&*self.endpoint, &info, (&[], None), None).map_err(|refusal| refusal.message)
    }

    /// How often, how late, and in which order a delivery is made that is planned for `due`, or else made at once. Only
    /// what is planned can overtake another that is planned, and only one that would come before it.
    fn times(&self, cause: Option<EntryId>, label: &str, to: &Arn, due: Option<Timestamp>) -> Times {
        let older = self.planned.lock().get(&to.to_string()).copied();
        let comes_first = |older: &PlannedId| due.is_some_and(|due| older.due() <= due.max(self.now()));
        let older = older.filter(|older| comes_first(older) && self.kernel.is_planned(*older));
        let mut alternatives = vec![Deviation::Twice, Deviation::Late];
        alternatives.extend(older.is_some().then_some(Deviation::Before));
        match self.pick(PointKind::Delivery, self.name(cause, "delivery", label), label, &alternatives.into()) {
            Some(Deviation::Twice) => Times { count: 2, ..Times::ordinary() },
            Some(Deviation::Late) => Times { late: LATE, ..Times::ordinary() },
            Some(Deviation::Before) => Times { before: older, ..Times::ordinary() },
            _ => Times::ordinary(),
        }
    }

    /// Remembers what was planned for a target, behind which the delivery `before` now goes.
    fn remember(&self, to: &Arn, planned: PlannedId, before: Option<PlannedId>) {
        let last = before.and_then(|before| self.kernel.plan_again(before, planned.due())).unwrap_or(planned);
        self.planned.lock().insert(to.to_string(), last);
    }

    /// The name of a point of choice under `cause`.
    fn name(&self, cause: Option<EntryId>, kind: &str, subject: &str) -> Name {
        self.kernel.recorder().name(cause, kind, subject)
    }

    /// Asks which way something goes that the cloud does by itself.
    fn pick(&self, kind: PointKind, name: Name, label: &str, offered: &Arc<[Deviation]>) -> Option<Deviation> {
        self.choices.pick(At { name, kind, label: label.into(), actor: Actor::Service }, offered)
    }

    /// Writes down that a trigger did not fire, and why.
    pub fn missed(&self, cause: Option<EntryId>, delivery: &DeliveryInfo, why: String) {
        let decision = Decision::that_missed(delivery, self.now(), why);
        self.kernel.record(cause, Actor::Service, What::Missed(Box::new(decision)));
    }

    fn lost(&self, line: EntryId, why: String) {
        self.kernel.record(Some(line), Actor::Service, What::Lost { why });
    }

    fn now(&self) -> Timestamp {
        self.kernel.now()
    }
}

/// The request of somebody who sends a message, of a service for this `source`.
fn sending(queue: &QueueId, by: &Arc<Caller>, source: Option<&Arn>, origin: Origin) -> RequestInfo {
    let info = SqsEndpoint::request(queue, "SendMessage", Arc::clone(by), origin);
    RequestInfo { source: source.cloned(), ..info }
}

/// How a delivery is made.
struct Times {
    count: usize,
    late: Duration,
    /// The delivery that it overtakes.
    before: Option<PlannedId>,
}

impl Times {
    fn ordinary() -> Self {
        Self { count: 1, late: Duration::ZERO, before: None }
    }
}
