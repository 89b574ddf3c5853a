//! `event`: documents from builders.

use super::*;

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
fn options_of_retentions_and_annotations_end_up_in_their_blocks() {
    let put = json(&ok(&["event", "s3", "retention-put", "--retention-mode", "COMPLIANCE", "--event-hold", "90"]));
    assert_eq!(
        put["Records"][0]["objectRetentionEventData"],
        json(
            r#"{"mode":"COMPLIANCE","retainUntilDate":"2026-04-01T00:00:00.000Z","eventHold":"ON","eventHoldDuration":{"days":90}}"#
        )
    );
    // A time beyond all times is the last there is.
    let longest = u64::MAX.to_string();
    let put = json(&ok(&["event", "s3", "retention-put", "--event-hold", &longest]));
    let data = &put["Records"][0]["objectRetentionEventData"];
    assert!(data["retainUntilDate"].as_str().unwrap().starts_with("9999-12-3"), "{data}");
    let put = json(&ok(&["event", "s3", "retention-put", "--retain-until", "2027-01-01T00:00:00Z"]));
    assert_eq!(put["Records"][0]["objectRetentionEventData"]["retainUntilDate"], "2027-01-01T00:00:00.000Z");
    let delete = json(&ok(&["event", "s3", "annotation-delete", "--annotation", "labels"]));
    assert_eq!(delete["Records"][0]["s3"]["objectAnnotation"], json(r#"{"name":"labels"}"#));
    let copy = json(&ok(&["event", "s3", "copy", "--has-annotation", "true"]));
    assert_eq!(copy["Records"][0]["s3"]["object"]["hasObjectAnnotation"], true);
}
