//! S3 → Lambda → S3: CSV files in Shift_JIS are re-encoded to UTF-8 and put into a bucket of another account.

use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::Client;
use lambda_testkit::Bucket;
use lambda_testkit::prelude::*;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The handler under test: it knows nothing of lambda-testkit.
async fn to_utf8(event: S3Event, own: Client, partner: Client) -> Result<(), Error> {
    for record in event.records {
        let bucket = record.s3.bucket.name.ok_or("the record names no bucket")?;
        // Keys in events are URL-encoded: the bug of the article was to use them as they are.
        let encoded = record.s3.object.key.ok_or("the record names no key")?.replace('+', " ");
        let key = percent_encoding::percent_decode_str(&encoded).decode_utf8()?;
        let object = own.get_object().bucket(&bucket).key(&*key).send().await?;
        let bytes = object.body.collect().await?.into_bytes();
        let (text, _, _) = encoding_rs::SHIFT_JIS.decode(&bytes);
        partner
            .put_object()
            .bucket("private-csv")
            .key(&*key)
            .body(text.into_owned().into_bytes().into())
            .send()
            .await?;
    }
    Ok(())
}

/// Lets the function re-encode what comes into one bucket and put it into the other.
pub fn arrange(cloud: &Cloud) -> (Bucket, Bucket) {
    let export = cloud.bucket("export");
    let partner = cloud.account("222222222222");
    let private = partner.bucket("private-csv");

    let (own, theirs) = (Client::new(&cloud.sdk_config()), Client::new(&partner.sdk_config()));
    let function = cloud.function("to-utf8", move |event: S3Event| to_utf8(event, own.clone(), theirs.clone()));
    export.notify(&function, on(ObjectCreated).prefix("my_files/export-").suffix(".csv"));
    (export, private)
}

/// Puts two files, of which one matches the trigger, and returns the settled cloud and the result.
pub async fn run() -> (Cloud, String) {
    let cloud = Cloud::start();
    let (export, private) = arrange(&cloud);

    let (shift_jis, _, _) = encoding_rs::SHIFT_JIS.encode("名前,年齢\n山田,42\n");
    export.put("my_files/export-1 é.csv", &shift_jis);
    export.put("my_files/notes.txt", "not a CSV file");
    cloud.settle().await.assert_ok();

    assert_eq!(private.keys(), ["my_files/export-1 é.csv"]);
    assert_eq!(private.text("my_files/export-1 é.csv"), "名前,年齢\n山田,42\n");
    let result =
        format!("s3://private-csv/my_files/export-1 é.csv holds {:?}", private.text("my_files/export-1 é.csv"));
    (cloud, result)
}
