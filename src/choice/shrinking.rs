//! Shrinking of plans: fewer deviations, then milder ones.

use super::{Deviation, Plan};

/// A plan that fails, on its way to the simplest that does. Where deviations are drawn, the first simplification is what the
/// runs have noted in it, written down; that plan loses deviations, many at once where that goes well, and in the end one by
/// one; what is left becomes milder.
///
/// It is driven as a tree of `proptest` is: [`simplify`](Self::simplify) when the current plan fails, and
/// [`complicate`](Self::complicate) when it does not; false when nothing is left to try.
#[derive(Debug, Clone)]
pub(crate) struct Shrinking {
    /// The simplest plan that is known to fail.
    best: Plan,
    /// What is under test instead.
    candidate: Option<Plan>,
    pass: Pass,
}

/// What is to be tried next on the best plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Write down what the draws came to.
    Record,
    /// Leave out so many deviations from this place on.
    Leave { at: usize, count: usize },
    /// Try the deviation in this place alone, as the n-th of its equals whatever caused it: a point has another name, and is
    /// not found by it, when it was met only because of another deviation.
    Alone { at: usize },
    /// Put the milder deviation of this number in this place.
    Milder { at: usize, number: usize },
    /// Nothing is left to try.
    Done,
}

impl Shrinking {
    pub fn new(plan: Plan) -> Self {
        Self { best: plan, candidate: None, pass: Pass::Record }
    }

    /// The next candidate, if this pass has one here, and the pass after it.
    fn step(&self) -> (Option<Plan>, Pass) {
        let length = self.best.deviations().len();
        match self.pass {
            Pass::Record => match self.best.recorded() {
                None if self.best.draws().is_empty() => (None, Pass::Leave { at: 0, count: length }),
                // No cloud was ever started with it: whatever fails has nothing to do with the plan.
                None => (None, Pass::Done),
                Some(recorded) => {
                    let count = recorded.deviations().len();
                    (Some(recorded), Pass::Leave { at: 0, count })
                }
            },
            Pass::Leave { at, count } if at < length => {
                (Some(self.best.without_all(at..at + count)), Pass::Leave { at: at + count, count })
            }
            Pass::Leave { count: 0 | 1, .. } => (None, Pass::Alone { at: 0 }),
            Pass::Leave { count, .. } => (None, Pass::Leave { at: 0, count: count / 2 }),
            Pass::Alone { at } if length > 1 && at < length => {
                (self.best.singles().nth(at).map(Plan::unnamed), Pass::Alone { at: at + 1 })
            }
            Pass::Alone { .. } => (None, Pass::Milder { at: 0, number: 0 }),
            Pass::Milder { at, number } => match self.best.deviations().nth(at).map(Deviation::milder) {
                None => (None, Pass::Done),
                Some(milder) => match milder.into_iter().nth(number) {
                    None => (None, Pass::Milder { at: at + 1, number: 0 }),
                    Some(milder) => (Some(self.best.with(at, milder)), Pass::Milder { at, number: number + 1 }),
                },
            },
            Pass::Done => (None, Pass::Done),
        }
    }

    fn try_next(&mut self) -> bool {
        while self.pass != Pass::Done {
            (self.candidate, self.pass) = self.step();
            if self.candidate.is_some() {
                return true;
            }
        }
        false
    }

    /// The plan to be tried now.
    pub fn current(&self) -> Plan {
        self.candidate.as_ref().unwrap_or(&self.best).clone()
    }

    /// The current plan fails: goes on to a simpler one.
    pub fn simplify(&mut self) -> bool {
        if let Some(candidate) = self.candidate.take() {
            self.best = candidate;
            self.pass = match self.pass {
                // What stood behind has moved to where the ones were that were left out.
                Pass::Leave { at, count } => Pass::Leave { at: at.saturating_sub(count), count },
                Pass::Milder { at, .. } => Pass::Milder { at, number: 0 },
                other => other,
            };
        }
        self.try_next()
    }

    /// The current plan does not fail: goes on to another one.
    pub fn complicate(&mut self) -> bool {
        if self.candidate.take().is_none() {
            return false;
        }
        // Where nothing is left, the best one is the current one, and shown once more: then the values beside it shrink.
        self.try_next();
        true
    }
}
