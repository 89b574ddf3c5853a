//! Signatures that S3 does not take: code, status and what it says beside them.
use crate::common;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use common::signed::{Answer, Raw};
use lambda_testkit::Cloud;

/// The path and the query of a presigned GET of `export/k`.
async fn presigned(cloud: &Cloud) -> String {
    // Its own endpoint goes before that of the configuration: the host is signed, and these requests go to the cloud's port.
    let config = aws_sdk_s3::config::Builder::from(&cloud.sdk_config());
    let s3 = Client::from_conf(config.endpoint_url(format!("http://{}", cloud.endpoint())).build());
    let presigning = PresigningConfig::builder().start_time(cloud.now().into()).expires_in(Duration::from_secs(60));
    let get = s3.get_object().bucket("export").key("k").presigned(presigning.build().unwrap()).await.unwrap();
    get.uri().split_once("/export").map(|(_, rest)| format!("/export{rest}")).unwrap()
}

#[track_caller]
fn assert_refused(answer: &Answer, refusal: &str, says: &str) {
    assert_eq!(answer.refusal(), refusal, "{}", answer.body);
    assert!(answer.body.contains(says), "{}", answer.body);
}

#[tokio::test]
async fn a_presigned_url_is_the_only_signature_and_signs_all_headers_of_amazon() {
    let cloud = Cloud::start();
    cloud.bucket("export").put("k", "v");
    let url = presigned(&cloud).await;
    assert_eq!(Raw::new("s3", "GET", &url).send(&cloud).await.body, "v");

    let two = Raw::new("s3", "GET", &url).header("authorization", "Bearer <me>").send(&cloud).await;
    assert_refused(&two, "400 InvalidArgument", "<ArgumentValue>Bearer &lt;me&gt;</ArgumentValue>");
    assert!(two.body.contains("<Message>Only one auth mechanism allowed; "), "{}", two.body);

    // The parameter of the old version beside the header of the new one.
    let both = Raw::new("s3", "GET", "/export/k?Signature=x").signed(&cloud).await;
    assert_refused(&both, "400 InvalidArgument", "<Message>Only one auth mechanism allowed; ");

    let more = Raw::new("s3", "GET", &url).header("x-amz-checksum-mode", "ENABLED").send(&cloud).await;
    assert_refused(&more, "403 AccessDenied", "<HeadersNotSigned>x-amz-checksum-mode</HeadersNotSigned>");

    let long = url.replace("X-Amz-Expires=60", "X-Amz-Expires=604801");
    let long = Raw::new("s3", "GET", &long).send(&cloud).await;
    assert_refused(
        &long,
        "400 AuthorizationQueryParametersError",
        "<Message>X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
         than 604800 seconds</Message>",
    );
}

#[tokio::test]
async fn headers_are_sent_as_they_were_signed() {
    let cloud = Cloud::start();
    cloud.bucket("export");
    let key = cloud.own_account().access_key();
    let put =
        || Raw::new("s3", "PUT", "/export/k").body("v").header("x-amz-meta-a", "1").sign(&cloud, &key, cloud.now());
    let mut without = put();
    without.headers.retain(|(name, _)| *name != "x-amz-meta-a");
    let without = without.send(&cloud).await;
    // What S3 signed itself: https://github.com/versity/versitygw/issues/779
    let signed = "\nx-amz-meta-a:\n";
    assert_refused(&without, "403 SignatureDoesNotMatch", signed);
    for element in ["AWSAccessKeyId", "SignatureProvided", "CanonicalRequest>PUT\n/export/k\n\n"] {
        assert!(without.body.contains(&format!("<{element}")), "{element}: {}", without.body);
    }
    assert!(without.body.contains("<StringToSignBytes>41 57 53 34 2d 48 4d 41 43"), "{}", without.body);
    assert!(without.body.contains("<StringToSign>AWS4-HMAC-SHA256\n"), "{}", without.body);
    let more = put().header("x-amz-meta-b", "2").send(&cloud).await;
    assert_refused(&more, "403 AccessDenied", "<HeadersNotSigned>x-amz-meta-b</HeadersNotSigned>");
    let hash = Raw::new("s3", "PUT", "/export/k").header("x-amz-content-sha256", "none").signed(&cloud).await;
    assert_refused(&hash, "400 InvalidArgument", "<ArgumentName>x-amz-content-sha256</ArgumentName>");
    assert!(cloud.bucket("export").keys().is_empty());
    assert_eq!(put().send(&cloud).await.status, 200);
}

/// <https://github.com/versity/versitygw/issues/1514> and 2043
#[tokio::test]
async fn a_refusal_tells_both_times_and_both_hashes() {
    let cloud = Cloud::builder().start_time("2026-09-03T16:21:50Z".parse().unwrap()).start();
    let key = cloud.own_account().access_key();
    let early = "2020-09-01T16:21:48Z".parse().unwrap();
    let early = Raw::new("s3", "GET", "/").sign(&cloud, &key, early).send(&cloud).await;
    let times = "<RequestTime>20200901T162148Z</RequestTime><ServerTime>2026-09-03T16:21:50Z</ServerTime>\
                 <MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>";
    assert_refused(&early, "403 RequestTimeTooSkewed", times);

    let mut changed = Raw::new("s3", "PUT", "/export/k").body("sent").sign(&cloud, &key, cloud.now());
    changed.body = b"".to_vec();
    let empty = "<S3ComputedContentSHA256>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\
                 </S3ComputedContentSHA256>";
    let changed = changed.send(&cloud).await;
    assert_refused(&changed, "400 XAmzContentSHA256Mismatch", empty);
    assert!(changed.body.contains("<ClientComputedContentSHA256>"), "{}", changed.body);
}
