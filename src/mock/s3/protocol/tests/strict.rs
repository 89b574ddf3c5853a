//! Where S3 is more exact than `s3s`.

use super::*;

#[tokio::test]
async fn parameters_of_other_operations_are_refused_and_those_for_logs_ignored() {
    let world = World::new();
    world.send(Method::PUT, "/export/k", &[], "v").await.is(200);
    world.events();
    for (method, target, name) in [
        (Method::PUT, "/export/k?encryption", "UpdateObjectEncryption"),
        (Method::DELETE, "/export/k?annotation&annotationName=a&colour=red", "?colour"),
        (Method::POST, "/export/k?annotation&annotationName=a", "?annotation"),
        (Method::GET, "/export?abac", "GetBucketAbac"),
        (Method::GET, "/export?list-types=3", "?list-types"),
        (Method::GET, "/export/k?x-id=GetObjectAnnotation", "GetObjectAnnotation"),
        (Method::DELETE, "/export/k?partNumber=1", "?partNumber"),
        (Method::DELETE, "/export/k?bypass=", "?bypass"),
    ] {
        let refused = world.send(method, target, &[], "other").await.refused(501, "NotImplemented");
        assert!(refused.element("Message").contains(name), "{target}: {}", refused.text());
    }
    assert_eq!(world.events(), []);
    for target in ["/export/k", "/export/k?x-user=me", "/export/k?x-id=GetObject", "/export/k?x-id="] {
        assert_eq!(world.send(Method::GET, target, &[], "").await.is(200).text(), "v");
    }
}

#[tokio::test]
async fn conditions_that_an_operation_does_not_check_are_refused_when_it_writes() {
    let world = World::new();
    world.send(Method::PUT, "/export/k", &[], "v").await.is(200);
    for (method, target, header) in [
        (Method::PUT, "/export/k", "content-range"),
        (Method::DELETE, "/export/k", "if-none-match"),
        (Method::DELETE, "/export", "if-match"),
        (Method::PUT, "/export/k?tagging", "if-match"),
        (Method::GET, "/export/k", "content-range"),
        (Method::PUT, "/export/k?partNumber=1&uploadId=u", "if-none-match"),
    ] {
        let headers = [(header, "\"x\"")];
        let refused = world.send(method, target, &headers, "").await.refused(501, "NotImplemented");
        let words = "A header you provided implies functionality that is not implemented";
        assert_eq!((refused.element("Message"), refused.element("Header")), (words, header));
    }
    world.send(Method::GET, "/export?list-type=2", &[("if-none-match", "*")], "").await.is(200);
    let source = ("x-amz-copy-source", "export/k");
    let range = [source, ("x-amz-copy-source-range", "bytes=0-0")];
    world.send(Method::PUT, "/export/copy", &range, "").await.refused(501, "NotImplemented");
    let none = [source, ("if-none-match", "*")];
    world.send(Method::PUT, "/export/copy", &none, "").await.is(200);
    world.send(Method::PUT, "/export/copy", &none, "").await.refused(412, "PreconditionFailed");
}

#[tokio::test]
async fn each_value_of_a_header_that_comes_twice_has_to_be_one_that_is_implemented() {
    let world = World::new();
    let headers = [("x-amz-acl", "private"), ("x-amz-acl", "public-read")];
    let refused = world.send(Method::PUT, "/export/k", &headers, "v").await.refused(400, "InvalidRequest");
    assert!(refused.element("Message").contains("x-amz-acl"), "{}", refused.text());
    world.send(Method::GET, "/export/k", &[], "").await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn expires_comes_back_as_it_was_sent() {
    let world = World::new();
    for value in ["0", "Mon, 01 Jan 2026 00:00:00 GMT", "never"] {
        world.send(Method::PUT, "/export/k", &[("expires", value)], "v").await.is(200);
        world.send(Method::PUT, "/export/copy", &[("x-amz-copy-source", "export/k")], "").await.is(200);
        for (method, key) in [(Method::GET, "k"), (Method::HEAD, "k"), (Method::GET, "copy")] {
            let got = world.send(method.clone(), &format!("/export/{key}"), &[], "").await.is(200);
            assert_eq!(got.header("expires"), value);
            let wish = format!("/export/{key}?response-expires=soon&response-content-type=a%2Fb");
            let got = world.send(method, &wish, &[], "").await.is(200);
            assert_eq!((got.header("expires"), got.header("content-type")), ("soon", "a/b"));
        }
    }
}

#[tokio::test]
async fn other_headers_of_an_object_are_text_too() {
    let world = World::new();
    let headers = [
        ("content-type", "no type; at=all; \""),
        ("cache-control", "max-age=soon"),
        ("content-disposition", "\"; filename"),
        ("content-encoding", "zip"),
        ("content-language", "none"),
    ];
    world.send(Method::PUT, "/export/k", &headers, "v").await.is(200);
    for method in [Method::GET, Method::HEAD] {
        let got = world.send(method, "/export/k", &[], "").await.is(200);
        headers.iter().for_each(|(name, value)| assert_eq!(got.header(name), *value));
    }
}

#[tokio::test]
async fn a_date_with_a_wrong_weekday_is_read_and_what_is_no_date_is_no_condition() {
    let world = World::new();
    world.send(Method::PUT, "/export/k", &[], "v").await.is(200);
    let since = |value: &'static str| [("if-modified-since", value)];
    world.send(Method::GET, "/export/k", &since("Mon, 01 Jan 2026 00:00:00 GMT"), "").await.is(304);
    world.send(Method::GET, "/export/k", &since("yesterday"), "").await.is(200);
}

/// The example of the page "Working with object metadata".
#[tokio::test]
async fn metadata_is_read_as_latin_1_and_answered_in_encoded_words() {
    let world = World::new();
    let put = Request::put("/export/k")
        .header("host", "127.0.0.1")
        .header("x-amz-meta-nonascii", http::HeaderValue::from_bytes("ÄMÄZÕÑ S3".as_bytes()).unwrap())
        .header("x-amz-meta-ascii", "AMAZONS3")
        .body(Bytes::new());
    assert_eq!(world.run(put.unwrap(), call(Some(OWNER))).await.status(), 200);
    let head = world.send(Method::HEAD, "/export/k", &[], "").await.is(200);
    assert_eq!(head.header("x-amz-meta-nonascii"), "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=");
    assert_eq!(head.header("x-amz-meta-ascii"), "AMAZONS3");

    // Encoded words are decoded before they are stored; in a query the text is UTF-8.
    let headers =
        [("x-amz-meta-a", "=?UTF-8?B?YWJj?="), ("x-amz-meta-b", "=?="), ("x-amz-meta-d", "1"), ("x-amz-meta-d", "2")];
    world.send(Method::PUT, "/export/k?x-amz-meta-c=%C3%BC", &headers, "").await.is(200);
    let head = world.send(Method::HEAD, "/export/k", &[], "").await.is(200);
    let metadata = ["a", "b", "c", "d"].map(|name| head.header(&format!("x-amz-meta-{name}")));
    assert_eq!(metadata, ["abc", "=?=", "=?UTF-8?B?w7w=?=", "1,2"]);
}

#[tokio::test]
async fn a_head_of_a_part_is_206_and_an_unchanged_object_has_no_type() {
    let world = World::new();
    let put = world.send(Method::PUT, "/export/k", &[("content-type", "a/b")], "hello").await.is(200);
    for (target, headers, range) in
        [("/export/k", vec![("range", "bytes=1-2")], "bytes 1-2/5"), ("/export/k?partNumber=1", vec![], "bytes 0-4/5")]
    {
        for method in [Method::GET, Method::HEAD] {
            let part = world.send(method, target, &headers, "").await.is(206);
            assert_eq!(part.header("content-range"), range);
        }
    }
    for method in [Method::GET, Method::HEAD] {
        let same = world.send(method, "/export/k", &[("if-none-match", put.header("etag"))], "").await.is(304);
        assert_eq!(same.header("etag"), put.header("etag"));
        assert_eq!(same.header("last-modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
        assert_eq!(same.header("x-amz-request-id"), "REQUEST0ID");
        assert!(!same.headers().contains_key("content-type") && !same.headers().contains_key("content-length"));
        assert_eq!(same.text(), "");
    }
}

#[tokio::test]
async fn carriage_returns_in_keys_survive_xml() {
    let world = World::new();
    world.send(Method::PUT, "/export/a%0Db", &[], "a\rb").await.is(200);
    assert_eq!(world.send(Method::GET, "/export?list-type=2", &[], "").await.is(200).element("Key"), "a&#13;b");
    assert_eq!(world.send(Method::GET, "/export/a%0Db", &[], "").await.is(200).text(), "a\rb");
    let missing = world.send(Method::GET, "/export/x%0Dy", &[], "").await.refused(404, "NoSuchKey");
    assert_eq!(missing.element("Key"), "x&#13;y");
}

#[tokio::test]
async fn what_s3_appends_to_the_redirect_of_a_form_may_lead_back_to_it() {
    let world = World::new();
    world.send(Method::PUT, "/export/a", &[], "v").await.is(200);
    for target in ["/export?bucket=export&key=a&etag=%22x%22", "/export/a?bucket=export&key=a&etag=%22x%22"] {
        world.send(Method::GET, target, &[], "").await.is(200);
        world.send(Method::PUT, target, &[], "").await.is(501);
    }
    world.send(Method::GET, "/export?key=a", &[], "").await.is(501);
}
