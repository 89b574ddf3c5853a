//! Queue → function: batches, partial failures, redelivery, dead letters, FIFO order; and that no message is lost.
use crate::common::clock::seconds;
use crate::runtimes;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lambda_testkit::history::What;
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Function, MessagePlace, NewMessage};
use proptest::prelude::*;
use runtimes::on_both_runtimes;
use serde_json::{Value, json};

/// A function that takes every batch.
fn takes(cloud: &Cloud, name: &str) -> Function {
    cloud.function(name, |_: SqsEvent| async { Ok::<_, Infallible>(()) })
}

/// A function that gives this answer to every batch.
fn answers(cloud: &Cloud, answer: Value) -> Function {
    cloud.function("answers", move |_: SqsEvent| std::future::ready(Ok::<_, Infallible>(answer.clone())))
}

/// The bodies of each batch that the function was given.
fn batches(function: &Function) -> Vec<Vec<String>> {
    let records = |event: Value| serde_json::from_value::<SqsEvent>(event).unwrap().records;
    function.events().into_iter().map(|event| records(event).into_iter().map(|record| record.body).collect()).collect()
}

/// When each batch was handed over, in seconds since the start.
fn deliveries(cloud: &Cloud) -> Vec<u64> {
    let start = "2026-01-01T00:00:00Z".parse().unwrap();
    let timeline = cloud.timeline();
    let lines = timeline.lines().iter().filter(|line| line.text.contains(" → "));
    lines.map(|line| line.at.duration_since(start).as_secs().unsigned_abs()).collect()
}

#[test]
fn batches_are_as_large_as_asked_for_and_in_the_order_of_sending() {
    on_both_runtimes(|| async {
        for (size, expected) in [(1, vec![1, 1, 1, 1, 1, 1, 1]), (3, vec![3, 3, 1]), (7, vec![7]), (10, vec![7])] {
            let cloud = Cloud::start();
            let (queue, function) = (cloud.queue("q"), takes(&cloud, "takes"));
            queue.trigger(&function, batch(size));
            let sent: Vec<String> = (0..7).map(|number| number.to_string()).collect();
            sent.iter().for_each(|body| drop(queue.send(body)));
            cloud.settle().await.assert_ok();
            let given = batches(&function);
            assert_eq!(given.iter().map(Vec::len).collect::<Vec<_>>(), expected);
            assert_eq!(given.concat(), sent);
            assert!(queue.messages().is_empty());
        }
    });
}

#[test]
fn messages_that_were_there_before_the_trigger_are_delivered_too() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), takes(&cloud, "takes"));
        queue.send("early");
        cloud.settle().await.assert_ok();
        queue.trigger(&function, batch(10));
        cloud.settle().await.assert_ok();
        assert_eq!(batches(&function), [["early"]]);
    });
}

#[test]
fn a_window_collects_messages_until_it_is_over_or_the_batch_is_full() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, function) = (cloud.queue("q"), takes(&cloud, "takes"));
        queue.trigger(&function, batch(3).window(seconds(20)));
        queue.send("a");
        cloud.advance(seconds(5)).await.assert_ok();
        queue.send("b");
        cloud.advance(seconds(14)).await.assert_ok();
        assert!(batches(&function).is_empty(), "the window is not over");
        cloud.advance(seconds(1)).await.assert_ok();
        assert_eq!(batches(&function), [["a", "b"]]);
        queue.send("c");
        cloud.advance(seconds(2)).await.assert_ok();
        queue.send("d");
        queue.send("e");
        cloud.settle().await.assert_ok();
        assert_eq!(batches(&function)[1..], [["c", "d", "e"]], "a full batch does not wait");
        cloud.drain().await.assert_ok();
        assert_eq!(batches(&function).len(), 2);
    });
}

#[test]
fn what_the_function_answers_decides_which_messages_come_again() {
    on_both_runtimes(|| async {
        // (the answer, where `$` is the id of the second message; whether it counts; which messages come again)
        let none: &[&str] = &[];
        let all: &[&str] = &["a", "b", "c"];
        let failed = |id: Value| json!({ "batchItemFailures": [{ "itemIdentifier": id }] });
        let matrix: Vec<(Value, bool, &[&str])> = vec![
            (Value::Null, true, none),
            (json!({}), true, none),
            (json!(""), true, none),
            (json!({ "batchItemFailures": [] }), true, none),
            (json!({ "batchItemFailures": null }), true, none),
            (failed(json!("$")), true, &["b"]),
            (failed(json!("$")), false, none),
            (failed(json!("unknown")), true, all),
            (failed(json!("")), true, all),
            (failed(Value::Null), true, all),
            (json!({ "batchItemFailures": [{}] }), true, all),
            (json!({ "batchItemFailures": "b" }), true, all),
        ];
        for (answer, reported, again) in matrix {
            let cloud = Cloud::start();
            let (queue, template) = (cloud.queue("q"), answer.to_string());
            let function = cloud.function("answers", move |event: SqsEvent| {
                let second = event.records.get(1).map_or("", |record| record.message_id.as_str());
                let answer: Value = serde_json::from_str(&template.replace('$', second)).unwrap();
                std::future::ready(Ok::<_, Infallible>(answer))
            });
            let mapping = batch(10);
            queue.trigger(&function, if reported { mapping.report_item_failures() } else { mapping });
            ["a", "b", "c"].into_iter().for_each(|body| drop(queue.send(body)));
            // A faulty answer is told like a failed function.
            assert_eq!(cloud.settle().await.failures.len(), usize::from(again == all), "{answer}");
            assert_eq!(queue.bodies(), again, "{answer} reported: {reported}");
            assert!(queue.messages().iter().all(|message| !message.is_visible() && message.receive_count == 1));
        }
    });
}

#[test]
fn a_failed_batch_comes_again_as_a_whole_when_its_visibility_timeout_ends() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let queue = cloud.queue("q").visibility_timeout(seconds(45));
        let failures = Arc::new(Mutex::new(2));
        let function = cloud.function("fails-twice", move |_: SqsEvent| {
            let mut left = failures.lock().unwrap();
            let fails = *left > 0;
            *left -= i32::from(fails);
            std::future::ready(if fails { Err("not yet") } else { Ok(()) })
        });
        queue.trigger(&function, batch(10));
        queue.send("a");
        queue.send("b");
        let report = cloud.settle().await;
        assert_eq!(report.failures.len(), 1);
        assert_eq!(report.waiting[0].due.to_string(), "2026-01-01T00:00:45Z");
        let report = cloud.drain().await;
        assert_eq!(report.failures.len(), 1, "the third attempt succeeds: {report}");
        assert_eq!(batches(&function), [["a", "b"], ["a", "b"], ["a", "b"]]);
        assert_eq!(deliveries(&cloud), [0, 45, 90]);
        assert!(queue.messages().is_empty());
    });
}

#[test]
fn after_max_receive_count_a_message_goes_to_the_dead_letter_queue_with_its_id() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let dead = cloud.queue("dead");
        let queue = cloud.queue("q").dead_letter(&dead, 3);
        let function = cloud.function("fails", |_: SqsEvent| async { Err::<(), _>("never") });
        queue.trigger(&function, batch(1));
        let id = queue.send("poison");
        let _ = cloud.drain().await;
        assert_eq!(deliveries(&cloud), [0, 30, 60]);
        assert!(queue.messages().is_empty());
        let dead = dead.messages();
        assert_eq!((dead[0].id.as_str(), dead[0].receive_count), (id.as_str(), 3));
    });
}

#[test]
fn a_function_that_times_out_keeps_its_messages() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, clock) = (cloud.queue("q"), cloud.clock());
        let slow = cloud.function("slow", move |_: SqsEvent| {
            let clock = clock.clone();
            async move {
                clock.sleep(seconds(20)).await;
                Ok::<_, Infallible>(())
            }
        });
        queue.trigger(&slow.timeout(seconds(10)), batch(1));
        queue.send("a");
        let report = cloud.settle().await;
        assert!(report.failures[0].error.contains("timed out after 10"), "{report}");
        assert_eq!(queue.bodies(), ["a"]);
    });
}

#[test]
fn at_most_five_batches_of_a_standard_queue_run_at_once() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, clock) = (cloud.queue("q"), cloud.clock());
        let (running, most) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
        let peak = Arc::clone(&most);
        let function = cloud.function("counts", move |_: SqsEvent| {
            let (clock, running, most) = (clock.clone(), Arc::clone(&running), Arc::clone(&most));
            async move {
                let now = {
                    let mut running = running.lock().unwrap();
                    *running += 1;
                    *running
                };
                let highest = (*most.lock().unwrap()).max(now);
                *most.lock().unwrap() = highest;
                clock.sleep(seconds(1)).await;
                *running.lock().unwrap() -= 1;
                Ok::<_, Infallible>(())
            }
        });
        queue.trigger(&function, batch(1));
        (0..12).for_each(|number| drop(queue.send(number.to_string())));
        cloud.settle().await.assert_ok();
        assert_eq!(*peak.lock().unwrap(), 5);
        assert!(queue.messages().is_empty());
        assert_eq!(cloud.now().to_string(), "2026-01-01T00:00:03Z", "12 batches, 5 at a time, 1 s each");
    });
}

#[test]
fn a_fifo_group_keeps_its_order_through_failures_and_holds_up_no_other_group() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let queue = cloud.queue("q.fifo");
        let failed = Arc::new(Mutex::new(BTreeSet::new()));
        let done = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&done);
        let function = cloud.function("fails-once", move |event: SqsEvent| {
            let body = event.records[0].body.clone();
            let fails = body.starts_with("a") && failed.lock().unwrap().insert(body.clone());
            if !fails {
                log.lock().unwrap().push(body);
            }
            std::future::ready(if fails { Err("once") } else { Ok(()) })
        });
        queue.trigger(&function, batch(1));
        for body in ["a1", "a2", "b1", "a3", "b2"] {
            queue.send_fifo(&body[..1], body, body);
        }
        let report = cloud.settle().await;
        assert_eq!(report.failures.len(), 1);
        assert_eq!(*done.lock().unwrap(), ["b1", "b2"], "group a waits for a1");
        let _ = cloud.drain().await;
        assert_eq!(*done.lock().unwrap(), ["b1", "b2", "a1", "a2", "a3"]);
        assert_eq!(cloud.now().to_string(), "2026-01-01T00:01:30Z");
        assert!(queue.messages().is_empty());
    });
}

#[test]
fn fifo_groups_run_side_by_side_and_the_messages_of_one_group_one_after_the_other() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, clock) = (cloud.queue("q.fifo"), cloud.clock());
        let log = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&log);
        let function = cloud.function("slow", move |event: SqsEvent| {
            let (clock, log) = (clock.clone(), Arc::clone(&noted));
            async move {
                let body = event.records[0].body.clone();
                log.lock().unwrap().push(format!("{body} begins"));
                clock.sleep(seconds(1)).await;
                log.lock().unwrap().push(format!("{body} ends"));
                Ok::<_, Infallible>(())
            }
        });
        queue.trigger(&function, batch(1));
        for body in ["a1", "a2", "b1"] {
            queue.send_fifo(&body[..1], body, body);
        }
        cloud.settle().await.assert_ok();
        let expected = ["a1 begins", "b1 begins", "a1 ends", "b1 ends", "a2 begins", "a2 ends"];
        assert_eq!(*log.lock().unwrap(), expected);
    });
}

#[test]
fn a_trigger_that_lambda_would_refuse_is_refused_with_its_reason() {
    let cloud = Cloud::start();
    let (queue, fifo) = (cloud.queue("q"), cloud.queue("q.fifo"));
    let function = takes(&cloud, "takes");
    let refusal = |result: Result<lambda_testkit::Trigger, CloudError>| result.unwrap_err().to_string();
    queue.trigger(&function, batch(10));
    let twice = refusal(queue.try_trigger(&function, batch(1)));
    assert!(twice.contains("ResourceConflictException: An event source mapping with SQS arn"), "{twice}");
    let of_another = cloud.account("222222222222").function("theirs", |_: Value| async { Ok::<_, Infallible>(()) });
    assert!(refusal(queue.try_trigger(&of_another, batch(1))).contains("own account only"));
    let other = takes(&cloud, "other");
    for (mapping, reason) in [
        (
            batch(0),
            "Value '0' at 'batchSize' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (batch(10_001).window(seconds(1)), "Member must have value less than or equal to 10000"),
        (batch(usize::MAX).window(Duration::MAX - Duration::from_nanos(999_999_999)), "2 validation errors detected"),
        (batch(11), "must be greater than 0"),
        (batch(1).window(seconds(301)), "Member must have value less than or equal to 300"),
        (batch(1).window(Duration::from_millis(1_500)), "a batching window is whole seconds"),
        (batch(1).maximum_concurrency(1), "Member must have value greater than or equal to 2"),
        (batch(1).maximum_concurrency(1_001), "Member must have value less than or equal to 1000"),
        (batch(1).filter(json!({ "body": "order" })), "(body: \"body\" must be an object or an array)"),
    ] {
        let text = refusal(queue.try_trigger(&other, mapping));
        assert!(text.contains(reason), "{text}");
    }
    assert!(refusal(fifo.try_trigger(&other, batch(11))).contains("its batches have 1 to 10"));
    assert!(
        refusal(fifo.try_trigger(&other, batch(1).window(seconds(1)))).contains("is not supported for FIFO queues")
    );
    let slow = takes(&cloud, "slow").timeout(seconds(31));
    let short = refusal(queue.try_trigger(&slow, batch(1)));
    assert!(
        short.contains("Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"),
        "{short}"
    );
}

#[test]
fn two_triggers_of_one_queue_share_its_messages() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let (queue, one, two) = (cloud.queue("q"), takes(&cloud, "one"), takes(&cloud, "two"));
        queue.trigger(&one, batch(1));
        queue.trigger(&two, batch(1));
        (0..8).for_each(|number| drop(queue.send(number.to_string())));
        cloud.settle().await.assert_ok();
        let mut all = [batches(&one), batches(&two)].concat().concat();
        all.sort();
        assert_eq!(all, ["0", "1", "2", "3", "4", "5", "6", "7"]);
        assert!(!one.events().is_empty() && !two.events().is_empty());
    });
}

#[test]
fn an_answer_without_report_item_failures_is_ignored() {
    on_both_runtimes(|| async {
        let cloud = Cloud::start();
        let queue = cloud.queue("q");
        queue.trigger(&answers(&cloud, json!({ "batchItemFailures": [{ "itemIdentifier": "x" }] })), batch(10));
        queue.send("a");
        cloud.settle().await.assert_ok();
        assert!(queue.messages().is_empty());
    });
}

/// How one invocation goes wrong, or not.
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    Error,
    Panic,
    TooSlow,
    /// Reports the records at the odd places.
    Partial,
    /// An answer that names no message.
    Nonsense,
}

fn fault() -> impl Strategy<Value = Fault> {
    use Fault::*;
    prop_oneof![3 => Just(None), 1 => Just(Error), 1 => Just(Panic), 1 => Just(TooSlow), 2 => Just(Partial), 1 => Just(Nonsense)]
}

#[derive(Debug, Clone)]
struct Story {
    fifo: bool,
    reports: bool,
    batch_size: usize,
    window: u64,
    max_receive_count: Option<u32>,
    /// The group of each message, and the pause before it.
    messages: Vec<(u8, u64)>,
    /// What becomes of the first invocations; the later ones go well.
    faults: Vec<Fault>,
    /// Whether the story is told to its end.
    drained: bool,
}

fn story() -> impl Strategy<Value = Story> {
    let messages = prop::collection::vec((0..3u8, prop_oneof![2 => Just(0), 1 => 1..40u64]), 0..12);
    let settings = (any::<bool>(), any::<bool>(), 1..5usize, prop_oneof![Just(0), 1..20u64], prop::option::of(1..4u32));
    (settings, messages, prop::collection::vec(fault(), 0..12), any::<bool>()).prop_map(
        |((fifo, reports, batch_size, window, max_receive_count), messages, faults, drained)| {
            let window = if fifo { 0 } else { window };
            Story { fifo, reports, batch_size, window, max_receive_count, messages, faults, drained }
        },
    )
}

/// Where every message ended: (sent, processed, dead, waiting), each a sorted list of bodies.
async fn tell(cloud: &Cloud, story: &Story) -> [Vec<String>; 4] {
    let name = |name: &str| if story.fifo { format!("{name}.fifo") } else { name.to_owned() };
    let (queue, dead) = (cloud.queue(&name("q")), cloud.queue(&name("dead")));
    if let Some(count) = story.max_receive_count {
        queue.try_dead_letter(&dead, count).unwrap();
    }
    let processed = Arc::new(Mutex::new(Vec::new()));
    let (log, clock, reports) = (Arc::clone(&processed), cloud.clock(), story.reports);
    let faults = Mutex::new(story.faults.clone().into_iter());
    let function = cloud.function("handler", move |event: SqsEvent| {
        let fault = faults.lock().unwrap().next().unwrap_or(Fault::None);
        let (log, clock) = (Arc::clone(&log), clock.clone());
        async move {
            // Without reports an answer counts for nothing: all are taken as done.
            let failed = |place: usize| reports && matches!(fault, Fault::Partial) && place % 2 == 1;
            match fault {
                Fault::Error => return Err("planned"),
                Fault::Panic => panic!("planned"),
                Fault::TooSlow => clock.sleep(seconds(60)).await,
                Fault::Nonsense if reports => return Ok(Response::failures(["no message has this id"])),
                _ => {}
            }
            let (bad, good): (Vec<_>, Vec<_>) = event.records.iter().enumerate().partition(|(place, _)| failed(*place));
            log.lock().unwrap().extend(good.into_iter().map(|(_, record)| record.body.clone()));
            Ok(Response::failures(bad.into_iter().map(|(_, record)| record.message_id.clone())))
        }
    });
    let mapping = batch(story.batch_size).window(seconds(story.window));
    queue.trigger(&function, if story.reports { mapping.report_item_failures() } else { mapping });
    let mut sent = Vec::new();
    for (number, (group, pause)) in story.messages.iter().enumerate() {
        if *pause > 0 {
            let _ = cloud.try_advance(seconds(*pause)).await.unwrap();
        }
        let body = format!("{group}-{number:02}");
        if story.fifo {
            queue.send_fifo(&group.to_string(), &body, body.as_str());
        } else {
            queue.send(body.as_str());
        }
        sent.push(body);
    }
    let _ = if story.drained { cloud.try_drain().await } else { cloud.try_settle().await }.unwrap();
    let processed = processed.lock().unwrap().clone();
    [sent, processed, dead.bodies(), queue.bodies()]
}

type Response = lambda_testkit::event::BatchResponse;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_message_is_lost_whatever_goes_wrong(story in story()) {
        let [mut sent, processed, dead, waiting] = Cloud::run(|cloud| {
            let story = story.clone();
            async move { tell(&cloud, &story).await }
        });
        let mut found = [processed.clone(), dead.clone(), waiting.clone()].concat();
        found.sort();
        sent.sort();
        prop_assert_eq!(found, sent, "each message is in exactly one place");
        if story.drained {
            prop_assert!(waiting.is_empty(), "waiting: {:?}", waiting);
        }
        if story.max_receive_count.is_none() {
            prop_assert!(dead.is_empty(), "dead: {:?}", dead);
        }
        // Within a group, a batch of one keeps the order of sending; only dead letters fall out of it.
        if story.fifo && story.batch_size == 1 {
            for group in ["0", "1", "2"] {
                let done: Vec<_> = processed.iter().filter(|body| body.starts_with(group)).collect();
                prop_assert!(done.is_sorted(), "group {}: {:?}", group, done);
            }
        }
    }
}

/// A batch's window ends in time although somebody else's sleep makes the time pass; or else its messages' own timeouts would
/// end before it is run.
#[tokio::test]
async fn a_window_ends_while_another_batch_takes_its_time() {
    let cloud = Cloud::start();
    let story = Story {
        fifo: false,
        reports: true,
        batch_size: 3,
        window: 12,
        max_receive_count: Some(1),
        messages: vec![(0, 0), (0, 0), (0, 0), (0, 0), (0, 1)],
        faults: vec![Fault::TooSlow, Fault::None],
        drained: false,
    };
    let [_, processed, dead, waiting] = tell(&cloud, &story).await;
    assert_eq!(processed, ["0-03"], "at 12 s");
    assert_eq!(dead, ["0-00", "0-01", "0-02"]);
    assert_eq!(waiting, ["0-04"], "sent at 30 s, when the first batch has ended");
    cloud.discard();
}

#[tokio::test]
async fn a_test_sees_where_each_message_stands_and_what_became_of_it() {
    let cloud = Cloud::start();
    let (jobs, dead) = (cloud.queue("jobs"), cloud.queue("jobs-dead"));
    jobs.dead_letter(&dead, 1);
    jobs.send("first");
    jobs.send(NewMessage::text("later").delay(Duration::from_secs(60)));
    let start = cloud.now();
    assert_eq!(jobs.delayed()[0].place, MessagePlace::Delayed { until: start + Duration::from_secs(60) });
    let received = jobs.receive(10);
    assert_eq!(jobs.in_flight()[0].place, MessagePlace::InFlight { until: start + Duration::from_secs(30) });
    assert_eq!(received[0].place, jobs.in_flight()[0].place);
    let holds = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| jobs.assert_empty())).unwrap_err();
    let holds = holds.downcast_ref::<String>().unwrap();
    for line in [
        "\"first\" (received 1×, in flight until 2026-01-01T00:00:30Z)",
        "\"later\" (received 0×, delayed until 2026-01-01T00:01:00Z)",
    ] {
        assert!(holds.contains(line), "{holds}");
    }
    cloud.advance(Duration::from_secs(30)).await.assert_ok();
    assert!(jobs.in_flight().is_empty() && jobs.receive(10).is_empty(), "it was received too often");
    assert_eq!(jobs.dead_letters()[0].body, "first");
    dead.send("not of jobs");
    assert_eq!(jobs.dead_letters().len(), 1);
    assert!(dead.dead_letters().is_empty(), "it has no dead-letter queue itself");
    let sent_by = jobs.dead_letters()[0].sent_by.unwrap();
    let history = cloud.history();
    let led_to = history.led_to(sent_by);
    assert!(matches!(led_to[0].what, What::Request(_)) && led_to.len() > 1, "{led_to:?}");
    assert!(led_to.iter().any(|entry| matches!(&entry.what, What::Moved { to } if &**to == "jobs-dead")));
}
