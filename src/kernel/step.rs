//! One step of the driver: what may happen now, and which of it happens.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::agenda::{Entry, Kind, PlannedId};
use super::turns::Turned;
use super::{Action, DriveError, Enabled, Goal, InvocationId, Kernel, later};
use crate::history::EntryId;

/// How many of each kind are offered at most: a function that thousands of events wait for must not make every step a
/// walk over all of them.
const MOST_OFFERED: usize = 8;

/// What a step does.
enum Next {
    Turn(InvocationId),
    Entry(Entry<Action>),
    /// What was chosen was taken back by another thread.
    Gone,
}

impl Kernel {
    /// Gives a turn, runs an entry, lets those go on that were put aside, or moves the clock: the first of these that
    /// is possible. False when the goal is reached. Notes what `recurred` while the goal is that no work is left.
    pub(super) fn step(
        &self,
        goal: &Goal<'_>,
        turned: Turned,
        time_limit: Timestamp,
        recurred: &mut BTreeSet<String>,
    ) -> Result<bool, DriveError> {
        match self.choose(turned) {
            Some(Next::Turn(id)) => self.turns.give(id),
            Some(Next::Entry(Entry { kind, label, action, .. })) => {
                if kind == Kind::Background && matches!(goal, Goal::Drain) {
                    recurred.insert(label.to_string());
                }
                action();
                self.agenda().end();
            }
            Some(Next::Gone) => {}
            None if self.turns.recall() => {}
            None if !turned.agenda_may_help() => {}
            None => match self.next_due(goal) {
                Some(due) if due > time_limit => return Err(self.too_much_time(recurred)),
                Some(due) => self.move_clock(due),
                // Whoever holds a turn is not done: the agenda was of use to him a moment ago.
                None => return Ok(turned != Turned::Free),
            },
        }
        Ok(true)
    }

    /// When something is due that `goal` asks for.
    pub(super) fn next_due(&self, goal: &Goal<'_>) -> Option<Timestamp> {
        let (now, in_flight) = (self.now(), self.turns.that_go_on() > 0);
        let agenda = self.agenda();
        let due = agenda.next_due(now, in_flight)?;
        let wanted = match goal {
            // The agenda holds back what they do not ask for.
            Goal::Settle | Goal::For(_) | Goal::Until(_) | Goal::Signal(_) => true,
            Goal::Drain | Goal::End => due <= now || in_flight || agenda.has_work(),
        };
        wanted.then_some(due)
    }

    /// Whether anything but the invocation `id` could happen now: another invocation is ready, or an entry is due that
    /// may be reordered.
    pub fn others_enabled(&self, id: InvocationId) -> bool {
        let now = self.now();
        self.turns.others_ready(id) || self.agenda().enabled(now).any(|(_, entry)| entry.kind.may_be_reordered())
    }

    /// When the next of what recurs is due.
    pub fn next_recurring(&self) -> Option<Timestamp> {
        self.agenda().iter().find(|(_, entry)| entry.kind == Kind::Background).map(|(due, _)| due)
    }

    /// Whether anything begins within this time: it is not due yet, and the clock may come to it.
    pub fn others_due(&self, within: Duration) -> bool {
        let (now, until) = (self.now(), later(self.now(), within));
        let agenda = self.agenda();
        // Behind them may be the timeouts of thousands.
        let mut within = agenda.iter().skip_while(|(due, _)| *due <= now).take_while(|(due, _)| *due <= until);
        within.any(|(_, entry)| entry.kind.may_be_reordered())
    }

    /// What happens next, as the order says.
    fn choose(&self, turned: Turned) -> Option<Next> {
        let ready = self.turns.ready(turned, MOST_OFFERED);
        let due: Vec<(PlannedId, Arc<str>, Option<EntryId>)> = if turned.agenda_may_help() {
            let now = self.now();
            let agenda = self.agenda();
            agenda
                .enabled(now)
                .take(MOST_OFFERED)
                .map(|(id, entry)| (id, Arc::clone(&entry.label), entry.about))
                .collect()
        } else {
            Vec::new()
        };
        let invocations = ready.iter().map(|(id, line)| Enabled::Invocation { id: *id, line: *line });
        let entries = due.iter().map(|(_, label, about)| Enabled::Entry { label, about: *about });
        let enabled: Vec<Enabled<'_>> = invocations.chain(entries).collect();
        let first = match enabled.len() {
            0 => return None,
            1 => 0,
            // No lock is held: an order may look at the kernel.
            _ => self.order.first(self, &enabled),
        };
        match ready.get(first) {
            Some((id, _)) => Some(Next::Turn(*id)),
            None => {
                let (id, ..) = due.get(first - ready.len()).expect("an order answers one of the places it is given");
                Some(self.agenda().begin(*id).map_or(Next::Gone, Next::Entry))
            }
        }
    }
}
