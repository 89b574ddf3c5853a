//! Invocations are answered in the shape of what AWS answered when it was recorded.
//!
//! Written out by hand, as in [`recorded`](crate::recorded). What a recorded function answered is its own, and what its runtime
//! adds to an error (`requestId`, `stackTrace` in Python) that of the runtime. Left out is what needs more than functions of this
//! process: provisioned concurrency, function URLs, processes that end with a status of their own or die of a signal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};
use lambda_runtime::LambdaEvent;
use lambda_testkit::prelude::*;
use lambda_testkit::{Fault, Function};
use serde_json::{Value, json};

use crate::common::signed::{Answer, Raw};
use crate::recorded::assert_shape;

/// An Invoke as it goes over the wire, and what is answered.
async fn invoke(cloud: &Cloud, name: &str, kind: &str, payload: &str) -> Answer {
    let path = format!("/2015-03-31/functions/{name}/invocations");
    let raw = Raw::new("lambda", "POST", &path).header("x-amz-invocation-type", kind).body(payload);
    raw.signed(cloud).await
}

/// What boto3 shows of an answer, with the payload as JSON where it is some.
fn shown(answer: &Answer) -> Value {
    let mut shown = json!({ "StatusCode": answer.status });
    for (member, header) in [("ExecutedVersion", "x-amz-executed-version"), ("FunctionError", "x-amz-function-error")] {
        if !answer.header(header).is_empty() {
            shown[member] = json!(answer.header(header));
        }
    }
    shown["Payload"] = serde_json::from_str(&answer.body).unwrap_or_else(|_| json!(answer.body));
    shown
}

fn success(payload: Value) -> Value {
    json!({ "ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200 })
}

fn failure(payload: Value) -> Value {
    json!({ "ExecutedVersion": "$LATEST", "FunctionError": "Unhandled", "Payload": payload, "StatusCode": 200 })
}

fn accepted() -> Value {
    json!({ "Payload": "", "StatusCode": 202 })
}

/// test_basic_invoke, test_invocation_type_event, test_invocation_type_no_return_payload
#[tokio::test]
async fn answers_and_no_answers() {
    let cloud = Cloud::start();
    cloud.function("echo", async |event: Value| event);
    cloud.function("silent", async |_: Value| ());
    assert_eq!(shown(&invoke(&cloud, "echo", "RequestResponse", "{}").await), success(json!({})));
    assert_eq!(shown(&invoke(&cloud, "silent", "RequestResponse", "{}").await), success(Value::Null));
    for name in ["echo", "silent"] {
        assert_eq!(shown(&invoke(&cloud, name, "Event", "{}").await), accepted());
    }
    cloud.drain().await.assert_ok();
}

/// test_lambda_invoke_with_timeout, test_lambda_invoke_no_timeout
#[tokio::test]
async fn a_timeout_is_told_with_its_seconds() {
    let cloud = Cloud::start();
    let sleeps = cloud.function_with("sleeps", cloud.clock(), async |clock, _: Value| {
        clock.sleep(Duration::from_millis(1_500)).await;
    });
    sleeps.timeout(Duration::from_secs(2));
    assert_eq!(shown(&invoke(&cloud, "sleeps", "RequestResponse", "{}").await), success(Value::Null));
    sleeps.timeout(Duration::from_secs(1));
    let answer = shown(&invoke(&cloud, "sleeps", "RequestResponse", "{}").await);
    let id = sleeps.invocations()[1].info().context.request_id.clone();
    let message = format!("RequestId: {id} Error: Task timed out after 1.00 seconds");
    assert_eq!(answer, failure(json!({ "errorType": "Sandbox.Timedout", "errorMessage": message })));
}

/// test_lambda_invoke_timed_out_environment_reuse
#[tokio::test]
async fn a_timeout_takes_the_memory_and_leaves_the_files() {
    let cloud = Cloud::start();
    let (tmp, clock) = (cloud.ephemeral_storage(), cloud.clock());
    let function = cloud.function_in("reuse", move || {
        let kept = (Arc::new(AtomicU32::new(0)), tmp.clone(), clock.clone());
        move |event: Value| {
            let (number, tmp, clock) = kept.clone();
            async move {
                let file = tmp.path().join("temp.txt");
                match event["do"].as_str().unwrap() {
                    "write" => std::fs::write(file, "some-content").unwrap(),
                    "read" => return json!({ "content": std::fs::read_to_string(file).unwrap() }),
                    "set" => number.store(42, Ordering::Relaxed),
                    "get" => return json!({ "number": number.load(Ordering::Relaxed) }),
                    _ => clock.sleep(Duration::from_secs(2)).await,
                }
                Value::Null
            }
        }
    });
    function.timeout(Duration::from_secs(1));
    let (content, number) = (json!({ "content": "some-content" }), |number: u32| json!({ "number": number }));
    for (what, answer) in [
        ("write", Some(Value::Null)),
        ("read", Some(content.clone())),
        ("set", Some(Value::Null)),
        ("get", Some(number(42))),
        ("sleep", None),
        ("read", Some(content)),
        ("get", Some(number(0))),
    ] {
        let came = shown(&invoke(&cloud, "reuse", "RequestResponse", &json!({ "do": what }).to_string()).await);
        match answer {
            Some(answer) => assert_eq!(came, success(answer), "{what}"),
            None => assert_eq!(came["FunctionError"], "Unhandled"),
        }
    }
}

/// test_lambda_handler_error, test_lambda_handler_exit, test_lambda_runtime_exit
#[tokio::test]
async fn errors_and_processes_that_end() {
    let cloud = Cloud::start();
    cloud.function("fails", async |_: Value| Err::<(), _>("Handler fails"));
    let payload = json!({ "errorType": "&str", "errorMessage": "Handler fails" });
    assert_eq!(shown(&invoke(&cloud, "fails", "RequestResponse", "{}").await), failure(payload));

    // No closure can end a process of its own, but an environment may crash.
    cloud.bucket("box");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let exits = cloud.function_with("exits", s3, async |s3, _: Value| {
        s3.put_object().bucket("box").key("a").send().await.map(drop).map_err(Box::new)
    });
    cloud.inject(Fault::on("s3.PutObject").crash_after());
    let answer = shown(&invoke(&cloud, "exits", "RequestResponse", "{}").await);
    let id = exits.invocations()[0].info().context.request_id.clone();
    let message = format!("RequestId: {id} Error: Runtime exited without providing a reason");
    assert_eq!(answer, failure(json!({ "errorType": "Runtime.ExitError", "errorMessage": message })));
}

/// test_invoke_exceptions, test_lambda_invoke_payload_encoding_error
#[tokio::test]
async fn refusals() {
    let cloud = Cloud::start();
    cloud.function("echo", async |event: Value| event);
    let missing = invoke(&cloud, "doesnotexist", "RequestResponse", "{}").await;
    let message = "Function not found: arn:aws:lambda:us-east-1:111111111111:function:doesnotexist:$LATEST";
    assert_eq!((missing.status, missing.header("x-amzn-errortype")), (404, "ResourceNotFoundException"));
    assert_eq!(serde_json::from_str::<Value>(&missing.body).unwrap(), json!({ "Message": message, "Type": "User" }));

    for payload in [&b"n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt"[..], b"\x99\xeb,j\x07\xa1zYh"] {
        let raw = Raw::new("lambda", "POST", "/2015-03-31/functions/echo/invocations").body(payload);
        let refused = raw.signed(&cloud).await;
        assert_eq!((refused.status, refused.header("x-amzn-errortype")), (400, "InvalidRequestContentException"));
        let body: Value = serde_json::from_str(&refused.body).unwrap();
        assert_shape(&body, &json!({ "Type": "User", "message": "<text>" }));
        // What follows is the parser's own.
        let begin = "Could not parse request body into json: Could not parse payload into json: ";
        assert!(body["message"].as_str().unwrap().starts_with(begin), "{body}");
    }
}

/// test_large_payloads
#[tokio::test]
async fn six_megabytes_come_back() {
    let cloud = Cloud::start();
    cloud.function("echo", async |event: Value| event);
    let payload = format!("\"{}\"", "x".repeat(6_291_456 - 2));
    let answer = invoke(&cloud, "echo", "RequestResponse", &payload).await;
    assert!(answer.status == 200 && answer.body == payload);
}

/// A function whose answer names its request, and what one of its runs has in the log.
fn logging(cloud: &Cloud) -> Function {
    cloud.function_with("logging", cloud.log(), async |log, event: LambdaEvent<Value>| {
        log.line("RequestId log message");
        Ok::<_, lambda_runtime::Error>(event.context.request_id)
    })
}

/// test_request_id_invoke
#[tokio::test]
async fn the_log_of_an_invocation() {
    let cloud = Cloud::start();
    logging(&cloud);
    let lambda = Client::new(&cloud.sdk_config());
    let output = lambda.invoke().function_name("logging").log_type(LogType::Tail).send().await.unwrap();
    let id = serde_json::from_slice::<String>(output.payload().unwrap().as_ref()).unwrap();
    assert_shape(&json!(id), &json!("<uuid>"));
    let log = aws_smithy_types::base64::decode(output.log_result().unwrap()).unwrap();
    let log = String::from_utf8(log).unwrap();
    // Durations and the memory used are those of the run, and the time at the head of the line that of the logger.
    let masked: Vec<String> = log.lines().map(|line| masked(line, &id)).collect();
    assert_eq!(
        masked,
        [
            "START RequestId: <request-id> Version: $LATEST",
            "RequestId log message",
            "END RequestId: <request-id>",
            "REPORT RequestId: <request-id>\tDuration: <duration> ms\tBilled Duration: <duration> ms\tMemory Size: 128 MB\t\
             Max Memory Used: <memory> MB\tInit Duration: <duration> ms",
        ]
    );
}

fn masked(line: &str, id: &str) -> String {
    let line = line.replace(id, "<request-id>");
    let masked = line.trim_end().split('\t').map(|part| match part.split_once(": ") {
        Some((name, value)) if name.ends_with("Duration") => {
            let (number, unit) = value.split_once(' ').unwrap();
            assert!(number.parse::<f64>().is_ok() && unit == "ms", "{part}");
            format!("{name}: <duration> ms")
        }
        Some((name @ "Max Memory Used", _)) => format!("{name}: <memory> MB"),
        _ => part.to_owned(),
    });
    masked.collect::<Vec<_>>().join("\t")
}

/// test_request_id_async_invoke_with_retry, test_invocation_type_event_error
#[tokio::test]
async fn each_attempt_of_an_event_has_the_id_of_its_request() {
    let cloud = Cloud::start();
    let fails = cloud.function_with("fails", cloud.log(), async |log, _: Value| {
        log.line("begun");
        Err::<(), _>("some error occurred")
    });
    fails.retry_attempts(1);
    let accepted_with = invoke(&cloud, "fails", "Event", "{}").await;
    assert_eq!(shown(&accepted_with), accepted());
    let _ = cloud.drain().await;
    let runs = fails.invocations();
    let ids: Vec<&str> = runs.iter().map(|run| run.info().context.request_id.as_str()).collect();
    assert_eq!(ids, [accepted_with.header("x-amzn-requestid"); 2]);
    assert_eq!((runs[0].logs(), runs[1].logs()), (&["begun".to_owned()][..], &["begun".to_owned()][..]));
    // `Init Duration` in the first report alone: an error keeps its environment.
    assert_eq!([runs[0].is_cold_start(), runs[1].is_cold_start()], [true, false]);
}

/// test_lambda_concurrency_crud, test_lambda_concurrency_update
#[tokio::test]
async fn reserved_concurrency_is_put_read_and_deleted() {
    let cloud = Cloud::start();
    cloud.function("echo", async |event: Value| event);
    let (get, put) = ("/2019-09-30/functions/echo/concurrency", "/2017-10-31/functions/echo/concurrency");
    let ask = async |method: &str, target: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = Raw::new("lambda", method, target).body(body).signed(&cloud).await;
        (answer.status, serde_json::from_str::<Value>(&answer.body).unwrap_or_default())
    };
    assert_eq!(ask("GET", get, Value::Null).await, (200, json!({})));
    for number in [0, 3] {
        let reserved = json!({ "ReservedConcurrentExecutions": number });
        assert_eq!(ask("PUT", put, reserved.clone()).await, (200, reserved.clone()));
        assert_eq!(ask("GET", get, Value::Null).await, (200, reserved.clone()));
        assert_eq!(ask("GET", "/2015-03-31/functions/echo", Value::Null).await.1["Concurrency"], reserved);
    }
    assert_eq!(ask("DELETE", put, Value::Null).await, (204, Value::Null));
    assert_eq!(ask("GET", get, Value::Null).await, (200, json!({})));
}

#[track_caller]
fn assert_throttled(answer: &Answer) {
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (429, "TooManyRequestsException"));
    let recorded = json!({
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    });
    assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap(), recorded);
}

/// test_reserved_concurrency, test_reserved_concurrency_async_queue
#[tokio::test]
async fn whoever_waits_is_throttled_and_an_event_is_taken() {
    let cloud = Cloud::start();
    let queue = cloud.queue("failed");
    let echo = cloud.function("echo", async |event: Value| event).concurrency(0).retry_attempts(0).on_failure(&queue);
    assert_throttled(&invoke(&cloud, "echo", "RequestResponse", "{}").await);
    assert_eq!(shown(&invoke(&cloud, "echo", "Event", "{}").await), accepted());
    cloud.drain().await.assert_ok();
    let record: Value = serde_json::from_str(&queue.bodies()[0]).unwrap();
    let context = json!({
        "requestId": "<uuid>",
        "functionArn": "arn:aws:lambda:us-east-1:111111111111:function:echo:$LATEST",
        "condition": "ZeroReservedConcurrency",
        "approximateInvokeCount": 0,
    });
    let recorded =
        json!({ "version": "1.0", "timestamp": "<milliseconds>", "requestContext": context, "requestPayload": {} });
    assert_shape(&record, &recorded);

    let gate = echo.concurrency(1).gate();
    echo.invoke_later(json!({}));
    cloud.settle().await.assert_ok();
    assert_throttled(&invoke(&cloud, "echo", "RequestResponse", "{}").await);
    gate.open();
    cloud.drain().await.assert_ok();
    assert_eq!(shown(&invoke(&cloud, "echo", "RequestResponse", "{}").await), success(json!({})));
}

/// A function that answers which code ran; events that begin with `01` take a minute.
fn variant(cloud: &Cloud, variant: &'static str) -> Function {
    cloud.function_with("variant", (cloud.clock(), variant), async |(clock, variant), prefix: String| {
        if prefix.starts_with("01") {
            clock.sleep(Duration::from_secs(20)).await;
        }
        format!("{prefix}--{variant}")
    })
}

/// test_async_invoke_queue_upon_function_update
#[tokio::test]
async fn what_waits_when_the_code_changes_runs_with_the_new_code() {
    let cloud = Cloud::start();
    let function = variant(&cloud, "variant-1").concurrency(1);
    let lambda = Client::new(&cloud.sdk_config());
    let event = async |name: String| {
        let invoke = lambda.invoke().function_name("variant").invocation_type(InvocationType::Event);
        invoke.payload(Blob::new(json!(name).to_string())).send().await.unwrap();
    };
    event("01-sleep".to_owned()).await;
    let clock = cloud.clock();
    // The change comes while the first sleeps.
    let changes = async {
        clock.sleep(Duration::from_secs(1)).await;
        for number in 2..=10 {
            event(format!("{number:02}-before")).await;
        }
        variant(&cloud, "variant-2");
        for number in 11..=15 {
            event(format!("{number:02}-after")).await;
        }
    };
    changes.await;
    cloud.drain().await.assert_ok();
    let mut history: Vec<String> =
        function.responses().iter().map(|response| response.as_str().unwrap().to_owned()).collect();
    history.sort();
    let when = |number: u32| if number <= 10 { "before" } else { "after" };
    let others = (2..=15).map(|number| format!("{number:02}-{}--variant-2", when(number)));
    let recorded: Vec<String> = std::iter::once("01-sleep--variant-1".to_owned()).chain(others).collect();
    assert_eq!(history, recorded, "{}", cloud.timeline());
}

/// test_function_update_during_invoke
#[tokio::test]
async fn an_invocation_keeps_the_code_that_it_began_with() {
    let cloud = Cloud::start();
    let account = cloud.own_account().clone();
    let changes = cloud.function_with("variant", account, async |account, event: LambdaEvent<String>| {
        account.function(
            "variant",
            async |prefix: String| json!({ "request_prefix": prefix, "function_variant": "variant-2" }),
        );
        Ok::<_, lambda_runtime::Error>(json!({
            "function_version": event.context.env_config.version,
            "request_id": event.context.request_id,
            "request_prefix": event.payload,
            "function_variant": "variant-1",
        }))
    });
    let answer = shown(&invoke(&cloud, "variant", "RequestResponse", "\"1-sleep\"").await);
    let id = changes.invocations()[0].info().context.request_id.clone();
    let payload = json!({
        "function_version": "$LATEST",
        "request_id": id,
        "request_prefix": "1-sleep",
        "function_variant": "variant-1",
    });
    assert_eq!(answer, success(payload));
    let answer = shown(&invoke(&cloud, "variant", "RequestResponse", "\"2-after\"").await);
    assert_eq!(answer["Payload"]["function_variant"], "variant-2");
}
