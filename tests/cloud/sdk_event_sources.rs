//! Lambda's operations on event source mappings by the AWS SDK for Rust, in process and over loopback HTTP.
use crate::common::clock::seconds;
use crate::common::{both_ways, in_region, message, refusal};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder as Create;
use aws_sdk_lambda::types::{
    DestinationConfig, Filter, FilterCriteria, FunctionResponseType, OnSuccess, ProvisionedPollerConfig, ScalingConfig,
};
use aws_types::SdkConfig;
use lambda_testkit::prelude::*;
use lambda_testkit::{Batch, Function, Queue};
use serde_json::{Value, json};

const UNKNOWN: &str = "01234567-0123-0123-0123-012345678901";

fn takes(cloud: &Cloud, name: &str) -> Function {
    cloud.function(name, |_: SqsEvent| async {})
}

fn create(config: &SdkConfig, queue: &Queue, function: &str) -> Create {
    let create = Client::new(config).create_event_source_mapping();
    create.event_source_arn(queue.arn().to_string()).function_name(function)
}

fn filters(patterns: &[&str]) -> FilterCriteria {
    let filters = patterns.iter().map(|pattern| Filter::builder().pattern(*pattern).build()).collect();
    FilterCriteria::builder().set_filters(Some(filters)).build()
}

#[tokio::test]
async fn a_mapping_goes_through_its_states_as_the_cloud_goes_on() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let (queue, function) = (cloud.queue("q"), takes(cloud, "f"));
        queue.send("early");
        let made = create(&config, &queue, "f").send().await.unwrap();
        let uuid = made.uuid().unwrap();
        let get = async || lambda.get_event_source_mapping().uuid(uuid).send().await;
        let state = async || get().await.unwrap().state().unwrap().to_owned();
        assert_eq!((made.state(), made.batch_size()), (Some("Creating"), Some(10)));
        assert_eq!(made.event_source_arn().unwrap(), queue.arn().to_string());
        assert_eq!(made.function_arn().unwrap(), function.arn().to_string());
        assert_eq!(
            made.event_source_mapping_arn().unwrap(),
            format!("arn:aws:lambda:us-east-1:111111111111:event-source-mapping:{uuid}")
        );
        assert_eq!(made.last_modified().unwrap().secs(), cloud.now().as_second());
        assert_eq!((state().await, function.events().len()), ("Creating".to_owned(), 0));
        let update = || lambda.update_event_source_mapping().uuid(uuid);
        assert_eq!(refusal(update().batch_size(1).send().await), "400 ResourceInUseException");
        let delete = || lambda.delete_event_source_mapping().uuid(uuid);
        assert_eq!(message(delete().send().await), "Cannot delete the event source mapping because it is in use.");

        cloud.settle().await.assert_ok();
        assert_eq!((state().await, function.events().len()), ("Enabled".to_owned(), 1));
        assert_eq!(update().enabled(false).send().await.unwrap().state(), Some("Disabling"));
        queue.send("meanwhile");
        cloud.settle().await.assert_ok();
        assert_eq!((state().await, function.events().len()), ("Disabled".to_owned(), 1));
        assert_eq!(update().batch_size(5).send().await.unwrap().state(), Some("Updating"));
        cloud.settle().await.assert_ok();
        assert_eq!((state().await, function.events().len()), ("Disabled".to_owned(), 1));
        assert_eq!(update().enabled(true).send().await.unwrap().state(), Some("Enabling"));
        cloud.settle().await.assert_ok();
        assert_eq!((state().await, function.events().len()), ("Enabled".to_owned(), 2));

        assert_eq!(delete().send().await.unwrap().state(), Some("Deleting"));
        queue.send("late");
        assert_eq!(state().await, "Deleting");
        cloud.settle().await.assert_ok();
        assert_eq!(function.events().len(), 2);
        assert!(get().await.unwrap_err().into_service_error().is_resource_not_found_exception());
        let again = create(&config, &queue, "f").send().await.unwrap();
        assert_ne!(again.uuid(), Some(uuid), "one that is made again is another one");
    })
    .await;
}

#[tokio::test]
async fn a_mapping_that_begins_disabled_is_disabled_at_once() {
    both_ways(async |cloud, config| {
        let (queue, function) = (cloud.queue("q"), takes(cloud, "f"));
        queue.send("a");
        let made = create(&config, &queue, "f").enabled(false).send().await.unwrap();
        assert_eq!(made.state(), Some("Disabled"));
        cloud.settle().await.assert_ok();
        assert!(function.events().is_empty());
        let update = Client::new(&config).update_event_source_mapping().uuid(made.uuid().unwrap()).enabled(true);
        assert_eq!(update.send().await.unwrap().state(), Some("Enabling"));
        cloud.settle().await.assert_ok();
        assert_eq!(function.events().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_set_is_told_and_has_its_effect() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let (queue, function) = (cloud.queue("q"), takes(cloud, "f"));
        let pattern = r#"{"body": {"type": ["order"]}}"#;
        let made = create(&config, &queue, "f:$LATEST")
            .batch_size(20)
            .maximum_batching_window_in_seconds(5)
            .function_response_types(FunctionResponseType::ReportBatchItemFailures)
            .filter_criteria(filters(&[pattern]))
            .scaling_config(ScalingConfig::builder().maximum_concurrency(2).build());
        let made = made.send().await.unwrap();
        let uuid = made.uuid().unwrap();
        cloud.settle().await.assert_ok();
        let get = async || lambda.get_event_source_mapping().uuid(uuid).send().await.unwrap();
        let got = get().await;
        assert_eq!((got.batch_size(), got.maximum_batching_window_in_seconds()), (Some(20), Some(5)));
        assert_eq!(got.function_response_types(), [FunctionResponseType::ReportBatchItemFailures]);
        assert_eq!(got.filter_criteria().unwrap().filters()[0].pattern(), Some(pattern), "as it was written");
        assert_eq!(got.scaling_config().unwrap().maximum_concurrency(), Some(2));
        assert_eq!(got.function_arn().unwrap(), format!("{}:$LATEST", function.arn()));
        queue.send_all([r#"{"type":"order"}"#, r#"{"type":"refund"}"#]);
        cloud.advance(seconds(5)).await.assert_ok();
        assert_eq!(function.events()[0]["Records"].as_array().unwrap().len(), 1);

        // Empty values take things away; what is not said stays.
        let update = || lambda.update_event_source_mapping().uuid(uuid);
        let none = update().filter_criteria(filters(&[])).scaling_config(ScalingConfig::builder().build());
        none.set_function_response_types(Some(Vec::new())).send().await.unwrap();
        cloud.settle().await.assert_ok();
        let got = get().await;
        assert_eq!((got.filter_criteria(), got.scaling_config()), (None, None));
        assert!(got.function_response_types().is_empty());
        assert_eq!((got.batch_size(), got.maximum_batching_window_in_seconds()), (Some(20), Some(5)));
        let pollers = ProvisionedPollerConfig::builder().maximum_pollers(50).build();
        let updated = update().provisioned_poller_config(pollers).send().await.unwrap();
        let pollers = updated.provisioned_poller_config().unwrap();
        assert_eq!((pollers.minimum_pollers(), pollers.maximum_pollers()), (Some(2), Some(50)));
    })
    .await;
}

#[tokio::test]
async fn a_mapping_may_be_given_another_function() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let (queue, one, two) = (cloud.queue("q"), takes(cloud, "one"), takes(cloud, "two"));
        let trigger = queue.trigger(&one, batch(10));
        queue.send("a");
        cloud.settle().await.assert_ok();
        let update = |function: &str| lambda.update_event_source_mapping().uuid(trigger.id()).function_name(function);
        let updated = update("two").send().await.unwrap();
        assert_eq!(updated.function_arn().unwrap(), two.arn().to_string());
        queue.send("b");
        cloud.settle().await.assert_ok();
        assert_eq!((one.events().len(), two.events().len()), (1, 1));
        assert_eq!(message(update("three").send().await), "Function does not exist");
        queue.trigger(&one, batch(1));
        assert_eq!(refusal(update("one").send().await), "409 ResourceConflictException");
        takes(cloud, "slow").timeout(seconds(60));
        let short = "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds";
        assert_eq!(message(update("slow").send().await), short);
        assert!(trigger.is_enabled(), "what is refused changes nothing");
    })
    .await;
}

#[tokio::test]
async fn mappings_are_listed_in_pages_by_source_and_by_function() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let (one, two) = (cloud.queue("one"), cloud.queue("two"));
        let (f, g) = (takes(cloud, "f"), takes(cloud, "g"));
        let triggers = [one.trigger(&f, batch(1)), two.trigger(&f, batch(2)), one.trigger(&g, batch(3))];
        let ids: Vec<_> = triggers.iter().map(|trigger| trigger.id().to_owned()).collect();
        let list = || lambda.list_event_source_mappings();
        let listed = async |list: aws_sdk_lambda::operation::list_event_source_mappings::builders::ListEventSourceMappingsFluentBuilder| {
            let output = list.send().await.unwrap();
            let ids = output.event_source_mappings().iter().map(|mapping| mapping.uuid().unwrap().to_owned());
            (ids.collect::<Vec<_>>(), output.next_marker().map(str::to_owned))
        };
        assert_eq!(listed(list()).await, (ids.clone(), None));
        assert_eq!(listed(list().event_source_arn(one.arn().to_string())).await.0, [ids[0].clone(), ids[2].clone()]);
        assert_eq!(listed(list().function_name("f")).await.0, ids[..2]);
        assert_eq!(listed(list().function_name(g.arn().to_string())).await.0, ids[2..]);
        assert!(listed(list().function_name("none")).await.0.is_empty());
        let (first, marker) = listed(list().max_items(2)).await;
        assert_eq!(first, ids[..2]);
        assert_eq!(listed(list().max_items(2).marker(marker.unwrap())).await, (ids[2..].to_vec(), None));
        assert_eq!(refusal(list().max_items(0).send().await), "400 ValidationException");
        assert_eq!(refusal(list().marker("none").send().await), "400 InvalidParameterValueException");
        let elsewhere = Client::new(&in_region(&config, "eu-west-1"));
        assert!(elsewhere.list_event_source_mappings().send().await.unwrap().event_source_mappings().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_lambda_refuses_is_refused_in_its_words() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let (queue, fifo) = (cloud.queue("q"), cloud.queue("q.fifo"));
        takes(cloud, "f");
        takes(cloud, "slow").timeout(seconds(60));
        let nothing = "The resource you requested does not exist.";
        assert_eq!(message(lambda.get_event_source_mapping().uuid(UNKNOWN).send().await), nothing);
        assert_eq!(message(lambda.update_event_source_mapping().uuid(UNKNOWN).send().await), nothing);
        let delete = || lambda.delete_event_source_mapping().uuid(UNKNOWN).send();
        assert_eq!((message(delete().await).as_str(), refusal(delete().await).as_str()), (nothing, "404 ResourceNotFoundException"));

        let missing = cloud.queue("gone").arn().to_string().replace("gone", "missing");
        let no_queue = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. \
                        SQS Error Message: The specified queue does not exist.";
        let concurrency = |most| ScalingConfig::builder().maximum_concurrency(most).build();
        let pollers = |minimum, maximum| {
            ProvisionedPollerConfig::builder().minimum_pollers(minimum).maximum_pollers(maximum).build()
        };
        let make = |function: &str| create(&config, &queue, function);
        let success = OnSuccess::builder().destination(fifo.arn().to_string()).build();
        let destination = || DestinationConfig::builder().on_success(success.clone()).build();
        for (create, code, words) in [
            (
                lambda.create_event_source_mapping().function_name("f"),
                "InvalidParameterValueException",
                "Unrecognized event source.",
            ),
            (make("none"), "InvalidParameterValueException", "Function does not exist"),
            (make("f:live"), "InvalidParameterValueException", "Function does not exist"),
            (make("f").event_source_arn(&missing), "InvalidParameterValueException", no_queue),
            (
                make("none").destination_config(destination()),
                "InvalidParameterValueException",
                "Unsupported DestinationConfig parameter for given event source mapping type.",
            ),
            (
                make("f").batch_size(11),
                "InvalidParameterValueException",
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ),
            (
                make("f").batch_size(10_001),
                "ValidationException",
                "1 validation error detected: Value '10001' at 'batchSize' failed to satisfy constraint: Member must have \
                 value less than or equal to 10000",
            ),
            (
                make("f").event_source_arn(fifo.arn().to_string()).maximum_batching_window_in_seconds(1),
                "InvalidParameterValueException",
                "Batching window is not supported for FIFO queues",
            ),
            (
                make("f").scaling_config(concurrency(1)),
                "ValidationException",
                "1 validation error detected: Value '1' at 'scalingConfig.maximumConcurrency' failed to satisfy constraint: \
                 Member must have value greater than or equal to 2",
            ),
            (
                make("f").provisioned_poller_config(pollers(1, 5)),
                "InvalidParameterValueException",
                "MinimumPollers and MaximumPollers of an SQS event source are at least 2",
            ),
            (
                make("f").provisioned_poller_config(pollers(2, 5)).scaling_config(concurrency(2)),
                "InvalidParameterValueException",
                "Maximum concurrency and provisioned mode are mutually exclusive",
            ),
            (
                make("slow"),
                "InvalidParameterValueException",
                "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds",
            ),
            (
                make("f").event_source_arn("arn:aws:kinesis:us-east-1:111111111111:stream/s"),
                "NotImplemented",
                "lambda-testkit does not support kinesis as an event source: only sqs",
            ),
            (make("f").tags("a", "b"), "NotImplemented", "lambda-testkit does not support Tags of event source mappings"),
            (
                make("f").event_source_arn(cloud.account("222222222222").queue("theirs").arn().to_string()),
                "InvalidParameterValueException",
                "The provided execution role does not have permissions to call ReceiveMessage on SQS",
            ),
        ] {
            assert_eq!(message(create.clone().send().await), words);
            assert_eq!(refusal(create.send().await), format!("400 {code}"));
        }
        assert!(lambda.list_event_source_mappings().send().await.unwrap().event_source_mappings().is_empty());
    })
    .await;
}

#[tokio::test]
async fn another_account_does_not_see_a_mapping() {
    let cloud = Cloud::start();
    let trigger = cloud.queue("q").trigger(&takes(&cloud, "f"), batch(1));
    let theirs = Client::new(&cloud.account("222222222222").sdk_config());
    assert_eq!(
        refusal(theirs.get_event_source_mapping().uuid(trigger.id()).send().await),
        "404 ResourceNotFoundException"
    );
    assert!(theirs.list_event_source_mappings().send().await.unwrap().event_source_mappings().is_empty());
    let function = cloud.queue("q").trigger(&takes(&cloud, "g"), batch(1));
    assert!(function.is_enabled());
}

/// What two functions do with a queue's messages, however the trigger was made.
async fn world(make: impl AsyncFn(&Cloud, &Queue, &Function)) -> (Vec<Value>, String, Vec<String>) {
    let cloud = Cloud::builder().seed(7).start();
    let (queue, dead) = (cloud.queue("q"), cloud.queue("dead"));
    queue.dead_letter(&dead, 2);
    let function = cloud.function("f", async |event: SqsEvent| {
        let failed = event.records.iter().filter(|record| record.body.contains("bad"));
        let failed: Vec<_> = failed.map(|record| json!({ "itemIdentifier": record.message_id })).collect();
        Ok::<_, String>(json!({ "batchItemFailures": failed }))
    });
    make(&cloud, &queue, &function).await;
    for body in [r#"{"type":"a"}"#, r#"{"type":"bad"}"#, r#"{"type":"c"}"#, "text", r#"{"type":"d"}"#] {
        queue.send(body);
    }
    cloud.advance(seconds(5)).await.assert_ok();
    cloud.drain().await.assert_ok();
    let timeline = cloud.timeline().to_string();
    let rest: Vec<_> = timeline.lines().filter(|line| !line.contains("EventSourceMapping")).collect();
    (function.events(), rest.join("\n"), [queue.bodies(), dead.bodies()].concat())
}

#[tokio::test]
async fn a_trigger_by_the_sdk_makes_the_same_world_as_a_trigger_by_a_verb() {
    let by_verb = world(async |_, queue, function| {
        let batch: Batch = batch(3).window(seconds(2)).report_item_failures().maximum_concurrency(2);
        queue.trigger(function, batch.filter(json!({ "body": { "type": [{ "anything-but": "c" }] } })));
    })
    .await;
    let by_sdk = world(async |cloud, queue, function| {
        create(&cloud.sdk_config(), queue, function.name())
            .batch_size(3)
            .maximum_batching_window_in_seconds(2)
            .function_response_types(FunctionResponseType::ReportBatchItemFailures)
            .scaling_config(ScalingConfig::builder().maximum_concurrency(2).build())
            .filter_criteria(filters(&[r#"{"body":{"type":[{"anything-but":"c"}]}}"#]))
            .send()
            .await
            .unwrap();
    })
    .await;
    assert_eq!(by_verb.0.len(), 2, "{by_verb:?}");
    assert_eq!(by_verb.2, [r#"{"type":"bad"}"#]);
    assert_eq!(by_verb, by_sdk);
}

#[tokio::test]
async fn a_visibility_timeout_that_becomes_too_short_is_told_once_where_it_matters() {
    let cloud = Cloud::start();
    let (queue, function) = (cloud.queue("q"), takes(&cloud, "f"));
    queue.trigger(&function, batch(1));
    let said = |cloud: &Cloud| cloud.timeline().to_string().matches("is shorter than the timeout of f").count();
    queue.send("a");
    cloud.settle().await.assert_ok();
    assert_eq!(said(&cloud), 0);
    queue.visibility_timeout(seconds(10));
    queue.send_all(["b", "c"]);
    cloud.settle().await.assert_ok();
    assert_eq!(said(&cloud), 1, "{}", cloud.timeline());
    function.timeout(seconds(5));
    queue.send("d");
    cloud.settle().await.assert_ok();
    function.timeout(seconds(11));
    queue.send("e");
    cloud.settle().await.assert_ok();
    assert_eq!(said(&cloud), 2, "mended, and spoilt again: {}", cloud.timeline());
}
