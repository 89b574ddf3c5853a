//! Locks, keys, attributes and restores of objects by the AWS SDK for Rust.
use crate::common;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart, ObjectAttributes, ObjectLockLegalHold,
    ObjectLockLegalHoldStatus, ObjectLockMode, RestoreRequest, ServerSideEncryption, StorageClass,
};
use common::{both_ways, refusal};
use lambda_testkit::event::S3EventName;
use lambda_testkit::prelude::*;

const HOUR: u64 = 3_600;

#[tokio::test]
async fn a_locked_version_is_kept_until_the_clock_of_the_cloud_says_so() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        s3.create_bucket().bucket("locked").object_lock_enabled_for_bucket(true).send().await.unwrap();
        let until = DateTime::from_secs(cloud.now().as_second() + 60);
        let put = s3.put_object().bucket("locked").key("k").body(ByteStream::from_static(b"v"));
        let put = put.object_lock_mode(ObjectLockMode::Compliance).object_lock_retain_until_date(until);
        let id = put.send().await.unwrap().version_id.unwrap();
        let head = s3.head_object().bucket("locked").key("k").send().await.unwrap();
        assert_eq!(head.object_lock_retain_until_date(), Some(&until));
        let delete = || s3.delete_object().bucket("locked").key("k").version_id(&id).send();
        assert_eq!(refusal(delete().await), "403 AccessDenied");
        cloud.advance(Duration::from_secs(60)).await.assert_ok();
        let hold = |status| {
            let hold = ObjectLockLegalHold::builder().status(status).build();
            s3.put_object_legal_hold().bucket("locked").key("k").legal_hold(hold).send()
        };
        hold(ObjectLockLegalHoldStatus::On).await.unwrap();
        assert_eq!(refusal(delete().await), "403 AccessDenied");
        hold(ObjectLockLegalHoldStatus::Off).await.unwrap();
        delete().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn objects_tell_how_they_are_encrypted() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        cloud.bucket("export");
        let put = s3.put_object().bucket("export").key("kms").server_side_encryption(ServerSideEncryption::AwsKms);
        let put = put.ssekms_key_id("arn:aws:kms:us-east-1:111111111111:key/k").send().await.unwrap();
        assert_eq!(put.ssekms_key_id(), Some("arn:aws:kms:us-east-1:111111111111:key/k"));
        let head = s3.head_object().bucket("export").key("kms").send().await.unwrap();
        assert_eq!(head.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
        let key = "pO3upElrwuEXSoFwCfnZPdSsmt/xWeFa0N9KgDijwVs=";
        let md5 = "DWygnHRtgiJ77HCm+1rvHw==";
        let put = s3.put_object().bucket("export").key("own").body(ByteStream::from_static(b"v"));
        put.sse_customer_algorithm("AES256").sse_customer_key(key).sse_customer_key_md5(md5).send().await.unwrap();
        assert_eq!(refusal(s3.get_object().bucket("export").key("own").send().await), "400 InvalidRequest");
        assert_eq!(cloud.bucket("export").text("own"), "v", "a test needs no key");
        let get = s3.get_object().bucket("export").key("own").sse_customer_algorithm("AES256");
        get.sse_customer_key(key).sse_customer_key_md5(md5).send().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_parts_of_an_upload_have_checksums_of_every_algorithm() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        cloud.bucket("export");
        // The SDK does not calculate all of them: so the parts are copied, and the test takes what S3 says of them.
        let source = s3.put_object().bucket("export").key("source").body(ByteStream::from_static(b"data"));
        source.send().await.unwrap();
        for algorithm in ChecksumAlgorithm::values() {
            let create = s3.create_multipart_upload().bucket("export").key(*algorithm);
            let create = create.checksum_algorithm(ChecksumAlgorithm::from(*algorithm)).send().await.unwrap();
            let upload = create.upload_id().unwrap();
            let copy = s3.upload_part_copy().bucket("export").key(*algorithm).upload_id(upload).part_number(1);
            let copied = copy.copy_source("export/source").send().await.unwrap().copy_part_result.unwrap();
            let part = CompletedPart::builder()
                .part_number(1)
                .set_e_tag(copied.e_tag)
                .set_checksum_crc32(copied.checksum_crc32)
                .set_checksum_crc32_c(copied.checksum_crc32_c)
                .set_checksum_crc64_nvme(copied.checksum_crc64_nvme)
                .set_checksum_md5(copied.checksum_md5)
                .set_checksum_sha1(copied.checksum_sha1)
                .set_checksum_sha256(copied.checksum_sha256)
                .set_checksum_sha512(copied.checksum_sha512)
                .set_checksum_xxhash128(copied.checksum_xxhash128)
                .set_checksum_xxhash3(copied.checksum_xxhash3)
                .set_checksum_xxhash64(copied.checksum_xxhash64)
                .build();
            let parts = CompletedMultipartUpload::builder().parts(part).build();
            let complete = s3.complete_multipart_upload().bucket("export").key(*algorithm).upload_id(upload);
            complete.multipart_upload(parts).send().await.unwrap();
            let asked = s3.get_object_attributes().bucket("export").key(*algorithm);
            let asked = asked.object_attributes(ObjectAttributes::ObjectParts).max_parts(1);
            let found = asked.object_attributes(ObjectAttributes::Checksum).send().await.unwrap();
            let text = format!("{found:?}").replace("_c: ", "c: ").replace('_', "").to_lowercase();
            let field = format!("checksum{}: some(", algorithm.to_lowercase());
            assert_eq!(text.matches(&field).count(), 2, "{algorithm}: {text}");
            let head = s3.head_object().bucket("export").key(*algorithm).checksum_mode(ChecksumMode::Enabled);
            let text = format!("{:?}", head.send().await.unwrap()).replace('_', "").to_lowercase();
            assert_eq!(text.matches(&field).count(), 1, "{algorithm}: {text}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_archived_object_is_restored_when_its_hours_have_passed_and_both_are_told() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let told = cloud.queue("told");
        for event in ["ObjectRestore:Post", "ObjectRestore:Completed", "ObjectRestore:Delete"] {
            bucket.notify(&told, on(S3EventName::from(event)));
        }
        let put = s3.put_object().bucket("export").key("k").body(ByteStream::from_static(b"v"));
        put.storage_class(StorageClass::Glacier).send().await.unwrap();
        assert_eq!(refusal(s3.get_object().bucket("export").key("k").send().await), "403 InvalidObjectState");
        let ask = || {
            let request = RestoreRequest::builder().days(1).build();
            s3.restore_object().bucket("export").key("k").restore_request(request).send()
        };
        ask().await.unwrap();
        assert_eq!(refusal(ask().await), "409 RestoreAlreadyInProgress");
        let head = s3.head_object().bucket("export").key("k").send().await.unwrap();
        assert_eq!(head.restore(), Some("ongoing-request=\"true\""));
        cloud.advance(Duration::from_secs(5 * HOUR)).await.assert_ok();
        s3.get_object().bucket("export").key("k").send().await.unwrap();
        let head = s3.head_object().bucket("export").key("k").send().await.unwrap();
        assert!(head.restore().unwrap().starts_with("ongoing-request=\"false\", expiry-date=\""));
        cloud.advance(Duration::from_secs(48 * HOUR)).await.assert_ok();
        assert_eq!(refusal(s3.get_object().bucket("export").key("k").send().await), "403 InvalidObjectState");
        for (kind, says) in [
            ("ObjectRestore:Post", "AWS:AIDA"),
            ("ObjectRestore:Completed", "\"lifecycleRestoreStorageClass\":\"GLACIER\""),
            ("ObjectRestore:Delete", "\"sourceIPAddress\":\"s3.amazonaws.com\""),
        ] {
            let bodies = told.bodies();
            let body = bodies.iter().find(|body| body.contains(kind)).unwrap_or_else(|| panic!("{kind}: {bodies:?}"));
            assert!(body.contains(says), "{kind}: {body}");
        }
    })
    .await;
}
