"""Lambda's Invoke through boto3."""

import json

import boto3

from expect import client_with_wrong_secret, refused

functions = boto3.client("lambda")


def invoke(name, payload, **parameters):
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(payload), **parameters)
    return answer, answer["Payload"].read()


answer, payload = invoke("double", 21)
assert (answer["StatusCode"], json.loads(payload), answer.get("FunctionError")) == (200, 42, None), answer
assert answer["ExecutedVersion"] == "$LATEST", answer

answer, payload = invoke("double", "not a number")
assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled"), answer
assert "errorMessage" in json.loads(payload), payload

answer, payload = invoke("double", 4, InvocationType="Event")
assert (answer["StatusCode"], payload) == (202, b""), answer
answer, payload = invoke("double", 5, InvocationType="DryRun")
assert (answer["StatusCode"], payload) == (204, b""), answer

refused("ResourceNotFoundException", functions.invoke, FunctionName="absent")
refused("InvalidRequestContentException", functions.invoke, FunctionName="double", Payload=b"{")
refused("RequestEntityTooLargeException", functions.invoke, FunctionName="double", Payload=b'"' + b"x" * 6_291_456 + b'"')
wrong = client_with_wrong_secret("lambda")
refused("InvalidSignatureException", wrong.invoke, FunctionName="double")
