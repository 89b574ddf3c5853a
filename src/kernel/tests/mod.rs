//! The kernel by itself, without any mock.
//!
//! * [`driving`]: against a simple model, and how driving calls end.
//! * [`order`]: what may come first, and invocations that are put aside or crash.
//! * [`time`]: what `settle` and `advance` run, and what they leave.
//! * [`faults`]: handlers that wait for what they should not.
//! * [`spawned`]: invocations whose work goes on in tasks.

mod driving;
mod faults;
mod order;
mod spawned;
mod time;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use super::*;

fn start_of_time() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn kernel() -> Arc<Kernel> {
    kernel_that_stalls_after(50)
}

fn kernel_that_stalls_after(milliseconds: u64) -> Arc<Kernel> {
    Kernel::new(start_of_time(), 0, Limits { stall: Duration::from_millis(milliseconds), ..Limits::default() })
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

type Log = Arc<Mutex<Vec<(i64, String)>>>;

fn elapsed(kernel: &Kernel) -> i64 {
    kernel.now().duration_since(start_of_time()).as_secs()
}

/// Starts an invocation that logs `name` and runs `work`; a timeout is set as the Lambda mock does it.
fn invoke(
    kernel: &Arc<Kernel>,
    log: &Log,
    name: &str,
    timeout: u64,
    work: impl Future<Output = ()> + Send + 'static,
) -> InvocationId {
    let line = kernel.note(None, format!("invoke {name}"));
    let (log, weak, name) = (log.clone(), Arc::downgrade(kernel), name.to_owned());
    let deadline = later(kernel.now(), Duration::from_secs(timeout));
    let write = move |what: &str| {
        let now = weak.upgrade().map_or(-1, |kernel| elapsed(&kernel));
        log.lock().unwrap().push((now, format!("{name} {what}")));
    };
    let ended = write.clone();
    let id = kernel.start(Invocation {
        line,
        deadline,
        urgent: false,
        awaited: false,
        future: Box::pin(async move {
            work.await;
            write("done");
        }),
        abandoned: Box::new(move |why| match why {
            Abandoned::TimedOut => ended("timed out"),
            Abandoned::Crashed => ended("crashed"),
            Abandoned::Stalled { .. } => ended("stalled"),
        }),
    });
    let weak = Arc::downgrade(kernel);
    kernel.plan(deadline, Kind::Turn, "timeout", move || {
        if let Some(kernel) = weak.upgrade() {
            kernel.abandon(id, Abandoned::TimedOut);
        }
    });
    id
}

fn sleeper(kernel: &Arc<Kernel>, seconds: Vec<u64>) -> impl Future<Output = ()> + Send + 'static {
    let clock = Clock::new(kernel);
    async move {
        for s in seconds {
            clock.sleep(Duration::from_secs(s)).await;
        }
    }
}

fn entries(log: &Log) -> Vec<(i64, String)> {
    log.lock().unwrap().clone()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Starts an invocation of `work` when `due` seconds have passed since the start.
fn invoke_at<F>(kernel: &Arc<Kernel>, log: &Log, due: u64, kind: Kind, name: &str, work: F)
where
    F: FnOnce(&Arc<Kernel>) -> futures::future::BoxFuture<'static, ()> + Send + 'static,
{
    let (weak, log, job) = (Arc::downgrade(kernel), log.clone(), name.to_owned());
    kernel.plan(later(start_of_time(), seconds(due)), kind, name, move || {
        let kernel = weak.upgrade().unwrap();
        let work = work(&kernel);
        invoke(&kernel, &log, &job, 900, work);
    });
}
