//! Handlers that wait for what they should not, and those that only seem to.

use std::sync::Arc;
use std::time::Instant;

use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use super::*;

fn texts(log: &Log) -> Vec<String> {
    entries(log).into_iter().map(|(_, text)| text).collect()
}

/// Keeps the processor busy.
fn compute(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}

#[test]
fn long_computing_before_a_wait_is_no_stall() {
    let (kernel, log) = (kernel_that_stalls_after(20), Log::default());
    invoke(&kernel, &log, "computes", 30, async {
        // Longer than the stall limit, and than the longest turn.
        compute(Duration::from_millis(150));
        tokio::task::yield_now().await;
    });
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(texts(&log), ["computes done"]);
}

#[test]
fn a_loop_of_sleeps_of_no_time_lets_others_run_and_is_held_until_its_timeout() {
    let limits = Limits { requests: 1_000, ..Limits::default() };
    let (kernel, log) = (Kernel::new(start_of_time(), 0, limits), Log::default());
    let clock = Clock::new(&kernel);
    invoke(&kernel, &log, "loops", 30, async move {
        loop {
            clock.sleep(Duration::ZERO).await;
        }
    });
    let work = sleeper(&kernel, vec![0, 0]);
    invoke(&kernel, &log, "other", 30, work);
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log), [(0, "other done".to_owned()), (30, "loops timed out".to_owned())]);
    assert!(kernel.history().timeline().contains("held: a busy loop"));
}

#[test]
fn whoever_waits_for_a_lock_that_is_held_over_a_sleep_gets_it() {
    let (kernel, log) = (kernel(), Log::default());
    let lock = Arc::new(tokio::sync::Mutex::new(()));
    for name in ["a", "b", "c"] {
        let (clock, lock) = (Clock::new(&kernel), Arc::clone(&lock));
        invoke(&kernel, &log, name, 30, async move {
            let _held = lock.lock().await;
            clock.sleep(seconds(2)).await;
            clock.sleep(seconds(3)).await;
        });
    }
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log), [(5, "a done"), (10, "b done"), (15, "c done")].map(|(at, text)| (at, text.to_owned())));
}

#[test]
fn whoever_waits_for_a_lock_that_is_held_over_a_call_of_another_function_gets_it() {
    let (kernel, log) = (kernel(), Log::default());
    let lock = Arc::new(tokio::sync::Mutex::new(()));
    let (holds, weak, noted) = (Arc::clone(&lock), Arc::downgrade(&kernel), log.clone());
    invoke(&kernel, &log, "holds", 30, async move {
        let _held = holds.lock().await;
        let kernel = weak.upgrade().unwrap();
        let answered = Arc::new(Signal::default());
        let answers = Arc::clone(&answered);
        kernel.start(Invocation {
            line: kernel.note(None, "called"),
            deadline: later(kernel.now(), seconds(30)),
            urgent: false,
            awaited: true,
            future: Box::pin(async move {
                noted.lock().unwrap().push((0, "called done".to_owned()));
                answers.fire();
            }),
            abandoned: Box::new(|_| {}),
        });
        kernel.wait(&answered).await.unwrap();
    });
    invoke(&kernel, &log, "waits", 30, async move { drop(lock.lock().await) });
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(texts(&log), ["called done", "holds done", "waits done"]);
}

#[test]
fn the_clock_stands_still_while_a_function_that_another_one_awaits_waits_for_something_real() {
    let (kernel, log) = (kernel(), Log::default());
    let weak = Arc::downgrade(&kernel);
    invoke(&kernel, &log, "outer", 30, async move {
        let never = Signal::default();
        weak.upgrade().unwrap().wait(&never).await.unwrap();
    });
    invoke(&kernel, &log, "inner", 30, std::future::pending());
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log), [(0, "inner stalled".to_owned()), (30, "outer timed out".to_owned())]);
}

#[test]
fn a_handler_that_blocks_its_thread_on_its_own_cloud_gets_an_error_that_says_what_to_do() {
    let (kernel, log) = (kernel(), Log::default());
    let (weak, noted) = (Arc::downgrade(&kernel), log.clone());
    invoke(&kernel, &log, "blocks", 30, async move {
        let kernel = weak.upgrade().unwrap();
        let began = Instant::now();
        // The second one is known to block.
        for _ in 0..2 {
            let error = futures::executor::block_on(kernel.sleep(seconds(1))).unwrap_err();
            noted.lock().unwrap().push((0, error.to_string()));
        }
        assert!(began.elapsed() >= Duration::from_millis(50));
        // It lets others go first only if it can.
        futures::executor::block_on(kernel.put_aside(kernel.turns().current().unwrap()));
        kernel.sleep(seconds(1)).await.unwrap();
    });
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    let texts = texts(&log);
    assert_eq!(texts.len(), 3);
    assert!(texts[0].contains("use .await, or tokio::task::spawn_blocking"), "{}", texts[0]);
    assert!(texts[0].contains("(invoke blocks, after 50ms of real time)"), "{}", texts[0]);
    assert_eq!(texts[1], texts[0]);
    assert_eq!(entries(&log)[2], (1, "blocks done".to_owned()));
}

#[test]
fn a_set_of_sleeps_is_not_taken_for_a_blocked_thread() {
    let (kernel, log) = (kernel_that_stalls_after(20), Log::default());
    let clock = Clock::new(&kernel);
    invoke(&kernel, &log, "many", 30, async move {
        for _ in 0..2 {
            let mut naps: FuturesUnordered<_> = (1..=40).map(|_| clock.sleep(seconds(1))).collect();
            while naps.next().await.is_some() {}
        }
    });
    // The alarms that such a set needs go off meanwhile.
    invoke(&kernel, &log, "computes", 30, async { compute(Duration::from_millis(60)) });
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log), [(0, "computes done".to_owned()), (2, "many done".to_owned())]);
}

#[test]
fn a_task_that_waits_for_the_thread_that_a_handler_blocks_gets_an_error() {
    let (kernel, log) = (kernel(), Log::default());
    let (weak, noted) = (Arc::downgrade(&kernel), log.clone());
    invoke(&kernel, &log, "blocks", 30, async move {
        let kernel = weak.upgrade().unwrap();
        let asks = std::thread::spawn(move || block_on(kernel.sleep(seconds(1))));
        let error = asks.join().unwrap().unwrap_err();
        assert!(matches!(error, DriveError::Blocked { .. }), "{error}");
        noted.lock().unwrap().push((0, "told".to_owned()));
    });
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(texts(&log), ["told", "blocks done"]);
}

/// Whoever acts for an invocation on the thread of a socket is not dropped with it.
#[test]
fn whoever_is_held_outside_an_invocation_is_let_go_when_it_is_over() {
    block_on(async {
        let (kernel, log) = (kernel(), Log::default());
        let held = invoke(&kernel, &log, "held", 30, std::future::pending());
        let mut drive = Box::pin(kernel.drive(Goal::Settle));
        assert!((&mut drive).now_or_never().is_none(), "it holds its turn");
        let mut aside = Box::pin(kernel.put_aside(held));
        assert!((&mut aside).now_or_never().is_none());
        let mut kept = Box::pin(kernel.keep(held));
        assert!((&mut kept).now_or_never().is_none());
        kernel.abandon(held, Abandoned::Crashed);
        assert!(!aside.await, "nothing goes on");
        kept.await;
        kernel.keep(held).await;
        assert!(!kernel.put_aside(held).await, "it is over");
        let _ = drive.await.unwrap();
        assert_eq!(texts(&log), ["held crashed"]);
    });
}
