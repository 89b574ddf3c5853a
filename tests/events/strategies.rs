//! The strategies: valid, never rejecting, reproducible, and shrinking to something that a person can read.
use lambda_testkit::event::invoke::{DestinationRecord, FunctionError, InvocationContext};
use lambda_testkit::event::{
    AccountId, BatchResponse, Event, EventBridgeEvent, Json, Nullable, Region, S3Event, S3EventBridgeEvent,
    S3EventName, ScheduledEvent, SnsEvent, SnsNotification, SqsEvent, TestEvent, VersionPolicy,
};
use lambda_testkit::schema;
use lambda_testkit::strategy::*;
use proptest::arbitrary::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Samples of each strategy in each test; the release check of 100,000 is in the ignored test below.
const SAMPLES: u64 = 300;

fn check_samples<S>(strategy: &S, count: u64, check: impl Fn(&serde_json::Value))
where
    S: Strategy,
    S::Value: Serialize + DeserializeOwned + PartialEq,
{
    for index in 0..count {
        let event = sample(strategy, 7, index);
        let text = serde_json::to_string(&event).unwrap();
        if let Err(errors) = schema::validate_bytes(text.as_bytes()) {
            panic!("event {index}: {errors}\n{text}");
        }
        let again: S::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{index}: {error}\n{text}"));
        assert!(again == event, "event {index} changed on its way through JSON: {text}");
        check(&serde_json::from_str(&text).unwrap());
    }
}

fn official<T: DeserializeOwned>(value: &serde_json::Value) {
    if let Err(error) = serde_json::from_value::<T>(value.clone()) {
        panic!("{error}: {value}");
    }
}

fn check_all(count: u64) {
    use aws_lambda_events::event::{cloudwatch_events, eventbridge, s3, sns, sqs};
    check_samples(&s3_event(), count, official::<s3::S3Event>);
    check_samples(&s3_event().from_the_future(), count, official::<s3::S3Event>);
    check_samples(&s3_eventbridge_event(s3_event()), count, official::<eventbridge::EventBridgeEvent>);
    check_samples(
        &s3_eventbridge_event(s3_event().unknown_members(1.0)),
        count,
        official::<eventbridge::EventBridgeEvent>,
    );
    check_samples(&s3_test_event().unknown_members(0.5), count, |_| {});
    check_samples(&sqs_event(), count, official::<sqs::SqsEvent>);
    check_samples(&sqs_event().unknown_members(1.0), count, official::<sqs::SqsEvent>);
    check_samples(&s3_event().via_sqs(), count, official::<sqs::SqsEvent>);
    check_samples(&batch_response(), count, official::<sqs::SqsBatchResponse>);
    check_samples(&scheduled_event(), count, official::<cloudwatch_events::CloudWatchEvent>);
    check_samples(&scheduled_event().unknown_members(1.0), count, official::<eventbridge::EventBridgeEvent>);
    check_samples(&destination_record().unknown_members(0.5), count, |_| {});
    check_samples(&function_error(), count, |_| {});
    check_samples(&sns_event().unknown_members(0.5), count, official::<sns::SnsEvent>);
    check_samples(&sns_notification().unknown_members(0.5), count, official::<sns::SnsMessage>);
    check_samples(&eventbridge_event().unknown_members(0.5), count, official::<eventbridge::EventBridgeEvent>);
    check_samples(&nested_event(), count, |_| {});
    check_samples(&any::<Event>(), count, |_| {});
}

#[test]
fn generated_events_validate_come_back_from_json_and_suit_the_official_types() {
    check_all(SAMPLES);
}

/// Run with `--release -- --ignored`.
#[test]
#[ignore = "takes minutes in a debug build"]
fn a_hundred_thousand_events_of_each_family_hold_too() {
    check_all(100_000);
    check_payloads_and_contexts(100_000);
    check_all_malformed(100_000);
}

#[test]
fn payloads_and_contexts_come_back_from_json() {
    check_payloads_and_contexts(SAMPLES);
}

fn check_payloads_and_contexts(count: u64) {
    for index in 0..count {
        for payload in [sample(&invoke_payload(), 7, index), sample(&scheduled_input(), 7, index)] {
            let text = payload.to_string();
            assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), payload);
            assert_eq!(schema::validate_bytes_as("invoke/payload", text.as_bytes()), Ok("invoke/payload"));
        }
        let context = sample(&invocation_context(), 7, index);
        let text = serde_json::to_string(&context).unwrap();
        assert_eq!(serde_json::from_str::<InvocationContext>(&text).unwrap(), context);
    }
}

/// The smallest value that fails, as proptest finds it.
pub(crate) fn minimal<S: Strategy>(strategy: &S, seed: u8, fails: impl Fn(&S::Value) -> bool) -> Option<S::Value> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let mut tree = strategy.new_tree(&mut runner).unwrap();
    if !fails(&tree.current()) {
        return None;
    }
    let mut more = tree.simplify();
    while more {
        more = if fails(&tree.current()) { tree.simplify() } else { tree.complicate() };
    }
    assert!(fails(&tree.current()), "shrinking ends at a value that fails");
    Some(tree.current())
}

#[test]
fn s3_events_shrink_to_one_record_with_a_short_readable_key() {
    let failing = (0..120).filter_map(|seed| {
        minimal(&s3_event(), seed, |event: &S3Event| {
            event.records.iter().any(|record| record.key().as_str().contains('+'))
        })
    });
    let minimal: Vec<_> = failing.collect();
    assert!(minimal.len() > 5, "plus signs are common");
    for event in minimal {
        assert_eq!(event.records.len(), 1);
        assert_eq!(event.records[0].key().as_str(), "+");
        assert_eq!(event.records[0].event_name.as_str(), "ObjectCreated:Put");
        assert_eq!(event.records[0].bucket(), "bucket");
        assert_eq!(event, S3Event::put("bucket", "+").build(), "all else is as the builder has it");
    }
}

/// Several pieces of text fail here, and so do several kinds: halving finds the simplest only by chance.
#[test]
fn the_simplest_of_several_choices_that_fail_is_found() {
    use lambda_testkit::event::ObjectKey;
    let pieces = (0..400).filter_map(|seed| {
        let seed = u8::try_from(seed % 256).unwrap();
        minimal(&any::<ObjectKey>(), seed, |key| key.as_str().contains('+') || key.as_str().contains("%20"))
    });
    let keys: Vec<_> = pieces.collect();
    assert!(keys.len() > 10 && keys.iter().all(|key| key.as_str() == "+"), "{keys:?}");

    let kinds = ["ObjectRemoved:Delete", "ObjectCreated:Put", "Replication:OperationMissedThreshold"];
    let wanted = |event: &S3Event| kinds.contains(&event.records[0].event_name.as_str());
    let found: Vec<_> = (0..60).filter_map(|seed| minimal(&s3_event(), seed, wanted)).collect();
    assert!(found.len() > 3, "the kinds are common");
    assert!(found.iter().all(|event| event.records[0].event_name.as_str() == "ObjectCreated:Put"), "{found:?}");
}

#[test]
fn two_records_are_kept_where_two_are_needed() {
    let duplicate =
        |event: &S3Event| event.records.iter().enumerate().any(|(at, record)| event.records[..at].contains(record));
    let found = (0..200).find_map(|seed| minimal(&s3_event(), seed, duplicate)).expect("duplicates are common");
    assert_eq!(found.records.len(), 2);
    assert_eq!(found.records[0], found.records[1]);
}

fn check_malformed<S>(events: S, count: u64)
where
    S: Strategy,
    S::Value: Serialize,
{
    let documents = malformed(events);
    for index in 0..count {
        let MalformedDocument { bytes, defect } = sample(&documents, 7, index);
        let text = String::from_utf8_lossy(&bytes);
        match schema::validate_bytes(&bytes) {
            Ok(name) => assert!(!defect.must_reject, "accepted as {name} in spite of {defect}: {text}"),
            Err(errors) => {
                assert!(defect.must_reject, "rejected because of {defect}: {errors}\n{text}");
                let place = |error: &schema::ValidationError| (error.pointer().to_owned(), error.offset());
                let places: Vec<_> = errors.iter().map(place).collect();
                let label = (defect.pointer.clone(), defect.offset);
                assert!(places.contains(&label), "{defect} was reported as {errors}\n{text}");
                // Only where the document has lost what tells it apart, other places are named too.
                assert!(
                    places.len() == 1 || errors.looks_like().is_none(),
                    "{defect} was reported as {errors}\n{text}"
                );
            }
        }
    }
}

fn check_all_malformed(count: u64) {
    check_malformed(s3_event(), count);
    check_malformed(s3_eventbridge_event(s3_event()), count);
    check_malformed(s3_test_event(), count);
    check_malformed(sqs_event(), count);
    check_malformed(s3_event().via_sqs().unknown_members(0.5), count);
    check_malformed(scheduled_event(), count);
    check_malformed(destination_record(), count);
    check_malformed(function_error(), count);
    check_malformed(batch_response(), count);
    check_malformed(sns_notification(), count);
    check_malformed(sns_event(), count);
    check_malformed(eventbridge_event(), count);
    check_malformed(lambda_results(), count);
}

/// Destination records on EventBridge.
fn lambda_results() -> impl Strategy<Value = EventBridgeEvent<Json>> {
    let bus = "arn:aws:events:us-east-1:111111111111:event-bus/default".parse().unwrap();
    destination_record().prop_map(move |record| {
        let text = serde_json::to_string(&record.to_event_bridge(&bus)).unwrap();
        serde_json::from_str(&text).unwrap()
    })
}

#[test]
fn every_malformed_document_is_rejected_exactly_where_its_label_says() {
    check_all_malformed(SAMPLES);
}

#[test]
fn sqs_events_shrink_to_one_message_with_the_smallest_body_that_fails() {
    let shouts = |event: &SqsEvent| event.records.iter().any(|record| record.body.contains('\r'));
    let minimal: Vec<_> = (0..60).filter_map(|seed| minimal(&sqs_event(), seed, shouts)).collect();
    assert!(minimal.len() > 3, "carriage returns are common");
    for event in minimal {
        assert_eq!(event.records.len(), 1);
        let record = &event.records[0];
        assert!(record.body.len() <= 4, "{:?}", record.body);
        assert!(record.message_attributes.is_empty());
        assert_eq!(record.attributes.sequence_number, None, "a standard queue is the simpler one");
        assert_eq!(record.attributes.approximate_receive_count, 1);
    }
}

#[test]
fn other_strategies_shrink_to_their_simplest_values() {
    let event = minimal(&scheduled_event(), 3, |_| true).unwrap();
    assert_eq!(event.resources, ["arn:aws:events:us-east-1:111111111111:rule/a"]);
    assert_eq!(minimal(&invoke_payload(), 3, |_| true).unwrap().to_string(), "{}");
    assert_eq!(minimal(&batch_response(), 3, |_| true).unwrap(), BatchResponse::success());
    let document = minimal(&malformed(s3_event()), 3, |_| true).unwrap();
    let whole = minimal(&s3_event(), 3, |_| true).unwrap();
    assert!(document.bytes.len() < serde_json::to_vec(&whole).unwrap().len() + 300, "{document:?}");
}

/// What proptest asks of a value tree: `simplify` and `complicate` come to an end, change the value when they say so, and
/// leave it alone when they do not.
fn check_tree<S>(strategy: &S, trees: u8)
where
    S: Strategy,
    S::Tree: Clone,
    S::Value: PartialEq,
{
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng);
    for _ in 0..trees {
        let mut tree = strategy.new_tree(&mut runner).unwrap();
        assert!(tree.current() == tree.current(), "asking twice gives the same value");
        let mut steps = 0;
        loop {
            let before = tree.clone();
            if !tree.simplify() {
                assert!(tree.current() == before.current(), "nothing was simplified");
                break;
            }
            if steps < 3 {
                let mut passing = tree.clone();
                assert!(passing.complicate(), "a simplification can be taken back");
                let mut attempts = 0;
                while passing.complicate() {
                    attempts += 1;
                    assert!(attempts < 65_536, "complicate comes to an end");
                }
                assert!(passing.current() == before.current(), "nothing simpler failed: the last failure stays");
            }
            steps += 1;
            assert!(steps < 65_536, "simplify comes to an end");
        }
    }
}

#[test]
fn value_trees_keep_proptests_contract() {
    check_tree(&s3_event(), 10);
    check_tree(&sqs_event().bodies(["a", "b"]), 10);
    check_tree(&scheduled_event(), 10);
    check_tree(&destination_record(), 10);
    check_tree(&nested_event(), 5);
    check_tree(&s3_event().via_sqs(), 5);
    check_tree(&object_body().kinds([BodyKind::Text, BodyKind::Binary, BodyKind::CutUtf8]), 10);
    check_tree(&start_time(), 10);
    check_tree(&any::<Event>(), 5);
}

#[test]
fn fuzzer_input_of_any_length_becomes_an_event_at_once() {
    let long = vec![0x5a; 64 * 1024];
    let start = std::time::Instant::now();
    let mut events = Vec::new();
    for input in [&b""[..], b"\0", &long, &long[1..]] {
        events.push(from_bytes(&s3_event(), input));
        from_bytes(&s3_eventbridge_event(s3_event()), input);
        from_bytes(&s3_test_event(), input);
        from_bytes(&sqs_event(), input);
        from_bytes(&batch_response(), input);
        from_bytes(&scheduled_event(), input);
        from_bytes(&scheduled_input(), input);
        from_bytes(&invoke_payload(), input);
        from_bytes(&invocation_context(), input);
        from_bytes(&destination_record(), input);
        from_bytes(&function_error(), input);
        from_bytes(&sns_event(), input);
        from_bytes(&sns_notification(), input);
        from_bytes(&eventbridge_event(), input);
        from_bytes(&nested_event(), input);
        from_bytes(&s3_event().via_sqs(), input);
        from_bytes(&object_body(), input);
        from_bytes(&start_time(), input);
        from_bytes(&any::<Event>(), input);
        from_bytes(&malformed(sqs_event()), input);
    }
    // Endless loops are what is looked for: the limit is generous, for slow machines.
    assert!(start.elapsed() < std::time::Duration::from_secs(30));
    for (at, event) in events.iter().enumerate() {
        assert!(!events[..at].contains(event), "inputs differ, so do events");
    }
}

#[test]
fn a_generator_of_constant_bytes_ends() {
    for byte in [0, 0xff] {
        let rng = TestRng::from_seed(RngAlgorithm::PassThrough, &vec![byte; 100_000]);
        let mut runner = TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng);
        let event = s3_event().new_tree(&mut runner).unwrap().current();
        assert!((1..=10).contains(&event.records.len()));
    }
}

#[test]
fn samples_follow_from_seed_and_number_alone() {
    let strategy = s3_event();
    let row: Vec<S3Event> = (0..20).map(|index| sample(&strategy, 7, index)).collect();
    let backwards: Vec<S3Event> = (0..20).rev().map(|index| sample(&s3_event(), 7, index)).collect();
    assert!(row.iter().eq(backwards.iter().rev()));
    assert_ne!(sample(&strategy, 8, 0), row[0]);
}

#[test]
fn parameters_narrow_down_what_is_generated() {
    let account = AccountId::new("123456789012").unwrap();
    let region = Region::new("eu-west-3").unwrap();
    let strategy = s3_event()
        .kinds(["ObjectRemoved:Delete"])
        .buckets(["export"])
        .key_prefix("my files/")
        .key_suffix(".csv")
        .plain_keys()
        .records(2..=3)
        .versions([VersionPolicy::Legacy])
        .accounts([account.clone()])
        .regions([region.clone()]);
    for index in 0..100 {
        let event = sample(&strategy, 1, index);
        assert!((2..=3).contains(&event.records.len()));
        for record in &event.records {
            assert_eq!(record.event_name, S3EventName::ObjectRemovedDelete);
            assert_eq!((record.bucket(), &record.aws_region), ("export", &region));
            assert_eq!(record.event_version.to_string(), "2.1");
            let key = record.key();
            let middle = key.as_str().strip_prefix("my files/").unwrap().strip_suffix(".csv").unwrap();
            assert!(middle.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char)), "{middle}");
        }
    }
    let fixed =
        sqs_event().fifo().queues(["orders"]).bodies(["{}"]).messages(10..=10).accounts([account]).regions([region]);
    for index in 0..20 {
        let event = sample(&fixed, 1, index);
        assert_eq!(event.records.len(), 10);
        for record in &event.records {
            assert_eq!(record.body, "{}");
            assert_eq!(record.event_source_arn.to_string(), "arn:aws:sqs:eu-west-3:123456789012:orders.fifo");
        }
    }
    let digits =
        sqs_event().bodies_from(proptest::strategy::Strategy::prop_map(0..1000_u32, |number| number.to_string()));
    let event = sample(&digits, 1, 0);
    assert!(event.records.iter().all(|record| record.body.parse::<u32>().is_ok_and(|number| number < 1000)));
}

#[test]
#[should_panic(expected = "a strategy needs at least one of its buckets")]
fn an_empty_list_of_choices_is_refused() {
    let _ = s3_event().buckets([] as [&str; 0]);
}

#[test]
fn the_nasty_cases_do_occur() {
    let records: Vec<_> = (0..3000).flat_map(|index| sample(&s3_event(), 7, index).records).collect();
    let keys: Vec<String> = records.iter().map(|record| record.key().as_str().to_owned()).collect();
    for piece in [" ", "+", "%", "/", "..", "🦀", "e\u{301}", "\u{202e}", "\r\n"] {
        assert!(keys.iter().any(|key| key.contains(piece)), "{piece:?}");
    }
    assert!(keys.iter().any(|key| key.len() == 1024));
    for size in [0, 5_497_558_138_880, 53_687_091_200_000] {
        assert!(records.iter().any(|record| record.s3.object.size == Some(size)), "{size}");
    }
    for kind in S3EventName::all() {
        assert!(records.iter().any(|record| record.event_name == kind), "{kind}");
    }
    let events: Vec<S3Event> = (0..3000).map(|index| sample(&s3_event(), 7, index)).collect();
    assert!(events.iter().any(|event| event.records.len() == 10));
    assert!(events.iter().any(|event| {
        event.records.windows(2).any(|pair| pair[0].event_time.timestamp() > pair[1].event_time.timestamp())
    }));
    let batches: Vec<SqsEvent> = (0..3000).map(|index| sample(&sqs_event(), 7, index)).collect();
    let messages = || batches.iter().flat_map(|batch| &batch.records);
    assert!(batches.iter().any(|batch| batch.records.len() == 10));
    assert!(messages().any(|message| message.body.len() > 1_000_000));
    assert!(messages().any(|message| message.body.starts_with("{\"Records\":")));
    assert!(messages().any(|message| message.body.contains("\\\"log\\\"")));
    assert!(messages().any(|message| message.message_attributes.len() == 10));
    assert!(batches.iter().any(|batch| {
        batch
            .records
            .iter()
            .enumerate()
            .any(|(at, record)| batch.records[..at].iter().any(|earlier| earlier.message_id == record.message_id))
    }));
}

#[test]
fn the_rare_members_do_occur() {
    let records: Vec<_> = (0..3000).flat_map(|index| sample(&s3_event(), 7, index).records).collect();
    assert!(records.iter().any(|record| record.s3.object.version_id == Nullable::Null));
    let replications = || records.iter().filter_map(|record| record.replication_event_data.as_ref());
    assert!(replications().any(|data| data.replication_rule_id != "replicate-all"));
    assert!(replications().any(|data| data.s3_operation != "OBJECT_PUT"));
    let messages: Vec<_> = (0..500).flat_map(|index| sample(&sqs_event().fifo(), 7, index).records).collect();
    let sources: Vec<_> =
        messages.iter().filter_map(|message| message.attributes.dead_letter_queue_source_arn.as_ref()).collect();
    assert!(!sources.is_empty() && sources.iter().all(|arn| arn.resource().ends_with(".fifo")));
    let contexts: Vec<_> = (0..300).map(|index| sample(&invocation_context(), 7, index)).collect();
    assert!(contexts.iter().any(|context| context.trace_header.is_some()));
    let clients = || contexts.iter().filter_map(|context| context.client_context.as_ref());
    assert!(clients().any(|client| client.client.is_some()) && clients().any(|client| client.env.is_some()));
    let families: std::collections::HashSet<_> = (0..300)
        .map(|index| {
            let document = serde_json::to_value(sample(&nested_event(), 7, index)).unwrap();
            schema::detect(&document).unwrap().split('/').next().unwrap()
        })
        .collect();
    assert_eq!(families, ["eventbridge", "sns", "sqs"].into());
}

#[test]
#[should_panic(expected = "a strategy yields events of 1 to 10000 records, not 1..=18446744073709551615")]
fn more_records_than_an_event_can_have_are_refused() {
    let _ = s3_event().records(1..=usize::MAX);
}

fn check_part<T: proptest::arbitrary::Arbitrary + PartialEq>() {
    let strategy = any::<T>();
    let values: Vec<T> = (0..60).map(|index| sample(&strategy, 7, index)).collect();
    assert!(values.iter().any(|value| *value != values[0]), "{values:?}");
    let simplest = |seed| minimal(&strategy, seed, |_| true);
    assert_eq!(simplest(1), simplest(2), "every value shrinks to the same");
}

#[test]
fn every_part_of_an_event_is_arbitrary() {
    use lambda_testkit::event::invoke::ClientContext;
    use lambda_testkit::event::*;
    check_part::<ObjectKey>();
    check_part::<EncodedKey>();
    check_part::<Sequencer>();
    check_part::<AccountId>();
    check_part::<Region>();
    check_part::<Partition>();
    check_part::<Arn>();
    check_part::<PrincipalId>();
    check_part::<EventVersion>();
    check_part::<Time>();
    check_part::<S3EventName>();
    check_part::<StorageClass>();
    check_part::<AccessTier>();
    check_part::<S3Record>();
    check_part::<SqsRecord>();
    check_part::<MessageAttribute>();
    check_part::<DataType>();
    check_part::<ClientContext>();
    let families: Vec<_> = (0..100).map(|index| sample(&any::<Event>(), 7, index).family()).collect();
    assert!(Family::ALL.iter().all(|family| families.contains(family)), "{families:?}");
}

proptest::proptest! {
    #[test]
    fn every_event_type_is_arbitrary(
        s3: S3Event, bridge: S3EventBridgeEvent, test: TestEvent, sqs: SqsEvent, response: BatchResponse,
        scheduled: ScheduledEvent, sns: SnsEvent, notification: SnsNotification, record: DestinationRecord,
        error: FunctionError,
    ) {
        fn valid(event: &impl Serialize) -> bool {
            schema::validate(&serde_json::to_value(event).unwrap()).is_ok()
        }
        proptest::prop_assert!(valid(&s3) && valid(&bridge) && valid(&test) && valid(&sqs) && valid(&response));
        proptest::prop_assert!(valid(&scheduled) && valid(&sns) && valid(&notification) && valid(&record) && valid(&error));
    }
}

#[test]
fn keys_of_white_space_are_there_only_when_asked_for() {
    let is_blank = |event: &S3Event| event.records.iter().any(|record| record.key().as_str().trim().is_empty());
    let blanks = |events: &lambda_testkit::strategy::S3Events| {
        (0..5000).filter(|index| is_blank(&sample(events, 1, *index))).count()
    };
    assert_eq!(blanks(&s3_event()), 0);
    assert!(blanks(&s3_event().blank_keys()) > 0);
    // A prefix of white space needs another character.
    assert_eq!(blanks(&s3_event().key_prefix(" ")), 0);
}

#[test]
fn sequence_numbers_of_fifo_queues_have_twenty_digits() {
    for index in 0..500 {
        for record in sample(&sqs_event().fifo(), 1, index).records {
            let number = record.attributes.sequence_number.unwrap();
            assert!(number.len() == 20 && number.bytes().all(|byte| byte.is_ascii_digit()), "{number}");
        }
    }
}

#[test]
fn retentions_and_annotations_of_every_form_occur() {
    use lambda_testkit::event::EventHold;
    let records = |kind: &str| {
        let events = s3_event().kinds([kind]);
        (0..300).flat_map(|index| sample(&events, 1, index).records).collect::<Vec<_>>()
    };
    let retentions: Vec<_> =
        records("ObjectRetention:Put").into_iter().map(|record| record.object_retention_event_data.unwrap()).collect();
    assert!(retentions.iter().any(|data| data.event_hold.is_none()));
    assert!(retentions.iter().any(|data| data.event_hold == Some(EventHold::Off)));
    assert!(retentions.iter().filter_map(|data| data.event_hold_duration.as_ref()).any(|hold| hold.years.is_some()));
    let annotations = records("ObjectAnnotation:Put");
    assert!(annotations.iter().all(|record| record.s3.object_annotation.is_some()));
    let copies = records("ObjectCreated:Copy");
    let flags: Vec<_> = copies.iter().map(|record| record.s3.object.has_object_annotation).collect();
    assert!([None, Some(false), Some(true)].iter().all(|flag| flags.contains(flag)));
}
