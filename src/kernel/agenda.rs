//! All future work, ordered by due time and then by the order in which it was added.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// What an entry means for the question "is there work left?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A delivery, a retry, a poll: `drain` runs until none is left.
    Work,
    /// Recurring rules and housekeeping: fires when due, but nobody waits for it.
    Background,
    /// A sleep, a long poll or the deadline of an invocation in flight: goes when the invocation ends.
    Turn,
}

/// Names one entry, for cancelling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntryId {
    due: Timestamp,
    sequence: u64,
}

/// One thing to do at one instant.
#[derive(Debug)]
pub(crate) struct Entry<A> {
    pub kind: Kind,
    pub label: String,
    pub action: A,
}

/// The ordered list of what is to be done; generic in the action so that it can be tested alone.
#[derive(Debug)]
pub(crate) struct Agenda<A> {
    entries: BTreeMap<EntryId, Entry<A>>,
    next_sequence: u64,
}

impl<A> Agenda<A> {
    pub fn new() -> Self {
        Self { entries: BTreeMap::new(), next_sequence: 0 }
    }

    /// Adds an entry behind all others that are due at the same instant.
    pub fn add(&mut self, due: Timestamp, entry: Entry<A>) -> EntryId {
        let id = EntryId { due, sequence: self.next_sequence };
        self.next_sequence += 1;
        self.entries.insert(id, entry);
        id
    }

    /// Takes an entry out; `None` when it has run or was cancelled before.
    pub fn cancel(&mut self, id: EntryId) -> Option<Entry<A>> {
        self.entries.remove(&id)
    }

    /// When the first entry is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.entries.keys().next().map(|id| id.due)
    }

    /// Takes out the first entry if it is due by `now`.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<Entry<A>> {
        let first = self.entries.first_entry()?;
        (first.key().due <= now).then(|| first.remove())
    }

    /// Whether any entry counts as work.
    pub fn has_work(&self) -> bool {
        self.entries.values().any(|entry| entry.kind == Kind::Work)
    }

    /// The entries in order, with their due times.
    pub fn iter(&self) -> impl Iterator<Item = (Timestamp, &Entry<A>)> {
        self.entries.iter().map(|(id, entry)| (id.due, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(action: usize, kind: Kind) -> Entry<usize> {
        Entry { kind, label: String::new(), action }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
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
                        ids.push(agenda.add(at(due), entry(number, kind)));
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
                        prop_assert_eq!(agenda.pop_due(at(now)).map(|e| e.action), expected.map(|e| e.1));
                        model.retain(|e| Some(*e) != expected);
                    }
                }
                prop_assert_eq!(agenda.has_work(), model.iter().any(|e| e.2));
                prop_assert_eq!(agenda.next_due(), model.iter().map(|e| at(e.0)).min());
                prop_assert_eq!(agenda.iter().count(), model.len());
            }
        }
    }
}
