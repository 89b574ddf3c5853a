//! Event source mappings made, changed and deleted: by the verbs of handles, which take effect at once, and by Lambda's API,
//! which takes a mapping through its states as the agenda goes on.

use std::sync::Arc;
use std::time::Duration;

use super::mapping::{Mapping, Setup};
use super::mappings::Mappings;
use crate::kernel::Kind;
use crate::mock::lambda::Callee;
use crate::mock::lambda::event_source::{
    Described, EventSourceMappings, Filters, MappingFault, MappingSettings, MappingUpdate, NewMapping, Owner, Phase,
    Transition,
};
use crate::mock::sqs::QueueId;

impl Mappings {
    /// Lets a function have a queue's messages from now on.
    ///
    /// # Errors
    ///
    /// As CreateEventSourceMapping.
    pub fn make(&self, new: NewMapping, phase: Phase) -> Result<Arc<Mapping>, MappingFault> {
        let NewMapping { source, function, given, .. } = new;
        given.check()?;
        // A function polls in its own region, in the name of its own role: queues have no policies yet.
        let queue = QueueId::from_arn(&source).filter(|queue| queue.region == function.named.region);
        let queue = queue.ok_or_else(no_such_queue)?;
        if queue.account != function.named.account {
            let message = "The provided execution role does not have permissions to call ReceiveMessage on SQS";
            return Err(MappingFault::invalid(message));
        }
        let mut settings = MappingSettings::default();
        given.apply(&mut settings);
        let setup = self.checked(&queue, function, settings)?;
        self.add(queue, setup, phase)
    }

    /// What a mapping of the queue would do, if Lambda takes it.
    fn checked(&self, queue: &QueueId, function: Callee, settings: MappingSettings) -> Result<Setup, MappingFault> {
        let visibility = self.router().sqs().settings(queue).map_err(|_| no_such_queue())?.visibility_timeout;
        settings.check(queue.is_fifo())?;
        let filters = Filters::read(&settings.filters)?;
        function.check_tenant(None).map_err(|_| MappingFault::invalid(TENANTS))?;
        let timeout = function.settings().timeout;
        if Duration::from_secs(visibility.into()) < timeout {
            let timeout = timeout.as_secs();
            return Err(MappingFault::invalid(format!(
                "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
            )));
        }
        Ok(Setup { function, settings, filters })
    }

    fn owned(&self, owner: &Owner, uuid: &str) -> Result<Arc<Mapping>, MappingFault> {
        self.of(owner).into_iter().find(|mapping| mapping.id == uuid).ok_or_else(MappingFault::not_found)
    }

    /// Plans the end of what a mapping is on its way to. Nobody decides the order of this: time does.
    fn plan_end(&self, mapping: &Mapping) {
        let (me, weak) = (self.me(), mapping.me.clone());
        let label = format!("event source mapping {} {}", mapping.label(), mapping.phase().name());
        let now = self.router().kernel().now();
        self.router().kernel().plan(now, Kind::Change, label, move || {
            let (Some(me), Some(mapping)) = (me.upgrade(), weak.upgrade()) else { return };
            match mapping.phase() {
                phase if phase.transition() == Some(Transition::Deleting) => me.remove(&mapping.queue, &mapping.id),
                phase => mapping.enter(Phase::settled(phase.is_enabled())),
            }
        });
    }
}

/// In whatever words Lambda refuses it.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html>
const TENANTS: &str =
    "Event source mappings are not supported for functions that are enabled with tenancy configuration.";

fn no_such_queue() -> MappingFault {
    MappingFault::invalid(
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: \
         The specified queue does not exist.",
    )
}

impl EventSourceMappings for Mappings {
    fn create(&self, new: NewMapping) -> Result<Described, MappingFault> {
        let phase = if new.enabled { Phase::moving(true, Transition::Creating) } else { Phase::settled(false) };
        let mapping = self.make(new, phase)?;
        if phase.transition().is_some() {
            self.plan_end(&mapping);
        }
        Ok(mapping.described())
    }

    fn list(&self, owner: &Owner) -> Vec<Described> {
        self.of(owner).iter().map(|mapping| mapping.described()).collect()
    }

    fn update(&self, owner: &Owner, uuid: &str, update: MappingUpdate) -> Result<Described, MappingFault> {
        let mapping = self.owned(owner, uuid)?;
        let (phase, setup) = (mapping.phase(), mapping.setup());
        if phase.transition().is_some() {
            return Err(MappingFault::in_use("update"));
        }
        let MappingUpdate { function, enabled, given } = update;
        given.check()?;
        let mut settings = setup.settings.clone();
        given.apply(&mut settings);
        let function = function.unwrap_or_else(|| setup.function.clone());
        let changed = self.checked(&mapping.queue, function, settings)?;
        self.check_alone(&mapping, &changed)?;
        let enabled = enabled.unwrap_or(phase.is_enabled());
        let transition = match (phase.is_enabled(), enabled) {
            (false, true) => Transition::Enabling,
            (true, false) => Transition::Disabling,
            _ => Transition::Updating,
        };
        mapping.set_up(changed);
        mapping.enter(Phase::moving(enabled, transition));
        self.plan_end(&mapping);
        Ok(mapping.described())
    }

    fn delete(&self, owner: &Owner, uuid: &str) -> Result<Described, MappingFault> {
        let mapping = self.owned(owner, uuid)?;
        if mapping.phase().transition().is_some() {
            return Err(MappingFault::in_use("delete"));
        }
        mapping.enter(Phase::moving(false, Transition::Deleting));
        self.plan_end(&mapping);
        Ok(mapping.described())
    }
}
