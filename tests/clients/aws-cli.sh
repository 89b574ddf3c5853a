#!/usr/bin/env bash
# The AWS command line, as one types it.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

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
