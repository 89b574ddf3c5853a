//! The command line, by running the real binary.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use lambda_testkit::event::{Event, Family, S3Event, SqsEvent, unwrap};
use lambda_testkit::{fixture, schema};
use serde_json::Value;

/// What a run left behind. Every assertion about a code shows the output.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-testkit"));
    // No variable of the machine may change what is printed.
    command.env_clear().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn finish(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn run_with(args: &[&str], stdin: impl AsRef<[u8]>) -> Run {
    let mut child = command(args).spawn().unwrap();
    // A command that refuses its arguments does not read.
    drop(child.stdin.take().unwrap().write_all(stdin.as_ref()));
    finish(child)
}

fn run(args: &[&str]) -> Run {
    run_with(args, "")
}

/// The standard output of a run that must succeed in silence.
#[track_caller]
fn ok(args: &[&str]) -> String {
    let run = run(args);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    run.stdout
}

/// The standard error of a run that must fail with this code and print nothing else.
#[track_caller]
fn fails(code: i32, args: &[&str]) -> String {
    let run = run(args);
    assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{run:?}");
    run.stderr
}

#[track_caller]
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// An empty directory of the test's own.
fn directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    if directory.exists() {
        fs::remove_dir_all(&directory).unwrap();
    }
    fs::create_dir_all(&directory).unwrap();
    directory
}

#[test]
fn the_event_of_the_readme_is_the_fixture() {
    let printed = ok(&["event", "s3", "put", "--bucket", "export", "--key", "my files/ü+1.csv"]);
    assert_eq!(printed, fixture::get("s3/put").unwrap());
    assert_eq!(printed, ok(&["event", "s3"]), "the defaults");
    let on_one_line = ok(&["event", "s3", "--json"]);
    assert_eq!((on_one_line.lines().count(), json(&on_one_line)), (1, json(&printed)));
}

#[test]
fn every_kind_of_s3_event_prints_and_validates_as_itself() {
    let help = ok(&["event", "s3", "--help"]);
    let kinds = help.split("[possible values: ").nth(1).unwrap().split(']').next().unwrap();
    let kinds: Vec<&str> = kinds.split(',').map(str::trim).collect();
    assert_eq!(kinds.len(), 25);
    for kind in kinds {
        let event = ok(&["event", "s3", kind]);
        assert_eq!(schema::validate(&json(&event)), Ok(format!("s3/{kind}").as_str()), "{event}");
    }
}

#[test]
fn options_of_an_s3_event_end_up_in_its_records() {
    let printed = ok(&[
        "event",
        "s3",
        "restore-completed",
        "--bucket",
        "bkt",
        "--key",
        "a",
        "--key",
        "ü",
        "--size",
        "5",
        "--etag",
        "e",
        "--version-id",
        "v",
        "--sequencer",
        "0A",
        "--region",
        "eu-central-1",
        "--account",
        "222222222222",
        "--time",
        "2026-03-01T02:00:00Z",
        "--event-version",
        "2.5",
        "--aws-tag",
        "aws:x=y=z",
        "--storage-class",
        "DEEP_ARCHIVE",
        "--restore-expiry",
        "2026-03-02T00:00:00Z",
        "--configuration-id",
        "c",
    ]);
    let event = json(&printed);
    let keys: Vec<_> =
        event["Records"].as_array().unwrap().iter().map(|record| &record["s3"]["object"]["key"]).collect();
    assert_eq!(keys, ["a", "%C3%BC"]);
    for record in event["Records"].as_array().unwrap() {
        for (pointer, expected) in [
            ("/eventName", "ObjectRestore:Completed"),
            ("/eventVersion", "2.5"),
            ("/awsRegion", "eu-central-1"),
            ("/eventTime", "2026-03-01T02:00:00.000Z"),
            ("/s3/bucket/name", "bkt"),
            ("/s3/bucket/awsGeneratedTags/aws:x", "y=z"),
            ("/s3/object/eTag", "e"),
            ("/s3/object/versionId", "v"),
            ("/s3/object/sequencer", "0A"),
            ("/s3/configurationId", "c"),
            ("/glacierEventData/restoreEventData/lifecycleRestoreStorageClass", "DEEP_ARCHIVE"),
        ] {
            assert_eq!(record.pointer(pointer).and_then(Value::as_str), Some(expected), "{pointer} of {record}");
        }
        assert_eq!(record.pointer("/s3/object/size"), Some(&json("5")));
    }
    assert_eq!(json(&ok(&["event", "s3", "copy", "--event-version", "legacy"]))["Records"][0]["eventVersion"], "2.1");
}

#[test]
fn bodies_with_quotes_line_feeds_and_emoji_arrive_as_they_are() {
    let bodies =
        ["a \"quoted\" \\ body", "two\r\nlines\n", "{\"json\":\"in \\\"json\\\"\"}", "ü 😀 \u{202e}rtl", "@", "\t"];
    let file = directory("bodies").join("body.txt");
    for body in bodies {
        fs::write(&file, body).unwrap();
        let from_stdin = run_with(&["event", "sqs", "--body", "@-"], body);
        let mut printed = vec![from_stdin.stdout, ok(&["event", "sqs", "--body", &format!("@{}", file.display())])];
        if !body.starts_with('@') {
            printed.push(ok(&["event", "sqs", "--body", body]));
        }
        for text in printed {
            let event: SqsEvent = serde_json::from_str(&text).unwrap();
            assert_eq!(event.records[0].body, body);
            assert_eq!(schema::validate(&json(&text)), Ok("sqs/standard"));
        }
    }
}

#[test]
fn several_bodies_make_one_batch_with_the_attributes_on_each_message() {
    let text = ok(&[
        "event",
        "sqs",
        "--body",
        "one",
        "--body",
        "two",
        "--attribute",
        "who=ü",
        "--attribute",
        "n:Number.int=3",
        "--attribute",
        "b:Binary=AAE=",
        "--receive-count",
        "4",
        "--queue",
        "alarms",
        "--dead-letter-source",
        "arn:aws:sqs:us-east-1:111111111111:first",
        "--trace-header",
        "Root=1",
        "--group",
        "tenant",
    ]);
    let event: SqsEvent = serde_json::from_str(&text).unwrap();
    assert_eq!(event.records.iter().map(|record| record.body.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert_ne!(event.records[0].message_id, event.records[1].message_id);
    for record in &event.records {
        let types: Vec<_> = record.message_attributes.iter().map(|(_, value)| value.data_type().as_str()).collect();
        assert_eq!(types, ["String", "Number.int", "Binary"]);
        assert_eq!(record.attributes.approximate_receive_count, 4);
        assert_eq!(record.attributes.message_group_id.as_deref(), Some("tenant"));
        assert!(record.event_source_arn.to_string().ends_with(":alarms"));
    }
}

#[test]
fn fifo_messages_have_a_group_a_sequence_and_deduplication_ids_of_their_own() {
    let text = ok(&["event", "sqs", "--body", "same", "--body", "same", "--fifo"]);
    assert_eq!(schema::validate(&json(&text)), Ok("sqs/fifo"));
    let event: SqsEvent = serde_json::from_str(&text).unwrap();
    let ids: Vec<_> = event.records.iter().map(|record| &record.attributes.message_deduplication_id).collect();
    assert_ne!(ids[0], ids[1]);
    assert!(event.records.iter().all(|record| record.event_source_arn.to_string().ends_with(":queue.fifo")));
}

#[test]
fn what_sqs_would_not_take_is_bad_input() {
    for (body, message) in [(&b""[..], "is not empty"), (b"\0", "U+0000 at byte 0"), (b"\xff", "not UTF-8 from byte 0")]
    {
        let run = run_with(&["event", "sqs", "--body", "@-"], body);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
        assert!(run.stderr.contains(message), "{run:?}");
    }
    let run = run_with(&["event", "sqs", "--body", "@-"], "x".repeat(1_048_577));
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("1048577 bytes"), "{run:?}");
}

#[test]
fn schedules_send_their_event_or_their_input() {
    for (args, name) in [
        (&["event", "scheduled"][..], "scheduled/rule"),
        (&["event", "scheduled", "--scheduler"], "scheduled/scheduler-default"),
    ] {
        let text = ok(args);
        assert_eq!(text, fixture::get(name).unwrap(), "{name}");
    }
    let input = r#"{"z":"ü \"x\"","a":[1,2.5,null]}"#;
    assert_eq!(ok(&["event", "scheduled", "--json", "--input", input]).trim_end(), input);
    insta::assert_snapshot!(
        ok(&[
            "event", "scheduled", "--scheduler", "--group", "g", "--name", "n", "--time", "2026-03-01T02:00:00Z", "--json",
            "--input", r#"["<aws.scheduler.schedule-arn>","<aws.scheduler.scheduled-time>",<aws.scheduler.attempt-number>]"#,
        ]),
        @r#"["arn:aws:scheduler:us-east-1:111111111111:schedule/g/n","2026-03-01T02:00:00Z",1]"#
    );
    assert!(fails(1, &["event", "scheduled", "--input", "{"]).contains("is not JSON"));
    assert!(fails(1, &["event", "scheduled", "--input", r#"{"a":1,"a":2}"#]).contains("duplicate key \"a\""));
    assert!(fails(2, &["event", "scheduled", "--group", "g"]).contains("--scheduler"));
    assert!(fails(2, &["event", "scheduled", "--name", "no spaces"]).contains("\"no spaces\""));
}

#[test]
fn invocations_show_payload_record_error_and_context() {
    let payload = r#"{"user":"ü","list":[1]}"#;
    assert_eq!(ok(&["event", "invoke", "--json", "--payload", payload]).trim_end(), payload);
    let record = json(&ok(&["event", "invoke", "destination", "--payload", payload, "--response", "[true]"]));
    assert_eq!(record["requestPayload"], json(payload));
    assert_eq!(record["responsePayload"], json("[true]"));
    assert_eq!(record["requestContext"]["condition"], "Success");
    let record = json(&ok(&["event", "invoke", "destination", "--error", "boom", "--qualifier", "live"]));
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["responsePayload"]["errorMessage"], "boom");
    insta::assert_snapshot!(
        ok(&["event", "invoke", "error", "--error", "no such user", "--error-type", "NotFound", "--json"]),
        @r#"{"errorType":"NotFound","errorMessage":"no such user"}"#
    );
    let context = json(&ok(&["event", "invoke", "context", "--function", "check_users", "--qualifier", "7"]));
    assert_eq!(context["invokedFunctionArn"], "arn:aws:lambda:us-east-1:111111111111:function:check_users:7");
    assert!(fails(2, &["event", "invoke", "--error", "x"]).contains("`event invoke payload` does not take --error"));
}

#[test]
fn envelopes_go_around_the_event_from_the_inside_out() {
    let s3: S3Event = serde_json::from_str(&ok(&["event", "s3"])).unwrap();
    for (wrap, path, outer) in [
        ("sns", "sns[0]", "sns/event"),
        ("sqs", "sqs[0]", "sqs/standard"),
        ("sns,sqs", "sqs[0] > sns", "sqs/standard"),
        ("sqs,sns,sqs", "sqs[0] > sns > sqs[0]", "sqs/standard"),
    ] {
        let document = json(&ok(&["event", "s3", "put", "--wrap", wrap]));
        assert_eq!(schema::validate(&document), Ok(outer), "{wrap}");
        let found = unwrap(&document).unwrap();
        assert_eq!((found.len(), found[0].path().as_str()), (1, path));
        assert_eq!(found[0].to::<S3Event>().unwrap(), s3);
    }
    let document = json(&ok(&["event", "s3", "put", "--wrap", "eventbridge,sqs", "--account", "222222222222"]));
    let found = unwrap(&document).unwrap();
    assert_eq!((found[0].family, found[0].path().as_str()), (Family::S3EventBridge, "sqs[0]"));
    assert_eq!(found[0].document["account"], "222222222222");
    assert!(fails(2, &["event", "s3", "replication-failed", "--wrap", "eventbridge"]).contains("EventBridge"));
    assert!(fails(2, &["event", "s3", "test-event", "--wrap", "eventbridge"]).contains("EventBridge"));
}

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
fn validate_names_every_fixture() {
    let directory = directory("fixtures");
    let mut args = vec!["validate".to_owned()];
    let mut expected = String::new();
    for name in fixture::names().filter(|name| !matches!(*name, "invoke/payload" | "scheduled/custom-input")) {
        let file = directory.join(format!("{}.json", name.replace('/', "-")));
        fs::write(&file, fixture::get(name).unwrap()).unwrap();
        let file = file.to_str().unwrap().to_owned();
        // The schema of all S3 events on EventBridge is for those whose kind is not known.
        let name = if name == "eventbridge/s3-event" { "eventbridge/s3-object-created" } else { name };
        expected.push_str(&format!("{file}: {name}\n"));
        args.push(file);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert_eq!(ok(&args), expected);
}

#[test]
fn validate_reports_pointer_expected_and_found() {
    let broken = fixture::get("s3/put").unwrap().replace("\"size\": 1024", "\"size\": \"1024\"");
    let run = run_with(&["validate", "-"], &broken);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    insta::assert_snapshot!(run.stderr.trim_end(), @r#"
    -: the document looks like s3/put but is not valid
      at /Records/0/s3/object/size: expected a whole number of bytes, found "1024" (the event is ObjectCreated:Put)
    "#);
    let run = run_with(&["validate", "--json", "-"], &broken);
    assert_eq!(run.code, Some(1));
    let verdict = json(&run.stdout);
    assert_eq!(
        (&verdict["valid"], &verdict["event"], verdict.get("line")),
        (&Value::Bool(false), &json("\"s3/put\""), None)
    );
    assert_eq!(verdict["errors"][0]["pointer"], "/Records/0/s3/object/size");
    assert_eq!(verdict["errors"][0]["found"], "\"1024\"");
}

#[test]
fn lines_are_documents_of_their_own_with_their_numbers() {
    let lines = "\n{\"batchItemFailures\":[]}\r\n\n{\"batchItemFailures\":[{}]}\n{\"batchItemFailures\":[],\"batchItemFailures\":[]}\n{\"batch";
    let run = run_with(&["validate", "-"], lines);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), "-:2: sqs/batch-response\n"));
    insta::assert_snapshot!(run.stderr.trim_end(), @r"
    -:4: the document looks like sqs/batch-response but is not valid
      at /batchItemFailures/0/itemIdentifier: expected the member `itemIdentifier`, found nothing
    -:5: the document looks like sqs/batch-response but is not valid
      at /batchItemFailures: expected each member once, found the member twice in one object
    -:6: the document looks like no known event
      at byte 7: expected more text, found the end of the document
    3 of 4 documents are not valid
    ");
    let run = run_with(&["validate", "--json", "-"], lines);
    let numbers: Vec<Value> = run.stdout.lines().map(|line| json(line)["line"].clone()).collect();
    assert_eq!(numbers, [2, 4, 5, 6]);
}

#[test]
fn a_stream_with_a_broken_first_line_is_answered_before_its_end() {
    let mut child = command(&["validate", "--json", "-"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{\"batch\n").unwrap();
    // More than what the command keeps of its output, so that some of it must arrive; the input stays open.
    for _ in 0..2000 {
        stdin.write_all(b"{\"batchItemFailures\":[]}\n").unwrap();
    }
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let verdict = json(&first);
    assert_eq!((&verdict["line"], &verdict["valid"]), (&json("1"), &Value::Bool(false)));
    drop(stdin);
    child.wait().unwrap();
}

#[test]
fn rows_that_some_events_would_end_are_refused_or_made_of_others() {
    let message = fails(2, &["event", "sqs", "--random", "--count", "300", "--wrap", "eventbridge,sqs"]);
    assert!(message.contains("`event sqs --random` does not take `--wrap sqs`"), "{message}");
    let rows = ok(&["event", "invoke", "--random", "--count", "300", "--wrap", "eventbridge"]);
    assert_eq!(rows.lines().count(), 300);
    assert!(rows.lines().all(|row| json(row)["detail"].is_object()));
}

#[test]
fn a_broken_first_line_does_not_make_the_rest_one_document() {
    let run = run_with(&["validate", "-"], "{\"Records\": [\n{\"batchItemFailures\":[]}\n");
    assert_eq!(run.stdout, "-:2: sqs/batch-response\n");
    assert!(run.stderr.contains("-:1: "), "{run:?}");
    // A document that somebody wrote over several lines stays one, even if a line of it is an object.
    let run = run_with(&["validate", "-"], "{\"batchItemFailures\": [\n{\"itemIdentifier\":\"1\"}\n]}\n");
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "-: sqs/batch-response\n"));
    let run = run_with(&["validate", "-"], "{\n  \"batchItemFailures\": [\n");
    assert!(run.stderr.starts_with("-: ") && run.stderr.contains("at byte 27"), "{run:?}");
}

#[test]
fn a_stream_is_checked_before_it_ends() {
    let mut child = command(&["validate", "-"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{\"batchItemFailures\":[{}]}\n").unwrap();
    stdin.flush().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    stderr.read_line(&mut first).unwrap();
    assert!(first.starts_with("-:1: the document looks like sqs/batch-response"), "{first}");
    drop(stdin);
    assert_eq!(finish(child).code, Some(1));
}

#[test]
fn bytes_that_are_no_text_are_reported_with_their_offset() {
    let run = run_with(&["validate", "-"], b"{\"a\":\"\xff\"}");
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("at byte 6: expected UTF-8 text"), "{run:?}");
    for empty in ["", " \n\n"] {
        let run = run_with(&["validate", "-"], empty);
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.contains("standard input holds no document"), "{run:?}");
    }
}

#[test]
fn a_named_schema_is_the_one_that_counts() {
    let run = run_with(&["validate", "--schema", "invoke/payload", "-"], "[1]");
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "-:1: invoke/payload\n"));
    let run = run_with(&["validate", "--schema", "s3/put", "-"], fixture::get("scheduled/scheduler-default").unwrap());
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("looks like scheduled/scheduler-default, not s3/put"), "{run:?}");
    assert!(fails(2, &["validate", "--schema", "s3/pot", "-"]).contains("s3/pot"));
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let file = directory("several").join("event.json");
    fs::write(&file, fixture::get("s3/put").unwrap()).unwrap();
    let file = file.to_str().unwrap();
    let run = run(&["validate", "no-such-file.json", file]);
    assert_eq!((run.code, run.stdout), (Some(1), format!("{file}: s3/put\n")));
    assert!(run.stderr.contains("cannot read no-such-file.json"), "{}", run.stderr);
    assert!(fails(2, &["validate", "-", "-"]).contains("only once"));
}

#[test]
fn schemas_are_listed_and_printed() {
    let list = ok(&["schema"]);
    assert_eq!(list.lines().collect::<Vec<_>>(), schema::names().collect::<Vec<_>>());
    assert_eq!(json(&ok(&["schema", "--json"])).as_array().unwrap().len(), schema::names().len());
    for name in ["common", "s3/put", "sqs/standard"] {
        assert_eq!(ok(&["schema", name]).trim_end(), schema::get(name).unwrap().trim_end());
    }
    assert_eq!(json(&ok(&["schema", "s3/put", "--json"])), json(schema::get("s3/put").unwrap()));
    assert!(fails(2, &["schema", "s3/pot"]).contains("s3/pot"));
}

#[test]
fn next_lists_runs_in_the_zone_of_the_schedule() {
    // New York changes its clocks on March 8.
    insta::assert_snapshot!(
        ok(&["next", "cron(0 9 ? * MON-FRI *)", "-n", "3", "--tz", "America/New_York", "--from", "2026-03-05T20:00:00Z"]),
        @r"
    2026-03-06T09:00:00-05:00
    2026-03-09T09:00:00-04:00
    2026-03-10T09:00:00-04:00
    "
    );
    insta::assert_snapshot!(
        ok(&["next", "rate(5 minutes)", "-n", "2", "--from", "2026-01-01T00:00:00Z", "--json"]),
        @r#"{"expression":"rate(5 minutes)","explanation":"every 5 minutes","timeZone":"UTC","runs":["2026-01-01T00:05:00Z","2026-01-01T00:10:00Z"]}"#
    );
    assert_eq!(ok(&["next", "rate(1 hour)"]).lines().count(), 10);
    let run = run(&["next", "at(2026-01-01T00:00:00)", "--from", "2026-01-02T00:00:00Z"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    assert!(run.stderr.contains("no run after 2026-01-02T00:00:00Z"), "{run:?}");
}

#[test]
fn next_gives_the_reason_and_the_fix_of_a_bad_expression() {
    insta::assert_snapshot!(
        fails(1, &["next", "cron(0 9 * * * *)"]).trim_end(),
        @"error: invalid schedule expression \"cron(0 9 * * * *)\": day-of-week \"*\": exactly one of day-of-month and day-of-week must be `?`; use `?` in day-of-week: `cron(0 9 * * ? *)`"
    );
    assert!(fails(1, &["next", "--rule", "at(2026-01-01T00:00:00)"]).contains("Scheduler"));
    assert!(fails(2, &["next", "rate(1 hour)", "--tz", "europe/berlin"]).contains("write `Europe/Berlin`"));
    assert!(fails(2, &["next", "rate(1 hour)", "--rule", "--tz", "Europe/Berlin"]).contains("a rule has no time zone"));
    fails(2, &["next", "rate(1 hour)", "-n", "0"]);
    fails(2, &["next", "rate(1 hour)", "--from", "yesterday"]);
}

#[test]
fn a_corpus_is_the_same_for_the_same_seed() {
    for kind in [
        "s3",
        "s3-test",
        "s3-eventbridge",
        "sqs",
        "batch-response",
        "sns",
        "scheduled",
        "invoke",
        "destination",
        "nested",
        "malformed",
        "key",
    ] {
        let (one, two) = (directory(&format!("corpus-{kind}-1")), directory(&format!("corpus-{kind}-2")));
        for directory in [&one, &two] {
            let printed =
                ok(&["corpus", directory.to_str().unwrap(), "--kind", kind, "--count", "5", "--seed", "7", "--json"]);
            assert_eq!(json(&printed)["files"], 5);
        }
        let mut files: Vec<_> = fs::read_dir(&one).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        files.sort();
        assert_eq!(files.len(), 5);
        for file in files {
            let bytes = fs::read(one.join(&file)).unwrap();
            assert_eq!(bytes, fs::read(two.join(&file)).unwrap(), "{file:?}");
            match kind {
                "malformed" => {}
                "key" => drop(lambda_testkit::event::EncodedKey::new(String::from_utf8(bytes).unwrap()).unwrap()),
                "invoke" => drop(schema::validate_bytes_as("invoke/payload", &bytes).unwrap()),
                _ => drop(schema::validate_bytes(&bytes).unwrap()),
            }
        }
    }
    let file = directory("corpus-file").join("file");
    fs::write(&file, "").unwrap();
    assert!(fails(1, &["corpus", file.to_str().unwrap(), "--kind", "s3"]).contains("cannot write"));
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = ok(&["completions", shell]);
        assert!(script.contains("validate") && script.contains("corpus"), "{shell}");
    }
    fails(2, &["completions", "tcsh"]);
}

#[test]
fn every_command_has_help_with_examples() {
    let commands = [
        &[][..],
        &["event"],
        &["event", "s3"],
        &["event", "sqs"],
        &["event", "scheduled"],
        &["event", "invoke"],
        &["validate"],
        &["schema"],
        &["next"],
        &["corpus"],
        &["completions"],
    ];
    for command in commands {
        let help = ok(&[command, &["--help"]].concat());
        assert!(help.contains("Examples:\n  lambda-testkit "), "{command:?}: {help}");
    }
    assert_eq!(ok(&["--version"]), format!("lambda-testkit {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_told_apart_from_bad_input() {
    for args in [
        &[][..],
        &["serve"],
        &["event"],
        &["event", "kafka"],
        &["event", "s3", "frobnicate"],
        &["event", "s3", "--key", ""],
        &["event", "s3", "--account", "12"],
        &["event", "s3", "--region", "Atlantis"],
        &["event", "s3", "delete", "--size", "5"],
        &["event", "s3", "test-event", "--size", "5"],
        &["event", "s3", "--aws-tag", "a=b", "--event-version", "2.4"],
        &["event", "s3", "--wrap", "kinesis"],
        &["event", "sqs"],
        &["event", "sqs", "--body", "a", "--attribute", "novalue"],
        &["event", "sqs", "--body", "@-", "--body", "@-"],
        &["corpus", "somewhere"],
    ] {
        let message = fails(2, args);
        assert!(!message.is_empty(), "{args:?}");
    }
    assert!(fails(1, &["event", "sqs", "--body", "@no-such-file"]).contains("cannot read no-such-file"));
}

/// Each option of each command with a value that it does not take: wrong usage. What stands in a document, a body or an
/// expression is bad input instead, wherever it comes from.
#[test]
fn every_wrong_value_of_an_option_is_wrong_usage_and_every_wrong_content_bad_input() {
    let (s3, sqs, scheduled) =
        (&["event", "s3"][..], &["event", "sqs", "--body", "b"][..], &["event", "scheduled"][..]);
    let (invoke, next) = (&["event", "invoke", "destination"][..], &["next", "rate(1 hour)"][..]);
    let (retention, annotation) = (&["event", "s3", "retention-put"][..], &["event", "s3", "annotation-put"][..]);
    for (code, command, option, value) in [
        (2, s3, "--bucket", ""),
        (2, s3, "--bucket", "no spaces"),
        (2, s3, "--key", ""),
        (2, s3, "--size", "-1"),
        (2, s3, "--size", "9223372036854775808"),
        (2, s3, "--etag", ""),
        (2, s3, "--etag", "\"quoted\""),
        (2, s3, "--version-id", ""),
        (2, s3, "--sequencer", "xyz"),
        (2, s3, "--configuration-id", ""),
        (2, &["event", "s3", "lifecycle-transition"], "--storage-class", "glacier"),
        (2, &["event", "s3", "intelligent-tiering"], "--storage-class", "GLACIER"),
        (2, s3, "--access-tier", "ARCHIVE_ACCESS"),
        (2, s3, "--restore-expiry", "tomorrow"),
        (2, s3, "--aws-tag", "name"),
        (2, s3, "--aws-tag", "mine=1"),
        (2, s3, "--event-version", "3.0"),
        (2, s3, "--event-version", "new"),
        (2, s3, "--region", "Atlantis"),
        (2, s3, "--account", "1"),
        (2, s3, "--time", "now"),
        (2, s3, "--wrap", "kinesis"),
        (2, s3, "--seed", "1"),
        (2, s3, "--retention-mode", "GOVERNANCE"),
        (2, retention, "--retain-until", "forever"),
        (2, retention, "--event-hold", "long"),
        (2, retention, "--event-version", "2.3"),
        (2, annotation, "--annotation", ""),
        (2, s3, "--has-annotation", "maybe"),
        (2, &["event", "s3", "--event-version", "2.5"], "--has-annotation", "true"),
        (2, sqs, "--queue", "no spaces"),
        (2, sqs, "--queue", "standard.fifo"),
        (2, &["event", "sqs", "--body", "b", "--fifo"], "--group", "no spaces"),
        (2, &["event", "sqs", "--body", "b", "--fifo"], "--deduplication-id", ""),
        (2, sqs, "--attribute", "name"),
        (2, sqs, "--attribute", "AWS.name=1"),
        (2, sqs, "--attribute", "n:Number=six"),
        (2, sqs, "--attribute", "b:Binary=?"),
        (2, sqs, "--attribute", "b:Boolean=true"),
        (2, sqs, "--receive-count", "0"),
        (2, sqs, "--receive-count", "-1"),
        (2, sqs, "--trace-header", ""),
        (2, sqs, "--dead-letter-source", "queue"),
        (2, sqs, "--time", "1969-12-31T00:00:00Z"),
        (1, &["event", "sqs"], "--body", ""),
        (1, &["event", "sqs"], "--body", "\u{1}"),
        (1, &["event", "sqs"], "--body", "@no-such-file"),
        (2, scheduled, "--name", "no spaces"),
        (2, scheduled, "--group", "g"),
        (2, &["event", "scheduled", "--scheduler"], "--group", "no spaces"),
        (1, scheduled, "--input", "{"),
        (1, scheduled, "--input", "@no-such-file"),
        (2, &["event", "invoke"], "--function", "f"),
        (2, invoke, "--function", "no spaces"),
        (2, invoke, "--qualifier", "no spaces"),
        (2, invoke, "--time", "now"),
        (1, invoke, "--payload", "{"),
        (1, invoke, "--response", "{"),
        (2, &["event", "s3", "--random"], "--count", "many"),
        (2, &["event", "s3", "--random"], "--seed", "-1"),
        (2, &["event", "s3", "--random"], "--shard", "3/2"),
        (2, &["validate", "-"], "--schema", "s3/pot"),
        (1, &["validate"], "no-such-file", "neither-this"),
        (2, next, "-n", "0"),
        (2, next, "--tz", "Mars/Olympus"),
        (2, next, "--from", "yesterday"),
        (1, &["next"], "--rule", "at(2026-01-01T00:00:00)"),
        (1, &["next"], "--json", "0 3 * * *"),
        (2, &["corpus", "somewhere"], "--kind", "kinesis"),
        (2, &["corpus", "somewhere", "--kind", "s3"], "--count", "many"),
        (2, &["corpus", "somewhere", "--kind", "s3"], "--seed", "first"),
        (2, &["schema"], "--json", "s3/pot"),
        (2, &["completions"], "tcsh", "sh"),
    ] {
        let args = [command, &[option, value]].concat();
        let message = fails(code, &args);
        assert!(message.starts_with("error: "), "{args:?}: {message}");
    }
}

#[test]
fn options_of_retentions_and_annotations_end_up_in_their_blocks() {
    let put = json(&ok(&["event", "s3", "retention-put", "--retention-mode", "COMPLIANCE", "--event-hold", "90"]));
    assert_eq!(
        put["Records"][0]["objectRetentionEventData"],
        json(
            r#"{"mode":"COMPLIANCE","retainUntilDate":"2026-04-01T00:00:00.000Z","eventHold":"ON","eventHoldDuration":{"days":90}}"#
        )
    );
    let put = json(&ok(&["event", "s3", "retention-put", "--retain-until", "2027-01-01T00:00:00Z"]));
    assert_eq!(put["Records"][0]["objectRetentionEventData"]["retainUntilDate"], "2027-01-01T00:00:00.000Z");
    let delete = json(&ok(&["event", "s3", "annotation-delete", "--annotation", "labels"]));
    assert_eq!(delete["Records"][0]["s3"]["objectAnnotation"], json(r#"{"name":"labels"}"#));
    let copy = json(&ok(&["event", "s3", "copy", "--has-annotation", "true"]));
    assert_eq!(copy["Records"][0]["s3"]["object"]["hasObjectAnnotation"], true);
}

#[test]
fn a_pipe_is_read_without_a_file() {
    let run = run_with(&["validate"], "{\"batchItemFailures\":[]}\n");
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "-:1: sqs/batch-response\n", ""));
    let empty = run_with(&["validate"], "");
    assert_eq!(empty.code, Some(1));
    assert!(empty.stderr.contains("standard input holds no document"), "{empty:?}");
}

#[test]
fn documents_one_behind_the_other_get_a_hint() {
    let one = "{\"batchItemFailures\":[]}";
    for two in [format!("{one}{one}"), format!("{one} {one}\n"), "{\n\"a\": 1\n}\n{\n\"a\": 1\n}\n".to_owned()] {
        let run = run_with(&["validate"], &two);
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.contains("stand on a line each (NDJSON)"), "{two}: {run:?}");
    }
}

#[test]
fn events_of_other_services_and_marks_are_called_what_they_are() {
    let run = run_with(&["validate"], r#"{"Records":[{"eventSource":"aws:kinesis"}]}"#);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (Some(1), "-:1: not supported: this looks like a Kinesis stream event\n")
    );
    let run = run_with(&["validate", "--json"], r#"{"Records":[{"eventSource":"aws:dynamodb"}]}"#);
    assert_eq!(json(&run.stdout)["unsupported"], "a DynamoDB stream event");
    let run = run_with(&["validate"], format!("\u{feff}{}", fixture::get("s3/put").unwrap()));
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("byte-order mark"), "{run:?}");
}
