// SQS through version 2 of the AWS SDK for JavaScript, which speaks the query protocol.
const assert = require("node:assert");
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = "1";
const { SQS } = require("aws-sdk");

const refused = async (code, request) => {
  const error = await request.promise().then(() => assert.fail(`${code} expected`), (error) => error);
  assert.equal(error.code, code, error);
  return error;
};

(async () => {
  const sqs = new SQS({ endpoint: process.env.AWS_ENDPOINT_URL });
  const Attributes = { VisibilityTimeout: "60" };
  const { QueueUrl } = await sqs.createQueue({ QueueName: "work", Attributes, tags: { team: "tests" } }).promise();
  assert.equal((await sqs.getQueueUrl({ QueueName: "work" }).promise()).QueueUrl, QueueUrl);
  assert.deepEqual((await sqs.listQueueTags({ QueueUrl }).promise()).Tags, { team: "tests" });
  const all = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] }).promise();
  assert.equal(all.Attributes.VisibilityTimeout, "60");

  const MessageAttributes = {
    text: { DataType: "String", StringValue: "é" },
    bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
  };
  const sent = await sqs.sendMessage({ QueueUrl, MessageBody: "größe\r\n<&>\"", MessageAttributes }).promise();
  const wanted = { AttributeNames: ["All"], MessageAttributeNames: ["All"] };
  const [message] = (await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20, ...wanted }).promise()).Messages;
  assert.deepEqual([message.MessageId, message.Body], [sent.MessageId, "größe\r\n<&>\""]);
  assert.equal(message.Attributes.ApproximateReceiveCount, "1");
  assert.deepEqual([...message.MessageAttributes.bytes.BinaryValue], [0, 255]);
  const { ReceiptHandle } = message;
  await sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }).promise();
  await sqs.deleteMessage({ QueueUrl, ReceiptHandle }).promise();

  const Entries = [0, 1, 2].map((number) => ({ Id: `m${number}`, MessageBody: `message ${number}` }));
  Entries.push({ Id: "late", MessageBody: "bad", DelaySeconds: 901 });
  const batch = await sqs.sendMessageBatch({ QueueUrl, Entries }).promise();
  assert.deepEqual(batch.Successful.map(({ Id }) => Id), ["m0", "m1", "m2"]);
  assert.deepEqual(batch.Failed.map(({ Id, SenderFault }) => [Id, SenderFault]), [["late", true]]);
  const { Messages } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }).promise();
  const handles = Messages.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
  const hidden = { QueueUrl, Entries: handles.map((handle) => ({ ...handle, VisibilityTimeout: 600 })) };
  assert.equal((await sqs.changeMessageVisibilityBatch(hidden).promise()).Successful.length, 3);
  assert.equal((await sqs.deleteMessageBatch({ QueueUrl, Entries: handles }).promise()).Successful.length, 3);

  const fifo = await sqs.createQueue({ QueueName: "orders.fifo", Attributes: { FifoQueue: "true" } }).promise();
  const order = { QueueUrl: fifo.QueueUrl, MessageGroupId: "g", MessageDeduplicationId: "1" };
  const first = await sqs.sendMessage({ ...order, MessageBody: "one" }).promise();
  assert.equal((await sqs.sendMessage({ ...order, MessageBody: "one again" }).promise()).MessageId, first.MessageId);

  // Dead letters; this version knows no move tasks.
  const dead = await sqs.createQueue({ QueueName: "dead" }).promise();
  const named = await sqs.getQueueAttributes({ QueueUrl: dead.QueueUrl, AttributeNames: ["QueueArn"] }).promise();
  const policy = { deadLetterTargetArn: named.Attributes.QueueArn, maxReceiveCount: 1 };
  const redrive = { RedrivePolicy: JSON.stringify(policy) };
  const source = await sqs.createQueue({ QueueName: "source", Attributes: redrive }).promise();
  const sources = await sqs.listDeadLetterSourceQueues({ QueueUrl: dead.QueueUrl }).promise();
  assert.deepEqual(sources.queueUrls, [source.QueueUrl]);
  await sqs.sendMessage({ QueueUrl: source.QueueUrl, MessageBody: "too often" }).promise();
  for (let n = 0; n < 2; n++) await sqs.receiveMessage({ QueueUrl: source.QueueUrl, VisibilityTimeout: 0 }).promise();
  const letters = await sqs.receiveMessage({ QueueUrl: dead.QueueUrl, AttributeNames: ["All"] }).promise();
  assert.deepEqual(letters.Messages.map(({ Body, Attributes }) => [Body, Attributes.ApproximateReceiveCount]), [["too often", "2"]]);

  const missing = await refused("AWS.SimpleQueueService.NonExistentQueue", sqs.getQueueUrl({ QueueName: "absent" }));
  assert.match(missing.message, /does not exist for this wsdl version/);
  await refused("InvalidParameterValue", sqs.sendMessage({ QueueUrl, MessageBody: "x", DelaySeconds: 901 }));
  await sqs.sendMessage({ QueueUrl, MessageBody: "for the test to see" }).promise();
})();
