//! What the dead letters of a function's queue need to come back, and permissions, by the AWS SDK for Rust.
use crate::common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use common::{both_ways, refusal};
use lambda_testkit::{Cloud, batch};
use serde_json::Value;

/// The story for which move tasks exist: a function fails until it is mended, and then its dead letters are sent back to it.
#[tokio::test]
async fn dead_letters_go_back_to_a_function_that_was_mended() {
    let cloud = Cloud::start();
    let (dead, jobs) = (cloud.queue("jobs-dead"), cloud.queue("jobs"));
    jobs.visibility_timeout(Duration::from_secs(30)).dead_letter(&dead, 1);
    let is_mended = Arc::new(AtomicBool::new(false));
    let mended = Arc::clone(&is_mended);
    let work = cloud.function("work", move |_: Value| {
        let mended = mended.load(Ordering::Relaxed);
        async move { if mended { Ok(()) } else { Err("not yet") } }
    });
    jobs.trigger(&work, batch(1));
    jobs.send_all(["a", "b", "c"]);
    assert_eq!(cloud.drain().await.failures.len(), 3);
    dead.assert_bodies(["a", "b", "c"]);

    is_mended.store(true, Ordering::Relaxed);
    let sqs = Client::new(&cloud.sdk_config());
    let start = sqs.start_message_move_task().source_arn(dead.arn().to_string()).max_number_of_messages_per_second(1);
    let handle = start.send().await.unwrap().task_handle.unwrap();
    cloud.settle().await.assert_ok();
    dead.assert_bodies(["b", "c"]);
    let running =
        sqs.list_message_move_tasks().source_arn(dead.arn().to_string()).send().await.unwrap().results.unwrap();
    assert_eq!((running[0].status(), running[0].task_handle()), (Some("RUNNING"), Some(handle.as_str())));
    cloud.advance(Duration::from_secs(2)).await.assert_ok();
    dead.assert_empty();
    jobs.assert_empty();
    assert_eq!(work.invocations().len(), 6, "three failures, and three that came back");
    let done = sqs.list_message_move_tasks().source_arn(dead.arn().to_string()).send().await.unwrap().results.unwrap();
    assert_eq!((done[0].status(), done[0].approximate_number_of_messages_moved()), (Some("COMPLETED"), 3));
    assert_eq!(
        refusal(sqs.cancel_message_move_task().task_handle(handle).send().await),
        "404 ResourceNotFoundException"
    );
}

#[tokio::test]
async fn permissions_are_written_into_the_policy() {
    both_ways(async |cloud, config| {
        let (sqs, url) = (Client::new(&config), cloud.queue("alarms").url());
        let share = sqs.add_permission().queue_url(&url).label("share").aws_account_ids("222222222222");
        share.clone().actions("SendMessage").send().await.unwrap();
        assert_eq!(refusal(share.actions("SendMessage").send().await), "400 InvalidParameterValue");
        let policy = async || {
            let ask = sqs.get_queue_attributes().queue_url(&url).attribute_names(Attribute::Policy);
            ask.send().await.unwrap().attributes.and_then(|attributes| attributes.get(&Attribute::Policy).cloned())
        };
        assert!(policy().await.unwrap().contains("\"Action\":\"SQS:SendMessage\""));
        sqs.remove_permission().queue_url(&url).label("share").send().await.unwrap();
        assert_eq!(policy().await, None);
    })
    .await;
}
