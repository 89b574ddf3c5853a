//! How a queue's trigger fills its batches: windows, the limit of 6 MB, and what time does meanwhile.
use crate::common::clock::{elapsed, seconds};
use crate::runtimes::on_both_runtimes;

use std::sync::{Arc, Mutex};

use lambda_testkit::prelude::*;
use lambda_testkit::{Deviation, Function, NewMessage, Plan};
use serde_json::Value;

const MEGABYTE: usize = 1_048_576;

fn takes(cloud: &Cloud) -> Function {
    cloud.function("takes", |_: SqsEvent| async {})
}

/// The bodies of each batch that the function was given.
fn batches(function: &Function) -> Vec<Vec<String>> {
    let records = |event: Value| serde_json::from_value::<SqsEvent>(event).unwrap().records;
    function.events().into_iter().map(|event| records(event).into_iter().map(|record| record.body).collect()).collect()
}

#[test]
fn messages_that_wait_for_their_window_are_in_flight() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), takes(&cloud));
        queue.trigger(&function, batch(10).window(seconds(20)));
        queue.send("a");
        let report = cloud.settle().await;
        assert!(batches(&function).is_empty() && queue.receive(10).is_empty(), "the trigger has received it");
        let message = &queue.messages()[0];
        assert!(!message.is_visible() && message.receive_count == 1, "{message:?}");
        assert_eq!(report.waiting[0].due.to_string(), "2026-01-01T00:00:20Z", "{report}");
        cloud.advance(seconds(20)).await.assert_ok();
        assert_eq!(batches(&function), [["a"]]);
        queue.assert_empty();
    });
}

#[test]
fn the_visibility_timeout_runs_from_the_receive_and_not_from_the_invocation() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, calls) = (cloud.queue("q"), Arc::new(Mutex::new(0)));
        let function = cloud.function("fails-once", move |_: SqsEvent| {
            *calls.lock().unwrap() += 1;
            std::future::ready(if *calls.lock().unwrap() == 1 { Err("once") } else { Ok(()) })
        });
        queue.trigger(&function, batch(10).window(seconds(20)));
        queue.send("a");
        let report = cloud.advance(seconds(20)).await;
        assert_eq!((report.failures.len(), report.waiting[0].due.to_string().as_str()), (1, "2026-01-01T00:00:30Z"));
        cloud.drain().await.assert_ok();
        assert_eq!(elapsed(&cloud), seconds(50), "received again after 30 s, with a window of its own");
    });
}

#[test]
fn a_window_that_is_longer_than_the_visibility_timeout_receives_twice_and_says_so() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q").visibility_timeout(seconds(30)), takes(&cloud));
        queue.trigger(&function, batch(10).window(seconds(40)));
        queue.send("a");
        cloud.drain().await.assert_ok();
        assert_eq!(batches(&function), [["a", "a"]]);
        assert!(
            cloud.timeline().contains("visibility timeout is shorter than the batching window"),
            "{}",
            cloud.timeline()
        );
        queue.assert_empty();
    });
}

#[test]
fn a_trigger_that_is_disabled_gives_up_its_window_and_the_messages_come_back() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), takes(&cloud));
        let trigger = queue.trigger(&function, batch(10).window(seconds(20)));
        queue.send("a");
        cloud.settle().await.assert_ok();
        trigger.disable();
        cloud.drain().await.assert_ok();
        assert!(queue.messages()[0].is_visible() && batches(&function).is_empty());
        trigger.enable();
        cloud.drain().await.assert_ok();
        assert_eq!(batches(&function), [["a"]]);
    });
}

#[test]
fn a_batch_closes_before_its_event_would_be_larger_than_six_megabytes() {
    on_both_runtimes(|| async {
        for window in [0, 20] {
            let cloud = Cloud::start();
            let (queue, function) = (cloud.queue("q"), takes(&cloud));
            queue.trigger(&function, batch(10).window(seconds(window)));
            (0..10).for_each(|_| drop(queue.send("x".repeat(MEGABYTE))));
            cloud.settle().await.assert_ok();
            let sizes: Vec<usize> = batches(&function).iter().map(Vec::len).collect();
            assert_eq!(sizes, if window == 0 { vec![5, 5] } else { vec![5] }, "the second batch waits for its window");
            cloud.drain().await.assert_ok();
            assert_eq!(batches(&function).iter().map(Vec::len).collect::<Vec<_>>(), [5, 5]);
            let history = cloud.history();
            assert!(history.invocations().collect().iter().all(|invoked| invoked.invocation.event.len() <= 6_291_456));
        }
    });
}

/// Ten messages of a group that need two batches, and when each batch began and ended.
async fn large_group(fails: bool) -> Vec<String> {
    let cloud = Cloud::start();
    let (queue, clock) = (cloud.queue("q.fifo"), cloud.clock());
    let log = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&log);
    let function = cloud.function("slow", move |event: SqsEvent| {
        let (clock, log) = (clock.clone(), Arc::clone(&noted));
        async move {
            let first = event.records[0].body[..1].to_owned();
            let again = event.records[0].attributes.approximate_receive_count > 1;
            log.lock().unwrap().push(format!("{first} begins"));
            clock.sleep(seconds(1)).await;
            log.lock().unwrap().push(format!("{first} ends"));
            if fails && !again && first == "0" { Err("once") } else { Ok(()) }
        }
    });
    queue.trigger(&function, batch(10));
    for number in 0..10 {
        queue.send_fifo("group", &number.to_string(), number.to_string() + &"x".repeat(MEGABYTE - 1));
    }
    let _ = cloud.drain().await;
    queue.assert_empty();
    log.lock().unwrap().clone()
}

#[test]
fn a_fifo_batch_of_more_than_six_megabytes_runs_one_part_after_the_other() {
    on_both_runtimes(|| async {
        assert_eq!(large_group(false).await, ["0 begins", "0 ends", "5 begins", "5 ends"]);
        let failing = large_group(true).await;
        assert_eq!(failing, ["0 begins", "0 ends", "0 begins", "0 ends", "5 begins", "5 ends"], "not past a failure");
    });
}

#[test]
fn drain_waits_until_messages_can_be_received_whether_there_is_a_trigger_or_not() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let queue = cloud.queue("results");
        queue.send("at once");
        assert!(cloud.drain().await.is_done());
        assert_eq!(elapsed(&cloud), seconds(0), "a message that lies there is no work");
        queue.send(NewMessage::text("delayed").delay(seconds(90)));
        let report = cloud.settle().await;
        assert!(!report.is_done() && !report.waiting[0].recurring, "{report}");
        assert!(cloud.drain().await.is_done());
        assert_eq!(elapsed(&cloud), seconds(90));
        assert_eq!(queue.receive(10).len(), 2);
        cloud.drain().await.assert_ok();
        assert_eq!(elapsed(&cloud), seconds(120), "they were not deleted, and are there again");
        assert_eq!(queue.receive(10).len(), 2);
    });
}

#[test]
fn thousands_of_messages_of_one_window_are_one_batch() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) =
            (cloud.queue("q"), cloud.function("counts", async |event: SqsEvent| event.records.len()));
        queue.trigger(&function, batch(3_000).window(seconds(1)));
        (0..3_000).for_each(|number| drop(queue.send(number.to_string())));
        cloud.settle().await.assert_ok();
        assert_eq!(function.responses(), [3_000], "a full batch does not wait");
        queue.assert_empty();
    });
}

#[test]
fn a_batch_of_a_window_may_be_cut_in_two_by_a_plan() {
    on_both_runtimes(|| async {
        let run = async |plan: &Plan| {
            let cloud = Cloud::builder().plan(plan).start();
            let (queue, function) = (cloud.queue("q"), takes(&cloud));
            queue.trigger(&function, batch(10).window(seconds(20)));
            for body in ["a", "b", "c"] {
                queue.send(body);
                cloud.advance(seconds(1)).await.assert_ok();
            }
            cloud.drain().await.assert_ok();
            queue.assert_empty();
            let points = cloud.course().points().to_vec();
            (batches(&function), points)
        };
        let (ordinary, points) = run(&Plan::new()).await;
        assert_eq!(ordinary, [["a", "b", "c"]]);
        let cut = points.iter().find(|point| point.alternatives.contains(&Deviation::Half)).expect("a batch of three");
        let (deviating, _) = run(&cut.deviate(&Deviation::Half)).await;
        assert_eq!(deviating, [vec!["a", "b"], vec!["c"]]);
    });
}
