use super::*;
use crate::event::AccountId;
use crate::mock::http::credentials::AccessKey;
use http::Request;

/// Those of the examples on the page, which print every string and its signature.
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const PUPPY: &str = "/awsexamplebucket1/photos/puppy.jpg";

fn asked(request: http::request::Builder, path: &str, now: &str) -> Result<String, AuthFault> {
    let credentials = Credentials::default();
    let key = AccessKey { id: KEY.to_owned(), secret: SECRET.to_owned() };
    let caller = Caller::user(&AccountId::new("111111111111").unwrap(), "AIDAEXAMPLE");
    credentials.add(&Arc::new(caller), &key);
    let (parts, ()) = request.body(()).unwrap().into_parts();
    verify(&parts, path, &credentials, now.parse().unwrap()).map(|caller| caller.account.to_string())
}

fn signed(request: http::request::Builder, date: &str, signature: &str) -> http::request::Builder {
    request.header("date", date).header("authorization", format!("AWS {KEY}:{signature}"))
}

fn puppy() -> http::request::Builder {
    signed(Request::get("/photos/puppy.jpg"), "Tue, 27 Mar 2007 19:36:42 +0000", "qgk2+6Sv9/oM7G3qLEjTH1a1l1g=")
}

#[test]
fn the_documented_requests_are_accepted() {
    let accepted = |request, path: &str, now: &str| assert_eq!(asked(request, path, now).unwrap(), "111111111111");
    accepted(puppy(), PUPPY, "2007-03-27T19:36:42Z");

    let put = Request::put("/photos/puppy.jpg").header("content-type", "image/jpeg").header("content-length", "94328");
    let put = signed(put, "Tue, 27 Mar 2007 21:15:45 +0000", "iqRzw+ileNPu1fhspnRs8nOjjIA=");
    accepted(put, PUPPY, "2007-03-27T21:15:45Z");

    let list = Request::get("/?prefix=photos&max-keys=50&marker=puppy").header("user-agent", "Mozilla/5.0");
    let list = signed(list, "Tue, 27 Mar 2007 19:42:41 +0000", "m0WP8eCtspQl5Ahe6L1SozdX9YA=");
    accepted(list, "/awsexamplebucket1/", "2007-03-27T19:42:41Z");

    let acl = signed(Request::get("/?acl"), "Tue, 27 Mar 2007 19:44:46 +0000", "82ZHiFIjc+WbcwFKGUVEQspPn+0=");
    accepted(acl, "/awsexamplebucket1/", "2007-03-27T19:44:46Z");

    let upload = Request::put("/db-backup.dat.gz")
        .header("x-amz-acl", "public-read")
        .header("content-type", "application/x-download")
        .header("content-md5", "4gJE4saaMU4BqNR0kLY+lw==")
        .header("x-amz-meta-reviewedby", "joe@example.com")
        .header("x-amz-meta-reviewedby", "jane@example.com")
        .header("x-amz-meta-filechecksum", "0x02661779")
        .header("x-amz-meta-checksumalgorithm", "crc32")
        .header("content-encoding", "gzip");
    let upload = signed(upload, "Tue, 27 Mar 2007 21:06:08 +0000", "jtBQa0Aq+DkULFI8qrpwIjGEx0E=");
    accepted(upload, "/static.example.com/db-backup.dat.gz", "2007-03-27T21:06:08Z");

    let buckets = signed(Request::get("/"), "Wed, 28 Mar 2007 01:29:59 +0000", "qGdzdERIC03wnaRNKh6OqZehG9s=");
    accepted(buckets, "/", "2007-03-28T01:29:59Z");

    let path = "/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re";
    let key = signed(Request::get(path), "Wed, 28 Mar 2007 01:49:49 +0000", "DNEZGsoieTZ92F3bUfSPQcbGmlM=");
    accepted(key, path, "2007-03-28T01:49:49Z");
}

fn presigned(expires: &str) -> http::request::Builder {
    let signature = "NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D";
    Request::get(format!("/photos/puppy.jpg?AWSAccessKeyId={KEY}&Signature={signature}&Expires={expires}"))
}

#[test]
fn the_documented_presigned_url_is_accepted_until_it_expires() {
    let get = |now: &str| asked(presigned("1175139620"), "/johnsmith/photos/puppy.jpg", now);
    assert!(get("2007-03-29T03:40:20Z").is_ok());
    assert!(matches!(get("2007-03-29T03:40:21Z"), Err(AuthFault::Expired(Expiry { seconds: None, .. }))));
    let changed = asked(presigned("1175139621"), "/johnsmith/photos/puppy.jpg", "2007-03-29T03:40:20Z");
    assert!(matches!(changed, Err(AuthFault::SignatureMismatch(_))));
}

#[test]
fn headers_of_amazon_may_stand_in_a_url() {
    let get = |token: &str| {
        let signature = signature(SECRET, b"GET\n\n\n1175139620\nx-amz-security-token:a+b\n/b/k");
        let signature: String = form_urlencoded::byte_serialize(signature.as_bytes()).collect();
        let url =
            format!("/b/k?AWSAccessKeyId={KEY}&Signature={signature}&Expires=1175139620&x-amz-security-token={token}");
        asked(Request::get(url), "/b/k", "2007-03-29T03:40:20Z")
    };
    assert!(get("a%2Bb").is_ok());
    assert!(matches!(get("other"), Err(AuthFault::SignatureMismatch(_))));
}

#[test]
fn what_is_changed_after_it_was_signed_is_refused() {
    let now = "2007-03-27T19:36:42Z";
    let refused = |request, path| asked(request, path, now).unwrap_err();
    assert!(matches!(refused(puppy(), "/awsexamplebucket1/photos/kitten.jpg"), AuthFault::SignatureMismatch(_)));
    assert!(matches!(refused(puppy().method("DELETE"), PUPPY), AuthFault::SignatureMismatch(_)));
    assert!(matches!(refused(puppy().header("x-amz-acl", "public-read"), PUPPY), AuthFault::SignatureMismatch(_)));
    assert!(matches!(refused(puppy().uri("/photos/puppy.jpg?acl"), PUPPY), AuthFault::SignatureMismatch(_)));
    // What names no part of the resource is not signed.
    assert!(asked(puppy().uri("/photos/puppy.jpg?x-id=GetObject"), PUPPY, now).is_ok());
}

#[test]
fn a_bucket_is_signed_with_or_without_a_slash() {
    for signed_path in ["/export", "/export/"] {
        let date = "Tue, 27 Mar 2007 19:36:42 +0000";
        let signature = signature(SECRET, format!("PUT\n\n\n{date}\n{signed_path}").as_bytes());
        let put = || signed(Request::put("/export"), date, &signature);
        assert!(asked(put(), "/export", "2007-03-27T19:36:42Z").is_ok(), "{signed_path}");
        assert!(matches!(asked(put(), "/export/k", "2007-03-27T19:36:42Z"), Err(AuthFault::SignatureMismatch(_))));
    }
}

#[test]
fn a_date_is_near_and_one_of_http_and_that_of_amazon_counts_before_the_other() {
    let dated = |date: &str| {
        let request = puppy().header("x-amz-date", date);
        asked(request, PUPPY, "2007-03-27T19:36:42Z").unwrap_err()
    };
    assert!(matches!(asked(puppy(), PUPPY, "2007-03-27T19:51:43Z"), Err(AuthFault::ClockSkew(_))));
    for bad in ["", "Bad Date", "Tue, 07 Jul 1950 21:53:04 GMT", "20070327T193642Z"] {
        assert_eq!(dated(bad), AuthFault::NoDate, "{bad}");
    }
    // No Tuesday.
    assert!(matches!(dated("Tue, 07 Jul 2010 21:53:04 GMT"), AuthFault::ClockSkew(_)));
    assert!(matches!(dated("Tue, 07 Jul 9999 21:53:04 GMT"), AuthFault::ClockSkew(_)));
    // It would have to be signed.
    assert!(matches!(dated("Tue, 27 Mar 2007 19:36:42 +0000"), AuthFault::SignatureMismatch(_)));
    let text = format!("GET\n\n\n\nx-amz-date:Tue, 27 Mar 2007 19:40:00 GMT\n{PUPPY}");
    let amazons = Request::get("/photos/puppy.jpg").header("x-amz-date", "Tue, 27 Mar 2007 19:40:00 GMT");
    let amazons = signed(amazons, "Mon, 26 Mar 2007 19:40:00 GMT", &signature(SECRET, text.as_bytes()));
    assert!(asked(amazons, PUPPY, "2007-03-27T19:40:00Z").is_ok());
}

#[test]
fn headers_and_parameters_that_cannot_be_read_are_refused_with_the_reason() {
    let header = |value: &str| {
        let request =
            Request::get("/").header("authorization", value).header("date", "Wed, 28 Mar 2007 01:29:59 +0000");
        asked(request, "/", "2007-03-28T01:29:59Z").unwrap_err()
    };
    assert_eq!(header("AWS HAHAHA"), AuthFault::OldMalformed("AWS HAHAHA".into()));
    assert_eq!(header("AWS AKIANOBODY:x"), AuthFault::UnknownAccessKey("AKIANOBODY".into()));
    let now = "2007-03-28T01:29:59Z";
    assert_eq!(asked(presigned("soon"), "/", now), Err(AuthFault::OldExpires("soon".into())));
    assert_eq!(asked(Request::get("/?Signature=x&AWSAccessKeyId=y"), "/", now), Err(AuthFault::OldQuery));
}
