//! Plans whose deviations are drawn: faults, deliveries, whole histories, and orders.

mod tree;

use proptest::prelude::*;
use proptest::strategy::NewTree;
use proptest::test_runner::TestRunner;

use self::tree::PlanTree;
use crate::choice::{Drawing, Draws, Plan};

/// How many deviations one run meets at most, unless told otherwise.
const MOST: Option<u32> = Some(8);

/// A strategy for plans of transient faults: errors, resets, throttles, lost answers, crashes, requests that hang.
///
/// Whether a point of the run deviates is drawn when the run comes to it, by a hash of the plan's seed and the point's name:
/// in one plan 1.5 % of the points do, in another 4, 10 or 25 %. Of what is possible at a point the kind is drawn first, so
/// that ten codes of errors are not ten times as likely as one crash. What the test does itself is never spoiled. A plan that
/// fails shrinks to the deviations that its run has met, then leaves out one after the other, and puts milder ones in the
/// place of the rest; what is printed in the end is a text that [`CloudBuilder::plan`](crate::CloudBuilder::plan) takes.
///
/// After transient faults a right program ends where it would have ended without them; of an asynchronous chain this holds
/// as long as the deviations that it meets are fewer than its attempts ([`at_most`](Plans::at_most)). An effect without an
/// idempotence key may come twice.
///
/// ```
/// use lambda_testkit::prelude::*;
/// use lambda_testkit::strategy::fault_plan;
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(16), |(plan in fault_plan().at_most(1))| {
///     Cloud::builder().plan(&plan).run(|cloud| async move {
///         let (inbox, copies) = (cloud.bucket("inbox"), cloud.bucket("copies"));
///         let copy = cloud.function_with("copy", copies.clone(), |copies, event: S3Event| async move {
///             copies.try_put(event.records[0].key().as_str(), "copied").map(drop)
///         });
///         inbox.notify(&copy, on(ObjectCreated));
///         inbox.put("a.csv", "1,2");
///         let _failures = cloud.drain().await;                   // a retry mends them
///         copies.assert_keys(["a.csv"]);
///     });
/// });
/// ```
pub fn fault_plan() -> Plans {
    Plans { what: Some(Drawing::Faults), most: MOST }
}

/// A strategy for plans in which deliveries and batches come another way: twice, late, before an older one, fewer messages at
/// a time, pages that end early, single entries that fail. See [`fault_plan`] for how they are drawn and how they shrink.
///
/// All of it AWS may do at any time, and the program has to end where it would have ended without.
///
/// ```
/// use lambda_testkit::prelude::*;
/// use lambda_testkit::strategy::delivery_plan;
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(16), |(plan in delivery_plan())| {
///     Cloud::builder().plan(&plan).run(|cloud| async move {
///         let read = cloud.stub("read");
///         let jobs = cloud.queue("jobs");
///         jobs.trigger(&read, batch(2));
///         jobs.send_all(["a", "b"]);
///         cloud.drain().await.assert_ok();
///         jobs.assert_empty();                                   // but `read` may have had "a" twice
///     });
/// });
/// ```
pub fn delivery_plan() -> Plans {
    Plans { what: Some(Drawing::Deliveries), most: MOST }
}

/// A strategy for plans of whole histories: what [`fault_plan`] and [`delivery_plan`] draw, both in one run.
///
/// ```
/// use lambda_testkit::Plan;
/// use lambda_testkit::strategy::{history, sample};
///
/// let plan = sample(&history().at_most(2), 7, 0);
/// assert!(plan.to_string().starts_with("history drawn by "), "{plan}");
/// assert_eq!(plan.to_string().parse::<Plan>().unwrap(), plan);
/// ```
pub fn history() -> Plans {
    Plans { what: Some(Drawing::History), most: MOST }
}

/// A strategy for plans in which another one of the things that can happen at one instant goes first, and in which
/// invocations are put aside in their middle while others go on.
///
/// Each thing has a random priority, and the highest goes first; at up to three points of a run, drawn too, the priority of
/// the one that would go first drops below all others. This is PCT ([Burckhardt and others,
/// 2010](https://doi.org/10.1145/1736020.1736040)): of a run with n things and k questions, one plan shows a bug that needs d
/// changes of order with a probability of at least 1/(n·k^(d−1)).
///
/// ```
/// use lambda_testkit::prelude::*;
/// use lambda_testkit::strategy::interleaving;
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(16), |(plan in interleaving())| {
///     Cloud::builder().plan(&plan).run(|cloud| async move {
///         let inbox = cloud.bucket("inbox");
///         let seen = cloud.stub("seen");
///         inbox.notify(&seen, on(ObjectCreated));
///         inbox.put("a", "1");
///         inbox.put("b", "2");
///         cloud.settle().await.assert_ok();
///         assert_eq!(seen.invocations().len(), 2);               // in any order
///     });
/// });
/// ```
pub fn interleaving() -> Plans {
    Plans { what: None, most: None }
}

/// The strategy of [`fault_plan`], [`delivery_plan`], [`history`] and [`interleaving`].
#[derive(Debug, Clone)]
#[must_use = "strategies do nothing unless used"]
pub struct Plans {
    /// None are orders, whose length is drawn too.
    what: Option<Drawing>,
    /// All that there are, without a number.
    most: Option<u32>,
}

impl Plans {
    /// How many deviations one run meets at most. Default 8; of orders, as many as there are.
    ///
    /// # Panics
    ///
    /// If it is 0: that is the ordinary course.
    #[track_caller]
    pub fn at_most(mut self, deviations: u32) -> Self {
        assert!(deviations > 0, "a plan of a strategy has at least 1 deviation, for 0 is the ordinary course");
        self.most = Some(deviations);
        self
    }

    fn plan(&self, runner: &mut TestRunner) -> Plan {
        let (seed, length) = (runner.rng().next_u64(), runner.rng().next_u64());
        // How often a run asks is not known before it has run: a short one, a usual one, a long one.
        let what = self.what.unwrap_or(Drawing::Order { steps: 8 << (2 * (length % 3)) });
        Plan::drawn(Draws { seed, what }, self.most)
    }
}

impl Strategy for Plans {
    type Tree = PlanTree;
    type Value = Plan;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(PlanTree::new(self.plan(runner)))
    }
}
