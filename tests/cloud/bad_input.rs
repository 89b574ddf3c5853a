//! What is wrong is refused with AWS's error code, or with a Rust error that names the value, and leaves nothing behind.
use crate::common;

use std::time::Duration;

use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
    NotificationConfigurationFilter, S3KeyFilter,
};
use common::signed::Raw;
use common::{message, refusal};
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Function};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MIB: usize = 1_048_576;
const SIX_MB: usize = 6_291_456;

/// A cloud with a bucket, a queue and a function, all empty.
fn furnished() -> Cloud {
    let cloud = Cloud::start();
    cloud.bucket("export");
    cloud.queue("alarms");
    echo(&cloud);
    cloud
}

fn echo(cloud: &Cloud) -> Function {
    cloud.function("echo", async |event: Value| Ok::<_, String>(event))
}

/// Nothing was stored, sent or run, and the cloud still works.
async fn assert_untouched(cloud: &Cloud) {
    cloud.settle().await.assert_ok();
    assert!(cloud.bucket("export").keys().is_empty(), "{:?}", cloud.bucket("export").keys());
    assert!(cloud.queue("alarms").messages().is_empty());
    assert!(!cloud.timeline().to_string().contains("invoke echo"), "{}", cloud.timeline());
    assert_eq!(Raw::new("s3", "GET", "/export").signed(cloud).await.status, 200);
}

/// The sentence of a typed error; it has to name the value.
#[track_caller]
fn sentence<T: std::fmt::Debug>(result: Result<T, CloudError>, value: &str) -> String {
    let text = result.expect_err("this is not allowed").to_string();
    assert!(text.contains(value), "{text:?} does not name {value:?}");
    text
}

#[tokio::test]
async fn requests_without_a_signature_are_refused() {
    let cloud = furnished();
    let body = json!({ "QueueUrl": cloud.queue("alarms").url(), "MessageBody": "x" }).to_string();
    for (request, expected) in [
        (Raw::new("s3", "GET", "/export"), "403 AccessDenied"),
        (Raw::new("s3", "PUT", "/export/a").body("x"), "403 AccessDenied"),
        (Raw::new("s3", "DELETE", "/export"), "403 AccessDenied"),
        (Raw::sqs("SendMessage").body(body), "403 MissingAuthenticationToken"),
        (
            Raw::new("lambda", "POST", "/2015-03-31/functions/echo/invocations").body("{}"),
            "403 MissingAuthenticationTokenException",
        ),
    ] {
        let target = request.target;
        assert_eq!(request.send(&cloud).await.refusal(), expected, "{target}");
    }
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn the_gateway_refuses_in_the_protocol_of_each_service() {
    let cloud = furnished();
    let invoke = Raw::new("lambda", "POST", "/2015-03-31/functions/echo/invocations").body("{}").send(&cloud).await;
    assert_eq!(invoke.refusal(), "403 MissingAuthenticationTokenException");
    assert_eq!(invoke.body, r#"{"message":"Request is missing Authentication Token"}"#);
    assert_eq!(invoke.header("content-type"), "application/json");
    assert_eq!(invoke.header("x-amzn-query-error"), "");
    assert_eq!(invoke.header("x-amzn-requestid").len(), 36);

    let list = Raw::sqs("ListQueues").body("{}").send(&cloud).await;
    let body: Value = serde_json::from_str(&list.body).unwrap();
    assert_eq!(body["__type"], "MissingAuthenticationToken");
    assert_eq!(list.header("content-type"), "application/x-amz-json-1.0");
    assert_eq!(list.header("x-amzn-query-error"), "MissingAuthenticationToken;Sender");
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn a_service_that_is_not_mocked_is_refused_and_noted_by_name() {
    let cloud = Cloud::builder().max_requests(3).start();
    let answer = Raw::new("dynamodb", "POST", "/").body("{}").signed(&cloud).await;
    assert_eq!(answer.refusal(), "400 NotImplemented");
    assert!(answer.body.contains("does not mock dynamodb"), "{}", answer.body);
    let line = cloud.timeline().lines().last().map(|line| line.text.clone());
    let line = line.unwrap();
    assert!(line.starts_with("dynamodb → 400 NotImplemented: lambda-testkit does not mock dynamodb"), "{line}");

    // It counts as a request: a handler that asks for ever is held, and its event fails.
    let request = Raw::new("dynamodb", "POST", "/").body("{}");
    let request = request.sign(&cloud, &cloud.own_account().access_key(), cloud.now());
    let (address, headers) = (cloud.endpoint(), request.headers);
    let loops = cloud.function("loops", move |_: Value| {
        let headers = headers.clone();
        async move {
            loop {
                let mut request = http::Request::post("/");
                for (name, value) in &headers {
                    request = request.header(*name, value);
                }
                let request = request.body(bytes::Bytes::from_static(b"{}")).unwrap();
                let answer = common::socket::send(address, request).await;
                if answer.is_err() {
                    return Ok::<_, String>(());
                }
            }
        }
    });
    let error = loops.try_invoke::<Value>(()).await.unwrap_err().to_string();
    assert!(error.contains("Task timed out after 30.00 seconds"), "{error}");
    assert!(cloud.timeline().contains("dynamodb held: a busy loop"), "{}", cloud.timeline());
}

#[tokio::test]
async fn payloads_of_handles_have_the_limits_of_the_api() {
    let cloud = Cloud::start();
    let size = cloud.function("size", async |event: String| Ok::<_, String>(event.len() + 2));
    assert_eq!(size.invoke::<Value>("x".repeat(SIX_MB - 2)).await, SIX_MB);
    size.try_invoke_later("x".repeat(MIB - 2)).unwrap();
    for (over, message) in [
        (
            size.try_invoke::<Value>("x".repeat(SIX_MB - 1)).await.map(drop),
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
        ),
        (
            size.try_invoke_later("x".repeat(MIB - 1)),
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
        ),
    ] {
        let (service, code) = ("lambda", "RequestEntityTooLargeException".to_owned());
        assert_eq!(over, Err(CloudError::Aws { service, code, message: message.to_owned() }));
    }
    cloud.settle().await.assert_ok();
    assert_eq!(size.events().len(), 2, "what was refused did not run");
}

#[tokio::test]
async fn signatures_that_cannot_be_read_are_refused() {
    let cloud = furnished();
    let scope = "AKIA/20260101/us-east-1/s3/aws4_request";
    for authorization in [
        "Basic YTpi".to_owned(),
        "AWS4-HMAC-SHA256".to_owned(),
        "AWS4-HMAC-SHA256 nonsense".to_owned(),
        "AWS4-HMAC-SHA256 Credential=, SignedHeaders=, Signature=".to_owned(),
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"),
        format!("AWS4-HMAC-SHA256 Credential={scope}/more, SignedHeaders=host, Signature=00"),
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"),
    ] {
        let put = Raw::new("s3", "PUT", "/export/a").body("x").header("authorization", authorization.as_str());
        let refusal = match authorization.as_str() {
            other if other.starts_with("Basic") => "400 InvalidArgument",
            // It can be read, but says no date.
            whole if whole.ends_with("aws4_request, SignedHeaders=host, Signature=00") => "403 AccessDenied",
            _ => "400 AuthorizationHeaderMalformed",
        };
        assert_eq!(put.send(&cloud).await.refusal(), refusal, "{authorization}");
        let send = Raw::sqs("ListQueues").header("authorization", authorization.replace("/s3/", "/sqs/"));
        assert_eq!(send.send(&cloud).await.refusal(), "400 IncompleteSignature", "{authorization}");
    }
    let own = cloud.own_account().access_key();
    for date in ["yesterday", "20260101", "99999999T999999Z"] {
        let mut put = Raw::new("s3", "PUT", "/export/a").body("x").sign(&cloud, &own, cloud.now());
        put.headers
            .iter_mut()
            .filter(|(name, _)| *name == "x-amz-date")
            .for_each(|(_, value)| *value = date.to_owned());
        assert_eq!(put.send(&cloud).await.status / 100, 4, "{date}");
    }
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn sqs_refuses_bodies_that_are_no_json_of_its_operations() {
    let cloud = furnished();
    let url = cloud.queue("alarms").url();
    let deep = format!("{{\"QueueUrl\":{}", "[".repeat(100_000));
    for (body, expected) in [
        ("{".as_bytes().to_vec(), "400 SerializationException"),
        (b"{\"QueueUrl\":\"\xff\"}".to_vec(), "400 SerializationException"),
        (deep.into_bytes(), "400 SerializationException"),
        (b"[]".to_vec(), "400 SerializationException"),
        (b"null".to_vec(), "400 SerializationException"),
        (json!({ "QueueUrl": url, "MessageBody": 5 }).to_string().into_bytes(), "400 SerializationException"),
        (
            json!({ "QueueUrl": url, "MessageBody": "x", "DelaySeconds": 1e30 }).to_string().into_bytes(),
            "400 SerializationException",
        ),
        (json!({ "QueueUrl": url }).to_string().into_bytes(), "400 MissingRequiredParameterException"),
        (json!({ "MessageBody": "x" }).to_string().into_bytes(), "400 MissingRequiredParameterException"),
        (Vec::new(), "400 MissingRequiredParameterException"),
        (json!({ "QueueUrl": url, "MessageBody": "\u{0}" }).to_string().into_bytes(), "400 InvalidMessageContents"),
        (
            json!({ "QueueUrl": url, "MessageBody": "x", "DelaySeconds": 901 }).to_string().into_bytes(),
            "400 InvalidParameterValueException",
        ),
    ] {
        let text = String::from_utf8_lossy(&body).chars().take(80).collect::<String>();
        let answer = Raw::sqs("SendMessage").body(body).signed(&cloud).await;
        assert_eq!(answer.refusal(), expected, "{text}: {}", answer.body);
    }
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn operations_and_services_that_do_not_exist_are_named() {
    let cloud = furnished();
    let answer = Raw::sqs("LaunchRocket").body("{}").signed(&cloud).await;
    assert_eq!(answer.refusal(), "404 UnknownOperationException");
    assert!(answer.body.contains("LaunchRocket"), "{}", answer.body);
    let form = Raw::new("sqs", "POST", "/").header("content-type", "application/x-www-form-urlencoded");
    let answer = form.body("Action=LaunchRocket&Version=2012-11-05").signed(&cloud).await;
    assert_eq!(answer.refusal(), "400 InvalidAction");
    assert!(answer.body.contains("The action LaunchRocket is not valid for this endpoint."), "{}", answer.body);

    for service in ["dynamodb", "secretsmanager"] {
        let answer = Raw::new(service, "POST", "/").body("{}").signed(&cloud).await;
        assert_eq!(answer.refusal(), "400 NotImplemented");
        assert!(answer.body.contains(service), "{}", answer.body);
    }
    for (method, target) in [("GET", "/export?abac="), ("PUT", "/export?replication="), ("GET", "/export/a?torrent=")] {
        let answer = Raw::new("s3", method, target).signed(&cloud).await;
        assert_eq!(answer.refusal(), "501 NotImplemented", "{target}");
    }
    let answer = Raw::new("lambda", "DELETE", "/2021-10-31/functions/echo/url").signed(&cloud).await;
    assert_eq!(answer.refusal(), "400 NotImplemented");
    assert!(answer.body.contains("DELETE /2021-10-31/functions/echo/url"), "{}", answer.body);
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn what_does_not_exist_is_said_so_in_the_words_of_each_service() {
    let cloud = furnished();
    let config = cloud.sdk_config();
    let (s3, sqs) = (aws_sdk_s3::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let body = || aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    assert_eq!(refusal(s3.put_object().bucket("nowhere").key("a").body(body()).send().await), "404 NoSuchBucket");
    assert_eq!(refusal(s3.get_object().bucket("export").key("a").send().await), "404 NoSuchKey");
    for url in ["http://127.0.0.1/111111111111/nowhere", "http://127.0.0.1/222222222222/alarms"] {
        let send = sqs.send_message().queue_url(url).message_body("x").send().await;
        assert_eq!(refusal(send), "400 AWS.SimpleQueueService.NonExistentQueue", "{url}");
    }
    for url in ["http://127.0.0.1/alarms", "not a url", "http://127.0.0.1/1/2/3"] {
        let send = sqs.send_message().queue_url(url).message_body("x").send().await;
        assert_eq!(refusal(send), "400 AWS.SimpleQueueService.NonExistentQueue", "{url}");
    }
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn s3_refuses_documents_that_are_no_xml_of_its_schema() {
    let cloud = furnished();
    let seen = echo(&cloud);
    cloud.bucket("export").notify(&seen, on(ObjectCreated).suffix(".csv"));
    let before = Raw::new("s3", "GET", "/export?notification=").signed(&cloud).await.body;
    let deep = "<a>".repeat(50_000);
    for target in ["/export?notification=", "/export?versioning=", "/export/a?tagging="] {
        for body in [
            "",
            "no xml",
            "<NotificationConfiguration>",
            "<NotificationConfiguration></Other>",
            "<Wrong/>",
            "<NotificationConfiguration><QueueConfiguration></QueueConfiguration></NotificationConfiguration>",
            "<NotificationConfiguration><LambdaConfiguration/></NotificationConfiguration>",
            &deep,
        ] {
            let answer = Raw::new("s3", "PUT", target).body(body).signed(&cloud).await;
            let start = &body[..body.len().min(60)];
            assert_eq!(answer.status, 400, "{target} {start}: {}", answer.body);
        }
    }
    for body in ["", "<Delete>", "<Delete></Delete>", "<Delete><Object></Object></Delete>"] {
        let md5 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, <md5::Md5 as md5::Digest>::digest(body));
        let answer =
            Raw::new("s3", "POST", "/export?delete=").header("content-md5", md5).body(body).signed(&cloud).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    assert_eq!(Raw::new("s3", "GET", "/export?notification=").signed(&cloud).await.body, before);
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn s3_refuses_names_and_paths_that_it_cannot_have() {
    let cloud = furnished();
    for name in ["ab", "Export", "-export", "export-", "a..b", "192.168.0.1", "a_b", "xn--a", &"x".repeat(64)] {
        let target = format!("/{name}");
        let answer = Raw::new("s3", "PUT", &target).signed(&cloud).await;
        assert_eq!(answer.refusal(), "400 InvalidBucketName", "{name}");
        assert!(sentence(cloud.own_account().try_bucket(name), "s3 answered InvalidBucketName").contains("not valid"));
    }
    let answer = Raw::new("s3", "PUT", "/export/%FF").body("x").signed(&cloud).await;
    assert_eq!(answer.refusal(), "400 InvalidURI");
    let long = format!("/export/{}", "x".repeat(1025));
    let answer = Raw::new("s3", "PUT", &long).body("x").signed(&cloud).await;
    assert_eq!(answer.refusal(), "400 KeyTooLongError");
    sentence(cloud.bucket("export").try_put(&"x".repeat(1025), "x"), "KeyTooLongError");
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn chunked_bodies_that_do_not_hold_together_are_not_stored() {
    let cloud = furnished();
    for kind in ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        for body in [
            "",
            "4;\r\ndata",
            "4\r\ndata\r\n",
            "zz\r\ndata\r\n0\r\n\r\n",
            "ffffffffffffffff\r\ndata\r\n0\r\n\r\n",
            "5\r\ndata\r\n0\r\n\r\n",
            "3\r\ndat\r\n0\r\n\r\n",
            "4;chunk-signature=00\r\ndata\r\n0;chunk-signature=00\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
        ] {
            let put = Raw::new("s3", "PUT", "/export/a").header("x-amz-content-sha256", kind).body(body);
            let put = put.header("content-encoding", "aws-chunked").header("x-amz-decoded-content-length", "4");
            let answer = put.signed(&cloud).await;
            assert_eq!(answer.status / 100, 4, "{kind} {body:?} → {} {}", answer.status, answer.body);
        }
    }
    // As S3 words it: https://github.com/versity/versitygw/issues/1666, 1161, 1683
    for (trailer, body, refusal, element) in [
        (
            "x-amz-checksum-crc32",
            "4\r\ndata\r\n0\r\n",
            "400 IncompleteBody",
            "The request body terminated unexpectedly",
        ),
        (
            "x-amz-checksum-sha10",
            "4\r\ndata\r\n0\r\n\r\n",
            "400 InvalidRequest",
            "x-amz-trailer header is not supported",
        ),
        (
            "x-amz-checksum-crc32",
            "3\r\ndat\r\n1\r\na\r\n0\r\n\r\n",
            "403 InvalidChunkSizeError",
            "<Chunk>2</Chunk><BadChunkSize>3</BadChunkSize>",
        ),
    ] {
        let put = Raw::new("s3", "PUT", "/export/a").body(body).header("x-amz-trailer", trailer);
        let put = put.header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        let answer = put.header("x-amz-decoded-content-length", "4").signed(&cloud).await;
        assert_eq!(answer.refusal(), refusal, "{}", answer.body);
        assert!(answer.body.contains(element), "{}", answer.body);
    }
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn payloads_over_the_limits_are_refused_whole() {
    let cloud = furnished();
    let function = echo(&cloud);
    let sized = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let invoke = |bytes| Raw::new("lambda", "POST", "/2015-03-31/functions/echo/invocations").body(sized(bytes));
    let over = invoke(SIX_MB + 1).signed(&cloud).await;
    assert_eq!(over.refusal(), "413 RequestEntityTooLargeException");
    assert!(over.body.contains("6291456"), "{}", over.body);
    let over = invoke(MIB + 1).header("x-amz-invocation-type", "Event").signed(&cloud).await;
    assert_eq!(over.refusal(), "413 RequestEntityTooLargeException");

    let sqs = aws_sdk_sqs::Client::new(&cloud.sdk_config());
    let queue = cloud.queue("alarms");
    let send = |bytes| sqs.send_message().queue_url(queue.url()).message_body("x".repeat(bytes)).send();
    // As AWS answered.
    let text = "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.";
    assert_eq!(message(send(MIB + 1).await), text);
    assert_eq!(refusal(send(MIB + 1).await), "400 InvalidParameterValue");
    assert!(sentence(queue.try_send("x".repeat(MIB + 1)), "1048576").contains("InvalidParameterValue"));
    sentence(queue.try_send(""), "MessageBody");
    assert_untouched(&cloud).await;
    assert!(function.events().is_empty());

    assert_eq!(invoke(SIX_MB).signed(&cloud).await.status, 200);
    send(MIB).await.expect("1 MiB is allowed");
    assert_eq!(queue.messages().len(), 1);
}

#[tokio::test]
async fn payloads_that_are_no_json_do_not_reach_the_function() {
    let cloud = furnished();
    let deep = "[".repeat(100_000);
    for kind in ["RequestResponse", "Event"] {
        for body in [&b"{"[..], b"\x99\xeb", b"{'a': 1}", b"1 2", b"\"\xff\"", deep.as_bytes()] {
            let invoke = Raw::new("lambda", "POST", "/2015-03-31/functions/echo/invocations").body(body);
            let answer = invoke.header("x-amz-invocation-type", kind).signed(&cloud).await;
            assert_eq!(answer.refusal(), "400 InvalidRequestContentException", "{kind}: {}", answer.body);
            assert!(answer.body.contains("Could not parse request body into json"), "{}", answer.body);
        }
    }
    let invoke = Raw::new("lambda", "POST", "/2015-03-31/functions/echo/invocations").body("{}");
    let answer = invoke.header("x-amz-invocation-type", "Later").signed(&cloud).await;
    assert_eq!(answer.refusal(), "400 ValidationException");
    assert!(answer.body.contains("Later"), "{}", answer.body);
    for name in ["nowhere", "%FF", "a%2Fb", "arn%3Aaws%3Asqs%3Aus-east-1%3A111111111111%3Aalarms"] {
        let target = format!("/2015-03-31/functions/{name}/invocations");
        let answer = Raw::new("lambda", "POST", &target).body("{}").signed(&cloud).await;
        assert_eq!(answer.status / 100, 4, "{name}: {}", answer.body);
    }
    assert_untouched(&cloud).await;
}

fn rule(function: &Function, event: &str, prefix: &str, suffix: &str) -> LambdaFunctionConfiguration {
    let part = |name, value: &str| FilterRule::builder().name(name).value(value).build();
    let rules = vec![part(FilterRuleName::Prefix, prefix), part(FilterRuleName::Suffix, suffix)];
    let key = S3KeyFilter::builder().set_filter_rules(Some(rules)).build();
    LambdaFunctionConfiguration::builder()
        .lambda_function_arn(function.arn().to_string())
        .events(Event::from(event))
        .filter(NotificationConfigurationFilter::builder().key(key).build())
        .build()
        .unwrap()
}

#[tokio::test]
async fn filters_that_overlap_are_refused_and_the_old_configuration_stays() {
    let cloud = furnished();
    let (export, function) = (cloud.bucket("export"), echo(&cloud));
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    common::let_s3_invoke(&cloud.sdk_config(), "echo", "export").await;
    let put = |rules: [LambdaFunctionConfiguration; 2]| {
        let rules =
            NotificationConfiguration::builder().set_lambda_function_configurations(Some(rules.to_vec())).build();
        s3.put_bucket_notification_configuration().bucket("export").notification_configuration(rules).send()
    };
    let created = |prefix, suffix| rule(&function, "s3:ObjectCreated:*", prefix, suffix);
    for pair in [
        [created("in/", ".csv"), created("in/a", "v")],
        [created("", ""), rule(&function, "s3:ObjectCreated:Put", "x", "y")],
        [created("same", ".csv"), created("same", ".csv")],
    ] {
        let refused = put(pair).await;
        assert!(message(refused).contains("Cannot have overlapping suffixes in two rules"));
    }
    put([created("in/", ".csv"), created("out/", ".csv")]).await.expect("the prefixes exclude each other");

    export.notify(&function, on(ObjectRemoved).prefix("in/"));
    let twice = export.try_notify(&function, on(ObjectCreated).prefix("in/a").suffix(".csv"));
    assert!(sentence(twice, "InvalidArgument").contains("overlapping"));
    let unknown = put([rule(&function, "s3:ObjectEaten:*", "a", ""), created("b", "")]).await;
    assert_eq!(refusal(unknown), "400 InvalidArgument");
    let kept = s3.get_bucket_notification_configuration().bucket("export").send().await.unwrap();
    assert_eq!(kept.lambda_function_configurations().len(), 3);
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn expressions_that_are_no_schedule_are_refused_with_their_text() {
    let cloud = furnished();
    let account = cloud.own_account();
    for expression in [
        "",
        "cron()",
        "cron(INVALID)",
        "cron(0 1 * * * *)",
        "cron(7 20 * * NOT *)",
        "cron(71 8 1 * ? *)",
        "cron(0 dummy ? * MON-FRI *)",
        "rate()",
        "rate(10)",
        "rate(10 seconds)",
        "rate(10 minutess)",
        "rate(-10 minutes)",
        "rate(0 minutes)",
        " rate(10 minutes)",
        "at(2021-12-31)",
        "every day",
    ] {
        sentence(account.try_schedule("nightly", expression), expression);
        sentence(account.try_rule("nightly", expression), expression);
    }
    sentence(account.try_rule("nightly", "at(2030-01-01T00:00:00)"), "at(2030-01-01T00:00:00)");
    sentence(account.try_schedule("a b", "rate(1 minute)"), "a b");
    let report = cloud.advance(Duration::from_secs(86_400)).await;
    assert!(report.invocations == 0 && report.is_done(), "{report}");
    assert_untouched(&cloud).await;
}

#[tokio::test]
async fn arranging_verbs_refuse_values_out_of_range_and_change_nothing() {
    let cloud = furnished();
    let (account, queue, function) = (cloud.own_account(), cloud.queue("alarms"), echo(&cloud));
    for id in ["", "12", "12345678901a", "1234567890123"] {
        sentence(cloud.try_account(id), id);
    }
    for name in ["", "a b", "a/b", &"x".repeat(81), ".fifo"] {
        sentence(account.try_queue(name), "sqs answered InvalidParameterValue");
    }
    for name in ["", "a b", "a.b", &"x".repeat(65)] {
        sentence(account.try_function(name, async |_: Value| Ok::<_, String>(())), name);
    }
    sentence(queue.try_visibility_timeout(Duration::from_millis(1500)), "1.5s");
    sentence(queue.try_visibility_timeout(Duration::from_secs(43_201)), "VisibilityTimeout");
    let dead = cloud.queue("dead");
    sentence(queue.try_dead_letter(&dead, 0), "0");
    sentence(queue.try_dead_letter(&dead, 1001), "1001");
    sentence(queue.try_dead_letter(&cloud.queue("dead.fifo"), 3), "InvalidParameterValue");
    sentence(queue.try_trigger(&function, batch(0)), "0");
    sentence(queue.try_trigger(&function, batch(10_001)), "10001");
    sentence(queue.try_trigger(&function, batch(11)), "11");
    sentence(queue.try_trigger(&function, batch(10).window(Duration::from_secs(301))), "'301'");
    sentence(cloud.queue("orders.fifo").try_send("x"), "MessageGroupId");
    assert_untouched(&cloud).await;

    queue.send("still an ordinary queue");
    cloud.drain().await.assert_ok();
    assert_eq!((queue.messages().len(), dead.messages().len()), (1, 0), "no trigger and no redrive were left behind");
    assert!(function.events().is_empty());
}

/// Writes these bytes, hangs up, and reads what the server has to say.
async fn talk(cloud: &Cloud, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(cloud.endpoint()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // The server may reset a connection that makes no sense to it.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn connections_that_speak_no_http_harm_nobody() {
    let cloud = furnished();
    for bytes in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"] {
        let answer = talk(&cloud, bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    // The client promised more than it sent.
    let answer = talk(&cloud, b"PUT /export/a HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n\r\nhalf").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_untouched(&cloud).await;
}

#[test]
fn durations_that_lambda_counts_in_seconds_have_no_parts_of_one() {
    let cloud = Cloud::start();
    let function = cloud.function("f", async |_: Value| Ok::<_, String>(()));
    for (refused, name) in [
        (function.try_timeout(Duration::from_millis(1_500)), "timeout"),
        (function.try_timeout(Duration::ZERO), "timeout"),
        (function.try_timeout(Duration::new(900, 1)), "timeout"),
        (function.try_timeout(Duration::from_secs(901)), "timeout"),
        (function.try_maximum_event_age(Duration::from_millis(60_500)), "maximum event age"),
        (function.try_maximum_event_age(Duration::from_secs(59)), "maximum event age"),
        (function.try_maximum_event_age(Duration::from_secs(21_601)), "maximum event age"),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(&error, CloudError::Setting { name: its, .. } if *its == name), "{error}");
        assert!(error.to_string().contains("whole seconds"), "{error}");
    }
    for seconds in [1, 900] {
        function.timeout(Duration::from_secs(seconds));
    }
    for seconds in [60, 21_600] {
        function.maximum_event_age(Duration::from_secs(seconds));
    }
}
