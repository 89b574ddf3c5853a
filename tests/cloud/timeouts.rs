//! How long a function may run: 15 minutes, on Lambda Managed Instances 90, but for whoever waits.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>

use crate::common::clock::seconds;
use crate::common::{both_ways, message};

use std::time::Duration;

use aws_sdk_lambda::Client;
use lambda_testkit::Function;
use lambda_testkit::prelude::*;
use serde_json::Value;

/// Sleeps as long as it can.
fn sleeps(cloud: &Cloud) -> Function {
    let clock = cloud.clock();
    cloud.function_with("sleeps", clock, async |clock, _: Value| clock.sleep(seconds(100 * 60)).await)
}

fn took(function: &Function) -> Option<Duration> {
    function.invocations().last().unwrap().duration()
}

#[tokio::test]
async fn an_ordinary_function_has_15_minutes_and_one_on_managed_instances_90() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let function = sleeps(cloud);
        let update = |timeout: i32| lambda.update_function_configuration().function_name("sleeps").timeout(timeout).send();
        let longest = |timeout: u32, most: u32| {
            format!(
                "1 validation error detected: Value '{timeout}' at 'timeout' failed to satisfy constraint: Member must have value \
                 less than or equal to {most}"
            )
        };
        assert_eq!(message(update(901).await), longest(901, 900));
        assert_eq!(update(900).await.unwrap().timeout(), Some(900));
        let refused = function.try_timeout(seconds(901)).unwrap_err().to_string();
        assert_eq!(refused, "invalid timeout 901s: a function's timeout is whole seconds, 1 s to 15 minutes");

        function.managed_instances();
        assert_eq!(message(update(5_401).await), longest(5_401, 5_400));
        assert_eq!(update(5_400).await.unwrap().timeout(), Some(5_400));
        let refused = function.try_timeout(seconds(5_401)).unwrap_err().to_string();
        let rule = "a function's timeout is whole seconds, on Managed Instances 1 s to 90 minutes";
        assert_eq!(refused, format!("invalid timeout 5401s: {rule}"));
    })
    .await;
}

#[tokio::test]
async fn events_and_batches_have_90_minutes_and_who_waits_has_15() {
    let cloud = Cloud::builder().max_test_time(seconds(24 * 60 * 60)).start();
    let function = sleeps(&cloud).managed_instances().retry_attempts(0).timeout(seconds(90 * 60));
    function.invoke_later(());
    let _ = cloud.drain().await;
    assert_eq!(took(&function), Some(seconds(90 * 60)));

    let queue = cloud.queue("queue").visibility_timeout(seconds(6 * 90 * 60)).dead_letter(&cloud.queue("dead"), 1);
    queue.trigger(&function, batch(1));
    queue.send("{}");
    let _ = cloud.advance(seconds(1)).await;
    assert_eq!(took(&function), Some(seconds(90 * 60)));

    let error = function.try_invoke::<()>(()).await.unwrap_err().to_string();
    assert!(error.contains("Task timed out after 900.00 seconds"), "{error}");
    assert_eq!(took(&function), Some(seconds(15 * 60)));
}

#[test]
fn an_environment_that_takes_several_events_is_one_of_managed_instances() {
    let cloud = Cloud::start();
    let function = sleeps(&cloud).per_execution_environment_max_concurrency(2);
    assert_eq!(function.try_timeout(seconds(5_400)), Ok(()));
}
