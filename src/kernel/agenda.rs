//! All future work, ordered by due time and then by the order in which it was added.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use jiff::Timestamp;

use crate::history::EntryId;

/// What an entry means for the questions "is there work left?" and "may it start now?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A delivery, a retry, a poll: `drain` runs until none is left.
    Work,
    /// Recurring rules and housekeeping: fires when due, but nobody waits for it.
    Background,
    /// What time alone changes in a mock, such as messages that become visible, or a batching window that ends. It may
    /// wake an invocation that waits for it, and `drain` waits for it too: a delayed message has not arrived before.
    Change,
    /// A sleep, a long poll or the deadline of an invocation in flight: goes when the invocation ends.
    Turn,
}

impl Kind {
    /// Whether `drain` goes on until it has run.
    pub fn is_work(self) -> bool {
        matches!(self, Self::Work | Self::Change)
    }

    /// Whether it may run before others that are due at the same time: the cloud promises no order of deliveries, but
    /// time does not run backwards.
    pub fn may_be_reordered(self) -> bool {
        matches!(self, Self::Work | Self::Background)
    }

    /// Whether an invocation in flight may be waiting for it.
    fn moves_invocations(self) -> bool {
        matches!(self, Self::Change | Self::Turn)
    }
}

/// Names one entry, for cancelling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlannedId {
    due: Timestamp,
    sequence: u64,
}

impl PlannedId {
    /// When it is due.
    pub fn due(self) -> Timestamp {
        self.due
    }
}

/// One thing to do at one instant.
#[derive(Debug)]
pub(crate) struct Entry<A> {
    pub kind: Kind,
    pub label: Arc<str>,
    /// The line of the timeline that it is about.
    pub about: Option<EntryId>,
    pub action: A,
}

#[derive(Debug)]
struct Planned<A> {
    entry: Entry<A>,
    /// Whether it was due when it was planned, and not only because time had passed: a consequence of what ran.
    at_once: bool,
}

/// The ordered list of what is to be done; generic in the action so that it can be tested alone.
///
/// A driving call that has reached its time finishes what is in flight and starts nothing that becomes due meanwhile. So
/// an agenda can hold back what is due after an instant, its *horizon*. Entries that run because of what is in flight
/// are not held back: those that were planned for the very instant, and those that an invocation may be waiting for.
#[derive(Debug)]
pub(crate) struct Agenda<A> {
    entries: BTreeMap<PlannedId, Planned<A>>,
    next_sequence: u64,
    horizon: Option<Timestamp>,
    /// What recurs and is due after this is held back too.
    recurring_until: Option<Timestamp>,
    /// The thread that runs a change beyond the horizon: what it plans becomes due by the passing of time.
    passing: Option<ThreadId>,
}

impl<A> Agenda<A> {
    pub fn new() -> Self {
        Self { entries: BTreeMap::new(), next_sequence: 0, horizon: None, recurring_until: None, passing: None }
    }

    /// Adds an entry behind all others that are due at the same instant.
    pub fn add(&mut self, now: Timestamp, due: Timestamp, entry: Entry<A>) -> PlannedId {
        let by_time = self.passing.is_some_and(|thread| thread == thread::current().id());
        let id = PlannedId { due: due.max(now), sequence: self.next_sequence };
        self.next_sequence += 1;
        self.entries.insert(id, Planned { entry, at_once: due <= now && !by_time });
        id
    }

    /// Whether an entry is there.
    pub fn contains(&self, id: PlannedId) -> bool {
        self.entries.contains_key(&id)
    }

    /// Takes an entry out; `None` when it has run or was cancelled before.
    pub fn cancel(&mut self, id: PlannedId) -> Option<Entry<A>> {
        self.entries.remove(&id).map(|planned| planned.entry)
    }

    /// From now on holds back what is due after `horizon`; nothing if there is none.
    pub fn hold_after(&mut self, horizon: Option<Timestamp>) {
        (self.horizon, self.passing) = (horizon, None);
    }

    /// From now on holds back what recurs and is due after `time`; nothing if there is none.
    pub fn hold_recurring_after(&mut self, time: Option<Timestamp>) {
        self.recurring_until = time;
    }

    /// When the next entry that may run is due. What only an invocation may wait for counts if one is `in_flight`.
    pub fn next_due(&self, now: Timestamp, in_flight: bool) -> Option<Timestamp> {
        let waited_for = |kind: Kind| in_flight && kind.moves_invocations();
        let mut entries = self.entries.iter();
        let next = entries.find(|(id, planned)| self.may_run(id, planned, now) || waited_for(planned.entry.kind));
        next.map(|(id, _)| id.due)
    }

    /// The entries of which any may run first: the first that is due, and those behind it that may be reordered.
    pub fn enabled(&self, now: Timestamp) -> impl Iterator<Item = (PlannedId, &Entry<A>)> {
        let due = self.entries.iter().take_while(move |(id, _)| id.due <= now);
        let due = due.filter(move |(id, planned)| self.may_run(id, planned, now));
        let enabled =
            due.enumerate().filter(|(place, (_, planned))| *place == 0 || planned.entry.kind.may_be_reordered());
        enabled.map(|(_, (id, planned))| (*id, &planned.entry))
    }

    /// Takes out an entry in order to run it, if it has not been cancelled.
    pub fn begin(&mut self, id: PlannedId) -> Option<Entry<A>> {
        let planned = self.entries.remove(&id)?;
        let beyond = !planned.at_once && self.is_beyond(id);
        self.passing = (beyond && matches!(planned.entry.kind, Kind::Change)).then(|| thread::current().id());
        Some(planned.entry)
    }

    /// The entry that was begun has run.
    pub fn end(&mut self) {
        self.passing = None;
    }

    /// Whether any entry counts as work.
    pub fn has_work(&self) -> bool {
        self.entries.values().any(|planned| planned.entry.kind.is_work())
    }

    /// The entries in order, with their due times.
    pub fn iter(&self) -> impl Iterator<Item = (Timestamp, &Entry<A>)> {
        self.entries.iter().map(|(id, planned)| (id.due, &planned.entry))
    }

    fn is_beyond(&self, id: PlannedId) -> bool {
        self.horizon.is_some_and(|horizon| id.due > horizon)
    }

    fn may_run(&self, id: &PlannedId, planned: &Planned<A>, now: Timestamp) -> bool {
        if planned.entry.kind == Kind::Background && self.recurring_until.is_some_and(|until| id.due > until) {
            return false;
        }
        !self.is_beyond(*id) || planned.at_once || (id.due <= now && planned.entry.kind.moves_invocations())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(action: usize, kind: Kind) -> Entry<usize> {
        Entry { kind, label: "".into(), about: None, action }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn take_first(agenda: &mut Agenda<usize>, now: i64) -> Option<usize> {
        let first = agenda.enabled(at(now)).next()?.0;
        agenda.begin(first).map(|entry| entry.action)
    }

    #[derive(Debug, Clone)]
    enum Step {
        Add { due: i64, work: bool },
        Cancel { which: usize },
        Pop { now: i64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..20i64, any::<bool>()).prop_map(|(due, work)| Step::Add { due, work }),
            (0..40usize).prop_map(|which| Step::Cancel { which }),
            (0..20i64).prop_map(|now| Step::Pop { now }),
        ]
    }

    proptest! {
        /// The model is an unordered list that is searched from the front for the smallest due time.
        #[test]
        fn entries_leave_in_order_of_due_time_then_insertion(steps in prop::collection::vec(step(), 0..80)) {
            let mut agenda = Agenda::new();
            let mut model: Vec<(i64, usize, bool)> = Vec::new();
            let mut ids = Vec::new();
            for step in steps {
                match step {
                    Step::Add { due, work } => {
                        let number = ids.len();
                        let kind = if work { Kind::Work } else { Kind::Background };
                        ids.push(agenda.add(at(0), at(due), entry(number, kind)));
                        model.push((due, number, work));
                    }
                    Step::Cancel { which } => {
                        let Some(id) = ids.get(which) else { continue };
                        let found = model.iter().position(|(_, number, _)| *number == which);
                        prop_assert_eq!(agenda.cancel(*id).map(|e| e.action), found.map(|i| model.remove(i).1));
                    }
                    Step::Pop { now } => {
                        let first = model.iter().min_by_key(|(due, number, _)| (*due, *number)).copied();
                        let expected = first.filter(|(due, ..)| *due <= now);
                        prop_assert_eq!(take_first(&mut agenda, now), expected.map(|e| e.1));
                        model.retain(|e| Some(*e) != expected);
                    }
                }
                prop_assert_eq!(agenda.has_work(), model.iter().any(|e| e.2));
                prop_assert_eq!(agenda.next_due(at(0), false), model.iter().map(|e| at(e.0)).min());
                prop_assert_eq!(agenda.iter().count(), model.len());
            }
        }
    }

    #[test]
    fn what_may_be_reordered_may_run_before_a_turn_but_a_turn_only_in_its_place() {
        let mut agenda = Agenda::new();
        for (number, kind) in [Kind::Work, Kind::Turn, Kind::Background, Kind::Work].into_iter().enumerate() {
            agenda.add(at(0), at(1), entry(number, kind));
        }
        agenda.add(at(0), at(2), entry(4, Kind::Work));
        let enabled = |agenda: &Agenda<usize>| agenda.enabled(at(1)).map(|(_, entry)| entry.action).collect::<Vec<_>>();
        assert_eq!(enabled(&agenda), [0, 2, 3]);
        take_first(&mut agenda, 1);
        assert_eq!(enabled(&agenda), [1, 2, 3]);
    }

    #[test]
    fn beyond_the_horizon_runs_only_what_an_invocation_may_wait_for_and_what_follows_from_it() {
        let mut agenda = Agenda::new();
        agenda.hold_after(Some(at(5)));
        agenda.add(at(0), at(5), entry(0, Kind::Work));
        agenda.add(at(0), at(6), entry(1, Kind::Work));
        agenda.add(at(0), at(7), entry(2, Kind::Change));
        assert_eq!(agenda.next_due(at(5), false), Some(at(5)));
        assert_eq!(take_first(&mut agenda, 5), Some(0));
        assert_eq!(agenda.next_due(at(5), false), None, "nobody is in flight");
        assert_eq!(agenda.next_due(at(5), true), Some(at(7)));

        assert_eq!(take_first(&mut agenda, 7), Some(2));
        agenda.add(at(7), at(7), entry(3, Kind::Work));
        agenda.end();
        assert_eq!(take_first(&mut agenda, 7), None, "it was planned by a change that time alone made");
        agenda.add(at(7), at(7), entry(4, Kind::Work));
        assert_eq!(take_first(&mut agenda, 7), Some(4), "it was planned by an invocation");
        agenda.hold_after(None);
        assert_eq!(take_first(&mut agenda, 7), Some(1));
    }
}
