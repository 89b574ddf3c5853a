"""What the scripts share."""

import os

import boto3
from botocore.exceptions import ClientError


def client_with_wrong_secret(service):
    return boto3.client(
        service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="not the secret"
    )


def refused(code, call, **parameters):
    """Checks that the call is refused with this error code."""
    try:
        answer = call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, f"{code} expected, got {error}"
        return error.response
    raise AssertionError(f"{code} expected, got {answer}")
