//! Services that are not mocked: doubles, and servers on loopback.

#[expect(dead_code, reason = "its main is for cargo run")]
#[path = "../../examples/other_services.rs"]
mod example;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Response;
use lambda_testkit::history::Caller;
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, ServiceError};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::common::signed::Raw;

/// Asks Secrets Manager for a secret.
fn secret(id: &str) -> Raw<'static> {
    Raw::new("secretsmanager", "POST", "/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "secretsmanager.GetSecretValue")
        .body(json!({ "SecretId": id }).to_string())
}

fn last_line(cloud: &Cloud) -> String {
    cloud.timeline().lines().last().map(|line| line.text.clone()).unwrap_or_default()
}

#[tokio::test]
async fn a_handler_reads_a_secret_and_writes_to_a_table() {
    let (cloud, kept) = example::run().await;
    assert_eq!(kept[0], json!({ "order": { "S": "tea" }, "stamp": { "S": "tea/sealed" } }));
    assert_eq!(kept.len(), 2);
    insta::assert_snapshot!(cloud.timeline(), @r"
    2026-01-01T00:00:00Z start
    +00:00:00.000 message to orders
    +00:00:00.000   orders → keep: 2 messages
    +00:00:00.000     invoke keep: ok
    +00:00:00.000       secretsmanager GetSecretValue stamp → 200
    +00:00:00.000       dynamodb PutItem orders → 200 (forwarded)
    +00:00:00.000       dynamodb PutItem orders → 200 (forwarded)
    +00:00:00.000 message to orders
    +00:00:00.000   delivered to keep in the batch of an earlier message
    ");
}

#[tokio::test]
async fn a_double_answers_in_the_protocol_in_which_it_was_asked() {
    let cloud = Cloud::start();
    cloud.json_service("secretsmanager", |operation, input| match input["SecretId"].as_str() {
        Some("db") => Ok(json!({ "by": operation, "SecretString": "hunter2" })),
        _ => Err(ServiceError::new(400, "ResourceNotFoundException", "can't find it")),
    });
    let answer = secret("db").signed(&cloud).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-amz-json-1.1"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body, json!({ "by": "GetSecretValue", "SecretString": "hunter2" }));
    assert_eq!(last_line(&cloud), "secretsmanager GetSecretValue db → 200");

    let answer = secret("none").signed(&cloud).await;
    assert_eq!(answer.refusal(), "400 ResourceNotFoundException");
    let line = "secretsmanager GetSecretValue none → 400 ResourceNotFoundException: can't find it";
    assert_eq!(last_line(&cloud), line);

    let answer = secret("none").body("{").signed(&cloud).await;
    assert_eq!(answer.refusal(), "400 SerializationException");
}

#[tokio::test]
async fn what_is_not_signed_comes_to_no_double() {
    let cloud = Cloud::start();
    cloud.json_service("secretsmanager", |_, _| Ok(json!({})));
    let answer = secret("db").send(&cloud).await;
    assert_eq!(answer.refusal(), "400 NotImplemented");
    let why = "secretsmanager.GetSecretValue is not signed, and only a signature says which service is meant";
    assert!(answer.body.contains(why), "{}", answer.body);
}

#[tokio::test]
async fn a_double_may_wait_and_is_told_who_asks() {
    let cloud = Cloud::start();
    let (clock, seen) = (cloud.clock(), Arc::new(Mutex::new(Vec::new())));
    let callers = Arc::clone(&seen);
    cloud.service("execute-api", move |request| {
        let (clock, callers) = (clock.clone(), Arc::clone(&callers));
        async move {
            clock.sleep(std::time::Duration::from_secs(3)).await;
            let caller = request.extensions().get::<Arc<Caller>>().expect("it was signed");
            callers.lock().unwrap().push(caller.account.to_string());
            Response::builder().status(418).body(Bytes::from_static(b"tea")).unwrap()
        }
    });
    let start = cloud.now();
    let answer = Raw::new("execute-api", "GET", "/prod/things").signed(&cloud).await;
    assert_eq!((answer.status, answer.body.as_str()), (418, "tea"));
    assert_eq!(cloud.now().duration_since(start).as_secs(), 3);
    assert_eq!(*seen.lock().unwrap(), ["111111111111"]);
    assert_eq!(last_line(&cloud), "execute-api GET /prod/things → 418");
    let history = cloud.history();
    assert_eq!(history.requests().service("execute-api").operation("GET /prod/things").count(), 1);
}

#[tokio::test]
async fn a_request_with_a_bad_signature_never_comes_to_a_double() {
    let cloud = Cloud::start();
    cloud.json_service("secretsmanager", |_, _| -> Result<Value, ServiceError> { panic!("nobody may ask") });
    let mut key = cloud.own_account().access_key();
    key.secret.push('x');
    let forged = secret("db").sign(&cloud, &key, cloud.now()).send(&cloud).await;
    assert_eq!(forged.refusal(), "403 InvalidSignatureException");
    assert_eq!(secret("db").send(&cloud).await.status, 400, "without a signature nobody knows which service is meant");
}

#[tokio::test]
async fn a_second_double_replaces_the_first_and_a_mock_is_never_replaced() {
    let cloud = Cloud::start();
    for answer in ["first", "second"] {
        cloud.json_service("secretsmanager", move |_, _| Ok(json!(answer)));
    }
    assert_eq!(secret("db").signed(&cloud).await.body, "\"second\"");

    let refused = cloud.try_service("s3", |_| Response::new(Bytes::new())).unwrap_err();
    assert_eq!(refused.to_string(), "invalid service \"s3\": this service is mocked: a test cannot answer for it");
    assert!(matches!(cloud.try_service("No such", |_| Response::new(Bytes::new())), Err(CloudError::Setting { .. })));
    let far = cloud.try_forward("dynamodb", "http://dynamodb.us-east-1.amazonaws.com").unwrap_err();
    assert!(far.to_string().starts_with("invalid endpoint \"http://dynamodb.us-east-1.amazonaws.com\": "), "{far}");
}

#[tokio::test]
async fn a_server_gets_the_request_as_it_was_and_its_date_stays_behind() {
    let server = MockServer::start().await;
    let error =
        json!({ "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no table" });
    Mock::given(any()).respond_with(ResponseTemplate::new(400).set_body_json(error)).mount(&server).await;
    let cloud = Cloud::start();
    cloud.forward("dynamodb", server.uri());
    let request = Raw::new("dynamodb", "POST", "/?a=1")
        .header("x-amz-target", "DynamoDB_20120810.GetItem")
        .body(r#"{"TableName":"users"}"#);
    let answer = request.signed(&cloud).await;
    assert_eq!(answer.status, 400);
    let line = "dynamodb GetItem users → 400 ResourceNotFoundException: no table (forwarded)";
    assert_eq!(last_line(&cloud), line);
    let received = &server.received_requests().await.unwrap()[0];
    assert_eq!((received.url.query(), received.body.as_slice()), (Some("a=1"), &br#"{"TableName":"users"}"#[..]));
    assert!(received.headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_answer_without_its_port() {
    let cloud = Cloud::start();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    cloud.forward("ssm", format!("http://{free}"));
    let answer = Raw::new("ssm", "POST", "/").header("x-amz-target", "AmazonSSM.GetParameter").signed(&cloud).await;
    assert_eq!(answer.refusal(), "503 ServiceUnavailable");
    let line = "ssm GetParameter → 503 ServiceUnavailable: the server that ssm is forwarded to does not answer: \
                connection refused (forwarded)";
    assert_eq!(last_line(&cloud), line);
}

#[tokio::test]
async fn a_plan_makes_a_double_fail_or_lose_its_answer() {
    for (plan, status, calls) in [
        ("secretsmanager.GetSecretValue db #1: ThrottlingException", Some(400), 0),
        ("secretsmanager.GetSecretValue db #1: InternalFailure", Some(500), 0),
        ("secretsmanager.GetSecretValue db #1: reset", None, 0),
        ("secretsmanager.GetSecretValue db #1: answer lost", None, 1),
    ] {
        let cloud = Cloud::builder().plan(plan).start();
        let asked = Arc::new(Mutex::new(0));
        let count = Arc::clone(&asked);
        cloud.json_service("secretsmanager", move |_, _| {
            *count.lock().unwrap() += 1;
            Ok(json!({}))
        });
        let key = cloud.own_account().access_key();
        let Raw { headers, body, .. } = secret("db").sign(&cloud, &key, cloud.now());
        let mut request = http::Request::post("/");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = crate::common::socket::send(cloud.endpoint(), request.body(Bytes::from(body)).unwrap()).await;
        assert_eq!(answer.ok().map(|answer| answer.status().as_u16()), status, "{plan}");
        assert_eq!(*asked.lock().unwrap(), calls, "{plan}");
        cloud.course().assert_plan_met();
    }
}
