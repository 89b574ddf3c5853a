//! The four scenarios of the README, with handlers written as users write them. Nothing leaves this process but the
//! Slack messages, which go over loopback.
//!
//! Run it with `cargo run --example tour`.

mod alarms;
mod export;
mod nightly;
mod users;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("1. S3 → Lambda → S3 of another account\n\n{}", export::run().await.timeline());
    println!("2. Schedule → Lambda → S3\n\n{}", nightly::run().await.timeline());
    println!("3. SQS → Lambda → Slack\n\n{}", alarms::run().await.timeline());
    println!("4. Lambda → Lambda\n\n{}", users::run().await.timeline());
}
