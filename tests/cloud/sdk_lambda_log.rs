//! `LogType: Tail` of Invoke by the AWS SDK for Rust, in process and over loopback HTTP, and what handlers log.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::operation::invoke::builders::InvokeFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, InvocationLog};
use serde_json::Value;

use crate::common::{both_ways, message, refusal};

fn tail(output: &InvokeOutput) -> String {
    let log = output.log_result().expect("a log");
    String::from_utf8(aws_smithy_types::base64::decode(log).unwrap()).unwrap()
}

fn wanting(lambda: &Client, name: &str) -> InvokeFluentBuilder {
    lambda.invoke().function_name(name).log_type(LogType::Tail)
}

fn id_of(function: &lambda_testkit::Function, run: usize) -> String {
    function.invocations()[run].info().context.request_id.clone()
}

/// In the form that AWS was recorded to answer: the lines of Lambda around those of the function.
#[tokio::test]
async fn the_tail_has_the_lines_of_the_handler_between_those_of_lambda() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let import = cloud.function_with("import", (cloud.log(), cloud.clock()), async |(log, clock), rows: u32| {
            log.line(format!("{rows} rows"));
            clock.sleep(Duration::from_millis(1_500)).await;
            log.line("stored\nand counted");
        });
        let run = async |rows: &str| wanting(&lambda, "import").payload(Blob::new(rows)).send().await.unwrap();
        let (cold, warm) = (run("3").await, run("4").await);
        let report = |id: &str, rows: u32, init: &str| {
            format!(
                "START RequestId: {id} Version: $LATEST\n{rows} rows\nstored\nand counted\nEND RequestId: {id}\n\
                 REPORT RequestId: {id}\tDuration: 1500.00 ms\tBilled Duration: 1500 ms\tMemory Size: 128 MB\t\
                 Max Memory Used: 0 MB\t{init}\n"
            )
        };
        assert_eq!(tail(&cold), report(&id_of(&import, 0), 3, "Init Duration: 0.00 ms\t"));
        assert_eq!(tail(&warm), report(&id_of(&import, 1), 4, ""));
        assert_eq!(import.invocations()[1].logs(), ["4 rows", "stored\nand counted"]);
        let unasked = lambda.invoke().function_name("import").payload(Blob::new("5")).send().await.unwrap();
        assert_eq!(unasked.log_result(), None);
        assert_eq!(import.invocations()[2].logs()[0], "5 rows", "they are kept though nobody asked");
        let none = lambda.invoke().function_name("import").log_type(LogType::None).payload(Blob::new("6")).send().await;
        assert_eq!(none.unwrap().log_result(), None);
    })
    .await;
}

#[tokio::test]
async fn a_failed_function_has_its_error_in_the_log() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let fails = cloud.function_with("fails", cloud.log(), async |log, _: Value| {
            log.line("begun");
            Err::<(), _>("disk full".to_owned())
        });
        let failed = wanting(&lambda, "fails").send().await.unwrap();
        assert_eq!(failed.function_error(), Some("Unhandled"));
        let between = format!("begun\n[ERROR] alloc::string::String: disk full\nEND RequestId: {}\n", id_of(&fails, 0));
        assert!(tail(&failed).contains(&between), "{}", tail(&failed));

        let sleeps = cloud.function_with("sleeps", cloud.clock(), async |clock, _: Value| {
            clock.sleep(Duration::from_secs(60)).await;
        });
        sleeps.timeout(Duration::from_secs(2));
        let late = wanting(&lambda, "sleeps").send().await.unwrap();
        let (id, at) = (id_of(&sleeps, 0), cloud.now());
        let between = format!("\n{at:.3} {id} Task timed out after 2.00 seconds\n\nEND RequestId: {id}\n");
        assert!(tail(&late).contains(&between), "{}", tail(&late));
        assert!(tail(&late).contains("\tDuration: 2000.00 ms\tBilled Duration: 2000 ms\t"), "{}", tail(&late));
        // A timeout takes the environment with it.
        let again = wanting(&lambda, "sleeps").send().await.unwrap();
        assert!(tail(&again).contains("Init Duration"), "{}", tail(&again));
    })
    .await;
}

#[tokio::test]
async fn a_long_log_is_cut_at_its_front() {
    let cloud = Cloud::start();
    let lambda = Client::new(&cloud.sdk_config());
    let talks = cloud.function_with("talks", cloud.log(), async |log: InvocationLog, _: Value| {
        (0..1_000).for_each(|number| log.line(format_args!("line {number}")));
    });
    let text = tail(&wanting(&lambda, "talks").send().await.unwrap());
    assert_eq!(text.len(), 4_096);
    assert!(!text.contains("START") && text.contains("line 999\nEND") && text.ends_with(" ms\t\n"), "{text}");
    assert_eq!(talks.invocations()[0].logs().len(), 1_000);
}

#[tokio::test]
async fn other_invocations_ignore_what_is_said_of_the_log_and_unknown_types_are_refused() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let logs = cloud.function_with("logs", cloud.log(), async |log, _: Value| log.line("ran"));
        for (kind, status) in [(InvocationType::Event, 202), (InvocationType::DryRun, 204)] {
            let output = wanting(&lambda, "logs").invocation_type(kind).send().await.unwrap();
            assert_eq!((output.status_code(), output.log_result()), (status, None));
        }
        cloud.settle().await.assert_ok();
        assert_eq!(logs.invocations().iter().map(|run| run.logs().to_vec()).collect::<Vec<_>>(), [["ran"]]);

        let head = || wanting(&lambda, "logs").log_type(LogType::from("Head")).send();
        assert_eq!(refusal(head().await), "400 ValidationException");
        let words = "1 validation error detected: Value 'Head' at 'logType' failed to satisfy constraint: Member must \
                     satisfy enum value set: [None, Tail]";
        assert_eq!(message(head().await), words);
        let both = wanting(&lambda, "logs").log_type(LogType::from("")).invocation_type(InvocationType::from("Sync"));
        let words = "2 validation errors detected: Value 'Sync' at 'invocationType' failed to satisfy constraint: Member \
                     must satisfy enum value set: [Event, RequestResponse, DryRun]; Value '' at 'logType' failed";
        let text = message(both.send().await);
        assert!(text.starts_with(words), "{text}");
        assert_eq!(logs.invocations().len(), 1, "what is refused does not run");
    })
    .await;
}

/// A server keeps a part of its history; what is forgotten of a long invocation does not take its log away.
#[tokio::test]
async fn a_log_outlives_the_line_of_its_invocation_in_the_history() {
    let cloud = Cloud::builder().history_limit(3).start();
    let lambda = Client::new(&cloud.sdk_config());
    let tools = (cloud.log(), cloud.bucket("box"), cloud.ephemeral_storage());
    cloud.function_with("busy", tools, async |(log, bucket, tmp), _: Value| {
        log.line("begun");
        (0..10).for_each(|number| bucket.put(&format!("{number}"), "x"));
        log.line(format_args!("done, with a folder: {}", tmp.path().is_dir()));
    });
    let output = wanting(&lambda, "busy").send().await.unwrap();
    assert!(tail(&output).contains("\nbegun\ndone, with a folder: true\nEND "), "{}", tail(&output));
}

#[tokio::test]
async fn lines_belong_to_the_invocation_that_writes_them() {
    let cloud = Cloud::start();
    let log = cloud.log();
    let (outer, inner) = (cloud.log(), cloud.log());
    let called = cloud.function_with("called", inner, async |log, _: Value| log.line("called"));
    let calls = cloud.function_with("calls", (outer, called.clone()), async |(log, called), _: Value| {
        log.line("before");
        called.invoke::<()>(()).await;
        log.line("after");
    });
    calls.invoke::<()>(()).await;
    assert_eq!(calls.invocations()[0].logs(), ["before", "after"]);
    assert_eq!(called.invocations()[0].logs(), ["called"]);
    assert_eq!(log.try_line("nobody runs"), Err(CloudError::NotInvoked));
    drop((cloud, calls, called));
    assert_eq!(log.try_line("nobody is there"), Err(CloudError::Dropped));
}
