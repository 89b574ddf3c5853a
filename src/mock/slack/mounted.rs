//! Expectations of the test's own, on a `wiremock` server behind ours.

use std::sync::mpsc;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::kernel::background;

/// A `wiremock` server that is asked before Slack's own rules.
pub(super) struct Mounted(MockServer);

/// Says that no expectation of the test matched.
const UNMATCHED: &str = "x-lambda-testkit-unmatched";

impl Mounted {
    /// Starts a server. Blocks for as long as binding a port of loopback takes.
    pub fn start() -> Self {
        let (sender, receiver) = mpsc::channel();
        // The caller may itself be inside a runtime, which must not be entered twice.
        background().spawn(async move {
            let server = MockServer::start().await;
            let unmatched = ResponseTemplate::new(404).insert_header(UNMATCHED, "1");
            Mock::given(any()).respond_with(unmatched).with_priority(255).mount(&server).await;
            // The caller waits below; if it is gone, the server goes too.
            let _ = sender.send(server);
        });
        Self(receiver.recv().expect("wiremock starts a server on loopback"))
    }

    pub fn server(&self) -> &MockServer {
        &self.0
    }

    /// What an expectation answers; `None` when none matches.
    pub async fn answer(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let request = request.clone();
        let address = *self.0.address();
        // On the thread of the sockets: the caller's runtime may have no driver for them.
        let exchange = background().spawn(async move {
            let stream = tokio::net::TcpStream::connect(address).await.ok()?;
            let (mut client, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
            tokio::spawn(connection);
            let (mut parts, body) = request.into_parts();
            let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            parts.uri = path.parse::<Uri>().ok()?;
            let response = client.send_request(Request::from_parts(parts, Full::new(body))).await.ok()?;
            let (parts, body) = response.into_parts();
            Some(Response::from_parts(parts, body.collect().await.ok()?.to_bytes()))
        });
        let mut response = exchange.await.ok()??;
        // What belongs to the connection is ours to say.
        for name in ["connection", "transfer-encoding", "content-length"] {
            response.headers_mut().remove(name);
        }
        (!response.headers().contains_key(UNMATCHED)).then_some(response)
    }
}
