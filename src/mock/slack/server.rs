//! Slack's incoming webhooks on `wiremock`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, Weak, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::rules::{self, Accepted, Refusal};
use crate::kernel::Kernel;
use crate::mock::http::background;

/// A message that was posted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SlackMessage {
    /// The text; empty when the message has only blocks or attachments.
    pub text: String,
    /// The whole payload, as it was sent.
    pub payload: Value,
    /// When it was posted, on the cloud's clock.
    pub at: Timestamp,
}

/// The Slack of one cloud.
pub(crate) struct SlackServer {
    server: MockServer,
    state: Arc<State>,
}

struct State {
    kernel: Weak<Kernel>,
    changing: Mutex<Changing>,
}

#[derive(Default)]
struct Changing {
    channels: BTreeMap<String, Channel>,
    /// Answers that are given before anything else, first come, first served.
    scripted: VecDeque<Scripted>,
}

#[derive(Default)]
struct Channel {
    path: String,
    messages: Vec<SlackMessage>,
}

/// An answer that the next request gets, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scripted {
    pub status: u16,
    pub body: String,
    pub retry_after: Option<u64>,
}

impl SlackServer {
    /// Starts a server. Blocks for as long as binding a port of loopback takes.
    pub fn start(kernel: &Arc<Kernel>) -> Arc<Self> {
        let state = Arc::new(State { kernel: Arc::downgrade(kernel), changing: Mutex::default() });
        let (sender, receiver) = mpsc::channel();
        let responder = Webhooks(Arc::clone(&state));
        // The caller may itself be inside a runtime, which must not be entered twice.
        background().spawn(async move {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(responder).with_priority(255).mount(&server).await;
            // The caller waits below; if it is gone, the server goes too.
            let _ = sender.send(server);
        });
        let server = receiver.recv().expect("wiremock starts a server on loopback");
        Arc::new(Self { server, state })
    }

    pub fn mock_server(&self) -> &MockServer {
        &self.server
    }

    /// The path of the channel's webhook, made on first use.
    #[track_caller]
    pub fn webhook(&self, channel: &str) -> String {
        let kernel = self.state.kernel.upgrade().expect("the Cloud was dropped");
        let mut changing = self.state.changing();
        let entry = changing.channels.entry(channel.to_owned()).or_default();
        if entry.path.is_empty() {
            let mut ids = kernel.ids();
            entry.path = format!("/services/T{}/B{}/{}", ids.upper(8), ids.upper(10), ids.lower(24));
        }
        format!("{}{}", self.server.uri(), entry.path)
    }

    /// What was posted to the channel; the error names the channels that have a webhook.
    pub fn messages(&self, channel: &str) -> Result<Vec<SlackMessage>, Vec<String>> {
        let changing = self.state.changing();
        match changing.channels.get(channel) {
            Some(channel) => Ok(channel.messages.clone()),
            None => Err(changing.channels.keys().cloned().collect()),
        }
    }

    pub(super) fn script(&self, answer: Scripted, count: usize) {
        self.state.changing().scripted.extend(std::iter::repeat_n(answer, count));
    }
}

impl State {
    fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock().expect("no panic under this lock")
    }
}

struct Webhooks(Arc<State>);

impl Respond for Webhooks {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let Some(kernel) = self.0.kernel.upgrade() else {
            return ResponseTemplate::new(503).set_body_string("the Cloud was dropped");
        };
        let turns = kernel.turns();
        let cause = turns.current_or_running().and_then(|id| {
            // What comes over a socket counts as progress of the one that can have sent it.
            turns.note_request(id, "slack webhook");
            turns.line_of(id)
        });
        let mut changing = self.0.changing();
        if let Some(Scripted { status, body, retry_after }) = changing.scripted.pop_front() {
            kernel.note(cause, format!("slack → {status} {body} (scripted)"));
            let response = ResponseTemplate::new(status).set_body_raw(body, "text/html");
            return match retry_after {
                Some(seconds) => response.insert_header("retry-after", seconds.to_string()),
                None => response,
            };
        }
        match changing.find(request).and_then(|name| Ok((name, accepted(request)?))) {
            Ok((name, Accepted { text, payload })) => {
                kernel.note(cause, format!("slack {name}: {}", shortened(&text)));
                if let Some(channel) = changing.channels.get_mut(&name) {
                    channel.messages.push(SlackMessage { text, payload, at: kernel.now() });
                }
                ResponseTemplate::new(200).set_body_raw("ok", "text/html")
            }
            Err(Refusal { status, word }) => {
                kernel.note(cause, format!("slack → {status} {word}"));
                ResponseTemplate::new(status).set_body_raw(word, "text/html")
            }
        }
    }
}

fn accepted(request: &Request) -> Result<Accepted, Refusal> {
    let content_type = request.headers.get("content-type").and_then(|value| value.to_str().ok());
    rules::read(content_type, &request.body)
}

impl Changing {
    /// The channel that a request is for, or what Slack says to a wrong URL.
    fn find(&self, request: &Request) -> Result<String, Refusal> {
        if request.method.as_str() != "POST" {
            return Err(rules::METHOD);
        }
        let path = request.url.path();
        let parts: Vec<&str> = path.split('/').collect();
        let ["", "services", team, service, token] = parts.as_slice() else { return Err(rules::NO_TEAM) };
        let known = |parts: &[&str]| {
            let prefix = format!("/services/{}", parts.join("/"));
            self.channels.values().any(|channel| channel.path.starts_with(&format!("{prefix}/")))
        };
        if let Some((name, _)) = self.channels.iter().find(|(_, channel)| channel.path == path) {
            return Ok(name.clone());
        }
        match (known(&[team]), known(&[team, service]), token.is_empty()) {
            (false, ..) => Err(rules::NO_TEAM),
            (true, false, _) => Err(rules::NO_SERVICE),
            (true, true, _) => Err(rules::INVALID_TOKEN),
        }
    }
}

/// Enough of the text to recognise it in a timeline.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// The scripted answer of a rate limit.
pub(super) fn rate_limited(retry_after: Duration) -> Scripted {
    Scripted { status: 429, body: "rate_limited".to_owned(), retry_after: Some(retry_after.as_secs().max(1)) }
}
