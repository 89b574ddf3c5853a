//! Public conformance suites, run against the mocks over loopback. A suite is no part of this crate: whoever has a checkout of it
//! gives its path.
//!
//! `tests/conformance/s3-tests PATH` runs <https://github.com/ceph/s3-tests>, of which it takes what AWS itself is known to pass and
//! what a handler may meet. What does not pass is listed in `s3-tests-failing.txt`, each with its reason: a test that fails and is
//! not listed, or is listed and passes, fails the run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use lambda_testkit::{Account, Cloud};
use sha2::{Digest, Sha256};
use tokio::process::Command;

/// Marks of tests that say nothing of S3 as handlers meet it, or that AWS does not pass.
const LEFT_OUT: &str = "not fails_on_aws and not cloud_transition and not cloud_restore and not lifecycle_expiration and not \
                        lifecycle_transition and not bucket_logging and not s3select and not sse_s3 and not s3website and not \
                        appendobject and not iam_account and not iam_cross_account and not iam_role and not iam_tenant and not \
                        iam_user and not test_of_sts and not webidentity_test";

/// A section of the suite's configuration.
fn user(section: &str, account: &Account, id: &str) -> String {
    let key = account.access_key();
    let canonical = Sha256::digest(id.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!(
        "[{section}]\ndisplay_name = {id}\nuser_id = {canonical}\nemail = {id}@example.com\napi_name = eu-west-1\n\
         access_key = {}\nsecret_key = {}\ntenant = {id}\n\n",
        key.id, key.secret
    )
}

#[tokio::test]
#[ignore = "needs a checkout of ceph/s3-tests: tests/conformance/s3-tests"]
async fn s3_passes_the_tests_of_ceph() {
    let suite = std::env::var("S3_TESTS").expect("S3_TESTS names a checkout");
    let python = std::env::var("S3_TESTS_PYTHON").expect("S3_TESTS_PYTHON is a Python with the suite's packages");
    let cloud = Cloud::builder();
    let cloud = cloud.buckets_before_2020().start_time(Timestamp::now()).history_limit(1_000).start();
    let (own, alt) = ("111111111111", "222222222222");
    let configuration = format!(
        "[DEFAULT]\nhost = 127.0.0.1\nport = {}\nis_secure = False\nssl_verify = False\n\n\
         [fixtures]\nbucket prefix = s3-tests-{{random}}-\niam name prefix = s3-tests-\niam path prefix = /s3-tests/\n\n{}{}{}{}{}{}",
        cloud.endpoint().port(),
        user("s3 main", cloud.own_account(), own),
        user("s3 alt", &cloud.account(alt), alt),
        user("s3 tenant", &cloud.account("333333333333"), "333333333333"),
        user("iam", &cloud.account("444444444444"), "444444444444"),
        user("iam root", &cloud.account("555555555555"), "555555555555"),
        user("iam alt root", &cloud.account("666666666666"), "666666666666"),
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (settings, results) = (folder.join("s3-tests.conf"), folder.join("s3-tests.txt"));
    std::fs::write(&settings, configuration).unwrap();
    let only = std::env::var("S3_TESTS_ONLY").unwrap_or_default();
    let mut command = Command::new(python);
    command.current_dir(&suite).env("S3TEST_CONF", &settings).env("PYTHONDONTWRITEBYTECODE", "1");
    command.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "--timeout=60", "-rA", "-m", LEFT_OUT]);
    command.args(["s3tests/functional/test_s3.py", "s3tests/functional/test_headers.py"]);
    if !only.is_empty() {
        command.args(["-k", &only]);
    }
    // The suite waits for what time changes, so the cloud's clock goes with the system's; a little before it, for S3 shows whole
    // seconds.
    let follow = async {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let _ = cloud.try_advance_to(Timestamp::now() + Duration::from_millis(1_500)).await;
        }
    };
    let output = tokio::select! {
        output = command.output() => output.expect("python starts"),
        () = follow => unreachable!("time goes on"),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    std::fs::write(&results, &*said).unwrap();

    let mut ended: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for line in said.lines() {
        let Some((outcome, rest)) = line.split_once(' ') else { continue };
        let Some((_, name)) = rest.split_once("::") else { continue };
        let name = name.split(" - ").next().unwrap_or(name).trim();
        if ["PASSED", "FAILED", "ERROR"].contains(&outcome) {
            ended.entry(outcome).or_default().insert(name.to_owned());
        }
    }
    let passed = ended.remove("PASSED").unwrap_or_default();
    let failed: BTreeSet<String> = ended.into_values().flatten().collect();
    println!("{} of {} pass; what pytest said is in {}", passed.len(), passed.len() + failed.len(), results.display());
    let listed: BTreeSet<&str> = include_str!("s3-tests-failing.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_whitespace().next().unwrap_or_default())
        .collect();
    let worse: Vec<_> = failed.iter().filter(|name| !listed.contains(name.as_str())).collect();
    let better: Vec<_> = listed.iter().filter(|name| passed.contains(**name)).collect();
    assert!(!passed.is_empty(), "{said}");
    assert!(
        worse.is_empty() && better.is_empty(),
        "fail and are not listed: {worse:#?}; are listed and pass: {better:#?}"
    );
}
