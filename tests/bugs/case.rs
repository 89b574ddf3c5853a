//! A bug, its twin, and how they are tried.
//!
//! Each is explored with the default settings. `LAMBDA_TESTKIT_HISTORIES=1000` has the twins live through so many random
//! histories; `LAMBDA_TESTKIT_TABLE=1` writes what was found into the table of `docs/BUGS.md` (release builds: the times there
//! are theirs).

use std::env;
use std::ops::AsyncFn;
use std::time::Instant;

use lambda_testkit::{Cloud, CloudState, Explore, Explored, Plan};

use crate::table::{Row, table};

/// How often a plan must lead to the same failure; in debug builds the gate has no time for more.
const REPLAYS: usize = if cfg!(debug_assertions) { 10 } else { 100 };

/// What goes wrong, and where it is known from.
pub struct Bug {
    pub name: &'static str,
    /// A paper, a bug report or a page that describes it.
    pub from: &'static str,
    /// What the report must say.
    pub finding: &'static str,
    pub buggy: fn(&Trial) -> Explored,
    pub fixed: fn(&Trial) -> Explored,
}

/// How a scenario is explored.
#[derive(Debug, Default)]
pub struct Trial {
    /// These plans alone, if there are any.
    plans: Vec<Plan>,
    histories: Option<usize>,
}

impl Trial {
    /// With this plan alone.
    pub fn of(plan: &str) -> Self {
        Self { plans: vec![plan.parse().expect("a plan")], ..Self::default() }
    }
}

/// How scenarios of this catalogue end.
pub trait Tried {
    /// Explores as the trial says.
    fn tried(self, trial: &Trial) -> Explored;

    /// Explores as the trial says, with a check of the end.
    fn tried_with(self, trial: &Trial, check: impl Fn(&CloudState) + Sync) -> Explored;
}

impl<S: AsyncFn(&Cloud) + Sync> Tried for Explore<S> {
    fn tried(self, trial: &Trial) -> Explored {
        self.tried_with(trial, |_| {})
    }

    fn tried_with(mut self, trial: &Trial, check: impl Fn(&CloudState) + Sync) -> Explored {
        if let Some(count) = trial.histories {
            self = self.histories(count);
        }
        trial.plans.iter().fold(self, Explore::plan).try_check(check)
    }
}

impl Bug {
    /// The bug is found with these words and so small a plan, whose replays all end alike, and its twin passes.
    #[track_caller]
    pub fn try_it(&self) {
        let Self { name, from, finding, buggy, fixed } = self;
        let began = Instant::now();
        let found = buggy(&Trial::default());
        let took = began.elapsed();
        println!("{name}: found in {took:?}");
        assert!(!found.is_ok(), "{name} ({from}) is not found:\n{found}");
        assert!(found.to_string().contains(finding), "{name}: is found as something else:\n{found}");
        let is_small = found.findings().iter().all(|finding| finding.plan.len() <= 1);
        assert!(is_small, "{name}: one deviation is enough:\n{found}");
        self.replay(&found);
        table(&Row::of(self, &found, took));

        let histories = env::var("LAMBDA_TESTKIT_HISTORIES").ok().map(|count| count.parse().expect("a number"));
        let began = Instant::now();
        let passes = fixed(&Trial { histories, ..Trial::default() });
        println!("{name}: twin passes in {:?}", began.elapsed());
        assert!(passes.is_ok(), "{name}: its twin does not pass:\n{passes}");
    }

    /// What the first finding's plan leads to is the same each time.
    fn replay(&self, found: &Explored) {
        let Some(first) = found.findings().iter().find(|finding| !finding.plan.is_empty()) else { return };
        let again = (self.buggy)(&Trial { plans: vec![first.plan.clone(); REPLAYS], ..Trial::default() });
        let same = again.findings().iter().find(|finding| finding.what == first.what && finding.seen == first.seen);
        let same = same.unwrap_or_else(|| panic!("{}: {} leads to something else:\n{again}", self.name, first.plan));
        assert_eq!(same.others + 1, REPLAYS, "{}: {} does not always lead there", self.name, first.plan);
        assert_eq!(same.timeline, first.timeline, "{}", self.name);
    }
}
