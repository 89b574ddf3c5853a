//! Generating events beside printing the same events with `serde_json`.
//!
//! Each group has two lines, `generate` and `serialise`; the quotient of their times is the ratio to watch. The goal
//! for S3 events is at most 10.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lambda_testkit::strategy::{destination_record, invoke_payload, s3_event, sample, scheduled_event, sqs_event};
use proptest::strategy::Strategy;
use serde::Serialize;

const EVENTS: u64 = 1000;

fn beside_serialising<S>(criterion: &mut Criterion, family: &str, events: &S)
where
    S: Strategy,
    S::Value: Serialize,
{
    let made: Vec<_> = (0..EVENTS).map(|index| sample(events, 7, index)).collect();
    let mut group = criterion.benchmark_group(family);
    group.throughput(Throughput::Elements(EVENTS));
    // All events in one turn: their sizes differ too much for any few of them to stand for the rest.
    group.bench_function("generate", |bencher| {
        bencher.iter(|| (0..EVENTS).for_each(|index| drop(black_box(sample(events, 7, index)))));
    });
    group.bench_function("serialise", |bencher| {
        bencher.iter(|| {
            for event in &made {
                black_box(serde_json::to_vec(event).expect("events have a JSON form"));
            }
        });
    });
    group.finish();
}

fn generation(criterion: &mut Criterion) {
    beside_serialising(criterion, "s3", &s3_event());
    beside_serialising(criterion, "sqs", &sqs_event());
    beside_serialising(criterion, "scheduled", &scheduled_event());
    beside_serialising(criterion, "invoke", &invoke_payload());
    beside_serialising(criterion, "destination", &destination_record());
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = generation
}
criterion_main!(benches);
