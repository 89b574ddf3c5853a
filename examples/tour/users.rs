//! Lambda → Lambda: a function reads a list of users from S3 and invokes another function once for each.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use lambda_testkit::prelude::*;
use lambda_testkit::{Function, Queue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Deserialize)]
struct Start {
    logs: String,
}

#[derive(Deserialize, Serialize)]
struct CheckUser {
    user: String,
    log_path: String,
}

async fn fan_out(start: Start, s3: aws_sdk_s3::Client, lambda: aws_sdk_lambda::Client) -> Result<usize, Error> {
    let object = s3.get_object().bucket("users").key(format!("{}users.json", start.logs)).send().await?;
    let users: Vec<String> = serde_json::from_slice(&object.body.collect().await?.into_bytes())?;
    let checked = users.len();
    // Is the function there, and may we call it? DryRun runs nothing.
    lambda.invoke().function_name("check_users").invocation_type(InvocationType::DryRun).send().await?;
    for user in users {
        let payload = serde_json::to_vec(&CheckUser { user, log_path: start.logs.clone() })?;
        let invoke = lambda.invoke().function_name("check_users").invocation_type(InvocationType::Event);
        invoke.payload(Blob::new(payload)).send().await?;
    }
    Ok(checked)
}

async fn check_user(check: CheckUser) -> Result<String, String> {
    if check.user == "mallory" { Err("mallory is not in the directory".to_owned()) } else { Ok(check.user) }
}

/// Lets one function start the other for each user of a list.
pub fn arrange(cloud: &Cloud) -> (Function, Function, Queue) {
    cloud.bucket("users").put("2026/users.json", json!(["alice", "bob", "mallory"]).to_string());
    let failed = cloud.queue("failed-checks");
    let check_users = cloud.function("check_users", check_user).dead_letter(&failed);
    let (s3, lambda) = (aws_sdk_s3::Client::new(&cloud.sdk_config()), aws_sdk_lambda::Client::new(&cloud.sdk_config()));
    let start = cloud.function("start", move |start: Start| fan_out(start, s3.clone(), lambda.clone()));
    (start, check_users, failed)
}

/// Checks three users, of which one fails for good, and returns the drained cloud and the result.
pub async fn run() -> (Cloud, String) {
    let cloud = Cloud::start();
    let (start, check_users, failed) = arrange(&cloud);

    assert_eq!(start.invoke::<u32>(json!({ "logs": "2026/" })).await, 3);
    let report = cloud.drain().await;

    assert_eq!(check_users.responses(), ["alice", "bob"]);
    assert_eq!(report.failures.len(), 3, "one attempt and two retries: {report}");
    let given_up: Vec<Value> = failed.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(given_up, [json!({ "user": "mallory", "log_path": "2026/" })]);
    let result = format!("checked: {:?}; given up: {given_up:?}", check_users.responses());
    (cloud, result)
}
