//! Where generators take their choices from.

use std::ops::{Range, RangeInclusive};

use proptest::test_runner::TestRng;

/// What a generator decided, in order. 0 is always the simplest choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tape {
    pub(super) choices: Vec<u64>,
    /// Runs of choices that belong together, such as one element of a list.
    pub(super) spans: Vec<Range<usize>>,
}

impl Tape {
    /// Fewer choices are simpler; among as many, smaller ones are.
    pub(super) fn is_simpler_than(&self, other: &Self) -> bool {
        (self.choices.len(), &self.choices) < (other.choices.len(), &other.choices)
    }
}

#[derive(Debug)]
enum Origin<'a> {
    Random(&'a mut TestRng),
    Replay(&'a [u64]),
}

/// A stream of bounded choices, fresh or replayed, that remembers what it gave.
///
/// A generator is a plain function of this stream, so whatever shrinks the stream shrinks every event.
#[derive(Debug)]
pub struct Draws<'a> {
    origin: Origin<'a>,
    tape: Tape,
}

impl<'a> Draws<'a> {
    pub(super) fn random(rng: &'a mut TestRng) -> Self {
        let tape = Tape { choices: Vec::with_capacity(64), spans: Vec::with_capacity(16) };
        Self { origin: Origin::Random(rng), tape }
    }

    /// Beyond the end of `choices` every choice is 0.
    pub(super) fn replay(choices: &'a [u64]) -> Self {
        Self { origin: Origin::Replay(choices), tape: Tape::default() }
    }

    pub(super) fn into_tape(self) -> Tape {
        self.tape
    }

    /// A number of `0..=max`.
    pub(super) fn up_to(&mut self, max: u64) -> u64 {
        let choice = match &mut self.origin {
            Origin::Random(rng) => {
                // The trait with `next_u64` has another name in older versions of proptest.
                use proptest::prelude::*;
                // Scaled, not drawn again until it fits: a source of constant bytes must not loop.
                let wide = u128::from(rng.next_u64()) * (u128::from(max) + 1);
                u64::try_from(wide >> 64).unwrap_or(max)
            }
            Origin::Replay(choices) => choices.get(self.tape.choices.len()).copied().unwrap_or(0).min(max),
        };
        self.tape.choices.push(choice);
        choice
    }

    /// An index below `len`, which is not 0.
    pub(super) fn index(&mut self, len: usize) -> usize {
        let max = u64::try_from(len - 1).unwrap_or(u64::MAX);
        usize::try_from(self.up_to(max)).unwrap_or(0)
    }

    /// A number of a range; its start is the simplest.
    pub(super) fn between(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.up_to(range.end().saturating_sub(*range.start()))
    }

    /// Yes once in `n` times; no is the simpler one.
    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.up_to(n - 1) == n - 1
    }

    /// One of several values, the first one being the simplest.
    pub(super) fn pick<'b, T>(&mut self, of: &'b [T]) -> &'b T {
        &of[self.index(of.len())]
    }

    /// Marks the choices of `generate` as belonging together.
    pub(super) fn span<T>(&mut self, generate: impl FnOnce(&mut Self) -> T) -> T {
        let start = self.tape.choices.len();
        let value = generate(self);
        let end = self.tape.choices.len();
        self.tape.spans.push(start..end);
        value
    }

    /// A list with a length of `lengths`, about `average` longer than the shortest one. Its length follows from choices that
    /// stand beside the elements, so that an element can be cut out of the tape with all that belongs to it.
    pub(super) fn list<T>(
        &mut self,
        lengths: RangeInclusive<usize>,
        average: u64,
        mut element: impl FnMut(&mut Self, usize) -> T,
    ) -> Vec<T> {
        let (min, max) = (*lengths.start(), *lengths.end());
        // Once in a while as many as there may be.
        let odds = if max > min && self.one_in(32) { u64::MAX - 1 } else { average };
        let mut list = Vec::with_capacity(min);
        let mut more = true;
        while more {
            more = self.span(|source| {
                // Chosen even where there is no choice, so that all lists and elements look alike on the tape.
                let wanted = source.up_to(odds) > 0;
                let more = (wanted || list.len() < min) && list.len() < max;
                if more {
                    let at = list.len();
                    list.push(element(source, at));
                }
                more
            });
        }
        list
    }
}
