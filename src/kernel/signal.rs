//! A latch: fires once, wakes all who wait for it.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use crate::lock::Lock;

/// Fires at most once; waiting after that returns at once.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    fired: Arc<AtomicBool>,
    planned: AtomicBool,
    wakers: Lock<Vec<Waker>>,
}

impl Signal {
    pub fn fire(&self) {
        let wakers = {
            let mut wakers = self.wakers.lock();
            self.fired.store(true, Ordering::Release);
            std::mem::take(&mut *wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    pub fn is_fired(&self) -> bool {
        self.fired.load(Ordering::Acquire)
    }

    /// An entry of the agenda will fire it.
    pub fn plan(&self) {
        self.planned.store(true, Ordering::Release);
    }

    /// Whether an entry of the agenda will fire it.
    pub fn is_planned(&self) -> bool {
        self.planned.load(Ordering::Acquire)
    }

    /// What becomes true when the signal fires.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.fired)
    }

    pub async fn wait(&self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    pub fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut wakers = self.wakers.lock();
        if self.is_fired() {
            return Poll::Ready(());
        }
        if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}
