//! The buses of all accounts and regions, what was put there, and their rules.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::BusRule;
use crate::event::{AccountId, Arn, EventBridgeEvent, Json, Region};
use crate::history::{EntryId, RefusedWith, RequestInfo};
use crate::kernel::Kernel;
use crate::lock::Lock;
use crate::mock::http::ServiceFault;

pub(super) const NAME: &str = "events";
/// What the resource of a bus begins with.
const BUS: &str = "event-bus/";
/// The bus that every account has in every region.
pub(crate) const DEFAULT: &str = "default";

/// Hands on what clients have put on a bus.
pub(crate) type HandOn = Box<dyn Fn(&HandedOn<'_>) + Send + Sync>;

/// An event that is on a bus now, and what its rules make of it.
#[derive(Debug)]
pub(crate) struct HandedOn<'a> {
    pub bus: &'a Arn,
    pub event: &'a EventBridgeEvent<Json>,
    pub outcomes: Vec<Outcome>,
    /// The request that has put it there.
    pub cause: Option<EntryId>,
    pub trace_header: Option<String>,
}

/// What one rule makes of one event.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub rule: BusRule,
    /// `Ok` when it lets the event through; else why not.
    pub result: Result<(), String>,
}

/// The event buses of one cloud.
pub(crate) struct EventBuses {
    pub(super) kernel: Arc<Kernel>,
    buses: Lock<BTreeMap<Arn, Bus>>,
    hand_on: OnceLock<HandOn>,
}

#[derive(Debug, Default)]
struct Bus {
    events: Vec<Kept>,
    /// By their names.
    rules: BTreeMap<String, BusRule>,
}

#[derive(Debug)]
struct Kept {
    event: EventBridgeEvent<Json>,
    /// Whether a rule has handed it on.
    is_handed_on: bool,
}

/// There is no such bus.
#[derive(Debug)]
pub(crate) struct NoBus(String);

impl EventBuses {
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel, buses: Lock::default(), hand_on: OnceLock::new() }
    }

    /// Joins it to whoever hands events on; once, when the cloud is put together.
    pub fn join(&self, hand_on: HandOn) {
        let _ = self.hand_on.set(hand_on);
    }

    /// Tells whoever hands events on of what a client has put.
    pub(super) fn handed_on(&self, handed_on: &HandedOn<'_>) {
        if let Some(hand_on) = self.hand_on.get() {
            hand_on(handed_on);
        }
    }

    /// What names a bus.
    pub fn arn(account: &AccountId, region: &Region, name: &str) -> Arn {
        Arn::regional(NAME, region, account, format!("{BUS}{name}"))
    }

    /// The name in the ARN of a bus.
    pub fn name_in(arn: &Arn) -> Option<&str> {
        arn.resource().strip_prefix(BUS).filter(|_| arn.service() == NAME)
    }

    /// Creates a bus, if there is none.
    pub fn create(&self, arn: &Arn) {
        self.buses.lock().entry(arn.clone()).or_default();
    }

    pub fn exists(&self, arn: &Arn) -> bool {
        Self::name_in(arn) == Some(DEFAULT) || self.buses.lock().contains_key(arn)
    }

    /// Puts an event on a bus, and tells what the rules of the bus make of it.
    ///
    /// # Errors
    ///
    /// [`NoBus`].
    pub fn put(&self, bus: &Arn, event: &EventBridgeEvent<Json>) -> Result<Vec<Outcome>, NoBus> {
        if !self.exists(bus) {
            return Err(NoBus(Self::name_in(bus).unwrap_or_default().to_owned()));
        }
        let outcomes = self.outcomes(bus, event);
        let is_handed_on = outcomes.iter().any(|outcome| outcome.result.is_ok());
        let kept = Kept { event: event.clone(), is_handed_on };
        self.buses.lock().entry(bus.clone()).or_default().events.push(kept);
        Ok(outcomes)
    }

    /// What the rules of a bus make of an event; most buses have none.
    fn outcomes(&self, bus: &Arn, event: &EventBridgeEvent<Json>) -> Vec<Outcome> {
        let rules = self.rules(bus);
        if rules.is_empty() {
            return Vec::new();
        }
        let event: Value = serde_json::to_value(event).expect("events have string keys");
        rules.into_iter().map(|rule| Outcome { result: rule.check(&event), rule }).collect()
    }

    /// What was put on a bus, in order.
    pub fn events(&self, bus: &Arn) -> Vec<EventBridgeEvent<Json>> {
        self.buses
            .lock()
            .get(bus)
            .map(|bus| bus.events.iter().map(|kept| kept.event.clone()).collect())
            .unwrap_or_default()
    }

    /// Puts a rule on a bus, in the place of the one of its name.
    pub fn put_rule(&self, bus: &Arn, rule: BusRule) {
        self.buses.lock().entry(bus.clone()).or_default().rules.insert(rule.name.clone(), rule);
    }

    /// The rules of a bus, by their names.
    pub fn rules(&self, bus: &Arn) -> Vec<BusRule> {
        self.buses.lock().get(bus).map(|bus| bus.rules.values().cloned().collect()).unwrap_or_default()
    }

    /// The rules of all buses, with their buses.
    pub fn all_rules(&self) -> Vec<(Arn, BusRule)> {
        let buses = self.buses.lock();
        let of =
            |(arn, bus): (&Arn, &Bus)| bus.rules.values().map(|rule| (arn.clone(), rule.clone())).collect::<Vec<_>>();
        buses.iter().flat_map(of).collect()
    }

    /// Changes a rule, if there is one of this name.
    pub fn change_rule(&self, bus: &Arn, name: &str, change: impl FnOnce(&mut BusRule)) {
        if let Some(rule) = self.buses.lock().get_mut(bus).and_then(|bus| bus.rules.get_mut(name)) {
            change(rule);
        }
    }

    pub fn remove_rule(&self, bus: &Arn, name: &str) {
        if let Some(bus) = self.buses.lock().get_mut(bus) {
            bus.rules.remove(name);
        }
    }

    /// The ARN of a rule: that of the default bus does not name it.
    pub fn rule_arn(bus: &Arn, name: &str) -> Option<Arn> {
        let of = match Self::name_in(bus)? {
            DEFAULT => String::new(),
            bus => format!("{bus}/"),
        };
        Some(Arn::regional(NAME, bus.region()?, bus.account()?, format!("rule/{of}{name}")))
    }

    /// The buses that were created or used, with what was put there and no rule has handed on.
    pub fn contents(&self) -> BTreeMap<Arn, Vec<EventBridgeEvent<Json>>> {
        let left = |bus: &Bus| {
            let left = bus.events.iter().filter(|kept| !kept.is_handed_on);
            left.map(|kept| kept.event.clone()).collect()
        };
        self.buses.lock().iter().map(|(arn, bus)| (arn.clone(), left(bus))).collect()
    }

    /// A PutEvents of one event, as permissions and the history see it.
    pub fn request(bus: &Arn, region: &Region) -> RequestInfo {
        let name = Self::name_in(bus).unwrap_or_default();
        RequestInfo::new(NAME, "PutEvents", region).on(name, Some(bus.clone())).action("events:PutEvents")
    }
}

impl ServiceFault for NoBus {
    fn status(&self) -> u16 {
        400
    }

    fn refused_with(&self) -> RefusedWith {
        let message = format!("Event bus {} does not exist.", self.0);
        RefusedWith { code: "ResourceNotFoundException".to_owned(), message }
    }
}
