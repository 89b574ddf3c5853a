//! Queue → function: an event source mapping.
//!
//! Messages of a batching window are received as they come: a queue's visibility timeout should be "six times the function
//! timeout, plus the value of `MaximumBatchingWindowInSeconds`"
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>). A batch closes when it is full, when its
//! window is over, or when its event would be larger than 6 MB; what does not fit stays in the queue for the next one, of a
//! FIFO queue behind those of its group
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching>).
//!
//! Here is what a mapping is and when it polls; [`polling`](super::polling) fills batches, [`outcome`](super::outcome) runs them.

use std::sync::{Arc, MutexGuard, Weak};

use jiff::Timestamp;

use super::gathered::Gathered;
use crate::cloud::router::Router;
use crate::event::Arn;
use crate::kernel::{Kind, PlannedId};
use crate::lock::Lock;
use crate::mock::lambda::Callee;
use crate::mock::lambda::event_source::{Described, Filters, MappingSettings, Phase};
use crate::mock::sqs::{QueueId, Room};

/// How many batches of a standard queue Lambda starts with at once. How it scales up from there is not modelled.
const CONCURRENT_BATCHES: usize = 5;

/// One event source mapping.
pub(crate) struct Mapping {
    pub id: String,
    /// Its place in the order in which mappings were made.
    pub number: u64,
    pub queue: QueueId,
    state: Lock<State>,
    pub(super) router: Weak<Router>,
    pub(super) me: Weak<Mapping>,
}

/// What a mapping does. It is replaced as a whole; a batch in flight keeps the one that it began with.
pub(crate) struct Setup {
    pub function: Callee,
    pub settings: MappingSettings,
    pub filters: Filters,
}

pub(super) struct State {
    pub setup: Arc<Setup>,
    pub phase: Phase,
    pub modified: Timestamp,
    /// The next poll, and when it is due.
    pub planned: Option<(PlannedId, Timestamp)>,
    /// What was received for a batch that is not full yet: in flight, for its visibility timeout runs.
    pub gathered: Gathered,
    /// When the window of what was gathered is over.
    pub closes: Timestamp,
    pub in_flight: usize,
    /// Whether the timeline says already that the queue's visibility timeout is shorter than the function's timeout.
    pub has_warned: bool,
}

impl State {
    /// Whether another batch may be begun.
    pub fn may_poll(&self, fifo: bool) -> bool {
        let most = self.setup.settings.maximum_concurrency.unwrap_or(usize::MAX);
        // The groups of a FIFO queue limit themselves: none is in two batches at once.
        let most = if fifo { most } else { most.min(CONCURRENT_BATCHES) };
        self.phase.polls() && self.in_flight < most
    }
}

impl Mapping {
    pub fn new(id: String, number: u64, router: &Arc<Router>, queue: QueueId, setup: Setup, phase: Phase) -> Arc<Self> {
        let state = Lock::new(State {
            setup: Arc::new(setup),
            phase,
            modified: router.kernel().now(),
            planned: None,
            gathered: Gathered::default(),
            closes: Timestamp::MIN,
            in_flight: 0,
            has_warned: false,
        });
        let router = Arc::downgrade(router);
        Arc::new_cyclic(|me| Self { id, number, queue, state, router, me: me.clone() })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// What it does now.
    pub fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.state().setup)
    }

    pub fn phase(&self) -> Phase {
        self.state().phase
    }

    /// How many batches run, and how many messages wait for theirs until when.
    pub fn load(&self) -> (usize, Option<(usize, Timestamp)>) {
        let state = self.state();
        let gathered = Some(state.gathered.len()).filter(|count| *count > 0);
        (state.in_flight, gathered.map(|count| (count, state.closes)))
    }

    /// The mapping, as timelines and plans name it.
    pub fn label(&self) -> String {
        format!("{} → {}", self.queue.name, self.setup().function.label)
    }

    /// As the API describes it.
    pub fn described(&self) -> Described {
        let state = self.state();
        let Setup { function, settings, .. } = &*state.setup;
        let resource = format!("event-source-mapping:{}", self.id);
        Described {
            uuid: self.id.clone(),
            label: format!("{} → {}", self.queue.name, function.label),
            arn: Arn::regional("lambda", &self.queue.region, &self.queue.account, resource),
            source: self.queue.arn(),
            function: function.arn.clone(),
            function_arn: function.invoked_arn(),
            settings: settings.clone(),
            state: state.phase.name(),
            modified: state.modified,
        }
    }

    /// Lets it do something else from now on.
    pub fn set_up(&self, setup: Setup) {
        let mut state = self.state();
        (state.setup, state.has_warned) = (Arc::new(setup), false);
    }

    /// Lets it poll, or stops it. Batches in flight go on; messages that wait for their batch come back when their
    /// visibility timeout ends.
    pub fn enter(&self, phase: Phase) {
        let Some(router) = self.router.upgrade() else { return };
        let planned = {
            let mut state = self.state();
            if state.phase != phase {
                state.modified = router.kernel().now();
            }
            state.phase = phase;
            if phase.polls() {
                None
            } else {
                state.gathered = Gathered::default();
                state.planned.take()
            }
        };
        if let Some((entry, _)) = planned {
            router.kernel().cancel(entry);
        }
        self.wake(&router);
    }

    /// Plans a poll if there is something to receive, or a batch to close, and nobody is about to.
    pub fn wake(&self, router: &Arc<Router>) {
        // A queue that was deleted has nothing. Whether a filter lets anything through shows when it is received.
        let receivable = router.sqs().receivable(&self.queue, Room::of_messages(1), None).unwrap_or_default();
        let mut state = self.state();
        if !state.may_poll(self.queue.is_fifo()) {
            return;
        }
        let kernel = router.kernel();
        let (due, about) = match state.gathered.first() {
            _ if receivable.is_any() => (kernel.now(), receivable.first),
            Some(first) => (state.closes, first.message.sent_by),
            None => return,
        };
        match state.planned {
            Some((_, planned)) if planned <= due => return,
            // There is more before the batch closes.
            Some((entry, _)) => kernel.cancel(entry),
            None => {}
        }
        let (weak, me) = (Arc::downgrade(router), self.me.clone());
        let label = format!("poll {} for {}", self.queue.name, state.setup.function.label);
        // A window ends by time alone, also while somebody else makes time pass: its messages' own timeouts run, too.
        let kind = if due > kernel.now() { Kind::Change } else { Kind::Work };
        let entry = kernel.plan_about(due, kind, label, about, move || {
            if let (Some(router), Some(me)) = (weak.upgrade(), me.upgrade()) {
                me.poll(&router);
            }
        });
        state.planned = Some((entry, due));
    }
}
