//! `validate` and `schema`.

use super::*;

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
