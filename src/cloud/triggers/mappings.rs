//! The event source mappings of a cloud, and what time alone changes for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use super::mapping::{BatchSettings, Mapping};
use crate::cloud::router::Router;
use crate::history::Name;
use crate::kernel::{Kind, PlannedId};
use crate::lock::Lock;
use crate::mock::lambda::Function;
use crate::mock::sqs::QueueId;

/// All mappings of a cloud.
pub(crate) struct Mappings {
    router: Arc<Router>,
    state: Lock<State>,
    me: Weak<Mappings>,
}

#[derive(Default)]
struct State {
    mappings: BTreeMap<QueueId, Vec<Arc<Mapping>>>,
    /// The next change that time alone makes, by queue.
    changes: BTreeMap<QueueId, NextChange>,
}

#[derive(Default)]
struct NextChange {
    /// How often the queue was asked when its next change is.
    asked: u64,
    planned: Option<PlannedId>,
}

impl Mappings {
    pub fn new(router: Arc<Router>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self { router, state: Lock::default(), me: me.clone() })
    }

    /// A message may have become visible, or the queue's next change may have moved.
    pub fn changed(&self, queue: &QueueId) {
        self.plan_next_change(queue);
        let mappings = self.state().mappings.get(queue).cloned().unwrap_or_default();
        mappings.iter().for_each(|mapping| mapping.wake(&self.router));
    }

    /// Lets the function have the queue's messages from now on.
    pub fn add(&self, queue: &QueueId, function: Arc<Function>, settings: BatchSettings) -> Arc<Mapping> {
        let subject = format!("{} {}", queue.arn(), function.arn);
        let id = self.router.kernel().ids(Name::ROOT.under("mapping", &subject), "id").uuid();
        let mapping = Mapping::new(id, &self.router, queue.clone(), function, settings);
        self.state().mappings.entry(queue.clone()).or_default().push(Arc::clone(&mapping));
        self.changed(queue);
        mapping
    }

    /// Takes a mapping away; batches in flight go on.
    pub fn remove(&self, queue: &QueueId, id: &str) {
        let removed = {
            let mut state = self.state();
            let mappings = state.mappings.entry(queue.clone()).or_default();
            let removed = mappings.iter().position(|mapping| mapping.id == id).map(|index| mappings.remove(index));
            if mappings.is_empty() {
                state.mappings.remove(queue);
            }
            removed
        };
        if let Some(mapping) = removed {
            mapping.enable(false);
        }
    }

    /// All mappings, by queue.
    pub fn all(&self) -> Vec<(QueueId, Arc<Mapping>)> {
        let of = |(queue, mappings): (&QueueId, &Vec<Arc<Mapping>>)| {
            mappings.iter().map(|mapping| (queue.clone(), Arc::clone(mapping))).collect::<Vec<_>>()
        };
        self.state().mappings.iter().flat_map(of).collect()
    }

    /// The mapping of the queue with this id.
    pub fn find(&self, queue: &QueueId, id: &str) -> Option<Arc<Mapping>> {
        self.state().mappings.get(queue)?.iter().find(|mapping| mapping.id == id).cloned()
    }

    /// Whether a mapping of the queue to the function exists.
    pub fn is_mapped(&self, queue: &QueueId, function: &Function) -> bool {
        let state = self.state();
        state.mappings.get(queue).is_some_and(|all| all.iter().any(|m| m.function().arn == function.arn))
    }

    fn plan_next_change(&self, queue: &QueueId) {
        let asked = {
            let mut state = self.state();
            let change = state.changes.entry(queue.clone()).or_default();
            change.asked += 1;
            change.asked
        };
        // No lock is held while the service is asked, for it may tell of changes itself.
        let due = self.router.sqs().next_change(queue);
        let mut state = self.state();
        let change = state.changes.entry(queue.clone()).or_default();
        if change.asked != asked {
            // Another thread asks later, and so knows better.
            return;
        }
        let kernel = self.router.kernel();
        if let Some(entry) = change.planned.take() {
            kernel.cancel(entry);
        }
        let Some(due) = due else { return };
        let (me, changed) = (self.me.clone(), queue.clone());
        let entry = kernel.plan(due, Kind::Change, format!("messages of {} become visible", queue.name), move || {
            if let Some(me) = me.upgrade() {
                me.router.sqs().time_passed(&changed);
            }
        });
        state.changes.entry(queue.clone()).or_default().planned = Some(entry);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock()
    }
}
