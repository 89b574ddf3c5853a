//! Handlers whose requests are made by tasks that they spawn.

use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Fault, Function};
use serde_json::Value;
use tokio::task::JoinSet;

/// A function that puts three objects, each in a task of its own, and answers how many were.
fn puts(cloud: &Cloud) -> Function {
    cloud.bucket("out");
    let s3 = Client::new(&cloud.sdk_config());
    cloud.function_with("puts", s3, async |s3, _: Value| {
        let mut tasks = JoinSet::new();
        for key in ["a", "b", "c"] {
            tasks.spawn(s3.put_object().bucket("out").key(key).send());
        }
        let mut done = 0;
        while let Some(put) = tasks.join_next().await {
            done += usize::from(put.is_ok_and(|put| put.is_ok()));
        }
        done
    })
}

#[tokio::test]
async fn their_requests_are_the_functions_and_back_off_on_the_clock() {
    let cloud = Cloud::start();
    let puts = puts(&cloud);
    let slow = cloud.inject(Fault::on("s3.PutObject").by("puts").nth(2).times(2).refuse("SlowDown"));
    let began = Instant::now();
    assert_eq!(puts.invoke::<usize>(()).await, 3);
    assert!(began.elapsed() < Duration::from_millis(900), "it took {:?} of real time", began.elapsed());
    assert_eq!(slow.hits(), 2);
    let timeline = cloud.timeline().to_string();
    let lines = |start: &str, line: &str| timeline.lines().filter(|l| l.starts_with(start) && l.contains(line)).count();
    assert_eq!(lines("+00:00:00.000     s3", "503 SlowDown"), 2, "{timeline}");
    assert_eq!(lines("+00:00:01.000     s3", "→ 200"), 2, "{timeline}");
}

#[tokio::test]
async fn one_that_hangs_ends_with_the_functions_timeout() {
    let cloud = Cloud::start();
    let puts = puts(&cloud);
    let _hangs = cloud.inject(Fault::on("s3.PutObject").resource("out/b").hang());
    let began = Instant::now();
    let error = puts.try_invoke::<usize>(()).await.unwrap_err().to_string();
    assert!(error.contains("timed out"), "{error}");
    assert!(began.elapsed() < Duration::from_millis(900), "it took {:?} of real time", began.elapsed());
    assert_eq!(cloud.bucket("out").keys(), ["a", "c"], "{}", cloud.timeline());
}

#[tokio::test]
async fn what_a_crashed_environment_has_spawned_does_nothing_more() {
    let cloud = Cloud::start();
    cloud.bucket("out");
    let s3 = Client::new(&cloud.sdk_config());
    let leaves = cloud.function_with("leaves", s3, async |s3, _: Value| {
        let s3 = s3.clone();
        tokio::spawn(async move {
            for key in ["a", "b", "c"] {
                let _ = s3.put_object().bucket("out").key(key).send().await;
            }
        })
        .await
        .is_ok()
    });
    let _crashes = cloud.inject(Fault::on("s3.PutObject").resource("out/b").crash_after());
    let error = leaves.try_invoke::<bool>(()).await.unwrap_err().to_string();
    assert!(error.contains("exited"), "{error}");
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(cloud.bucket("out").keys(), ["a", "b"], "{}", cloud.timeline());
}
