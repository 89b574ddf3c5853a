//! Loops of requests, which Lambda stops after 16 invocations of a function in one chain.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::RecursiveLoop as Loop;
use lambda_runtime::{Error, LambdaEvent};
use lambda_testkit::event::invoke::DestinationRecord;
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Function, Queue, RecursiveLoop};
use serde_json::{Value, json};

use crate::common::{both_ways, message, over_socket, refusal};

/// How often a function runs before Lambda stops it.
const RUNS: usize = 16;
const STOPS: &str = "Lambda stops a recursive loop, in which it was invoked 16 times (RecursiveInvocationException)";

/// A function that sends each message to the queue that it came from, by an SDK client.
fn forward(cloud: &Cloud, config: &aws_types::SdkConfig, queue: &Queue) -> Function {
    let (sqs, url) = (aws_sdk_sqs::Client::new(config), queue.url());
    let function = cloud.function("forward", move |event: SqsEvent| {
        let (sqs, url) = (sqs.clone(), url.clone());
        async move {
            for record in event.records {
                sqs.send_message().queue_url(&url).message_body(record.body).send().await.map_err(|_| "no")?;
            }
            Ok::<_, &str>(())
        }
    });
    queue.trigger(&function, batch(10));
    function
}

#[tokio::test]
async fn through_a_queue_the_message_stays_until_the_queue_gives_it_up() {
    both_ways(async |cloud, config| {
        let dead = cloud.queue("dead");
        let queue = cloud.queue("work").dead_letter(&dead, 3);
        let function = forward(cloud, &config, &queue);
        // Of a mapping the function's own dead-letter queue gets nothing.
        let own = cloud.queue("own");
        function.dead_letter(&own);
        queue.send("round");
        let report = cloud.settle().await;
        assert_eq!((function.invocations().len(), queue.messages().len(), dead.messages().len()), (RUNS, 1, 0));
        assert_eq!(report.failures.len(), 1, "{report}");
        assert_eq!((report.failures[0].function.as_str(), report.failures[0].error.as_str()), ("forward", STOPS));
        let explained = cloud.explain().to_string();
        assert!(explained.contains(&format!("1 message in work: work → forward fired, but {STOPS}")), "{explained}");
        assert!(cloud.timeline().contains(&format!("forward is not invoked: {STOPS}")), "{}", cloud.timeline());

        let _ = cloud.drain().await;
        assert_eq!(
            (function.invocations().len(), queue.messages().len(), dead.messages().len(), own.messages().len()),
            (RUNS, 0, 1, 0)
        );
        assert_eq!(dead.messages()[0].receive_count, 3);
        let last = function.invocations()[RUNS - 1].trace_header();
        assert_eq!(last.invocations_of(&function.arn()), 16);
        let traces: Vec<_> = function.invocations().iter().map(|run| run.trace_id()).collect();
        assert!(traces.iter().skip(1).all(|trace| *trace == traces[1]), "{traces:?}");
        // What comes from outside is another chain.
        queue.send("other");
        let _ = cloud.settle().await;
        assert_eq!(function.invocations().len(), 2 * RUNS);
    })
    .await;
}

#[tokio::test]
async fn through_a_bucket_the_event_goes_to_the_destination_and_the_dead_letter_queue() {
    both_ways(async |cloud, config| {
        let (bucket, dead, records) = (cloud.bucket("bucket"), cloud.queue("dead"), cloud.queue("records"));
        let s3 = aws_sdk_s3::Client::new(&config);
        let function = cloud.function("thumbnail", move |event: S3Event| {
            let (s3, key) = (s3.clone(), format!("{}.small", event.records[0].key()));
            async move {
                let put = s3.put_object().bucket("bucket").key(key).body(b"x".to_vec().into());
                put.send().await.map(|_| ()).map_err(|error| error.to_string())
            }
        });
        function.dead_letter(&dead).on_failure(&records);
        bucket.notify(&function, on(ObjectCreated));
        bucket.put("a", "x");
        let report = cloud.drain().await;
        assert_eq!((function.invocations().len(), bucket.keys().len()), (RUNS, RUNS + 1));
        assert_eq!(report.failures.len(), 1, "{report}");
        let letter = &dead.messages()[0];
        assert!(letter.body.contains("a.small.small"), "the event itself: {}", letter.body);
        let attribute = |name: &str| letter.attributes.get(name).unwrap().string_value().unwrap().to_owned();
        assert_eq!(attribute("ErrorCode"), "400");
        assert!(attribute("ErrorMessage").contains("recursive loop"), "{}", attribute("ErrorMessage"));
        let record: DestinationRecord = serde_json::from_str(&records.messages()[0].body).unwrap();
        assert_eq!(record.request_context.approximate_invoke_count, 0);
        assert!(cloud.timeline().contains("event for thumbnail given up: Lambda stops the recursive loop"));
        assert!(cloud.explain().to_string().contains(&format!("bucket → thumbnail fired, but {STOPS}")));
    })
    .await;
}

/// How deep a function comes that invokes itself and waits, and what it is told there. `given` says whether it hands its trace
/// header on itself, as SDKs in Lambda do.
async fn down(cloud: &Cloud, config: &aws_types::SdkConfig, given: bool) -> (Function, Value) {
    let lambda = aws_sdk_lambda::Client::new(config);
    let function = cloud.function("down", move |event: LambdaEvent<u32>| {
        let (lambda, depth, header) = (lambda.clone(), event.payload, event.context.xray_trace_id.unwrap());
        async move {
            let next = lambda.invoke().function_name("down").payload(Blob::new((depth + 1).to_string())).customize();
            let next = next.mutate_request(move |request| {
                if given {
                    request.headers_mut().insert("x-amzn-trace-id", header.clone());
                }
            });
            match next.send().await {
                Ok(output) => Ok::<Value, Error>(serde_json::from_slice(output.payload().unwrap().as_ref())?),
                Err(error) => {
                    assert!(error.as_service_error().unwrap().is_recursive_invocation_exception());
                    Ok(json!([depth, message(Err::<(), _>(error))]))
                }
            }
        }
    });
    let answer = function.invoke::<Value>(1).await;
    (function, answer)
}

#[tokio::test]
async fn whoever_waits_is_told() {
    // Over a socket, where several invocations run at once, nobody knows which one asks unless its header says so.
    let (cloud, other) = (Cloud::start(), Cloud::start());
    let socket = over_socket(&other, &other.sdk_config());
    for (cloud, config, given) in [(&cloud, cloud.sdk_config(), false), (&other, socket, true)] {
        let (function, answer) = down(cloud, &config, given).await;
        let text = "Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped \
                    your function's invocation.";
        assert_eq!(answer, json!([16, text]));
        let report = cloud.settle().await;
        assert_eq!((report.failures.len(), function.invocations().len()), (1, RUNS), "{report}");
        let history = cloud.history();
        let refused = history.requests().filter(|invoke| {
            (invoke.status(), invoke.error_code()) == (Some(400), Some("RecursiveInvocationException"))
        });
        assert_eq!(refused.count(), 1);
    }
}

#[tokio::test]
async fn a_loop_of_two_functions_over_handles_is_one_too() {
    let cloud = Cloud::start();
    let (queue, back) = (cloud.queue("work"), cloud.queue("back"));
    let there = cloud.function_with("there", back.clone(), async |queue, _: SqsEvent| queue.send("there"));
    let here = cloud.function_with("here", queue.clone(), async |queue, _: SqsEvent| queue.send("here"));
    queue.trigger(&there, batch(1));
    back.trigger(&here, batch(1));
    queue.send("first");
    let report = cloud.settle().await;
    assert_eq!((there.invocations().len(), here.invocations().len()), (RUNS, RUNS), "{report}");
    assert_eq!(report.failures[0].function, "there");

    // And one that functions make of events.
    let cloud = Cloud::start();
    let again = cloud.stub("again");
    let once = again.function().clone();
    cloud.function_with("again", once, async |once, depth: u32| once.invoke_later(depth + 1)).invoke_later(1);
    let report = cloud.drain().await;
    assert_eq!((again.invocations().len(), report.failures.len()), (RUNS, 1), "{report}");
    // A handle is refused as a client is.
    let cloud = Cloud::start();
    let down = cloud.stub("down").function().clone();
    let down =
        cloud.function_with("down", down, async |down, depth: u32| match down.try_invoke::<Value>(depth + 1).await {
            Err(CloudError::Aws { code, .. }) => json!([depth, code]),
            other => other.unwrap(),
        });
    assert_eq!(down.invoke::<Value>(1).await, json!([16, "RecursiveInvocationException"]));
    assert_eq!(cloud.settle().await.failures.len(), 1, "reported, although somebody was told");
}

#[tokio::test]
async fn a_destination_that_leads_back_is_a_loop() {
    let cloud = Cloud::start();
    let (there, back) = (cloud.stub("there"), cloud.stub("back"));
    there.on_success(back.function());
    back.on_success(there.function());
    there.invoke_later("first");
    let report = cloud.drain().await;
    assert_eq!(
        (there.invocations().len(), back.invocations().len(), report.failures.len()),
        (RUNS, RUNS, 1),
        "{report}"
    );
}

#[tokio::test]
async fn neither_retries_nor_a_batch_of_many_chains_nor_a_redelivery_is_a_loop() {
    let cloud = Cloud::start();
    let queue = cloud.queue("work").dead_letter(&cloud.queue("dead"), 20);
    let fails = cloud.stub("fails").fails("Busy", "try later");
    queue.trigger(&fails, batch(10));
    queue.send("tried twenty times");
    let _ = cloud.drain().await;
    assert_eq!(fails.invocations().len(), 20);
    assert!(fails.invocations().iter().all(|run| run.trace_header().invocations_of(&fails.arn()) == 1));

    let queue = cloud.queue("many");
    let takes = cloud.stub("takes");
    queue.trigger(&takes, batch(10));
    (0..100).for_each(|number| drop(queue.send(number.to_string())));
    cloud.settle().await.assert_ok();
    assert_eq!(takes.invocations().len(), 10);
}

#[tokio::test]
async fn one_long_chain_stops_the_batch_that_it_is_in() {
    let cloud = Cloud::start();
    let queue = cloud.queue("work").dead_letter(&cloud.queue("dead"), 3);
    let again = cloud.function_with("again", queue.clone(), async |queue, _: SqsEvent| queue.send("once more"));
    let trigger = queue.trigger(&again, batch(10));
    queue.send("first");
    let _ = cloud.settle().await;
    assert_eq!(again.invocations().len(), RUNS);
    trigger.disable();
    let _ = cloud.advance(Duration::from_secs(31)).await;
    queue.send("innocent");
    trigger.enable();
    let _ = cloud.settle().await;
    let stopped = cloud.history().timeline().to_string().matches("again is not invoked").count();
    assert_eq!((again.invocations().len(), stopped), (RUNS, 2));
    assert_eq!(queue.messages().iter().map(|message| message.receive_count).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test]
async fn a_function_may_be_allowed_to_go_on() {
    both_ways(async |cloud, config| {
        let lambda = aws_sdk_lambda::Client::new(&config);
        let queue = cloud.queue("work").dead_letter(&cloud.queue("dead"), 2);
        let left = std::sync::atomic::AtomicUsize::new(40);
        let sends = queue.clone();
        let function = cloud.function("forward", move |_: SqsEvent| {
            if left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed) > 1 {
                sends.send("once more");
            }
            async {}
        });
        queue.trigger(&function, batch(1));
        let get = async || {
            let got = lambda.get_function_recursion_config().function_name("forward").send().await.unwrap();
            got.recursive_loop().cloned()
        };
        assert_eq!(get().await, Some(Loop::Terminate));
        let put = |to: Loop| lambda.put_function_recursion_config().function_name("forward").recursive_loop(to).send();
        assert_eq!(put(Loop::Allow).await.unwrap().recursive_loop(), Some(&Loop::Allow));
        assert_eq!(get().await, Some(Loop::Allow));
        queue.send("first");
        cloud.settle().await.assert_ok();
        assert_eq!(function.invocations().len(), 40);

        // The verb sets the same.
        function.recursive_loop(RecursiveLoop::Terminate);
        assert_eq!(get().await, Some(Loop::Terminate));
        function.recursive_loop(RecursiveLoop::Allow);
        assert_eq!(get().await, Some(Loop::Allow));

        let words = "1 validation error detected: Value 'Maybe' at 'recursiveLoop' failed to satisfy constraint: Member must \
                     satisfy enum value set: [Allow, Terminate]";
        assert_eq!(message(put(Loop::from("Maybe")).await), words);
        let missing = lambda.get_function_recursion_config().function_name("other").send().await;
        assert_eq!(refusal(missing), "404 ResourceNotFoundException");
        let version = lambda.put_function_recursion_config().function_name("forward:7").recursive_loop(Loop::Allow);
        assert_eq!(refusal(version.send().await), "400 InvalidParameterValueException");
    })
    .await;
}

#[tokio::test]
async fn what_a_client_takes_off_the_header_is_not_counted() {
    let cloud = Cloud::start();
    let (queue, config) = (cloud.queue("work"), cloud.sdk_config());
    let (sqs, url) = (aws_sdk_sqs::Client::new(&config), queue.url());
    let count = std::sync::atomic::AtomicUsize::new(0);
    let function = cloud.function("forward", move |_: SqsEvent| {
        let (sqs, url) = (sqs.clone(), url.clone());
        let more = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 29;
        async move {
            if more {
                let new = "Root=1-5759e988-bd862e3fe1be46a994272793";
                let value = aws_sdk_sqs::types::MessageSystemAttributeValue::builder();
                let value = value.data_type("String").string_value(new).build().unwrap();
                let name = aws_sdk_sqs::types::MessageSystemAttributeNameForSends::AwsTraceHeader;
                let send = sqs.send_message().queue_url(url).message_body("x").message_system_attributes(name, value);
                send.send().await.unwrap();
            }
        }
    });
    queue.trigger(&function, batch(1));
    queue.send("first");
    cloud.settle().await.assert_ok();
    assert_eq!(function.invocations().len(), 30);
}
