//! Long polls: who waits for a queue, and how.
//!
//! Inside an invocation a long poll parks it. In process it drives the agenda until a message is visible or the poll
//! ends. Over a socket it never moves the test clock: it answers when a message comes, or empty after 1 s of real time.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::queue_id::QueueId;
use crate::kernel::{Signal, wake_at};
use crate::lock::Lock;

/// How long, in real time, a long poll over a socket waits.
pub(super) const SOCKET_POLL: Duration = Duration::from_secs(1);

/// The long polls by the queue that they wait for.
#[derive(Debug, Default)]
pub(crate) struct Polls(Lock<BTreeMap<QueueId, Vec<Weak<Signal>>>>);

impl Polls {
    /// Fires `signal` when the queue changes next. Call it before looking into the queue.
    pub fn listen(&self, queue: &QueueId, signal: &Arc<Signal>) {
        let mut waiting = self.0.lock();
        let waiting = waiting.entry(queue.clone()).or_default();
        waiting.retain(|signal| signal.strong_count() > 0);
        waiting.push(Arc::downgrade(signal));
    }

    /// A message of the queue may have become visible.
    pub fn wake(&self, queue: &QueueId) {
        let waiting = self.0.lock().remove(queue);
        waiting.into_iter().flatten().filter_map(|signal| signal.upgrade()).for_each(|signal| signal.fire());
    }
}

/// Waits for the signal, at most until `end` in real time. False when the time was over first.
pub(super) async fn wait_really(signal: &Signal, end: Instant) -> bool {
    let mut waiting = std::pin::pin!(signal.wait());
    let mut alarm_set = false;
    poll_fn(|cx| {
        if waiting.as_mut().poll(cx).is_ready() {
            return Poll::Ready(true);
        }
        if Instant::now() >= end {
            return Poll::Ready(false);
        }
        if !std::mem::replace(&mut alarm_set, true) {
            wake_at(end, cx.waker().clone());
        }
        Poll::Pending
    })
    .await
}
