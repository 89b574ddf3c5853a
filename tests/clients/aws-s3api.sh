#!/usr/bin/env bash
# The operations of S3 themselves, by the AWS command line.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

printf 1 >one && printf three >three
api() {
    aws s3api "$@"
}
refused() {
    local code=$1
    shift
    ! "$@" >out 2>&1 || { echo "$code expected" >&2; exit 1; }
    grep -q "($code)" out || { cat out >&2; exit 1; }
}
api create-bucket --bucket notes --object-ownership BucketOwnerPreferred
api wait bucket-exists --bucket notes
api put-bucket-versioning --bucket notes --versioning-configuration Status=Enabled
first=$(api put-object --bucket notes --key n --body one --metadata who=me --query VersionId --output text)
tag=$(api put-object --bucket notes --key n --body three --query ETag --output text)
refused PreconditionFailed api put-object --bucket notes --key n --body one --if-none-match '*'
refused PreconditionFailed api put-object --bucket notes --key n --body one --if-match '"other"'
refused 304 api get-object --bucket notes --key n --if-none-match "$tag" out
api get-object --bucket notes --key n --range bytes=1-3 out --query ContentRange | shows 'bytes 1-3/5'
equal "$(cat out)" hre
equal "$(api get-object --bucket notes --key n --version-id "$first" out --query Metadata.who --output text)" me
equal "$(api get-object-attributes --bucket notes --key n --object-attributes ObjectSize --query ObjectSize)" 5
api put-object-tagging --bucket notes --key n --tagging 'TagSet=[{Key=team,Value=a b}]'
equal "$(api get-object-tagging --bucket notes --key n --query 'TagSet[0].Value' --output text)" 'a b'
api put-object-acl --bucket notes --key n --acl public-read 2>out && exit 1
grep -q '(AccessDenied)' out
api put-bucket-policy --bucket notes --policy "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",
    \"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::notes/*\"}]}"
equal "$(api get-bucket-policy --bucket notes --query Policy --output text | grep -c 222222222222)" 1
api put-bucket-lifecycle-configuration --bucket notes --lifecycle-configuration \
    '{"Rules":[{"ID":"old","Status":"Enabled","Filter":{"Prefix":"logs/"},"Expiration":{"Days":30}}]}'
equal "$(api get-bucket-lifecycle-configuration --bucket notes --query 'Rules[0].Expiration.Days')" 30
api put-bucket-cors --bucket notes --cors-configuration \
    '{"CORSRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*"],"MaxAgeSeconds":60}]}'
equal "$(api get-bucket-cors --bucket notes --query 'CORSRules[0].MaxAgeSeconds')" 60
equal "$(api get-bucket-encryption --bucket notes --output text | grep -c AES256)" 1
equal "$(api get-public-access-block --bucket notes --query PublicAccessBlockConfiguration.BlockPublicAcls)" true

upload=$(api create-multipart-upload --bucket notes --key parts --query UploadId --output text)
head -c 5242880 /dev/zero >five
one=$(api upload-part --bucket notes --key parts --upload-id "$upload" --part-number 1 --body five --query ETag --output text)
two=$(api upload-part --bucket notes --key parts --upload-id "$upload" --part-number 2 --body one --query ETag --output text)
equal "$(api list-parts --bucket notes --key parts --upload-id "$upload" --query 'Parts[].Size' --output text)" $'5242880\t1'
api complete-multipart-upload --bucket notes --key parts --upload-id "$upload" \
    --multipart-upload "Parts=[{PartNumber=1,ETag=$one},{PartNumber=2,ETag=$two}]" --query ETag | shows '-2'

mkdir p && touch p/{1..5}
aws s3 cp --recursive --quiet p s3://notes/p
equal "$(api list-objects-v2 --bucket notes --prefix p/ --page-size 2 --query 'length(Contents)')" 5
equal "$(api list-objects-v2 --bucket notes --delimiter / --query 'CommonPrefixes[].Prefix' --output text)" p/
equal "$(api list-objects-v2 --bucket notes --prefix p/ --max-items 3 --query 'length(Contents)')" 3
api delete-object --bucket notes --key n --query DeleteMarker | shows true
refused NoSuchKey api get-object --bucket notes --key n out
refused BucketNotEmpty api delete-bucket --bucket notes
api list-object-versions --bucket notes --output json \
    --query '{Objects: [Versions, DeleteMarkers][][].{Key: Key, VersionId: VersionId}}' >all
api delete-objects --bucket notes --delete file://all --query 'length(Deleted)' >/dev/null
api delete-bucket --bucket notes
refused NoSuchBucket api list-objects-v2 --bucket notes
