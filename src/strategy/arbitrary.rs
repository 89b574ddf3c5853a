//! `any::<S3Event>()` and the like.

use proptest::arbitrary::Arbitrary;

use super::{
    BatchResponses, DestinationRecords, FunctionErrors, InvocationContexts, JsonValues, S3BridgeEvents, S3Events,
    ScheduledEvents, SnsEvents, SnsNotifications, SqsEvents, TestEvents, batch_response, destination_record,
    function_error, invocation_context, invoke_payload, s3_event, s3_eventbridge_event, s3_test_event, scheduled_event,
    sns_event, sns_notification, sqs_event,
};
use crate::event::invoke::{DestinationRecord, FunctionError, InvocationContext};
use crate::event::{
    BatchResponse, Json, S3Event, S3EventBridgeEvent, ScheduledEvent, SnsEvent, SnsNotification, SqsEvent, TestEvent,
};

macro_rules! arbitrary {
    ($($event:ty => $strategy:ty = $make:expr,)*) => {
        $(impl Arbitrary for $event {
            type Parameters = ();
            type Strategy = $strategy;

            fn arbitrary_with((): ()) -> $strategy {
                $make
            }
        })*
    };
}

arbitrary! {
    S3Event => S3Events = s3_event(),
    S3EventBridgeEvent => S3BridgeEvents = s3_eventbridge_event(s3_event()),
    TestEvent => TestEvents = s3_test_event(),
    SqsEvent => SqsEvents = sqs_event(),
    BatchResponse => BatchResponses = batch_response(),
    SnsEvent => SnsEvents = sns_event(),
    SnsNotification => SnsNotifications = sns_notification(),
    ScheduledEvent => ScheduledEvents = scheduled_event(),
    Json => JsonValues = invoke_payload(),
    InvocationContext => InvocationContexts = invocation_context(),
    DestinationRecord => DestinationRecords = destination_record(),
    FunctionError => FunctionErrors = function_error(),
}
