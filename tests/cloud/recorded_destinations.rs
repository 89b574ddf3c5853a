//! Records of asynchronous invocations have the shape of those that AWS sent when they were recorded.
//!
//! Written out by hand, as in [`recorded`](crate::recorded). What the recorded functions answered is theirs; an error has the
//! members that the Rust runtime reports.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{DestinationConfig, InvocationType, OnFailure, OnSuccess};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as Attribute};
use lambda_testkit::event::Json;
use lambda_testkit::prelude::*;
use lambda_testkit::{Function, Queue};
use serde_json::{Value, json};

use crate::recorded::assert_shape;

/// How the recorded functions were set up: one queue for both destinations.
struct Scene {
    cloud: Cloud,
    lambda: Client,
    queue: Queue,
    function: Function,
}

impl Scene {
    fn new() -> Self {
        let cloud = Cloud::start();
        let function = cloud.function("handler", async |event: Value| match event.get("raise_error") {
            Some(_) => Err("Test exception (this is intentional)".to_owned()),
            None => Ok(json!({ "event": event })),
        });
        Self { lambda: Client::new(&cloud.sdk_config()), queue: cloud.queue("records"), function, cloud }
    }

    async fn configure(&self, retries: Option<i32>, age: Option<i32>) -> Value {
        let arn = self.queue.arn().to_string();
        let both = DestinationConfig::builder()
            .on_success(OnSuccess::builder().destination(&arn).build())
            .on_failure(OnFailure::builder().destination(&arn).build());
        let put =
            self.lambda.put_function_event_invoke_config().function_name("handler").destination_config(both.build());
        put.set_maximum_retry_attempts(retries).set_maximum_event_age_in_seconds(age).send().await.unwrap();
        let get = crate::common::signed::Raw::new("lambda", "GET", "/2019-09-25/functions/handler/event-invoke-config");
        serde_json::from_str(&get.signed(&self.cloud).await.body).unwrap()
    }

    /// Queues an event, drains the cloud, and gives the message that came of it, and the id of the request.
    async fn invoked(&self, event: Value) -> (Message, String) {
        let invoke = self.lambda.invoke().function_name("handler").invocation_type(InvocationType::Event);
        let invoked = invoke.payload(Blob::new(event.to_string())).send().await.unwrap();
        let _ = self.cloud.drain().await;
        let sqs = aws_sdk_sqs::Client::new(&self.cloud.sdk_config());
        let receive = sqs.receive_message().queue_url(self.queue.url()).message_attribute_names("All");
        let received = receive.message_system_attribute_names(Attribute::All).send().await.unwrap();
        let [message] = received.messages() else { panic!("{received:?}\n{}", self.cloud.timeline()) };
        let id = aws_sdk_lambda::operation::RequestId::request_id(&invoked).unwrap().to_owned();
        (message.clone(), id)
    }
}

fn body(message: &Message) -> Value {
    serde_json::from_str(message.body().unwrap()).unwrap()
}

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111111111111:function:handler:$LATEST";

fn context(id: &str, condition: &str, count: u32) -> Value {
    json!({
        "requestId": id,
        "functionArn": FUNCTION,
        "condition": condition,
        "approximateInvokeCount": count,
    })
}

/// The record of an event that was given up after the function failed.
fn failure(id: &str, condition: &str, count: u32, event: &Value) -> Value {
    json!({
        "version": "1.0",
        "timestamp": "<milliseconds>",
        "requestContext": context(id, condition, count),
        "requestPayload": event,
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": {
            "errorType": "alloc::string::String",
            "errorMessage": "Test exception (this is intentional)",
        },
    })
}

#[tokio::test]
async fn a_success_is_told_as_recorded() {
    for retries in [None, Some(0)] {
        let scene = Scene::new();
        let arn = scene.queue.arn().to_string();
        let mut configured = scene.configure(retries, None).await;
        assert!(configured["LastModified"].is_number());
        configured["LastModified"] = json!("datetime");
        let mut recorded = json!({
            "DestinationConfig": { "OnFailure": { "Destination": &arn }, "OnSuccess": { "Destination": &arn } },
            "FunctionArn": FUNCTION,
            "LastModified": "datetime",
        });
        if let Some(retries) = retries {
            recorded["MaximumRetryAttempts"] = json!(retries);
        }
        assert_eq!(configured, recorded);

        let (message, id) = scene.invoked(json!({})).await;
        let record = json!({
            "version": "1.0",
            "timestamp": "<milliseconds>",
            "requestContext": context(&id, "Success", 1),
            "requestPayload": {},
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST" },
            "responsePayload": { "event": {} },
        });
        assert_shape(&body(&message), &record);
        assert!(message.message_attributes().is_none() && message.md5_of_message_attributes().is_none());
        // In the recorded order.
        let order: Json = serde_json::from_str(message.body().unwrap()).unwrap();
        let names = |json: &Json| json.as_object().unwrap().iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            names(&order),
            ["version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload"]
        );
        assert_eq!(
            names(order.get("requestContext").unwrap()),
            ["requestId", "functionArn", "condition", "approximateInvokeCount"]
        );
        assert_eq!(names(order.get("responseContext").unwrap()), ["statusCode", "executedVersion"]);
    }
}

#[tokio::test]
async fn a_failure_is_told_as_recorded_after_as_many_attempts_as_there_may_be() {
    for (retries, attempts) in [(Some(0), 1), (None, 3)] {
        let scene = Scene::new();
        scene.configure(retries, None).await;
        let event = json!({ "raise_error": 1 });
        let (message, id) = scene.invoked(event.clone()).await;
        assert_shape(&body(&message), &failure(&id, "RetriesExhausted", attempts, &event));
        let order: Json = serde_json::from_str(message.body().unwrap()).unwrap();
        let answered = order.get("responseContext").unwrap().as_object().unwrap();
        let names: Vec<&str> = answered.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["statusCode", "executedVersion", "functionError"]);

        // All attempts have the id of the request.
        let runs = scene.function.invocations();
        assert_eq!(runs.len() as u32, attempts);
        assert!(runs.iter().all(|run| run.info().context.request_id == id));
        let mut attributes: Vec<&str> = message.attributes().unwrap().keys().map(Attribute::as_str).collect();
        attributes.sort_unstable();
        assert_eq!(
            attributes,
            [
                "AWSTraceHeader",
                "ApproximateFirstReceiveTimestamp",
                "ApproximateReceiveCount",
                "SenderId",
                "SentTimestamp"
            ]
        );
        let header = &message.attributes().unwrap()[&Attribute::AwsTraceHeader];
        assert!(
            header.starts_with("Root=1-") && header.contains(";Parent=") && header.contains(";Sampled="),
            "{header}"
        );
    }
}

/// The retries come after 1 and 2 minutes; one that would begin too late is not waited for.
#[tokio::test]
async fn the_greatest_age_of_an_event_ends_it_early_as_recorded() {
    for (age, attempts) in [(60, 1), (90, 2)] {
        let scene = Scene::new();
        scene.configure(None, Some(age)).await;
        let (event, start) = (json!({ "raise_error": 1 }), scene.cloud.now());
        let (message, id) = scene.invoked(event.clone()).await;
        assert_shape(&body(&message), &failure(&id, "EventAgeExceeded", attempts, &event));
        let sent = body(&message)["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!(sent.duration_since(start).as_secs(), i64::from(attempts - 1) * 60);
    }
}

/// `ZeroReservedConcurrency`: the function never ran, and the record says nothing of an answer.
#[tokio::test]
async fn an_event_that_may_not_run_is_told_at_once_and_without_an_answer() {
    let scene = Scene::new();
    scene.configure(None, None).await;
    scene.function.concurrency(0);
    let event = json!({ "a": 1 });
    let (message, id) = scene.invoked(event.clone()).await;
    let record = json!({
        "version": "1.0",
        "timestamp": "<milliseconds>",
        "requestContext": context(&id, "ZeroReservedConcurrency", 0),
        "requestPayload": event,
    });
    assert_shape(&body(&message), &record);
}
