//! A function in a VPC: what is outside AWS is out of its reach, and a second function outside is the way there.

#[path = "../../examples/vpc.rs"]
#[allow(dead_code, reason = "the example's own run is not tested")]
mod example;

use std::time::Duration;

use lambda_testkit::explore;
use lambda_testkit::prelude::*;

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn alone_it_reads_from_s3_and_waits_for_slack_until_its_timeout() {
    let cloud = Cloud::start();
    let (check, slack) = example::naive(&cloud);
    let began = cloud.now();
    let report = cloud.advance(HOUR).await;
    let [failure] = report.failures.as_slice() else { panic!("{report}") };
    assert!(failure.error.ends_with("Task timed out after 10.00 seconds"), "{report}");
    assert_eq!(check.invocations()[0].duration(), Some(Duration::from_secs(10)), "on the cloud's clock");
    assert_eq!(cloud.now(), began + HOUR + Duration::from_secs(10));
    assert!(slack.texts("#alarms").is_empty());
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("GetObject s3://logs/linux.txt → 200"), "{timeline}");
    assert!(timeline.contains("cannot connect: the function is in a VPC"), "{timeline}");
}

#[tokio::test]
async fn with_a_function_outside_the_alarm_arrives() {
    let cloud = Cloud::start();
    let (check, slack) = example::split(&cloud);
    cloud.advance(HOUR).await.assert_ok();
    slack.assert_posted("#alarms", ["1 errors"]);
    assert_eq!(check.responses(), [1]);
}

#[test]
fn the_split_survives_every_failure_and_the_naive_one_not_even_the_ordinary_course() {
    let split = explore(async |cloud: &Cloud| {
        example::split(cloud);
        let _ = cloud.advance(HOUR).await;
    });
    // An alarm that comes again is posted again.
    let explored = split.at_least_once("slack #alarms").run();
    assert!(explored.singles() > 20, "{explored}");
    let naive = explore(async |cloud: &Cloud| {
        example::naive(cloud);
        let _ = cloud.advance(HOUR).await;
    });
    let explored = naive.try_run();
    assert_eq!(explored.findings()[0].what, "a function fails", "{explored}");
}
