//! What S3's answers tell beside what was asked for, as its pages and others' records have it.

use super::*;

const LIFECYCLE: &str = "<LifecycleConfiguration>\
    <Rule><ID>all of it</ID><Filter/><Status>Enabled</Status><Expiration><Days>30</Days></Expiration></Rule>\
    <Rule><ID>soon</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status>\
    <Expiration><Days>1</Days></Expiration>\
    <AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>\
    <Rule><ID>off</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Disabled</Status>\
    <Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>, x-amz-expiration. The clock stands at midnight, so
/// that a day ends a day later.
#[tokio::test]
async fn an_object_tells_when_it_expires_and_an_upload_when_it_is_aborted() {
    let world = World::new();
    world.send(Method::PUT, "/export/tmp/before", &[], "v").await.is(200);
    world.send(Method::PUT, "/export?lifecycle", &[], LIFECYCLE).await.is(200);
    let soon = "expiry-date=\"Sat, 03 Jan 2026 00:00:00 GMT\", rule-id=\"soon\"";
    let late = "expiry-date=\"Sun, 01 Feb 2026 00:00:00 GMT\", rule-id=\"all+of+it\"";
    for (method, target, headers, body, expires) in [
        (Method::PUT, "/export/tmp/k", vec![], "v", soon),
        (Method::PUT, "/export/k", vec![], "v", late),
        (Method::GET, "/export/k", vec![], "", late),
        (Method::HEAD, "/export/tmp/k", vec![], "", soon),
        (Method::HEAD, "/export/tmp/before", vec![], "", soon),
        (Method::PUT, "/export/tmp/copy", vec![("x-amz-copy-source", "/export/k")], "", soon),
    ] {
        let answer = world.send(method.clone(), target, &headers, body).await.is(200);
        assert_eq!(answer.header("x-amz-expiration"), expires, "{method} {target}");
    }
    let started = world.send(Method::POST, "/export/tmp/up?uploads", &[], "").await.is(200);
    let aborts = |answer: &Answer| {
        (answer.header("x-amz-abort-date").to_owned(), answer.header("x-amz-abort-rule-id").to_owned())
    };
    let expected = ("Sun, 04 Jan 2026 00:00:00 GMT".to_owned(), "soon".to_owned());
    assert_eq!(aborts(&started), expected);
    let target = format!("/export/tmp/up?uploadId={}", started.element("UploadId"));
    assert_eq!(aborts(&world.send(Method::GET, &target, &[], "").await.is(200)), expected);
    let part = format!("{target}&partNumber=1");
    let e_tag = world.send(Method::PUT, &part, &[], "part").await.is(200).header("etag").to_owned();
    let parts = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{e_tag}</ETag></Part></CompleteMultipartUpload>"
    );
    let completed = world.send(Method::POST, &target, &[], parts).await.is(200);
    assert_eq!(completed.header("x-amz-expiration"), soon);
    let other = world.send(Method::POST, "/export/up?uploads", &[], "").await.is(200);
    assert_eq!(aborts(&other), (String::new(), String::new()));

    // What is not current goes by other rules.
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    world.send(Method::PUT, "/export?versioning", &[], versioning).await.is(200);
    world.send(Method::PUT, "/export/k", &[], "newer").await.is(200);
    let older = world.send(Method::HEAD, "/export/k?versionId=null", &[], "").await.is(200);
    assert_eq!(older.header("x-amz-expiration"), "");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>, Last-Modified
#[tokio::test]
async fn a_delete_marker_that_is_named_tells_when_it_was_made() {
    let world = World::new();
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    world.send(Method::PUT, "/export?versioning", &[], versioning).await.is(200);
    let marker = world.send(Method::DELETE, "/export/k", &[], "").await.is(204).header("x-amz-version-id").to_owned();
    for method in [Method::GET, Method::HEAD] {
        let answer = world.send(method, &format!("/export/k?versionId={marker}"), &[], "").await.is(405);
        assert_eq!(answer.header("last-modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
        assert_eq!((answer.header("allow"), answer.header("x-amz-delete-marker")), ("DELETE", "true"));
    }
}

/// <https://github.com/versity/versitygw/pull/2002>
#[tokio::test]
async fn listings_of_objects_tell_the_region() {
    let world = World::new();
    for (target, region) in [
        ("/export", "us-east-1"),
        ("/export?list-type=2", "us-east-1"),
        ("/export?versions", ""),
        ("/export?uploads", ""),
    ] {
        assert_eq!(world.send(Method::GET, target, &[], "").await.is(200).header("x-amz-bucket-region"), region);
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>, and
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Bucket.html>, BucketRegion
#[tokio::test]
async fn buckets_are_listed_with_their_region_where_anything_is_asked_for() {
    let world = World::new();
    world.send(Method::PUT, "/more", &[], "").await.is(200);
    let list = async |query: &str| world.send(Method::GET, &format!("/{query}"), &[], "").await.is(200);
    assert!(!list("").await.text().contains("BucketRegion"));
    for query in ["?prefix=", "?max-buckets=2", "?bucket-region=us-east-1"] {
        assert_eq!(list(query).await.element("BucketRegion"), "us-east-1", "{query}");
    }
    let first = list("?max-buckets=1").await;
    let token = first.element("ContinuationToken");
    assert_eq!((first.element("Name"), token.contains("export")), ("export", false), "{token}");
    let second = list(&format!("?max-buckets=1&continuation-token={token}")).await;
    assert_eq!((second.element("Name"), second.element("ContinuationToken")), ("more", ""));
}

/// <https://docs.aws.amazon.com/cli/latest/reference/s3api/create-bucket.html#examples>, and GetBucketLocation: "Buckets with a
/// LocationConstraint of EU reside in eu-west-1"
#[tokio::test]
async fn a_bucket_tells_where_it_was_made() {
    let world = World::new();
    let made = async |name: &str, constraint: &str| {
        let body = match constraint {
            "" => String::new(),
            constraint => format!(
                "<CreateBucketConfiguration><LocationConstraint>{constraint}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let location =
            world.send(Method::PUT, &format!("/{name}"), &[], body).await.is(200).header("location").to_owned();
        let asked = world.send(Method::GET, &format!("/{name}?location"), &[], "").await.is(200);
        let constraint = asked.text().split("</LocationConstraint>").next().and_then(|text| text.rsplit('>').next());
        (location, constraint.unwrap().to_owned())
    };
    let expected = |location: &str, constraint: &str| (location.to_owned(), constraint.to_owned());
    assert_eq!(made("here", "").await, expected("/here", ""));
    assert_eq!(made("dublin", "eu-west-1").await, expected("http://dublin.s3.amazonaws.com/", "eu-west-1"));
    assert_eq!(made("older", "EU").await, expected("http://older.s3.amazonaws.com/", "EU"));
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreStatus.html>
#[tokio::test]
async fn listings_tell_on_demand_what_is_restored() {
    let world = World::new();
    for key in ["asked", "cold"] {
        let class = [("x-amz-storage-class", "GLACIER")];
        world.send(Method::PUT, &format!("/export/{key}"), &class, "v").await.is(200);
    }
    let restore = "<RestoreRequest><Days>1</Days></RestoreRequest>";
    world.send(Method::POST, "/export/asked?restore", &[], restore).await.is(202);
    let wish = [("x-amz-optional-object-attributes", "RestoreStatus")];
    for target in ["/export", "/export?list-type=2", "/export?versions"] {
        let listed = world.send(Method::GET, target, &wish, "").await.is(200);
        assert_eq!(listed.text().matches("<RestoreStatus>").count(), 1, "{}", listed.text());
        assert_eq!(listed.element("IsRestoreInProgress"), "true");
        assert!(!world.send(Method::GET, target, &[], "").await.is(200).text().contains("RestoreStatus"));
    }
    let other = [("x-amz-optional-object-attributes", "Colour")];
    world.send(Method::GET, "/export", &other, "").await.refused(501, "NotImplemented");
    world.send(Method::PUT, "/export/k", &wish, "v").await.refused(501, "NotImplemented");
}
