use std::sync::Arc;

use super::*;
use crate::event::{AccountId, Region};
use crate::kernel::Ids;
use crate::mock::s3::change::ChangeKind;
use crate::mock::s3::{Change, Extra, S3Fault};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111111111111:function:to-utf8";
const QUEUE: &str = "arn:aws:sqs:us-east-1:111111111111:alarms";

fn rule(arn: &str, event: &str, filter: &[(&str, &str)]) -> RuleRequest {
    let filter = filter.iter().map(|(name, value)| (Some((*name).into()), Some((*value).into()))).collect();
    RuleRequest { id: None, arn: arn.into(), events: vec![event.into()], filter }
}

fn configure(functions: Vec<RuleRequest>, queues: Vec<RuleRequest>) -> Result<NotificationConfiguration, S3Fault> {
    let request = NotificationRequest { functions, queues, ..NotificationRequest::default() };
    NotificationConfiguration::new(request, &Region::new("us-east-1").unwrap(), &mut Ids::new(1))
}

fn change(kind: ChangeKind, key: &str) -> Change {
    Change {
        extra: Extra::None,
        bucket: "export".into(),
        key: key.into(),
        kind,
        size: None,
        e_tag: None,
        version_id: None,
        sequencer: None,
        storage_class: None,
        region: Region::new("us-east-1").unwrap(),
        owner: AccountId::new("111111111111").unwrap(),
        time: jiff::Timestamp::UNIX_EPOCH,
        notification: Arc::default(),
    }
}

fn argument(fault: &S3Fault, name: &str) -> String {
    fault.extra.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

#[test]
fn a_rule_that_does_not_fire_says_why() {
    let filter = [("prefix", "my_files/export-"), ("SUFFIX", ".csv")];
    let configuration = configure(vec![rule(FUNCTION, "s3:ObjectCreated:*", &filter)], vec![]).unwrap();
    let result = |kind, key| configuration.matches(&change(kind, key)).remove(0).result;
    assert_eq!(result(ChangeKind::Put, "my_files/export-1 é.csv"), Ok(()));
    assert_eq!(result(ChangeKind::Copy, "my_files/export-1.csv"), Ok(()));
    assert_eq!(
        result(ChangeKind::Delete, "my_files/export-1.csv").unwrap_err(),
        "event type ObjectRemoved:Delete is not among s3:ObjectCreated:*"
    );
    assert_eq!(
        result(ChangeKind::Put, "a.csv").unwrap_err(),
        "prefix \"my_files/export-\" does not match key \"a.csv\""
    );
    assert_eq!(
        result(ChangeKind::Put, "my_files/export-1.txt").unwrap_err(),
        "suffix \".csv\" does not match key \"my_files/export-1.txt\""
    );
}

#[test]
fn filters_are_compared_with_the_encoded_key() {
    let rules = vec![rule(FUNCTION, "s3:ObjectCreated:Put", &[("prefix", "my files/")])];
    let reason = configure(rules, vec![]).unwrap().matches(&change(ChangeKind::Put, "my files/a")).remove(0).result;
    assert_eq!(
        reason.unwrap_err(),
        "prefix \"my files/\" does not match key \"my+files/a\" (S3 compares filters with the URL-encoded key)"
    );
    let rules = vec![rule(FUNCTION, "s3:ObjectCreated:Put", &[("prefix", "my+files/")])];
    let outcome = configure(rules, vec![]).unwrap().matches(&change(ChangeKind::Put, "my files/a")).remove(0);
    assert_eq!(outcome.result, Ok(()));
}

#[test]
fn spellings_of_one_filter_mean_the_same() {
    let put = "s3:ObjectCreated:Put";
    for prefix in ["day%3D1/", "day%3d1/", "%64ay%3D1%2F"] {
        let rules = vec![rule(FUNCTION, put, &[("prefix", prefix)])];
        let outcome = configure(rules, vec![]).unwrap().matches(&change(ChangeKind::Put, "day=1/a")).remove(0);
        assert_eq!(outcome.result, Ok(()), "{prefix}");
        let twice = vec![rule(FUNCTION, put, &[("prefix", "day%3D")]), rule(FUNCTION, put, &[("prefix", prefix)])];
        assert!(configure(twice, vec![]).unwrap_err().message.starts_with("Configuration is ambiguously"), "{prefix}");
    }
    // An escape of the key is no text: `%3` is not the beginning of `=`.
    let rules = vec![rule(FUNCTION, put, &[("suffix", "D1")])];
    let outcome = configure(rules, vec![]).unwrap().matches(&change(ChangeKind::Put, "day=1")).remove(0);
    assert!(outcome.result.is_err());
}

#[test]
fn overlapping_filters_of_one_event_type_are_ambiguous() {
    let created = "s3:ObjectCreated:*";
    let put = "s3:ObjectCreated:Put";
    let pair = |a: RuleRequest, b: RuleRequest| configure(vec![a], vec![b]);
    let fault = pair(rule(FUNCTION, created, &[]), rule(QUEUE, put, &[("prefix", "a")])).unwrap_err();
    assert_eq!((fault.code.as_ref(), fault.status), ("InvalidArgument", 400));
    assert!(fault.message.starts_with("Configuration is ambiguously defined."));
    for (a, b) in [
        (rule(FUNCTION, created, &[]), rule(QUEUE, "s3:ObjectRemoved:*", &[])),
        (rule(FUNCTION, put, &[("prefix", "a/")]), rule(QUEUE, put, &[("prefix", "b/")])),
        (rule(FUNCTION, put, &[("suffix", ".jpg")]), rule(QUEUE, put, &[("suffix", ".png")])),
        (rule(FUNCTION, put, &[]), rule(QUEUE, "s3:ObjectCreated:Copy", &[])),
    ] {
        assert!(pair(a, b).is_ok());
    }
}

#[test]
fn bad_documents_get_the_errors_that_aws_recorded() {
    let refused = |rule: RuleRequest| configure(vec![rule], vec![]).unwrap_err();
    let fault = refused(rule("nonsense", "s3:ObjectCreated:*", &[]));
    assert_eq!(fault.message, "The ARN could not be parsed");
    assert_eq!(argument(&fault, "ArgumentName"), "CloudFunction");
    assert_eq!(argument(&fault, "ArgumentValue"), "nonsense");
    let fault = refused(rule(FUNCTION, "s3:ObjectCreated:*", &[("INVALID", "x")]));
    assert_eq!(fault.message, "filter rule name must be either prefix or suffix");
    assert_eq!(argument(&fault, "ArgumentName"), "FilterRule.Name");
    let mut missing = rule(FUNCTION, "s3:ObjectCreated:*", &[]);
    missing.filter = vec![(Some("prefix".into()), None)];
    assert_eq!(refused(missing).code, "MalformedXML");
    let twice = [("prefix", "a"), ("Prefix", "b")];
    assert_eq!(refused(rule(FUNCTION, "s3:ObjectCreated:*", &twice)).code, "InvalidArgument");
    assert_eq!(argument(&refused(rule(FUNCTION, "s3:*", &[])), "ArgumentValue"), "s3:*");
    let elsewhere = "arn:aws:lambda:eu-west-1:111111111111:function:f";
    assert_eq!(refused(rule(elsewhere, "s3:ObjectCreated:*", &[])).code, "InvalidArgument");
}

#[test]
fn all_destinations_that_cannot_be_reached_are_named() {
    let functions = vec![rule(FUNCTION, "s3:ObjectCreated:*", &[])];
    let queues = vec![rule(QUEUE, "s3:ObjectRemoved:*", &[])];
    let configuration = configure(functions, queues).unwrap();
    assert!(configuration.check_destinations(|_| Ok(())).is_ok());
    let fault = configuration.check_destinations(|_| Err("gone".into())).unwrap_err();
    assert_eq!(fault.message, "Unable to validate the following destination configurations");
    assert_eq!(argument(&fault, "ArgumentName1"), format!("{FUNCTION}, null"));
    assert_eq!(argument(&fault, "ArgumentName2"), QUEUE);
    assert_eq!(argument(&fault, "ArgumentValue2"), "gone");
}

#[test]
fn ids_that_are_left_out_are_assigned_and_double_ones_refused() {
    let mut a = rule(FUNCTION, "s3:ObjectCreated:*", &[]);
    let b = rule(QUEUE, "s3:ObjectRemoved:*", &[]);
    let rules = configure(vec![a.clone()], vec![b.clone()]).unwrap().rules;
    assert_eq!(rules[0].id.len(), 36);
    assert_ne!(rules[0].id, rules[1].id);
    a.id = Some("same".into());
    let b = RuleRequest { id: Some("same".into()), ..b };
    assert_eq!(configure(vec![a], vec![b]).unwrap_err().code, "InvalidArgument");
}

#[test]
fn topics_are_refused_by_name() {
    let region = Region::new("us-east-1").unwrap();
    let refused = |request| NotificationConfiguration::new(request, &region, &mut Ids::new(1)).unwrap_err();
    let fault = refused(NotificationRequest { topics: true, ..NotificationRequest::default() });
    assert_eq!((fault.status, fault.message.contains("TopicConfiguration")), (501, true));
}
