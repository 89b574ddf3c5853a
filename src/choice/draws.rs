//! Deviations that are drawn, each by a hash of the seed and its point's name: what one run meets does not depend on
//! what it met before.

use super::deviation::Class;
use super::{At, Deviation, PointKind};
use crate::event::ids;
use crate::history::Actor;

/// How the deviations of a run are drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Draws {
    pub seed: u64,
    pub what: Drawing,
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Drawing {
    /// Transient faults of requests, and throttles.
    Faults,
    /// Duplicates, delays, other orders and other batches.
    Deliveries,
    /// Both.
    History,
    /// Which of several things that can happen now goes first, by priorities that change at a few points of a run of so
    /// many `steps`.
    Order {
        /// About how many times a run asks.
        steps: u32,
    },
}

/// How many of a thousand points deviate, one of these in each run.
const RATES: [u64; 4] = [15, 40, 100, 250];
/// The priorities of a run change at so many points at most.
const MOST_CHANGES: u64 = 3;

impl Draws {
    /// Which alternative a point takes; none for the ordinary course.
    pub fn pick(&self, at: &At, alternatives: &[Deviation]) -> Option<Deviation> {
        if matches!(at.actor, Actor::Test | Actor::Unattributed) {
            return None;
        }
        let rate = RATES[place(mixed(self.seed ^ 0x5eed), RATES.len())];
        let bits = mixed(self.seed ^ at.name.bits() ^ mixed(at.kind as u64 + 1));
        if bits % 1000 >= rate {
            return None;
        }
        let fitting = || alternatives.iter().filter(|deviation| self.what.offers(at.kind, deviation));
        // First the class, then one of it: ten error codes are not ten times as likely as one crash.
        let mut classes: Vec<Class> = fitting().map(Deviation::class).collect();
        classes.sort();
        classes.dedup();
        let class = *classes.get(place(mixed(bits ^ 1), classes.len()))?;
        let members: Vec<&Deviation> = fitting().filter(|deviation| deviation.class() == class).collect();
        members.get(place(mixed(bits ^ 2), members.len())).map(|deviation| (*deviation).clone())
    }

    /// The priority of something that can happen; the highest goes first.
    fn priority(&self, thing: &str) -> u64 {
        thing.bytes().fold(mixed(self.seed ^ 0x0af0), |hash, byte| mixed(hash ^ u64::from(byte)))
    }

    /// Whether the priority of what would go first at the `step`-th question drops.
    fn changes_at(&self, step: u32, steps: u32) -> bool {
        let changes = mixed(self.seed ^ 0xc4a6) % (MOST_CHANGES + 1);
        let steps = u64::from(steps.max(1));
        (0..changes).any(|change| mixed(self.seed ^ (0xd000 + change)) % steps == u64::from(step))
    }
}

impl Drawing {
    fn offers(self, kind: PointKind, deviation: &Deviation) -> bool {
        let is_fault = matches!(kind, PointKind::Before | PointKind::After | PointKind::Invocation);
        match self {
            // Invocations that overlap are tried for themselves: a second fault breaks what else is right.
            Self::Faults | Self::History if *deviation == Deviation::AnsweredLate => false,
            Self::Faults => is_fault && deviation.is_transient() && *deviation != Deviation::Aside,
            Self::Deliveries => !is_fault && kind != PointKind::Turn,
            Self::History => deviation.is_transient(),
            Self::Order { .. } => *deviation == Deviation::Aside,
        }
    }
}

/// The priorities of a run whose order is drawn: those that were lowered, and how often somebody asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Priorities {
    asked: u32,
    lowered: Vec<Deviation>,
}

impl Priorities {
    /// Which goes first of `own`, which would, and others.
    pub fn first(&mut self, draws: &Draws, own: &Deviation, others: &[Deviation]) -> Option<Deviation> {
        let Drawing::Order { steps } = draws.what else { return None };
        let step = self.asked;
        self.asked += 1;
        let highest = |lowered: &[Deviation]| {
            let priority = |thing: &&Deviation| {
                let rank = lowered.iter().position(|other| other == *thing);
                (rank.map_or(usize::MAX, |rank| lowered.len() - rank), draws.priority(&thing.to_string()))
            };
            std::iter::once(own).chain(others).max_by_key(priority).cloned()
        };
        let mut first = highest(&self.lowered)?;
        if draws.changes_at(step, steps) {
            self.lowered.push(first);
            first = highest(&self.lowered)?;
        }
        (first != *own).then_some(first)
    }
}

fn place(bits: u64, count: usize) -> usize {
    usize::try_from(bits % (count.max(1) as u64)).unwrap_or_default()
}

/// SplitMix64.
pub(crate) fn mixed(bits: u64) -> u64 {
    ids::mixed(bits.wrapping_add(0x9e37_79b9_7f4a_7c15))
}
