//! What ends or delays the invocation that makes a request: a crash, an answer too late, a request that hangs, another
//! invocation that goes first.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use aws_types::SdkConfig;
use lambda_testkit::history::Outcome;
use lambda_testkit::prelude::*;
use lambda_testkit::{Deviation, Plan};

use super::calls::{ENTRANCES, Entrance, failed, s3};
use super::{assert_met, deviate, planned};
use crate::common::signed::Raw;
use crate::common::socket::send_blocking;

/// A function that copies what comes into one bucket to another, with a timeout of 15 minutes, the longest there is.
fn arrange(cloud: &Cloud, config: SdkConfig) {
    let copies = cloud.function("copies", move |event: S3Event| copy(event, s3(&config)));
    copies.timeout(Duration::from_secs(900));
    cloud.bucket("inbox").notify(&copies, on(ObjectCreated));
    cloud.bucket("out");
}

async fn copy(event: S3Event, s3: aws_sdk_s3::Client) -> Result<(), String> {
    let key = event.records[0].key().to_string();
    let object = s3.get_object().bucket("inbox").key(&key).send().await.map_err(|error| failed(&error))?;
    let body = object.body.collect().await.map_err(|error| error.to_string())?.to_vec();
    s3.put_object().bucket("out").key(&key).body(body.into()).send().await.map_err(|error| failed(&error))?;
    Ok(())
}

/// Two objects are put, and then, when all is done, a third.
async fn run(plan: &Plan, entrance: Entrance) -> Cloud {
    let cloud = planned(plan);
    arrange(&cloud, entrance(&cloud));
    cloud.bucket("inbox").put("a", "1");
    cloud.bucket("inbox").put("b", "2");
    let _ = cloud.drain().await;
    cloud.bucket("inbox").put("c", "3");
    let _ = cloud.drain().await;
    cloud
}

async fn under(label: &str, deviation: &Deviation, entrance: Entrance) -> Cloud {
    let plan = deviate(&run(&Plan::new(), entrance).await.course(), label, deviation);
    let cloud = run(&plan, entrance).await;
    assert_met(&cloud, &plan);
    assert_eq!(cloud.bucket("out").keys(), ["a", "b", "c"], "{label}: {deviation}\n{}", cloud.timeline());
    cloud
}

/// Key, attempt, environment and error of each invocation.
fn invocations(cloud: &Cloud) -> Vec<(String, u32, u32, Option<String>)> {
    let history = cloud.history();
    let invocations = history.invocations().of("copies").into_iter().map(|invoked| {
        let key = invoked.event::<S3Event>().unwrap().records[0].key().to_string();
        let error = match invoked.outcome() {
            Outcome::Failed { error, .. } => error.error_type.clone(),
            _ => None,
        };
        (key, invoked.attempt(), invoked.invocation.environment, error)
    });
    invocations.collect()
}

fn invoked(key: &str, attempt: u32, environment: u32, error: Option<&str>) -> (String, u32, u32, Option<String>) {
    (key.to_owned(), attempt, environment, error.map(str::to_owned))
}

#[tokio::test]
async fn an_environment_that_crashed_is_not_used_again_and_its_event_is_retried() {
    for (name, entrance) in ENTRANCES {
        let cloud = under("s3.PutObject out/a", &Deviation::Crash, entrance).await;
        let expected = [
            invoked("a", 1, 1, Some("Runtime.ExitError")),
            invoked("b", 1, 2, None),
            invoked("a", 2, 2, None),
            invoked("c", 1, 2, None),
        ];
        assert_eq!(invocations(&cloud), expected, "{name}\n{}", cloud.timeline());
        let history = cloud.history();
        let puts = history.requests().operation("PutObject").resource("out/a");
        assert_eq!(puts.count(), 2, "{name}: its work was done, and is done again");
        let failed = history.invocations().failed().collect()[0];
        let Outcome::Failed { error, .. } = failed.outcome() else { panic!("it failed") };
        assert!(error.error_message.ends_with("Error: Runtime exited without providing a reason"), "{error:?}");
        assert_eq!(failed.duration(), Some(Duration::ZERO), "{name}");
    }
}

#[tokio::test]
async fn a_request_that_hangs_costs_the_whole_timeout_and_its_work_is_not_done() {
    for (name, entrance) in ENTRANCES {
        let cloud = under("s3.PutObject out/a", &Deviation::Hangs, entrance).await;
        assert_eq!(invocations(&cloud)[0].3.as_deref(), Some("Sandbox.Timedout"), "{name}\n{}", cloud.timeline());
        let history = cloud.history();
        let hung = history.invocations().failed().collect()[0];
        assert_eq!(hung.duration(), Some(Duration::from_secs(900)), "{name}");
        let unanswered: Vec<_> = history.requests().service("s3").failed().into_iter().collect();
        assert_eq!(unanswered.len(), 1, "{name}");
        assert!(
            matches!(unanswered[0].entry.outcome, Outcome::Unanswered { why } if why.starts_with("hangs")),
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_answer_too_late_costs_the_whole_timeout_although_the_work_is_done() {
    for (name, entrance) in ENTRANCES {
        let cloud = under("s3.PutObject out/a", &Deviation::TooLate, entrance).await;
        let history = cloud.history();
        let late = history.invocations().failed().collect()[0];
        assert_eq!(late.duration(), Some(Duration::from_secs(900)), "{name}\n{}", cloud.timeline());
        assert_eq!(history.requests().operation("PutObject").resource("out/a").count(), 2, "{name}");
    }
}

#[tokio::test]
async fn an_invocation_that_is_put_aside_lets_the_other_go_first() {
    let puts = |cloud: &Cloud| -> Vec<String> {
        let history = cloud.history();
        let puts = history.requests().operation("PutObject").made_by("copies").into_iter();
        puts.map(|put| put.request.resource.clone()).collect()
    };
    for (name, entrance) in ENTRANCES {
        let ordinary = run(&Plan::new(), entrance).await;
        assert_eq!(puts(&ordinary), ["out/a", "out/b", "out/c"], "{name}");
        for label in ["s3.GetObject inbox/a", "s3.PutObject out/a"] {
            let cloud = under(label, &Deviation::Aside, entrance).await;
            // What was put aside was asked for before.
            let expected =
                if label.contains("Put") { ["out/a", "out/b", "out/c"] } else { ["out/b", "out/a", "out/c"] };
            assert_eq!(puts(&cloud), expected, "{name}, {label}\n{}", cloud.timeline());
        }
    }
}

/// A handle cannot be kept waiting, so it fails.
#[tokio::test]
async fn a_crash_stops_all_that_its_handler_does_at_once() {
    let run = async |plan: &Plan| {
        let cloud = planned(plan);
        let (out, config) = (cloud.bucket("out"), cloud.sdk_config());
        let both = cloud.function("both", move |_: u32| {
            let (s3, out) = (s3(&config), out.clone());
            async move {
                let by_client = s3.put_object().bucket("out").key("client").send();
                let by_handle = async { out.try_put("handle", "").map_err(|error| error.to_string()) };
                let (_, by_handle) = tokio::join!(by_client, by_handle);
                by_handle
            }
        });
        both.retry_attempts(0).invoke_later(1);
        let _ = cloud.drain().await;
        cloud
    };
    let ordinary = run(&Plan::new()).await;
    assert_eq!(ordinary.bucket("out").keys(), ["client", "handle"]);
    let plan = deviate(&ordinary.course(), "s3.PutObject out/client", &Deviation::Crash);
    let cloud = run(&plan).await;
    assert_met(&cloud, &plan);
    assert_eq!(cloud.bucket("out").keys(), ["client"], "{}", cloud.timeline());
}

/// Also in the very poll in which it would have ended, and its dead letter is not the environment's to send.
#[tokio::test]
async fn a_handler_does_not_outrun_the_crash_of_its_environment() {
    let plan: Plan = "s3.PutObject out/a #1: crash".parse().unwrap();
    let cloud = planned(&plan);
    cloud.bucket("out");
    let (dead, config) = (cloud.queue("dead"), cloud.sdk_config());
    let hasty = cloud.function("hasty", move |_: u32| {
        let s3 = s3(&config);
        async move {
            let put = s3.put_object().bucket("out").key("a").send();
            tokio::select! {
                biased;
                _ = put => {}
                () = std::future::ready(()) => {}
            }
            Ok::<_, String>(())
        }
    });
    hasty.retry_attempts(0).dead_letter(&dead).invoke_later(1);
    let report = cloud.drain().await;
    assert_met(&cloud, &plan);
    assert_eq!(report.failures.len(), 1, "{report}\n{}", cloud.timeline());
    assert_eq!(dead.bodies(), ["1"], "{}", cloud.timeline());
}

#[tokio::test]
async fn settle_waits_for_a_request_that_hangs_and_leaves_the_retry_for_later() {
    let plan: Plan = "s3.GetObject inbox/a #1: hangs".parse().unwrap();
    let cloud = planned(&plan);
    arrange(&cloud, cloud.sdk_config());
    let start = cloud.now();
    cloud.bucket("inbox").put("a", "1");
    let report = cloud.settle().await;
    assert_met(&cloud, &plan);
    assert_eq!(cloud.now().duration_since(start).as_secs(), 900);
    assert_eq!((report.failures.len(), report.waiting.len()), (1, 1), "{report}");
}

/// Whoever waits for an answer in a thread of his own must not wait for ever, though his invocation is gone.
#[tokio::test]
async fn a_thread_that_asks_is_let_go_when_its_invocation_is_over() {
    for deviation in ["crash", "hangs", "answered too late"] {
        let plan: Plan = format!("slack.PostMessage #ops #1: {deviation}").parse().unwrap();
        let cloud = planned(&plan);
        let webhook = cloud.slack().webhook("#ops");
        let (address, path) = (cloud.endpoint(), webhook[webhook.find("/services/").unwrap()..].to_owned());
        let (ended, ends) = std::sync::mpsc::channel();
        let posts = cloud.function("posts", move |_: u32| {
            let (path, ended) = (path.clone(), ended.clone());
            async move {
                let asked = tokio::task::spawn_blocking(move || {
                    let came = ask(address, &path);
                    let _ = ended.send(came.is_ok());
                    came.map_err(|error| error.to_string())
                });
                asked.await.map_err(|error| error.to_string())?
            }
        });
        posts.timeout(Duration::from_secs(900)).invoke_later(1);
        let report = cloud.drain().await;
        assert_met(&cloud, &plan);
        assert_eq!((report.invocations, report.failures.len()), (2, 1), "{deviation}: {report}");
        let ended: Vec<bool> = ends.iter().take(2).collect();
        assert_eq!(ended.iter().filter(|ok| **ok).count(), 1, "{deviation}: the first is let go, the second succeeds");
    }
}

/// As a client that knows nothing of async.
fn ask(address: SocketAddr, path: &str) -> io::Result<()> {
    let request = Raw::new("slack", "POST", path).header("content-type", "application/json").body(r#"{"text":"a"}"#);
    let answer = send_blocking(address, &request)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(io::Error::other(answer)) }
}
