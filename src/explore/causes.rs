//! Many plans fail for one cause: it is told once, by the smallest of them.

use super::oracle::{Kind, Verdict, Violation};
use crate::choice::Plan;

/// A cause and the plans that show it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub plan: Plan,
    pub violation: Violation,
    /// What else is wrong with the same run.
    pub also: Vec<Violation>,
    /// How many other plans end like this.
    pub others: usize,
    /// What was being tried when it was first seen.
    pub phase: &'static str,
    /// The number of the run that showed it first.
    pub run: usize,
}

/// The causes found so far, in the order in which they were found.
#[derive(Debug)]
pub(super) struct Causes {
    found: Vec<Found>,
    phase: &'static str,
    /// How many runs were judged.
    runs: usize,
}

impl Causes {
    /// Those of a phase before which there were so many runs.
    pub fn after(runs: usize, phase: &'static str) -> Self {
        Self { found: Vec::new(), phase, runs }
    }

    /// From now on something else is tried.
    pub fn enter(&mut self, phase: &'static str) {
        self.phase = phase;
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub fn runs(&self) -> usize {
        self.runs
    }

    /// Notes the next run.
    pub fn judge(&mut self, plan: &Plan, verdict: Verdict) {
        let violations = if let Verdict::Wrong(violations) = verdict { violations } else { Vec::new() };
        self.add(plan, violations);
    }

    /// Notes the next run, with what is wrong with it; the first of it names the cause.
    pub fn add(&mut self, plan: &Plan, mut violations: Vec<Violation>) {
        self.runs += 1;
        violations.sort_by_key(|violation| rank(&violation.kind));
        let mut violations = violations.into_iter();
        let Some(violation) = violations.next() else { return };
        let key = violation.key();
        if let Some(known) = self.found.iter_mut().find(|found| found.violation.key() == key) {
            known.others += 1;
            if plan.len() < known.plan.len() {
                (known.plan, known.violation, known.also) = (plan.clone(), violation, violations.collect());
            }
            return;
        }
        let (also, phase, run) = (violations.collect(), self.phase, self.runs);
        self.found.push(Found { plan: plan.clone(), violation, also, others: 0, phase, run });
    }

    pub fn into_found(self) -> Vec<Found> {
        self.found
    }
}

/// What says most comes first.
fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Fails(_) | Kind::LeftBehind | Kind::Panicked | Kind::Endless | Kind::Inert => 0,
        Kind::Manners(_) | Kind::Invariant(_) => 1,
        Kind::Silent | Kind::Lost | Kind::Changed | Kind::Mixed => 2,
        Kind::Repeated | Kind::Unexpected | Kind::LeftOpen => 3,
        Kind::GaveUp | Kind::Check => 4,
    }
}
