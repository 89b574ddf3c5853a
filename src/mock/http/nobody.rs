//! Who answers requests for services that are not mocked: refuses them by name.

use std::future::ready;
use std::sync::Arc;

use http::request::Parts;

use super::refusal::{Fault, Refusal, Wire};
use super::service::{Doing, Effect, Incoming, Parsed, Service};
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
        let info = RequestInfo::new(self.name(), self.asked.escape_debug().to_string(), &incoming.region);
        let has = self.mocked.join(", ");
        let message = if self.signed {
            let asked = &self.asked;
            format!(
                "lambda-testkit does not mock {asked}: it has {has}; a test answers for others with Cloud::service or Cloud::forward"
            )
        } else {
            let asked = if self.asked.is_empty() { "the request" } else { &self.asked };
            format!("{asked} is not signed, and only a signature says which service is meant; lambda-testkit has {has}")
        };
        let refusal = Refusal::new(400, "NotImplemented", message);
        let parsed = Parsed::new(info, |call| async move { refusal.answer(Wire::Json, &call) });
        Box::pin(ready(parsed))
    }

    fn policies(&self, _: &RequestInfo, _: &str) -> Option<Vec<Policy>> {
        None
    }

    fn effect(&self, _: &str) -> Effect {
        Effect::Read
    }

    fn faults(&self, _: &str) -> &'static [Fault] {
        &[]
    }
}
