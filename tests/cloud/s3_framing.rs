//! How a request to S3 over a socket says where its body ends.
use crate::common;

use common::signed::Raw;
use lambda_testkit::{AccessKey, Cloud};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a signed request byte for byte, framed as `framing` says, and reads the answer.
async fn send(cloud: &Cloud, request: Raw<'_>, framing: &str, body: &str) -> String {
    let request = request.sign(cloud, &cloud.own_account().access_key(), cloud.now());
    let address = cloud.endpoint();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all((request.head(address, framing) + body).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

fn unsigned_body() -> Raw<'static> {
    Raw::new("s3", "PUT", "/export/k").header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
}

#[tokio::test]
async fn a_body_in_the_chunks_of_http_is_not_implemented_by_s3() {
    let cloud = Cloud::start();
    cloud.bucket("export");
    let answer = send(&cloud, unsigned_body(), CHUNKED, "4\r\nbody\r\n0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 501 "), "{answer}");
    assert!(answer.contains("<Code>NotImplemented</Code>"), "{answer}");
    assert!(answer.contains("<Header>Transfer-Encoding</Header>"), "{answer}");
    assert!(cloud.bucket("export").keys().is_empty());
}

#[tokio::test]
async fn a_put_without_a_length_is_asked_for_one() {
    let cloud = Cloud::start();
    cloud.bucket("export");
    let answer = send(&cloud, unsigned_body(), "", "").await;
    assert!(answer.starts_with("HTTP/1.1 411 "), "{answer}");
    assert!(answer.contains("<Code>MissingContentLength</Code>"), "{answer}");
    assert!(answer.contains("<Message>You must provide the Content-Length HTTP header.</Message>"), "{answer}");
    assert!(cloud.bucket("export").keys().is_empty());
    let answer = send(&cloud, unsigned_body(), "content-length: 4\r\n", "body").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let answer = send(&cloud, Raw::new("s3", "GET", "/export/k"), "", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("body"), "{answer}");
}

#[tokio::test]
async fn chunks_of_amazon_may_come_in_those_of_http() {
    let cloud = Cloud::start();
    cloud.bucket("export");
    let request = Raw::new("s3", "PUT", "/export/k")
        .header("content-encoding", "aws-chunked")
        .header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        .header("x-amz-decoded-content-length", "4");
    let body = "4\r\nbody\r\n0\r\n\r\n";
    let answer = send(&cloud, request, CHUNKED, &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(cloud.bucket("export").text("k"), "body");
}

#[tokio::test]
async fn answers_without_a_body_say_the_length_of_what_a_get_would_have() {
    let cloud = Cloud::start();
    cloud.bucket("export").put("k", "hello");
    let part = Raw::new("s3", "HEAD", "/export/k").header("range", "bytes=1-2").signed(&cloud).await;
    assert_eq!((part.status, part.header("content-length"), part.header("content-range")), (206, "2", "bytes 1-2/5"));
    let tag = Raw::new("s3", "HEAD", "/export/k").signed(&cloud).await.header("etag").to_owned();
    for method in ["GET", "HEAD"] {
        let same = Raw::new("s3", method, "/export/k").header("if-none-match", tag.as_str()).signed(&cloud).await;
        assert_eq!((same.status, same.header("etag"), same.body.as_str()), (304, tag.as_str(), ""));
        assert_eq!((same.header("content-type"), same.header("content-length")), ("", ""));
        assert!(same.header("last-modified").ends_with(" GMT"));
    }
}

/// The first line of what is answered to a head alone.
async fn first_line(cloud: &Cloud, request: Raw<'_>) -> String {
    let address = cloud.endpoint();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = request.head(address, "content-length: 4\r\nexpect: 100-continue\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = *b"HTTP/1.1 100 Continue\r\n\r\n";
    stream.read_exact(&mut answer).await.unwrap();
    if !answer.starts_with(b"HTTP/1.1 100 ") {
        return String::from_utf8_lossy(&answer[..12]).into_owned();
    }
    stream.write_all(b"body").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..12]).into_owned()
}

#[tokio::test]
async fn who_waits_with_the_body_is_asked_for_it_only_if_it_may_be_put() {
    let cloud = Cloud::start();
    let export = cloud.bucket("export");
    assert_eq!(first_line(&cloud, Raw::new("s3", "PUT", "/export/k")).await, "HTTP/1.1 403");
    let put = || Raw::new("s3", "PUT", "/export/k").body("body");
    let sign = |request: Raw<'static>, secret: &str| {
        let key = cloud.own_account().access_key();
        request.sign(&cloud, &AccessKey { secret: secret.to_owned(), ..key }, cloud.now())
    };
    assert_eq!(first_line(&cloud, sign(put(), "wrong")).await, "HTTP/1.1 403");
    assert!(export.keys().is_empty());
    let secret = cloud.own_account().access_key().secret;
    assert_eq!(first_line(&cloud, sign(put(), &secret)).await, "HTTP/1.1 200");
    assert_eq!(export.text("k"), "body");
    let timeline = cloud.timeline().to_string();
    assert_eq!(timeline.matches("403 AccessDenied").count(), 1, "{timeline}");
    assert_eq!(timeline.matches("403 SignatureDoesNotMatch").count(), 1, "{timeline}");
}

/// RFC 9112, 3.2.2: a server takes the absolute form, whose host counts.
#[tokio::test]
async fn the_host_may_stand_in_the_request_line_and_the_client_may_say_that_it_has_no_more_to_send() {
    let cloud = Cloud::start();
    cloud.bucket("export").put("k", "body");
    let address = cloud.endpoint();
    let request = Raw::new("s3", "GET", "/export/k").sign(&cloud, &cloud.own_account().access_key(), cloud.now());
    let head = request.head(address, "");
    let host = format!("host: {address}\r\n");
    assert_eq!(head.matches(&host).count(), 1);
    let head = head.replace("GET /export/k", &format!("GET http://{address}/export/k")).replace(&host, "");

    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nbody"), "{answer}");
}
