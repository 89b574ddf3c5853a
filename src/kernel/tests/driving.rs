//! Against a simple model, and how driving calls end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::kernel::turns::Turned;

proptest! {
    /// Each job starts at its due time and sleeps some times, within a timeout of 30 s. The model knows no futures:
    /// it adds the numbers up and sorts.
    #[test]
    fn jobs_end_when_and_in_the_order_that_the_model_says(
        jobs in prop::collection::vec((0..40u64, prop::collection::vec(1..20u64, 0..4)), 0..12),
        drain in any::<bool>(),
    ) {
        let (kernel, log) = (kernel(), Log::default());
        for (number, (due, naps)) in jobs.iter().enumerate() {
            let (weak, log, naps) = (Arc::downgrade(&kernel), log.clone(), naps.clone());
            kernel.plan(later(start_of_time(), Duration::from_secs(*due)), Kind::Work, "job", move || {
                let kernel = weak.upgrade().unwrap();
                let work = sleeper(&kernel, naps);
                invoke(&kernel, &log, &format!("job {number:02}"), 30, work);
            });
        }
        let goal = if drain { Goal::Drain } else { Goal::For(Duration::from_secs(39)) };
        let report = block_on(kernel.drive(goal)).unwrap();

        let mut expected: Vec<(i64, String)> = jobs.iter().enumerate().map(|(number, (due, naps))| {
            let total: u64 = naps.iter().sum();
            // At exactly 30 s the timeout was planned first, so it wins.
            let (after, how) = if total >= 30 { (30, "timed out") } else { (total, "done") };
            ((due + after) as i64, format!("job {number:02} {how}"))
        }).collect();
        expected.sort();
        let mut ended = entries(&log);
        prop_assert!(ended.is_sorted_by_key(|(at, _)| *at), "in order of time: {:?}", ended);
        ended.sort();
        prop_assert_eq!(ended, expected);
        prop_assert_eq!(report.invocations, jobs.len());
        prop_assert!(report.waiting.is_empty());
        prop_assert_eq!(kernel.turns().in_flight(), 0);
    }
}

#[test]
fn settle_leaves_what_is_due_later_and_advance_reaches_it() {
    let (kernel, log) = (kernel(), Log::default());
    let (weak, log2) = (Arc::downgrade(&kernel), log.clone());
    kernel.plan(later(start_of_time(), Duration::from_secs(60)), Kind::Work, "retry f", move || {
        invoke(&weak.upgrade().unwrap(), &log2, "f", 30, async {});
    });
    let report = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(report.to_string(), "0 invocations, 0 failed\nwaiting:\n  2026-01-01T00:01:00Z retry f\n");
    assert!(!report.is_done());
    let report = block_on(kernel.drive(Goal::For(Duration::from_secs(90)))).unwrap();
    assert_eq!(entries(&log), [(60, "f done".to_owned())]);
    assert!(report.is_done());
    assert_eq!(elapsed(&kernel), 90);
}

#[test]
fn drain_does_not_wait_for_recurring_entries_but_fires_them_on_the_way() {
    fn tick(kernel: &Arc<Kernel>, ticks: Arc<AtomicUsize>) {
        let weak = Arc::downgrade(kernel);
        kernel.plan(later(kernel.now(), Duration::from_secs(10)), Kind::Background, "tick", move || {
            ticks.fetch_add(1, Ordering::Relaxed);
            tick(&weak.upgrade().unwrap(), ticks);
        });
    }
    let kernel = kernel();
    let ticks = Arc::new(AtomicUsize::new(0));
    tick(&kernel, ticks.clone());
    kernel.plan(later(start_of_time(), Duration::from_secs(35)), Kind::Work, "work", || {});
    let report = block_on(kernel.drive(Goal::Drain)).unwrap();
    assert_eq!(ticks.load(Ordering::Relaxed), 3);
    assert_eq!(elapsed(&kernel), 35);
    assert!(report.is_done());
}

#[test]
fn an_invocation_that_waits_for_something_unknown_is_dropped_and_the_clock_stands_still() {
    let (kernel, log) = (kernel(), Log::default());
    invoke(&kernel, &log, "stuck", 30, std::future::pending());
    let work = sleeper(&kernel, vec![5]);
    invoke(&kernel, &log, "other", 30, work);
    let report = block_on(kernel.drive(Goal::Settle));
    assert!(report.is_ok());
    assert_eq!(entries(&log), [(0, "stuck stalled".to_owned()), (5, "other done".to_owned())]);
}

#[test]
fn the_clock_does_not_move_while_an_invocation_waits_for_another_task() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let (kernel, log) = (kernel(), Log::default());
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    invoke(&kernel, &log, "waits for a task", 1, async move {
        receiver.await.unwrap();
    });
    let work = sleeper(&kernel, vec![20]);
    invoke(&kernel, &log, "sleeps", 30, work);
    runtime.block_on(async {
        let driving = kernel.drive(Goal::Settle);
        let other = async {
            tokio::task::yield_now().await;
            sender.send(()).unwrap();
        };
        let (report, ()) = tokio::join!(driving, other);
        let _ = report.unwrap();
    });
    assert_eq!(entries(&log), [(0, "waits for a task done".to_owned()), (20, "sleeps done".to_owned())]);
}

#[test]
fn dropping_a_driving_call_loses_nothing() {
    let (kernel, log) = (kernel(), Log::default());
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    invoke(&kernel, &log, "f", 30, async move {
        receiver.await.unwrap();
    });
    block_on(async {
        {
            let mut driving = std::pin::pin!(kernel.drive(Goal::Settle));
            let waker = futures::task::noop_waker();
            assert!(driving.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        }
        sender.send(()).unwrap();
        let _ = kernel.drive(Goal::Settle).await.unwrap();
    });
    assert_eq!(entries(&log), [(0, "f done".to_owned())]);
}

#[test]
fn a_wait_outside_any_invocation_drives_by_itself() {
    let (kernel, log) = (kernel(), Log::default());
    let work = sleeper(&kernel, vec![3]);
    invoke(&kernel, &log, "f", 30, work);
    block_on(Clock::new(&kernel).sleep(Duration::from_secs(4)));
    assert_eq!(entries(&log), [(3, "f done".to_owned())]);
    assert_eq!(elapsed(&kernel), 4);
}

#[test]
fn driving_from_inside_a_handler_is_refused() {
    let (kernel, log) = (kernel(), Log::default());
    let weak = Arc::downgrade(&kernel);
    let seen = Arc::new(Mutex::new(None));
    let seen2 = seen.clone();
    invoke(&kernel, &log, "f", 30, async move {
        let kernel = weak.upgrade().unwrap();
        *seen2.lock().unwrap() = Some(kernel.drive(Goal::Settle).await);
    });
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(*seen.lock().unwrap(), Some(Err(DriveError::InsideHandler)));
}

#[test]
fn work_that_begets_work_ends_at_the_limit_with_the_chain_of_causes() {
    fn again(kernel: &Arc<Kernel>, log: &Log, cause: Option<EntryId>) {
        let cause = kernel.note(cause, "again");
        let (weak, log2) = (Arc::downgrade(kernel), log.clone());
        invoke(kernel, log, "f", 30, async {});
        kernel.plan(kernel.now(), Kind::Work, "again", move || again(&weak.upgrade().unwrap(), &log2, Some(cause)));
    }
    let kernel = Kernel::new(start_of_time(), 0, Limits { invocations: 100, ..Limits::default() });
    again(&kernel, &Log::default(), None);
    let error = block_on(kernel.drive(Goal::Settle)).unwrap_err().to_string();
    assert!(error.starts_with("more than 100 invocations in one call"), "{error}");
}

#[test]
fn draining_for_ever_ends_at_the_limit_of_test_time() {
    fn hourly(kernel: &Arc<Kernel>) {
        let weak = Arc::downgrade(kernel);
        kernel.plan(later(kernel.now(), Duration::from_secs(3600)), Kind::Work, "poll", move || {
            hourly(&weak.upgrade().unwrap());
        });
    }
    let kernel = kernel();
    hourly(&kernel);
    let error = block_on(kernel.drive(Goal::Drain)).unwrap_err();
    assert!(matches!(error, DriveError::TooMuchTime { .. }));
    assert!(error.to_string().starts_with("more than 24 h of test time in one call; next was \"poll\" at "));
}

#[test]
fn a_kernel_with_parked_invocations_is_freed_when_shut_down() {
    let (kernel, log) = (kernel(), Log::default());
    let work = sleeper(&kernel, vec![3]);
    invoke(&kernel, &log, "f", 30, work);
    let waker = futures::task::noop_waker();
    let turns = Arc::clone(&kernel.turns);
    turns.give(turns.ready(Turned::Free, 1)[0].0);
    assert!(turns.poll(&mut std::task::Context::from_waker(&waker), &|| false, &|| false).is_ready());
    let weak = Arc::downgrade(&kernel);
    kernel.shut_down();
    drop(kernel);
    assert!(weak.upgrade().is_none());
}
