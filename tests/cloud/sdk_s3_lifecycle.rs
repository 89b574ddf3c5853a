//! What a bucket's lifecycle configuration does as the cloud's clock passes midnight, by the AWS SDK for Rust.
use crate::common;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
};
use common::both_ways;
use lambda_testkit::ObjectEvents;
use lambda_testkit::event::S3EventName;
use lambda_testkit::on;
use serde_json::Value;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn objects_expire_when_their_days_are_over_and_functions_are_told() {
    both_ways(async |cloud, config| {
        let (logs, s3) = (cloud.bucket("logs"), Client::new(&config));
        let told = cloud.function("told", async |event: Value| event["Records"][0]["eventName"].clone());
        logs.notify(&told, on(ObjectEvents::Only(S3EventName::LifecycleExpirationDelete)));
        logs.put("old/a.log", "a");
        logs.put("kept/b.log", "b");
        let expiration = LifecycleExpiration::builder().days(2).build();
        let rule = LifecycleRule::builder().id("old").status(ExpirationStatus::Enabled).expiration(expiration);
        let rule = rule.filter(LifecycleRuleFilter::builder().prefix("old/").build()).build().unwrap();
        let rules = BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
        let put = s3.put_bucket_lifecycle_configuration().bucket("logs").lifecycle_configuration(rules);
        put.send().await.unwrap();

        cloud.advance(DAY * 2).await.assert_ok();
        assert_eq!(logs.keys(), ["kept/b.log", "old/a.log"], "two days later it is not yet the next midnight");
        cloud.advance(DAY + Duration::from_secs(60)).await.assert_ok();
        assert_eq!(logs.keys(), ["kept/b.log"]);
        assert_eq!(told.responses(), ["LifecycleExpiration:Delete"]);

        s3.delete_bucket_lifecycle().bucket("logs").send().await.unwrap();
        logs.put("old/c.log", "c");
        cloud.advance(DAY * 5).await.assert_ok();
        assert_eq!(logs.keys(), ["kept/b.log", "old/c.log"], "without the rule it stays");
    })
    .await;
}
