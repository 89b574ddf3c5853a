//! What an exploration tries, and what it forgives.

use super::invariant::Invariant;
use crate::choice::{Deviation, Plan};
use crate::cloud::{Cloud, CloudBuilder};

/// The settings of an exploration.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub builder: CloudBuilder,
    pub seed: Option<u64>,
    /// Tried instead of all else.
    pub plans: Vec<Plan>,
    pub pairs: usize,
    pub histories: usize,
    pub orders: usize,
    pub threads: Option<usize>,
    pub only: Vec<String>,
    pub without: Vec<String>,
    pub ignoring: Vec<String>,
    pub at_least_once: Vec<String>,
    pub failing: Vec<String>,
    pub invariants: Vec<Invariant>,
}

/// How many pairs are tried at most, unless said otherwise; half as many histories and orders.
pub(super) const PAIRS: usize = 200;

/// How many invocations of a function may be caused by others of the same function, unless said otherwise. Lambda stops each
/// chain after 16.
const RECURSION: usize = 64;

impl Default for Settings {
    fn default() -> Self {
        Self {
            builder: Cloud::builder(),
            seed: None,
            plans: Vec::new(),
            pairs: PAIRS,
            histories: PAIRS / 2,
            orders: PAIRS / 2,
            threads: None,
            only: Vec::new(),
            without: Vec::new(),
            ignoring: Vec::new(),
            at_least_once: Vec::new(),
            failing: Vec::new(),
            invariants: Vec::new(),
        }
    }
}

impl Settings {
    /// The kind of cloud in which the ordinary course runs.
    pub fn ordinary(&self) -> CloudBuilder {
        let builder = self.builder.clone().recursion_by_default(RECURSION);
        match self.seed {
            Some(seed) => builder.seed(seed),
            None => builder,
        }
    }

    /// What is drawn follows from it.
    pub fn seed(&self) -> u64 {
        self.ordinary().seeded()
    }

    /// Whether a deviation is to be tried at a point with this label.
    pub fn wants(&self, label: &str, deviation: &Deviation) -> bool {
        self.wants_named(&format!("{label}: {deviation}"))
    }

    /// Whether what is called so is to be tried.
    pub fn wants_named(&self, text: &str) -> bool {
        (self.only.is_empty() || self.only.iter().any(|part| text.contains(part)))
            && !self.without.iter().any(|part| text.contains(part))
    }

    /// Whether a difference at this place is declared to make none.
    pub fn ignores(&self, place: &str) -> bool {
        self.ignoring.iter().any(|part| place.contains(part))
    }

    /// Whether this function fails in the ordinary course, as the scenario has it.
    pub fn may_fail(&self, function: &str) -> bool {
        self.failing.iter().any(|name| name == function)
    }

    /// Whether something may be done more than once at this place.
    pub fn may_repeat(&self, place: &str) -> bool {
        self.at_least_once.iter().any(|part| place.contains(part))
    }
}
