use serde_json::json;

use super::*;
use crate::event::Json;

const PAYLOAD: &str = r#"{"command":"update-account","payload":{"acc_id":"0a787ecb-4015","sf_id":"baz"},"valid":true,"listsingle":["HIGH"],"listmulti":["ACTIVE","INACTIVE"]}"#;

fn event() -> EventBridgeEvent<Json> {
    let detail: Json = serde_json::from_str(PAYLOAD).unwrap();
    EventBridgeEvent::custom("core.update-account-command", "core.update-account-command", detail)
}

fn transform(template: &str) -> Result<String, InputError> {
    let paths = [
        ("userId", "$.detail.payload.acc_id"),
        ("payload", "$.detail.payload"),
        ("listsingle", "$.detail.listsingle"),
        ("listmulti", "$.detail.listmulti"),
        ("systemstring", "$.account.id"),
        ("valid", "$.detail.valid"),
        ("detail-type", "$.detail-type"),
        ("timestamp", "$.time"),
        ("command", "$.detail.command"),
        ("none", "$.detail.none"),
    ];
    TargetInput::transformer(paths, template)?.apply(&event(), &RuleContext::default())
}

#[test]
fn envelopes_have_the_members_of_recorded_ones_in_their_order() {
    let text = serde_json::to_string(&ScheduledEvent::rule("nightly").build()).unwrap();
    let id = ScheduledEvent::rule("nightly").build().id;
    assert_eq!(
        text,
        format!(
            r#"{{"version":"0","id":"{id}","detail-type":"Scheduled Event","source":"aws.events","account":"111111111111","time":"2026-01-01T00:00:00Z","region":"us-east-1","resources":["arn:aws:events:us-east-1:111111111111:rule/nightly"],"detail":{{}}}}"#
        )
    );
    let event = ScheduledEvent::scheduler("nightly").group("ops").region("cn-north-1").build();
    assert_eq!(event.resources, ["arn:aws-cn:scheduler:cn-north-1:111111111111:schedule/ops/nightly"]);
    assert_eq!(serde_json::to_value(event).unwrap()["detail"], json!("{}"));
}

#[test]
fn names_and_groups_that_aws_would_refuse_are_not_built() {
    for builder in [
        ScheduledEvent::rule(""),
        ScheduledEvent::rule("a b"),
        ScheduledEvent::rule("a".repeat(65)),
        ScheduledEvent::rule("a").group("g"),
        ScheduledEvent::scheduler("a").group("g/h"),
        ScheduledEvent::rule("a").account("12"),
    ] {
        assert!(builder.clone().try_build().is_err(), "{builder:?}");
    }
}

#[test]
fn paths_select_what_aws_selected() {
    for (path, text) in
        [("$.detail.payload", r#"{"acc_id":"0a787ecb-4015","sf_id":"baz"}"#), ("$.detail.payload.sf_id", r#""baz""#)]
    {
        assert_eq!(TargetInput::path(path).unwrap().apply(&event(), &RuleContext::default()).unwrap(), text);
    }
    let scheduled = ScheduledEvent::rule("nightly").build();
    let context = RuleContext::of(&scheduled);
    assert_eq!(TargetInput::path("$.detail").unwrap().apply(&scheduled, &context).unwrap(), "{}");
    let error = TargetInput::path("$.detail.x").unwrap().apply(&scheduled, &context).unwrap_err();
    assert_eq!(error.to_string(), "$.detail.x leads nowhere in the event");
}

#[test]
fn templates_are_filled_in_as_on_aws() {
    // Template and text of each delivery that was recorded.
    for (template, text) in [
        (
            r#""Event of <detail-type> type, at time <timestamp>, info extracted from detail <command>""#,
            r#""Event of core.update-account-command type, at time 2026-01-01T00:00:00Z, info extracted from detail update-account""#,
        ),
        (r#""info extracted from detail <none>""#, r#""info extracted from detail ""#),
        (
            r#""{[/Check with special starting characters for event of <detail-type> type""#,
            r#""{[/Check with special starting characters for event of core.update-account-command type""#,
        ),
        (
            r#"{"detailType": <detail-type>, "time": <timestamp>, "command": <command>}"#,
            r#"{"detailType": "core.update-account-command", "time": "2026-01-01T00:00:00Z", "command": "update-account"}"#,
        ),
        (r#"{"command": <none>}"#, r#"{"command": ""}"#),
        (
            r#"{"method": "PUT", "path": "users-service/users/<userId>", "bod": <payload>}"#,
            r#"{"method": "PUT", "path": "users-service/users/0a787ecb-4015", "bod": {"acc_id":"0a787ecb-4015","sf_id":"baz"}}"#,
        ),
        (
            r#""Payload of <payload> with path users-service/users/<userId> and <userId>""#,
            r#""Payload of {acc_id:0a787ecb-4015,sf_id:baz} with path users-service/users/0a787ecb-4015 and 0a787ecb-4015""#,
        ),
        (r#"{"bod": [<userId>, "hardcoded"]}"#, r#"{"bod": ["0a787ecb-4015", "hardcoded"]}"#),
        (
            r#"{"nested": {"level1": {"level2": {"level3": "users-service/users/<userId>"} } }, "bod": "<userId>"}"#,
            r#"{"nested": {"level1": {"level2": {"level3": "users-service/users/0a787ecb-4015"} } }, "bod": "0a787ecb-4015"}"#,
        ),
        (
            "\"<listsingle> single list item\"\n\"<listmulti> multiple list items\"\n\"<systemstring> system account id\"",
            "\"[HIGH] single list item\"\n\"[ACTIVE,INACTIVE] multiple list items\"\n\" system account id\"",
        ),
        (r#"{"singlelistitem": <listsingle>}"#, r#"{"singlelistitem": ["HIGH"]}"#),
        (r#"{"multi": "users/<userId>/second/<userId>"}"#, r#"{"multi": "users/0a787ecb-4015/second/0a787ecb-4015"}"#),
        (r#""Command is <valid>!""#, r#""Command is true!""#),
    ] {
        assert_eq!(transform(template).unwrap(), text);
    }
}

#[test]
fn templates_that_aws_did_not_deliver_are_errors() {
    assert!(matches!(transform("<listsingle> single list item"), Err(InputError::NotJson { .. })));
    for template in [
        r#"{"singlelistitem": "<listsingle>"}"#,
        r#"{"singlelistitem": "<listsingle>", "multiplelistitems": "<listmulti>"}"#,
    ] {
        let broken = transform(template);
        let expected = |placeholder: &str, value: &str| placeholder == "listsingle" && value == r#"["HIGH"]"#;
        assert!(
            matches!(&broken, Err(InputError::PlaceholderBreaksJson { placeholder, value, .. }) if expected(placeholder, value)),
            "{template}"
        );
    }
    let error = transform(r#""<notdefinedkey>""#).unwrap_err();
    assert_eq!(error.to_string(), "the template contains the invalid placeholder notdefinedkey");
    for template in [r#"{<userId>: 1}"#, r#"{"<userId>": 1}"#, r#"{"a <userId> b" : 1}"#] {
        assert_eq!(transform(template), Err(InputError::PlaceholderAsName("userId".to_owned())), "{template}");
    }
    assert!(transform("").is_err() && transform(&"1".repeat(8193)).is_err());
}

#[test]
fn predefined_variables_name_the_rule_and_the_event() {
    let arn = "arn:aws:events:us-east-1:111111111111:rule/bus/nightly".parse().unwrap();
    let context = RuleContext::new(&arn, DEFAULT_TIME);
    let fill = |template| TargetInput::transformer([], template).unwrap().apply(&event(), &context).unwrap();
    assert_eq!(
        fill(r#""<aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>""#),
        format!(r#""{arn} nightly 2026-01-01T00:00:00Z""#)
    );
    let both = fill(r#"{"originalEvent": <aws.events.event>, "originalEventJson": <aws.events.event.json>}"#);
    let both: Json = serde_json::from_str(&both).unwrap();
    let names: Vec<_> = both.get("originalEvent").unwrap().as_object().unwrap().iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["id", "account", "detailType", "time", "source", "region", "resources", "version"]);
    assert_eq!(both.get("originalEventJson").unwrap(), &Json::from_serialize(&event()).unwrap());
}

#[test]
fn values_that_are_special_in_json_break_the_string_around_them() {
    // "EventBridge doesn't escape values extracted by Input Path": the user guide, on input transformation.
    let detail = json!({"text": "say \"hi\"", "lines": "a\nb", "path": "C:\\x", "n": "C:\\n", "in": {"a": "\""}, "plain": "a < b > c"});
    let event = EventBridgeEvent::custom("s", "t", Json::from(detail));
    let fill = |template: &str| {
        let paths = ["text", "lines", "path", "n", "in", "plain"].map(|name| (name, format!("$.detail.{name}")));
        let paths = paths.iter().map(|(name, path)| (*name, path.as_str()));
        TargetInput::transformer(paths, template).unwrap().apply(&event, &RuleContext::default())
    };
    for (template, culprit) in [
        (r#""<text>""#, "text"),
        (r#"{"a": "<plain> <text>"}"#, "text"),
        (r#"{"a": "<lines>"}"#, "lines"),
        (r#""<path>""#, "path"),
        (r#""<in>""#, "in"),
    ] {
        match fill(template) {
            Err(InputError::PlaceholderBreaksJson { placeholder, .. }) => {
                assert_eq!(placeholder, culprit, "{template}")
            }
            other => panic!("{template}: {other:?}"),
        }
    }
    assert_eq!(
        fill(r#""<text>""#).unwrap_err().to_string(),
        r#"the value "say \"hi\"" of the placeholder <text> is put into a string as it is, and makes "\"say \"hi\"\"", which is not JSON: without quotes around <text> it would be written as JSON"#
    );
    // What happens to be JSON is delivered, whatever it means.
    assert_eq!(fill(r#""<n> <plain>""#).unwrap(), r#""C:\n a < b > c""#);
    assert_eq!(
        fill(r#"{"a": <text>, "b": <lines>, "c": <in>}"#).unwrap(),
        r#"{"a": "say \"hi\"", "b": "a\nb", "c": {"a":"\""}}"#
    );
}

#[test]
fn scheduler_inputs_are_replaced_as_text() {
    let arn = "arn:aws:scheduler:us-east-1:111111111111:schedule/default/nightly".parse().unwrap();
    let context = SchedulerContext::new(arn, DEFAULT_TIME);
    let text = context
        .fill(r#"{"a":"<aws.scheduler.schedule-arn>","e":"<aws.scheduler.execution-id>","x":"<aws.scheduler.x>"}"#)
        .unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["a"], context.schedule_arn.to_string());
    assert_eq!(value["e"].as_str().unwrap().len(), 16);
    assert_eq!(value["x"], "<aws.scheduler.x>");
    assert_ne!(context.clone().attempt(2).execution_id, context.execution_id);
    assert!(context.fill("").is_err() && context.fill("<aws.scheduler.execution-id>").is_err());
}

#[test]
fn an_id_that_is_no_uuid_is_refused() {
    for id in ["", "7", "6a7e8feb-b491-4cf7-a9f1-bf370346771", "6a7e8feb-b491-4cf7-a9f1-bf37034677zz"] {
        assert!(ScheduledEvent::rule("nightly").id(id).try_build().is_err(), "{id}");
    }
    assert!(ScheduledEvent::rule("nightly").id("6A7E8FEB-b491-4cf7-a9f1-bf3703467718").try_build().is_ok());
}

#[test]
#[should_panic(expected = "cannot build the event: invalid event id \"7\": it is a UUID")]
fn the_id_of_a_made_event_is_a_uuid() {
    drop(ScheduledEvent::custom("shop", "Order Placed", Json::empty_object()).id("7"));
}

#[test]
fn inputs_are_measured_in_characters_and_those_of_the_scheduler_in_bytes() {
    let text = |length: usize| format!("\"{}\"", "ü".repeat(length - 2));
    assert!(TargetInput::constant(text(8192)).is_ok());
    let error = TargetInput::constant(text(8193)).unwrap_err().to_string();
    assert_eq!(error, "the input has 8193 characters: 1 to 8192 are allowed");
    let arn = "arn:aws:scheduler:us-east-1:111111111111:schedule/default/nightly".parse().unwrap();
    let error = SchedulerContext::new(arn, DEFAULT_TIME).fill(&text(MAX_SCHEDULER_INPUT_BYTES)).unwrap_err();
    assert_eq!(error.to_string(), "the schedule's input has 524286 bytes: 1 to 262144 are allowed");
}
