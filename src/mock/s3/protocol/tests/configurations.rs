//! Configurations with ids, of which a bucket has several.

use super::*;

const METRICS: &str = "<MetricsConfiguration><Id>{id}</Id><Filter><And><Prefix>in/</Prefix>\
    <Tag><Key>a</Key><Value>b</Value></Tag></And></Filter></MetricsConfiguration>";
const ANALYTICS: &str = "<AnalyticsConfiguration><Id>{id}</Id><StorageClassAnalysis><DataExport>\
    <OutputSchemaVersion>V_1</OutputSchemaVersion><Destination><S3BucketDestination><Format>CSV</Format>\
    <Bucket>arn:aws:s3:::export</Bucket></S3BucketDestination></Destination></DataExport></StorageClassAnalysis>\
    </AnalyticsConfiguration>";
const INVENTORY: &str = "<InventoryConfiguration><Destination><S3BucketDestination><Bucket>arn:aws:s3:::export</Bucket>\
    <Format>CSV</Format></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Id>{id}</Id>\
    <IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field></OptionalFields>\
    <Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>";
const TIERING: &str = "<IntelligentTieringConfiguration><Id>{id}</Id><Status>Enabled</Status>\
    <Tiering><Days>90</Days><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering></IntelligentTieringConfiguration>";

const KINDS: [(&str, &str, &str); 4] = [
    ("metrics", "MetricsConfiguration", METRICS),
    ("analytics", "AnalyticsConfiguration", ANALYTICS),
    ("inventory", "InventoryConfiguration", INVENTORY),
    ("intelligent-tiering", "IntelligentTieringConfiguration", TIERING),
];

#[tokio::test]
async fn they_are_kept_listed_and_gone_by_their_ids() {
    let world = World::new();
    for (kind, root, document) in KINDS {
        let one = |id: &str| format!("/export?{kind}&id={id}");
        let all = format!("/export?{kind}");
        let empty = world.send(Method::GET, &all, &[], "").await.is(200);
        assert_eq!(
            (empty.element("IsTruncated"), empty.text().contains(&format!("<{root}>"))),
            ("false", false),
            "{}",
            empty.text()
        );
        let missing = world.send(Method::GET, &one("b"), &[], "").await.refused(404, "NoSuchConfiguration");
        assert_eq!(missing.element("Message"), "The specified configuration does not exist.");
        world.send(Method::DELETE, &one("b"), &[], "").await.refused(404, "NoSuchConfiguration");
        for id in ["b", "a"] {
            world.send(Method::PUT, &one(id), &[], document.replace("{id}", id)).await.is(200);
        }
        let read = world.send(Method::GET, &one("b"), &[], "").await.is(200);
        assert!(read.text().contains(&format!("<{root}")) && read.element("Id") == "b", "{}", read.text());
        let listed = world.send(Method::GET, &all, &[], "").await.is(200);
        let (a, b) = (listed.text().find("<Id>a</Id>"), listed.text().find("<Id>b</Id>"));
        assert!(a.is_some() && a < b, "{}", listed.text());
        let other = document.replace("{id}", "other");
        world.send(Method::PUT, &one("b"), &[], other).await.refused(400, "InvalidArgument");
        world.send(Method::DELETE, &one("b"), &[], "").await.is(204);
        assert!(!world.send(Method::GET, &all, &[], "").await.text().contains("<Id>b</Id>"));
        let nowhere = one("a").replace("/export", "/nowhere");
        world.send(Method::GET, &nowhere, &[], "").await.refused(404, "NoSuchBucket");
    }
}

#[tokio::test]
async fn what_they_cannot_say_is_refused() {
    let world = World::new();
    for (kind, document, from, to, refused) in [
        ("metrics", METRICS, "<Key>a</Key>", "<Name>a</Name>", (400, "MalformedXML")),
        ("metrics", METRICS, "<Prefix>in/</Prefix>", "<AccessPointArn>a</AccessPointArn>", (501, "NotImplemented")),
        ("metrics", METRICS, "<Id>x</Id>", "<Id>x</Id><Extra/>", (400, "MalformedXML")),
        ("analytics", ANALYTICS, "V_1", "V_2", (400, "MalformedXML")),
        ("inventory", INVENTORY, "Daily", "Hourly", (400, "MalformedXML")),
        ("intelligent-tiering", TIERING, "Enabled", "On", (400, "MalformedXML")),
        ("intelligent-tiering", TIERING, "<Days>90", "<Days>89", (400, "InvalidArgument")),
        ("intelligent-tiering", TIERING, "ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS", (400, "InvalidArgument")),
    ] {
        let body = document.replace("{id}", "x").replace(from, to);
        let answer = world.send(Method::PUT, &format!("/export?{kind}&id=x"), &[], body).await;
        answer.refused(refused.0, refused.1);
        world.send(Method::GET, &format!("/export?{kind}&id=x"), &[], "").await.is(404);
    }
    let body = METRICS.replace("{id}", "a b");
    world.send(Method::PUT, "/export?metrics&id=a%20b", &[], body).await.refused(400, "InvalidArgument");
}

/// "does not return more than 100 configurations at a time"
#[tokio::test]
async fn they_are_listed_in_pages() {
    let world = World::new();
    for number in 0..101 {
        let id = format!("{number:03}");
        let body = METRICS.replace("{id}", &id);
        world.send(Method::PUT, &format!("/export?metrics&id={id}"), &[], body).await.is(200);
    }
    let first = world.send(Method::GET, "/export?metrics", &[], "").await.is(200);
    assert_eq!((first.text().matches("<Id>").count(), first.element("IsTruncated")), (100, "true"));
    let next = format!("/export?metrics&continuation-token={}", first.element("NextContinuationToken"));
    let second = world.send(Method::GET, &next, &[], "").await.is(200);
    assert_eq!((second.element("Id"), second.element("IsTruncated")), ("100", "false"));
    // https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py
    world.send(Method::GET, "/export?metrics&continuation-token=", &[], "").await.is(200);
    let answer = world.send(Method::GET, "/export?metrics&continuation-token=x", &[], "").await;
    answer.refused(400, "MalformedContinuationToken");
}

/// What is refused to be configured is not there.
#[tokio::test]
async fn of_replication_there_is_none() {
    let world = World::new();
    let none = "ReplicationConfigurationNotFoundError";
    let answer = world.send(Method::GET, "/export?replication", &[], "").await.refused(404, none);
    assert_eq!(answer.element("Message"), "The replication configuration was not found");
    world.send(Method::DELETE, "/export?replication", &[], "").await.is(204);
    world.send(Method::DELETE, "/nowhere?replication", &[], "").await.refused(404, "NoSuchBucket");
    world.send(Method::GET, "/export", &[], "").await.is(200);
}
