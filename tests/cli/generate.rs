//! `event --random`: documents from the strategies.

use super::*;

#[test]
fn generated_events_are_valid_and_the_same_for_the_same_seed() {
    for family in
        [&["s3"][..], &["sqs"], &["scheduled"], &["s3", "--wrap", "sns,sqs", "put"], &["s3", "--wrap", "eventbridge"]]
    {
        let args = [&["event"][..], family, &["--random", "--seed", "7", "--count", "20"]].concat();
        let first = ok(&args);
        assert_eq!(first, ok(&args), "{family:?}");
        assert_eq!(first.lines().count(), 20);
        for line in first.lines() {
            Event::from_slice(line.as_bytes()).unwrap();
            schema::validate_bytes(line.as_bytes()).unwrap();
        }
        let other_seed = ok(&[&["event"][..], family, &["--random", "--seed", "8", "--count", "20"]].concat());
        assert_ne!(first, other_seed);
    }
    for kind in ["payload", "destination", "error", "context"] {
        let rows = ok(&["event", "invoke", kind, "--random", "--count", "20"]);
        assert!(rows.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{rows}");
    }
    assert_eq!(ok(&["event", "s3", "test-event", "--random"]).lines().count(), 1);
}

#[test]
fn options_narrow_down_generated_events() {
    let rows = ok(&[
        "event",
        "s3",
        "delete",
        "--random",
        "--count",
        "30",
        "--bucket",
        "bkt",
        "--key",
        "ü",
        "--region",
        "eu-central-1",
        "--event-version",
        "2.4",
    ]);
    for line in rows.lines() {
        for record in json(line)["Records"].as_array().unwrap() {
            assert_eq!(record["eventName"], "ObjectRemoved:Delete");
            assert_eq!(record["s3"]["bucket"]["name"], "bkt");
            assert_eq!(record["s3"]["object"]["key"], "%C3%BC");
            assert_eq!((&record["awsRegion"], &record["eventVersion"]), (&json("\"eu-central-1\""), &json("\"2.4\"")));
        }
    }
    let rows = ok(&["event", "sqs", "--random", "--count", "30", "--fifo", "--queue", "q.fifo", "--body", "b"]);
    for line in rows.lines() {
        assert_eq!(schema::validate(&json(line)), Ok("sqs/fifo"));
        assert!(json(line)["Records"].as_array().unwrap().iter().all(|record| record["body"] == "b"));
    }
    let rows = ok(&["event", "scheduled", "--random", "--count", "30", "--scheduler", "--name", "n"]);
    assert!(rows.lines().all(|line| line.contains("schedule/") && line.contains("/n\"")), "{rows}");
}

#[test]
fn settings_that_no_builder_takes_are_refused_before_generating() {
    fails(2, &["event", "s3", "--random", "--bucket", ""]);
    fails(2, &["event", "sqs", "--random", "--queue", "no spaces"]);
    fails(1, &["event", "sqs", "--random", "--body", ""]);
    fails(2, &["event", "sqs", "--random", "--fifo", "--queue", "standard"]);
    fails(2, &["event", "scheduled", "--random", "--name", "no spaces"]);
    fails(2, &["event", "s3", "replication-failed", "--random", "--wrap", "eventbridge"]);
    fails(2, &["event", "s3", "--random", "--size", "5"]);
    fails(2, &["event", "s3", "--seed", "5"]);
    fails(2, &["event", "s3", "--random", "--shard", "5/4"]);
}

#[test]
fn the_shards_one_behind_the_other_are_the_row() {
    let row = |more: &[&str]| ok(&[&["event", "s3", "--random", "--seed", "7", "--count", "103"], more].concat());
    let whole = row(&[]);
    assert_eq!(whole.lines().count(), 103);
    let shards: Vec<String> = (1..=4).map(|part| row(&["--shard", &format!("{part}/4")])).collect();
    assert!(shards.iter().all(|shard| (25..=26).contains(&shard.lines().count())));
    assert_eq!(shards.concat(), whole);
    let longer = ok(&["event", "s3", "--random", "--seed", "7", "--count", "110"]);
    assert!(longer.starts_with(&whole), "the count does not change the events");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = command(&["event", "s3", "--random", "--count", "1000000000"]).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(schema::validate_bytes(first.as_bytes()).err(), None);
    let run = finish(child);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "no panic, no message, no progress bar");
}

#[test]
fn rows_that_some_events_would_end_are_refused_or_made_of_others() {
    let message = fails(2, &["event", "sqs", "--random", "--count", "300", "--wrap", "eventbridge,sqs"]);
    assert!(message.contains("`event sqs --random` does not take `--wrap sqs`"), "{message}");
    let rows = ok(&["event", "invoke", "--random", "--count", "300", "--wrap", "eventbridge"]);
    assert_eq!(rows.lines().count(), 300);
    assert!(rows.lines().all(|row| json(row)["detail"].is_object()));
}
