//! The log is checked each night at 3 in Berlin, and errors go to Slack.

use std::time::Duration;

use aws_sdk_s3::Client;
use handlers::nightly::{Clients, LOGS, Webhook, handle};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudBuilder, Function, Schedule, Slack};
use serde_json::json;

fn arrange(builder: CloudBuilder) -> (Cloud, Slack, Function, Schedule) {
    let cloud = builder.start();
    let slack = cloud.slack();
    let clients = Clients { s3: Client::new(&cloud.sdk_config()), slack: Webhook::new(slack.webhook("#ops")) };
    let function = cloud.function_with("check-log", clients, handle);
    let nightly = cloud.schedule("nightly", "cron(0 3 * * ? *)").time_zone("Europe/Berlin");
    let nightly = nightly.input(json!({ "log": "linux" })).trigger(&function);
    cloud.bucket(LOGS).put("linux/logs.txt", b"INFO up\nERROR disk full \xff\nERROR no route\n");
    (cloud, slack, function, nightly)
}

#[tokio::test]
async fn errors_are_posted_each_night() {
    let (cloud, slack, function, nightly) = arrange(Cloud::builder());
    cloud.advance_to(nightly.next_runs(2)[1]).await.assert_ok();
    slack.assert_posted("#ops", ["linux: 2 errors", "linux: 2 errors"]);
    assert_eq!(function.responses(), [2, 2]);
}

#[tokio::test]
async fn a_quiet_night_is_not_worth_a_message() {
    let (cloud, slack, function, nightly) = arrange(Cloud::builder());
    cloud.bucket(LOGS).put("linux/logs.txt", "INFO up\n");
    cloud.advance_to(nightly.next_runs(1)[0]).await.assert_ok();
    assert_eq!(function.responses(), [0]);
    slack.assert_posted("#ops", [""; 0]);
}

#[tokio::test]
async fn the_check_keeps_to_three_in_the_morning_in_summer() {
    let (_cloud, _, _, nightly) = arrange(Cloud::builder().start_time("2026-03-28T00:00:00Z".parse().unwrap()));
    let runs: Vec<String> = nightly.next_runs(3).iter().map(ToString::to_string).collect();
    assert_eq!(runs, ["2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"]);
}

#[tokio::test]
async fn an_error_of_slack_is_tried_again_after_a_minute() {
    let (cloud, slack, function, nightly) = arrange(Cloud::builder());
    slack.respond_next(1, 500, "server_error");
    nightly.fire_now();
    let report = cloud.drain().await;
    assert_eq!(report.failures[0].error, "Slack answered 500 Internal Server Error");
    slack.assert_posted("#ops", ["linux: 2 errors"]);
    let attempts = function.invocations();
    assert_eq!((attempts.len(), attempts[1].attempt()), (2, 2));
    assert_eq!(attempts[1].began().duration_since(attempts[0].began()).as_secs(), 60);
}

#[tokio::test]
async fn a_read_that_hangs_ends_with_the_timeout_and_is_tried_again() {
    let (cloud, slack, function, nightly) =
        arrange(Cloud::builder().plan("s3.GetObject logs/linux/logs.txt #1: hangs"));
    function.timeout(Duration::from_secs(20));
    nightly.fire_now();
    assert!(cloud.drain().await.failures[0].error.contains("timed out after 20.00 seconds"));
    slack.assert_posted("#ops", ["linux: 2 errors"]);
}

#[tokio::test]
async fn an_unknown_member_of_the_input_is_refused() {
    let (_cloud, _, function, _) = arrange(Cloud::builder());
    let error = function.try_invoke::<usize>(json!({ "log": "linux", "logs": "linux" })).await.unwrap_err();
    assert!(error.to_string().contains("unknown field `logs`"), "{error}");
}
