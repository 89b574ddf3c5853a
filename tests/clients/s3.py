"""S3 through boto3."""

import hashlib
import io
import os
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

from expect import client_with_wrong_secret, refused

KEY = "my files/ü+1 100%.txt"
s3 = boto3.client("s3")
s3.create_bucket(Bucket="photos")
assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["photos"]

# Objects.
etag = s3.put_object(Bucket="photos", Key=KEY, Body=b"hello", ContentType="text/plain", Metadata={"who": "me"})["ETag"]
assert etag == '"' + hashlib.md5(b"hello").hexdigest() + '"', etag
got = s3.get_object(Bucket="photos", Key=KEY)
assert got["Body"].read() == b"hello"
assert (got["ContentType"], got["Metadata"], got["ETag"]) == ("text/plain", {"who": "me"}, etag), got
part = s3.get_object(Bucket="photos", Key=KEY, Range="bytes=1-3")
assert (part["Body"].read(), part["ContentRange"]) == (b"ell", "bytes 1-3/5"), part
assert s3.head_object(Bucket="photos", Key=KEY)["ContentLength"] == 5
s3.copy_object(Bucket="photos", Key="copy.txt", CopySource={"Bucket": "photos", "Key": KEY})
assert s3.get_object(Bucket="photos", Key="copy.txt")["Body"].read() == b"hello"

# Lists.
for number in range(5):
    s3.put_object(Bucket="photos", Key=f"many/{number}", Body=b"")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="photos", Prefix="many/", PaginationConfig={"PageSize": 2})
pages = [[item["Key"] for item in page["Contents"]] for page in pages]
assert pages == [["many/0", "many/1"], ["many/2", "many/3"], ["many/4"]], pages
folders = s3.list_objects_v2(Bucket="photos", Delimiter="/")
assert [folder["Prefix"] for folder in folders["CommonPrefixes"]] == ["many/", "my files/"], folders
assert [item["Key"] for item in folders["Contents"]] == ["copy.txt"], folders
old = s3.list_objects(Bucket="photos", Prefix="my files/")
assert [item["Key"] for item in old["Contents"]] == [KEY], old

# Deletions.
s3.delete_object(Bucket="photos", Key="copy.txt")
doomed = [{"Key": f"many/{number}"} for number in range(5)]
deleted = s3.delete_objects(Bucket="photos", Delete={"Objects": doomed})
assert len(deleted["Deleted"]) == 5 and "Errors" not in deleted, deleted

# Nine megabytes go up in two parts.
large = bytes(range(256)) * 36_864
s3.upload_fileobj(io.BytesIO(large), "photos", "large.bin")
assert s3.head_object(Bucket="photos", Key="large.bin")["ETag"].endswith('-2"')
back = io.BytesIO()
s3.download_fileobj("photos", "large.bin", back)
assert back.getvalue() == large
upload = s3.create_multipart_upload(Bucket="photos", Key="never")["UploadId"]
assert [u["Key"] for u in s3.list_multipart_uploads(Bucket="photos")["Uploads"]] == ["never"]
s3.abort_multipart_upload(Bucket="photos", Key="never", UploadId=upload)
assert "Uploads" not in s3.list_multipart_uploads(Bucket="photos")

# Presigned URLs, without any SDK. boto3 still signs them in version 2 unless told otherwise; that is refused by name.
old_url = s3.generate_presigned_url("get_object", Params={"Bucket": "photos", "Key": KEY})
try:
    urllib.request.urlopen(old_url)
    raise AssertionError("Signature Version 2 must be refused")
except urllib.error.HTTPError as error:
    assert b"Signature Version 2" in error.read(), error
signer = boto3.client("s3", config=Config(signature_version="s3v4"))
url = signer.generate_presigned_url("get_object", Params={"Bucket": "photos", "Key": KEY}, ExpiresIn=60)
assert urllib.request.urlopen(url).read() == b"hello"
url = signer.generate_presigned_url("put_object", Params={"Bucket": "photos", "Key": "by-url.txt"}, ExpiresIn=60)
assert urllib.request.urlopen(urllib.request.Request(url, b"by url", method="PUT")).status == 200
assert s3.get_object(Bucket="photos", Key="by-url.txt")["Body"].read() == b"by url"
try:
    urllib.request.urlopen(url.replace("by-url", "other-key"))
    raise AssertionError("a URL for another key must be refused")
except urllib.error.HTTPError as error:
    assert error.code == 403 and b"SignatureDoesNotMatch" in error.read(), error

# Annotations.
named = {"Bucket": "photos", "Key": KEY, "AnnotationName": "ml.größe"}
s3.put_object_annotation(**named, AnnotationPayload=b'{"large": true}')
assert s3.get_object_annotation(**named)["AnnotationPayload"].read() == b'{"large": true}'
annotations = s3.list_object_annotations(Bucket="photos", Key=KEY)["Annotations"]
assert [(one["AnnotationName"], one["Size"]) for one in annotations] == [("ml.größe", 15)], annotations
s3.delete_object_annotation(**named)
refused("NoSuchAnnotation", s3.get_object_annotation, **named)

# Refusals.
refused("NoSuchKey", s3.get_object, Bucket="photos", Key="absent")
refused("404", s3.head_object, Bucket="photos", Key="absent")
refused("NoSuchBucket", s3.put_object, Bucket="nobodys", Key="k", Body=b"")
refused("BucketNotEmpty", s3.delete_bucket, Bucket="photos")
refused("AccessDenied", s3.get_object, Bucket=os.environ["PARTNER_BUCKET"], Key="theirs.txt")
wrong = client_with_wrong_secret("s3")
refused("SignatureDoesNotMatch", wrong.list_objects_v2, Bucket="photos")
unknown = boto3.client("s3", aws_access_key_id="AKIAUNKNOWNUNKNOWN00", aws_secret_access_key="any")
refused("InvalidAccessKeyId", unknown.list_objects_v2, Bucket="photos")

# Triggers: what is put below is for the function.
rule = {
    "Id": "csv",
    "LambdaFunctionArn": os.environ["FUNCTION_ARN"],
    "Events": ["s3:ObjectCreated:*"],
    "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "in/"}, {"Name": "Suffix", "Value": ".csv"}]}},
}
configuration = {"LambdaFunctionConfigurations": [rule]}
refused("InvalidArgument", s3.put_bucket_notification_configuration, Bucket="photos", NotificationConfiguration=configuration)
boto3.client("lambda").add_permission(
    FunctionName=os.environ["FUNCTION_ARN"],
    StatementId="photos",
    Action="lambda:InvokeFunction",
    Principal="s3.amazonaws.com",
    SourceArn="arn:aws:s3:::photos",
)
s3.put_bucket_notification_configuration(Bucket="photos", NotificationConfiguration=configuration)
told = s3.get_bucket_notification_configuration(Bucket="photos")
assert told["LambdaFunctionConfigurations"] == [rule], told
twice = {"LambdaFunctionConfigurations": [rule, {**rule, "Id": "again"}]}
refused("InvalidArgument", s3.put_bucket_notification_configuration, Bucket="photos", NotificationConfiguration=twice)
s3.put_object(Bucket="photos", Key="in/a b.csv", Body=b"1,2")
s3.put_object(Bucket="photos", Key="in/a b.txt", Body=b"no CSV")
