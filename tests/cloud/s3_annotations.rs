//! Annotations of objects by the AWS SDK for Rust, which knows them, and by hand where it has no member for a header.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    AnnotationDirective, ChecksumAlgorithm, ChecksumMode, ObjectLockMode, ServerSideEncryption, VersioningConfiguration,
};
use lambda_testkit::Fault;
use lambda_testkit::event::S3EventName;
use lambda_testkit::prelude::*;
use serde_json::{Value, json};

use crate::common::signed::Raw;
use crate::common::{both_ways, refusal};

const PARTNER: &str = "222222222222";

async fn put(s3: &Client, key: &str, name: &str, payload: &str) -> String {
    let put = s3.put_object_annotation().bucket("export").key(key).annotation_name(name);
    let put = put.annotation_payload(ByteStream::from(payload.as_bytes().to_vec())).send().await;
    put.map_or_else(|error| refusal::<(), _>(Err(error)), |put| put.e_tag.unwrap())
}

async fn get(s3: &Client, key: &str, name: &str) -> String {
    match s3.get_object_annotation().bucket("export").key(key).annotation_name(name).send().await {
        Ok(got) => String::from_utf8(got.annotation_payload.collect().await.unwrap().to_vec()).unwrap(),
        Err(error) => refusal::<(), _>(Err(error)),
    }
}

async fn names(s3: &Client, key: &str) -> Vec<String> {
    let list = s3.list_object_annotations().bucket("export").key(key).send().await.unwrap();
    list.annotations().iter().map(|entry| entry.annotation_name().to_owned()).collect()
}

#[tokio::test]
async fn annotations_come_change_and_go_without_their_object() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        cloud.bucket("export").put("a b/ü", "v");
        let put_one = s3.put_object_annotation().bucket("export").key("a b/ü").annotation_name("ml.größe_1");
        let put_one = put_one.checksum_algorithm(ChecksumAlgorithm::Sha256);
        let stored = put_one.annotation_payload(ByteStream::from_static(b"{}")).send().await.unwrap();
        assert_eq!(stored.e_tag(), Some("\"99914b932bd37a50b983c5e7c90ae93b\""));
        assert_eq!((stored.key(), stored.annotation_name()), (Some("a b/ü"), Some("ml.größe_1")));
        assert_eq!(
            (stored.object_version_id(), stored.server_side_encryption()),
            (None, Some(&ServerSideEncryption::Aes256))
        );
        put(&s3, "a b/ü", "summary", "first").await;
        put(&s3, "a b/ü", "summary", "second").await;

        let got = s3.get_object_annotation().bucket("export").key("a b/ü").annotation_name("ml.größe_1");
        let got = got.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
        assert_eq!((got.content_length(), got.checksum_sha256().is_some()), (Some(2), true));
        assert_eq!(got.last_modified().unwrap().secs(), cloud.now().as_second());
        assert_eq!(get(&s3, "a b/ü", "summary").await, "second");
        let list = s3.list_object_annotations().bucket("export").key("a b/ü").send().await.unwrap();
        let entry = &list.annotations()[0];
        assert_eq!((entry.annotation_name(), entry.size()), ("ml.größe_1", 2));
        assert_eq!((entry.e_tag(), entry.checksum_algorithm()), (stored.e_tag(), &[ChecksumAlgorithm::Sha256][..]));
        assert_eq!((list.annotation_count(), list.max_annotation_results()), (Some(2), None));
        assert_eq!((list.key(), list.next_continuation_token()), (Some("a b/ü"), None));

        let delete = || s3.delete_object_annotation().bucket("export").key("a b/ü").annotation_name("summary");
        delete().send().await.unwrap();
        delete().send().await.unwrap();
        assert_eq!(get(&s3, "a b/ü", "summary").await, "404 NoSuchAnnotation");
        assert_eq!(get(&s3, "absent", "summary").await, "404 NoSuchKey");
        // Another object under the key has none.
        cloud.bucket("export").put("a b/ü", "other");
        assert!(names(&s3, "a b/ü").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn each_version_has_its_own_and_conditions_are_about_the_object() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let enabled = VersioningConfiguration::builder().status("Enabled".into()).build();
        s3.put_bucket_versioning().bucket("export").versioning_configuration(enabled).send().await.unwrap();
        bucket.put("k", "first");
        put(&s3, "k", "of-first", "1").await;
        bucket.put("k", "second");
        let second = s3.head_object().bucket("export").key("k").send().await.unwrap();
        let put_if = |tag: &str| {
            let put = s3.put_object_annotation().bucket("export").key("k").annotation_name("of-second");
            put.annotation_payload(ByteStream::from_static(b"2")).object_if_match(tag).send()
        };
        assert_eq!(refusal(put_if("\"other\"").await), "412 PreconditionFailed");
        let stored = put_if(second.e_tag().unwrap()).await.unwrap();
        assert_eq!(stored.object_version_id(), second.version_id());
        assert_eq!(names(&s3, "k").await, ["of-second"]);

        let versions = s3.list_object_versions().bucket("export").send().await.unwrap();
        let first = versions.versions()[1].version_id().unwrap();
        let of_first = s3.list_object_annotations().bucket("export").key("k").version_id(first).send().await.unwrap();
        assert_eq!(of_first.annotations()[0].annotation_name(), "of-first");
        let delete = s3.delete_object_annotation().bucket("export").key("k").annotation_name("of-second");
        assert_eq!(refusal(delete.object_if_match("\"other\"").send().await), "412 PreconditionFailed");
        bucket.delete("k");
        assert_eq!(put(&s3, "k", "n", "p").await, "404 NoSuchKey");
        s3.delete_object().bucket("export").key("k").version_id(first).send().await.unwrap();
        let gone = s3.list_object_annotations().bucket("export").key("k").version_id(first).send().await;
        assert_eq!(refusal(gone), "404 NoSuchVersion");
    })
    .await;
}

#[tokio::test]
async fn names_payloads_and_numbers_have_limits() {
    let cloud = Cloud::start();
    let s3 = Client::new(&cloud.sdk_config());
    cloud.bucket("export").put("k", "v");
    for name in ["a b", "a/b", "awsome", "S3.x", "a:b"] {
        assert_eq!(put(&s3, "k", name, "p").await, "400 InvalidAnnotationName", "{name}");
    }
    let nameless = Raw::new("s3", "PUT", "/export/k?annotation=").body("p").signed(&cloud).await;
    assert_eq!(nameless.refusal(), "405 MethodNotAllowed");
    assert_eq!(put(&s3, "k", &"n".repeat(513), "p").await, "400 AnnotationNameTooLong");
    assert_eq!(put(&s3, "k", &"n".repeat(512), &"p".repeat(1024 * 1024)).await, "\"ce237b8c1efe5870277835373a7863ad\"");
    assert_eq!(put(&s3, "k", "n", "").await, "400 InvalidRequest");
    assert_eq!(put(&s3, "k", "n", &"p".repeat(1024 * 1024 + 1)).await, "400 EntityTooLarge");
    let binary = s3.put_object_annotation().bucket("export").key("k").annotation_name("n");
    let binary = binary.annotation_payload(ByteStream::from_static(b"\xff")).send().await;
    assert_eq!(refusal(binary), "415 UnsupportedMediaType");

    for number in 1..1_000 {
        put(&s3, "k", &format!("n{number:03}"), "p").await;
    }
    assert_eq!(put(&s3, "k", "more", "p").await, "400 AnnotationLimitExceeded");
    put(&s3, "k", "n001", "again").await;
    let (mut token, mut seen) = (None, Vec::new());
    loop {
        let list = s3.list_object_annotations().bucket("export").key("k").annotation_prefix("n00");
        let page = list.max_annotation_results(4).set_continuation_token(token).send().await.unwrap();
        assert!(page.annotations().len() <= 4);
        seen.extend(page.annotations().iter().map(|entry| entry.annotation_name().to_owned()));
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..10).map(|number| format!("n00{number}")).collect::<Vec<_>>());
    let odd = s3.list_object_annotations().bucket("export").key("k").annotation_prefix("a b").send().await;
    assert_eq!(refusal(odd), "400 InvalidPrefix");
    let odd = s3.list_object_annotations().bucket("export").key("k").continuation_token("?").send().await;
    assert_eq!(refusal(odd), "400 InvalidArgument");
}

#[tokio::test]
async fn copies_take_annotations_along_unless_they_are_excluded() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        cloud.bucket("export").put("k", "v");
        put(&s3, "k", "n", "p").await;
        let copy = |to: &str| s3.copy_object().copy_source("export/k").bucket("export").key(to);
        copy("with").send().await.unwrap();
        copy("without").annotation_directive(AnnotationDirective::Exclude).send().await.unwrap();
        assert_eq!((names(&s3, "with").await, names(&s3, "without").await), (vec!["n".to_owned()], vec![]));
        let own = copy("own").sse_customer_algorithm("AES256");
        let own = own.sse_customer_key("pO3upElrwuEXSoFwCfnZPdSsmt/xWeFa0N9KgDijwVs=");
        let own = own.sse_customer_key_md5("DWygnHRtgiJ77HCm+1rvHw==");
        assert_eq!(refusal(own.clone().send().await), "400 InvalidRequest");
        own.annotation_directive(AnnotationDirective::Exclude).send().await.unwrap();
        assert_eq!(put(&s3, "own", "n", "p").await, "400 InvalidRequest");
        let odd = copy("odd").annotation_directive("REPLACE".into()).send().await;
        assert_eq!(refusal(odd), "400 InvalidArgument");
    })
    .await;
}

#[tokio::test]
async fn they_have_permissions_of_their_own() {
    let cloud = Cloud::start();
    let (own, partner) = (Client::new(&cloud.sdk_config()), Client::new(&cloud.account(PARTNER).sdk_config()));
    cloud.bucket("export").put("k", "v");
    cloud.account(PARTNER).bucket("theirs");
    put(&own, "k", "n", "p").await;
    assert_eq!(get(&partner, "k", "n").await, "403 AccessDenied");
    let allow = async |actions: Value| {
        let resource = "arn:aws:s3:::export/*";
        let statement =
            json!({ "Effect": "Allow", "Principal": { "AWS": PARTNER }, "Action": actions, "Resource": resource });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        own.put_bucket_policy().bucket("export").policy(policy).send().await.unwrap();
    };
    let copy = || partner.copy_object().copy_source("export/k").bucket("theirs").key("copy");
    allow(json!("s3:GetObject")).await;
    assert_eq!(get(&partner, "k", "n").await, "403 AccessDenied");
    // Who may not read the annotations may copy without them alone.
    assert_eq!(refusal(copy().send().await), "403 AccessDenied");
    copy().annotation_directive(AnnotationDirective::Exclude).send().await.unwrap();
    allow(json!(["s3:GetObject", "s3:GetObjectAnnotation"])).await;
    assert_eq!(get(&partner, "k", "n").await, "p");
    assert_eq!(put(&partner, "k", "n", "theirs").await, "403 AccessDenied");
    copy().send().await.unwrap();
}

#[tokio::test]
async fn those_of_a_governed_version_stay_unless_the_governance_is_bypassed() {
    let cloud = Cloud::start();
    let s3 = Client::new(&cloud.sdk_config());
    s3.create_bucket().bucket("export").object_lock_enabled_for_bucket(true).send().await.unwrap();
    let until = aws_sdk_s3::primitives::DateTime::from_secs(cloud.now().as_second() + 60);
    let locked = s3.put_object().bucket("export").key("k").object_lock_mode(ObjectLockMode::Governance);
    locked.object_lock_retain_until_date(until).send().await.unwrap();
    put(&s3, "k", "n", "p").await;
    let delete = s3.delete_object_annotation().bucket("export").key("k").annotation_name("n").send().await;
    assert_eq!(refusal(delete), "403 AccessDenied");
    let bypass = Raw::new("s3", "DELETE", "/export/k?annotation=&annotationName=n");
    let bypass = bypass.header("x-amz-bypass-governance-retention", "true").signed(&cloud).await;
    assert_eq!(bypass.status, 204, "{}", bypass.body);
    assert!(names(&s3, "k").await.is_empty());
}

#[tokio::test]
async fn their_events_name_them_and_what_changes_nothing_has_none() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        bucket.put("k", "v");
        let told = cloud.function("told", async |event: Value| Ok::<_, String>(event["Records"][0].clone()));
        for name in [S3EventName::ObjectAnnotationPut, S3EventName::ObjectAnnotationDelete] {
            bucket.notify(&told, on(name));
        }
        put(&s3, "k", "summary", "{}").await;
        put(&s3, "k", "a b", "refused").await;
        let delete = || s3.delete_object_annotation().bucket("export").key("k").annotation_name("summary").send();
        delete().await.unwrap();
        delete().await.unwrap();
        cloud.settle().await.assert_ok();
        let seen: Vec<Value> = told.responses();
        let seen: Vec<_> =
            seen.iter().map(|record| (&record["eventName"], &record["s3"]["objectAnnotation"])).collect();
        let written = json!({ "name": "summary", "size": 2, "eTag": "99914b932bd37a50b983c5e7c90ae93b" });
        let expected = [
            (json!("ObjectAnnotation:Put"), written),
            (json!("ObjectAnnotation:Delete"), json!({ "name": "summary" })),
        ];
        assert_eq!(seen, expected.iter().map(|(name, annotation)| (name, annotation)).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn they_go_the_way_of_all_requests() {
    let cloud = Cloud::start();
    let s3 = Client::new(&cloud.sdk_config());
    cloud.bucket("export").put("k", "v");
    put(&s3, "k", "n", "p").await;
    let slow = cloud.inject(Fault::on("s3.GetObjectAnnotation").resource("export/*").times(1).refuse("AccessDenied"));
    assert_eq!(get(&s3, "k", "n").await, "403 AccessDenied");
    assert_eq!(slow.hits(), 1);
    assert_eq!(get(&s3, "k", "n").await, "p");
    for target in ["annotation=&annotationName=n&colour=red", "annotation=&colour=red", "annotation=&max-keys=1"] {
        let answer = Raw::new("s3", "GET", &format!("/export/k?{target}")).signed(&cloud).await;
        assert_eq!(answer.refusal(), "501 NotImplemented", "{}", answer.body);
    }
    let answer = Raw::new("s3", "HEAD", "/export/k?annotation=&annotationName=n").signed(&cloud).await;
    assert_eq!(answer.status, 501);
    let wrong =
        Raw::new("s3", "PUT", "/export/k?annotation=&annotationName=n").header("x-amz-checksum-crc32", "AAAAAA==");
    assert_eq!(wrong.body("p").signed(&cloud).await.refusal(), "400 BadDigest");
    let lost = Raw::new("s3", "PUT", "/export/k").header("x-amz-object-if-match", "x").body("v");
    assert_eq!(lost.signed(&cloud).await.refusal(), "501 NotImplemented");
    let timeline = cloud.timeline().to_string();
    assert!(timeline.contains("s3 PutObjectAnnotation s3://export/k → 200"), "{timeline}");
}
