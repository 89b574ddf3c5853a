//! Operations of S3 that are not implemented: none of them may run another one in its place.
use crate::common;

use common::signed::Raw;
use lambda_testkit::Cloud;

/// All operations of the API's model that the mock does not have: name, method, path and query.
const LACKING: [(&str, &str, &str); 84] = [
    ("CreateBucketMetadataConfiguration", "POST", "/export?metadataConfiguration="),
    ("CreateBucketMetadataTableConfiguration", "POST", "/export?metadataTable="),
    ("CreateSession", "GET", "/export?session="),
    ("DeleteBucketAnalyticsConfiguration", "DELETE", "/export?analytics=&id=1"),
    ("DeleteBucketCors", "DELETE", "/export?cors="),
    ("DeleteBucketEncryption", "DELETE", "/export?encryption="),
    ("DeleteBucketIntelligentTieringConfiguration", "DELETE", "/export?id=1&intelligent-tiering="),
    ("DeleteBucketInventoryConfiguration", "DELETE", "/export?id=1&inventory="),
    ("DeleteBucketLifecycle", "DELETE", "/export?lifecycle="),
    ("DeleteBucketMetadataConfiguration", "DELETE", "/export?metadataConfiguration="),
    ("DeleteBucketMetadataTableConfiguration", "DELETE", "/export?metadataTable="),
    ("DeleteBucketMetricsConfiguration", "DELETE", "/export?id=1&metrics="),
    ("DeleteBucketOwnershipControls", "DELETE", "/export?ownershipControls="),
    ("DeleteBucketPolicy", "DELETE", "/export?policy="),
    ("DeleteBucketReplication", "DELETE", "/export?replication="),
    ("DeleteBucketTagging", "DELETE", "/export?tagging="),
    ("DeleteBucketWebsite", "DELETE", "/export?website="),
    ("DeleteObjectAnnotation", "DELETE", "/export/k?annotation=&annotationName=a"),
    ("DeletePublicAccessBlock", "DELETE", "/export?publicAccessBlock="),
    ("GetBucketAbac", "GET", "/export?abac="),
    ("GetBucketAccelerateConfiguration", "GET", "/export?accelerate="),
    ("GetBucketAcl", "GET", "/export?acl="),
    ("GetBucketAnalyticsConfiguration", "GET", "/export?analytics=&id=1"),
    ("GetBucketCors", "GET", "/export?cors="),
    ("GetBucketEncryption", "GET", "/export?encryption="),
    ("GetBucketIntelligentTieringConfiguration", "GET", "/export?id=1&intelligent-tiering="),
    ("GetBucketInventoryConfiguration", "GET", "/export?id=1&inventory="),
    ("GetBucketLifecycleConfiguration", "GET", "/export?lifecycle="),
    ("GetBucketLogging", "GET", "/export?logging="),
    ("GetBucketMetadataConfiguration", "GET", "/export?metadataConfiguration="),
    ("GetBucketMetadataTableConfiguration", "GET", "/export?metadataTable="),
    ("GetBucketMetricsConfiguration", "GET", "/export?id=1&metrics="),
    ("GetBucketOwnershipControls", "GET", "/export?ownershipControls="),
    ("GetBucketPolicy", "GET", "/export?policy="),
    ("GetBucketPolicyStatus", "GET", "/export?policyStatus="),
    ("GetBucketReplication", "GET", "/export?replication="),
    ("GetBucketRequestPayment", "GET", "/export?requestPayment="),
    ("GetBucketTagging", "GET", "/export?tagging="),
    ("GetBucketWebsite", "GET", "/export?website="),
    ("GetObjectAcl", "GET", "/export/k?acl="),
    ("GetObjectAnnotation", "GET", "/export/k?annotation=&annotationName=a&x-id=GetObjectAnnotation"),
    ("GetObjectAttributes", "GET", "/export/k?attributes="),
    ("GetObjectLegalHold", "GET", "/export/k?legal-hold="),
    ("GetObjectLockConfiguration", "GET", "/export?object-lock="),
    ("GetObjectRetention", "GET", "/export/k?retention="),
    ("GetObjectTorrent", "GET", "/export/k?torrent="),
    ("GetPublicAccessBlock", "GET", "/export?publicAccessBlock="),
    ("ListBucketAnalyticsConfigurations", "GET", "/export?analytics="),
    ("ListBucketIntelligentTieringConfigurations", "GET", "/export?intelligent-tiering="),
    ("ListBucketInventoryConfigurations", "GET", "/export?inventory="),
    ("ListBucketMetricsConfigurations", "GET", "/export?metrics="),
    ("ListDirectoryBuckets", "GET", "/?x-id=ListDirectoryBuckets"),
    ("ListObjectAnnotations", "GET", "/export/k?annotation=&x-id=ListObjectAnnotations"),
    ("PutBucketAbac", "PUT", "/export?abac="),
    ("PutBucketAccelerateConfiguration", "PUT", "/export?accelerate="),
    ("PutBucketAcl", "PUT", "/export?acl="),
    ("PutBucketAnalyticsConfiguration", "PUT", "/export?analytics=&id=1"),
    ("PutBucketCors", "PUT", "/export?cors="),
    ("PutBucketEncryption", "PUT", "/export?encryption="),
    ("PutBucketIntelligentTieringConfiguration", "PUT", "/export?id=1&intelligent-tiering="),
    ("PutBucketInventoryConfiguration", "PUT", "/export?id=1&inventory="),
    ("PutBucketLifecycleConfiguration", "PUT", "/export?lifecycle="),
    ("PutBucketLogging", "PUT", "/export?logging="),
    ("PutBucketMetricsConfiguration", "PUT", "/export?id=1&metrics="),
    ("PutBucketOwnershipControls", "PUT", "/export?ownershipControls="),
    ("PutBucketPolicy", "PUT", "/export?policy="),
    ("PutBucketReplication", "PUT", "/export?replication="),
    ("PutBucketRequestPayment", "PUT", "/export?requestPayment="),
    ("PutBucketTagging", "PUT", "/export?tagging="),
    ("PutBucketWebsite", "PUT", "/export?website="),
    ("PutObjectAcl", "PUT", "/export/k?acl="),
    ("PutObjectAnnotation", "PUT", "/export/k?annotation=&annotationName=a"),
    ("PutObjectLegalHold", "PUT", "/export/k?legal-hold="),
    ("PutObjectLockConfiguration", "PUT", "/export?object-lock="),
    ("PutObjectRetention", "PUT", "/export/k?retention="),
    ("PutPublicAccessBlock", "PUT", "/export?publicAccessBlock="),
    ("RenameObject", "PUT", "/export/k?renameObject="),
    ("RestoreObject", "POST", "/export/k?restore="),
    ("SelectObjectContent", "POST", "/export/k?select=&select-type=2"),
    ("UpdateBucketMetadataAnnotationTableConfiguration", "PUT", "/export?metadataAnnotationTable="),
    ("UpdateBucketMetadataInventoryTableConfiguration", "PUT", "/export?metadataInventoryTable="),
    ("UpdateBucketMetadataJournalTableConfiguration", "PUT", "/export?metadataJournalTable="),
    ("UpdateObjectEncryption", "PUT", "/export/k?encryption="),
    ("WriteGetObjectResponse", "POST", "/WriteGetObjectResponse?x-id=WriteGetObjectResponse"),
];

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
async fn each_operation_that_the_mock_lacks_is_refused_by_name_and_changes_nothing() {
    let cloud = Cloud::start();
    cloud.bucket("export").put("k", "kept");
    let before = look(&cloud).await;
    for (name, method, target) in LACKING {
        let answer = Raw::new("s3", method, target).body("<other/>").signed(&cloud).await;
        assert_eq!(answer.refusal(), "501 NotImplemented", "{name}: {}", answer.body);
        // By its own name, or by the parameter that tells it from the others.
        let parameter =
            target.split_once('?').and_then(|(_, query)| query.split_once('=')).map_or("", |(name, _)| name);
        let names = [name.to_owned(), format!("with ?{parameter} ")];
        assert!(names.iter().any(|name| answer.body.contains(name)), "{name}: {}", answer.body);
        assert_eq!(look(&cloud).await, before, "{name}");
    }
}

#[tokio::test]
async fn members_and_headers_of_what_is_lacking_are_refused_by_name() {
    let cloud = Cloud::start();
    cloud.bucket("export").put("k", "kept");
    let before = look(&cloud).await;
    let tags =
        "<CreateBucketConfiguration><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags></CreateBucketConfiguration>";
    for (request, name) in [
        (Raw::new("s3", "PUT", "/tagged").body(tags), "Tags of CreateBucket"),
        (
            Raw::new("s3", "PUT", "/export?versioning=").body(
                "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
            ),
            "MfaDelete",
        ),
        (
            Raw::new("s3", "POST", "/export/k?uploadId=u").body(
                "<CompleteMultipartUpload><Part><ETag>a</ETag><PartNumber>1</PartNumber><ChecksumSHA512>x</ChecksumSHA512>\
                 </Part></CompleteMultipartUpload>",
            ),
            "ChecksumSHA512",
        ),
        (Raw::new("s3", "PUT", "/export/k").header("x-amz-website-redirect-location", "/"), "x-amz-website-redirect"),
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
