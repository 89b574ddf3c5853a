//! What only a FIFO queue has: message groups in turn, and the memory of deduplication ids.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::message::Position;
use super::queue::NEVER;

/// How long an id counts as seen: 5 minutes from the first accepted send.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// The groups of a queue. A group that was served goes to the back, so that all get their turn.
#[derive(Debug, Default)]
pub(super) struct Groups {
    groups: BTreeMap<String, Group>,
    turns: BTreeMap<u64, String>,
    next_turn: u64,
}

#[derive(Debug)]
struct Group {
    turn: u64,
    members: BTreeSet<Position>,
}

impl Groups {
    pub(super) fn add(&mut self, group: &str, position: Position) {
        if let Some(group) = self.groups.get_mut(group) {
            group.members.insert(position);
            return;
        }
        let turn = self.next_turn;
        self.next_turn += 1;
        self.turns.insert(turn, group.to_owned());
        self.groups.insert(group.to_owned(), Group { turn, members: BTreeSet::from([position]) });
    }

    pub(super) fn remove(&mut self, group: &str, position: Position) {
        let Some(entry) = self.groups.get_mut(group) else { return };
        entry.members.remove(&position);
        if entry.members.is_empty() {
            self.turns.remove(&entry.turn);
            self.groups.remove(group);
        }
    }

    /// Sends a group to the back.
    pub(super) fn served(&mut self, group: &str) {
        let Some(entry) = self.groups.get_mut(group) else { return };
        self.turns.remove(&entry.turn);
        entry.turn = self.next_turn;
        self.next_turn += 1;
        self.turns.insert(entry.turn, group.to_owned());
    }

    /// The members of each group in order, the group whose turn it is first.
    pub(super) fn in_turn(&self) -> impl Iterator<Item = &BTreeSet<Position>> {
        self.turns.values().filter_map(|group| Some(&self.groups.get(group)?.members))
    }
}

/// The ids that a queue has seen within the window.
#[derive(Debug)]
pub(super) struct Deduplication {
    /// Fixed when the queue is created: AWS shows a later change of the scope but does not act on it.
    scope_is_group: bool,
    seen: BTreeMap<Key, Seen>,
    order: VecDeque<(Timestamp, Key)>,
}

type Key = (Option<String>, String);

/// The first message that was sent with an id.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub message_id: String,
    pub sequence_number: String,
}

impl Deduplication {
    pub(super) fn new(scope_is_group: bool) -> Self {
        Self { scope_is_group, seen: BTreeMap::new(), order: VecDeque::new() }
    }

    fn key(&self, group: &str, id: &str) -> Key {
        (self.scope_is_group.then(|| group.to_owned()), id.to_owned())
    }

    /// Forgets the ids whose window is over.
    pub(super) fn roll(&mut self, now: Timestamp) {
        while let Some((_, key)) = self.order.pop_front_if(|(end, _)| *end <= now && *end < NEVER) {
            self.seen.remove(&key);
        }
    }

    pub(super) fn find(&self, group: &str, id: &str) -> Option<&Seen> {
        self.seen.get(&self.key(group, id))
    }

    pub(super) fn remember(&mut self, now: Timestamp, group: &str, id: &str, seen: Seen) {
        let key = self.key(group, id);
        self.order.push_back((now.checked_add(WINDOW).unwrap_or(NEVER), key.clone()));
        self.seen.insert(key, seen);
    }

    pub(super) fn clear(&mut self) {
        self.seen.clear();
        self.order.clear();
    }
}
