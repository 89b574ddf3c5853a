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
}

/// The causes found so far, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Causes(Vec<Found>);

impl Causes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn judge(&mut self, plan: &Plan, verdict: Verdict) {
        if let Verdict::Wrong(violations) = verdict {
            self.add(plan, violations);
        }
    }

    /// What is wrong with one run; the first of it names the cause.
    pub fn add(&mut self, plan: &Plan, mut violations: Vec<Violation>) {
        violations.sort_by_key(|violation| rank(&violation.kind));
        let mut violations = violations.into_iter();
        let Some(violation) = violations.next() else { return };
        let key = violation.key();
        if let Some(known) = self.0.iter_mut().find(|found| found.violation.key() == key) {
            known.others += 1;
            if plan.len() < known.plan.len() {
                (known.plan, known.violation, known.also) = (plan.clone(), violation, violations.collect());
            }
            return;
        }
        self.0.push(Found { plan: plan.clone(), violation, also: violations.collect(), others: 0 });
    }

    pub fn into_found(self) -> Vec<Found> {
        self.0
    }
}

/// What says most comes first.
fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Fails(_) | Kind::Panicked | Kind::Endless | Kind::Inert => 0,
        Kind::Manners(_) | Kind::Invariant(_) => 1,
        Kind::Silent | Kind::Lost | Kind::Changed => 2,
        Kind::Repeated | Kind::Unexpected | Kind::LeftOpen => 3,
        Kind::GaveUp | Kind::Check => 4,
    }
}
