//! Clouds whose clock is looked at.

use std::convert::Infallible;
use std::time::Duration;

use lambda_testkit::{Cloud, Function};
use serde_json::Value;

/// When every cloud starts.
pub const START: &str = "2026-01-01T00:00:00Z";

pub fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The time since the start of the test, on the cloud's clock.
pub fn elapsed(cloud: &Cloud) -> Duration {
    cloud.now().duration_since(START.parse().unwrap()).try_into().unwrap()
}

pub fn cloud_that_stalls_after(milliseconds: u64) -> Cloud {
    Cloud::builder().max_stall(Duration::from_millis(milliseconds)).start()
}

/// A function that answers with its event.
pub fn echo(cloud: &Cloud, name: &str) -> Function {
    cloud.function(name, |event: Value| async move { Ok::<_, Infallible>(event) })
}
