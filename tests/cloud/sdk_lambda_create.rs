//! Functions that infrastructure code creates through the API, and handlers that are bound to them.

use std::collections::HashMap;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture, Environment, FunctionCode, InvocationType, Runtime, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_testkit::CloudError;
use lambda_testkit::prelude::*;
use serde_json::{Value, json};

use crate::common::signed::Raw;
use crate::common::{both_ways, message, refusal};
use crate::recorded::assert_shape;

const ARN: &str = "arn:aws:lambda:us-east-1:111111111111:function:work";
const ROLE: &str = "arn:aws:iam::111111111111:role/service/work-role";
/// Of the bytes `abc`.
const SHA256: &str = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

fn zip(bytes: &str) -> FunctionCode {
    FunctionCode::builder().zip_file(Blob::new(bytes)).build()
}

fn create(lambda: &Client, name: &str) -> CreateFunctionFluentBuilder {
    let created = lambda.create_function().function_name(name).role(ROLE).code(zip("abc"));
    created.runtime(Runtime::Providedal2023).handler("bootstrap")
}

async fn double(number: u32) -> u32 {
    number * 2
}

#[tokio::test]
async fn a_handler_is_bound_before_or_after_its_function_is_created() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let before = cloud.bind("before", double);
        let early = before.try_invoke::<u32>(21).await.unwrap_err();
        assert_eq!(early, CloudError::NotCreated { function: "before".to_owned() });
        let invoke = |name: &str| lambda.invoke().function_name(name).payload(Blob::new("21")).send();
        assert_eq!(refusal(invoke("before").await), "404 ResourceNotFoundException");
        create(&lambda, "before").timeout(7).send().await.unwrap();
        create(&lambda, "after").timeout(7).send().await.unwrap();
        let after = cloud.bind("after", double);
        assert_eq!((before.invoke::<u32>(21).await, after.invoke::<u32>(21).await), (42, 42));
        for name in ["before", "after"] {
            assert_eq!(invoke(name).await.unwrap().payload().unwrap().as_ref(), b"42");
            let set = lambda.get_function_configuration().function_name(name).send().await.unwrap();
            assert_eq!((set.timeout(), set.memory_size()), (Some(7), Some(128)), "{name} keeps what the API has set");
        }

        // What is bound stays bound, also to a function that is deleted and created again.
        lambda.delete_function().function_name("after").send().await.unwrap();
        assert!(matches!(after.try_invoke::<u32>(1).await, Err(CloudError::NotCreated { .. })));
        create(&lambda, "after").send().await.unwrap();
        assert_eq!(after.invoke::<u32>(4).await, 8);
        cloud.bind("after", async |number: u32| number * 3);
        assert_eq!(after.invoke::<u32>(4).await, 12, "new code");
        cloud.function("after", async |number: u32| number * 5);
        assert_eq!(after.invoke::<u32>(4).await, 20, "the same by the other verb");
    })
    .await;
}

#[tokio::test]
async fn other_accounts_clients_and_makers_are_bound_too() {
    let cloud = Cloud::start();
    let theirs = cloud.account("222222222222");
    let function = theirs.bind_with("work", "hi".to_owned(), async |hello, name: String| format!("{hello} {name}"));
    let lambda = Client::new(&theirs.sdk_config());
    let role = ROLE.replace("111111111111", "222222222222");
    create(&lambda, "work").role(role).send().await.unwrap();
    assert_eq!(function.invoke::<String>("ada").await, "hi ada");

    create(&Client::new(&cloud.sdk_config()), "work").send().await.unwrap();
    let own = cloud.bind_in("work", || double);
    assert_eq!(own.invoke::<u32>(1).await, 2);
    let refused = cloud.own_account().try_bind("no name", double).unwrap_err().to_string();
    assert!(refused.contains("no name") && refused.contains("1 to 64 letters"), "{refused}");
}

#[tokio::test]
async fn a_function_without_code_says_so_whoever_invokes_it() {
    let cloud = Cloud::start();
    let lambda = Client::new(&cloud.sdk_config());
    create(&lambda, "work").publish(true).send().await.unwrap();
    let said =
        "work was created through the API and has no code to run here: give it some by cloud.bind(\"work\", handler)";
    for name in ["work", "work:1"] {
        let failed = lambda.invoke().function_name(name).send().await.unwrap();
        assert_eq!(failed.function_error(), Some("Unhandled"));
        let error: Value = serde_json::from_slice(failed.payload().unwrap().as_ref()).unwrap();
        assert_eq!(error, json!({ "errorType": "Runtime.InvalidEntrypoint", "errorMessage": said }));
    }
    lambda.put_function_event_invoke_config().function_name("work").maximum_retry_attempts(0).send().await.unwrap();
    let queued = lambda.invoke().function_name("work").invocation_type(InvocationType::Event);
    queued.send().await.unwrap();
    let report = cloud.settle().await;
    assert_eq!(report.failures.len(), 1, "{report}");
    assert!(report.failures[0].error.to_string().contains("cloud.bind"), "{report}");

    // The version that had no code gets it too, and is still the only one.
    cloud.bind("work", double);
    let ran = lambda.invoke().function_name("work:1").payload(Blob::new("4")).send().await.unwrap();
    assert_eq!(ran.payload().unwrap().as_ref(), b"8");
    let again = lambda.publish_version().function_name("work").send().await.unwrap();
    assert_eq!(again.version(), Some("1"));
}

#[tokio::test]
async fn an_answer_has_the_recorded_members_and_a_true_hash() {
    let cloud = Cloud::start();
    let body = json!({
        "FunctionName": "work",
        "Role": ROLE,
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Code": { "ZipFile": STANDARD.encode("abc") },
        "Environment": { "Variables": {} },
        // What is so anyhow may be said.
        "EphemeralStorage": { "Size": 512 },
        "TracingConfig": { "Mode": "PassThrough" },
        "PackageType": "Zip",
    });
    let raw = Raw::new("lambda", "POST", "/2015-03-31/functions").header("content-type", "application/json");
    let answer = raw.body(body.to_string()).signed(&cloud).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let created: Value = serde_json::from_str(&answer.body).unwrap();
    let recorded = json!({
        "Architectures": ["x86_64"],
        "CodeSha256": SHA256,
        "CodeSize": 3,
        "Description": "",
        "Environment": { "Variables": {} },
        "EphemeralStorage": { "Size": 512 },
        "FunctionArn": ARN,
        "FunctionName": "work",
        "Handler": "bootstrap",
        "LastModified": "2026-01-01T00:00:00.000+0000",
        "LoggingConfig": { "LogFormat": "Text", "LogGroup": "/aws/lambda/work" },
        "MemorySize": 128,
        "PackageType": "Zip",
        "RevisionId": "<uuid>",
        "Role": ROLE,
        "Runtime": "provided.al2023",
        // Recorded beside these: the `RuntimeVersionConfig`, which nothing here has.
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
        "Timeout": 3,
        "TracingConfig": { "Mode": "PassThrough" },
        "Version": "$LATEST",
    });
    assert_shape(&created, &recorded);
    let got = Raw::new("lambda", "GET", "/2015-03-31/functions/work/configuration").signed(&cloud).await.body;
    let mut active = recorded;
    for gone in ["StateReason", "StateReasonCode"] {
        active.as_object_mut().unwrap().remove(gone);
    }
    (active["State"], active["LastUpdateStatus"]) = (json!("Active"), json!("Successful"));
    assert_shape(&serde_json::from_str(&got).unwrap(), &active);
}

#[tokio::test]
async fn what_is_given_is_set_and_a_name_is_taken_once() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let variables = Environment::builder().variables("TABLE", "users").build();
        let given = create(&lambda, ARN).memory_size(512).description("works").environment(variables);
        let given = given.tags("team", "a").architectures(Architecture::Arm64).publish(true);
        let created = given.send().await.unwrap();
        assert_eq!((created.version(), created.function_arn()), (Some("1"), Some(ARN)));
        assert_eq!(created.state(), Some(&State::Pending));
        let got = lambda.get_function().function_name("work").send().await.unwrap();
        let set = got.configuration().unwrap();
        assert_eq!((set.memory_size(), set.description()), (Some(512), Some("works")));
        assert_eq!(set.environment().unwrap().variables().unwrap()["TABLE"], "users");
        assert_eq!((set.architectures(), set.role()), (&[Architecture::Arm64][..], Some(ROLE)));
        assert_eq!(got.tags(), Some(&HashMap::from([("team".to_owned(), "a".to_owned())])));

        let again = create(&lambda, "work").send().await;
        assert_eq!(message(again), "Function already exist: work");
        cloud.function("by-handle", double);
        let taken = create(&lambda, "by-handle").send().await;
        assert_eq!(refusal(taken), "409 ResourceConflictException");
        let theirs = create(&lambda, &ARN.replace("111111111111", "222222222222")).send().await;
        assert_eq!(refusal(theirs), "403 AccessDeniedException");
    })
    .await;
}

#[tokio::test]
async fn what_no_function_may_be_is_refused_and_makes_none() {
    let cloud = Cloud::start();
    let post = async |change: Value| {
        let mut body = json!({
            "FunctionName": "work",
            "Role": ROLE,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Code": { "ZipFile": STANDARD.encode("abc") },
        });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let raw = Raw::new("lambda", "POST", "/2015-03-31/functions").header("content-type", "application/json");
        let answer = raw.body(body.to_string()).signed(&cloud).await;
        (answer.refusal(), answer.body)
    };
    for name in [
        "CapacityProviderConfig",
        "CodeSigningConfigArn",
        "DurableConfig",
        "EphemeralStorage",
        "FileSystemConfigs",
        "ImageConfig",
        "KMSKeyArn",
        "Layers",
        "LoggingConfig",
        "PublishTo",
        "SnapStart",
        "TenancyConfig",
        "TracingConfig",
        "VpcConfig",
    ] {
        let (refused, body) = post(json!({ name: { "Any": "thing" } })).await;
        assert_eq!(refused, "400 NotImplemented", "{name}");
        assert!(body.contains(&format!("{name} of CreateFunction")), "{body}");
    }
    let (invalid, parameter, unsupported) =
        ("400 ValidationException", "400 InvalidParameterValueException", "400 NotImplemented");
    let variables = |value: &str| json!({ "Variables": { "LARGE": value } });
    let queue = "arn:aws:sqs:us-east-1:111111111111:absent";
    let tags: serde_json::Map<String, Value> = (0..51).map(|number| (format!("k{number}"), json!(""))).collect();
    for (change, code, words) in [
        (json!({ "FunctionName": null }), invalid, "Value null at 'functionName'"),
        (json!({ "FunctionName": "" }), invalid, "Value '' at 'functionName'"),
        (json!({ "FunctionName": "no spaces" }), invalid, "regular expression pattern"),
        (json!({ "FunctionName": "x".repeat(65) }), invalid, "length less than or equal to 64"),
        (json!({ "FunctionName": "work:1" }), parameter, "without a qualifier"),
        (json!({ "FunctionName": ARN.replace("us-east-1", "eu-west-1") }), parameter, "not reachable in this region"),
        (json!({ "Role": null }), invalid, "Value null at 'role'"),
        (json!({ "Role": "work-role" }), invalid, "Value 'work-role' at 'role'"),
        (json!({ "Role": "arn:aws:iam::111111111111:user/work" }), invalid, "at 'role'"),
        (json!({ "Code": null }), invalid, "Value null at 'code'"),
        (json!({ "Code": {} }), parameter, "Please provide a source for function code."),
        (json!({ "Code": { "ZipFile": "" } }), parameter, "non-empty zip"),
        (json!({ "Code": { "ZipFile": "a b" } }), "400 SerializationException", "not Base64"),
        (json!({ "Code": { "ImageUri": "image" } }), unsupported, "ImageUri of CreateFunction"),
        (json!({ "Code": { "S3Bucket": "code" } }), parameter, "Please provide a source for function code."),
        (json!({ "Code": { "S3Bucket": "code", "S3Key": "a" } }), parameter, "S3 Error Code: NoSuchBucket"),
        (json!({ "Code": { "S3Bucket": "code", "S3Key": "a", "ZipFile": "YQ==" } }), parameter, "do not provide other"),
        (json!({ "Runtime": null }), parameter, "Runtime and Handler are mandatory parameters"),
        (json!({ "Handler": null }), parameter, "Runtime and Handler are mandatory parameters"),
        (json!({ "Runtime": "cobol" }), invalid, "Value 'cobol' at 'runtime'"),
        (json!({ "Handler": "a b" }), invalid, "Value 'a b' at 'handler'"),
        (json!({ "Handler": "h".repeat(129) }), invalid, "length less than or equal to 128"),
        (json!({ "Timeout": 0 }), invalid, "Value '0' at 'timeout'"),
        (json!({ "Timeout": 901 }), invalid, "less than or equal to 900"),
        (json!({ "MemorySize": 127 }), invalid, "greater than or equal to 128"),
        (json!({ "MemorySize": 10_241 }), invalid, "less than or equal to 10240"),
        (json!({ "Timeout": 0, "MemorySize": 1 }), invalid, "2 validation errors detected"),
        (json!({ "Description": "x".repeat(257) }), invalid, "length less than or equal to 256"),
        (json!({ "PackageType": "Jar" }), invalid, "Value 'Jar' at 'packageType'"),
        (json!({ "PackageType": "Image" }), unsupported, "PackageType Image"),
        (json!({ "Architectures": ["mips"] }), invalid, "at 'architectures'"),
        (json!({ "Architectures": ["arm64", "x86_64"] }), invalid, "at 'architectures'"),
        (json!({ "Environment": variables(&"x".repeat(4_096)) }), parameter, "exceeded the 4KB limit"),
        (json!({ "Environment": { "Variables": { "AWS_REGION": "a" } } }), parameter, "Reserved keys"),
        (json!({ "DeadLetterConfig": { "TargetArn": queue } }), parameter, "there is no such queue"),
        (json!({ "DeadLetterConfig": { "TargetArn": "dead" } }), invalid, "at 'deadLetterConfig.targetArn'"),
        (json!({ "Tags": { "aws:x": "" } }), parameter, "AWS's own"),
        (json!({ "Tags": tags }), parameter, "at most 50 tags"),
        (json!({ "Timeout": "soon" }), "400 SerializationException", "soon"),
    ] {
        let (refused, body) = post(change.clone()).await;
        assert_eq!(refused, code, "{change}: {body}");
        assert!(body.contains(words), "{words}: {body}");
    }
    let lambda = Client::new(&cloud.sdk_config());
    assert!(lambda.list_functions().send().await.unwrap().functions().is_empty());
    let told = "lambda CreateFunction work → 400 InvalidParameterValueException: The dead-letter target";
    assert!(cloud.timeline().contains(told), "{}", cloud.timeline());
}

#[tokio::test]
async fn new_code_has_another_hash_and_new_environments() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let function = cloud.bind("work", double);
        let first = create(&lambda, "work").send().await.unwrap();
        function.invoke::<u32>(1).await;
        let update = || lambda.update_function_code().function_name("work").zip_file(Blob::new("abcd"));
        let dry = update().dry_run(true).send().await.unwrap();
        assert_eq!(dry.code_size(), 4);
        let kept = lambda.get_function_configuration().function_name("work").send().await.unwrap();
        assert_eq!(
            (kept.code_sha256(), kept.revision_id()),
            (Some(SHA256), first.revision_id()),
            "a dry run does nothing"
        );

        let stale = update().revision_id("11111111-2222-4333-8444-555555555555").send().await;
        assert_eq!(refusal(stale), "412 PreconditionFailedException");
        let updated = update().revision_id(kept.revision_id().unwrap()).send().await.unwrap();
        assert_eq!((updated.code_size(), updated.version()), (4, Some("$LATEST")));
        assert_ne!((updated.code_sha256(), updated.revision_id()), (first.code_sha256(), first.revision_id()));
        assert_eq!(function.invoke::<u32>(1).await, 2, "the handler that is bound");
        let environments: Vec<_> = function.invocations().iter().map(|run| run.info().environment).collect();
        assert_eq!(environments, [1, 2]);

        let published = update().zip_file(Blob::new("abcde")).publish(true).send().await.unwrap();
        assert_eq!((published.version(), published.function_arn()), (Some("1"), Some(ARN)));
        assert_eq!(published.code_size(), 5);
        assert_eq!(
            refusal(lambda.update_function_code().function_name("work").send().await),
            "400 InvalidParameterValueException"
        );
        let from_s3 =
            |bucket: &str| lambda.update_function_code().function_name("work").s3_bucket(bucket).s3_key("a.zip").send();
        let begin = "Error occurred while GetObject. S3 Error Code:";
        assert!(message(from_s3("code").await).starts_with(&format!("{begin} NoSuchBucket.")));
        cloud.bucket("code").put("a.zip", "abc");
        assert_eq!(from_s3("code").await.unwrap().code_sha256(), Some(SHA256));
        cloud.account("222222222222").bucket("theirs").put("a.zip", "abc");
        assert!(message(from_s3("theirs").await).starts_with(&format!("{begin} AccessDenied.")));
        cloud.region("eu-west-1").bucket("far").put("a.zip", "abc");
        assert!(message(from_s3("far").await).starts_with(&format!("{begin} PermanentRedirect.")));
        let absent = lambda.update_function_code().function_name("absent").zip_file(Blob::new("a")).send().await;
        assert_eq!(refusal(absent), "404 ResourceNotFoundException");
        let version = lambda.update_function_code().function_name("work:1").zip_file(Blob::new("a")).send().await;
        assert!(message(version).starts_with("This operation is permitted on Lambda functions only."));
    })
    .await;
}

#[tokio::test]
async fn a_configuration_is_updated_by_whoever_has_seen_the_last_one() {
    let cloud = Cloud::start();
    let lambda = Client::new(&cloud.sdk_config());
    let created = create(&lambda, "work").send().await.unwrap();
    let update = || lambda.update_function_configuration().function_name("work").runtime(Runtime::Providedal2);
    let updated = update().handler("main").revision_id(created.revision_id().unwrap()).send().await.unwrap();
    assert_eq!((updated.runtime(), updated.handler()), (Some(&Runtime::Providedal2), Some("main")));
    assert_eq!((updated.role(), updated.code_sha256()), (Some(ROLE), Some(SHA256)));
    let stale = update().revision_id(created.revision_id().unwrap()).send().await;
    assert_eq!(refusal(stale), "412 PreconditionFailedException");
    assert_eq!(refusal(update().role("nobody").send().await), "400 ValidationException");
}
