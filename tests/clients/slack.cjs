// Slack's own JavaScript client.
const assert = require("node:assert");
const { IncomingWebhook } = require("@slack/webhook");

(async () => {
  const webhook = new IncomingWebhook(process.env.SLACK_WEBHOOK);
  const busy = await webhook.send("too soon").catch((error) => error);
  assert.equal(busy.code, "slack_webhook_http_error");
  assert.equal(busy.original.response.status, 429);
  assert.equal(busy.original.response.headers["retry-after"], "3");

  assert.deepEqual(await webhook.send({ text: "from <node> & ü" }), { text: "ok" });
  const blocks = [{ type: "section", text: { type: "mrkdwn", text: "*bold*" } }];
  assert.deepEqual(await webhook.send({ text: "with blocks", blocks }), { text: "ok" });

  const empty = await webhook.send({ text: "" }).catch((error) => error);
  assert.equal(empty.original.response.data, "no_text");
})();
