//! Long polls: who waits for a queue, and how.
//!
//! Inside an invocation a long poll parks it. In process it drives the agenda until a message is visible or the poll
//! ends. Over a socket it never moves the test clock: it answers when a message comes, or empty when the clock has come to its end or
//! has stood still for 1 s of real time.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::queue_id::QueueId;
use crate::kernel::{Signal, wake_at};
use crate::lock::Lock;

/// How long, in real time, a long poll over a socket waits while the clock stands still.
const SOCKET_POLL: Duration = Duration::from_secs(1);
/// How often it looks at the clock.
const LOOK: Duration = Duration::from_millis(200);

/// How long a long poll over a socket still waits.
#[derive(Debug)]
pub(super) struct Patience {
    /// What the clock said last.
    clock: Timestamp,
    /// When it is over unless the clock moves.
    end: Instant,
}

impl Patience {
    pub fn new(now: Instant, clock: Timestamp) -> Self {
        Self { clock, end: now + SOCKET_POLL }
    }

    /// When to look again, for a poll that ends on the clock at `until`; none when it is over.
    pub fn look(&mut self, now: Instant, clock: Timestamp, until: Timestamp) -> Option<Instant> {
        if clock != self.clock {
            *self = Self::new(now, clock);
        }
        (clock < until && now < self.end).then(|| self.end.min(now + LOOK))
    }
}

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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_poll_over_a_socket_waits_as_long_as_the_clock_moves_and_not_beyond_its_end() {
        let (start, clock) = (Instant::now(), Timestamp::UNIX_EPOCH);
        let real = |milliseconds| start + Duration::from_millis(milliseconds);
        let at = |milliseconds| clock + SignedDuration::from_millis(milliseconds);
        let until = at(2_000);

        let mut stands_still = Patience::new(start, clock);
        assert_eq!(stands_still.look(real(0), clock, until), Some(real(200)));
        assert_eq!(stands_still.look(real(980), clock, until), Some(real(1_000)));
        assert_eq!(stands_still.look(real(1_000), clock, until), None);

        let mut moves = Patience::new(start, clock);
        for now in (0..2_000).step_by(400) {
            assert!(moves.look(real(now), at(now.cast_signed()), until).is_some(), "{now}");
        }
        assert_eq!(moves.look(real(2_000), until, until), None);
    }
}
