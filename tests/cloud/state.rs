//! The state of a cloud as a value, and where two states differ.

use lambda_testkit::Cloud;
use serde_json::Value;

/// A cloud with something of everything.
async fn furnished(seed: u64, start: &str) -> Cloud {
    let cloud = Cloud::builder().seed(seed).start_time(start.parse().unwrap()).start();
    cloud.bucket("export").put("a.csv", "1,2,3");
    cloud.account("222222222222").bucket("private").put("ü", "x");
    cloud.queue("alarms").send("disk full");
    cloud.queue("steps.fifo").send_fifo("g", "1", "first");
    let fails = cloud.function("fails", async |_: Value| Err::<(), _>("always")).retry_attempts(0);
    fails.invoke_later(1);
    let slack = cloud.slack();
    let post = reqwest::Client::new().post(slack.webhook("#ops")).body(r#"{"text":"hello"}"#).send().await.unwrap();
    assert_eq!(post.status(), 200);
    let _ = cloud.drain().await;
    cloud
}

#[tokio::test]
async fn two_runs_end_in_the_same_state_whatever_their_ids_and_times() {
    let one = furnished(1, "2026-01-01T00:00:00Z").await;
    let other = furnished(2, "2027-06-01T12:00:00Z").await;
    assert_eq!(one.state(), other.state());
    assert!(one.state().diff(&other.state()).is_empty());
    let state = one.state();
    assert_eq!(state.buckets["private"].owner, "222222222222");
    assert_eq!(state.queues["arn:aws:sqs:us-east-1:111111111111:alarms"].messages[0].body, "disk full");
    assert_eq!(state.functions["arn:aws:lambda:us-east-1:111111111111:function:fails"].given_up, 1);
    assert_eq!(state.slack["#ops"], ["hello"]);
}

#[tokio::test]
async fn the_difference_of_two_states_names_each_place_and_what_differs_there() {
    let (one, other) = (furnished(1, "2026-01-01T00:00:00Z").await, furnished(1, "2026-01-01T00:00:00Z").await);
    other.bucket("export").put("a.csv", "1,2,4");
    other.bucket("export").put("new", "n");
    one.queue("alarms").send("disk full");
    other.queue("alarms").send("no route");
    other.queue("steps.fifo").send_fifo("g", "2", "second");
    other.function("fails", async |_: Value| Err::<(), _>("always")).invoke_later(2);
    let _ = other.drain().await;
    other.bucket("only-there");
    let diff = one.state().diff(&other.state());
    assert_eq!(
        diff.to_string(),
        "s3://export/a.csv: the content differs from byte 4 on: …\"1,2,3\" ≠ …\"1,2,4\"\n\
         s3://export/new: only in the second: 1 byte, \"n\"\n\
         s3://only-there: only in the second: a bucket\n\
         queue alarms: message \"disk full\": 2 times in the first, once in the second\n\
         queue alarms: message \"no route\": missing in the first, once in the second\n\
         queue steps.fifo: message \"second\": missing in the first, once in the second\n\
         function fails: 1 of its events given up ≠ 2\n"
    );
    assert_eq!(diff.differences()[0].place, "s3://export/a.csv");
}
