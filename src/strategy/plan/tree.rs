//! A drawn plan as `proptest` shrinks it.

use proptest::strategy::ValueTree;

use crate::choice::{Plan, Shrinking};

/// The tree of a drawn plan. Its first simplification is what its runs have noted in it, written down; that plan loses
/// deviations, many at once where that goes well, and in the end one by one; what is left becomes milder.
#[derive(Debug, Clone)]
pub struct PlanTree(Shrinking);

impl PlanTree {
    pub(super) fn new(plan: Plan) -> Self {
        Self(Shrinking::new(plan))
    }
}

impl ValueTree for PlanTree {
    type Value = Plan;

    fn current(&self) -> Plan {
        self.0.current()
    }

    fn simplify(&mut self) -> bool {
        self.0.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.0.complicate()
    }
}
