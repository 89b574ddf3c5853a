//! Requests a second over loopback, on 16 connections, each beside a bare hyper echo in the same run, which is the limit: the echo
//! and the mocks have one thread each.
//!
//! Goals, as parts of the echo: SendMessage and ReceiveMessage 50 %, a signed GET of 1 KiB from S3 60 %, a PUT 50 %. Then what a
//! send costs a long poll that waits, and a million messages that go through one queue.

#[path = "sockets/in_process.rs"]
mod in_process;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use lambda_testkit::{AccessKey, Cloud};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

const CONNECTIONS: usize = 16;
const TIME: Duration = Duration::from_secs(2);

fn main() {
    let (cloud, runtime) = (Cloud::builder().history_limit(1_000).start(), runtime());
    let (jobs, bucket) = (cloud.queue("jobs"), cloud.bucket("export"));
    let waiting = cloud.queue("waiting");
    for n in 0..1_000 {
        waiting.send(format!("message {n}"));
    }
    bucket.put("object", vec![b'x'; 1_024]);
    let client = Client { address: cloud.endpoint(), key: cloud.own_account().access_key() };
    let echo = serve_echo();

    let send = client.sqs("SendMessage", &json!({ "QueueUrl": jobs.url(), "MessageBody": "x".repeat(100) }));
    let receive = client.sqs("ReceiveMessage", &json!({ "QueueUrl": waiting.url(), "VisibilityTimeout": 0 }));
    let get = client.signed("s3", "GET", "/export/object", &[], Bytes::new());
    let put = client.signed("s3", "PUT", "/export/put", &[], Bytes::from(vec![b'x'; 1_024]));
    let plain = Request::post("/").header("host", "localhost").body(Bytes::from(vec![b'x'; 1_024])).expect("constants");

    let limit = || runtime.block_on(requests_a_second(echo, &plain));
    let mut before = limit();
    for (name, request) in [("SendMessage", &send), ("ReceiveMessage", &receive), ("GET", &get), ("PUT", &put)] {
        let reached = runtime.block_on(requests_a_second(client.address, request));
        let after = limit();
        let part = reached * 200.0 / (before + after);
        println!("{name:<16} {reached:>8.0} requests/s {part:>5.0} %, between echos of {before:.0} and {after:.0}");
        before = after;
    }
    drop(cloud);
    in_process::measure(&runtime);
    wake(&runtime);
    million(&runtime);
}

/// How long it takes from a send to the answer of a long poll.
fn wake(runtime: &Runtime) {
    let cloud = Cloud::start();
    let url = cloud.queue("polled").url();
    let client = Client { address: cloud.endpoint(), key: cloud.own_account().access_key() };
    let poll = client.sqs("ReceiveMessage", &json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }));
    let send = client.sqs("SendMessage", &json!({ "QueueUrl": url, "MessageBody": "x" }));
    let mut took: Vec<Duration> = (0..100)
        .map(|_| {
            runtime.block_on(async {
                let (mut poller, mut sender) = (connect(client.address).await, connect(client.address).await);
                let polling = tokio::spawn({
                    let poll = poll.clone();
                    async move { (exchange(&mut poller, &poll).await, Instant::now()) }
                });
                tokio::time::sleep(Duration::from_millis(5)).await;
                let sent = Instant::now();
                exchange(&mut sender, &send).await;
                let (body, answered) = polling.await.expect("the poll is answered");
                assert!(body.len() > 2, "it has the message");
                answered - sent
            })
        })
        .collect();
    took.sort();
    println!("a send wakes a long poll within {:?} at the median", took[took.len() / 2]);
}

/// A million messages in batches of 10, in and out, every one accounted for.
fn million(runtime: &Runtime) {
    const MESSAGES: usize = 1_000_000;
    let cloud = Cloud::builder().history_limit(1_000).start();
    let url = cloud.queue("million").url();
    let client = Client { address: cloud.endpoint(), key: cloud.own_account().access_key() };
    let before = resident();
    let began = Instant::now();
    runtime.block_on(async {
        let mut connection = connect(client.address).await;
        for batch in 0..MESSAGES / 10 {
            let entries: Vec<Value> =
                (0..10).map(|n| json!({ "Id": n.to_string(), "MessageBody": (batch * 10 + n).to_string() })).collect();
            let send = client.sqs("SendMessageBatch", &json!({ "QueueUrl": url, "Entries": entries }));
            exchange(&mut connection, &send).await;
        }
    });
    let queued = began.elapsed();
    let bytes = (resident().saturating_sub(before)) * 1024 / MESSAGES;
    let mut seen = vec![false; MESSAGES];
    runtime.block_on(async {
        let mut connection = connect(client.address).await;
        let receive = client.sqs("ReceiveMessage", &json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 }));
        loop {
            let body: Value = serde_json::from_slice(&exchange(&mut connection, &receive).await).expect("JSON");
            let Some(messages) = body["Messages"].as_array() else { break };
            let mut entries = Vec::new();
            for message in messages {
                let number: usize = message["Body"].as_str().and_then(|body| body.parse().ok()).expect("a number");
                assert!(!std::mem::replace(&mut seen[number], true), "{number} came twice");
                entries.push(json!({ "Id": number.to_string(), "ReceiptHandle": message["ReceiptHandle"] }));
            }
            let delete = client.sqs("DeleteMessageBatch", &json!({ "QueueUrl": url, "Entries": entries }));
            exchange(&mut connection, &delete).await;
        }
    });
    assert!(seen.iter().all(|seen| *seen), "every message came");
    assert!(cloud.queue("million").messages().is_empty(), "and was deleted");
    println!("a million messages: queued in {queued:.1?}, done in {:.1?}, {bytes} bytes for each", began.elapsed());
}

/// Kilobytes of memory that this process has.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

struct Client {
    address: SocketAddr,
    key: AccessKey,
}

impl Client {
    fn sqs(&self, operation: &str, body: &Value) -> Request<Bytes> {
        let target = format!("AmazonSQS.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target.as_str())];
        self.signed("sqs", "POST", "/", &headers, Bytes::from(body.to_string()))
    }

    fn signed(&self, service: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Bytes) -> Request<Bytes> {
        let uri = format!("http://{}{path}", self.address);
        let identity =
            aws_credential_types::Credentials::new(&self.key.id, &self.key.secret, None, None, "bench").into();
        let mut settings = SigningSettings::default();
        if service == "s3" {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let params = v4::SigningParams::builder().identity(&identity).region("us-east-1").name(service);
        let params = params.time(SystemTime::now()).settings(settings).build().expect("all is given");
        let to_sign = SignableRequest::new(method, &uri, headers.iter().copied(), SignableBody::Bytes(&body));
        let signed = sign(to_sign.expect("a valid address"), &params.into()).expect("it can be signed");
        let mut request = Request::builder().method(method).uri(&uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).expect("valid headers");
        signed.into_parts().0.apply_to_request_http1x(&mut request);
        request.headers_mut().insert("host", self.address.to_string().parse().expect("an address"));
        *request.uri_mut() = path.parse().expect("a path");
        request
    }
}

/// As many requests as can be, one after the other on each connection.
async fn requests_a_second(address: SocketAddr, request: &Request<Bytes>) -> f64 {
    let began = Instant::now();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let request = request.clone();
            tokio::spawn(async move {
                let mut connection = connect(address).await;
                let mut count = 0;
                while began.elapsed() < TIME {
                    exchange(&mut connection, &request).await;
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut all = 0;
    for task in tasks {
        all += task.await.expect("every request is answered");
    }
    f64::from(all) / began.elapsed().as_secs_f64()
}

async fn connect(address: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TokioIo::new(tokio::net::TcpStream::connect(address).await.expect("the server listens"));
    let (client, connection) = hyper::client::conn::http1::handshake(stream).await.expect("the server speaks HTTP");
    tokio::spawn(connection);
    client
}

async fn exchange(client: &mut SendRequest<Full<Bytes>>, request: &Request<Bytes>) -> Bytes {
    let response = client.send_request(request.clone().map(Full::new)).await.expect("the server answers");
    let status = response.status();
    let body = response.into_body().collect().await.expect("the answer arrives whole").to_bytes();
    assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
    body
}

/// A bare echo on a thread of its own, as the mocks have one.
fn serve_echo() -> SocketAddr {
    let (send, receive) = std::sync::mpsc::channel();
    thread::spawn(move || {
        runtime().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            send.send(listener.local_addr().expect("a bound socket has an address")).expect("it is waited for");
            while let Ok((stream, _)) = listener.accept().await {
                let service = service_fn(|request: Request<Incoming>| async move {
                    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                    Ok::<_, Infallible>(Response::new(Full::new(body)))
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
    });
    receive.recv().expect("the echo listens")
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the operating system gives an event queue")
}
