//! S3 by the AWS SDK for Rust, in process and over loopback HTTP.
use crate::common;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, ChecksumAlgorithm, ChecksumMode, ChecksumType,
    CompletedMultipartUpload, CompletedPart, CreateBucketConfiguration, Delete, Event, FilterRule, FilterRuleName,
    LambdaFunctionConfiguration, MetadataDirective, NotificationConfiguration, NotificationConfigurationFilter,
    ObjectIdentifier, QueueConfiguration, S3KeyFilter, Tag, Tagging, VersioningConfiguration,
};
use common::{both_ways, in_region, message, over_socket, refusal};
use lambda_testkit::Cloud;
use lambda_testkit::prelude::*;

/// The smallest size of a part that is not the last one.
const PART: usize = 5 * 1024 * 1024;

async fn text(output: GetObjectOutput) -> String {
    String::from_utf8(output.body.collect().await.unwrap().to_vec()).unwrap()
}

async fn put(client: &Client, bucket: &str, key: &str, body: &str) -> String {
    let body = ByteStream::from(body.as_bytes().to_vec());
    client.put_object().bucket(bucket).key(key).body(body).send().await.unwrap().e_tag.unwrap()
}

fn identifier(key: &str) -> ObjectIdentifier {
    ObjectIdentifier::builder().key(key).build().unwrap()
}

#[tokio::test]
async fn buckets_are_created_found_listed_and_deleted() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        s3.create_bucket().bucket("export").send().await.unwrap();
        let elsewhere = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1);
        s3.create_bucket().bucket("elsewhere").create_bucket_configuration(elsewhere.build()).send().await.unwrap();

        let listed = s3.list_buckets().send().await.unwrap();
        let names: Vec<_> = listed.buckets().iter().filter_map(|bucket| bucket.name()).collect();
        assert_eq!(names, ["elsewhere", "export"]);
        let abroad = Client::new(&in_region(&config, "eu-west-1"));
        assert_eq!(abroad.head_bucket().bucket("elsewhere").send().await.unwrap().bucket_region(), Some("eu-west-1"));
        let location = s3.get_bucket_location().bucket("elsewhere").send().await.unwrap();
        assert_eq!(location.location_constraint(), Some(&BucketLocationConstraint::EuWest1));

        put(&s3, "export", "a", "x").await;
        assert_eq!(refusal(s3.delete_bucket().bucket("export").send().await), "409 BucketNotEmpty");
        s3.delete_object().bucket("export").key("a").send().await.unwrap();
        s3.delete_bucket().bucket("export").send().await.unwrap();
        assert_eq!(refusal(s3.list_objects_v2().bucket("export").send().await), "404 NoSuchBucket");
        assert!(s3.head_bucket().bucket("export").send().await.unwrap_err().into_service_error().is_not_found());
        assert!(cloud.bucket("elsewhere").keys().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_object_comes_back_with_all_that_was_put() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let put = s3.put_object().bucket("export").key("a.txt").body(ByteStream::from_static(b"data"));
        let put = put.content_type("text/plain").cache_control("no-store").metadata("owner", "team-1");
        let put = put.content_language("de").send().await.unwrap();
        // As AWS answered the same request.
        assert_eq!(put.e_tag(), Some("\"8d777f385d3dfec8815d20f7496026dc\""));
        assert_eq!(put.checksum_crc32(), Some("rfPzYw=="));
        assert_eq!(put.checksum_type(), Some(&ChecksumType::FullObject));
        assert_eq!(put.server_side_encryption().map(|kind| kind.as_str()), Some("AES256"));

        let head = s3.head_object().bucket("export").key("a.txt").send().await.unwrap();
        assert_eq!((head.content_length(), head.content_type()), (Some(4), Some("text/plain")));
        assert_eq!(head.metadata().unwrap()["owner"], "team-1");
        assert_eq!(head.checksum_crc32(), None, "nobody asked for it");
        let got = s3.get_object().bucket("export").key("a.txt").send().await.unwrap();
        assert_eq!((got.cache_control(), got.content_language()), (Some("no-store"), Some("de")));
        assert_eq!(got.last_modified().unwrap().secs(), cloud.now().as_second());
        assert_eq!(text(got).await, "data");
        assert_eq!(bucket.text("a.txt"), "data");

        s3.delete_object().bucket("export").key("a.txt").send().await.unwrap();
        s3.delete_object().bucket("export").key("a.txt").send().await.expect("deleting nothing is no error");
        let missing = s3.get_object().bucket("export").key("a.txt").send().await.unwrap_err();
        assert!(missing.into_service_error().is_no_such_key());
        let missing = s3.head_object().bucket("export").key("a.txt").send().await.unwrap_err();
        assert!(missing.into_service_error().is_not_found());
    })
    .await;
}

#[tokio::test]
async fn a_streamed_file_arrives_whole_although_it_comes_in_chunks() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/s3/put.json");
        // A file is streamed: `aws-chunked` with the checksum in a trailer.
        let body = ByteStream::from_path(path).await.unwrap();
        let put = s3.put_object().bucket("export").key("put.json").content_encoding("identity").body(body);
        let put = put.send().await.unwrap();
        assert!(put.checksum_crc32().is_some());
        assert_eq!(bucket.bytes("put.json"), std::fs::read(path).unwrap());
        let head = s3.head_object().bucket("export").key("put.json").send().await.unwrap();
        assert_eq!(head.content_encoding(), Some("identity"), "aws-chunked is about the transfer only");
    })
    .await;
}

#[tokio::test]
async fn every_checksum_algorithm_is_verified_both_ways() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        for algorithm in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] {
            let put = s3.put_object().bucket("export").key(algorithm).body(ByteStream::from_static(b"data"));
            put.checksum_algorithm(ChecksumAlgorithm::from(algorithm)).send().await.unwrap();
            // With the mode enabled the SDK compares the body with the checksum that came with it.
            let get = s3.get_object().bucket("export").key(algorithm).checksum_mode(ChecksumMode::Enabled);
            let got = get.send().await.unwrap();
            let sums = [
                got.checksum_crc32(),
                got.checksum_crc32_c(),
                got.checksum_crc64_nvme(),
                got.checksum_sha1(),
                got.checksum_sha256(),
            ];
            assert_eq!(sums.iter().flatten().count(), 1, "{algorithm}");
            assert_eq!(text(got).await, "data");
        }
        let wrong = s3.put_object().bucket("export").key("wrong").body(ByteStream::from_static(b"data"));
        let wrong = wrong.checksum_crc32("AAAAAA==").send().await;
        assert_eq!(refusal(wrong), "400 BadDigest");
        let wrong = s3.put_object().bucket("export").key("wrong").body(ByteStream::from_static(b"data"));
        assert_eq!(refusal(wrong.content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await), "400 BadDigest");
        assert!(!bucket.keys().contains(&"wrong".to_owned()), "a refused body is not stored");
    })
    .await;
}

#[tokio::test]
async fn ranges_and_conditions_are_kept() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let e_tag = put(&s3, "export", "a", "0123456789").await;
        let get = || s3.get_object().bucket("export").key("a");

        for (range, expected, said) in [
            ("bytes=2-4", "234", "bytes 2-4/10"),
            ("bytes=8-", "89", "bytes 8-9/10"),
            ("bytes=-3", "789", "bytes 7-9/10"),
            ("bytes=5-99", "56789", "bytes 5-9/10"),
        ] {
            let got = get().range(range).send().await.unwrap();
            assert_eq!(got.content_range(), Some(said));
            assert_eq!(text(got).await, expected);
        }
        assert_eq!(refusal(get().range("bytes=10-").send().await), "416 InvalidRange");
        assert_eq!(refusal(get().if_match("\"other\"").send().await), "412 PreconditionFailed");
        assert!(refusal(get().if_none_match(&e_tag).send().await).starts_with("304"));
        assert_eq!(text(get().if_match(&e_tag).send().await.unwrap()).await, "0123456789");

        let put = || s3.put_object().bucket("export").key("a").body(ByteStream::from_static(b"new"));
        assert_eq!(refusal(put().if_none_match("*").send().await), "412 PreconditionFailed");
        assert_eq!(refusal(put().if_match("\"other\"").send().await), "412 PreconditionFailed");
        assert_eq!(bucket.text("a"), "0123456789");
        put().if_match(e_tag).send().await.unwrap();
        assert_eq!(bucket.text("a"), "new");
    })
    .await;
}

#[tokio::test]
async fn objects_are_copied_with_or_without_their_metadata() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let target = cloud.bucket("target");
        cloud.bucket("source");
        let body = ByteStream::from_static(b"data");
        let put = s3.put_object().bucket("source").key("a b+c/ü.txt").metadata("owner", "team-1").body(body);
        put.send().await.unwrap();

        let source = "source/a%20b%2Bc/%C3%BC.txt";
        let copied = s3.copy_object().bucket("target").key("same").copy_source(source).send().await.unwrap();
        let e_tag = copied.copy_object_result().unwrap().e_tag().unwrap().to_owned();
        assert_eq!(e_tag, "\"8d777f385d3dfec8815d20f7496026dc\"");
        let replaced = s3.copy_object().bucket("target").key("new").copy_source(source).metadata("owner", "team-2");
        replaced.metadata_directive(MetadataDirective::Replace).send().await.unwrap();

        for (key, owner) in [("same", "team-1"), ("new", "team-2")] {
            let head = s3.head_object().bucket("target").key(key).send().await.unwrap();
            assert_eq!(head.metadata().unwrap()["owner"], owner);
            assert_eq!(target.text(key), "data");
        }
        let onto_itself = s3.copy_object().bucket("target").key("same").copy_source("target/same").send().await;
        assert_eq!(refusal(onto_itself), "400 InvalidRequest");
        let missing = s3.copy_object().bucket("target").key("x").copy_source("source/none").send().await;
        assert_eq!(refusal(missing), "404 NoSuchKey");
        let changed = s3.copy_object().bucket("target").key("x").copy_source(source).copy_source_if_none_match(e_tag);
        assert_eq!(refusal(changed.send().await), "412 PreconditionFailed");
        assert_eq!(target.keys(), ["new", "same"]);
    })
    .await;
}

#[tokio::test]
async fn many_objects_are_deleted_in_one_request() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let keys = ["a", "b & <c>", "d\u{e9}"];
        keys.iter().for_each(|key| bucket.put(key, "x"));
        bucket.put("kept", "x");

        let wanted = Delete::builder().set_objects(Some(keys.map(identifier).to_vec())).objects(identifier("none"));
        let deleted = s3.delete_objects().bucket("export").delete(wanted.build().unwrap()).send().await.unwrap();
        let names: Vec<_> = deleted.deleted().iter().filter_map(|deleted| deleted.key()).collect();
        assert_eq!(names, ["a", "b & <c>", "d\u{e9}", "none"]);
        assert!(deleted.errors().is_empty());
        assert_eq!(bucket.keys(), ["kept"]);

        let quiet = Delete::builder().objects(identifier("kept")).quiet(true).build().unwrap();
        let quiet = s3.delete_objects().bucket("export").delete(quiet).send().await.unwrap();
        assert!(quiet.deleted().is_empty() && bucket.keys().is_empty());
        let too_many = (0..1001).map(|number| identifier(&number.to_string())).collect();
        let too_many = Delete::builder().set_objects(Some(too_many)).build().unwrap();
        let too_many = s3.delete_objects().bucket("export").delete(too_many).send().await;
        assert_eq!(refusal(too_many), "400 MalformedXML");
    })
    .await;
}

#[tokio::test]
async fn listings_come_in_pages_and_folders() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let keys = ["a/1", "a/2", "b c+d", "b/1", "e\u{301}", "z"];
        keys.iter().for_each(|key| bucket.put(key, "x"));

        let mut pages = s3.list_objects_v2().bucket("export").max_keys(2).into_paginator().send();
        let mut listed: Vec<Vec<String>> = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            listed.push(page.contents().iter().map(|object| object.key().unwrap().to_owned()).collect());
        }
        assert_eq!(listed.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2]);
        assert_eq!(listed.concat(), keys);

        let page = s3.list_objects_v2().bucket("export").delimiter("/").send().await.unwrap();
        let folders: Vec<_> = page.common_prefixes().iter().filter_map(|folder| folder.prefix()).collect();
        assert_eq!((folders, page.key_count()), (vec!["a/", "b/"], Some(5)));
        let page = s3.list_objects_v2().bucket("export").prefix("a/").start_after("a/1").send().await.unwrap();
        let found: Vec<_> = page.contents().iter().filter_map(|object| object.key()).collect();
        assert_eq!(found, ["a/2"]);

        let page = s3.list_objects().bucket("export").max_keys(1).marker("a/2").send().await.unwrap();
        assert_eq!((page.contents()[0].key(), page.is_truncated()), (Some("b c+d"), Some(true)));
        // XML 1.0 cannot say every key; clients that expect such keys ask for them URL-encoded.
        bucket.put("z\u{1}", "x");
        let page = s3.list_objects_v2().bucket("export").prefix("z").encoding_type("url".into()).send().await.unwrap();
        let found: Vec<_> = page.contents().iter().filter_map(|object| object.key()).collect();
        assert_eq!(found, ["z", "z%01"]);
        let bad = s3.list_objects_v2().bucket("export").continuation_token("not mine").send().await;
        assert_eq!(refusal(bad), "400 InvalidArgument");
    })
    .await;
}

async fn upload_part(s3: &Client, upload: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let part = s3.upload_part().bucket("export").key("big").upload_id(upload).part_number(number);
    let part = part.body(ByteStream::from(body)).send().await.unwrap();
    CompletedPart::builder()
        .part_number(number)
        .e_tag(part.e_tag().unwrap())
        .set_checksum_crc32(part.checksum_crc32().map(str::to_owned))
        .build()
}

#[tokio::test]
async fn a_multipart_upload_becomes_one_object() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        bucket.put("source", "0123456789");
        let create = s3.create_multipart_upload().bucket("export").key("big").content_type("text/csv");
        let upload = create.send().await.unwrap().upload_id.unwrap();
        let first = upload_part(&s3, &upload, 1, vec![b'x'; PART]).await;
        let copied = s3.upload_part_copy().bucket("export").key("big").upload_id(&upload).part_number(2);
        let copied = copied.copy_source("export/source").copy_source_range("bytes=3-5").send().await.unwrap();
        let copied = copied.copy_part_result().unwrap();
        let second = CompletedPart::builder().part_number(2).e_tag(copied.e_tag().unwrap());
        let second = second.set_checksum_crc32(copied.checksum_crc32().map(str::to_owned)).build();

        let parts = s3.list_parts().bucket("export").key("big").upload_id(&upload).send().await.unwrap();
        let sizes: Vec<_> = parts.parts().iter().map(|part| part.size().unwrap()).collect();
        assert_eq!(sizes, [PART as i64, 3]);
        let uploads = s3.list_multipart_uploads().bucket("export").send().await.unwrap();
        assert_eq!(uploads.uploads()[0].upload_id(), Some(upload.as_str()));
        assert_eq!(bucket.keys(), ["source"], "no object before completion");

        let complete = |parts: Vec<CompletedPart>| {
            let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
            s3.complete_multipart_upload().bucket("export").key("big").upload_id(&upload).multipart_upload(parts).send()
        };
        assert_eq!(refusal(complete(vec![second.clone(), first.clone()]).await), "400 InvalidPartOrder");
        let unknown = CompletedPart::builder().part_number(3).e_tag("\"0\"").build();
        assert_eq!(refusal(complete(vec![first.clone(), unknown]).await), "400 InvalidPart");
        let done = complete(vec![first, second]).await.unwrap();
        assert!(done.e_tag().unwrap().ends_with("-2\""), "{done:?}");

        assert_eq!(bucket.bytes("big").len(), PART + 3);
        assert!(bucket.bytes("big").ends_with(b"x345"));
        let head = s3.head_object().bucket("export").key("big").part_number(2).send().await.unwrap();
        assert_eq!((head.parts_count(), head.content_length()), (Some(2), Some(3)));
        assert_eq!(head.content_type(), Some("text/csv"));
    })
    .await;
}

#[tokio::test]
async fn small_parts_and_aborted_uploads_make_no_object() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let upload = s3.create_multipart_upload().bucket("export").key("big").send().await.unwrap().upload_id.unwrap();
        let parts =
            vec![upload_part(&s3, &upload, 1, vec![b'x'; 9]).await, upload_part(&s3, &upload, 2, vec![b'y']).await];
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = s3.complete_multipart_upload().bucket("export").key("big").upload_id(&upload);
        assert_eq!(refusal(complete.multipart_upload(parts).send().await), "400 EntityTooSmall");

        let abort = || s3.abort_multipart_upload().bucket("export").key("big").upload_id(&upload).send();
        abort().await.unwrap();
        abort().await.expect("a request whose answer was lost comes again");
        let gone = s3.list_parts().bucket("export").key("big").upload_id(&upload).send().await;
        assert_eq!(refusal(gone), "404 NoSuchUpload");
        assert!(s3.list_multipart_uploads().bucket("export").send().await.unwrap().uploads().is_empty());
        assert!(bucket.keys().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_presigned_url_is_good_for_anyone_until_it_expires() {
    let cloud = Cloud::start();
    let s3 = Client::new(&over_socket(&cloud, &cloud.sdk_config()));
    let (bucket, http) = (cloud.bucket("export"), reqwest::Client::new());
    // Without a start time the SDK presigns by the system clock, whatever the time source of its configuration.
    let start = cloud.now();
    let minute = || {
        let presigning = PresigningConfig::builder().start_time(start.into()).expires_in(Duration::from_secs(60));
        presigning.build().unwrap()
    };

    let put = s3.put_object().bucket("export").key("a b+c.txt").content_type("text/plain");
    let put = put.presigned(minute()).await.unwrap();
    let send = |url: &str| http.put(url).header("content-type", "text/plain").body("by hand").send();
    assert_eq!(send(put.uri()).await.unwrap().status(), 200);
    assert_eq!(bucket.text("a b+c.txt"), "by hand");

    let get = s3.get_object().bucket("export").key("a b+c.txt").response_content_type("text/csv");
    let get = get.presigned(minute()).await.unwrap();
    let got = http.get(get.uri()).send().await.unwrap();
    assert_eq!(got.headers()["content-type"], "text/csv");
    assert_eq!(got.text().await.unwrap(), "by hand");
    let tampered = http.get(get.uri().replace("a%20b", "b")).send().await.unwrap();
    assert_eq!(tampered.status(), 403);
    assert!(tampered.text().await.unwrap().contains("<Code>SignatureDoesNotMatch</Code>"));
    assert_eq!(http.get(format!("http://{}/export/a", cloud.endpoint())).send().await.unwrap().status(), 403);

    cloud.advance(Duration::from_secs(61)).await.assert_ok();
    let late = http.get(get.uri()).send().await.unwrap();
    assert_eq!(late.status(), 403);
    assert!(late.text().await.unwrap().contains("<Code>AccessDenied</Code><Message>Request has expired</Message>"));
    assert_eq!(send(put.uri()).await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_versioned_bucket_keeps_what_was_overwritten_and_deleted() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let status = s3.get_bucket_versioning().bucket("export").send().await.unwrap();
        assert_eq!(status.status(), None);
        let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let enable = s3.put_bucket_versioning().bucket("export").versioning_configuration(enabled);
        enable.send().await.unwrap();
        let status = s3.get_bucket_versioning().bucket("export").send().await.unwrap();
        assert_eq!(status.status(), Some(&BucketVersioningStatus::Enabled));

        let mut versions = Vec::new();
        for body in ["one", "two"] {
            let body = ByteStream::from_static(body.as_bytes());
            let put = s3.put_object().bucket("export").key("a").body(body).send().await.unwrap();
            versions.push(put.version_id.unwrap());
        }
        let marker = s3.delete_object().bucket("export").key("a").send().await.unwrap();
        assert_eq!(marker.delete_marker(), Some(true));
        let gone = s3.get_object().bucket("export").key("a").send().await;
        assert_eq!(refusal(gone), "404 NoSuchKey");
        let first = s3.get_object().bucket("export").key("a").version_id(&versions[0]).send().await.unwrap();
        assert_eq!(text(first).await, "one");
        let of_marker = s3.get_object().bucket("export").key("a").version_id(marker.version_id().unwrap()).send().await;
        assert_eq!(refusal(of_marker), "405 MethodNotAllowed");

        let listed = s3.list_object_versions().bucket("export").send().await.unwrap();
        let ids: Vec<_> = listed.versions().iter().filter_map(|version| version.version_id()).collect();
        assert_eq!(ids, [versions[1].as_str(), versions[0].as_str()], "the newest first");
        assert_eq!(listed.delete_markers()[0].is_latest(), Some(true));
        let unmark = s3.delete_object().bucket("export").key("a").version_id(marker.version_id().unwrap());
        unmark.send().await.unwrap();
        assert_eq!(bucket.text("a"), "two");
    })
    .await;
}

#[tokio::test]
async fn tags_are_put_read_and_deleted() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        cloud.bucket("export");
        let body = ByteStream::from_static(b"x");
        let put = s3.put_object().bucket("export").key("a").tagging("state=new&owner=team%201").body(body);
        put.send().await.unwrap();
        let tags = async || {
            let tagging = s3.get_object_tagging().bucket("export").key("a").send().await.unwrap();
            let tags = tagging.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
            tags.collect::<BTreeMap<_, _>>()
        };
        assert_eq!(tags().await["owner"], "team 1");
        assert_eq!(s3.get_object().bucket("export").key("a").send().await.unwrap().tag_count(), Some(2));

        let set = |pairs: &[(&str, &str)]| {
            let tags = pairs.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build().unwrap());
            let tagging = Tagging::builder().set_tag_set(Some(tags.collect())).build().unwrap();
            s3.put_object_tagging().bucket("export").key("a").tagging(tagging).send()
        };
        set(&[("state", "done")]).await.unwrap();
        assert_eq!(tags().await, BTreeMap::from([("state".to_owned(), "done".to_owned())]));
        assert_eq!(refusal(set(&[("a", "1"), ("a", "2")]).await), "400 InvalidTag");
        assert_eq!(tags().await.len(), 1);
        s3.delete_object_tagging().bucket("export").key("a").send().await.unwrap();
        assert!(tags().await.is_empty());
    })
    .await;
}

fn filter(prefix: &str, suffix: &str) -> NotificationConfigurationFilter {
    let rule = |name, value: &str| FilterRule::builder().name(name).value(value).build();
    let rules = [rule(FilterRuleName::Prefix, prefix), rule(FilterRuleName::Suffix, suffix)];
    let key = S3KeyFilter::builder().set_filter_rules(Some(rules.to_vec())).build();
    NotificationConfigurationFilter::builder().key(key).build()
}

#[tokio::test]
async fn a_notification_configuration_is_what_was_put_and_fires() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let (bucket, queue) = (cloud.bucket("export"), cloud.queue("changes"));
        let function = cloud.function("seen", |event: S3Event| async move { Ok::<_, String>(event.records.len()) });
        let lambda = LambdaFunctionConfiguration::builder()
            .id("to-function")
            .lambda_function_arn(function.arn().to_string())
            .events(Event::S3ObjectCreated)
            .filter(filter("in/", ".csv"));
        let removed = QueueConfiguration::builder()
            .queue_arn(queue.arn().to_string())
            .events(Event::S3ObjectRemovedDelete)
            .build()
            .unwrap();
        let configuration = NotificationConfiguration::builder()
            .lambda_function_configurations(lambda.build().unwrap())
            .queue_configurations(removed)
            .build();
        common::let_s3_invoke(&config, "seen", "export").await;
        common::let_s3_send(&config, "changes", "export").await;
        let put = s3.put_bucket_notification_configuration().bucket("export");
        put.notification_configuration(configuration).send().await.unwrap();

        let got = s3.get_bucket_notification_configuration().bucket("export").send().await.unwrap();
        let [to_function] = got.lambda_function_configurations() else { panic!("{got:?}") };
        assert_eq!((to_function.id(), to_function.events()), (Some("to-function"), &[Event::S3ObjectCreated][..]));
        let rules = to_function.filter().unwrap().key().unwrap().filter_rules();
        let rules: Vec<_> = rules.iter().map(|rule| (rule.name().unwrap().as_str(), rule.value().unwrap())).collect();
        assert_eq!(rules, [("Prefix", "in/"), ("Suffix", ".csv")], "AWS answers the names with a capital");
        assert!(!got.queue_configurations()[0].id().unwrap().is_empty(), "S3 makes up the id that was left out");
        assert_eq!(got.queue_configurations()[0].events(), [Event::S3ObjectRemovedDelete]);

        put_and_delete(&s3, "in/a.csv").await;
        cloud.settle().await.assert_ok();
        assert_eq!(function.responses(), [1]);
        let bodies = queue.bodies();
        assert_eq!(bodies.len(), 2, "the test event and the deletion: {bodies:?}");
        assert!(bodies[0].contains("s3:TestEvent") && bodies[1].contains("ObjectRemoved:Delete"));

        let empty = NotificationConfiguration::builder().build();
        let clear = s3.put_bucket_notification_configuration().bucket("export").notification_configuration(empty);
        clear.send().await.unwrap();
        bucket.put("in/b.csv", "x");
        cloud.settle().await.assert_ok();
        assert_eq!(function.responses(), [1], "the configuration was replaced by an empty one");
    })
    .await;
}

async fn put_and_delete(s3: &Client, key: &str) {
    put(s3, "export", key, "x").await;
    s3.delete_object().bucket("export").key(key).send().await.unwrap();
}

#[tokio::test]
async fn keys_are_any_utf_8_of_at_most_1024_bytes() {
    both_ways(async |cloud, config| {
        let s3 = Client::new(&config);
        let bucket = cloud.bucket("export");
        let longest = "\u{fc}".repeat(512);
        let mut keys: Vec<&str> = [
            "a b",
            "a+b",
            "a%20b",
            "100%",
            "//double//slash/",
            "x/../up",
            "a/../b",
            "./.",
            "?query=1&x",
            "#fragment",
            "\u{1f600}/e\u{301}",
            "\"<&'>",
            "a\\b",
            "a:b;c,d=e@f!*()",
            "tab\tnewline\n",
        ]
        .to_vec();
        keys.push(&longest);
        for key in &keys {
            put(&s3, "export", key, key).await;
            assert_eq!(bucket.text(key), **key, "{key:?} was put under another key");
            assert_eq!(text(s3.get_object().bucket("export").key(*key).send().await.unwrap()).await, **key);
            s3.head_object().bucket("export").key(*key).send().await.unwrap();
        }
        keys.sort_unstable();
        assert_eq!(bucket.keys(), keys);
        let listed = s3.list_objects_v2().bucket("export").encoding_type("url".into()).send().await.unwrap();
        assert_eq!(listed.contents().len(), keys.len());

        let too_long = s3.put_object().bucket("export").key(format!("{longest}x"));
        let too_long = too_long.body(ByteStream::from_static(b"x")).send().await;
        assert_eq!(refusal(too_long), "400 KeyTooLongError");
        for key in &keys {
            s3.delete_object().bucket("export").key(*key).send().await.unwrap();
        }
        assert!(bucket.keys().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_the_mock_does_not_have_is_refused_by_name() {
    let cloud = Cloud::start();
    let (s3, bucket) = (Client::new(&cloud.sdk_config()), cloud.bucket("export"));
    let abac = s3.get_bucket_abac().bucket("export").send().await;
    assert_eq!(refusal(abac), "501 NotImplemented");
    let appended = s3.put_object().bucket("export").key("a").body(ByteStream::from_static(b"x"));
    let appended = appended.write_offset_bytes(4).send().await;
    assert!(message(appended).contains("x-amz-write-offset-bytes"));
    assert!(bucket.keys().is_empty());
}
