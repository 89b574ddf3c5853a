//! The one background thread of the process, started on first use: it serves the sockets of all clouds, and wakes after
//! real time what a stuck handler or an idle socket must not hold up for ever.
//!
//! The test clock never needs it. Nothing may block it, so no handler runs there.

use std::sync::OnceLock;
use std::task::Waker;
use std::time::Instant;

use tokio::runtime::Handle;

/// The runtime of the background thread.
pub(crate) fn background() -> &'static Handle {
    static RUNTIME: OnceLock<Handle> = OnceLock::new();
    RUNTIME.get_or_init(|| start_runtime("lambda-testkit"))
}

/// Starts a runtime on a thread of its own, which lives as long as the process.
///
/// # Panics
///
/// When the operating system gives no event queue or no thread.
pub(crate) fn start_runtime(thread: &str) -> Handle {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_name(thread)
        .build()
        .expect("the operating system gives one event queue");
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name(thread.to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .expect("the operating system starts one thread");
    handle
}

/// Wakes `waker` once `at` has passed.
pub(crate) fn wake_at(at: Instant, waker: Waker) {
    background().spawn(async move {
        tokio::time::sleep_until(at.into()).await;
        waker.wake();
    });
}
