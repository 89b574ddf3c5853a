//! Handlers written for the `lambda_runtime` crate run as they are.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lambda_testkit::CloudError;
use lambda_testkit::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Greeting {
    name: String,
}

async fn greet(event: LambdaEvent<Greeting>) -> Result<Value, Error> {
    if event.payload.name.is_empty() {
        return Err("nobody to greet".into());
    }
    Ok(
        json!({ "greeting": format!("hello {}", event.payload.name), "function": event.context.env_config.function_name }),
    )
}

#[tokio::test]
async fn a_function_of_lambda_event_gets_payload_and_context() {
    let cloud = Cloud::start();
    let function = cloud.function("greet", greet);
    let answer = function.invoke::<Value>(json!({ "name": "ada" })).await;
    assert_eq!(answer, json!({ "greeting": "hello ada", "function": "greet" }));
}

#[tokio::test]
async fn service_fn_values_and_closures_are_functions() {
    let cloud = Cloud::start();
    let service = cloud.function("service", service_fn(greet));
    let suffix = "!".to_owned();
    let closure = cloud.function("closure", move |event: LambdaEvent<Value>| {
        let suffix = suffix.clone();
        async move { Ok::<_, Error>(format!("{}{suffix}", event.context.invoked_function_arn)) }
    });
    assert_eq!(service.invoke::<Value>(json!({ "name": "bob" })).await["greeting"], "hello bob");
    let arn = "arn:aws:lambda:us-east-1:111111111111:function:closure!";
    assert_eq!(closure.try_invoke(json!({})).await, Ok(json!(arn)));
}

#[tokio::test]
async fn a_function_of_lambda_event_may_be_given_what_it_captures() {
    async fn greet_in(greeting: String, event: LambdaEvent<Greeting>) -> Result<String, Error> {
        if event.payload.name.is_empty() {
            return Err("nobody to greet".into());
        }
        Ok(format!("{greeting} {} from {}", event.payload.name, event.context.env_config.function_name))
    }
    let cloud = Cloud::start();
    let (ada, nobody) = (json!({ "name": "ada" }), json!({ "name": "" }));
    let named = cloud.function_with("named", "salut".to_owned(), greet_in);
    assert_eq!(named.invoke::<String>(&ada).await, "salut ada from named");
    // As it fails without, word for word.
    let failed = named.try_invoke::<String>(&nobody).await.unwrap_err().to_string();
    let without = cloud.function("named", greet).try_invoke::<Value>(&nobody).await.unwrap_err().to_string();
    assert_eq!(failed, without);

    let closure = async |(hello, mark): (&str, char), event: LambdaEvent<Greeting>| {
        Ok::<_, Error>(format!("{hello} {}{mark}", event.payload.name))
    };
    assert_eq!(cloud.function_with("closure", ("hi", '!'), closure).invoke::<String>(&ada).await, "hi ada!");
}

#[tokio::test]
async fn errors_are_reported_as_the_runtime_reports_them() {
    let cloud = Cloud::start();
    let function = cloud.function("greet", greet);
    let failed = function.try_invoke::<Value>(json!({ "name": "" })).await;
    let Err(CloudError::Function { error_message, .. }) = failed else { panic!("{failed:?}") };
    assert_eq!(error_message, "nobody to greet");

    let unreadable = function.try_invoke::<Value>(json!({ "nome": "ada" })).await;
    let Err(CloudError::Function { error_message, .. }) = unreadable else { panic!("{unreadable:?}") };
    assert!(error_message.contains("missing field `name`"), "{error_message}");
}

#[tokio::test]
async fn the_deadline_is_in_real_time() {
    let cloud = Cloud::start();
    let function = cloud
        .function("deadline", |event: LambdaEvent<Value>| async move {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
            Ok::<_, String>(Duration::from_millis(event.context.deadline).saturating_sub(now).as_secs_f64())
        })
        .timeout(Duration::from_secs(5));
    let remaining = function.invoke::<Value>(json!({})).await.as_f64().unwrap();
    assert!((1.0..=5.0).contains(&remaining), "{remaining}");
}
