//! Versions and aliases by the AWS SDK for Rust, in process and over loopback HTTP.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{AliasRoutingConfiguration, FunctionVersion};
use lambda_testkit::prelude::*;
use serde_json::{Value, json};

use crate::common::signed::Raw;
use crate::common::{both_ways, message, refusal};
use crate::recorded::assert_shape;

const ARN: &str = "arn:aws:lambda:us-east-1:111111111111:function:work";

fn routing(pairs: &[(&str, f64)]) -> AliasRoutingConfiguration {
    let empty = AliasRoutingConfiguration::builder().set_additional_version_weights(Some(Default::default()));
    pairs.iter().fold(empty, |built, (version, weight)| built.additional_version_weights(*version, *weight)).build()
}

/// A function whose versions 1 and 2 answer their numbers, and `$LATEST` 3.
fn numbered(cloud: &Cloud) -> lambda_testkit::Function {
    for number in 1..=2 {
        cloud.function("work", move |_: Value| async move { number }).publish();
    }
    cloud.function("work", async |_: Value| 3)
}

#[tokio::test]
async fn a_version_is_what_the_function_was_when_it_was_published() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let work = cloud.function("work", async |_: Value| "one");
        work.timeout(Duration::from_secs(5));
        let publish = || lambda.publish_version().function_name("work");
        let first = publish().description("the first").send().await.unwrap();
        assert_eq!((first.version(), first.function_arn()), (Some("1"), Some(&*format!("{ARN}:1"))));
        assert_eq!((first.description(), first.timeout()), (Some("the first"), Some(5)));
        let same = publish().description("the same").send().await.unwrap();
        assert_eq!((same.version(), same.description()), (Some("1"), Some("the first")), "nothing has changed");

        cloud.advance(Duration::from_secs(60)).await.assert_ok();
        work.timeout(Duration::from_secs(9));
        cloud.function("work", async |_: Value| "two");
        let second = publish().send().await.unwrap();
        assert_eq!((second.version(), second.timeout(), second.description()), (Some("2"), Some(9), Some("")));
        assert_eq!(second.last_modified(), Some("2026-01-01T00:01:00.000+0000"));
        assert_ne!(second.revision_id(), first.revision_id());
        let kept = lambda.get_function_configuration().function_name("work").qualifier("1").send().await.unwrap();
        assert_eq!((kept.timeout(), kept.description()), (Some(5), Some("the first")));
        assert_eq!((kept.function_arn(), kept.revision_id()), (first.function_arn(), first.revision_id()));

        for (name, qualifier, version, answer) in [
            ("work".to_owned(), None, "$LATEST", "\"two\""),
            ("work".to_owned(), Some("$LATEST"), "$LATEST", "\"two\""),
            ("work".to_owned(), Some("1"), "1", "\"one\""),
            ("work:1".to_owned(), Some("1"), "1", "\"one\""),
            ("111111111111:function:work:1".to_owned(), None, "1", "\"one\""),
            (format!("{ARN}:2"), None, "2", "\"two\""),
        ] {
            let invoke = lambda.invoke().function_name(&name).set_qualifier(qualifier.map(str::to_owned));
            let output = invoke.send().await.unwrap();
            assert_eq!(output.executed_version(), Some(version), "{name}");
            assert_eq!(output.payload().unwrap().as_ref(), answer.as_bytes(), "{name}");
        }
        let missing = lambda.invoke().function_name("work").qualifier("7").send().await;
        assert_eq!(message(missing), format!("Function not found: {ARN}:7"));
        let conflict = lambda.invoke().function_name("work:1").qualifier("2").send().await;
        assert!(message(conflict).starts_with("The derived qualifier from the function name"));
        let bad = lambda.invoke().function_name("work").qualifier("no such").send().await;
        assert_eq!(refusal(bad), "400 ValidationException");
    })
    .await;
}

#[tokio::test]
async fn versions_are_listed_and_deleted_and_numbers_never_come_back() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        numbered(cloud);
        cloud.function("other", async |_: Value| ());
        let list = || lambda.list_versions_by_function().function_name("work");
        let versions: Vec<_> =
            list().send().await.unwrap().versions().iter().map(|v| v.version().unwrap().to_owned()).collect();
        assert_eq!(versions, ["$LATEST", "1", "2"]);
        let page = list().max_items(2).send().await.unwrap();
        assert_eq!(page.next_marker(), Some("1"));
        let rest = list().marker("1").send().await.unwrap();
        assert_eq!(rest.versions()[0].function_arn(), Some(&*format!("{ARN}:2")));
        assert_eq!(refusal(list().marker("x").send().await), "400 InvalidParameterValueException");
        let absent = lambda.list_versions_by_function().function_name("absent").send().await;
        assert_eq!(refusal(absent), "404 ResourceNotFoundException");

        let mut pages =
            lambda.list_functions().function_version(FunctionVersion::All).max_items(2).into_paginator().send();
        let mut arns = Vec::new();
        while let Some(page) = pages.next().await {
            arns.extend(page.unwrap().functions().iter().map(|f| f.function_arn().unwrap().to_owned()));
        }
        let resources: Vec<_> = arns.iter().map(|arn| arn.split(":function:").nth(1).unwrap()).collect();
        assert_eq!(resources, ["other:$LATEST", "work:$LATEST", "work:1", "work:2"]);

        lambda.create_alias().function_name("work").name("live").function_version("1").send().await.unwrap();
        let delete = |qualifier: &str| lambda.delete_function().function_name("work").qualifier(qualifier).send();
        assert_eq!(refusal(delete("1").await), "409 ResourceConflictException");
        assert_eq!(refusal(delete("live").await), "400 InvalidParameterValueException");
        assert_eq!(refusal(delete("$LATEST").await), "400 InvalidParameterValueException");
        assert_eq!(refusal(delete("7").await), "404 ResourceNotFoundException");
        delete("2").await.unwrap();
        let gone = lambda.get_function().function_name("work:2").send().await;
        assert_eq!(message(gone), format!("Function not found: {ARN}:2"));
        let next = lambda.publish_version().function_name("work").send().await.unwrap();
        assert_eq!(next.version(), Some("3"));
        lambda.delete_function().function_name("work").send().await.unwrap();
        assert_eq!(refusal(lambda.invoke().function_name("work:1").send().await), "404 ResourceNotFoundException");
    })
    .await;
}

#[tokio::test]
async fn an_alias_points_to_a_version_and_moves() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        numbered(cloud);
        let make = |name: &str, version: &str| {
            lambda.create_alias().function_name("work").name(name).function_version(version).description("for all")
        };
        make("live", "1").send().await.unwrap();
        make("beta", "$LATEST").send().await.unwrap();
        let get = Raw::new("lambda", "GET", "/2015-03-31/functions/work/aliases/live").signed(cloud).await.body;
        assert_shape(
            &serde_json::from_str(&get).unwrap(),
            &json!({
                "AliasArn": format!("{ARN}:live"),
                "Description": "for all",
                "FunctionVersion": "1",
                "Name": "live",
                "RevisionId": "<uuid>",
            }),
        );
        let run = async |name: &str| {
            let output = lambda.invoke().function_name("work").qualifier(name).send().await.unwrap();
            let answer = String::from_utf8_lossy(output.payload().unwrap().as_ref()).into_owned();
            (output.executed_version().unwrap().to_owned(), answer)
        };
        assert_eq!(run("live").await, ("1".to_owned(), "1".to_owned()));
        assert_eq!(run("beta").await, ("$LATEST".to_owned(), "3".to_owned()));
        let described = lambda.get_function().function_name("work:live").send().await.unwrap();
        let described = described.configuration().unwrap();
        assert_eq!((described.version(), described.function_arn()), (Some("1"), Some(&*format!("{ARN}:live"))));

        let update = || lambda.update_alias().function_name("work").name("live");
        let moved = update().function_version("2").send().await.unwrap();
        assert_eq!((moved.function_version(), moved.description()), (Some("2"), Some("for all")));
        assert_eq!(run("live").await.0, "2");
        let stale = update().function_version("1").revision_id("11111111-2222-4333-8444-555555555555").send().await;
        assert_eq!(refusal(stale), "412 PreconditionFailedException");
        let seen = update().revision_id(moved.revision_id().unwrap()).description("").send().await.unwrap();
        assert_eq!(seen.description(), Some(""));

        let names = async |version: Option<&str>, most: Option<i32>| {
            let list = lambda.list_aliases().function_name("work").set_max_items(most);
            let listed = list.set_function_version(version.map(str::to_owned)).send().await.unwrap();
            let names: Vec<_> = listed.aliases().iter().map(|alias| alias.name().unwrap().to_owned()).collect();
            (names, listed.next_marker().map(str::to_owned))
        };
        assert_eq!(names(None, None).await, (vec!["beta".to_owned(), "live".to_owned()], None));
        assert_eq!(names(Some("2"), None).await.0, ["live"]);
        assert_eq!(names(None, Some(1)).await, (vec!["beta".to_owned()], Some("beta".to_owned())));

        let delete = |name: &str| lambda.delete_alias().function_name("work").name(name).send();
        delete("live").await.unwrap();
        delete("live").await.unwrap();
        let gone = lambda.get_alias().function_name("work").name("live").send().await;
        assert_eq!(message(gone), format!("Cannot find alias arn: {ARN}:live"));
        let gone = lambda.invoke().function_name("work:live").send().await;
        assert_eq!(message(gone), format!("Function not found: {ARN}:live"));
    })
    .await;
}

#[tokio::test]
async fn weights_are_kept_and_leave_a_choice_only_where_there_is_one() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        numbered(cloud);
        let make = lambda.create_alias().function_name("work").name("live").function_version("1");
        let made = make.routing_config(routing(&[("2", 0.1)])).send().await.unwrap();
        assert_eq!(made.routing_config().unwrap().additional_version_weights().unwrap()["2"], 0.1);
        let run = async || {
            let output = lambda.invoke().function_name("work:live").send().await.unwrap();
            output.executed_version().unwrap().to_owned()
        };
        let update = async |weights: &[(&str, f64)]| {
            let update = lambda.update_alias().function_name("work").name("live");
            update.routing_config(routing(weights)).send().await.unwrap()
        };
        for _ in 0..3 {
            assert_eq!(run().await, "1", "the ordinary course");
        }
        update(&[("2", 1.0)]).await;
        assert_eq!(run().await, "2");
        update(&[("2", 0.0)]).await;
        assert_eq!(run().await, "1");
        assert!(update(&[]).await.routing_config().is_none());
        let points = cloud.course();
        let offered = points.points().iter().filter(|point| point.label == "route work:live").count();
        assert_eq!(offered, 3, "{points}");
    })
    .await;
}

#[tokio::test]
async fn what_no_version_and_no_alias_may_be_is_refused_and_changes_nothing() {
    let cloud = Cloud::start();
    let work = numbered(&cloud);
    work.dead_letter(&cloud.queue("dead")).publish();
    work.alias("live", &work.publish());
    let ask = async |method: &str, target: &str, body: Value| {
        let target = format!("/2015-03-31/functions/{target}");
        let raw = Raw::new("lambda", method, &target).header("content-type", "application/json");
        let answer = raw.body(body.to_string()).signed(&cloud).await;
        (answer.refusal(), answer.body)
    };
    let look = async || {
        let aliases = Raw::new("lambda", "GET", "/2015-03-31/functions/work/aliases").signed(&cloud).await.body;
        aliases + &Raw::new("lambda", "GET", "/2015-03-31/functions/work/versions").signed(&cloud).await.body
    };
    let before = look().await;
    let (invalid, parameter, missing) =
        ("400 ValidationException", "400 InvalidParameterValueException", "404 ResourceNotFoundException");
    let alias = |name: &str, version: &str| json!({ "Name": name, "FunctionVersion": version });
    let split = |version: &str, weights: Value| json!({ "Name": "new", "FunctionVersion": version, "RoutingConfig": { "AdditionalVersionWeights": weights } });
    for (method, target, body, code, words) in [
        ("POST", "work/aliases", alias("live", "1"), "409 ResourceConflictException", "Alias already exists"),
        ("POST", "work/aliases", alias("12", "1"), invalid, "Value '12' at 'name'"),
        ("POST", "work/aliases", alias("a b", "1"), invalid, "Value 'a b' at 'name'"),
        ("POST", "work/aliases", alias(&"a".repeat(129), "1"), invalid, "at 'name'"),
        ("POST", "work/aliases", json!({ "Name": "new" }), invalid, "Value null at 'functionVersion'"),
        ("POST", "work/aliases", json!({ "FunctionVersion": "1" }), invalid, "Value null at 'name'"),
        ("POST", "work/aliases", alias("new", "live"), invalid, "Value 'live' at 'functionVersion'"),
        ("POST", "work/aliases", alias("new", "7"), missing, "function:work:7"),
        ("POST", "absent/aliases", alias("new", "1"), missing, "function:absent"),
        ("POST", "work:1/aliases", alias("new", "1"), parameter, "not of arn"),
        ("POST", "work/aliases", split("1", json!({ "7": 0.5 })), missing, "function:work:7"),
        ("POST", "work/aliases", split("1", json!({ "2": 1.5 })), invalid, "Value '1.5'"),
        ("POST", "work/aliases", split("1", json!({ "2": -0.5 })), invalid, "Value '-0.5'"),
        ("POST", "work/aliases", split("1", json!({ "live": 0.5 })), invalid, "Value 'live'"),
        ("POST", "work/aliases", split("1", json!({ "1": 0.5 })), parameter, "already included"),
        ("POST", "work/aliases", split("1", json!({ "2": 0.5, "3": 0.5 })), parameter, "cannot be greater than 1"),
        ("POST", "work/aliases", split("$LATEST", json!({ "2": 0.5 })), parameter, "$LATEST is not supported"),
        ("POST", "work/aliases", split("1", json!({ "3": 0.5 })), parameter, "dead-letter queue"),
        ("PUT", "work/aliases/absent", json!({}), missing, "Cannot find alias arn"),
        ("PUT", "work/aliases/live", json!({ "FunctionVersion": "7" }), missing, "function:work:7"),
        ("PUT", "work/aliases/live", json!({ "Description": "x".repeat(257) }), invalid, "at 'description'"),
        ("PUT", "work/aliases/live", json!({ "RoutingConfig": 1 }), "400 SerializationException", ""),
        ("DELETE", "absent/aliases/live", json!({}), missing, "function:absent"),
        ("POST", "work/versions", json!({ "CodeSha256": "abc" }), parameter, "is different from current CodeSHA256"),
        ("POST", "work/versions", json!({ "RevisionId": "abc" }), "412 PreconditionFailedException", "RevisionId"),
        ("POST", "work/versions", json!({ "Description": "x".repeat(257) }), invalid, "at 'description'"),
        ("POST", "work:1/versions", json!({}), parameter, "permitted on Lambda functions only"),
        ("POST", "absent/versions", json!({}), missing, "function:absent"),
        ("GET", "work/aliases?FunctionVersion=live", json!({}), invalid, "Value 'live' at 'functionVersion'"),
        ("GET", "work?Qualifier=", json!({}), invalid, "at 'qualifier'"),
        ("GET", "work?Qualifier=a.b", json!({}), invalid, "Value 'a.b' at 'qualifier'"),
    ] {
        let (refused, answer) = ask(method, target, body.clone()).await;
        assert_eq!(refused, code, "{method} {target} {body}: {answer}");
        assert!(answer.contains(words), "{method} {target} {body}: {answer}");
    }
    assert_eq!(look().await, before);
}

#[tokio::test]
async fn each_qualifier_has_its_own_rules_for_asynchronous_events() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let work = numbered(cloud);
        work.alias("live", &work.publish());
        let put = |qualifier: Option<&str>, attempts: i32| {
            let put = lambda.put_function_event_invoke_config().function_name("work").maximum_retry_attempts(attempts);
            put.set_qualifier(qualifier.map(str::to_owned)).send()
        };
        put(None, 2).await.unwrap();
        put(Some("1"), 1).await.unwrap();
        let live = put(Some("live"), 0).await.unwrap();
        assert_eq!(live.function_arn(), Some(&*format!("{ARN}:live")));
        assert_eq!(refusal(put(Some("7"), 0).await), "404 ResourceNotFoundException");
        let list = || lambda.list_function_event_invoke_configs().function_name("work");
        let listed = list().send().await.unwrap();
        let found: Vec<_> = listed
            .function_event_invoke_configs()
            .iter()
            .map(|config| {
                (config.function_arn().unwrap().rsplit(':').next().unwrap(), config.maximum_retry_attempts().unwrap())
            })
            .collect();
        assert_eq!(found, [("$LATEST", 2), ("1", 1), ("live", 0)]);
        let first = list().max_items(1).send().await.unwrap();
        let rest = list().marker(first.next_marker().unwrap()).send().await.unwrap();
        assert_eq!(rest.function_event_invoke_configs().len(), 2);
        let get = |qualifier: &str| {
            lambda.get_function_event_invoke_config().function_name("work").qualifier(qualifier).send()
        };
        assert_eq!(get("live").await.unwrap().maximum_retry_attempts(), Some(0));
        assert_eq!(message(get("2").await), format!("The function {ARN}:2 doesn't have an EventInvokeConfig"));
        lambda.delete_alias().function_name("work").name("live").send().await.unwrap();
        lambda.create_alias().function_name("work").name("live").function_version("1").send().await.unwrap();
        assert_eq!(refusal(get("live").await), "404 ResourceNotFoundException", "another alias of the same name");
    })
    .await;
}

#[tokio::test]
async fn concurrency_is_that_of_all_versions_together() {
    let cloud = Cloud::start();
    let clock = cloud.clock();
    let work = cloud.function_with("work", clock, async |clock, _: Value| clock.sleep(Duration::from_secs(1)).await);
    let first = work.publish();
    work.concurrency(1);
    let lambda = Client::new(&cloud.sdk_config());
    first.invoke_later(1);
    cloud.clock();
    let gate = work.gate();
    cloud.settle().await.assert_ok();
    let busy = lambda.invoke().function_name("work").payload(Blob::new("2")).send().await;
    assert_eq!(refusal(busy), "429 TooManyRequestsException");
    gate.open();
    cloud.settle().await.assert_ok();
    work.invoke::<()>(2).await;
    let environments: Vec<_> = work.invocations().iter().map(|run| run.info().environment).collect();
    assert_eq!(environments, [1, 1], "each version counts its own");
}
