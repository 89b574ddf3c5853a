//! Leaving one step out of a run renames nothing else: ids and points are called after what led to them.

use std::collections::BTreeSet;

use lambda_testkit::history::{Actor, What};
use lambda_testkit::prelude::*;

type Sdk = Box<dyn std::error::Error + Send + Sync>;

/// What may be left out of a run. Of things that only their order tells apart, as two messages of the test to one queue
/// are, that is the last.
const STEPS: [&str; 5] = ["put a", "put b", "send y", "function other", "invoke other"];

/// S3 → function → queue → function, and a function of its own.
async fn run(without: &str) -> Cloud {
    let cloud = Cloud::start();
    let with = |step: &str| step != without;
    let (inbox, line) = (cloud.bucket("inbox"), cloud.queue("line"));
    let (config, url) = (cloud.sdk_config(), line.url());
    if with("function other") {
        let other = cloud.function("other", async |_: u32| Ok::<_, Sdk>(()));
        if with("invoke other") {
            other.invoke_later(1);
        }
    }
    let client = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let versioned = aws_sdk_s3::types::BucketVersioningStatus::Enabled;
    let versioning = aws_sdk_s3::types::VersioningConfiguration::builder().status(versioned).build();
    client.put_bucket_versioning().bucket("inbox").versioning_configuration(versioning).send().await.unwrap();
    let (s3, sqs) = (client.clone(), aws_sdk_sqs::Client::new(&config));
    let tells = cloud.function("tells", move |event: S3Event| {
        let (s3, sqs, url) = (s3.clone(), sqs.clone(), url.clone());
        async move {
            let key = event.records[0].key().to_string();
            s3.put_object().bucket("copies").key(&key).send().await?;
            sqs.send_message().queue_url(&url).message_body(&key).send().await?;
            Ok::<_, Sdk>(())
        }
    });
    cloud.bucket("copies");
    inbox.notify(&tells, on(ObjectCreated));
    let fails = cloud.function("fails", async |event: SqsEvent| {
        Ok::<_, Sdk>(BatchResponse::failures(
            event.records.iter().filter(|r| r.body == "y").map(|r| r.message_id.clone()),
        ))
    });
    let dead = cloud.queue("dead");
    line.dead_letter(&dead, 2).trigger(&fails, batch(1).report_item_failures());
    for key in ["a", "b"] {
        if with(&format!("put {key}")) {
            inbox.put(key, key);
        }
    }
    for body in ["x", "y"] {
        if with(&format!("send {body}")) {
            line.send(body);
        }
    }
    let _ = cloud.drain().await;
    cloud
}

/// Everything with a name of its own: request ids, message and version ids in events, and points.
fn names(cloud: &Cloud) -> BTreeSet<String> {
    let history = cloud.history();
    let requests = history.invocations().into_iter().map(|run| {
        let context = &run.invocation.context;
        format!("{} {} {}", run.invocation.function, run.attempt(), context.request_id)
    });
    let mut names: BTreeSet<String> = requests.collect();
    for run in history.invocations() {
        let event: serde_json::Value = run.event().unwrap();
        for record in event["Records"].as_array().into_iter().flatten() {
            let ids = [
                &record["messageId"],
                &record["s3"]["object"]["versionId"],
                &record["s3"]["object"]["sequencer"],
                &record["responseElements"]["x-amz-request-id"],
            ];
            names.extend(ids.iter().filter_map(|id| id.as_str()).map(str::to_owned));
        }
    }
    names.extend(cloud.course().points().iter().map(|point| {
        let text = point.to_string();
        let (_, name) = text.split_once(" @").unwrap();
        format!("{} @{name}", point.label)
    }));
    names
}

#[tokio::test]
async fn leaving_a_step_out_renames_nothing_else() {
    let whole = names(&run("nothing").await);
    for step in STEPS {
        let cloud = run(step).await;
        let fewer = names(&cloud);
        // Whose turn it is depends on who else is there.
        let others = |name: &&&String| !name.starts_with("turn ");
        let new: Vec<_> = fewer.difference(&whole).collect();
        let new: Vec<_> = new.iter().filter(others).collect();
        assert!(new.is_empty(), "without {step:?} there are new names: {new:#?}\n{}", cloud.course());
        assert!(fewer.len() < whole.len(), "{step}");
        let requests = cloud.history();
        assert!(requests.entries().iter().all(|entry| entry.actor != Actor::Unattributed));
        assert!(requests.entries().iter().any(|entry| matches!(entry.what, What::Invocation(_))));
    }
}
