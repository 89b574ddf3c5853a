//! Schedule → Lambda → S3: a rule with constant input makes a function check a log file every hour.

use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Bucket, Function, Schedule};
use serde::Deserialize;
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The rule's constant input. The article's handler read `log` in one place and `logs` in another.
#[derive(Deserialize)]
struct Check {
    log: String,
}

async fn check_log(check: Check, s3: Client) -> Result<Value, Error> {
    let key = format!("{}/logs.txt", check.log);
    let object = s3.get_object().bucket("logs").key(&key).send().await?;
    let bytes = object.body.collect().await?.into_bytes();
    // One bad byte sequence must not stop the check of the other lines.
    let errors = String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains("ERROR")).count();
    Ok(json!({ "log": key, "errors": errors }))
}

/// Lets a rule start the function five minutes past every hour.
pub fn arrange(cloud: &Cloud) -> (Bucket, Function, Schedule) {
    let logs = cloud.bucket("logs");
    let s3 = Client::new(&cloud.sdk_config());
    let function = cloud.function("check-log", move |check: Check| check_log(check, s3.clone()));
    let rule = cloud.rule("hourly", "cron(5 * * * ? *)").input(json!({ "log": "linux" })).trigger(&function);
    (logs, function, rule)
}

/// Lets two hours pass and returns the settled cloud and the result.
pub async fn run() -> (Cloud, String) {
    let cloud = Cloud::start();
    let (logs, function, rule) = arrange(&cloud);

    let next: Vec<String> = rule.calendar().runs_after(cloud.now()).take(10).map(|run| run.to_string()).collect();
    assert_eq!(next[..2], ["2026-01-01T00:05:00Z", "2026-01-01T01:05:00Z"]);

    logs.put("linux/logs.txt", b"INFO up\nERROR disk full \xff\nERROR disk full\n");
    cloud.advance(Duration::from_secs(2 * 3600)).await.assert_ok();

    assert_eq!(function.events(), [json!({ "log": "linux" }), json!({ "log": "linux" })]);
    assert_eq!(function.responses()[0], json!({ "log": "linux/logs.txt", "errors": 2 }));
    let result = format!("the next runs: {next:#?}\nthe last answer: {}", function.responses()[1]);
    (cloud, result)
}
