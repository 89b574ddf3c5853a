//! The same wiring made by SDK clients, as infrastructure code makes it, and by the verbs of handles: the API describes both alike,
//! and the same scenario runs alike in both.
use std::time::Duration;

use crate::common::clock::seconds;
use crate::common::signed::Raw;
use crate::common::{let_s3_invoke, let_s3_send};

use aws_sdk_lambda::types::{
    DeadLetterConfig, DestinationConfig, Filter, FilterCriteria, FunctionResponseType, OnFailure, OnSuccess,
    ScalingConfig,
};
use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
    NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
};
use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use lambda_testkit::event::S3EventName;
use lambda_testkit::history::EntryId;
use lambda_testkit::prelude::*;
use lambda_testkit::{Bucket, Function};
use serde_json::{Value, json};

const ORDERS: &str = r#"{"body":{"type":["order"]}}"#;

/// The code, which the test gives in both worlds. One works through orders, fails on those that are bad and reports them; one
/// copies objects, and fails on some; one is asked for another.
fn functions(cloud: &Cloud) -> [Function; 2] {
    let work = cloud.function("work", async |event: SqsEvent| {
        let bad = event.records.iter().filter(|record| record.body.contains("bad"));
        let failures: Vec<Value> = bad.map(|record| json!({ "itemIdentifier": record.message_id })).collect();
        json!({ "batchItemFailures": failures })
    });
    let copy = cloud.function("copy", async |event: S3Event| match event.records[0].key().as_str() {
        key if key.contains("fail") => Err(format!("cannot copy {key}")),
        key => Ok(key.to_owned()),
    });
    [work, copy]
}

fn by_verbs(cloud: &Cloud) {
    let [work, copy] = functions(cloud);
    let (dead, changes, told, dropped) =
        (cloud.queue("dead"), cloud.queue("changes"), cloud.queue("told"), cloud.queue("dropped"));
    let jobs = cloud.queue("jobs").visibility_timeout(seconds(60)).dead_letter(&dead, 2);
    let batch = batch(5).report_item_failures().maximum_concurrency(2).window(seconds(1));
    work.timeout(seconds(20)).concurrency(3);
    jobs.trigger(&work, batch.filter(serde_json::from_str(ORDERS).unwrap()));
    copy.dead_letter(&dropped);
    copy.on_success(&told).on_failure(&told).retry_attempts(1).maximum_event_age(seconds(3_600));
    let inbox = cloud.bucket("inbox");
    inbox.notify(&copy, on(ObjectCreated).prefix("in/").suffix(".csv"));
    inbox.notify(&changes, on(S3EventName::ObjectRemovedDelete));
}

async fn by_sdk(cloud: &Cloud) {
    functions(cloud);
    let config = cloud.sdk_config();
    let (sqs, s3) = (aws_sdk_sqs::Client::new(&config), aws_sdk_s3::Client::new(&config));
    let lambda = aws_sdk_lambda::Client::new(&config);
    let arn = |service: &str, name: &str| format!("arn:aws:{service}:us-east-1:111111111111:{name}");
    for name in ["dead", "changes", "told", "dropped"] {
        sqs.create_queue().queue_name(name).send().await.unwrap();
    }
    let jobs =
        sqs.create_queue().queue_name("jobs").attributes(Attribute::VisibilityTimeout, "60").send().await.unwrap();
    let redrive = json!({ "deadLetterTargetArn": arn("sqs", "dead"), "maxReceiveCount": 2 }).to_string();
    let set = sqs.set_queue_attributes().queue_url(jobs.queue_url.unwrap());
    set.attributes(Attribute::RedrivePolicy, redrive).send().await.unwrap();

    lambda.update_function_configuration().function_name("work").timeout(20).send().await.unwrap();
    let concurrency = lambda.put_function_concurrency().function_name("work").reserved_concurrent_executions(3);
    concurrency.send().await.unwrap();
    let filters = FilterCriteria::builder().filters(Filter::builder().pattern(ORDERS).build()).build();
    let mapping = lambda.create_event_source_mapping().event_source_arn(arn("sqs", "jobs"));
    let mapping =
        mapping.function_name("work").batch_size(5).maximum_batching_window_in_seconds(1).filter_criteria(filters);
    let mapping = mapping.scaling_config(ScalingConfig::builder().maximum_concurrency(2).build());
    let mapping = mapping.function_response_types(FunctionResponseType::ReportBatchItemFailures);
    mapping.send().await.unwrap();

    let dropped = DeadLetterConfig::builder().target_arn(arn("sqs", "dropped")).build();
    lambda.update_function_configuration().function_name("copy").dead_letter_config(dropped).send().await.unwrap();
    let told = arn("sqs", "told");
    let config = DestinationConfig::builder()
        .on_success(OnSuccess::builder().destination(&told).build())
        .on_failure(OnFailure::builder().destination(&told).build());
    let put = lambda.put_function_event_invoke_config().function_name("copy").destination_config(config.build());
    put.maximum_retry_attempts(1).maximum_event_age_in_seconds(3_600).send().await.unwrap();

    s3.create_bucket().bucket("inbox").send().await.unwrap();
    let_s3_invoke(&cloud.sdk_config(), "copy", "inbox").await;
    let_s3_send(&cloud.sdk_config(), "changes", "inbox").await;
    let part = |name, value: &str| FilterRule::builder().name(name).value(value).build();
    let key = S3KeyFilter::builder().filter_rules(part(FilterRuleName::Prefix, "in/"));
    let key = key.filter_rules(part(FilterRuleName::Suffix, ".csv")).build();
    let to_copy = LambdaFunctionConfiguration::builder().lambda_function_arn(arn("lambda", "function:copy"));
    let to_copy = to_copy.filter(NotificationConfigurationFilter::builder().key(key).build());
    let to_changes =
        QueueConfiguration::builder().queue_arn(arn("sqs", "changes")).events(Event::S3ObjectRemovedDelete);
    let rules = NotificationConfiguration::builder()
        .lambda_function_configurations(to_copy.events(Event::S3ObjectCreated).build().unwrap())
        .queue_configurations(to_changes.build().unwrap());
    let put = s3.put_bucket_notification_configuration().bucket("inbox").notification_configuration(rules.build());
    put.send().await.unwrap();
}

/// Ids that S3 and Lambda make up for each request that configures something.
fn without_ids(text: &str) -> String {
    let mut text = text.to_owned();
    // The last one is in the body of a message, as `Debug` shows it.
    for (start, end) in [("<Id>", "</Id>"), (r#""RevisionId":""#, "\""), (r#"configurationId\":\""#, r#"\""#)] {
        let parts: Vec<_> = text.split(start).map(str::to_owned).collect();
        let rest = parts[1..].iter().map(|part| part.split_once(end).unwrap().1);
        text = rest.fold(parts[0].clone(), |text, rest| text + start + "…" + end + rest);
    }
    text
}

/// What the APIs say of everything.
async fn described(cloud: &Cloud) -> Vec<String> {
    let mut all = Vec::new();
    let mut keep = |what: &str, answer: crate::common::signed::Answer| {
        assert!(answer.status == 200 || answer.status == 404, "{what}: {}", answer.body);
        all.push(format!("{what}: {}", without_ids(&answer.body)));
    };
    for name in ["dead", "changes", "told", "dropped", "jobs"] {
        let body = json!({ "QueueUrl": cloud.queue(name).url(), "AttributeNames": ["All"] }).to_string();
        keep(name, Raw::sqs("GetQueueAttributes").body(body).signed(cloud).await);
    }
    for function in ["work", "copy"] {
        for path in [
            format!("/2015-03-31/functions/{function}/configuration"),
            format!("/2015-03-31/functions/{function}/policy"),
            format!("/2019-09-30/functions/{function}/concurrency"),
            format!("/2019-09-25/functions/{function}/event-invoke-config"),
        ] {
            keep(&path, Raw::new("lambda", "GET", &path).signed(cloud).await);
        }
    }
    for path in ["/2015-03-31/event-source-mappings", "/2015-03-31/functions"] {
        keep(path, Raw::new("lambda", "GET", path).signed(cloud).await);
    }
    keep("notifications", Raw::new("s3", "GET", "/inbox?notification=").signed(cloud).await);
    keep("buckets", Raw::new("s3", "GET", "/").signed(cloud).await);
    all
}

/// What is done with either.
async fn act(cloud: &Cloud) {
    let (inbox, jobs): (Bucket, _) = (cloud.bucket("inbox"), cloud.queue("jobs"));
    for (kind, id) in [("order", "1"), ("refund", "2"), ("order", "bad 3"), ("order", "4")] {
        jobs.send(json!({ "type": kind, "id": id }));
    }
    for key in ["in/a.csv", "in/fail.csv", "in/b.txt", "c.csv"] {
        inbox.put(key, "1,2");
    }
    inbox.delete("c.csv");
    let _ = cloud.drain().await;
    let _ = cloud.advance(Duration::from_secs(600)).await;
}

fn last(cloud: &Cloud) -> Option<EntryId> {
    cloud.history().entries().last().map(|entry| entry.id)
}

/// The timeline behind a mark: when, under which line, what.
fn told_since(cloud: &Cloud, mark: Option<EntryId>) -> Vec<String> {
    let timeline = cloud.timeline();
    let lines: Vec<_> = timeline.lines().iter().filter(|line| Some(line.id) > mark).collect();
    let place = |id: EntryId| lines.iter().position(|line| line.id == id);
    lines.iter().map(|line| format!("{} under {:?}: {}", line.at, line.cause.and_then(place), line.text)).collect()
}

#[track_caller]
fn assert_same(one: &[String], other: &[String]) {
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

#[tokio::test]
async fn infrastructure_by_clients_is_that_of_the_verbs() {
    let (verbs, sdk) = (Cloud::start(), Cloud::start());
    by_verbs(&verbs);
    by_sdk(&sdk).await;
    for cloud in [&verbs, &sdk] {
        cloud.settle().await.assert_ok();
        // The test event has the ids of the request that led to it.
        assert_eq!(cloud.queue("changes").bodies().len(), 1);
        cloud.queue("changes").purge();
    }
    assert_same(&described(&sdk).await, &described(&verbs).await);
    let (before_verbs, before_sdk) = (last(&verbs), last(&sdk));
    act(&verbs).await;
    act(&sdk).await;

    let told = told_since(&verbs, before_verbs);
    assert_same(&told_since(&sdk, before_sdk), &told);
    for line in [
        "not delivered to work: filtered out and deleted",
        "message moved to dead-letter queue dead",
        "notify copy: ObjectCreated:Put",
        "record of copy → told: Success",
        "record of copy → told: RetriesExhausted",
        "message to dropped",
        "notify changes: ObjectRemoved:Delete",
    ] {
        assert!(told.iter().any(|told| told.contains(line)), "the scenario has {line}: {told:#?}");
    }
    let state = |cloud: &Cloud| without_ids(&format!("{:?}", cloud.state()));
    assert_eq!(state(&sdk), state(&verbs));
    assert_same(&described(&sdk).await, &described(&verbs).await);
    let decided = |cloud: &Cloud| {
        let plain = |decision: &lambda_testkit::Decision| decision.to_string();
        cloud.explain().decisions().iter().map(plain).collect::<Vec<_>>()
    };
    assert_same(&decided(&sdk), &decided(&verbs));
}
