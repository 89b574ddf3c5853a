//! What `Debug` prints of an event is Rust code that builds it again. The code is compiled here.

use std::fmt::Debug;

use lambda_testkit::event::*;
use lambda_testkit::strategy::*;
use lambda_testkit::{fixture, strategy};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::json;

/// Events of every kind, each of which is printed and built again.
struct Printed {
    s3: Vec<S3Event>,
    sqs: Vec<SqsEvent>,
    scheduled: Vec<ScheduledEvent>,
    tests: Vec<TestEvent>,
    custom: Vec<EventBridgeEvent<Json>>,
    bridge: Vec<S3EventBridgeEvent>,
}

/// Generated events, but for those of which a text is cut.
fn generated() -> Printed {
    fn some<S: proptest::strategy::Strategy>(strategy: &S, count: u64) -> Vec<S::Value> {
        let events = (0..count).map(|index| strategy::sample(strategy, 8, index));
        events.filter(|event| !format!("{event:?}").contains(" bytes in all")).collect()
    }
    let kinds = (0..).zip(S3EventName::all());
    let one = |(index, kind)| strategy::sample(&s3_event().kinds([kind]).records(1..=1), 8, index);
    let mut s3: Vec<S3Event> = kinds.map(one).collect();
    s3.extend(some(&s3_event().records(2..=2), 2));
    s3.extend(some(&s3_event().records(1..=1).from_the_future(), 2));
    s3.extend(some(&s3_event().records(1..=1).key_prefix("in/").key_suffix_in_any_case(".csv"), 2));
    let mut sqs = some(&sqs_event().messages(1..=2), 12);
    sqs.extend(some(&s3_event().records(1..=1).via_sqs().messages(1..=2), 3));
    sqs.extend(some(&sqs_event().attribute("tenant").unknown_members(1.0).messages(1..=1), 4));
    Printed {
        s3,
        sqs,
        scheduled: some(&scheduled_event().unknown_members(0.3), 6),
        tests: some(&s3_test_event().unknown_members(0.3), 3),
        custom: some(&eventbridge_event().unknown_members(0.3), 4),
        bridge: some(&s3_eventbridge_event(s3_event()), 6),
    }
}

fn code(events: &Printed) -> String {
    fn list(events: &[impl Debug]) -> String {
        events.iter().map(|event| format!("{event:?},\n")).collect()
    }
    let Printed { s3, sqs, scheduled, tests, custom, bridge } = events;
    let lists = [
        ("s3", list(s3)),
        ("sqs", list(sqs)),
        ("scheduled", list(scheduled)),
        ("tests", list(tests)),
        ("custom", list(custom)),
        ("bridge", list(bridge)),
    ];
    let fields: String = lists.iter().map(|(name, list)| format!("{name}: vec![\n{list}],\n")).collect();
    format!("Printed {{\n{fields}}}\n")
}

/// `INSTA_UPDATE=always` writes what is printed now. It is compiled from then on.
#[test]
fn what_is_printed_of_generated_events_compiles_and_builds_them() {
    let events = generated();
    insta::assert_binary_snapshot!("printed.rs", code(&events).into_bytes());
    let built: Printed = include!("snapshots/events__printed__printed.snap.rs");
    assert_eq!(built.s3, events.s3);
    assert_eq!(built.sqs, events.sqs);
    assert_eq!(built.scheduled, events.scheduled);
    assert_eq!(built.tests, events.tests);
    assert_eq!(built.custom, events.custom);
    assert_eq!(built.bridge, events.bridge);
}

/// That the code builds the event is checked when it is printed; no event of the strategies has none.
#[test]
fn every_generated_event_prints_as_code() {
    fn check<S: proptest::strategy::Strategy>(strategy: &S, types: &[&str]) {
        for index in 0..100 {
            let code = format!("{:?}", strategy::sample(strategy, 9, index));
            assert!(types.iter().any(|name| code.starts_with(&format!("{name}::"))), "{index}: {code}");
            assert!(code.len() < 70_000, "{index}: {} bytes", code.len());
        }
    }
    check(&s3_event(), &["S3Event"]);
    check(&s3_event().from_the_future(), &["S3Event"]);
    check(&sqs_event(), &["SqsEvent", "S3Event"]);
    check(&s3_event().via_sqs(), &["S3Event", "TestEvent"]);
    check(&scheduled_event(), &["ScheduledEvent"]);
    check(&s3_test_event(), &["TestEvent"]);
    check(&eventbridge_event(), &["EventBridgeEvent"]);
    check(&s3_eventbridge_event(s3_event()), &["S3Event"]);
    check(&proptest::arbitrary::any::<S3Record>(), &["S3Event"]);
    check(&proptest::arbitrary::any::<SqsRecord>(), &["SqsEvent", "S3Event"]);
}

fn squeezed(code: &str) -> String {
    code.replace([' ', '\n'], "").replace(",)", ")")
}

/// Each prints as it stands here.
macro_rules! print_as_they_are {
    ($($event:expr;)*) => {
        $(assert_eq!(squeezed(&format!("{:?}", $event)), squeezed(stringify!($event)));)*
    };
}

#[test]
fn events_print_as_a_person_would_write_them() {
    print_as_they_are! {
        S3Event::put("bucket", "in/+").build();
        S3Event::delete("bucket", "a b").region("eu-central-1").version_id("v1").build();
        S3Event::builder("ObjectRestore:Completed", "bucket", "a").storage_class("DEEP_ARCHIVE").build();
        S3Event::put("bucket", "a").record(S3Event::put("bucket", "b").size(0)).build();
        S3Event::put("bucket", "a").build().with_member("/Records/0/s3/object/checksum", json!({"crc64": [1, null]}));
        S3Event::put("bucket", "a").build().without_member("/Records/0/s3/object/eTag");
        S3Event::put("bucket", "a").build().records.remove(0);
        SqsEvent::message("disk full").queue("alarms").attribute("n", MessageAttribute::number("7")).build();
        SqsEvent::message("a").fifo("group", "id").batching_window().build();
        S3Event::put("bucket", "in/+").build().sqs_message().receive_count(2).build();
        TestEvent::new("my-bucket").sqs_message().record(SqsEvent::message("a".repeat(1000))).build();
        ScheduledEvent::rule("nightly").time("2026-03-29T00:59:59Z".parse().unwrap()).build();
        ScheduledEvent::scheduler("nightly").group("reports").build();
        TestEvent::new("my-bucket").request("ID", "HOST");
        S3Event::put("bucket", "in/+").build_event_bridge();
        S3Event::builder("LifecycleExpiration:Delete", "bucket", "a").build_event_bridge();
        EventBridgeEvent::custom("my.app", "order.created", json!({"id": 7}));
    }
}

#[test]
fn a_batch_that_repeats_a_message_says_so_briefly() {
    let strategy = sqs_event().standard().messages(2..=2);
    let twice = |event: &SqsEvent| event.records[0].message_id == event.records[1].message_id;
    let event = (0..100).find_map(|seed| crate::strategies::minimal(&strategy, seed, twice)).unwrap();
    let id = &event.records[0].message_id;
    let again = format!("SqsEvent::message(\"a\").message_id(\"{id}\").receive_count(2)");
    assert_eq!(squeezed(&format!("{event:?}")), squeezed(&format!("SqsEvent::message(\"a\").record({again}).build()")));
}

#[test]
fn what_no_builder_builds_prints_as_a_block() {
    let mut event = S3Event::put("bucket", "a").build();
    event.records.clear();
    assert_eq!(format!("{event:?}"), r#"S3Event {"Records": []}"#);
    let of_another_type: EventBridgeEvent<serde_json::Value> =
        EventBridgeEvent::custom("my.app", "order.created", json!({"id": 7})).to().unwrap();
    let printed = format!("{of_another_type:?}");
    assert!(printed.starts_with("EventBridgeEvent {\n  \"version\": \"0\", \"id\""), "{printed}");
    let many = SqsEvent::of((0..10_000).map(|_| SqsEvent::message("a").build().records.remove(0)));
    let printed = format!("{many:?}");
    assert!(printed.len() < 70_000 && printed.ends_with(" bytes in all"), "{}", printed.len());
}

#[test]
fn the_fixtures_print_so_that_they_fit_on_a_screen() {
    for name in fixture::names() {
        let text = fixture::get(name).unwrap();
        let printed = match name.split('/').next() {
            Some("s3") if name != "s3/test-event" => format!("{:?}", serde_json::from_str::<S3Event>(text).unwrap()),
            Some("sqs") if name != "sqs/batch-response" => {
                format!("{:?}", serde_json::from_str::<SqsEvent>(text).unwrap())
            }
            _ => continue,
        };
        assert!(printed.lines().count() <= 40, "{name}: {printed}");
    }
}

#[test]
fn proptest_prints_a_failing_event_as_the_code_that_builds_it() {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let in_plus = |event: S3Event| match event.records.iter().any(|record| record.key().as_str().contains('+')) {
        true => Err(TestCaseError::fail("a plus")),
        false => Ok(()),
    };
    let failure = runner.run(&s3_event().key_prefix("in/"), in_plus).unwrap_err().to_string();
    assert!(failure.contains("minimal failing input: S3Event::put(\"bucket\", \"in/+\").build()"), "{failure}");
}
