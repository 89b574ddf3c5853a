//! What is wrong in an invocation or in the wiring of a function, asked for by the SDK: AWS's error, and a line of the timeline that
//! explains it. What answers of a batch are wrong is in `batch_answers`.
use crate::common::{both_ways, refusal};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{Filter, FilterCriteria, InvocationType};
use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use lambda_testkit::prelude::*;
use lambda_testkit::{Cloud, CloudError};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:lambda:us-east-1:111111111111:function";
const GONE: &str = "404 ResourceNotFoundException";
const INVALID: &str = "400 InvalidParameterValueException";

/// A request that is refused: how, and what the last line of the timeline says behind the status.
struct Row {
    refused: String,
    expected: &'static str,
    words: String,
}

fn row<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    result: Result<T, SdkError<E, HttpResponse>>,
    expected: &'static str,
    words: impl Into<String>,
) -> Row {
    Row { refused: refusal(result), expected, words: words.into() }
}

/// Checks a row as soon as it was asked for, while its line is the last one.
#[track_caller]
fn check(cloud: &Cloud, Row { refused, expected, words }: Row) {
    assert_eq!(refused, expected, "{words}");
    let timeline = cloud.timeline();
    let line = timeline.lines().last().map(|line| line.text.clone()).unwrap_or_default();
    let code = expected.split_once(' ').unwrap().1;
    assert!(line.contains(code), "{line:?} does not say {code}");
    assert!(line.contains(&words), "{line:?} does not say {words:?}");
}

async fn wired(cloud: &Cloud, config: &SdkConfig) -> Client {
    cloud.function("echo", async |event: Value| event);
    cloud.queue("jobs");
    Client::new(config)
}

#[tokio::test]
async fn functions_and_qualifiers_that_there_are_not() {
    both_ways(async |cloud, config| {
        let lambda = wired(cloud, &config).await;
        let none = format!("Function not found: {ARN}:nope");
        for kind in [InvocationType::RequestResponse, InvocationType::Event, InvocationType::DryRun] {
            let invoke = lambda.invoke().function_name("nope").invocation_type(kind.clone()).send().await;
            check(cloud, row(invoke, GONE, format!("lambda Invoke nope ({kind}) → 404")));
        }
        check(cloud, row(lambda.get_function().function_name("nope").send().await, GONE, &none));
        check(cloud, row(lambda.get_function_configuration().function_name("nope").send().await, GONE, &none));
        check(cloud, row(lambda.update_function_configuration().function_name("nope").send().await, GONE, &none));
        check(cloud, row(lambda.delete_function().function_name("nope").send().await, GONE, &none));
        let concurrency = lambda.put_function_concurrency().function_name("nope").reserved_concurrent_executions(1);
        check(cloud, row(concurrency.send().await, GONE, &none));
        let put = lambda.put_function_event_invoke_config().function_name("nope").maximum_retry_attempts(1);
        check(cloud, row(put.send().await, GONE, "The function doesn't exist."));
        let add = |name: &str| {
            let add = lambda.add_permission().function_name(name).statement_id("s").action("lambda:InvokeFunction");
            add.principal("*").send()
        };
        check(cloud, row(add("nope").await, GONE, &none));
        check(
            cloud,
            row(lambda.get_policy().function_name("nope").send().await, GONE, "The resource you requested does"),
        );
        let queue = cloud.queue("jobs").arn().to_string();
        let map = |name: &str| lambda.create_event_source_mapping().event_source_arn(&queue).function_name(name).send();
        check(cloud, row(map("nope").await, INVALID, "CreateEventSourceMapping"));

        check(cloud, row(lambda.invoke().function_name("echo:live").send().await, GONE, "Function not found: "));
        check(
            cloud,
            row(lambda.invoke().function_name("echo").qualifier("7").send().await, GONE, format!("{ARN}:echo:7")),
        );
        let two = lambda.invoke().function_name("echo:7").qualifier("8").send().await;
        check(cloud, row(two, INVALID, "The derived qualifier from the function name does not match"));
        check(cloud, row(lambda.get_function().function_name("echo:live").send().await, GONE, "echo:live"));
        check(cloud, row(add("echo:live").await, GONE, "echo:live"));
        check(cloud, row(map("echo:live").await, INVALID, "CreateEventSourceMapping"));
        assert!(cloud.queue("jobs").messages().is_empty());
    })
    .await;
}

#[tokio::test]
async fn texts_that_are_no_json_no_filter_and_no_policy() {
    both_ways(async |cloud, config| {
        let lambda = wired(cloud, &config).await;
        for kind in [InvocationType::RequestResponse, InvocationType::Event] {
            for text in ["{", "{'a': 1}", "1 2", "\u{0}"] {
                let invoke = lambda.invoke().function_name("echo").invocation_type(kind.clone());
                let invoke = invoke.payload(text.as_bytes().to_vec().into()).send().await;
                check(
                    cloud,
                    row(invoke, "400 InvalidRequestContentException", "Could not parse request body into json"),
                );
            }
        }
        let queue = cloud.queue("jobs").arn().to_string();
        for pattern in
            ["{", "[]", "7", r#"{"body":"order"}"#, r#"{"body":[{"sounds-like":"a"}]}"#, r#"{"body":[]}"#, ""]
        {
            let filter = FilterCriteria::builder().filters(Filter::builder().pattern(pattern).build()).build();
            let map = lambda.create_event_source_mapping().event_source_arn(&queue).function_name("echo");
            check(cloud, row(map.filter_criteria(filter).send().await, INVALID, "Invalid filter pattern definition."));
        }
        let add = lambda.add_permission().function_name("echo").statement_id("s").action("lambda:InvokeFunction");
        let add = add.principal("nobody").send().await;
        check(cloud, row(add, INVALID, "The provided principal was invalid."));
        let sqs = aws_sdk_sqs::Client::new(&config);
        for name in [Attribute::Policy, Attribute::RedrivePolicy] {
            for text in ["{", "[]", "policy"] {
                let set = sqs.set_queue_attributes().queue_url(cloud.queue("jobs").url());
                let set = set.attributes(name.clone(), text).send().await;
                let expected =
                    if name == Attribute::Policy { "400 InvalidAttributeValue" } else { "400 InvalidParameterValue" };
                check(cloud, row(set, expected, format!("{name}")));
            }
        }
        assert!(lambda.list_event_source_mappings().send().await.unwrap().event_source_mappings().is_empty());
        cloud.settle().await.assert_ok();
        assert_eq!(cloud.history().invocations().of("echo").count(), 0, "nothing has run");
    })
    .await;
}

#[test]
fn documents_that_are_no_policy_are_typed_errors_wherever_a_handle_takes_one() {
    let cloud = Cloud::start();
    let function = cloud.function("echo", async |event: Value| event);
    let one = |member: &str, value: Value| {
        let mut statement = json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
        statement[member] = value;
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    };
    for (document, words) in [
        (json!("Allow"), "a policy is a JSON object"),
        (json!({}), "Statement null: a policy has one statement or more"),
        (one("Effect", json!("Maybe")), "Statement[0].Effect \"Maybe\""),
        (one("Action", json!("GetObject")), "Statement[0].Action \"GetObject\""),
        (one("Resource", json!("box")), "Statement[0].Resource \"box\""),
        (one("Principal", json!("*")), "Statement[0].Principal \"*\""),
        (one("Condition", json!({ "StringEquals": { "aws:SourceArn": "*" } })), "Statement[0].Condition.StringEquals"),
        (
            one("Condition", json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } })),
            "Statement[0].Condition.IpAddress",
        ),
    ] {
        let error = function.try_role(&document).unwrap_err();
        assert!(matches!(&error, CloudError::Policy(why) if why.contains(words)), "{document}: {error}");
    }
    // It may still do all that its account may.
    assert_eq!(cloud.policy_used_by(&function)["Statement"], json!([]));
}

/// The recorded behaviour: the whole batch comes back, and the timeline says which identifier was wrong.
#[tokio::test]
async fn a_wrong_answer_of_a_mapping_made_by_the_sdk() {
    both_ways(async |cloud, config| {
        let queue = cloud.queue("jobs");
        let wrong = cloud.function("wrong", async |_: SqsEvent| json!({ "batchItemFailures": [{ "itemIdentifier": "x" }] }));
        let map = Client::new(&config).create_event_source_mapping().event_source_arn(queue.arn().to_string());
        map.function_name("wrong").function_response_types("ReportBatchItemFailures".into()).send().await.unwrap();
        queue.send_all(["a", "b"]);
        let report = cloud.settle().await;
        assert_eq!(report.failures.len(), 1, "{report}");
        assert_eq!((queue.messages().len(), wrong.events().len()), (2, 1));
        let timeline = cloud.timeline();
        let words = "2 of 2 kept for redelivery: /batchItemFailures/0/itemIdentifier is \"x\", which is no message of the batch";
        assert!(timeline.contains(words), "{timeline}");
        assert!(cloud.explain().to_string().contains("is \"x\", which is no message of the batch"), "{}", cloud.explain());
    })
    .await;
}
