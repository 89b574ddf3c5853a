//! A function in a VPC reads a log from S3, and its alarm for Slack never arrives: a VPC without a NAT gateway has no way to the
//! internet. The way out is a second function outside the VPC, which the first one invokes.
//!
//! Run it with `cargo run --example vpc`.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html>

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use lambda_testkit::prelude::*;
use lambda_testkit::{Function, Slack};
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Where alarms go: to Slack itself, or to the function that is outside.
#[derive(Clone)]
enum Alarms {
    Slack(reqwest::Client, String),
    Function(aws_sdk_lambda::Client),
}

impl Alarms {
    async fn send(&self, text: String) -> Result<(), Error> {
        match self {
            Self::Slack(http, webhook) => {
                http.post(webhook).json(&json!({ "text": text })).send().await?.error_for_status()?;
            }
            Self::Function(lambda) => {
                let invoke = lambda.invoke().function_name("post-alarm").invocation_type(InvocationType::Event);
                invoke.payload(Blob::new(json!(text).to_string())).send().await?;
            }
        }
        Ok(())
    }
}

/// Counts the errors in the log, and sends an alarm if there are any.
async fn check_log((s3, alarms): (aws_sdk_s3::Client, Alarms), _: Value) -> Result<usize, Error> {
    let object = s3.get_object().bucket("logs").key("linux.txt").send().await?;
    let text = String::from_utf8(object.body.collect().await?.to_vec())?;
    let errors = text.lines().filter(|line| line.contains("ERROR")).count();
    if errors > 0 {
        alarms.send(format!("{errors} errors")).await?;
    }
    Ok(errors)
}

/// An hourly check inside the VPC, for a log with an error.
fn arrange(cloud: &Cloud, alarms: Alarms) -> Function {
    cloud.bucket("logs").put("linux.txt", "INFO up\nERROR disk full\n");
    let clients = (aws_sdk_s3::Client::new(&cloud.sdk_config()), alarms);
    let check = cloud.function_with("check-log", clients, check_log).in_vpc();
    cloud.rule("hourly", "rate(1 hour)").trigger(&check);
    check.timeout(Duration::from_secs(10)).retry_attempts(0)
}

fn slack(cloud: &Cloud) -> (Slack, Alarms) {
    let slack = cloud.slack();
    let alarms = Alarms::Slack(reqwest::Client::new(), slack.webhook("#alarms"));
    (slack, alarms)
}

/// One function does all of it, from inside: it waits for a connection until its timeout.
pub fn naive(cloud: &Cloud) -> (Function, Slack) {
    let (slack, alarms) = slack(cloud);
    (arrange(cloud, alarms), slack)
}

/// The one inside reads, and the one outside posts.
pub fn split(cloud: &Cloud) -> (Function, Slack) {
    let (slack, alarms) = slack(cloud);
    cloud.function_with("post-alarm", alarms, async |alarms, text: String| alarms.send(text).await);
    let lambda = aws_sdk_lambda::Client::new(&cloud.sdk_config());
    (arrange(cloud, Alarms::Function(lambda)), slack)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for (title, arrange) in [("alone", naive as fn(&Cloud) -> _), ("with a function outside", split)] {
        let cloud = Cloud::start();
        let (_, slack) = arrange(&cloud);
        let _ = cloud.advance(Duration::from_secs(3600)).await;
        println!("{title}\n\n{}\nposted: {:?}\n", cloud.timeline(), slack.texts("#alarms"));
    }
}
