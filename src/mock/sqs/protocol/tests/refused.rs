//! What SQS refuses, row by row, in both protocols: shapes, codes, statuses and texts as recorded from AWS or as its API reference has
//! them, and nothing is stored.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html>

use serde_json::{Value, json};

use super::bed::{Bed, URL, form, queue};
use crate::mock::sqs::message::QueueCounts;

const FIFO: &str = "http://127.0.0.1:4566/111111111111/q.fifo";
const DEAD: &str = "http://127.0.0.1:4566/111111111111/dead";
const ARN: &str = "arn:aws:sqs:us-east-1:111111111111:q";
const DEAD_ARN: &str = "arn:aws:sqs:us-east-1:111111111111:dead";

/// The errors: the code of the query protocol, the shape in JSON, the HTTP status.
const CATALOGUE: [(&str, &str, u16); 18] = [
    ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", 400),
    ("QueueAlreadyExists", "QueueNameExists", 400),
    ("AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently", 400),
    ("InvalidParameterValue", "InvalidParameterValueException", 400),
    ("MissingParameter", "MissingRequiredParameterException", 400),
    ("InvalidAttributeName", "InvalidAttributeName", 400),
    ("InvalidAttributeValue", "InvalidAttributeValue", 400),
    ("InvalidMessageContents", "InvalidMessageContents", 400),
    ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 400),
    ("AWS.SimpleQueueService.EmptyBatchRequest", "EmptyBatchRequest", 400),
    ("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "TooManyEntriesInBatchRequest", 400),
    ("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "BatchEntryIdsNotDistinct", 400),
    ("AWS.SimpleQueueService.InvalidBatchEntryId", "InvalidBatchEntryId", 400),
    ("AWS.SimpleQueueService.BatchRequestTooLong", "BatchRequestTooLong", 400),
    ("AWS.SimpleQueueService.PurgeQueueInProgress", "PurgeQueueInProgress", 403),
    ("OverLimit", "OverLimit", 403),
    ("ResourceNotFoundException", "ResourceNotFoundException", 404),
    ("AWS.SimpleQueueService.UnsupportedOperation", "UnsupportedOperation", 400),
];

/// A standard queue with a delay and a dead-letter queue, a FIFO queue, and one that was deleted.
fn bed() -> Bed {
    let bed = Bed::new();
    bed.ok("CreateQueue", json!({ "QueueName": "dead" }));
    let redrive = json!({ "deadLetterTargetArn": DEAD_ARN, "maxReceiveCount": 3 }).to_string();
    bed.ok("CreateQueue", json!({ "QueueName": "q", "Attributes": { "DelaySeconds": "1", "RedrivePolicy": redrive } }));
    bed.ok("CreateQueue", json!({ "QueueName": "q.fifo", "Attributes": { "FifoQueue": "true" } }));
    bed.ok("CreateQueue", json!({ "QueueName": "deleted" }));
    bed.ok("DeleteQueue", json!({ "QueueUrl": "deleted" }));
    bed
}

#[track_caller]
fn all_are_refused(bed: &Bed, rows: &[(&str, Value, &str, &str)]) {
    for (operation, body, code, message) in rows {
        let (_, shape, status) = CATALOGUE.iter().find(|(known, ..)| known == code).expect(code);
        let answer = bed.ask(operation, body);
        assert_eq!(answer.body["message"], *message, "{operation} {body}");
        assert_eq!(answer.body["__type"], format!("com.amazonaws.sqs#{shape}"), "{operation} {body}");
        assert_eq!(
            (answer.status, answer.query_error),
            (*status, Some(format!("{code};Sender"))),
            "{operation} {body}"
        );

        // The query protocol says the same, but for the text about a queue that does not exist.
        let answer = bed.respond(&form(operation, body));
        let text = quick_xml::escape::unescape(std::str::from_utf8(answer.body()).unwrap()).unwrap();
        assert_eq!(answer.status(), *status, "{operation} {body}: {text}");
        let message = message.replace("queue does not exist.", "queue does not exist for this wsdl version.");
        let told = format!("<Code>{code}</Code><Message>{message}</Message>");
        assert!(text.contains(&told), "{operation} {body}: {text}");
    }
    for name in ["q", "q.fifo", "dead"] {
        assert_eq!(bed.service.counts(&queue(name)).unwrap(), QueueCounts::default(), "nothing is half stored");
    }
}

fn entries(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "Id": id, "MessageBody": "x", "ReceiptHandle": "h", "VisibilityTimeout": 1 })).collect()
}

#[test]
fn every_operation_refuses_a_queue_that_is_not_there() {
    let bed = bed();
    let rows = [
        ("AddPermission", json!({ "Label": "l", "AWSAccountIds": ["222222222222"], "Actions": ["SendMessage"] })),
        ("ChangeMessageVisibility", json!({ "ReceiptHandle": "h", "VisibilityTimeout": 1 })),
        ("ChangeMessageVisibilityBatch", json!({ "Entries": entries(&["1"]) })),
        ("DeleteMessage", json!({ "ReceiptHandle": "h" })),
        ("DeleteMessageBatch", json!({ "Entries": entries(&["1"]) })),
        ("DeleteQueue", json!({})),
        ("GetQueueAttributes", json!({ "AttributeNames": ["All"] })),
        ("GetQueueUrl", json!({ "QueueName": "deleted" })),
        ("ListDeadLetterSourceQueues", json!({})),
        ("ListQueueTags", json!({})),
        ("PurgeQueue", json!({})),
        ("ReceiveMessage", json!({})),
        ("RemovePermission", json!({ "Label": "l" })),
        ("SendMessage", json!({ "MessageBody": "x" })),
        ("SendMessageBatch", json!({ "Entries": entries(&["1"]) })),
        ("SetQueueAttributes", json!({ "Attributes": { "DelaySeconds": "1" } })),
        ("TagQueue", json!({ "Tags": { "a": "b" } })),
        ("UntagQueue", json!({ "TagKeys": ["a"] })),
    ];
    for url in ["http://127.0.0.1:4566/111111111111/deleted", "http://127.0.0.1:4566/wrong", "deleted"] {
        let rows = rows.clone().map(|(operation, mut body)| {
            body["QueueUrl"] = json!(url);
            let message = "The specified queue does not exist.";
            (operation, body, "AWS.SimpleQueueService.NonExistentQueue", message)
        });
        all_are_refused(&bed, &rows);
    }
}

#[test]
fn queues_and_their_attributes() {
    let bed = bed();
    bed.ok("PurgeQueue", json!({ "QueueUrl": URL }));
    let create = |name: &str, attributes: Value| json!({ "QueueName": name, "Attributes": attributes });
    let set = |url: &str, attributes: Value| json!({ "QueueUrl": url, "Attributes": attributes });
    let redrive = |policy: &str| set(URL, json!({ "RedrivePolicy": policy }));
    let no_count = json!({ "deadLetterTargetArn": DEAD_ARN }).to_string();
    let no_target = json!({ "maxReceiveCount": 1 }).to_string();
    let name = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
    let fifo_name = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, \
                     must end with .fifo suffix and be 1 to 80 in length.";
    let deleted = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
    let two_kinds = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE \
                     or SQS SSE.";
    all_are_refused(
        &bed,
        &[
            (
                "CreateQueue",
                create("q", json!({ "DelaySeconds": "2" })),
                "QueueAlreadyExists",
                "A queue already exists with the same name and a different value for attribute DelaySeconds",
            ),
            ("CreateQueue", create("deleted", json!({})), "AWS.SimpleQueueService.QueueDeletedRecently", deleted),
            ("CreateQueue", create("a/b", json!({})), "InvalidParameterValue", name),
            ("CreateQueue", create(&"a".repeat(81), json!({})), "InvalidParameterValue", name),
            ("CreateQueue", create("other.fifo", json!({})), "InvalidParameterValue", name),
            ("CreateQueue", create("other", json!({ "FifoQueue": "true" })), "InvalidParameterValue", fifo_name),
            (
                "CreateQueue",
                create("other", json!({ "FifoQueue": "false" })),
                "InvalidAttributeName",
                "Unknown Attribute FifoQueue.",
            ),
            (
                "CreateQueue",
                create("other", json!({ "ContentBasedDeduplication": "true" })),
                "InvalidAttributeName",
                "Unknown Attribute ContentBasedDeduplication.",
            ),
            (
                "CreateQueue",
                create("other", json!({ "DeduplicationScope": "queue" })),
                "InvalidAttributeName",
                "You can specify the DeduplicationScope only when FifoQueue is set to true.",
            ),
            (
                "CreateQueue",
                create("other", json!({ "FifoThroughputLimit": "perQueue" })),
                "InvalidAttributeName",
                "You can specify the FifoThroughputLimit only when FifoQueue is set to true.",
            ),
            ("CreateQueue", json!({}), "MissingParameter", "The request must contain the parameter QueueName."),
            (
                "SetQueueAttributes",
                set(URL, json!({ "FifoQueue": "true" })),
                "InvalidAttributeName",
                "Unknown Attribute FifoQueue.",
            ),
            (
                "SetQueueAttributes",
                set(FIFO, json!({ "FifoQueue": "false" })),
                "InvalidAttributeValue",
                "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
            ),
            (
                "SetQueueAttributes",
                set(URL, json!({ "MaximumMessageSize": "1048577" })),
                "InvalidAttributeValue",
                "Invalid value for the parameter MaximumMessageSize.",
            ),
            (
                "SetQueueAttributes",
                set(URL, json!({ "KmsMasterKeyId": "key", "SqsManagedSseEnabled": "true" })),
                "InvalidAttributeName",
                two_kinds,
            ),
            (
                "SetQueueAttributes",
                redrive(&no_count),
                "InvalidParameterValue",
                &format!(
                    "Value {no_count} for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain \
                     mandatory attribute: maxReceiveCount."
                ),
            ),
            (
                "SetQueueAttributes",
                redrive(&no_target),
                "InvalidParameterValue",
                &format!(
                    "Value {no_target} for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain \
                     mandatory attribute: deadLetterTargetArn."
                ),
            ),
            (
                "GetQueueAttributes",
                json!({ "QueueUrl": URL, "AttributeNames": ["All", "Nothing"] }),
                "InvalidAttributeName",
                "Unknown Attribute Nothing.",
            ),
            (
                "GetQueueAttributes",
                json!({ "QueueUrl": URL, "AttributeNames": ["QueueArn", "FifoQueue"] }),
                "InvalidAttributeName",
                "Unknown Attribute FifoQueue.",
            ),
            (
                "GetQueueAttributes",
                json!({ "QueueUrl": URL, "AttributeNames": ["ContentBasedDeduplication"] }),
                "InvalidAttributeName",
                "Unknown Attribute ContentBasedDeduplication.",
            ),
            (
                "SetQueueAttributes",
                set(URL, json!({ "Policy": r#"{"Version":"2012-10-17","Statement":[]}"# })),
                "InvalidAttributeValue",
                "Invalid value for the parameter Policy.",
            ),
            (
                "SetQueueAttributes",
                set(URL, json!({})),
                "MissingParameter",
                "The request must contain the parameter Attributes.",
            ),
            (
                "GetQueueAttributes",
                json!({ "QueueUrl": URL, "AttributeNames": [""] }),
                "InvalidAttributeName",
                "Unknown Attribute .",
            ),
            (
                "PurgeQueue",
                json!({ "QueueUrl": URL }),
                "AWS.SimpleQueueService.PurgeQueueInProgress",
                "Only one PurgeQueue operation on q is allowed every 60 seconds.",
            ),
            (
                "ListQueues",
                json!({ "MaxResults": 1001 }),
                "InvalidParameterValue",
                "Value 1001 for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.",
            ),
        ],
    );
}

#[test]
fn messages_and_their_attributes() {
    let bed = bed();
    let message = |url: &str, members: Value| {
        let mut body = json!({ "QueueUrl": url, "MessageBody": "x" });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body
    };
    let send = |members: Value| message(URL, members);
    let to_fifo = |members: Value| message(FIFO, members);
    let attribute = |name: &str, kind: &str, text: &str| {
        send(json!({ "MessageAttributes": { name: { "DataType": kind, "StringValue": text } } }))
    };
    let id = |value: &str, parameter: &str| {
        format!(
            "Value {value} for parameter {parameter} is invalid. Reason: {parameter} can only include alphanumeric and \
             punctuation characters. 1 to 128 in length."
        )
    };
    let long = "a".repeat(129);
    let unknown = "The type of message (user) attribute 'a' is invalid. You must use only the following supported type \
                   prefixes: Binary, Number, String.";
    all_are_refused(
        &bed,
        &[
            (
                "SendMessage",
                send(json!({ "MessageBody": "" })),
                "MissingParameter",
                "The request must contain the parameter MessageBody.",
            ),
            (
                "SendMessage",
                json!({ "MessageBody": "x" }),
                "MissingParameter",
                "The request must contain the parameter QueueUrl.",
            ),
            (
                "SendMessage",
                send(json!({ "MessageBody": "a".repeat(1_048_577) })),
                "InvalidParameterValue",
                "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
            ),
            (
                "SendMessage",
                send(json!({ "DelaySeconds": 901 })),
                "InvalidParameterValue",
                "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
            ),
            (
                "SendMessage",
                attribute("ErrorDetails", "String", ""),
                "InvalidParameterValue",
                "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
            ),
            ("SendMessage", attribute("a", "Invalid", "x"), "InvalidParameterValue", unknown),
            (
                "SendMessage",
                attribute("", "String", "x"),
                "InvalidParameterValue",
                "The request must contain non-empty message attribute name.",
            ),
            (
                "SendMessage",
                attribute("a", &format!("Number.{}", "1".repeat(256)), "1"),
                "InvalidParameterValue",
                unknown,
            ),
            (
                "SendMessage",
                attribute("a", "", "x"),
                "InvalidParameterValue",
                "The message attribute 'a' must contain non-empty message attribute type.",
            ),
            (
                "SendMessage",
                send(json!({ "MessageAttributes": { "a": {} } })),
                "InvalidParameterValue",
                "The message attribute 'a' must contain non-empty message attribute value.",
            ),
            (
                "SendMessage",
                send(
                    json!({ "MessageAttributes": { "a": { "DataType": "String", "StringValue": "x", "StringListValues": [] } } }),
                ),
                "AWS.SimpleQueueService.UnsupportedOperation",
                "Message attribute list values in SendMessage operation are not supported.",
            ),
            (
                "SendMessageBatch",
                json!({ "QueueUrl": URL, "Entries": [
                    { "Id": "a", "MessageBody": "x" },
                    { "Id": "b", "MessageBody": "x", "MessageAttributes": { "a": { "DataType": "Binary", "BinaryListValues": ["YQ=="] } } },
                ] }),
                "AWS.SimpleQueueService.UnsupportedOperation",
                "Message attribute list values in SendMessageBatch operation are not supported.",
            ),
            ("SendMessage", send(json!({ "MessageGroupId": "" })), "InvalidParameterValue", &id("", "MessageGroupId")),
            (
                "SendMessage",
                send(json!({ "MessageGroupId": "a b" })),
                "InvalidParameterValue",
                &id("a b", "MessageGroupId"),
            ),
            (
                "SendMessage",
                to_fifo(json!({ "MessageGroupId": "g", "MessageDeduplicationId": long })),
                "InvalidParameterValue",
                &id(&long, "MessageDeduplicationId"),
            ),
            (
                "SendMessage",
                send(json!({ "MessageDeduplicationId": "" })),
                "InvalidParameterValue",
                &id("", "MessageDeduplicationId"),
            ),
            (
                "SendMessage",
                send(json!({ "MessageDeduplicationId": "d" })),
                "InvalidParameterValue",
                "Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not \
                 valid for this queue type.",
            ),
            (
                "SendMessage",
                to_fifo(json!({ "MessageGroupId": "" })),
                "InvalidParameterValue",
                &id("", "MessageGroupId"),
            ),
            (
                "SendMessage",
                to_fifo(json!({ "MessageDeduplicationId": "d" })),
                "MissingParameter",
                "The request must contain the parameter MessageGroupId.",
            ),
            (
                "SendMessage",
                to_fifo(json!({ "MessageGroupId": "g" })),
                "InvalidParameterValue",
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ),
            (
                "SendMessage",
                to_fifo(json!({ "MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 2 })),
                "InvalidParameterValue",
                "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for \
                 this queue type.",
            ),
            (
                "SendMessage",
                send(json!({ "MessageBody": "\u{fffe}" })),
                "InvalidMessageContents",
                "Invalid binary character '#xFFFE' was found in the message body, the set of allowed characters is \
                 #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF].",
            ),
        ],
    );
}

#[test]
fn receives_and_handles() {
    let bed = bed();
    let between = |name: &str, value: i64, range: &str| {
        format!("Value {value} for parameter {name} is invalid. Reason: Must be {range}, if provided.")
    };
    let receive = |name: &str, value: i64| json!({ "QueueUrl": URL, name: value });
    let garbage = "The input receipt handle \"garbage\" is not a valid receipt handle.";
    let (most, wait, timeout) = ("MaxNumberOfMessages", "WaitTimeSeconds", "VisibilityTimeout");
    for value in [0, 11, -1] {
        let message = between(most, value, "between 1 and 10");
        all_are_refused(&bed, &[("ReceiveMessage", receive(most, value), "InvalidParameterValue", &message)]);
    }
    for value in [21, -1] {
        let message = between(wait, value, ">= 0 and <= 20");
        all_are_refused(&bed, &[("ReceiveMessage", receive(wait, value), "InvalidParameterValue", &message)]);
    }
    for value in [43_201, -1] {
        let message = between(timeout, value, "between 0 and 43200");
        all_are_refused(&bed, &[("ReceiveMessage", receive(timeout, value), "InvalidParameterValue", &message)]);
    }
    all_are_refused(
        &bed,
        &[
            (
                "DeleteMessage",
                json!({ "QueueUrl": URL, "ReceiptHandle": "garbage" }),
                "ReceiptHandleIsInvalid",
                garbage,
            ),
            (
                "ChangeMessageVisibility",
                json!({ "QueueUrl": URL, "ReceiptHandle": "garbage", "VisibilityTimeout": 1 }),
                "ReceiptHandleIsInvalid",
                garbage,
            ),
            (
                "DeleteMessage",
                json!({ "QueueUrl": URL }),
                "MissingParameter",
                "The request must contain the parameter MessageHandle.",
            ),
            (
                "DeleteMessage",
                json!({ "QueueUrl": URL, "ReceiptHandle": "" }),
                "MissingParameter",
                "The request must contain the parameter MessageHandle.",
            ),
            (
                "ReceiveMessage",
                json!({ "QueueUrl": URL, "AttributeNames": ["Nothing"] }),
                "InvalidAttributeName",
                "Unknown Attribute Nothing.",
            ),
        ],
    );

    // A handle of a message that was deleted, and one of another queue.
    let dead = "http://127.0.0.1:4566/111111111111/dead";
    bed.ok("SendMessage", json!({ "QueueUrl": dead, "MessageBody": "x" }));
    let handle = bed.ok("ReceiveMessage", json!({ "QueueUrl": dead }))["Messages"][0]["ReceiptHandle"].clone();
    bed.ok("DeleteMessage", json!({ "QueueUrl": dead, "ReceiptHandle": handle }));
    let text = handle.as_str().unwrap();
    all_are_refused(
        &bed,
        &[
            (
                "ChangeMessageVisibility",
                json!({ "QueueUrl": dead, "ReceiptHandle": handle, "VisibilityTimeout": 1 }),
                "InvalidParameterValue",
                &format!(
                    "Value {text} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not \
                     available for visibility timeout change."
                ),
            ),
            (
                "DeleteMessage",
                json!({ "QueueUrl": URL, "ReceiptHandle": handle }),
                "ReceiptHandleIsInvalid",
                &format!("The receipt handle \"{text}\" is not valid for this queue."),
            ),
        ],
    );
}

#[test]
fn batches_as_a_whole() {
    let bed = bed();
    let numbers: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    let twenty = entries(&numbers.iter().map(String::as_str).collect::<Vec<_>>());
    let too_many = "Maximum number of entries per request are 10. You have sent 20.";
    let bad_id = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                  It can be at most 80 letters long.";
    for operation in ["SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"] {
        let batch = |entries: Value| json!({ "QueueUrl": URL, "Entries": entries });
        let none = format!("There should be at least one {operation}RequestEntry in the request.");
        all_are_refused(
            &bed,
            &[
                (operation, batch(json!([])), "AWS.SimpleQueueService.EmptyBatchRequest", &none),
                (operation, batch(twenty.clone()), "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", too_many),
                (operation, batch(entries(&["a:b"])), "AWS.SimpleQueueService.InvalidBatchEntryId", bad_id),
                (operation, batch(entries(&[""])), "AWS.SimpleQueueService.InvalidBatchEntryId", bad_id),
                (
                    operation,
                    batch(entries(&["2", "1", "1", "2"])),
                    "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
                    "Id 1 repeated.",
                ),
            ],
        );
    }
    for (operation, entry, place) in [
        ("SendMessageBatch", json!({ "MessageBody": "x" }), "Id"),
        ("DeleteMessageBatch", json!({ "Id": "1" }), "ReceiptHandle"),
        ("ChangeMessageVisibilityBatch", json!({ "Id": "1", "ReceiptHandle": "h" }), "VisibilityTimeout"),
    ] {
        let body = json!({ "QueueUrl": URL, "Entries": [entries(&["1"])[0].clone(), entry] });
        let message = format!("The request must contain the parameter {operation}RequestEntry.2.{place}.");
        all_are_refused(&bed, &[(operation, body, "MissingParameter", &message)]);
    }
    let half = "a".repeat(524_289);
    let long = json!([{ "Id": "1", "MessageBody": half }, { "Id": "2", "MessageBody": half }]);
    let to_fifo = |entry: Value| json!({ "QueueUrl": FIFO, "Entries": [entry] });
    all_are_refused(
        &bed,
        &[
            (
                "SendMessageBatch",
                json!({ "QueueUrl": URL, "Entries": long }),
                "AWS.SimpleQueueService.BatchRequestTooLong",
                "Batch requests cannot be longer than 1048576 bytes. You have sent 1048578 bytes.",
            ),
            (
                "SendMessageBatch",
                to_fifo(json!({ "Id": "1", "MessageBody": "x" })),
                "InvalidParameterValue",
                "The request must contain the parameter MessageGroupId.",
            ),
            (
                "SendMessageBatch",
                to_fifo(json!({ "Id": "1", "MessageBody": "x", "MessageGroupId": "g" })),
                "InvalidParameterValue",
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ),
        ],
    );
}

#[test]
fn tags_permissions_and_move_tasks() {
    let bed = bed();
    let permit = |label: &str, accounts: Value, actions: Value| json!({ "QueueUrl": URL, "Label": label, "AWSAccountIds": accounts, "Actions": actions });
    bed.ok("AddPermission", permit("there", json!(["222222222222"]), json!(["SendMessage"])));
    let many: serde_json::Map<_, _> = (0..51).map(|number| (number.to_string(), json!(""))).collect();
    let missing = |name: &str| format!("The resource that you specified for the {name} parameter doesn't exist.");
    let absent = format!("{DEAD_ARN}-absent");
    let pace = "Value 501 for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided.";
    all_are_refused(
        &bed,
        &[
            (
                "TagQueue",
                json!({ "QueueUrl": URL, "Tags": {} }),
                "MissingParameter",
                "The request must contain the parameter Tags.",
            ),
            (
                "TagQueue",
                json!({ "QueueUrl": URL, "Tags": many }),
                "InvalidParameterValue",
                "Too many tags added for queue q.",
            ),
            (
                "TagQueue",
                json!({ "QueueUrl": URL, "Tags": { "aws:team": "a" } }),
                "InvalidParameterValue",
                "Tag keys and values must not begin with aws:, which is reserved.",
            ),
            (
                "CreateQueue",
                json!({ "QueueName": "q", "tags": { "a": "b" } }),
                "QueueAlreadyExists",
                "A queue already exists with the same name and different tags",
            ),
            (
                "UntagQueue",
                json!({ "QueueUrl": URL, "TagKeys": [] }),
                "InvalidParameterValue",
                "Tag keys must be between 1 and 128 characters in length.",
            ),
            (
                "UntagQueue",
                json!({ "QueueUrl": URL, "TagKeys": ["a", "k".repeat(129)] }),
                "InvalidParameterValue",
                "Tag keys must be between 1 and 128 characters in length.",
            ),
            (
                "AddPermission",
                permit("there", json!(["222222222222"]), json!(["SendMessage"])),
                "InvalidParameterValue",
                "Value there for parameter Label is invalid. Reason: Already exists.",
            ),
            (
                "AddPermission",
                permit("l", json!(["222222222222"]), json!(["RemovePermission"])),
                "InvalidParameterValue",
                "Value SQS:RemovePermission for parameter ActionName is invalid. Reason: Only the queue owner is allowed to \
                 invoke this action.",
            ),
            (
                "AddPermission",
                permit("l", json!(["222222222222"]), json!(["ChangeMessageVisibilityBatch"])),
                "InvalidParameterValue",
                "Value SQS:ChangeMessageVisibilityBatch for parameter ActionName is invalid. Reason: Please refer to the \
                 appropriate WSDL for a list of valid actions.",
            ),
            (
                "AddPermission",
                permit("l", json!(["222222222222"]), json!([])),
                "MissingParameter",
                "The request must contain the parameter Actions.",
            ),
            (
                "AddPermission",
                permit("l", json!([]), json!(["SendMessage"])),
                "InvalidParameterValue",
                "Value [] for parameter PrincipalId is invalid. Reason: Unable to verify.",
            ),
            (
                "AddPermission",
                permit("l", json!(["222222222222"]), json!(vec!["*"; 8])),
                "OverLimit",
                "8 Actions were found, maximum allowed is 7.",
            ),
            (
                "RemovePermission",
                json!({ "QueueUrl": URL, "Label": "absent" }),
                "InvalidParameterValue",
                "Value absent for parameter Label is invalid. Reason: can't find label.",
            ),
            (
                "StartMessageMoveTask",
                json!({ "SourceArn": ARN }),
                "InvalidParameterValue",
                "Source queue must be configured as a Dead Letter Queue.",
            ),
            (
                "StartMessageMoveTask",
                json!({ "SourceArn": absent }),
                "ResourceNotFoundException",
                &missing("SourceArn"),
            ),
            (
                "StartMessageMoveTask",
                json!({ "SourceArn": DEAD_ARN, "DestinationArn": absent }),
                "ResourceNotFoundException",
                &missing("DestinationArn"),
            ),
            (
                "StartMessageMoveTask",
                json!({ "SourceArn": DEAD_ARN, "MaxNumberOfMessagesPerSecond": 501 }),
                "InvalidParameterValue",
                pace,
            ),
            (
                "ListMessageMoveTasks",
                json!({ "SourceArn": DEAD_ARN, "MaxResults": 11 }),
                "InvalidParameterValue",
                "Value 11 for parameter MaxResults is invalid. Reason: Must be between 1 and 10, if provided.",
            ),
            (
                "CancelMessageMoveTask",
                json!({ "TaskHandle": "garbage" }),
                "InvalidParameterValue",
                "Value for parameter TaskHandle is invalid.",
            ),
        ],
    );
    // While one runs.
    for _ in 0..2 {
        bed.ok("SendMessage", json!({ "QueueUrl": DEAD, "MessageBody": "x" }));
    }
    bed.ok(
        "StartMessageMoveTask",
        json!({ "SourceArn": DEAD_ARN, "DestinationArn": ARN, "MaxNumberOfMessagesPerSecond": 1 }),
    );
    let answer = bed.ask("StartMessageMoveTask", &json!({ "SourceArn": DEAD_ARN }));
    assert_eq!(
        answer.body["message"],
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
    );
}
