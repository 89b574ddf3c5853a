//! The smallest plan that still shows a cause.

use super::causes::Found;
use super::oracle::Violation;
use crate::choice::{Plan, Shrinking};

/// How many runs a cause is worth.
const MOST_RUNS: usize = 200;

/// Leaves deviations out, and takes milder ones, while `wrong` still finds the same cause.
pub(super) fn shrink(mut found: Found, wrong: impl Fn(&Plan) -> Vec<Violation>) -> Found {
    let key = found.violation.key();
    let mut shrinking = Shrinking::new(found.plan.clone());
    let mut goes_on = shrinking.simplify();
    for _ in 0..MOST_RUNS {
        let plan = shrinking.current();
        // In the end the smallest is the current one once more.
        if !goes_on || plan == found.plan {
            break;
        }
        goes_on = match wrong(&plan).into_iter().find(|violation| violation.key() == key) {
            Some(violation) => {
                (found.plan, found.violation) = (plan, violation);
                shrinking.simplify()
            }
            None => shrinking.complicate(),
        };
    }
    found
}
