//! Multipart uploads: who started them, and who may end them.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketCannedAcl, CompletedMultipartUpload, CompletedPart};
use lambda_testkit::Cloud;

const PARTNER: &str = "222222222222";

#[tokio::test]
async fn whoever_starts_an_upload_in_anothers_bucket_is_named_and_may_end_it() {
    let cloud = Cloud::builder().buckets_before_2020().start();
    cloud.bucket("box");
    let (own, partner) = (Client::new(&cloud.sdk_config()), Client::new(&cloud.account(PARTNER).sdk_config()));
    own.put_bucket_acl().bucket("box").acl(BucketCannedAcl::PublicReadWrite).send().await.unwrap();
    let mine = own.create_multipart_upload().bucket("box").key("a").send().await.unwrap();
    let theirs = partner.create_multipart_upload().bucket("box").key("b").send().await.unwrap();
    let (mine, theirs) = (mine.upload_id().unwrap(), theirs.upload_id().unwrap());
    for client in [&own, &partner] {
        let listed = client.list_multipart_uploads().bucket("box").send().await.unwrap();
        let names = |upload: &aws_sdk_s3::types::MultipartUpload| {
            let (initiator, owner) = (upload.initiator().unwrap(), upload.owner().unwrap());
            assert_eq!(initiator.id(), owner.id());
            assert_eq!(initiator.id().map(str::len), Some(64));
            (upload.key().unwrap().to_owned(), initiator.display_name().unwrap_or_default().to_owned())
        };
        let names: Vec<_> = listed.uploads().iter().map(names).collect();
        let own_id = cloud.own_account().id().to_string();
        assert_eq!(names, [("a".to_owned(), own_id), ("b".to_owned(), PARTNER.to_owned())]);
    }
    let parts = partner.list_parts().bucket("box").key("b").upload_id(theirs).send().await.unwrap();
    assert_eq!(parts.initiator().and_then(|initiator| initiator.display_name()), Some(PARTNER));
    let foreign = partner.abort_multipart_upload().bucket("box").key("a").upload_id(mine).send().await;
    assert_eq!(foreign.unwrap_err().code(), Some("AccessDenied"));
    partner.abort_multipart_upload().bucket("box").key("b").upload_id(theirs).send().await.unwrap();
    own.abort_multipart_upload().bucket("box").key("a").upload_id(mine).send().await.unwrap();
}

#[tokio::test]
async fn an_upload_with_a_clients_key_and_checksums_is_completed_with_that_key() {
    let cloud = Cloud::start();
    cloud.bucket("box");
    let s3 = Client::new(&cloud.sdk_config());
    let (key, md5) = ("pO3upElrwuEXSoFwCfnZPdSsmt/xWeFa0N9KgDijwVs=", "DWygnHRtgiJ77HCm+1rvHw==");
    let start = s3.create_multipart_upload().bucket("box").key("k").sse_customer_algorithm("AES256");
    let started = start.sse_customer_key(key).sse_customer_key_md5(md5).send().await.unwrap();
    let id = started.upload_id().unwrap();
    // The SDK gives each part a checksum.
    let part = s3.upload_part().bucket("box").key("k").upload_id(id).part_number(1).sse_customer_algorithm("AES256");
    let part = part.sse_customer_key(key).sse_customer_key_md5(md5).body(ByteStream::from_static(b"part"));
    let e_tag = part.send().await.unwrap().e_tag.unwrap();
    let parts = CompletedMultipartUpload::builder();
    let parts = parts.parts(CompletedPart::builder().part_number(1).e_tag(e_tag).build()).build();
    let complete =
        || s3.complete_multipart_upload().bucket("box").key("k").upload_id(id).multipart_upload(parts.clone());
    assert_eq!(complete().send().await.unwrap_err().code(), Some("InvalidRequest"));
    let with_key = complete().sse_customer_algorithm("AES256").sse_customer_key(key).sse_customer_key_md5(md5);
    with_key.send().await.unwrap();
    assert_eq!(cloud.bucket("box").text("k"), "part");
}
