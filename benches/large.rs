//! A gibibyte goes into S3 and out over loopback: what the process has at most, beside what it had before. The client repeats a
//! small piece and keeps nothing, so all that is there is the mock's. The goal: the object, plus a constant.

use std::convert::Infallible;
use std::time::{Instant, SystemTime};

use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use lambda_testkit::Cloud;

const SIZE: usize = 1024 * MIB;
const PART: usize = 8 * MIB;
const PIECE: usize = 64 * 1024;
const MIB: usize = 1024 * 1024;

type Headers<'a> = &'a [(&'a str, &'a str)];

const UPLOADS: [&str; 3] = ["one PUT", "one PUT in chunks", "a multipart upload"];

/// Each in a process of its own, for an allocator may keep what it has.
fn main() {
    let asked = std::env::args().nth(1).filter(|name| UPLOADS.contains(&name.as_str()));
    let Some(name) = asked else {
        let own = std::env::current_exe().expect("a program that runs has a file");
        for name in UPLOADS {
            let status = std::process::Command::new(&own).arg(name).status().expect("it has started once");
            assert!(status.success(), "{name}: {status}");
        }
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an event queue");
    runtime.block_on(measure(&name, async |cloud| match &*name {
        "one PUT" => put(cloud, false).await,
        "one PUT in chunks" => put(cloud, true).await,
        _ => in_parts(cloud).await,
    }));
}

/// In, and out again.
async fn measure(name: &str, upload: impl AsyncFnOnce(&Cloud)) {
    let cloud = Cloud::start();
    cloud.bucket("large");
    let before = reset_peak();
    let began = Instant::now();
    upload(&cloud).await;
    let (took, upload) = (began.elapsed(), peak().saturating_sub(before));
    reset_peak();
    let began = Instant::now();
    let mut answer = send(&cloud, "GET", "/large/object", &[], 0, false).await.into_body();
    let mut length = 0;
    while let Some(frame) = answer.frame().await {
        length += frame.expect("it arrives whole").into_data().map_or(0, |data| data.len());
    }
    assert_eq!(length, SIZE);
    let download = peak().saturating_sub(before);
    println!(
        "{name:<20} in: {upload:>5} MiB at most, {took:.1?}; out: {download:>5} MiB, {:.1?} (the object: {} MiB)",
        began.elapsed(),
        SIZE / MIB
    );
}

async fn put(cloud: &Cloud, chunked: bool) {
    let length = SIZE.to_string();
    let headers: Headers = match chunked {
        true => &[("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", &length)],
        false => &[],
    };
    assert!(send(cloud, "PUT", "/large/object", headers, SIZE, chunked).await.status().is_success());
}

async fn in_parts(cloud: &Cloud) {
    let text = async |response: Response<_>| {
        let body = BodyExt::collect(response.into_body()).await.expect("it arrives whole").to_bytes();
        String::from_utf8(body.to_vec()).expect("XML")
    };
    let started = text(send(cloud, "POST", "/large/object?uploads=", &[], 0, false).await).await;
    let id =
        started.split("<UploadId>").nth(1).and_then(|rest| rest.split('<').next()).expect("it has an id").to_owned();
    let mut document = String::from("<CompleteMultipartUpload>");
    for number in 1..=SIZE / PART {
        let path = format!("/large/object?partNumber={number}&uploadId={id}");
        let part = send(cloud, "PUT", &path, &[], PART, false).await;
        let tag = part.headers()["etag"].to_str().expect("ASCII").to_owned();
        document += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>");
    }
    document += "</CompleteMultipartUpload>";
    let path = format!("/large/object?uploadId={id}");
    let mut request = sign_request(cloud, "POST", &path, &[], "UNSIGNED-PAYLOAD");
    request.headers_mut().insert("content-length", document.len().into());
    let body = stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::from(document)))]);
    let answer = exchange(cloud, request, body).await;
    assert!(text(answer).await.contains("<ETag>"), "it is complete");
}

/// A request with a body of so many bytes, which never stands in memory as a whole.
async fn send(
    cloud: &Cloud,
    method: &str,
    path: &str,
    headers: Headers<'_>,
    size: usize,
    chunked: bool,
) -> Response<hyper::body::Incoming> {
    let payload = if chunked { "STREAMING-UNSIGNED-PAYLOAD-TRAILER" } else { "UNSIGNED-PAYLOAD" };
    let mut request = sign_request(cloud, method, path, headers, payload);
    let piece = Bytes::from(vec![b'x'; PIECE]);
    let (head, tail) = (Bytes::from(format!("{PIECE:x}\r\n")), Bytes::from_static(b"\r\n"));
    let around = if chunked { head.len() + tail.len() } else { 0 };
    let end = if chunked { Bytes::from_static(b"0\r\n\r\n") } else { Bytes::new() };
    let length = size / PIECE * (PIECE + around) + end.len();
    request.headers_mut().insert("content-length", length.into());
    let pieces = (0..size / PIECE).flat_map(move |_| match chunked {
        true => vec![head.clone(), piece.clone(), tail.clone()],
        false => vec![piece.clone()],
    });
    let pieces = pieces.chain([end].into_iter().filter(|end| !end.is_empty()));
    exchange(cloud, request, stream::iter(pieces.map(|piece| Ok::<_, Infallible>(Frame::data(piece))))).await
}

async fn exchange(
    cloud: &Cloud,
    request: Request<()>,
    body: impl futures::Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + 'static,
) -> Response<hyper::body::Incoming> {
    let stream = tokio::net::TcpStream::connect(cloud.endpoint()).await.expect("the server listens");
    let (mut client, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("the server speaks HTTP");
    tokio::spawn(connection);
    let body = StreamBody::new(Box::pin(body));
    client.send_request(request.map(|()| body)).await.expect("the server answers")
}

fn sign_request(cloud: &Cloud, method: &str, path: &str, headers: Headers<'_>, payload: &str) -> Request<()> {
    let key = cloud.own_account().access_key();
    let host = cloud.endpoint().to_string();
    let identity = aws_credential_types::Credentials::new(&key.id, &key.secret, None, None, "bench").into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let params = v4::SigningParams::builder().identity(&identity).region("us-east-1").name("s3");
    let params = params.time(SystemTime::now()).settings(settings).build().expect("all is given");
    let uri = format!("http://{host}{path}");
    let body = SignableBody::Precomputed(payload.to_owned());
    let signable = SignableRequest::new(method, &uri, headers.iter().copied(), body).expect("a valid address");
    let signed = sign(signable, &params.into()).expect("it can be signed");
    let mut request = Request::builder().method(method).uri(&uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(()).expect("valid headers");
    signed.into_parts().0.apply_to_request_http1x(&mut request);
    request.headers_mut().insert("host", host.parse().expect("an address"));
    *request.uri_mut() = path.parse().expect("a path");
    request
}

/// From now on the peak is that of what follows. Answers what the process has now, in MiB.
fn reset_peak() -> usize {
    // Only Linux knows how; elsewhere nothing is measured.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    peak()
}

/// The most memory that the process has had, in MiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<usize>().ok()).unwrap_or_default() / 1024
}
