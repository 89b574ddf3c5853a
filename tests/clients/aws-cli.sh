#!/usr/bin/env bash
# The AWS command line, as one types it.
set -euo pipefail

equal() {
    [ "$1" = "$2" ] || { echo "expected: $2" >&2; echo "found:    $1" >&2; exit 1; }
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

aws s3 mb s3://photos
printf hello >"a b.txt"
aws s3 cp "a b.txt" "s3://photos/in/ü+1.csv"
equal "$(aws s3 cp "s3://photos/in/ü+1.csv" -)" hello
aws s3 ls s3://photos/in/ | grep -q 'ü+1.csv'
mkdir many && printf 1 >many/1 && printf 2 >many/2
aws s3 sync many s3://photos/many
aws s3 mv s3://photos/many/1 s3://photos/moved
equal "$(aws s3api list-objects-v2 --bucket photos --query 'Contents[].Key' --output text)" $'in/ü+1.csv\tmany/2\tmoved'
head -c 9437184 /dev/zero >large
aws s3 cp --quiet large s3://photos/large
aws s3 cp --quiet s3://photos/large back
cmp large back
aws s3 rm --recursive s3://photos/many

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
