//! Functions that call functions.

use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};
use serde_json::{Value, json};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::Error;

#[derive(Clone)]
struct Clients {
    s3: aws_sdk_s3::Client,
    lambda: aws_sdk_lambda::Client,
}

impl Clients {
    fn new(cloud: &Cloud) -> Self {
        let config = cloud.sdk_config();
        Self { s3: aws_sdk_s3::Client::new(&config), lambda: aws_sdk_lambda::Client::new(&config) }
    }
}

async fn price(request: Value, clients: Clients) -> Result<Value, Error> {
    let prices = clients.s3.get_object().bucket("shop").key("prices.json").send().await?.body.collect().await?;
    let prices: Value = serde_json::from_slice(&prices.into_bytes())?;
    Ok(prices[request.as_str().ok_or("no item")?].clone())
}

async fn quote(item: &str, clients: &Clients, look: bool) -> Result<(), Error> {
    let payload = Blob::new(json!(item).to_string());
    let answer = clients.lambda.invoke().function_name("price").payload(payload).send().await?;
    if let (true, Some(error)) = (look, &answer.function_error) {
        return Err(format!("no price for {item}: {error}").into());
    }
    let price = answer.payload.map(Blob::into_inner).unwrap_or_default();
    clients.s3.put_object().bucket("quotes").key(item).body(price.into()).send().await?;
    Ok(())
}

async fn quote_whatever_comes(event: SqsEvent, clients: Clients) -> Result<(), Error> {
    for message in event.records {
        quote(&message.body.unwrap_or_default(), &clients, false).await?;
    }
    Ok(())
}

async fn quote_prices(event: SqsEvent, clients: Clients) -> Result<(), Error> {
    for message in event.records {
        quote(&message.body.unwrap_or_default(), &clients, true).await?;
    }
    Ok(())
}

fn quotes<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Clients) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("shop").put("prices.json", r#"{"tea":3}"#);
        cloud.bucket("quotes");
        let clients = Clients::new(cloud);
        let asked = cloud.queue("asked");
        cloud.function_with("price", clients.clone(), async |clients, item: Value| price(item, clients).await);
        let function = cloud.function("quote", move |event: SqsEvent| handler(event, clients.clone()));
        asked.trigger(&function, batch(1));
        asked.send("tea");
    })
    .tried(trial)
}

#[test]
fn function_error_is_ignored() {
    Bug {
        name: "FunctionError is ignored, for the status is 200",
        from: "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_ResponseSyntax",
        finding: "something else is there",
        buggy: |trial| quotes(trial, quote_whatever_comes),
        fixed: |trial| quotes(trial, quote_prices),
    }
    .try_it();
}

/// As behind API Gateway: an error is an answer too.
async fn price_by_http(item: Value, clients: Clients) -> Value {
    match price(item, clients).await {
        Ok(price) => json!({ "statusCode": 200, "body": price }),
        Err(error) => json!({ "statusCode": 500, "body": error.to_string() }),
    }
}

async fn ask_by_http(event: SqsEvent, clients: Clients, look: bool) -> Result<(), Error> {
    for message in event.records {
        let item = message.body.unwrap_or_default();
        let payload = Blob::new(json!(item).to_string());
        let answer = clients.lambda.invoke().function_name("price").payload(payload).send().await?;
        let answer: Value = serde_json::from_slice(&answer.payload.map(Blob::into_inner).unwrap_or_default())?;
        if look && answer["statusCode"] != 200 {
            return Err(format!("no price for {item}: {answer}").into());
        }
        let price = answer["body"].as_u64().unwrap_or_default();
        clients.s3.put_object().bucket("quotes").key(item).body(price.to_string().into_bytes().into()).send().await?;
    }
    Ok(())
}

fn quotes_by_http(trial: &Trial, look: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("shop").put("prices.json", r#"{"tea":3}"#);
        cloud.bucket("quotes");
        let clients = Clients::new(cloud);
        let asked = cloud.queue("asked");
        cloud.function_with("price", clients.clone(), async |clients, item: Value| price_by_http(item, clients).await);
        let function = cloud.function("quote", move |event: SqsEvent| ask_by_http(event, clients.clone(), look));
        asked.trigger(&function, batch(1));
        asked.send("tea");
    })
    .tried(trial)
}

#[test]
fn status_code_is_ignored() {
    Bug {
        name: "the statusCode of an answer is ignored",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html: errors are answers",
        finding: "something else is there: s3://quotes/tea",
        buggy: |trial| quotes_by_http(trial, false),
        fixed: |trial| quotes_by_http(trial, true),
    }
    .try_it();
}

async fn start_and_log(event: SqsEvent, clients: Clients) -> Result<(), Error> {
    for message in event.records {
        let payload = Blob::new(json!(message.body).to_string());
        let invoke = clients.lambda.invoke().function_name("check").invocation_type(InvocationType::Event);
        if let Err(error) = invoke.payload(payload).send().await {
            eprintln!("check is not started: {error}");
        }
    }
    Ok(())
}

async fn start(event: SqsEvent, clients: Clients) -> Result<(), Error> {
    for message in event.records {
        let payload = Blob::new(json!(message.body).to_string());
        let invoke = clients.lambda.invoke().function_name("check").invocation_type(InvocationType::Event);
        invoke.payload(payload).send().await?;
    }
    Ok(())
}

fn checks<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(SqsEvent, Clients) -> F,
) -> Explored {
    explore(async move |cloud: &Cloud| {
        cloud.bucket("checked");
        let clients = Clients::new(cloud);
        let users = cloud.queue("users");
        cloud.function_with("check", clients.s3.clone(), async |s3: aws_sdk_s3::Client, user: String| {
            s3.put_object().bucket("checked").key(&user).send().await?;
            Ok::<_, aws_sdk_s3::Error>(())
        });
        let function = cloud.function("start", move |event: SqsEvent| handler(event, clients.clone()));
        users.trigger(&function, batch(10));
        users.send("alice");
        users.send("bob");
    })
    .tried(trial)
}

#[test]
fn throttled_invoke_is_swallowed() {
    Bug {
        name: "a throttled Invoke is logged and forgotten",
        from: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html (429)",
        finding: "something is lost",
        buggy: |trial| checks(trial, start_and_log),
        fixed: |trial| checks(trial, start),
    }
    .try_it();
}
