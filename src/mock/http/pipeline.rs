//! The one way of a request, whoever makes it: verified before it comes here, it is authorised, may deviate, is run, may
//! deviate again, and is written down.
//!
//! Clients over sockets and SDK clients come in through the [`Gateway`](super::Gateway), handles of tests and services of
//! the cloud through [`Pipeline::act`].

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::StatusCode;

use super::alternatives::{self, Asker};
use super::call::Call;
use super::extent::Extent;
use super::logical::{CallKey, Logical, LogicalCalls, SdkAttempt};
use super::permits::Permits;
use super::refusal::{Fault, Refusal};
use super::service::{Access, Asked, Facts, Service, ServiceFault};
use crate::choice::{Asking, At, Choices, Deviation, Faults, PointKind, Span};
use crate::history::{Actor, Entry, EntryId, LATE_ANSWER, Name, Origin, Outcome, RefusedWith, RequestInfo, What};
use crate::iam::{self, Role};
use crate::kernel::{Abandoned, InvocationId, Kernel, later};
use crate::lock::Lock;

/// What the history says of work that was done and whose answer did not arrive.
pub(super) const LOST: &str = "done, but the answer is lost";
pub(super) const CUT: &str = "done, but the body of the answer is cut";
const TOO_LATE: &str = "done, but answered after the function's timeout";
const CRASHED: &str = "done, but the environment crashed";
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html>
const OUT_OF_REACH: &str = "cannot connect: the function is in a VPC that has no way to the internet";

/// What bounds a function, beside its account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bounds {
    /// As which it asks; without one it may do all that its account may.
    pub role: Option<Arc<Role>>,
    /// Whether nothing outside AWS is in its reach.
    pub in_vpc: bool,
}

/// Tells the bounds of the function whose invocation has this line.
pub(crate) type BoundsOf = Box<dyn Fn(EntryId) -> Option<Bounds> + Send + Sync>;

/// An answer that comes late leaves so much of the function's time.
const SPARE: Duration = Duration::from_secs(1);

/// What all requests of a cloud pass.
pub(crate) struct Pipeline {
    kernel: Arc<Kernel>,
    choices: Arc<Choices>,
    bounds: OnceLock<BoundsOf>,
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    /// The logical calls that may be tried again.
    calls: LogicalCalls,
    /// What fails from now on: service, operation, resource.
    for_good: Vec<(&'static str, String, String, Deviation)>,
}

/// A request that was written down and has not ended.
pub(crate) struct Begun {
    entry: EntryId,
    invocation: Option<InvocationId>,
    actor: Actor,
    label: Arc<str>,
    logical: Logical,
    key: Option<CallKey>,
    /// What the test has injected for it.
    faults: Arc<Faults>,
}

/// What work of a handle came to, and what the history is to say of it.
pub(crate) struct Done<T> {
    pub value: T,
    pub remark: Option<&'static str>,
}

impl<T> Done<T> {
    pub fn plainly(value: T) -> Self {
        Self { value, remark: None }
    }
}

/// Why a handle's request came to nothing, or seems to.
#[derive(Debug)]
pub(crate) enum Undone<E> {
    /// Permissions or a plan refused it.
    Refused(RefusedWith),
    /// The service refused it.
    Failed(E),
    /// The connection broke.
    Broken(&'static str),
    /// It was to wait for this fault, and a handle cannot.
    CannotWait(String),
}

impl<E: ServiceFault> Undone<E> {
    /// The reason in words.
    pub fn why(self) -> String {
        match self {
            Self::Failed(fault) => fault.refused_with().message,
            Self::Refused(error) => error.message,
            Self::Broken(why) => why.to_owned(),
            Self::CannotWait(fault) => fault,
        }
    }
}

/// What happens before the work.
pub(crate) enum Before {
    Go,
    Refuse(Refusal),
    Reset,
    /// Nobody is there any more to be answered, and what came of it is written down.
    Gone,
}

/// What happens after the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Answer,
    Lost,
    Cut,
    /// As [`Before::Gone`].
    Gone,
}

/// Whether an action on a resource, in short and as an ARN, is allowed to whoever makes the request.
fn permit(
    service: &dyn Service,
    info: &RequestInfo,
    facts: Option<&Facts>,
    role: Option<&Role>,
    (action, resource, arn): (&str, &str, &dyn std::fmt::Display),
) -> Result<(), Refusal> {
    let Some(policies) = service.policies(info, resource, Asked { action, facts }) else { return Ok(()) };
    let asking = iam::Asking {
        principal: info.caller.as_deref(),
        role,
        source: info.source.as_ref(),
        region: info.region.as_str(),
        facts: &|key| facts.map_or_else(Vec::new, |facts| facts.of(resource, key)),
    };
    iam::decide(asking, action, arn, &policies).map_err(|denial| Refusal::denied(service.wire(), &denial))
}

impl Pipeline {
    pub fn new(kernel: Arc<Kernel>, choices: Arc<Choices>) -> Self {
        Self { kernel, choices, bounds: OnceLock::new(), state: Lock::default() }
    }

    /// Writes a request down, and makes the context in which its service runs it.
    pub fn begin(
        &self,
        service: &dyn Service,
        info: &Arc<RequestInfo>,
        invocation: Option<InvocationId>,
        attempt: Option<SdkAttempt>,
        actor: Actor,
    ) -> (Begun, Call) {
        let above = invocation.and_then(|id| self.kernel.turns().line_of(id));
        self.begin_under(service, info, above, invocation, attempt, actor)
    }

    fn begin_under(
        &self,
        service: &dyn Service,
        info: &Arc<RequestInfo>,
        above: Option<EntryId>,
        invocation: Option<InvocationId>,
        attempt: Option<SdkAttempt>,
        actor: Actor,
    ) -> (Begun, Call) {
        let label: Arc<str> = info.subject().into();
        let first = attempt.as_ref().is_some_and(|attempt| attempt.first);
        let key = attempt.map(|attempt| (attempt.call, Arc::clone(&label), invocation));
        let mut state = self.state();
        let logical = match key.as_ref().filter(|_| !first).and_then(|key| state.calls.get_mut(key)) {
            Some(known) => {
                known.attempts += 1;
                known.clone()
            }
            None => {
                let name = self.kernel.recorder().name(above, "request", &label);
                let logical = Logical::new(name);
                if let Some(key) = &key {
                    state.calls.begin(key, &logical);
                }
                logical
            }
        };
        drop(state);
        let name = match logical.attempts {
            1 => logical.name,
            attempts => logical.name.under("attempt", "").nth(attempts),
        };
        let mut call = self.call(service, info, info.origin, name);
        if info.origin != Origin::Service {
            // As SDKs in Lambda do it; a header of the request's own goes before.
            call.trace_header = invocation.and_then(|id| self.trace_of(id));
        }
        let entry = self.kernel.record_named(above, actor.clone(), What::Request(Arc::clone(info)), name);
        call.entry = Some(entry);
        let mut begun = Begun { entry, invocation, actor, label, logical, key, faults: Arc::default() };
        if info.origin != Origin::Service {
            let at = self.at(&begun, PointKind::Extent, info.origin);
            let asking = Asking { inside: invocation.is_some(), over_socket: info.origin == Origin::Socket };
            begun.faults = Arc::new(self.choices.injections().meet(&at, asking));
            call.extent = Some(Arc::new(Extent::new(&self.choices, at, &begun.logical.divided, &begun.faults)));
        }
        (begun, call)
    }

    /// The trace header that an invocation was given.
    fn trace_of(&self, invocation: InvocationId) -> Option<String> {
        let line = self.kernel.turns().line_of(invocation)?;
        let header = |entry: &Entry| match &entry.what {
            What::Invocation(invocation) => invocation.context.trace_header.clone(),
            _ => None,
        };
        self.kernel.recorder().with(line, header)?
    }

    /// The context in which a service does something of this name.
    fn call(&self, service: &dyn Service, info: &RequestInfo, origin: Origin, name: Name) -> Call {
        let mut call = Call::new(info.caller.clone(), origin, info.region.clone(), self.kernel.seed(), name);
        (call.request_id, call.host_id) = service.response_ids(&mut call.ids("request"));
        call
    }

    /// Joins it to whoever knows what bounds functions; once, when the cloud is put together.
    pub fn join(&self, bounds: BoundsOf) {
        let _ = self.bounds.set(bounds);
    }

    /// What bounds an invocation.
    fn bounds_of(&self, invocation: Option<InvocationId>) -> Bounds {
        let line = invocation.and_then(|id| self.kernel.turns().line_of(id));
        line.and_then(|line| self.bounds.get()?(line)).unwrap_or_default()
    }

    /// Whether permissions allow the request; decided here and in the router, and nowhere else.
    pub fn authorise(
        &self,
        service: &dyn Service,
        info: &RequestInfo,
        (also, facts): (&[Access], Option<&Facts>),
        invocation: Option<InvocationId>,
    ) -> Result<(), Refusal> {
        let Bounds { role, .. } = self.bounds_of(invocation);
        let role = role.as_deref();
        let arn: &dyn std::fmt::Display = match &info.arn {
            Some(arn) => arn,
            None => &"",
        };
        let permitted = permit(service, info, facts, role, (&info.action, &info.resource, arn));
        permitted.or_else(|refusal| if self.may_miss(service, info, role) { Ok(()) } else { Err(refusal) })?;
        also.iter()
            .try_for_each(|access| permit(service, info, facts, role, (access.action, &access.resource, &access.arn)))
    }

    /// Decides later, for what a request asks for entry by entry, whether its caller may.
    pub fn permits(
        self: &Arc<Self>,
        service: &Arc<dyn Service>,
        info: &Arc<RequestInfo>,
        facts: Facts,
        invocation: Option<InvocationId>,
    ) -> Permits {
        let (pipeline, service, info) = (Arc::clone(self), Arc::clone(service), Arc::clone(info));
        Permits::new(move |access: &Access| {
            let Bounds { role, .. } = pipeline.bounds_of(invocation);
            let asked = (access.action, &*access.resource, &access.arn as &dyn std::fmt::Display);
            permit(&*service, &info, Some(&facts), role.as_deref(), asked).is_ok()
        })
    }

    /// What is answered in place of "not found" to whoever may not list what there is.
    pub fn conceal(
        &self,
        service: &dyn Service,
        info: &RequestInfo,
        invocation: Option<InvocationId>,
        status: StatusCode,
    ) -> Option<Refusal> {
        let (access, facts) = (status == StatusCode::NOT_FOUND).then(|| service.listing(info))??;
        let Bounds { role, .. } = self.bounds_of(invocation);
        let asked = (access.action, &*access.resource, &access.arn as &dyn std::fmt::Display);
        permit(service, info, Some(&facts), role.as_deref(), asked).err()
    }

    /// Whether somebody who may not read what is not there may list it: he is told so, unless a role bounds him.
    fn may_miss(&self, service: &dyn Service, info: &RequestInfo, role: Option<&Role>) -> bool {
        let listing = || service.listing(info).filter(|_| role.is_none() && service.is_absent(info));
        listing().is_some_and(|(access, facts)| {
            let asked = (access.action, &*access.resource, &access.arn as &dyn std::fmt::Display);
            permit(service, info, Some(&facts), None, asked).is_ok()
        })
    }

    /// Asks whether the request goes through.
    pub async fn before(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun) -> Before {
        if service.is_outside_aws() && self.bounds_of(begun.invocation).in_vpc {
            self.hang(begun, OUT_OF_REACH).await;
            return Before::Gone;
        }
        match self.pick_before(service, info, begun) {
            None => {}
            Some(Deviation::Aside) => {
                if let Some(id) = begun.invocation
                    && !self.kernel.put_aside(id).await
                {
                    self.end(begun, Outcome::Unanswered { why: "its invocation was over before it could go on" });
                    return Before::Gone;
                }
            }
            Some(deed @ (Deviation::DeletedSince | Deviation::OverwrittenSince)) => {
                self.meddle(service, info, begun, &deed);
            }
            Some(deviation) => return self.instead(service, info, begun, &deviation).await,
        }
        match begun.faults.before() {
            None => Before::Go,
            Some(deviation) => self.instead(service, info, begun, deviation).await,
        }
    }

    /// What happens instead of the work.
    async fn instead(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun, deviation: &Deviation) -> Before {
        if *deviation == Deviation::Hangs {
            self.hang(begun, "hangs until the function's timeout").await;
            return Before::Gone;
        }
        self.refused(service, info, deviation)
    }

    /// The deviation before the work that is in force for this attempt.
    fn pick_before(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun) -> Option<Deviation> {
        if !self.choices.is_ordinary() {
            let state = self.state();
            let spoilt = state.for_good.iter().find(|(name, operation, resource, _)| {
                *name == info.service && *operation == *info.operation && *resource == info.resource
            });
            if let Some((.., deviation)) = spoilt {
                return Some(deviation.clone());
            }
        }
        if begun.logical.attempts > 1 {
            return begun.logical.spoilt.clone();
        }
        let asker = self.asker(begun, info.origin);
        let gone = self.may_vanish(service, info, begun);
        let offered = alternatives::before(service, info, asker, gone);
        let deviation = self.choices.pick(self.at(begun, PointKind::Before, info.origin), &offered)?;
        match &deviation {
            Deviation::Error { span, .. } | Deviation::Reset(span) => self.remember(info, begun, *span, &deviation),
            _ => {}
        }
        Some(deviation)
    }

    /// Whether an invocation reads what the event that led to it was about, and somebody may have deleted it since.
    fn may_vanish(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun) -> bool {
        let by_invocation = info.origin != Origin::Handle && begun.invocation.is_some();
        by_invocation
            && service.may_vanish(&info.operation, &info.resource)
            && self.kernel.recorder().stems_from(begun.entry, &info.resource)
    }

    /// Deletes or overwrites what a request is about to read, as somebody else would: with all that follows from it.
    fn meddle(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun, deed: &Deviation) {
        let is_deleted = *deed == Deviation::DeletedSince;
        let verb = if is_deleted { "deleted" } else { "overwritten" };
        let entry = self.kernel.note(Some(begun.entry), format!("{} is {verb} by somebody else", info.resource));
        // Whoever overwrites it at another time makes the same version of it.
        let name = self.kernel.recorder().name(None, verb, &info.resource);
        let mut call = self.call(service, info, Origin::Service, name);
        call.entry = Some(entry);
        if is_deleted {
            service.vanish(&info.resource, &call);
        } else {
            service.overwrite(&info.resource, &call);
        }
    }

    fn remember(&self, info: &RequestInfo, begun: &Begun, span: Span, deviation: &Deviation) {
        let mut state = self.state();
        match span {
            Span::Once => {}
            Span::WholeCall => {
                if let Some(logical) = begun.key.as_ref().and_then(|key| state.calls.get_mut(key)) {
                    logical.spoilt = Some(deviation.clone());
                }
            }
            Span::ForGood => {
                let (operation, resource) = (info.operation.to_string(), info.resource.clone());
                state.for_good.push((info.service, operation, resource, deviation.clone()));
            }
        }
    }

    fn refused(&self, service: &dyn Service, info: &RequestInfo, deviation: &Deviation) -> Before {
        let Deviation::Error { code, .. } = deviation else { return Before::Reset };
        let fault = service.faults(&info.operation).iter().find(|fault| fault.code == *code);
        let unknown = Fault::new(500, "InternalError", "We encountered an internal error. Please try again.");
        Before::Refuse(Refusal::fault(fault.unwrap_or(&unknown)))
    }

    /// Asks what becomes of the answer. A crash never answers.
    pub async fn after(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun, worked: bool) -> After {
        if let Some(planned) = self.pick_after(service, info, begun, worked) {
            return self.answer(begun, &planned).await;
        }
        if let Some(late) = begun.faults.latency()
            && !self.delay(begun, late, worked).await
        {
            return After::Gone;
        }
        if !worked {
            return After::Answer;
        }
        match begun.faults.after() {
            Some(deviation) => self.answer(begun, deviation).await,
            None => After::Answer,
        }
    }

    /// What the plan says of the answer, once for each logical call: when an attempt has `worked`.
    fn pick_after(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun, worked: bool) -> Option<Deviation> {
        if !worked || begun.logical.worked {
            return None;
        }
        if let Some(key) = &begun.key
            && let Some(logical) = self.state().calls.get_mut(key)
        {
            logical.worked = true;
        }
        let asker = match begun.invocation {
            None => Asker::Client,
            // Over a socket nobody can be kept waiting while the clock moves.
            Some(id)
                if info.origin != Origin::Socket
                    && self.late_for(id).is_some_and(|late| self.kernel.others_due(late)) =>
            {
                Asker::InvocationAmongOthers
            }
            Some(_) => Asker::Invocation,
        };
        let offered = alternatives::after(service, info, asker);
        self.choices.pick(self.at(begun, PointKind::After, info.origin), &offered)
    }

    /// Answers otherwise than in the ordinary course.
    async fn answer(&self, begun: &Begun, deviation: &Deviation) -> After {
        match deviation {
            Deviation::AnswerLost => After::Lost,
            Deviation::BodyCut => After::Cut,
            Deviation::TooLate => {
                self.hang(begun, TOO_LATE).await;
                After::Gone
            }
            Deviation::Crash => {
                self.crash(begun).await;
                After::Gone
            }
            Deviation::AnsweredLate => match begun.invocation.and_then(|id| self.late_for(id)) {
                Some(late) if !self.delay(begun, late, true).await => After::Gone,
                _ => After::Answer,
            },
            _ => After::Answer,
        }
    }

    /// How late an answer may come at most; none when the invocation's timeout is too near.
    fn late_for(&self, id: InvocationId) -> Option<Duration> {
        let left = self.kernel.turns().deadline_of(id)?.duration_since(self.kernel.now());
        Duration::try_from(left).ok()?.checked_sub(SPARE).filter(|late| !late.is_zero())
    }

    /// Lets the answer wait on the cloud's clock; false when nobody is there any more to be answered.
    async fn delay(&self, begun: &Begun, late: Duration, worked: bool) -> bool {
        self.kernel.note(Some(begun.entry), format!("{LATE_ANSWER} {late:?} later"));
        let Some(id) = begun.invocation else {
            // Whatever ends the wait: there is an answer.
            let _ = self.kernel.sleep(late).await;
            return true;
        };
        let due = later(self.kernel.now(), late);
        if self.kernel.turns().deadline_of(id).is_some_and(|deadline| due >= deadline) {
            self.hang(begun, if worked { TOO_LATE } else { "refused, but after the function's timeout" }).await;
            return false;
        }
        let there = self.kernel.delay(id, late).await;
        if !there {
            self.end(begun, Outcome::Unanswered { why: "its invocation was over before the answer came" });
        }
        there
    }

    /// Waits until the invocation that asks is over.
    async fn hang(&self, begun: &Begun, why: &'static str) {
        self.end(begun, Outcome::Unanswered { why });
        if let Some(id) = begun.invocation {
            self.kernel.hang(id).await;
        }
    }

    /// Ends the invocation that asks, and its environment.
    async fn crash(&self, begun: &Begun) {
        self.end(begun, Outcome::Unanswered { why: CRASHED });
        let Some(id) = begun.invocation else { return };
        self.kernel.abandon(id, Abandoned::Crashed);
        // It is being polled, perhaps by this very call: then it goes when the poll returns.
        if self.kernel.is_crashing(id) {
            self.kernel.keep(id).await;
        }
    }

    /// Writes down what came of a request.
    pub fn end(&self, begun: &Begun, outcome: Outcome) {
        if !outcome.is_failed_request()
            && let Some(key) = &begun.key
        {
            self.state().calls.end(key);
        }
        self.kernel.close(begun.entry, outcome);
    }

    /// The whole way of a request that a handle or a service of the cloud makes, without HTTP.
    ///
    /// What a service of the cloud does deviates as a delivery and not as a request.
    ///
    /// # Errors
    ///
    /// [`Undone`] for what permissions or a plan refuse, else the work's own.
    pub fn act<T, E: ServiceFault>(
        &self,
        service: &dyn Service,
        info: RequestInfo,
        cause: Option<EntryId>,
        work: impl FnOnce(&Call) -> Result<Done<T>, E>,
    ) -> Result<T, Undone<E>> {
        let invocation = self.kernel.turns().asking();
        let by_handle = info.origin == Origin::Handle;
        if by_handle && (invocation.is_some_and(|id| self.kernel.is_crashing(id)) || self.kernel.turns().is_frozen()) {
            // Others are kept waiting; a handle cannot wait, but nothing may be done any more.
            return Err(Undone::Broken("the environment has crashed"));
        }
        // How a test sets its cloud up is no part of what happens in it.
        let deviates = by_handle && &*info.operation != "PutBucketNotificationConfiguration";
        let above = cause.or_else(|| invocation.and_then(|id| self.kernel.turns().line_of(id)));
        let actor = if by_handle { self.kernel.actor(invocation) } else { Actor::Service };
        let info = Arc::new(info);
        let (begun, call) = self.begin_under(service, &info, above, invocation, None, actor);
        if let Err(refusal) = self.authorise(service, &info, (&[], None), invocation) {
            return Err(self.refuse_handle(&begun, &refusal));
        }
        if deviates && let Some(deviation) = self.pick_before(service, &info, &begun) {
            return Err(self.not_done(service, &info, &begun, &deviation));
        }
        if let Some(fault) = begun.faults.waits() {
            let fault = fault.to_string();
            self.end(&begun, Outcome::Unanswered { why: "a fault would have it wait, and a handle cannot" });
            return Err(Undone::CannotWait(fault));
        }
        if let Some(deviation) = begun.faults.before() {
            return Err(self.not_done(service, &info, &begun, deviation));
        }
        match work(&call) {
            Ok(_) if deviates && self.is_lost(service, &info, &begun) => Err(self.broken(&begun, LOST)),
            Ok(Done { value, remark }) => {
                match begun.faults.after() {
                    None => {}
                    Some(Deviation::Crash) => return Err(self.crash_under(&begun)),
                    Some(Deviation::BodyCut) => return Err(self.broken(&begun, CUT)),
                    Some(_) => return Err(self.broken(&begun, LOST)),
                }
                let remark = remark.or_else(|| call.extent.as_ref().and_then(|extent| extent.remark()));
                self.end(&begun, Outcome::Answered { status: 200, error: None, remark, retry_after: None });
                Ok(value)
            }
            Err(fault) => {
                let (status, error) = (fault.status(), Some(fault.refused_with()));
                self.end(&begun, Outcome::Answered { status, error, remark: None, retry_after: None });
                Err(Undone::Failed(fault))
            }
        }
    }

    /// What a handle is told in place of its work.
    fn not_done<E>(
        &self,
        service: &dyn Service,
        info: &RequestInfo,
        begun: &Begun,
        deviation: &Deviation,
    ) -> Undone<E> {
        match self.refused(service, info, deviation) {
            Before::Refuse(refusal) => self.refuse_handle(begun, &refusal),
            _ => self.broken(begun, "connection reset"),
        }
    }

    /// Ends the invocation that asks through a handle, as soon as it is not polled any more.
    fn crash_under<E>(&self, begun: &Begun) -> Undone<E> {
        if let Some(id) = begun.invocation {
            self.kernel.abandon(id, Abandoned::Crashed);
        }
        self.broken(begun, CRASHED)
    }

    fn is_lost(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun) -> bool {
        let offered = alternatives::after(service, info, Asker::Handle);
        self.choices.pick(self.at(begun, PointKind::After, info.origin), &offered).is_some()
    }

    fn refuse_handle<E>(&self, begun: &Begun, refusal: &Refusal) -> Undone<E> {
        let error = RefusedWith { code: refusal.code.to_owned(), message: refusal.message.clone() };
        let (status, answered) = (refusal.status, Some(error.clone()));
        let outcome = Outcome::Answered { status, error: answered, remark: None, retry_after: None };
        self.end(begun, outcome);
        Undone::Refused(error)
    }

    fn broken<E>(&self, begun: &Begun, why: &'static str) -> Undone<E> {
        self.end(begun, Outcome::Unanswered { why });
        Undone::Broken(why)
    }

    fn asker(&self, begun: &Begun, origin: Origin) -> Asker {
        match begun.invocation {
            _ if origin == Origin::Handle => Asker::Handle,
            Some(id) if self.kernel.others_enabled(id) => Asker::InvocationAmongOthers,
            Some(_) => Asker::Invocation,
            None => Asker::Client,
        }
    }

    fn at(&self, begun: &Begun, kind: PointKind, origin: Origin) -> At {
        debug_assert_ne!(origin, Origin::Service, "what a service does deviates as a delivery");
        At { name: begun.logical.name, kind, label: Arc::clone(&begun.label), actor: begun.actor.clone() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock()
    }
}
