use serde_json::{Value, json};

use super::*;
use crate::event::{Event, Family, InvalidName, MessageAttribute, S3EventName, ScheduledEvent, from_slice};

fn value(document: &impl Serialize) -> Value {
    serde_json::to_value(document).unwrap()
}

#[test]
fn envelopes_nest_to_any_depth_and_open_again() {
    let event = S3Event::put("export", "a b.csv").build();
    for (wrapped, path) in [
        (value(&event), ""),
        (value(&event.in_sqs()), "sqs[0]"),
        (value(&event.in_sns().in_sqs()), "sqs[0] > sns"),
        (value(&event.in_sns().to_lambda()), "sns[0]"),
        (value(&event.in_sns().raw_in_sqs()), "sqs[0]"),
        (value(&event.in_sns().in_sqs().in_sns().in_sns().to_lambda()), "sns[0] > sns > sqs[0] > sns"),
        (value(&event.in_sqs().via_eventbridge().in_sqs()), "sqs[0] > eventbridge > sqs[0]"),
    ] {
        let found = unwrap(&wrapped).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].family, found[0].path().as_str()), (Family::S3, path));
        assert_eq!(found[0].to::<S3Event>().unwrap(), event);
    }
}

#[test]
fn an_s3_event_goes_through_event_bridge_in_the_form_of_s3() {
    let event = S3Event::put("export", "a b.csv").build();
    let bridged = value(&event.via_eventbridge().in_sqs());
    let found = unwrap(&bridged).unwrap();
    assert_eq!((found[0].family, found[0].path().as_str()), (Family::S3EventBridge, "sqs[0]"));
    assert_eq!(found[0].document["detail"]["object"]["key"], "a b.csv");
    let lost = S3Event::builder(S3EventName::ReducedRedundancyLostObject, "bucket", "k").build();
    assert!(lost.try_via_eventbridge().is_err());
    let two = S3Event::put("bucket", "1").record(S3Event::put("bucket", "2")).build();
    assert!(two.try_via_eventbridge().is_err());
    assert!(RawMessage("text".into()).try_via_eventbridge().is_err());
}

#[test]
fn a_batch_opens_record_by_record_and_keeps_what_is_no_event() {
    let s3 = S3Event::put("bucket", "k").build();
    let batch = s3.sqs_message().record(SqsEvent::message("plain")).record(s3.in_sns().sqs_message()).build();
    let found = unwrap(&value(&batch)).unwrap();
    let summary: Vec<_> = found.iter().map(|found| (found.family, found.path())).collect();
    assert_eq!(
        summary,
        [(Family::S3, "sqs[0]".into()), (Family::Sqs, "record[1]".into()), (Family::S3, "sqs[2] > sns".to_owned())]
    );
    assert_eq!(found[1].document["Records"][0]["body"], "plain");
    let plain = value(&SqsEvent::message("a").record(SqsEvent::message("b")).build());
    assert_eq!(unwrap(&plain).unwrap()[0].document, plain);
}

#[test]
fn every_family_is_detected_and_prints_as_it_was_read() {
    use crate::event::invoke::{DestinationRecord, InvocationContext};
    let s3 = S3Event::put("bucket", "k").build();
    let record = DestinationRecord::success(&InvocationContext::new("f"), Json::Null, Json::Null, 1);
    let documents = [
        (Family::S3, value(&s3)),
        (Family::S3Test, value(&TestEvent::new("bucket"))),
        (Family::S3EventBridge, value(&s3.via_eventbridge())),
        (Family::Sqs, value(&s3.in_sqs())),
        (Family::Sns, value(&s3.in_sns().to_lambda())),
        (Family::SnsNotification, value(&s3.in_sns())),
        (Family::Rule, value(&ScheduledEvent::rule("r").build())),
        (Family::Scheduler, value(&ScheduledEvent::scheduler("s").build())),
        (Family::EventBridge, value(&json!({"a": 1}).via_eventbridge())),
        (Family::Destination, value(&record)),
    ];
    for (family, mut document) in documents {
        document["future"] = json!({"z": 1, "a": [null]});
        assert_eq!(Event::detect(&document), Ok(family));
        let event = Event::from_value(document.clone()).unwrap();
        assert_eq!((event.family(), value(&event)), (family, document.clone()));
        let text = event.to_text();
        assert_eq!(Event::from_slice(text.as_bytes()).unwrap().to_text(), text);
        assert_eq!(from_slice::<Event>(text.as_bytes()).unwrap(), event);
    }
}

#[test]
fn sns_spells_its_members_differently_for_queues_and_functions() {
    let s3 = S3Event::put("bucket", "k").build();
    let queue = s3.in_sns().to_text();
    let order =
        ["Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SigningCertURL", "UnsubscribeURL"];
    let places: Vec<_> = order.iter().map(|name| queue.find(&format!("\"{name}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{queue}");
    assert!(queue.contains("\"Subject\":\"Amazon S3 Notification\""));
    let function = value(&SnsNotification::new("m", None).to_lambda());
    assert_eq!(function["Records"][0]["Sns"]["Subject"], Value::Null);
    assert!(function["Records"][0]["Sns"]["SigningCertUrl"].is_string());
    assert_eq!(function["Records"][0]["Sns"]["MessageAttributes"], json!({}));
}

#[test]
fn raw_delivery_turns_sns_attributes_into_those_of_the_queue() {
    let notification = SnsNotification::new("text", None)
        .attribute("s", "String", "x")
        .attribute("b", "Binary", "AQI=")
        .attribute("l", "String.Array", "[\"a\"]");
    let batch = notification.raw_in_sqs();
    let record = &batch.records[0];
    assert_eq!(record.body, "text");
    assert_eq!(record.message_attributes.get("s"), Some(&MessageAttribute::string("x")));
    assert_eq!(record.message_attributes.get("b"), Some(&MessageAttribute::binary([1, 2])));
    assert_eq!(record.message_attributes.len(), 2);
}

#[test]
fn a_binary_attribute_that_is_not_base64_is_an_error() {
    let notification = SnsNotification::new("text", None).attribute("b", "Binary", "not base64");
    let error = notification.raw_sqs_message().try_build().unwrap_err().to_string();
    assert!(error.starts_with("invalid binary value \"not base64\""), "{error}");
}

#[test]
fn null_subjects_and_empty_attributes_of_a_notification_survive() {
    let mut document = value(&SnsNotification::new("m", None));
    assert!(document.get("Subject").is_none() && document.get("MessageAttributes").is_none());
    document["Subject"] = Value::Null;
    document["MessageAttributes"] = json!({});
    let notification: SnsNotification = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(value(&notification), document);
    assert_eq!(value(&notification.to_lambda())["Records"][0]["Sns"]["Subject"], Value::Null);
}

#[test]
fn a_topic_in_another_region_changes_the_urls() -> Result<(), InvalidName> {
    let notification = SnsNotification::new("m", None).topic("arn:aws:sns:eu-west-1:222222222222:t".parse()?);
    assert!(notification.signing_cert_url.starts_with("https://sns.eu-west-1.amazonaws.com/"));
    assert!(notification.unsubscribe_url.contains("arn:aws:sns:eu-west-1:222222222222:t:"));
    let china = SnsNotification::new("m", None).topic("arn:aws-cn:sns:cn-north-1:222222222222:t".parse()?);
    assert!(china.signing_cert_url.starts_with("https://sns.cn-north-1.amazonaws.com.cn/"));
    Ok(())
}
