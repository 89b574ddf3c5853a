//! How an event source mapping fills a batch.

use std::sync::Arc;

use super::gathered::Gathered;
use super::mapping::{Mapping, Setup};
use super::record;
use crate::cloud::router::Router;
use crate::history::{DeliveryInfo, Source};
use crate::kernel::later;
use crate::mock::sqs::{ReceivedMessage, Room, Taken};

impl Mapping {
    /// Receives what the batch has room for, and runs the batch if it is full or its window is over.
    pub(super) fn poll(&self, router: &Arc<Router>) {
        let now = router.kernel().now();
        let (setup, mut gathered, closes) = {
            let mut state = self.state();
            state.planned = None;
            // It may have been planned by the very receive that began the last batch that is allowed.
            if !state.may_poll(self.queue.is_fifo()) {
                return;
            }
            (Arc::clone(&state.setup), std::mem::take(&mut state.gathered), state.closes)
        };
        // A batch may always be smaller than was asked for.
        let most = setup.settings.batch_size.min(router.sqs().limits().received);
        let longest = router.lambda().limits().request;
        let closes = if gathered.len() == 0 { later(now, setup.settings.window) } else { closes };
        let admits = |message: &ReceivedMessage| self.admits(&setup, message).is_ok();
        let wanted = (!setup.filters.is_empty()).then_some(&admits as &dyn Fn(&ReceivedMessage) -> bool);
        let there = router.sqs().receivable(&self.queue, gathered.room(most, longest), wanted).unwrap_or_default();
        let count = gathered.len() + there.count;
        let is_closing = closes <= now || there.more || count >= most;
        let size = if is_closing {
            let first = gathered.first().map(|first| (first.message.sent_by, first.message.receive_count));
            let (first, received) = first.unwrap_or((there.first, there.receive_count + 1));
            router.batch_size(&self.label(), first, received, count)
        } else {
            count
        };
        if there.exhausted || there.left_out || size > gathered.len() {
            let room = gathered.room(size, longest);
            // Where only messages are left that nobody gets, a receive with room takes them away.
            let room = Room { messages: room.messages.max(1), ..room };
            match router.sqs().receive_batch(&self.queue, room, wanted) {
                Ok(taken) => self.take(router, &setup, &mut gathered, taken),
                Err(error) => {
                    router.kernel().note(None, format!("poll {} failed: {}", self.queue.name, error.message));
                }
            }
        }
        let batch = gathered.take(if is_closing { size } else { 0 });
        {
            let mut state = self.state();
            // What a mapping that was disabled meanwhile holds comes back when its timeout ends.
            if state.phase.polls() {
                (state.gathered, state.closes) = (gathered, closes);
            }
        }
        if !batch.is_empty() {
            self.invoke(router, &setup, batch);
        }
        // More may be visible than one batch takes.
        self.wake(router);
    }

    /// Gathers what was received, and writes down what no filter let through. From now on the messages are in flight, and
    /// their visibility timeout runs.
    fn take(&self, router: &Router, setup: &Setup, gathered: &mut Gathered, taken: Taken) {
        for message in taken.received {
            if gathered.holds_one(&message) {
                let text = "received once more: the queue's visibility timeout is shorter than the batching window";
                router.kernel().note(message.message.sent_by, text);
            }
            gathered.add(message);
        }
        for message in taken.left_out {
            let why = self.admits(setup, &message).err().unwrap_or_default();
            let received = message.message.receive_count;
            let from = Source::Messages { queue: self.queue.name.clone(), count: 1, received };
            let info = DeliveryInfo::new(from, &self.id, &*setup.function.name, setup.function.arn.clone());
            router.missed(message.message.sent_by, &info, format!("filtered out and deleted: {why}"));
        }
    }

    /// Whether the filters let a message through, and if not, what they say.
    fn admits(&self, setup: &Setup, message: &ReceivedMessage) -> Result<(), String> {
        setup.filters.admit(record::seen_by_filters(&self.queue, &setup.settings, message))
    }
}
