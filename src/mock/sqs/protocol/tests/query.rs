//! What only the query protocol has.

use bytes::Bytes;
use serde_json::{Value, json};

use super::bed::{Bed, URL, form, queue};

fn text(bed: &Bed, operation: &str, body: &Value) -> String {
    said(&bed.respond(&form(operation, body)))
}

fn said(response: &http::Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

fn get(bed: &Bed, uri: &str, accept: &str) -> (u16, String, String) {
    let request = http::Request::get(uri).header("host", "127.0.0.1:4566").header("accept", accept);
    let response = bed.respond(&request.body(Bytes::new()).unwrap());
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    (response.status().as_u16(), content_type, said(&response))
}

/// Every operation with what it answers, in the order of a story.
#[test]
fn every_operation_answers_in_xml() {
    let bed = Bed::new();
    let id = "b5f7c7c2-0000-4000-8000-000000000000";
    let binary = json!({ "b": { "DataType": "Binary", "BinaryValue": "AP8=" } });
    let wrapped = |operation: &str, result: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{operation}Response \
             xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">{result}<ResponseMetadata><RequestId>{id}</RequestId>\
             </ResponseMetadata></{operation}Response>"
        )
    };
    for (operation, body, result) in [
        (
            "CreateQueue",
            json!({ "QueueName": "q", "Attributes": { "DelaySeconds": "0" }, "tags": { "a": "b" } }),
            format!("<CreateQueueResult><QueueUrl>{URL}</QueueUrl></CreateQueueResult>"),
        ),
        (
            "GetQueueUrl",
            json!({ "QueueName": "q" }),
            format!("<GetQueueUrlResult><QueueUrl>{URL}</QueueUrl></GetQueueUrlResult>"),
        ),
        ("ListQueues", json!({}), format!("<ListQueuesResult><QueueUrl>{URL}</QueueUrl></ListQueuesResult>")),
        ("ListQueues", json!({ "QueueNamePrefix": "x" }), "<ListQueuesResult/>".to_owned()),
        (
            "ListQueueTags",
            json!({ "QueueUrl": URL }),
            "<ListQueueTagsResult><Tag><Key>a</Key><Value>b</Value></Tag></ListQueueTagsResult>".to_owned(),
        ),
        ("TagQueue", json!({ "QueueUrl": URL, "Tags": { "c": "" } }), String::new()),
        ("UntagQueue", json!({ "QueueUrl": URL, "TagKeys": ["a", "c"] }), String::new()),
        ("ListQueueTags", json!({ "QueueUrl": URL }), "<ListQueueTagsResult/>".to_owned()),
        (
            "SetQueueAttributes",
            json!({ "QueueUrl": URL, "Attributes": { "VisibilityTimeout": "7", "ReceiveMessageWaitTimeSeconds": "0" } }),
            String::new(),
        ),
        (
            "GetQueueAttributes",
            json!({ "QueueUrl": URL, "AttributeNames": ["VisibilityTimeout", "DelaySeconds"] }),
            "<GetQueueAttributesResult><Attribute><Name>DelaySeconds</Name><Value>0</Value></Attribute><Attribute>\
             <Name>VisibilityTimeout</Name><Value>7</Value></Attribute></GetQueueAttributesResult>"
                .to_owned(),
        ),
        ("ReceiveMessage", json!({ "QueueUrl": URL }), "<ReceiveMessageResult/>".to_owned()),
        ("ListDeadLetterSourceQueues", json!({ "QueueUrl": URL }), "<ListDeadLetterSourceQueuesResult/>".to_owned()),
        ("PurgeQueue", json!({ "QueueUrl": URL }), String::new()),
    ] {
        assert_eq!(text(&bed, operation, &body), wrapped(operation, &result), "{operation}");
    }

    let sent = text(
        &bed,
        "SendMessage",
        &json!({ "QueueUrl": URL, "MessageBody": "a<\r\n\"&quot;", "MessageAttributes": binary }),
    );
    assert!(sent.contains("<MD5OfMessageAttributes>") && !sent.contains("SequenceNumber"), "{sent}");
    let receive =
        json!({ "QueueUrl": URL, "MessageAttributeNames": ["All"], "AttributeNames": ["ApproximateReceiveCount"] });
    let received = text(&bed, "ReceiveMessage", &receive);
    for part in [
        "<Body>a&lt;&#13;\n&quot;&amp;quot;</Body>",
        "<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>",
        "<MessageAttribute><Name>b</Name><Value><BinaryValue>AP8=</BinaryValue><DataType>Binary</DataType></Value></MessageAttribute>",
    ] {
        assert!(received.contains(part), "{part}: {received}");
    }
    let handle = received.split("ReceiptHandle>").nth(1).unwrap().trim_end_matches("</").to_owned();
    let entries = json!([
        { "Id": "1", "ReceiptHandle": handle, "VisibilityTimeout": 0 },
        { "Id": "2", "ReceiptHandle": "h", "VisibilityTimeout": 0 },
    ]);
    let changed = text(&bed, "ChangeMessageVisibilityBatch", &json!({ "QueueUrl": URL, "Entries": entries }));
    let failed = "<BatchResultErrorEntry><Id>2</Id><Code>ReceiptHandleIsInvalid</Code><Message>The input receipt handle \
                  &quot;h&quot; is not a valid receipt handle.</Message><SenderFault>true</SenderFault></BatchResultErrorEntry>";
    let done = |operation: &str| format!("<{operation}ResultEntry><Id>1</Id></{operation}ResultEntry>");
    assert!(changed.contains(&(done("ChangeMessageVisibilityBatch") + failed)), "{changed}");
    let entries = json!([{ "Id": "1", "ReceiptHandle": handle }]);
    let deleted = text(&bed, "DeleteMessageBatch", &json!({ "QueueUrl": URL, "Entries": entries }));
    assert!(deleted.contains(&done("DeleteMessageBatch")), "{deleted}");
    let entries = json!([{ "Id": "1", "MessageBody": "x", "MessageAttributes": binary }, { "Id": "2", "MessageBody": "y", "DelaySeconds": 901 }]);
    let sent = text(&bed, "SendMessageBatch", &json!({ "QueueUrl": URL, "Entries": entries }));
    assert!(
        sent.contains("<SendMessageBatchResultEntry><Id>1</Id><MessageId>") && sent.contains("<Id>2</Id><Code>"),
        "{sent}"
    );
    assert_eq!(bed.service.counts(&queue("q")).unwrap().visible, 1);
    assert_eq!(text(&bed, "DeleteQueue", &json!({ "QueueUrl": URL })), wrapped("DeleteQueue", ""));
}

#[test]
fn a_request_may_go_to_the_path_of_a_queue() {
    let bed = Bed::with_queue(&json!({}));
    bed.ok("CreateQueue", json!({ "QueueName": "other" }));
    let post = |path: &str, form: &str| {
        let request = http::Request::post(path).header("host", "127.0.0.1:4566");
        let response = bed.respond(&request.body(Bytes::from(form.to_owned())).unwrap());
        (response.status().as_u16(), said(&response))
    };
    assert_eq!(post("/111111111111/q", "Action=SendMessage&MessageBody=x+y%2B").0, 200);
    assert_eq!(bed.service.messages(&queue("q")).unwrap()[0].message.body, "x y+");
    // What the request says of the queue wins.
    assert_eq!(post("/111111111111/q", "Action=SendMessage&MessageBody=x&QueueUrl=other").0, 200);
    assert_eq!(bed.service.messages(&queue("other")).unwrap().len(), 1);
    assert!(post("/111111111111/q", "Action=GetQueueUrl&QueueName=other").1.contains("111111111111/other<"));
    for action in ["CreateQueue", "ListQueues", "Explode", "Send<Message"] {
        let (status, text) = post("/111111111111/q", &format!("Action={action}&QueueName=x"));
        let action = action.replace('<', "");
        let message = format!("<Message>The action {action} is not valid for this endpoint.</Message>");
        let is_known = action == "SendMessage";
        assert_eq!(status, 400);
        assert!(is_known || (text.contains(&message) && text.contains("<Code>InvalidAction</Code>")), "{text}");
    }
    let (status, text) = post("/111111111111/nothing", "Action=SendMessage&MessageBody=x");
    assert!(status == 400 && text.contains("does not exist for this wsdl version."), "{text}");
}

#[test]
fn the_answer_is_json_for_those_who_accept_it() {
    let bed = Bed::with_queue(&json!({}));
    let json = "application/json";
    let (status, content_type, list) = get(&bed, "/?Action=ListQueues&Version=2012-11-05", json);
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((status, content_type.as_str()), (200, json));
    assert_eq!(list["ListQueuesResponse"]["ListQueuesResult"]["queueUrls"], json!([URL]));
    let send = "/111111111111/q?Action=SendMessage&MessageBody=x";
    let sent: Value = serde_json::from_str(&get(&bed, send, json).2).unwrap();
    assert!(sent["SendMessageResponse"]["SendMessageResult"]["MessageId"].is_string(), "{sent}");
    let receive = "/111111111111/q?Action=ReceiveMessage&AttributeName=SenderId";
    let received: Value = serde_json::from_str(&get(&bed, receive, json).2).unwrap();
    let message = &received["ReceiveMessageResponse"]["ReceiveMessageResult"]["messages"][0];
    assert_eq!(message["Attributes"], json!([{ "Name": "SenderId", "Value": "AIDAEXAMPLE" }]));
    let (status, content_type, text) = get(&bed, "/111111111111/missing?Action=PurgeQueue", json);
    assert_eq!((status, content_type.as_str()), (400, json));
    assert!(text.contains("AWS.SimpleQueueService.NonExistentQueue"), "{text}");
    // Without an action it is XML, whatever is accepted.
    let (status, content_type, text) = get(&bed, "/111111111111/q", json);
    assert_eq!((status, content_type.as_str()), (404, "text/xml"));
    assert!(text.contains("<UnknownOperationException"), "{text}");
}

#[test]
fn lists_may_be_named_in_the_plural_and_a_list_of_one_without_a_number() {
    let bed = Bed::with_queue(&json!({}));
    let send = "/111111111111/q?Action=SendMessage&MessageBody=x&MessageAttributes.1.Name=a&\
                MessageAttributes.1.Value.DataType=String&MessageAttributes.1.Value.StringValue=v";
    assert!(get(&bed, send, "").2.contains("<MD5OfMessageAttributes>"));
    let receive = "/111111111111/q?Action=ReceiveMessage&MessageAttributeName=All&MessageSystemAttributeName.1=All&\
                   AttributeName.1=SenderId";
    let (_, _, received) = get(&bed, receive, "");
    assert!(received.contains("<Name>a</Name>") && received.contains("SenderId"), "{received}");
    assert!(!received.contains("SentTimestamp"), "the older name of the list counts: {received}");
    // As the samples of the API reference have it.
    let set = "/111111111111/q?Action=SetQueueAttributes&Attribute.Name=VisibilityTimeout&Attribute.Value=35";
    assert_eq!(get(&bed, set, "").0, 200);
    let (_, _, got) = get(&bed, "/111111111111/q?Action=GetQueueAttributes&AttributeName=VisibilityTimeout", "");
    assert!(got.contains("<Name>VisibilityTimeout</Name><Value>35</Value>"), "{got}");
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let bed = Bed::with_queue(&json!({}));
    for (query, code, part) in [
        (
            "Action=ReceiveMessage&MaxNumberOfMessages=x",
            "InvalidParameterValue",
            "Value x for parameter MaxNumberOfMessages",
        ),
        ("Action=SendMessage&MessageBody=x&DelaySeconds=1.5", "InvalidParameterValue", "Value 1.5"),
        (
            "Action=SendMessage&MessageBody=x&MessageAttribute.1.Name=a&MessageAttribute.1.Value.DataType=Binary&\
             MessageAttribute.1.Value.BinaryValue=%3F",
            "InvalidParameterValue",
            "BinaryValue is not valid Base64",
        ),
        ("Action=DeleteMessage", "MissingParameter", "MessageHandle"),
        (
            "Action=SendMessage&MessageBody=x&MessageAttributes.1.key=a&MessageAttributes.1.value.DataType=String",
            "InvalidParameterValue",
            "The request must contain non-empty message attribute name.",
        ),
        (
            "Action=SendMessage&MessageBody=x&MessageAttribute.1.Name=a&MessageAttribute.1.Value.DataType=String&\
             MessageAttribute.1.Value.StringValue=x&MessageAttribute.1.Value.StringListValue=",
            "AWS.SimpleQueueService.UnsupportedOperation",
            "Message attribute list values in SendMessage operation are not supported.",
        ),
        (
            "Action=SendMessage&MessageBody=x&MessageAttribute.1.Name=a&MessageAttribute.1.DataType=String",
            "InvalidParameterValue",
            "The message attribute &apos;a&apos; must contain non-empty message attribute value.",
        ),
        ("Action=ReceiveMessage&AttributeName.0=All", "MalformedInput", "0 is not a valid index"),
        (
            "Action=ReceiveMessage&MessageAttributeNames.member.1=All",
            "MalformedInput",
            "Start of list found where not expected",
        ),
        ("Action=SetQueueAttributes&Attribute=", "MalformedInput", "End of list found where not expected"),
        ("Action=SendMessageBatch", "AWS.SimpleQueueService.EmptyBatchRequest", "SendMessageBatchRequestEntry"),
    ] {
        let (status, _, text) = get(&bed, &format!("/111111111111/q?{query}"), "");
        assert_eq!(status, 400, "{text}");
        assert!(text.contains(&format!("<Code>{code}</Code>")) && text.contains(part), "{query}: {text}");
    }
    assert_eq!(bed.service.counts(&queue("q")).unwrap(), Default::default(), "nothing is half stored");
}
