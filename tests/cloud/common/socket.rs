//! A client for loopback that sends requests exactly as they were made: it does not tidy up paths such as `a/../b`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use lambda_testkit::Cloud;

use super::signed::Raw;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The same configuration, but its clients call the cloud's port.
pub fn over_socket(cloud: &Cloud, config: &SdkConfig) -> SdkConfig {
    let address = cloud.endpoint();
    let builder = config.to_builder().endpoint_url(format!("http://{address}")).http_client(Loopback(address));
    // The answers carry the system's date, by which clients would correct the cloud's clock and try again.
    builder.disable_clock_skew_correction(true).build()
}

/// Sends one request and reads the whole answer.
pub async fn send(address: SocketAddr, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
    let (parts, body) = begin(address, request).await?.into_parts();
    Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
}

/// Sends one request and reads the head of the answer; the body comes as it is read.
async fn begin(address: SocketAddr, request: Request<Bytes>) -> Result<Response<Incoming>, Error> {
    let (mut parts, body) = request.into_parts();
    // A URL's host is signed, and need not be the address: S3 clients have an endpoint of their own.
    let host = parts.uri.authority().map_or_else(|| address.to_string(), ToString::to_string);
    let host = HeaderValue::from_str(&host)?;
    parts.headers.entry(HOST).or_insert(host);
    // A server is asked for a path, not for a whole URL.
    parts.uri = parts.uri.path_and_query().map_or("/", |path| path.as_str()).parse()?;
    let stream = TokioIo::new(tokio::net::TcpStream::connect(address).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    // It ends with the body, for nothing more is sent.
    tokio::spawn(connection);
    Ok(sender.send_request(Request::from_parts(parts, Full::new(body))).await?)
}

/// Sends one request as a client would that knows no futures, and returns the whole answer.
pub fn send_blocking(address: SocketAddr, request: &Raw<'_>) -> std::io::Result<String> {
    let head = request.head(address, &format!("content-length: {}\r\n", request.body.len()));
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(&[head.as_bytes(), &request.body].concat())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[derive(Debug, Clone)]
struct Loopback(SocketAddr);

impl HttpClient for Loopback {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Loopback {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let address = self.0;
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
            // As the SDK's own connector says it: a broken connection is tried again.
            let response = begin(address, Request::from_parts(parts, body)).await.map_err(ConnectorError::io)?;
            let response = response.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
