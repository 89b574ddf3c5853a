// S3 through the AWS SDK for JavaScript.
const assert = require("node:assert");
const { Readable } = require("node:stream");
const { Lambda } = require("@aws-sdk/client-lambda");
const { GetObjectCommand, PutObjectCommand, S3 } = require("@aws-sdk/client-s3");
const { Upload } = require("@aws-sdk/lib-storage");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");

const KEY = "my files/ü+1 100%.txt";
const refused = async (name, call) => {
  const error = await call.then(() => assert.fail(`${name} expected`), (error) => error);
  assert.equal(error.name, name, error);
};

(async () => {
  const s3 = new S3();
  await s3.createBucket({ Bucket: "photos" });

  await s3.putObject({ Bucket: "photos", Key: KEY, Body: "hello", Metadata: { who: "me" } });
  const got = await s3.getObject({ Bucket: "photos", Key: KEY });
  assert.equal(await got.Body.transformToString(), "hello");
  assert.deepEqual(got.Metadata, { who: "me" });
  const head = await s3.headObject({ Bucket: "photos", Key: KEY });
  assert.equal(head.ContentLength, 5);
  await s3.copyObject({ Bucket: "photos", Key: "copy.txt", CopySource: `photos/${encodeURIComponent(KEY)}` });
  const list = await s3.listObjectsV2({ Bucket: "photos" });
  assert.deepEqual(list.Contents.map((item) => item.Key), ["copy.txt", KEY]);
  await s3.deleteObject({ Bucket: "photos", Key: "copy.txt" });

  // Nine megabytes as a stream, which comes in two parts.
  const large = Buffer.alloc(9 * 1024 * 1024, "0123456789abcdef");
  const pieces = Readable.from((function* () {
    for (let at = 0; at < large.length; at += 65_536) yield large.subarray(at, at + 65_536);
  })());
  await new Upload({ client: s3, params: { Bucket: "photos", Key: "large.bin", Body: pieces }, partSize: 8 << 20 }).done();
  const back = await s3.getObject({ Bucket: "photos", Key: "large.bin" });
  assert(large.equals(Buffer.from(await back.Body.transformToByteArray())));

  const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "photos", Key: KEY }), { expiresIn: 60 });
  assert.equal(await (await fetch(url)).text(), "hello");
  // The SDK moves the metadata, and the checksum of no body, into the query.
  const put = new PutObjectCommand({ Bucket: "photos", Key: "by-url.txt", Metadata: { who: "ü" } });
  const stored = await fetch(await getSignedUrl(s3, put, { expiresIn: 60 }), { method: "PUT", body: "by url" });
  assert.equal(stored.status, 200, await stored.text());
  const byUrl = await s3.getObject({ Bucket: "photos", Key: "by-url.txt" });
  assert.equal(await byUrl.Body.transformToString(), "by url");
  assert.deepEqual(byUrl.Metadata, { who: "=?UTF-8?B?w7w=?=" });
  await s3.deleteObject({ Bucket: "photos", Key: "by-url.txt" });

  await refused("NoSuchKey", s3.getObject({ Bucket: "photos", Key: "absent" }));
  await refused("NotFound", s3.headObject({ Bucket: "photos", Key: "absent" }));
  await refused("AccessDenied", s3.getObject({ Bucket: process.env.PARTNER_BUCKET, Key: "theirs.txt" }));

  const rule = { Id: "csv", LambdaFunctionArn: process.env.FUNCTION_ARN, Events: ["s3:ObjectCreated:*"] };
  rule.Filter = { Key: { FilterRules: [{ Name: "Prefix", Value: "in/" }, { Name: "Suffix", Value: ".csv" }] } };
  const configuration = { LambdaFunctionConfigurations: [rule] };
  await new Lambda().addPermission({
    FunctionName: process.env.FUNCTION_ARN,
    StatementId: "photos",
    Action: "lambda:InvokeFunction",
    Principal: "s3.amazonaws.com",
    SourceArn: "arn:aws:s3:::photos",
  });
  await s3.putBucketNotificationConfiguration({ Bucket: "photos", NotificationConfiguration: configuration });
  const told = await s3.getBucketNotificationConfiguration({ Bucket: "photos" });
  assert.deepEqual(told.LambdaFunctionConfigurations, [rule]);
  await s3.putObject({ Bucket: "photos", Key: "in/a b.csv", Body: "1,2" });
  await s3.putObject({ Bucket: "photos", Key: "in/a b.txt", Body: "no CSV" });
})();
