//! What was measured of S3 in September 2026, by <https://github.com/brekkylab/backlot/blob/main/backlot/routers/s3.py>.

use super::*;

#[tokio::test]
async fn a_query_that_asks_for_two_things_is_refused_with_both() {
    let world = World::new();
    for target in ["/export?versioning&acl", "/none?acl&versioning"] {
        let answer = world.send(Method::GET, target, &[], "").await.refused(400, "InvalidArgument");
        let told = ["Message", "ArgumentName", "ArgumentValue"].map(|name| answer.element(name));
        assert_eq!(told, ["Conflicting query string parameters: acl, versioning", "ResourceType", "acl"], "{target}");
    }
    let head = world.send(Method::HEAD, "/export/k?acl&tagging", &[], "").await.is(400);
    assert!(!head.headers().contains_key("allow"));
    let policy = world.send(Method::POST, "/export?policy", &[], "").await.refused(405, "MethodNotAllowed");
    let told = (policy.element("ResourceType"), policy.header("allow"));
    assert_eq!(told, ("BUCKETPOLICY", "DELETE, GET, PUT"));
}

/// And <https://github.com/versity/versitygw/issues/2083>.
#[tokio::test]
async fn a_preflight_that_is_refused_is_told_of_what() {
    let world = World::new();
    let origin = ("origin", "http://example.com");
    let asks = |method| ("access-control-request-method", method);
    let (missing, off) = ("CORSResponse: Bucket not found", "CORSResponse: CORS is not enabled for this bucket.");
    for (target, headers, message, method) in [
        ("/none/k", vec![origin], missing, "OPTIONS"),
        ("/export", vec![origin], off, "OPTIONS"),
        ("/export/k", vec![origin, asks("PUT")], off, "PUT"),
    ] {
        let answer = world.send(Method::OPTIONS, target, &headers, "").await.refused(403, "AccessForbidden");
        let told = ["Message", "Method", "ResourceType"].map(|name| answer.element(name));
        assert_eq!(told, [message, method, "BUCKET"], "{target}");
    }
    let rules = "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>http://other</AllowedOrigin>\
                 <AllowedHeader>x-a</AllowedHeader></CORSRule></CORSConfiguration>";
    world.send(Method::PUT, "/export?cors", &[], rules).await.is(200);
    for (target, resource) in [("/export", "BUCKET"), ("/export/k", "OBJECT")] {
        let answer = world.send(Method::OPTIONS, target, &[origin, asks("PUT")], "").await;
        let answer = answer.refused(403, "AccessForbidden");
        assert_eq!((answer.element("Method"), answer.element("ResourceType")), ("PUT", resource));
    }
    for (headers, message) in [
        (vec![("origin", "")], "Insufficient information. Origin request header needed."),
        (vec![origin, asks("put")], "Invalid Access-Control-Request-Method: put"),
        (vec![origin], "Insufficient information. Invalid Access-Control-Request-Method: null"),
    ] {
        let answer = world.send(Method::OPTIONS, "/export", &headers, "").await.refused(400, "BadRequest");
        assert_eq!(answer.element("Message"), message);
    }
}

#[tokio::test]
async fn what_a_query_may_not_say_is_refused_with_the_parameter() {
    let world = World::new();
    world.send(Method::PUT, "/export/k", &[], "v").await.is(200);
    let one = "only supported in REST.GET.BUCKET with list-type=2";
    let (token, after) = (format!("continuation-token {one}"), format!("startAfter {one}"));
    let incorrect = "The continuation token provided is incorrect";
    let versionless = "This operation does not accept a version-id.";
    let negative = "Argument maxKeys must be an integer between 0 and 2147483647";
    let part = "Part number must be an integer between 1 and 10000, inclusive";
    for (method, target, message, name, value) in [
        (Method::GET, "/export?continuation-token=x", token.as_str(), "continuation-token", None),
        (Method::GET, "/export?list-type=1&start-after=x", &after, "start-after", None),
        (
            Method::GET,
            "/export?list-type=2&marker=",
            "Marker unsupported with REST.GET.BUCKET in list-type=2",
            "marker",
            None,
        ),
        (Method::GET, "/export?list-type=2&continuation-token=x", incorrect, "continuation-token", None),
        (Method::GET, "/?continuation-token=x", incorrect, "continuation-token", None),
        (Method::GET, "/export?max-keys=-1", negative, "maxKeys", Some("-1")),
        (Method::GET, "/export?list-type=2&max-keys=-1", negative, "maxKeys", Some("-1")),
        (Method::GET, "/export?versions&max-keys=-1", "max-keys cannot be negative", "max-keys", None),
        (
            Method::GET,
            "/export?versions&key-marker=a&version-id-marker=",
            "A version-id marker cannot be empty.",
            "version-id-marker",
            Some(""),
        ),
        (
            Method::GET,
            "/export?versions&key-marker=a&version-id-marker=x",
            "Invalid version id specified",
            "version-id-marker",
            Some("x"),
        ),
        (Method::GET, "/export?versionId=x", versionless, "versionId", Some("x")),
        (Method::PUT, "/export?versioning&versionId=x", versionless, "versionId", Some("x")),
        (Method::DELETE, "/export?versionId=", versionless, "versionId", Some("")),
        (Method::GET, "/export/k?uploadId=u&versionId=null", versionless, "versionId", Some("null")),
        (Method::GET, "/export?acl&versionId=x", "Invalid version id specified", "versionId", Some("x")),
        (Method::GET, "/export?website=x", "The website parameter must not have a value", "website", Some("x")),
        (
            Method::GET,
            "/export/k?annotationName=x",
            "Unexpected query string parameter",
            "ResourceType",
            Some("annotationName"),
        ),
        (
            Method::GET,
            "/export/k?annotation&max-annotation-results=0",
            "Argument max-annotation-results must be an integer between 1 and 1000",
            "max-annotation-results",
            Some("0"),
        ),
        (Method::GET, "/export/k?partNumber=0", part, "partNumber", Some("0")),
        (Method::GET, "/export/k?partNumber=10001", part, "partNumber", Some("10001")),
    ] {
        let answer = world.send(method, target, &[], "").await.refused(400, "InvalidArgument");
        assert_eq!((answer.element("Message"), answer.element("ArgumentName")), (message, name), "{target}");
        let shown = answer.text().contains("<ArgumentValue").then(|| answer.element("ArgumentValue"));
        assert_eq!(shown, value, "{target}");
    }
    for (target, headers, code, message) in [
        (
            "/export/k?logging",
            vec![],
            "NoLoggingStatusForKey",
            "There is no such thing as the ?logging sub-resource for a key",
        ),
        (
            "/export/k",
            vec![("x-amz-checksum-mode", "on")],
            "InvalidRequest",
            "Value for x-amz-checksum-mode header is invalid.",
        ),
        ("/export?partNumber=1", vec![], "InvalidRequest", "Object must have a valid key name."),
    ] {
        let answer = world.send(Method::GET, target, &headers, "").await.refused(400, code);
        assert_eq!(answer.element("Message"), message, "{target}");
    }
}

#[tokio::test]
async fn answers_say_what_was_asked_for_as_it_was() {
    let world = World::new();
    world.send(Method::PUT, "/export/k", &[], "v").await.is(200);
    for (target, name, value) in [
        ("/export?max-keys=1001", "MaxKeys", "1001"),
        ("/export?list-type=2&max-keys=05000", "MaxKeys", "5000"),
        ("/export?versions&max-keys=2000", "MaxKeys", "2000"),
        ("/export?encoding-type=URL", "EncodingType", "URL"),
    ] {
        assert_eq!(world.send(Method::GET, target, &[], "").await.is(200).element(name), value, "{target}");
    }
    let missing = world.send(Method::GET, "/export/none?tagging", &[], "").await.refused(404, "NoSuchKey");
    assert_eq!(missing.element("Key"), "export/none");
    let asked = [("x-amz-object-attributes", "ETag,,")];
    let attributes = world.send(Method::GET, "/export/k?attributes", &asked, "").await.is(200);
    assert!(!attributes.element("ETag").is_empty());
    let checked = world.send(Method::GET, "/export/k", &[("x-amz-checksum-mode", "enabled")], "").await.is(200);
    assert!(checked.headers().contains_key("x-amz-checksum-crc64nvme"));
    let listed = world.send(Method::GET, "/", &[], "").await.is(200);
    assert_eq!(listed.element("BucketArn"), "arn:aws:s3:::export");
    let first =
        world.send(Method::GET, "/export?list-type=2&max-keys=1&max-keys=x&fetch-owner=TRUE", &[], "").await.is(200);
    assert_eq!((first.element("MaxKeys"), first.element("Owner")), ("1", ""));
    let annotations = world.send(Method::GET, "/export/k?annotation", &[], "").await.is(200);
    assert_eq!((annotations.element("AnnotationCount"), annotations.element("MaxAnnotationResults")), ("0", ""));
    let head = world.send(Method::HEAD, "/export", &[], "").await.is(200);
    assert_eq!(head.header("x-amz-bucket-arn"), "arn:aws:s3:::export");
}
