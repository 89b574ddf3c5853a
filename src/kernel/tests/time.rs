//! What `settle` and `advance` run, and what they leave.

use std::sync::Arc;

use super::*;

/// An entry that plans itself again, `every` so many seconds, and starts an invocation that sleeps.
fn rule(kernel: &Arc<Kernel>, log: &Log, every: u64, sleeps: u64) {
    let (weak, noted) = (Arc::downgrade(kernel), log.clone());
    kernel.plan(later(kernel.now(), seconds(every)), Kind::Background, "rule", move || {
        let kernel = weak.upgrade().unwrap();
        let work = sleeper(&kernel, vec![sleeps]);
        invoke(&kernel, &noted, "f", 900, work);
        rule(&kernel, &noted, every, sleeps);
    });
}

#[test]
fn settle_and_advance_end_though_a_rule_fires_more_often_than_its_function_ends() {
    let (kernel, log) = (kernel(), Log::default());
    rule(&kernel, &log, 60, 90);
    let report = block_on(kernel.drive(Goal::For(seconds(60)))).unwrap();
    assert_eq!(
        report.to_string(),
        "1 invocation, 0 failed\nwaiting:\n  2026-01-01T00:02:00Z rule (recurring: advance to it, drain does not wait for it)\n"
    );
    assert_eq!((elapsed(&kernel), entries(&log)), (150, vec![(150, "f done".to_owned())]));
    // What became due meanwhile is due now.
    let report = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!((report.invocations, elapsed(&kernel)), (1, 240));
}

#[test]
fn what_an_invocation_in_flight_brings_about_at_once_is_run_and_what_time_brings_is_left() {
    let (kernel, log) = (kernel(), Log::default());
    let (weak, noted) = (Arc::downgrade(&kernel), log.clone());
    let sleeping = sleeper(&kernel, vec![10]);
    invoke(&kernel, &log, "first", 30, async move {
        sleeping.await;
        let kernel = weak.upgrade().unwrap();
        invoke_at(&kernel, &noted, 0, Kind::Work, "follows", |_| Box::pin(async {}));
        invoke_at(&kernel, &noted, 11, Kind::Work, "retry", |_| Box::pin(async {}));
    });
    invoke_at(&kernel, &log, 5, Kind::Work, "due meanwhile", |_| Box::pin(async {}));
    let report = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log), [(10, "first done".to_owned()), (10, "follows done".to_owned())]);
    let left: Vec<&str> = report.waiting.iter().map(|waiting| waiting.what.as_str()).collect();
    assert_eq!(left, ["due meanwhile", "retry"]);
    let _ = block_on(kernel.drive(Goal::Drain)).unwrap();
    assert_eq!(entries(&log)[2..], [(10, "due meanwhile done".to_owned()), (11, "retry done".to_owned())]);
}

#[test]
fn a_change_that_time_makes_wakes_an_invocation_but_what_else_it_plans_is_left() {
    let (kernel, log) = (kernel(), Log::default());
    let visible = Arc::new(Signal::default());
    let (weak, fires, noted) = (Arc::downgrade(&kernel), Arc::clone(&visible), log.clone());
    kernel.plan(later(start_of_time(), seconds(7)), Kind::Change, "messages become visible", move || {
        fires.fire();
        invoke_at(&weak.upgrade().unwrap(), &noted, 0, Kind::Work, "poll", |_| Box::pin(async {}));
    });
    let weak = Arc::downgrade(&kernel);
    invoke(&kernel, &log, "long poll", 30, async move {
        let kernel = weak.upgrade().unwrap();
        let _alarm = kernel.alarm(later(kernel.now(), seconds(20)), Kind::Turn, "end of a long poll", &visible);
        kernel.wait(&visible).await.unwrap();
    });
    let report = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log), [(7, "long poll done".to_owned())]);
    assert_eq!(report.waiting[0].what, "poll");
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log)[1..], [(7, "poll done".to_owned())]);
}

#[test]
fn a_change_is_left_by_settle_and_waited_for_by_drain() {
    let kernel = kernel();
    kernel.plan(later(start_of_time(), seconds(7)), Kind::Change, "change", || {});
    let report = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert!(!report.is_done() && !report.waiting[0].recurring, "{report}");
    assert_eq!(elapsed(&kernel), 0);
    let report = block_on(kernel.drive(Goal::Drain)).unwrap();
    assert!(report.is_done(), "{report}");
    assert_eq!(elapsed(&kernel), 7);
}

#[test]
fn two_calls_of_advance_at_once_take_the_time_of_both() {
    let kernel = kernel();
    let (first, second) = block_on(async {
        tokio::join!(kernel.drive(Goal::For(seconds(3600))), kernel.drive(Goal::For(seconds(3600))))
    });
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(elapsed(&kernel), 7200);
}
