//! What functions are set to, by the AWS SDK for Rust, in process and over loopback HTTP.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{DeadLetterConfig, Environment, FunctionVersion, InvocationType, State};
use lambda_runtime::LambdaEvent;
use lambda_testkit::prelude::*;
use serde_json::{Value, json};

use crate::common::signed::Raw;
use crate::common::{both_ways, in_region, message, refusal};

const ARN: &str = "arn:aws:lambda:us-east-1:111111111111:function:work";
const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:dead";

async fn echo(event: Value) -> Value {
    event
}

fn dead(queue: &str) -> DeadLetterConfig {
    DeadLetterConfig::builder().target_arn(queue).build()
}

fn variables(pairs: &[(&str, &str)]) -> Environment {
    let empty = Environment::builder().set_variables(Some(Default::default()));
    pairs.iter().fold(empty, |built, (name, value)| built.variables(*name, *value)).build()
}

#[tokio::test]
async fn a_function_is_described_as_it_is_set() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let function = cloud.function("work", echo);
        let configuration = lambda.get_function_configuration().function_name("work").send().await.unwrap();
        assert_eq!((configuration.function_name(), configuration.function_arn()), (Some("work"), Some(ARN)));
        assert_eq!((configuration.timeout(), configuration.memory_size()), (Some(30), Some(128)));
        assert_eq!((configuration.version(), configuration.description()), (Some("$LATEST"), Some("")));
        assert_eq!(configuration.role(), Some("arn:aws:iam::111111111111:role/work-role"));
        assert_eq!(configuration.last_modified(), Some("2026-01-01T00:00:00.000+0000"));
        assert_eq!(configuration.state(), Some(&State::Active));
        assert!(configuration.environment().is_none() && configuration.dead_letter_config().is_none());

        cloud.advance(Duration::from_millis(1_500)).await.assert_ok();
        function.timeout(Duration::from_secs(7)).dead_letter(&cloud.queue("dead")).concurrency(5);
        let qualified = lambda.get_function().function_name(ARN).qualifier("$LATEST").send().await.unwrap();
        let configuration = qualified.configuration().unwrap();
        assert_eq!(configuration.function_arn(), Some(&*format!("{ARN}:$LATEST")));
        assert_eq!(configuration.timeout(), Some(7));
        assert_eq!(configuration.dead_letter_config().unwrap().target_arn(), Some(QUEUE));
        assert_eq!(configuration.last_modified(), Some("2026-01-01T00:00:01.500+0000"));
        assert_eq!(qualified.concurrency().unwrap().reserved_concurrent_executions(), Some(5));
        assert!(qualified.tags().is_none() && qualified.code().is_none());

        let missing = lambda.get_function().function_name("absent").send().await;
        assert_eq!(message(missing), "Function not found: arn:aws:lambda:us-east-1:111111111111:function:absent");
        let version = || lambda.get_function_configuration().function_name("work:7").send();
        assert_eq!(message(version().await), format!("Function not found: {ARN}:7"));
        assert_eq!(refusal(version().await), "404 ResourceNotFoundException");
        let others = lambda.get_function().function_name(ARN.replace("111111111111", "222222222222")).send().await;
        assert_eq!(refusal(others), "403 AccessDeniedException");
    })
    .await;
}

#[tokio::test]
async fn functions_are_listed_by_name_in_pages_and_only_ones_own() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        for number in (0..60).rev() {
            cloud.function(&format!("f{number:02}"), echo);
        }
        cloud.account("222222222222").function("theirs", echo);
        let names = |listed: &aws_sdk_lambda::operation::list_functions::ListFunctionsOutput| {
            listed.functions().iter().map(|f| f.function_name().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let first = lambda.list_functions().send().await.unwrap();
        assert_eq!((names(&first).len(), first.functions()[0].function_name()), (50, Some("f00")));
        assert_eq!(first.functions()[0].state(), None, "a list says less of each");
        let second = lambda.list_functions().marker(first.next_marker().unwrap()).send().await.unwrap();
        assert_eq!((names(&second)[0].as_str(), names(&second).len(), second.next_marker()), ("f50", 10, None));
        let mut pages = lambda.list_functions().max_items(25).into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            all.extend(names(&page.unwrap()));
        }
        assert_eq!(all, (0..60).map(|number| format!("f{number:02}")).collect::<Vec<_>>());

        let abroad = Client::new(&in_region(&config, "eu-west-1")).list_functions().send().await.unwrap();
        assert!(abroad.functions().is_empty());
        assert_eq!(refusal(lambda.list_functions().max_items(0).send().await), "400 ValidationException");
        let versions =
            lambda.list_functions().function_version(FunctionVersion::All).max_items(1).send().await.unwrap();
        assert!(versions.functions()[0].function_arn().unwrap().ends_with(":f00:$LATEST"), "each version for itself");
        let master = lambda.list_functions().master_region("ALL").send().await;
        assert!(message(master).contains("MasterRegion of ListFunctions"));
    })
    .await;
}

#[tokio::test]
async fn an_update_changes_what_it_gives_and_new_environments_have_it() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        cloud.queue("dead");
        let clock = cloud.clock();
        let work = cloud.function_with("work", clock, async |clock, event: LambdaEvent<u64>| {
            clock.sleep(Duration::from_secs(event.payload)).await;
            Ok::<_, lambda_runtime::Error>(event.context.env_config.memory)
        });
        assert_eq!(work.invoke::<u32>(0).await, 128);
        cloud.advance(Duration::from_secs(3)).await.assert_ok();
        let update = || lambda.update_function_configuration().function_name("work");
        let updated = update().timeout(2).memory_size(512).description("works").send().await.unwrap();
        assert_eq!(
            (updated.timeout(), updated.memory_size(), updated.description()),
            (Some(2), Some(512), Some("works"))
        );
        assert_eq!(updated.last_modified(), Some("2026-01-01T00:00:03.000+0000"));
        assert_eq!(work.invoke::<u32>(1).await, 512);
        let late = lambda.invoke().function_name("work").payload(Blob::new("3")).send().await.unwrap();
        assert!(String::from_utf8_lossy(late.payload().unwrap().as_ref()).contains("timed out after 2.00 seconds"));
        let environments: Vec<_> = work.invocations().iter().map(|run| run.info().environment).collect();
        assert_eq!(environments, [1, 2, 2]);

        update().environment(variables(&[("TABLE", "users"), ("RUST_LOG", "debug")])).send().await.unwrap();
        let kept = update().dead_letter_config(dead(QUEUE)).send().await.unwrap();
        assert_eq!((kept.timeout(), kept.description()), (Some(2), Some("works")), "what is not given stays");
        assert_eq!(kept.environment().unwrap().variables().unwrap()["TABLE"], "users");
        assert_eq!(kept.dead_letter_config().unwrap().target_arn(), Some(QUEUE));
        for none in [DeadLetterConfig::builder().build(), dead("")] {
            update().dead_letter_config(dead(QUEUE)).send().await.unwrap();
            let cleared = update().dead_letter_config(none).send().await.unwrap();
            assert!(cleared.dead_letter_config().is_none());
        }
        let emptied = update().environment(variables(&[])).description("").send().await.unwrap();
        assert!(emptied.environment().unwrap().variables().unwrap().is_empty());
        assert_eq!(emptied.description(), Some(""));
    })
    .await;
}

#[tokio::test]
async fn an_update_that_cannot_be_is_refused_and_changes_nothing() {
    let cloud = Cloud::start();
    let lambda = Client::new(&cloud.sdk_config());
    cloud.function("work", echo);
    cloud.queue("dead.fifo");
    cloud.account("222222222222").queue("dead");
    let get = async || Raw::new("lambda", "GET", "/2015-03-31/functions/work/configuration").signed(&cloud).await.body;
    let before = get().await;
    let put = async |body: Value| {
        let raw = Raw::new("lambda", "PUT", "/2015-03-31/functions/work/configuration");
        let answer = raw.header("content-type", "application/json").body(body.to_string()).signed(&cloud).await;
        (answer.refusal(), answer.body)
    };
    // All that the SDK's model has beside what is supported.
    for name in [
        "CapacityProviderConfig",
        "DurableConfig",
        "EphemeralStorage",
        "FileSystemConfigs",
        "ImageConfig",
        "KMSKeyArn",
        "Layers",
        "LoggingConfig",
        "SnapStart",
        "TracingConfig",
        "VpcConfig",
    ] {
        let (refused, body) = put(json!({ "Timeout": 9, name: {} })).await;
        assert_eq!(refused, "400 NotImplemented", "{name}");
        assert!(body.contains(&format!("{name} of UpdateFunctionConfiguration")), "{body}");
    }
    let long = "x".repeat(257);
    let large = "x".repeat(4_096);
    let queue = |account: &str, name: &str| json!({ "TargetArn": format!("arn:aws:sqs:us-east-1:{account}:{name}") });
    for (given, code, words) in [
        (json!({ "Timeout": 0 }), "ValidationException", "Value '0' at 'timeout' failed to satisfy constraint"),
        (json!({ "Timeout": 901 }), "ValidationException", "less than or equal to 900"),
        (json!({ "MemorySize": 127 }), "ValidationException", "'memorySize' failed to satisfy constraint"),
        (json!({ "MemorySize": 10_241 }), "ValidationException", "less than or equal to 10240"),
        (json!({ "Description": long }), "ValidationException", "length less than or equal to 256"),
        (
            json!({ "Environment": { "Variables": { "1st": "a" } } }),
            "ValidationException",
            "Value '1st' at 'environment",
        ),
        (
            json!({ "Environment": { "Variables": { "AWS_REGION": "a", "_HANDLER": "b" } } }),
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION, _HANDLER",
        ),
        (
            json!({ "Environment": { "Variables": { "LARGE": large } } }),
            "InvalidParameterValueException",
            "exceeded the 4KB limit",
        ),
        (json!({ "DeadLetterConfig": { "TargetArn": "dead" } }), "ValidationException", "'deadLetterConfig.targetArn'"),
        (
            json!({ "DeadLetterConfig": queue("111111111111", "absent") }),
            "InvalidParameterValueException",
            "there is no such queue",
        ),
        (
            json!({ "DeadLetterConfig": queue("111111111111", "dead.fifo") }),
            "InvalidParameterValueException",
            "must be a standard queue",
        ),
        (
            json!({ "DeadLetterConfig": queue("222222222222", "dead") }),
            "InvalidParameterValueException",
            "another account's",
        ),
        (
            json!({ "DeadLetterConfig": { "TargetArn": "arn:aws:sns:us-east-1:111111111111:dead" } }),
            "NotImplemented",
            "topics as dead-letter targets",
        ),
        (
            json!({ "DeadLetterConfig": { "TargetArn": "arn:aws:s3:::dead" } }),
            "InvalidParameterValueException",
            "neither a queue nor a topic",
        ),
        (json!({ "Timeout": "soon" }), "SerializationException", "soon"),
    ] {
        let mut given = given;
        given.as_object_mut().unwrap().entry("Timeout").or_insert(json!(9));
        let (refused, body) = put(given).await;
        assert_eq!(refused, format!("400 {code}"), "{words}: {body}");
        assert!(body.contains(words), "{words}: {body}");
    }
    assert_eq!(get().await, before);
    let update = |name: &str| lambda.update_function_configuration().function_name(name).timeout(5).send();
    assert_eq!(refusal(update("absent").await), "404 ResourceNotFoundException");
    let version = update("work:7").await;
    assert!(message(version).starts_with("This operation is permitted on Lambda functions only."));
    assert_eq!(update("work:$LATEST").await.unwrap().timeout(), Some(5));
}

#[tokio::test]
async fn concurrency_is_reserved_and_set_free() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        cloud.function("work", echo);
        cloud.function("other", echo).concurrency(600);
        let put = |most: i32| {
            lambda.put_function_concurrency().function_name("work").reserved_concurrent_executions(most).send()
        };
        let get = || lambda.get_function_concurrency().function_name("work").send();
        let invoke = || lambda.invoke().function_name("work").send();
        assert_eq!(get().await.unwrap().reserved_concurrent_executions(), None);
        assert_eq!(put(0).await.unwrap().reserved_concurrent_executions(), Some(0));
        assert_eq!(get().await.unwrap().reserved_concurrent_executions(), Some(0));
        assert_eq!(refusal(invoke().await), "429 TooManyRequestsException");
        assert_eq!(put(300).await.unwrap().reserved_concurrent_executions(), Some(300));
        invoke().await.unwrap();
        let words = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
                     below its minimum value of [100].";
        assert_eq!(message(put(301).await), words);
        assert_eq!(refusal(put(-1).await), "400 ValidationException");
        assert_eq!(get().await.unwrap().reserved_concurrent_executions(), Some(300));
        lambda.delete_function_concurrency().function_name("work").send().await.unwrap();
        assert_eq!(get().await.unwrap().reserved_concurrent_executions(), None);

        let nothing = Raw::new("lambda", "PUT", "/2017-10-31/functions/work/concurrency").body("{}").signed(cloud).await;
        assert_eq!(nothing.refusal(), "400 ValidationException");
        assert!(nothing.body.contains("Value null at 'reservedConcurrentExecutions'"), "{}", nothing.body);
        let absent = lambda.delete_function_concurrency().function_name("absent").send().await;
        assert_eq!(refusal(absent), "404 ResourceNotFoundException");
        let version = lambda.get_function_concurrency().function_name("work:7").send().await;
        assert_eq!(refusal(version), "400 InvalidParameterValueException");
    })
    .await;
}

#[tokio::test]
async fn tags_are_added_replaced_and_taken_away() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        cloud.function("work", echo);
        let list = async || {
            let listed = lambda.list_tags().resource(ARN).send().await.unwrap();
            let mut tags: Vec<_> = listed.tags().unwrap().iter().map(|(key, value)| format!("{key}={value}")).collect();
            tags.sort();
            tags.join(" ")
        };
        let tag = |key: &str, value: &str| lambda.tag_resource().resource(ARN).tags(key, value);
        assert_eq!(list().await, "");
        tag("team", "billing").tags("stage", "test & more").send().await.unwrap();
        tag("team", "ops").send().await.unwrap();
        assert_eq!(list().await, "stage=test & more team=ops");
        assert_eq!(lambda.get_function().function_name("work").send().await.unwrap().tags().unwrap()["team"], "ops");
        lambda.untag_resource().resource(ARN).tag_keys("team").tag_keys("absent").send().await.unwrap();
        assert_eq!(list().await, "stage=test & more");

        let fifty =
            (0..50).fold(lambda.tag_resource().resource(ARN), |tags, number| tags.tags(format!("k{number}"), ""));
        for refused in
            [tag("aws:owner", "x"), tag("", "x"), tag(&"k".repeat(129), "x"), tag("k", &"v".repeat(257)), fifty]
        {
            assert_eq!(refusal(refused.send().await), "400 InvalidParameterValueException");
        }
        assert_eq!(list().await, "stage=test & more");
        let of = |resource: String| lambda.list_tags().resource(resource).send();
        assert_eq!(refusal(of("work".to_owned()).await), "400 ValidationException");
        assert_eq!(refusal(of(ARN.replace("work", "absent")).await), "404 ResourceNotFoundException");
        assert_eq!(refusal(of(format!("{ARN}:7")).await), "400 InvalidParameterValueException");
        let mapping = "arn:aws:lambda:us-east-1:111111111111:event-source-mapping:3f1a2b4c-0000-0000-0000-000000000000";
        assert_eq!(refusal(of(mapping.to_owned()).await), "400 NotImplemented");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_function_is_gone_for_everybody() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let work = cloud.function("work", echo);
        work.concurrency(1);
        let bucket = cloud.bucket("inbox");
        bucket.notify(&work, on(ObjectCreated));
        let queue = cloud.queue("jobs");
        let trigger = queue.trigger(&work, batch(1));
        let delete = |name: &str| lambda.delete_function().function_name(name).send();
        assert!(message(delete("work").await).contains("DeleteFunction of a function with event source mappings"));
        trigger.remove();
        cloud.settle().await.assert_ok();
        let latest = delete("work:$LATEST").await;
        assert_eq!(message(latest), "$LATEST version cannot be deleted without deleting the function.");
        assert_eq!(message(delete("work:7").await), format!("Function not found: {ARN}:7"));
        assert_eq!(work.invoke::<u32>(1).await, 1);

        work.invoke_later(2);
        delete("work").await.unwrap();
        for refused in [refusal(delete("work").await), refusal(lambda.invoke().function_name("work").send().await)] {
            assert_eq!(refused, "404 ResourceNotFoundException");
        }
        assert!(lambda.list_functions().send().await.unwrap().functions().is_empty());
        bucket.put("a.txt", "a");
        let _ = cloud.drain().await;
        let timeline = cloud.timeline().to_string();
        assert!(timeline.contains(&format!("lost: the function {ARN} was deleted")), "{timeline}");
        assert!(timeline.contains(&format!("lost: there is no function {ARN}")), "{timeline}");
        assert_eq!(work.events(), [1]);
        let gone = work.try_invoke::<u32>(3).await.unwrap_err().to_string();
        assert!(gone.starts_with("unknown function \"work\""), "{gone}");

        // Another one of this name has nothing of it.
        let again = cloud.function("work", async |number: u32| number + 1);
        assert_eq!(again.invoke::<u32>(3).await, 4);
        let concurrency = lambda.get_function_concurrency().function_name("work").send().await.unwrap();
        assert_eq!(concurrency.reserved_concurrent_executions(), None);
    })
    .await;
}

#[tokio::test]
async fn a_function_that_runs_is_not_deleted() {
    let cloud = Cloud::start();
    let lambda = Client::new(&cloud.sdk_config());
    let held = cloud.function("work", echo);
    let gate = held.gate();
    held.invoke_later(1);
    cloud.settle().await.assert_ok();
    let refused = lambda.delete_function().function_name("work").send().await;
    assert!(message(refused).contains("DeleteFunction of a function that is running"));
    gate.open();
    cloud.settle().await.assert_ok();
    lambda.delete_function().function_name("work").send().await.unwrap();
    assert_eq!(held.responses(), [1]);
}

/// What happens, and what is left, in a cloud whose function was set up in one of two ways.
async fn world(
    arrange: impl AsyncFn(&Cloud, &lambda_testkit::Function),
) -> (lambda_testkit::CloudState, String, String) {
    let cloud = Cloud::start();
    let clock = cloud.clock();
    let function = cloud.function_with("work", clock, async |clock, seconds: u64| {
        clock.sleep(Duration::from_secs(seconds)).await;
    });
    cloud.queue("dead");
    arrange(&cloud, &function).await;
    let get = Raw::new("lambda", "GET", "/2015-03-31/functions/work").signed(&cloud).await;
    (0..2).for_each(|_| function.invoke_later(5));
    let _ = cloud.drain().await;
    let lines = cloud.timeline();
    let story = lines.lines().iter().map(|line| line.text.clone());
    let story: Vec<String> = story.filter(|line| !line.contains("lambda ") || line.contains("Invoke")).collect();
    // Each change has a revision of its own, and one request may change what takes two verbs.
    let mut function: Value = serde_json::from_str(&get.body).unwrap();
    assert!(function["Configuration"].as_object_mut().unwrap().remove("RevisionId").is_some());
    (cloud.state(), function.to_string(), story.join("\n"))
}

#[tokio::test]
async fn verbs_and_requests_make_the_same_world() {
    let by_verbs = world(async |cloud, function| {
        function.timeout(Duration::from_secs(4)).concurrency(1).dead_letter(&cloud.queue("dead"));
    });
    let by_requests = world(async |cloud, _| {
        let lambda = Client::new(&cloud.sdk_config());
        let update = lambda.update_function_configuration().function_name("work").timeout(4);
        update.dead_letter_config(dead(QUEUE)).send().await.unwrap();
        let put = lambda.put_function_concurrency().function_name("work").reserved_concurrent_executions(1);
        put.send().await.unwrap();
    });
    let (by_verbs, by_requests) = (by_verbs.await, by_requests.await);
    assert_eq!(by_verbs, by_requests, "{}", by_verbs.0.diff(&by_requests.0));
    assert_eq!(by_verbs.0.queues[QUEUE].messages.len(), 2, "{}", by_verbs.2);
}

async fn dry(lambda: Client, name: String) -> String {
    let call = lambda.invoke().function_name(name).invocation_type(InvocationType::DryRun);
    match call.send().await {
        Ok(output) => {
            assert!(output.executed_version().is_none() && output.payload().is_none_or(|p| p.as_ref().is_empty()));
            output.status_code().to_string()
        }
        Err(error) => refusal::<(), _>(Err(error)),
    }
}

/// With permission or without, to a function that is there or not, a dry run says what an invocation would be refused for.
#[tokio::test]
async fn a_dry_run_says_whether_one_may_and_whether_it_is_there() {
    let cloud = Cloud::start();
    let lambda = Client::new(&cloud.sdk_config());
    let work = cloud.function("work", echo);
    let asks = cloud.function_with("asks", lambda.clone(), dry);
    let dry = async |name: &str| dry(lambda.clone(), name.to_owned()).await;
    assert_eq!(dry("work").await, "204");
    assert_eq!(dry("absent").await, "404 ResourceNotFoundException");
    assert_eq!(asks.invoke::<String>("work").await, "204");
    let allowed = json!({ "Statement": {
        "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": ARN.replace("work", "absent"),
    } });
    asks.role(allowed);
    assert_eq!(asks.invoke::<String>("work").await, "403 AccessDeniedException");
    assert_eq!(asks.invoke::<String>("absent").await, "404 ResourceNotFoundException");
    let busy = lambda.put_function_concurrency().function_name("work").reserved_concurrent_executions(0).send();
    busy.await.unwrap();
    assert_eq!(dry("work").await, "204", "it says nothing of concurrency");
    assert!(work.invocations().is_empty());
}
