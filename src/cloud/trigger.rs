//! A trigger as a test sees it: what joins a bucket, a queue, a rule or a schedule to what it starts.

use std::sync::{Arc, Weak};

use super::error::{CloudError, expect};
use super::notification::remove_rule;
use super::triggers::mapping::Mapping;
use super::triggers::runs::Runner;
use super::world::World;
use crate::event::{AccountId, Arn, Region};
use crate::history::Decision;
use crate::mock::lambda::event_source::{Phase, Transition};
use crate::mock::sqs::QueueId;

/// What joins a bucket, a queue, a rule or a schedule to the function or queue that it starts.
///
/// [`Bucket::notify`](crate::Bucket::notify), [`Queue::trigger`](crate::Queue::trigger),
/// [`ScheduleBuilder::trigger`](crate::ScheduleBuilder::trigger) and [`EventRule::trigger`](crate::EventRule::trigger) make one.
///
/// ```
/// # use lambda_testkit::prelude::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let (inbox, count) = (cloud.bucket("inbox"), cloud.function("count", async |_: S3Event| Ok::<_, String>(())));
/// let trigger = inbox.notify(&count, on(ObjectCreated).suffix(".csv"));
///
/// trigger.disable();
/// inbox.put("a.csv", "1");
/// cloud.settle().await.assert_ok();
///
/// assert_eq!(trigger.decisions()[0].missed.as_deref(), Some("the trigger is disabled"));
/// assert!(count.events().is_empty());
/// # }
/// ```
#[derive(Clone)]
pub struct Trigger {
    world: Weak<World>,
    id: String,
    name: String,
    kind: Joined,
}

#[derive(Clone)]
enum Joined {
    Bucket { account: AccountId, region: Region, bucket: String },
    Queue(QueueId),
    Schedule(Arc<Runner>),
    Rule { bus: Arn, rule: String },
}

impl std::fmt::Debug for Trigger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trigger").field("name", &self.name).field("id", &self.id).finish_non_exhaustive()
    }
}

impl Trigger {
    pub(super) fn of_bucket(
        world: &Arc<World>,
        (account, region): (&AccountId, &Region),
        bucket: &str,
        id: String,
        to: &str,
    ) -> Self {
        let kind = Joined::Bucket { account: account.clone(), region: region.clone(), bucket: bucket.to_owned() };
        Self { world: Arc::downgrade(world), id, name: format!("{bucket} → {to}"), kind }
    }

    pub(super) fn of_queue(world: &Arc<World>, queue: &QueueId, id: String, name: String) -> Self {
        Self { world: Arc::downgrade(world), id, name, kind: Joined::Queue(queue.clone()) }
    }

    pub(super) fn of_schedule(world: &Arc<World>, runner: &Arc<Runner>) -> Self {
        let (id, name) = (runner.id(), runner.label());
        Self { world: Arc::downgrade(world), id, name, kind: Joined::Schedule(Arc::clone(runner)) }
    }

    pub(super) fn of_rule(world: &Arc<World>, bus: &Arn, rule: &str, id: String, to: &str) -> Self {
        let kind = Joined::Rule { bus: bus.clone(), rule: rule.to_owned() };
        Self { world: Arc::downgrade(world), id, name: format!("{rule} → {to}"), kind }
    }

    fn world(&self) -> Result<Arc<World>, CloudError> {
        self.world.upgrade().ok_or(CloudError::Dropped)
    }

    /// The trigger's id: of a notification configuration its `Id`, of an event source mapping its UUID, of a rule or a
    /// schedule its ARN.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The trigger as explanations name it, such as `export → to-utf8`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it fires. One that was removed does not.
    pub fn is_enabled(&self) -> bool {
        let Some(world) = self.world.upgrade() else { return false };
        match &self.kind {
            Joined::Bucket { account, region, bucket } => {
                let configuration = world.s3.notification(&world.look(account, region), bucket);
                let there = configuration.is_ok_and(|there| there.rules.iter().any(|rule| rule.id == self.id));
                there && !world.disabled.contains(bucket, &self.id)
            }
            Joined::Queue(queue) => {
                world.mappings.find(queue, &self.id).is_some_and(|mapping| mapping.phase().is_enabled())
            }
            Joined::Schedule(runner) => runner.is_enabled(),
            Joined::Rule { bus, rule } => {
                world.buses.rules(bus).iter().any(|there| there.name == *rule && there.enabled)
            }
        }
    }

    /// Stops it from firing until [`enable`](Self::enable). What it has started goes on; messages stay in their queue,
    /// changes of objects and times of schedules pass.
    ///
    /// S3 itself knows no such state for a notification configuration: there it stands for taking it out and putting it
    /// back.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn disable(&self) {
        expect(self.set(false));
    }

    /// Lets it fire again.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn enable(&self) {
        expect(self.set(true));
    }

    fn set(&self, enabled: bool) -> Result<(), CloudError> {
        let world = self.world()?;
        match &self.kind {
            Joined::Bucket { bucket, .. } => world.disabled.set(bucket, &self.id, !enabled),
            Joined::Queue(queue) => {
                let is_there = |mapping: &Arc<Mapping>| mapping.phase().transition() != Some(Transition::Deleting);
                if let Some(mapping) = world.mappings.find(queue, &self.id).filter(is_there) {
                    mapping.enter(Phase::settled(enabled));
                }
            }
            Joined::Schedule(runner) => runner.enable(enabled),
            Joined::Rule { bus, rule } => world.buses.change_rule(bus, rule, |there| there.enabled = enabled),
        }
        Ok(())
    }

    /// Takes it away for good. What it has started goes on.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped, or the bucket was deleted.
    #[track_caller]
    pub fn remove(&self) {
        expect(self.try_remove());
    }

    /// As [`remove`](Self::remove).
    ///
    /// # Errors
    ///
    /// [`CloudError::Aws`] when the bucket was deleted.
    pub fn try_remove(&self) -> Result<(), CloudError> {
        let world = self.world()?;
        match &self.kind {
            Joined::Bucket { account, region, bucket } => {
                remove_rule(&world, account, region, bucket, &self.id)?;
                world.disabled.set(bucket, &self.id, false);
            }
            Joined::Queue(queue) => world.mappings.remove(queue, &self.id),
            Joined::Schedule(runner) => world.schedules.remove(runner),
            Joined::Rule { bus, rule } => world.buses.remove_rule(bus, rule),
        }
        Ok(())
    }

    /// What it made of each change so far, in order: that it fired, or why not.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn decisions(&self) -> Vec<Decision> {
        let world = expect(self.world());
        let all = world.kernel.recorder().look(|entries| Decision::all(entries));
        all.into_iter().filter(|decision| decision.trigger_id == self.id).collect()
    }
}
