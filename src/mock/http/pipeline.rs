//! The one way of a request, whoever makes it: verified before it comes here, it is authorised, may deviate, is run, may
//! deviate again, and is written down.
//!
//! Clients over sockets and SDK clients come in through the [`Gateway`](super::Gateway), handles of tests and services of
//! the cloud through [`Pipeline::act`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::alternatives::{self, Asker};
use super::call::Call;
use super::refusal::{Fault, Refusal};
use super::service::{Access, Service, ServiceFault};
use crate::choice::{At, Choices, Deviation, PointKind, Span};
use crate::history::{Actor, EntryId, Name, Origin, Outcome, RefusedWith, RequestInfo, What};
use crate::iam;
use crate::kernel::{Abandoned, InvocationId, Kernel};

/// What all requests of a cloud pass.
pub(crate) struct Pipeline {
    kernel: Arc<Kernel>,
    choices: Arc<Choices>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The logical calls that may be tried again, by the id that all attempts of an SDK client share.
    calls: HashMap<String, Logical>,
    /// What fails from now on: service, operation, resource.
    for_good: Vec<(&'static str, String, String, Deviation)>,
}

/// A call as its caller sees it: one or more attempts.
#[derive(Debug, Clone)]
struct Logical {
    name: Name,
    attempts: u32,
    /// What every attempt of it meets.
    spoilt: Option<Deviation>,
}

/// More logical calls than this are not remembered: a client that gives up never says so.
const MOST_CALLS: usize = 10_000;

/// A request that was written down and has not ended.
pub(crate) struct Begun {
    pub call: Call,
    pub entry: EntryId,
    invocation: Option<InvocationId>,
    name: Name,
    label: Arc<str>,
    first: bool,
    spoilt: Option<Deviation>,
    sdk_id: Option<String>,
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
}

/// What happens before the work.
pub(crate) enum Before {
    Go,
    Refuse(Refusal),
    Reset,
    /// No answer, and whoever asked is gone by now.
    Gone,
}

/// What happens after the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Answer,
    Lost,
    Cut,
    /// No answer, and whoever asked is gone by now.
    Gone,
}

impl Pipeline {
    pub fn new(kernel: Arc<Kernel>, choices: Arc<Choices>) -> Self {
        Self { kernel, choices, state: Mutex::default() }
    }

    /// Writes a request down, and makes the context in which its service runs it.
    pub fn begin(
        &self,
        service: &dyn Service,
        info: &Arc<RequestInfo>,
        invocation: Option<InvocationId>,
        sdk_id: Option<String>,
        actor: Actor,
    ) -> Begun {
        let above = invocation.and_then(|id| self.kernel.turns().line_of(id));
        self.begin_under(service, info, above, invocation, sdk_id, actor)
    }

    fn begin_under(
        &self,
        service: &dyn Service,
        info: &Arc<RequestInfo>,
        above: Option<EntryId>,
        invocation: Option<InvocationId>,
        sdk_id: Option<String>,
        actor: Actor,
    ) -> Begun {
        let label: Arc<str> = info.subject().into();
        let mut state = self.state();
        let logical = match sdk_id.as_ref().and_then(|id| state.calls.get_mut(id)) {
            Some(known) => {
                known.attempts += 1;
                known.clone()
            }
            None => Logical { name: self.kernel.recorder().name(above, "request", &label), attempts: 1, spoilt: None },
        };
        drop(state);
        let name = match logical.attempts {
            1 => logical.name,
            attempts => logical.name.under("attempt", "").nth(attempts),
        };
        let mut call = Call::new(info.caller.clone(), info.origin, info.region.clone(), self.kernel.seed(), name);
        (call.request_id, call.host_id) = service.response_ids(&mut call.ids("request"));
        let entry = self.kernel.record_named(above, actor, What::Request(Arc::clone(info)), name);
        call.entry = Some(entry);
        let (name, first, spoilt) = (logical.name, logical.attempts == 1, logical.spoilt.clone());
        if first && let Some(id) = &sdk_id {
            let mut state = self.state();
            if state.calls.len() < MOST_CALLS {
                state.calls.insert(id.clone(), logical);
            }
        }
        Begun { call, entry, invocation, name, label, first, spoilt, sdk_id }
    }

    /// Whether permissions allow the request; decided here and in the router, and nowhere else.
    pub fn authorise(&self, service: &dyn Service, info: &RequestInfo, also: &[Access]) -> Result<(), Refusal> {
        let decide = |action: &str, resource: &str, arn: &dyn std::fmt::Display| {
            let Some(policies) = service.policies(info, resource) else { return Ok(()) };
            iam::decide(info.caller.as_deref(), action, arn, &policies)
                .map_err(|denial| Refusal::denied(service.wire(), &denial))
        };
        match &info.arn {
            Some(arn) => decide(&info.action, &info.resource, arn)?,
            None => decide(&info.action, &info.resource, &"")?,
        }
        also.iter().try_for_each(|access| decide(access.action, &access.resource, &access.arn))
    }

    /// Asks whether the request goes through.
    pub async fn before(&self, service: &dyn Service, info: &RequestInfo, begun: &mut Begun) -> Before {
        match self.pick_before(service, info, begun) {
            None => Before::Go,
            Some(Deviation::Aside) => {
                if let Some(id) = begun.invocation {
                    self.kernel.put_aside(id).await;
                }
                Before::Go
            }
            Some(Deviation::Hangs) => {
                // Written down first: over a socket, the end of the invocation and that of the request are a race.
                self.end(begun, Outcome::Unanswered { why: "no answer in time" });
                self.hang(begun).await;
                Before::Gone
            }
            Some(deviation) => self.refused(service, info, &deviation),
        }
    }

    /// The deviation before the work that is in force for this attempt.
    fn pick_before(&self, service: &dyn Service, info: &RequestInfo, begun: &mut Begun) -> Option<Deviation> {
        if !self.choices.is_ordinary() {
            let state = self.state();
            let spoilt = state.for_good.iter().find(|(name, operation, resource, _)| {
                *name == info.service && *operation == *info.operation && *resource == info.resource
            });
            if let Some((.., deviation)) = spoilt {
                return Some(deviation.clone());
            }
        }
        if !begun.first {
            return begun.spoilt.clone();
        }
        let offered = alternatives::before(service, info, self.asker(begun, info.origin));
        let deviation = self.choices.pick(self.at(begun, PointKind::Before, info.origin), &offered)?;
        match &deviation {
            Deviation::Error { span, .. } | Deviation::Reset(span) => self.remember(info, begun, *span, &deviation),
            _ => {}
        }
        Some(deviation)
    }

    fn remember(&self, info: &RequestInfo, begun: &mut Begun, span: Span, deviation: &Deviation) {
        let mut state = self.state();
        match span {
            Span::Once => {}
            Span::WholeCall => {
                begun.spoilt = Some(deviation.clone());
                if let Some(logical) = begun.sdk_id.as_ref().and_then(|id| state.calls.get_mut(id)) {
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
    pub async fn after(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun, answered: bool) -> After {
        if !answered || !begun.first {
            return After::Answer;
        }
        let offered = alternatives::after(service, info, self.asker(begun, info.origin));
        match self.choices.pick(self.at(begun, PointKind::After, info.origin), &offered) {
            Some(Deviation::AnswerLost) => After::Lost,
            Some(Deviation::BodyCut) => After::Cut,
            Some(Deviation::TooLate) => {
                self.end(begun, Outcome::Unanswered { why: "done, but the answer comes too late" });
                self.hang(begun).await;
                After::Gone
            }
            Some(Deviation::Crash) => {
                self.end(begun, Outcome::Unanswered { why: "done, but the environment crashed" });
                if let Some(id) = begun.invocation {
                    self.kernel.abandon(id, Abandoned::Crashed);
                    self.kernel.keep(id).await;
                }
                After::Gone
            }
            _ => After::Answer,
        }
    }

    /// Waits until just past the deadline of the invocation that asks, which ends it.
    async fn hang(&self, begun: &Begun) {
        let deadline = begun.invocation.and_then(|id| self.kernel.turns().deadline_of(id));
        let Some(deadline) = deadline else { return };
        let left = Duration::try_from(deadline.duration_since(self.kernel.now())).unwrap_or_default();
        // An error means that the cloud is gone, and with it whoever waits.
        let _ = self.kernel.sleep(left + Duration::from_millis(1)).await;
    }

    /// Writes down what came of a request.
    pub fn end(&self, begun: &Begun, outcome: Outcome) {
        let failed = match &outcome {
            Outcome::Answered { error, status, .. } => error.is_some() || *status >= 400,
            _ => true,
        };
        if !failed && let Some(id) = &begun.sdk_id {
            self.state().calls.remove(id);
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
        let invocation = self.kernel.turns().current();
        let above = cause.or_else(|| invocation.and_then(|id| self.kernel.turns().line_of(id)));
        let by_handle = info.origin == Origin::Handle;
        // How a test sets its cloud up is no part of what happens in it.
        let deviates = by_handle && &*info.operation != "PutBucketNotificationConfiguration";
        let actor = if by_handle { self.kernel.actor() } else { Actor::Service };
        let info = Arc::new(info);
        let mut begun = self.begin_under(service, &info, above, invocation, None, actor);
        if let Err(refusal) = self.authorise(service, &info, &[]) {
            return Err(self.refuse_handle(&begun, &refusal));
        }
        if deviates && let Some(deviation) = self.pick_before(service, &info, &mut begun) {
            return Err(match self.refused(service, &info, &deviation) {
                Before::Refuse(refusal) => self.refuse_handle(&begun, &refusal),
                _ => self.broken(&begun, "connection reset"),
            });
        }
        match work(&begun.call) {
            Ok(_) if deviates && self.is_lost(service, &info, &begun) => {
                Err(self.broken(&begun, "done, but the answer is lost"))
            }
            Ok(Done { value, remark }) => {
                self.end(&begun, Outcome::Answered { status: 200, error: None, remark });
                Ok(value)
            }
            Err(fault) => {
                let (status, error) = (fault.status(), Some(fault.refused_with()));
                self.end(&begun, Outcome::Answered { status, error, remark: None });
                Err(Undone::Failed(fault))
            }
        }
    }

    fn is_lost(&self, service: &dyn Service, info: &RequestInfo, begun: &Begun) -> bool {
        let offered = alternatives::after(service, info, Asker::Handle);
        self.choices.pick(self.at(begun, PointKind::After, info.origin), &offered).is_some()
    }

    fn refuse_handle<E>(&self, begun: &Begun, refusal: &Refusal) -> Undone<E> {
        let error = RefusedWith { code: refusal.code.to_owned(), message: refusal.message.clone() };
        let outcome = Outcome::Answered { status: refusal.status, error: Some(error.clone()), remark: None };
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
        let of_test = begun.invocation.is_none() && origin != Origin::Service;
        At { name: begun.name, kind, label: Arc::clone(&begun.label), of_test }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }
}
