//! Panics that are expected: thousands of handlers and scenarios panic in an exploration, and only one of them is of
//! interest. While somebody listens on a thread, its panics are kept instead of printed.

use std::cell::{Cell, RefCell};
use std::panic;
use std::sync::Once;

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static HEARD: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `work` without its panics being printed; also answers the last one, with its place.
pub(super) fn listen<T>(work: impl FnOnce() -> T) -> (T, String) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if LISTENING.try_with(Cell::get) != Ok(true) {
                return others(info);
            }
            let text = info.payload_as_str().unwrap_or("a value that is no text");
            let place = info.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
            let _ = HEARD.try_with(|heard| heard.replace(format!("{text}{place}")));
        }));
    });
    let before = LISTENING.replace(true);
    let result = work();
    LISTENING.set(before);
    (result, HEARD.take())
}
