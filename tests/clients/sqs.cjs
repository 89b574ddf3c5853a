// SQS through the AWS SDK for JavaScript, which checks the MD5 sums of all that it sends and receives.
const assert = require("node:assert");
const { SQS } = require("@aws-sdk/client-sqs");

const refused = async (name, call) => {
  const error = await call.then(() => assert.fail(`${name} expected`), (error) => error);
  assert.equal(error.name, name, error);
};

(async () => {
  const sqs = new SQS();
  const { QueueUrl } = await sqs.createQueue({ QueueName: "work", Attributes: { VisibilityTimeout: "60" } });
  assert.equal((await sqs.getQueueUrl({ QueueName: "work" })).QueueUrl, QueueUrl);

  const MessageAttributes = {
    text: { DataType: "String", StringValue: "é" },
    bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255]) },
  };
  const sent = await sqs.sendMessage({ QueueUrl, MessageBody: "größe <&>", MessageAttributes });
  const received = await sqs.receiveMessage({
    QueueUrl,
    WaitTimeSeconds: 20,
    MessageSystemAttributeNames: ["All"],
    MessageAttributeNames: ["All"],
  });
  const [message] = received.Messages;
  assert.deepEqual([message.MessageId, message.Body], [sent.MessageId, "größe <&>"]);
  assert.equal(message.Attributes.ApproximateReceiveCount, "1");
  assert.deepEqual([...message.MessageAttributes.bytes.BinaryValue], [0, 255]);
  await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle });

  const Entries = [0, 1, 2].map((number) => ({ Id: `m${number}`, MessageBody: `message ${number}` }));
  const batch = await sqs.sendMessageBatch({ QueueUrl, Entries });
  assert.equal(batch.Successful.length, 3);
  const { Messages } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
  const handles = Messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
  const hidden = handles.map((handle) => ({ ...handle, VisibilityTimeout: 600 }));
  assert.equal((await sqs.changeMessageVisibilityBatch({ QueueUrl, Entries: hidden })).Successful.length, 3);
  assert.equal((await sqs.deleteMessageBatch({ QueueUrl, Entries: handles })).Successful.length, 3);

  const fifo = await sqs.createQueue({ QueueName: "orders.fifo", Attributes: { FifoQueue: "true" } });
  const order = { QueueUrl: fifo.QueueUrl, MessageGroupId: "g", MessageDeduplicationId: "1" };
  const first = await sqs.sendMessage({ ...order, MessageBody: "one" });
  const again = await sqs.sendMessage({ ...order, MessageBody: "one again" });
  assert.equal(again.MessageId, first.MessageId);

  const dead = await sqs.createQueue({ QueueName: "dead" });
  const named = await sqs.getQueueAttributes({ QueueUrl: dead.QueueUrl, AttributeNames: ["QueueArn"] });
  const SourceArn = named.Attributes.QueueArn;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
  const source = await sqs.createQueue({ QueueName: "source", Attributes: { RedrivePolicy } });
  const many = { QueueUrl: source.QueueUrl, MaxNumberOfMessages: 10 };
  for (let n = 0; n < 2; n++) await sqs.sendMessage({ QueueUrl: source.QueueUrl, MessageBody: "too often" });
  for (let n = 0; n < 2; n++) await sqs.receiveMessage({ ...many, VisibilityTimeout: 0 });
  // At this pace the clock would have to move for the second message.
  const { TaskHandle } = await sqs.startMessageMoveTask({ SourceArn, MaxNumberOfMessagesPerSecond: 1 });
  assert.equal((await sqs.listMessageMoveTasks({ SourceArn })).Results[0].TaskHandle, TaskHandle);
  assert.equal((await sqs.cancelMessageMoveTask({ TaskHandle })).ApproximateNumberOfMessagesMoved, 1);
  await sqs.startMessageMoveTask({ SourceArn });
  const tasks = (await sqs.listMessageMoveTasks({ SourceArn, MaxResults: 10 })).Results;
  const told = tasks.map((task) => [task.Status, task.ApproximateNumberOfMessagesMoved]);
  assert.deepEqual(told, [["COMPLETED", 1], ["CANCELLED", 1]]);
  assert.equal((await sqs.receiveMessage(many)).Messages.length, 2);

  await refused("QueueDoesNotExist", sqs.getQueueUrl({ QueueName: "absent" }));
  await sqs.sendMessage({ QueueUrl, MessageBody: "for the test to see" });
})();
