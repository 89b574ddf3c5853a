//! The crate `object_store`, on which DataFusion, Delta Lake and others stand, does its everyday work over loopback.

use std::pin::Pin;
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use hmac::{Hmac, KeyInit as _};
use http_body_util::BodyExt as _;
use lambda_testkit::Cloud;
use object_store::ClientOptions;
use object_store::aws::{AmazonS3, AmazonS3Builder, Checksum, S3CopyIfNotExists};
use object_store::client::{
    CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, HttpClient, HttpConnector, HttpError, HttpErrorKind,
    HttpRequest, HttpResponse, HttpService, Signer as KeySigner, SigningAlgorithm,
};
use object_store::path::Path;
use object_store::signer::Signer as _;
use object_store::{
    Attribute, Attributes, Error, GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions,
    TagSet, UpdateVersion, WriteMultipart,
};
use reqwest::Method;
use sha2::{Digest, Sha256};

/// `reqwest`, which the crate takes by itself where TLS is compiled too.
#[derive(Debug)]
struct Plain(reqwest::Client);

impl HttpConnector for Plain {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Self(self.0.clone())))
    }
}

impl HttpService for Plain {
    fn call<'life0, 'async_trait>(
        &'life0 self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let failed = |error| HttpError::new(HttpErrorKind::Request, error);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let request = reqwest::Request::try_from(http::Request::from_parts(parts, body)).map_err(failed)?;
            let answer = http::Response::from(self.0.execute(request).await.map_err(failed)?);
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.map_err(failed)?.to_bytes();
            Ok(HttpResponse::from_parts(parts, body.into()))
        })
    }
}

/// The SHA-256 that the mocks have too.
#[derive(Debug)]
struct Crypto;

struct Context<T>(T, Vec<u8>);

impl DigestContext for Context<Sha256> {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        self.1 = self.0.finalize_reset().to_vec();
        Ok(&self.1)
    }
}

impl HmacContext for Context<Hmac<Sha256>> {
    fn update(&mut self, data: &[u8]) {
        hmac::Mac::update(&mut self.0, data);
    }

    fn finish(&mut self) -> object_store::Result<&[u8]> {
        self.1 = hmac::Mac::finalize(self.0.clone()).into_bytes().to_vec();
        Ok(&self.1)
    }
}

impl CryptoProvider for Crypto {
    fn digest(&self, _: DigestAlgorithm) -> object_store::Result<Box<dyn DigestContext>> {
        Ok(Box::new(Context(Sha256::new(), Vec::new())))
    }

    fn hmac(&self, _: DigestAlgorithm, secret: &[u8]) -> object_store::Result<Box<dyn HmacContext>> {
        let hash = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
        Ok(Box::new(Context(hash, Vec::new())))
    }

    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> object_store::Result<Box<dyn KeySigner>> {
        unreachable!("S3 signs with no certificate")
    }
}

fn store(cloud: &Cloud, with: impl FnOnce(AmazonS3Builder) -> AmazonS3Builder) -> AmazonS3 {
    let key = cloud.own_account().access_key();
    let builder = AmazonS3Builder::new()
        .with_endpoint(format!("http://{}", cloud.endpoint()))
        .with_allow_http(true)
        .with_bucket_name("lake")
        .with_region("us-east-1")
        .with_access_key_id(key.id)
        .with_secret_access_key(key.secret)
        .with_copy_if_not_exists(S3CopyIfNotExists::Multipart)
        .with_http_connector(Plain(reqwest::Client::new()))
        .with_crypto_provider(Arc::new(Crypto));
    with(builder).build().unwrap()
}

#[tokio::test]
async fn objects_are_put_read_listed_copied_and_deleted() {
    let cloud = Cloud::start();
    let lake = cloud.bucket("lake");
    let store = store(&cloud, |builder| builder.with_checksum_algorithm(Checksum::CRC64NVME));

    // What is not plain in an address is in this key.
    let key = Path::parse("events/day=1/ü+1 100%.parquet").unwrap();
    let attributes = [
        (Attribute::ContentType, "application/vnd.apache.parquet"),
        (Attribute::CacheControl, "no-cache"),
        (Attribute::Metadata("who".into()), "me"),
    ];
    let mut tags = TagSet::default();
    tags.push("team", "data + more");
    let options = PutOptions { attributes: Attributes::from_iter(attributes.clone()), tags, ..PutOptions::default() };
    let put = store.put_opts(&key, "0123456789".into(), options).await.unwrap();
    assert_eq!(lake.text("events/day=1/ü+1 100%.parquet"), "0123456789");

    let got = store.get(&key).await.unwrap();
    assert_eq!((got.meta.size, &got.meta.e_tag), (10, &put.e_tag));
    assert_eq!(got.attributes, Attributes::from_iter(attributes));
    assert_eq!(got.bytes().await.unwrap(), "0123456789");
    assert_eq!(store.head(&key).await.unwrap().e_tag, put.e_tag);
    assert_eq!(store.get_range(&key, 2..5).await.unwrap(), "234");
    assert_eq!(store.get_ranges(&key, &[0..2, 8..10]).await.unwrap(), ["01", "89"]);
    for (range, found) in
        [(GetRange::Suffix(3), "789"), (GetRange::Offset(6), "6789"), (GetRange::Bounded(8..99), "89")]
    {
        let options = GetOptions { range: Some(range), ..GetOptions::default() };
        assert_eq!(store.get_opts(&key, options).await.unwrap().bytes().await.unwrap(), found);
    }
    let none = GetOptions { if_none_match: put.e_tag.clone(), ..GetOptions::default() };
    assert!(matches!(store.get_opts(&key, none).await, Err(Error::NotModified { .. })));
    let other = GetOptions { if_match: Some("\"other\"".into()), ..GetOptions::default() };
    assert!(matches!(store.get_opts(&key, other).await, Err(Error::Precondition { .. })));
    assert!(matches!(store.get(&Path::from("absent")).await, Err(Error::NotFound { .. })));

    for number in 0..3 {
        store.put(&Path::from(format!("events/day=2/{number}")), "x".into()).await.unwrap();
    }
    store.put(&Path::from("events/top"), "x".into()).await.unwrap();
    let folder = store.list_with_delimiter(Some(&Path::from("events"))).await.unwrap();
    assert_eq!(folder.common_prefixes, ["events/day=1", "events/day=2"].map(Path::from));
    assert_eq!(folder.objects.iter().map(|object| object.location.as_ref()).collect::<Vec<_>>(), ["events/top"]);
    let listed: Vec<_> = store.list(None).map_ok(|object| object.location).try_collect().await.unwrap();
    assert_eq!(listed.len(), 5);
    assert!(listed.contains(&key), "{listed:?}");
    let after = store.list_with_offset(None, &Path::from("events/day=2/1")).map_ok(|object| object.location);
    let after: Vec<_> = after.try_collect().await.unwrap();
    assert_eq!(after, ["events/day=2/2", "events/top"].map(Path::from));

    let copy = Path::from("copies/a b.parquet");
    store.copy(&key, &copy).await.unwrap();
    assert!(matches!(store.copy_if_not_exists(&key, &copy).await, Err(Error::AlreadyExists { .. })));
    store.rename(&copy, &Path::from("copies/c")).await.unwrap();
    store.copy_if_not_exists(&key, &copy).await.unwrap();
    assert_eq!((lake.text("copies/a b.parquet"), lake.text("copies/c")), ("0123456789".into(), "0123456789".into()));

    store.delete(&copy).await.unwrap();
    let all = store.list(None).map_ok(|object| object.location).boxed();
    assert_eq!(store.delete_stream(all).try_collect::<Vec<_>>().await.unwrap().len(), 6);
    assert!(lake.keys().is_empty());
}

/// How Delta Lake and Iceberg commit.
#[tokio::test]
async fn of_two_writers_one_wins() {
    let cloud = Cloud::start();
    let lake = cloud.bucket("lake");
    let store = store(&cloud, |builder| builder);
    let log = Path::from("_delta_log/0.json");
    let update = |e_tag: &Option<String>| PutMode::Update(UpdateVersion { e_tag: e_tag.clone(), version: None }).into();

    let first = store.put_opts(&log, "first".into(), PutMode::Create.into()).await.unwrap();
    let again = store.put_opts(&log, "again".into(), PutMode::Create.into()).await;
    assert!(matches!(again, Err(Error::AlreadyExists { .. })), "{again:?}");
    let second = store.put_opts(&log, "second".into(), update(&first.e_tag)).await.unwrap();
    let stale = store.put_opts(&log, "stale".into(), update(&first.e_tag)).await;
    assert!(matches!(stale, Err(Error::Precondition { .. })), "{stale:?}");
    assert_eq!(lake.text("_delta_log/0.json"), "second");
    store.delete(&log).await.unwrap();
    let gone = store.put_opts(&log, "gone".into(), update(&second.e_tag)).await;
    assert!(matches!(gone, Err(Error::Precondition { .. })), "{gone:?}");
}

#[tokio::test]
async fn large_objects_come_in_parts_and_urls_need_no_client() {
    let cloud = Cloud::start();
    let lake = cloud.bucket("lake");
    let store = store(&cloud, |builder| builder.with_checksum_algorithm(Checksum::SHA256).with_unsigned_payload(true));

    let large: Vec<u8> = (0..12 * 1024 * 1024_u32).map(|at| (at % 251) as u8).collect();
    let mut upload = WriteMultipart::new(store.put_multipart(&Path::from("large")).await.unwrap());
    large.chunks(100_000).for_each(|chunk| upload.write(chunk));
    let put = upload.finish().await.unwrap();
    assert!(put.e_tag.unwrap().ends_with("-3\""), "12 MiB in parts of 5");
    assert_eq!(lake.bytes("large"), large);
    assert_eq!(store.get_range(&Path::from("large"), 5_242_870..5_242_890).await.unwrap(), large[5_242_870..5_242_890]);
    let mut never = store.put_multipart(&Path::from("never")).await.unwrap();
    never.put_part("part".into()).await.unwrap();
    never.abort().await.unwrap();
    assert_eq!(lake.keys(), ["large"]);

    let key = Path::parse("by url/ü+1").unwrap();
    let minute = std::time::Duration::from_secs(60);
    let http = reqwest::Client::new();
    let url = store.signed_url(Method::PUT, &key, minute).await.unwrap();
    assert!(http.put(url).body("by url").send().await.unwrap().status().is_success());
    assert_eq!(lake.text("by url/ü+1"), "by url");
    let url = store.signed_url(Method::GET, &key, minute).await.unwrap();
    assert_eq!(http.get(url).send().await.unwrap().text().await.unwrap(), "by url");
}
