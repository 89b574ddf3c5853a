//! Events on buses: put there by services of the cloud, and handed on as the rules of the bus say.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html>

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::Router;
use super::delivery::{Delivery, Target};
use crate::event::invoke::DestinationRecord;
use crate::event::{Arn, EventBridgeEvent, InputError, Json, Region, RuleContext, TargetInput};
use crate::history::{Caller, DeliveryInfo, EntryId, Origin, RequestInfo, Source};
use crate::kernel::{Kind, PlannedId};
use crate::mock::events::{BusRule, EventBuses, HandedOn, Outcome};
use crate::mock::http::{Call, Done};

/// EventBridge's own principal.
const EVENTS: &str = "events.amazonaws.com";

/// The longest event that a bus takes, in bytes: 256 KB until January 2026, and since then 1 MB.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>
const LONGEST_EVENT: usize = 1_048_576;

/// An event on its way to a bus.
#[derive(Debug, Clone)]
pub(super) struct BusEvent {
    pub bus: Arn,
    /// The region of whoever puts it.
    pub region: Region,
    /// Whether it is the record of an invocation that becomes an event only here.
    pub is_record: bool,
    /// Counted from 0 when it comes more than once.
    pub copy: usize,
    /// The trace that goes on with what the event triggers.
    pub trace_header: Option<String>,
}

/// EventBridge, when it acts for a bus of this account.
pub(in crate::cloud) fn event_bridge(bus: &Arn) -> Option<Caller> {
    Some(Caller::service(EVENTS, bus.account()?))
}

impl Router {
    /// Plans that an event is put on a bus.
    pub(super) fn plan_event(
        &self,
        due: Timestamp,
        event: BusEvent,
        by: &Arc<Caller>,
        body: &Bytes,
        line: EntryId,
    ) -> PlannedId {
        let (me, by, body) = (self.me.clone(), Arc::clone(by), body.clone());
        let label = format!("deliver to {}", EventBuses::name_in(&event.bus).unwrap_or_default());
        self.kernel.plan_about(due, Kind::Work, label, Some(line), move || {
            if let Some(me) = me.upgrade() {
                me.put_event(&event, &by, &body, line);
            }
        })
    }

    /// Puts an event on a bus, and hands it on; what is refused is lost.
    fn put_event(&self, event: &BusEvent, by: &Arc<Caller>, body: &Bytes, line: EntryId) {
        if body.len() > LONGEST_EVENT {
            let why = format!("the record has {} bytes, an event has at most {LONGEST_EVENT}", body.len());
            return self.lost(line, why);
        }
        let BusEvent { bus, region, is_record, copy, trace_header } = event;
        let trace_header = trace_header.clone();
        let id = self.kernel.ids_of(line, &format!("event {copy}")).uuid();
        let (caller, origin, size) = (Some(Arc::clone(by)), Origin::Service, body.len());
        let info = RequestInfo { caller, origin, size, ..EventBuses::request(bus, region) };
        let event = if *is_record { self.told(body, bus, id) } else { EventBridgeEvent { id, ..read(body) } };
        let mut cause = None;
        let put = |call: &Call| {
            cause = call.entry;
            self.buses.put(bus, &event).map(Done::plainly)
        };
        match self.pipeline.act(&*self.buses, info, Some(line), put) {
            Err(undone) => self.lost(line, undone.why()),
            Ok(outcomes) => self.hand_on(&HandedOn { bus, event: &event, outcomes, cause, trace_header }),
        }
    }

    /// The event that the record of an invocation becomes.
    fn told(&self, record: &[u8], bus: &Arn, id: String) -> EventBridgeEvent<Json> {
        let record: DestinationRecord = serde_json::from_slice(record).expect("the cloud wrote it");
        let event = record.to_event_bridge(bus).id(id).time(self.now());
        read(&serde_json::to_vec(&event).expect("events have string keys"))
    }

    /// Hands an event on to the targets of the rules that it matches.
    pub fn hand_on(&self, handed_on: &HandedOn<'_>) {
        let HandedOn { bus, event, outcomes, cause, trace_header } = handed_on;
        for Outcome { rule, result } in outcomes {
            let ids = (EventBuses::rule_arn(bus, &rule.name), event_bridge(bus), Target::from_arn(&rule.target));
            let (Some(arn), Some(by), Some(target)) = ids else { continue };
            let (rule_name, source, detail_type) = (rule.name.clone(), event.source.clone(), event.detail_type.clone());
            let from = Source::Event { rule: rule_name, source, detail_type };
            let (id, now) = (arn.to_string(), self.now());
            let info = DeliveryInfo::new(from.clone(), &id, target.name(), target.arn());
            if let Err(why) = result {
                self.missed(*cause, &info, why.clone());
                continue;
            }
            match self.input(rule, event, &RuleContext::new(&arn, now)) {
                Ok(body) => {
                    let delivery = Delivery::new(from, &id, target, body, by, now);
                    let (cause, trace_header) = (*cause, trace_header.clone());
                    self.submit(Delivery { cause, trace_header, source: Some(arn), ..delivery });
                }
                Err(why) => self.lost(self.kernel.note(*cause, info.to_string()), why.to_string()),
            }
        }
    }

    /// What a rule's target gets of an event.
    fn input(
        &self,
        rule: &BusRule,
        event: &EventBridgeEvent<Json>,
        context: &RuleContext,
    ) -> Result<Bytes, InputError> {
        match &rule.input {
            TargetInput::Whole => Ok(self.printed(event.clone())),
            input => input.apply(event, context).map(Bytes::from),
        }
    }
}

fn read(event: &[u8]) -> EventBridgeEvent<Json> {
    serde_json::from_slice(event).expect("an event with any detail reads it")
}
