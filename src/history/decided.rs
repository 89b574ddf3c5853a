//! The decisions of triggers, put together from what was written down: what they decided, and what became of it.

use std::collections::BTreeMap;

use super::entry::stopped;
use super::explain::{Decision, Kind};
use super::{Entry, EntryId, Outcome, RefusedWith, RequestInfo, Source, What};

/// Why an event that was given up is told to nobody.
const UNTOLD: &str = "the function has neither a destination for failures nor a dead-letter queue";

/// All decisions, in order.
pub(super) fn decided<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Decision> {
    let mut found = Found::default();
    entries.for_each(|entry| found.look_at(entry));
    found.decisions.into_iter().filter(|found| !found.hidden).map(|found| found.decision).collect()
}

#[derive(Default)]
struct Found<'a> {
    decisions: Vec<One>,
    /// The decisions by their entries.
    places: BTreeMap<EntryId, usize>,
    /// The queues to which entries have sent messages, and the functions for which they had events.
    asked: BTreeMap<EntryId, &'a str>,
}

struct One {
    decision: Decision,
    throttled: u32,
    /// Whether something else is said in its place.
    hidden: bool,
}

impl<'a> Found<'a> {
    fn look_at(&mut self, entry: &'a Entry) {
        match &entry.what {
            What::Missed(decision) => self.add(entry, (**decision).clone()),
            // S3 tries a new configuration out: no trigger decides that.
            What::Delivery(delivery) if matches!(delivery.from, Source::TestEvent { .. }) => {}
            What::Delivery(delivery) => {
                if let Some(given_up) = self.caused(entry) {
                    // A record of the event says so.
                    given_up.hidden |= given_up.decision.missed.as_deref() == Some(UNTOLD);
                }
                self.add(entry, Decision::about(delivery, entry.at));
            }
            What::Request(request) => self.look_at_request(entry, request),
            What::GivenUp { function, why, .. } => {
                let change = format!("an event for {function} is given up: {why}");
                let missed = Some(UNTOLD.to_owned());
                let decision = event(entry, change, format!("{function} → nobody"), "dead letter", "");
                self.add(entry, Decision { missed, ..decision });
            }
            What::Moved { to } => {
                let from = entry.cause.and_then(|cause| self.asked.get(&cause)).copied().unwrap_or("a queue");
                let change = format!("a message in {from} was received too often");
                self.add(entry, event(entry, change, format!("{from} → {to}"), "redrive", to));
            }
            What::Lost { why } => self.hinder_event(entry, format!("what it handed on is lost: {why}")),
            What::Kept { kept, of, why, .. } => {
                let why = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                self.hinder(entry, format!("{kept} of {of} kept for redelivery{why}"));
            }
            What::Ignored { why, .. } => self.hinder(entry, format!("the answer is ignored: {why}")),
            What::Throttled { then, .. } => {
                if let Some(one) = self.caused(entry) {
                    one.throttled += 1;
                    let times = if one.throttled > 1 { format!(" {} times", one.throttled) } else { String::new() };
                    one.decision.hindered = Some(format!("the function was throttled{times}, {then}"));
                }
            }
            What::Stopped { invocations, .. } => {
                // What nobody has handed on was asked for: that is in the answer.
                self.hinder(entry, stopped(*invocations));
            }
            What::Invocation(_) | What::Joined { .. } | What::Note(_) => {}
        }
    }

    fn look_at_request(&mut self, entry: &'a Entry, request: &'a RequestInfo) {
        match (request.service, &*request.operation) {
            ("sqs", "SendMessage" | "SendMessageBatch") => {
                self.asked.insert(entry.id, &request.resource);
                if let Some(one) = self.caused(entry).filter(|one| one.decision.trigger_id == "dead letter") {
                    // If it was refused, it is lost: that is said below.
                    let Decision { trigger, to, missed, .. } = &mut one.decision;
                    let function = trigger.split(" → ").next().unwrap_or_default();
                    (*trigger, *to) = (format!("{function} → {}", request.resource), request.resource.clone());
                    *missed = None;
                    one.hidden = false;
                }
            }
            ("lambda", "Invoke") => {
                self.asked.insert(entry.id, &request.resource);
                let Outcome::Answered { error: Some(RefusedWith { code, message }), .. } = &entry.outcome else {
                    return;
                };
                if !code.starts_with("AccessDenied") {
                    return;
                }
                let caller = request.caller.as_deref();
                let account = caller.map_or("nobody", |caller| caller.account.as_str());
                let trigger = format!("{account} → {}", request.resource);
                let change = format!("Invoke of {}", request.resource);
                let decision = event(entry, change, trigger, "invoke", &request.resource);
                self.add(entry, Decision { missed: Some(message.clone()), ..decision });
            }
            _ => {}
        }
    }

    fn add(&mut self, entry: &Entry, decision: Decision) {
        self.places.insert(entry.id, self.decisions.len());
        self.decisions.push(One { decision, throttled: 0, hidden: false });
    }

    /// The decision that led to an entry.
    fn caused(&mut self, entry: &Entry) -> Option<&mut One> {
        let place = *self.places.get(&entry.cause?)?;
        self.decisions.get_mut(place)
    }

    /// Something came in the way of what a trigger, or somebody by an Invoke, handed on.
    fn hinder_event(&mut self, entry: &Entry, how: String) {
        let by_invoke = entry.cause.filter(|cause| !self.places.contains_key(cause));
        if let Some(function) = by_invoke.and_then(|cause| self.asked.get(&cause)).copied() {
            let (change, trigger) = (format!("an event for {function}"), format!("event → {function}"));
            let decision = event(entry, change, trigger, "invoke", function);
            return self.add(entry, Decision { hindered: Some(how), ..decision });
        }
        self.hinder(entry, how);
    }

    /// Something came in the way of what a trigger handed on.
    fn hinder(&mut self, entry: &Entry, how: String) {
        if let Some(one) = self.caused(entry) {
            let so_far = one.decision.hindered.take();
            one.decision.hindered = Some(so_far.map_or(how.clone(), |so_far| format!("{so_far}; {how}")));
        }
    }
}

/// What a function or a queue does with an event or a message by itself.
fn event(entry: &Entry, change: String, trigger: String, trigger_id: &str, to: &str) -> Decision {
    Decision {
        at: entry.at,
        change,
        trigger,
        trigger_id: trigger_id.to_owned(),
        to: to.to_owned(),
        missed: None,
        hindered: None,
        kind: Kind::Events,
    }
}
