//! Who may do what: keys of another account, unknown keys, wrong secrets and wrong clocks, as each service answers them.
use crate::common;

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{LambdaFunctionConfiguration, NotificationConfiguration};
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use common::signed::Raw;
use common::{both_ways, in_region, message, over_socket, refusal};
use jiff::{SignedDuration, Timestamp};
use lambda_testkit::Cloud;
use lambda_testkit::event::Region;
use serde_json::{Value, json};

/// The same clients, which sign with this key.
fn with_key(config: &SdkConfig, id: &str, secret: &str) -> SdkConfig {
    let credentials = Credentials::new(id, secret, None, None, "a test");
    config.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build()
}

/// How each service refuses a client of this configuration: S3, SQS and Lambda.
async fn refusals(config: &SdkConfig) -> [String; 3] {
    let s3 = aws_sdk_s3::Client::new(config);
    let sqs = aws_sdk_sqs::Client::new(config);
    let lambda = aws_sdk_lambda::Client::new(config);
    let put = s3.put_object().bucket("export").key("a").body(ByteStream::from_static(b"x")).send().await;
    let send = sqs.send_message().queue_url("http://127.0.0.1/111111111111/alarms").message_body("x").send().await;
    let invoke = lambda.invoke().function_name("111111111111:function:echo").send().await;
    [refusal(put), refusal(send), refusal(invoke)]
}

/// A bucket, a queue and a function of the cloud's own account.
fn furnish(cloud: &Cloud) {
    cloud.bucket("export");
    cloud.queue("alarms");
    cloud.function("echo", async |event: Value| Ok::<_, String>(event));
}

/// Nothing of what was refused was stored or run.
async fn assert_untouched(cloud: &Cloud) {
    cloud.settle().await.assert_ok();
    assert!(cloud.bucket("export").keys().is_empty());
    assert!(cloud.queue("alarms").messages().is_empty());
    assert!(!cloud.timeline().to_string().contains("invoke echo"), "{}", cloud.timeline());
}

#[tokio::test]
async fn the_keys_of_another_account_open_nothing() {
    both_ways(async |cloud, config| {
        furnish(cloud);
        let partner = cloud.account("222222222222").access_key();
        let theirs = with_key(&config, &partner.id, &partner.secret);
        assert_eq!(refusals(&theirs).await, ["403 AccessDenied", "403 AccessDenied", "403 AccessDeniedException"]);
        assert_untouched(cloud).await;
    })
    .await;
}

#[tokio::test]
async fn every_operation_on_anothers_bucket_is_denied() {
    both_ways(async |cloud, config| {
        let bucket = cloud.bucket("export");
        bucket.put("a", "secret");
        let partner = cloud.account("222222222222").access_key();
        let s3 = aws_sdk_s3::Client::new(&with_key(&config, &partner.id, &partner.secret));
        cloud.account("222222222222").bucket("theirs");
        assert_eq!(refusal(s3.get_object().bucket("export").key("a").send().await), "403 AccessDenied");
        assert!(refusal(s3.head_object().bucket("export").key("a").send().await).starts_with("403"));
        assert_eq!(refusal(s3.list_objects_v2().bucket("export").send().await), "403 AccessDenied");
        assert_eq!(refusal(s3.delete_object().bucket("export").key("a").send().await), "403 AccessDenied");
        assert_eq!(refusal(s3.delete_bucket().bucket("export").send().await), "403 AccessDenied");
        let copy = s3.copy_object().bucket("theirs").key("a").copy_source("export/a").send().await;
        assert_eq!(refusal(copy), "403 AccessDenied");
        let create = s3.create_bucket().bucket("export").send().await;
        assert!(create.unwrap_err().into_service_error().is_bucket_already_exists());
        assert!(s3.list_buckets().send().await.unwrap().buckets().iter().all(|bucket| bucket.name() == Some("theirs")));
        assert_eq!(bucket.text("a"), "secret");
        assert!(cloud.account("222222222222").bucket("theirs").keys().is_empty());
    })
    .await;
}

#[tokio::test]
async fn each_account_has_queues_and_functions_of_its_own() {
    both_ways(async |cloud, config| {
        furnish(cloud);
        let partner = cloud.account("222222222222");
        let key = partner.access_key();
        let theirs = with_key(&config, &key.id, &key.secret);
        let (sqs, lambda) = (aws_sdk_sqs::Client::new(&theirs), aws_sdk_lambda::Client::new(&theirs));
        assert!(sqs.list_queues().send().await.unwrap().queue_urls().is_empty());
        let of_owner = sqs.get_queue_url().queue_name("alarms").queue_owner_aws_account_id("111111111111").send().await;
        assert_eq!(refusal(of_owner), "403 AccessDenied");
        let own = sqs.create_queue().queue_name("alarms").attributes(QueueAttributeName::DelaySeconds, "1");
        let own = own.send().await.unwrap().queue_url.unwrap();
        assert!(own.ends_with("/222222222222/alarms"));

        let missing = lambda.invoke().function_name("echo").send().await;
        assert_eq!(refusal(missing), "404 ResourceNotFoundException");
        partner.function("echo", async |_: Value| Ok::<_, String>("theirs"));
        let output = lambda.invoke().function_name("echo").send().await.unwrap();
        assert_eq!(output.payload().unwrap().as_ref(), b"\"theirs\"");
    })
    .await;
}

#[tokio::test]
async fn a_bucket_notifies_functions_of_another_account_only_if_they_permit_it() {
    let cloud = Cloud::start();
    furnish(&cloud);
    let theirs = cloud.account("222222222222").function("seen", async |_: Value| Ok::<_, String>(()));
    let rule = LambdaFunctionConfiguration::builder().lambda_function_arn(theirs.arn().to_string());
    let rule = rule.events(aws_sdk_s3::types::Event::S3ObjectCreated).build().unwrap();
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let put = s3.put_bucket_notification_configuration().bucket("export");
    let put = put
        .notification_configuration(NotificationConfiguration::builder().lambda_function_configurations(rule).build());
    assert_eq!(refusal(put.send().await), "400 InvalidArgument");
    let got = s3.get_bucket_notification_configuration().bucket("export").send().await.unwrap();
    assert!(got.lambda_function_configurations().is_empty());
    cloud.bucket("export").notify(&theirs, lambda_testkit::on(lambda_testkit::ObjectEvents::ObjectCreated));
    cloud.bucket("export").put("a", "");
    cloud.settle().await.assert_ok();
    assert_eq!(theirs.events().len(), 1);
}

#[tokio::test]
async fn what_is_not_allowed_names_the_caller_in_the_partition_of_the_cloud() {
    let cloud = Cloud::builder().region(Region::new("cn-north-1").unwrap()).start();
    furnish(&cloud);
    let partner = cloud.account("222222222222").access_key();
    let theirs = with_key(&cloud.sdk_config(), &partner.id, &partner.secret);
    let lambda = aws_sdk_lambda::Client::new(&theirs);
    let denied = message(lambda.invoke().function_name("111111111111:function:echo").send().await);
    let (user, rest) = denied.split_once(" is not authorized to perform: ").unwrap();
    assert!(user.starts_with("User: arn:aws-cn:iam::222222222222:user/AIDA"), "{user}");
    assert_eq!(
        rest,
        "lambda:InvokeFunction on resource: arn:aws-cn:lambda:cn-north-1:111111111111:function:echo because no \
         resource-based policy allows the lambda:InvokeFunction action"
    );
    let sqs = aws_sdk_sqs::Client::new(&theirs);
    let send = sqs.send_message().queue_url("http://127.0.0.1/111111111111/alarms").message_body("x").send().await;
    assert!(message(send).starts_with(user), "SQS names the same caller");

    let own = aws_sdk_lambda::Client::new(&cloud.sdk_config());
    let call = |partition: &str| {
        let arn = format!("arn:{partition}:lambda:cn-north-1:111111111111:function:echo");
        own.invoke().function_name(arn).send()
    };
    assert_eq!(call("aws-cn").await.unwrap().status_code(), 200);
    assert_eq!(refusal(call("aws").await), "400 InvalidParameterValueException");
}

#[tokio::test]
async fn a_signature_for_another_region_reaches_what_is_there_and_nothing_else() {
    both_ways(async |cloud, config| {
        furnish(cloud);
        let ireland = cloud.region("eu-west-1");
        let there = in_region(&config, "eu-west-1");
        let (sqs, lambda) = (aws_sdk_sqs::Client::new(&there), aws_sdk_lambda::Client::new(&there));
        assert!(sqs.list_queues().send().await.unwrap().queue_urls().is_empty());
        assert_eq!(refusal(lambda.invoke().function_name("echo").send().await), "404 ResourceNotFoundException");
        let arn = "arn:aws:lambda:us-east-1:111111111111:function:echo";
        let far = lambda.invoke().function_name(arn).send().await;
        assert_eq!(message(far), "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')");

        let queue = ireland.queue("alarms");
        ireland.function("echo", async |event: serde_json::Value| Ok::<_, String>(event));
        sqs.send_message().queue_url(queue.url()).message_body("x").send().await.unwrap();
        assert_eq!(queue.bodies(), ["x"]);
        assert!(cloud.queue("alarms").bodies().is_empty(), "the queue of that name at home is another one");
        assert_eq!(lambda.invoke().function_name("echo").send().await.unwrap().status_code(), 200);
    })
    .await;
}

#[tokio::test]
async fn queues_of_one_name_in_two_regions_have_two_urls() {
    both_ways(async |cloud, config| {
        let create = async |sqs: &aws_sdk_sqs::Client| {
            sqs.create_queue().queue_name("alarms").send().await.unwrap().queue_url.unwrap()
        };
        let home = aws_sdk_sqs::Client::new(&config);
        let abroad = aws_sdk_sqs::Client::new(&in_region(&config, "eu-west-1"));
        let (here, there) = (create(&home).await, create(&abroad).await);
        assert_ne!(here, there);
        for (sqs, own) in [(&home, &here), (&abroad, &there)] {
            assert_eq!(sqs.list_queues().send().await.unwrap().queue_urls(), std::slice::from_ref(own));
            let found = sqs.get_queue_url().queue_name("alarms").send().await.unwrap();
            assert_eq!(found.queue_url(), Some(&**own));
            sqs.send_message().queue_url(own).message_body(own).send().await.unwrap();
        }
        let (at_home, ireland) = (cloud.queue("alarms"), cloud.region("eu-west-1").queue("alarms"));
        at_home.assert_bodies([&here]);
        ireland.assert_bodies([&there]);
        let path = |url: &str| url.splitn(4, '/').last().unwrap().to_owned();
        assert_eq!((path(&at_home.url()), path(&ireland.url())), (path(&here), path(&there)));
    })
    .await;
}

#[tokio::test]
async fn a_bucket_in_another_region_redirects_there() {
    use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

    both_ways(async |cloud, config| {
        cloud.bucket("export");
        let home = aws_sdk_s3::Client::new(&config);
        let dublin = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1);
        home.create_bucket().bucket("dublin").create_bucket_configuration(dublin.build()).send().await.unwrap();
        let abroad = aws_sdk_s3::Client::new(&in_region(&config, "eu-west-1"));
        abroad.put_object().bucket("dublin").key("a").body(ByteStream::from_static(b"x")).send().await.unwrap();
        assert_eq!(refusal(home.get_object().bucket("dublin").key("a").send().await), "301 PermanentRedirect");
        assert_eq!(refusal(abroad.get_object().bucket("export").key("a").send().await), "301 PermanentRedirect");
        let location = home.get_bucket_location().bucket("dublin").send().await.unwrap();
        assert_eq!(location.location_constraint(), Some(&BucketLocationConstraint::EuWest1));
        // A copy reads from wherever its source is.
        let copy = home.copy_object().bucket("export").key("b").copy_source("dublin/a").send().await;
        copy.unwrap();
        assert_eq!(cloud.bucket("export").text("b"), "x");
        // Where nothing else is said, a bucket is made where the request goes, and that has to be said.
        assert_eq!(
            refusal(abroad.create_bucket().bucket("cork").send().await),
            "400 IllegalLocationConstraintException"
        );
        assert_eq!(cloud.region("eu-west-1").bucket("galway").keys(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_signature_that_leaves_out_the_host_is_refused() {
    let cloud = Cloud::start();
    furnish(&cloud);
    let own = cloud.own_account().access_key();
    for (request, expected) in [
        (Raw::new("s3", "GET", "/export"), "403 AccessDenied"),
        (Raw::sqs("ListQueues").body("{}"), "403 SignatureDoesNotMatch"),
        (Raw::new("lambda", "POST", "/2015-03-31/functions/echo/invocations"), "403 InvalidSignatureException"),
    ] {
        let mut request = request.sign(&cloud, &own, cloud.now());
        for (name, value) in &mut request.headers {
            if *name == "authorization" {
                *value = value.replace("host;", "");
            }
        }
        let answer = request.send(&cloud).await;
        assert_eq!(answer.refusal(), expected);
        assert!(answer.body.contains(if expected.ends_with("Denied") { "<HeadersNotSigned>host<" } else { "'Host'" }));
    }
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn an_unknown_key_is_not_a_wrong_secret() {
    both_ways(async |cloud, config| {
        furnish(cloud);
        let own = cloud.own_account().access_key();
        let unknown = with_key(&config, "AKIAAAAAAAAAAAAAAAAA", &own.secret);
        assert_eq!(
            refusals(&unknown).await,
            ["403 InvalidAccessKeyId", "403 InvalidClientTokenId", "403 UnrecognizedClientException"]
        );
        let wrong = with_key(&config, &own.id, "wrong");
        assert_eq!(
            refusals(&wrong).await,
            ["403 SignatureDoesNotMatch", "403 SignatureDoesNotMatch", "403 InvalidSignatureException"]
        );
        let said = message(aws_sdk_sqs::Client::new(&wrong).list_queues().send().await);
        assert!(
            said.ends_with(
                "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
            ),
            "{said}"
        );
        let said = message(aws_sdk_s3::Client::new(&wrong).list_buckets().send().await);
        assert!(said.ends_with("Check your key and signing method."), "{said}");
        assert_untouched(cloud).await;
    })
    .await;
}

#[tokio::test]
async fn a_signature_is_good_for_15_minutes_around_either_clock() {
    both_ways(async |cloud, config| {
        furnish(cloud);
        // Clients that give up at once: a second attempt would be signed with the date of the first answer.
        let once = config.to_builder().retry_config(RetryConfig::disabled()).build();
        let at = |time: Timestamp| once.to_builder().time_source(StaticTimeSource::new(time.into())).build();
        let quarter = SignedDuration::from_mins(15);
        for time in [cloud.now() - quarter, cloud.now() + quarter, Timestamp::now()] {
            let sqs = aws_sdk_sqs::Client::new(&at(time));
            sqs.list_queues().send().await.unwrap_or_else(|error| panic!("{time}: {error:?}"));
        }
        let second = SignedDuration::from_secs(1);
        for time in [cloud.now() - quarter - second, cloud.now() + quarter + second] {
            let sqs = aws_sdk_sqs::Client::new(&at(time));
            assert_eq!(refusal(sqs.list_queues().send().await), "403 SignatureDoesNotMatch", "{time}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_skewed_date_is_refused_in_the_words_of_each_service() {
    let cloud = Cloud::start();
    furnish(&cloud);
    let never = RetryConfig::disabled();
    let hour_ago = cloud.now() - SignedDuration::from_hours(1);
    for config in [cloud.sdk_config(), over_socket(&cloud, &cloud.sdk_config())] {
        let late = config.to_builder().time_source(StaticTimeSource::new(hour_ago.into())).retry_config(never.clone());
        assert_eq!(
            refusals(&late.build()).await,
            ["403 RequestTimeTooSkewed", "403 SignatureDoesNotMatch", "403 InvalidSignatureException"]
        );
    }
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn the_cloud_accepts_signatures_of_its_own_time_as_it_passes() {
    both_ways(async |cloud, config| {
        let sqs = aws_sdk_sqs::Client::new(&config);
        for _ in 0..3 {
            cloud.advance(Duration::from_secs(3600)).await.assert_ok();
            sqs.list_queues().send().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_that_was_changed_after_signing_is_refused() {
    let cloud = Cloud::start();
    furnish(&cloud);
    let body = json!({ "QueueUrl": cloud.queue("alarms").url(), "MessageBody": "x" }).to_string();
    let good = Raw::sqs("SendMessage").body(body.clone()).signed(&cloud).await;
    assert_eq!(good.status, 200, "{}", good.body);
    assert_eq!(cloud.queue("alarms").bodies(), ["x"]);

    let own = cloud.own_account().access_key();
    let mut changed = Raw::sqs("SendMessage").body(body).sign(&cloud, &own, cloud.now());
    changed.body.push(b' ');
    assert_eq!(changed.send(&cloud).await.refusal(), "403 SignatureDoesNotMatch");
    let mut changed = Raw::new("s3", "PUT", "/export/a").body("good").sign(&cloud, &own, cloud.now());
    changed.body = b"evil".to_vec();
    assert_eq!(changed.send(&cloud).await.refusal(), "400 XAmzContentSHA256Mismatch");
    assert!(cloud.bucket("export").keys().is_empty());
    let mut changed = Raw::new("s3", "PUT", "/export/a").body("good").sign(&cloud, &own, cloud.now());
    changed.target = "/export/b";
    assert_eq!(changed.send(&cloud).await.refusal(), "403 SignatureDoesNotMatch");
    assert!(cloud.bucket("export").keys().is_empty());
    // A key of one account with the secret of another.
    let mut mixed = cloud.own_account().access_key();
    mixed.secret = cloud.account("222222222222").access_key().secret;
    let mixed = Raw::new("s3", "GET", "/export").sign(&cloud, &mixed, cloud.now());
    assert_eq!(mixed.send(&cloud).await.refusal(), "403 SignatureDoesNotMatch");
    assert_eq!(cloud.queue("alarms").bodies(), ["x"]);
}
