//! The scenario that most handlers of S3 events share: objects come into `inbox`, and a function does something with them.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Trial, Tried as _};

pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Puts objects into `inbox`, for a handler that writes to `outbox`.
pub fn inbox<F>(
    trial: &Trial,
    handler: fn(S3Event, Client) -> F,
    objects: &'static [(&'static str, &'static [u8])],
) -> Explored
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let s3 = Client::new(&cloud.sdk_config());
        let function = cloud.function("work", move |event: S3Event| handler(event, s3.clone()));
        inbox.notify(&function, on(ObjectCreated));
        for (key, body) in objects {
            inbox.put(key, body);
        }
    })
    .tried(trial)
}

pub const OBJECTS: &[(&str, &[u8])] = &[("a.txt", b"a"), ("b.txt", b"b")];

/// A handler without a bug: it writes again what it has written.
pub async fn copy(event: S3Event, s3: Client) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        write(&s3, "outbox", &key, read(&s3, "inbox", &key).await?).await?;
    }
    Ok(())
}

pub async fn read(s3: &Client, bucket: &str, key: &str) -> Result<Vec<u8>, Error> {
    let object = s3.get_object().bucket(bucket).key(key).send().await?;
    Ok(object.body.collect().await?.into_bytes().to_vec())
}

pub async fn write(s3: &Client, bucket: &str, key: &str, body: impl Into<Vec<u8>>) -> Result<(), Error> {
    s3.put_object().bucket(bucket).key(key).body(body.into().into()).send().await?;
    Ok(())
}

/// Writes an object if there is none, or if it is still this one; whether it did.
pub async fn claim(
    s3: &Client,
    (bucket, key): (&str, &str),
    body: impl Into<Vec<u8>>,
    instead_of: Option<&str>,
) -> Result<bool, Error> {
    let put = s3.put_object().bucket(bucket).key(key).body(body.into().into());
    let put = match instead_of {
        Some(tag) => put.if_match(tag),
        None => put.if_none_match("*"),
    };
    match put.send().await {
        Err(error) if is(&error, "PreconditionFailed") => Ok(false),
        other => other.map(|_| true).map_err(Into::into),
    }
}

/// What the object holds, if it is there.
pub async fn read_if_any(s3: &Client, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Error> {
    match s3.get_object().bucket(bucket).key(key).send().await {
        Err(error) if is(&error, "NoSuchKey") => Ok(None),
        other => Ok(Some(other?.body.collect().await?.into_bytes().to_vec())),
    }
}

/// Whether S3 refused with this code.
pub fn is<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, code: &str) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some(code)
}
