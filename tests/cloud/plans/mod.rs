//! Whatever a plan says, a run ends, and the plan's text gives the same run again.
//!
//! A thousand random plans in release builds, 240 in debug builds; `LAMBDA_TESTKIT_PLANS` says another number, and
//! `LAMBDA_TESTKIT_PLANS_SEED` which.

mod chain;
mod parts;

use std::pin::Pin;
use std::time::{Duration, Instant};

use lambda_testkit::history::Actor;
use lambda_testkit::prelude::*;
use lambda_testkit::{Course, Plan, Point, PointKind};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::scenarios::{alarms, export, nightly, users};

/// A scenario of the tour, of [`chain`] or of [`parts`], drained, without any expectation.
type Scenario = for<'a> fn(&'a Cloud) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

const SCENARIOS: [(&str, Scenario); 6] = [
    ("export", |cloud| {
        Box::pin(async move {
            let (export, _) = export::arrange(cloud);
            export.put("my_files/export-1 é.csv", "1,2");
            export.put("my_files/export-2.csv", "3,4");
            export.put("my_files/notes.txt", "not a CSV file");
            end(cloud).await;
        })
    }),
    ("nightly", |cloud| {
        Box::pin(async move {
            let (logs, _, rule) = nightly::arrange(cloud);
            logs.put("linux/logs.txt", "INFO up\nERROR disk full\n");
            let _ = cloud.try_advance(Duration::from_secs(2 * 3600)).await.unwrap();
            rule.stop();
            end(cloud).await;
        })
    }),
    ("alarms", |cloud| {
        Box::pin(async move {
            let (alarms, ..) = alarms::arrange(cloud);
            for alarm in ["disk full on db-1", "no route to db-2", "db-3 is slow"] {
                alarms.send(alarm);
            }
            end(cloud).await;
        })
    }),
    ("users", |cloud| {
        Box::pin(async move {
            let (start, ..) = users::arrange(cloud);
            start.invoke_later(json!({ "logs": "2026/" }));
            end(cloud).await;
        })
    }),
    ("chain", |cloud| {
        Box::pin(async move {
            chain::arrange(cloud);
            let inbox = cloud.bucket("inbox");
            ["a", "b", "c"].iter().for_each(|key| inbox.put(key, ""));
            let _ = cloud.try_settle().await.unwrap_or_else(|error| panic!("{error}"));
            end(cloud).await;
        })
    }),
    ("parts", |cloud| {
        Box::pin(async move {
            parts::arrange(cloud);
            cloud.bucket("inbox").put("1", "");
            end(cloud).await;
            ["d", "e"].iter().for_each(|key| cloud.bucket("stock").put(key, ""));
            cloud.bucket("inbox").put("2", "");
            end(cloud).await;
        })
    }),
];

async fn end(cloud: &Cloud) {
    let _ = cloud.try_drain().await.unwrap_or_else(|error| panic!("no plan may keep a run from its end: {error}"));
}

async fn run(scenario: Scenario, plan: &Plan) -> Cloud {
    let cloud = Cloud::builder().plan(plan).start();
    scenario(&cloud).await;
    cloud
}

/// What a sweep lets deviate: not what the test itself does.
fn swept(course: &Course) -> Vec<&Point> {
    let points = course.points().iter();
    points.filter(|point| !matches!(point.actor, Actor::Test | Actor::Unattributed)).collect()
}

/// Lets each point deviate in each way, but only every `step`-th of all these.
async fn try_each(place: usize, step: usize) {
    let (name, scenario) = SCENARIOS[place];
    let course = run(scenario, &Plan::new()).await.course();
    assert_eq!(course, run(scenario, &Plan::new()).await.course(), "{name}: the course is the same in every run");
    let plans = swept(&course).into_iter().flat_map(Point::plans);
    let mut count = 0;
    for plan in plans.step_by(step) {
        let cloud = run(scenario, &plan).await;
        let found = cloud.course();
        assert!(found.unmet().is_empty(), "{name}: {plan} did not come to pass:\n{found}\n{}", cloud.timeline());
        assert_eq!(found.fired(), plan, "{name}");
        count += 1;
    }
    assert!(count > 20, "{name}: {count}");
}

#[tokio::test]
async fn every_single_deviation_of_the_export_comes_to_pass() {
    try_each(0, 1).await;
}

#[tokio::test]
async fn every_single_deviation_of_the_nightly_check_comes_to_pass() {
    try_each(1, 1).await;
}

#[tokio::test]
async fn every_single_deviation_of_the_alarms_comes_to_pass() {
    try_each(2, 1).await;
}

#[tokio::test]
async fn every_single_deviation_of_the_users_comes_to_pass() {
    try_each(3, 1).await;
}

/// In debug builds, where they take 12 s, only a part of the four hundred.
#[tokio::test]
async fn every_single_deviation_of_the_chain_comes_to_pass() {
    try_each(4, if cfg!(debug_assertions) { 5 } else { 1 }).await;
}

/// Each kind of part is among them.
#[tokio::test]
async fn every_single_deviation_of_the_parts_comes_to_pass() {
    let course = run(SCENARIOS[5].1, &Plan::new()).await.course();
    for word in ["page ends early", "first entry fails", "last entry fails", "one message", "fresh environment"] {
        let is_offered = |point: &&Point| point.alternatives.iter().any(|deviation| deviation.to_string() == word);
        assert!(swept(&course).iter().any(is_offered), "{word}: {course}");
    }
    try_each(5, if cfg!(debug_assertions) { 3 } else { 1 }).await;
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

#[tokio::test]
async fn random_plans_end_and_their_text_gives_the_same_run() {
    let count = number("LAMBDA_TESTKIT_PLANS", if cfg!(debug_assertions) { 240 } else { 1000 });
    let seed = number("LAMBDA_TESTKIT_PLANS_SEED", 0);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat());
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let draws = prop::collection::vec(any::<(Index, Index)>(), 1..=3);
    let mut courses = Vec::new();
    for (_, scenario) in SCENARIOS {
        courses.push(run(scenario, &Plan::new()).await.course());
    }
    for number in 0..count {
        let place = usize::try_from(number).unwrap() % SCENARIOS.len();
        let ((name, scenario), course) = (SCENARIOS[place], &courses[place]);
        let points = swept(course);
        let drawn = draws.new_tree(&mut runner).unwrap().current();
        let plan = drawn.iter().fold(Plan::new(), |plan, (point, deviation)| {
            let point = point.get(&points);
            plan.and(&point.deviate(deviation.get(&point.alternatives)))
        });
        let text = plan.to_string();
        let parsed: Plan = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(parsed, plan);
        let began = Instant::now();
        let (one, other) = (run(scenario, &plan).await, run(scenario, &parsed).await);
        assert!(began.elapsed() < Duration::from_secs(8), "{name}, {text}: took {:?}", began.elapsed());
        assert_eq!(one.timeline().to_string(), other.timeline().to_string(), "{name}: {text}");
        assert_eq!(one.course(), other.course(), "{name}: {text}");
        // One of several deviations may keep the others from their points; the first to be met has fired.
        assert!(!one.course().fired().is_empty(), "{name}: {text}");
        assert_eq!(one.course().fired().len() + one.course().unmet().len(), plan.len(), "{name}: {text}");
    }
}

/// A plan that was shrunk by leaving deviations out must find the rest again.
#[tokio::test]
async fn of_two_deviations_each_comes_to_pass_alone() {
    let plan: Plan =
        "s3.PutObject private-csv/my_files/export-1 é.csv #1: crash; export → to-utf8 #2: late".parse().unwrap();
    let (_, scenario) = SCENARIOS[0];
    let cloud = run(scenario, &plan).await;
    cloud.course().assert_plan_met();
    for single in cloud.course().fired().singles() {
        run(scenario, &single).await.course().assert_plan_met();
    }
    let kinds: Vec<PointKind> =
        cloud.course().points().iter().filter(|point| point.taken.is_some()).map(|point| point.kind).collect();
    assert_eq!(kinds, [PointKind::Delivery, PointKind::After]);
}
