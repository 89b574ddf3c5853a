//! Slack's incoming webhooks behind the gateway.

use std::sync::{Arc, MutexGuard, OnceLock};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};

use super::mounted::Mounted;
use super::rules::{self, Accepted, Word};
use super::state::{SlackMessage, SlackState};
use crate::choice::ScriptedAnswer;
use crate::history::{RefusedWith, RequestInfo};
use crate::iam::Policy;
use crate::kernel::Kernel;
use crate::lock::Lock;
use crate::mock::http::{Answer, Asked, Call, Doing, Effect, Fault, Incoming, Parsed, Service, Wire, header_text};

/// The mock Slack of one cloud.
pub(crate) struct SlackService {
    kernel: Arc<Kernel>,
    state: Lock<SlackState>,
    mounted: OnceLock<Mounted>,
}

/// What Slack answers to a post.
pub(super) const OK: &str = "ok";

/// More letters than any word of Slack's has.
const LONGEST_WORD: usize = 80;

/// What Slack answers when it is busy, or down.
///
/// <https://docs.slack.dev/apis/web-api/rate-limits>
const FAULTS: &[Fault] = &[
    Fault::new(429, "rate_limited", "").header("retry-after", "30"),
    Fault::new(500, "rollup_error", ""),
    Fault::new(503, "service_unavailable", ""),
];

impl SlackService {
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel, state: Lock::default(), mounted: OnceLock::new() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, SlackState> {
        self.state.lock()
    }

    /// What was posted, by channel.
    pub fn posted(&self) -> Vec<(String, Vec<SlackMessage>)> {
        self.state().channels().map(|(name, messages)| (name.to_owned(), messages.to_vec())).collect()
    }

    pub(super) fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    pub(super) fn mounted(&self) -> &Mounted {
        self.mounted.get_or_init(Mounted::start)
    }

    /// Answers as the test has scripted it, as its own expectations say, or as Slack would.
    async fn answer(&self, request: Request<Bytes>, read: Result<Accepted, Word>, call: &Call) -> Answer {
        let scripted = call.scripted().or_else(|| self.state().scripted(self.kernel.now()));
        if let Some(ScriptedAnswer { status, text, retry_after }) = scripted {
            let (mut response, error) = (bare(status, text.clone()), refused_with(status, &text));
            if let Some(seconds) = retry_after {
                response.headers_mut().insert("retry-after", seconds.into());
            }
            return Answer { response, error, remark: Some("scripted") };
        }
        if let Some(mounted) = self.mounted.get()
            && let Some(response) = mounted.answer(&request).await
        {
            // A page of an outage is no word.
            let word = std::str::from_utf8(response.body()).ok().filter(|text| is_word(text)).unwrap_or_default();
            let error = refused_with(response.status().as_u16(), word);
            return Answer { response, error, remark: Some("by an expectation of the test") };
        }
        match self.post(&request, read) {
            Ok(()) => Answer::ok(bare(200, OK.to_owned())),
            Err(Word { status, word }) => Answer::refused(bare(status, word.to_owned()), word, ""),
        }
    }

    fn post(&self, request: &Request<Bytes>, read: Result<Accepted, Word>) -> Result<(), Word> {
        if request.method() != Method::POST {
            return Err(rules::METHOD);
        }
        let mut state = self.state();
        let channel = state.find(request.uri().path())?;
        let Accepted { text, payload } = read?;
        state.post(&channel, SlackMessage { text, payload, at: self.kernel.now() });
        Ok(())
    }
}

/// What a status and a word say that is no success: with 200, everything but `ok`.
fn refused_with(status: u16, word: &str) -> Option<RefusedWith> {
    let refuses = status >= 400 || (status == 200 && word != OK);
    (refuses && !word.is_empty()).then(|| RefusedWith { code: word.to_owned(), message: String::new() })
}

fn is_word(text: &str) -> bool {
    text.len() <= LONGEST_WORD && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn bare(status: u16, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("text/html"));
    response
}

impl Service for SlackService {
    fn name(&self) -> &'static str {
        "slack"
    }

    fn wire(&self) -> Wire {
        Wire::Word
    }

    fn claims(&self, parts: &Parts) -> bool {
        parts.uri.path().starts_with("/services/")
    }

    fn takes_anonymous(&self) -> bool {
        true
    }

    fn is_outside_aws(&self) -> bool {
        true
    }

    fn parse(self: Arc<Self>, incoming: Incoming) -> Doing<Parsed> {
        Box::pin(async move {
            let Incoming { request, region, .. } = incoming;
            // Whoever has the URL may post, so there is no caller and no permission to ask for.
            let channel = self.state().find(request.uri().path()).unwrap_or_default();
            let read = rules::read(header_text(request.headers(), "content-type"), request.body());
            let detail = match &read {
                Ok(accepted) => accepted.text.clone(),
                Err(_) => String::from_utf8_lossy(request.body()).into_owned(),
            };
            let info = RequestInfo::new("slack", "PostMessage", &region).on(channel, None).detail(detail);
            let info = RequestInfo { size: request.body().len(), ..info };
            Parsed::new(info, move |call| async move { self.answer(request, read, &call).await })
        })
    }

    fn policies(&self, _: &RequestInfo, _: &str, _: Asked<'_>) -> Option<Vec<Policy>> {
        None
    }

    fn operations(&self) -> &'static [&'static str] {
        &["PostMessage"]
    }

    fn effect(&self, _: &str) -> Effect {
        Effect::Write
    }

    fn faults(&self, _: &str) -> &'static [Fault] {
        FAULTS
    }
}
