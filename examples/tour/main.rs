//! The four scenarios of the README, with handlers written as users write them. Nothing leaves this process but the
//! Slack messages, which go over loopback.
//!
//! Run it with `cargo run --example tour`.

mod alarms;
mod export;
mod nightly;
mod users;

use lambda_testkit::Cloud;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    show("1. S3 → Lambda → S3 of another account", export::run().await);
    show("2. Schedule → Lambda → S3", nightly::run().await);
    show("3. SQS → Lambda → Slack", alarms::run().await);
    show("4. Lambda → Lambda", users::run().await);
}

fn show(title: &str, (cloud, result): (Cloud, String)) {
    println!("{title}\n\n{}\n{result}\n", cloud.timeline());
}
