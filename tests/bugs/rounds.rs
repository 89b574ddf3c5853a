//! The scenario that scheduled handlers share: a function comes every minute and does something with what lies in `inbox`.

use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Trial, Tried as _};
use crate::inbox::{Error, is};

pub const PARTS: &[(&str, &str)] = &[("1.csv", "one"), ("2.csv", "two"), ("3.csv", "three")];

/// Lets the function come so often.
pub fn rounds<F: Future<Output = Result<(), Error>> + Send + 'static>(
    trial: &Trial,
    handler: fn(ScheduledEvent, Client) -> F,
    minutes: u64,
    objects: &'static [(&'static str, &'static str)],
) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        for (key, body) in objects {
            inbox.put(key, body);
        }
        let s3 = Client::new(&cloud.sdk_config());
        let round = cloud.function("round", move |event: ScheduledEvent| handler(event, s3.clone()));
        round.timeout(Duration::from_secs(90));
        cloud.rule("every-minute", "rate(1 minute)").trigger(&round);
        let _ = cloud.advance(Duration::from_secs(60 * minutes)).await;
    })
    .tried(trial)
}

/// The keys of a bucket.
pub async fn keys(s3: &Client, bucket: &str) -> Result<Vec<String>, Error> {
    let mut pages = s3.list_objects_v2().bucket(bucket).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.try_next().await? {
        keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
    }
    Ok(keys)
}

pub async fn text(s3: &Client, bucket: &str, key: &str) -> Result<String, Error> {
    Ok(String::from_utf8(crate::inbox::read(s3, bucket, key).await?)?)
}

/// What an object says, and its entity tag; neither if there is none.
pub async fn tagged(s3: &Client, bucket: &str, key: &str) -> Result<(String, Option<String>), Error> {
    match s3.get_object().bucket(bucket).key(key).send().await {
        Err(error) if is(&error, "NoSuchKey") => Ok((String::new(), None)),
        other => {
            let object = other?;
            let tag = object.e_tag().map(str::to_owned);
            Ok((String::from_utf8(object.body.collect().await?.to_vec())?, tag))
        }
    }
}
