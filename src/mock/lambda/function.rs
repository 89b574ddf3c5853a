//! A registered function: its versions and aliases, and what is said of it as a whole.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};

use jiff::Timestamp;

use super::alias::{Alias, Route};
use super::environment::{Deployed, Environment, Environments};
use super::event_invoke::EventInvokeConfig;
use super::function_ref::FunctionRef;
use super::log::LogTail;
use super::package::Package;
use super::policy::FunctionPolicy;
use super::settings::Settings;
use super::storage::Storage;
use super::version::{Version, VersionId, VersionState};
use crate::event::Arn;
use crate::history::EntryId;
use crate::kernel::Gate;
use crate::lock::Lock;

/// A function that is to be made.
pub(crate) struct NewFunction {
    pub deployed: Deployed,
    pub settings: Settings,
    pub package: Option<Package>,
    pub tags: BTreeMap<String, String>,
}

impl NewFunction {
    /// As handles make it.
    pub fn of(deployed: Deployed) -> Self {
        Self { deployed, settings: Settings::default(), package: None, tags: BTreeMap::new() }
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

pub(super) struct Changing {
    /// Those that are busy, by the lines of their invocations.
    running: BTreeMap<EntryId, Running>,
    /// How many events are in the works, of all versions together.
    busy: u32,
    /// `$LATEST` is always there.
    pub(super) versions: BTreeMap<VersionId, Version>,
    /// How many versions were published.
    pub(super) published: u64,
    pub(super) aliases: BTreeMap<String, Alias>,
    /// How asynchronous invocations are retried, and who is told of them, by qualifier; not those of which nobody has said so.
    event_invoke: BTreeMap<String, Arc<EventInvokeConfig>>,
    /// How many events may be in the works at once; as many as there are without a limit.
    reserved_concurrency: Option<u32>,
    tags: BTreeMap<String, String>,
    /// How many changes there were: each has a revision of its own.
    revisions: u32,
    /// The policy of the function itself by `$LATEST`, and those of its versions and aliases by their names.
    policies: BTreeMap<String, Arc<FunctionPolicy>>,
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
    pub fn new(named: &FunctionRef, new: NewFunction, now: Timestamp) -> Self {
        let NewFunction { deployed, settings, package, tags } = new;
        let latest = Version {
            settings: Arc::new(settings),
            package,
            last_modified: now,
            revision: 1,
            deployment: 1,
            published_from: None,
            environments: Environments::new(deployed),
        };
        let changing = Changing {
            running: BTreeMap::new(),
            busy: 0,
            versions: BTreeMap::from([(VersionId::Latest, latest)]),
            published: 0,
            aliases: BTreeMap::new(),
            event_invoke: BTreeMap::new(),
            reserved_concurrency: None,
            tags,
            revisions: 1,
            policies: BTreeMap::new(),
            gate: None,
        };
        let (name, arn) = (named.name.as_str().into(), named.arn());
        Self { name, named: named.by(None), arn, changing: Lock::new(changing) }
    }

    /// What `$LATEST` is set to now. Asked for each request of a function, so nothing is copied.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.changing().latest().settings)
    }

    /// What a version is set to, if there is one.
    pub fn settings_of(&self, version: VersionId) -> Option<Arc<Settings>> {
        self.changing().versions.get(&version).map(|version| Arc::clone(&version.settings))
    }

    /// A version as it is described, if there is one.
    pub fn version(&self, id: VersionId) -> Option<VersionState> {
        self.changing().versions.get(&id).map(|version| version.state(id))
    }

    /// `$LATEST` as it is described.
    pub fn latest(&self) -> VersionState {
        self.changing().latest().state(VersionId::Latest)
    }

    /// All versions: `$LATEST`, and those that were published, in order.
    pub fn versions(&self) -> Vec<VersionState> {
        self.changing().versions.iter().map(|(id, version)| version.state(*id)).collect()
    }

    /// Changes the settings of `$LATEST`. An invocation in flight keeps those that it began with.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        let mut changing = self.changing();
        let revision = changing.revise();
        let latest = changing.latest_mut();
        change(Arc::make_mut(&mut latest.settings));
        latest.revision = revision;
    }

    /// The policy of the function or, by its name, of a version or an alias.
    pub fn policy(&self, qualifier: &str) -> Option<Arc<FunctionPolicy>> {
        self.changing().policies.get(qualifier).cloned()
    }

    /// Changes the policy of the function, of a version or of an alias to what `change` makes of it.
    pub fn change_policy<E>(
        &self,
        qualifier: &str,
        change: impl FnOnce(Option<&FunctionPolicy>) -> Result<Option<FunctionPolicy>, E>,
    ) -> Result<(), E> {
        let policies = &mut self.changing().policies;
        match change(policies.get(qualifier).map(|policy| &**policy))? {
            Some(policy) => policies.insert(qualifier.to_owned(), Arc::new(policy)),
            None => policies.remove(qualifier),
        };
        Ok(())
    }

    /// Changes what UpdateFunctionConfiguration sets: from now on events run in new environments.
    pub fn configure(&self, now: Timestamp, change: impl FnOnce(&mut Settings)) {
        self.change(change);
        self.renew(now, |_| {});
    }

    /// Replaces the package, of which nothing runs: the handler stays as it is, in new environments.
    pub fn upload(&self, package: Package, architecture: Option<String>, now: Timestamp) {
        self.change(|settings| {
            if let Some(architecture) = architecture {
                settings.program.architecture = architecture;
            }
        });
        self.renew(now, |latest| latest.package = Some(package));
    }

    fn renew(&self, now: Timestamp, change: impl FnOnce(&mut Version)) {
        let mut changing = self.changing();
        let latest = changing.latest_mut();
        latest.last_modified = now;
        change(latest);
        let replaced = latest.environments.renew();
        drop(changing);
        drop(replaced); // outside the lock: what a handler captured may call back
    }

    /// Replaces the code of `$LATEST`: from now on events run in new environments. An invocation in flight keeps the old one.
    ///
    /// Versions that have no code yet get this one: it is what they were published with, as far as anybody knows.
    pub fn deploy(&self, deployed: &Deployed, now: Timestamp) {
        let mut changing = self.changing();
        let mut replaced = Vec::new();
        if !changing.latest().environments.deployed().is_missing() {
            let revision = changing.revise();
            let latest = changing.latest_mut();
            (latest.last_modified, latest.revision) = (now, revision);
            latest.deployment += 1;
            replaced.push(latest.environments.deploy(deployed.clone()));
        }
        let missing = changing.versions.values_mut().filter(|version| version.environments.deployed().is_missing());
        replaced.extend(missing.map(|version| version.environments.deploy(deployed.clone())));
        drop(changing);
        drop(replaced);
    }

    /// How many events may be in the works at once, if that is limited.
    pub fn reserved_concurrency(&self) -> Option<u32> {
        self.changing().reserved_concurrency
    }

    pub fn reserve(&self, most: Option<u32>) {
        self.changing().reserved_concurrency = most;
    }

    pub fn tags(&self) -> BTreeMap<String, String> {
        self.changing().tags.clone()
    }

    pub fn change_tags(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) {
        change(&mut self.changing().tags);
    }

    /// What becomes of asynchronous invocations by this qualifier, if anybody has said so.
    pub fn event_invoke(&self, qualifier: &str) -> Option<Arc<EventInvokeConfig>> {
        self.changing().event_invoke.get(qualifier).cloned()
    }

    /// The same of all qualifiers of which anybody has said so.
    pub fn event_invokes(&self) -> Vec<(String, Arc<EventInvokeConfig>)> {
        self.changing().event_invoke.clone().into_iter().collect()
    }

    pub fn set_event_invoke(&self, qualifier: &str, config: Option<EventInvokeConfig>) {
        let mut changing = self.changing();
        match config {
            Some(config) => changing.event_invoke.insert(qualifier.to_owned(), Arc::new(config)),
            None => changing.event_invoke.remove(qualifier),
        };
    }

    /// The gate of the function, which `make` makes if there is none yet.
    pub fn gate_or(&self, make: impl FnOnce() -> Gate) -> Gate {
        self.changing().gate.get_or_insert_with(make).clone()
    }

    pub fn gate(&self) -> Option<Gate> {
        self.changing().gate.clone()
    }

    /// Whether another event would be throttled: as many are in the works, of all versions together, as the function's
    /// concurrency allows.
    pub fn is_busy(&self) -> bool {
        self.changing().is_busy()
    }

    /// Whether any event is in the works.
    pub fn is_running(&self) -> bool {
        self.changing().busy > 0
    }

    /// Whether it would make a difference to run the next event of a version, of this tenant, in a fresh environment.
    pub fn has_warm_environment(&self, version: VersionId, tenant: Option<&str>) -> bool {
        let changing = self.changing();
        let version = changing.versions.get(&version);
        version.is_some_and(|version| version.environments.are_told_apart(version.settings.per_environment, tenant))
    }

    /// An environment for one event of a version, of this tenant, and what that is set to; none when the function is
    /// [busy](Self::is_busy), or the version gone.
    pub fn take_environment(
        &self,
        id: VersionId,
        fresh: bool,
        tenant: Option<&str>,
    ) -> Option<(Environment, Arc<Settings>)> {
        let mut changing = self.changing();
        if changing.is_busy() {
            return None;
        }
        let version = changing.versions.get_mut(&id)?;
        let environment = version.environments.take(fresh, version.settings.per_environment, tenant);
        let settings = Arc::clone(&version.settings);
        changing.busy += 1;
        Some((environment, settings))
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

    /// The invocation with this line, of a version, has ended; see [`Environments::give_back`].
    #[must_use]
    pub fn give_environment_back(
        &self,
        line: EntryId,
        (id, environment): (VersionId, Environment),
        sound: bool,
    ) -> Option<Environment> {
        let mut changing = self.changing();
        changing.running.remove(&line);
        changing.busy -= 1;
        match changing.versions.get_mut(&id) {
            Some(version) => version.environments.give_back(environment, sound),
            None => Some(environment),
        }
    }

    /// Which version an invocation by this qualifier runs; none if there is no such version or alias.
    pub fn route(&self, qualifier: &str) -> Option<Route> {
        let changing = self.changing();
        match VersionId::parse(qualifier) {
            Some(version) => changing.versions.contains_key(&version).then_some(Route::To(version)),
            None => changing.aliases.get(qualifier).map(Alias::route),
        }
    }

    pub(super) fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock()
    }
}

impl Changing {
    fn is_busy(&self) -> bool {
        self.reserved_concurrency.is_some_and(|most| self.busy >= most)
    }

    pub(super) fn latest(&self) -> &Version {
        self.versions.get(&VersionId::Latest).expect("a function is made with $LATEST, which nothing takes away")
    }

    fn latest_mut(&mut self) -> &mut Version {
        self.versions.get_mut(&VersionId::Latest).expect("a function is made with $LATEST, which nothing takes away")
    }

    /// The revision of a change.
    pub(super) fn revise(&mut self) -> u32 {
        self.revisions += 1;
        self.revisions
    }

    /// Forgets what was said of asynchronous invocations by a qualifier that is gone.
    pub(super) fn forget(&mut self, qualifier: &str) {
        self.event_invoke.remove(qualifier);
    }
}
