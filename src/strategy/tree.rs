//! Shrinking: one value tree for every generator, which makes the list of its choices simpler.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use proptest::strategy::ValueTree;

use super::draws::{Draws, Tape};

/// A generator of events: a function of a stream of choices.
pub trait Generate: Clone {
    /// What is generated.
    type Value: fmt::Debug;

    /// Makes one value. The same choices make the same value.
    fn generate(&self, source: &mut Draws<'_>) -> Self::Value;
}

/// The tree of a generated value. It shrinks by leaving choices out and by making them smaller, as the
/// Hypothesis library does.
#[derive(Clone)]
pub struct ChoiceTree<G: Generate> {
    generator: G,
    /// The simplest choices that are known to fail.
    best: Arc<Tape>,
    /// The choices of the current value.
    candidate: Arc<Tape>,
    /// The current value, if it was generated already.
    fresh: RefCell<Option<G::Value>>,
    pass: Pass,
}

/// Up to this a choice is one among a few things.
const FEW: u64 = 80;
/// Of a number so many of the smallest are tried first.
const FIRST: u64 = 3;

/// What is to be tried next on the best choices.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pass {
    /// The simplest value of all.
    Zero,
    /// Leave out the span at this place of the list of spans, longest first.
    Delete(usize),
    /// Make all choices of the span 0.
    Clear(usize),
    /// Make the choice at this place smaller. Numbers below `floor` are known not to fail; `tried` is under test.
    Lower { at: usize, floor: u64, tried: Option<u64>, changed: bool },
    /// Nothing is left to try.
    Done,
}

impl<G: Generate> ChoiceTree<G> {
    pub(super) fn new(generator: G, tape: Tape, value: G::Value) -> Self {
        // Shared: most trees are asked for their first value only, and a copy would cost as much as that.
        let best = Arc::new(tape);
        Self { generator, candidate: Arc::clone(&best), best, fresh: RefCell::new(Some(value)), pass: Pass::Zero }
    }

    /// The choices of the next candidate of this pass, and the pass after it; none where nothing is to be tried.
    fn next_choices(&mut self) -> Option<Vec<u64>> {
        let choices = &self.best.choices;
        match self.pass.clone() {
            Pass::Zero => {
                self.pass = Pass::Delete(0);
                Some(Vec::new())
            }
            Pass::Delete(place) => {
                let Some(span) = self.nth_longest(place) else {
                    self.pass = Pass::Clear(0);
                    return None;
                };
                self.pass = Pass::Delete(place + 1);
                Some([&choices[..span.start], &choices[span.end..]].concat())
            }
            Pass::Clear(place) => {
                let Some(span) = self.nth_longest(place) else {
                    self.pass = Pass::Lower { at: 0, floor: 0, tried: None, changed: false };
                    return None;
                };
                self.pass = Pass::Clear(place + 1);
                let mut cleared = choices.clone();
                cleared[span].fill(0);
                Some(cleared)
            }
            Pass::Lower { at, floor, tried, changed } => {
                let floor = tried.map_or(floor, |tried| tried + 1);
                let Some(choice) = choices.get(at).copied() else {
                    self.pass = if changed { Pass::Delete(0) } else { Pass::Done };
                    return None;
                };
                if floor >= choice {
                    self.pass = Pass::Lower { at: at + 1, floor: 0, tried: None, changed };
                    return None;
                }
                // The smallest first: most choices can become 0 at once. A choice among a few things, such as the pieces of a
                // key or the kinds of events, goes through all simpler ones, for those that fail are not the last ones of
                // the list: `+` is tried before `%20`, and Put before Replication. Numbers are halved.
                let one_by_one = choice <= FEW || floor < FIRST;
                let tried = if one_by_one { floor } else { floor + (choice - floor) / 2 };
                self.pass = Pass::Lower { at, floor, tried: Some(tried), changed };
                let mut lowered = choices.clone();
                lowered[at] = tried;
                Some(lowered)
            }
            Pass::Done => None,
        }
    }

    fn nth_longest(&self, place: usize) -> Option<std::ops::Range<usize>> {
        let mut spans: Vec<_> = self.best.spans.iter().filter(|span| !span.is_empty()).collect();
        // The order is stable, so that a place means the same span as long as nothing was accepted.
        spans.sort_by_key(|span| std::cmp::Reverse(span.len()));
        spans.get(place).map(|span| (*span).clone())
    }

    /// Moves to the next candidate that is simpler than the best; false when there is none.
    fn try_next(&mut self) -> bool {
        while self.pass != Pass::Done {
            let Some(choices) = self.next_choices() else { continue };
            let mut source = Draws::replay(&choices);
            let value = self.generator.generate(&mut source);
            let tape = source.into_tape();
            if tape.is_simpler_than(&self.best) {
                self.candidate = Arc::new(tape);
                self.fresh = RefCell::new(Some(value));
                return true;
            }
        }
        false
    }

    /// The candidate fails too: it is the best one now, and places in the old one mean nothing any more.
    fn accept(&mut self) {
        self.best = Arc::clone(&self.candidate);
        self.pass = match self.pass.clone() {
            // What was left out came just before this place.
            Pass::Delete(place) => Pass::Delete(place.saturating_sub(1)),
            Pass::Lower { at, floor, .. } => Pass::Lower { at, floor, tried: None, changed: true },
            other => other,
        };
    }
}

impl<G: Generate> ValueTree for ChoiceTree<G> {
    type Value = G::Value;

    fn current(&self) -> G::Value {
        let fresh = self.fresh.borrow_mut().take();
        fresh.unwrap_or_else(|| self.generator.generate(&mut Draws::replay(&self.candidate.choices)))
    }

    fn simplify(&mut self) -> bool {
        if self.candidate != self.best {
            self.accept();
        }
        self.try_next()
    }

    fn complicate(&mut self) -> bool {
        if self.candidate == self.best {
            return false;
        }
        if !self.try_next() {
            self.candidate = Arc::clone(&self.best);
            self.fresh = RefCell::new(None);
        }
        true
    }
}

impl<G: Generate> fmt::Debug for ChoiceTree<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.generator.generate(&mut Draws::replay(&self.candidate.choices));
        f.debug_struct("ChoiceTree").field("current", &value).field("choices", &self.candidate.choices).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree;

    use super::{ChoiceTree, Draws, FEW, Generate};
    use crate::strategy::text;

    /// One choice up to a number.
    #[derive(Debug, Clone)]
    struct Choice(u64);

    impl Generate for Choice {
        type Value = u64;

        fn generate(&self, source: &mut Draws<'_>) -> u64 {
            source.up_to(self.0)
        }
    }

    /// What the tree of the greatest choice tries, if all of it passes but the choices that `fails` names.
    fn tried(greatest: u64, fails: impl Fn(u64) -> bool) -> Vec<u64> {
        let mut source = Draws::replay(&[]);
        source.up_to(0);
        let mut tape = source.into_tape();
        tape.choices = vec![greatest];
        let mut tree = ChoiceTree::new(Choice(greatest), tape, greatest);
        let mut tried = Vec::new();
        let mut more = tree.simplify();
        while more && tried.len() < 1000 {
            tried.push(tree.current());
            more = if fails(tree.current()) { tree.simplify() } else { tree.complicate() };
        }
        assert!(fails(tree.current()) || tree.current() == greatest);
        tried
    }

    #[test]
    fn a_choice_among_few_things_is_tried_one_by_one_and_before_anything_is_halved() {
        let mut all: Vec<u64> = tried(FEW, |_| false);
        // The first one is the simplest value of all, the last one the failure itself.
        assert_eq!((all.remove(0), all.pop()), (0, Some(FEW)));
        assert_eq!(all, (0..FEW).collect::<Vec<_>>());
        // Of two that fail, the one that comes first in the list is found: nothing behind it is tried.
        assert_eq!(tried(FEW, |choice| choice == 10 || choice == 15).last(), Some(&10));
        let place = |piece| text::NASTY.iter().position(|known| *known == piece).unwrap();
        assert!(place("+") < place("%20") && text::NASTY.len() + 4 <= FEW as usize, "pieces of keys are few things");
    }

    #[test]
    fn numbers_are_halved_after_the_smallest_ones() {
        let tried = tried(1_000_000, |choice| choice >= 777);
        assert_eq!(tried[1..5], [0, 1, 2, 500_001]);
        assert!(tried.len() < 60 && tried.contains(&777), "{tried:?}");
    }
}
