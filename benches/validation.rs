//! Validating events beside parsing the same bytes with `serde_json`.
//!
//! Each group has three lines: `parse` is the measure; `validate` checks a value that was parsed before;
//! `validate-bytes` does both, and looks for repeated members. The goal is at most 2 times `parse`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lambda_testkit::schema;
use lambda_testkit::strategy::{destination_record, s3_event, sample, scheduled_event, sqs_event};
use proptest::strategy::Strategy;
use serde::Serialize;
use serde_json::Value;

const EVENTS: u64 = 1000;

fn beside_parsing<S>(criterion: &mut Criterion, family: &str, events: &S)
where
    S: Strategy,
    S::Value: Serialize,
{
    let texts: Vec<_> = (0..EVENTS)
        .map(|index| serde_json::to_vec(&sample(events, 7, index)).expect("events have a JSON form"))
        .collect();
    let values: Vec<Value> = texts.iter().map(|text| serde_json::from_slice(text).expect("it is JSON")).collect();
    let bytes: usize = texts.iter().map(Vec::len).sum();
    let mut group = criterion.benchmark_group(family);
    group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap_or(u64::MAX)));
    // All events in one turn: their sizes differ too much for any few of them to stand for the rest.
    group.bench_function("parse", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                drop(black_box(serde_json::from_slice::<Value>(text)));
            }
        });
    });
    group.bench_function("validate", |bencher| {
        bencher.iter(|| values.iter().filter(|value| schema::validate(black_box(value)).is_err()).count());
    });
    group.bench_function("validate-bytes", |bencher| {
        bencher.iter(|| texts.iter().filter(|text| schema::validate_bytes(black_box(text)).is_err()).count());
    });
    group.finish();
}

fn validation(criterion: &mut Criterion) {
    beside_parsing(criterion, "s3", &s3_event());
    beside_parsing(criterion, "sqs", &sqs_event());
    beside_parsing(criterion, "scheduled", &scheduled_event());
    beside_parsing(criterion, "destination", &destination_record());
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = validation
}
criterion_main!(benches);
