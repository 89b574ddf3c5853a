//! InvokeWithResponseStream by the AWS SDK for Rust, in process and over loopback HTTP.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::invoke_with_response_stream::InvokeWithResponseStreamOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    InvokeWithResponseStreamCompleteEvent, InvokeWithResponseStreamResponseEvent as Event, LogType,
    ResponseStreamingInvocationType as Kind,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lambda_testkit::prelude::*;
use lambda_testkit::{Fault, Plan};
use serde_json::{Value, json};

use crate::common::{both_ways, message, refusal};

/// The parts of an answer, and how it ended.
async fn read(
    output: InvokeWithResponseStreamOutput,
) -> Result<(Vec<Vec<u8>>, InvokeWithResponseStreamCompleteEvent), String> {
    let (mut parts, mut stream) = (Vec::new(), output.event_stream);
    loop {
        match stream.recv().await.map_err(|error| format!("{error:?}"))? {
            Some(Event::PayloadChunk(update)) => parts.push(update.payload.unwrap().into_inner()),
            Some(Event::InvokeComplete(end)) => {
                assert!(
                    stream.recv().await.map_err(|error| format!("{error:?}"))?.is_none(),
                    "nothing comes behind the end"
                );
                return Ok((parts, end));
            }
            other => return Err(format!("{other:?}")),
        }
    }
}

/// Sends a line for each word, while the clock goes on.
async fn words(event: LambdaEvent<Vec<String>>) -> Result<Response<Body>, Error> {
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        for word in event.payload {
            sender.send_data(format!("{word}\n").into()).await.unwrap();
        }
    });
    Ok(Response::from(body))
}

#[tokio::test]
async fn a_handler_that_streams_is_read_part_by_part() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let function = cloud.function("words", words);
        cloud.function("service", service_fn(words));
        for name in ["words", "service"] {
            let invoke = lambda.invoke_with_response_stream().function_name(name).payload(Blob::new(r#"["a","bc"]"#));
            let output = invoke.log_type(LogType::Tail).send().await.unwrap();
            assert_eq!((output.status_code(), output.executed_version()), (200, Some("$LATEST")));
            let (parts, end) = read(output).await.unwrap();
            let [prelude, delimiter, rest @ ..] = &parts[..] else { panic!("{parts:?}") };
            let prelude: Value = serde_json::from_slice(prelude).unwrap();
            assert_eq!(prelude["headers"]["content-type"], "application/octet-stream");
            assert_eq!((prelude["statusCode"].clone(), delimiter), (json!(200), &vec![0; 8]));
            assert_eq!(rest, [b"a\n".to_vec(), b"bc\n".to_vec()]);
            assert_eq!((end.error_code(), end.error_details()), (None, None));
            let log = BASE64_STANDARD.decode(end.log_result().unwrap()).unwrap();
            assert!(log.starts_with(b"START RequestId: "), "{log:?}");
        }
        // Whoever does not want it as a stream gets it as a whole.
        let whole = lambda.invoke().function_name("words").payload(Blob::new(r#"["a"]"#)).send().await.unwrap();
        assert!(whole.payload().unwrap().as_ref().ends_with(b"\0\0\0\0\0\0\0\0a\n"));
        assert!(function.invocations().iter().all(|run| run.succeeded()));
        assert!(cloud.timeline().contains("lambda InvokeWithResponseStream words (RequestResponse) → 200"));
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_does_not_is_too() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let invoke = |name: &str, payload: &str| {
            lambda.invoke_with_response_stream().function_name(name).payload(Blob::new(payload)).send()
        };
        cloud.function("text", async |length: usize| "x".repeat(length));
        let (parts, end) = read(invoke("text", "150000").await.unwrap()).await.unwrap();
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [65_536, 65_536, 150_002 - 2 * 65_536]);
        assert_eq!((end.error_code(), end.log_result()), (None, None));
        let (parts, _) = read(invoke("text", "0").await.unwrap()).await.unwrap();
        assert_eq!(parts, [br#""""#.to_vec()]);

        cloud.stub("fails").fails("Busy", "try later");
        let (parts, end) = read(invoke("fails", "{}").await.unwrap()).await.unwrap();
        assert!(parts.is_empty(), "{parts:?}");
        assert_eq!(end.error_code(), Some("Unhandled"));
        let details: Value = serde_json::from_str(end.error_details().unwrap()).unwrap();
        assert_eq!(details, json!({ "errorType": "Busy", "errorMessage": "try later" }));
    })
    .await;
}

#[tokio::test]
async fn what_lambda_refuses_is_refused() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let echo = cloud.function("echo", async |event: Value| Ok::<_, String>(event));
        let invoke = |name: &str| lambda.invoke_with_response_stream().function_name(name);
        let dry = invoke("echo").invocation_type(Kind::DryRun).send().await.unwrap();
        assert_eq!(dry.status_code(), 204);
        assert!(echo.events().is_empty());
        assert_eq!(refusal(invoke("other").send().await), "404 ResourceNotFoundException");
        let words = "1 validation error detected: Value 'Event' at 'invocationType' failed to satisfy constraint: Member must \
                     satisfy enum value set: [RequestResponse, DryRun]";
        assert_eq!(message(invoke("echo").invocation_type(Kind::from("Event")).send().await), words);
        let broken = invoke("echo").payload(Blob::new("{")).send().await;
        assert_eq!(refusal(broken), "400 InvalidRequestContentException");
        let large = invoke("echo").payload(Blob::new(vec![b' '; 6_291_457])).send().await;
        assert_eq!(refusal(large), "413 RequestEntityTooLargeException");
    })
    .await;
}

#[tokio::test]
async fn a_stream_may_be_longer_than_a_payload_but_not_endless() {
    let cloud = Cloud::builder().small_limits().start();
    let lambda = Client::new(&cloud.sdk_config());
    cloud.function("much", async |event: LambdaEvent<usize>| {
        let part = bytes::Bytes::from(vec![b'x'; 40_000]);
        let parts = (0..event.payload).map(move |_| Ok::<_, Error>(part.clone()));
        Ok::<_, Error>(Response::from(futures::stream::iter(parts)))
    });
    let invoke = async |parts: usize| {
        let invoke = lambda.invoke_with_response_stream().function_name("much").payload(Blob::new(parts.to_string()));
        read(invoke.send().await.unwrap()).await.unwrap()
    };
    let (parts, end) = invoke(40).await;
    assert_eq!((parts.len(), end.error_code()), (42, None));
    let (parts, end) = invoke(1_000_000).await;
    assert!(parts.is_empty() && end.error_details().unwrap().contains("Function.ResponseSizeTooLarge"), "{end:?}");
    let whole = lambda.invoke().function_name("much").payload(Blob::new("40")).send().await.unwrap();
    assert_eq!(whole.function_error(), Some("Unhandled"), "a payload ends at 48 KB here");
}

#[tokio::test]
async fn a_part_that_is_an_error_is_sent_as_the_runtime_sends_it() {
    let cloud = Cloud::start();
    let lambda = Client::new(&cloud.sdk_config());
    cloud.function("breaks", async |_: LambdaEvent<Value>| {
        let parts = [Ok("one"), Err(Error::from("disk full")), Ok("two")].map(|part| part.map(bytes::Bytes::from));
        Ok::<_, Error>(Response::from(futures::stream::iter(parts)))
    });
    let output = lambda.invoke_with_response_stream().function_name("breaks").payload(Blob::new("{}")).send().await;
    let (parts, end) = read(output.unwrap()).await.unwrap();
    let trailer = format!(
        "Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: {}\r\n",
        BASE64_STANDARD.encode("disk full")
    );
    assert_eq!((&parts[2..], end.error_code()), (&[b"one".to_vec(), trailer.into_bytes(), b"two".to_vec()][..], None));
}

#[tokio::test]
async fn a_stream_may_be_cut_or_refused() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let echo = cloud.function("echo", async |event: Value| Ok::<_, String>(event));
        let invoke =
            || lambda.invoke_with_response_stream().function_name("echo").payload(Blob::new("\"text\"")).send();
        cloud.inject(Fault::on("lambda.InvokeWithResponseStream").cut_body());
        let cut = read(invoke().await.unwrap()).await;
        assert!(cut.is_err(), "{cut:?}");
        assert_eq!(echo.invocations().len(), 1, "it was done");
        cloud.inject(Fault::on("lambda.InvokeWithResponseStream").refuse("ServiceException"));
        read(invoke().await.unwrap()).await.unwrap();
        assert_eq!(echo.invocations().len(), 2, "the SDK tries again");
    })
    .await;
}

#[tokio::test]
async fn its_points_of_choice_are_those_of_invoke_and_that_it_is_cut() {
    let plan: Plan = "lambda.InvokeWithResponseStream inner #1: body cut".parse().unwrap();
    let cloud = Cloud::builder().plan(plan).start();
    let lambda = Client::new(&cloud.sdk_config());
    cloud.stub("inner").returns("text");
    let outer = cloud.function_with("outer", lambda, async |lambda: Client, _: Value| {
        let output = lambda.invoke_with_response_stream().function_name("inner").payload(Blob::new("{}")).send().await;
        read(output.unwrap()).await.map(|_| ())
    });
    assert!(outer.try_invoke::<()>(json!({})).await.is_err());
    let course = cloud.course();
    let point = |point: &&lambda_testkit::Point| point.taken.is_some();
    let labels: Vec<_> = course.points().iter().filter(point).map(|point| point.label.to_string()).collect();
    assert_eq!(labels, ["lambda.InvokeWithResponseStream inner"]);
}
