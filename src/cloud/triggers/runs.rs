//! Schedule → function: rules of EventBridge and schedules of EventBridge Scheduler.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use jiff::Timestamp;

use crate::cloud::error::CloudError;
use crate::cloud::world::World;
use crate::event::{
    AccountId, Arn, MAX_SCHEDULER_INPUT_BYTES, RuleContext, ScheduledEvent, SchedulerContext, TargetInput,
};
use crate::kernel::{EntryId, Kind};
use crate::mock::lambda::Function;
use crate::schedule::{Dialect, Schedule};

/// What the function receives.
#[derive(Clone)]
pub(in crate::cloud) enum Input {
    /// The default event.
    Default,
    /// The input of a rule's target.
    Rule(TargetInput),
    /// The input of a schedule, with context attributes to be filled in.
    Scheduler(String),
}

impl Input {
    /// The constant input of a rule's target; its length is checked.
    pub fn rule(text: String) -> Result<Self, CloudError> {
        let length = text.chars().count();
        TargetInput::constant(text).map(Self::Rule).map_err(|_| {
            let rule = "the input of a rule's target has at most 8,192 characters";
            CloudError::Setting { name: "input", value: format!("of {length} characters"), rule }
        })
    }

    /// The input of a schedule; its length is checked.
    pub fn scheduler(text: String) -> Result<Self, CloudError> {
        if text.len() > MAX_SCHEDULER_INPUT_BYTES {
            let rule = "the input of a schedule has at most 256 KB";
            return Err(CloudError::Setting { name: "input", value: format!("of {} bytes", text.len()), rule });
        }
        Ok(Self::Scheduler(text))
    }
}

/// What a schedule invokes.
pub(in crate::cloud) struct Target {
    pub account: AccountId,
    pub dialect: Dialect,
    pub input: Input,
    /// Weak, because the function's handler may hold a handle to the schedule.
    pub function: Weak<Function>,
}

/// All schedules by account, kind (whether it is a rule) and name.
#[derive(Default)]
pub(crate) struct Schedules(Mutex<BTreeMap<(AccountId, bool, String), Arc<Runner>>>);

/// A schedule that runs.
pub(in crate::cloud) struct Runner {
    name: String,
    schedule: Schedule,
    target: Target,
    next: Mutex<Option<EntryId>>,
}

impl Runner {
    /// Starts a schedule. It replaces a rule of its name; a schedule of its name is a conflict, as on AWS.
    pub fn start(
        world: &Arc<World>,
        name: String,
        schedule: Schedule,
        target: Target,
    ) -> Result<Arc<Self>, CloudError> {
        let id = (target.account.clone(), target.dialect == Dialect::Rule, name.clone());
        let runner = Arc::new(Self { name, schedule, target, next: Mutex::new(None) });
        let mut running = world.schedules.0.lock().expect("no panic under this lock");
        match running.get(&id) {
            Some(earlier) if runner.target.dialect == Dialect::Rule => earlier.stop(world),
            Some(_) => {
                let message = format!("Schedule {} already exists.", runner.name);
                return Err(CloudError::Aws { service: "scheduler", code: "ConflictException".to_owned(), message });
            }
            None => {}
        }
        running.insert(id, Arc::clone(&runner));
        drop(running);
        runner.plan(world, runner.schedule.first_run());
        Ok(runner)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn calendar(&self) -> &Schedule {
        &self.schedule
    }

    pub fn stop(&self, world: &Arc<World>) {
        if let Some(entry) = self.next.lock().expect("no panic under this lock").take() {
            world.kernel.cancel(entry);
        }
    }

    fn plan(self: &Arc<Self>, world: &Arc<World>, run: Option<Timestamp>) {
        let mut next = self.next.lock().expect("no panic under this lock");
        *next = run.map(|run| {
            let (weak, me) = (Arc::downgrade(world), Arc::clone(self));
            // A schedule with one run ahead is work to wait for; a recurring one never ends.
            let kind = if self.schedule.expression().is_one_time() { Kind::Work } else { Kind::Background };
            world.kernel.plan(run, kind, format!("schedule {}", self.name), move || {
                let Some(world) = weak.upgrade() else { return };
                me.fire(&world, run);
                // Unless the schedule was stopped meanwhile.
                if me.next.lock().expect("no panic under this lock").is_some() {
                    me.plan(&world, me.schedule.next_after(run));
                }
            })
        });
    }

    /// Queues the event of the run at `time`.
    pub fn fire(&self, world: &Arc<World>, time: Timestamp) {
        let Some(function) = self.target.function.upgrade() else { return };
        let kind = if self.target.dialect == Dialect::Rule { "rule" } else { "schedule" };
        let line = world.kernel.note(None, format!("{kind} {} → {}", self.name, function.name));
        let (change, trigger) = (format!("{kind} {} is due", self.name), format!("{} → {}", self.name, function.name));
        world.decisions.fired(world.kernel.now(), change, trigger);
        match self.payload(world, time) {
            Ok(payload) => {
                let request_id = world.kernel.ids().uuid();
                world.lambda.invoke_later(&function, payload, request_id, Some(line), None);
            }
            Err(why) => {
                world.kernel.note(Some(line), format!("lost: {why}"));
            }
        }
    }

    fn payload(&self, world: &World, time: Timestamp) -> Result<Bytes, String> {
        let (account, region) = (self.target.account.clone(), world.region.clone());
        let event = || {
            let id = world.kernel.ids().uuid();
            let builder = match self.target.dialect {
                Dialect::Rule => ScheduledEvent::rule(self.name.as_str()),
                Dialect::Scheduler => ScheduledEvent::scheduler(self.name.as_str()),
            };
            let event = builder.account(account.clone()).region(region.clone()).time(time).id(id).try_build();
            event.map_err(|error| error.to_string())
        };
        let text = match &self.target.input {
            Input::Default => serde_json::to_string(&event()?).map_err(|error| error.to_string())?,
            Input::Rule(input) => {
                let event = event()?;
                input.apply(&event, &RuleContext::of(&event)).map_err(|error| error.to_string())?
            }
            Input::Scheduler(text) => {
                let arn = Arn::regional("scheduler", &region, &account, format!("schedule/default/{}", self.name));
                let mut context = SchedulerContext::new(arn, time);
                context.execution_id = world.kernel.ids().lower(16);
                context.fill(text).map_err(|error| error.to_string())?
            }
        };
        Ok(Bytes::from(text))
    }
}
