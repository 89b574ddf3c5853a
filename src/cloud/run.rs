//! Async tests in synchronous ones, and what is printed of those that fail.
//!
//! A test of `proptest!` that has failed runs again and again while its input is made simpler. Each of these runs has a
//! cloud of its own, and would print a timeline of its own; only the last one is of any use. So a failing run inside
//! `proptest` keeps its timeline for its thread, and the panic with which `proptest` ends the test prints the one that was
//! kept last.
//!
//! A case that fails by `prop_assert!` does not panic but returns, and its cloud is dropped before anybody can know. So a cloud
//! that is dropped in a run is only left behind, and judged when the run has ended.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Once};

use tokio::runtime::Runtime;

use super::{Cloud, CloudBuilder, SEED_VARIABLE, TIMELINE_VARIABLE};
use crate::kernel::Kernel;

/// What is left of a cloud that was dropped.
pub(super) struct Left {
    /// What its test has forgotten.
    pub unheeded: Option<String>,
    pub seed: u64,
    pub kernel: Arc<Kernel>,
}

impl Left {
    /// What a failing test prints of the cloud.
    pub fn told(&self) -> String {
        let timeline = self.kernel.history().timeline();
        let shown = match std::env::var(TIMELINE_VARIABLE) {
            Ok(how) if how == "full" => timeline.to_string(),
            _ => timeline.bounded(),
        };
        format!("the timeline of the Cloud ({SEED_VARIABLE}={}):\n{shown}", self.seed)
    }

    /// Judges the cloud at the end of its run, or now if there is none.
    ///
    /// # Panics
    ///
    /// When the test has forgotten something.
    pub fn judge(self) {
        if DEPTH.get() > 0 {
            LEFT.with_borrow_mut(|left| left.push(self));
        } else if let Some(unheeded) = &self.unheeded {
            panic!("{unheeded}, or discard() the cloud if that is meant; {}", self.told());
        }
    }
}

thread_local! {
    /// How many runs are going on, one in the other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// What clouds had to say that were dropped by the panic of the present run.
    static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// The clouds that were dropped in a run, but not by a panic.
    static LEFT: RefCell<Vec<Left>> = const { RefCell::new(Vec::new()) };
    /// What is to be printed when `proptest` gives its verdict.
    static KEPT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A runtime for one thread.
///
/// # Panics
///
/// When the operating system gives no event queue.
pub(crate) fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the operating system gives an event queue")
}

impl CloudBuilder {
    /// Runs an async test with a cloud of this kind, on a runtime of its own: for synchronous tests such as those of
    /// `proptest!`, of which only the simplest failing case prints its timeline.
    ///
    /// ```
    /// # use lambda_testkit::Cloud;
    /// let seed = Cloud::builder().seed(7).run(|cloud| async move { cloud.seed() });
    /// assert_eq!(seed, 7);
    /// ```
    ///
    /// # Panics
    ///
    /// As the test does, and when the operating system gives no event queue for the runtime. Also as the drop of a
    /// [`Cloud`] does, at the end of the run.
    #[track_caller]
    pub fn run<F, Fut>(self, test: F) -> Fut::Output
    where
        F: FnOnce(Cloud) -> Fut,
        Fut: Future<Output: 'static>,
    {
        let runtime = runtime();
        // Nothing of the test is used after its panic.
        let result = {
            let _inside = Inside::enter();
            catch_unwind(AssertUnwindSafe(|| {
                let output = runtime.block_on(test(self.start()));
                end(is_failed_case(&output));
                output
            }))
        };
        result.unwrap_or_else(|panic| failed(panic))
    }
}

impl Cloud {
    /// As [`CloudBuilder::run`], with the defaults of [`builder`](Self::builder).
    ///
    /// # Panics
    ///
    /// As [`CloudBuilder::run`].
    #[track_caller]
    pub fn run<F, Fut>(test: F) -> Fut::Output
    where
        F: FnOnce(Self) -> Fut,
        Fut: Future<Output: 'static>,
    {
        Self::builder().run(test)
    }
}

/// Prints what a cloud says that is dropped by a panic, now or when the run has ended.
pub(super) fn say(text: String) {
    if DEPTH.get() > 0 {
        SAID.with_borrow_mut(|said| said.push(text));
    } else {
        eprintln!("{text}");
    }
}

/// Ends a run that has returned: one whose case has failed tells of its clouds, and any other is asked what it has forgotten.
#[track_caller]
fn end(has_failed: bool) {
    let left = LEFT.take();
    if has_failed {
        keep(left.iter().map(Left::told).collect::<Vec<_>>().join("\n"));
    } else if let Some((one, unheeded)) = left.iter().find_map(|left| Some((left, left.unheeded.as_ref()?))) {
        say(one.told());
        panic!("{unheeded}, or discard() the cloud if that is meant");
    }
}

/// Whether the run is a case of `proptest` that has failed by `prop_assert!` or `TestCaseError::fail`.
#[cfg(feature = "proptest")]
fn is_failed_case(output: &dyn Any) -> bool {
    use proptest::test_runner::TestCaseError;
    matches!(output.downcast_ref::<Result<(), TestCaseError>>(), Some(Err(TestCaseError::Fail(_))))
}

#[cfg(not(feature = "proptest"))]
fn is_failed_case(_: &dyn Any) -> bool {
    false
}

/// Keeps a text until `proptest` gives its verdict.
fn keep(text: String) {
    print_at_the_verdict();
    KEPT.set(Some(text));
}

/// Ends a run that has panicked.
fn failed(panic: Box<dyn Any + Send>) -> ! {
    LEFT.take();
    let text = SAID.take().join("\n");
    if !text.is_empty() {
        if is_in_proptest() {
            keep(text);
        } else {
            say(text);
        }
    }
    resume_unwind(panic)
}

/// Whether `proptest` runs the test of this thread. If it is not found for want of symbols, each case prints its own.
fn is_in_proptest() -> bool {
    thread_local!(static KNOWN: Cell<bool> = const { Cell::new(false) });
    // Once found it stays so: looking takes time, and whoever shrinks fails often.
    if !KNOWN.get() {
        KNOWN.set(Backtrace::force_capture().to_string().contains("proptest::test_runner"));
    }
    KNOWN.get()
}

/// From now on a panic outside any run prints what was kept for its thread.
fn print_at_the_verdict() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            others(info);
            if DEPTH.try_with(Cell::get) == Ok(0)
                && let Ok(Some(text)) = KEPT.try_with(RefCell::take)
            {
                eprintln!("{text}");
            }
        }));
    });
}

/// While it lives, a run is going on.
struct Inside;

impl Inside {
    fn enter() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}
