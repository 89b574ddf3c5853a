mod answers;
mod configurations;
mod encrypted;
mod measured;
mod strict;
mod words;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use jiff::Timestamp;
use proptest::prelude::*;

use super::super::checksum::ChecksumAlgorithm;
use super::super::service::{Hooks, S3Service};
use super::super::{Change, Destination};
use super::S3Protocol;
use crate::event::{AccountId, Region};
use crate::history::{Caller, Name, Origin};
use crate::mock::http::{Call, Incoming, Service as _};

const OWNER: &str = "111111111111";

/// An S3 with the bucket `export`, and the changes that it published.
struct World {
    protocol: Arc<S3Protocol>,
    service: Arc<S3Service>,
    published: Arc<Mutex<Vec<Change>>>,
    configured: Arc<Mutex<Vec<String>>>,
}

fn call(account: Option<&str>) -> Call {
    let caller = account.map(|id| Arc::new(Caller::user(&AccountId::new(id).unwrap(), "AIDAEXAMPLE")));
    // Each request draws ids of its own.
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let name = Name::ROOT.under("request", "").nth(CALLS.fetch_add(1, Ordering::Relaxed));
    let mut call = Call::new(caller, Origin::InProcess, Region::new("us-east-1").unwrap(), 7, name);
    (call.request_id, call.host_id) = ("REQUEST0ID".into(), "host+id/=".into());
    call
}

impl World {
    fn new() -> Self {
        let published = Arc::new(Mutex::new(Vec::new()));
        let configured = Arc::new(Mutex::new(Vec::new()));
        let (publish, configure) = (published.clone(), configured.clone());
        let hooks = Hooks {
            later: Box::new(|_, _, _, _| {}),
            publish: Box::new(move |_, changes| publish.lock().unwrap().extend(changes)),
            check_destination: Box::new(|_, destination: &Destination| {
                let exists = destination.arn.resource().ends_with("alarms");
                if exists { Ok(()) } else { Err("The destination queue does not exist".into()) }
            }),
            configured: Box::new(move |_, bucket, _| configure.lock().unwrap().push(bucket.name.clone())),
            lifecycle: Box::new(|| {}),
        };
        let now = Arc::new(|| Timestamp::from_second(1_767_225_600).unwrap());
        let service = Arc::new(S3Service::new(now, hooks, crate::mock::s3::MAX_PAGE));
        service.create_bucket(&call(Some(OWNER)), "export", Region::new("us-east-1").unwrap()).unwrap();
        Self { protocol: Arc::new(S3Protocol::new(service.clone())), service, published, configured }
    }

    async fn send(&self, method: Method, target: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.send_as(Some(OWNER), method, target, headers, body).await
    }

    async fn send_as(
        &self,
        account: Option<&str>,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "127.0.0.1:4566");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer(self.run(request.body(body.into()).unwrap(), call(account)).await)
    }

    async fn describe(&self, request: Request<Bytes>) -> String {
        let (caller, region) = (None, Region::new("us-east-1").unwrap());
        self.protocol.clone().parse(Incoming { request, caller, region }).await.info.to_string()
    }

    /// As the gateway does it, but for permissions.
    async fn run(&self, request: Request<Bytes>, call: Call) -> Response<Bytes> {
        let (caller, region) = (call.caller.clone(), call.region.clone());
        let parsed = self.protocol.clone().parse(Incoming { request, caller, region }).await;
        (parsed.run)(call).await.response
    }

    fn events(&self) -> Vec<(String, &'static str)> {
        let mut published = self.published.lock().unwrap();
        published.drain(..).map(|change| (change.key, change.kind.event_name())).collect()
    }
}

struct Answer(Response<Bytes>);

impl Answer {
    fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    fn header(&self, name: &str) -> &str {
        self.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        std::str::from_utf8(self.0.body()).unwrap()
    }

    /// The text of the first element of that name.
    fn element(&self, name: &str) -> &str {
        let open = format!("<{name}>");
        let rest = self.text().split_once(&open).map_or("", |(_, rest)| rest);
        rest.split_once(&format!("</{name}>")).map_or("", |(inner, _)| inner)
    }

    #[track_caller]
    fn is(self, status: u16) -> Self {
        assert_eq!(self.status(), status, "{}", String::from_utf8_lossy(self.0.body()));
        self
    }

    #[track_caller]
    fn refused(self, status: u16, code: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(answer.element("Code"), code, "{}", answer.text());
        assert_eq!(answer.element("RequestId"), "REQUEST0ID");
        assert_eq!(answer.element("HostId"), "host+id/=");
        assert_eq!(answer.header("x-amz-request-id"), "REQUEST0ID");
        assert_eq!(answer.header("x-amz-id-2"), "host+id/=");
        answer
    }
}

#[tokio::test]
async fn an_object_comes_back_with_its_headers() {
    let world = World::new();
    let headers = [
        ("content-type", "text/csv"),
        ("content-encoding", "aws-chunked,gzip"),
        ("cache-control", "no-cache"),
        ("x-amz-meta-owner", "data"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("authorization", "AWS4-HMAC-SHA256 Credential=x"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-date", "20260101T000000Z"),
        ("x-amz-tagging", "a=1"),
    ];
    let put = world.send(Method::PUT, "/export/dir/a.csv?x-id=PutObject", &headers, "1,2").await.is(200);
    assert_eq!(put.header("etag"), "\"05cf281c050be3da4eecf3bc6e8aac1b\"");
    assert_eq!(put.header("x-amz-server-side-encryption"), "AES256");
    assert_eq!(world.events(), [("dir/a.csv".to_owned(), "ObjectCreated:Put")]);
    for method in [Method::GET, Method::HEAD] {
        let is_get = method == Method::GET;
        let got = world.send(method, "/export/dir/a.csv", &[], "").await.is(200);
        assert_eq!(got.text(), if is_get { "1,2" } else { "" });
        for (name, value) in [
            ("content-type", "text/csv"),
            ("content-encoding", "gzip"),
            ("cache-control", "no-cache"),
            ("x-amz-meta-owner", "data"),
            ("x-amz-storage-class", "STANDARD_IA"),
            ("content-length", "3"),
            ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("accept-ranges", "bytes"),
            ("x-amz-request-id", "REQUEST0ID"),
            ("x-amz-checksum-crc64nvme", ""),
        ] {
            assert_eq!(got.header(name), value, "{name}");
        }
        assert_eq!(got.header("x-amz-tagging-count"), "1");
    }
    let tags = world.send(Method::GET, "/export/dir/a.csv?tagging", &[], "").await.is(200);
    assert_eq!((tags.element("Key"), tags.element("Value")), ("a", "1"));
}

#[tokio::test]
async fn awkward_keys_round_trip() {
    let world = World::new();
    let long = "k".repeat(1024);
    let keys = [
        "a b",
        "a%20b",
        "a%2Bb",
        "a+b",
        "%25",
        "/",
        "//a",
        "a//b",
        "x/../up",
        "a/../b",
        ".",
        "%F0%9F%A6%80",
        "a%3Fb%23c",
        &long,
    ];
    for key in keys {
        let target = format!("/export/{}", key.replace(' ', "%20"));
        world.send(Method::PUT, &target, &[], key.to_owned()).await.is(200);
        assert_eq!(world.send(Method::GET, &target, &[], "").await.is(200).text(), key);
    }
    let stored = world.service.keys(&call(Some(OWNER)), "export", "").unwrap();
    for key in ["a b", "a+b", "%", "/", "//a", "a//b", "x/../up", "a/../b", ".", "🦀", "a?b#c"] {
        assert!(stored.iter().any(|stored| stored == key), "{key} in {stored:?}");
    }
    let answer = world.send(Method::PUT, &format!("/export/{long}x"), &[], "").await.refused(400, "KeyTooLongError");
    assert_eq!((answer.element("Size"), answer.element("MaxSizeAllowed")), ("1025", "1024"));
    world.send(Method::PUT, "/export/%FF", &[], "").await.refused(400, "InvalidURI");
}

#[tokio::test]
async fn the_bucket_may_stand_in_the_host() {
    let world = World::new();
    for host in [
        "export.localhost:4566",
        "export.s3.localhost",
        "export.127.0.0.1:80",
        "export.s3.amazonaws.com",
        "export.s3.eu-west-1.amazonaws.com",
        "export.s3-eu-west-1.amazonaws.com",
        "export.s3.dualstack.us-east-1.amazonaws.com",
    ] {
        world.send(Method::PUT, "/k/1", &[("host", host)], host.to_owned()).await.is(200);
        assert_eq!(world.send(Method::GET, "/export/k/1", &[], "").await.is(200).text(), host);
        let list = world.send(Method::GET, "/?list-type=2", &[("host", host)], "").await.is(200);
        assert_eq!(list.element("Name"), "export");
    }
    for host in ["s3.amazonaws.com", "s3.us-east-1.amazonaws.com", "localhost", "127.0.0.1:4566"] {
        world.send(Method::HEAD, "/export", &[("host", host)], "").await.is(200);
    }
}

#[tokio::test]
async fn errors_have_the_elements_that_aws_sends() {
    let world = World::new();
    let answer = world.send(Method::GET, "/export/gone%3C", &[], "").await.refused(404, "NoSuchKey");
    assert_eq!((answer.element("Message"), answer.element("Key")), ("The specified key does not exist.", "gone&lt;"));
    let answer = world.send(Method::GET, "/nowhere/k", &[], "").await.refused(404, "NoSuchBucket");
    assert_eq!(answer.element("BucketName"), "nowhere");
    let answer = world.send(Method::PUT, "/Bad_Name", &[], "").await.refused(400, "InvalidBucketName");
    assert_eq!(answer.element("BucketName"), "Bad_Name");
    let head = world.send(Method::HEAD, "/export/gone", &[], "").await.is(404);
    assert!(head.0.body().is_empty());
    world.send_as(None, Method::PUT, "/mine", &[], "").await.refused(403, "AccessDenied");
    world.send_as(Some("222222222222"), Method::PUT, "/export", &[], "").await.refused(409, "BucketAlreadyExists");
    let owner = [("x-amz-expected-bucket-owner", "222222222222")];
    world.send(Method::GET, "/export", &owner, "").await.refused(403, "AccessDenied");
    world.send(Method::GET, "/export", &[("x-amz-expected-bucket-owner", OWNER)], "").await.is(200);
}

#[tokio::test]
async fn what_is_not_implemented_is_refused_by_name() {
    let world = World::new();
    for (method, target, name) in [
        (Method::GET, "/export?abac", "GetBucketAbac"),
        (Method::GET, "/export?metadataTable", "GetBucketMetadataTableConfiguration"),
        (Method::GET, "/export/k?torrent", "GetObjectTorrent"),
        (Method::PUT, "/export?replication", "PutBucketReplication"),
        (Method::POST, "/export/k?select&select-type=2", "SelectObjectContent"),
        (Method::PATCH, "/export/k?odd=1", "PATCH on object with ?odd"),
    ] {
        let answer = world.send(method, target, &[], "").await.refused(501, "NotImplemented");
        assert!(answer.element("Message").contains(name), "{}", answer.text());
    }
    for (name, value) in [("x-amz-write-offset-bytes", "4"), ("x-amz-from-the-future", "1")] {
        let answer = world.send(Method::PUT, "/export/k", &[(name, value)], "").await.refused(501, "NotImplemented");
        assert!(answer.element("Message").contains(name), "{}", answer.text());
        assert_eq!(answer.element("Header"), name);
    }
    world.send(Method::PUT, "/export/ok", &[("x-amz-acl", "bucket-owner-full-control")], "").await.is(200);
    assert_eq!(world.events().len(), 1);
}

#[tokio::test]
async fn digests_are_checked_stored_and_told_on_demand() {
    let world = World::new();
    for algorithm in ChecksumAlgorithm::ALL {
        let value = algorithm.of(b"body").value;
        let put = world.send(Method::PUT, "/export/k", &[(algorithm.header(), &value)], "body").await.is(200);
        assert_eq!(put.header(algorithm.header()), value);
        assert_eq!(put.header("x-amz-checksum-type"), "FULL_OBJECT");
        let answer = world.send(Method::PUT, "/export/k", &[(algorithm.header(), &value)], "other").await;
        answer.refused(400, "BadDigest");
        let mode = [("x-amz-checksum-mode", "ENABLED")];
        assert_eq!(world.send(Method::GET, "/export/k", &mode, "").await.header(algorithm.header()), value);
        assert_eq!(world.send(Method::HEAD, "/export/k", &mode, "").await.header(algorithm.header()), value);
        assert_eq!(world.send(Method::GET, "/export/k", &[], "").await.header(algorithm.header()), "");
    }
    let md5 = [("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")];
    world.send(Method::PUT, "/export/empty", &md5, "").await.is(200);
    let answer = world.send(Method::PUT, "/export/empty", &md5, "x").await.refused(400, "BadDigest");
    assert_eq!(answer.element("ExpectedDigest"), "d41d8cd98f00b204e9800998ecf8427e");
    let answer = world.send(Method::PUT, "/export/empty", &[("content-md5", "!")], "").await;
    assert_eq!(answer.refused(400, "InvalidDigest").element("Content-MD5"), "!");
    let lonely = [("x-amz-sdk-checksum-algorithm", "CRC32")];
    world.send(Method::PUT, "/export/k", &lonely, "x").await.refused(400, "InvalidRequest");
}

#[tokio::test]
async fn ranges_and_conditions_are_honoured() {
    let world = World::new();
    let put = world.send(Method::PUT, "/export/k", &[], "0123456789").await.is(200);
    let tag = put.header("etag").to_owned();
    let get = async |name: &str, value: &str| world.send(Method::GET, "/export/k", &[(name, value)], "").await;
    let part = get("range", "bytes=2-4").await.is(206);
    assert_eq!(
        (part.text(), part.header("content-range"), part.header("content-length")),
        ("234", "bytes 2-4/10", "3")
    );
    assert_eq!(get("range", "bytes=0-1,3-4").await.is(200).text(), "0123456789");
    let answer = get("range", "bytes=50-60").await.refused(416, "InvalidRange");
    assert_eq!((answer.element("ActualObjectSize"), answer.element("RangeRequested")), ("10", "bytes=50-60"));
    get("if-match", &tag).await.is(200);
    get("if-match", tag.trim_matches('"')).await.is(200);
    assert_eq!(get("if-match", "\"x\"").await.refused(412, "PreconditionFailed").element("Condition"), "If-Match");
    let unchanged = get("if-none-match", &tag).await.is(304);
    assert!(unchanged.0.body().is_empty());
    assert_eq!(unchanged.header("etag"), tag);
    get("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT").await.is(304);
    get("if-modified-since", "Wed, 31 Dec 2025 00:00:00 GMT").await.is(200);
    get("if-unmodified-since", "Wed, 31 Dec 2025 00:00:00 GMT").await.refused(412, "PreconditionFailed");
    let answer = world.send(Method::PUT, "/export/k", &[("if-none-match", "*")], "").await;
    assert_eq!(answer.refused(412, "PreconditionFailed").element("Condition"), "If-None-Match");
    let typed = world.send(Method::GET, "/export/k?response-content-type=text%2Fx", &[], "").await.is(200);
    assert_eq!(typed.header("content-type"), "text/x");
}

#[tokio::test]
async fn deleting_many_keys_tells_one_event_for_each_key_asked_for() {
    let world = World::new();
    world.send(Method::PUT, "/export/a", &[], "1").await.is(200);
    world.events();
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>never&amp;</Key></Object>\
                <Object><Key>b</Key><VersionId>nonsense</VersionId></Object></Delete>";
    let crc = ChecksumAlgorithm::Crc32.of(body.as_bytes()).value;
    let answer = world.send(Method::POST, "/export?delete", &[], body).await.refused(400, "InvalidRequest");
    assert!(answer.element("Message").contains("Content-MD5"));
    let answer = world.send(Method::POST, "/export?delete", &[("x-amz-checksum-crc32", &crc)], body).await.is(200);
    assert_eq!(answer.text().matches("<Deleted>").count(), 2);
    assert!(answer.element("Error").contains("NoSuchVersion"), "{}", answer.text());
    let deleted = "ObjectRemoved:Delete";
    assert_eq!(world.events(), [("a".to_owned(), deleted), ("never&".to_owned(), deleted)]);
    world.send(Method::DELETE, "/export/a", &[], "").await.is(204);
    assert_eq!(world.events(), [("a".to_owned(), deleted)]);
    let bad = "<Delete><Objekt/></Delete>";
    let crc = ChecksumAlgorithm::Crc32.of(bad.as_bytes()).value;
    let answer = world.send(Method::POST, "/export?delete", &[("x-amz-checksum-crc32", &crc)], bad).await;
    assert!(answer.refused(400, "MalformedXML").element("Message").starts_with("The XML you provided"));
}

#[tokio::test]
async fn listings_roll_up_page_and_encode() {
    let world = World::new();
    for key in ["a/1", "a/2", "b%20c/1", "d", "e%2Bf"] {
        world.send(Method::PUT, &format!("/export/{key}"), &[], "x").await.is(200);
    }
    let mut seen = Vec::new();
    let mut token = String::new();
    loop {
        let target = format!("/export?list-type=2&delimiter=%2F&max-keys=1&encoding-type=url{token}");
        let page = world.send(Method::GET, &target, &[], "").await.is(200);
        assert_eq!(page.element("KeyCount"), "1");
        let entry = if page.element("CommonPrefixes").is_empty() {
            page.element("Key")
        } else {
            page.element("CommonPrefixes")
        };
        seen.push(entry.to_owned());
        if page.element("IsTruncated") == "false" {
            break;
        }
        token = format!("&continuation-token={}", page.element("NextContinuationToken").replace('=', "%3D"));
    }
    assert_eq!(seen, ["<Prefix>a/</Prefix>", "<Prefix>b+c/</Prefix>", "d", "e%2Bf"]);
    let v1 = world.send(Method::GET, "/export?prefix=a%2F&max-keys=1&marker=a%2F1", &[], "").await.is(200);
    assert_eq!((v1.element("Key"), v1.element("IsTruncated"), v1.element("Size")), ("a/2", "false", "1"));
    assert_eq!(v1.element("LastModified"), "2026-01-01T00:00:00.000Z");
    let none = world.send(Method::GET, "/export?list-type=2&max-keys=0", &[], "").await.is(200);
    assert_eq!((none.element("KeyCount"), none.element("IsTruncated")), ("0", "false"));
    world.send(Method::GET, "/export?list-type=2&max-keys=-1", &[], "").await.refused(400, "InvalidArgument");
    let token = world.send(Method::GET, "/export?list-type=2&continuation-token=%21", &[], "").await;
    token.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn copies_keep_or_replace_the_headers() {
    let world = World::new();
    let headers = [("content-type", "text/x"), ("x-amz-meta-a", "1")];
    world.send(Method::PUT, "/export/s%20+%2B%3F", &headers, "body").await.is(200);
    let source = ("x-amz-copy-source", "/export/s%20%2B%2B%3F");
    let answer = world.send(Method::PUT, "/export/t", &[source], "").await.is(200);
    assert!(answer.text().contains("CopyObjectResult"));
    let kept = world.send(Method::GET, "/export/t", &[], "").await.is(200);
    assert_eq!((kept.text(), kept.header("content-type"), kept.header("x-amz-meta-a")), ("body", "text/x", "1"));
    let replace = [source, ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-b", "2")];
    world.send(Method::PUT, "/export/t", &replace, "").await.is(200);
    let replaced = world.send(Method::GET, "/export/t", &[], "").await.is(200);
    assert_eq!((replaced.header("x-amz-meta-a"), replaced.header("x-amz-meta-b")), ("", "2"));
    assert_eq!(world.events()[1], ("t".to_owned(), "ObjectCreated:Copy"));
    let itself = [("x-amz-copy-source", "export/t")];
    world.send(Method::PUT, "/export/t", &itself, "").await.refused(400, "InvalidRequest");
    let gone = [("x-amz-copy-source", "export/gone")];
    world.send(Method::PUT, "/export/t", &gone, "").await.refused(404, "NoSuchKey");
    let odd = [source, ("x-amz-metadata-directive", "MERGE")];
    world.send(Method::PUT, "/export/t", &odd, "").await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn multipart_uploads_work_over_the_wire() {
    let world = World::new();
    let algorithm = [("x-amz-checksum-algorithm", "CRC32")];
    let started = world.send(Method::POST, "/export/big?uploads", &algorithm, "").await.is(200);
    assert_eq!(started.header("x-amz-checksum-algorithm"), "CRC32");
    let id = started.element("UploadId").to_owned();
    let big = Bytes::from(vec![b'a'; 5 * 1024 * 1024]);
    let mut complete = String::from("<CompleteMultipartUpload>");
    for (number, body) in [(1, big), (2, Bytes::from("tail"))] {
        let target = format!("/export/big?partNumber={number}&uploadId={id}");
        let value = ChecksumAlgorithm::Crc32.of(&body).value;
        let part = world.send(Method::PUT, &target, &[("x-amz-checksum-crc32", &value)], body).await.is(200);
        let (tag, crc) = (part.header("etag"), part.header("x-amz-checksum-crc32"));
        complete.push_str(&format!(
            "<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag><ChecksumCRC32>{crc}</ChecksumCRC32></Part>"
        ));
    }
    complete.push_str("</CompleteMultipartUpload>");
    let parts = world.send(Method::GET, &format!("/export/big?uploadId={id}"), &[], "").await.is(200);
    assert_eq!(parts.text().matches("<Part>").count(), 2);
    let uploads = world.send(Method::GET, "/export?uploads", &[], "").await.is(200);
    assert_eq!(uploads.element("UploadId"), id);
    let done = world.send(Method::POST, &format!("/export/big?uploadId={id}"), &[], complete).await.is(200);
    assert!(done.element("ETag").contains("-2"), "{}", done.text());
    assert!(done.element("ChecksumCRC32").ends_with("-2"));
    assert_eq!(world.events(), [("big".to_owned(), "ObjectCreated:CompleteMultipartUpload")]);
    let second = world.send(Method::GET, "/export/big?partNumber=2", &[], "").await.is(206);
    assert_eq!((second.text(), second.header("x-amz-mp-parts-count")), ("tail", "2"));
    world.send(Method::DELETE, &format!("/export/big?uploadId={id}"), &[], "").await.is(204);
    let answer = world.send(Method::DELETE, "/export/big?uploadId=unknown", &[], "").await;
    assert_eq!(answer.refused(404, "NoSuchUpload").element("UploadId"), "unknown");
    let other = world.send(Method::POST, "/export/x?uploads", &[], "").await.is(200).element("UploadId").to_owned();
    world.send(Method::DELETE, &format!("/export/x?uploadId={other}"), &[], "").await.is(204);
}

const CONFIGURATION: &str = r#"<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<QueueConfiguration><Id>q</Id><Queue>arn:aws:sqs:us-east-1:111111111111:alarms</Queue>
<Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>SUFFIX</Name><Value>.csv</Value></FilterRule></S3Key>
</Filter></QueueConfiguration></NotificationConfiguration>"#;

#[tokio::test]
async fn a_notification_configuration_is_checked_stored_and_used() {
    let world = World::new();
    let empty = world.send(Method::GET, "/export?notification", &[], "").await.is(200);
    assert!(!empty.text().contains("<Queue") && !empty.text().contains("<CloudFunction"), "{}", empty.text());
    world.send(Method::PUT, "/export?notification", &[], CONFIGURATION).await.is(200);
    assert_eq!(*world.configured.lock().unwrap(), ["export"]);
    let got = world.send(Method::GET, "/export?notification", &[], "").await.is(200);
    assert_eq!((got.element("Id"), got.element("Name"), got.element("Value")), ("q", "Suffix", ".csv"));
    world.send(Method::PUT, "/export/a.csv", &[], "").await.is(200);
    world.send(Method::PUT, "/export/a.txt", &[], "").await.is(200);
    let outcomes: Vec<bool> =
        world.published.lock().unwrap().iter().map(|change| change.outcomes()[0].result.is_ok()).collect();
    assert_eq!(outcomes, [true, false]);

    let put = async |body: String, headers: &[(&str, &str)]| {
        world.send(Method::PUT, "/export?notification", headers, body).await
    };
    let gone = CONFIGURATION.replace("alarms", "gone");
    let answer = put(gone.clone(), &[]).await.refused(400, "InvalidArgument");
    assert_eq!(answer.element("ArgumentName1"), "arn:aws:sqs:us-east-1:111111111111:gone");
    assert_eq!(answer.element("ArgumentValue1"), "The destination queue does not exist");
    put(gone, &[("x-amz-skip-destination-validation", "true")]).await.is(200);
    assert_eq!(world.configured.lock().unwrap().len(), 1);
    let answer = put(CONFIGURATION.replace("arn:aws:sqs:us-east-1:111111111111:alarms", "alarms"), &[]).await;
    assert_eq!(answer.refused(400, "InvalidArgument").element("ArgumentName"), "Queue");
    put(CONFIGURATION.replace("QueueConfiguration", "QueConfiguration"), &[]).await.refused(400, "MalformedXML");
    put(CONFIGURATION.replace("<Value>.csv</Value>", ""), &[]).await.refused(400, "MalformedXML");
    put("<NotificationConfiguration".into(), &[]).await.refused(400, "MalformedXML");
    let answer =
        put("<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>".into(), &[]).await;
    answer.is(200);
    let got = world.send(Method::GET, "/export?notification", &[], "").await.is(200);
    assert!(got.text().contains("<EventBridgeConfiguration"), "{}", got.text());
    put("<NotificationConfiguration/>".into(), &[]).await.is(200);
    assert!(world.service.notification(&call(Some(OWNER)), "export").unwrap().rules.is_empty());
}

#[tokio::test]
async fn buckets_are_made_in_regions_and_listed_for_their_owner() {
    let world = World::new();
    let tokyo = "<CreateBucketConfiguration><LocationConstraint>ap-northeast-1</LocationConstraint></CreateBucketConfiguration>";
    let made = world.send(Method::PUT, "/tokyo", &[], tokyo).await.is(200);
    assert_eq!(made.header("location"), "http://tokyo.s3.amazonaws.com/");
    let head = world.send(Method::HEAD, "/tokyo", &[], "").await.is(301);
    assert_eq!(head.header("x-amz-bucket-region"), "ap-northeast-1");
    let redirect = world.send(Method::GET, "/tokyo/k", &[], "").await.refused(301, "PermanentRedirect");
    assert_eq!(redirect.element("Endpoint"), "tokyo.s3.ap-northeast-1.amazonaws.com");
    assert!(world.send(Method::GET, "/tokyo?location", &[], "").await.is(200).text().contains(">ap-northeast-1</"));
    let home = world.send(Method::GET, "/export?location", &[], "").await.is(200);
    assert!(home.text().contains("LocationConstraint") && !home.text().contains("us-east-1"), "{}", home.text());
    let list = world.send(Method::GET, "/", &[], "").await.is(200);
    assert!(list.text().contains("<Name>export</Name>") && list.text().contains("<Name>tokyo</Name>"));
    assert_eq!(list.element("ID").len(), 64);
    let other = world.send_as(Some("222222222222"), Method::GET, "/", &[], "").await.is(200);
    assert!(!other.text().contains("<Name>"));
    let answer = world.send(Method::PUT, "/mars", &[], tokyo.replace("ap-northeast-1", "mars")).await;
    assert_eq!(answer.refused(400, "InvalidLocationConstraint").element("LocationConstraint"), "mars");
    world.send(Method::PUT, "/tokyo", &[], tokyo).await.refused(409, "BucketAlreadyOwnedByYou");
    world.send(Method::DELETE, "/tokyo", &[], "").await.refused(301, "PermanentRedirect");
}

#[tokio::test]
async fn versions_are_kept_listed_and_deleted_by_id() {
    let world = World::new();
    let enable = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    world.send(Method::PUT, "/export?versioning", &[], enable).await.is(200);
    let status = world.send(Method::GET, "/export?versioning", &[], "").await.is(200);
    assert_eq!(status.element("Status"), "Enabled");
    let first = world.send(Method::PUT, "/export/k", &[], "1").await.is(200).header("x-amz-version-id").to_owned();
    world.send(Method::PUT, "/export/k", &[], "2").await.is(200);
    let marker = world.send(Method::DELETE, "/export/k", &[], "").await.is(204);
    assert_eq!(marker.header("x-amz-delete-marker"), "true");
    let hidden = world.send(Method::GET, "/export/k", &[], "").await.refused(404, "NoSuchKey");
    assert_eq!(hidden.header("x-amz-delete-marker"), "true");
    let old = world.send(Method::GET, &format!("/export/k?versionId={first}"), &[], "").await.is(200);
    assert_eq!((old.text(), old.header("x-amz-version-id")), ("1", first.as_str()));
    let list = world.send(Method::GET, "/export?versions", &[], "").await.is(200);
    assert_eq!((list.text().matches("<Version>").count(), list.text().matches("<DeleteMarker>").count()), (2, 1));
    let target = format!("/export/k?versionId={}", marker.header("x-amz-version-id"));
    world.send(Method::DELETE, &target, &[], "").await.is(204);
    assert_eq!(world.send(Method::GET, "/export/k", &[], "").await.is(200).text(), "2");
}

#[tokio::test]
async fn presigned_parameters_are_taken_off_and_signed_headers_put_back() {
    let world = World::new();
    let signature = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260101&X-Amz-Date=20260101T000000Z\
                     &X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
    let target = format!("/export/k?{signature}&x-amz-meta-via=a%20url&x-id=PutObject");
    world.send(Method::PUT, &target, &[], "v").await.is(200);
    let got = world.send(Method::GET, &format!("/export/k?{signature}"), &[], "").await.is(200);
    assert_eq!((got.text(), got.header("x-amz-meta-via")), ("v", "a url"));
    let odd = format!("/export/k?{signature}&x-amz-acl=public-read");
    world.send(Method::PUT, &odd, &[], "v").await.refused(400, "AccessControlListNotSupported");
}

/// Requests that are nearly right: known words in odd places.
fn odd_request() -> impl Strategy<Value = Request<Bytes>> {
    let method = prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"]);
    let path = prop::sample::select(vec!["/", "/export", "/export/", "/export/k", "//", "/export//", "/x", "/%00/%00"]);
    let parameter = prop::sample::select(vec![
        "acl",
        "delete",
        "uploads",
        "uploadId=x",
        "partNumber=1",
        "partNumber=-1",
        "versionId=null",
        "versioning",
        "versions",
        "notification",
        "tagging",
        "list-type=2",
        "list-type=3",
        "max-keys=x",
        "select",
        "restore",
        "continuation-token=%FF",
        "encoding-type=x",
        "location",
        "policy",
        "x-id=",
        "=",
        "%",
        "lifecycle&lifecycle",
    ]);
    let header = prop::sample::select(vec![
        ("range", "bytes=-0"),
        ("range", "bytes=9-1"),
        ("x-amz-copy-source", "export/k"),
        ("x-amz-copy-source", "%"),
        ("x-amz-copy-source", "arn:aws:s3:::x"),
        ("content-md5", "AAAA"),
        ("content-type", "multipart/form-data"),
        ("content-type", "multipart/x; boundary="),
        ("if-match", "\""),
        ("if-modified-since", "now"),
        ("expires", "-1"),
        ("host", "export.localhost"),
        ("host", "..amazonaws.com"),
        ("host", ".localhost"),
        ("x-amz-mp-object-size", "-1"),
        ("x-amz-copy-source-range", "bytes=0-"),
        ("content-length", "x"),
        ("x-amz-checksum-crc32", "AAAAAA=="),
        ("x-amz-expected-bucket-owner", ""),
        ("x-amz-tagging", "%FF"),
        ("x-amz-meta-a", "=?="),
        ("x-amz-meta-b", "=?UTF-8?B??= =?x"),
    ]);
    let body = prop::sample::select(vec![
        "",
        "<",
        "<a/>",
        "<Delete/>",
        "<Tagging><TagSet/></Tagging>",
        "<NotificationConfiguration/>",
        "<CompleteMultipartUpload/>",
        "<VersioningConfiguration/>",
        "<CreateBucketConfiguration/>",
        "\u{0}",
        "<a><b></a>",
    ]);
    let parts = (method, path, prop::collection::vec(parameter, 0..3), prop::collection::vec(header, 0..3), body);
    parts.prop_map(|(method, path, parameters, headers, body)| {
        let target = format!("{path}?{}", parameters.join("&"));
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(Bytes::from_static(body.as_bytes())).unwrap()
    })
}

proptest! {
    #[test]
    fn odd_requests_get_an_answer_with_an_id_and_never_an_internal_error(requests in prop::collection::vec(odd_request(), 1..8)) {
        let world = World::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for request in requests {
            let shown = format!("{request:?}");
            let answer = Answer(runtime.block_on(world.run(request, call(Some(OWNER)))));
            prop_assert_eq!(answer.header("x-amz-request-id"), "REQUEST0ID");
            prop_assert!(answer.status() != 500, "{}: {}", shown, answer.text());
        }
    }
}

#[tokio::test]
async fn a_request_is_described_by_its_operation_and_its_object() {
    let world = World::new();
    for (method, target, host, line) in [
        ("PUT", "/export/my%20files/%C3%A9.csv?x-id=PutObject", "127.0.0.1", "s3 PutObject s3://export/my files/é.csv"),
        ("GET", "/k?X-Amz-Signature=1", "export.localhost:4566", "s3 GetObject s3://export/k"),
        ("GET", "/export/?list-type=2&prefix=a", "127.0.0.1", "s3 ListObjectsV2 s3://export"),
        ("POST", "/export?delete", "127.0.0.1", "s3 DeleteObjects s3://export"),
        ("PUT", "/export/k?partNumber=1&uploadId=u", "127.0.0.1", "s3 UploadPart s3://export/k"),
        ("GET", "/export?acl", "127.0.0.1", "s3 GetBucketAcl s3://export"),
        ("PATCH", "/export/k?what", "127.0.0.1", "s3 PATCH ?what s3://export/k"),
        ("GET", "/", "127.0.0.1", "s3 ListBuckets"),
        ("PATCH", "/", "127.0.0.1", "s3 PATCH"),
    ] {
        let request = Request::builder().method(method).uri(target).header("host", host).body(Bytes::new()).unwrap();
        assert_eq!(world.describe(request).await, line);
    }
    let copy = Request::builder().method("PUT").uri("/export/t").header("x-amz-copy-source", "/from/s%20t");
    let line = "s3 CopyObject s3://export/t from s3://from/s t";
    assert_eq!(world.describe(copy.body(Bytes::new()).unwrap()).await, line);
}
