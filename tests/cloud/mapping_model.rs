//! A queue's trigger against a model of each message's life: nothing is lost, nothing is done twice, counts are right, groups
//! keep their order, and dead letters die when they have been received as often as the queue says.
use crate::common::clock::seconds;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use lambda_testkit::event::BatchResponse;
use lambda_testkit::prelude::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The visibility timeout, and the function's own, in seconds. No window and no run together are longer than the first.
const VISIBILITY: i64 = 30;
const TIMEOUT: u64 = 5;

/// How a message fails that does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    /// The function names it, where its answer counts; else it fails as a whole.
    Reported,
    Error,
    Panic,
    TooSlow,
    /// The function names a message that is not there, where its answer counts.
    Nonsense,
}

#[derive(Debug, Clone)]
enum Step {
    Send {
        group: u8,
        /// At how many of its first receives it fails.
        fails: u64,
        how: How,
        /// Whether the filter does not let it through.
        unwanted: bool,
    },
    Advance(u64),
    /// The function's reserved concurrency; 0 throttles everything.
    Concurrency(u32),
    Enable(bool),
}

#[derive(Debug, Clone)]
struct Story {
    fifo: bool,
    reports: bool,
    filters: bool,
    batch_size: usize,
    window: u64,
    maximum: Option<usize>,
    max_receive_count: Option<u32>,
    /// How long a run takes that goes well.
    takes: u64,
    steps: Vec<Step>,
}

fn step() -> impl Strategy<Value = Step> {
    let how = prop_oneof![4 => Just(How::Reported), 1 => Just(How::Error), 1 => Just(How::Panic), 1 => Just(How::TooSlow), 1 => Just(How::Nonsense)];
    let fails = prop_oneof![3 => Just(0_u64), 2 => 1..5_u64];
    let unwanted = prop::bool::weighted(0.3);
    let send = (0..3_u8, fails, how, unwanted);
    prop_oneof![
        8 => send.prop_map(|(group, fails, how, unwanted)| Step::Send { group, fails, how, unwanted }),
        4 => (0..45_u64).prop_map(Step::Advance),
        1 => prop_oneof![Just(0_u32), Just(1), Just(2), Just(1_000)].prop_map(Step::Concurrency),
        1 => any::<bool>().prop_map(Step::Enable),
    ]
}

fn story() -> impl Strategy<Value = Story> {
    let kind = (any::<bool>(), any::<bool>(), any::<bool>());
    let window = prop_oneof![Just(0_u64), 1..20_u64];
    let limits = (1..12_usize, window, prop::option::of(2..4_usize), prop::option::of(1..4_u32), 0..3_u64);
    (kind, limits, prop::collection::vec(step(), 0..30)).prop_map(
        |((fifo, reports, filters), (batch_size, window, maximum, max_receive_count, takes), steps)| {
            let window = if fifo { 0 } else { window };
            let batch_size = if window == 0 { batch_size.min(10) } else { batch_size };
            Story { fifo, reports, filters, batch_size, window, maximum, max_receive_count, takes, steps }
        },
    )
}

/// What a message's body says of it.
fn body(number: usize, group: u8, fails: u64, how: How, unwanted: bool) -> Value {
    json!({ "number": number, "group": group, "fails": fails, "how": format!("{how:?}"), "unwanted": unwanted })
}

/// A run of the function.
#[derive(Debug, Clone)]
struct Run {
    began: Timestamp,
    ends: Timestamp,
    /// The messages with their receive counts, in order.
    batch: Vec<(usize, u64)>,
    /// Those that are not done.
    kept: BTreeSet<usize>,
}

/// What a function does with a batch, and which messages come back.
fn judge(records: &[(Value, u64)], fifo: bool, reports: bool) -> (How, BTreeSet<usize>) {
    let number = |body: &Value| usize::try_from(body["number"].as_u64().unwrap()).unwrap();
    let failing: Vec<_> = records.iter().filter(|(body, count)| *count <= body["fails"].as_u64().unwrap()).collect();
    let all = || records.iter().map(|(body, _)| number(body)).collect();
    let hows = [("Error", How::Error), ("Panic", How::Panic), ("TooSlow", How::TooSlow), ("Nonsense", How::Nonsense)];
    let worst = hows.into_iter().find(|(name, _)| failing.iter().any(|(body, _)| body["how"] == *name));
    match worst {
        Some((_, How::Nonsense)) | None if failing.is_empty() => (How::Reported, BTreeSet::new()),
        Some((_, How::Nonsense)) | None if !reports => (How::Error, all()),
        Some((_, how)) => (how, all()),
        None => {
            // To keep the order of a group, what comes after a failure is named with it.
            let mut stopped = BTreeSet::new();
            let kept = records.iter().filter(|(body, count)| {
                let group = body["group"].as_u64();
                let fails = *count <= body["fails"].as_u64().unwrap() || (fifo && stopped.contains(&group));
                if fails {
                    stopped.insert(group);
                }
                fails
            });
            (How::Reported, kept.map(|(body, _)| number(body)).collect())
        }
    }
}

/// What is known in the end.
#[derive(Debug, Default)]
struct Told {
    /// The groups of the messages, by number, and whether the filter lets them through.
    sent: Vec<(u8, bool)>,
    runs: Vec<Run>,
    /// What is in the dead-letter queue, with receive counts.
    dead: BTreeMap<usize, u32>,
    waiting: Vec<String>,
    missed: usize,
    /// Whether a message may have been received without a run of the function.
    unseen: bool,
}

async fn tell(cloud: &Cloud, story: &Story) -> Told {
    let name = |name: &str| if story.fifo { format!("{name}.fifo") } else { name.to_owned() };
    let (queue, dead) = (cloud.queue(&name("q")), cloud.queue(&name("dead")));
    if let Some(count) = story.max_receive_count {
        queue.dead_letter(&dead, count);
    }
    let runs = Arc::new(Mutex::new(Vec::<Run>::new()));
    let (log, clock, fifo, reports, takes) = (Arc::clone(&runs), cloud.clock(), story.fifo, story.reports, story.takes);
    let function = cloud.function("handler", move |event: SqsEvent| {
        let (log, clock) = (Arc::clone(&log), clock.clone());
        async move {
            let records = event.records.iter();
            let records: Vec<(Value, u64)> = records
                .map(|record| {
                    (serde_json::from_str(&record.body).unwrap(), record.attributes.approximate_receive_count)
                })
                .collect();
            let (how, kept) = judge(&records, fifo, reports);
            let lasts = if how == How::TooSlow { TIMEOUT } else { takes };
            let began = clock.now();
            let batch =
                records.iter().map(|(body, count)| (body["number"].as_u64().unwrap() as usize, *count)).collect();
            let ends = began + SignedDuration::from_secs(lasts as i64);
            log.lock().unwrap().push(Run { began, ends, batch, kept: kept.clone() });
            let sleeps = if how == How::TooSlow { 2 * TIMEOUT } else { takes };
            clock.sleep(seconds(sleeps)).await;
            match how {
                How::Error | How::TooSlow => Err("planned"),
                How::Panic => panic!("planned"),
                How::Nonsense => Ok(BatchResponse::failures(["no message has this id"])),
                How::Reported => {
                    let ids = event
                        .records
                        .iter()
                        .zip(&records)
                        .filter(|(_, (body, _))| kept.contains(&(body["number"].as_u64().unwrap() as usize)));
                    Ok(BatchResponse::failures(ids.map(|(record, _)| record.message_id.clone())))
                }
            }
        }
    });
    function.timeout(seconds(TIMEOUT));
    let mut settings = batch(story.batch_size).window(seconds(story.window));
    if story.reports {
        settings = settings.report_item_failures();
    }
    if story.filters {
        settings = settings.filter(json!({ "body": { "unwanted": [false] } }));
    }
    if let Some(most) = story.maximum {
        settings = settings.maximum_concurrency(most);
    }
    let trigger = queue.trigger(&function, settings);
    let mut told = Told::default();
    for step in &story.steps {
        match step {
            Step::Send { group, fails, how, unwanted } => {
                let number = told.sent.len();
                let body = body(number, *group, *fails, *how, *unwanted).to_string();
                if story.fifo {
                    queue.send_fifo(&group.to_string(), &number.to_string(), body);
                } else {
                    queue.send(body);
                }
                told.sent.push((*group, *unwanted && story.filters));
            }
            Step::Advance(time) => drop(cloud.try_advance(seconds(*time)).await.unwrap()),
            Step::Concurrency(most) => {
                told.unseen = true;
                function.concurrency(*most);
            }
            Step::Enable(true) => trigger.enable(),
            Step::Enable(false) => {
                // What waited for its batch was received for nothing.
                told.unseen |= story.window > 0;
                trigger.disable();
            }
        }
    }
    function.concurrency(1_000);
    trigger.enable();
    let _ = cloud.try_drain().await.unwrap();
    told.runs = runs.lock().unwrap().clone();
    let number = |body: &str| serde_json::from_str::<Value>(body).unwrap()["number"].as_u64().unwrap() as usize;
    told.dead = dead.messages().iter().map(|message| (number(&message.body), message.receive_count)).collect();
    told.waiting = queue.bodies();
    told.missed = trigger.decisions().iter().filter(|decision| decision.missed.is_some()).count();
    told
}

/// Follows each message through the runs.
fn check(story: &Story, told: &Told) -> Result<(), TestCaseError> {
    prop_assert!(told.waiting.is_empty(), "waiting: {:?}", told.waiting);
    let mut counts: BTreeMap<usize, (u64, Timestamp)> = BTreeMap::new();
    let mut done: BTreeSet<usize> = BTreeSet::new();
    let mut busy: BTreeMap<u8, Timestamp> = BTreeMap::new();
    for run in &told.runs {
        prop_assert!(!run.batch.is_empty() && run.batch.len() <= story.batch_size, "{:?}", run);
        let groups: BTreeSet<u8> = run.batch.iter().map(|(number, _)| told.sent[*number].0).collect();
        for (place, (number, count)) in run.batch.iter().enumerate() {
            let (group, unwanted) = told.sent[*number];
            prop_assert!(!unwanted, "{} was filtered out", number);
            prop_assert!(!done.contains(number), "{} was done before: {:?}", number, run);
            if let Some(most) = story.max_receive_count {
                prop_assert!(*count <= most.into(), "{} was received {} times", number, count);
            }
            let (before, at) = counts.get(number).copied().unwrap_or((0, Timestamp::MIN));
            if told.unseen {
                prop_assert!(*count > before, "{}: {} after {}", number, count, before);
            } else {
                prop_assert_eq!(*count, before + 1, "message {}", number);
            }
            if before > 0 && story.window == 0 {
                let pause = run.began.duration_since(at);
                prop_assert!(pause >= SignedDuration::from_secs(VISIBILITY), "{} came after {}", number, pause);
            }
            counts.insert(*number, (*count, run.began));
            if story.fifo {
                // Whatever was sent before in its group is settled, or goes before it in this batch.
                let earlier = (0..*number).filter(|other| told.sent[*other].0 == group);
                for other in earlier {
                    let received = counts.get(&other).map_or(0, |(count, _)| *count);
                    let is_worn_out = told.unseen || Some(received) == story.max_receive_count.map(u64::from);
                    let is_dead = told.dead.contains_key(&other) && is_worn_out;
                    let is_settled = done.contains(&other) || told.sent[other].1 || is_dead;
                    let is_before = run.batch[..place].iter().any(|(before, _)| *before == other);
                    prop_assert!(is_settled || is_before, "{} before {} in group {}", number, other, group);
                }
            }
        }
        if story.fifo {
            for group in groups {
                let free = busy.get(&group).copied().unwrap_or(Timestamp::MIN);
                prop_assert!(free <= run.began, "group {} is in two batches at once: {:?}", group, run);
                busy.insert(group, run.ends);
            }
        }
        done.extend(run.batch.iter().map(|(number, _)| *number).filter(|number| !run.kept.contains(number)));
    }
    // As many at once as the mapping says.
    let most = story.maximum.unwrap_or(usize::MAX).min(if story.fifo { usize::MAX } else { 5 });
    for run in &told.runs {
        let at_once = told.runs.iter().filter(|other| other.began <= run.began && run.began < other.ends).count();
        prop_assert!(at_once <= most, "{} at once", at_once);
    }
    for (number, (_, unwanted)) in told.sent.iter().enumerate() {
        let dead = told.dead.get(&number);
        let ends = [done.contains(&number), dead.is_some(), *unwanted && dead.is_none()];
        prop_assert_eq!(ends.iter().filter(|end| **end).count(), 1, "message {} ended as {:?}", number, ends);
        if let Some(count) = dead {
            prop_assert_eq!(Some(*count), story.max_receive_count, "message {} died", number);
            let seen = counts.get(&number).map_or(0, |(seen, _)| *seen);
            prop_assert!(told.unseen || seen == u64::from(*count), "message {} died after {} runs", number, seen);
        }
    }
    prop_assert_eq!(told.missed, told.sent.iter().filter(|(_, unwanted)| *unwanted).count());
    Ok(())
}

/// How many stories the gate tells; `PROPTEST_CASES` has another number told.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn every_message_lives_as_the_model_says(story in story()) {
        let told = Cloud::run(|cloud| {
            let story = story.clone();
            async move {
                let told = tell(&cloud, &story).await;
                cloud.discard();
                told
            }
        });
        check(&story, &told)?;
    }
}

/// The model itself would see a message that is done twice, lost, or too early.
#[test]
fn the_model_refuses_what_must_not_be() {
    let at = |second| Timestamp::from_second(1_767_225_600 + second).unwrap();
    let story = Story {
        fifo: true,
        reports: false,
        filters: false,
        batch_size: 2,
        window: 0,
        maximum: None,
        max_receive_count: Some(2),
        takes: 1,
        steps: Vec::new(),
    };
    let run = |began: i64, batch: &[(usize, u64)], kept: &[usize]| Run {
        began: at(began),
        ends: at(began + 1),
        batch: batch.to_vec(),
        kept: kept.iter().copied().collect(),
    };
    let told = |runs: &[Run]| Told { sent: vec![(0, false), (0, false)], runs: runs.to_vec(), ..Told::default() };
    let fine = [run(0, &[(0, 1)], &[0]), run(30, &[(0, 2)], &[]), run(31, &[(1, 1)], &[])];
    assert!(check(&story, &told(&fine)).is_ok());
    for (name, runs) in [
        ("twice", vec![run(0, &[(0, 1), (1, 1)], &[]), run(30, &[(0, 2)], &[])]),
        ("lost", vec![run(0, &[(0, 1)], &[])]),
        ("early", vec![run(0, &[(0, 1)], &[0]), run(29, &[(0, 2), (1, 1)], &[])]),
        ("count", vec![run(0, &[(0, 2), (1, 1)], &[])]),
        ("order", vec![run(0, &[(1, 1)], &[]), run(1, &[(0, 1)], &[])]),
        ("both at once", vec![run(0, &[(0, 1)], &[]), run(0, &[(1, 1)], &[])]),
        ("too large", vec![run(0, &[(0, 1), (1, 1), (1, 1)], &[])]),
    ] {
        assert!(check(&story, &told(&runs)).is_err(), "{name}");
    }
}
