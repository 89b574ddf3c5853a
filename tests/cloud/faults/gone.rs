//! The object that an event is about is deleted or overwritten by somebody else before the event's invocation reads it.

use aws_types::SdkConfig;
use lambda_testkit::prelude::*;
use lambda_testkit::{Deviation, Plan};

use super::calls::{ENTRANCES, Entrance, failed, s3};
use super::{assert_met, deviate, planned};

async fn read(keys: Vec<String>, config: SdkConfig) -> Result<(), String> {
    for key in keys {
        s3(&config).head_object().bucket("inbox").key(&key).send().await.map_err(|error| failed(&error))?;
        let object = s3(&config).get_object().bucket("inbox").key(&key).send().await;
        object.map_err(|error| failed(&error))?.body.collect().await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn keys(event: &S3Event) -> Vec<String> {
    event.records.iter().map(|record| record.key().to_string()).collect()
}

/// A function that reads what comes into a bucket: told by S3 itself, or through a queue.
async fn run(plan: &Plan, entrance: Entrance, by_queue: bool) -> Cloud {
    let cloud = planned(plan);
    let (inbox, config) = (cloud.bucket("inbox"), entrance(&cloud));
    inbox.put("other", "");
    let gone = cloud.stub("gone");
    if by_queue {
        let reads = cloud.function_with("reads", config, async |config, event: SqsEvent| {
            let events = event.records.iter().filter_map(|record| serde_json::from_str::<S3Event>(&record.body).ok());
            read(events.flat_map(|event| keys(&event)).collect(), config).await
        });
        let events = cloud.queue("events").dead_letter(&cloud.queue("dead"), 2);
        events.trigger(&reads, batch(1));
        inbox.notify(&events, on(ObjectCreated));
    } else {
        let reads = cloud.function_with("reads", config, async |config, event: S3Event| {
            let also = [keys(&event), vec!["other".to_owned()]].concat();
            read(also, config).await
        });
        inbox.notify(&reads.dead_letter(&cloud.queue("dead")), on(ObjectCreated));
    }
    inbox.notify(&gone, on(ObjectRemoved));
    inbox.put("a.csv", "1");
    let _ = cloud.drain().await;
    cloud
}

#[tokio::test]
async fn what_an_event_is_about_is_really_gone_and_told_to_whoever_listens() {
    for by_queue in [false, true] {
        for (name, entrance) in ENTRANCES {
            for operation in ["s3.HeadObject", "s3.GetObject"] {
                let label = format!("{operation} inbox/a.csv");
                let course = run(&Plan::new(), entrance, by_queue).await.course();
                let plan = deviate(&course, &label, &Deviation::DeletedSince);
                let cloud = run(&plan, entrance, by_queue).await;
                assert_met(&cloud, &plan);
                let timeline = cloud.timeline().to_string();
                assert!(timeline.contains("inbox/a.csv is deleted by somebody else"), "{name}: {timeline}");
                assert_eq!(cloud.bucket("inbox").keys(), ["other"], "{name}: {timeline}");
                assert_eq!(cloud.queue("dead").messages().len(), 1, "no retry brings it back; {name}: {timeline}");
                let told = cloud.history();
                assert_eq!(told.invocations().of("gone").into_iter().count(), 1, "{name}: {timeline}");
            }
        }
    }
}

#[tokio::test]
async fn what_an_event_is_about_has_another_content_and_another_event() {
    for (name, entrance) in ENTRANCES {
        let label = "s3.GetObject inbox/a.csv";
        let course = run(&Plan::new(), entrance, false).await.course();
        let plan = deviate(&course, label, &Deviation::OverwrittenSince);
        let cloud = run(&plan, entrance, false).await;
        assert_met(&cloud, &plan);
        let timeline = cloud.timeline().to_string();
        assert!(timeline.contains("inbox/a.csv is overwritten by somebody else"), "{name}: {timeline}");
        assert_eq!(cloud.bucket("inbox").text("a.csv"), "2", "the next number; {name}: {timeline}");
        assert_eq!(cloud.history().invocations().of("reads").into_iter().count(), 2, "{name}: {timeline}");
    }
}

#[tokio::test]
async fn only_what_the_event_is_about_and_is_there_may_be_gone() {
    let course = run(&Plan::new(), ENTRANCES[0].1, false).await.course();
    let may_be_gone = course.points().iter().filter(|point| point.alternatives.contains(&Deviation::DeletedSince));
    let labels: Vec<_> = may_be_gone.map(|point| point.label.as_str()).collect();
    assert_eq!(labels, ["s3.HeadObject inbox/a.csv", "s3.GetObject inbox/a.csv"], "{course}");
    for deed in [Deviation::DeletedSince, Deviation::OverwrittenSince] {
        assert!(!deed.is_transient() && deed.is_anothers_deed());
    }
}
