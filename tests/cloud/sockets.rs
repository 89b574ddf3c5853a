//! Clients on other threads and on sockets, which the driver does not wait for.
use crate::common::clock::seconds;
use crate::common::over_socket;
use crate::common::signed::Raw;
use crate::common::socket::send_blocking;
use crate::runtimes::{multi_thread, on_current_thread};

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lambda_testkit::history::{Actor, What};
use lambda_testkit::prelude::*;
use serde_json::Value;

#[tokio::test]
async fn a_long_poll_on_a_busy_queue_is_answered() {
    let cloud = Cloud::start();
    let url = cloud.queue("busy").url();
    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let far = aws_sdk_sqs::Client::new(&over_socket(&cloud, &cloud.sdk_config()));
    let poll = far.receive_message().queue_url(&url).wait_time_seconds(20).send();
    let busy = async {
        // Each changes the queue, and none is there to be received.
        let began = Instant::now();
        while began.elapsed() < seconds(20) {
            sqs.send_message().queue_url(&url).message_body("later").delay_seconds(900).send().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        answer = poll => assert!(answer.unwrap().messages().is_empty()),
        () = busy => panic!("no answer, although a poll over a socket ends after 1 s"),
    }
}

#[tokio::test]
async fn a_request_that_is_held_ends_with_its_invocation() {
    let cloud = Cloud::builder().max_requests(5).start();
    let key = cloud.own_account().access_key();
    let request = Raw::new("s3", "GET", "/").sign(&cloud, &key, cloud.now());
    let headers: Vec<(&'static str, String)> = request.headers;
    let (address, (told, tells)) = (cloud.endpoint(), mpsc::channel());
    let loops = cloud.function("loops", move |_: Value| {
        let (headers, told) = (headers.clone(), told.clone());
        async move {
            let thread = tokio::task::spawn_blocking(move || {
                let ask = || send_blocking(address, &Raw { headers: headers.clone(), ..Raw::new("s3", "GET", "/") });
                let answers = std::iter::repeat_with(ask)
                    .take_while(|answer| answer.as_ref().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")));
                let _ = told.send(answers.count());
            });
            thread.await.map_err(|error| error.to_string())
        }
    });
    let error = loops.try_invoke::<Value>(()).await.unwrap_err().to_string();
    assert!(error.contains("timed out after 30.00 seconds"), "{error}");
    // Its thread is no part of the invocation, and yet it is let go.
    let answered = tokio::task::spawn_blocking(move || tells.recv_timeout(seconds(20))).await.unwrap();
    assert_eq!(answered, Ok(5), "{}", cloud.timeline());
}

#[test]
fn threads_that_ask_at_once_are_all_the_test() {
    on_current_thread(async {
        let cloud = Cloud::start();
        let bucket = cloud.bucket("bucket");
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let bucket = &bucket;
                scope.spawn(move || (0..200).for_each(|number| bucket.put(&format!("{thread}/{number}"), "")));
            }
        });
        // One drives, because it waits; no handler runs, so it is the test that sends.
        let queue = cloud.queue("queue");
        let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
        let poll = sqs.receive_message().queue_url(queue.url()).wait_time_seconds(20).send();
        let (polled, ()) = tokio::join!(poll, async { drop(queue.send("x")) });
        assert_eq!(polled.unwrap().messages().len(), 1);
        let history = cloud.history();
        let others: Vec<_> = history.entries().iter().filter(|entry| entry.actor != Actor::Test).collect();
        assert!(others.is_empty(), "{:?}", others.first());
    });
}

/// With a driver on another thread a batch may be received as soon as its message is there.
#[test]
fn a_message_has_its_cause_as_soon_as_it_can_be_received() {
    let runtime = multi_thread();
    let cloud = Cloud::start();
    let queue = cloud.queue("queue");
    let takes = cloud.function("takes", async |_: Value| Ok::<_, Infallible>(()));
    queue.trigger(&takes, batch(1));
    let url = queue.url();
    let sqs = aws_sdk_sqs::Client::new(&over_socket(&cloud, &cloud.sdk_config()));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            on_current_thread(async {
                while !done.load(Ordering::Acquire) {
                    cloud.settle().await.assert_ok();
                }
            });
        });
        runtime.block_on(async {
            for _ in 0..50 {
                queue.send("by the handle");
                sqs.send_message().queue_url(&url).message_body("over a socket").send().await.unwrap();
            }
        });
        done.store(true, Ordering::Release);
    });
    runtime.block_on(async { cloud.settle().await.assert_ok() });
    let history = cloud.history();
    let batches = || history.entries().iter().filter(|entry| matches!(entry.what, What::Delivery(_)));
    assert_eq!(batches().count(), 100);
    assert_eq!(batches().filter(|batch| batch.cause.is_none()).count(), 0, "{}", cloud.timeline());
}

/// DNS leads a name without a region, and one of the bucket's own, to the bucket's region.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/UsingRouting.html>
#[tokio::test]
async fn a_bucket_of_another_region_is_found_by_the_host_that_names_it() {
    let cloud = Cloud::start();
    cloud.region("eu-west-1").bucket("dublin").put("a", "x");
    let get = async |host: &str, region: &str| {
        let request = Raw { region, ..Raw::new("s3", "GET", "/a") };
        request.header("host", host).signed(&cloud).await
    };
    for host in [
        "dublin.s3.eu-west-1.amazonaws.com",
        "dublin.s3-eu-west-1.amazonaws.com",
        "dublin.s3.dualstack.eu-west-1.amazonaws.com",
        "dublin.s3.amazonaws.com",
    ] {
        assert_eq!(get(host, "eu-west-1").await.body, "x", "{host}");
        let wrong = get(host, "us-east-1").await;
        assert_eq!(wrong.refusal(), "400 AuthorizationHeaderMalformed", "{host}");
        assert!(
            wrong.body.replace("&apos;", "'").contains("the region 'us-east-1' is wrong; expecting 'eu-west-1'"),
            "{}",
            wrong.body
        );
        assert!(wrong.body.contains("<Region>eu-west-1</Region>"), "{}", wrong.body);
        assert_eq!(wrong.header("x-amz-bucket-region"), "eu-west-1");
    }
    for host in ["dublin.localhost", "dublin.s3.localhost"] {
        assert_eq!(get(host, "eu-west-1").await.body, "x", "{host}");
    }
    for host in ["dublin.s3.us-east-1.amazonaws.com", "dublin.s3.localhost"] {
        let wrong = get(host, "us-east-1").await;
        assert_eq!(wrong.refusal(), "301 PermanentRedirect", "{host}");
        assert!(wrong.body.contains("<Endpoint>dublin.s3.eu-west-1.amazonaws.com</Endpoint>"), "{}", wrong.body);
    }
}
