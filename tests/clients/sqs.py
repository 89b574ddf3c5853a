"""SQS through boto3, new or of before 2023, which checks the MD5 sums of all that it sends and receives."""

import json
import os
import threading

import boto3

from expect import client_with_wrong_secret, refused

# Older versions do not read the endpoint from the environment.
sqs = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
url = sqs.create_queue(QueueName="work", Attributes={"VisibilityTimeout": "60"}, tags={"team": "tests"})["QueueUrl"]
assert sqs.get_queue_url(QueueName="work")["QueueUrl"] == url
assert sqs.list_queues(QueueNamePrefix="wo")["QueueUrls"] == [url]
assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "tests"}
attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
assert attributes["VisibilityTimeout"] == "60", attributes
assert attributes["QueueArn"].endswith(":work"), attributes

# One message with all that it can carry.
sent = sqs.send_message(
    QueueUrl=url,
    MessageBody="größe <&>",
    MessageAttributes={
        "text": {"DataType": "String", "StringValue": "é"},
        "count": {"DataType": "Number.int", "StringValue": "42"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    },
)
[message] = sqs.receive_message(
    QueueUrl=url, WaitTimeSeconds=20, AttributeNames=["All"], MessageAttributeNames=["All"]
)["Messages"]
assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "größe <&>"), message
assert message["Attributes"]["ApproximateReceiveCount"] == "1", message
assert message["MessageAttributes"]["bytes"]["BinaryValue"] == b"\x00\xff", message
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
[message] = sqs.receive_message(QueueUrl=url, AttributeNames=["ApproximateReceiveCount"])["Messages"]
assert message["Attributes"]["ApproximateReceiveCount"] == "2", message
sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

# A long poll is answered by a message that comes later, and ends empty when none comes.
answers = []
poll = threading.Thread(target=lambda: answers.append(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)))
poll.start()
sqs.send_message(QueueUrl=url, MessageBody="at last")
poll.join()
if "Messages" not in answers[0]:
    # A poll over a socket may end early; SQS allows that too.
    answers.append(sqs.receive_message(QueueUrl=url))
[message] = answers[-1]["Messages"]
assert message["Body"] == "at last", message
sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)

# Batches: one bad entry does not spoil the others.
entries = [{"Id": f"m{number}", "MessageBody": f"message {number}"} for number in range(3)]
entries.append({"Id": "late", "MessageBody": "bad", "DelaySeconds": 901})
batch = sqs.send_message_batch(QueueUrl=url, Entries=entries)
assert [entry["Id"] for entry in batch["Successful"]] == ["m0", "m1", "m2"], batch
assert [(entry["Id"], entry["SenderFault"]) for entry in batch["Failed"]] == [("late", True)], batch
messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
assert sorted(message["Body"] for message in messages) == ["message 0", "message 1", "message 2"], messages
handles = [{"Id": message["MessageId"], "ReceiptHandle": message["ReceiptHandle"]} for message in messages]
hidden = [{**handle, "VisibilityTimeout": 600} for handle in handles]
assert len(sqs.change_message_visibility_batch(QueueUrl=url, Entries=hidden)["Successful"]) == 3
broken = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[{**hidden[0], "ReceiptHandle": "nonsense"}])
assert [entry["Code"] for entry in broken["Failed"]] == ["ReceiptHandleIsInvalid"], broken
assert len(sqs.delete_message_batch(QueueUrl=url, Entries=handles)["Successful"]) == 3

# FIFO: in order, once, and the group is blocked while one of its messages is in flight.
fifo = sqs.create_queue(QueueName="orders.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
send = lambda body, once: sqs.send_message(
    QueueUrl=fifo, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=once
)
first = send("one", "1")
assert send("one again", "1")["MessageId"] == first["MessageId"]
assert int(send("two", "2")["SequenceNumber"]) > int(first["SequenceNumber"])
[message] = sqs.receive_message(QueueUrl=fifo)["Messages"]
assert message["Body"] == "one", message
assert "Messages" not in sqs.receive_message(QueueUrl=fifo)
sqs.delete_message(QueueUrl=fifo, ReceiptHandle=message["ReceiptHandle"])
[message] = sqs.receive_message(QueueUrl=fifo)["Messages"]
assert message["Body"] == "two", message

# Permissions and tags.
sqs.add_permission(QueueUrl=url, Label="share", AWSAccountIds=["222222222222"], Actions=["SendMessage"])
policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
assert json.loads(policy)["Statement"][0]["Action"] == "SQS:SendMessage", policy
sqs.remove_permission(QueueUrl=url, Label="share")
sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
assert "Tags" not in sqs.list_queue_tags(QueueUrl=url)

# Dead letters, and their way back.
dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
source = sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [source]
for _ in range(2):
    sqs.send_message(QueueUrl=source, MessageBody="too often")
for _ in range(2):
    sqs.receive_message(QueueUrl=source, VisibilityTimeout=0, MaxNumberOfMessages=10)
if hasattr(sqs, "start_message_move_task"):
    # At this pace the clock would have to move for the second message.
    handle = sqs.start_message_move_task(SourceArn=arn, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    [task] = sqs.list_message_move_tasks(SourceArn=arn)["Results"]
    assert (task["Status"], task["TaskHandle"]) == ("RUNNING", handle), task
    assert sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"] == 1
    sqs.start_message_move_task(SourceArn=arn)
    tasks = sqs.list_message_move_tasks(SourceArn=arn, MaxResults=10)["Results"]
    told = [(task["Status"], task["ApproximateNumberOfMessagesMoved"]) for task in tasks]
    assert told == [("COMPLETED", 1), ("CANCELLED", 1)], tasks
    messages = sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=10)["Messages"]
    refused("ResourceNotFoundException", sqs.start_message_move_task, SourceArn=arn + "-absent")
else:
    messages = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10)["Messages"]
assert [message["Body"] for message in messages] == ["too often"] * 2, messages

# Refusals.
missing = refused("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="absent")
assert "The specified queue does not exist" in missing["Error"]["Message"], missing
assert missing["ResponseMetadata"]["HTTPStatusCode"] == 400, missing
try:
    sqs.get_queue_url(QueueName="absent")
except sqs.exceptions.QueueDoesNotExist:
    pass
refused("InvalidParameterValue", sqs.send_message, QueueUrl=url, MessageBody="x", DelaySeconds=901)
refused("MissingParameter", sqs.send_message, QueueUrl=fifo, MessageBody="no group")
refused("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="nonsense")
wrong = client_with_wrong_secret("sqs")
refused("SignatureDoesNotMatch", wrong.list_queues)

sqs.send_message(QueueUrl=url, MessageBody="for the test to see")
