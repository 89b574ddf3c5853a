//! The buses of all accounts and regions, what was put there, and their rules.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use super::BusRule;
use crate::event::{AccountId, Arn, EventBridgeEvent, Json, Region};
use crate::history::{RefusedWith, RequestInfo};
use crate::iam::Policy;
use crate::lock::Lock;
use crate::mock::http::{
    Answer, Asked, Doing, Effect, Fault, Incoming, Parsed, Service, ServiceFault, Wire, operation,
};

const NAME: &str = "events";
/// What the resource of a bus begins with.
const BUS: &str = "event-bus/";
/// The bus that every account has in every region.
pub(crate) const DEFAULT: &str = "default";

/// The event buses of one cloud.
#[derive(Debug, Default)]
pub(crate) struct EventBuses(Lock<BTreeMap<Arn, Bus>>);

#[derive(Debug, Default)]
struct Bus {
    events: Vec<EventBridgeEvent<Json>>,
    /// By their names.
    rules: BTreeMap<String, BusRule>,
}

/// There is no such bus.
#[derive(Debug)]
pub(crate) struct NoBus(String);

impl EventBuses {
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
        self.0.lock().entry(arn.clone()).or_default();
    }

    pub fn exists(&self, arn: &Arn) -> bool {
        Self::name_in(arn) == Some(DEFAULT) || self.0.lock().contains_key(arn)
    }

    /// Puts an event on a bus.
    ///
    /// # Errors
    ///
    /// [`NoBus`].
    pub fn put(&self, bus: &Arn, event: EventBridgeEvent<Json>) -> Result<(), NoBus> {
        if !self.exists(bus) {
            return Err(NoBus(Self::name_in(bus).unwrap_or_default().to_owned()));
        }
        self.0.lock().entry(bus.clone()).or_default().events.push(event);
        Ok(())
    }

    /// What was put on a bus, in order.
    pub fn events(&self, bus: &Arn) -> Vec<EventBridgeEvent<Json>> {
        self.0.lock().get(bus).map(|bus| bus.events.clone()).unwrap_or_default()
    }

    /// Puts a rule on a bus, in the place of the one of its name.
    pub fn put_rule(&self, bus: &Arn, rule: BusRule) {
        self.0.lock().entry(bus.clone()).or_default().rules.insert(rule.name.clone(), rule);
    }

    /// The rules of a bus, by their names.
    pub fn rules(&self, bus: &Arn) -> Vec<BusRule> {
        self.0.lock().get(bus).map(|bus| bus.rules.values().cloned().collect()).unwrap_or_default()
    }

    /// The rules of all buses, with their buses.
    pub fn all_rules(&self) -> Vec<(Arn, BusRule)> {
        let buses = self.0.lock();
        let of =
            |(arn, bus): (&Arn, &Bus)| bus.rules.values().map(|rule| (arn.clone(), rule.clone())).collect::<Vec<_>>();
        buses.iter().flat_map(of).collect()
    }

    /// Changes a rule, if there is one of this name.
    pub fn change_rule(&self, bus: &Arn, name: &str, change: impl FnOnce(&mut BusRule)) {
        if let Some(rule) = self.0.lock().get_mut(bus).and_then(|bus| bus.rules.get_mut(name)) {
            change(rule);
        }
    }

    pub fn remove_rule(&self, bus: &Arn, name: &str) {
        if let Some(bus) = self.0.lock().get_mut(bus) {
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

    /// The buses that were created or used, with what was put there.
    pub fn contents(&self) -> BTreeMap<Arn, Vec<EventBridgeEvent<Json>>> {
        self.0.lock().iter().map(|(arn, bus)| (arn.clone(), bus.events.clone())).collect()
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

/// The gateway does not have it: only services of the cloud put events.
impl Service for EventBuses {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wire(&self) -> Wire {
        Wire::Json
    }

    fn claims(&self, _: &Parts) -> bool {
        false
    }

    fn parse(self: Arc<Self>, incoming: Incoming) -> Doing<Parsed> {
        let info = RequestInfo::new(NAME, operation(&incoming.request), &incoming.region);
        let refused = |_| async { Answer::refused(Response::new(Bytes::new()), "NotImplemented", "not mocked") };
        Box::pin(async move { Parsed::new(info, refused) })
    }

    /// The ARN alone says whose bus it is, whether there is one or not.
    fn policies(&self, info: &RequestInfo, _: &str, _: Asked<'_>) -> Option<Vec<Policy>> {
        Some(vec![Policy::Owner(info.arn.as_ref()?.account()?.clone())])
    }

    fn effect(&self, _: &str) -> Effect {
        Effect::Write
    }

    fn faults(&self, _: &str) -> &'static [Fault] {
        &[]
    }
}
