//! Server-side encryption.

use super::*;

const KEY: &str = "pO3upElrwuEXSoFwCfnZPdSsmt/xWeFa0N9KgDijwVs=";
const MD5: &str = "DWygnHRtgiJ77HCm+1rvHw==";
const OTHER: [&str; 2] = ["6b+WOZ1T3cqZMxgThRcXAQBrS5mXKdDUphvpxptl9/4=", "arxBvwY2V4SiOne6yppVPQ=="];

fn customer<'k>(key: &'k str, md5: &'k str) -> [(&'static str, &'k str); 3] {
    [
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-server-side-encryption-customer-key", key),
        ("x-amz-server-side-encryption-customer-key-md5", md5),
    ]
}

#[tokio::test]
async fn who_sends_a_key_has_to_send_it_again() {
    let world = World::new();
    let (own, other) = (customer(KEY, MD5), customer(OTHER[0], OTHER[1]));
    let put = world.send(Method::PUT, "/export/k", &own, "v").await.is(200);
    assert_eq!(put.header("x-amz-server-side-encryption-customer-key-md5"), MD5);
    assert_eq!(put.header("x-amz-server-side-encryption"), "");
    assert_ne!(put.header("etag"), "\"9e3669d19b675bd57058fd4664205d2a\"", "it is not the MD5 of the body");
    world.send(Method::GET, "/export/k", &[], "").await.refused(400, "InvalidRequest");
    world.send(Method::GET, "/export/k", &other, "").await.refused(403, "AccessDenied");
    assert_eq!(world.send(Method::GET, "/export/k", &own, "").await.is(200).text(), "v");
    world.send(Method::HEAD, "/export/k", &[], "").await.is(400);
    let plain = [("x-amz-copy-source", "export/k")];
    world.send(Method::PUT, "/export/copy", &plain, "").await.refused(400, "InvalidRequest");
    let source = own.map(|(name, value)| (name.replace("x-amz-", "x-amz-copy-source-"), value));
    let copy: Vec<_> = source.iter().map(|(name, value)| (name.as_str(), *value)).chain(plain).collect();
    world.send(Method::PUT, "/export/copy", &copy, "").await.is(200);
    assert_eq!(world.send(Method::GET, "/export/copy", &[], "").await.is(200).text(), "v");
    world.send(Method::GET, "/export/copy", &own, "").await.refused(400, "InvalidRequest");
}

#[tokio::test]
async fn keys_of_kms_are_kept_and_told() {
    let world = World::new();
    let id = "arn:aws:kms:us-east-1:111111111111:key/1";
    let headers = [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", id),
        ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
    ];
    world.send(Method::PUT, "/export/k", &headers, "v").await.is(200);
    let head = world.send(Method::HEAD, "/export/k", &[], "").await.is(200);
    assert!(headers.iter().all(|(name, value)| head.header(name) == *value));
    world.send(Method::GET, "/export/k", &headers[..1], "").await.refused(400, "InvalidArgument");
    world.send(Method::PUT, "/export/own", &headers[..1], "v").await.is(200);
    let head = world.send(Method::HEAD, "/export/own", &[], "").await.is(200);
    assert!(
        head.header("x-amz-server-side-encryption-aws-kms-key-id")
            .starts_with("arn:aws:kms:us-east-1:111111111111:key/")
    );
}

#[tokio::test]
async fn what_does_not_go_together_is_refused() {
    let world = World::new();
    let (own, sse, id) =
        (customer(KEY, MD5), "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id");
    for headers in [
        vec![(sse, "aes:kms")],
        vec![(id, "key")],
        vec![(sse, "AES256"), (id, "key")],
        [&own[..], &[(sse, "AES256")]].concat(),
        [&own[..], &[(id, "key")]].concat(),
        own[..2].to_vec(),
        own[1..].to_vec(),
        customer(KEY, OTHER[1]).to_vec(),
        customer("c2hvcnQ=", MD5).to_vec(),
    ] {
        world.send(Method::PUT, "/export/k", &headers, "v").await.refused(400, "InvalidArgument");
    }
}
