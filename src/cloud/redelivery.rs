//! What a function was given, given to it once more: AWS delivers at least once.

use std::collections::BTreeSet;

use super::Function;
use super::error::expect;
use super::router::Given;
use super::world::World;
use crate::event::ids::{FNV_BASIS, fnv1a, mixed};
use crate::event::invoke::TraceHeader;
use crate::history::{DeliveryInfo, History, InvokedFunction, Source, What};
use crate::mock::lambda::{Callee, FunctionRef};

/// The order in which [`Function::redeliver`] hands events on once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Redelivery {
    /// In the order in which they came: shows what is done twice.
    All,
    /// The last one first: shows what depends on the order as well.
    Reversed,
    /// In an order that follows from this seed.
    Shuffled(u64),
}

impl Redelivery {
    fn arrange<T>(self, events: &mut Vec<T>) {
        match self {
            Self::All => {}
            Self::Reversed => events.reverse(),
            Self::Shuffled(seed) => {
                let place = |at: u64| mixed(fnv1a(fnv1a(FNV_BASIS, seed.to_le_bytes()), at.to_le_bytes()));
                let mut placed: Vec<_> = (0..).map(place).zip(events.drain(..)).collect();
                placed.sort_by_key(|(place, _)| *place);
                events.extend(placed.into_iter().map(|(_, event)| event));
            }
        }
    }
}

impl Function {
    /// Has every event delivered once more that the function was given so far, and that nobody waits for: those of buckets
    /// and schedules, batches of queues, and asynchronous invocations, each once however often it was tried. Returns how many
    /// there are. They are due now: the next [`settle`](crate::Cloud::settle) or [`drain`](crate::Cloud::drain) runs them.
    ///
    /// AWS delivers at least once, and mostly in no order. So a function has to leave the same behind when everything comes a
    /// second time:
    ///
    /// ```
    /// use lambda_testkit::Redelivery;
    /// use lambda_testkit::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let (inbox, outbox) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
    /// let copy = cloud.function_with("copy", (inbox.clone(), outbox), async |(inbox, outbox), event: S3Event| {
    ///     let key = event.records[0].key();
    ///     outbox.put(key.as_str(), inbox.text(key.as_str()));
    /// });
    /// inbox.notify(&copy, on(ObjectCreated));
    /// inbox.put("a.txt", "a");
    /// inbox.put("b.txt", "b");
    /// cloud.settle().await.assert_ok();
    ///
    /// let before = cloud.state();
    /// assert_eq!(copy.redeliver(Redelivery::All), 2);
    /// cloud.settle().await.assert_ok();
    /// assert_eq!(cloud.state(), before, "{}", before.diff(&cloud.state()));
    /// # }
    /// ```
    ///
    /// The event is the same, byte for byte; that of an asynchronous invocation, of a bucket and of a schedule has its request
    /// id too, as a duplicate from Lambda's own queue. If the function fails, it is tried again and given up as the first
    /// time. The duplicate of a batch is a new invocation with the same messages, of which the queue knows nothing: whatever
    /// the function answers, none is taken out of the queue and none comes back. A function that is busy
    /// ([`concurrency`](Self::concurrency)) is given its duplicates later.
    ///
    /// In the [history](crate::Cloud::history) a redelivery stands beside the invocation that it repeats, under the same
    /// cause, as a delivery from [`Source::Redelivery`](crate::history::Source::Redelivery). It is not redelivered itself: a
    /// second call has the original events come a third time. What a limited history
    /// ([`history_limit`](crate::CloudBuilder::history_limit)) has dropped does not come.
    ///
    /// AWS keeps the order within a message group of a FIFO queue: there, another order is more than it does.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/concepts-event-driven-architectures.html>,
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html>
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn redeliver(&self, order: Redelivery) -> usize {
        let world = expect(self.world());
        expect(self.registered());
        let mut events = given(&world, self);
        order.arrange(&mut events);
        let count = events.len();
        events.into_iter().for_each(|(function, event)| world.router.redeliver(&function, event));
        count
    }
}

/// The events that a function was given, each once, but for those that somebody waited for; and by which name, unless that is
/// gone.
fn given(world: &World, function: &Function) -> Vec<(Callee, Given)> {
    let history = &world.kernel.history();
    let mut seen = BTreeSet::new();
    let first = |run: &InvokedFunction<'_>| {
        let invocation = run.invocation;
        function.is_meant_by(invocation) && invocation.attempt == 1 && !invocation.answered
    };
    let runs = history.invocations().into_iter().filter(first);
    runs.filter_map(|run| {
        let context = &run.invocation.context;
        let delivery = delivery(history, &run);
        let from = delivery.map(|delivery| delivery.from.clone());
        let is_again = matches!(from, Some(Source::Redelivery { .. }));
        // One delivery that came twice is one event.
        if is_again || !seen.insert(context.request_id.clone()) {
            return None;
        }
        let given = Given {
            payload: run.invocation.event.clone(),
            request_id: context.request_id.clone(),
            trace_header: Some(trace_of_event(&run).to_string()),
            tenant: context.tenant_id.as_deref().map(Into::into),
            cause: run.entry.cause,
            from,
        };
        Some((world.lambda.callee(&FunctionRef::from_arn(&context.invoked_function_arn)?)?, given))
    })
    .collect()
}

/// The trace of an invocation's event: as it was before this invocation counted.
fn trace_of_event(run: &InvokedFunction<'_>) -> TraceHeader {
    run.trace_header().before(&run.invocation.arn)
}

/// What brought an invocation its event, if it is not somebody who asked for it.
fn delivery<'a>(history: &'a History, run: &InvokedFunction<'a>) -> Option<&'a DeliveryInfo> {
    match &history.get(run.entry.cause?)?.what {
        What::Delivery(delivery) => Some(delivery),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(order: Redelivery) -> Vec<u32> {
        let mut events = (0..20).collect();
        order.arrange(&mut events);
        events
    }

    #[test]
    fn every_order_has_all_events_and_a_seed_gives_one_order() {
        let all = arranged(Redelivery::All);
        assert_eq!(arranged(Redelivery::Reversed), all.iter().rev().copied().collect::<Vec<_>>());
        let shuffled = arranged(Redelivery::Shuffled(7));
        assert_eq!(shuffled, arranged(Redelivery::Shuffled(7)));
        let mut sorted = shuffled.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, all);
        for other in [arranged(Redelivery::Shuffled(8)), arranged(Redelivery::Reversed), all] {
            assert_ne!(shuffled, other);
        }
    }
}
