//! What may come first, and invocations that are put aside or crash.

use std::sync::{Arc, Mutex};
use std::task::Poll;

use futures::future::{join, poll_fn};
use proptest::prelude::*;

use super::*;
use crate::kernel::turns::Turned;

/// Always the same answer, if there are so many.
struct Always(usize);

impl Order for Always {
    fn first(&self, _: &Kernel, enabled: &[Enabled<'_>]) -> usize {
        assert!(enabled.len() > 1, "there is nothing to ask: {enabled:?}");
        self.0.min(enabled.len() - 1)
    }
}

/// The ordinary answer, which must be the first invocation that is ready, or else what is due first.
struct Checked;

impl Order for Checked {
    fn first(&self, kernel: &Kernel, enabled: &[Enabled<'_>]) -> usize {
        match (kernel.turns().ready(Turned::Free, 1).first(), enabled[0]) {
            (Some((first, _)), Enabled::Invocation { id, .. }) => assert_eq!(*first, id, "{enabled:?}"),
            (None, Enabled::Entry { label, .. }) => {
                let now = kernel.now();
                let agenda = kernel.agenda();
                let first = agenda.enabled(now).next().map(|(_, entry)| entry.label.clone());
                assert_eq!(first.as_ref(), Some(label), "{enabled:?}");
            }
            _ => panic!("what is ready goes before what is due: {enabled:?}"),
        }
        0
    }
}

/// Answers drawn from a seed.
struct Drawn(Mutex<u64>);

impl Order for Drawn {
    fn first(&self, _: &Kernel, enabled: &[Enabled<'_>]) -> usize {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as usize % enabled.len()
    }
}

fn kernel_with(order: impl Order + 'static) -> Arc<Kernel> {
    Kernel::with_order(start_of_time(), 0, Limits::default(), Arc::new(order))
}

/// What a job does: waits for the clock, or lets others go first, as at a request.
#[derive(Debug, Clone, Copy)]
enum Act {
    Sleep(u64),
    Aside,
}

#[derive(Debug, Clone)]
struct Job {
    due: u64,
    recurring: bool,
    acts: Vec<Act>,
}

fn jobs() -> impl Strategy<Value = Vec<Job>> {
    let act = prop_oneof![(0..4u64).prop_map(Act::Sleep), Just(Act::Aside)];
    let job = (0..4u64, any::<bool>(), prop::collection::vec(act, 0..5));
    prop::collection::vec(job.prop_map(|(due, recurring, acts)| Job { due, recurring, acts }), 1..8)
}

/// Runs the jobs and returns what each did when, in order.
fn run(kernel: &Arc<Kernel>, jobs: &[Job]) -> Vec<(i64, String)> {
    let log = Log::default();
    for (number, job) in jobs.iter().cloned().enumerate() {
        let kind = if job.recurring { Kind::Background } else { Kind::Work };
        let name = format!("job {number}");
        let (label, noted) = (name.clone(), log.clone());
        invoke_at(kernel, &log, job.due, kind, &name, move |kernel| {
            Box::pin(act(kernel.clone(), noted, label, job.acts))
        });
    }
    // Longer than all due times, so that recurring jobs begin too, and then until everything has ended.
    let _ = block_on(kernel.drive(Goal::For(seconds(5)))).unwrap();
    assert_eq!(kernel.turns().in_flight(), 0);
    entries(&log)
}

async fn act(kernel: Arc<Kernel>, log: Log, name: String, acts: Vec<Act>) {
    let clock = Clock::new(&kernel);
    let kernel = Arc::downgrade(&kernel);
    for (number, act) in acts.into_iter().enumerate() {
        match act {
            Act::Sleep(time) => clock.sleep(seconds(time)).await,
            Act::Aside => {
                let kernel = kernel.upgrade().unwrap();
                kernel.put_aside(kernel.turns().current().unwrap()).await;
            }
        }
        log.lock().unwrap().push((elapsed(&kernel.upgrade().unwrap()), format!("{name} act {number}")));
    }
}

/// The clock shows at each act what the sleeps before add up to: it never moves while anything could happen.
fn expected(jobs: &[Job]) -> Vec<(i64, String)> {
    let mut all = Vec::new();
    for (number, job) in jobs.iter().enumerate() {
        let mut now = job.due;
        for (place, act) in job.acts.iter().enumerate() {
            if let Act::Sleep(time) = act {
                now += time;
            }
            all.push((now as i64, format!("job {number} act {place}")));
        }
        all.push((now as i64, format!("job {number} done")));
    }
    all.sort();
    all
}

proptest! {
    #[test]
    fn an_order_that_always_answers_0_is_the_ordinary_one(jobs in jobs()) {
        let ordinary = run(&Kernel::new(start_of_time(), 0, Limits::default()), &jobs);
        prop_assert_eq!(run(&kernel_with(Always(0)), &jobs), ordinary.clone());
        prop_assert_eq!(run(&kernel_with(Checked), &jobs), ordinary);
    }

    #[test]
    fn in_any_order_every_act_happens_once_and_at_its_time(jobs in jobs(), seed in any::<u64>()) {
        let mut log = run(&kernel_with(Drawn(Mutex::new(seed))), &jobs);
        prop_assert!(log.is_sorted_by_key(|(at, _)| *at), "in order of time: {:?}", log);
        log.sort();
        prop_assert_eq!(log, expected(&jobs));
    }
}

#[test]
fn another_order_lets_the_last_delivery_and_the_last_invocation_go_first() {
    let (kernel, log) = (kernel_with(Always(usize::MAX)), Log::default());
    for name in ["a", "b", "c"] {
        invoke_at(&kernel, &log, 0, Kind::Work, name, |_| Box::pin(async {}));
    }
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    let ended: Vec<String> = entries(&log).into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        ended,
        ["a done", "b done", "c done"],
        "all deliveries first, the last of them first; then as delivered"
    );
}

#[test]
fn an_order_is_told_what_the_entries_and_the_invocations_are_about() {
    struct Looks(Mutex<Vec<String>>);
    impl Order for Looks {
        fn first(&self, _: &Kernel, enabled: &[Enabled<'_>]) -> usize {
            self.0.lock().unwrap().push(format!("{enabled:?}"));
            0
        }
    }
    let looks = Arc::new(Looks(Mutex::default()));
    let kernel = Kernel::with_order(start_of_time(), 0, Limits::default(), looks.clone());
    let line = kernel.note(None, "put");
    kernel.plan_about(start_of_time(), Kind::Work, "deliver", Some(line), || {});
    let id = invoke(&kernel, &Log::default(), "f", 30, async {});
    let of_invocation = kernel.turns().line_of(id).unwrap();
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    let enabled = [
        Enabled::Invocation { id, line: of_invocation },
        Enabled::Entry { label: &"deliver".into(), about: Some(line) },
    ];
    assert_eq!(*looks.0.lock().unwrap(), [format!("{enabled:?}")]);
}

#[test]
fn an_invocation_that_is_put_aside_goes_on_last_and_the_clock_stands_still() {
    let (kernel, log) = (kernel(), Log::default());
    let weak = Arc::downgrade(&kernel);
    invoke(&kernel, &log, "aside", 30, async move {
        let kernel = weak.upgrade().unwrap();
        let id = kernel.turns().current().unwrap();
        assert!(kernel.others_enabled(id));
        kernel.put_aside(id).await;
        assert!(!kernel.others_enabled(id));
        kernel.put_aside(id).await;
    });
    let work = sleeper(&kernel, vec![0, 3]);
    invoke(&kernel, &log, "sleeps", 30, work);
    invoke_at(&kernel, &log, 0, Kind::Work, "delivered", |_| Box::pin(async {}));
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    let expected = [(0, "delivered done"), (0, "aside done"), (3, "sleeps done")];
    assert_eq!(entries(&log), expected.map(|(at, text)| (at, text.to_owned())));
}

#[test]
fn two_requests_of_one_invocation_may_be_put_aside_at_once_and_one_of_them_dropped() {
    let (kernel, log) = (kernel(), Log::default());
    let weak = Arc::downgrade(&kernel);
    invoke(&kernel, &log, "f", 30, async move {
        let kernel = weak.upgrade().unwrap();
        let id = kernel.turns().current().unwrap();
        join(kernel.put_aside(id), kernel.put_aside(id)).await;
        {
            let mut dropped = Box::pin(kernel.put_aside(id));
            poll_fn(|cx| {
                assert!(dropped.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
        }
        kernel.put_aside(id).await;
    });
    invoke(&kernel, &log, "other", 30, async {});
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log), [(0, "other done".to_owned()), (0, "f done".to_owned())]);
}

#[test]
fn an_invocation_that_crashes_inside_its_own_poll_is_dropped_when_the_poll_returns() {
    struct Dropped(Log);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.lock().unwrap().push((0, "dropped".to_owned()));
        }
    }
    let (kernel, log) = (kernel(), Log::default());
    let (weak, guard) = (Arc::downgrade(&kernel), Dropped(log.clone()));
    invoke(&kernel, &log, "f", 30, async move {
        let kernel = weak.upgrade().unwrap();
        let id = kernel.turns().current().unwrap();
        assert!(!kernel.is_crashing(id));
        kernel.abandon(id, Abandoned::Crashed);
        assert!(kernel.is_crashing(id), "further requests can find out");
        guard.0.lock().unwrap().push((0, "the poll goes on".to_owned()));
        kernel.keep(id).await;
        drop(guard);
    });
    invoke(&kernel, &log, "after", 30, async {});
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    let expected = ["the poll goes on", "dropped", "f crashed", "after done"];
    assert_eq!(entries(&log), expected.map(|text| (0, text.to_owned())));
}

#[test]
fn an_invocation_that_crashes_from_outside_is_dropped_at_once_and_whoever_finishes_first_has_finished() {
    let (kernel, log) = (kernel(), Log::default());
    let id = invoke(&kernel, &log, "not begun", 30, async {});
    kernel.abandon(id, Abandoned::Crashed);
    assert_eq!(entries(&log), [(0, "not begun crashed".to_owned())]);
    let weak = Arc::downgrade(&kernel);
    invoke(&kernel, &log, "finishes", 30, async move {
        let kernel = weak.upgrade().unwrap();
        kernel.abandon(kernel.turns().current().unwrap(), Abandoned::Crashed);
    });
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log)[1..], [(0, "finishes done".to_owned())]);
}

#[test]
fn an_invocation_that_is_put_aside_lets_go_of_what_it_holds_for_one_that_waits_for_it() {
    let (kernel, log) = (kernel(), Log::default());
    let lock = Arc::new(tokio::sync::Mutex::new(()));
    let weak = Arc::downgrade(&kernel);
    let holds = Arc::clone(&lock);
    invoke(&kernel, &log, "holds", 30, async move {
        let _held = holds.lock().await;
        let kernel = weak.upgrade().unwrap();
        kernel.put_aside(kernel.turns().current().unwrap()).await;
    });
    invoke(&kernel, &log, "waits", 30, async move { drop(lock.lock().await) });
    let _ = block_on(kernel.drive(Goal::Settle)).unwrap();
    assert_eq!(entries(&log), [(0, "holds done".to_owned()), (0, "waits done".to_owned())]);
}
