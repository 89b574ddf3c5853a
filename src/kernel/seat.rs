//! The driver's seat: one drives at a time.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, MutexGuard};

#[derive(Debug, Default)]
pub(super) struct Seat {
    lock: Mutex<()>,
    /// Beside the lock, for whoever only looks: one who tried the lock would hold it for a moment, and another who looks
    /// meanwhile would take him for a driver.
    taken: AtomicBool,
}

/// Whoever has it drives, until it is dropped.
pub(super) struct Driving<'a> {
    seat: &'a Seat,
    _held: MutexGuard<'a, ()>,
}

impl Seat {
    /// Waits until nobody else drives.
    pub async fn take(&self) -> Driving<'_> {
        let held = self.lock.lock().await;
        self.taken.store(true, Ordering::Release);
        Driving { seat: self, _held: held }
    }

    /// Whether somebody drives right now.
    pub fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Acquire)
    }
}

impl Drop for Driving<'_> {
    fn drop(&mut self) {
        // The lock goes after this.
        self.seat.taken.store(false, Ordering::Release);
    }
}
