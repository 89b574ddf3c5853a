//! A gate at which invocations wait until the test lets them through.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, MutexGuard, Weak};

use futures::future::select;

use super::turns::Turns;
use super::{Kernel, Signal};
use crate::lock::Lock;

/// Holds invocations in their middle until the test opens it. Made closed by [`Cloud::gate`](crate::Cloud::gate) and
/// [`Function::gate`](crate::Function::gate).
///
/// One that waits at a gate takes no part in [`settle`](crate::Cloud::settle) and [`drain`](crate::Cloud::drain), which
/// return without it. Its function's timeout goes on: [`advance`](crate::Cloud::advance) past it ends the invocation.
///
/// ```
/// # use lambda_testkit::prelude::*;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let cloud = Cloud::start();
/// let gate = cloud.gate();
/// let held = gate.clone();
/// let pays = cloud.function("pays", move |_: u32| {
///     let held = held.clone();
///     async move { held.passed().await }
/// });
/// pays.invoke_later(1);
/// pays.invoke_later(2);
/// cloud.settle().await.assert_ok();
/// assert_eq!((gate.waiting(), pays.responses().len()), (2, 0));      // both are in the middle of their work
///
/// gate.open();
/// cloud.settle().await.assert_ok();
/// assert_eq!(pays.responses().len(), 2);
/// # }
/// ```
#[derive(Clone)]
pub struct Gate {
    kernel: Weak<Kernel>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Fires when the gate opens; each closing makes another.
    opens: Lock<Arc<Signal>>,
    waiting: AtomicUsize,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("open", &self.is_open()).field("waiting", &self.waiting()).finish()
    }
}

impl Gate {
    pub(crate) fn new(kernel: &Arc<Kernel>) -> Self {
        Self { kernel: Arc::downgrade(kernel), state: Arc::default() }
    }

    fn opens(&self) -> MutexGuard<'_, Arc<Signal>> {
        self.state.opens.lock()
    }

    /// Lets through all who wait, and all who come.
    pub fn open(&self) {
        let signal = Arc::clone(&self.opens());
        signal.fire();
    }

    /// Holds all who come from now on.
    pub fn close(&self) {
        let mut opens = self.opens();
        if opens.is_fired() {
            *opens = Arc::default();
        }
    }

    /// Whether it lets through.
    pub fn is_open(&self) -> bool {
        self.opens().is_fired()
    }

    /// How many wait at it now.
    pub fn waiting(&self) -> usize {
        self.state.waiting.load(Ordering::Relaxed)
    }

    /// Waits until the gate is open. Outside any invocation it does not drive the cloud.
    ///
    /// # Panics
    ///
    /// When the Cloud was dropped, or when the handler blocks its thread on it instead of using `.await`.
    pub async fn passed(&self) {
        let signal = Arc::clone(&self.opens());
        if signal.is_fired() {
            return;
        }
        let kernel = self.kernel.upgrade().expect("the Cloud was dropped");
        let inside = kernel.inside_invocation();
        let _waits = Waits::at(&self.state, inside.then(|| Arc::clone(&kernel.turns)));
        if inside {
            if let Err(error) = kernel.wait(&signal).await {
                panic!("{error}");
            }
        } else {
            select(pin!(signal.wait()), pin!(kernel.closed.wait())).await;
            assert!(signal.is_fired(), "the Cloud was dropped");
        }
    }
}

/// One who waits, also when he is dropped meanwhile.
struct Waits {
    state: Arc<State>,
    /// Of an invocation.
    turns: Option<Arc<Turns>>,
}

impl Waits {
    fn at(state: &Arc<State>, turns: Option<Arc<Turns>>) -> Self {
        let waits = Self { state: Arc::clone(state), turns };
        waits.counters().for_each(|counter| _ = counter.fetch_add(1, Ordering::Relaxed));
        waits
    }

    fn counters(&self) -> impl Iterator<Item = &AtomicUsize> {
        std::iter::once(&self.state.waiting).chain(self.turns.iter().map(|turns| turns.at_gates()))
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.counters().for_each(|counter| _ = counter.fetch_sub(1, Ordering::Relaxed));
    }
}
