//! Files that browsers post to S3 in a form.
use crate::common;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::signed::{Answer, Raw};
use hmac::{Hmac, KeyInit, Mac};
use lambda_testkit::Cloud;
use lambda_testkit::prelude::*;
use serde_json::json;
use sha2::Sha256;

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The fields of a form whose policy allows keys in `in/` and up to 8 bytes for an hour, signed by the account.
fn signed(cloud: &Cloud) -> Vec<(&'static str, String)> {
    let key = cloud.own_account().access_key();
    let date = cloud.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let credential = format!("{}/{}/us-east-1/s3/aws4_request", key.id, &date[..8]);
    let expiration = cloud.now() + Duration::from_secs(3_600);
    let policy = json!({
        "expiration": expiration.to_string(),
        "conditions": [
            { "bucket": "export" }, ["starts-with", "$key", "in/"], ["content-length-range", 1, 8],
            { "success_action_status": "201" }, ["starts-with", "$x-amz-meta-from", ""],
            { "x-amz-algorithm": "AWS4-HMAC-SHA256" }, { "x-amz-credential": credential }, { "x-amz-date": date },
        ],
    });
    let policy = STANDARD.encode(policy.to_string());
    let start = format!("AWS4{}", key.secret).into_bytes();
    let signing = [&date[..8], "us-east-1", "s3", "aws4_request"].iter().fold(start, |key, part| mac(&key, part));
    let signature = mac(&signing, &policy).iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        ("key", "in/${filename}".to_owned()),
        ("success_action_status", "201".to_owned()),
        ("x-amz-meta-from", "a form".to_owned()),
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("X-Amz-Credential", credential),
        ("X-Amz-Date", date),
        ("Policy", policy),
        ("X-Amz-Signature", signature),
    ]
}

async fn post(cloud: &Cloud, fields: &[(&str, String)], file: &str) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\a b.txt\"\r\n\r\n{file}\r\n--x--\r\n"
    );
    let request = Raw::new("s3", "POST", "/export").header("content-type", "multipart/form-data; boundary=x");
    request.body(body).send(cloud).await
}

#[tokio::test]
async fn a_form_is_put_as_its_policy_allows_and_tells_so() {
    let cloud = Cloud::start();
    let bucket = cloud.bucket("export");
    let posted = cloud.queue("posted");
    bucket.notify(&posted, on(ObjectCreated));
    posted.purge();
    let answer = post(&cloud, &signed(&cloud), "hello").await;
    assert_eq!((answer.status, answer.body.contains("<Key>in/a b.txt</Key>")), (201, true), "{}", answer.body);
    assert_eq!(bucket.text("in/a b.txt"), "hello");
    cloud.settle().await.assert_ok();
    assert!(posted.bodies().iter().any(|body| body.contains("ObjectCreated:Post")), "{:?}", posted.bodies());
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("PostObject"), "{timeline}");
}

/// As regions from before 2014 take it, and old programs still sign.
#[tokio::test]
async fn a_form_may_be_signed_with_version_2() {
    let cloud = Cloud::start();
    let bucket = cloud.bucket("export");
    let key = cloud.own_account().access_key();
    let expiration = cloud.now() + Duration::from_secs(60);
    let conditions = json!([{ "bucket": "export" }, ["eq", "$key", "a"]]);
    let policy = json!({ "expiration": expiration.to_string(), "conditions": conditions }).to_string();
    let policy = STANDARD.encode(policy);
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(key.secret.as_bytes()).unwrap();
    mac.update(policy.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let form = |signature: &str| {
        [("key", "a"), ("AWSAccessKeyId", &key.id), ("policy", &policy), ("signature", signature)]
            .map(|(name, value)| (name, value.to_owned()))
    };
    assert_eq!(post(&cloud, &form("AAAA"), "v").await.refusal(), "403 SignatureDoesNotMatch");
    let answer = post(&cloud, &form(&signature), "v").await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(answer.header("location"), "https://export.s3.us-east-1.amazonaws.com/a");
    assert_eq!(bucket.text("a"), "v");
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_refused_in_the_words_of_s3() {
    let cloud = Cloud::start();
    let bucket = cloud.bucket("export");
    let fields = signed(&cloud);
    let with = |name: &'static str, value: &str| {
        let mut fields = fields.clone();
        fields.retain(|(known, _)| *known != name);
        fields.insert(0, (name, value.to_owned()));
        fields
    };
    for (fields, file, refusal, says) in [
        (
            with("key", "out/a"),
            "hello",
            "403 AccessDenied",
            "Policy Condition failed: [\"starts-with\", \"$key\", \"in/\"]",
        ),
        (with("x-amz-meta-to", "x"), "hello", "403 AccessDenied", "Extra input fields: x-amz-meta-to"),
        (fields.clone(), "hello, hello", "400 EntityTooLarge", "<MaxSizeAllowed>8</MaxSizeAllowed>"),
        (fields.clone(), "", "400 EntityTooSmall", "<MinSizeAllowed>1</MinSizeAllowed>"),
        (with("X-Amz-Signature", "00"), "hello", "403 SignatureDoesNotMatch", ""),
        (with("Policy", "e30="), "hello", "403 SignatureDoesNotMatch", ""),
        (fields[..7].to_vec(), "hello", "400 InvalidArgument", "a field named 'X-Amz-Signature'"),
        (fields[1..].to_vec(), "hello", "400 InvalidArgument", "a field named 'key'"),
        (vec![("key", "in/a".to_owned())], "hello", "403 AccessDenied", ""),
    ] {
        let answer = post(&cloud, &fields, file).await;
        assert_eq!(answer.refusal(), refusal, "{says}: {}", answer.body);
        let unescaped = answer.body.replace("&quot;", "\"").replace("&apos;", "'");
        assert!(unescaped.contains(says), "{says}: {}", answer.body);
    }
    cloud.advance(Duration::from_secs(3_601)).await.assert_ok();
    let late = post(&cloud, &fields, "hello").await;
    assert!(late.body.contains("Invalid according to Policy: Policy expired."), "{}", late.body);
    assert!(bucket.keys().is_empty());
}
