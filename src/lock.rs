//! The lock of everything that is shared: of the kernel, the history, the choices and the mocks.

use std::sync::{MutexGuard, PoisonError};

/// A mutex whose rule stands here once: under it a state changes in one step, and no foreign code runs, neither a handler
/// nor its destructor nor a waker.
///
/// So a poisoned one only says that some thread panicked by a bug of ours, and is used all the same: that panic is what
/// the test is to show, and a second one in a destructor would end the process instead.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(std::sync::Mutex<T>);

impl<T> Lock<T> {
    pub const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    /// Waits until no other thread holds it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_under_the_lock_does_not_keep_others_from_it() {
        let lock = Lock::new(1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            *lock.lock() = 2;
            panic!("under the lock");
        }));
        assert!(panicked.is_err());
        assert_eq!(*lock.lock(), 2);
    }
}
