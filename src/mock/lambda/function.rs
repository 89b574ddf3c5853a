//! A registered function: its code, its settings and its execution environments.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;

use super::destination::Side;
use super::environment::{Deployed, Environment, Environments};
use super::event_invoke::EventInvokeConfig;
use super::function_ref::FunctionRef;
use super::log::LogTail;
use super::recursion::RecursiveLoop;
use super::storage::Storage;
use crate::event::Arn;
use crate::history::EntryId;
use crate::iam::Role;
use crate::kernel::Gate;
use crate::lock::Lock;

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>
pub(crate) const LONGEST_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// Of functions on Lambda Managed Instances, for events and batches.
pub(crate) const LONGEST_MANAGED_TIMEOUT: Duration = Duration::from_secs(90 * 60);

/// What can be set on a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How long an invocation may take on the cloud's clock.
    pub timeout: Duration,
    /// How much memory it has, in MB. Nothing is held to it.
    pub memory_size: u32,
    pub description: String,
    /// The environment variables, if anybody has set them.
    pub environment: Option<BTreeMap<String, String>>,
    pub tags: BTreeMap<String, String>,
    /// How asynchronous invocations are retried, and who is told of them; none if nobody has said so.
    pub event_invoke: Option<EventInvokeConfig>,
    /// The queue for asynchronous events that were given up.
    pub dead_letter: Option<Arn>,
    /// How many events may be in the works at once; as many as there are without a limit.
    pub reserved_concurrency: Option<u32>,
    /// As which it asks; without one it may do all that its account may.
    pub role: Option<Arc<Role>>,
    /// Whether it is attached to a VPC without a way to the internet.
    pub in_vpc: bool,
    /// How many events one environment runs at once.
    pub per_environment: u32,
    /// Whether it runs on Lambda Managed Instances.
    pub managed: bool,
    /// Whether each tenant has environments of its own.
    pub per_tenant: bool,
    /// What becomes of it in a loop of requests.
    pub recursive_loop: RecursiveLoop,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            memory_size: 128,
            description: String::new(),
            environment: None,
            tags: BTreeMap::new(),
            event_invoke: None,
            dead_letter: None,
            reserved_concurrency: None,
            role: None,
            in_vpc: false,
            per_environment: 1,
            managed: false,
            per_tenant: false,
            recursive_loop: RecursiveLoop::Terminate,
        }
    }
}

impl Settings {
    /// How long an invocation may take: one that somebody waits for never takes more than 15 minutes.
    pub fn timeout_of(&self, answered: bool) -> Duration {
        if answered { self.timeout.min(LONGEST_TIMEOUT) } else { self.timeout }
    }

    /// How long its timeout may be.
    pub fn longest_timeout(&self) -> Duration {
        if self.managed { LONGEST_MANAGED_TIMEOUT } else { LONGEST_TIMEOUT }
    }

    /// How often a failed asynchronous invocation is tried again.
    pub fn retry_attempts(&self) -> u32 {
        self.event_invoke.as_ref().and_then(|config| config.retry_attempts).unwrap_or(2)
    }

    /// How old an asynchronous event may become before it is given up.
    pub fn maximum_event_age(&self) -> Duration {
        let age = self.event_invoke.as_ref().and_then(|config| config.maximum_event_age);
        age.unwrap_or(Duration::from_secs(6 * 60 * 60))
    }

    /// Who is told how asynchronous invocations end.
    pub fn destination(&self, side: Side) -> Option<&Arn> {
        self.event_invoke.as_ref()?.destination(side)
    }
}

/// One function of one account in one region.
pub(crate) struct Function {
    pub name: Arc<str>,
    /// What names it, without a qualifier.
    pub named: FunctionRef,
    pub arn: Arn,
    changing: Lock<Changing>,
}

struct Changing {
    /// Those that are busy, by the lines of their invocations.
    running: BTreeMap<EntryId, Running>,
    settings: Arc<Settings>,
    /// When the code or the configuration was last changed.
    last_modified: Timestamp,
    environments: Environments,
    /// Where invocations wait before the handler runs.
    gate: Option<Gate>,
}

/// What an invocation has while it runs.
struct Running {
    storage: Arc<Storage>,
    /// Of those only whose caller wants it.
    log_tail: Option<Arc<LogTail>>,
}

impl Function {
    pub fn new(named: &FunctionRef, deployed: Deployed, now: Timestamp) -> Self {
        let changing = Changing {
            running: BTreeMap::new(),
            settings: Arc::default(),
            last_modified: now,
            environments: Environments::new(deployed),
            gate: None,
        };
        let (name, arn) = (named.name.as_str().into(), named.arn());
        Self { name, named: named.clone(), arn, changing: Lock::new(changing) }
    }

    /// What is set now. Asked for each request of a function, so nothing is copied.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.changing().settings)
    }

    /// Changes the settings. An invocation in flight keeps those that it began with.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(Arc::make_mut(&mut self.changing().settings));
    }

    /// When the code or the configuration was last changed.
    pub fn last_modified(&self) -> Timestamp {
        self.changing().last_modified
    }

    /// Changes what UpdateFunctionConfiguration sets: from now on events run in new environments.
    pub fn configure(&self, now: Timestamp, change: impl FnOnce(&mut Settings)) {
        let mut changing = self.changing();
        change(Arc::make_mut(&mut changing.settings));
        changing.last_modified = now;
        let replaced = changing.environments.renew();
        drop(changing);
        drop(replaced); // outside the lock: what a handler captured may call back
    }

    /// Replaces the code: from now on events run in new environments. An invocation in flight keeps the old one.
    pub fn deploy(&self, deployed: Deployed, now: Timestamp) {
        let mut changing = self.changing();
        changing.last_modified = now;
        let replaced = changing.environments.deploy(deployed);
        drop(changing);
        drop(replaced);
    }

    /// The gate of the function, which `make` makes if there is none yet.
    pub fn gate_or(&self, make: impl FnOnce() -> Gate) -> Gate {
        self.changing().gate.get_or_insert_with(make).clone()
    }

    pub fn gate(&self) -> Option<Gate> {
        self.changing().gate.clone()
    }

    /// Whether another event would be throttled: as many are in the works as the function's concurrency allows.
    pub fn is_busy(&self) -> bool {
        self.changing().is_busy()
    }

    /// Whether any event is in the works.
    pub fn is_running(&self) -> bool {
        self.changing().environments.busy() > 0
    }

    /// Whether it would make a difference to run the next event, of this tenant, in a fresh environment.
    pub fn has_warm_environment(&self, tenant: Option<&str>) -> bool {
        let changing = self.changing();
        changing.environments.are_told_apart(changing.settings.per_environment, tenant)
    }

    /// An environment for one event, of this tenant; none when the function is [busy](Self::is_busy).
    pub fn take_environment(&self, fresh: bool, tenant: Option<&str>) -> Option<Environment> {
        let mut changing = self.changing();
        let most = changing.settings.per_environment;
        (!changing.is_busy()).then(|| changing.environments.take(fresh, most, tenant))
    }

    /// The invocation with this line runs in the environment.
    pub fn began(&self, line: EntryId, environment: &Environment, log_tail: Option<Arc<LogTail>>) {
        let storage = Arc::clone(environment.storage());
        self.changing().running.insert(line, Running { storage, log_tail });
    }

    /// Whether the invocation with this line runs.
    pub fn runs(&self, line: EntryId) -> bool {
        self.changing().running.contains_key(&line)
    }

    /// The storage of the environment in which the invocation with this line runs.
    pub fn storage_of(&self, line: EntryId) -> Option<Arc<Storage>> {
        self.changing().running.get(&line).map(|running| Arc::clone(&running.storage))
    }

    /// The end of the log of the invocation with this line, if its caller wants it.
    pub fn log_tail_of(&self, line: EntryId) -> Option<Arc<LogTail>> {
        self.changing().running.get(&line)?.log_tail.clone()
    }

    /// The invocation with this line has ended; see [`Environments::give_back`].
    #[must_use]
    pub fn give_environment_back(&self, line: EntryId, environment: Environment, sound: bool) -> Option<Environment> {
        let mut changing = self.changing();
        changing.running.remove(&line);
        changing.environments.give_back(environment, sound)
    }

    fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock()
    }
}

impl Changing {
    fn is_busy(&self) -> bool {
        self.settings.reserved_concurrency.is_some_and(|most| self.environments.busy() >= most)
    }
}
