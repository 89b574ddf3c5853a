//! Every single failure, all of them: the same scenario again and again, and each time the cloud goes another way.
//!
//! * [`ordinary`]: the course without deviations, and what is volatile in it ([`mask`]).
//! * [`phases`]: what is tried: single deviations as [`reduce`] chooses them, [`small`] limits, [`unknown`] members,
//!   pairs, histories, orders.
//! * [`oracle`]: what a run is judged by, with [`repeats`], [`manners`] and [`invariant`]; [`view`] and [`differences`] are
//!   what it looks at, [`set_back`] at the times that it does not see, [`versions`] compares when an
//!   object was overwritten, and [`next_run`] what the next run of a schedule would make good.
//! * [`causes`], [`shrink`], [`answer`]: one failure for each cause, with the smallest plan; [`regressions`] keeps it.
//! * [`run`], [`workers`], [`quiet`]: one run, many, and their panics.

mod answer;
mod causes;
mod differences;
mod invariant;
mod manners;
mod mask;
mod next_run;
mod oracle;
mod ordinary;
mod phases;
mod quiet;
mod reduce;
mod regressions;
mod repeats;
mod run;
mod set_back;
mod settings;
mod shrink;
mod small;
mod told;
mod unknown;
mod versions;
mod view;
mod workers;

use std::fmt::Display;
use std::ops::AsyncFn;
use std::panic::Location;

pub use answer::{Explored, Finding};
pub use invariant::{End, Invariant};

use crate::choice::Plan;
use crate::cloud::{Cloud, CloudBuilder, CloudState};
use phases::Exploration;
use regressions::Regressions;
use settings::Settings;
use workers::Workers;

/// Explores what a scenario comes to when the cloud fails it, in every way in which it can.
///
/// The scenario arranges a fresh cloud and acts on it; it asserts nothing and need not wait for the end. First it runs
/// as it is. Then it runs with **every single deviation** at every request, delivery, batch and invocation of its
/// functions: errors, resets, lost answers, crashes, timeouts, throttles, duplicates, delays and other orders. Then once with
/// [small limits](CloudBuilder::small_limits), once with [members that AWS has not added yet](CloudBuilder::unknown_members),
/// with pairs of deviations, with random histories, and in other orders. After faults that pass, the drained cloud must hold what it holds
/// without them; after faults that stay, somebody must have been told. No expectation need be written for that.
///
/// ```
/// use lambda_testkit::explore;
/// use lambda_testkit::prelude::*;
///
/// let explored = explore(async |cloud: &Cloud| {
///     let (inbox, copies) = (cloud.bucket("inbox"), cloud.bucket("copies"));
///     let copy = cloud.function_with("copy", copies, async |copies: Bucket, event: S3Event| {
///         for record in &event.records {
///             copies.try_put(&record.key().to_string(), "copied")?;      // writing it again changes nothing
///         }
///         Ok::<_, lambda_testkit::CloudError>(())
///     });
///     inbox.notify(&copy, on(ObjectCreated));
///     inbox.put("a b.txt", "a");
/// })
/// .check(|state| assert_eq!(state.buckets["copies"].objects.len(), 1));
/// assert!(explored.singles() > 10);
/// # use lambda_testkit::Bucket;
/// ```
///
/// # What is judged
///
/// * After deviations that pass ([`Deviation::is_transient`](crate::Deviation::is_transient)) the end is the ordinary one:
///   objects with their bytes and metadata, messages in queues, posts to Slack in any order. What is different in every
///   run (ids, times) is learnt from ordinary runs and counts as equal.
/// * An effect may be there once more for each time that its invocation crashed, timed out, or failed on a single record
///   after it, or that its own answer was lost: exactly once does not exist. A repeat after an invocation that succeeded is a
///   failure; [`at_least_once`](Explore::at_least_once) permits it.
/// * A post or message that was marked as sent may be lost between the mark and the sending.
/// * What waits in a queue for the next poll of a function that did not succeed is not lost.
/// * An event is given up only after as many attempts as there were deviations.
/// * After deviations that stay, what is lost must be told by an invocation that fails, a dead letter, or another message.
/// * Whatever happens: Slack's `Retry-After` is respected, retries wait and end, and the order of FIFO groups is kept.
/// * Without any deviation no function fails, but those that are [`failing`](Explore::failing); none leaves a task behind
///   that still asks for something, or deletes a message of a queue after its visibility timeout.
/// * No function fails where all that happened is that an alias's additional version ran, even if a retry finds the other one.
/// * All [`invariant`](Explore::invariant)s hold.
///
/// A failing plan is made small, printed, and stored beside the test's source as `NAME.plans`, from which it is tried first
/// the next time. The report is the same for the same seed, on any number of threads.
///
/// # Orders
///
/// Orders are drawn as PCT does (Burckhardt et al., "A randomized scheduler with probabilistic guarantees of finding bugs",
/// ASPLOS 2010): each thing that can happen has a random priority, and at up to 3 random steps that of the first drops.
/// A bug that needs d ordered steps among k steps of n things is found by one run with a probability of at least
/// 1/(n·kᵈ⁻¹), for d up to 4.
#[track_caller]
pub fn explore<S: AsyncFn(&Cloud) + Sync>(scenario: S) -> Explore<S> {
    Explore { scenario, settings: Settings::default(), caller: Location::caller() }
}

/// An exploration that is being set up; [`check`](Self::check) or [`run`](Self::run) runs it.
#[derive(Debug)]
#[must_use = "nothing is explored until check() or run() is called"]
pub struct Explore<S> {
    scenario: S,
    settings: Settings,
    caller: &'static Location<'static>,
}

impl<S: AsyncFn(&Cloud) + Sync> Explore<S> {
    /// The kind of cloud in which the scenario runs: its start time, region, account, limits. Default: [`Cloud::builder`].
    pub fn cloud(mut self, builder: CloudBuilder) -> Self {
        self.settings.builder = builder;
        self
    }

    /// The seed of what is drawn, and of the clouds. Default: `LAMBDA_TESTKIT_SEED`, or a constant.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Tries this plan alone, after the ordinary course, in place of all phases; called again, each of them. So a plan that a
    /// report has printed can be looked at while its cause is mended.
    ///
    /// ```
    /// # use lambda_testkit::explore;
    /// # use lambda_testkit::prelude::*;
    /// let explored = explore(async |cloud: &Cloud| {
    ///     let post = cloud.function_with("post", cloud.queue("posts"), async |posts: Queue, _: S3Event| posts.send("new"));
    ///     cloud.bucket("inbox").notify(&post, on(ObjectCreated));
    ///     cloud.bucket("inbox").put("a", "a");
    /// })
    /// .plan("inbox → post #1: twice")
    /// .try_run();
    /// assert_eq!(explored.findings()[0].what, "not idempotent");
    /// # use lambda_testkit::Queue;
    /// ```
    ///
    /// # Panics
    ///
    /// When a text is no plan; the message says which part of it, and why.
    #[track_caller]
    pub fn plan(mut self, plan: impl TryInto<Plan, Error: Display>) -> Self {
        match plan.try_into() {
            Ok(plan) => self.settings.plans.push(plan),
            Err(error) => panic!("{error}"),
        }
        self
    }

    /// How many runs there are at most beside the single deviations, which are all tried: half of them pairs, a quarter
    /// each histories and orders. Default: 400. With 0 there are only single deviations.
    pub fn budget(self, runs: usize) -> Self {
        self.pairs(runs / 2).histories(runs / 4).orders(runs / 4)
    }

    /// How many pairs of deviations are tried at most. Default: 200.
    pub fn pairs(mut self, count: usize) -> Self {
        self.settings.pairs = count;
        self
    }

    /// How many histories are drawn, each with deviations anywhere. Default: 100.
    pub fn histories(mut self, count: usize) -> Self {
        self.settings.histories = count;
        self
    }

    /// How many orders are drawn, if anything can happen in another order. Default: 100.
    pub fn orders(mut self, count: usize) -> Self {
        self.settings.orders = count;
        self
    }

    /// How many threads work at it. Default: as many as the machine has.
    pub fn threads(mut self, count: usize) -> Self {
        self.settings.threads = Some(count);
        self
    }

    /// Tries only deviations whose text contains `part`: a point, an alternative, or both, such as `s3.PutObject`, `: twice`
    /// or `alarms → to-slack: late`. Of several, any.
    pub fn only(mut self, part: impl Into<String>) -> Self {
        self.settings.only.push(part.into());
        self
    }

    /// Leaves out deviations whose text contains `part`, as for [`only`](Self::only); `small limits` leaves out the run under
    /// [small limits](CloudBuilder::small_limits), and `unknown members` the one with
    /// [members that AWS has not added yet](CloudBuilder::unknown_members).
    pub fn without(mut self, part: impl Into<String>) -> Self {
        self.settings.without.push(part.into());
        self
    }

    /// A difference makes none at places that contain `part`: `s3://bucket/key`, `queue NAME`, `slack #channel`,
    /// `uploads of BUCKET`, `given up by FUNCTION`.
    pub fn ignoring(mut self, part: impl Into<String>) -> Self {
        self.settings.ignoring.push(part.into());
        self
    }

    /// Something may be done more than once at places that contain `part`, such as `slack #alarms` or `queue orders`, for
    /// whoever reads there can cope with it.
    pub fn at_least_once(mut self, part: impl Into<String>) -> Self {
        self.settings.at_least_once.push(part.into());
        self
    }

    /// This function fails in the ordinary course, too: the scenario gives it something to fail on. Without being named here, a
    /// failure without any deviation is a finding.
    pub fn failing(mut self, function: impl Into<String>) -> Self {
        self.settings.failing.push(function.into());
        self
    }

    /// What must hold at the end of every run.
    pub fn invariant(mut self, invariant: Invariant) -> Self {
        self.settings.invariants.push(invariant);
        self
    }

    /// Explores, and lets `check` assert what it likes about each end that should be as good as the ordinary one.
    ///
    /// It is not asked about ends that differ as they may: after a dead letter, or when something was done again that nobody
    /// could know was done. [`invariant`](Self::invariant)s are asked about all.
    ///
    /// # Panics
    ///
    /// With the report, when something failed, and when the scenario fails or takes two ways without any deviation.
    #[track_caller]
    pub fn check(self, check: impl Fn(&CloudState) + Sync) -> Explored {
        self.must(&check)
    }

    /// Explores without a check of your own.
    ///
    /// # Panics
    ///
    /// As [`check`](Self::check).
    #[track_caller]
    pub fn run(self) -> Explored {
        self.must(&|_| {})
    }

    /// As [`check`](Self::check), but answers failures instead of panicking, and stores none.
    pub fn try_check(self, check: impl Fn(&CloudState) + Sync) -> Explored {
        self.explored(&check, &Regressions::of(self.caller))
    }

    /// As [`run`](Self::run), but answers failures instead of panicking, and stores none.
    pub fn try_run(self) -> Explored {
        self.try_check(|_| {})
    }

    #[track_caller]
    fn must(self, check: &(impl Fn(&CloudState) + Sync)) -> Explored {
        let stored = Regressions::of(self.caller);
        let explored = self.explored(check, &stored);
        if !explored.is_ok() {
            let kept = stored.store(explored.findings());
            let kept = kept.map(|file| format!("\nstored in {}, and tried first from now on", file.display()));
            panic!("{explored}{}", kept.unwrap_or_default());
        }
        explored
    }

    fn explored(&self, check: &(impl Fn(&CloudState) + Sync), stored: &Regressions) -> Explored {
        let Self { scenario, settings, .. } = self;
        let workers = Workers::new(settings.threads);
        Exploration { scenario, settings, check, workers }.explore(stored)
    }
}
