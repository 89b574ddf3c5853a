//! Scenario 4 with as many users as one likes: a function reads their list from S3, and invokes another one for each.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use futures::future::join_all;
use lambda_testkit::prelude::*;
use lambda_testkit::{Function, Queue};
use serde_json::json;

/// How the users are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// As events, which run later.
    Event,
    /// One after the other, each answer awaited.
    OneAfterAnother,
    /// All at once, all answers awaited.
    Joined,
}

/// How many calls there are to one that fails.
pub const EVERY: usize = 3;

/// The two functions, and the dead-letter queue of the second.
pub struct FanOut {
    pub start: Function,
    pub check: Function,
    pub failed: Queue,
}

pub fn name(user: usize) -> String {
    format!("user-{user:05}")
}

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Hands each user over, and says how many are said to have failed.
async fn fan_out(s3: aws_sdk_s3::Client, lambda: aws_sdk_lambda::Client, how: How) -> Result<usize, Error> {
    let list = s3.get_object().bucket("users").key("users.json").send().await?.body.collect().await?.into_bytes();
    let users: Vec<String> = serde_json::from_slice(&list)?;
    let kind = if how == How::Event { InvocationType::Event } else { InvocationType::RequestResponse };
    let check = |user: &String| {
        let payload = Blob::new(format!("{user:?}"));
        lambda.invoke().function_name("check").invocation_type(kind.clone()).payload(payload).send()
    };
    let mut failed = 0;
    if how == How::Joined {
        for answer in join_all(users.iter().map(check)).await {
            failed += usize::from(answer?.function_error().is_some());
        }
    } else {
        for user in &users {
            failed += usize::from(check(user).await?.function_error().is_some());
        }
    }
    Ok(failed)
}

/// Arranges it for `users` users. Every third call of the function that checks them fails, if it `fails`.
pub fn arrange(cloud: &Cloud, users: usize, how: How, fails: bool) -> FanOut {
    let list: Vec<String> = (0..users).map(name).collect();
    cloud.bucket("users").put("users.json", json!(list).to_string());
    let (failed, calls) = (cloud.queue("failed"), (Arc::new(AtomicUsize::new(0)), fails));
    let check = cloud.function_with("check", calls, async |(calls, fails), user: String| {
        let call = calls.fetch_add(1, Ordering::Relaxed) + 1;
        if fails && call.is_multiple_of(EVERY) { Err(format!("no answer for {user}")) } else { Ok(user) }
    });
    let config = cloud.sdk_config();
    let tools = (aws_sdk_s3::Client::new(&config), aws_sdk_lambda::Client::new(&config), how);
    let start = cloud.function_with("start", tools, async |(s3, lambda, how), (): ()| fan_out(s3, lambda, how).await);
    let check = check.dead_letter(&failed);
    FanOut { start, check, failed }
}

/// The users that are given up: each call that fails is tried twice more, behind all of the same round.
pub fn given_up(users: usize) -> Vec<String> {
    let (mut calls, mut round) = (0, (0..users).collect::<Vec<_>>());
    for _ in 0..3 {
        round.retain(|_| {
            calls += 1;
            usize::is_multiple_of(calls, EVERY)
        });
    }
    round.into_iter().map(name).collect()
}
