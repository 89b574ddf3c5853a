//! What a cloud costs the process: no file handle and no thread until one is asked for.
//!
//! The only test of its crate, because it counts what belongs to the whole process.
#![cfg(all(feature = "aws-sdk", target_os = "linux"))]

#[path = "cloud/runtimes/mod.rs"]
mod runtimes;

use std::convert::Infallible;
use std::time::Duration;

use lambda_testkit::prelude::*;
use runtimes::on_current_thread;
use serde_json::Value;

fn count(directory: &str) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}

fn file_handles() -> usize {
    count("/proc/self/fd")
}

fn threads() -> usize {
    count("/proc/self/task")
}

/// A cloud that has done some work with a client.
async fn used() -> Cloud {
    let cloud = Cloud::start();
    let bucket = cloud.bucket("bucket");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let lists = cloud.function("lists", move |_: Value| {
        let s3 = s3.clone();
        async move { Ok::<_, Infallible>(s3.list_buckets().send().await.unwrap().buckets().len()) }
    });
    bucket.notify(&lists, on(ObjectCreated));
    bucket.put("k", "v");
    cloud.settle().await.assert_ok();
    assert_eq!(lists.responses(), [1]);
    cloud
}

#[test]
fn clouds_cost_the_process_nothing_that_stays() {
    five_hundred_clouds_open_nothing_until_asked_and_then_one_port_each();
    thousands_of_clouds_one_after_another_leave_nothing_behind();
}

fn five_hundred_clouds_open_nothing_until_asked_and_then_one_port_each() {
    on_current_thread(async {
        // Whatever the SDK keeps for the process is there after the first.
        let mut clouds = vec![used().await];
        let (handles_before, threads_before) = (file_handles(), threads());
        for _ in 1..500 {
            clouds.push(used().await);
        }
        assert_eq!((file_handles(), threads()), (handles_before, threads_before), "500 clouds are alive");

        let first = clouds[0].endpoint();
        let (handles_of_one, threads_of_one) = (file_handles(), threads());
        assert_eq!(threads_of_one, threads_before + 1, "one thread serves all clouds");
        let mut ports: Vec<u16> = clouds.iter().take(100).map(|cloud| cloud.endpoint().port()).collect();
        assert_eq!(clouds[0].endpoint(), first, "the port stays");
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 100);
        assert_eq!((file_handles(), threads()), (handles_of_one + 99, threads_of_one));

        let stuck = Cloud::builder().max_stall(Duration::from_millis(20)).start();
        stuck.function("hangs", |_: Value| std::future::pending::<Result<(), Infallible>>()).invoke_later(());
        assert_eq!(stuck.settle().await.failures.len(), 1);
        assert_eq!(threads(), threads_of_one, "the thread of the sockets also wakes whoever is stuck");

        drop(clouds);
        // The sockets are closed by the thread that serves them.
        while file_handles() > handles_of_one - 1 {
            tokio::task::yield_now().await;
        }
        let refused = tokio::net::TcpStream::connect(first).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    });
}

/// The process's resident memory, in KiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// In release as many as were asked for; in debug, where each takes some milliseconds, enough to see what stays.
const CLOUDS: usize = if cfg!(debug_assertions) { 2_000 } else { 10_000 };

fn thousands_of_clouds_one_after_another_leave_nothing_behind() {
    on_current_thread(async {
        for _ in 0..500 {
            drop(used().await);
        }
        let (handles, threads_before, memory) = (file_handles(), threads(), resident());
        for number in 0..CLOUDS {
            let cloud = used().await;
            // Some open their port, too.
            if number % 100 == 0 {
                cloud.endpoint();
            }
        }
        // The sockets are closed by the thread that serves them.
        while file_handles() > handles + 8 {
            tokio::task::yield_now().await;
        }
        assert!(threads() <= threads_before + 1, "one thread for all sockets");
        let grown = resident().saturating_sub(memory);
        assert!(grown < CLOUDS, "{grown} KiB more after {CLOUDS} clouds: what one leaves must be below 1 KiB");
    });
}
