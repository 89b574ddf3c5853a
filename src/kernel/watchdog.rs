//! Wake-ups after real time: one thread per process, started on first use.
//!
//! The test clock never needs it. It serves only what a stuck handler or an idle socket must not hold up for ever.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::task::Waker;
use std::thread;
use std::time::Instant;

struct Alarm {
    at: Instant,
    waker: Waker,
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Alarm {}

impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Alarm {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

/// Wakes `waker` once `at` has passed.
pub(crate) fn wake_at(at: Instant, waker: Waker) {
    static ALARMS: OnceLock<Sender<Alarm>> = OnceLock::new();
    let alarms = ALARMS.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Alarm>();
        thread::Builder::new()
            .name("lambda-testkit watchdog".to_owned())
            .spawn(move || {
                let mut waiting: BinaryHeap<Reverse<Alarm>> = BinaryHeap::new();
                loop {
                    let next = match waiting.peek() {
                        Some(Reverse(alarm)) => {
                            receiver.recv_timeout(alarm.at.saturating_duration_since(Instant::now()))
                        }
                        None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                    };
                    match next {
                        Ok(alarm) => waiting.push(Reverse(alarm)),
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                    while waiting.peek().is_some_and(|Reverse(alarm)| alarm.at <= Instant::now()) {
                        if let Some(Reverse(alarm)) = waiting.pop() {
                            alarm.waker.wake();
                        }
                    }
                }
            })
            .expect("the operating system starts one thread");
        sender
    });
    alarms.send(Alarm { at, waker }).expect("the watchdog thread runs as long as the process");
}
