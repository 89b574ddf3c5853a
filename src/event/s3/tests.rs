use serde_json::{Value, json};

use super::*;
use crate::event::{BuildError, DEFAULT_TIME, VersionPolicy};

fn built(builder: S3EventBuilder) -> Value {
    serde_json::to_value(builder.build()).unwrap()
}

#[test]
fn a_record_has_the_members_of_recorded_ones_in_their_order() {
    let event = S3Event::put("export", "bucket-key")
        .version_policy(VersionPolicy::Legacy)
        .size(11)
        .e_tag("c8e3a3027a133355210f85cfbb1acc35")
        .version_id("v1")
        .configuration_id("config")
        .request_id("REQUEST")
        .host_id("HOST")
        .owner("A3NL1KOZZKExample")
        .principal("AWS:AIDAEXAMPLE")
        .region("eu-west-1")
        .build();
    assert_eq!(
        serde_json::to_string(&event).unwrap(),
        concat!(
            r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","#,
            r#""eventTime":"2026-01-01T00:00:00.000Z","eventName":"ObjectCreated:Put","#,
            r#""userIdentity":{"principalId":"AWS:AIDAEXAMPLE"},"requestParameters":{"sourceIPAddress":"203.0.113.7"},"#,
            r#""responseElements":{"x-amz-request-id":"REQUEST","x-amz-id-2":"HOST"},"#,
            r#""s3":{"s3SchemaVersion":"1.0","configurationId":"config","bucket":{"name":"export","#,
            r#""ownerIdentity":{"principalId":"A3NL1KOZZKExample"},"arn":"arn:aws:s3:::export"},"#,
            r#""object":{"key":"bucket-key","size":11,"eTag":"c8e3a3027a133355210f85cfbb1acc35","versionId":"v1","#,
            r#""sequencer":"006955B90000000000"}}}]}"#
        )
    );
}

#[test]
fn every_kind_carries_what_its_facts_say_and_reads_back() {
    for name in S3EventName::all() {
        let facts = name.facts();
        let event = S3Event::builder(name.clone(), "bucket", "a b").build();
        let value = serde_json::to_value(&event).unwrap();
        let record = &value["Records"][0];
        let object = &record["s3"]["object"];
        for (member, carried) in [
            ("size", facts.size),
            ("eTag", facts.e_tag),
            ("versionId", facts.version_id),
            ("sequencer", facts.sequencer),
        ] {
            assert_eq!(object.get(member).is_some(), carried == Carried::Always, "{name} {member}");
        }
        for block in
            [ExtraBlock::Glacier, ExtraBlock::Replication, ExtraBlock::Lifecycle, ExtraBlock::IntelligentTiering]
        {
            assert_eq!(record.get(block.member()).is_some(), facts.block == Some(block), "{name}");
        }
        let by_s3 = record["requestParameters"]["sourceIPAddress"] == "s3.amazonaws.com";
        assert_eq!(by_s3, facts.by_service, "{name}");
        assert_eq!(record["eventVersion"], "2.6");
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<S3Event>(&text).unwrap(), event);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);

        let legacy = S3Event::builder(name.clone(), "bucket", "k").version_policy(VersionPolicy::Legacy).try_build();
        match facts.legacy_version {
            Some(version) => assert_eq!(legacy.unwrap().records[0].event_version, version),
            None => assert_eq!(legacy, Err(BuildError::NoLegacyVersion { event: name.to_string() })),
        }
    }
}

#[test]
fn setting_a_field_that_the_kind_does_not_carry_is_an_error() {
    use S3EventName as E;
    let event = |name: E| S3Event::builder(name, "bucket", "k");
    for (builder, message) in [
        (event(E::ObjectRemovedDelete).size(1), "ObjectRemoved:Delete events do not carry size"),
        (event(E::ObjectRemovedDelete).e_tag("x"), "ObjectRemoved:Delete events do not carry eTag"),
        (event(E::ObjectTaggingPut).sequencer("00"), "ObjectTagging:Put events do not carry sequencer"),
        (event(E::ObjectAclPut).size(0), "ObjectAcl:Put events do not carry size"),
        (
            event(E::ObjectCreatedPut).restore_expiry(DEFAULT_TIME),
            "ObjectCreated:Put events do not carry glacierEventData",
        ),
        (
            event(E::LifecycleTransition).access_tier("ARCHIVE_ACCESS"),
            "LifecycleTransition events do not carry intelligentTieringEventData",
        ),
        (event(E::ObjectCreatedPut).storage_class("GLACIER"), "ObjectCreated:Put events do not carry a storage class"),
    ] {
        assert_eq!(builder.try_build().unwrap_err().to_string(), message);
    }
}

#[test]
fn what_a_form_cannot_hold_is_refused_and_not_dropped() {
    let restore = || S3Event::builder(S3EventName::ObjectRestorePost, "bucket", "k").storage_class("DEEP_ARCHIVE");
    assert!(restore().try_build().is_err());
    let event = restore().build_event_bridge();
    assert_eq!(event.detail.source_storage_class, Some(StorageClass::DeepArchive));
    let two = || S3Event::put("bucket", "1").record(S3Event::put("bucket", "2"));
    assert!(two().try_build_record().is_err() && two().try_build_event_bridge().is_err());
    let unknown = S3Event::builder("ObjectMoved:Up", "bucket", "k").access_tier("ARCHIVE_ACCESS");
    assert!(unknown.try_build().is_err());
}

#[test]
fn bad_names_and_versions_are_refused_with_the_value() {
    for (builder, message) in [
        (S3Event::put("bucket", ""), "invalid object key \"\""),
        (S3Event::put("", "k"), "invalid bucket name \"\""),
        (S3Event::put("bucket", "k").region("mars"), "invalid region \"mars\""),
        (S3Event::put("bucket", "k").account("1"), "invalid account id \"1\""),
        (S3Event::put("bucket", "k").sequencer("xyz"), "invalid sequencer \"xyz\""),
        (
            S3Event::put("bucket", "k").version_policy(VersionPolicy::Unified(EventVersion::of(3, 0))),
            "invalid event version \"3.0\"",
        ),
        (
            S3Event::put("bucket", "k")
                .version_policy(VersionPolicy::Unified(EventVersion::V2_4))
                .aws_generated_tags([("aws:cloudformation:stack-name", "s")]),
            "awsGeneratedTags exists since version 2.5, but the record has version 2.4",
        ),
        (S3Event::put("bucket", "k").aws_generated_tags([("team", "x")]), "invalid AWS-generated tag \"team\""),
        (S3Event::put("bucket", "k").record(S3Event::put("bucket", "")), "invalid object key \"\""),
    ] {
        let error = builder.try_build().unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
#[should_panic(expected = "cannot build the S3 event: ObjectRemoved:Delete events do not carry size")]
fn build_panics_with_the_reason() {
    S3Event::delete("bucket", "k").size(1).build();
}

#[test]
fn defaults_fit_each_other() {
    let value = built(S3Event::put("bucket", "k").region("us-gov-west-1").size(0));
    let record = &value["Records"][0];
    assert_eq!(record["s3"]["bucket"]["arn"], "arn:aws-us-gov:s3:::bucket");
    assert_eq!(record["s3"]["object"]["eTag"], "d41d8cd98f00b204e9800998ecf8427e");
    let multipart = S3EventName::ObjectCreatedCompleteMultipartUpload;
    let e_tag = |size| {
        let event = S3Event::builder(multipart.clone(), "bucket", "k").size(size).build();
        event.records[0].s3.object.e_tag.clone().unwrap()
    };
    assert!(e_tag(5 << 40).ends_with("-655360") && e_tag(1).ends_with("-1"));
    let marker = built(S3Event::builder(S3EventName::ObjectRemovedDeleteMarkerCreated, "bucket", "k"));
    let object = &marker["Records"][0]["s3"]["object"];
    assert_eq!(object["eTag"], "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(object["versionId"].as_str().unwrap().len(), 32);
    assert_ne!(
        built(S3Event::put("bucket", "1"))["Records"][0]["responseElements"],
        built(S3Event::put("bucket", "2"))["Records"][0]["responseElements"]
    );
}

#[test]
fn a_later_event_of_a_key_has_the_greater_sequencer() {
    let at = |millis: i64| {
        let time = jiff::Timestamp::from_millisecond(1_767_225_600_000 + millis).unwrap();
        S3Event::put("bucket", "k").time(time).build().records[0].s3.object.sequencer.clone().unwrap()
    };
    assert!(at(1).is_later_than(&at(0)) && at(1000).is_later_than(&at(999)));
}

#[test]
fn records_of_one_time_differ_in_sequencers_and_request_ids() {
    let put = || S3Event::put("bucket", "k");
    let event = put().record(put().record(put())).record(S3Event::delete("bucket", "k")).build();
    for pair in event.records.windows(2) {
        let sequencer = |at: usize| pair[at].s3.object.sequencer.clone().unwrap();
        assert!(sequencer(1).is_later_than(&sequencer(0)));
        assert_ne!(pair[0].response_elements, pair[1].response_elements);
    }
    assert_eq!(event.records[0], put().try_build_record().unwrap());
}

#[test]
fn values_that_s3_never_sends_are_refused() {
    let put = || S3Event::put("bucket", "k");
    for (builder, message) in [
        (put().e_tag("\"c8e3\""), "invalid eTag \"\\\"c8e3\\\"\": events carry the entity tag without its quotes"),
        (put().e_tag(""), "invalid eTag \"\": it is not empty"),
        (put().version_id(""), "invalid version id \"\""),
        (put().owner(""), "invalid owner \"\""),
        (put().principal(""), "invalid principal \"\""),
        (put().source_ip(""), "invalid source IP address \"\""),
        (put().configuration_id(""), "invalid configuration id \"\""),
        (put().request_id(""), "invalid request id \"\""),
        (put().host_id(""), "invalid host id \"\""),
        (put().size(1 << 63), "invalid size \"9223372036854775808\""),
        (S3Event::builder("Unknown:Name", "bucket", "k"), "invalid event name \"Unknown:Name\""),
        (
            S3Event::builder(S3EventName::LifecycleTransition, "bucket", "k").storage_class("cold"),
            "invalid storage class \"cold\"",
        ),
    ] {
        let error = builder.try_build().unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
    assert!(put().size(u64::MAX >> 1).version_id("null").try_build().is_ok());
    let restore = S3Event::builder(S3EventName::ObjectRestorePost, "bucket", "k").storage_class("");
    assert!(restore.try_build_event_bridge().is_err());
    for bucket in ["", "b", "a bucket"] {
        assert!(TestEvent::try_new(bucket).is_err(), "{bucket}");
    }
}

#[test]
fn several_builders_make_one_event_in_their_order() {
    let event =
        S3Event::put("bucket", "1").record(S3Event::delete("bucket", "2")).record(S3Event::put("other", "3")).build();
    let keys: Vec<_> = event.records.iter().map(|record| record.key().to_string()).collect();
    assert_eq!(keys, ["1", "2", "3"]);
}

#[test]
fn event_bridge_forms_are_those_that_were_recorded() {
    // Name, detail-type and the members of object and detail, as recorded in 2025.
    for (name, detail_type, object, detail) in [
        ("ObjectCreated:Put", "Object Created", "key size etag sequencer", "source-ip-address reason"),
        ("ObjectRemoved:Delete", "Object Deleted", "key sequencer", "source-ip-address reason deletion-type"),
        ("ObjectAcl:Put", "Object ACL Updated", "key etag", "source-ip-address"),
        ("ObjectRestore:Post", "Object Restore Initiated", "key size etag", "source-ip-address source-storage-class"),
        (
            "ObjectRestore:Completed",
            "Object Restore Completed",
            "key size etag",
            "restore-expiry-time source-storage-class",
        ),
    ] {
        let event = S3Event::builder(name, "bucket", "a b").version_policy(VersionPolicy::Legacy).build_event_bridge();
        assert_eq!(event.detail_type, detail_type);
        let value = serde_json::to_value(&event).unwrap();
        let members = |value: &Value| {
            let mut members: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            members.sort();
            members
        };
        let expected = |names: &str| {
            let mut names: Vec<String> = names.split(' ').map(str::to_owned).collect();
            names.sort();
            names
        };
        assert_eq!(members(&value["detail"]["object"]), expected(object), "{name}");
        let always = "version bucket object request-id requester";
        assert_eq!(members(&value["detail"]), expected(&format!("{always} {detail}")), "{name}");
        assert_eq!(value["resources"], json!(["arn:aws:s3:::bucket"]));
        assert_eq!(serde_json::from_value::<S3EventBridgeEvent>(value).unwrap(), event);
    }
}

#[test]
fn event_bridge_knows_the_schema_version_and_the_tags() {
    let tags = [("aws:cloudformation:stack-name", "s")];
    let event = S3Event::put("bucket", "k").aws_generated_tags(tags).build_event_bridge();
    let value = serde_json::to_value(event).unwrap();
    assert_eq!(value["detail"]["event-version"], "1.1");
    assert_eq!(value["detail"]["bucket"]["aws-generated-tags"]["aws:cloudformation:stack-name"], "s");
    let lost = S3Event::builder(S3EventName::ReducedRedundancyLostObject, "bucket", "k").try_build_event_bridge();
    assert!(matches!(lost, Err(BuildError::NotOnEventBridge { .. })));
}

#[test]
fn what_aws_never_sends_is_refused() {
    let good = built(S3Event::put("bucket", "k").version_id("v"));
    for (pointer, bad) in [
        ("/Records/0/eventVersion", json!(2.6)),
        ("/Records/0/eventSource", json!("aws:sqs")),
        ("/Records/0/eventTime", json!("yesterday")),
        ("/Records/0/s3/object/key", json!("%zz")),
        ("/Records/0/s3/object/size", Value::Null),
        ("/Records/0/s3/object/size", json!(-1)),
        ("/Records/0/s3/object/eTag", Value::Null),
        ("/Records/0/s3/object/sequencer", json!("xyz")),
        ("/Records/0/s3/bucket/arn", json!("b")),
        ("/Records/0/userIdentity", Value::Null),
        ("/Records", json!({})),
    ] {
        let mut value = good.clone();
        *value.pointer_mut(pointer).unwrap() = bad;
        assert!(serde_json::from_value::<S3Event>(value).is_err(), "{pointer}");
    }
    for pointer in ["/Records/0", "/Records/0/s3", "/Records/0/s3/bucket", "/Records/0/s3/object"] {
        let members: Vec<String> = good.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect();
        for member in members {
            let mut value = good.clone();
            value.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(&member);
            let optional = ["size", "eTag", "versionId", "sequencer"].contains(&member.as_str());
            assert_eq!(serde_json::from_value::<S3Event>(value).is_ok(), optional, "{pointer}/{member}");
        }
    }
}

#[test]
fn fields_from_the_future_and_null_version_ids_survive() {
    let mut value = built(S3Event::put("bucket", "k"));
    for pointer in ["", "/Records/0", "/Records/0/s3", "/Records/0/s3/bucket", "/Records/0/s3/object"] {
        value.pointer_mut(pointer).unwrap()["future"] = json!({"b": 1, "a": [true, null, 0.5]});
    }
    value["Records"][0]["s3"]["object"]["versionId"] = Value::Null;
    value["Records"][0]["eventTime"] = json!("2026-01-01T00:00:00Z");
    value["Records"][0]["s3"]["object"]["key"] = json!("a%2Fb");
    let event: S3Event = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(event).unwrap(), value);
}

#[test]
fn the_test_event_has_its_six_members_in_order() {
    let text = serde_json::to_string(&TestEvent::new("bucket").request("R", "H")).unwrap();
    assert_eq!(
        text,
        r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-01-01T00:00:00.000Z","Bucket":"bucket","RequestId":"R","HostId":"H"}"#
    );
}
