//! AddPermission and RemovePermission, as recorded from AWS where not said otherwise.

use serde_json::{Value, json};

use super::bed::{Bed, URL};

const ARN: &str = "arn:aws:sqs:us-east-1:111111111111:q";

fn policy(bed: &Bed) -> Option<Value> {
    let said = bed.ok("GetQueueAttributes", json!({ "QueueUrl": URL, "AttributeNames": ["Policy"] }));
    said.get("Attributes").map(|attributes| serde_json::from_str(attributes["Policy"].as_str().unwrap()).unwrap())
}

fn add(label: &str, accounts: &Value, actions: &Value) -> Value {
    json!({ "QueueUrl": URL, "Label": label, "AWSAccountIds": accounts, "Actions": actions })
}

#[test]
fn statements_come_and_go() {
    let bed = Bed::with_queue(&json!({}));
    let one = json!(["111111111111"]);
    bed.ok("AddPermission", add("share", &json!(["668614515564", "111111111111"]), &json!(["ReceiveMessage"])));
    assert_eq!(
        policy(&bed),
        Some(json!({
            "Version": "2008-10-17",
            "Id": format!("{ARN}/SQSDefaultPolicy"),
            "Statement": [{
                "Sid": "share",
                "Effect": "Allow",
                "Principal": { "AWS": ["arn:aws:iam::668614515564:root", "arn:aws:iam::111111111111:root"] },
                "Action": "SQS:ReceiveMessage",
                "Resource": ARN,
            }],
        }))
    );
    bed.ok("RemovePermission", json!({ "QueueUrl": URL, "Label": "share" }));
    assert_eq!(policy(&bed), None);
    bed.ok("AddPermission", add("a", &one, &json!(["ReceiveMessage"])));
    bed.ok("AddPermission", add("b", &one, &json!(["SendMessage", "DeleteMessage"])));
    let statements = policy(&bed).unwrap()["Statement"].clone();
    assert_eq!(statements[0]["Principal"]["AWS"], "arn:aws:iam::111111111111:root");
    assert_eq!(statements[1]["Action"], json!(["SQS:SendMessage", "SQS:DeleteMessage"]));
    bed.ok("RemovePermission", json!({ "QueueUrl": URL, "Label": "a" }));
    assert_eq!(policy(&bed).unwrap()["Statement"].as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_shared_is_refused() {
    let bed = Bed::with_queue(&json!({}));
    let (one, receive) = (json!(["111111111111"]), json!(["ReceiveMessage"]));
    bed.ok("AddPermission", add("share", &one, &receive));
    let eight = json!(vec!["SendMessage"; 8]);
    for (operation, body, code, message) in [
        (
            "AddPermission",
            add("share", &one, &receive),
            "InvalidParameterValue",
            "Value share for parameter Label is invalid. Reason: Already exists.",
        ),
        (
            "RemovePermission",
            json!({ "QueueUrl": URL, "Label": "x" }),
            "InvalidParameterValue",
            "Value x for parameter Label is invalid. Reason: can't find label.",
        ),
        // Not recorded.
        (
            "AddPermission",
            add("x", &one, &json!([])),
            "MissingParameter",
            "The request must contain the parameter Actions.",
        ),
        (
            "AddPermission",
            add("x", &json!([]), &receive),
            "InvalidParameterValue",
            "Value [] for parameter PrincipalId is invalid. Reason: Unable to verify.",
        ),
        (
            "AddPermission",
            add("x", &json!(["1"]), &receive),
            "InvalidParameterValue",
            "Value [1] for parameter PrincipalId is invalid. Reason: Unable to verify.",
        ),
        (
            "AddPermission",
            add("x", &one, &json!(["RemovePermission"])),
            "InvalidParameterValue",
            "Value SQS:RemovePermission for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.",
        ),
        ("AddPermission", add("x", &one, &eight), "OverLimit", "8 Actions were found, maximum allowed is 7."),
        (
            "AddPermission",
            add("a b", &one, &receive),
            "InvalidParameterValue",
            "Value a b for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ),
    ] {
        let answer = bed.ask(operation, &body);
        assert_eq!(answer.body["message"], message);
        assert_eq!(answer.query_error, Some(format!("{code};Sender")));
    }
    assert_eq!(policy(&bed).unwrap()["Statement"].as_array().unwrap().len(), 1);
}
