//! The examples of the README about plans and triggers. Its other blocks are compiled as documentation; these are run.

use aws_lambda_events::event::s3::S3Event;
use lambda_testkit::Plan;
use lambda_testkit::prelude::{Cloud, ObjectCreated, SqsEvent, batch, on};

async fn run(plan: &Plan) -> Cloud {
    let cloud = Cloud::builder().plan(plan).start();
    let (inbox, outbox) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let copy = cloud.function("copy", move |event: S3Event| {
        let s3 = s3.clone();
        async move {
            let key = event.records[0].s3.object.key.clone().unwrap_or_default();
            let source = format!("inbox/{key}");
            s3.copy_object().bucket("outbox").key(key).copy_source(source).send().await.map(|_| ())
        }
    });
    inbox.notify(&copy, on(ObjectCreated));
    inbox.put("a.txt", "a");
    let _ = cloud.drain().await;
    assert_eq!(outbox.text("a.txt"), "a", "{}", cloud.timeline());
    cloud
}

#[tokio::test]
async fn the_copy_survives_whatever_happens_once() {
    let ordinary = run(&Plan::new()).await;
    for point in ordinary.course().points().iter().filter(|point| !point.of_test) {
        for deviation in point.alternatives.iter().filter(|deviation| deviation.is_transient()) {
            let plan = point.deviate(deviation);
            let cloud = run(&plan).await; // such as "s3.CopyObject outbox/a.txt #1 @…: answer lost"
            cloud.course().assert_plan_met(); // a fault that did not fire proves nothing
            assert_eq!(cloud.state(), ordinary.state(), "{plan}");
        }
    }
}

#[tokio::test]
async fn a_plan_is_text() {
    run(&"s3.CopyObject outbox/a.txt #1: SlowDown; inbox → copy #1: twice".parse().unwrap()).await;
}

#[tokio::test]
async fn a_disabled_trigger_says_so() {
    let cloud = Cloud::start();
    let (jobs, work) = (cloud.queue("jobs"), cloud.function("work", async |_: SqsEvent| Ok::<_, String>(())));
    let trigger = jobs.trigger(&work, batch(10));
    trigger.disable();
    jobs.send("one");
    cloud.settle().await.assert_ok();
    assert_eq!(cloud.history().invocations().of("work").count(), 0);
    trigger.enable();
    cloud.settle().await.assert_ok();
    assert_eq!(cloud.history().invocations().of("work").count(), 1);
    assert_eq!(trigger.decisions().len(), 1);
}
