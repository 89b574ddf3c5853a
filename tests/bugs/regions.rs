//! Buckets of other regions and of other accounts.

use aws_sdk_s3::Client;
use lambda_testkit::prelude::{Cloud, ObjectCreated, S3Event, on};
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, read};

/// Copies to a bucket in another region.
fn replicated(trial: &Trial, by_its_region: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, europe) = (cloud.bucket("inbox"), cloud.region("eu-west-1"));
        europe.bucket("replica");
        let here = Client::new(&cloud.sdk_config());
        let there = if by_its_region { Client::new(&europe.sdk_config()) } else { here.clone() };
        let copy = cloud.function("copy", move |event: S3Event| {
            let (here, there) = (here.clone(), there.clone());
            async move {
                for record in event.records {
                    let key = record.key().to_string();
                    let body = read(&here, "inbox", &key).await?;
                    there.put_object().bucket("replica").key(&key).body(body.into()).send().await?;
                }
                Ok::<_, Error>(())
            }
        });
        inbox.notify(&copy, on(ObjectCreated));
        inbox.put("a.txt", "a");
    })
    .tried(trial)
}

#[test]
fn a_bucket_is_in_another_region() {
    Bug {
        name: "a bucket is in another region",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html: PermanentRedirect",
        finding: "a function fails",
        buggy: |trial| replicated(trial, false),
        fixed: |trial| replicated(trial, true),
    }
    .try_it();
}

/// Writes to a bucket, if the account owns it that it is told.
fn owned(trial: &Trial, owner: &'static str) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        let copy = cloud.function("copy", move |event: S3Event| {
            let s3 = s3.clone();
            async move {
                for record in event.records {
                    let key = record.key().to_string();
                    let put = s3.put_object().bucket("outbox").key(&key).expected_bucket_owner(owner);
                    put.body(read(&s3, "inbox", &key).await?.into()).send().await?;
                }
                Ok::<_, Error>(())
            }
        });
        inbox.notify(&copy, on(ObjectCreated));
        inbox.put("a.txt", "a");
    })
    .tried(trial)
}

#[test]
fn a_bucket_is_of_another_account() {
    Bug {
        name: "a bucket is of another account than expected",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html",
        finding: "a function fails",
        buggy: |trial| owned(trial, "222222222222"),
        fixed: |trial| owned(trial, "111111111111"),
    }
    .try_it();
}
