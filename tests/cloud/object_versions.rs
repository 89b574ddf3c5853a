//! Versions of objects, folders of files, and what the handle says of a key that is not there.
use crate::common;

use std::fs;
use std::path::PathBuf;

use aws_sdk_s3::types::{BucketVersioningStatus, MfaDelete, VersioningConfiguration};
use common::message;
use lambda_testkit::prelude::*;
use lambda_testkit::{CloudError, Queue};
use serde_json::Value;

/// A folder of its own for a test, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn last_record(queue: &Queue) -> Value {
    let body: Value = serde_json::from_str(queue.bodies().last().unwrap()).unwrap();
    body["Records"][0].clone()
}

#[tokio::test]
async fn the_handle_and_the_sdk_see_the_same_versions() {
    let cloud = Cloud::start();
    let (export, s3) = (cloud.bucket("export"), aws_sdk_s3::Client::new(&cloud.sdk_config()));
    export.put("a", "first");
    assert_eq!((export.versions("a").len(), export.versions("a")[0].version_id.as_str()), (1, "null"));
    export.enable_versioning();
    export.put("a", "second");
    s3.delete_object().bucket("export").key("a").send().await.unwrap();
    let versions = export.versions("a");
    let listed = s3.list_object_versions().bucket("export").prefix("a").send().await.unwrap();
    assert_eq!(listed.delete_markers()[0].version_id(), Some(versions[0].version_id.as_str()));
    let ids: Vec<_> = listed.versions().iter().filter_map(|version| version.version_id()).collect();
    assert_eq!(ids, [versions[1].version_id.as_str(), "null"]);
    assert_eq!((versions[1].text(), versions[2].text()), ("second".to_owned(), "first".to_owned()));
    assert_eq!(versions[1].object.as_ref().unwrap().version_id.as_deref(), Some(versions[1].version_id.as_str()));
    assert_eq!(export.versions("b"), []);
    // With the marker gone, the object is back.
    s3.delete_object().bucket("export").key("a").version_id(&versions[0].version_id).send().await.unwrap();
    assert_eq!(export.text("a"), "second");
}

#[tokio::test]
async fn a_marker_of_a_suspended_bucket_has_no_version_in_its_event() {
    let cloud = Cloud::start();
    let (export, queue) = (cloud.bucket("export"), cloud.queue("removed"));
    export.notify(&queue, on(ObjectRemoved));
    export.enable_versioning();
    export.put("a", "kept");
    export.suspend_versioning();
    export.put("a", "null");
    export.delete("a");
    cloud.settle().await.assert_ok();
    let record = last_record(&queue);
    assert_eq!(record["eventName"], "ObjectRemoved:DeleteMarkerCreated");
    assert_eq!(record["s3"]["object"].get("versionId"), None, "{record}");
    let ids: Vec<_> = export.versions("a").into_iter().map(|version| version.version_id).collect();
    assert_eq!((ids[0].as_str(), ids.len()), ("null", 2));
}

#[tokio::test]
async fn mfa_delete_is_refused_by_name() {
    let cloud = Cloud::start();
    cloud.bucket("export");
    let s3 = aws_sdk_s3::Client::new(&cloud.sdk_config());
    let status = BucketVersioningStatus::Enabled;
    let with_mfa = VersioningConfiguration::builder().status(status).mfa_delete(MfaDelete::Enabled).build();
    let refused = s3.put_bucket_versioning().bucket("export").versioning_configuration(with_mfa).send().await;
    assert!(message(refused).contains("MfaDelete"));
    let state = s3.get_bucket_versioning().bucket("export").send().await.unwrap();
    assert_eq!(state.status(), None);
}

#[tokio::test]
async fn folders_go_in_and_out() {
    let folder = Folder::new("folders");
    fs::create_dir_all(folder.0.join("in/sub")).unwrap();
    fs::write(folder.0.join("in/b.txt"), "b").unwrap();
    fs::write(folder.0.join("in/sub/a ü.txt"), "a").unwrap();
    let cloud = Cloud::start();
    let (export, queue) = (cloud.bucket("export"), cloud.queue("created"));
    export.notify(&queue, on(ObjectCreated));
    export.load_folder(folder.0.join("in"));
    export.assert_keys(["b.txt", "sub/a ü.txt"]);
    cloud.settle().await.assert_ok();
    // The test event of the configuration, and one for each file.
    assert_eq!(queue.bodies().len(), 3);

    export.put("empty/", "");
    export.dump_folder(folder.0.join("out"));
    assert_eq!(fs::read_to_string(folder.0.join("out/sub/a ü.txt")).unwrap(), "a");
    assert!(folder.0.join("out/empty").is_dir());

    let absent = export.try_load_folder(folder.0.join("nowhere")).unwrap_err();
    assert!(matches!(&absent, CloudError::Io(text) if text.contains("nowhere")), "{absent}");
    export.put("a/../outside", "x");
    let outside = export.try_dump_folder(folder.0.join("refused")).unwrap_err();
    assert!(outside.to_string().contains("\"a/../outside\""), "{outside}");
    assert!(!folder.0.join("refused").exists() && !folder.0.join("outside").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_a_folder_is_not_followed() {
    let folder = Folder::new("links");
    std::os::unix::fs::symlink(&folder.0, folder.0.join("me")).unwrap();
    fs::write(folder.0.join("a"), "a").unwrap();
    let cloud = Cloud::start();
    let error = cloud.bucket("export").try_load_folder(&folder.0).unwrap_err();
    assert!(error.to_string().ends_with("is neither a file nor a folder"), "{error}");
    cloud.bucket("export").assert_empty();
}

#[test]
#[should_panic(expected = "its newest version is a delete marker, and of those before it 1 is an object")]
fn a_deleted_key_is_told_of() {
    let cloud = Cloud::start();
    let export = cloud.bucket("export");
    export.enable_versioning();
    export.put("2026/report.csv", "1");
    export.put("2026/reports.csv", "1");
    export.delete("2026/reports.csv");
    export.text("2026/reports.csv");
}
