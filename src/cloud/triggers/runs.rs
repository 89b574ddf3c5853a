//! Schedule → function: rules of EventBridge and schedules of EventBridge Scheduler.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, Weak};

use bytes::Bytes;
use jiff::Timestamp;

use crate::cloud::error::CloudError;
use crate::cloud::router::{Delivery, Router, Target};
use crate::event::{
    AccountId, Arn, MAX_SCHEDULER_INPUT_BYTES, Region, RuleContext, ScheduledEvent, SchedulerContext, TargetInput,
};
use crate::history::{Actor, Caller, DeliveryInfo, Name, Source, What};
use crate::kernel::{Kind, PlannedId};
use crate::lock::Lock;
use crate::mock::lambda::FunctionRef;
use crate::schedule::{Calendar, Dialect};

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

/// What a rule or schedule is: whose, where, what it invokes with what.
pub(in crate::cloud) struct Plan {
    pub account: AccountId,
    pub region: Region,
    pub dialect: Dialect,
    pub name: String,
    pub schedule: Calendar,
    pub input: Input,
    pub function: FunctionRef,
}

type Key = (AccountId, Region, bool, String);

/// All rules and schedules by account, region, kind (whether it is a rule) and name.
pub(crate) struct Schedules {
    router: Arc<Router>,
    running: Lock<BTreeMap<Key, Arc<Runner>>>,
}

/// A rule or schedule that runs.
pub(in crate::cloud) struct Runner {
    plan: Plan,
    state: Lock<State>,
    router: Weak<Router>,
}

struct State {
    next: Option<PlannedId>,
    enabled: bool,
    /// How many times it has fired, by the time that it was due; a name for each run.
    fired: u32,
}

impl Schedules {
    pub fn new(router: Arc<Router>) -> Self {
        Self { router, running: Lock::default() }
    }

    /// Starts a rule or schedule. It replaces a rule of its name; a schedule of its name is a conflict, as on AWS.
    pub fn start(&self, plan: Plan) -> Result<Arc<Runner>, CloudError> {
        let (key, is_rule) = (plan.key(), plan.dialect == Dialect::Rule);
        let state = Lock::new(State { next: None, enabled: true, fired: 0 });
        let runner = Arc::new(Runner { plan, state, router: Arc::downgrade(&self.router) });
        let earlier = {
            let mut running = self.running();
            if !is_rule && running.contains_key(&key) {
                let message = format!("Schedule {} already exists.", runner.plan.name);
                return Err(CloudError::Aws { service: "scheduler", code: "ConflictException".to_owned(), message });
            }
            running.insert(key, Arc::clone(&runner))
        };
        if let Some(earlier) = earlier {
            earlier.stop();
        }
        runner.plan_run(runner.plan.schedule.first_run());
        Ok(runner)
    }

    /// Takes a rule or schedule away: its name is free again.
    pub fn remove(&self, runner: &Arc<Runner>) {
        runner.stop();
        let (mut running, key) = (self.running(), runner.plan.key());
        if running.get(&key).is_some_and(|there| Arc::ptr_eq(there, runner)) {
            running.remove(&key);
        }
    }

    /// All that run, by account, region, kind and name.
    pub fn all(&self) -> Vec<Arc<Runner>> {
        self.running().values().cloned().collect()
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<Runner>>> {
        self.running.lock()
    }
}

impl Plan {
    fn key(&self) -> Key {
        (self.account.clone(), self.region.clone(), self.dialect == Dialect::Rule, self.name.clone())
    }

    fn kind(&self) -> &'static str {
        if self.dialect == Dialect::Rule { "rule" } else { "schedule" }
    }

    /// The rule's or schedule's ARN.
    pub fn arn(&self) -> Arn {
        match self.dialect {
            Dialect::Rule => Arn::regional("events", &self.region, &self.account, format!("rule/{}", self.name)),
            _ => Arn::regional("scheduler", &self.region, &self.account, format!("schedule/default/{}", self.name)),
        }
    }

    /// The service that invokes the function.
    pub fn by(&self) -> Caller {
        let rule = self.dialect == Dialect::Rule;
        Caller::service(if rule { "events.amazonaws.com" } else { "scheduler.amazonaws.com" }, &self.account)
    }
}

impl Runner {
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    pub fn id(&self) -> String {
        self.plan.arn().to_string()
    }

    pub fn label(&self) -> String {
        format!("{} → {}", self.plan.name, self.plan.function.label())
    }

    pub fn function(&self) -> &FunctionRef {
        &self.plan.function
    }

    pub fn calendar(&self) -> &Calendar {
        &self.plan.schedule
    }

    pub fn is_enabled(&self) -> bool {
        self.state().enabled
    }

    /// Lets it fire, or not; its times pass meanwhile.
    pub fn enable(&self, enabled: bool) {
        self.state().enabled = enabled;
    }

    /// Whether it may invoke its function; if not, why.
    pub fn may_invoke(&self, router: &Router) -> Result<(), String> {
        let Plan { function, .. } = &self.plan;
        if router.lambda().find(function).is_none() {
            return Err(format!("there is no function {}", function.arn()));
        }
        router.may_invoke(&Arc::new(self.plan.by()), Some(&self.plan.arn()), function)
    }

    fn stop(&self) {
        let next = self.state().next.take();
        if let (Some(entry), Some(router)) = (next, self.router.upgrade()) {
            router.kernel().cancel(entry);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn plan_run(self: &Arc<Self>, run: Option<Timestamp>) {
        let Some(router) = self.router.upgrade() else { return };
        let mut state = self.state();
        state.next = run.map(|run| {
            let me = Arc::clone(self);
            // A schedule with one run ahead is work to wait for; a recurring one never ends.
            let one_time = self.plan.schedule.expression().is_one_time();
            let kind = if one_time { Kind::Work } else { Kind::Background };
            router.kernel().plan(run, kind, format!("schedule {}", self.plan.name), move || {
                me.fire(run);
                // Unless the schedule was stopped meanwhile.
                if me.state().next.is_some() {
                    me.plan_run(me.plan.schedule.next_after(run));
                }
            })
        });
    }

    /// Submits the event of the run at `time`.
    pub fn fire(&self, time: Timestamp) {
        let Some(router) = self.router.upgrade() else { return };
        let (name, kind) = (self.plan.name.clone(), self.plan.kind());
        let from = Source::Schedule { kind, name };
        let to = Target::Function(self.plan.function.clone());
        let (enabled, count) = {
            let mut state = self.state();
            state.fired += 1;
            (state.enabled, state.fired)
        };
        let (kernel, id) = (router.kernel(), self.id());
        if !enabled {
            let delivery = DeliveryInfo::new(from, &id, to.name(), to.arn());
            router.missed(None, &delivery, "the trigger is disabled".to_owned());
            return;
        }
        let run = Name::ROOT.under("run", &id).nth(count);
        let by = self.plan.by();
        match self.payload(&router, time, run) {
            Ok(payload) => {
                let delivery = Delivery::new(from, &id, to, payload, by, kernel.now());
                router.submit(Delivery { source: Some(self.plan.arn()), ..delivery });
            }
            Err(why) => {
                let line = kernel.note(None, format!("{kind} {}", self.label()));
                kernel.record(Some(line), Actor::Service, What::Lost { why });
            }
        }
    }

    fn payload(&self, router: &Router, time: Timestamp, run: Name) -> Result<Bytes, String> {
        let Plan { account, region, dialect, name, input, .. } = &self.plan;
        let event = || {
            let id = router.kernel().ids(run, "event id").uuid();
            let builder = match dialect {
                Dialect::Rule => ScheduledEvent::rule(name.as_str()),
                Dialect::Scheduler => ScheduledEvent::scheduler(name.as_str()),
            };
            let event = builder.account(account.clone()).region(region.clone()).time(time).id(id).try_build();
            event.map_err(|error| error.to_string())
        };
        let text = match input {
            Input::Default => return Ok(router.printed(event()?)),
            Input::Rule(input) => {
                let event = event()?;
                input.apply(&event, &RuleContext::of(&event)).map_err(|error| error.to_string())?
            }
            Input::Scheduler(text) => {
                let mut context = SchedulerContext::new(self.plan.arn(), time);
                context.execution_id = router.kernel().ids(run, "execution id").lower(16);
                context.fill(text).map_err(|error| error.to_string())?
            }
        };
        Ok(Bytes::from(text))
    }
}
