//! What strategies put into events on demand, and what lies in the bucket.

use lambda_testkit::event::{Document, Members, MessageAttribute, S3Event, SqsEvent, TestEvent, ValueKind};
use lambda_testkit::strategy::*;
use proptest::strategy::Strategy;
use serde::Serialize;

use crate::strategies::minimal;

#[test]
fn notifications_of_s3_come_in_messages_and_so_does_the_test_event() {
    let uploads = s3_event().kinds(["ObjectCreated:Put"]).key_prefix("in/").unknown_members(0.0).via_sqs();
    let batches: Vec<SqsEvent> = (0..300).map(|index| sample(&uploads, 7, index)).collect();
    let (mut events, mut tests) = (Vec::new(), 0);
    for message in batches.iter().flat_map(|batch| &batch.records) {
        assert!(message.message_attributes.is_empty() && message.attributes.sequence_number.is_none());
        match serde_json::from_str::<S3Event>(&message.body) {
            Ok(event) => events.push(event),
            Err(_) => tests += usize::from(serde_json::from_str::<TestEvent>(&message.body).is_ok()),
        }
    }
    let messages: usize = batches.iter().map(|batch| batch.records.len()).sum();
    assert_eq!(events.len() + tests, messages, "there is nothing else");
    assert!(tests > messages / 20, "{tests} of {messages}");
    assert!(batches.iter().any(|batch| batch.records.len() > 3));
    assert!(events.iter().any(|event| event.records.len() > 3));
    let records = || events.iter().flat_map(|event| &event.records);
    assert!(records().all(|record| record.key().as_str().starts_with("in/")));
    assert!(!batches.iter().any(|batch| batch.to_text().contains("fieldFromTheFuture")), "off is off, inside too");
    let simplest = minimal(&s3_event().via_sqs(), 1, |_| true).unwrap();
    assert_eq!(simplest, S3Event::put("bucket", "a").build().in_sqs());
}

#[test]
fn an_event_that_no_message_has_room_for_loses_records() {
    let large = s3_event().records(4000..=4000).via_sqs().messages(1..=1);
    let batch = sample(&large, 7, 1);
    let event: S3Event = serde_json::from_str(&batch.records[0].body).unwrap();
    assert!((100..4000).contains(&event.records.len()), "{}", event.records.len());
}

#[test]
fn suffixes_come_in_every_case() {
    let strategy = s3_event().key_suffix_in_any_case(".csv");
    let ends: Vec<String> = (0..300)
        .flat_map(|index| sample(&strategy, 7, index).records)
        .map(|record| record.key().as_str()[record.key().as_str().len() - 4..].to_owned())
        .collect();
    assert!(ends.iter().all(|end| end.eq_ignore_ascii_case(".csv")), "{ends:?}");
    for wanted in [".csv", ".CSV", ".Csv", ".cSv"] {
        assert!(ends.iter().any(|end| end == wanted), "{wanted}");
    }
    let simplest = minimal(&strategy, 1, |_| true).unwrap();
    assert_eq!(simplest.records[0].key().as_str(), "a.csv");
    let capitals = |event: &S3Event| !event.records[0].key().as_str().ends_with(".csv");
    let failing = (0..100).find_map(|seed| minimal(&strategy, seed, capitals)).unwrap();
    assert_eq!(failing.records[0].key().as_str(), "a.CSV");
    let umlaut = s3_event().key_suffix_in_any_case(".ärz");
    assert!((0..200).all(|index| sample(&umlaut, 7, index).records[0].key().as_str().contains(".ä")));
}

#[test]
fn an_attribute_of_a_name_comes_in_every_type() {
    let strategy = sqs_event().attribute("tenant").attribute("kind");
    let messages: Vec<_> = (0..400).flat_map(|index| sample(&strategy, 7, index).records).collect();
    for name in ["tenant", "kind"] {
        let types: Vec<_> =
            messages.iter().map(|message| message.message_attributes.get(name).unwrap().data_type()).collect();
        for kind in [ValueKind::String, ValueKind::Number, ValueKind::Binary] {
            let of_kind = || types.iter().filter(|data_type| data_type.kind() == kind);
            assert!(of_kind().any(|data_type| data_type.label().is_none()), "{kind:?}");
            assert!(of_kind().any(|data_type| data_type.label().is_some()), "{kind:?} with a label");
        }
    }
    assert!(messages.iter().any(|message| message.message_attributes.len() == 10));
    assert!(messages.iter().all(|message| message.message_attributes.len() <= 10));
    let set: Members<MessageAttribute> = [("a", MessageAttribute::number(1))].into_iter().collect();
    let both = sample(&sqs_event().attributes([set]).attribute("tenant"), 7, 0);
    let names: Vec<_> = both.records[0].message_attributes.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "tenant"]);
}

#[test]
#[should_panic(expected = "a message has at most 10 attributes, not 11")]
fn an_eleventh_attribute_is_refused() {
    let ten: Members<MessageAttribute> = (0..10).map(|n| (format!("n{n}"), MessageAttribute::number(n))).collect();
    let _ = sqs_event().attributes([ten]).attribute("tenant");
}

#[test]
#[should_panic(expected = "AWS")]
fn a_name_that_no_attribute_may_have_is_refused() {
    let _ = sqs_event().attribute("AWS.tenant");
}

/// How many of 600 samples carry a member that nobody knows.
fn unknown<S>(strategy: &S) -> usize
where
    S: Strategy,
    S::Value: Serialize,
{
    let text = |index| serde_json::to_string(&sample(strategy, 7, index)).unwrap();
    (0..600).filter(|index| text(*index).contains("fieldFromTheFuture")).count()
}

macro_rules! check_shares {
    ($($strategy:expr),* $(,)?) => {
        $(
            let name = stringify!($strategy);
            let (by_default, half) = (unknown(&$strategy), unknown(&$strategy.unknown_members(0.5)));
            assert!((2..=120).contains(&by_default), "{name}: {by_default}");
            assert!(half > 240, "{name}: {half}");
            assert_eq!(unknown(&$strategy.unknown_members(0.0)), 0, "{name}");
        )*
    };
}

#[test]
fn members_that_nobody_knows_come_rarely_always_or_never() {
    check_shares!(
        s3_event(),
        s3_test_event(),
        sqs_event().bodies(["a"]),
        scheduled_event(),
        sns_notification(),
        sns_event(),
        eventbridge_event(),
        destination_record(),
    );
    let bridge = |share| unknown(&s3_eventbridge_event(s3_event().unknown_members(share)));
    assert_eq!((bridge(0.0), bridge(1.0)), (0, 600));
    assert_eq!(unknown(&nested_event().unknown_members(0.0)), 0);
    assert!(unknown(&nested_event()) > 0);
    let all = sample(&sqs_event().unknown_members(1.0).messages(10..=10), 7, 0);
    assert!(all.records.iter().all(|record| !record.unknown.is_empty()));
    let lost = |event: &S3Event| !event.records[0].unknown.is_empty();
    let failing = (0..=255).find_map(|seed| minimal(&s3_event(), seed, lost)).unwrap();
    let printed = format!("{failing:?}");
    assert!(printed.contains(".with_member(\"/Records/0/fieldFromTheFuture1\", json!(null))"), "{printed}");
}

#[test]
#[should_panic(expected = "a share is a number from 0 to 1, not 2")]
fn a_share_above_one_is_refused() {
    let _ = s3_event().unknown_members(2.0);
}

#[test]
fn bodies_are_what_their_kind_says() {
    let of = |kind| (0..100).map(move |index| sample(&object_body().kinds([kind]), 7, index).into_bytes());
    let utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned);
    assert!(of(BodyKind::Text).all(|bytes| utf8(&bytes).is_ok_and(|text| !text.contains('\r'))));
    assert!(of(BodyKind::Empty).all(|bytes| bytes.is_empty()));
    assert!(of(BodyKind::Json).all(|bytes| {
        utf8(&bytes).unwrap().lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
    }));
    assert!(of(BodyKind::Crlf).all(|bytes| {
        let text = utf8(&bytes).unwrap();
        text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n'])
    }));
    let marks: Vec<_> = of(BodyKind::ByteOrderMark).map(|bytes| bytes[..2].to_vec()).collect();
    for mark in [[0xef, 0xbb], [0xff, 0xfe], [0xfe, 0xff]] {
        assert!(marks.iter().any(|bytes| *bytes == mark), "{mark:x?}");
    }
    for bytes in of(BodyKind::ShiftJis) {
        let (text, _, errors) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!errors && !text.is_ascii() && utf8(&bytes).is_err(), "{text}");
    }
    for bytes in of(BodyKind::CutUtf8) {
        let error = utf8(&bytes).unwrap_err();
        assert_eq!(error.error_len(), None, "it ends too early, and is good up to there: {bytes:x?}");
    }
    assert!(of(BodyKind::Binary).any(|bytes| utf8(&bytes).is_err()));
    let large = sample(&object_body().kinds([BodyKind::AboveOnePart]), 7, 0);
    assert!((5_242_881..5_300_000).contains(&large.len()), "{}", large.len());
    let printed = format!("{large:?}");
    assert!(printed.len() < 200 && printed.contains(".repeat("), "{printed}");
}

#[test]
fn every_kind_of_body_occurs_and_the_large_one_rarely() {
    let kinds: Vec<BodyKind> = (0..3000).map(|index| sample(&object_body(), 7, index).kind()).collect();
    for kind in BodyKind::ALL {
        let count = kinds.iter().filter(|other| **other == kind).count();
        let expected = if kind == BodyKind::AboveOnePart { 1..=20 } else { 200..=700 };
        assert!(expected.contains(&count), "{kind:?}: {count}");
    }
}

#[test]
fn bodies_shrink_to_small_and_simple_ones() {
    let found = |fails: fn(&ObjectBody) -> bool| {
        let bodies: Vec<_> = (0..80).filter_map(|seed| minimal(&object_body(), seed, fails)).collect();
        assert!(!bodies.is_empty());
        bodies.iter().map(|body| format!("{body:?}")).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(found(|_| true).into_iter().collect::<Vec<_>>(), ["\"a\".as_bytes()"]);
    assert_eq!(found(|body| body.is_empty()).into_iter().collect::<Vec<_>>(), ["\"\".as_bytes()"]);
    for printed in found(|body| std::str::from_utf8(body).is_err()) {
        assert!(printed.len() < 40, "{printed}");
    }
    for printed in found(|body| body.contains(&b'\r')) {
        assert!(printed.len() < 40, "{printed}");
    }
    let large = minimal(&object_body().kinds([BodyKind::AboveOnePart]), 1, |_| true).unwrap();
    assert_eq!(format!("{large:?}"), "(\"a\\n\".repeat(2621441)).into_bytes()");
}
