//! The protocols as a client sees them.

mod bed;
mod moves;
mod permissions;
mod query;
mod refused;

use jiff::Timestamp;
use serde_json::{Value, json};

use self::bed::{Bed, URL, queue, request};
use super::{Executed, Output, Poll, parse};
use crate::mock::sqs::limits::SqsLimits;

#[test]
fn a_message_goes_from_producer_to_consumer() {
    let bed = Bed::new();
    assert_eq!(bed.ok("CreateQueue", json!({ "QueueName": "q" })), json!({ "QueueUrl": URL }));
    assert_eq!(bed.ok("GetQueueUrl", json!({ "QueueName": "q" })), json!({ "QueueUrl": URL }));
    assert_eq!(bed.ok("ListQueues", json!({})), json!({ "QueueUrls": [URL] }));
    assert_eq!(bed.ok("ListQueues", json!({ "QueueNamePrefix": "x" })), json!({}));
    let text = "line\r\n\"&quot;\" é😀";
    let sent = bed.ok("SendMessage", json!({ "QueueUrl": URL, "MessageBody": text, "Unknown": 1 }));
    assert_eq!(sent.as_object().unwrap().len(), 2, "the digest of the body and the message id");
    let received = bed.ok("ReceiveMessage", json!({ "QueueUrl": "q" }));
    let message = &received["Messages"][0];
    assert_eq!(message["Body"], text);
    assert_eq!((&message["MessageId"], &message["MD5OfBody"]), (&sent["MessageId"], &sent["MD5OfMessageBody"]));
    assert_eq!(message.as_object().unwrap().len(), 4, "attributes come only when asked for");
    assert_eq!(bed.ok("ReceiveMessage", json!({ "QueueUrl": URL })), json!({}));
    let handle = &message["ReceiptHandle"];
    assert_eq!(bed.ok("DeleteMessage", json!({ "QueueUrl": URL, "ReceiptHandle": handle })), json!({}));
    let names = json!({ "QueueUrl": URL, "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"] });
    let counts = bed.ok("GetQueueAttributes", names);
    assert_eq!(counts, json!({ "Attributes": { "ApproximateNumberOfMessagesNotVisible": "0" } }));
    assert_eq!(bed.ok("GetQueueAttributes", json!({ "QueueUrl": URL })), json!({}));
    assert_eq!(bed.ok("DeleteQueue", json!({ "QueueUrl": URL })), json!({}));
    assert_eq!(*bed.observed.lock().unwrap(), ["q"; 5], "create, send, receive, delete message, delete queue");
}

#[test]
fn requests_that_cannot_be_read_say_where() {
    let bed = Bed::with_queue(&json!({}));
    let attribute = |value: Value| json!({ "QueueUrl": URL, "MessageBody": "x", "MessageAttributes": { "a": value } });
    for (operation, body, member) in [
        ("SendMessage", "{".to_owned(), "not valid JSON"),
        ("SendMessage", "[]".to_owned(), "the request"),
        ("SendMessage", json!({ "QueueUrl": URL, "MessageBody": 1 }).to_string(), "MessageBody"),
        (
            "SendMessage",
            json!({ "QueueUrl": URL, "MessageBody": "x", "DelaySeconds": "1" }).to_string(),
            "DelaySeconds",
        ),
        ("SendMessage", attribute(json!("x")).to_string(), "MessageAttributes"),
        ("SendMessage", attribute(json!({ "DataType": "Binary", "BinaryValue": "?" })).to_string(), "BinaryValue"),
        ("ReceiveMessage", json!({ "QueueUrl": URL, "MaxNumberOfMessages": 1.5 }).to_string(), "MaxNumberOfMessages"),
        ("ReceiveMessage", json!({ "QueueUrl": URL, "AttributeNames": "All" }).to_string(), "AttributeNames"),
        (
            "SetQueueAttributes",
            json!({ "QueueUrl": URL, "Attributes": { "DelaySeconds": 1 } }).to_string(),
            "Attributes",
        ),
        ("SendMessageBatch", json!({ "QueueUrl": URL, "Entries": [1] }).to_string(), "Entries"),
    ] {
        let answer = bed.send(&request(operation, body));
        assert_eq!(answer.status, 400);
        assert_eq!(answer.body["__type"], "com.amazon.coral.service#SerializationException");
        assert!(answer.body["message"].as_str().unwrap().contains(member), "{:?}", answer.body);
    }
    let answer = bed.send(&request("Explode", "{}".into()));
    assert_eq!(answer.body["__type"], "com.amazon.coral.service#UnknownOperationException");
    assert!(answer.body["message"].as_str().unwrap().contains("Explode"));
}

#[test]
fn a_long_poll_waits_until_something_comes_or_its_time_is_over() {
    let bed = Bed::with_queue(&json!({ "ReceiveMessageWaitTimeSeconds": "5" }));
    let (receive, until) = (json!({ "QueueUrl": URL }), bed.clock.lock().unwrap().as_second() + 5);
    let until = Timestamp::from_second(until).unwrap();
    let wait = Executed::Wait { queue: queue("q"), until };
    assert_eq!(bed.poll(receive.clone(), Poll::First), wait);
    bed.advance(2);
    assert_eq!(bed.poll(receive.clone(), Poll::Again(until)), wait, "the deadline stays");
    assert_eq!(bed.poll(receive.clone(), Poll::Last), Executed::Done(Output::Messages { messages: Vec::new() }));
    assert_eq!(
        bed.poll(json!({ "QueueUrl": URL, "WaitTimeSeconds": 0 }), Poll::First),
        Executed::Done(Output::Messages { messages: Vec::new() })
    );
    bed.ok("SendMessage", json!({ "QueueUrl": URL, "MessageBody": "x", "DelaySeconds": 2 }));
    assert_eq!(bed.poll(receive.clone(), Poll::Again(until)), wait);
    bed.advance(2);
    let Executed::Done(Output::Messages { messages }) = bed.poll(receive.clone(), Poll::Again(until)) else {
        panic!("a message is there")
    };
    assert_eq!(messages[0].body, "x");
    bed.advance(1);
    assert_eq!(bed.poll(receive, Poll::Again(until)), Executed::Done(Output::Messages { messages: Vec::new() }));
}

/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
#[test]
fn a_long_poll_is_not_told_that_too_many_messages_are_in_flight() {
    let bed = Bed::with_limits(SqsLimits { in_flight: 1, ..SqsLimits::default() });
    bed.ok("CreateQueue", json!({ "QueueName": "q" }));
    for body in ["a", "b"] {
        bed.ok("SendMessage", json!({ "QueueUrl": URL, "MessageBody": body }));
    }
    bed.ok("ReceiveMessage", json!({ "QueueUrl": URL }));
    let short = bed.ask("ReceiveMessage", &json!({ "QueueUrl": URL }));
    assert_eq!((short.status, short.query_error.as_deref()), (403, Some("OverLimit;Sender")));
    let long = json!({ "QueueUrl": URL, "WaitTimeSeconds": 1 });
    assert!(matches!(bed.poll(long.clone(), Poll::First), Executed::Wait { .. }));
    assert_eq!(bed.ok("ReceiveMessage", long), json!({}));
}

/// In the results of a batch AWS gives some reasons without their frame.
#[test]
fn entries_of_batches_fail_in_words_of_their_own() {
    let fifo = "http://127.0.0.1:4566/111111111111/q.fifo";
    let bed = Bed::with_queue(&json!({}));
    bed.ok("CreateQueue", json!({ "QueueName": "q.fifo", "Attributes": { "FifoQueue": "true" } }));
    let failed = |operation: &str, url: &str, entry: Value| {
        let failed = bed.ok(operation, json!({ "QueueUrl": url, "Entries": [entry] }))["Failed"][0].clone();
        assert_eq!((&failed["Id"], &failed["SenderFault"]), (&json!("1"), &json!(true)));
        (failed["Code"].as_str().unwrap().to_owned(), failed["Message"].as_str().unwrap().to_owned())
    };
    let not_for_type = "The request include parameter that is not valid for this queue type";
    let grouped = json!({ "Id": "1", "MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 1 });
    let alone = json!({ "Id": "1", "MessageBody": "x", "MessageDeduplicationId": "d" });
    for (url, entry) in [(fifo, grouped), (URL, alone)] {
        let (code, message) = failed("SendMessageBatch", url, entry);
        assert_eq!((code.as_str(), message.as_str()), ("InvalidParameterValue", not_for_type));
    }
    let late = json!({ "Id": "1", "MessageBody": "x", "DelaySeconds": 1800 });
    let reason = "Value 1800 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.";
    assert_eq!(failed("SendMessageBatch", URL, late), ("InvalidParameterValue".to_owned(), reason.to_owned()));

    bed.ok(
        "SendMessage",
        json!({ "QueueUrl": fifo, "MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "d" }),
    );
    let handle = bed.ok("ReceiveMessage", json!({ "QueueUrl": fifo }))["Messages"][0]["ReceiptHandle"].clone();
    bed.advance(30);
    let entry = json!({ "Id": "1", "ReceiptHandle": handle, "VisibilityTimeout": 1 });
    for operation in ["DeleteMessageBatch", "ChangeMessageVisibilityBatch"] {
        let expired = ("ReceiptHandleIsInvalid".to_owned(), "The receipt handle has expired".to_owned());
        assert_eq!(failed(operation, fifo, entry.clone()), expired);
        let (code, message) = failed(operation, URL, entry.clone());
        assert_eq!(code, "ReceiptHandleIsInvalid");
        assert_eq!(message, format!("The receipt handle {handle} is not valid for this queue."));
    }
}

#[test]
fn a_bare_name_is_a_queue_of_the_caller_and_nobody_has_none() {
    let mut bed = Bed::with_queue(&json!({}));
    bed.ok("SendMessage", json!({ "QueueUrl": "q", "MessageBody": "x" }));
    bed.account = "222222222222";
    assert_eq!(bed.ok("ListQueues", json!({})), json!({}));
    let bare = bed.ask("SendMessage", &json!({ "QueueUrl": "q", "MessageBody": "x" }));
    assert_eq!(bare.query_error.as_deref(), Some("AWS.SimpleQueueService.NonExistentQueue;Sender"));
    let mut anonymous = bed.call();
    anonymous.caller = None;
    let receive = parse(&request("ReceiveMessage", json!({ "QueueUrl": URL }).to_string()));
    let fault = bed.service.execute(&receive.operation.unwrap(), URL, &anonymous, Poll::Last).unwrap_err();
    assert_eq!((fault.status, fault.query_code), (403, "AccessDenied"));
    assert_eq!(bed.service.counts(&queue("q")).unwrap().visible, 1);
}

// Recorded from AWS for the attributes General, Hello and Help.Me.
#[test]
fn a_receive_returns_the_attributes_that_it_asks_for() {
    let bed = Bed::with_queue(&json!({}));
    let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
    let attributes = json!({ "Help.Me": text("Me"), "Hello": text("There"), "General": text("Kenobi") });
    let send = json!({ "QueueUrl": URL, "MessageBody": "msg", "MessageAttributes": attributes });
    let sent = bed.ok("SendMessage", send);
    assert_eq!(sent["MD5OfMessageAttributes"], "4c360f3fdafd970e05fae2f149d997f5");
    for (names, expected, md5) in [
        (json!(["All"]), &["General", "Hello", "Help.Me"][..], "4c360f3fdafd970e05fae2f149d997f5"),
        (json!(["*"]), &["General", "Hello", "Help.Me"], "4c360f3fdafd970e05fae2f149d997f5"),
        (json!([".*"]), &["General", "Hello", "Help.Me"], "4c360f3fdafd970e05fae2f149d997f5"),
        (json!(["Hel.*"]), &["Hello", "Help.Me"], "83fee93c1bcd8b9a5a923ffacdc636c7"),
        (json!(["Help.Me", "Hello", "AWS.", "..foo"]), &["Hello", "Help.Me"], "83fee93c1bcd8b9a5a923ffacdc636c7"),
        (json!(["hello"]), &[], ""),
    ] {
        let receive = json!({ "QueueUrl": URL, "VisibilityTimeout": 0, "MessageAttributeNames": names });
        let message = bed.ok("ReceiveMessage", receive)["Messages"][0].clone();
        let found = message.get("MessageAttributes").and_then(Value::as_object);
        let found: Vec<_> = found.map(|found| found.keys().cloned().collect()).unwrap_or_default();
        assert_eq!(found, expected, "{names}");
        assert_eq!(message.get("MD5OfMessageAttributes").and_then(Value::as_str).unwrap_or_default(), md5);
    }
    let always = ["ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"];
    for (member, names, expected) in [
        ("AttributeNames", json!(["All"]), &always[..]),
        ("MessageSystemAttributeNames", json!(["All"]), &always),
        ("MessageSystemAttributeNames", json!(["SenderId", "SequenceNumber"]), &["SenderId"]),
        ("MessageSystemAttributeNames", json!([]), &[]),
    ] {
        let receive = json!({ "QueueUrl": URL, "VisibilityTimeout": 0, member: names });
        let message = bed.ok("ReceiveMessage", receive)["Messages"][0].clone();
        let found = message.get("Attributes").and_then(Value::as_object);
        let found: Vec<_> = found.map(|found| found.keys().cloned().collect()).unwrap_or_default();
        assert_eq!(found, expected, "{names}");
    }
    let both = json!({ "QueueUrl": URL, "MessageSystemAttributeNames": ["All"], "AttributeNames": ["SenderId"] });
    let message = bed.ok("ReceiveMessage", both)["Messages"][0].clone();
    assert_eq!(message["Attributes"]["SentTimestamp"], "1767225600000");
    assert_eq!(message["Attributes"]["ApproximateReceiveCount"], "11");
}

#[test]
fn the_trace_header_comes_from_the_message_or_from_the_request() {
    let mut bed = Bed::with_queue(&json!({}));
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    bed.trace_header = Some("Root=2".into());
    let system = json!({ "AWSTraceHeader": { "DataType": "String", "StringValue": header } });
    let send = json!({ "QueueUrl": URL, "MessageBody": "x", "MessageSystemAttributes": system });
    let sent = bed.ok("SendMessage", send);
    assert_eq!(sent["MD5OfMessageSystemAttributes"], "5ae4d5d7636402d80f4eb6d213245a88");
    let sent = bed.ok("SendMessageBatch", json!({ "QueueUrl": URL, "Entries": [{ "Id": "a", "MessageBody": "y" }] }));
    assert_eq!(sent["Successful"][0].as_object().unwrap().len(), 3);
    let all = json!({ "QueueUrl": URL, "MaxNumberOfMessages": 10, "AttributeNames": ["AWSTraceHeader"] });
    let received = bed.ok("ReceiveMessage", all);
    let headers: Vec<_> = (0..2).map(|n| &received["Messages"][n]["Attributes"]["AWSTraceHeader"]).collect();
    assert_eq!(headers, [header, "Root=2"]);
    for (name, value) in [("Other", header), ("AWSTraceHeader", "x")] {
        let system = json!({ name: { "DataType": "String", "StringValue": value } });
        let send = json!({ "QueueUrl": URL, "MessageBody": "x", "MessageSystemAttributes": system });
        assert_eq!(bed.ask("SendMessage", &send).query_error.as_deref(), Some("InvalidParameterValue;Sender"));
    }
    // Whatever is asked.
    for (trace, status) in [("Root=dummy;Parent=53995c3f42cd8ad8;Sampled=0", 400), (header, 200), ("", 200)] {
        let mut request = request("ListQueues", "{}".into());
        request.headers_mut().insert("x-amzn-trace-id", trace.parse().unwrap());
        let answer = bed.send(&request);
        assert_eq!(answer.status, status, "{trace}");
        if status == 400 {
            assert_eq!(answer.query_error.as_deref(), Some("InvalidParameterValue;Sender"));
            let message = "The request has a 'X-Amzn-Trace-Id' HTTP header which is reserved for AWS X-Ray trace header and \
                           has an invalid value 'Root=dummy;Parent=53995c3f42cd8ad8;Sampled=0'";
            assert_eq!(answer.body["message"], message);
        }
    }
}

#[test]
fn batches_answer_entry_by_entry_and_binary_values_survive() {
    let bed = Bed::with_queue(&json!({}));
    let binary = json!({ "b": { "DataType": "Binary.x", "BinaryValue": "AP8=" } });
    let bad = json!({ "b": { "DataType": "Invalid", "StringValue": "x" } });
    let entries = json!([
        { "Id": "1", "MessageBody": "a", "MessageAttributes": binary },
        { "Id": "2", "MessageBody": "a", "MessageAttributes": bad },
    ]);
    let sent = bed.ok("SendMessageBatch", json!({ "QueueUrl": URL, "Entries": entries }));
    assert_eq!(sent["Successful"][0]["MD5OfMessageBody"], "0cc175b9c0f1b6a831c399e269772661");
    assert_eq!(sent["Failed"][0]["Id"], "2");
    assert_eq!(sent["Failed"][0]["Code"], "InvalidParameterValue");
    assert_eq!(sent["Failed"][0]["SenderFault"], true);
    let receive = json!({ "QueueUrl": URL, "MessageAttributeNames": ["All"] });
    let message = bed.ok("ReceiveMessage", receive)["Messages"][0].clone();
    assert_eq!(message["MessageAttributes"], binary);
    let handle = &message["ReceiptHandle"];
    let entries = json!([{ "Id": "1", "ReceiptHandle": handle, "VisibilityTimeout": 0 }]);
    let changed = bed.ok("ChangeMessageVisibilityBatch", json!({ "QueueUrl": URL, "Entries": entries }));
    assert_eq!(changed, json!({ "Successful": [{ "Id": "1" }] }));
    let entries = json!([{ "Id": "1", "ReceiptHandle": handle }, { "Id": "2", "ReceiptHandle": "h" }]);
    let deleted = bed.ok("DeleteMessageBatch", json!({ "QueueUrl": URL, "Entries": entries }));
    assert_eq!(deleted["Successful"], json!([{ "Id": "1" }]));
    assert_eq!(deleted["Failed"][0]["Message"], "The input receipt handle \"h\" is not a valid receipt handle.");
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let run = || {
        let bed = Bed::with_queue(&json!({}));
        let sent = bed.ok("SendMessage", json!({ "QueueUrl": URL, "MessageBody": "x" }));
        (sent, bed.ok("ReceiveMessage", json!({ "QueueUrl": URL })))
    };
    assert_eq!(run(), run());
}
