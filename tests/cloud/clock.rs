//! The cloud's clock and the faults around it: who moves it, how far, and handlers that wait for what they should not.
use crate::common::clock::{cloud_that_stalls_after, echo, elapsed, seconds};
use crate::common::message;
use crate::common::signed::Raw;
use crate::common::socket::send_blocking;
use crate::runtimes;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, DriveError, Function};
use runtimes::on_both_runtimes;
use serde_json::{Value, json};
use tokio::sync::Mutex;

fn sleeper(cloud: &Cloud, name: &str, time: Duration) -> Function {
    let clock = cloud.clock();
    cloud.function(name, move |_: Value| {
        let clock = clock.clone();
        async move {
            clock.sleep(time).await;
            Ok::<_, Infallible>("slept")
        }
    })
}

/// Keeps the processor busy.
fn compute(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}

#[test]
fn a_rule_that_fires_while_its_function_still_runs_keeps_neither_advance_nor_settle_going() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let slow = sleeper(&cloud, "slow", seconds(90)).timeout(seconds(300));
        cloud.rule("every-minute", "rate(1 minute)").trigger(&slow);
        let report = cloud.advance(seconds(60)).await;
        assert_eq!((report.invocations, slow.responses().len()), (1, 1), "{report}");
        assert_eq!(elapsed(&cloud), seconds(150), "the clock moved to finish it");
        assert_eq!(report.waiting.len(), 1, "{report}");
        let report = cloud.settle().await;
        assert_eq!(report.invocations, 1, "the run of the second minute was due: {report}");
        assert_eq!(elapsed(&cloud), seconds(240));
    });
}

#[test]
fn settle_leaves_the_retry_that_became_due_while_another_handler_slept() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let fails = cloud.function("fails", |_: Value| async { Err::<(), _>("always") });
        let slow = sleeper(&cloud, "slow", seconds(100)).timeout(seconds(300));
        fails.invoke_later(());
        slow.invoke_later(());
        let report = cloud.settle().await;
        assert_eq!((report.invocations, report.failures.len()), (2, 1), "{report}");
        assert_eq!(elapsed(&cloud), seconds(100));
        assert_eq!(cloud.settle().await.failures.len(), 1, "the first retry was due");
    });
}

#[test]
fn what_a_handler_does_after_a_sleep_is_delivered_by_the_same_settle() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (bucket, clock) = (cloud.bucket("bucket"), cloud.clock());
        let seen = echo(&cloud, "seen");
        bucket.notify(&seen, on(ObjectCreated));
        let puts = cloud.function("puts", move |_: Value| {
            let (bucket, clock) = (bucket.clone(), clock.clone());
            async move {
                clock.sleep(seconds(5)).await;
                bucket.put("k", "v");
                Ok::<_, Infallible>(())
            }
        });
        puts.invoke_later(());
        cloud.settle().await.assert_ok();
        assert_eq!(seen.events().len(), 1);
    });
}

#[test]
fn a_message_that_becomes_visible_wakes_a_long_poll_in_flight_but_starts_no_batch() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (polled, mapped) = (cloud.queue("polled"), cloud.queue("mapped"));
        let takes = echo(&cloud, "takes");
        mapped.trigger(&takes, batch(10));
        let (sqs, polled, mapped) = (aws_sdk_sqs::Client::new(&cloud.sdk_config()), polled.url(), mapped.url());
        for url in [&polled, &mapped] {
            sqs.send_message().queue_url(url).message_body("later").delay_seconds(5).send().await.unwrap();
        }
        let polls = cloud.function("polls", move |_: Value| {
            let poll = sqs.receive_message().queue_url(&polled).wait_time_seconds(20);
            async move { Ok::<_, Infallible>(poll.send().await.unwrap().messages().len()) }
        });
        polls.invoke_later(());
        let report = cloud.settle().await;
        assert_eq!((polls.responses(), elapsed(&cloud)), (vec![json!(1)], seconds(5)));
        assert_eq!(takes.events().len(), 0, "{report}");
        cloud.settle().await.assert_ok();
        assert_eq!(takes.events().len(), 1, "it was due");
    });
}

#[test]
fn two_calls_of_advance_at_once_take_the_time_of_both() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let _ = tokio::join!(cloud.advance(seconds(3600)), cloud.advance(seconds(3600)));
        assert_eq!(elapsed(&cloud), seconds(7200));
    });
}

#[test]
fn a_handler_that_sleeps_no_time_in_a_loop_ends_at_its_timeout() {
    on_both_runtimes(|| async {
        let cloud = Cloud::builder().max_requests(500).start();
        let clock = cloud.clock();
        let loops = cloud.function("loops", move |_: Value| {
            let clock = clock.clone();
            async move {
                loop {
                    clock.sleep(Duration::ZERO).await;
                    if clock.now().as_second() == 0 {
                        return Ok::<_, Infallible>(());
                    }
                }
            }
        });
        let other = echo(&cloud, "other");
        loops.retry_attempts(0).invoke_later(());
        other.invoke_later(1);
        let report = cloud.settle().await;
        assert!(report.failures[0].error.contains("timed out after 30"), "{report}");
        assert!(cloud.timeline().contains("a sleep of no time held: a busy loop"));
        assert_eq!(other.responses(), [1]);
    });
}

#[test]
fn handlers_that_hold_a_lock_over_a_sleep_or_a_long_poll_run_one_after_the_other() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(500);
        let lock = Arc::new(Mutex::new(()));
        let (clock, held) = (cloud.clock(), Arc::clone(&lock));
        let sleeps = cloud.function("sleeps", move |_: Value| {
            let (clock, lock) = (clock.clone(), Arc::clone(&held));
            async move {
                let _held = lock.lock().await;
                clock.sleep(seconds(4)).await;
                Ok::<_, Infallible>(())
            }
        });
        let (sqs, url) = (aws_sdk_sqs::Client::new(&cloud.sdk_config()), cloud.queue("empty").url());
        let polls = cloud.function("polls", move |_: Value| {
            let (poll, lock) = (sqs.receive_message().queue_url(&url).wait_time_seconds(3), Arc::clone(&lock));
            async move {
                let _held = lock.lock().await;
                Ok::<_, Infallible>(poll.send().await.unwrap().messages().len())
            }
        });
        for _ in 0..2 {
            sleeps.invoke_later(());
            polls.invoke_later(());
        }
        cloud.settle().await.assert_ok();
        assert_eq!((sleeps.responses().len(), polls.responses().len()), (2, 2));
        assert_eq!(elapsed(&cloud), seconds(14));
    });
}

#[test]
fn a_handler_that_computes_longer_than_the_stall_limit_before_it_waits_is_not_stuck() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(20);
        let computes = cloud.function("computes", |_: Value| async {
            compute(Duration::from_millis(150));
            tokio::task::yield_now().await;
            Ok::<_, Infallible>("done")
        });
        computes.invoke_later(());
        cloud.settle().await.assert_ok();
        assert_eq!(computes.responses(), ["done"]);
    });
}

#[test]
fn a_handler_that_blocks_its_thread_on_another_function_is_told_what_to_do() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(200);
        let inner = echo(&cloud, "inner");
        let called = inner.clone();
        let blocks = cloud.function("blocks", move |_: Value| {
            let called = called.clone();
            async move {
                match block_on(called.try_invoke::<Value>(7)) {
                    Err(CloudError::Drive(error @ DriveError::Blocked { .. })) => Err(error.to_string()),
                    other => Ok(format!("{other:?}")),
                }
            }
        });
        let error = blocks.try_invoke::<Value>(()).await.unwrap_err().to_string();
        assert!(error.contains("the handler blocks its thread on a call of its own cloud"), "{error}");
        assert!(error.contains("use .await, or tokio::task::spawn_blocking"), "{error}");
        assert!(cloud.timeline().contains("stuck: the handler blocks its thread"), "{}", cloud.timeline());
    });
}

/// Those that wait in the same poll share one alarm, whoever of them began first.
#[test]
fn one_that_blocks_its_thread_behind_others_that_wait_is_found_too() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(100);
        let inner = echo(&cloud, "inner");
        let blocks = cloud.function_with("blocks", inner, async |inner, late: bool| {
            let called = || inner.try_invoke::<Value>(7);
            let waits = futures::future::join_all((0..40).map(|_| called()));
            let blocks = async {
                if late {
                    // Most of the limit has passed when this one begins.
                    let began = std::time::Instant::now();
                    while began.elapsed() < std::time::Duration::from_millis(90) {}
                }
                block_on(called()).map(drop)
            };
            let (answers, blocked) = futures::future::join(waits, blocks).await;
            (answers.iter().filter(|answer| answer.is_ok()).count(), blocked.map_err(|error| error.to_string()).err())
        });
        for late in [false, true] {
            let (answers, blocked) = blocks.invoke::<(usize, Option<String>)>(late).await;
            let blocked = blocked.unwrap();
            assert!(blocked.contains("the handler blocks its thread on a call of its own cloud"), "{blocked}");
            assert_eq!(answers, 40, "the others wait as ever");
        }
    });
}

#[test]
fn a_handler_that_blocks_its_thread_on_a_client_of_the_sdk_is_told_what_to_do() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(200);
        echo(&cloud, "inner");
        let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
        let blocks = cloud.function("blocks", move |_: Value| {
            let invoke = lambda.invoke().function_name("inner");
            async move { Ok::<_, Infallible>(message(block_on(invoke.send()))) }
        });
        let answer = blocks.invoke::<Value>(()).await.to_string();
        assert!(answer.contains("use .await, or tokio::task::spawn_blocking"), "{answer}");
    });
}

#[test]
fn a_handler_may_wait_for_a_thread_that_blocks_on_another_function() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(5_000);
        let inner = echo(&cloud, "inner");
        let outer = cloud.function("outer", move |_: Value| {
            let inner = inner.clone();
            async move { tokio::task::spawn_blocking(move || block_on(inner.try_invoke::<Value>(7))).await.unwrap() }
        });
        assert_eq!(outer.invoke::<u32>(()).await, 7);
    });
}

#[test]
fn a_handler_that_blocks_its_thread_on_a_socket_of_its_own_cloud_is_told_what_to_do() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(200);
        echo(&cloud, "inner");
        let (address, key) = (cloud.endpoint(), cloud.own_account().access_key());
        let request = Raw::new("lambda", "POST", "/2015-03-31/functions/inner/invocations").body("7");
        let request = request.sign(&cloud, &key, cloud.now());
        let answers = request.clone();
        let blocks = cloud.function("blocks", move |_: Value| {
            let request = answers.clone();
            async move { Ok::<_, Infallible>(send_blocking(address, &request).unwrap()) }
        });
        let answer = blocks.invoke::<Value>(()).await.to_string();
        assert!(answer.contains("500") && answer.contains("ServiceException"), "{answer}");
        assert!(answer.contains("use .await, or tokio::task::spawn_blocking"), "{answer}");

        // From a thread of its own the same client is served.
        let outer = cloud.function("outer", move |_: Value| {
            let request = request.clone();
            async move {
                let blocking = move || send_blocking(address, &request).unwrap();
                Ok::<_, Infallible>(tokio::task::spawn_blocking(blocking).await.unwrap())
            }
        });
        let answer = outer.invoke::<Value>(()).await.to_string();
        assert!(answer.contains("200 OK") && answer.ends_with("7\""), "{answer}");
    });
}

#[test]
fn a_handler_that_sleeps_by_tokio_is_told_of_the_clock_of_the_cloud() {
    on_both_runtimes(|| async {
        let cloud = cloud_that_stalls_after(50);
        let sleeps = cloud.function("sleeps", async |_: Value| {
            tokio::time::sleep(seconds(60)).await;
            Ok::<_, Infallible>(())
        });
        let invoked = sleeps.try_invoke::<Value>(()).await.unwrap_err().to_string();
        sleeps.retry_attempts(0).invoke_later(());
        let report = cloud.settle().await;
        // Who was answered with it is told, and so is the report: no Lambda would do this.
        assert_eq!(report.failures.len(), 2, "{report}");
        for text in [invoked, report.failures[1].error.clone(), cloud.timeline().to_string()] {
            assert!(text.contains("stuck: no progress for 50ms of real time; it had made no request; "), "{text}");
            assert!(text.contains("tokio::time::sleep") && text.contains("Cloud::clock().sleep"), "{text}");
            assert!(!text.contains("timed out after"), "no time has passed: {text}");
        }
        assert_eq!(elapsed(&cloud), Duration::ZERO);
    });
}
