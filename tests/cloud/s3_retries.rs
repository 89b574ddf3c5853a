//! Requests to S3 that come again because their answer was lost.
use crate::common;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use common::{both_ways, refusal};
use lambda_testkit::prelude::*;
use serde_json::Value;

#[tokio::test]
async fn completing_an_upload_again_gives_the_same_answer_and_no_second_event() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let seen = cloud.function("seen", async |_: Value| Ok::<_, String>(()));
        bucket.notify(&seen, on(ObjectCreated));
        let upload = s3.create_multipart_upload().bucket("export").key("k").send().await.unwrap().upload_id.unwrap();
        let part = s3.upload_part().bucket("export").key("k").upload_id(&upload).part_number(1);
        let e_tag = part.body(b"all".to_vec().into()).send().await.unwrap().e_tag.unwrap();
        let complete = |e_tag: &str| {
            let part = CompletedPart::builder().part_number(1).e_tag(e_tag).build();
            let parts = CompletedMultipartUpload::builder().parts(part).build();
            s3.complete_multipart_upload().bucket("export").key("k").upload_id(&upload).multipart_upload(parts).send()
        };
        let first = complete(&e_tag).await.unwrap();
        let again = complete(&e_tag).await.unwrap();
        assert!(again.e_tag().is_some_and(|tag| tag.ends_with("-1\"")));
        assert_eq!((again.e_tag(), again.location()), (first.e_tag(), first.location()));
        cloud.settle().await.assert_ok();
        assert_eq!(seen.events().len(), 1);

        assert_eq!(refusal(complete("\"other\"").await), "404 NoSuchUpload");
        let abort = |id: &str| s3.abort_multipart_upload().bucket("export").key("k").upload_id(id).send();
        abort(&upload).await.unwrap();
        assert_eq!(refusal(abort("unknown").await), "404 NoSuchUpload");
        assert_eq!(bucket.text("k"), "all");
    })
    .await;
}

#[tokio::test]
async fn making_and_emptying_a_bucket_may_be_asked_twice() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        cloud.bucket("export").put("k", "v");
        for _ in 0..2 {
            s3.create_bucket().bucket("export").send().await.unwrap();
            s3.delete_object().bucket("export").key("k").send().await.unwrap();
        }
        s3.delete_bucket().bucket("export").send().await.unwrap();
        assert_eq!(refusal(s3.delete_bucket().bucket("export").send().await), "404 NoSuchBucket");
    })
    .await;
}
