//! What a handler can know of its invocation: its context, and the environment variables of its function.

use std::env::VarError;
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::Environment;
use lambda_runtime::{Error, LambdaEvent};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Function, env, explore};
use serde_json::{Value, json};

/// A function that answers with a variable.
fn reads(cloud: &Cloud, name: &str) -> Function {
    cloud.function(name, async |variable: String| env::var(variable).ok())
}

async fn read(function: &Function, variable: &str) -> Option<String> {
    function.invoke(variable).await
}

#[tokio::test]
async fn each_function_has_its_own_variables_and_those_of_lambda() {
    let cloud = Cloud::start();
    let (one, other) = (reads(&cloud, "one").env("STAGE", "test").env("EMPTY", ""), reads(&cloud, "other"));
    other.memory_size(512).env("STAGE", "production").env("LANG", "de_DE.UTF-8");
    assert_eq!(read(&one, "STAGE").await.as_deref(), Some("test"));
    assert_eq!(read(&other, "STAGE").await.as_deref(), Some("production"));
    assert_eq!((read(&one, "EMPTY").await.as_deref(), read(&other, "EMPTY").await), (Some(""), None));
    for (variable, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "other"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/other"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("LANG", "de_DE.UTF-8"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(read(&other, variable).await.as_deref(), Some(value), "{variable}");
    }
    // Nothing of the process comes in, and nothing goes out.
    assert!(std::env::var("PATH").is_ok());
    assert_eq!(read(&one, "PATH").await, None);
    assert_eq!((env::var("STAGE"), env::var("PATH").is_ok()), (Err(VarError::NotPresent), true));
    assert_eq!(env::var_os("PATH"), std::env::var_os("PATH"));
    assert_eq!(env::vars().count(), std::env::vars().count());

    let ireland = cloud.region("eu-west-1");
    let there = ireland.function("there", async |variable: String| env::var_os(variable).map(|value| value.len()));
    assert_eq!(there.invoke::<Option<usize>>("AWS_REGION").await, Some("eu-west-1".len()));
    let several = reads(&cloud, "several").per_execution_environment_max_concurrency(8);
    assert_eq!(read(&several, "AWS_LAMBDA_MAX_CONCURRENCY").await.as_deref(), Some("8"));
    assert_eq!(read(&several, "AWS_LAMBDA_INITIALIZATION_TYPE").await.as_deref(), Some("lambda-managed-instances"));
}

#[tokio::test]
async fn all_variables_are_listed_by_name() {
    let cloud = Cloud::start();
    let lists = cloud.function("lists", async |_: Value| env::vars().collect::<Vec<_>>()).env("STAGE", "test");
    let all: Vec<(String, String)> = lists.invoke(()).await;
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "AWS_DEFAULT_REGION",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "AWS_REGION",
            "LAMBDA_RUNTIME_DIR",
            "LAMBDA_TASK_ROOT",
            "LANG",
            "STAGE",
            "TZ",
            "_HANDLER",
            "_X_AMZN_TRACE_ID",
        ]
    );
}

#[tokio::test]
async fn what_the_api_sets_is_what_the_verb_sets() {
    let (by_verb, by_api) = (Cloud::start(), Cloud::start());
    let verb = reads(&by_verb, "reads").env("A1", "x").env("B2", "y").memory_size(256);
    let api = reads(&by_api, "reads");
    let lambda = Client::new(&by_api.sdk_config());
    let variables = Environment::builder().variables("A1", "x").variables("B2", "y").build();
    let update = lambda.update_function_configuration().function_name("reads").environment(variables);
    update.memory_size(256).send().await.unwrap();
    for variable in ["A1", "B2", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_LOG_STREAM_NAME", "C3"] {
        assert_eq!(read(&verb, variable).await, read(&api, variable).await, "{variable}");
    }
    let told = async |cloud: &Cloud| {
        let lambda = Client::new(&cloud.sdk_config());
        let got = lambda.get_function_configuration().function_name("reads").send().await.unwrap();
        (got.memory_size(), got.environment().unwrap().variables().unwrap().clone())
    };
    assert_eq!(told(&by_verb).await, told(&by_api).await);
}

#[tokio::test]
async fn a_changed_variable_is_seen_by_new_environments_alone() {
    let cloud = Cloud::start();
    let reads = cloud.function_in("reads", || {
        let made_with = env::var("STAGE").unwrap_or_default();
        move |_: Value| {
            let made_with = made_with.clone();
            async move { json!([made_with, env::var("STAGE").unwrap_or_default()]) }
        }
    });
    reads.env("STAGE", "one");
    let gate = reads.gate();
    reads.invoke_later(());
    cloud.settle().await.assert_ok();
    reads.env("STAGE", "two");
    gate.open();
    cloud.settle().await.assert_ok();
    reads.invoke_later(());
    cloud.settle().await.assert_ok();
    assert_eq!(reads.responses(), [json!(["one", "one"]), json!(["two", "two"])]);
    let runs: Vec<_> = reads.invocations().iter().map(|run| (run.info().environment, run.is_cold_start())).collect();
    assert_eq!(runs, [(1, true), (2, true)]);
}

#[tokio::test]
async fn variables_are_those_of_whoever_runs() {
    let cloud = Cloud::start();
    let called = reads(&cloud, "called").env("WHO", "called");
    let calls = cloud.function_with("calls", called, async |called, _: Value| {
        let before = env::var("WHO").ok();
        let inside = called.invoke::<Option<String>>("WHO").await;
        // A task of its own belongs to no invocation.
        let spawned = tokio::spawn(async { env::var("WHO").ok() }).await.unwrap();
        [before, inside, spawned, env::var("WHO").ok()]
    });
    calls.env("WHO", "calls");
    let who: Vec<Option<String>> = calls.invoke(()).await;
    assert_eq!(who, [Some("calls".to_owned()), Some("called".to_owned()), None, Some("calls".to_owned())]);

    // A handler of one cloud may drive another one.
    let outer = Cloud::start();
    let drives = outer.function("drives", async |_: Value| {
        let inner = Cloud::start();
        let inside = reads(&inner, "inner").env("WHO", "inner");
        let before = env::var("WHO");
        (inside.invoke::<Option<String>>("WHO").await, before.ok(), env::var("WHO").ok())
    });
    let answer: Value = drives.env("WHO", "outer").invoke(()).await;
    assert_eq!(answer, json!(["inner", "outer", "outer"]));
}

#[test]
fn what_aws_refuses_is_refused_in_its_words() {
    let cloud = Cloud::start();
    let function = reads(&cloud, "reads");
    let refused = |name: &str, value: &str| function.try_env(name, value).unwrap_err().to_string();
    let text = refused("AWS_REGION", "eu-west-1");
    assert!(
        text.starts_with("lambda answered InvalidParameterValueException: Lambda was unable to configure"),
        "{text}"
    );
    assert!(text.ends_with("Reserved keys used in this request: AWS_REGION"), "{text}");
    for name in ["1A", "A", "", "A-B", "_A", "Ä1"] {
        let text = refused(name, "x");
        assert!(
            text.starts_with("lambda answered ValidationException: 1 validation error detected: Value '"),
            "{text}"
        );
    }
    let text = refused("LONG", &"x".repeat(4_096));
    assert!(text.contains("exceeded the 4KB limit"), "{text}");
    function.try_env("LONG", "x".repeat(4_096 - r#"{"LONG":""}"#.len())).unwrap();
    assert!(refused("A1", "").contains("exceeded the 4KB limit"));
    let dropped = { reads(&Cloud::start(), "reads") };
    assert_eq!(dropped.try_env("A1", ""), Err(CloudError::Dropped));
}

#[test]
#[should_panic(expected = "invalid memory size 64: a function has 128 to 10,240 MB of memory")]
fn too_little_memory_is_refused() {
    reads(&Cloud::start(), "reads").memory_size(64);
}

/// All that `lambda_runtime` hands to a handler is what a test can ask for.
#[tokio::test]
async fn the_context_of_lambda_runtime_is_that_of_the_history() {
    let cloud = Cloud::builder().start_time("2026-07-01T23:59:58Z".parse().unwrap()).start();
    let clock = cloud.clock();
    let tells = cloud.function_with("tells", clock, async |clock, event: LambdaEvent<u64>| {
        let context = &event.context;
        clock.sleep(Duration::from_secs(event.payload)).await;
        let config = &context.env_config;
        Ok::<_, Error>(json!({
            "requestId": context.request_id,
            "arn": context.invoked_function_arn,
            "config": [config.function_name, config.version, config.memory, config.log_group, config.log_stream],
            "stream": env::var("AWS_LAMBDA_LOG_STREAM_NAME")?,
            "remaining": clock.remaining().unwrap().as_secs(),
        }))
    });
    tells.memory_size(1_769).timeout(Duration::from_secs(60));
    // The second and third at once; the last in the first environment, on the next day.
    for round in [&[3][..], &[5, 5], &[0]] {
        round.iter().for_each(|seconds| tells.invoke_later(seconds));
        cloud.drain().await.assert_ok();
    }
    let runs = tells.invocations();
    for run in &runs {
        let (context, answer) = (&run.info().context, run.response::<Value>());
        let expected = json!({
            "requestId": context.request_id,
            "arn": context.invoked_function_arn.to_string(),
            "config": ["tells", "$LATEST", 1_769, "/aws/lambda/tells", context.log_stream_name],
            "stream": context.log_stream_name,
            "remaining": 60 - run.duration().unwrap().as_secs(),
        });
        assert_eq!(answer, expected);
        assert_eq!(context.memory_limit_in_mb, 1_769);
        assert_eq!(context.deadline.timestamp(), run.began() + Duration::from_secs(60), "on the cloud's clock");
    }
    let environments: Vec<_> = runs.iter().map(|run| (run.info().environment, run.is_cold_start())).collect();
    assert_eq!(environments, [(1, true), (1, false), (2, true), (1, false)]);
    // Each environment has its own stream, with the date of its start.
    let streams: Vec<&str> = runs.iter().map(|run| run.info().context.log_stream_name.as_str()).collect();
    assert!(streams[0] == streams[1] && streams[0] == streams[3] && streams[0] != streams[2], "{streams:?}");
    for (stream, day) in [(streams[0], "2026/07/01"), (streams[2], "2026/07/02")] {
        let id = stream.strip_prefix(&format!("{day}/[$LATEST]")).unwrap_or_else(|| panic!("{stream}"));
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{stream}");
    }
}

/// Log streams and variables are the same in every run with the same seed, on any number of threads.
#[test]
fn what_is_read_does_not_differ_from_run_to_run() {
    let explored = explore(async |cloud: &Cloud| {
        let bucket = cloud.bucket("out");
        let writes = cloud.function_with("writes", bucket, async |bucket, _: Value| {
            bucket.try_put("variables", format!("{:?}", env::vars().collect::<Vec<_>>()))
        });
        writes.invoke_later(());
    });
    explored.pairs(0).histories(0).orders(0).run();
}
