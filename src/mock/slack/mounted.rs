//! Expectations of the test's own, on a `wiremock` server behind ours.

use std::sync::mpsc;

use bytes::Bytes;
use http::{Request, Response};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::kernel::background;
use crate::mock::http::exchange;

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
        let response = exchange([*self.0.address()], request.clone()).await.ok()?;
        (!response.headers().contains_key(UNMATCHED)).then_some(response)
    }
}
