//! How long a failed asynchronous event lives.

use std::time::Duration;

use lambda_testkit::Cloud;
use serde_json::Value;

#[tokio::test]
async fn an_event_is_not_retried_at_the_very_age_at_which_it_ends() {
    // As recorded on AWS: with MaximumEventAge 60 the function ran once, with 90 twice.
    for (age, attempts) in [(60, 1), (61, 2), (90, 2), (180, 2), (181, 3)] {
        let cloud = Cloud::start();
        let lost = cloud.queue("lost");
        let fails = cloud.function("fails", async |_: Value| Err::<(), _>("never again"));
        let fails = fails.dead_letter(&lost).maximum_event_age(Duration::from_secs(age));
        fails.invoke_later(1);
        let report = cloud.drain().await;
        assert_eq!((fails.events().len(), report.failures.len()), (attempts, attempts), "age {age}: {report}");
        assert_eq!(lost.bodies(), ["1"], "age {age}");
    }
}
