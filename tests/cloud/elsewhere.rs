//! Clients that were not made from `sdk_config()`: the failure of their handler says so.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
use lambda_testkit::prelude::*;

const HINT: &str = "; no request of this handler reached the cloud: is its client made from sdk_config()?";

/// A client as a handler makes it that does not ask its caller for one. This build has no HTTP client for it, so that it
/// ends as one does without a network.
fn own(credentials: bool) -> Client {
    let config = Config::builder().behavior_version(BehaviorVersion::latest()).region(Region::new("us-east-1"));
    let credentials = credentials.then(|| Credentials::from_keys("AKIAIOSFODNN7EXAMPLE", "secret", None));
    let mut config = config.endpoint_url("http://127.0.0.1:1");
    config.set_credentials_provider(credentials.map(aws_sdk_s3::config::SharedCredentialsProvider::new));
    Client::from_conf(config.build())
}

async fn failure(client: impl Fn(&Cloud) -> Client, unwraps: bool) -> String {
    let cloud = Cloud::start();
    let s3 = client(&cloud);
    let read = cloud.function("read", move |key: String| {
        let s3 = s3.clone();
        async move {
            let got = s3.get_object().bucket("inbox").key(key).send().await.map(drop);
            if unwraps {
                got.as_ref().unwrap();
            }
            got
        }
    });
    read.retry_attempts(0).invoke_later("a.txt");
    let report = cloud.settle().await;
    let [failure] = report.failures.as_slice() else { panic!("one failure: {report}") };
    assert_eq!(
        cloud.timeline().to_string().contains(&HINT[2..]),
        failure.error.ends_with(HINT),
        "{}",
        cloud.timeline()
    );
    failure.error.clone()
}

#[tokio::test]
async fn a_handler_whose_client_calls_nobody_is_asked_where_its_client_comes_from() {
    assert_eq!(failure(|_| own(true), false).await, format!("dispatch failure{HINT}"));
    let panicked = failure(|_| own(true), true).await;
    assert!(panicked.starts_with("Lambda panicked: ") && panicked.ends_with(HINT), "{panicked}");
    let without_credentials = failure(|_| own(false), true).await;
    assert!(without_credentials.ends_with(HINT), "{without_credentials}");
}

#[tokio::test]
async fn a_handler_whose_request_was_refused_or_broken_is_not() {
    let made_right = |cloud: &Cloud| Client::new(&cloud.sdk_config());
    assert_eq!(failure(made_right, false).await, "service error");
    let cloud = Cloud::builder().plan("s3.GetObject inbox/a.txt #1: reset (for good)").start();
    cloud.bucket("inbox").put("a.txt", "a");
    let s3 = made_right(&cloud);
    let read = cloud.function("read", move |key: String| {
        let s3 = s3.clone();
        async move { s3.get_object().bucket("inbox").key(key).send().await.map(drop) }
    });
    read.retry_attempts(0).invoke_later("a.txt");
    assert_eq!(cloud.settle().await.failures[0].error, "dispatch failure");
}
