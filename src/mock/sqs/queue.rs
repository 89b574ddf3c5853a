//! One queue: its messages, ordered by arrival, by visibility and by age.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::fifo::{Deduplication, Groups};
use super::message::{Message, Place, Position, QueueCounts, ReceivedMessage, StoredMessage};
use super::queue_id::QueueId;
use super::receipt::Receipt;
use super::settings::Settings;

/// A queue and what is in it. Time is always given; nothing here reads a clock.
#[derive(Debug)]
pub(super) struct Queue {
    pub id: QueueId,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub settings: Settings,
    pub tags: BTreeMap<String, String>,
    pub purged: Option<Timestamp>,
    pub deduplication: Option<Deduplication>,
    groups: Option<Groups>,
    /// On the heap one by one: in the nodes of the map they would have room for eleven where there are often six.
    entries: BTreeMap<Position, Box<Entry>>,
    visible: BTreeSet<Position>,
    delayed: BTreeSet<(Timestamp, Position)>,
    in_flight: BTreeSet<(Timestamp, Position)>,
    by_age: BTreeSet<(Timestamp, Position)>,
}

/// A message and what only its present queue knows of it.
#[derive(Debug)]
pub(super) struct Entry {
    pub message: Message,
    pub place: Place,
    /// The time that the retention period counts from.
    age_from: Timestamp,
    /// How often it was received in this queue: what `maxReceiveCount` limits.
    receives_here: u32,
    pub last_received: Option<Timestamp>,
}

/// What a receive will do: hand some messages out, and move those that were received too often.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub taken: Vec<Position>,
    pub exhausted: Vec<Position>,
    /// What the consumer's filters do not let through, as it would have been received.
    pub left_out: Vec<(Position, ReceivedMessage)>,
    /// Whether there was no room for a message that could be received too.
    pub more: bool,
}

/// How much a receive may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// At most so many messages.
    pub messages: usize,
    /// At most so many bytes as records of a function's event; no limit for other consumers.
    pub bytes: Option<usize>,
}

/// Which messages a consumer wants, as they would be received; the others are deleted.
pub(crate) type Wanted<'a> = Option<&'a dyn Fn(&ReceivedMessage) -> bool>;

impl Room {
    /// Room for so many messages of any size.
    pub(crate) fn of_messages(messages: usize) -> Self {
        Self { messages, bytes: None }
    }
}

impl Queue {
    pub(super) fn new(id: QueueId, now: Timestamp, settings: Settings) -> Self {
        let fifo = settings.fifo;
        Self {
            id,
            created: now,
            modified: now,
            settings,
            tags: BTreeMap::new(),
            purged: None,
            deduplication: fifo.map(|fifo| Deduplication::new(fifo.scope_is_group)),
            groups: fifo.map(|_| Groups::default()),
            entries: BTreeMap::new(),
            visible: BTreeSet::new(),
            delayed: BTreeSet::new(),
            in_flight: BTreeSet::new(),
            by_age: BTreeSet::new(),
        }
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.groups.is_some()
    }

    /// Brings the queue to `now`: expired messages go, delays and visibility timeouts end.
    pub(super) fn roll(&mut self, now: Timestamp) {
        if let Some(deduplication) = &mut self.deduplication {
            deduplication.roll(now);
        }
        let retention = SignedDuration::from_secs(self.settings.retention.into());
        while let Some(&(from, position)) = self.by_age.first()
            && from.checked_add(retention).is_ok_and(|end| end <= now)
        {
            self.remove(position);
        }
        for hidden in [&mut self.delayed, &mut self.in_flight] {
            while let Some((_, position)) = pop_due(hidden, now) {
                self.visible.insert(position);
                if let Some(entry) = self.entries.get_mut(&position) {
                    entry.place = Place::Visible;
                }
            }
        }
    }

    /// Takes a message in. `age_from` is the time that its retention period counts from.
    pub(super) fn insert(&mut self, position: Position, message: Message, place: Place, age_from: Timestamp) {
        if let (Some(groups), Some(group)) = (&mut self.groups, &message.group_id) {
            groups.add(group, position);
        }
        self.by_age.insert((age_from, position));
        let entry = Entry { message, place: Place::Visible, age_from, receives_here: 0, last_received: None };
        self.entries.insert(position, Box::new(entry));
        self.visible.insert(position);
        self.place(position, place);
    }

    /// Takes a message out, for good or for another queue, with the time that its age counts from.
    pub(super) fn remove(&mut self, position: Position) -> Option<(Message, Timestamp)> {
        self.place(position, Place::Visible);
        self.visible.remove(&position);
        let entry = self.entries.remove(&position)?;
        self.by_age.remove(&(entry.age_from, position));
        if let (Some(groups), Some(group)) = (&mut self.groups, &entry.message.group_id) {
            groups.remove(group, position);
        }
        Some((entry.message, entry.age_from))
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.visible.clear();
        self.delayed.clear();
        self.in_flight.clear();
        self.by_age.clear();
        self.groups = self.groups.as_ref().map(|_| Groups::default());
        if let Some(deduplication) = &mut self.deduplication {
            deduplication.clear();
        }
    }

    pub(super) fn entry(&self, position: Position) -> Option<&Entry> {
        self.entries.get(&position).map(Box::as_ref)
    }

    /// Moves a message to another place.
    pub(super) fn place(&mut self, position: Position, place: Place) {
        let Some(entry) = self.entries.get_mut(&position) else { return };
        match entry.place {
            Place::Visible => self.visible.remove(&position),
            Place::Delayed(until) => self.delayed.remove(&(until, position)),
            Place::InFlight(until) => self.in_flight.remove(&(until, position)),
        };
        match place {
            Place::Visible => self.visible.insert(position),
            Place::Delayed(until) => self.delayed.insert((until, position)),
            Place::InFlight(until) => self.in_flight.insert((until, position)),
        };
        entry.place = place;
    }

    /// Chooses messages that can be received now, as many as there is room for. Those that were received
    /// `receive_limit` times already are set apart and do not count, and neither do those that are not wanted.
    pub(super) fn choose(&self, now: Timestamp, room: Room, receive_limit: Option<u32>, wanted: Wanted<'_>) -> Choice {
        let mut choice = Choice::default();
        let mut left = room.bytes;
        let mut offer = |position: Position, entry: &Entry| {
            let is_full = choice.taken.len() == room.messages;
            let is_exhausted = receive_limit.is_some_and(|limit| entry.receives_here >= limit);
            if !is_full && is_exhausted {
                choice.exhausted.push(position);
                return true;
            }
            if let Some(wanted) = wanted.filter(|_| !is_exhausted) {
                let received = self.received(position, entry, now);
                if !wanted(&received) {
                    choice.left_out.push((position, received));
                    return true;
                }
            }
            if is_full {
                choice.more = true;
                return false;
            }
            if let Some(left) = &mut left {
                let Some(rest) = left.checked_sub(entry.message.record_len()) else {
                    choice.more = true;
                    return false;
                };
                *left = rest;
            }
            choice.taken.push(position);
            true
        };
        match &self.groups {
            None => {
                for &position in &self.visible {
                    if !self.entries.get(&position).is_some_and(|entry| offer(position, entry)) {
                        break;
                    }
                }
            }
            Some(groups) => {
                for members in groups.in_turn() {
                    // A hidden message holds back what was sent after it in its group.
                    for &position in members {
                        let Some(entry) = self.entries.get(&position) else { break };
                        if entry.place != Place::Visible || !offer(position, entry) {
                            break;
                        }
                    }
                }
            }
        }
        choice
    }

    /// Hands a chosen message out and hides it.
    pub(super) fn hand_out(
        &mut self,
        position: Position,
        now: Timestamp,
        visibility_timeout: u32,
    ) -> Option<ReceivedMessage> {
        let received = self.received(position, self.entries.get(&position)?, now);
        let entry = self.entries.get_mut(&position)?;
        let message = &received.message;
        (entry.message.receive_count, entry.message.first_received) = (message.receive_count, message.first_received);
        entry.receives_here += 1;
        entry.last_received = Some(now);
        if let (Some(groups), Some(group)) = (&mut self.groups, &message.group_id) {
            groups.served(group);
        }
        if visibility_timeout > 0 {
            self.place(position, Place::InFlight(later(now, visibility_timeout)));
        }
        Some(received)
    }

    /// A message as the next receive hands it out.
    fn received(&self, position: Position, entry: &Entry, now: Timestamp) -> ReceivedMessage {
        let mut message = entry.message.clone();
        message.receive_count += 1;
        message.first_received.get_or_insert(now);
        let receipt = Receipt { position, receive: message.receive_count };
        ReceivedMessage { receipt_handle: receipt.issue(&self.id, &message.id), message }
    }

    /// A message in flight as it was handed out last, with the same handle.
    pub(super) fn held(&self, position: Position) -> Option<ReceivedMessage> {
        let message = self.entries.get(&position)?.message.clone();
        let receipt = Receipt { position, receive: message.receive_count };
        Some(ReceivedMessage { receipt_handle: receipt.issue(&self.id, &message.id), message })
    }

    /// The message that a handle of this queue is about.
    pub(super) fn position_of(&self, handle: &str) -> Option<Position> {
        Receipt::read(handle, &self.id).ok().map(|receipt| receipt.position)
    }

    /// The first message that is not hidden.
    pub(super) fn first_visible(&self) -> Option<(Position, &Message)> {
        let position = *self.visible.first()?;
        Some((position, &self.entries.get(&position)?.message))
    }

    /// The next time at which a hidden message becomes visible by itself.
    pub(super) fn next_change(&self) -> Option<Timestamp> {
        let first = |hidden: &BTreeSet<(Timestamp, Position)>| hidden.first().map(|&(until, _)| until);
        [first(&self.delayed), first(&self.in_flight)].into_iter().flatten().filter(|until| *until < NEVER).min()
    }

    pub(super) fn counts(&self) -> QueueCounts {
        QueueCounts { visible: self.visible.len(), in_flight: self.in_flight.len(), delayed: self.delayed.len() }
    }

    /// All messages in the order of their arrival.
    pub(super) fn stored(&self) -> impl Iterator<Item = StoredMessage> {
        self.entries.values().map(|entry| StoredMessage { message: entry.message.clone(), place: entry.place })
    }
}

/// What would end after the last time that there is never ends, also when that time has come.
pub(super) const NEVER: Timestamp = Timestamp::MAX;

/// `now` and some seconds.
pub(super) fn later(now: Timestamp, seconds: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds.into())).unwrap_or(NEVER)
}

fn pop_due(hidden: &mut BTreeSet<(Timestamp, Position)>, now: Timestamp) -> Option<(Timestamp, Position)> {
    let (until, _) = hidden.first()?;
    if *until <= now && *until < NEVER { hidden.pop_first() } else { None }
}
