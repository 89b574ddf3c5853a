//! How running code waits for something that the agenda brings, without ever sleeping in real time.

use std::fmt::Display;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use jiff::Timestamp;

use super::agenda::Kind;
use super::seat::Driving;
use super::turns::Watch;
use super::{DriveError, Goal, InvocationId, Kernel, Signal, later, wake_at};

impl Kernel {
    /// Waits until `signal` fires.
    ///
    /// Inside an invocation this parks it, and the driver goes on. Outside, it drives the agenda itself if nobody
    /// else does, so that a request made by the test needs no second task to answer it.
    ///
    /// # Errors
    ///
    /// A [`DriveError`] when driving reached a limit, the Cloud was dropped, or a handler blocked the driver's thread,
    /// before the signal fired.
    pub async fn wait(self: &Arc<Self>, signal: &Signal) -> Result<(), DriveError> {
        if let Some(id) = self.turns.asking() {
            return self.wait_inside(id, signal).await;
        }
        let outside = self.turns.wait_outside(signal);
        let Some(driving) = self.become_driver(signal).await? else { return Ok(()) };
        drop(outside); // from here on it is the driver
        self.drive_locked(Goal::Signal(signal)).await?;
        drop(driving);
        // If the agenda is empty and the signal has not fired, only another task can fire it.
        match select(pin!(signal.wait()), pin!(self.closed.wait())).await {
            Either::Left(_) => Ok(()),
            Either::Right(_) => Err(DriveError::Dropped),
        }
    }

    /// Waits until the test clock has moved by `duration`. No time at all is a sleep too: others that are ready and due
    /// go first.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub async fn sleep(self: &Arc<Self>, duration: Duration) -> Result<(), DriveError> {
        if duration.is_zero()
            && let Some(id) = self.turns.asking()
            && !self.turns.note_request(id, &NO_SLEEP)
        {
            self.hold(id, &NO_SLEEP).await;
        }
        let signal = Arc::new(Signal::default());
        let _alarm = self.alarm(later(self.now(), duration), Kind::Turn, "sleep", &signal);
        self.wait(&signal).await
    }

    /// As [`sleep`](Self::sleep), for code of the user's, which may be in a task whose environment is gone: that one never comes
    /// back from it, and holds nothing meanwhile.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub async fn sleep_unless_frozen(self: Arc<Self>, duration: Duration) -> Result<(), DriveError> {
        let slept = if self.turns.is_frozen() { Ok(()) } else { self.sleep(duration).await };
        if self.turns.is_frozen() {
            drop(self);
            return pending().await;
        }
        slept
    }

    /// Keeps `id`, which asks for `what` again and again, waiting until its timeout ends it.
    ///
    /// # Panics
    ///
    /// As [`keep`](Self::keep).
    pub async fn hold(&self, id: InvocationId, what: &(dyn Display + Sync)) {
        self.note(self.turns.line_of(id), format!("{what} held: a busy loop, see its timeout"));
        self.keep(id).await;
    }

    /// Keeps `id` waiting for ever: until something else ends it, such as its timeout or a crash. Then this returns if it
    /// is called from outside, as for a request over a socket: whoever waits there must not wait for ever, but nothing
    /// that he asked for may happen any more.
    ///
    /// # Panics
    ///
    /// When the invocation blocks its thread meanwhile: then only a panic can end it.
    pub async fn keep(&self, id: InvocationId) {
        if let Err(error) = self.keep_unless_blocked(id).await {
            panic!("{error}");
        }
    }

    /// As [`keep`](Self::keep), but an invocation that blocks its thread goes on, with a broken connection.
    pub async fn hang(&self, id: InvocationId) {
        let _ = self.keep_unless_blocked(id).await;
    }

    /// Waits until the clock has moved by `duration`, in the name of the invocation `id`, to which the calling code belongs.
    ///
    /// False when it was over before. One that blocks its thread does not wait.
    pub async fn delay(self: &Arc<Self>, id: InvocationId, duration: Duration) -> bool {
        let signal = Arc::new(Signal::default());
        let _alarm = self.alarm(later(self.now(), duration), Kind::Turn, "late answer", &signal);
        let _ = self.wait_inside(id, &signal).await;
        self.turns.over(id).is_some()
    }

    async fn keep_unless_blocked(&self, id: InvocationId) -> Result<(), DriveError> {
        let Some(over) = self.turns.over(id) else { return Ok(()) };
        let _errand = self.turns.errand(id, &over);
        // Its timeout is planned.
        let _park = self.turns.park(id, true);
        self.wait_watched(id, &over).await
    }

    /// Lets everything else that may happen at this instant happen first: the invocation `id`, to which the calling code
    /// belongs or for which it acts, stays ready and gives up its turn. The clock does not move meanwhile.
    ///
    /// False when it was over before it could go on.
    pub async fn put_aside(&self, id: InvocationId) -> bool {
        if let Some(aside) = self.turns.put_aside(id) {
            // One that blocks its thread cannot let others go first, so it goes on.
            let _ = self.wait_watched(id, aside.signal()).await;
        }
        self.turns.over(id).is_some()
    }

    async fn wait_inside(&self, id: InvocationId, signal: &Signal) -> Result<(), DriveError> {
        let _errand = self.turns.errand(id, signal);
        let _park = self.turns.park(id, signal.is_planned());
        self.wait_watched(id, signal).await
    }

    /// Waits, but not for ever while the invocation `id` blocks the driver's thread.
    async fn wait_watched(&self, id: InvocationId, signal: &Signal) -> Result<(), DriveError> {
        let mut watch = Watch::default();
        poll_fn(|cx| {
            if signal.poll(cx).is_ready() {
                Poll::Ready(Ok(()))
            } else if self.turns.current() == Some(id) && self.turns.is_blocked(id, cx.waker(), &mut watch) {
                Poll::Ready(Err(self.blocked(id)))
            } else {
                Poll::Pending
            }
        })
        .await
    }

    /// Waits until nobody else drives, or until `signal` fires: then there is nothing to drive for.
    async fn become_driver(&self, signal: &Signal) -> Result<Option<Driving<'_>>, DriveError> {
        let mut driving = pin!(self.seat.take());
        let mut alarm: Option<Instant> = None;
        poll_fn(|cx| {
            if signal.poll(cx).is_ready() {
                return Poll::Ready(Ok(None));
            }
            if let Poll::Ready(driving) = driving.as_mut().poll(cx) {
                return Poll::Ready(Ok(Some(driving)));
            }
            match self.turns.blocks_driver() {
                Ok(id) => return Poll::Ready(Err(self.blocked(id))),
                Err(due) if alarm.is_none_or(|alarm| alarm <= Instant::now()) => {
                    alarm = Some(due);
                    wake_at(due, cx.waker().clone());
                }
                Err(_) => {}
            }
            Poll::Pending
        })
        .await
    }

    fn blocked(&self, id: InvocationId) -> DriveError {
        let after = self.turns.stall_limit();
        let line = self.turns.line_of(id);
        let invocation = line.and_then(|line| self.recorder().with(line, ToString::to_string));
        let error = DriveError::Blocked { invocation: invocation.unwrap_or_default(), after };
        self.note(line, format!("stuck: {error}"));
        error
    }
}

const NO_SLEEP: &str = "a sleep of no time";

/// The cloud's clock, for handlers: it moves only when the test says so.
///
/// A handler that waits with `clock.sleep` is finished by `settle` without any real waiting. Its own
/// `tokio::time::sleep` is real time; so is a timeout of its HTTP client. This clock stands still meanwhile, and a handler
/// that makes no progress for [`max_stall`](crate::CloudBuilder::max_stall) is dropped with an error that says so.
///
/// # Tokio's paused clock
///
/// Under `#[tokio::test(start_paused = true)]` tokio's clock is a third one: it jumps to the next of tokio's timers as soon
/// as nothing else is ready in the runtime. So a handler that sleeps by tokio goes on at once; but the cloud's clock does not
/// move with it, so the function's timeout, schedules and visibility timeouts know nothing of that sleep, and handlers that
/// sleep run one after the other. A `tokio::time::timeout` around what waits for a socket or for another thread may fire at
/// once, for the runtime seems idle meanwhile. `clock.sleep` and all that the cloud does are the same as ever; the stall
/// limit stays real time.
///
/// # Sockets
///
/// A handler that waits for a socket and for `sleep` at once is ambiguous: the clock may move before the socket answers.
#[derive(Clone)]
pub struct Clock {
    kernel: Weak<Kernel>,
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clock").field("now", &self.kernel.upgrade().map(|kernel| kernel.now())).finish()
    }
}

impl Clock {
    pub(crate) fn new(kernel: &Arc<Kernel>) -> Self {
        Self { kernel: Arc::downgrade(kernel) }
    }

    /// The time on the cloud's clock.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped.
    #[track_caller]
    pub fn now(&self) -> Timestamp {
        self.kernel.upgrade().expect("the Cloud was dropped").now()
    }

    /// Waits until the cloud's clock has moved by `duration`. Takes no real time.
    ///
    /// A sleep of no time lets others go first that are ready and due. A handler that does so in a loop makes no time
    /// pass, so it is held after a while until its timeout: see
    /// [`max_requests`](crate::CloudBuilder::max_requests).
    ///
    /// Called by the test while nothing drives the cloud, it moves the clock itself.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped, when driving the cloud meanwhile reached a limit, or when the handler blocks its thread
    /// on it instead of using `.await`.
    pub async fn sleep(&self, duration: Duration) {
        let kernel = self.kernel.upgrade().expect("the Cloud was dropped");
        if let Err(error) = kernel.sleep_unless_frozen(duration).await {
            panic!("{error}");
        }
    }

    /// When the timeout of the function that is running passes, on the cloud's clock.
    ///
    /// `None` outside any invocation. The deadline that `lambda_runtime` hands to a handler is another: it is by the
    /// *system's* clock, the moment at which the invocation began plus the function's timeout, because that is the clock
    /// that handlers compare it with. It stands still while `sleep` lets test time pass, so a handler that sleeps by this
    /// clock asks this clock when to stop:
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lambda_testkit::prelude::*;
    /// # use serde_json::Value;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let cloud = Cloud::start();
    /// let clock = cloud.clock();
    /// let works = cloud.function("works", move |_: Value| {
    ///     let clock = clock.clone();
    ///     async move {
    ///         let mut done = 0;
    ///         while clock.remaining() > Some(Duration::from_secs(5)) {
    ///             clock.sleep(Duration::from_secs(1)).await;
    ///             done += 1;
    ///         }
    ///         done
    ///     }
    /// });
    /// assert_eq!(works.invoke::<u32>(()).await, 25);              // its timeout is 30 s
    /// # }
    /// ```
    pub fn deadline(&self) -> Option<Timestamp> {
        let kernel = self.kernel.upgrade()?;
        kernel.turns.asking().and_then(|id| kernel.turns.deadline_of(id))
    }

    /// How long the function that is running may still take, by its timeout; zero when the time is over. It is
    /// [`deadline`](Self::deadline) less [`now`](Self::now).
    ///
    /// `None` outside any invocation.
    pub fn remaining(&self) -> Option<Duration> {
        let left = self.deadline()?.duration_since(self.kernel.upgrade()?.now());
        Some(Duration::try_from(left).unwrap_or_default())
    }
}
