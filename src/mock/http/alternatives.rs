//! How requests may deviate, by service, operation and who asks.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::service::{Effect, Service};
use crate::choice::{Deviation, Span};
use crate::history::RequestInfo;
use crate::lock::Lock;

/// Who makes a request, as far as it says what may happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// A handle, which cannot wait.
    Handle,
    /// A client of the test, or of a task that nothing is known of.
    Client,
    /// An invocation.
    Invocation,
    /// An invocation while others could go on: before the work now, and after it until the invocation's timeout.
    InvocationAmongOthers,
}

type Services = HashMap<&'static str, HashMap<String, Arc<Lists>>>;

/// Made once in a process for each operation of each service: they follow from the service's catalogue alone.
static LISTS: LazyLock<Lock<Services>> = LazyLock::new(Lock::default);

/// More than any service has.
const MOST_OPERATIONS: usize = 1_000;

#[derive(Debug)]
struct Lists {
    errors: Arc<[Deviation]>,
    before: Arc<[Deviation]>,
    before_among_others: Arc<[Deviation]>,
    before_gone: Arc<[Deviation]>,
    before_gone_among_others: Arc<[Deviation]>,
    lost: Arc<[Deviation]>,
    after_client: Arc<[Deviation]>,
    after: Arc<[Deviation]>,
    after_before_others: Arc<[Deviation]>,
}

/// What may happen to a request before its work; `gone` for a read of something that may be gone by now.
pub(super) fn before(service: &dyn Service, info: &RequestInfo, asker: Asker, gone: bool) -> Arc<[Deviation]> {
    let lists = lists(service, info);
    Arc::clone(match (asker, gone) {
        (Asker::Handle | Asker::Client, _) => &lists.errors,
        (Asker::Invocation, false) => &lists.before,
        (Asker::Invocation, true) => &lists.before_gone,
        (Asker::InvocationAmongOthers, false) => &lists.before_among_others,
        (Asker::InvocationAmongOthers, true) => &lists.before_gone_among_others,
    })
}

/// What may happen to a request after its work.
pub(super) fn after(service: &dyn Service, info: &RequestInfo, asker: Asker) -> Arc<[Deviation]> {
    let lists = lists(service, info);
    Arc::clone(match asker {
        Asker::Handle => &lists.lost,
        Asker::Client => &lists.after_client,
        Asker::Invocation => &lists.after,
        Asker::InvocationAmongOthers => &lists.after_before_others,
    })
}

fn lists(service: &dyn Service, info: &RequestInfo) -> Arc<Lists> {
    let mut services = LISTS.lock();
    let operations = services.entry(info.service).or_default();
    if let Some(lists) = operations.get(&*info.operation) {
        return Arc::clone(lists);
    }
    let lists = Arc::new(Lists::of(service, &info.operation));
    // What is no operation may be called anything.
    if operations.len() < MOST_OPERATIONS {
        operations.insert(info.operation.to_string(), Arc::clone(&lists));
    }
    lists
}

impl Lists {
    fn of(service: &dyn Service, operation: &str) -> Self {
        let faults = service.faults(operation).iter();
        let mut errors: Vec<Deviation> =
            faults.flat_map(|fault| Span::ALL.map(|span| Deviation::error(fault.code, span))).collect();
        errors.extend(Span::ALL.map(Deviation::Reset));
        let with = |list: &[Deviation], more: &[Deviation]| [list, more].concat();
        let before = with(&errors, &[Deviation::Hangs]);
        let effect = service.effect(operation);
        let lost = if effect == Effect::Write { vec![Deviation::AnswerLost] } else { vec![] };
        let mut cut = vec![Deviation::AnswerLost];
        cut.extend(service.answers_in_parts(operation).then_some(Deviation::BodyCut));
        // Before request k is after request k - 1, so an environment crashes after writes only.
        let crash: &[Deviation] =
            if effect == Effect::Write { &[Deviation::TooLate, Deviation::Crash] } else { &[Deviation::TooLate] };
        let before_among_others = with(&before, &[Deviation::Aside]);
        let gone = [Deviation::DeletedSince, Deviation::OverwrittenSince];
        let after = with(&cut, crash);
        Self {
            before_gone: with(&before, &gone).into(),
            before_gone_among_others: with(&before_among_others, &gone).into(),
            before_among_others: before_among_others.into(),
            errors: errors.into(),
            before: before.into(),
            lost: lost.into(),
            after_before_others: with(&after, &[Deviation::AnsweredLate]).into(),
            after: after.into(),
            after_client: cut.into(),
        }
    }
}
