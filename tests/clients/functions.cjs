// Lambda's Invoke through the AWS SDK for JavaScript.
const assert = require("node:assert");
const { Lambda } = require("@aws-sdk/client-lambda");

(async () => {
  const functions = new Lambda();
  const invoke = (Payload, InvocationType) =>
    functions.invoke({ FunctionName: "double", Payload: JSON.stringify(Payload), InvocationType });

  const done = await invoke(21);
  assert.deepEqual([done.StatusCode, done.FunctionError], [200, undefined]);
  assert.equal(done.Payload.transformToString(), "42");

  const failed = await invoke("not a number");
  assert.deepEqual([failed.StatusCode, failed.FunctionError], [200, "Unhandled"]);
  assert("errorMessage" in JSON.parse(failed.Payload.transformToString()));

  assert.equal((await invoke(4, "Event")).StatusCode, 202);
  assert.equal((await invoke(5, "DryRun")).StatusCode, 204);

  const absent = await functions.invoke({ FunctionName: "absent" }).catch((error) => error);
  assert.equal(absent.name, "ResourceNotFoundException");
})();
