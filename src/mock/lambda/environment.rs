//! Execution environments: what a function keeps between its invocations, and how many of them run at once.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::handler::{Handler, HandlerFuture};
use super::storage::Storage;
use crate::event::invoke::{FunctionError, InvocationContext};

/// A handler without its shape.
pub(crate) type Code = Arc<dyn Fn(Bytes, InvocationContext) -> HandlerFuture + Send + Sync>;

pub(crate) fn code<Shape>(handler: impl Handler<Shape>) -> Code {
    Arc::new(move |payload, context| handler.call(payload, context))
}

/// Where environments have their handlers from.
#[derive(Clone)]
pub(crate) enum Deployed {
    /// One for all: what it has captured outlives each of them.
    Shared(Code),
    /// One for each, made by its cold start.
    Made(Arc<dyn Fn() -> Code + Send + Sync>),
    /// From nowhere: the function of this name was created through the API, and nobody has bound a handler to it yet.
    Missing(Arc<str>),
}

impl Deployed {
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }
}

/// What runs where no handler is.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>
fn nothing(name: &Arc<str>) -> Code {
    let message = format!(
        "{name} was created through the API and has no code to run here: give it some by cloud.bind({:?}, handler)",
        &**name
    );
    Arc::new(move |_, _| {
        let error = FunctionError::new("Runtime.InvalidEntrypoint", message.clone());
        Box::pin(std::future::ready(Err(error)))
    })
}

/// One environment, in the hands of whoever runs an event in it. It takes one at a time, unless the function has it take several.
#[derive(Clone)]
pub(crate) struct Environment {
    /// Counted from 1 for each version of a function.
    pub number: u32,
    /// Whose events alone it runs; none where tenants are not told apart.
    tenant: Option<Arc<str>>,
    deployed: Deployed,
    /// Whether the event is its first.
    pub cold: bool,
    /// The handler, once a cold start has made it.
    made: Arc<OnceLock<Code>>,
    log_stream: Arc<OnceLock<String>>,
    storage: Arc<Storage>,
}

/// What the future of an invocation needs of its environment.
pub(super) struct Start {
    deployed: Deployed,
    made: Arc<OnceLock<Code>>,
}

impl Start {
    /// Whether the handler is still to be made.
    pub fn is_cold(&self) -> bool {
        matches!(self.deployed, Deployed::Made(_)) && self.made.get().is_none()
    }

    /// The handler. Runs the maker of the test, if there is one and it has not made it yet.
    pub fn handler(&self) -> &Code {
        self.made.get_or_init(|| match &self.deployed {
            Deployed::Shared(code) => Arc::clone(code),
            Deployed::Made(make) => make(),
            Deployed::Missing(name) => nothing(name),
        })
    }
}

impl Environment {
    pub(super) fn start(&self) -> Start {
        Start { deployed: self.deployed.clone(), made: Arc::clone(&self.made) }
    }

    /// The log stream of all its invocations, which the first of them makes.
    pub(super) fn log_stream(&self, make: impl FnOnce() -> String) -> &str {
        self.log_stream.get_or_init(make)
    }

    pub(super) fn storage(&self) -> &Arc<Storage> {
        &self.storage
    }
}

/// An environment and how many events it runs now.
struct Live {
    environment: Environment,
    events: u32,
}

/// The environments of one version of a function.
pub(super) struct Environments {
    deployed: Deployed,
    /// Those that take more events, by number.
    live: BTreeMap<u32, Live>,
    /// The numbers of those, by how many events they run now: thousands may be busy at once.
    by_events: BTreeMap<u32, BTreeSet<u32>>,
    made: u32,
    /// What environments that crashed or timed out have left: only their memory is gone, and the next ones, of the same tenant,
    /// find the rest.
    left: VecDeque<(Option<Arc<str>>, Arc<Storage>)>,
}

impl Environments {
    pub fn new(deployed: Deployed) -> Self {
        Self { deployed, live: BTreeMap::new(), by_events: BTreeMap::new(), made: 0, left: VecDeque::new() }
    }

    /// Where the next ones have their handlers from.
    pub fn deployed(&self) -> &Deployed {
        &self.deployed
    }

    /// Whether it would make a difference to take a new environment instead of one that is there for this tenant, each of which
    /// runs at most so many events at once.
    pub fn are_told_apart(&self, most: u32, tenant: Option<&str>) -> bool {
        let warm = self.with_room(most, tenant).and_then(|number| self.live.get(&number)).map(|live| &live.environment);
        warm.is_some_and(|warm| matches!(self.deployed, Deployed::Made(_)) || warm.storage.is_used())
    }

    /// An environment for one event of this tenant: the first of his that runs fewer than `most` events if there is any and a
    /// `fresh` one is not wanted, else a new one.
    pub fn take(&mut self, fresh: bool, most: u32, tenant: Option<&str>) -> Environment {
        let warm = self.with_room(most, tenant).filter(|_| !fresh);
        if let Some(live) = warm.and_then(|number| self.live.get_mut(&number)) {
            let (number, events) = (live.environment.number, live.events);
            live.events += 1;
            let environment = live.environment.clone();
            self.moved(number, Some(events), Some(events + 1));
            return environment;
        }
        self.made += 1;
        let left = self.left.iter().position(|(of, _)| !fresh && of.as_deref() == tenant);
        let storage = left.and_then(|place| self.left.remove(place)).map(|(_, storage)| storage);
        let environment = Environment {
            number: self.made,
            tenant: tenant.map(Arc::from),
            deployed: self.deployed.clone(),
            cold: true,
            made: Arc::default(),
            log_stream: Arc::default(),
            storage: storage.unwrap_or_default(),
        };
        let warm = Environment { cold: false, ..environment.clone() };
        self.live.insert(self.made, Live { environment: warm, events: 1 });
        self.moved(self.made, None, Some(1));
        environment
    }

    /// The first of this tenant that runs fewer than `most` events.
    fn with_room(&self, most: u32, tenant: Option<&str>) -> Option<u32> {
        let is_his =
            |number: &&u32| self.live.get(number).is_some_and(|live| live.environment.tenant.as_deref() == tenant);
        self.by_events.range(..most).filter_map(|(_, numbers)| numbers.iter().find(is_his)).min().copied()
    }

    /// One that ran so many events runs so many now; it is new, or gone, where there is no number.
    fn moved(&mut self, number: u32, from: Option<u32>, to: Option<u32>) {
        if let Some(events) = from
            && let Some(numbers) = self.by_events.get_mut(&events)
        {
            numbers.remove(&number);
        }
        if let Some(events) = to {
            self.by_events.entry(events).or_default().insert(number);
        }
    }

    /// An event has ended. Its environment is ready for another if it is `sound`: one that crashed or timed out is not.
    ///
    /// Returns what is no longer needed, to be dropped where no lock is held: what a handler captured may call back.
    #[must_use]
    pub fn give_back(&mut self, environment: Environment, sound: bool) -> Option<Environment> {
        // That of older code is not among them.
        let Some(live) = self.live.get_mut(&environment.number) else { return Some(environment) };
        let events = live.events;
        live.events -= 1;
        self.moved(environment.number, Some(events), sound.then_some(events - 1));
        if sound {
            return None;
        }
        self.live.remove(&environment.number);
        if environment.storage.is_used() {
            self.left.push_back((environment.tenant.clone(), Arc::clone(&environment.storage)));
        }
        Some(environment)
    }

    /// Replaces the code. An invocation in flight keeps the old one, as on AWS.
    ///
    /// Returns what is no longer needed, as [`give_back`](Self::give_back) does.
    #[must_use]
    pub fn deploy(&mut self, deployed: Deployed) -> (Deployed, Vec<Environment>) {
        (std::mem::replace(&mut self.deployed, deployed), self.renew())
    }

    /// Lets no further event run in the environments that there are.
    ///
    /// Returns what is no longer needed, as [`give_back`](Self::give_back) does.
    #[must_use]
    pub fn renew(&mut self) -> Vec<Environment> {
        self.left.clear();
        self.by_events.clear();
        std::mem::take(&mut self.live).into_values().map(|live| live.environment).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::lambda::HandlerAnswer;

    fn deployed() -> Deployed {
        Deployed::Made(Arc::new(|| {
            Arc::new(|payload, _| Box::pin(std::future::ready(Ok(HandlerAnswer::from(payload)))))
        }))
    }

    #[test]
    fn an_idle_environment_is_taken_again_unless_it_broke_or_a_fresh_one_is_wanted() {
        let mut environments = Environments::new(deployed());
        let first = environments.take(false, 1, None);
        assert!(first.number == 1 && !environments.are_told_apart(1, None));
        assert!(environments.give_back(first, true).is_none() && environments.are_told_apart(1, None));
        let fresh = environments.take(true, 1, None);
        let idle = environments.take(false, 1, None);
        assert_eq!((fresh.number, idle.number), (2, 1));
        assert!(environments.give_back(idle, false).is_some());
        assert!(environments.give_back(fresh, true).is_none());
        let taken = [environments.take(false, 1, None).number, environments.take(false, 1, None).number];
        assert_eq!(taken, [2, 3]);
    }

    #[test]
    fn an_environment_takes_as_many_events_as_it_may_and_a_broken_one_takes_no_more() {
        let mut environments = Environments::new(deployed());
        let taken: Vec<_> = (0..3).map(|_| environments.take(false, 2, None)).collect();
        assert_eq!(taken.iter().map(|taken| taken.number).collect::<Vec<_>>(), [1, 1, 2]);
        let [one, other, second] = <[_; 3]>::try_from(taken).ok().unwrap();
        assert!(environments.give_back(one, false).is_some());
        assert_eq!(environments.take(false, 2, None).number, 2);
        assert!(environments.give_back(other, true).is_some(), "its environment is gone");
        assert!(environments.give_back(second, true).is_none());
    }

    #[test]
    fn no_tenant_gets_what_another_has_used() {
        let mut environments = Environments::new(deployed());
        let (blue, green) = (environments.take(false, 2, Some("blue")), environments.take(false, 2, Some("green")));
        assert_eq!((blue.number, green.number), (1, 2));
        assert_eq!(environments.take(false, 2, Some("green")).number, 2);
        assert!(!environments.are_told_apart(2, Some("red")) && environments.are_told_apart(2, Some("blue")));
        // Nor does he find what one that broke has left.
        environments.left.push_back((Some("blue".into()), Arc::clone(&blue.storage)));
        let red = environments.take(false, 2, Some("red"));
        assert!(!Arc::ptr_eq(&red.storage, &blue.storage));
        assert!(environments.give_back(blue, false).is_some());
        assert_eq!(environments.take(false, 2, Some("blue")).number, 4);
        assert!(environments.left.is_empty(), "it was found");
    }

    #[test]
    fn new_code_runs_in_new_environments() {
        let mut environments = Environments::new(deployed());
        let (idle, running) = (environments.take(false, 1, None), environments.take(false, 1, None));
        assert!(environments.give_back(idle, true).is_none());
        assert_eq!(environments.deploy(deployed()).1.len(), 2);
        assert!(environments.give_back(running, true).is_some());
        assert_eq!(environments.take(false, 1, None).number, 3);
    }

    #[test]
    fn a_handler_is_made_once_for_each_environment() {
        let mut environments = Environments::new(deployed());
        let environment = environments.take(false, 1, None);
        assert!(environment.start().is_cold());
        let made = Arc::clone(environment.start().handler());
        let again = environment.start();
        assert!(!again.is_cold() && Arc::ptr_eq(again.handler(), &made));
        assert!(!Arc::ptr_eq(environments.take(false, 1, None).start().handler(), &made));
    }
}
