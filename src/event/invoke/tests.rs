use serde_json::{Value, json};

use super::*;
use crate::event::Json;

#[test]
fn a_destination_record_is_that_of_a_recorded_failure() {
    let context = InvocationContext::new("f").request_id("id-1");
    let mut error = FunctionError::new("Exception", "intentional failure");
    error.unknown.insert("requestId", Json::from("id-1"));
    let record = DestinationRecord::failure(&context, json!({"message": "m"}), &error, 3);
    assert_eq!(
        serde_json::to_string(&record).unwrap(),
        concat!(
            r#"{"version":"1.0","timestamp":"2026-01-01T00:00:00.000Z","requestContext":{"requestId":"id-1","#,
            r#""functionArn":"arn:aws:lambda:us-east-1:111111111111:function:f:$LATEST","condition":"RetriesExhausted","#,
            r#""approximateInvokeCount":3},"requestPayload":{"message":"m"},"responseContext":{"statusCode":200,"#,
            r#""executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorType":"Exception","#,
            r#""errorMessage":"intentional failure","requestId":"id-1"}}"#
        )
    );
}

#[test]
fn a_function_that_never_ran_has_no_answer_and_one_that_returned_null_has() {
    let context = InvocationContext::new("f");
    let never =
        DestinationRecord::new(&context, Json::empty_object(), DestinationCondition::ZeroReservedConcurrency, 0);
    let value = serde_json::to_value(&never).unwrap();
    assert!(value.get("responseContext").is_none() && value.get("responsePayload").is_none());
    let null = DestinationRecord::success(&context, Json::empty_object(), Json::Null, 1);
    let value = serde_json::to_value(&null).unwrap();
    assert_eq!(value.get("responsePayload"), Some(&Value::Null));
    assert_eq!(serde_json::from_value::<DestinationRecord>(value).unwrap(), null);
}

#[test]
fn destination_records_name_bus_and_function_on_event_bridge() {
    let context = InvocationContext::new("f");
    let bus = "arn:aws:events:us-east-1:111111111111:event-bus/b".parse().unwrap();
    let event = DestinationRecord::success(&context, Json::Null, Json::Null, 1).to_event_bridge(&bus);
    assert_eq!(event.detail_type, "Lambda Function Invocation Result - Success");
    assert_eq!(
        event.resources,
        [
            "arn:aws:events:us-east-1:111111111111:event-bus/b",
            "arn:aws:lambda:us-east-1:111111111111:function:f:$LATEST"
        ]
    );
}

#[test]
fn qualified_arns_keep_the_callers_qualifier() {
    let context = InvocationContext::new("f");
    assert_eq!(context.invoked_function_arn.resource(), "function:f");
    assert_eq!(context.qualified_arn().resource(), "function:f:$LATEST");
    assert_eq!(context.qualifier("live", "3").qualified_arn().resource(), "function:f:live");
}

#[test]
fn dead_letter_attributes_are_those_that_were_recorded() {
    let attributes = dead_letter_attributes("id-1", "Test exception (this is intentional)");
    let value = serde_json::to_value(&attributes).unwrap();
    assert_eq!(value["ErrorCode"]["dataType"], "Number");
    assert_eq!(value["ErrorCode"]["stringValue"], "200");
    assert_eq!(value["RequestID"]["stringValue"], "id-1");
    assert_eq!(value["ErrorMessage"]["stringValue"], "Test exception (this is intentional)");
    let long = dead_letter_attributes("id-1", &"ü".repeat(600));
    assert_eq!(long.get("ErrorMessage").unwrap().string_value().unwrap().len(), 1024);
    assert_eq!(dead_letter_attributes("id-1", "").len(), 2);
}

#[test]
fn errors_of_every_runtime_print_as_they_were_read() {
    for text in [
        r#"{"errorMessage":"division by zero","errorType":"ZeroDivisionError","requestId":"","stackTrace":["  File …\n"]}"#,
        r#"{"errorType":"Error","errorMessage":"e","trace":["Error: e"]}"#,
        r#"{"errorMessage":"2024-01-01T00:00:00.000Z id Task timed out after 1.00 seconds"}"#,
    ] {
        let error: FunctionError = serde_json::from_str(text).unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_value(&error).unwrap(), value);
        assert_eq!(Value::from(error.to_json()), value);
    }
    let exit = FunctionError::exit_status("id", 127).error_message;
    assert_eq!(exit, "RequestId: id Error: Runtime exited with error: exit status 127");
}

#[test]
fn client_contexts_that_are_too_long_or_broken_are_refused() {
    let mut context = ClientContext::default();
    context.custom.get_or_insert_default().insert("k", Json::from("x".repeat(2700)));
    assert!(context.to_header().is_err());
    for header in ["%", "bm90IEpTT04=", "W10=", &"A".repeat(4000)] {
        assert!(ClientContext::from_header(header).is_err(), "{header}");
    }
    assert_eq!(ClientContext::from_header("e30=").unwrap(), ClientContext::default());
}
