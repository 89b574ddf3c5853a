//! FunctionEventInvokeConfig by the AWS SDK for Rust, in process and over loopback HTTP.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{DestinationConfig, OnFailure, OnSuccess};
use lambda_testkit::prelude::*;
use serde_json::Value;

use crate::common::signed::Raw;
use crate::common::{both_ways, message, refusal};

fn destinations(success: Option<&str>, failure: Option<&str>) -> DestinationConfig {
    let success = success.map(|arn| OnSuccess::builder().destination(arn).build());
    let failure = failure.map(|arn| OnFailure::builder().destination(arn).build());
    DestinationConfig::builder().set_on_success(success).set_on_failure(failure).build()
}

fn fails(cloud: &Cloud) -> lambda_testkit::Function {
    cloud.function("work", async |_: Value| Err::<(), _>("no".to_owned()))
}

const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:records";

#[tokio::test]
async fn put_replaces_update_merges_and_delete_leaves_the_defaults() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        cloud.queue("records");
        fails(cloud);
        let put = || lambda.put_function_event_invoke_config().function_name("work");
        let update = || lambda.update_function_event_invoke_config().function_name("work");
        let get = || lambda.get_function_event_invoke_config().function_name("work");
        let first = put().maximum_retry_attempts(1).maximum_event_age_in_seconds(90).send().await.unwrap();
        assert_eq!(first.function_arn(), Some("arn:aws:lambda:us-east-1:111111111111:function:work:$LATEST"));
        assert_eq!(first.last_modified().unwrap().secs(), cloud.now().as_second());
        assert_eq!((first.maximum_retry_attempts(), first.maximum_event_age_in_seconds()), (Some(1), Some(90)));
        let config = first.destination_config().unwrap();
        assert_eq!(config.on_success().unwrap().destination(), None);
        assert_eq!(config.on_failure().unwrap().destination(), None);

        cloud.advance(std::time::Duration::from_secs(5)).await.assert_ok();
        let merged = update().destination_config(destinations(None, Some(QUEUE))).send().await.unwrap();
        assert_eq!((merged.maximum_retry_attempts(), merged.maximum_event_age_in_seconds()), (Some(1), Some(90)));
        let found = get().qualifier("$LATEST").send().await.unwrap();
        let failure = found.destination_config().unwrap().on_failure().unwrap();
        assert_eq!(failure.destination(), Some(QUEUE));
        assert!(found.last_modified() > first.last_modified());
        // Nothing, and an empty text, are no destination.
        for none in [OnFailure::builder().build(), OnFailure::builder().destination("").build()] {
            update().destination_config(destinations(None, Some(QUEUE))).send().await.unwrap();
            let none = DestinationConfig::builder().on_failure(none).build();
            let cleared = update().destination_config(none).send().await.unwrap();
            assert_eq!(cleared.destination_config().unwrap().on_failure().unwrap().destination(), None);
        }

        let replaced = put().maximum_event_age_in_seconds(60).send().await.unwrap();
        assert_eq!((replaced.maximum_retry_attempts(), replaced.maximum_event_age_in_seconds()), (None, Some(60)));
        let listed =
            lambda.list_function_event_invoke_configs().function_name("work").max_items(1).send().await.unwrap();
        let ages: Vec<_> =
            listed.function_event_invoke_configs().iter().map(|found| found.maximum_event_age_in_seconds()).collect();
        assert_eq!((ages, listed.next_marker()), (vec![Some(60)], None));

        lambda.delete_function_event_invoke_config().function_name("work").send().await.unwrap();
        assert_eq!(refusal(get().send().await), "404 ResourceNotFoundException");
        let listed = lambda.list_function_event_invoke_configs().function_name("work").send().await.unwrap();
        assert!(listed.function_event_invoke_configs().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_aws_refuses_is_refused_in_its_words() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        fails(cloud);
        cloud.queue("records");
        cloud.queue("records.fifo");
        cloud.bucket("failures");
        cloud.account("222222222222").queue("records");
        let put = || lambda.put_function_event_invoke_config().function_name("work");
        let invalid = "400 InvalidParameterValueException";
        assert_eq!(refusal(put().send().await), invalid);
        let words = "You must specify at least one of error handling or destination setting.";
        assert_eq!(message(put().send().await), words);

        let own = "arn:aws:lambda:us-east-1:111111111111:function:work";
        let absent = "arn:aws:lambda:us-east-1:111111111111:function:absent";
        let no_queue = "arn:aws:sqs:us-east-1:111111111111:absent";
        let foreign = "arn:aws:sqs:us-east-1:222222222222:records";
        let itself = "You can't specify the function as a destination for itself.".to_owned();
        let missing = |arn: &str| format!("The destination ARN {arn} is invalid.");
        let unfit = |success: &str, failure: &str| {
            format!("The provided destination config DestinationConfig(onSuccess={success}, onFailure={failure}) is invalid.")
        };
        let (table, fifo) =
            ("arn:aws:dynamodb:us-east-1:111111111111:table/t", "arn:aws:sqs:us-east-1:111111111111:records.fifo");
        for (success, failure, words) in [
            (Some(own), None, itself.clone()),
            (None, Some(&*format!("{own}:$LATEST")), itself),
            (None, Some(absent), missing(absent)),
            (Some(&*format!("{own}:live")), None, "You can't specify the function as a destination for itself.".to_owned()),
            (Some(no_queue), None, missing(no_queue)),
            (None, Some("arn:aws:s3:::absent"), missing("arn:aws:s3:::absent")),
            (None, Some(foreign), missing(foreign)),
            (Some(table), None, unfit(&format!("OnSuccess(destination={table})"), "null")),
            (None, Some(fifo), unfit("null", &format!("OnFailure(destination={fifo})"))),
            (
                Some("arn:aws:s3:::failures"),
                Some("arn:aws:s3:::failures"),
                unfit(
                    "OnSuccess(destination=arn:aws:s3:::failures)",
                    "OnFailure(destination=arn:aws:s3:::failures)",
                ),
            ),
        ] {
            let refused = || put().destination_config(destinations(success, failure)).send();
            assert_eq!(refusal(refused().await), invalid, "{words}");
            assert_eq!(message(refused().await), words);
        }
        // Not mocked, and said so.
        for (arn, what) in [
            ("arn:aws:sns:us-east-1:111111111111:alarms", "topics"),
        ] {
            let refused = || put().destination_config(destinations(Some(arn), None)).send();
            assert_eq!(refusal(refused().await), "400 NotImplemented");
            let words = format!("lambda-testkit does not support {what} as destinations of functions: {arn}");
            assert_eq!(message(refused().await), words);
        }

        let broken = put().destination_config(destinations(None, Some("https://sqs/records"))).maximum_retry_attempts(3);
        let text = message(broken.clone().send().await);
        assert_eq!(refusal(broken.send().await), "400 ValidationException");
        let both = "2 validation errors detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: \
                    Member must have value less than or equal to 2; Value 'https://sqs/records' at \
                    'destinationConfig.onFailure.destination' failed to satisfy constraint: Member must satisfy regular \
                    expression pattern: ^$|";
        assert!(text.starts_with(both), "{text}");
        let young = "1 validation error detected: Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: \
                     Member must have value greater than or equal to 60";
        assert_eq!(message(put().maximum_event_age_in_seconds(59).send().await), young);

        // No function, no such qualifier, no configuration.
        let gone = "The function doesn't exist.";
        let put_to = |name: &str| lambda.put_function_event_invoke_config().function_name(name).maximum_retry_attempts(0);
        assert_eq!(message(put_to("absent").send().await), gone);
        assert_eq!(refusal(put_to("absent").send().await), "404 ResourceNotFoundException");
        assert_eq!(message(put_to("work").qualifier("live").send().await), gone);
        assert_eq!(message(lambda.list_function_event_invoke_configs().function_name("absent").send().await), gone);
        let mismatch = put_to("work:1").qualifier("2").send().await;
        assert_eq!(
            message(mismatch),
            "The derived qualifier from the function name does not match the specified qualifier."
        );
        for name in ["work", "absent"] {
            let none = format!(
                "The function arn:aws:lambda:us-east-1:111111111111:function:{name}:$LATEST doesn't have an EventInvokeConfig"
            );
            assert_eq!(message(lambda.get_function_event_invoke_config().function_name(name).send().await), none);
            assert_eq!(message(lambda.delete_function_event_invoke_config().function_name(name).send().await), none);
        }
        let update = lambda.update_function_event_invoke_config().function_name("work").maximum_retry_attempts(0);
        assert_eq!(refusal(update.send().await), "404 ResourceNotFoundException");
        let page = lambda.list_function_event_invoke_configs().function_name("work").max_items(51).send().await;
        assert_eq!(refusal(page), "400 ValidationException");
        let abroad = "arn:aws:lambda:eu-west-1:111111111111:function:work";
        assert_eq!(refusal(put_to(abroad).send().await), "404 ResourceNotFoundException");
        let others = "arn:aws:lambda:us-east-1:222222222222:function:work";
        assert_eq!(refusal(put_to(others).send().await), "403 AccessDeniedException");
    })
    .await;
}

/// The model spells the member in two ways, and some errors have no type.
#[tokio::test]
async fn errors_are_spelt_as_the_model_spells_them() {
    let cloud = Cloud::start();
    fails(&cloud);
    let put = |target: &'static str, body: &'static str| {
        Raw::new("lambda", "PUT", target).header("content-type", "application/json").body(body)
    };
    let target = "/2019-09-25/functions/work/event-invoke-config";
    let members = async |raw: Raw| {
        let answer = raw.signed(&cloud).await;
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let mut names: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
        names.sort();
        (answer.refusal(), names.join(" "))
    };
    let (refused, names) = members(put(target, "{}")).await;
    assert_eq!((refused.as_str(), names.as_str()), ("400 InvalidParameterValueException", "Type message"));
    let (refused, names) =
        members(put("/2019-09-25/functions/absent/event-invoke-config", r#"{"MaximumRetryAttempts":1}"#)).await;
    assert_eq!((refused.as_str(), names.as_str()), ("404 ResourceNotFoundException", "Message Type"));
    let (refused, names) = members(put(target, r#"{"MaximumRetryAttempts":3}"#)).await;
    assert_eq!((refused.as_str(), names.as_str()), ("400 ValidationException", "message"));
    let (refused, _) = members(put(target, r#"{"MaximumRetryAttempts":"#)).await;
    assert_eq!(refused, "400 SerializationException");
}

/// What happens, and what is left, in a cloud whose function was set up in one of two ways.
async fn world(
    arrange: impl AsyncFn(&Cloud, &lambda_testkit::Function),
) -> (lambda_testkit::CloudState, String, String) {
    let cloud = Cloud::start();
    let function = fails(&cloud);
    cloud.queue("records");
    cloud.bucket("failures");
    arrange(&cloud, &function).await;
    let get = Raw::new("lambda", "GET", "/2019-09-25/functions/work/event-invoke-config").signed(&cloud).await;
    function.invoke_later(1);
    let _ = cloud.drain().await;
    let story: Vec<String> = cloud
        .timeline()
        .lines()
        .iter()
        .filter(|line| !line.text.contains("Config"))
        .map(|line| line.text.clone())
        .collect();
    (cloud.state(), get.body, story.join("\n"))
}

#[tokio::test]
async fn verbs_and_requests_make_the_same_world() {
    let by_verbs = world(async |cloud, function| {
        function.retry_attempts(1).maximum_event_age(std::time::Duration::from_secs(600));
        function.on_success(&cloud.queue("records")).on_failure(&cloud.bucket("failures"));
    });
    let by_requests = world(async |cloud, _| {
        let lambda = Client::new(&cloud.sdk_config());
        let put = lambda.put_function_event_invoke_config().function_name("work").maximum_retry_attempts(1);
        let put = put.maximum_event_age_in_seconds(600);
        put.destination_config(destinations(Some(QUEUE), Some("arn:aws:s3:::failures"))).send().await.unwrap();
    });
    let (by_verbs, by_requests) = (by_verbs.await, by_requests.await);
    assert_eq!(by_verbs, by_requests, "{}", by_verbs.0.diff(&by_requests.0));
    assert_eq!(by_verbs.0.buckets["failures"].objects.len(), 1, "{}", by_verbs.2);
}
