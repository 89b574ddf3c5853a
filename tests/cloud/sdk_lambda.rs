//! Lambda's Invoke by the AWS SDK for Rust, in process and over loopback HTTP.
use crate::common;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use common::{both_ways, in_region, message, refusal};
use lambda_testkit::Cloud;
use serde_json::{Value, json};

const SIX_MB: usize = 6_291_456;

fn payload(output: &InvokeOutput) -> Value {
    serde_json::from_slice(output.payload().expect("a payload").as_ref()).unwrap()
}

fn blob(value: &Value) -> Blob {
    Blob::new(value.to_string())
}

/// A JSON string of exactly this many bytes.
fn sized(bytes: usize) -> Blob {
    Blob::new(format!("\"{}\"", "x".repeat(bytes - 2)))
}

async fn echo(event: Value) -> Result<Value, String> {
    Ok(event)
}

#[tokio::test]
async fn request_response_waits_and_returns_the_payload() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let function = cloud.function("echo", echo);
        let event = json!({ "text": "h\u{fc} \u{1f600}", "list": [1, 2.5, null] });
        let output = lambda.invoke().function_name("echo").payload(blob(&event)).send().await.unwrap();
        assert_eq!((output.status_code(), output.executed_version()), (200, Some("$LATEST")));
        assert_eq!((output.function_error(), output.log_result()), (None, None));
        assert_eq!(payload(&output), event);
        assert_eq!(function.events(), [event]);

        let nothing = lambda.invoke().function_name("echo").send().await.unwrap();
        assert_eq!(payload(&nothing), json!({}), "no payload is an empty object");
        cloud.function("silent", async |_: Value| Ok::<_, String>(()));
        let silent = lambda.invoke().function_name("silent").send().await.unwrap();
        assert_eq!(silent.payload().unwrap().as_ref(), b"null");
    })
    .await;
}

#[tokio::test]
async fn an_event_is_accepted_first_and_run_later() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let function = cloud.function("echo", echo);
        let invoke = lambda.invoke().function_name("echo").invocation_type(InvocationType::Event);
        let output = invoke.payload(blob(&json!(1))).send().await.unwrap();
        assert_eq!((output.status_code(), output.executed_version()), (202, None));
        assert!(output.payload().is_none_or(|payload| payload.as_ref().is_empty()));
        assert!(function.events().is_empty());
        cloud.settle().await.assert_ok();
        assert_eq!(function.events(), [1]);
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_checks_and_runs_nothing() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let function = cloud.function("echo", echo);
        let dry = |name: &str| lambda.invoke().function_name(name).invocation_type(InvocationType::DryRun).send();
        assert_eq!(dry("echo").await.unwrap().status_code(), 204);
        assert_eq!(refusal(dry("other").await), "404 ResourceNotFoundException");
        cloud.settle().await.assert_ok();
        assert!(function.events().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_failed_function_is_a_success_of_the_invocation() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        cloud.function("fails", async |_: Value| Err::<(), _>("disk full".to_owned()));
        let output = lambda.invoke().function_name("fails").send().await.unwrap();
        assert_eq!((output.status_code(), output.function_error()), (200, Some("Unhandled")));
        assert_eq!(payload(&output), json!({ "errorType": "alloc::string::String", "errorMessage": "disk full" }));

        cloud.function("panics", async |_: Value| if true { panic!("no such case") } else { Ok::<_, String>(()) });
        let output = lambda.invoke().function_name("panics").send().await.unwrap();
        assert_eq!(output.function_error(), Some("Unhandled"));
        assert_eq!(payload(&output)["errorMessage"], "Lambda panicked: no such case");

        let clock = cloud.clock();
        let sleeps = cloud.function("sleeps", move |_: Value| {
            let clock = clock.clone();
            async move {
                clock.sleep(std::time::Duration::from_secs(60)).await;
                Ok::<_, String>(())
            }
        });
        let output = lambda.invoke().function_name(sleeps.name()).send().await.unwrap();
        assert_eq!(output.function_error(), Some("Unhandled"));
        let text = payload(&output)["errorMessage"].as_str().unwrap().to_owned();
        assert!(text.ends_with("Task timed out after 30.00 seconds"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_function_is_named_in_every_form_that_aws_takes() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let arn = cloud.function("echo", echo).arn().to_string();
        let call = |name: &str| lambda.invoke().function_name(name).send();
        for name in ["echo", "echo:$LATEST", "111111111111:function:echo", &arn, &format!("{arn}:$LATEST")] {
            assert_eq!(call(name).await.unwrap().status_code(), 200, "{name}");
        }
        let latest = lambda.invoke().function_name("echo").qualifier("$LATEST").send().await.unwrap();
        assert_eq!(latest.executed_version(), Some("$LATEST"));

        // As AWS answered, with the account and region of this cloud.
        let missing = "Function not found: arn:aws:lambda:us-east-1:111111111111:function:doesnotexist:$LATEST";
        assert_eq!(message(call("doesnotexist").await), missing);
        assert!(call("doesnotexist").await.unwrap_err().into_service_error().is_resource_not_found_exception());
        let version = lambda.invoke().function_name("echo").qualifier("7").send().await;
        assert_eq!(refusal(version), "404 ResourceNotFoundException");
        let both = lambda.invoke().function_name("echo:$LATEST").qualifier("7").send().await;
        assert_eq!(refusal(both), "400 InvalidParameterValueException");
        let elsewhere = arn.replace("us-east-1", "eu-west-1");
        assert!(refusal(call(&elsewhere).await).starts_with("4"), "an ARN of another region");
    })
    .await;
}

#[tokio::test]
async fn payloads_end_at_6_mb_when_waited_for_and_at_1_mb_when_queued() {
    let cloud = Cloud::start();
    let lambda = Client::new(&cloud.sdk_config());
    let function = cloud.function("size", async |event: String| Ok::<_, String>(event.len() + 2));
    let call = |kind, payload| lambda.invoke().function_name("size").invocation_type(kind).payload(payload).send();

    let largest = call(InvocationType::RequestResponse, sized(SIX_MB)).await.unwrap();
    assert_eq!(payload(&largest), SIX_MB);
    let over = call(InvocationType::RequestResponse, sized(SIX_MB + 1)).await;
    assert_eq!(refusal(over), "413 RequestEntityTooLargeException");
    assert_eq!(call(InvocationType::Event, sized(1_048_576)).await.unwrap().status_code(), 202);
    let over = call(InvocationType::Event, sized(1_048_577)).await;
    assert_eq!(refusal(over), "413 RequestEntityTooLargeException");
    cloud.settle().await.assert_ok();
    assert_eq!(function.events().len(), 2, "what was refused did not run");
}

#[tokio::test]
async fn a_response_that_is_too_long_is_the_functions_error() {
    // AWS: "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    const LONGEST: usize = 6_291_556;
    let cloud = Cloud::start();
    let lambda = Client::new(&cloud.sdk_config());
    cloud.function("long", async |bytes: usize| Ok::<_, String>("x".repeat(bytes)));
    let call = |bytes: usize| lambda.invoke().function_name("long").payload(blob(&json!(bytes))).send();
    assert_eq!(call(LONGEST - 2).await.unwrap().function_error(), None);
    let over = call(LONGEST - 1).await.unwrap();
    assert_eq!(over.function_error(), Some("Unhandled"));
    assert_eq!(payload(&over)["errorType"], "Function.ResponseSizeTooLarge");
}

#[cfg(feature = "lambda-runtime")]
#[tokio::test]
async fn the_client_context_reaches_the_function() {
    use base64::Engine as _;
    use lambda_runtime::LambdaEvent;

    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        cloud.function("context", async |event: LambdaEvent<Value>| {
            let context = event.context;
            let custom = context.client_context.map(|client| client.custom).unwrap_or_default();
            let request_id = context.request_id;
            Ok::<_, lambda_runtime::Error>(
                json!({ "arn": context.invoked_function_arn, "custom": custom, "id": request_id }),
            )
        });
        let context = base64::prelude::BASE64_STANDARD.encode(json!({ "custom": { "user": "u1" } }).to_string());
        let output = lambda.invoke().function_name("context").client_context(&context).send().await.unwrap();
        let seen = payload(&output);
        assert_eq!(seen["custom"], json!({ "user": "u1" }));
        assert_eq!(seen["arn"], "arn:aws:lambda:us-east-1:111111111111:function:context");
        let id = aws_sdk_lambda::operation::RequestId::request_id(&output);
        assert_eq!(seen["id"].as_str(), id, "the id of the invocation is the id of the request");

        for broken in ["no base64!", "bm8gSlNPTg==", "W10="] {
            let invoke = || lambda.invoke().function_name("context").client_context(broken).send();
            assert_eq!(refusal(invoke().await), "400 InvalidRequestContentException", "{broken}");
            let words = "Client context must be a valid Base64-encoded JSON object.";
            assert_eq!(message(invoke().await), words);
        }
        let too_long = lambda.invoke().function_name("context").client_context("A".repeat(3584)).send().await;
        assert!(refusal(too_long).starts_with("400"));
    })
    .await;
}

/// The runtime's `custom` holds strings alone, and its process ends when it cannot read what Lambda hands over.
#[cfg(feature = "lambda-runtime")]
#[tokio::test]
async fn a_client_context_that_the_runtime_cannot_read_ends_it() {
    use base64::Engine as _;
    use lambda_runtime::{LambdaEvent, service_fn};

    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let handler = async |event: LambdaEvent<Value>| {
            let context = event.context.client_context.expect("a context was given, so it is there");
            Ok::<_, lambda_runtime::Error>(json!(context.custom))
        };
        cloud.function("closure", handler);
        cloud.function("service", service_fn(handler));
        let invoke = async |name: &str, context: Value| {
            let context = base64::prelude::BASE64_STANDARD.encode(context.to_string());
            lambda.invoke().function_name(name).client_context(context).send().await.unwrap()
        };
        for name in ["closure", "service"] {
            let read = invoke(name, json!({ "custom": { "user": "u1" }, "more": 1 })).await;
            assert_eq!(payload(&read), json!({ "user": "u1" }));
            for context in [
                json!({ "custom": { "user": { "id": 1 } } }),
                json!({ "custom": { "count": 1 } }),
                json!({ "custom": "text" }),
                json!({ "custom": null }),
                json!({ "client": { "app_title": "only" } }),
            ] {
                let failed = invoke(name, context.clone()).await;
                assert_eq!(failed.function_error(), Some("Unhandled"), "{context}");
                let error = payload(&failed);
                assert_eq!(error["errorType"], "Runtime.ExitError", "{context}");
                let message = error["errorMessage"].as_str().unwrap();
                let id = aws_sdk_lambda::operation::RequestId::request_id(&failed).unwrap();
                let start =
                    format!("RequestId: {id} Error: Runtime exited with error: exit status 1 (lambda_runtime cannot");
                assert!(message.starts_with(&start), "{context}: {message}");
            }
            let after = invoke(name, json!({})).await;
            assert_eq!(payload(&after), json!({}), "the next event has a new environment");
        }
    })
    .await;
}

/// As in <https://github.com/alexcasalboni/aws-lambda-power-tuning/issues/18>.
#[tokio::test]
async fn a_function_of_another_region_is_not_reachable() {
    both_ways(async |cloud, config| {
        let abroad = cloud.own_account().region("eu-west-1").function("echo", echo);
        let (here, there) = (Client::new(&config), Client::new(&in_region(&config, "eu-west-1")));
        let arn = abroad.arn().to_string();
        for name in [arn.clone(), format!("{arn}:$LATEST"), format!("{arn}:live")] {
            for kind in [InvocationType::RequestResponse, InvocationType::Event, InvocationType::DryRun] {
                let invoke = || here.invoke().function_name(&name).invocation_type(kind.clone()).send();
                assert_eq!(refusal(invoke().await), "404 ResourceNotFoundException", "{name} {kind}");
                let words = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')";
                assert_eq!(message(invoke().await), words);
            }
        }
        cloud.settle().await.assert_ok();
        assert!(abroad.events().is_empty());
        there.invoke().function_name(&arn).payload(blob(&json!(1))).send().await.unwrap();
        assert_eq!(abroad.events(), [json!(1)]);
    })
    .await;
}

#[tokio::test]
async fn functions_invoke_each_other_while_the_first_one_waits() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        cloud.function("inner", async |number: u32| Ok::<_, String>(number * 2));
        let client = lambda.clone();
        cloud.function("outer", move |number: u32| {
            let lambda = client.clone();
            async move {
                let inner = lambda.invoke().function_name("inner").payload(blob(&json!(number))).send().await;
                Ok::<_, String>(payload(&inner.map_err(|error| format!("{error:?}"))?))
            }
        });
        let output = lambda.invoke().function_name("outer").payload(blob(&json!(21))).send().await.unwrap();
        assert_eq!(payload(&output), 42);
    })
    .await;
}

/// Asks for a bucket without a signature, and without `await`; gives the first line of the answer.
fn ask_blocking(address: std::net::SocketAddr) -> Result<String, std::io::Error> {
    use std::io::{BufRead, BufReader, Write};

    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
    stream.write_all(b"GET /bucket HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}

#[tokio::test]
async fn a_handler_that_a_socket_drives_may_block_on_another_socket() {
    let cloud = Cloud::start();
    let (address, config) = (cloud.endpoint(), common::over_socket(&cloud, &cloud.sdk_config()));
    cloud.function("asks", move |_: Value| async move { ask_blocking(address) });
    let lambda = Client::new(&config);
    for _ in 0..2 {
        let output = lambda.invoke().function_name("asks").send().await.unwrap();
        assert_eq!(payload(&output), "HTTP/1.1 404 Not Found\r\n");
    }
    // A handler has a runtime of which it may make use from one event to the next.
    cloud.function("spawns", async |_: Value| {
        let (listener, text) = (tokio::net::TcpListener::bind("127.0.0.1:0").await, "spawned");
        listener.map_err(|error| error.to_string())?;
        tokio::spawn(async move { text }).await.map_err(|error| error.to_string())
    });
    let output = lambda.invoke().function_name("spawns").send().await.unwrap();
    assert_eq!(payload(&output), "spawned");
}

#[tokio::test]
async fn what_the_mock_does_not_have_is_refused_by_name() {
    let cloud = Cloud::start();
    let (lambda, function) = (Client::new(&cloud.sdk_config()), cloud.function("echo", echo));
    let durable = lambda.invoke().function_name("echo").durable_execution_name("d1").send().await;
    assert!(message(durable).contains("x-amz-durable-execution-name"));
    let account = lambda.get_account_settings().send().await;
    assert!(message(account).contains("GET /2016-08-19/account-settings"));
    assert!(function.events().is_empty());
}
