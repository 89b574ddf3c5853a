//! Answers that come just before the timeout of the function that asked, and what happens until then.

use std::time::Duration;

use lambda_testkit::prelude::*;
use lambda_testkit::{Deviation, Plan};

use super::calls::s3;
use super::{assert_met, deviate, planned};

/// A rule that fires every minute, for a function that may take two.
async fn run(plan: &Plan) -> Cloud {
    let cloud = planned(plan);
    cloud.bucket("notes");
    let note = cloud.function_with("note", cloud.sdk_config(), async |config, event: ScheduledEvent| {
        let put = s3(&config).put_object().bucket("notes").key(&event.id).send().await;
        put.map(|_| ()).map_err(|error| error.to_string())
    });
    note.timeout(Duration::from_secs(120));
    cloud.rule("every-minute", "rate(1 minute)").trigger(&note);
    cloud.advance(Duration::from_secs(120)).await.assert_ok();
    cloud
}

#[tokio::test]
async fn the_next_run_begins_before_an_answer_that_comes_late() {
    let course = run(&Plan::new()).await.course();
    let label = &course.points().iter().find(|point| point.label.starts_with("s3.PutObject")).unwrap().label;
    let plan = deviate(&course, label, &Deviation::AnsweredLate);
    let cloud = run(&plan).await;
    assert_met(&cloud, &plan);
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("the answer comes 119s later"), "{timeline}");
    let history = cloud.history();
    let runs: Vec<_> = history.invocations().of("note").into_iter().collect();
    assert!(runs[1].entry.at < runs[0].ended().unwrap(), "the second begins before the first has ended: {timeline}");
    assert_eq!((runs.len(), cloud.bucket("notes").keys().len()), (2, 2), "{timeline}");
}

#[tokio::test]
async fn an_answer_comes_late_only_where_something_begins_until_then() {
    let cloud = Cloud::start();
    let (inbox, copies) = (cloud.bucket("inbox"), cloud.bucket("copies"));
    let copy = cloud.function_with("copy", cloud.sdk_config(), async |config, event: S3Event| {
        let key = event.records[0].key().to_string();
        let put = s3(&config).put_object().bucket("copies").key(key).send().await;
        put.map(|_| ()).map_err(|error| error.to_string())
    });
    inbox.notify(&copy, on(ObjectCreated));
    inbox.put("a", "");
    cloud.drain().await.assert_ok();
    assert_eq!(copies.keys(), ["a"]);
    let course = cloud.course();
    let late = course.points().iter().find(|point| point.alternatives.contains(&Deviation::AnsweredLate));
    assert_eq!(late, None, "{course}");
}
