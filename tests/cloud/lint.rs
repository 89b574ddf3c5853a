//! What works here and hurts in production.

use std::time::Duration;

use lambda_testkit::prelude::*;
use serde_json::{Value, json};

fn told(cloud: &Cloud) -> Vec<String> {
    cloud.lint().iter().map(ToString::to_string).collect()
}

#[test]
fn a_queue_as_aws_advises_gets_no_word() {
    let cloud = Cloud::start();
    let (dead, store) = (cloud.queue("dead"), cloud.stub("store"));
    store.timeout(Duration::from_secs(10));
    let orders = cloud.queue("orders").visibility_timeout(Duration::from_secs(65)).dead_letter(&dead, 5);
    orders.trigger(&store, batch(10).window(Duration::from_secs(5)).report_item_failures());
    assert_eq!(told(&cloud), Vec::<String>::new());
}

#[test]
fn each_setting_is_named_with_its_values_and_its_page() {
    let cloud = Cloud::start();
    let (dead, store) = (cloud.queue("dead"), cloud.stub("store"));
    store.timeout(Duration::from_secs(10));
    let orders = cloud.queue("orders").visibility_timeout(Duration::from_secs(64)).dead_letter(&dead, 4);
    orders.trigger(&store, batch(2).window(Duration::from_secs(5)));
    let page = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs";
    assert_eq!(
        told(&cloud),
        [
            format!(
                "orders → store: its queue's visibility timeout is 64s, below 65s: six times the function's timeout of 10s and \
                 the window of 5s ({page}-configure.html)"
            ),
            format!(
                "orders → store: messages go to the dead-letter queue after 4 receives, fewer than 5: being throttled counts, \
                 too ({page}-errorhandling.html)"
            ),
            format!(
                "orders → store: batches of 2 without report_item_failures: one message that fails brings all of them again \
                 ({page}-errorhandling.html)"
            ),
        ]
    );
}

#[test]
fn a_function_whose_failures_nobody_hears_of_is_named_once() {
    let cloud = Cloud::start();
    let (copy, dead) = (cloud.stub("copy"), cloud.queue("dead"));
    cloud.bucket("inbox").notify(&copy, on(ObjectCreated));
    cloud.rule("nightly", "rate(1 day)").trigger(&copy);
    let lints = cloud.lint();
    assert_eq!(lints.len(), 1, "{lints:?}");
    assert_eq!(lints[0].trigger, "inbox → copy");
    assert!(lints[0].what.contains("neither a dead-letter queue nor a destination"), "{}", lints[0]);
    copy.dead_letter(&dead);
    assert!(cloud.lint().is_empty());
    cloud.discard();
}

#[tokio::test]
async fn output_in_the_bucket_of_the_input_is_named_although_the_filter_keeps_it_apart() {
    let cloud = Cloud::start();
    let (inbox, dead) = (cloud.bucket("inbox"), cloud.queue("dead"));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let copy = cloud.function_with("copy", s3, async |s3: aws_sdk_s3::Client, _: Value| {
        s3.put_object()
            .bucket("inbox")
            .key("out/a")
            .send()
            .await
            .map(|_| json!(null))
            .map_err(|error| error.to_string())
    });
    inbox.notify(&copy.dead_letter(&dead), on(ObjectCreated).prefix("in/"));
    assert!(cloud.lint().is_empty());
    inbox.put("in/a", "a");
    cloud.settle().await.assert_ok();
    let lints = told(&cloud);
    assert_eq!(lints.len(), 1, "{lints:?}");
    assert!(lints[0].starts_with("inbox → copy: the function writes into the bucket that triggers it"), "{lints:?}");
}
