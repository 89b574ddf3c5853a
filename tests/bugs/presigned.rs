//! URLs that are good for a while, in messages that may come later.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use lambda_testkit::prelude::*;
use lambda_testkit::{Clock, Explored, explore};
use serde::{Deserialize, Serialize};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::{Error, read, write};

#[derive(Serialize, Deserialize)]
struct Offer {
    key: String,
    url: Option<String>,
}

#[derive(Clone)]
struct Means {
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    http: reqwest::Client,
    offers: String,
    clock: Clock,
}

/// The time is the cloud's: by default a URL is signed at the time of the machine.
async fn presign(means: &Means, key: &str) -> Result<String, Error> {
    let now = SystemTime::from(means.clock.now());
    let for_a_minute = PresigningConfig::builder().start_time(now).expires_in(Duration::from_secs(60)).build()?;
    Ok(means.s3.get_object().bucket("inbox").key(key).presigned(for_a_minute).await?.uri().to_owned())
}

async fn offer(event: S3Event, means: Means, by_url: bool) -> Result<(), Error> {
    for record in event.records {
        let key = record.key().to_string();
        let url = if by_url { Some(presign(&means, &key).await?) } else { None };
        let body = serde_json::to_string(&Offer { key, url })?;
        means.sqs.send_message().queue_url(&means.offers).message_body(body).send().await?;
    }
    Ok(())
}

async fn fetch(event: SqsEvent, means: Means) -> Result<(), Error> {
    for message in event.records {
        let Offer { key, url } = serde_json::from_str(&message.body)?;
        let body = match url {
            Some(url) => means.http.get(url).send().await?.error_for_status()?.bytes().await?.to_vec(),
            None => read(&means.s3, "inbox", &key).await?,
        };
        write(&means.s3, "outbox", &key, body).await?;
    }
    Ok(())
}

fn offers(trial: &Trial, by_url: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let (inbox, _) = (cloud.bucket("inbox"), cloud.bucket("outbox"));
        let dead = cloud.queue("dead");
        let offers = cloud.queue("offers").visibility_timeout(Duration::from_secs(180)).dead_letter(&dead, 3);
        let config = cloud.sdk_config();
        let (s3, sqs) = (aws_sdk_s3::Client::new(&config), aws_sdk_sqs::Client::new(&config));
        let (http, clock) = (reqwest::Client::new(), cloud.clock());
        let means = Means { s3, sqs, http, offers: offers.url(), clock };
        let other = means.clone();
        let offer = cloud.function("offer", move |event: S3Event| offer(event, means.clone(), by_url));
        let fetch = cloud.function("fetch", move |event: SqsEvent| fetch(event, other.clone()));
        inbox.notify(&offer, on(ObjectCreated));
        offers.trigger(&fetch, batch(1));
        inbox.put("a.txt", "a");
    })
    .tried(trial)
}

#[test]
fn a_presigned_url_has_expired() {
    Bug {
        name: "a presigned URL has expired when its message comes back",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html",
        finding: "given up, although the fault passed",
        buggy: |trial| offers(trial, true),
        fixed: |trial| offers(trial, false),
    }
    .try_it();
}
