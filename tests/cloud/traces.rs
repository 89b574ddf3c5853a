//! The trace header on its way through functions, SQS, S3, Invoke, destinations and dead letters.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sqs::types::MessageSystemAttributeName as System;
use lambda_runtime::{Error, LambdaEvent};
use lambda_testkit::event::invoke::TraceHeader;
use lambda_testkit::prelude::*;
use lambda_testkit::{Function, History};
use serde_json::{Value, json};

use crate::common::both_ways;

const GIVEN: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

fn header(text: &str) -> TraceHeader {
    text.parse().unwrap()
}

/// The only invocation of a function.
fn only(function: &Function) -> lambda_testkit::history::Invoked {
    let [invoked] = <[_; 1]>::try_from(function.invocations()).unwrap();
    invoked
}

#[tokio::test]
async fn a_trace_goes_from_a_function_to_all_that_follows_from_it() {
    both_ways(async |cloud, config| {
        let (sqs, s3) = (aws_sdk_sqs::Client::new(&config), aws_sdk_s3::Client::new(&config));
        let lambda = aws_sdk_lambda::Client::new(&config);
        let (queue, told, bucket) = (cloud.queue("queue"), cloud.queue("told"), cloud.bucket("bucket"));
        let (polls, notified) = (cloud.stub("polls"), cloud.stub("notified"));
        let (invoked, queued) = (cloud.stub("invoked"), cloud.stub("queued"));
        queue.trigger(&polls, batch(10));
        bucket.notify(&notified, on(ObjectCreated).prefix("function/"));
        bucket.notify(&told, on(ObjectCreated).prefix("queue/"));
        let (url, client) = (queue.url(), lambda.clone());
        let first = cloud.function("first", move |event: LambdaEvent<Value>| {
            let (sqs, s3, lambda, url) = (sqs.clone(), s3.clone(), client.clone(), url.clone());
            async move {
                sqs.send_message().queue_url(url).message_body("sent").send().await?;
                for key in ["function/k", "queue/k"] {
                    s3.put_object().bucket("bucket").key(key).body(b"x".to_vec().into()).send().await?;
                }
                lambda.invoke().function_name("invoked").send().await?;
                let later = lambda.invoke().function_name("queued").invocation_type(InvocationType::Event);
                later.send().await?;
                Ok::<_, Error>(event.context.xray_trace_id)
            }
        });
        let output = lambda.invoke().function_name("first").payload(Blob::new("{}")).send().await.unwrap();
        let seen: String = serde_json::from_slice(output.payload().unwrap().as_ref()).unwrap();
        cloud.settle().await.assert_ok();

        let came = only(&first);
        assert_eq!(seen, came.trace_header().to_string());
        assert_eq!(header(&seen).sampled(), Some(false));
        assert_eq!(came.trace_header().invocations_of(&first.arn()), 1);
        for function in [&*polls, &*notified, &*invoked, &*queued] {
            let next = only(function);
            assert_eq!(next.trace_id(), came.trace_id(), "{}", function.name());
            assert_ne!(next.trace_header().parent(), came.trace_header().parent(), "a segment of its own");
            assert_eq!(next.trace_header().invocations_of(&first.arn()), 1);
        }
        let event: SqsEvent = only(&polls).event();
        assert_eq!(event.records[0].attributes.aws_trace_header.as_ref(), Some(&seen));
        // S3's own test event was there before.
        assert_eq!(told.messages()[1].trace_header.as_ref(), Some(&seen));
    })
    .await;
}

#[tokio::test]
async fn a_header_that_a_client_gives_is_carried_on() {
    both_ways(async |cloud, config| {
        let lambda = aws_sdk_lambda::Client::new(&config);
        let (inner, own) = (cloud.stub("inner"), config.clone());
        cloud.function("outer", move |_: Value| {
            let lambda = aws_sdk_lambda::Client::new(&own);
            async move {
                let invoke = lambda.invoke().function_name("inner").customize();
                let sent = invoke.mutate_request(|request| {
                    request.headers_mut().insert("x-amzn-trace-id", GIVEN);
                });
                sent.send().await.map(|_| ()).map_err(|error| error.to_string())
            }
        });
        lambda.invoke().function_name("outer").payload(Blob::new("{}")).send().await.unwrap();
        let came = only(&inner).trace_header();
        assert_eq!((came.root(), came.sampled()), (header(GIVEN).root(), Some(true)));

        // Nobody has given the test's own messages one.
        let queue = cloud.queue("queue");
        queue.send("plain");
        let sqs = aws_sdk_sqs::Client::new(&config);
        let receive = sqs.receive_message().queue_url(queue.url()).message_system_attribute_names(System::All);
        let received = receive.send().await.unwrap();
        let attributes = received.messages()[0].attributes().unwrap();
        assert!(!attributes.contains_key(&System::AwsTraceHeader), "{attributes:?}");
    })
    .await;
}

#[tokio::test]
async fn all_attempts_of_an_event_and_what_tells_of_them_belong_to_one_trace() {
    let cloud = Cloud::start();
    let (dead, records, bucket) = (cloud.queue("dead"), cloud.queue("records"), cloud.bucket("archive"));
    let archived = cloud.stub("archived");
    bucket.notify(&archived, on(ObjectCreated));
    let fails = cloud.stub("fails").fails("Busy", "try later").function().dead_letter(&dead);
    fails.on_failure(&records);
    fails.invoke_later("event");
    let other = cloud.stub("other").fails("Busy", "try later").retry_attempts(0);
    other.on_failure(&bucket);
    other.invoke_later("event");
    let _ = cloud.drain().await;
    let attempts = fails.invocations();
    assert_eq!(attempts.len(), 3);
    let last = attempts[2].trace_header();
    assert!(attempts.iter().all(|attempt| attempt.trace_id() == last.root()));
    assert!(
        attempts.iter().all(|attempt| attempt.trace_header().invocations_of(&fails.arn()) == 1),
        "a retry is no loop"
    );
    assert_ne!(attempts[0].trace_header().parent(), last.parent());
    for queue in [&dead, &records] {
        assert_eq!(queue.messages()[0].trace_header, Some(last.to_string()), "{}", queue.name());
    }
    assert_eq!(only(&archived).trace_id(), only(&other).trace_id());
}

#[tokio::test]
async fn traces_follow_from_the_seed() {
    let run = async |seed| {
        let cloud = Cloud::builder().seed(seed).start();
        let (queue, polls) = (cloud.queue("queue"), cloud.stub("polls"));
        queue.trigger(&polls, batch(1));
        queue.send("a");
        polls.invoke_later("b");
        polls.invoke::<Value>("c").await;
        cloud.settle().await.assert_ok();
        let headers: Vec<_> = polls.invocations().iter().map(|run| run.trace_header().to_string()).collect();
        headers
    };
    let one = run(1).await;
    assert_eq!((one.len(), &one), (3, &run(1).await));
    let roots = |headers: &[String]| headers.iter().map(|text| header(text).root().to_owned()).collect::<Vec<_>>();
    let (here, there) = (roots(&one), roots(&run(2).await));
    assert!(here.iter().all(|root| !there.contains(root)), "{here:?} {there:?}");
    assert!(here[0] != here[1] && here[1] != here[2] && here[0] != here[2], "{here:?}");
}

#[tokio::test]
async fn a_batch_goes_on_with_the_trace_of_its_first_message() {
    let cloud = Cloud::start();
    let queue = cloud.queue("queue");
    let polls = cloud.stub("polls");
    let send = cloud.function_with("send", queue.clone(), async |queue, body: String| queue.send(body));
    send.invoke::<String>("one").await;
    send.invoke::<String>("two").await;
    queue.trigger(&polls, batch(10));
    cloud.settle().await.assert_ok();
    assert_eq!(only(&polls).event::<SqsEvent>().records.len(), 2);
    assert_eq!(only(&polls).trace_id(), send.invocations()[0].trace_id());
}

#[tokio::test]
async fn the_history_has_the_trace_too_and_a_redelivery_is_the_same_event() {
    let cloud = Cloud::start();
    let function = cloud.stub("function");
    function.invoke_later(json!({}));
    cloud.settle().await.assert_ok();
    assert_eq!(function.redeliver(lambda_testkit::Redelivery::All), 1);
    cloud.settle().await.assert_ok();
    let history: History = cloud.history();
    let [first, again] = &history.invocations().collect()[..] else { panic!("two") };
    assert_eq!((first.trace_id(), first.trace_header()), (again.trace_id(), again.trace_header()));
}
