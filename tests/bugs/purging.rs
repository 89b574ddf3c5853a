//! Buckets with versions that are emptied.

use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_testkit::prelude::*;
use lambda_testkit::{Explored, explore};

use crate::case::{Bug, Trial, Tried as _};
use crate::inbox::Error;

async fn purge(s3: &Client, by_both: bool) -> Result<(), Error> {
    let (mut key, mut version) = (None, None);
    loop {
        let list = s3.list_object_versions().bucket("history").set_key_marker(key).set_version_id_marker(version);
        let page = list.send().await?;
        for found in page.versions() {
            let delete = s3.delete_object().bucket("history").key(found.key().unwrap_or_default());
            delete.set_version_id(found.version_id().map(str::to_owned)).send().await?;
        }
        if page.is_truncated() != Some(true) {
            return Ok(());
        }
        (key, version) = (page.next_key_marker, page.next_version_id_marker.filter(|_| by_both));
    }
}

fn history(trial: &Trial, by_both: bool) -> Explored {
    explore(async move |cloud: &Cloud| {
        let history = cloud.bucket("history");
        history.enable_versioning();
        for version in ["1", "2", "3"] {
            history.put("a", version);
        }
        let s3 = Client::new(&cloud.sdk_config());
        let purge = cloud.function("purge", move |_: SqsEvent| {
            let s3 = s3.clone();
            async move { purge(&s3, by_both).await }
        });
        let orders = cloud.queue("orders").visibility_timeout(Duration::from_secs(180));
        orders.trigger(&purge, batch(1));
        orders.send("purge");
    })
    .tried(trial)
}

#[test]
fn versions_are_listed_by_key_alone() {
    Bug {
        name: "versions are listed by key alone",
        from: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html: NextVersionIdMarker",
        finding: "something is there that should not be: s3://history/a",
        buggy: |trial| history(trial, false),
        fixed: |trial| history(trial, true),
    }
    .try_it();
}
