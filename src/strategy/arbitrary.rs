//! `any::<S3Event>()` and the like.

use proptest::arbitrary::Arbitrary;

use super::part::{self, Parts};
use super::{
    BatchResponses, DestinationRecords, FunctionErrors, InvocationContexts, JsonValues, ObjectBodies, ObjectBody,
    S3BridgeEvents, S3Events, ScheduledEvents, SnsEvents, SnsNotifications, SqsEvents, TestEvents, batch_response,
    destination_record, function_error, invocation_context, invoke_payload, object_body, s3_event,
    s3_eventbridge_event, s3_test_event, scheduled_event, sns_event, sns_notification, sqs_event,
};
use crate::event::invoke::{ClientContext, DestinationRecord, FunctionError, InvocationContext};
use crate::event::{
    AccessTier, AccountId, Arn, BatchResponse, DataType, EncodedKey, Event, EventVersion, Json, MessageAttribute,
    ObjectKey, Partition, PrincipalId, Region, S3Event, S3EventBridgeEvent, S3EventName, S3Record, ScheduledEvent,
    Sequencer, SnsEvent, SnsNotification, SqsEvent, SqsRecord, StorageClass, TestEvent, Time,
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
    ObjectBody => ObjectBodies = object_body(),
    FunctionError => FunctionErrors = function_error(),
    Event => Parts<Event> = Parts(part::event),
    S3Record => Parts<S3Record> = Parts(part::s3_record),
    SqsRecord => Parts<SqsRecord> = Parts(part::sqs_record),
    MessageAttribute => Parts<MessageAttribute> = Parts(part::attribute),
    DataType => Parts<DataType> = Parts(part::data_type),
    ClientContext => Parts<ClientContext> = Parts(part::client_context),
    ObjectKey => Parts<ObjectKey> = Parts(part::key),
    EncodedKey => Parts<EncodedKey> = Parts(|source| part::key(source).encode()),
    Sequencer => Parts<Sequencer> = Parts(part::sequencer),
    AccountId => Parts<AccountId> = Parts(part::account),
    Region => Parts<Region> = Parts(part::region),
    Partition => Parts<Partition> = Parts(part::partition),
    Arn => Parts<Arn> = Parts(part::arn),
    PrincipalId => Parts<PrincipalId> = Parts(part::principal),
    EventVersion => Parts<EventVersion> = Parts(part::version),
    Time => Parts<Time> = Parts(part::moment),
    S3EventName => Parts<S3EventName> = Parts(|source| source.pick(S3EventName::KNOWN).clone()),
    StorageClass => Parts<StorageClass> = Parts(|source| source.pick(StorageClass::KNOWN).clone()),
    AccessTier => Parts<AccessTier> = Parts(|source| source.pick(AccessTier::KNOWN).clone()),
}
