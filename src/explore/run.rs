//! One run of a scenario: a fresh cloud, the scenario, and the rest of the work.

use std::ops::AsyncFn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::quiet;
use crate::choice::{Course, Plan};
use crate::cloud::{Cloud, CloudBuilder, CloudState, Refusal, take_refusal};
use crate::history::{History, Origin, What};
use crate::kernel::DriveError;

/// A run that is over.
#[derive(Debug)]
pub(super) struct Ran {
    pub course: Course,
    pub state: CloudState,
    pub history: History,
    /// When the driving calls ended.
    pub ends: Arc<[Timestamp]>,
    pub ended: Ended,
    /// What was asked for when all was over, if that was [watched](run_to_the_last).
    pub left: Vec<String>,
    /// What was [received again](Cloud::received_again).
    pub received: Vec<(String, String, u32)>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nothing is left to do.
    Drained,
    /// The scenario was told an error by a verb of the cloud, and panicked with it.
    Told(String),
    /// The scenario panicked by itself.
    Panicked(String),
    /// It did not come to its end within the limits.
    Endless(String),
}

/// How much of the way to the end of a loop is told.
const STEPS_SHOWN: usize = 12;

/// Runs the scenario in a cloud of this kind.
pub(super) fn run<S: AsyncFn(&Cloud)>(runtime: &Runtime, scenario: &S, builder: CloudBuilder) -> Ran {
    let (cloud, ended) = drained(runtime, scenario, builder);
    over(cloud, ended, |_, _| Vec::new())
}

/// As [`run`], and then lets the tasks go on that nobody waits for, to see whether they ask for anything.
pub(super) fn run_to_the_last<S: AsyncFn(&Cloud)>(runtime: &Runtime, scenario: &S, builder: CloudBuilder) -> Ran {
    let (cloud, ended) = drained(runtime, scenario, builder);
    over(cloud, ended, |cloud, seen| {
        runtime.block_on(tasks(runtime));
        let (history, mut left) = (cloud.history(), Vec::new());
        left.extend(history.entries().iter().skip(seen).filter_map(|entry| match &entry.what {
            What::Request(request) if request.origin != Origin::Service => Some(request.subject()),
            _ => None,
        }));
        left
    })
}

/// Until no task is left, or none has anything to do: one that waits for a socket is given a moment.
async fn tasks(runtime: &Runtime) {
    const TURNS: usize = 100;
    const MOMENT: Duration = Duration::from_millis(50);
    let (began, mut turns) = (Instant::now(), 0);
    while runtime.metrics().num_alive_tasks() > 0 && (turns < TURNS || began.elapsed() < MOMENT) {
        turns += 1;
        tokio::task::yield_now().await;
    }
}

/// As [`run`], and when it has ended well does something more, with what follows from it.
pub(super) fn run_then<S: AsyncFn(&Cloud)>(
    runtime: &Runtime,
    scenario: &S,
    builder: CloudBuilder,
    then: impl AsyncFn(&Cloud),
) -> Ran {
    let (cloud, mut ended) = drained(runtime, scenario, builder);
    if ended == Ended::Drained {
        let more = async {
            then(&cloud).await;
            cloud.end().await
        };
        let (drained, _) = quiet::listen(|| runtime.block_on(more));
        ended = how(&cloud, drained.err());
    }
    over(cloud, ended, |_, _| Vec::new())
}

/// A cloud in which the scenario was run and all work is done, if it could be.
fn drained<S: AsyncFn(&Cloud)>(runtime: &Runtime, scenario: &S, builder: CloudBuilder) -> (Cloud, Ended) {
    let cloud = builder.start();
    let _ = take_refusal();
    let (result, panicked) = quiet::listen(|| {
        // Nothing of the scenario is used after its panic.
        let acted = AssertUnwindSafe(scenario(&cloud)).catch_unwind();
        runtime.block_on(acted)
    });
    let mut ended = match (result, take_refusal()) {
        (Ok(()), _) => Ended::Drained,
        (Err(_), Some(Refusal::Told)) => Ended::Told(panicked),
        (Err(_), Some(Refusal::Endless)) => Ended::Endless(panicked),
        (Err(_), None) => Ended::Panicked(panicked),
    };
    let (drained, _) = quiet::listen(|| runtime.block_on(cloud.end()));
    if ended == Ended::Drained {
        ended = how(&cloud, drained.err());
    }
    (cloud, ended)
}

/// How a cloud has come to its end. A loop that Lambda had to stop would have none.
fn how(cloud: &Cloud, error: Option<DriveError>) -> Ended {
    let history = cloud.history();
    let stopped = history.entries().iter().find(|entry| matches!(entry.what, What::Stopped { .. }));
    match (stopped, error) {
        (Some(stopped), _) => {
            let path = history.path_to(stopped.id);
            let steps = path[path.len().saturating_sub(STEPS_SHOWN)..].iter().map(|step| format!("\n  {step}"));
            Ended::Endless(format!("a loop, which came about like this:{}", steps.collect::<String>()))
        }
        (None, Some(error)) => Ended::Endless(error.to_string()),
        (None, None) => Ended::Drained,
    }
}

/// What is left of it; `watch` sees what happens in it still, behind the entries that there are.
fn over(cloud: Cloud, ended: Ended, watch: impl FnOnce(&Cloud, usize) -> Vec<String>) -> Ran {
    let (course, state, history) = (cloud.course(), cloud.state(), cloud.history());
    let left = watch(&cloud, history.entries().len());
    let (ends, received) = (cloud.ends().into(), cloud.received_again());
    let ran = Ran { course, state, history, ends, ended, left, received };
    cloud.discard();
    ran
}

impl Ran {
    /// The deviations that came to pass.
    pub fn fired(&self) -> Plan {
        self.course.fired()
    }
}
