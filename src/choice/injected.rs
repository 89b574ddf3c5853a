//! The faults that a test has injected, beside the plan: each counts the requests that it stands for, and those that it hit.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "slack")]
use super::fault::ScriptedAnswer;
use super::fault::{Effect, Fault};
use super::pattern::fits;
use super::{At, Deviation};
use crate::history::Actor;
use crate::lock::Lock;

/// All faults of a cloud, in the order in which they were injected.
#[derive(Debug, Default)]
pub(crate) struct Injections {
    rules: Lock<Vec<Arc<Rule>>>,
}

/// A fault that was injected, or an answer that was scripted for a place; see [`Cloud::inject`](crate::Cloud::inject).
#[derive(Debug, Clone)]
pub struct InjectedFault {
    rule: Arc<Rule>,
}

impl InjectedFault {
    pub(crate) fn new(rule: Arc<Rule>) -> Self {
        Self { rule }
    }

    /// How many requests it has hit so far.
    pub fn hits(&self) -> usize {
        self.rule.hits() as usize
    }

    /// Ends it: from now on it hits nothing.
    ///
    /// ```
    /// # use lambda_testkit::{Cloud, Fault};
    /// let cloud = Cloud::start();
    /// let inbox = cloud.bucket("inbox");
    /// let outage = cloud.inject(Fault::on("s3.*").always().refuse("ServiceUnavailable"));
    /// assert!(inbox.try_put("a", "a").is_err());
    /// outage.lift();
    /// inbox.put("a", "a");
    /// ```
    pub fn lift(&self) {
        self.rule.lift();
    }
}

/// How somebody asks, as far as it says which faults he can meet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking {
    /// Whether an invocation asks, that may hang or crash.
    pub inside: bool,
    /// Whether he asks over a socket: the driver cannot see when such a one has got an answer, and would move the clock on.
    pub over_socket: bool,
}

/// One fault that was injected.
#[derive(Debug)]
pub(crate) struct Rule {
    pub fault: Fault,
    /// Where.
    pub by: &'static Location<'static>,
    count: Lock<Count>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    /// The requests that it stands for.
    met: u32,
    hits: u32,
    lifted: bool,
}

/// The faults that one request may meet.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Arc<Rule>>);

impl Injections {
    pub fn add(&self, fault: Fault, by: &'static Location<'static>) -> Arc<Rule> {
        let rule = Arc::new(Rule { fault, by, count: Lock::default() });
        self.rules.lock().push(Arc::clone(&rule));
        rule
    }

    /// The faults that a request may meet; counts it for all that stand for it. Asked once for each request.
    pub fn meet(&self, at: &At, asking: Asking) -> Faults {
        let rules = self.rules.lock();
        Faults(rules.iter().filter(|rule| rule.meet(at, asking)).cloned().collect())
    }

    /// The faults that no request has met, unless that may be.
    pub fn never_hit(&self) -> Vec<Arc<Rule>> {
        let rules = self.rules.lock();
        rules.iter().filter(|rule| !rule.fault.optional && rule.hits() == 0).cloned().collect()
    }
}

impl Rule {
    /// How many requests it has hit.
    pub fn hits(&self) -> u32 {
        self.count.lock().hits
    }

    /// How many requests it stands for have come.
    pub fn met(&self) -> u32 {
        self.count.lock().met
    }

    /// From now on it hits nothing.
    pub fn lift(&self) {
        self.count.lock().lifted = true;
    }

    /// Whether the request may be hit: it is one that the fault stands for, and not one before the first to be hit.
    fn meet(&self, at: &At, asking: Asking) -> bool {
        if !self.stands_for(at, asking) {
            return false;
        }
        let mut count = self.count.lock();
        count.met = count.met.saturating_add(1);
        count.met >= self.fault.place.nth
    }

    fn stands_for(&self, at: &At, asking: Asking) -> bool {
        let place = &self.fault.place;
        let (operation, resource) = at.label.split_once(' ').unwrap_or((&at.label, ""));
        let is_resource = || place.resource.as_ref().is_none_or(|pattern| fits(pattern, resource));
        let is_by = || match &place.function {
            Some(function) => matches!(&at.actor, Actor::Function(name) if **name == **function),
            None => true,
        };
        let is_possible = || match &self.fault.effect {
            Effect::Before(Deviation::Hangs) | Effect::After(Deviation::Crash) => asking.inside,
            Effect::Latency(_) => !asking.over_socket,
            _ => true,
        };
        place.is_for(operation) && is_resource() && is_by() && is_possible()
    }

    fn is_spent(&self, count: Count) -> bool {
        count.lifted || self.fault.place.times.is_some_and(|times| count.hits >= times)
    }

    /// Takes one of the hits that are left.
    fn hit(&self) -> bool {
        let mut count = self.count.lock();
        let hits = !self.is_spent(*count);
        count.hits = count.hits.saturating_add(u32::from(hits));
        hits
    }
}

impl Faults {
    fn hit<'a, T>(&'a self, pick: impl Fn(&'a Effect) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(|rule| pick(&rule.fault.effect).filter(|_| rule.hit()))
    }

    /// What happens before the work.
    pub fn before(&self) -> Option<&Deviation> {
        self.hit(|effect| match effect {
            Effect::Before(deviation) => Some(deviation),
            _ => None,
        })
    }

    /// What happens after the work.
    pub fn after(&self) -> Option<&Deviation> {
        self.hit(|effect| match effect {
            Effect::After(deviation) => Some(deviation),
            _ => None,
        })
    }

    /// How much later the answer comes.
    pub fn latency(&self) -> Option<Duration> {
        self.hit(|effect| match effect {
            Effect::Latency(time) => Some(*time),
            _ => None,
        })
    }

    /// Which of so many entries of a batch fail, counted from 0.
    pub fn failing(&self, entries: usize) -> Vec<usize> {
        let failing = self.hit(|effect| match effect {
            Effect::Entries(failing) => {
                let failing: Vec<usize> = failing.iter().copied().filter(|entry| *entry < entries).collect();
                Some(failing).filter(|failing| !failing.is_empty())
            }
            _ => None,
        });
        failing.unwrap_or_default()
    }

    /// What the service answers in place of its work.
    #[cfg(feature = "slack")]
    pub fn answer(&self) -> Option<&ScriptedAnswer> {
        self.hit(|effect| match effect {
            Effect::Answer(answer) => Some(answer),
            _ => None,
        })
    }

    /// The fault that would have somebody wait who cannot.
    pub fn waits(&self) -> Option<&Fault> {
        let waits = |rule: &&Arc<Rule>| {
            let waits = matches!(rule.fault.effect, Effect::Latency(_) | Effect::Before(Deviation::Hangs));
            waits && !rule.is_spent(*rule.count.lock())
        };
        self.0.iter().find(waits).map(|rule| &rule.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::PointKind;
    use crate::history::Name;

    fn request(label: &str, function: Option<&str>) -> At {
        let actor = function.map_or(Actor::Test, |name| Actor::Function(name.into()));
        At { name: Name::ROOT, kind: PointKind::Before, label: label.into(), actor }
    }

    const OUTSIDE: Asking = Asking { inside: false, over_socket: false };
    const INSIDE: Asking = Asking { inside: true, over_socket: false };

    fn injected(fault: Fault) -> (Injections, Arc<Rule>) {
        let injections = Injections::default();
        let rule = injections.add(fault, Location::caller());
        (injections, rule)
    }

    #[test]
    fn the_requests_before_the_nth_go_by_and_so_many_are_hit() {
        let (injections, rule) = injected(Fault::on("s3.PutObject").resource("box").nth(2).times(2).reset());
        let put = |label: &str| injections.meet(&request(label, None), OUTSIDE).before().is_some();
        let came = ["box/a", "else/a", "box/b", "box/c", "box/d"].map(|key| put(&format!("s3.PutObject {key}")));
        assert_eq!(came, [false, false, true, true, false]);
        assert!(!put("s3.GetObject box/a") && !put("s3.PutObjectTagging box/a"));
        assert_eq!((rule.hits(), rule.met()), (2, 4));
        assert!(injections.never_hit().is_empty());
    }

    #[test]
    fn faults_of_one_place_come_one_after_the_other() {
        let injections = Injections::default();
        for code in ["SlowDown", "InternalError"] {
            injections.add(Fault::on("s3.*").refuse(code), Location::caller());
        }
        let put = || {
            let faults = injections.meet(&request("s3.PutObject box/a", None), OUTSIDE);
            faults.before().map(ToString::to_string)
        };
        assert_eq!([put(), put(), put()], [Some("SlowDown".to_owned()), Some("InternalError".to_owned()), None]);
    }

    #[test]
    fn only_the_function_that_was_named_and_only_those_who_can_crash_are_hit() {
        let (injections, rule) = injected(Fault::on("s3.PutObject").by("copy").crash_after());
        let put = |function, asking| injections.meet(&request("s3.PutObject b/a", function), asking).after().is_some();
        assert!(!put(None, OUTSIDE) && !put(Some("other"), INSIDE) && !put(Some("copy"), OUTSIDE));
        assert_eq!(rule.met(), 0);
        assert!(put(Some("copy"), INSIDE));
    }

    #[test]
    fn a_fault_that_was_lifted_hits_nothing_and_one_that_need_not_be_hit_is_not_told() {
        let (injections, rule) = injected(Fault::on("s3.PutObject").always().reset());
        rule.lift();
        assert!(injections.meet(&request("s3.PutObject b/a", None), OUTSIDE).before().is_none());
        assert_eq!(injections.never_hit().len(), 1);
        assert!(injected(Fault::on("s3.PutObject").reset().optional()).0.never_hit().is_empty());
    }

    #[test]
    fn entries_that_a_batch_does_not_have_do_not_count_as_a_hit() {
        let (injections, rule) = injected(Fault::on("sqs.SendMessageBatch").fail_entries([1, 3, 9]));
        let send = |entries| injections.meet(&request("sqs.SendMessageBatch line", None), OUTSIDE).failing(entries);
        assert_eq!(send(1), Vec::<usize>::new());
        assert_eq!(rule.hits(), 0);
        assert_eq!((send(4), rule.hits()), (vec![1, 3], 1));
        assert_eq!(send(4), Vec::<usize>::new());
    }
}
