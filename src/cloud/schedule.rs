//! A schedule as a test sees it.

use std::sync::{Arc, Weak};

use jiff::Timestamp;
use serde::Serialize;

use super::error::{CloudError, expect};
use super::function::Function;
use super::invokable::permit;
use super::trigger::Trigger;
use super::triggers::runs::{Input, Plan, Runner};
use super::world::World;
use crate::event::{AccountId, Region};
use crate::schedule::{Dialect, Expression};

/// A schedule or rule before it has a target. Made by [`Cloud::schedule`](crate::Cloud::schedule) and
/// [`Cloud::rule`](crate::Cloud::rule).
#[derive(Clone)]
#[must_use = "a schedule does nothing until it triggers a function"]
pub struct ScheduleBuilder {
    world: Weak<World>,
    account: AccountId,
    region: Region,
    dialect: Dialect,
    name: String,
    schedule: crate::schedule::Calendar,
    input: Input,
}

impl std::fmt::Debug for ScheduleBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScheduleBuilder")
            .field("name", &self.name)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

impl ScheduleBuilder {
    pub(super) fn new(
        world: &Arc<World>,
        (account, region): (&AccountId, &Region),
        dialect: Dialect,
        name: &str,
        expression: Expression,
    ) -> Self {
        Self {
            world: Arc::downgrade(world),
            account: account.clone(),
            region: region.clone(),
            dialect,
            name: name.to_owned(),
            schedule: crate::schedule::Calendar::new(expression, world.kernel.now()),
            input: Input::Default,
        }
    }

    /// Gives the function this constant JSON, as it is, instead of the default event.
    ///
    /// In the input of a schedule, context attributes such as `<aws.scheduler.scheduled-time>` are replaced.
    ///
    /// # Panics
    ///
    /// When the value cannot be written as JSON, or is longer than 8,192 bytes for a rule or 256 KB for a schedule.
    #[track_caller]
    pub fn input(mut self, input: impl Serialize) -> Self {
        let text = serde_json::to_string(&input).map_err(|error| CloudError::NotJson(error.to_string()));
        self.input = expect(text.and_then(|text| match self.dialect {
            Dialect::Scheduler => Input::scheduler(text),
            _ => Input::rule(text),
        }));
        self
    }

    /// The time zone, by its IANA name, in which the expression is meant. Default UTC; rules are always in UTC.
    ///
    /// # Panics
    ///
    /// When there is no such time zone, or for a rule.
    #[track_caller]
    pub fn time_zone(mut self, name: &str) -> Self {
        self.schedule = expect(self.schedule.with_time_zone(name).map_err(CloudError::from));
        self
    }

    /// Starts the schedule: from now on it queues an event for `function` at each of its times.
    ///
    /// A rule is permitted to invoke the function, by a statement in the function's policy; a schedule does it in the name of a role.
    ///
    /// A `rate` of a rule runs first one period from now, that of a schedule at once. Runs of the time until the next
    /// [`advance`](crate::Cloud::advance) wait for it: schedules fire when the clock moves.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped, the function belongs to another account, or there is a schedule of this name. A rule of
    /// this name is replaced, as PutRule does.
    #[track_caller]
    pub fn trigger(self, function: &Function) -> Schedule {
        expect(self.try_trigger(function))
    }

    /// As [`trigger`](Self::trigger).
    ///
    /// # Errors
    ///
    /// [`CloudError::Setting`] when the function belongs to another account, region or Cloud; [`CloudError::Aws`] with `ConflictException`
    /// when there is a schedule of this name.
    pub fn try_trigger(self, function: &Function) -> Result<Schedule, CloudError> {
        let world = self.world.upgrade().ok_or(CloudError::Dropped)?;
        if !function.is_of(&world) {
            return Err(CloudError::of_another_cloud("function", &function.arn()));
        }
        let code = function.callee()?;
        if code.named.account != self.account {
            let rule = "a schedule triggers functions of its own account only: roles are not supported yet";
            return Err(CloudError::Setting { name: "function", value: code.arn.to_string(), rule });
        }
        let function = code.as_named();
        if function.region != self.region {
            let rule = "a rule or schedule triggers functions of its own region only";
            return Err(CloudError::Setting { name: "function", value: code.arn.to_string(), rule });
        }
        let Self { account, region, dialect, name, input, .. } = self;
        // It begins now, and not when its builder did.
        let schedule = self.schedule.starting(world.kernel.now());
        let plan = Plan { account, region, dialect, name, schedule, input, function };
        // A rule needs the function's permission; a schedule has a role.
        let sid = format!("events-{}", plan.name);
        let permitted = permit(&world, &code, &Arc::new(plan.by()), Some(&plan.arn()), &sid)?;
        let runner = world.schedules.start(plan).inspect_err(|_| {
            if let Some(permitted) = permitted {
                permitted.undo();
            }
        })?;
        Ok(Schedule { trigger: Trigger::of_schedule(&world, &runner), world: self.world, runner })
    }
}

/// A schedule or rule of a [`Cloud`](crate::Cloud): a [`Trigger`] with a calendar.
#[derive(Clone)]
pub struct Schedule {
    world: Weak<World>,
    runner: Arc<Runner>,
    trigger: Trigger,
}

impl std::fmt::Debug for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schedule")
            .field("name", &self.name())
            .field("schedule", self.calendar())
            .finish_non_exhaustive()
    }
}

/// What can be done with any trigger: `disable`, `enable`, `remove`, `decisions`.
impl std::ops::Deref for Schedule {
    type Target = Trigger;

    fn deref(&self) -> &Trigger {
        &self.trigger
    }
}

impl Schedule {
    /// The schedule's name.
    pub fn name(&self) -> &str {
        self.runner.name()
    }

    /// The times of the schedule, for asking after its next runs and for an explanation in words.
    pub fn calendar(&self) -> &crate::schedule::Calendar {
        self.runner.calendar()
    }

    /// The next `count` times of the schedule after now, fewer if it ends before.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// let cloud = Cloud::start();                                            // at 2026-01-01T00:00:00Z
    /// let hourly = cloud.rule("hourly", "rate(1 hour)").trigger(&cloud.stub("check"));
    /// let runs: Vec<String> = hourly.next_runs(2).iter().map(ToString::to_string).collect();
    /// assert_eq!(runs, ["2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"]);
    /// ```
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn next_runs(&self, count: usize) -> Vec<Timestamp> {
        let world = expect(self.world.upgrade().ok_or(CloudError::Dropped));
        self.calendar().runs_after(world.kernel.now()).take(count).collect()
    }

    /// Queues an event now, as if now were one of the schedule's times.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn fire_now(&self) {
        let world = expect(self.world.upgrade().ok_or(CloudError::Dropped));
        self.runner.fire(world.kernel.now());
    }

    /// Stops the schedule for good and frees its name, as [`remove`](Trigger::remove) does.
    pub fn stop(&self) {
        if let Some(world) = self.world.upgrade() {
            world.schedules.remove(&self.runner);
        }
    }
}
