//! What S3 makes of requests that mean no good: clear errors, no partial objects, and nobody else notices.
use crate::common;

use std::time::{Duration, Instant};

use aws_sdk_s3::types::EncodingType;
use common::signed::Raw;
use lambda_testkit::Cloud;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn furnished() -> Cloud {
    let cloud = Cloud::start();
    cloud.bucket("export").put("a", "kept");
    cloud
}

#[tokio::test]
async fn heads_of_more_than_8_kib_are_refused() {
    let cloud = furnished();
    let long = "x".repeat(8 * 1024);
    let header = Raw::new("s3", "GET", "/export/a").header("x-other", long.as_str());
    let query = format!("/export?prefix={long}");
    for request in [header, Raw::new("s3", "GET", &query)] {
        let answer = request.signed(&cloud).await;
        assert_eq!(answer.refusal(), "400 RequestHeaderSectionTooLarge");
        assert!(answer.body.contains("<MaxSizeAllowed>8192</MaxSizeAllowed>"), "{}", answer.body);
    }
    let below = Raw::new("s3", "GET", "/export/a").header("x-other", "x".repeat(7 * 1024));
    assert_eq!(below.signed(&cloud).await.body, "kept");
    // Beyond what the server reads at all.
    let endless = Raw::new("s3", "GET", "/export/a").header("x-other", "x".repeat(1024 * 1024));
    let mut stream = TcpStream::connect(cloud.endpoint()).await.unwrap();
    let head = endless.head(cloud.endpoint(), "");
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(cloud.bucket("export").text("a"), "kept");
}

#[tokio::test]
async fn paths_are_keys_and_lead_nowhere_else() {
    let cloud = furnished();
    cloud.bucket("other").put("a", "other");
    for target in ["/export/../other/a", "/export/x/../../other/a", "/export/.."] {
        for method in ["GET", "PUT", "DELETE"] {
            let body = if method == "PUT" { "x" } else { "" };
            let answer = Raw::new("s3", method, target).body(body).signed(&cloud).await;
            assert_eq!(answer.refusal(), "400 InvalidURI", "{method} {target}");
        }
    }
    for (target, key) in [
        ("/export//b", "/b"),
        ("/export/c//d", "c//d"),
        ("/export/x/../b", "x/../b"),
        ("/export/./b", "./b"),
        ("/export/e%00f", "e\0f"),
        ("/export/%252e%252e/h", "%2e%2e/h"),
    ] {
        let answer = Raw::new("s3", "PUT", target).body(key).signed(&cloud).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        assert_eq!(Raw::new("s3", "GET", target).signed(&cloud).await.body, key, "{target}");
        assert_eq!(cloud.bucket("export").text(key), key);
    }
    // However it is spelt, the signature is of what it means.
    let spelt = Raw::new("s3", "GET", "/export/%2e%2e/other/a").signed(&cloud).await;
    assert_eq!(spelt.refusal(), "403 SignatureDoesNotMatch");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let listed = s3.list_objects_v2().bucket("export").encoding_type(EncodingType::Url).send().await.unwrap();
    let keys: Vec<_> = listed.contents().iter().filter_map(|object| object.key()).collect();
    assert!(keys.contains(&"e%00f"), "{keys:?}");
    assert_eq!((cloud.bucket("other").text("a"), cloud.bucket("export").text("a")), ("other".into(), "kept".into()));
}

#[tokio::test]
async fn ten_thousand_keys_with_one_prefix_are_listed_in_pages() {
    let cloud = Cloud::builder().history_limit(100).start();
    let export = cloud.bucket("export");
    let prefix = "same/prefix/of/all/".repeat(4);
    for number in 0..10_000 {
        export.put(&format!("{prefix}{number:05}"), "");
    }
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let started = Instant::now();
    let mut pages = s3.list_objects_v2().bucket("export").prefix(&prefix).into_paginator().send();
    let (mut keys, mut count) = (Vec::new(), 0);
    while let Some(page) = pages.next().await {
        count += 1;
        keys.extend(page.unwrap().contents().iter().map(|object| object.key().unwrap().to_owned()));
    }
    assert_eq!((keys.len(), count), (10_000, 10));
    assert!(keys.is_sorted());
    let rolled = s3.list_objects_v2().bucket("export").delimiter("/").send().await.unwrap();
    assert_eq!(rolled.common_prefixes()[0].prefix(), Some("same/"));
    assert_eq!((rolled.key_count(), rolled.is_truncated()), (Some(1), Some(false)));
    // Far above what it takes, and far below what a quadratic listing would.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_thousand_connections_that_never_finish_a_request_disturb_nobody() {
    let cloud = furnished();
    let (address, request) = (cloud.endpoint(), Raw::new("s3", "PUT", "/export/a").body("half and no more"));
    let signed = request.sign(&cloud, &cloud.own_account().access_key(), cloud.now());
    let head = signed.head(address, "content-length: 1000000\r\n");
    let mut held = Vec::new();
    for number in 0..1_000 {
        // Where the system has no more handles, there are as many as there can be.
        let Ok(mut stream) = TcpStream::connect(address).await else {
            held.truncate(held.len().saturating_sub(50));
            break;
        };
        let sent = match number % 3 {
            0 => &head.as_bytes()[..head.len() / 2],
            1 => b"GET /export/a HTTP/1.1\r\nhost: ",
            _ => head.as_bytes(),
        };
        stream.write_all(sent).await.unwrap();
        if number % 3 == 2 {
            stream.write_all(b"half").await.unwrap();
        }
        held.push(stream);
    }
    for _ in 0..20 {
        assert_eq!(Raw::new("s3", "GET", "/export/a").signed(&cloud).await.body, "kept");
    }
    assert_eq!(Raw::new("s3", "PUT", "/export/b").body("whole").signed(&cloud).await.status, 200);
    drop(held);
    assert_eq!(cloud.bucket("export").keys(), ["a", "b"]);
    assert_eq!(cloud.bucket("export").text("a"), "kept");
}

#[tokio::test]
async fn uploads_are_listed_by_folder_and_encoded() {
    let cloud = Cloud::start();
    cloud.bucket("export");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    for key in ["a b", "in/1", "in/2", "out/1", "z"] {
        s3.create_multipart_upload().bucket("export").key(key).send().await.unwrap();
    }
    let (mut seen, mut marker, mut id_marker) = (Vec::new(), None, None);
    loop {
        let page = s3.list_multipart_uploads().bucket("export").delimiter("/").encoding_type(EncodingType::Url);
        let page = page.max_uploads(1).set_key_marker(marker).set_upload_id_marker(id_marker).send().await.unwrap();
        seen.extend(page.uploads().iter().map(|upload| upload.key().unwrap().to_owned()));
        seen.extend(page.common_prefixes().iter().map(|prefix| prefix.prefix().unwrap().to_owned()));
        if page.is_truncated() != Some(true) {
            break;
        }
        marker = page.next_key_marker().map(|key| key.replace('+', " "));
        id_marker = page.next_upload_id_marker().filter(|id| !id.is_empty()).map(str::to_owned);
    }
    assert_eq!(seen, ["a+b", "in/", "out/", "z"]);
}

#[tokio::test]
async fn a_length_that_nobody_could_store_is_refused_before_it_comes() {
    let cloud = furnished();
    let request = Raw::new("s3", "PUT", "/export/a").header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    let request = request.sign(&cloud, &cloud.own_account().access_key(), cloud.now());
    let mut stream = TcpStream::connect(cloud.endpoint()).await.unwrap();
    let head = request.head(cloud.endpoint(), "content-length: 1000000000000\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 413 "), "{}", String::from_utf8_lossy(&answer));
    // What is promised and comes in many pieces is one object.
    let body = "0123456789abcdef".repeat(256 * 1024);
    assert_eq!(Raw::new("s3", "PUT", "/export/b").body(body.clone()).signed(&cloud).await.status, 200);
    assert!(cloud.bucket("export").text("b") == body && cloud.bucket("export").text("a") == "kept");
}
