//! The history while it grows.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use super::name::Name;
use super::{Actor, Entry, EntryId, History, Outcome, Source, What};
use crate::event::Arn;
use crate::lock::Lock;

/// Takes entries down, names them, and closes them when their outcome is known.
#[derive(Debug)]
pub(crate) struct Recorder {
    start: Timestamp,
    /// How many entries are kept, for servers that live long; tests keep all.
    limit: Option<usize>,
    list: Lock<List>,
}

#[derive(Debug, Default)]
struct List {
    entries: VecDeque<Entry>,
    /// How many entries were dropped at the front.
    dropped: u64,
    /// How many equals there are, by cause and by what their names begin with.
    ordinals: BTreeMap<(Option<EntryId>, Name), u32>,
    /// The invocations that ended and what triggers made of their answers, in the order in which they did.
    ended: VecDeque<EntryId>,
    /// How many of `ended` were dropped at the front.
    ended_dropped: usize,
    /// The last refused request under each entry.
    refused: BTreeMap<EntryId, EntryId>,
}

impl Recorder {
    pub fn new(start: Timestamp, limit: Option<usize>) -> Self {
        // What a small test writes, in one piece.
        let list = List { entries: VecDeque::with_capacity(16), ..List::default() };
        Self { start, limit: limit.map(|limit| limit.max(1)), list: Lock::new(list) }
    }

    pub fn write(&self, at: Timestamp, cause: Option<EntryId>, actor: Actor, what: What) -> EntryId {
        let (kind, subject) = what.named();
        self.locked(|list| {
            let name = list.name(cause, kind, &subject);
            list.push(self.limit, at, cause, actor, what, name)
        })
    }

    /// Writes an entry under a name that was made before, as the further attempts of one logical call are.
    pub fn write_named(&self, at: Timestamp, cause: Option<EntryId>, actor: Actor, what: What, name: Name) -> EntryId {
        self.locked(|list| list.push(self.limit, at, cause, actor, what, name))
    }

    /// The name of the next thing of this kind and subject under `cause`.
    pub fn name(&self, cause: Option<EntryId>, kind: &str, subject: &str) -> Name {
        self.locked(|list| list.name(cause, kind, subject))
    }

    /// Says what came of an entry. One that was dropped meanwhile is gone.
    pub fn close(&self, id: EntryId, outcome: Outcome) {
        self.locked(|list| {
            let ended = matches!(outcome, Outcome::Succeeded { .. } | Outcome::Failed { .. });
            let refused = matches!(outcome, Outcome::Answered { error: Some(_), .. });
            if let Some(entry) = list.get_mut(id) {
                entry.outcome = outcome;
                let cause = entry.cause.filter(|_| refused);
                if ended {
                    list.ended.push_back(id);
                }
                if let Some(cause) = cause {
                    list.refused.insert(cause, id);
                }
            }
        });
    }

    /// Adds a line to the log of an invocation. That of one that was dropped meanwhile is gone.
    pub fn log(&self, id: EntryId, line: String) {
        self.locked(|list| {
            if let Some(entry) = list.get_mut(id) {
                entry.logs.push(line);
            }
        });
    }

    pub fn name_of(&self, id: EntryId) -> Name {
        self.locked(|list| list.get(id).map_or(Name::ROOT, |entry| entry.name))
    }

    /// Looks at one entry; none when it was dropped.
    pub fn with<R>(&self, id: EntryId, look: impl FnOnce(&Entry) -> R) -> Option<R> {
        self.locked(|list| list.get(id).map(look))
    }

    /// Looks at the entries, oldest first, while they are locked.
    pub fn look<R>(&self, look: impl FnOnce(&mut dyn Iterator<Item = &Entry>) -> R) -> R {
        self.locked(|list| look(&mut list.entries.iter()))
    }

    /// Looks at the invocations that ended, and at what triggers made of their answers, after the first `seen` of these, in
    /// the order in which they did: each with the number of those before it, and an invocation with the last of its requests
    /// that was refused. Returns how many there are.
    pub fn look_at_ended(&self, seen: usize, mut look: impl FnMut(usize, &Entry, Option<&Entry>)) -> usize {
        self.locked(|list| {
            let from = seen.saturating_sub(list.ended_dropped);
            for (place, id) in list.ended.iter().enumerate().skip(from) {
                if let Some(entry) = list.get(*id) {
                    let refused = list.refused.get(&entry.id).and_then(|refused| list.get(*refused));
                    look(list.ended_dropped + place, entry, refused);
                }
            }
            list.ended_dropped + list.ended.len()
        })
    }

    /// How many invocations have ended, and verdicts on their answers.
    pub fn ended(&self) -> usize {
        self.locked(|list| list.ended_dropped + list.ended.len())
    }

    /// The name that the next entry gets.
    pub fn next_id(&self) -> EntryId {
        self.locked(|list| list.next_id())
    }

    /// The function of an invocation, if another invocation of it is among the causes since `began`.
    pub fn caused_by_itself(&self, id: EntryId, began: Option<EntryId>) -> Option<Arn> {
        self.locked(|list| {
            let own = list.get(id)?;
            let function = own.function()?;
            let mut causes = list.upwards(Some(own)).skip(1).take_while(|cause| Some(cause.id) >= began);
            causes.any(|entry| entry.function() == Some(function)).then(|| function.clone())
        })
    }

    pub fn snapshot(&self) -> History {
        self.locked(|list| History::new(self.start, list.entries.iter().cloned().collect(), list.dropped))
    }

    /// Whether an event about this object (`bucket/key`) led to an entry.
    pub fn stems_from(&self, id: EntryId, object: &str) -> bool {
        let is_about = |entry: &Entry| match &entry.what {
            What::Delivery(delivery) => match &delivery.from {
                Source::Object { bucket, key, .. } => object.split_once('/') == Some((bucket, key)),
                _ => false,
            },
            _ => false,
        };
        self.locked(|list| list.upwards(list.get(id)).any(is_about))
    }

    /// The last `count` entries, and those that led to `end`, else to the very last.
    pub fn tail(&self, count: usize, end: Option<EntryId>) -> (History, Vec<Entry>) {
        self.locked(|list| {
            let skipped = list.entries.len().saturating_sub(count);
            let tail = list.entries.iter().skip(skipped).cloned().collect();
            let end = end.and_then(|end| list.get(end)).or(list.entries.back());
            let mut path: Vec<Entry> = list.upwards(end).cloned().collect();
            path.reverse();
            (History::new(self.start, tail, list.dropped + skipped as u64), path)
        })
    }

    fn locked<R>(&self, work: impl FnOnce(&mut List) -> R) -> R {
        work(&mut self.list.lock())
    }
}

impl List {
    /// An entry and what led to it, from it upwards.
    fn upwards<'l>(&'l self, from: Option<&'l Entry>) -> impl Iterator<Item = &'l Entry> {
        std::iter::successors(from, |entry| self.get(entry.cause?))
    }

    fn name(&mut self, cause: Option<EntryId>, kind: &str, subject: &str) -> Name {
        let above = cause.and_then(|cause| self.get(cause)).map_or(Name::ROOT, |entry| entry.name);
        let base = above.under(kind, subject);
        // Of a cause that was dropped nothing is counted any more.
        let ordinal = self.ordinals.entry((cause.filter(|cause| cause.0 >= self.dropped), base)).or_default();
        let name = base.nth(*ordinal);
        *ordinal += 1;
        name
    }

    fn push(
        &mut self,
        limit: Option<usize>,
        at: Timestamp,
        cause: Option<EntryId>,
        actor: Actor,
        what: What,
        name: Name,
    ) -> EntryId {
        let id = self.next_id();
        if what.is_verdict() {
            self.ended.push_back(id);
        }
        self.entries.push_back(Entry { id, cause, at, actor, what, outcome: Outcome::Open, logs: Vec::new(), name });
        while limit.is_some_and(|limit| self.entries.len() > limit) {
            if let Some(oldest) = self.entries.pop_front() {
                let below = (Some(oldest.id), Name::LEAST)..(Some(EntryId(oldest.id.0 + 1)), Name::LEAST);
                let counted: Vec<_> = self.ordinals.range(below).map(|(key, _)| *key).collect();
                for key in &counted {
                    self.ordinals.remove(key);
                }
                self.refused.remove(&oldest.id);
                self.dropped += 1;
            }
            while self.ended.front().is_some_and(|ended| ended.0 < self.dropped) {
                self.ended.pop_front();
                self.ended_dropped += 1;
            }
        }
        id
    }

    fn next_id(&self) -> EntryId {
        EntryId(self.dropped + self.entries.len() as u64)
    }

    fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(id.place(self.dropped)?)
    }

    fn get_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        self.entries.get_mut(id.place(self.dropped)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> What {
        What::Note(text.to_owned())
    }

    #[test]
    fn equals_under_one_cause_are_counted_and_others_are_not() {
        let recorder = Recorder::new(Timestamp::UNIX_EPOCH, None);
        let write = |cause, text| recorder.write(Timestamp::UNIX_EPOCH, cause, Actor::Test, note(text));
        let (a, other, b) = (write(None, "a"), write(None, "other"), write(None, "a"));
        assert_eq!(recorder.name_of(a), Name::ROOT.under("note", "a").nth(0));
        assert_eq!(recorder.name_of(b), Name::ROOT.under("note", "a").nth(1));
        assert_eq!(recorder.name_of(other), Name::ROOT.under("note", "other").nth(0));
        assert_ne!(recorder.name_of(write(Some(a), "a")), recorder.name_of(write(Some(b), "a")));
    }

    #[test]
    fn a_limited_history_keeps_the_newest_entries_and_their_ids() {
        let recorder = Recorder::new(Timestamp::UNIX_EPOCH, Some(3));
        let mut ids = Vec::new();
        for number in 0..10_u32 {
            let cause = ids.last().copied();
            ids.push(recorder.write(Timestamp::UNIX_EPOCH, cause, Actor::Test, note(&number.to_string())));
        }
        let kept: Vec<EntryId> = recorder.snapshot().entries().iter().map(|entry| entry.id).collect();
        assert_eq!(kept, ids[7..]);
        recorder.close(ids[0], Outcome::Unanswered { why: "gone" });
        recorder.close(ids[9], Outcome::Unanswered { why: "kept" });
        assert_eq!(recorder.snapshot().entries()[2].outcome, Outcome::Unanswered { why: "kept" });
        assert!(recorder.snapshot().timeline().to_string().contains("7 earlier entries"));
        let counted = recorder.list.lock().ordinals.keys().filter(|(cause, _)| cause.is_some()).count();
        assert!(counted <= 3, "what was dropped is not counted any more: {counted}");
    }
}
