//! Tenant isolation: environments of each tenant's own.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html>

use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, TenantIsolationMode};
use lambda_runtime::{Error, LambdaEvent};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Function};
use serde_json::{Value, json};

use crate::common::{both_ways, message, refusal};

/// Answers the tenant, and how many events its environment has seen.
fn counts(cloud: &Cloud) -> Function {
    let function = cloud.function_in("counts", || {
        let seen = AtomicU32::new(0);
        move |event: LambdaEvent<Value>| {
            let seen = seen.fetch_add(1, Ordering::Relaxed) + 1;
            async move { Ok::<_, Error>(json!([event.context.tenant_id, seen])) }
        }
    });
    function.tenant_isolation()
}

const MISSING: &str =
    "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again.";

#[tokio::test]
async fn no_tenant_meets_what_another_has_left() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let function = counts(cloud);
        let invoke = async |tenant: &str| {
            let output =
                lambda.invoke().function_name("counts").tenant_id(tenant).payload(Blob::new("{}")).send().await;
            serde_json::from_slice::<Value>(output.unwrap().payload().unwrap().as_ref()).unwrap()
        };
        for (tenant, seen) in [("blue", 1), ("green", 1), ("blue", 2), ("green", 2), ("a b/c@d", 1)] {
            assert_eq!(invoke(tenant).await, json!([tenant, seen]));
        }
        let event = lambda.invoke().function_name("counts").tenant_id("blue").invocation_type(InvocationType::Event);
        event.payload(Blob::new("{}")).send().await.unwrap();
        cloud.settle().await.assert_ok();
        assert_eq!(function.responses()[5], json!(["blue", 3]));
        let streamed = lambda.invoke_with_response_stream().function_name("counts").tenant_id("blue");
        streamed.payload(Blob::new("{}")).send().await.unwrap();
        assert_eq!(function.responses()[6], json!(["blue", 4]));
        // Handles too, and a redelivery is the same tenant's.
        assert_eq!(function.tenant("green").invoke::<Value>(json!({})).await, json!(["green", 3]));
        function.tenant("green").invoke_later(json!({}));
        cloud.settle().await.assert_ok();
        function.redeliver(lambda_testkit::Redelivery::All);
        cloud.settle().await.assert_ok();
        assert_eq!(function.responses()[8..], [json!(["green", 4]), json!(["blue", 5]), json!(["green", 5])]);
        let contexts = function.invocations();
        assert_eq!(contexts[0].info().context.tenant_id.as_deref(), Some("blue"));

        let configuration = lambda.get_function_configuration().function_name("counts").send().await.unwrap();
        let mode = configuration.tenancy_config().map(|config| config.tenant_isolation_mode());
        assert_eq!(mode, Some(&TenantIsolationMode::PerTenant));
    })
    .await;
}

#[tokio::test]
async fn who_says_no_tenant_or_one_of_an_ordinary_function_is_refused() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let function = counts(cloud);
        let plain = cloud.stub("plain");
        let invoke = |name: &str| lambda.invoke().function_name(name).payload(Blob::new("{}"));
        for kind in [InvocationType::RequestResponse, InvocationType::Event, InvocationType::DryRun] {
            let refused = || invoke("counts").invocation_type(kind.clone()).send();
            assert_eq!(refusal(refused().await), "400 InvalidParameterValueException", "{kind}");
            assert_eq!(message(refused().await), MISSING);
            let refused = invoke("plain").invocation_type(kind.clone()).tenant_id("blue").send().await;
            assert_eq!(refusal(refused), "400 InvalidParameterValueException", "{kind}");
        }
        for bad in ["", "a,b", &"x".repeat(257)] {
            let refused = invoke("counts").tenant_id(bad).send().await;
            assert_eq!(refusal(refused), "400 ValidationException", "{bad}");
        }
        let words = |refused: Result<(), CloudError>| refused.unwrap_err().to_string();
        assert!(words(function.try_invoke(json!({})).await).contains(MISSING));
        assert!(words(function.try_invoke_later(json!({}))).contains(MISSING));
        assert!(words(plain.tenant("blue").try_invoke(json!({})).await).contains("not enabled with tenancy"));
        cloud.settle().await.assert_ok();
        assert!(function.events().is_empty() && plain.events().is_empty());
    })
    .await;
}

#[tokio::test]
async fn triggers_know_no_tenants() {
    let cloud = Cloud::start();
    let function = counts(&cloud);
    let bucket = cloud.bucket("bucket");
    bucket.notify(&function, on(ObjectCreated));
    bucket.put("k", "x");
    cloud.settle().await.assert_ok();
    assert!(function.events().is_empty());
    assert!(cloud.timeline().contains(&format!("lost: {MISSING}")), "{}", cloud.timeline());
    let refused = cloud.queue("queue").try_trigger(&function, batch(1)).unwrap_err().to_string();
    assert!(refused.contains("tenancy configuration"), "{refused}");
}

#[test]
#[should_panic(expected = "a tenant's id has 1 to 256 letters")]
fn an_id_of_other_letters_is_none() {
    let _ = Cloud::start().stub("f").tenant("a,b");
}
