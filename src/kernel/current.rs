//! Which invocation the running code belongs to.
//!
//! The driver sets it around each poll of an invocation's future, so it holds for the handler itself and for all that
//! the handler awaits in its own task, but not for tasks that it spawns.

use std::cell::RefCell;

use super::turns::InvocationId;

thread_local! {
    // A stack, because a handler of one cloud may drive another cloud.
    static CURRENT: RefCell<Vec<(usize, InvocationId)>> = const { RefCell::new(Vec::new()) };
}

/// Ends the invocation's claim on this thread when dropped.
pub(super) struct Entered(());

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|stack| stack.pop());
    }
}

/// Marks this thread as running `invocation` of the kernel known as `kernel`.
pub(super) fn enter(kernel: usize, invocation: InvocationId) -> Entered {
    CURRENT.with_borrow_mut(|stack| stack.push((kernel, invocation)));
    Entered(())
}

/// The invocation of `kernel` that this thread runs, if any.
pub(super) fn get(kernel: usize) -> Option<InvocationId> {
    CURRENT.with_borrow(|stack| stack.iter().rev().find(|(k, _)| *k == kernel).map(|(_, id)| *id))
}
