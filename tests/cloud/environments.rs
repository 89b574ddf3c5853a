//! Execution environments: what a handler keeps between invocations, how many run at once, and fresh ones where warm ones
//! would be taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, ThrottleReason};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Deviation, Function, Plan, PointKind};
use serde_json::{Value, json};

use crate::common::{both_ways, refusal};

/// A function that counts the events of its environment. An event says how long it sleeps, in seconds.
fn counting(cloud: &Cloud, name: &str) -> Function {
    let clock = cloud.clock();
    cloud.function_in(name, move || {
        let (seen, clock) = (Arc::new(AtomicU32::new(0)), clock.clone());
        move |seconds: u64| {
            let (seen, clock) = (Arc::clone(&seen), clock.clone());
            async move {
                // A sleep of no time lets others go first, who would then need another environment.
                if seconds > 0 {
                    clock.sleep(Duration::from_secs(seconds)).await;
                }
                seen.fetch_add(1, Ordering::Relaxed) + 1
            }
        }
    })
}

/// Environment and answer, or error, of each invocation.
fn runs(function: &Function) -> Vec<(u32, String)> {
    let run = |run: &lambda_testkit::history::Invoked| {
        let came = run.error().map(|error| error.error_type.clone().unwrap_or_default());
        (run.info().environment, came.unwrap_or_else(|| run.response::<Value>().to_string()))
    };
    function.invocations().iter().map(run).collect()
}

fn expected(runs: &[(u32, &str)]) -> Vec<(u32, String)> {
    runs.iter().map(|(environment, came)| (*environment, (*came).to_owned())).collect()
}

#[tokio::test]
async fn state_lives_as_long_as_one_environment() {
    let cloud = Cloud::start();
    let count = counting(&cloud, "count").timeout(Duration::from_secs(10)).retry_attempts(0);
    for seconds in [0, 0, 60, 0] {
        count.invoke_later(seconds);
        let _ = cloud.drain().await;
    }
    assert_eq!(runs(&count), expected(&[(1, "1"), (1, "2"), (1, "Sandbox.Timedout"), (2, "1")]));
    // Two at once need two, and the first that is free is taken again.
    [5, 5].iter().for_each(|seconds| count.invoke_later(*seconds));
    let _ = cloud.drain().await;
    assert_eq!(runs(&count)[4..], expected(&[(2, "2"), (3, "1")]));
    // New code is a new deployment.
    let count = counting(&cloud, "count");
    assert_eq!((count.invoke::<u32>(0).await, runs(&count)[6].0), (1, 4));
}

#[tokio::test]
async fn what_an_environment_holds_is_dropped_with_it() {
    struct Held(Arc<AtomicU32>);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let (alive, cloud) = (Arc::new(AtomicU32::new(0)), Cloud::start());
    let counted = Arc::clone(&alive);
    let holds = cloud.function_in("holds", move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let held = Arc::new(Held(Arc::clone(&counted)));
        move |hangs: bool| {
            let _held = Arc::clone(&held);
            async move {
                if hangs {
                    std::future::pending::<()>().await;
                }
            }
        }
    });
    assert_eq!(alive.load(Ordering::Relaxed), 0, "nothing is made before the first event");
    holds.invoke::<()>(false).await;
    assert_eq!(alive.load(Ordering::Relaxed), 1);
    cloud.function("holds", async |_: bool| ());
    assert_eq!(alive.load(Ordering::Relaxed), 0, "with new code the old environments go");
    drop(cloud);
}

#[tokio::test]
async fn a_maker_that_panics_fails_its_invocation_and_the_next_one_starts_anew() {
    let cloud = Cloud::start();
    let starts = AtomicU32::new(0);
    let broken = cloud.function_in("broken", move || {
        assert!(starts.fetch_add(1, Ordering::Relaxed) > 0, "no such parameter");
        async |_: u32| ()
    });
    broken.invoke_later(1);
    let report = cloud.drain().await;
    assert_eq!(runs(&broken), expected(&[(1, "Runtime.ExitError"), (2, "null")]));
    let message = broken.invocations()[0].error().unwrap().error_message.clone();
    let said = "Runtime exited with error: exit status 101 (the handler could not be made: Lambda panicked: no such parameter)";
    assert!(message.ends_with(said), "{message}");
    assert!(report.to_string().contains("no such parameter"), "{report}");
}

#[tokio::test]
async fn beyond_its_concurrency_synchronous_invocations_are_refused_as_aws_does() {
    both_ways(async |cloud, config| {
        let counts = counting(cloud, "counts").concurrency(1);
        let gate = counts.gate();
        counts.invoke_later(0);
        cloud.settle().await.assert_ok();
        assert_eq!(gate.waiting(), 1);
        let lambda = aws_sdk_lambda::Client::new(&config);
        let invoke = || lambda.invoke().function_name("counts").payload(Blob::new("0"));
        let once =
            aws_sdk_lambda::Config::builder().retry_config(aws_sdk_lambda::config::retry::RetryConfig::disabled());
        let refused = invoke().customize().config_override(once).send().await.unwrap_err();
        match refused.as_service_error() {
            Some(InvokeError::TooManyRequestsException(error)) => {
                let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
                assert_eq!((error.reason(), error.retry_after_seconds()), (Some(&reason), Some("1")));
                assert_eq!(error.message(), Some("Rate Exceeded."));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(refusal(Err::<(), _>(refused)), "429 TooManyRequestsException");
        let by_handle = counts.try_invoke::<u32>(0).await;
        assert!(matches!(by_handle, Err(CloudError::Aws { ref code, .. }) if code == "TooManyRequestsException"));
        gate.open();
        cloud.settle().await.assert_ok();
        assert_eq!(invoke().send().await.unwrap().payload().unwrap().as_ref(), b"2");
        assert_eq!(runs(&counts), expected(&[(1, "1"), (1, "2")]));
    })
    .await;
}

#[tokio::test]
async fn beyond_its_concurrency_events_wait_and_batches_come_back() {
    let cloud = Cloud::start();
    let counts = counting(&cloud, "counts").concurrency(1);
    [3, 0, 0].iter().for_each(|seconds| counts.invoke_later(*seconds));
    cloud.drain().await.assert_ok();
    assert_eq!(runs(&counts), expected(&[(1, "1"), (1, "2"), (1, "3")]));
    let began: Vec<_> =
        counts.invocations().iter().map(|run| (run.began() - cloud_start(&cloud)).get_seconds()).collect();
    assert_eq!(began, [0, 3, 3], "1 s and 2 s later: {}", cloud.timeline());

    let clock = cloud.clock();
    let takes =
        cloud.function_with("takes", clock, async |clock, _: SqsEvent| clock.sleep(Duration::from_secs(5)).await);
    let jobs = cloud.queue("jobs").visibility_timeout(Duration::from_secs(30));
    jobs.trigger(&takes.concurrency(1), batch(1));
    let _ = ["a", "b"].map(|body| jobs.send(body));
    cloud.drain().await.assert_ok();
    let counts = takes
        .invocations()
        .into_iter()
        .map(|run| run.event::<SqsEvent>().records[0].attributes.approximate_receive_count);
    assert_eq!(counts.collect::<Vec<_>>(), [1, 2], "{}", cloud.timeline());
}

fn cloud_start(cloud: &Cloud) -> jiff::Timestamp {
    cloud.history().entries()[0].at
}

#[tokio::test]
async fn with_a_concurrency_of_0_nothing_runs_and_events_are_given_up_at_once() {
    let cloud = Cloud::start();
    let dead = cloud.queue("dead");
    let off = counting(&cloud, "off").concurrency(0).dead_letter(&dead);
    let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
    let accepted = lambda.invoke().function_name("off").invocation_type(InvocationType::Event).payload(Blob::new("7"));
    assert_eq!(accepted.send().await.unwrap().status_code(), 202);
    let _ = cloud.drain().await;
    assert_eq!((runs(&off).len(), dead.bodies()), (0, vec!["7".to_owned()]));
    assert!(cloud.timeline().to_string().contains("reserved concurrency is 0"), "{}", cloud.timeline());
    assert!(off.try_invoke::<u32>(0).await.is_err());
}

#[test]
#[should_panic(expected = "invalid concurrency 1001: the reserved concurrency of a function is 0 to 1,000")]
fn more_concurrency_than_an_account_has_is_refused() {
    counting(&Cloud::start(), "counts").concurrency(1_001);
}

/// Three starts of each kind: asynchronous, of a queue, synchronous.
async fn three_kinds(plan: &Plan) -> (Cloud, Vec<Vec<(u32, String)>>) {
    let cloud = Cloud::builder().plan(plan).start();
    let (events, asked) = (counting(&cloud, "events"), counting(&cloud, "asked"));
    let batches = cloud.function_in("batches", || {
        let seen = Arc::new(AtomicU32::new(0));
        move |_: SqsEvent| {
            let seen = Arc::clone(&seen);
            async move { json!(seen.fetch_add(1, Ordering::Relaxed) + 1) }
        }
    });
    cloud.queue("jobs").trigger(&batches, batch(1));
    for body in ["a", "b"] {
        events.invoke_later(0);
        cloud.queue("jobs").send(body);
        cloud.drain().await.assert_ok();
        asked.invoke::<u32>(0).await;
    }
    let runs = vec![runs(&events), runs(&batches), runs(&asked)];
    (cloud, runs)
}

#[tokio::test]
async fn an_invocation_runs_in_a_fresh_environment_where_a_warm_one_would_be_taken() {
    let (ordinary, warm) = three_kinds(&Plan::new()).await;
    assert_eq!(warm, vec![expected(&[(1, "1"), (1, "2")]); 3]);
    let course = ordinary.course();
    let points: Vec<_> = course.points().iter().filter(|p| p.alternatives.contains(&Deviation::Fresh)).collect();
    assert!(points.iter().all(|point| point.kind == PointKind::Invocation));
    let labels: Vec<_> = points.iter().map(|point| point.label.as_str()).collect();
    assert_eq!(labels, ["invoke events", "invoke batches", "invoke asked"], "{course}");
    assert_eq!(points[2].alternatives, [Deviation::Fresh], "the caller is refused at its own request");
    for (place, point) in points.iter().enumerate() {
        let plan = point.deviate(&Deviation::Fresh);
        assert_eq!(plan.to_string().parse(), Ok(plan.clone()));
        let (cloud, runs) = three_kinds(&plan).await;
        cloud.course().assert_plan_met();
        let mut fresh = warm.clone();
        fresh[place] = expected(&[(1, "1"), (2, "1")]);
        assert_eq!(runs, fresh, "{plan}");
        assert!(cloud.timeline().to_string().contains("in a fresh environment"), "{}", cloud.timeline());
    }
    // Where one handler serves all environments, a fresh one makes no difference, so it is not offered.
    let cloud = Cloud::start();
    let shared = cloud.stub("shared");
    (0..2).for_each(|_| shared.invoke_later(()));
    cloud.drain().await.assert_ok();
    assert!(!cloud.course().points().iter().any(|point| point.alternatives.contains(&Deviation::Fresh)));
}

/// A function that leaves a file in its folder and says how many there are. It crashes or hangs if told so.
fn leaving(cloud: &Cloud) -> Function {
    let tools = (cloud.ephemeral_storage(), cloud.clock());
    let leaves = cloud.function_with("leaves", tools, async |(tmp, clock), seconds: u64| {
        let folder = tmp.path();
        let count = std::fs::read_dir(&folder).unwrap().count();
        std::fs::write(folder.join(count.to_string()), "left").unwrap();
        if seconds > 0 {
            clock.sleep(Duration::from_secs(seconds)).await;
        }
        json!([count + 1, folder])
    });
    leaves.timeout(Duration::from_secs(10)).retry_attempts(0)
}

#[tokio::test]
async fn an_environment_has_a_folder_that_outlives_a_timeout_and_not_the_cloud() {
    let cloud = Cloud::start();
    let leaves = leaving(&cloud);
    for seconds in [0, 0, 60, 0] {
        leaves.invoke_later(seconds);
        let _ = cloud.drain().await;
    }
    [5, 5].iter().for_each(|seconds| leaves.invoke_later(*seconds));
    cloud.drain().await.assert_ok();
    let answers = leaves.responses();
    let counts: Vec<_> = answers.iter().map(|answer| answer[0].clone()).collect();
    assert_eq!(counts, [1, 2, 4, 5, 1], "only the memory goes with a timeout; the fifth has a new environment");
    let folders: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer[1].as_str().unwrap()).collect();
    assert!(folders.len() == 2 && folders.iter().all(|folder| std::path::Path::new(folder).exists()));
    let outside = cloud.ephemeral_storage();
    assert_eq!(outside.try_path(), Err(CloudError::NotInvoked));
    drop((cloud, leaves));
    assert!(!folders.iter().any(|folder| std::path::Path::new(folder).exists()));
    assert_eq!(outside.try_path(), Err(CloudError::Dropped));
}

#[tokio::test]
async fn a_fresh_environment_has_an_empty_folder() {
    let run = async |plan: &Plan| {
        let cloud = Cloud::builder().plan(plan).start();
        let leaves = leaving(&cloud);
        (0..2).for_each(|_| leaves.invoke_later(0));
        cloud.drain().await.assert_ok();
        let counts: Vec<_> = leaves.responses().iter().map(|answer| answer[0].clone()).collect();
        (cloud.course(), counts)
    };
    assert_eq!(run(&Plan::new()).await.1, [1, 2]);
    let (course, counts) = run(&"invoke leaves #2: fresh environment".parse().unwrap()).await;
    course.assert_plan_met();
    assert_eq!(counts, [1, 1]);
}
