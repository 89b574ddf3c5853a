//! Which members AWS's events have, and what belongs into them: the truth that defects are made against. It is
//! written down here once more, independently of the schemas, so that each checks the other.

use serde_json::Value;

use crate::event::{Carried, S3EventName};

/// What belongs into a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    /// A time with or without milliseconds, as the document has it.
    Time,
    /// A form-encoded key.
    Key,
    Base64,
    Number,
    /// A whole number as text.
    Decimal,
    List,
    Object,
    /// An object whose members have names of the user's.
    Map,
    /// The name of the kind of event.
    Name,
    /// Whatever JSON there is.
    Any,
}

/// A member that a document has.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) pointer: String,
    pub(super) form: Form,
    pub(super) required: bool,
    pub(super) nullable: bool,
}

/// A row of the tables: a path with `*` for every element, what belongs there, and `!` required, `?` optional,
/// `0` optional and nullable.
type Row = (&'static str, Form, char);

use Form::{Any, Base64, Decimal, Key, List, Map, Name, Number, Object, Text, Time};

const S3: &[Row] = &[
    ("/Records", List, '!'),
    ("/Records/*", Object, '?'),
    ("/Records/*/eventVersion", Text, '!'),
    ("/Records/*/eventSource", Text, '!'),
    ("/Records/*/awsRegion", Text, '!'),
    ("/Records/*/eventTime", Time, '!'),
    ("/Records/*/eventName", Name, '!'),
    ("/Records/*/userIdentity", Object, '!'),
    ("/Records/*/userIdentity/principalId", Text, '!'),
    ("/Records/*/requestParameters", Object, '!'),
    ("/Records/*/requestParameters/sourceIPAddress", Text, '!'),
    ("/Records/*/responseElements", Object, '!'),
    ("/Records/*/responseElements/x-amz-request-id", Text, '!'),
    ("/Records/*/responseElements/x-amz-id-2", Text, '!'),
    ("/Records/*/s3", Object, '!'),
    ("/Records/*/s3/s3SchemaVersion", Text, '!'),
    ("/Records/*/s3/configurationId", Text, '!'),
    ("/Records/*/s3/bucket", Object, '!'),
    ("/Records/*/s3/bucket/name", Text, '!'),
    ("/Records/*/s3/bucket/ownerIdentity", Object, '!'),
    ("/Records/*/s3/bucket/ownerIdentity/principalId", Text, '!'),
    ("/Records/*/s3/bucket/arn", Text, '!'),
    ("/Records/*/s3/bucket/awsGeneratedTags", Map, '?'),
    ("/Records/*/s3/object", Object, '!'),
    ("/Records/*/s3/object/key", Key, '!'),
    ("/Records/*/s3/object/versionId", Text, '0'),
    ("/Records/*/glacierEventData", Object, '!'),
    ("/Records/*/glacierEventData/restoreEventData", Object, '!'),
    ("/Records/*/glacierEventData/restoreEventData/lifecycleRestorationExpiryTime", Time, '!'),
    ("/Records/*/glacierEventData/restoreEventData/lifecycleRestoreStorageClass", Text, '!'),
    ("/Records/*/replicationEventData", Object, '!'),
    ("/Records/*/replicationEventData/replicationRuleId", Text, '!'),
    ("/Records/*/replicationEventData/destinationBucket", Text, '!'),
    ("/Records/*/replicationEventData/requestTime", Time, '!'),
    ("/Records/*/lifecycleEventData", Object, '!'),
    ("/Records/*/lifecycleEventData/transitionEventData", Object, '!'),
    ("/Records/*/lifecycleEventData/transitionEventData/destinationStorageClass", Text, '!'),
    ("/Records/*/intelligentTieringEventData", Object, '!'),
    ("/Records/*/intelligentTieringEventData/destinationAccessTier", Text, '!'),
];

const SQS: &[Row] = &[
    ("/Records", List, '!'),
    ("/Records/*", Object, '?'),
    ("/Records/*/messageId", Text, '!'),
    ("/Records/*/receiptHandle", Text, '!'),
    ("/Records/*/body", Text, '!'),
    ("/Records/*/attributes", Object, '!'),
    ("/Records/*/attributes/ApproximateReceiveCount", Decimal, '!'),
    ("/Records/*/attributes/SentTimestamp", Decimal, '!'),
    ("/Records/*/attributes/SenderId", Text, '!'),
    ("/Records/*/attributes/ApproximateFirstReceiveTimestamp", Decimal, '!'),
    ("/Records/*/attributes/AWSTraceHeader", Text, '?'),
    ("/Records/*/attributes/DeadLetterQueueSourceArn", Text, '?'),
    ("/Records/*/messageAttributes", Map, '!'),
    ("/Records/*/messageAttributes/*", Object, '?'),
    ("/Records/*/messageAttributes/*/dataType", Text, '!'),
    ("/Records/*/messageAttributes/*/stringValue", Text, '!'),
    ("/Records/*/messageAttributes/*/binaryValue", Base64, '!'),
    ("/Records/*/md5OfMessageAttributes", Text, '0'),
    ("/Records/*/md5OfBody", Text, '!'),
    ("/Records/*/eventSource", Text, '!'),
    ("/Records/*/eventSourceARN", Text, '!'),
    ("/Records/*/awsRegion", Text, '!'),
];

const FIFO: &[Row] = &[
    ("/Records/*/attributes/SequenceNumber", Text, '!'),
    ("/Records/*/attributes/MessageGroupId", Text, '!'),
    ("/Records/*/attributes/MessageDeduplicationId", Text, '!'),
];

const BRIDGE: &[Row] = &[
    ("/version", Text, '?'),
    ("/id", Text, '!'),
    ("/source", Text, '!'),
    ("/account", Text, '!'),
    ("/time", Time, '!'),
    ("/region", Text, '!'),
    ("/resources", List, '!'),
    ("/resources/*", Text, '?'),
];

const SCHEDULED: &[Row] = &[("/detail-type", Name, '!'), ("/detail", Any, '!')];

const BRIDGE_S3: &[Row] = &[
    ("/detail-type", Name, '!'),
    ("/detail", Object, '!'),
    ("/detail/version", Text, '!'),
    ("/detail/event-version", Text, '?'),
    ("/detail/bucket", Object, '!'),
    ("/detail/bucket/name", Text, '!'),
    ("/detail/object", Object, '!'),
    ("/detail/object/key", Text, '!'),
    ("/detail/object/size", Number, '?'),
    ("/detail/object/version-id", Text, '0'),
    ("/detail/request-id", Text, '!'),
    ("/detail/requester", Text, '!'),
    ("/detail/reason", Text, '!'),
    ("/detail/deletion-type", Text, '!'),
    ("/detail/restore-expiry-time", Time, '!'),
    ("/detail/source-storage-class", Text, '!'),
    ("/detail/destination-storage-class", Text, '!'),
    ("/detail/destination-access-tier", Text, '!'),
];

const TEST_EVENT: &[Row] = &[
    ("/Service", Text, '!'),
    ("/Event", Name, '!'),
    ("/Time", Time, '!'),
    ("/Bucket", Text, '!'),
    ("/RequestId", Text, '!'),
    ("/HostId", Text, '!'),
];

const DESTINATION: &[Row] = &[
    ("/version", Text, '!'),
    ("/timestamp", Time, '!'),
    ("/requestContext", Object, '!'),
    ("/requestContext/requestId", Text, '!'),
    ("/requestContext/functionArn", Text, '!'),
    ("/requestContext/condition", Name, '!'),
    ("/requestContext/approximateInvokeCount", Number, '!'),
    ("/requestPayload", Any, '!'),
    ("/responseContext", Object, '?'),
    ("/responseContext/statusCode", Number, '!'),
    ("/responseContext/executedVersion", Text, '!'),
];

const FUNCTION_ERROR: &[Row] = &[("/errorMessage", Text, '!'), ("/errorType", Text, '?')];

const BATCH_RESPONSE: &[Row] = &[
    ("/batchItemFailures", List, '!'),
    ("/batchItemFailures/*", Object, '?'),
    ("/batchItemFailures/*/itemIdentifier", Text, '!'),
];

const SNS: &[Row] = &[
    ("/Type", Text, '!'),
    ("/MessageId", Text, '!'),
    ("/TopicArn", Text, '!'),
    ("/Message", Text, '!'),
    ("/Timestamp", Time, '!'),
    ("/Signature", Base64, '!'),
    ("/Subject", Text, '0'),
];

/// The members of a valid document that this table knows; none for documents that may be anything.
pub(super) fn fields(document: &Value) -> Vec<Field> {
    let has = |name| document.get(name).is_some();
    let record = document.pointer("/Records/0");
    let in_record = |name| record.is_some_and(|record| record.get(name).is_some());
    let tables: &[&[Row]] = if in_record("s3") {
        &[S3]
    } else if in_record("receiptHandle") {
        let fifo = record.and_then(|record| record.pointer("/attributes/SequenceNumber")).is_some();
        if fifo { &[SQS, FIFO] } else { &[SQS] }
    } else if has("detail-type") && has("source") && has("detail") {
        match document["source"].as_str() {
            Some("aws.s3") => &[BRIDGE, BRIDGE_S3],
            Some("aws.events" | "aws.scheduler") => &[BRIDGE, SCHEDULED],
            _ => &[BRIDGE],
        }
    } else if document["Event"] == "s3:TestEvent" {
        &[TEST_EVENT]
    } else if has("requestPayload") && has("requestContext") {
        &[DESTINATION]
    } else if has("batchItemFailures") {
        &[BATCH_RESPONSE]
    } else if document["Type"] == "Notification" && has("TopicArn") {
        &[SNS]
    } else if has("errorMessage") {
        &[FUNCTION_ERROR]
    } else {
        &[]
    };
    let mut fields = Vec::new();
    for (path, form, presence) in tables.iter().copied().flatten() {
        expand(document, path, String::new(), &mut |pointer| {
            fields.push(Field { pointer, form: *form, required: *presence == '!', nullable: *presence == '0' });
        });
    }
    if in_record("s3") {
        add_object_fields(document, &mut fields);
    }
    fields
}

/// Size, entity tag and sequencer are required by some kinds of records only.
fn add_object_fields(document: &Value, fields: &mut Vec<Field>) {
    let records = document["Records"].as_array().map_or(&[][..], Vec::as_slice);
    for (at, record) in records.iter().enumerate() {
        let facts = S3EventName::from(record["eventName"].as_str().unwrap_or_default()).facts();
        for (name, form, carried) in
            [("size", Number, facts.size), ("eTag", Text, facts.e_tag), ("sequencer", Text, facts.sequencer)]
        {
            let pointer = format!("/Records/{at}/s3/object/{name}");
            if document.pointer(&pointer).is_some() {
                fields.push(Field { pointer, form, required: carried == Carried::Always, nullable: false });
            }
        }
    }
}

/// Calls `found` with the pointer of every value that the path leads to.
fn expand(value: &Value, path: &str, pointer: String, found: &mut impl FnMut(String)) {
    let Some(rest) = path.strip_prefix('/') else { return found(pointer) };
    let (name, rest) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    match (name, value) {
        ("*", Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                expand(item, rest, format!("{pointer}/{at}"), found);
            }
        }
        ("*", Value::Object(members)) => {
            for (name, member) in members {
                expand(member, rest, format!("{pointer}{}", step(name)), found);
            }
        }
        _ => {
            if let Some(member) = value.get(name) {
                expand(member, rest, format!("{pointer}/{name}"), found);
            }
        }
    }
}

/// One step of a JSON Pointer.
pub(super) fn step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
