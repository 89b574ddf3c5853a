//! Policies of functions by the AWS SDK for Rust: what is added, told and taken away, and whom it lets in.
use crate::common::{both_ways, let_s3_invoke, message, refusal};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::add_permission::builders::AddPermissionFluentBuilder as Add;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_s3::types::{Event, LambdaFunctionConfiguration, NotificationConfiguration};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use lambda_testkit::prelude::*;
use lambda_testkit::{Cloud, CloudError, Function};
use serde_json::{Value, json};

fn echo(cloud: &Cloud) -> Function {
    cloud.function("echo", async |event: Value| event)
}

fn add(config: &SdkConfig, id: &str, principal: &str) -> Add {
    let add = Client::new(config).add_permission().function_name("echo").statement_id(id);
    add.action("lambda:InvokeFunction").principal(principal)
}

async fn policy(config: &SdkConfig, function: &str) -> (Value, String) {
    let got = Client::new(config).get_policy().function_name(function).send().await.unwrap();
    (serde_json::from_str(got.policy().unwrap()).unwrap(), got.revision_id().unwrap().to_owned())
}

#[tokio::test]
async fn statements_are_added_told_and_taken_away() {
    both_ways(async |cloud, config| {
        let lambda = Client::new(&config);
        let arn = echo(cloud).arn().to_string();
        let none = || lambda.get_policy().function_name("echo").send();
        assert_eq!(refusal(none().await), "404 ResourceNotFoundException");
        assert_eq!(message(none().await), "The resource you requested does not exist.");

        let added =
            add(&config, "s3", "s3.amazonaws.com").source_arn("arn:aws:s3:::box").source_account("111111111111");
        let added = added.send().await.unwrap();
        let first = json!({
            "Sid": "s3",
            "Effect": "Allow",
            "Principal": { "Service": "s3.amazonaws.com" },
            "Action": "lambda:InvokeFunction",
            "Resource": arn,
            "Condition": {
                "StringEquals": { "AWS:SourceAccount": "111111111111" },
                "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::box" },
            },
        });
        assert_eq!(serde_json::from_str::<Value>(added.statement().unwrap()).unwrap(), first);
        let (whole, revision) = policy(&config, &arn).await;
        assert_eq!(whole, json!({ "Version": "2012-10-17", "Id": "default", "Statement": [first] }));

        let org = add(&config, "org", "*").principal_org_id("o-a1b2c3d4e5").event_source_token("t.1");
        org.revision_id(&revision).send().await.unwrap();
        let (whole, second) = policy(&config, "echo").await;
        assert_ne!(second, revision);
        assert_eq!(whole["Statement"][1]["Principal"], "*");
        let equals = json!({ "aws:PrincipalOrgID": "o-a1b2c3d4e5", "lambda:EventSourceToken": "t.1" });
        assert_eq!(whole["Statement"][1]["Condition"], json!({ "StringEquals": equals }));

        let remove = |id: &str| lambda.remove_permission().function_name("echo").statement_id(id);
        let stale = remove("s3").revision_id(&revision).send().await;
        assert_eq!(refusal(stale), "412 PreconditionFailedException");
        assert_eq!(message(remove("nope").send().await), "Statement nope is not found in resource policy.");
        remove("s3").revision_id(&second).send().await.unwrap();
        assert_eq!(policy(&config, "echo").await.0["Statement"].as_array().unwrap().len(), 1);
        remove("org").send().await.unwrap();
        assert_eq!(refusal(none().await), "404 ResourceNotFoundException");
        assert_eq!(message(remove("org").send().await), "No policy is associated with the given resource.");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_permission_is_refused_in_the_words_of_aws() {
    both_ways(async |cloud, config| {
        echo(cloud);
        add(&config, "there", "*").send().await.unwrap();
        let at = |member: &str, value: &str| format!("Value '{value}' at '{member}' failed to satisfy constraint: ");
        let add = |id: &str, principal: &str| add(&config, id, principal);
        for (request, code, words) in [
            (
                add("there", "*"),
                "409 ResourceConflictException",
                "The statement id (there) provided already exists. ".into(),
            ),
            (add("a b", "*"), "400 ValidationException", at("statementId", "a b")),
            (add(&"x".repeat(101), "*"), "400 ValidationException", at("statementId", &"x".repeat(101))),
            (add("s", "*").action("s3:GetObject"), "400 ValidationException", at("action", "s3:GetObject")),
            (add("s", "*").action("lambda:"), "400 ValidationException", at("action", "lambda:")),
            (add("s", "a b"), "400 ValidationException", at("principal", "a b")),
            (add("s", "*").source_arn("box"), "400 ValidationException", at("sourceArn", "box")),
            (add("s", "*").source_account("1"), "400 ValidationException", at("sourceAccount", "1")),
            (add("s", "*").principal_org_id("o-1"), "400 ValidationException", at("principalOrgID", "o-1")),
            (add("s", "*").event_source_token("a b"), "400 ValidationException", at("eventSourceToken", "a b")),
            (add("s", "s3"), "400 InvalidParameterValueException", "The provided principal was invalid.".into()),
            (
                add("s", "arn:aws:s3:::box"),
                "400 InvalidParameterValueException",
                "The provided principal was invalid.".into(),
            ),
            (
                add("s", "*").qualifier("$LATEST"),
                "400 InvalidParameterValueException",
                "We currently do not support adding".into(),
            ),
            (add("s", "*").qualifier("live"), "404 ResourceNotFoundException", "Function not found: ".into()),
            (
                add("s", "*").function_name("nope"),
                "404 ResourceNotFoundException",
                "Function not found: arn:aws:lambda:".into(),
            ),
            (
                add("s", "*").revision_id("x"),
                "412 PreconditionFailedException",
                "The Revision Id provided does not match".into(),
            ),
            (
                add("s", "*").function_url_auth_type("NONE".into()),
                "400 NotImplemented",
                "lambda-testkit does not support".into(),
            ),
        ] {
            let error = request.send().await.expect_err(&words);
            let text = error.message().unwrap_or_default().to_owned();
            assert!(text.contains(&words), "{words}: {text}");
            assert_eq!(refusal(Err::<(), _>(error)), code, "{words}");
        }
        assert_eq!(policy(&config, "echo").await.0["Statement"].as_array().unwrap().len(), 1, "nothing was added");
        let lambda = Client::new(&config);
        let gone = lambda.get_policy().function_name("nope").send().await;
        assert_eq!(message(gone), "The resource you requested does not exist.");
        let gone = lambda.get_policy().function_name("echo").qualifier("live").send().await;
        assert_eq!(refusal(gone), "404 ResourceNotFoundException");
        let gone = lambda.remove_permission().function_name("nope").statement_id("s").send().await;
        assert_eq!(refusal(gone), "404 ResourceNotFoundException");
    })
    .await;
}

#[tokio::test]
async fn another_account_is_let_in_by_a_statement_that_names_it() {
    let cloud = Cloud::start();
    let config = cloud.sdk_config();
    let arn = echo(&cloud).arn().to_string();
    let partner = cloud.account("222222222222");
    let theirs = Client::new(&partner.sdk_config());
    let invoke = async |kind: InvocationType| {
        let invoke = theirs.invoke().function_name(&arn).invocation_type(kind).payload(b"1".to_vec().into());
        invoke.send().await.map(|answer| answer.status_code())
    };
    let user = message(invoke(InvocationType::DryRun).await);
    let user = user.strip_prefix("User: ").unwrap().split(' ').next().unwrap().to_owned();
    let end = " because no resource-based policy allows the lambda:InvokeFunction action";
    let lets_in = [
        ("222222222222", true),
        ("arn:aws:iam::222222222222:root", true),
        (&user, true),
        ("*", true),
        ("333333333333", false),
        ("arn:aws:iam::222222222222:user/other", false),
        ("s3.amazonaws.com", false),
    ];
    for (principal, allowed) in lets_in {
        add(&config, "them", principal).send().await.unwrap();
        for (kind, status) in
            [(InvocationType::RequestResponse, 200), (InvocationType::Event, 202), (InvocationType::DryRun, 204)]
        {
            let answer = invoke(kind.clone()).await;
            if allowed {
                assert_eq!(answer.unwrap(), status, "{principal} {kind}");
            } else {
                let why = message(answer);
                let start =
                    format!("User: {user} is not authorized to perform: lambda:InvokeFunction on resource: {arn}");
                assert_eq!(why, format!("{start}{end}"), "{principal} {kind}");
            }
        }
        // The permission is for this one action.
        assert_eq!(refusal(theirs.get_function().function_name(&arn).send().await), "403 AccessDeniedException");
        let remove = Client::new(&config).remove_permission().function_name("echo").statement_id("them");
        remove.send().await.unwrap();
    }
    assert_eq!(refusal(invoke(InvocationType::DryRun).await), "403 AccessDeniedException");
    add(&config, "read", "222222222222").action("lambda:GetFunction").send().await.unwrap();
    theirs.get_function().function_name(&arn).send().await.unwrap();
    assert_eq!(refusal(invoke(InvocationType::DryRun).await), "403 AccessDeniedException");
    cloud.settle().await.assert_ok();
}

#[tokio::test]
async fn a_function_of_another_account_needs_its_role_and_the_policy() {
    let cloud = Cloud::start();
    let callee = echo(&cloud);
    let partner = cloud.account("222222222222");
    let (lambda, arn) = (Client::new(&partner.sdk_config()), callee.arn().to_string());
    let target = arn.clone();
    let calls = partner.function_with("calls", (lambda, target), async |(lambda, target), _: Value| {
        lambda.invoke().function_name(target).payload(b"1".to_vec().into()).send().await.map(drop)
    });
    let why = async || {
        calls.try_invoke::<Value>(()).await.err().map(|_| {
            let refused = cloud.explain().decisions().last().cloned().unwrap();
            assert_eq!((&*refused.trigger, &*refused.trigger_id), ("222222222222 → echo", "invoke"));
            refused.missed.unwrap()
        })
    };
    assert!(why().await.unwrap().ends_with("because no resource-based policy allows the lambda:InvokeFunction action"));
    callee.invokable_by(&partner).invokable_by(&partner);
    assert_eq!(why().await, None);
    calls.role(json!({ "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } }));
    let denied = why().await.unwrap();
    assert!(
        denied.contains("assumed-role/calls-role/calls") && denied.contains("no identity-based policy"),
        "{denied}"
    );
    let (whole, _) = policy(&cloud.sdk_config(), "echo").await;
    assert_eq!(whole["Statement"].as_array().unwrap().len(), 1, "what is allowed already is not allowed once more");
    assert_eq!(whole["Statement"][0]["Sid"], "account-222222222222");
    assert_eq!(whole["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::222222222222:root");
    let other = Cloud::start();
    let error = callee.try_invokable_by(&other.account("222222222222")).unwrap_err();
    assert!(matches!(error, CloudError::Setting { name: "account", .. }), "{error}");
}

fn notifies(function: &Function) -> NotificationConfiguration {
    let rule = LambdaFunctionConfiguration::builder().id("r").lambda_function_arn(function.arn().to_string());
    let rule = rule.events(Event::S3ObjectCreated).build().unwrap();
    NotificationConfiguration::builder().lambda_function_configurations(rule).build()
}

#[tokio::test]
async fn s3_needs_the_permission_when_it_is_configured_and_when_it_delivers() {
    both_ways(async |cloud, config| {
        let (bucket, function) = (cloud.bucket("export"), echo(cloud));
        cloud.bucket("other");
        let s3 = aws_sdk_s3::Client::new(&config);
        let put = |bucket: &str| {
            let put = s3.put_bucket_notification_configuration().bucket(bucket);
            put.notification_configuration(notifies(&function)).send()
        };
        let words = "Unable to validate the following destination configurations";
        assert_eq!(message(put("export").await), words);
        let skipped = s3.put_bucket_notification_configuration().bucket("other").skip_destination_validation(true);
        skipped.notification_configuration(notifies(&function)).send().await.unwrap();
        let_s3_invoke(&config, "echo", "export").await;
        put("export").await.unwrap();
        assert_eq!(message(put("other").await), words, "it is for one bucket");

        bucket.put("a", "1");
        cloud.settle().await.assert_ok();
        assert_eq!(function.events().len(), 1);
        let remove = Client::new(&config).remove_permission().function_name("echo").statement_id("s3-export");
        remove.send().await.unwrap();
        bucket.put("b", "1");
        cloud.bucket("other").put("c", "1");
        cloud.settle().await.assert_ok();
        assert_eq!(function.events().len(), 1);
        let lost = "lost: User: s3.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: \
                    arn:aws:lambda:us-east-1:111111111111:function:echo because no resource-based policy allows the \
                    lambda:InvokeFunction action";
        let timeline = cloud.timeline().to_string();
        assert_eq!(timeline.matches(lost).count(), 2, "{timeline}");
        let explanation = cloud.explain();
        let hindered: Vec<_> = explanation.decisions().iter().map(|decision| decision.hindered.is_some()).collect();
        assert_eq!(hindered, [false, true, true], "{explanation}");
        let stands = &explanation.standings()[0];
        assert_eq!(
            stands.to_string(),
            format!("now export → echo: S3 cannot deliver: Not authorized to invoke function [{}]", function.arn())
        );
    })
    .await;
}

#[tokio::test]
async fn the_verbs_permit_what_they_need_once_and_tell_it() {
    let cloud = Cloud::start();
    let (config, echo) = (cloud.sdk_config(), echo(&cloud));
    let (bucket, partner) = (cloud.bucket("ex.port"), cloud.account("222222222222"));
    let (theirs, queue) = (partner.bucket("theirs"), cloud.queue("q"));
    bucket.notify(&echo, on(ObjectCreated).suffix(".csv"));
    bucket.notify(&echo, on(ObjectCreated).suffix(".txt"));
    theirs.notify(&echo, on(ObjectCreated));
    let rule = cloud.rule("night.ly", "rate(1 hour)").trigger(&echo);
    cloud.schedule("daily", "rate(1 day)").trigger(&echo);
    queue.trigger(&echo, batch(1));
    let (whole, _) = policy(&config, "echo").await;
    let told: Vec<_> = whole["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let condition = |operator: &str, key: &str| one["Condition"][operator][key].as_str().unwrap();
            let sid = one["Sid"].as_str().unwrap();
            let service = one["Principal"]["Service"].as_str().unwrap();
            (sid, service, condition("ArnLike", "AWS:SourceArn"), condition("StringEquals", "AWS:SourceAccount"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("s3-ex_port", "s3.amazonaws.com", "arn:aws:s3:::ex.port", "111111111111"),
            ("s3-theirs", "s3.amazonaws.com", "arn:aws:s3:::theirs", "222222222222"),
            (
                "events-night_ly",
                "events.amazonaws.com",
                "arn:aws:events:us-east-1:111111111111:rule/night.ly",
                "111111111111"
            ),
        ]
    );
    // Another rule whose name makes the same id.
    cloud.rule("night_ly", "rate(1 hour)").trigger(&echo).stop();
    assert_eq!(policy(&config, "echo").await.0["Statement"][3]["Sid"], "events-night_ly-2");

    bucket.put("a.csv", "1");
    theirs.put("b", "1");
    rule.fire_now();
    cloud.settle().await.assert_ok();
    assert_eq!(echo.events().len(), 4, "and the schedule at once");
    for id in ["s3-theirs", "events-night_ly"] {
        Client::new(&config).remove_permission().function_name("echo").statement_id(id).send().await.unwrap();
    }
    theirs.put("c", "1");
    rule.fire_now();
    cloud.settle().await.assert_ok();
    assert_eq!(echo.events().len(), 4);
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("lost: User: events.amazonaws.com is not authorized"), "{timeline}");
    assert!(
        cloud.explain().to_string().contains("now night.ly → echo: cannot start its function: User: events"),
        "{}",
        cloud.explain()
    );

    // What was refused has left nothing.
    let fresh = cloud.function("fresh", async |_: Value| {});
    bucket.try_notify(&fresh, on(ObjectCreated).suffix("v")).unwrap_err();
    let none = Client::new(&config).get_policy().function_name("fresh").send().await;
    assert_eq!(refusal(none), "404 ResourceNotFoundException");
}
