//! Presigned URLs of clients that call in process: they lead to a port where anybody may call them.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use lambda_testkit::prelude::*;

fn for_a_minute() -> PresigningConfig {
    PresigningConfig::expires_in(Duration::from_secs(60)).unwrap()
}

/// A user's code: it uploads by one URL and hands the other one on.
async fn upload(
    key: String,
    s3: Client,
    http: reqwest::Client,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let put = s3.put_object().bucket("inbox").key(&key).presigned(for_a_minute()).await?;
    http.put(put.uri()).body(format!("what is in {key}")).send().await?.error_for_status()?;
    let get = s3.get_object().bucket("inbox").key(&key).presigned(for_a_minute()).await?;
    Ok(http.get(get.uri()).send().await?.error_for_status()?.text().await?)
}

#[tokio::test]
async fn a_handler_calls_its_own_presigned_urls() {
    let cloud = Cloud::start();
    let (inbox, seen) = (cloud.bucket("inbox"), cloud.stub("seen"));
    inbox.notify(&seen, on(ObjectCreated));
    let (s3, http) = (Client::new(&cloud.sdk_config()), reqwest::Client::new());
    let function = cloud.function("upload", move |key: String| upload(key, s3.clone(), http.clone()));

    assert_eq!(function.invoke::<String>("a b+ü.txt").await, "what is in a b+ü.txt");
    cloud.settle().await.assert_ok();
    assert_eq!(inbox.text("a b+ü.txt"), "what is in a b+ü.txt");
    assert_eq!(seen.events().len(), 1, "a PUT by URL triggers as any other");
    // The requests belong to the invocation, and the port, which is another in each run, stands nowhere.
    let timeline = cloud.timeline().to_string();
    let inside = |operation: &str| timeline.contains(&format!("   s3 {operation} s3://inbox/a b+ü.txt → 200"));
    assert!(inside("PutObject") && inside("GetObject"), "{timeline}");
    assert!(!timeline.contains("127.0.0.1"), "{timeline}");
}

#[tokio::test]
async fn a_presigned_url_leads_to_the_cloud_whose_client_made_it() {
    let clouds = [Cloud::start(), Cloud::start()];
    for (name, cloud) in ["one", "two"].into_iter().zip(&clouds) {
        cloud.bucket("inbox").put("name", name);
    }
    for (name, cloud) in ["one", "two"].into_iter().zip(&clouds) {
        let s3 = Client::new(&cloud.region("eu-west-1").sdk_config());
        let s3 =
            Client::from_conf(s3.config().to_builder().region(aws_sdk_s3::config::Region::new("us-east-1")).build());
        let get = s3.get_object().bucket("inbox").key("name").presigned(for_a_minute()).await.unwrap();
        assert_eq!(reqwest::get(get.uri()).await.unwrap().text().await.unwrap(), name);
    }
}

#[tokio::test]
async fn clients_whose_cloud_is_gone_presign_what_nobody_answers() {
    let cloud = Cloud::start();
    let config = cloud.sdk_config();
    let client = Client::new(&config);
    drop(cloud);
    let get = client.get_object().bucket("inbox").key("name").presigned(for_a_minute()).await.unwrap();
    let answer = reqwest::get(get.uri()).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap()), (503, "the Cloud was dropped".to_owned()));
    let get = Client::new(&config).get_object().bucket("inbox").key("name").presigned(for_a_minute()).await.unwrap();
    assert!(get.uri().starts_with("http://127.0.0.1/inbox/name?"), "{}", get.uri());
}
