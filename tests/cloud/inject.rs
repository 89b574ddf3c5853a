//! Faults that a test injects by hand, as handlers, the test's own clients and handles meet them.

use std::time::Duration;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Fault, Function};

use crate::common;
use common::socket::over_socket;

const OPERATIONS: &str = include_str!("operations.txt");

/// A function that puts an object with a client of this configuration, once.
fn puts(cloud: &Cloud, socket: bool) -> Function {
    cloud.bucket("box");
    let config = if socket { over_socket(cloud, &cloud.sdk_config()) } else { cloud.sdk_config() };
    let once = aws_sdk_s3::config::retry::RetryConfig::disabled();
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&config).retry_config(once).force_path_style(true).build(),
    );
    cloud.function_with("puts", s3, async |s3, key: String| {
        s3.put_object().bucket("box").key(key).body(b"1".to_vec().into()).send().await.map(|_| ()).map_err(Box::new)
    })
}

#[tokio::test]
async fn the_nth_request_of_a_handler_and_those_behind_it_are_refused_in_process_and_over_sockets() {
    for socket in [false, true] {
        let cloud = Cloud::start();
        let puts = puts(&cloud, socket);
        let slow = cloud.inject(Fault::on("s3.PutObject").resource("box/*").nth(2).times(2).refuse("SlowDown"));
        let mut came = Vec::new();
        for key in ["a", "b", "c", "d"] {
            came.push(puts.try_invoke::<()>(key).await.is_ok());
        }
        assert_eq!(came, [true, false, false, true], "{}", cloud.timeline());
        assert_eq!((slow.hits(), cloud.bucket("box").keys()), (2, vec!["a".to_owned(), "d".to_owned()]));
    }
}

#[tokio::test]
async fn work_whose_answer_is_lost_or_whose_environment_crashes_is_done() {
    for socket in [false, true] {
        for (fault, told) in [
            (Fault::on("s3.PutObject").answer_lost(), "dispatch failure"),
            (Fault::on("s3.PutObject").by("puts").crash_after(), "exited"),
        ] {
            let cloud = Cloud::start();
            let puts = puts(&cloud, socket);
            let injected = cloud.inject(fault);
            let error = puts.try_invoke::<()>("a").await.unwrap_err().to_string();
            assert!(error.to_lowercase().contains(told), "{error}\n{}", cloud.timeline());
            assert_eq!((injected.hits(), cloud.bucket("box").text("a").as_str()), (1, "1"));
        }
    }
}

#[tokio::test]
async fn an_answer_comes_late_on_the_clouds_clock_or_after_the_functions_timeout() {
    for (late, came) in [(5, true), (40, false)] {
        let cloud = Cloud::start();
        let (puts, began) = (puts(&cloud, false), cloud.now());
        let injected = cloud.inject(Fault::on("s3.PutObject").latency(Duration::from_secs(late)));
        assert_eq!(puts.try_invoke::<()>("a").await.is_ok(), came, "{}", cloud.timeline());
        let passed = u64::try_from(cloud.now().duration_since(began).as_secs()).unwrap();
        assert_eq!((passed, injected.hits()), (late.min(30), 1));
        assert_eq!(cloud.bucket("box").text("a"), "1", "the work was done at once");
        assert!(cloud.timeline().to_string().contains(&format!("the answer comes {late}s later")));
    }
}

#[tokio::test]
async fn a_late_answer_does_not_hit_what_comes_over_a_socket() {
    let cloud = Cloud::start();
    let puts = puts(&cloud, true);
    let injected = cloud.inject(Fault::on("s3.PutObject").latency(Duration::from_secs(5)).optional());
    puts.invoke::<()>("a").await;
    assert_eq!(injected.hits(), 0);
}

#[tokio::test]
async fn a_handle_is_hit_and_one_that_was_to_wait_says_so() {
    let cloud = Cloud::start();
    let (inbox, jobs) = (cloud.bucket("box"), cloud.queue("jobs"));
    cloud.inject(Fault::on("s3.PutObject").resource("box").refuse("AccessDenied"));
    assert!(matches!(inbox.try_put("a", "1"), Err(CloudError::Aws { code, .. }) if code == "AccessDenied"));
    cloud.inject(Fault::on("sqs.SendMessage").answer_lost());
    assert_eq!(jobs.try_send("one").unwrap_err().to_string(), "the connection broke: done, but the answer is lost");
    assert_eq!(jobs.messages().len(), 1);
    let late = cloud.inject(Fault::on("s3.PutObject").latency(Duration::from_secs(1)).optional());
    let error = inbox.try_put("b", "1").unwrap_err();
    assert!(
        matches!(&error, CloudError::CannotWait { fault } if fault == "s3.PutObject: answered after 1s"),
        "{error}"
    );
    assert_eq!((late.hits(), inbox.keys().len()), (0, 0));
}

#[tokio::test]
async fn a_crash_after_a_handles_verb_ends_the_invocation_that_uses_it() {
    let cloud = Cloud::start();
    let inbox = cloud.bucket("box");
    let puts = cloud.function_with("puts", inbox.clone(), async |inbox, _: u32| {
        let _ = inbox.try_put("a", "1");
        inbox.try_put("b", "1").is_ok()
    });
    let crash = cloud.inject(Fault::on("s3.PutObject").crash_after());
    assert!(puts.try_invoke::<bool>(1).await.is_err(), "{}", cloud.timeline());
    assert_eq!((crash.hits(), inbox.keys()), (1, vec!["a".to_owned()]));
    assert!(puts.invoke::<bool>(2).await);
}

#[tokio::test]
async fn the_entries_that_were_named_fail_and_the_others_are_sent() {
    let cloud = Cloud::start();
    let (sqs, jobs) = (aws_sdk_sqs::Client::new(&cloud.sdk_config()), cloud.queue("jobs"));
    let some = cloud.inject(Fault::on("sqs.SendMessageBatch").resource("jobs").fail_entries([1, 3]));
    let entry = |id: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(id).build().unwrap();
    let entries = ["a", "b", "c", "d"].map(entry).to_vec();
    let sent = sqs.send_message_batch().queue_url(jobs.url()).set_entries(Some(entries)).send().await.unwrap();
    assert_eq!(sent.failed().iter().map(|failed| failed.id()).collect::<Vec<_>>(), ["b", "d"]);
    assert!(sent.failed().iter().all(|failed| failed.code() == "InternalError" && !failed.sender_fault()));
    assert_eq!(some.hits(), 1);
    jobs.assert_bodies(["a", "c"]);
}

#[test]
fn every_operation_that_is_supported_may_fail_and_no_other() {
    let cloud = Cloud::start();
    for line in OPERATIONS.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let injected = cloud.try_inject(Fault::on(format!("{}.{}", fields[0], fields[2])).reset().optional());
        assert_eq!(injected.is_ok(), fields[1] == "+", "{line}: {injected:?}");
    }
}

#[test]
fn a_fault_that_cannot_be_is_refused_with_what_there_is() {
    let cloud = Cloud::start();
    for (fault, told) in [
        (Fault::on("s4.PutObject").reset(), "unknown service \"s4\": there are sqs, lambda, events, slack, s3"),
        (Fault::on("slack.Post").reset(), "unknown operation of slack \"Post\": there are PostMessage"),
        (
            Fault::on("lambda.Invoke").refuse("SlowDown"),
            "unknown error of lambda.Invoke \"SlowDown\": there are TooMany",
        ),
        (Fault::on("PutObject").reset(), "invalid place of a fault PutObject: it is spelt"),
        (Fault::on("s3.PutObject").nth(0).reset(), "requests are counted from 1"),
        (Fault::on("s3.PutObject").times(0).reset(), "at least one request"),
        (Fault::on("s3.PutObject").fail_entries([0]), "entries fail in SendMessageBatch"),
        (Fault::on("s3.DeleteObjects").fail_entries([]), "at least one entry"),
        (Fault::on("s3.GetObject").latency(Duration::ZERO), "invalid latency 0ns"),
    ] {
        let error = cloud.try_inject(fault).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
#[should_panic(expected = "s3.PutObject was asked for 1 times, all others than it stands for, of box/a")]
fn a_fault_that_was_never_hit_fails_the_test_and_says_who_asked_instead() {
    let cloud = Cloud::start();
    cloud.inject(Fault::on("s3.PutObject").resource("bux").reset());
    cloud.bucket("box").put("a", "1");
}

#[test]
#[should_panic(expected = "of the requests that it stands for came 1, and none could be hit")]
fn a_fault_whose_turn_never_came_fails_the_test() {
    let cloud = Cloud::start();
    cloud.inject(Fault::on("s3.PutObject").nth(2).reset());
    cloud.bucket("box").put("a", "1");
}

#[tokio::test]
async fn a_plan_meets_the_same_points_beside_a_fault() {
    let run = async |fault: bool| {
        let cloud = Cloud::start();
        let puts = puts(&cloud, false);
        if fault {
            cloud.inject(Fault::on("s3.PutObject").by("puts").reset());
        }
        let _ = puts.try_invoke::<()>("a").await;
        cloud.course().points().iter().map(|point| point.label.clone()).collect::<Vec<_>>()
    };
    let (without, with) = (run(false).await, run(true).await);
    assert!(with.iter().all(|label| without.contains(label)) && with.contains(&"s3.PutObject box/a".to_owned()));
}
