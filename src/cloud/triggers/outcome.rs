//! How an event source mapping runs a batch, and what becomes of its messages.

use std::sync::Arc;
use std::time::Duration;

use super::mapping::{Mapping, Setup};
use super::{answer, record};
use crate::cloud::router::{Batch, Router};
use crate::event::BatchVerdict;
use crate::history::{Actor, Caller, DeliveryInfo, EntryId, Source, What};
use crate::mock::lambda::Outcome;
use crate::mock::sqs::ReceivedMessage;

impl Mapping {
    pub(super) fn invoke(&self, router: &Arc<Router>, setup: &Arc<Setup>, messages: Vec<ReceivedMessage>) {
        let Setup { function, settings, .. } = &**setup;
        let received = messages.iter().map(|received| received.message.receive_count).max().unwrap_or(1);
        let from = Source::Messages { queue: self.queue.name.clone(), count: messages.len(), received };
        let event = record::event(&self.queue, settings, &messages);
        let batch = Batch {
            info: DeliveryInfo::new(from, &self.id, &*function.label, function.arn.clone()),
            function: function.clone(),
            payload: router.printed(event),
            traces: messages.iter().filter_map(|received| received.message.trace_header.clone()).collect(),
            cause: messages.first().and_then(|first| first.message.sent_by),
            by: Arc::new(Caller::service("lambda.amazonaws.com", &function.named.account)),
            may_repeat: !self.queue.is_fifo(),
        };
        // The invocation stands under the first message; the others say where they went.
        let others: Vec<_> = messages.iter().skip(1).filter_map(|other| other.message.sent_by).collect();
        let warning = self.warning(router, setup);
        let joined = |delivery| {
            for sent_by in others {
                let what = What::Joined { function: function.label.to_string() };
                router.kernel().record(Some(sent_by), Actor::Service, what);
            }
            if let Some(warning) = warning {
                router.kernel().note(Some(delivery), warning);
            }
        };
        self.state().in_flight += 1;
        let (weak, me, setup) = (Arc::downgrade(router), self.me.clone(), Arc::clone(setup));
        let running = router.run_batch(batch, joined, move |outcome, entry, repeats| {
            if let (Some(router), Some(me)) = (weak.upgrade(), me.upgrade()) {
                me.settle(&router, &setup, &messages, &outcome, entry, repeats);
            }
        });
        if !running {
            self.state().in_flight -= 1;
        }
    }

    /// What is to be said once of a visibility timeout that has become shorter than the function's timeout. Lambda refuses to
    /// make such a mapping, and says nothing later.
    fn warning(&self, router: &Router, setup: &Setup) -> Option<String> {
        let settings = router.sqs().settings(&self.queue).ok()?;
        let visibility = Duration::from_secs(settings.visibility_timeout.into());
        let timeout = setup.function.settings().timeout;
        let mut state = self.state();
        let is_new = visibility < timeout && !state.has_warned;
        state.has_warned = visibility < timeout;
        is_new.then(|| {
            format!(
                "the visibility timeout of {} ({visibility:?}) is shorter than the timeout of {} ({timeout:?}): messages may \
                 come again while they are worked on",
                self.queue.name, setup.function.label
            )
        })
    }

    /// Deletes what the function took care of; the rest becomes visible again when its timeout ends.
    fn settle(
        &self,
        router: &Arc<Router>,
        setup: &Setup,
        batch: &[ReceivedMessage],
        outcome: &Outcome,
        entry: EntryId,
        repeats: bool,
    ) {
        let reports = setup.settings.report_item_failures;
        let ids: Vec<&str> = batch.iter().map(|received| received.message.id.as_str()).collect();
        let verdict = match outcome {
            Outcome::Success(answer) => BatchVerdict::of_response(answer, &ids, reports),
            Outcome::Error(_) => BatchVerdict::of_function_error(&ids),
        };
        let (sqs, kernel) = (router.sqs(), router.kernel());
        for received in batch.iter().filter(|received| !verdict.is_retried(&received.message.id)) {
            let done = if repeats {
                // As if the deletion had been lost, and the timeout were over: it is delivered once more.
                sqs.make_visible(&self.queue, &received.receipt_handle)
            } else {
                sqs.delete(&self.queue, &received.receipt_handle)
            };
            if let Err(error) = done {
                kernel.note(Some(entry), format!("a message is not deleted: {}", error.message));
            }
        }
        let (kept, function) = (verdict.retried().len(), setup.function.name.to_string());
        if kept > 0 {
            let (of, why) = (batch.len(), verdict.fault().cloned());
            kernel.record(Some(entry), Actor::Service, What::Kept { function: function.clone(), kept, of, why });
        }
        if let Outcome::Success(answer) = outcome
            && let Some(why) = answer::ignored(answer, reports)
        {
            kernel.record(Some(entry), Actor::Service, What::Ignored { function, why });
        }
        self.state().in_flight -= 1;
        self.wake(router);
    }
}
