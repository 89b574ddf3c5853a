//! The event source mappings of a cloud, and what time alone changes for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use super::mapping::{Mapping, Setup};
use crate::cloud::router::Router;
use crate::history::Name;
use crate::kernel::{Kind, PlannedId};
use crate::lock::Lock;
use crate::mock::lambda::event_source::{MappingFault, Owner, Phase};
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
    /// How many mappings were made of each queue and function: a mapping that is made again is another one.
    made: BTreeMap<String, u32>,
    /// How many mappings were made.
    count: u64,
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

    pub(super) fn router(&self) -> &Arc<Router> {
        &self.router
    }

    pub(super) fn me(&self) -> Weak<Self> {
        self.me.clone()
    }

    /// Adds a mapping, unless the queue has one to the same function, version or alias.
    pub(super) fn add(&self, queue: QueueId, setup: Setup, phase: Phase) -> Result<Arc<Mapping>, MappingFault> {
        let subject = format!("{} {}", queue.arn(), setup.function.as_named().by_version().qualified_arn());
        let mapping = {
            let mut state = self.state();
            check_alone(state.mappings.get(&queue).into_iter().flatten(), &queue, &setup)?;
            let made = state.made.entry(subject.clone()).or_default();
            *made += 1;
            let name = Name::ROOT.under("mapping", &subject);
            let name = if *made > 1 { name.nth(*made) } else { name };
            state.count += 1;
            let id = self.router.kernel().ids(name, "id").uuid();
            let mapping = Mapping::new(id, state.count, &self.router, queue.clone(), setup, phase);
            state.mappings.entry(queue.clone()).or_default().push(Arc::clone(&mapping));
            mapping
        };
        self.changed(&queue);
        Ok(mapping)
    }

    /// Checks that no other mapping of its queue does what a mapping is to do.
    pub(super) fn check_alone(&self, mapping: &Mapping, setup: &Setup) -> Result<(), MappingFault> {
        let state = self.state();
        let others = state.mappings.get(&mapping.queue).into_iter().flatten().filter(|other| other.id != mapping.id);
        check_alone(others, &mapping.queue, setup)
    }

    /// The owner's mappings in the order in which they were made.
    pub(super) fn of(&self, owner: &Owner) -> Vec<Arc<Mapping>> {
        let is_owned = |queue: &QueueId| queue.account == owner.account && queue.region == owner.region;
        let state = self.state();
        let owned = state.mappings.iter().filter(|(queue, _)| is_owned(queue));
        let mut owned: Vec<_> = owned.flat_map(|(_, mappings)| mappings.iter().cloned()).collect();
        owned.sort_by_key(|mapping| mapping.number);
        owned
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
            mapping.enter(Phase::settled(false));
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

fn check_alone<'a>(
    mut others: impl Iterator<Item = &'a Arc<Mapping>>,
    queue: &QueueId,
    setup: &Setup,
) -> Result<(), MappingFault> {
    let named = |setup: &Setup| setup.function.as_named().by_version();
    let own = named(setup);
    let Some(other) = others.find(|other| named(&other.setup()) == own) else { return Ok(()) };
    let (arn, function, id) = (queue.arn(), &setup.function.label, &other.id);
    let message = format!(
        "An event source mapping with SQS arn (\" {arn} \") and function (\" {function} \") already exists. Please update or \
         delete the existing mapping with UUID {id}"
    );
    Err(MappingFault::new(409, "ResourceConflictException", message))
}
