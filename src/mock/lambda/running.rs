//! The invocation that the running code belongs to, for code that has no handle of its cloud: what reads environment variables,
//! and what logs.
//!
//! It holds for the handler and for all that the handler awaits in its own task, and not for tasks that it spawns.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Weak};

use super::log::LogTail;
use super::settings::Settings;
use super::variables;
use crate::history::{EntryId, InvocationInfo};
use crate::kernel::Kernel;

thread_local! {
    // A stack, because a handler of one cloud may drive another cloud.
    static RUNNING: RefCell<Vec<Arc<Running>>> = const { RefCell::new(Vec::new()) };
}

/// An invocation while its code runs.
#[derive(Debug)]
pub(crate) struct Running {
    pub(super) kernel: Weak<Kernel>,
    pub(super) line: EntryId,
    pub(super) info: Arc<InvocationInfo>,
    /// As they were when it began.
    pub(super) settings: Arc<Settings>,
    /// Takes the end of the log, if its caller wants it.
    pub(super) log_tail: Option<Arc<LogTail>>,
}

impl Running {
    /// The invocation whose code calls this, if any does.
    pub fn current() -> Option<Arc<Self>> {
        // While a thread ends there may be none of its variables left.
        RUNNING.try_with(|running| running.borrow().last().cloned()).ok().flatten()
    }

    /// Runs the code of an invocation.
    pub(super) async fn run<T>(self, work: impl Future<Output = T>) -> T {
        let (me, mut work) = (Arc::new(self), pin!(work));
        poll_fn(|context| {
            RUNNING.with_borrow_mut(|running| running.push(Arc::clone(&me)));
            let _entered = Entered(());
            work.as_mut().poll(context)
        })
        .await
    }

    /// Writes a line into the log of the invocation.
    pub fn log(&self, line: &str) {
        if let Some(tail) = &self.log_tail {
            tail.line(line);
        }
        if let Some(kernel) = self.kernel.upgrade() {
            kernel.recorder().log(self.line, line.to_owned());
        }
    }

    /// An environment variable that somebody has set on its function.
    pub fn set_variable(&self, name: &str) -> Option<&str> {
        self.settings.environment.as_ref()?.get(name).map(String::as_str)
    }

    /// An environment variable of its function.
    pub fn variable(&self, name: &str) -> Option<String> {
        if let Some(value) = self.set_variable(name) {
            return Some(value.to_owned());
        }
        let of_lambda = variables::of_lambda(&self.info, &self.settings);
        of_lambda.into_iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// All environment variables of its function, by name.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let of_lambda = variables::of_lambda(&self.info, &self.settings);
        let mut all: BTreeMap<_, _> = of_lambda.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        all.extend(self.settings.environment.iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        all
    }
}

/// Ends the invocation's claim on this thread when dropped.
struct Entered(());

impl Drop for Entered {
    fn drop(&mut self) {
        let left = RUNNING.with_borrow_mut(Vec::pop);
        drop(left); // outside the borrow: what it holds may be the last of its kind
    }
}
