#!/usr/bin/env bash
# s3cmd, which has a client of its own and knows no SDK.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

host=${AWS_ENDPOINT_URL#http://}
cat >config <<END
[default]
access_key = $AWS_ACCESS_KEY_ID
secret_key = $AWS_SECRET_ACCESS_KEY
bucket_location = us-east-1
host_base = $host
host_bucket = %(bucket)s.$host
use_https = False
progress_meter = False
END
s3() {
    # Buckets by path: not every machine resolves the names below localhost.
    # New buckets have no lists of access, so copies must not take theirs along: https://github.com/s3tools/s3cmd/issues/1304
    s3cmd --config config --host-bucket "$host" --acl-private "$@"
}

s3 mb s3://photos
s3 ls | shows 's3://photos$'
printf hello >"a b.txt"
s3 put --add-header x-amz-meta-who:me --mime-type text/plain "a b.txt" "s3://photos/in/ü+1 100%.csv"
s3 get "s3://photos/in/ü+1 100%.csv" back.txt
equal "$(cat back.txt)" hello
s3 info "s3://photos/in/ü+1 100%.csv" | shows 'x-amz-meta-who: *me'
# A download that broke off goes on with a range.
printf hel >part.txt
s3 get --continue "s3://photos/in/ü+1 100%.csv" part.txt
equal "$(cat part.txt)" hello
s3 modify --add-header x-amz-meta-who:you "s3://photos/in/ü+1 100%.csv"
s3 info "s3://photos/in/ü+1 100%.csv" | shows 'x-amz-meta-who: *you'

mkdir -p many/deep && printf 1 >many/1 && printf 2 >many/2 && printf 3 >"many/deep/ü 3"
s3 sync many/ s3://photos/many/
equal "$(s3 ls --recursive s3://photos/many/ | sed 's/.*s3:/s3:/')" \
    $'s3://photos/many/1\ns3://photos/many/2\ns3://photos/many/deep/ü 3'
s3 ls s3://photos/many/ | shows 'DIR .*s3://photos/many/deep/$'
printf two >many/2 && rm many/1
s3 sync --delete-removed many/ s3://photos/many/
s3 sync s3://photos/many/ copy/
diff -r many copy
s3 cp s3://photos/many/2 s3://photos/copied
s3 mv s3://photos/copied s3://photos/moved
equal "$(s3 get s3://photos/moved -)" two

# Eleven megabytes go up in three parts.
head -c 11534336 /dev/urandom >large
s3 put --multipart-chunk-size-mb 5 large s3://photos/large
s3 get s3://photos/large large.back
cmp large large.back
equal "$(s3 multipart s3://photos | grep -c uploads/ || true)" 0

s3 setversioning s3://photos enable
s3 expire --expiry-days 30 --expiry-prefix logs/ s3://photos
s3 getlifecycle s3://photos | shows '<Days>30</Days>'
s3 info s3://photos | shows 'Expiration Rule: objects with key prefix .logs/. will expire in .30. day'
s3 dellifecycle s3://photos

s3 rm "s3://photos/many/2"
s3 rm --recursive s3://photos/many/
s3 get s3://photos/absent && { echo "what is absent cannot be read" >&2; exit 1; }
s3 ls s3://nobodys && { echo "there is no such bucket" >&2; exit 1; }
s3 mb s3://empty
s3 rb s3://empty
