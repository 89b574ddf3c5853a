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
    Verifier::default().verify(&parts, b"", &credentials(), now.parse().unwrap())
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
    assert_eq!(verify(get_object(&changed), "2013-05-24T00:10:00Z").unwrap_err(), AuthFault::SignatureMismatch);
    assert_eq!(verify(get_object(GET_SIGNATURE), "2013-05-24T00:16:00Z").unwrap_err(), AuthFault::ClockSkew);
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
    assert_eq!(verify(presigned(), "2013-05-25T00:00:01Z").unwrap_err(), AuthFault::Expired);
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
    assert_eq!(verify(request, "2013-05-24T00:10:00Z").unwrap_err(), AuthFault::HostNotSigned);
}

#[test]
fn a_request_without_a_signature_is_anonymous() {
    assert!(verify(Request::get("/").body(()).unwrap(), "2013-05-24T00:00:00Z").unwrap().is_none());
}

#[test]
fn broken_authorization_is_refused_with_the_reason() {
    for header in ["Basic eDp5", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=1"] {
        let request = Request::get("/").header("authorization", header).header("x-amz-date", "x").body(()).unwrap();
        assert!(matches!(verify(request, "2013-05-24T00:00:00Z"), Err(AuthFault::Malformed(_))), "{header}");
    }
}

#[test]
fn the_documented_chunks_are_accepted_in_their_order_only() {
    // "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks".
    let signer = ChunkSigner {
        key: {
            let date = mac(format!("AWS4{SECRET}").as_bytes(), b"20130524");
            let region = mac(&date, b"us-east-1");
            mac(&mac(&region, b"s3"), b"aws4_request")
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
    assert_eq!(signer.clone().check_chunk(&[b'a'; 1024], second), Err(AuthFault::SignatureMismatch));
}
