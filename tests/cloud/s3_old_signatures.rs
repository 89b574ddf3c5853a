//! Signature Version 2: refused for buckets as S3 makes them now, and taken for those from before June 2020.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use lambda_testkit::{AccessKey, Cloud};
use serde_json::json;
use sha1::Sha1;

use crate::common::signed::{Answer, Raw};

/// A second implementation, of what the requests here need.
fn signature(key: &AccessKey, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn date(cloud: &Cloud) -> String {
    cloud.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A request with this body, signed on the cloud's clock as one to this path.
fn signed<'a>(cloud: &Cloud, (method, target, path): (&'a str, &'a str, &str), body: &str) -> Raw<'a> {
    let (key, date) = (cloud.own_account().access_key(), date(cloud));
    let text = format!("{method}\n\ntext/plain\n{date}\nx-amz-meta-by:me\n{path}");
    Raw::new("s3", method, target)
        .header("content-type", "text/plain")
        .header("date", date)
        .header("x-amz-meta-by", "me")
        .header("authorization", format!("AWS {}:{}", key.id, signature(&key, &text)))
        .body(body)
}

fn presigned(cloud: &Cloud, after: Duration, path: &str) -> String {
    let key = cloud.own_account().access_key();
    let ends = (cloud.now() + after).as_second();
    let signature = signature(&key, &format!("GET\n\n\n{ends}\n{path}"));
    let signature: String = form_urlencoded::byte_serialize(signature.as_bytes()).collect();
    let and = if path.contains('?') { '&' } else { '?' };
    format!("{path}{and}AWSAccessKeyId={}&Expires={ends}&Signature={signature}", key.id)
}

async fn get(cloud: &Cloud, target: &str) -> Answer {
    Raw::new("s3", "GET", target).send(cloud).await
}

#[tokio::test]
async fn new_buckets_do_not_take_signature_version_2() {
    let cloud = Cloud::start();
    cloud.bucket("export").put("k", "v");
    let by_url = get(&cloud, &presigned(&cloud, Duration::from_secs(60), "/export/k")).await;
    let by_header = signed(&cloud, ("PUT", "/export/k", "/export/k"), "new").send(&cloud).await;
    for answer in [by_url, by_header] {
        assert_eq!(answer.refusal(), "400 InvalidRequest");
        let said =
            "<Message>The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
        assert!(answer.body.contains(said), "{}", answer.body);
    }
    assert_eq!(cloud.bucket("export").text("k"), "v");
}

#[tokio::test]
async fn old_buckets_take_it_in_a_header_or_a_url_by_path_or_by_host() {
    let cloud = Cloud::builder().buckets_before_2020().start();
    let export = cloud.bucket("export");
    assert_eq!(signed(&cloud, ("PUT", "/export/k", "/export/k"), "v").send(&cloud).await.status, 200);
    assert_eq!((export.text("k"), export.object("k").content_type.unwrap()), ("v".into(), "text/plain".into()));
    let by_host = signed(&cloud, ("PUT", "/a%20b", "/export/a%20b"), "w").header("host", "export.s3.amazonaws.com");
    assert_eq!(by_host.send(&cloud).await.status, 200);
    assert_eq!(export.text("a b"), "w");
    // The answer is overridden by a parameter that is signed.
    let minute = Duration::from_secs(60);
    let key = cloud.own_account().access_key();
    let ends = (cloud.now() + minute).as_second();
    let text = format!("GET\n\n\n{ends}\n/export/k?response-content-type=a/b");
    let signature: String = form_urlencoded::byte_serialize(signature(&key, &text).as_bytes()).collect();
    let url =
        format!("/export/k?response-content-type=a%2Fb&AWSAccessKeyId={}&Expires={ends}&Signature={signature}", key.id);
    let overridden = get(&cloud, &url).await;
    assert_eq!((overridden.status, overridden.body.as_str()), (200, "v"));
    assert_eq!(overridden.response.headers()["content-type"], "a/b");

    // It names no region: a bucket elsewhere is found.
    cloud.region("eu-west-1").bucket("elsewhere").put("k", "there");
    assert_eq!(get(&cloud, &presigned(&cloud, minute, "/elsewhere/k")).await.body, "there");
    // A handler has to have the permission all the same.
    cloud.account("222222222222").bucket("theirs").put("k", "x");
    assert_eq!(get(&cloud, &presigned(&cloud, minute, "/theirs/k")).await.refusal(), "403 AccessDenied");
}

#[tokio::test]
async fn wrong_signatures_of_version_2_are_refused_in_s3s_words() {
    let cloud = Cloud::builder().buckets_before_2020().start();
    cloud.bucket("export").put("k", "v");
    let changed = signed(&cloud, ("PUT", "/export/k", "/export/other"), "new").send(&cloud).await;
    assert_eq!(changed.refusal(), "403 SignatureDoesNotMatch");
    let more = signed(&cloud, ("PUT", "/export/k", "/export/k"), "new").header("x-amz-acl", "public-read");
    assert_eq!(more.send(&cloud).await.refusal(), "403 SignatureDoesNotMatch");
    let nobody = Raw::new("s3", "GET", "/export/k").header("date", date(&cloud)).header("authorization", "AWS AKIAX:x");
    assert_eq!(nobody.send(&cloud).await.refusal(), "403 InvalidAccessKeyId");
    let none = Raw::new("s3", "GET", "/export/k").header("authorization", "AWS HAHAHA").send(&cloud).await;
    assert_eq!(none.refusal(), "400 InvalidArgument");
    let dateless = Raw::new("s3", "GET", "/export/k").header("authorization", "AWS AKIAX:x").send(&cloud).await;
    assert_eq!(dateless.refusal(), "403 AccessDenied");
    let late = signed(&cloud, ("PUT", "/export/k", "/export/k"), "new");
    let url = presigned(&cloud, Duration::from_secs(60), "/export/k");
    cloud.advance(Duration::from_secs(16 * 60)).await.assert_ok();
    assert_eq!(late.send(&cloud).await.refusal(), "403 RequestTimeTooSkewed");
    let expired = get(&cloud, &url).await;
    assert_eq!(expired.refusal(), "403 AccessDenied");
    assert!(expired.body.contains("<Message>Request has expired</Message>"), "{}", expired.body);
    let parts = get(&cloud, "/export/k?Signature=x&Expires=1").await;
    assert!(parts.body.contains("requires the Signature, Expires and AWSAccessKeyId parameters"), "{}", parts.body);
    let soon = get(&cloud, "/export/k?Signature=x&Expires=soon&AWSAccessKeyId=y").await;
    assert!(soon.body.contains("Invalid date (should be seconds since epoch): soon"), "{}", soon.body);
    assert_eq!(cloud.bucket("export").text("k"), "v");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>
#[tokio::test]
async fn a_policy_may_shut_it_out() {
    let cloud = Cloud::builder().buckets_before_2020().start();
    cloud.bucket("export").put("k", "v");
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::export/*",
        "Condition": { "StringEquals": { "s3:signatureversion": "AWS" } },
    }] });
    let put = Raw::new("s3", "PUT", "/export?policy=").body(policy.to_string()).signed(&cloud).await;
    assert_eq!(put.status, 204, "{}", put.body);
    let old = get(&cloud, &presigned(&cloud, Duration::from_secs(60), "/export/k")).await;
    assert_eq!(old.refusal(), "403 AccessDenied");
    assert_eq!(Raw::new("s3", "GET", "/export/k").signed(&cloud).await.body, "v");
}
