//! Who answers requests for services that are not mocked: refuses them by name.

use std::future::ready;
use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::request::Parts;

use super::refusal::{Fault, Refusal, Wire};
use super::service::{Asked, Doing, Effect, Incoming, Parsed, Service};
use super::unmocked;
use crate::history::RequestInfo;
use crate::iam::Policy;

pub(super) struct Nobody {
    /// The service that a signature names; without one, the operation that was asked for.
    pub asked: String,
    pub signed: bool,
    /// The services that are mocked.
    pub mocked: Vec<&'static str>,
}

impl Service for Nobody {
    fn name(&self) -> &'static str {
        ""
    }

    fn wire(&self) -> Wire {
        Wire::Json
    }

    fn claims(&self, _: &Parts) -> bool {
        false
    }

    fn parse(self: Arc<Self>, incoming: Incoming) -> Doing<Parsed> {
        let Incoming { request, region, .. } = incoming;
        let (asked, operation) = (self.asked.escape_debug().to_string(), unmocked::operation(&request));
        // What is not signed shows its operation alone.
        let of_what =
            if asked.ends_with(&operation) { asked } else { format!("{asked} {operation}").trim().to_owned() };
        let info = RequestInfo::new(self.name(), of_what.clone(), &region);
        let has = self.mocked.join(", ");
        let message = if self.signed {
            format!(
                "lambda-testkit does not mock {of_what}: it has {has}; a test answers for others with Cloud::service or \
                 Cloud::forward"
            )
        } else {
            let asked = if of_what.is_empty() { "the request" } else { &of_what };
            format!("{asked} is not signed, and only a signature says which service is meant; lambda-testkit has {has}")
        };
        let wire = unmocked::wire(&self.asked, &request);
        let refusal = Refusal::new(if wire == Wire::S3 { 501 } else { 400 }, "NotImplemented", message);
        // Which of the two versions it is that JSON is asked in.
        let spoken = request.headers().get(CONTENT_TYPE).filter(|_| wire == Wire::Json).cloned();
        let parsed = Parsed::new(info, move |call| async move {
            let mut answer = refusal.answer(wire, &call);
            spoken.map(|spoken| answer.response.headers_mut().insert(CONTENT_TYPE, spoken));
            answer
        });
        Box::pin(ready(parsed))
    }

    fn policies(&self, _: &RequestInfo, _: &str, _: Asked<'_>) -> Option<Vec<Policy>> {
        None
    }

    fn effect(&self, _: &str) -> Effect {
        Effect::Read
    }

    fn faults(&self, _: &str) -> &'static [Fault] {
        &[]
    }
}
