#!/usr/bin/env bash
# The AWS command line, as one types it.
set -euo pipefail

equal() {
    [ "$1" = "$2" ] || { echo "expected: $2" >&2; echo "found:    $1" >&2; exit 1; }
}
# Reads all there is, so that no program finds its reader gone.
shows() {
    cat >shown
    grep -q -- "$1" shown || { echo "expected: $1" >&2; cat shown >&2; exit 1; }
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

aws s3 mb s3://photos
printf hello >"a b.txt"
aws s3 cp "a b.txt" "s3://photos/in/ü+1.csv"
equal "$(aws s3 cp "s3://photos/in/ü+1.csv" -)" hello
aws s3 ls s3://photos/in/ | shows 'ü+1.csv'
mkdir -p many/deep && printf 1 >many/1 && printf 2 >many/2 && printf 3 >"many/deep/ü 3"
# The cloud's clock stands on the day it starts with, and a sync sends what is newer.
touch -d 2025-01-01 many/* many/deep/*
aws s3 sync many s3://photos/many
aws s3 mv s3://photos/many/1 s3://photos/moved
equal "$(aws s3api list-objects-v2 --bucket photos --query 'Contents[].Key' --output text)" \
    $'in/ü+1.csv\tmany/2\tmany/deep/ü 3\tmoved'
head -c 9437184 /dev/zero >large
aws s3 cp --quiet large s3://photos/large
aws s3 cp --quiet s3://photos/large back
cmp large back

# Only what differs is sent, and what is gone is deleted.
equal "$(aws s3 sync many s3://photos/many --exclude 1)" ""
rm many/2 && printf three >"many/deep/ü 3"
aws s3 sync many s3://photos/many --delete | sort >done
grep -q 'delete: s3://photos/many/2' done
grep -q 'upload: .*many/1' done
aws s3 sync s3://photos/many back-again
diff -r many back-again
aws s3 sync --quiet s3://photos/many s3://photos/elsewhere --metadata-directive REPLACE --content-type text/csv
equal "$(aws s3api head-object --bucket photos --key 'elsewhere/deep/ü 3' --query ContentType --output text)" text/csv
aws s3 cp --recursive --quiet s3://photos/elsewhere fetched --include '*' --exclude 1
equal "$(cd fetched && find . -type f)" './deep/ü 3'
# A large object is copied in parts.
aws s3 cp --quiet s3://photos/large s3://photos/large-copy
cmp large <(aws s3 cp --quiet s3://photos/large-copy -)
read_url() {
    python -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$1"
}
printf '[default]\ns3 =\n  signature_version = s3v4\n' >config
equal "$(read_url "$(AWS_CONFIG_FILE=config aws s3 presign s3://photos/moved)")" 1
aws s3 ls --recursive --summarize s3://photos | shows 'Total Objects: 8'
aws s3 rm --recursive --quiet s3://photos/elsewhere
aws s3 rm --recursive --quiet s3://photos/many --exclude '*' --include '*/ü*'
aws s3 ls s3://photos/many/ | shows ' 1$'
aws s3 rm --recursive --quiet s3://photos/many
aws s3 rm --quiet s3://photos/large-copy

# The operations themselves.
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
first=$(api put-object --bucket notes --key n --body many/1 --metadata who=me --query VersionId --output text)
tag=$(api put-object --bucket notes --key n --body "many/deep/ü 3" --query ETag --output text)
refused PreconditionFailed api put-object --bucket notes --key n --body many/1 --if-none-match '*'
refused PreconditionFailed api put-object --bucket notes --key n --body many/1 --if-match '"other"'
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
two=$(api upload-part --bucket notes --key parts --upload-id "$upload" --part-number 2 --body many/1 --query ETag --output text)
equal "$(api list-parts --bucket notes --key parts --upload-id "$upload" --query 'Parts[].Size' --output text)" $'5242880\t1'
api complete-multipart-upload --bucket notes --key parts --upload-id "$upload" \
    --multipart-upload "Parts=[{PartNumber=1,ETag=$one},{PartNumber=2,ETag=$two}]" --query ETag | shows '-2'

for key in p/1 p/2 p/3 p/4 p/5; do api put-object --bucket notes --key $key >/dev/null; done
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

# Version 1 of the command line has an address of its own for SQS, which the environment does not change.
sqs() {
    aws --endpoint-url "$AWS_ENDPOINT_URL" sqs "$@"
}
url=$(sqs create-queue --queue-name work --query QueueUrl --output text)
sqs send-message --queue-url "$url" --message-body 'from the command line'
equal "$(sqs receive-message --queue-url "$url" --visibility-timeout 0 --query 'Messages[].Body' --output text)" \
    'from the command line'

equal "$(aws lambda invoke --function-name double --payload 21 out.json --query StatusCode)" 200
equal "$(cat out.json)" 42
equal "$(aws lambda invoke --function-name double --payload 4 --invocation-type Event out.json --query StatusCode)" 202
