//! S3 → Lambda → S3 of another account: CSV files become UTF-8.

use aws_lambda_events::event::s3::S3Event;
use aws_sdk_s3::Client;
use lambda_runtime::{Error, LambdaEvent};

/// The bucket of the other account.
pub const PRIVATE: &str = "private-csv";

/// The clients of the two accounts.
#[derive(Clone)]
pub struct Clients {
    pub own: Client,
    pub partner: Client,
}

/// Re-encodes each file that the event tells of, and gives the number of them.
pub async fn handle(clients: Clients, event: LambdaEvent<S3Event>) -> Result<usize, Error> {
    let records = event.payload.records;
    let count = records.len();
    for record in records {
        let bucket = record.s3.bucket.name.ok_or("the record names no bucket")?;
        // Keys in events are URL-encoded; the article's handler used them as they are.
        let encoded = record.s3.object.key.ok_or("the record names no key")?.replace('+', " ");
        let key = percent_encoding::percent_decode_str(&encoded).decode_utf8()?;
        let object = clients.own.get_object().bucket(bucket).key(&*key).send().await;
        let bytes = object.map_err(aws_sdk_s3::Error::from)?.body.collect().await?.into_bytes();
        let text = utf8(&bytes).ok_or_else(|| format!("{key} is neither UTF-8 nor Shift_JIS"))?;
        let put = clients.partner.put_object().bucket(PRIVATE).key(&*key).content_type("text/csv; charset=utf-8");
        put.body(text.into_bytes().into()).send().await.map_err(aws_sdk_s3::Error::from)?;
    }
    Ok(count)
}

fn utf8(bytes: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned(),
    };
    Some(text)
}
