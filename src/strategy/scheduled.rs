//! Scheduled events.

use std::sync::Arc;

use super::draws::Draws;
use super::place::{ACCOUNTS, REGIONS, UnknownMembers, time, unknown_members};
use super::tree::Generate;
use super::{choices, strategy, text};
use crate::event::{AccountId, Region, ScheduledEvent};

/// A strategy for scheduled events: of EventBridge rules and of EventBridge Scheduler, which differ in more than their
/// source. For schedules with input of their own see [`scheduled_input`](super::scheduled_input).
///
/// # Example
///
/// ```
/// use lambda_testkit::strategy::{sample, scheduled_event};
///
/// let event = sample(&scheduled_event().rules().names(["nightly"]), 7, 0);
/// assert!(event.resources[0].ends_with(":rule/nightly"));
/// ```
pub fn scheduled_event() -> ScheduledEvents {
    ScheduledEvents { parameters: Arc::new(Parameters::default()) }
}

/// The strategy of [`scheduled_event`]. Its methods narrow down what it yields.
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct ScheduledEvents {
    parameters: Arc<Parameters>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Rules,
    Scheduler,
    Both,
}

#[derive(Debug, Clone)]
struct Parameters {
    origin: Origin,
    names: Option<Vec<String>>,
    accounts: Vec<AccountId>,
    regions: Vec<Region>,
    unknown: UnknownMembers,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            origin: Origin::Both,
            names: None,
            accounts: ACCOUNTS.clone(),
            regions: REGIONS.clone(),
            unknown: UnknownMembers::default(),
        }
    }
}

impl ScheduledEvents {
    fn set(mut self, change: impl FnOnce(&mut Parameters)) -> Self {
        change(Arc::make_mut(&mut self.parameters));
        self
    }

    /// Events of EventBridge rules only.
    pub fn rules(self) -> Self {
        self.set(|parameters| parameters.origin = Origin::Rules)
    }

    /// Events of EventBridge Scheduler only.
    pub fn scheduler(self) -> Self {
        self.set(|parameters| parameters.origin = Origin::Scheduler)
    }

    /// The names of the rules and schedules. Default any.
    ///
    /// # Panics
    ///
    /// If there is none, or AWS would not take one (1 to 64 letters, digits, periods, hyphens and underscores).
    #[track_caller]
    pub fn names(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = choices("names", names.into_iter().map(Into::into));
        for name in &names {
            if let Err(error) = ScheduledEvent::rule(name.as_str()).try_build() {
                panic!("{error}");
            }
        }
        self.set(|parameters| parameters.names = Some(names))
    }

    /// The accounts. Default four.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn accounts(self, accounts: impl IntoIterator<Item = AccountId>) -> Self {
        let accounts = choices("accounts", accounts);
        self.set(|parameters| parameters.accounts = accounts)
    }

    /// The regions. Default six of the three partitions.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn regions(self, regions: impl IntoIterator<Item = Region>) -> Self {
        let regions = choices("regions", regions);
        self.set(|parameters| parameters.regions = regions)
    }

    unknown_members!();

    pub(super) fn with_unknown(self, unknown: UnknownMembers) -> Self {
        self.set(|parameters| parameters.unknown = unknown)
    }
}

impl Generate for ScheduledEvents {
    type Value = ScheduledEvent;

    fn generate(&self, source: &mut Draws<'_>) -> ScheduledEvent {
        let parameters = &*self.parameters;
        let scheduler = match parameters.origin {
            Origin::Rules => false,
            Origin::Scheduler => true,
            Origin::Both => source.one_in(2),
        };
        let name = match &parameters.names {
            Some(names) => source.pick(names).clone(),
            None if source.one_in(32) => "n".repeat(64),
            None => text::word(source),
        };
        let builder = match scheduler {
            false => ScheduledEvent::rule(name),
            true if source.one_in(4) => ScheduledEvent::scheduler(name).group(text::word(source)),
            true => ScheduledEvent::scheduler(name),
        };
        let mut builder = builder
            .time(time(source))
            .region(source.pick(&parameters.regions).clone())
            .account(source.pick(&parameters.accounts).clone());
        // The simplest id is the one that follows from the rest.
        if source.up_to(7) > 0 {
            builder = builder.id(text::uuid(source));
        }
        let mut event = builder.try_build().expect("the builder takes what is chosen");
        parameters.unknown.add(source, &mut event.unknown);
        event
    }
}

strategy!(ScheduledEvents);
