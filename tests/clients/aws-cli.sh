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

attributes=$(sqs get-queue-attributes --queue-url "$url" --attribute-names All --query Attributes.VisibilityTimeout --output text)
equal "$attributes" 30

jobs=$(sqs create-queue --queue-name jobs --attributes VisibilityTimeout=60,DelaySeconds=0 --tags team=tests --query QueueUrl --output text)
equal "$(sqs list-queue-tags --queue-url "$jobs" --query Tags.team --output text)" tests
sqs set-queue-attributes --queue-url "$jobs" --attributes VisibilityTimeout=90
equal "$(sqs list-queues --queue-name-prefix jo --query 'QueueUrls[]' --output text)" "$jobs"
sqs send-message --queue-url "$jobs" --message-body 'größe <&>' \
    --message-attributes '{"count": {"DataType": "Number", "StringValue": "42"}}'
receive() {
    sqs receive-message --queue-url "$1" --message-attribute-names All --query "$2" --output text "${@:3}"
}
equal "$(receive "$jobs" 'Messages[].[Body, MessageAttributes.count.StringValue]' --visibility-timeout 0)" $'größe <&>\t42'
handle=$(receive "$jobs" 'Messages[].ReceiptHandle')
sqs change-message-visibility --queue-url "$jobs" --receipt-handle "$handle" --visibility-timeout 0
sqs delete-message --queue-url "$jobs" --receipt-handle "$(receive "$jobs" 'Messages[].ReceiptHandle')"
equal "$(receive "$jobs" 'Messages[].Body')" None

# Batches: one bad entry does not spoil the others.
entries='[{"Id": "a", "MessageBody": "one"}, {"Id": "b", "MessageBody": "two"}, {"Id": "late", "MessageBody": "x", "DelaySeconds": 901}]'
equal "$(sqs send-message-batch --queue-url "$jobs" --entries "$entries" --query '[Successful[].Id, Failed[].Id][]' --output text)" $'a\tb\tlate'
handles=$(sqs receive-message --queue-url "$jobs" --max-number-of-messages 10 --query 'Messages[].{Id: MessageId, ReceiptHandle: ReceiptHandle}')
hidden=$(sed 's/"Id"/"VisibilityTimeout": 600, "Id"/' <<<"$handles")
sqs change-message-visibility-batch --queue-url "$jobs" --entries "$hidden" --query 'length(Successful)' | grep -qx 2
sqs delete-message-batch --queue-url "$jobs" --entries "$handles" --query 'length(Successful)' | grep -qx 2

# Dead letters, and their way back.
dead=$(sqs create-queue --queue-name dead --query QueueUrl --output text)
arn=$(sqs get-queue-attributes --queue-url "$dead" --attribute-names QueueArn --query Attributes.QueueArn --output text)
sqs set-queue-attributes --queue-url "$jobs" \
    --attributes "{\"RedrivePolicy\": \"{\\\"deadLetterTargetArn\\\": \\\"$arn\\\", \\\"maxReceiveCount\\\": 1}\"}"
equal "$(sqs list-dead-letter-source-queues --queue-url "$dead" --query 'queueUrls[]' --output text)" "$jobs"
sqs send-message-batch --queue-url "$jobs" --entries '[{"Id": "a", "MessageBody": "one"}, {"Id": "b", "MessageBody": "two"}]'
receive "$jobs" 'Messages[].Body' --max-number-of-messages 10 --visibility-timeout 0
receive "$jobs" 'Messages[].Body' --max-number-of-messages 10
# At this pace the clock would have to move for the second message.
task=$(sqs start-message-move-task --source-arn "$arn" --max-number-of-messages-per-second 1 --query TaskHandle --output text)
equal "$(sqs list-message-move-tasks --source-arn "$arn" --query 'Results[].Status' --output text)" RUNNING
equal "$(sqs cancel-message-move-task --task-handle "$task" --query ApproximateNumberOfMessagesMoved --output text)" 1
sqs start-message-move-task --source-arn "$arn"
equal "$(sqs list-message-move-tasks --source-arn "$arn" --max-results 2 --query 'Results[].Status' --output text)" $'COMPLETED\tCANCELLED'
equal "$(receive "$jobs" 'sort(Messages[].Body)' --max-number-of-messages 10)" $'one\ttwo'
sqs purge-queue --queue-url "$jobs"
if sqs send-message --queue-url "$jobs" --message-body x --delay-seconds 901 2>refusal; then exit 1; fi
grep -q InvalidParameterValue refusal
sqs delete-queue --queue-url "$dead"

equal "$(aws lambda invoke --function-name double --payload 21 out.json --query StatusCode)" 200
equal "$(cat out.json)" 42
equal "$(aws lambda invoke --function-name double --payload 4 --invocation-type Event out.json --query StatusCode)" 202
