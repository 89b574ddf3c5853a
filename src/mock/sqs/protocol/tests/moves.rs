//! Message move tasks, and receives that are repeated.

use serde_json::{Value, json};

use super::bed::{Bed, URL, queue};

const ARN: &str = "arn:aws:sqs:us-east-1:111111111111:";

/// A source with a dead-letter queue in which there are so many of its messages.
fn with_dead_letters(count: usize) -> Bed {
    let bed = Bed::new();
    bed.ok("CreateQueue", json!({ "QueueName": "dead" }));
    bed.ok("CreateQueue", json!({ "QueueName": "other" }));
    let redrive = json!({ "deadLetterTargetArn": format!("{ARN}dead"), "maxReceiveCount": 1 }).to_string();
    bed.ok("CreateQueue", json!({ "QueueName": "q", "Attributes": { "RedrivePolicy": redrive } }));
    for n in 0..count {
        bed.ok("SendMessage", json!({ "QueueUrl": URL, "MessageBody": n.to_string() }));
    }
    for _ in 0..2 {
        bed.ok("ReceiveMessage", json!({ "QueueUrl": URL, "VisibilityTimeout": 0, "MaxNumberOfMessages": 10 }));
    }
    assert_eq!(bed.service.counts(&queue("dead")).unwrap().visible, count);
    bed
}

fn bodies(bed: &Bed, name: &str) -> Vec<String> {
    bed.service.messages(&queue(name)).unwrap().into_iter().map(|stored| stored.message.body).collect()
}

fn task(bed: &Bed) -> Value {
    bed.ok("ListMessageMoveTasks", json!({ "SourceArn": format!("{ARN}dead") }))["Results"][0].clone()
}

#[test]
fn a_task_without_a_rate_takes_all_messages_back_at_once() {
    let bed = with_dead_letters(3);
    let before = bed.service.messages(&queue("dead")).unwrap();
    bed.advance(5);
    bed.ok("StartMessageMoveTask", json!({ "SourceArn": format!("{ARN}dead") }));
    assert_eq!(bodies(&bed, "q"), ["0", "1", "2"]);
    let (old, new) = (&before[0].message, &bed.service.messages(&queue("q")).unwrap()[0].message);
    assert!(old.id != new.id && new.sent > old.sent && new.receive_count == 0 && new.dead_letter_source.is_none());
    assert_eq!(
        task(&bed),
        json!({
            "Status": "COMPLETED",
            "SourceArn": format!("{ARN}dead"),
            "ApproximateNumberOfMessagesMoved": 3,
            "ApproximateNumberOfMessagesToMove": 3,
            "StartedTimestamp": 1_767_225_605_000_i64,
        })
    );
}

#[test]
fn a_task_with_a_rate_keeps_its_pace_and_can_be_cancelled() {
    let bed = with_dead_letters(4);
    let start = json!({
        "SourceArn": format!("{ARN}dead"),
        "DestinationArn": format!("{ARN}other"),
        "MaxNumberOfMessagesPerSecond": 1,
    });
    let handle = bed.ok("StartMessageMoveTask", start.clone())["TaskHandle"].clone();
    assert_eq!(bodies(&bed, "other"), ["0"]);
    let next = bed.service.next_change(&queue("dead")).unwrap();
    assert_eq!(next, bed.clock.lock().unwrap().checked_add(jiff::SignedDuration::from_secs(1)).unwrap());
    let again = bed.ask("StartMessageMoveTask", &start);
    assert!(again.body["message"].as_str().unwrap().starts_with("There is already a task running."), "{again:?}");
    bed.advance(1);
    let running = task(&bed);
    assert_eq!((&running["Status"], &running["TaskHandle"]), (&json!("RUNNING"), &handle));
    assert_eq!(running["MaxNumberOfMessagesPerSecond"], 1);
    let cancelled = bed.ok("CancelMessageMoveTask", json!({ "TaskHandle": handle }));
    assert_eq!(cancelled, json!({ "ApproximateNumberOfMessagesMoved": 2 }));
    bed.advance(60);
    assert_eq!(bodies(&bed, "other"), ["0", "1"], "what was moved stays moved, and no more follows");
    assert_eq!(task(&bed)["Status"], "CANCELLED");
    let again = bed.ask("CancelMessageMoveTask", &json!({ "TaskHandle": handle }));
    assert_eq!((again.status, &again.body["message"]), (404, &json!("Task does not exist.")));
    bed.ok("StartMessageMoveTask", start);
    bed.advance(1);
    assert_eq!((bodies(&bed, "other").len(), task(&bed)["Status"].clone()), (4, json!("COMPLETED")));
}

#[test]
fn a_task_whose_destination_goes_away_fails_and_loses_nothing() {
    let bed = with_dead_letters(2);
    let start = json!({
        "SourceArn": format!("{ARN}dead"),
        "DestinationArn": format!("{ARN}other"),
        "MaxNumberOfMessagesPerSecond": 1,
    });
    bed.ok("StartMessageMoveTask", start);
    bed.ok("DeleteQueue", json!({ "QueueUrl": "other" }));
    bed.advance(5);
    let failed = task(&bed);
    assert_eq!(failed["FailureReason"], "AWS.SimpleQueueService.NonExistentQueue");
    assert_eq!((failed["Status"].clone(), bodies(&bed, "dead")), (json!("FAILED"), vec!["1".to_owned()]));
}

#[test]
fn tasks_that_cannot_be_are_refused() {
    let bed = with_dead_letters(1);
    bed.ok("CreateQueue", json!({ "QueueName": "q.fifo", "Attributes": { "FifoQueue": "true" } }));
    let arn = |name: &str| format!("{ARN}{name}");
    for (operation, body, status, message) in [
        (
            "StartMessageMoveTask",
            json!({ "SourceArn": arn("q") }),
            400,
            "Source queue must be configured as a Dead Letter Queue.",
        ),
        (
            "StartMessageMoveTask",
            json!({ "SourceArn": arn("x") }),
            404,
            "The resource that you specified for the SourceArn parameter doesn't exist.",
        ),
        (
            "StartMessageMoveTask",
            json!({ "SourceArn": arn("dead"), "DestinationArn": arn("x") }),
            404,
            "The resource that you specified for the DestinationArn parameter doesn't exist.",
        ),
        (
            "StartMessageMoveTask",
            json!({ "SourceArn": arn("dead"), "DestinationArn": arn("q.fifo") }),
            400,
            "Value arn:aws:sqs:us-east-1:111111111111:q.fifo for parameter DestinationArn is invalid. Reason: Source and \
             destination queue must be of the same type.",
        ),
        (
            "StartMessageMoveTask",
            json!({ "SourceArn": arn("dead"), "DestinationArn": arn("dead") }),
            400,
            "Value arn:aws:sqs:us-east-1:111111111111:dead for parameter DestinationArn is invalid. Reason: Source and \
             destination queue must be different.",
        ),
        (
            "StartMessageMoveTask",
            json!({ "SourceArn": arn("dead"), "MaxNumberOfMessagesPerSecond": 501 }),
            400,
            "Value 501 for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided.",
        ),
        (
            "StartMessageMoveTask",
            json!({ "SourceArn": "x" }),
            400,
            "You must use this format to specify the SourceArn: arn:<partition>:<service>:<region>:<account-id>:<resource-id>",
        ),
        (
            "ListMessageMoveTasks",
            json!({ "SourceArn": arn("dead"), "MaxResults": 11 }),
            400,
            "Value 11 for parameter MaxResults is invalid. Reason: Must be between 1 and 10, if provided.",
        ),
        ("CancelMessageMoveTask", json!({ "TaskHandle": "x" }), 400, "Value for parameter TaskHandle is invalid."),
    ] {
        let answer = bed.ask(operation, &body);
        assert_eq!((answer.status, &answer.body["message"]), (status, &json!(message)), "{operation} {body}");
    }
    assert_eq!(bodies(&bed, "dead"), ["0"]);
}

#[test]
fn a_receive_of_a_fifo_queue_can_be_repeated() {
    let fifo = "http://127.0.0.1:4566/111111111111/q.fifo";
    let bed = Bed::new();
    bed.ok(
        "CreateQueue",
        json!({ "QueueName": "q.fifo", "Attributes": { "FifoQueue": "true", "ContentBasedDeduplication": "true" } }),
    );
    for body in ["a", "b"] {
        bed.ok("SendMessage", json!({ "QueueUrl": fifo, "MessageBody": body, "MessageGroupId": "g" }));
    }
    let receive = |id: &str| bed.ok("ReceiveMessage", json!({ "QueueUrl": fifo, "ReceiveRequestAttemptId": id }));
    let first = receive("one");
    bed.advance(20);
    assert_eq!(receive("one"), first, "the same message with the same handle");
    assert_eq!(receive("two"), json!({}), "another attempt waits for the group");
    bed.advance(20);
    let handle = &first["Messages"][0]["ReceiptHandle"];
    bed.ok("DeleteMessage", json!({ "QueueUrl": fifo, "ReceiptHandle": handle }));
    let refused = |id: &str| {
        let answer = bed.ask("ReceiveMessage", &json!({ "QueueUrl": fifo, "ReceiveRequestAttemptId": id }));
        let message = format!(
            "Value {id} for parameter ReceiveRequestAttemptId is invalid. Reason: The receiveRequestAttemptId is not valid \
             anymore since the receive call is not retryable."
        );
        assert_eq!((answer.status, &answer.body["message"]), (400, &json!(message)));
    };
    refused("one");
    let second = receive("three");
    assert_eq!(second["Messages"][0]["Body"], "b");
    let handle = &second["Messages"][0]["ReceiptHandle"];
    let change = json!({ "QueueUrl": fifo, "ReceiptHandle": handle, "VisibilityTimeout": 100 });
    bed.ok("ChangeMessageVisibility", change);
    refused("three");
    bed.advance(100);
    let third = receive("four");
    bed.advance(30);
    assert_ne!(receive("four"), third, "what has come back is received anew");
    bed.advance(300);
    assert_eq!(receive("one")["Messages"][0]["Body"], "b", "an id is remembered for 5 minutes");
    let bad = bed.ask("ReceiveMessage", &json!({ "QueueUrl": fifo, "ReceiveRequestAttemptId": "a b" }));
    assert_eq!(bad.query_error.as_deref(), Some("InvalidParameterValue;Sender"));
}
