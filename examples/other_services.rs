//! A handler that uses services which are not mocked: it reads a secret, and writes to a table.
//!
//! A closure stands in for Secrets Manager; a server on loopback for DynamoDB, as DynamoDB Local does. To keep the example
//! small it signs its requests itself; SDK clients made from `cloud.sdk_config()` come to the same.
//!
//! Run it with `cargo run --example other_services`.

use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use lambda_testkit::prelude::*;
use lambda_testkit::{AccessKey, ServiceError};
use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, header};
use wiremock::{Mock, MockServer, ResponseTemplate};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A client for services that speak AWS JSON.
#[derive(Clone)]
struct Aws {
    http: reqwest::Client,
    url: String,
    key: AccessKey,
}

impl Aws {
    async fn call(&self, service: &str, target: &str, input: Value) -> Result<Value, Error> {
        let body = input.to_string();
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let identity =
            aws_credential_types::Credentials::new(&self.key.id, &self.key.secret, None, None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default());
        let to_sign =
            SignableRequest::new("POST", &self.url, headers.iter().copied(), SignableBody::Bytes(body.as_bytes()))?;
        let (signature, _) = sign(to_sign, &params.build()?.into())?.into_parts();
        let mut request = http::Request::post(&self.url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut request = request.body(body)?;
        signature.apply_to_request_http1x(&mut request);
        let response = self.http.execute(request.try_into()?).await?.error_for_status()?;
        Ok(response.json().await?)
    }
}

/// Keeps each order in a table, signed with a secret.
async fn keep(event: SqsEvent, aws: Aws) -> Result<(), Error> {
    let secret = aws.call("secretsmanager", "secretsmanager.GetSecretValue", json!({ "SecretId": "stamp" })).await?;
    for message in event.records {
        let stamp = format!("{}/{}", message.body, secret["SecretString"].as_str().ok_or("no text")?);
        let item = json!({ "order": { "S": message.body }, "stamp": { "S": stamp } });
        aws.call("dynamodb", "DynamoDB_20120810.PutItem", json!({ "TableName": "orders", "Item": item })).await?;
    }
    Ok(())
}

/// Keeps two orders, and returns the drained cloud and what the table was given.
pub async fn run() -> (Cloud, Vec<Value>) {
    let table = MockServer::start().await;
    Mock::given(header("x-amz-target", "DynamoDB_20120810.PutItem"))
        .and(body_partial_json(json!({ "TableName": "orders" })))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({})))
        .mount(&table)
        .await;

    let cloud = Cloud::start();
    cloud.forward("dynamodb", table.uri());
    cloud.json_service("secretsmanager", |operation, input| match (operation.as_str(), input["SecretId"].as_str()) {
        ("GetSecretValue", Some("stamp")) => Ok(json!({ "Name": "stamp", "SecretString": "sealed" })),
        _ => Err(ServiceError::new(400, "ResourceNotFoundException", "there is only the secret called stamp")),
    });
    let url = format!("http://{}/", cloud.endpoint());
    let aws = Aws { http: reqwest::Client::new(), url, key: cloud.own_account().access_key() };
    let keeps = cloud.function("keep", move |event: SqsEvent| keep(event, aws.clone()));
    let orders = cloud.queue("orders");
    orders.trigger(&keeps, batch(10));

    orders.send("tea");
    orders.send("cake");
    cloud.drain().await.assert_ok();

    let requests = table.received_requests().await.unwrap_or_default();
    let kept =
        requests.iter().map(|request| request.body_json::<Value>().expect("DynamoDB speaks JSON")["Item"].clone());
    (cloud, kept.collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (cloud, kept) = run().await;
    println!("{}\nkept: {kept:?}", cloud.timeline());
}
