//! Each user of the list is checked.

use handlers::users::{CHECK, Clients, USERS, User, handle};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudBuilder, Function, Queue, Stub};
use serde_json::json;

fn arrange(builder: CloudBuilder) -> (Cloud, Function, Stub, Queue) {
    let cloud = builder.start();
    let config = cloud.sdk_config();
    let clients = Clients { s3: aws_sdk_s3::Client::new(&config), lambda: aws_sdk_lambda::Client::new(&config) };
    cloud.bucket(USERS).put("2026/users.json", r#"["ada", "bob"]"#);
    let (check, failed) = (cloud.stub(CHECK), cloud.queue("failed-checks"));
    check.dead_letter(&failed);
    let start = cloud.function_with("start", clients, handle);
    (cloud, start, check, failed)
}

#[tokio::test]
async fn each_user_is_checked() {
    let (cloud, start, check, _) = arrange(Cloud::builder());
    assert!(start.invoke::<Vec<String>>(json!({ "logs": "2026/" })).await.is_empty());
    cloud.settle().await.assert_ok();
    let users: Vec<User> = check.invocations().iter().map(|invocation| invocation.event()).collect();
    assert_eq!(users, ["ada", "bob"].map(|user| User { user: user.into(), log_path: "2026/".into() }));
}

#[tokio::test]
async fn whoever_waits_is_told_who_failed() {
    let (_cloud, start, check, _) = arrange(Cloud::builder());
    check.fails("NotFound", "not in the directory").then_returns(());
    assert_eq!(start.invoke::<Vec<String>>(json!({ "logs": "2026/", "wait": true })).await, ["ada"]);
}

#[tokio::test]
async fn a_check_that_times_out_has_failed() {
    let (_cloud, start, check, _) = arrange(Cloud::builder());
    check.returns(()).then_times_out().timeout(std::time::Duration::from_secs(3));
    assert_eq!(start.invoke::<Vec<String>>(json!({ "logs": "2026/", "wait": true })).await, ["bob"]);
}

#[tokio::test]
async fn a_failed_check_is_tried_twice_more_and_then_given_up() {
    let (cloud, start, check, failed) = arrange(Cloud::builder());
    check.returns(()).then_fails("NotFound", "not in the directory");
    start.invoke_later(json!({ "logs": "2026/" }));
    assert_eq!(cloud.drain().await.failures.len(), 3);
    let attempts: Vec<u32> = check.invocations().iter().map(|invocation| invocation.attempt()).collect();
    assert_eq!(attempts, [1, 1, 2, 3]);
    assert_eq!(failed.receive(10)[0].json::<User>().user, "bob");
}
