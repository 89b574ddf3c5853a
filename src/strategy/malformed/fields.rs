//! Which members AWS's events have, and what belongs into them: the truth that defects are made against. It is
//! written down here once more, independently of the schemas, so that each checks the other.

use serde_json::Value;

use crate::event::{Carried, S3EventName, pointer_step as step};

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
    /// `true` or `false`.
    Flag,
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

use Form::{Any, Base64, Decimal, Flag, Key, List, Map, Name, Number, Object, Text, Time};

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
    ("/Records/*/s3/bucket/awsGeneratedTags/*", Text, '?'),
    ("/Records/*/s3/object", Object, '!'),
    ("/Records/*/s3/object/key", Key, '!'),
    ("/Records/*/s3/object/hasObjectAnnotation", Flag, '?'),
    ("/Records/*/glacierEventData", Object, '!'),
    ("/Records/*/glacierEventData/restoreEventData", Object, '!'),
    ("/Records/*/glacierEventData/restoreEventData/lifecycleRestorationExpiryTime", Time, '!'),
    ("/Records/*/glacierEventData/restoreEventData/lifecycleRestoreStorageClass", Text, '!'),
    ("/Records/*/replicationEventData", Object, '!'),
    ("/Records/*/replicationEventData/replicationRuleId", Text, '!'),
    ("/Records/*/replicationEventData/destinationBucket", Text, '!'),
    ("/Records/*/replicationEventData/s3Operation", Text, '!'),
    ("/Records/*/replicationEventData/requestTime", Time, '!'),
    ("/Records/*/replicationEventData/threshold", Text, '?'),
    ("/Records/*/replicationEventData/replicationTime", Text, '?'),
    ("/Records/*/lifecycleEventData", Object, '!'),
    ("/Records/*/lifecycleEventData/transitionEventData", Object, '!'),
    ("/Records/*/lifecycleEventData/transitionEventData/destinationStorageClass", Text, '!'),
    ("/Records/*/intelligentTieringEventData", Object, '!'),
    ("/Records/*/intelligentTieringEventData/destinationAccessTier", Text, '!'),
    ("/Records/*/objectRetentionEventData", Object, '!'),
    ("/Records/*/objectRetentionEventData/mode", Text, '!'),
    ("/Records/*/objectRetentionEventData/retainUntilDate", Time, '!'),
    ("/Records/*/objectRetentionEventData/eventHold", Text, '?'),
    ("/Records/*/objectRetentionEventData/eventHoldDuration", Object, '?'),
    ("/Records/*/objectRetentionEventData/eventHoldDuration/days", Number, '?'),
    ("/Records/*/objectRetentionEventData/eventHoldDuration/years", Number, '?'),
    ("/Records/*/s3/objectAnnotation", Object, '?'),
    ("/Records/*/s3/objectAnnotation/name", Text, '!'),
    ("/Records/*/s3/objectAnnotation/size", Number, '?'),
    ("/Records/*/s3/objectAnnotation/eTag", Text, '?'),
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
    ("/Records/*/messageAttributes/*/stringListValues", List, '?'),
    ("/Records/*/messageAttributes/*/binaryListValues", List, '?'),
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

/// A standard queue's message may have a group too.
const FAIR: &[Row] = &[("/Records/*/attributes/MessageGroupId", Text, '?')];

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

const CUSTOM: &[Row] = &[("/detail-type", Text, '!'), ("/detail", Any, '!')];

const LAMBDA_RESULT: &[Row] = &[("/detail-type", Name, '!'), ("/detail", Object, '!')];

const BRIDGE_S3: &[Row] = &[
    ("/detail-type", Name, '!'),
    ("/detail", Object, '!'),
    ("/detail/version", Text, '!'),
    ("/detail/event-version", Text, '?'),
    ("/detail/bucket", Object, '!'),
    ("/detail/bucket/name", Text, '!'),
    ("/detail/bucket/aws-generated-tags", Map, '?'),
    ("/detail/bucket/aws-generated-tags/*", Text, '?'),
    ("/detail/object", Object, '!'),
    ("/detail/object/key", Text, '!'),
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

/// The detail types of S3 whose details always have this member; in the others it may be there.
const BRIDGE_S3_BY_TYPE: [(&str, Form, &[&str]); 4] = [
    ("/detail/object/size", Number, &["Object Created", "Object Restore Initiated", "Object Restore Completed"]),
    (
        "/detail/object/etag",
        Text,
        &[
            "Object Created",
            "Object Restore Initiated",
            "Object Restore Completed",
            "Object Tags Added",
            "Object Tags Deleted",
            "Object ACL Updated",
        ],
    ),
    ("/detail/object/sequencer", Text, &["Object Created", "Object Deleted"]),
    (
        "/detail/source-ip-address",
        Text,
        &[
            "Object Created",
            "Object Restore Initiated",
            "Object Tags Added",
            "Object Tags Deleted",
            "Object ACL Updated",
        ],
    ),
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
    ("/responseContext/functionError", Text, '?'),
    ("/responsePayload", Any, '?'),
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
    ("/SignatureVersion", Text, '!'),
    ("/Signature", Base64, '!'),
    // Notifications and events spell these two differently.
    ("/SigningCertURL", Text, '!'),
    ("/SigningCertUrl", Text, '!'),
    ("/UnsubscribeURL", Text, '!'),
    ("/UnsubscribeUrl", Text, '!'),
    ("/Subject", Text, '0'),
    ("/MessageAttributes", Map, '?'),
    ("/MessageAttributes/*", Object, '?'),
    ("/MessageAttributes/*/Type", Text, '!'),
    ("/MessageAttributes/*/Value", Text, '!'),
];

const SNS_EVENT: &[Row] = &[
    ("/Records", List, '!'),
    ("/Records/*", Object, '?'),
    ("/Records/*/EventSource", Text, '!'),
    ("/Records/*/EventVersion", Text, '!'),
    ("/Records/*/EventSubscriptionArn", Text, '!'),
    ("/Records/*/Sns", Object, '!'),
];

/// The tables of a document, each with the pointer of the value that it is about.
fn tables(document: &Value) -> Vec<(String, &'static [Row])> {
    let has = |name| document.get(name).is_some();
    let record = document.pointer("/Records/0");
    let in_record = |name| record.is_some_and(|record| record.get(name).is_some());
    let tables: &[&'static [Row]] = if in_record("s3") {
        &[S3]
    } else if in_record("receiptHandle") {
        let fifo = record.and_then(|record| record.pointer("/attributes/SequenceNumber")).is_some();
        if fifo { &[SQS, FIFO] } else { &[SQS, FAIR] }
    } else if in_record("Sns") {
        let records = document["Records"].as_array().map_or(0, Vec::len);
        let inner = (0..records).map(|at| (format!("/Records/{at}/Sns"), SNS));
        return [(String::new(), SNS_EVENT)].into_iter().chain(inner).collect();
    } else if has("detail-type") && has("source") && has("detail") {
        match document["source"].as_str() {
            _ if document["detail-type"].as_str().is_some_and(|kind| kind.ends_with(" via CloudTrail")) => {
                &[BRIDGE, CUSTOM]
            }
            Some("aws.s3") => &[BRIDGE, BRIDGE_S3],
            Some("aws.events" | "aws.scheduler") => &[BRIDGE, SCHEDULED],
            Some("lambda") => {
                let outer = [BRIDGE, LAMBDA_RESULT].map(|table| (String::new(), table));
                return outer.into_iter().chain([("/detail".to_owned(), DESTINATION)]).collect();
            }
            _ => &[BRIDGE, CUSTOM],
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
    tables.iter().map(|table| (String::new(), *table)).collect()
}

/// The members of a valid document that this table knows; none for documents that may be anything.
pub(super) fn fields(document: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    let tables = tables(document);
    for (prefix, table) in &tables {
        let Some(value) = document.pointer(prefix) else { continue };
        for (path, form, presence) in *table {
            expand(value, path, prefix.clone(), &mut |pointer| {
                fields.push(Field { pointer, form: *form, required: *presence == '!', nullable: *presence == '0' });
            });
        }
    }
    match tables.last() {
        Some((_, S3)) => add_object_fields(document, &mut fields),
        Some((_, BRIDGE_S3)) => add_detail_fields(document, &mut fields),
        _ => {}
    }
    fields
}

fn add_detail_fields(document: &Value, fields: &mut Vec<Field>) {
    let detail_type = document["detail-type"].as_str().unwrap_or_default();
    for (pointer, form, always) in BRIDGE_S3_BY_TYPE {
        if document.pointer(pointer).is_some() {
            let required = always.contains(&detail_type);
            fields.push(Field { pointer: pointer.to_owned(), form, required, nullable: false });
        }
    }
}

/// These are required by some kinds of records only.
fn add_object_fields(document: &Value, fields: &mut Vec<Field>) {
    let records = document["Records"].as_array().map_or(&[][..], Vec::as_slice);
    for (at, record) in records.iter().enumerate() {
        let facts = S3EventName::from(record["eventName"].as_str().unwrap_or_default()).facts();
        let failed = record["eventName"] == "Replication:OperationFailedReplication";
        for (path, form, always) in [
            ("s3/object/size", Number, facts.size == Carried::Always),
            ("s3/object/eTag", Text, facts.e_tag == Carried::Always),
            ("s3/object/sequencer", Text, facts.sequencer == Carried::Always),
            // A suspended bucket may have none even for a delete marker, so no schema asks for it.
            ("s3/object/versionId", Text, false),
            ("replicationEventData/failureReason", Text, failed),
        ] {
            let pointer = format!("/Records/{at}/{path}");
            if document.pointer(&pointer).is_some() {
                let nullable = path == "s3/object/versionId";
                fields.push(Field { pointer, form, required: always, nullable });
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

#[cfg(all(test, feature = "schema"))]
mod tests {
    use super::*;
    use crate::{fixture, schema};

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    /// Every member that the schema names and the document has: its pointer, and whether the schema requires it.
    fn named(root: &Value, node: &Value, value: &Value, pointer: &str, found: &mut Vec<(String, bool)>) {
        if let Some(reference) = node["$ref"].as_str() {
            let path = reference.strip_prefix('#').unwrap();
            named(root, root.pointer(path).unwrap(), value, pointer, found);
        }
        for part in node["allOf"].as_array().into_iter().flatten() {
            named(root, part, value, pointer, found);
        }
        for (at, item) in value.as_array().into_iter().flatten().enumerate() {
            named(root, &node["items"], item, &format!("{pointer}/{at}"), found);
        }
        for (name, member) in value.as_object().into_iter().flatten() {
            let pointer = format!("{pointer}{}", step(name));
            let required = node["required"].as_array().is_some_and(|names| names.contains(&Value::from(name.as_str())));
            let schema = &node["properties"][name];
            if required || !schema.is_null() {
                found.push((pointer.clone(), required));
            }
            let schema = if schema.is_null() { &node["additionalProperties"] } else { schema };
            named(root, schema, member, &pointer, found);
        }
    }

    #[test]
    fn every_member_that_a_schema_names_and_its_fixture_has_can_be_spoiled() {
        let mut checked = 0;
        for name in fixture::names() {
            let (root, document) = (parsed(schema::get(name).unwrap()), parsed(fixture::get(name).unwrap()));
            let known = fields(&document);
            let mut found = Vec::new();
            named(&root, &root, &document, "", &mut found);
            for (pointer, required) in found {
                let field = known.iter().find(|field| field.pointer == pointer);
                let field = field.unwrap_or_else(|| panic!("{name}: {pointer} is not in the tables"));
                assert!(field.required || !required, "{name}: {pointer} is required");
                checked += 1;
            }
        }
        assert!(checked > 800, "{checked}");
    }
}
