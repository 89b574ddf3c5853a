//! One test body, run on each kind of runtime.
// Each test crate uses a part of it.
#![allow(dead_code)]

use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// Far more real time than any of these tests takes: a deadlock becomes a failure.
const DEADLOCK: Duration = Duration::from_secs(120);

/// Runs the test on a current-thread runtime, then on the workers of a multi-thread runtime.
pub fn on_both_runtimes<Fut>(test: impl Fn() -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    on_current_thread(test());
    let runtime = multi_thread();
    let task = runtime.spawn(test());
    if let Err(error) = runtime.block_on(within(task)) {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// Runs a future on a current-thread runtime.
pub fn on_current_thread<T>(test: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(within(test))
}

/// A runtime with two workers.
pub fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Panics when the test seems to be in a deadlock.
async fn within<T>(test: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLOCK, test).await.expect("the test is in a deadlock")
}
