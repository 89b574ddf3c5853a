use super::*;
use crate::event::AccountId;
use crate::mock::http::credentials::AccessKey;
use http::Request;

/// The examples of "Signature Calculations for the Authorization Header" and "Authenticating Requests: Using Query
/// Parameters" in the Amazon S3 API reference, which print every intermediate result.
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn credentials() -> Credentials {
    let credentials = Credentials::default();
    let key = AccessKey { id: KEY.to_owned(), secret: SECRET.to_owned() };
    let caller = Caller::user(&AccountId::new("111111111111").unwrap(), "AIDAEXAMPLE");
    credentials.add(&Arc::new(caller), &key);
    credentials
}

fn verify(request: Request<()>, now: &str) -> Result<Option<Verified>, AuthFault> {
    let (parts, ()) = request.into_parts();
    Verifier::default().verify(&parts, Some(b""), &credentials(), now.parse().unwrap())
}

fn get_object(signature: &str) -> Request<()> {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    Request::get("/test.txt")
        .header("host", "examplebucket.s3.amazonaws.com")
        .header("range", "bytes=0-9")
        .header("x-amz-content-sha256", empty)
        .header("x-amz-date", "20130524T000000Z")
        .header(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request,\
                 SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature={signature}"
            ),
        )
        .body(())
        .unwrap()
}

const GET_SIGNATURE: &str = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";

#[test]
fn the_documented_get_request_is_accepted() {
    let verified = verify(get_object(GET_SIGNATURE), "2013-05-24T00:10:00Z").unwrap().unwrap();
    assert_eq!(verified.caller.account.as_str(), "111111111111");
}

#[test]
fn a_changed_signature_or_a_late_request_is_refused() {
    let changed = GET_SIGNATURE.replace("f0e8", "f0e9");
    assert!(matches!(
        verify(get_object(&changed), "2013-05-24T00:10:00Z").unwrap_err(),
        AuthFault::SignatureMismatch(_)
    ));
    assert!(matches!(verify(get_object(GET_SIGNATURE), "2013-05-24T00:16:00Z").unwrap_err(), AuthFault::ClockSkew(_)));
}

fn presigned() -> Request<()> {
    Request::get(format!(
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    ))
    .header("host", "examplebucket.s3.amazonaws.com")
    .body(())
    .unwrap()
}

#[test]
fn the_documented_presigned_url_is_accepted_until_it_expires() {
    assert!(verify(presigned(), "2013-05-24T23:59:00Z").unwrap().is_some());
    let (at, now) = ("2013-05-25T00:00:00Z", "2013-05-25T00:00:01Z");
    let expiry = Expiry { seconds: Some(86_400), at: at.parse().unwrap(), now: now.parse().unwrap() };
    assert_eq!(verify(presigned(), now).unwrap_err(), AuthFault::Expired(expiry));
}

#[test]
fn a_signature_says_which_region_it_is_for() {
    let verified = verify(get_object(GET_SIGNATURE), "2013-05-24T00:10:00Z").unwrap().unwrap();
    assert_eq!(verified.region.as_str(), "us-east-1");
}

#[test]
fn the_host_must_be_signed() {
    let mut request = get_object(GET_SIGNATURE);
    let authorization = request.headers()["authorization"].to_str().unwrap().replace("host;", "");
    request.headers_mut().insert("authorization", authorization.parse().unwrap());
    assert_eq!(verify(request, "2013-05-24T00:10:00Z").unwrap_err(), AuthFault::NotSigned("host".into()));
}

#[test]
fn a_request_without_a_signature_is_anonymous() {
    assert!(verify(Request::get("/").body(()).unwrap(), "2013-05-24T00:00:00Z").unwrap().is_none());
}

#[test]
fn broken_authorization_is_refused_with_the_reason() {
    let refused = |header: &str, date: &str| {
        let request = Request::get("/").header("authorization", header).header("x-amz-date", date).body(()).unwrap();
        verify(request, "2013-05-24T00:00:00Z").unwrap_err()
    };
    assert_eq!(refused("Basic eDp5", "x"), AuthFault::UnsupportedType("Basic eDp5".into()));
    for header in ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=1"] {
        assert!(matches!(refused(header, "x"), AuthFault::Malformed(_)), "{header}");
    }
    let header =
        format!("AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=1");
    assert_eq!(refused(&header, "yesterday"), AuthFault::NoDate);
    assert!(matches!(refused(&header, "20130525T000000Z"), AuthFault::Malformed(_)));
}

/// The documented requests, changed after they were signed.
fn changed(mut request: Request<()>, change: impl FnOnce(&mut Request<()>)) -> AuthFault {
    change(&mut request);
    verify(request, "2013-05-24T00:10:00Z").unwrap_err()
}

#[test]
fn a_signed_header_that_is_not_sent_is_a_wrong_signature() {
    let fault = changed(get_object(GET_SIGNATURE), |request| drop(request.headers_mut().remove("range")));
    assert!(matches!(fault, AuthFault::SignatureMismatch(_)));
}

#[test]
fn all_headers_of_amazon_have_to_be_signed() {
    let add = |request: &mut Request<()>| {
        for name in ["x-amz-tagging", "x-amz-acl"] {
            request.headers_mut().insert(name, "x".parse().unwrap());
        }
    };
    let expected = AuthFault::NotSigned("x-amz-acl, x-amz-tagging".into());
    assert_eq!(changed(get_object(GET_SIGNATURE), add), expected);
    assert_eq!(changed(presigned(), add), expected);
}

#[test]
fn the_hash_of_the_body_is_a_hash_or_one_of_the_words() {
    let said = |value: &'static str| {
        changed(get_object(GET_SIGNATURE), |request| {
            request.headers_mut().insert("x-amz-content-sha256", value.parse().unwrap());
        })
    };
    assert_eq!(said("nonsense"), AuthFault::UnknownBodyHash("nonsense".into()));
    assert!(matches!(said("UNSIGNED-PAYLOAD"), AuthFault::SignatureMismatch(_)));
    let without = changed(get_object(GET_SIGNATURE), |request| {
        request.headers_mut().remove("x-amz-content-sha256");
        let authorization = request.headers()["authorization"].to_str().unwrap().replace("x-amz-content-sha256;", "");
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
    });
    assert_eq!(without, AuthFault::NoBodyHash);
}

#[test]
fn one_request_has_one_signature() {
    let header = "AWS4-HMAC-SHA256 x";
    let both = |request: &mut Request<()>| drop(request.headers_mut().insert("authorization", header.parse().unwrap()));
    assert_eq!(changed(presigned(), both), AuthFault::TwoMechanisms(Some(header.into())));
    let twice = |request: &mut Request<()>| {
        request.headers_mut().append("authorization", header.parse().unwrap());
    };
    assert!(matches!(changed(get_object(GET_SIGNATURE), twice), AuthFault::TwoMechanisms(Some(_))));
    let old =
        |request: &mut Request<()>| *request.uri_mut() = "/test.txt?AWSAccessKeyId=x&Signature=y".parse().unwrap();
    assert!(matches!(changed(get_object(GET_SIGNATURE), old), AuthFault::TwoMechanisms(Some(_))));
}

#[test]
fn the_parameters_of_a_presigned_url_are_refused_with_the_reason() {
    let refused = |from: &str, to: &str| {
        let fault = changed(presigned(), |request| {
            *request.uri_mut() = request.uri().to_string().replace(from, to).parse().unwrap();
        });
        match fault {
            AuthFault::Query(why) => why,
            other => panic!("{from} → {to}: {other:?}"),
        }
    };
    for (expires, why) in [
        ("604801", "must be less than a week (in seconds)"),
        ("-1", "must be non-negative"),
        ("soon", "should be a number"),
    ] {
        let said = refused("Expires=86400", &format!("Expires={expires}"));
        assert!(said.starts_with("X-Amz-Expires ") && said.contains(why), "{said}");
    }
    assert!(refused("X-Amz-Expires=86400", "").starts_with("Query-string authentication version 4 requires"));
    assert!(refused("HMAC-SHA256", "HMAC-SHA1").starts_with("X-Amz-Algorithm only supports"));
    assert!(refused("20130524T", "2013-05-24T").starts_with("X-Amz-Date must be in the ISO8601 Long Format"));
    assert!(refused("%2Faws4_request", "").starts_with("Error parsing the X-Amz-Credential parameter"));
    assert!(refused("20130524%2F", "20130523%2F").starts_with("Invalid credential date \"20130523\"."));
}

#[test]
fn a_presigned_url_for_later_is_not_valid_yet() {
    assert_eq!(verify(presigned(), "2013-05-23T23:40:00Z").unwrap_err(), AuthFault::NotYetValid);
}

#[test]
fn the_documented_chunks_are_accepted_in_their_order_only() {
    // "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks".
    let signer = ChunkSigner {
        key: {
            let date = mac(format!("AWS4{SECRET}").as_bytes(), ["20130524"]);
            let region = mac(&date, ["us-east-1"]);
            mac(&mac(&region, ["s3"]), ["aws4_request"])
        },
        date: "20130524T000000Z".to_owned(),
        scope: "20130524/us-east-1/s3/aws4_request".to_owned(),
        previous: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9".to_owned(),
    };
    let first = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
    let second = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
    let last = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";
    let mut chunks = signer.clone();
    chunks.check_chunk(&[b'a'; 65536], first).unwrap();
    chunks.check_chunk(&[b'a'; 1024], second).unwrap();
    chunks.check_chunk(b"", last).unwrap();
    assert!(matches!(signer.clone().check_chunk(&[b'a'; 1024], second), Err(AuthFault::SignatureMismatch(_))));
}
