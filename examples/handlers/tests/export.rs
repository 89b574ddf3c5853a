//! Files that come into `export` are in the partner's bucket, in UTF-8.

use aws_sdk_s3::Client;
use handlers::export::{Clients, PRIVATE, handle};
use lambda_testkit::prelude::*;
use lambda_testkit::{Bucket, CloudBuilder, Function, Queue};

/// The function with its buckets and its dead letters.
fn arrange(builder: CloudBuilder) -> (Cloud, Bucket, Bucket, Function, Queue) {
    let cloud = builder.start();
    let partner = cloud.account("222222222222");
    let clients = Clients { own: Client::new(&cloud.sdk_config()), partner: Client::new(&partner.sdk_config()) };
    let (export, dead) = (cloud.bucket("export"), cloud.queue("dead"));
    let function = cloud.function_with("to-utf8", clients, handle).dead_letter(&dead);
    export.notify(&function, on(ObjectCreated).prefix("my_files/export-").suffix(".csv"));
    (cloud, export, partner.bucket(PRIVATE), function, dead)
}

#[tokio::test]
async fn a_file_in_shift_jis_becomes_utf_8() {
    let (cloud, export, private, ..) = arrange(Cloud::builder());
    export.put("my_files/export-1.csv", encoding_rs::SHIFT_JIS.encode("名前,年齢\n山田,42\n").0);
    cloud.settle().await.assert_ok();
    let file = private.object("my_files/export-1.csv");
    assert_eq!(file.text(), "名前,年齢\n山田,42\n");
    assert_eq!(file.content_type.as_deref(), Some("text/csv; charset=utf-8"));
}

#[tokio::test]
async fn keys_may_have_spaces_umlauts_and_signs() {
    let (cloud, export, private, ..) = arrange(Cloud::builder());
    let keys = ["my_files/export-1 ü.csv", "my_files/export-1+1=2.csv", "my_files/export-100%25.csv"];
    keys.iter().for_each(|key| export.put(key, "a,b"));
    cloud.settle().await.assert_ok();
    private.assert_keys(keys);
}

#[tokio::test]
async fn other_files_stay_where_they_are() {
    let (cloud, export, private, function, _) = arrange(Cloud::builder());
    ["my_files/notes.txt", "my_files/export-1.CSV", "export-1.csv"].iter().for_each(|key| export.put(key, "a"));
    cloud.settle().await.assert_ok();
    private.assert_empty();
    assert!(function.invocations().is_empty(), "{}", cloud.explain());
}

#[tokio::test]
async fn an_event_may_have_two_records() {
    let (_cloud, export, private, function, _) = arrange(Cloud::builder());
    ["one", "two"].iter().for_each(|key| export.put(key, "a"));
    let event = S3Event::put("export", "one").record(S3Event::put("export", "two")).build();
    assert_eq!(function.invoke::<usize>(event).await, 2);
    private.assert_keys(["one", "two"]);
}

#[tokio::test]
async fn an_event_that_comes_twice_does_no_harm() {
    let (cloud, export, private, function, _) = arrange(Cloud::builder().plan("export → to-utf8 #1: twice"));
    export.put("my_files/export-1.csv", "a,b");
    cloud.drain().await.assert_ok();
    assert_eq!(function.invocations().len(), 2);
    assert_eq!(private.text("my_files/export-1.csv"), "a,b");
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let (cloud, export, private, ..) = arrange(Cloud::builder());
    export.put("my_files/export-1.csv", "");
    cloud.settle().await.assert_ok();
    assert_eq!(private.object("my_files/export-1.csv").size, 0);
}

#[tokio::test]
async fn a_file_in_neither_encoding_is_given_up_after_three_attempts() {
    let (cloud, export, private, _, dead) = arrange(Cloud::builder());
    export.put("my_files/export-1.csv", b"\xff\xfe\x00");
    let report = cloud.drain().await;
    assert_eq!(report.failures.len(), 3, "{report}");
    assert_eq!(report.failures[2].error, "my_files/export-1.csv is neither UTF-8 nor Shift_JIS");
    private.assert_empty();
    assert_eq!(dead.receive(1)[0].json::<S3Event>().records[0].key().as_str(), "my_files/export-1.csv");
}

#[tokio::test]
async fn a_file_that_was_deleted_meanwhile_is_an_error() {
    let (cloud, export, ..) = arrange(Cloud::builder());
    export.put("my_files/export-1.csv", "a,b");
    export.delete("my_files/export-1.csv");
    let report = cloud.settle().await;
    assert!(report.failures[0].error.starts_with("NoSuchKey"), "{report}");
}

#[tokio::test]
async fn the_partners_bucket_is_closed_to_our_own_credentials() {
    let (cloud, export, private, ..) = arrange(Cloud::builder());
    let own = Client::new(&cloud.sdk_config());
    let function = cloud.function_with("wrong", Clients { own: own.clone(), partner: own }, handle);
    export.put("a", "a");
    let error = function.try_invoke::<usize>(S3Event::put("export", "a").build()).await.unwrap_err();
    assert!(error.to_string().contains("AccessDenied"), "{error}");
    private.assert_empty();
}
