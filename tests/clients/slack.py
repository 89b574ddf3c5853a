"""Slack's own Python client."""

import os

from slack_sdk.webhook import WebhookClient

client = WebhookClient(os.environ["SLACK_WEBHOOK"])
busy = client.send(text="too soon")
assert (busy.status_code, busy.headers["Retry-After"]) == (429, "3"), (busy.status_code, busy.headers)

sent = client.send(text="from <python> & ü")
assert (sent.status_code, sent.body) == (200, "ok"), (sent.status_code, sent.body)
blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*bold*"}}]
assert client.send(text="with blocks", blocks=blocks).status_code == 200

empty = client.send(text="")
assert (empty.status_code, empty.body) == (400, "no_text"), (empty.status_code, empty.body)
stranger = WebhookClient(os.environ["SLACK_WEBHOOK"] + "x").send(text="wrong token")
assert (stranger.status_code, stranger.body) == (403, "invalid_token"), (stranger.status_code, stranger.body)
