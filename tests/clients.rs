//! Other people's clients talk to the mocks over loopback, in other languages. What they are told they check
//! themselves; what the cloud holds afterwards is checked here.
//!
//! They need packages of Python and Node: `tests/clients/install`, then `cargo test --test clients -- --ignored`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lambda_testkit::prelude::*;
use lambda_testkit::{Bucket, Function, Queue};
use serde_json::{Value, json};
use tokio::process::Command;

/// Where `tests/clients/install` puts the packages: beside cargo's own folder for the files of tests.
fn packages() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("clients")
}

/// A script of `tests/clients` with the surroundings of a program that runs in the cloud's own account.
struct Script {
    name: &'static str,
    command: Command,
}

impl Script {
    fn new(cloud: &Cloud, name: &'static str) -> Self {
        Self::of(cloud, name, "python")
    }

    /// The script with the packages of this environment of Python.
    fn of(cloud: &Cloud, name: &'static str, python: &str) -> Self {
        let packages = packages();
        let programs = packages.join(python).join("bin");
        let program = match Path::new(name).extension().and_then(|extension| extension.to_str()) {
            Some("py") => programs.join("python"),
            Some("cjs") => "node".into(),
            _ => "bash".into(),
        };
        let path = std::env::var("PATH").unwrap_or_default();
        let key = cloud.own_account().access_key();
        let mut command = Command::new(program);
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name))
            .env_clear()
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("NODE_PATH", packages.join("node_modules"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("LC_ALL", "C.UTF-8")
            .env("AWS_ENDPOINT_URL", format!("http://{}", cloud.endpoint()))
            .env("AWS_ACCESS_KEY_ID", key.id)
            .env("AWS_SECRET_ACCESS_KEY", key.secret)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            // Neither the files of whoever runs the test nor the network of the machine count.
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .kill_on_drop(true);
        Self { name, command }
    }

    fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.command.env(name, value.as_ref());
        self
    }

    async fn run(mut self) {
        assert!(packages().join("installed").exists(), "run tests/clients/install first");
        let output = self.command.output().await.expect("the script's interpreter starts");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{} failed: {}\n{out}\n{err}", self.name, output.status);
    }
}

/// A function that gives back the keys of the objects that it is told of, as they stand in the event.
fn keys_of_events(cloud: &Cloud) -> Function {
    cloud.function(
        "seen",
        |event: Value| async move { Ok::<_, String>(event["Records"][0]["s3"]["object"]["key"].clone()) },
    )
}

fn double(cloud: &Cloud) -> Function {
    cloud.function("double", |number: u64| async move { Ok::<_, String>(2 * number) })
}

/// Runs a script that uses S3 and configures a trigger itself, and checks what it did.
async fn s3_is_used_by(name: &'static str) {
    let cloud = Cloud::start();
    let seen = keys_of_events(&cloud);
    cloud.account("222222222222").bucket("partner").put("theirs.txt", "private");

    let script = Script::new(&cloud, name).env("PARTNER_BUCKET", "partner");
    script.env("FUNCTION_ARN", seen.arn().to_string()).run().await;

    let photos: Bucket = cloud.bucket("photos");
    assert_eq!(photos.text("my files/ü+1 100%.txt"), "hello");
    assert_eq!(photos.bytes("large.bin").len(), 9 * 1024 * 1024);
    assert!(seen.events().is_empty(), "over sockets nothing runs until the test says so");
    cloud.settle().await.assert_ok();
    assert_eq!(seen.responses(), ["in/a+b.csv"]);
}

async fn sqs_is_used_by(name: &'static str, python: &str) {
    let cloud = Cloud::start();
    Script::of(&cloud, name, python).run().await;

    let work: Queue = cloud.queue("work");
    assert_eq!(work.bodies(), ["for the test to see"]);
    let seen = cloud.function("seen", |event: SqsEvent| async move { Ok::<_, String>(event.records.len()) });
    work.trigger(&seen, batch(10));
    cloud.settle().await.assert_ok();
    assert_eq!(seen.responses(), [json!(1)]);
    assert!(work.messages().is_empty());
}

async fn functions_are_invoked_by(name: &'static str) {
    let cloud = Cloud::start();
    let double = double(&cloud);
    Script::new(&cloud, name).run().await;

    assert_eq!(double.events(), [json!(21), json!("not a number")], "an asynchronous event waits");
    cloud.settle().await.assert_ok();
    assert_eq!(double.events(), [json!(21), json!("not a number"), json!(4)], "a dry run runs nothing");
    assert_eq!(double.responses(), [json!(42), json!(8)]);
}

async fn slack_is_used_by(name: &'static str, text: &str) {
    let cloud = Cloud::start();
    let slack = cloud.slack();
    slack.rate_limit_next(1, Duration::from_secs(3));
    Script::new(&cloud, name).env("SLACK_WEBHOOK", slack.webhook("#general")).run().await;

    assert_eq!(slack.texts("#general"), [text, "with blocks"]);
    assert_eq!(slack.messages("#general")[1].payload["blocks"][0]["type"], "section");
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn boto3_uses_s3() {
    s3_is_used_by("s3.py").await;
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn the_javascript_sdk_uses_s3() {
    s3_is_used_by("s3.cjs").await;
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn boto3_uses_sqs() {
    sqs_is_used_by("sqs.py", "python").await;
}

/// Of before 2023: it speaks the query protocol.
#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn an_older_boto3_uses_sqs() {
    sqs_is_used_by("sqs.py", "python-old").await;
}

/// Version 2, which speaks the query protocol.
#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn an_older_javascript_sdk_uses_sqs() {
    sqs_is_used_by("sqs-old.cjs", "python").await;
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn the_javascript_sdk_uses_sqs() {
    sqs_is_used_by("sqs.cjs", "python").await;
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn boto3_invokes_functions() {
    functions_are_invoked_by("functions.py").await;
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn the_javascript_sdk_invokes_functions() {
    functions_are_invoked_by("functions.cjs").await;
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn the_python_client_of_slack_posts() {
    slack_is_used_by("slack.py", "from <python> & ü").await;
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn the_javascript_client_of_slack_posts() {
    slack_is_used_by("slack.cjs", "from <node> & ü").await;
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn the_aws_command_line_uses_all_services() {
    let cloud = Cloud::start();
    let double = double(&cloud);
    Script::new(&cloud, "aws-cli.sh").run().await;

    assert_eq!(cloud.bucket("photos").keys(), ["in/ü+1.csv", "large", "moved"]);
    assert_eq!(cloud.queue("work").bodies(), ["from the command line"]);
    cloud.settle().await.assert_ok();
    assert_eq!(double.responses(), [json!(42), json!(8)]);
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn the_aws_command_line_knows_the_operations_of_s3() {
    let cloud = Cloud::start();
    Script::new(&cloud, "aws-s3api.sh").run().await;
    assert!(cloud.state().buckets.is_empty());
}

#[tokio::test]
#[ignore = "needs python and node packages: tests/clients/install"]
async fn s3cmd_uses_s3() {
    let cloud = Cloud::start();
    Script::new(&cloud, "s3cmd.sh").run().await;

    let photos = cloud.bucket("photos");
    assert_eq!(photos.keys(), ["in/ü+1 100%.csv", "large", "moved"]);
    assert_eq!(photos.bytes("large").len(), 11 * 1024 * 1024);
}
