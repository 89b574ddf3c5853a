//! The smallest plan that still shows a cause.

use super::causes::Found;
use super::oracle::Violation;
use crate::choice::{Deviation, Plan};

/// How many runs a cause is worth.
const MOST_RUNS: usize = 200;

/// Leaves deviations out, and takes milder ones, while `wrong` still finds the same cause.
pub(super) fn shrink(mut found: Found, wrong: impl Fn(&Plan) -> Vec<Violation>) -> Found {
    let key = found.violation.key();
    let mut runs = 0;
    let mut still = |plan: &Plan| {
        runs += 1;
        if runs > MOST_RUNS {
            return None;
        }
        wrong(plan).into_iter().find(|violation| violation.key() == key)
    };
    if found.plan.len() > 1 {
        // The cause may be any one of them alone.
        let singles: Vec<Plan> = found.plan.singles().collect();
        if let Some((plan, violation)) = singles.into_iter().find_map(|plan| still(&plan).map(|it| (plan, it))) {
            (found.plan, found.violation) = (plan, violation);
        }
    }
    let mut at = 0;
    while found.plan.len() > 1 && at < found.plan.len() {
        let fewer = found.plan.without(at);
        match still(&fewer) {
            Some(violation) => (found.plan, found.violation) = (fewer, violation),
            None => at += 1,
        }
    }
    for at in 0..found.plan.len() {
        let milder: Vec<Plan> = mildest().map(|milder| found.plan.with(at, milder)).collect();
        let milder = milder.into_iter().take_while(|plan| *plan != found.plan);
        let smallest = milder.filter_map(|plan| still(&plan).map(|violation| (plan, violation))).next();
        if let Some((plan, violation)) = smallest {
            (found.plan, found.violation) = (plan, violation);
        }
    }
    found
}

/// The deviations that a reader understands best, in order.
fn mildest() -> impl Iterator<Item = Deviation> {
    [Deviation::Twice, Deviation::Late, Deviation::AnswerLost, Deviation::Crash].into_iter()
}
