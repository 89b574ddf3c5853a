//! The published schemas and the validator: what is accepted, what is refused, and what the errors say.
use lambda_testkit::schema;
use serde_json::{Value, json};

fn s3_record(name: &str) -> Value {
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2023-04-12T20:43:38.021Z",
        "eventName": name,
        "userIdentity": { "principalId": "A1YQ72UWCM96UF" },
        "requestParameters": { "sourceIPAddress": "93.108.161.96" },
        "responseElements": { "x-amz-request-id": "YMSSR8BZJ2Y99K6P", "x-amz-id-2": "6ASrUfj5xpn859fIq+6FXflOex" },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "fasdf",
            "bucket": {
                "name": "xray-bucket",
                "ownerIdentity": { "principalId": "A1YQ72UWCM96UF" },
                "arn": "arn:aws:s3:::xray-bucket"
            },
            "object": {
                "key": "my+files/%C3%BC.csv",
                "size": 5,
                "eTag": "5af5488ecd0ccf9e5e7a3e9c1d7e4d2f",
                "sequencer": "00643717F9F8B85354"
            }
        }
    })
}

fn s3_put() -> Value {
    json!({ "Records": [s3_record("ObjectCreated:Put")] })
}

fn sqs_event() -> Value {
    json!({ "Records": [{
        "messageId": "19dd0b57-b21e-4ac1-bd88-01bbb068cb78",
        "receiptHandle": "MessageReceiptHandle",
        "body": "Hello from SQS!",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1523232000000",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1523232000001"
        },
        "messageAttributes": { "n": {
            "stringValue": "5", "stringListValues": [], "binaryListValues": [], "dataType": "Number.int"
        } },
        "md5OfMessageAttributes": "235c5c510d26fb653d073faed50ae77c",
        "md5OfBody": "7b270e59b47ff90a553787216d55d91d",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:MyQueue",
        "awsRegion": "us-east-1"
    }] })
}

fn rule() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2015-10-08T16:53:06Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule"],
        "detail": {}
    })
}

fn via_cloud_trail(source: &str) -> Value {
    set(set(rule(), "/source", json!(source)), "/detail-type", json!("AWS API Call via CloudTrail"))
}

fn set(mut document: Value, pointer: &str, value: Value) -> Value {
    *document.pointer_mut(pointer).expect(pointer) = value;
    document
}

fn without(mut document: Value, parent: &str, name: &str) -> Value {
    document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).expect(name);
    document
}

/// Every `$ref` of a schema.
fn references(schema: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match schema {
        Value::Array(items) => Box::new(items.iter().flat_map(references)),
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            Box::new(own.into_iter().chain(members.values().flat_map(references)))
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn leads_into(schema: &Value, reference: &str) -> bool {
    reference.strip_prefix('#').is_some_and(|pointer| schema.pointer(pointer).is_some())
}

fn pointers(document: &Value) -> Vec<String> {
    match schema::validate(document) {
        Ok(name) => panic!("accepted as {name}: {document}"),
        Err(errors) => errors.iter().map(|error| error.pointer().to_owned()).collect(),
    }
}

#[test]
fn every_schema_compiles_is_published_under_its_name_and_listed() {
    let mut in_folder = Vec::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for family in std::fs::read_dir(&root).unwrap() {
        let family = family.unwrap().path();
        if family.is_dir() {
            for file in std::fs::read_dir(&family).unwrap() {
                let name = file.unwrap().path().strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                in_folder.push(name.strip_suffix(".schema.json").unwrap().to_owned());
            }
        }
    }
    in_folder.sort();
    assert_eq!(schema::names().collect::<Vec<_>>(), in_folder);
    for name in schema::names().chain(["common"]) {
        let parsed: Value = serde_json::from_str(schema::get(name).unwrap()).unwrap();
        // A name, because no server has them.
        assert_eq!(parsed["$id"], format!("urn:lambda-testkit:schema:{name}"));
        assert_eq!(references(&parsed).find(|reference| !leads_into(&parsed, reference)), None, "{name} stands alone");
        assert_eq!(parsed["$schema"], "https://json-schema.org/draft/2020-12/schema");
        if name != "common" {
            // Asking compiles the schema; only the two that say nothing accept this.
            let says_nothing = parsed.get("type").is_none() && parsed.get("allOf").is_none();
            assert_eq!(schema::validate_as(name, &Value::Null).is_ok(), says_nothing, "{name}");
        }
    }
}

#[test]
fn every_field_of_every_schema_has_a_description() {
    fn walk(file: &str, root: &Value, node: &Value) {
        if let Some(properties) = node.get("properties").and_then(Value::as_object) {
            for (name, field) in properties {
                let target = field.get("$ref").and_then(Value::as_str).map(|reference| {
                    let pointer = reference.strip_prefix('#').unwrap();
                    root.pointer(pointer).unwrap_or_else(|| panic!("{file}: {reference} leads nowhere"))
                });
                // `false` forbids a member; the description of the object says so.
                let field = target.unwrap_or(field);
                assert!(field == &json!(false) || field["description"].is_string(), "{file}: {name}");
            }
        }
        match node {
            // The conditions of `if` repeat fields that are described elsewhere.
            Value::Object(members) => {
                members.iter().filter(|(name, _)| *name != "if").for_each(|(_, member)| walk(file, root, member));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(file, root, item)),
            _ => {}
        }
    }
    for name in schema::names().chain(["common"]) {
        let root: Value = serde_json::from_str(schema::get(name).unwrap()).unwrap();
        assert!(root["description"].is_string() && root["title"].is_string(), "{name}");
        walk(name, &root, &root);
    }
}

#[test]
fn documents_as_aws_sends_them_are_accepted_by_name() {
    let fifo = {
        let mut event =
            set(sqs_event(), "/Records/0/eventSourceARN", json!("arn:aws:sqs:us-east-1:123456789012:q.fifo"));
        let attributes = event.pointer_mut("/Records/0/attributes").unwrap().as_object_mut().unwrap();
        attributes.insert("SequenceNumber".into(), json!("18849496460467696128"));
        attributes.insert("MessageGroupId".into(), json!("1"));
        attributes.insert("MessageDeduplicationId".into(), json!("1"));
        event
    };
    let from_the_future = {
        let mut event = set(s3_put(), "/Records/0/eventVersion", json!("2.9"));
        event["Records"][0]["newBlock"] = json!({ "a": [1] });
        event["Records"][0]["s3"]["bucket"]["awsGeneratedTags"] = json!({ "aws:cloudformation:stack-name": "x" });
        event
    };
    let destination = json!({
        "version": "1.0",
        "timestamp": "2019-11-14T18:16:05.568Z",
        "requestContext": {
            "requestId": "e4b46cbf-b738-4880-8a18-9cd2d2e4b3f3",
            "functionArn": "arn:aws:lambda:us-west-2:123456789012:function:my-function:$LATEST",
            "condition": "ZeroReservedConcurrency",
            "approximateInvokeCount": 0
        },
        "requestPayload": null
    });
    for (document, name) in [
        (s3_put(), "s3/put"),
        (from_the_future, "s3/put"),
        (sqs_event(), "sqs/standard"),
        (set(sqs_event(), "/Records/0/md5OfMessageAttributes", Value::Null), "sqs/standard"),
        (fifo, "sqs/fifo"),
        (rule(), "scheduled/rule"),
        (without(rule(), "", "version"), "scheduled/rule"),
        (destination, "invoke/destination-record"),
        (
            json!({ "errorMessage": "2026-01-01T00:00:00.000Z 1 Task timed out after 1.00 seconds" }),
            "invoke/function-error",
        ),
        (set(rule(), "/source", json!("com.example")), "eventbridge/envelope"),
        (via_cloud_trail("aws.s3"), "eventbridge/envelope"),
        (via_cloud_trail("aws.scheduler"), "eventbridge/envelope"),
        (set(set(rule(), "/source", json!("com.example")), "/resources/0", json!("order 7")), "eventbridge/envelope"),
        (
            set(rule(), "/resources/0", json!("arn:aws-iso-b:events:us-isob-east-1:123456789012:rule/r")),
            "scheduled/rule",
        ),
    ] {
        assert_eq!(schema::validate(&document), Ok(name), "{document}");
        assert_eq!(schema::validate_as(name, &document), Ok(name), "{document}");
        assert_eq!(schema::validate_bytes(document.to_string().as_bytes()), Ok(name));
    }
}

#[test]
fn each_record_is_checked_against_the_schema_of_its_own_kind() {
    let mut deletion = s3_record("ObjectRemoved:Delete");
    let document = json!({ "Records": [s3_record("ObjectCreated:Put"), deletion] });
    let mut found = pointers(&document);
    found.sort();
    assert_eq!(found, ["/Records/1/s3/object/eTag", "/Records/1/s3/object/size"]);
    let object = deletion["s3"]["object"].as_object_mut().unwrap();
    object.remove("size");
    object.remove("eTag");
    let document = json!({ "Records": [s3_record("ObjectCreated:Put"), deletion] });
    assert_eq!(schema::validate(&document), Ok("s3/event"));
}

#[test]
fn each_defect_is_reported_at_its_own_pointer_and_nowhere_else() {
    let put = |pointer: &str, value| set(s3_put(), &format!("/Records/0{pointer}"), value);
    for (document, pointer) in [
        (without(s3_put(), "/Records/0/s3/object", "key"), "/Records/0/s3/object/key"),
        (without(s3_put(), "/Records/0/s3/object", "sequencer"), "/Records/0/s3/object/sequencer"),
        (without(s3_put(), "/Records/0", "eventName"), "/Records/0/eventName"),
        (without(s3_put(), "/Records/0", "eventSource"), "/Records/0/eventSource"),
        (without(s3_put(), "/Records/0", "s3"), "/Records/0/s3"),
        (put("/s3", Value::Null), "/Records/0/s3"),
        (put("/eventName", json!("ObjectCreated:Pt")), "/Records/0/eventName"),
        (put("/eventTime", json!("2023-02-30T00:00:00.000Z")), "/Records/0/eventTime"),
        (put("/eventTime", json!("2023-04-12 20:43:38")), "/Records/0/eventTime"),
        (put("/s3/object/key", json!("my files")), "/Records/0/s3/object/key"),
        (put("/s3/object/key", json!("a%zz")), "/Records/0/s3/object/key"),
        (put("/s3/object/size", json!(18_446_744_073_709_551_615_u64)), "/Records/0/s3/object/size"),
        (put("/s3/object/size", json!("5")), "/Records/0/s3/object/size"),
        (set(s3_put(), "/Records", json!([])), "/Records"),
        (set(s3_put(), "/Records", json!({})), "/Records"),
        (set(sqs_event(), "/Records/0/attributes/SentTimestamp", json!(5)), "/Records/0/attributes/SentTimestamp"),
        (
            without(sqs_event(), "/Records/0/messageAttributes/n", "stringValue"),
            "/Records/0/messageAttributes/n/stringValue",
        ),
        (without(sqs_event(), "/Records/0/messageAttributes/n", "dataType"), "/Records/0/messageAttributes/n/dataType"),
        (without(rule(), "", "detail-type"), "/detail-type"),
        (without(rule(), "", "source"), "/source"),
        (set(rule(), "/detail", Value::Null), "/detail"),
        (set(rule(), "/resources/0", json!("arn:aws:s3:::bucket")), "/resources/0"),
    ] {
        assert_eq!(pointers(&document), [pointer], "{document}");
    }
}

#[test]
fn blocks_of_other_kinds_of_s3_events_are_refused() {
    for block in [
        "glacierEventData",
        "replicationEventData",
        "lifecycleEventData",
        "intelligentTieringEventData",
        "objectRetentionEventData",
    ] {
        let mut document = s3_put();
        document["Records"][0][block] = json!({});
        assert_eq!(pointers(&document), [format!("/Records/0/{block}")]);
    }
}

#[test]
fn numbers_as_text_have_the_one_spelling_that_the_types_read() {
    let pointer = "/Records/0/attributes/ApproximateReceiveCount";
    for (count, good) in
        [("0", true), ("1", true), ("9999999999999999999", true), ("01", false), ("-1", false), ("", false)]
    {
        let document = set(sqs_event(), pointer, json!(count));
        assert_eq!(schema::validate(&document).is_ok(), good, "{count}");
        assert_eq!(serde_json::from_value::<lambda_testkit::event::SqsEvent>(document).is_ok(), good, "{count}");
    }
}

#[test]
fn numbers_that_readers_round_are_refused_where_the_schema_takes_anything_too() {
    let text = s3_put().to_string().replacen('{', r#"{"new":[18446744073709551616],"#, 1);
    let errors = schema::validate_bytes(text.as_bytes()).unwrap_err();
    let error = errors.iter().next().unwrap();
    assert_eq!((error.pointer(), error.found()), ("/new/0", "18446744073709551616"));
    let payload = br#"{"n":-9223372036854775809,"m":1e300}"#;
    let errors = schema::validate_bytes_as("invoke/payload", payload).unwrap_err();
    assert_eq!(errors.iter().map(|error| error.pointer()).collect::<Vec<_>>(), ["/n"]);
    assert!(schema::validate_bytes_as("invoke/payload", br#"{"n":18446744073709551615}"#).is_ok());
}

#[test]
fn errors_read_as_sentences_with_expectation_finding_and_hint() {
    let message = |document: &Value| schema::validate(document).unwrap_err().to_string();
    let set_put = |pointer: &str, value| message(&set(s3_put(), &format!("/Records/0{pointer}"), value));
    assert_eq!(
        set_put("/eventTime", json!("yesterday")),
        "the document looks like s3/put but is not valid\n  at /Records/0/eventTime: expected a UTC time with \
         milliseconds such as 2026-01-01T00:00:00.000Z, found \"yesterday\""
    );
    assert!(set_put("/eventName", json!("ObjectCreated:Pt")).ends_with("(did you mean ObjectCreated:Put?)"));
    assert!(
        set_put("/eventName", json!("s3:ObjectCreated:Put"))
            .ends_with("(records carry the name without `s3:`, as in ObjectCreated:Put)")
    );
    assert!(set_put("/s3/object/key", json!("my files/ü")).contains("`my files/ü` is `my+files/%C3%BC`"));
    let deletion = json!({ "Records": [s3_record("ObjectRemoved:Delete")] });
    let hint = "/size: expected no such member in this kind of event, found 5 (the event is ObjectRemoved:Delete)";
    assert!(message(&deletion).contains(hint), "{}", message(&deletion));
    assert!(set_put("/s3/object/eTag", json!("\"5af5\"")).contains("without quotes"));
    let lower = json!({ "records": s3_put()["Records"] });
    assert!(message(&lower).contains("there is `records`; the name must be exactly `Records`"));
    assert!(message(&json!({})).starts_with("the document looks like no known event\n"));
    assert!(message(&json!(5)).contains("expected an event, which is an object, found 5"));
}

#[test]
fn events_of_services_that_are_not_supported_are_named() {
    for (document, name) in [
        (json!({ "Records": [{ "eventSource": "aws:kinesis", "kinesis": {} }] }), "a Kinesis stream event"),
        (json!({ "Records": [{ "eventSource": "aws:dynamodb" }] }), "a DynamoDB stream event"),
        (json!({ "httpMethod": "GET", "requestContext": {}, "path": "/" }), "an API Gateway request (REST API)"),
    ] {
        let errors = schema::validate(&document).unwrap_err();
        assert_eq!(errors.to_string(), format!("not supported: this looks like {name}"));
        assert_eq!((errors.unsupported_event(), errors.looks_like(), errors.iter().len()), (Some(name), None, 1));
        // As JSON, too, the one error says what was found.
        assert_eq!(serde_json::to_value(&errors).unwrap()["errors"][0]["found"], name);
    }
    let twice = schema::validate_bytes(br#"{"Records":[{"eventSource":"aws:kinesis","a":1,"a":2}]}"#).unwrap_err();
    assert_eq!(twice.unsupported_event(), Some("a Kinesis stream event"));
    assert_eq!(
        twice.to_string(),
        "not supported: this looks like a Kinesis stream event\n  \
         at /Records/0/a: expected each member once, found the member twice in one object"
    );
}

#[test]
fn a_byte_order_mark_is_called_one() {
    let marked = [b"\xef\xbb\xbf", s3_put().to_string().as_bytes()].concat();
    let errors = schema::validate_bytes(&marked).unwrap_err();
    let error = errors.iter().next().unwrap();
    assert_eq!((error.offset(), error.found()), (Some(0), "a byte-order mark (U+FEFF)"));
    assert_eq!(error.hint(), Some("save the file as UTF-8 without a byte-order mark"));
    let error = lambda_testkit::event::Event::from_slice(&marked).unwrap_err();
    assert_eq!(error.to_string(), "the text starts with a byte-order mark (U+FEFF), which is not JSON");
}

#[test]
fn a_schema_asked_for_by_name_says_what_the_document_looks_like_instead() {
    let errors = schema::validate_as("s3/put", &rule()).unwrap_err();
    assert_eq!(errors.looks_like(), Some("scheduled/rule"));
    let first = errors.iter().next().unwrap();
    assert_eq!(first.pointer(), "/Records");
    assert_eq!(first.hint(), Some("the document looks like scheduled/rule, not s3/put"));
    assert!(schema::validate_as("s3/pot", &rule()).unwrap_err().to_string().contains("\"s3/pot\""));
    assert_eq!(schema::validate_as("scheduled/custom-input", &json!("any")), Ok("scheduled/custom-input"));
}

#[test]
fn bytes_that_are_not_json_are_refused_with_their_offset_and_repeated_members_with_their_pointer() {
    let first = |bytes: &[u8]| schema::validate_bytes(bytes).unwrap_err().iter().next().unwrap().clone();
    let text = s3_put().to_string();
    let cut = first(&text.as_bytes()[..100]);
    assert_eq!((cut.pointer(), cut.offset()), ("", Some(100)));
    let mut broken = text.clone().into_bytes();
    broken[50] = 0xff;
    assert_eq!(first(&broken).offset(), Some(50));
    let twice = text.replacen("\"awsRegion\":", "\"awsRegion\":\"us-east-1\",\"awsRegion\":", 1);
    let error = first(twice.as_bytes());
    assert_eq!((error.pointer(), error.offset()), ("/Records/0/awsRegion", None));
    assert_eq!(schema::validate_bytes(twice.as_bytes()).unwrap_err().looks_like(), Some("s3/put"));
}
