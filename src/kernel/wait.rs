//! How running code waits for something that the agenda brings, without ever sleeping in real time.

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::future::{Either, select};
use jiff::Timestamp;

use super::agenda::Kind;
use super::{DriveError, Goal, Kernel, Signal, later};

impl Kernel {
    /// Waits until `signal` fires.
    ///
    /// Inside an invocation this parks it, and the driver goes on. Outside, it drives the agenda itself if nobody
    /// else does, so that a request made by the test needs no second task to answer it.
    ///
    /// # Errors
    ///
    /// A [`DriveError`] when driving reached a limit, or the Cloud was dropped, before the signal fired.
    pub async fn wait(self: &Arc<Self>, signal: &Signal) -> Result<(), DriveError> {
        if let Some(id) = self.turns.current() {
            let _park = self.turns.park(id);
            signal.wait().await;
            return Ok(());
        }
        let outside = self.turns.wait_outside(signal);
        let driver = match select(pin!(signal.wait()), pin!(self.driver.lock())).await {
            Either::Left(_) => return Ok(()),
            Either::Right((driver, _)) => driver,
        };
        drop(outside); // from here on it is the driver
        self.drive_locked(Goal::Signal(signal)).await?;
        drop(driver);
        // If the agenda is empty and the signal has not fired, only another task can fire it.
        match select(pin!(signal.wait()), pin!(self.closed.wait())).await {
            Either::Left(_) => Ok(()),
            Either::Right(_) => Err(DriveError::Dropped),
        }
    }

    /// Waits until the test clock has moved by `duration`.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub async fn sleep(self: &Arc<Self>, duration: Duration) -> Result<(), DriveError> {
        if duration.is_zero() {
            return Ok(());
        }
        let signal = Arc::new(Signal::default());
        let _alarm = self.alarm(later(self.now(), duration), Kind::Turn, "sleep", &signal);
        self.wait(&signal).await
    }
}

/// The cloud's clock, for handlers: it moves only when the test says so.
///
/// A handler that waits with `clock.sleep` is finished by `settle` without any real waiting. Its own
/// `tokio::time::sleep` is real time; so is a timeout of its HTTP client.
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
    /// Called by the test while nothing drives the cloud, it moves the clock itself.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped, or when driving the cloud meanwhile reached a limit.
    pub async fn sleep(&self, duration: Duration) {
        let kernel = self.kernel.upgrade().expect("the Cloud was dropped");
        if let Err(error) = kernel.sleep(duration).await {
            panic!("{error}");
        }
    }

    /// How long the function that is running may still take, by its timeout; zero when the time is over.
    ///
    /// `None` outside any invocation.
    pub fn remaining(&self) -> Option<Duration> {
        let kernel = self.kernel.upgrade()?;
        let deadline = kernel.turns.current().and_then(|id| kernel.turns.deadline_of(id))?;
        Some(Duration::try_from(deadline.duration_since(kernel.now())).unwrap_or_default())
    }
}
