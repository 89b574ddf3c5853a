//! Many runs at once, in an order of results that does not depend on how many.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::cloud::runtime;
use crate::lock::Lock;

/// The threads of an exploration.
#[derive(Debug)]
pub(super) struct Workers {
    threads: usize,
    began: Instant,
}

/// An exploration that takes less says nothing of its progress.
const SILENT: Duration = Duration::from_secs(2);

impl Workers {
    pub fn new(threads: Option<usize>) -> Self {
        let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
        Self { threads: threads.max(1), began: Instant::now() }
    }

    /// Does `work` for each item, and answers the results in the order of the items.
    pub fn map<T: Sync, R: Send>(&self, phase: &str, items: &[T], work: impl Fn(&Runtime, &T) -> R + Sync) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let progress = Progress::new(phase, items.len(), self.began);
        let results: Lock<Vec<Option<R>>> = Lock::new(items.iter().map(|_| None).collect());
        let worker = || {
            let runtime = runtime();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(place) else { break };
                let result = work(&runtime, item);
                results.lock()[place] = Some(result);
                progress.show(place + 1);
            }
            // A handler that blocks a thread of the runtime for ever must not block the test.
            runtime.shutdown_background();
        };
        thread::scope(|scope| {
            for _ in 0..self.threads.min(items.len()) {
                scope.spawn(worker);
            }
        });
        progress.clear();
        let results = std::mem::take(&mut *results.lock());
        results.into_iter().map(|result| result.expect("each item was worked on")).collect()
    }

    /// Does one piece of work on a thread of its own, as [`map`](Self::map) does.
    pub fn once<R: Send>(&self, work: impl Fn(&Runtime) -> R + Sync) -> R {
        self.map("", &[()], |runtime, ()| work(runtime)).pop().expect("one item has one result")
    }
}

/// A line on a terminal that says how far a phase has come; nothing in a pipe.
struct Progress<'a> {
    phase: &'a str,
    total: usize,
    began: Instant,
    is_shown: bool,
}

impl<'a> Progress<'a> {
    fn new(phase: &'a str, total: usize, began: Instant) -> Self {
        let is_shown = !phase.is_empty() && std::env::var_os("CI").is_none() && std::io::stderr().is_terminal();
        Self { phase, total, began, is_shown }
    }

    fn show(&self, done: usize) {
        let often = (self.total / 100).max(1);
        if self.is_shown && done.is_multiple_of(often) && self.began.elapsed() > SILENT {
            // Not eprint!, which the test harness keeps until the test fails.
            let _ = write!(std::io::stderr(), "\r\x1b[Kexploring: {} {done}/{}", self.phase, self.total);
        }
    }

    fn clear(&self) {
        if self.is_shown && self.began.elapsed() > SILENT {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
