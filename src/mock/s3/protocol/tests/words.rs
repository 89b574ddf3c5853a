//! What S3 refuses, in the words that others have recorded of it.

use super::*;

/// A request of the owner, and how it is refused: the status, the code, the message.
type Refused<'a> = (Method, &'a str, &'a [(&'a str, &'a str)], &'a str, (u16, &'a str, &'a str));

fn invalid_argument(message: &str) -> (u16, &str, &str) {
    (400, "InvalidArgument", message)
}

fn invalid_request(message: &str) -> (u16, &str, &str) {
    (400, "InvalidRequest", message)
}

async fn check(world: &World, table: &[Refused<'_>]) {
    for (method, target, headers, body, (status, code, message)) in table {
        let answer = world.send(method.clone(), target, headers, (*body).to_owned()).await.refused(*status, code);
        let shown = answer.element("Message").replace("&apos;", "'");
        assert_eq!(shown, *message, "{method} {target} {headers:?}");
    }
}

/// <https://github.com/versity/versitygw/issues/1804>, 1809, 1794, 1811, 1923 and 1930
#[tokio::test]
async fn counts_and_markers_that_are_none_are_refused_by_name() {
    let world = World::new();
    let none = |name: &str| format!("Provided {name} not an integer or within integer range");
    let (keys, uploads, parts) = (none("max-keys"), none("max-uploads"), none("max-parts"));
    let (marker, buckets) = (none("part-number-marker"), none("max-buckets"));
    let range = "Argument max-buckets must be an integer between 1 and 10000";
    let negative = "Argument max-uploads must be an integer between 0 and 2147483647";
    let bad = invalid_argument;
    check(
        &world,
        &[
            (Method::GET, "/export?max-keys=abc", &[], "", bad(&keys)),
            (Method::GET, "/export?list-type=2&max-keys=2147483648", &[], "", bad(&keys)),
            (Method::GET, "/export?versions&max-keys=", &[], "", bad(&keys)),
            (Method::GET, "/export?versions&max-keys=-1", &[], "", bad("max-keys cannot be negative")),
            (Method::GET, "/export?uploads&max-uploads=x", &[], "", bad(&uploads)),
            (Method::GET, "/export?uploads&max-uploads=-1", &[], "", bad(negative)),
            (Method::GET, "/export/k?uploadId=u&max-parts=x", &[], "", bad(&parts)),
            (Method::GET, "/export/k?uploadId=u&part-number-marker=x", &[], "", bad(&marker)),
            (Method::GET, "/?max-buckets=x", &[], "", bad(&buckets)),
            (Method::GET, "/?max-buckets=0", &[], "", bad(range)),
            (Method::GET, "/?max-buckets=10001", &[], "", bad(range)),
            (Method::GET, "/?continuation-token=", &[], "", bad("The continuation token provided is incorrect")),
            (Method::GET, "/?bucket-region=abc", &[], "", bad("Argument value abc is not a valid AWS Region")),
            (
                Method::GET,
                "/?bucket-region=eu-west-1",
                &[],
                "",
                bad("Requests with bucket-region specified must be made to the corresponding regional endpoint"),
            ),
            (
                Method::GET,
                "/export?versions&key-marker=k&version-id-marker=abc",
                &[],
                "",
                bad("Invalid version id specified"),
            ),
        ],
    )
    .await;
    let refused = world.send(Method::GET, "/export?max-keys=1.5", &[], "").await.refused(400, "InvalidArgument");
    assert_eq!((refused.element("ArgumentName"), refused.element("ArgumentValue")), ("max-keys", "1.5"));
}

/// <https://github.com/versity/versitygw/issues/1388>, 1389, 1390, 1398, 1236, 1000, 1806, 1226, 1229, 1242, 1688;
/// <https://github.com/amazon-archives/aws-sdk-core-ruby/issues/76>
#[tokio::test]
async fn what_a_copy_an_upload_and_attributes_lack_is_said() {
    let world = World::new();
    world.send(Method::PUT, "/export/k", &[], "v").await.is(200);
    let bad = invalid_argument;
    let number = bad("Part number must be an integer between 1 and 10000, inclusive");
    let not_allowed = (405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    let lonely = "This operation does not accept partNumber without uploadId";
    let source = [("x-amz-copy-source", "/export/k")];
    let attributes =
        "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty";
    check(
        &world,
        &[
            (Method::PUT, "/export/c", &[("x-amz-copy-source", "")], "", bad("Invalid copy source bucket name")),
            (Method::PUT, "/export/c", &[("x-amz-copy-source", "export")], "", bad("Invalid copy source object key")),
            (Method::PUT, "/export/c", &[("x-amz-copy-source", "/export/")], "", bad("Invalid copy source object key")),
            (
                Method::PUT,
                "/export/c?partNumber=1&uploadId=u",
                &[("x-amz-copy-source", "export")],
                "",
                bad("Invalid copy source object key"),
            ),
            (Method::PUT, "/export/k?partNumber=x&uploadId=u", &[], "v", number),
            (
                Method::POST,
                "/export/k?uploadId=u",
                &[("x-amz-mp-object-size", "size")],
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>",
                (400, "InvalidRequest", "Value for x-amz-mp-object-size header is invalid: 'size'"),
            ),
            (
                Method::PUT,
                "/export/k?uploadId=u",
                &[],
                "v",
                not_allowed,
            ),
            (Method::PUT, "/export/c?uploadId=u", &source, "", not_allowed),
            (Method::PUT, "/export/k?partNumber=1", &[], "v", bad(lonely)),
            (Method::PUT, "/export/c?partNumber=1", &source, "", bad(lonely)),
            (
                Method::PUT,
                "/export/c",
                &source,
                "v",
                invalid_request(
                    "The request included a body. Requests of this type must not include a non-empty body.",
                ),
            ),
            (
                Method::GET,
                "/export/k?versions",
                &[],
                "",
                invalid_request("There is no such thing as the ?versions sub-resource for a key"),
            ),
            (Method::GET, "/export/k?versionId=", &[], "", bad("Version id cannot be the empty string")),
            (Method::DELETE, "/export/k?versionId=", &[], "", bad("Version id cannot be the empty string")),
            (Method::GET, "/export/k?attributes", &[], "", (400, "InvalidRequest", attributes)),
            (
                Method::GET,
                "/export/k?attributes",
                &[("x-amz-object-attributes", "")],
                "",
                (400, "InvalidRequest", attributes),
            ),
        ],
    )
    .await;
    let refused = world.send(Method::PUT, "/export/k?uploadId=u", &[], "v").await;
    assert_eq!((refused.element("ResourceType"), refused.header("allow")), ("UPLOAD", "DELETE, POST, GET"));
    for parts in ["x", "-1"] {
        let headers = [("x-amz-object-attributes", "ObjectSize"), ("x-amz-max-parts", parts)];
        world.send(Method::GET, "/export/k?attributes", &headers, "").await.is(200);
    }
}

/// <https://github.com/versity/versitygw/issues/1104>, 1356 and 1598
#[tokio::test]
async fn checksums_of_unknown_or_of_two_algorithms_are_refused() {
    let world = World::new();
    let bad = invalid_request;
    let crc32c = ("x-amz-checksum-crc32c", "iWVUeA==");
    check(
        &world,
        &[
            (
                Method::PUT,
                "/export/k",
                &[("x-amz-checksum-sha256a", "x")],
                "v",
                bad("The algorithm type you specified in x-amz-checksum- header is invalid."),
            ),
            (
                Method::PUT,
                "/export/k",
                &[("x-amz-sdk-checksum-algorithm", "crc32"), crc32c],
                "v",
                bad("Value for x-amz-sdk-checksum-algorithm header is invalid."),
            ),
        ],
    )
    .await;
    let value = ChecksumAlgorithm::Crc32c.of(b"v").value;
    let headers = [("x-amz-checksum-crc32c", value.as_str()), ("x-amz-checksum-sha256a", "x")];
    world.send(Method::PUT, "/export/k", &headers, "v").await.is(200);
}

/// <https://github.com/versity/versitygw/issues/2119>
#[tokio::test]
async fn a_batch_says_that_there_is_no_such_version_where_the_id_is_none() {
    let world = World::new();
    let batch = "<Delete><Object><Key>k</Key><VersionId>abc</VersionId></Object></Delete>";
    let value = ChecksumAlgorithm::Crc32.of(batch.as_bytes()).value;
    let done = world.send(Method::POST, "/export?delete", &[("x-amz-checksum-crc32", &value)], batch).await.is(200);
    assert_eq!((done.element("Code"), done.element("VersionId")), ("NoSuchVersion", "abc"), "{}", done.text());
    assert_eq!(done.element("Message"), "The specified version does not exist.");
    world.send(Method::DELETE, "/export/k?versionId=abc", &[], "").await.refused(400, "InvalidArgument");
    assert_eq!(world.events(), []);
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html>; the words:
/// <https://github.com/laurilehmijoki/s3_website/issues/99>
#[tokio::test]
async fn an_object_keeps_where_it_leads_and_its_copies_do_not() {
    const NAME: &str = "x-amz-website-redirect-location";
    let world = World::new();
    let refused = world.send(Method::PUT, "/export/k", &[(NAME, "about.html")], "v").await;
    let told = refused.refused(400, "InvalidRedirectLocation");
    assert!(told.element("Message").starts_with("The website redirect location must have a prefix of "));
    world.send(Method::PUT, "/export/k", &[(NAME, "/about.html")], "v").await.is(200);
    for method in [Method::GET, Method::HEAD] {
        assert_eq!(world.send(method, "/export/k", &[], "").await.is(200).header(NAME), "/about.html");
    }
    let source = ("x-amz-copy-source", "export/k");
    world.send(Method::PUT, "/export/copy", &[source], "").await.is(200);
    assert_eq!(world.send(Method::HEAD, "/export/copy", &[], "").await.header(NAME), "");
    world.send(Method::PUT, "/export/k", &[source], "").await.refused(400, "InvalidRequest");
    world.send(Method::PUT, "/export/k", &[source, (NAME, "https://example.com/")], "").await.is(200);
    assert_eq!(world.send(Method::HEAD, "/export/k", &[], "").await.header(NAME), "https://example.com/");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>: such requests have to be signed.
#[tokio::test]
async fn nobody_overrides_headers_without_a_signature() {
    let world = World::new();
    world.send(Method::PUT, "/export/k", &[], "v").await.is(200);
    for (name, header) in [("content-type", "content-type"), ("expires", "expires"), ("cache-control", "cache-control")]
    {
        let target = format!("/export/k?response-{name}=text/plain");
        assert_eq!(world.send(Method::GET, &target, &[], "").await.is(200).header(header), "text/plain");
        let refused = world.send_as(None, Method::GET, &target, &[], "").await.refused(400, "InvalidRequest");
        let words = "Request specific response headers cannot be used for anonymous GET requests.";
        assert_eq!(refused.element("Message"), words);
        world.send_as(None, Method::HEAD, &target, &[], "").await.is(400);
    }
    world.send_as(None, Method::GET, "/export/k", &[], "").await.is(200);
}

/// RFC 9110, 13.1.5; <https://github.com/aws/aws-sdk-kotlin/issues/1645>
#[tokio::test]
async fn a_range_counts_as_long_as_the_object_is_the_same() {
    let world = World::new();
    let put = world.send(Method::PUT, "/export/k", &[], "0123456789").await.is(200);
    let tag = put.header("etag").to_owned();
    let weak = format!("W/{tag}");
    for (condition, part) in [
        (tag.as_str(), true),
        ("\"other\"", false),
        (weak.as_str(), false),
        ("Thu, 01 Jan 2026 00:00:00 GMT", true),
        ("Thu, 01 Jan 2026 00:00:01 GMT", false),
        ("yesterday", false),
    ] {
        let headers = [("range", "bytes=2-3"), ("if-range", condition)];
        let got = world.send(Method::GET, "/export/k", &headers, "").await;
        let (status, text) = if part { (206, "23") } else { (200, "0123456789") };
        assert_eq!((got.status(), got.text()), (status, text), "{condition}");
        let head = world.send(Method::HEAD, "/export/k", &headers, "").await;
        assert_eq!(head.status(), status, "{condition}");
    }
    // A range that nobody can read is none.
    for range in ["bytes= 2-3", "bytes=2 - 3", "bytes=3-2"] {
        assert_eq!(world.send(Method::GET, "/export/k", &[("range", range)], "").await.is(200).text(), "0123456789");
    }
}

/// <https://github.com/aws/aws-sdk-php/issues/2648>, <https://github.com/versity/versitygw/issues/1342>
#[tokio::test]
async fn a_checksum_of_checksums_needs_those_of_all_parts_twice() {
    let world = World::new();
    for (kind, is_composite) in [("COMPOSITE", true), ("FULL_OBJECT", false)] {
        let asked = [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", kind)];
        let started = world.send(Method::POST, "/export/k?uploads", &asked, "").await.is(200);
        let id = started.element("UploadId");
        let part = format!("/export/k?partNumber=1&uploadId={id}");
        let plain = world.send(Method::PUT, &part, &[], "v").await;
        if is_composite {
            let refused = plain.refused(400, "InvalidRequest");
            let words = "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: null";
            assert_eq!(refused.element("Message"), words);
        } else {
            plain.is(200);
        }
        let value = ChecksumAlgorithm::Crc32.of(b"v").value;
        let sent = world.send(Method::PUT, &part, &[("x-amz-checksum-crc32", &value)], "v").await.is(200);
        let complete = |checksum: &str| {
            let part = format!("<PartNumber>1</PartNumber><ETag>{}</ETag>{checksum}", sent.header("etag"));
            format!("<CompleteMultipartUpload><Part>{part}</Part></CompleteMultipartUpload>")
        };
        let target = format!("/export/k?uploadId={id}");
        if is_composite {
            for checksum in ["", "<ChecksumSHA1>C+7Hteo/D9vJXQ3UfzxbwnXaijM=</ChecksumSHA1>"] {
                let refused = world.send(Method::POST, &target, &[], complete(checksum)).await;
                let words = "The upload was created using a crc32 checksum. The complete request must include the \
                             checksum for each part. It was missing for part 1 in the request.";
                assert_eq!(refused.refused(400, "InvalidRequest").element("Message"), words);
            }
            let told = complete(&format!("<ChecksumCRC32>{value}</ChecksumCRC32>"));
            world.send(Method::POST, &target, &[], told).await.is(200);
        } else {
            world.send(Method::POST, &target, &[], complete("")).await.is(200);
        }
    }
}

/// What S3 copies itself needs no checksum, and tells it: <https://github.com/apache/arrow-rs-object-store/issues/568>
#[tokio::test]
async fn the_checksum_of_a_part_that_is_copied_is_told() {
    let world = World::new();
    world.send(Method::PUT, "/export/source", &[], "v").await.is(200);
    let asked = [("x-amz-checksum-algorithm", "SHA256")];
    let started = world.send(Method::POST, "/export/k?uploads", &asked, "").await.is(200);
    let part = format!("/export/k?partNumber=1&uploadId={}", started.element("UploadId"));
    let copied = world.send(Method::PUT, &part, &[("x-amz-copy-source", "export/source")], "").await.is(200);
    assert_eq!(copied.element("ChecksumSHA256"), ChecksumAlgorithm::Sha256.of(b"v").value);
}

/// <https://github.com/grafana/loki/issues/15382>
#[tokio::test]
async fn the_owner_that_an_event_names_is_no_account() {
    let world = World::new();
    world.send(Method::PUT, "/export/k", &[], "v").await.is(200);
    let words = "The value of the expected bucket owner parameter must be an AWS Account ID... [A3NL1KOZZKExample]";
    let wrong = (400, "InvalidBucketOwnerAWSAccountID", words);
    let (owner, source) = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner");
    check(
        &world,
        &[
            (Method::GET, "/export/k", &[(owner, "A3NL1KOZZKExample")], "", wrong),
            (Method::PUT, "/export/c", &[("x-amz-copy-source", "export/k"), (source, "A3NL1KOZZKExample")], "", wrong),
        ],
    )
    .await;
}

/// <https://github.com/versity/versitygw/issues/645> to 650
#[tokio::test]
async fn a_policy_that_is_none_is_refused_in_the_words_of_s3() {
    let world = World::new();
    let statement = |changes: &[(&str, Option<&str>)]| {
        let mut statement = serde_json::json!({
            "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::export/*"
        });
        for (name, value) in changes {
            match value {
                Some(value) => statement[*name] = (*value).into(),
                None => drop(statement.as_object_mut().unwrap().remove(*name)),
            }
        }
        serde_json::json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    let on_bucket = Some("arn:aws:s3:::export");
    for (changes, words) in [
        (&[("Effect", Some("hello"))][..], "Invalid effect: hello"),
        (&[("Principal", Some("nobody"))], "Invalid principal in policy"),
        (&[("Principal", None)], "Missing required field Principal"),
        (&[("Action", Some("invalid_action"))], "Policy has invalid action"),
        (&[("Action", Some("sqs:SendMessage"))], "Policy has invalid action"),
        (&[("Action", None)], "Statement is missing required element"),
        (&[("Resource", Some("nonsense"))], "Policy has invalid resource"),
        (&[("Resource", Some("arn:aws:s3:::other/*"))], "Policy has invalid resource"),
        (&[("Resource", None)], "Statement is missing required element"),
        (&[("Resource", on_bucket)], "Action does not apply to any resource(s) in statement"),
        (&[("Action", Some("s3:ListBucket"))], "Action does not apply to any resource(s) in statement"),
    ] {
        let refused = world.send(Method::PUT, "/export?policy", &[], statement(changes)).await;
        assert_eq!(refused.refused(400, "MalformedPolicy").element("Message"), words, "{changes:?}");
    }
    // What AWS would take and the mock does not evaluate is named.
    let variable = statement(&[("Resource", Some("arn:aws:s3:::export/${aws:username}"))]);
    let refused = world.send(Method::PUT, "/export?policy", &[], variable).await.refused(400, "MalformedPolicy");
    assert!(refused.element("Message").contains("not evaluated by lambda-testkit"), "{}", refused.text());
    for changes in [&[][..], &[("Action", Some("s3:Get*")), ("Resource", on_bucket)]] {
        world.send(Method::PUT, "/export?policy", &[], statement(changes)).await.is(204);
    }
}

/// <https://github.com/versity/versitygw/issues/1384>
#[tokio::test]
async fn a_grantee_that_is_none_is_named_as_the_header_does() {
    let world = World::new();
    let grant = [("x-amz-grant-full-control", "id=0123")];
    let refused = world.send(Method::PUT, "/granted", &grant, "").await.refused(400, "InvalidArgument");
    assert_eq!((refused.element("ArgumentName"), refused.element("ArgumentValue")), ("id", "0123"));
}

/// <https://github.com/versity/versitygw/issues/2144>, <https://github.com/boto/boto3/issues/3495>
#[tokio::test]
async fn the_last_page_of_uploads_and_of_parts_says_where_it_ends() {
    let world = World::new();
    let none = world.send(Method::GET, "/export?uploads", &[], "").await.is(200);
    assert!(!none.text().contains("<NextKeyMarker>"), "{}", none.text());
    let started = world.send(Method::POST, "/export/k?uploads", &[], "").await.is(200);
    let id = started.element("UploadId");
    let page = world.send(Method::GET, "/export?uploads", &[], "").await.is(200);
    assert_eq!((page.element("NextKeyMarker"), page.element("NextUploadIdMarker")), ("k", id));
    assert_eq!(page.element("IsTruncated"), "false");
    let parts = format!("/export/k?uploadId={id}");
    let page = world.send(Method::GET, &parts, &[], "").await.is(200);
    assert_eq!(page.element("NextPartNumberMarker"), "0");
    world.send(Method::PUT, &format!("/export/k?partNumber=7&uploadId={id}"), &[], "v").await.is(200);
    let page = world.send(Method::GET, &parts, &[], "").await.is(200);
    assert_eq!((page.element("NextPartNumberMarker"), page.element("IsTruncated")), ("7", "false"));
}

/// <https://github.com/versity/versitygw/pull/1727>
#[tokio::test]
async fn a_write_has_one_condition() {
    let world = World::new();
    let both = [("if-match", "\"x\""), ("if-none-match", "*")];
    world.send(Method::PUT, "/export/k", &both, "v").await.refused(501, "NotImplemented");
    world.send(Method::PUT, "/export/k", &both[1..], "v").await.is(200);
}

/// <https://github.com/versity/versitygw/issues/610> and 1072
#[tokio::test]
async fn parts_that_cannot_be_are_refused_by_their_argument() {
    let world = World::new();
    world.send(Method::PUT, "/export/k", &[], "hello").await.is(200);
    let upload = world.send(Method::POST, "/export/up?uploads", &[], "").await.is(200);
    let target = format!("/export/up?uploadId={}", upload.element("UploadId"));
    let copy = [("x-amz-copy-source", "/export/k"), ("x-amz-copy-source-range", "bytes=0-5")];
    let part = format!("{target}&partNumber=1");
    let answer = world.send(Method::PUT, &part, &copy, "").await.refused(400, "InvalidArgument");
    assert_eq!(answer.element("Message"), "Range specified is not valid for source object of size: 5");
    assert_eq!((answer.element("ArgumentName"), answer.element("ArgumentValue")), (copy[1].0, copy[1].1));
    let zero =
        "<CompleteMultipartUpload><Part><PartNumber>0</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>";
    let answer = world.send(Method::POST, &target, &[], zero).await.refused(400, "InvalidArgument");
    assert_eq!(answer.element("Message"), "PartNumber must be &gt;= 1");
}

/// <https://github.com/versity/versitygw/issues/1810>, <https://github.com/brekkylab/backlot/issues/312> and 230
#[tokio::test]
async fn methods_that_a_resource_does_not_have_are_refused_with_those_that_it_has() {
    let world = World::new();
    for (method, target, resource, allowed) in [
        (Method::POST, "/", "SERVICE", "GET"),
        (Method::PATCH, "/export", "BUCKET", "HEAD, DELETE, POST, GET, PUT"),
        (Method::POST, "/export/k", "OBJECT", "HEAD, DELETE, GET, PUT"),
    ] {
        let answer = world.send(method.clone(), target, &[], "").await.refused(405, "MethodNotAllowed");
        let told = (answer.element("Method"), answer.element("ResourceType"), answer.header("allow"));
        assert_eq!(told, (method.as_str(), resource, allowed));
    }
    for (target, allowed) in [("/export?location", "GET"), ("/export/k?tagging", "DELETE, GET, PUT")] {
        assert_eq!(world.send(Method::HEAD, target, &[], "").await.is(405).header("allow"), allowed, "{target}");
    }
    let form = world.send(Method::POST, "/export", &[], "").await.refused(412, "PreconditionFailed");
    assert_eq!(form.element("Condition"), "Bucket POST must be of the enclosure-type multipart/form-data");
}

/// <https://github.com/ceph/s3-tests/blob/master/s3tests/functional/test_s3_website.py>
#[tokio::test]
async fn a_website_whose_rules_lead_nowhere_is_refused() {
    let world = World::new();
    let rule = |condition: &str, redirect: &str| {
        format!("<RoutingRule><Condition>{condition}</Condition><Redirect>{redirect}</Redirect></RoutingRule>")
    };
    let (to, on) = (
        |code: &str| format!("<HttpRedirectCode>{code}</HttpRedirectCode>"),
        |code: &str| format!("<HttpErrorCodeReturnedEquals>{code}</HttpErrorCodeReturnedEquals>"),
    );
    let keys = "<ReplaceKeyPrefixWith>a</ReplaceKeyPrefixWith><ReplaceKeyWith>b</ReplaceKeyWith>";
    for (rules, message) in [
        (rule("", &to("300")), "The provided HTTP redirect code (300) is not valid. Valid codes are 3XX except 300."),
        (rule("", keys), "You can only define ReplaceKeyPrefix or ReplaceKey but not both."),
        (rule(&on("302"), &to("301")), "The provided HTTP error code (302) is not valid. Valid codes are 4XX or 5XX."),
        (
            rule("", &to("301")).repeat(51),
            "51 routing rules provided, the number of routing rules in a website configuration is limited to 50.",
        ),
    ] {
        let body = website(&rules);
        check(&world, &[(Method::PUT, "/export?website", &[], &body, (400, "InvalidRequest", message))]).await;
    }
    world.send(Method::PUT, "/export?website", &[], website(&rule(&on("404"), &to("301")))).await.is(200);
}

fn website(rules: &str) -> String {
    format!(
        "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>\
         <RoutingRules>{rules}</RoutingRules></WebsiteConfiguration>"
    )
}

/// <https://zenn.dev/digitalcube/articles/c746ed5e726cc9>, <https://github.com/go-to-k/cdkd/pull/1426>
#[tokio::test]
async fn lifecycle_rules_that_contradict_themselves_are_refused() {
    let world = World::new();
    let late = "<Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>\
                <Expiration><Days>30</Days></Expiration>";
    let noncurrent = "<NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays>\
                      <StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>\
                      <NoncurrentVersionExpiration><NoncurrentDays>20</NoncurrentDays></NoncurrentVersionExpiration>";
    for (filter, actions, message) in [
        (
            "<Filter><Prefix>a/</Prefix></Filter>",
            late,
            "'Days' in the Expiration action for filter '(prefix=a/)' must be greater than 'Days' in the Transition action",
        ),
        (
            "<Filter/>",
            late,
            "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition action",
        ),
        (
            "<Filter><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></Filter>",
            late,
            "'Days' in the Expiration action must be greater than 'Days' in the Transition action",
        ),
        (
            "<Filter/>",
            noncurrent,
            "'NoncurrentDays' in the NoncurrentVersionExpiration action must be greater than 'NoncurrentDays' in the \
             NoncurrentVersionTransition action",
        ),
    ] {
        let rule = format!("<Rule>{filter}<Status>Enabled</Status>{actions}</Rule>");
        let body = format!("<LifecycleConfiguration>{rule}</LifecycleConfiguration>");
        check(&world, &[(Method::PUT, "/export?lifecycle", &[], &body, invalid_argument(message))]).await;
    }
}

/// <https://github.com/emgarten/Sleet/issues/180>
#[tokio::test]
async fn a_bucket_is_not_made_with_a_public_list() {
    let world = World::new();
    let headers = [("x-amz-acl", "public-read"), ("x-amz-object-ownership", "ObjectWriter")];
    let code = "InvalidBucketAclWithBlockPublicAccessError";
    let message = "Bucket cannot have public ACLs set with BlockPublicAccess enabled";
    check(&world, &[(Method::PUT, "/open", &headers, "", (400, code, message))]).await;
}
