//! What a client of the SDK reads in a second, in process and over a connection that it keeps: the goal is three times as much.
//! Beside it what the client alone would do, were it answered at once, and what the handle of a bucket reads.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use lambda_testkit::Cloud;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

use super::TIME;

/// Measures GETs of 1 KiB, one after the other.
pub fn measure(runtime: &Runtime) {
    let cloud = Cloud::builder().history_limit(1_000).start();
    let bucket = cloud.bucket("export");
    bucket.put("object", vec![b'x'; 1_024]);
    let config = cloud.sdk_config();
    let address = cloud.endpoint();
    let builder = config.to_builder().endpoint_url(format!("http://{address}")).http_client(Kept::new(address));
    // The answers carry the system's date.
    let sockets = builder.disable_clock_skew_correction(true).build();
    let inside = runtime.block_on(gets_a_second(&aws_sdk_s3::Client::new(&config)));
    let outside = runtime.block_on(gets_a_second(&aws_sdk_s3::Client::new(&sockets)));
    let at_once = config.to_builder().http_client(AtOnce).build();
    let alone = runtime.block_on(gets_a_second(&aws_sdk_s3::Client::new(&at_once)));
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < TIME {
        assert_eq!(bucket.bytes("object").len(), 1_024);
        count += 1;
    }
    let handle = f64::from(count) / began.elapsed().as_secs_f64();
    println!(
        "GET by the SDK   {inside:>8.0} requests/s in process, {outside:.0} over loopback: {:.1} times",
        inside / outside
    );
    println!("                 {alone:>8.0} by the client alone, {handle:.0} by the handle");
}

async fn gets_a_second(s3: &aws_sdk_s3::Client) -> f64 {
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < TIME {
        let got = s3.get_object().bucket("export").key("object").send().await.expect("it is there");
        assert_eq!(got.body.collect().await.expect("it arrives whole").into_bytes().len(), 1_024);
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// One connection, for requests that come one after the other.
#[derive(Debug, Clone)]
struct Kept {
    address: SocketAddr,
    connection: Arc<Mutex<Option<SendRequest<SdkBody>>>>,
}

impl Kept {
    fn new(address: SocketAddr) -> Self {
        Self { address, connection: Arc::default() }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        // What was signed: clients of S3 have an endpoint of their own.
        let host = request.uri().authority().map_or_else(|| self.address.to_string(), ToString::to_string);
        let host = host.parse().expect("an address");
        request.headers_mut().entry("host").or_insert(host);
        *request.uri_mut() = request.uri().path_and_query().map_or("/", |path| path.as_str()).parse().expect("a path");
        let mut kept = self.connection.lock().await;
        if kept.is_none() {
            let stream = tokio::net::TcpStream::connect(self.address).await.expect("the server listens");
            let (sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("the server speaks HTTP");
            tokio::spawn(connection);
            *kept = Some(sender);
        }
        let sender = kept.as_mut().expect("just made");
        sender.ready().await.expect("the server keeps the connection");
        let response = sender.send_request(request).await.expect("the server answers");
        HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
            .map_err(|error| ConnectorError::other(error.into(), None))
    }
}

impl HttpClient for Kept {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Kept {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let kept = self.clone();
        HttpConnectorFuture::new(async move { kept.send(request).await })
    }
}

/// Answers without any server.
#[derive(Debug, Clone)]
struct AtOnce;

impl HttpClient for AtOnce {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for AtOnce {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let status = 200.try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(vec![b'x'; 1_024]))))
    }
}
