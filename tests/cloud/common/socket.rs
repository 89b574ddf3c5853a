//! A client for loopback that sends requests exactly as they were made: it does not tidy up paths such as `a/../b`.

use std::net::SocketAddr;

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
use hyper_util::rt::TokioIo;
use lambda_testkit::Cloud;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The same configuration, but its clients call the cloud's port.
pub fn over_socket(cloud: &Cloud, config: &SdkConfig) -> SdkConfig {
    let address = cloud.endpoint();
    config.to_builder().endpoint_url(format!("http://{address}")).http_client(Loopback(address)).build()
}

/// Sends one request and reads the whole answer.
pub async fn send(address: SocketAddr, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
    let (mut parts, body) = request.into_parts();
    let host = HeaderValue::from_str(&address.to_string())?;
    parts.headers.entry(HOST).or_insert(host);
    // A server is asked for a path, not for a whole URL.
    parts.uri = parts.uri.path_and_query().map_or("/", |path| path.as_str()).parse()?;
    let stream = TokioIo::new(tokio::net::TcpStream::connect(address).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(Request::from_parts(parts, Full::new(body))).await?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    connection.abort();
    Ok(Response::from_parts(parts, body))
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
            let response = send(address, Request::from_parts(parts, body)).await;
            let response = response.map_err(ConnectorError::io)?;
            let response = response.map(SdkBody::from);
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
