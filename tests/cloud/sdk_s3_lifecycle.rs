//! What a bucket does by its settings: lifecycle rules as the cloud's clock passes midnight, and encryption by default; by the
//! AWS SDK for Rust.
use crate::common;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, ChecksumAlgorithm, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration, ObjectLockLegalHoldStatus, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use common::both_ways;
use lambda_testkit::event::S3EventName;
use lambda_testkit::{Cloud, ObjectEvents, on};
use serde_json::Value;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn objects_expire_when_their_days_are_over_and_functions_are_told() {
    both_ways(async |cloud, config| {
        let (logs, s3) = (cloud.bucket("logs"), Client::new(&config));
        let told = cloud.function("told", async |event: Value| event["Records"][0]["eventName"].clone());
        logs.notify(&told, on(ObjectEvents::Only(S3EventName::LifecycleExpirationDelete)));
        logs.put("old/a.log", "a");
        logs.put("kept/b.log", "b");
        let expiration = LifecycleExpiration::builder().days(2).build();
        let rule = LifecycleRule::builder().id("old").status(ExpirationStatus::Enabled).expiration(expiration);
        let rule = rule.filter(LifecycleRuleFilter::builder().prefix("old/").build()).build().unwrap();
        let rules = BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
        let put = s3.put_bucket_lifecycle_configuration().bucket("logs").lifecycle_configuration(rules);
        put.send().await.unwrap();

        cloud.advance(DAY * 2).await.assert_ok();
        assert_eq!(logs.keys(), ["kept/b.log", "old/a.log"], "two days later it is not yet the next midnight");
        cloud.advance(DAY + Duration::from_secs(60)).await.assert_ok();
        assert_eq!(logs.keys(), ["kept/b.log"]);
        assert_eq!(told.responses(), ["LifecycleExpiration:Delete"]);

        s3.delete_bucket_lifecycle().bucket("logs").send().await.unwrap();
        logs.put("old/c.log", "c");
        cloud.advance(DAY * 5).await.assert_ok();
        assert_eq!(logs.keys(), ["kept/b.log", "old/c.log"], "without the rule it stays");
    })
    .await;
}

/// What is locked stays, also for rules: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>.
#[tokio::test]
async fn what_is_locked_is_not_removed_by_a_rule() {
    let cloud = Cloud::start();
    let s3 = Client::new(&cloud.sdk_config());
    s3.create_bucket().bucket("kept").object_lock_enabled_for_bucket(true).send().await.unwrap();
    let old = |key: &str| s3.put_object().bucket("kept").key(key).body(b"old".to_vec().into());
    let locked = old("locked").object_lock_legal_hold_status(ObjectLockLegalHoldStatus::On);
    locked.checksum_algorithm(ChecksumAlgorithm::Crc32).send().await.unwrap();
    old("free").send().await.unwrap();
    for key in ["locked", "free"] {
        s3.put_object().bucket("kept").key(key).body(b"new".to_vec().into()).send().await.unwrap();
    }
    let expiration = NoncurrentVersionExpiration::builder().noncurrent_days(1).build();
    let rule = LifecycleRule::builder().id("old").status(ExpirationStatus::Enabled);
    let rule = rule.noncurrent_version_expiration(expiration).filter(LifecycleRuleFilter::builder().build());
    let rules = BucketLifecycleConfiguration::builder().rules(rule.build().unwrap()).build().unwrap();
    s3.put_bucket_lifecycle_configuration().bucket("kept").lifecycle_configuration(rules).send().await.unwrap();
    cloud.advance(DAY * 3).await.assert_ok();
    let kept = cloud.bucket("kept");
    assert_eq!((kept.versions("locked").len(), kept.versions("free").len()), (2, 1));
}

#[tokio::test]
async fn a_bucket_encrypts_by_its_default_what_says_nothing_itself() {
    let cloud = Cloud::start();
    cloud.bucket("box");
    let s3 = Client::new(&cloud.sdk_config());
    let default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::AwsKms);
    let default = default.kms_master_key_id("my-key").build().unwrap();
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    s3.put_bucket_encryption().bucket("box").server_side_encryption_configuration(rules).send().await.unwrap();
    let put = |key: &str| s3.put_object().bucket("box").key(key).body(b"x".to_vec().into());
    let written = put("default").send().await.unwrap();
    assert_eq!(written.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
    assert_eq!(written.ssekms_key_id(), Some("my-key"));
    put("own").server_side_encryption(ServerSideEncryption::Aes256).send().await.unwrap();
    let how = async |key: &str| {
        s3.head_object().bucket("box").key(key).send().await.unwrap().server_side_encryption().cloned()
    };
    assert_eq!(how("default").await, Some(ServerSideEncryption::AwsKms));
    assert_eq!(how("own").await, Some(ServerSideEncryption::Aes256));
}
