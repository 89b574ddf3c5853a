//! Members and headers of S3 that are not implemented: none of them may be left out without a word.
use crate::common;

use common::signed::Raw;
use lambda_testkit::Cloud;

/// What can be seen of the bucket: keys, text, versioning, tags, notifications, and what happened to it.
async fn look(cloud: &Cloud) -> Vec<String> {
    let bucket = cloud.bucket("export");
    let mut seen = vec![format!("{:?}", bucket.keys()), bucket.text("k")];
    for target in ["/export?versioning=", "/export?notification=", "/export/k?tagging=", "/export?uploads="] {
        let answer = Raw::new("s3", "GET", target).signed(cloud).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        seen.push(answer.body);
    }
    seen
}

#[tokio::test]
async fn members_and_headers_of_what_is_lacking_are_refused_by_name() {
    let cloud = Cloud::start();
    cloud.bucket("export").put("k", "kept");
    let before = look(&cloud).await;
    for (request, name) in [
        (
            Raw::new("s3", "PUT", "/placed").body(
                "<CreateBucketConfiguration><Location><Name>a</Name></Location></CreateBucketConfiguration>",
            ),
            "Location of CreateBucket",
        ),
        (
            Raw::new("s3", "PUT", "/export?versioning=").body(
                "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
            ),
            "MfaDelete",
        ),
        (
            Raw::new("s3", "POST", "/export/k?restore=")
                .body("<RestoreRequest><Type>SELECT</Type><Tier>Bulk</Tier></RestoreRequest>"),
            "Type of RestoreObject",
        ),
        (Raw::new("s3", "PUT", "/export/k").header("x-amz-write-offset-bytes", "4"), "x-amz-write-offset-bytes"),
        (Raw::new("s3", "DELETE", "/export/k").header("x-amz-if-match-size", "4"), "x-amz-if-match-size"),
        (Raw::new("s3", "PUT", "/export/k").header("if-unmodified-since", "Thu, 01 Jan 2026 00:00:00 GMT"), "if-unmodified-since"),
    ] {
        let answer = request.signed(&cloud).await;
        assert_eq!(answer.refusal(), "501 NotImplemented", "{name}: {}", answer.body);
        assert!(answer.body.contains(name), "{name}: {}", answer.body);
    }
    for (target, document) in [
        ("/export?versioning=", "<VersioningConfiguration><Status>Enabled</Status><Mfa/></VersioningConfiguration>"),
        ("/export/k?tagging=", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value><Note/></Tag></TagSet></Tagging>"),
    ] {
        let answer = Raw::new("s3", "PUT", target).body(document).signed(&cloud).await;
        assert_eq!(answer.refusal(), "400 MalformedXML", "{document}");
    }
    assert_eq!(look(&cloud).await, before);
}
