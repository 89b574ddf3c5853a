//! How a cloud ends: what it says when it is dropped, and what a failing test prints.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::time::Duration;

use lambda_testkit::prelude::*;
use lambda_testkit::{DriveError, TIMELINE_VARIABLE};
use proptest::prelude::*;

/// The message of the panic in which it ends.
fn panic_of(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("it panics");
    panic.downcast_ref::<String>().expect("a formatted message").clone()
}

#[test]
fn a_cloud_with_work_that_was_never_driven_says_so_when_it_is_dropped() {
    let undriven = || {
        let cloud = Cloud::start();
        cloud.bucket("inbox").notify(&cloud.stub("copy"), on(ObjectCreated));
        cloud.bucket("inbox").put("a.txt", "a");
        cloud
    };
    let message = panic_of(|| drop(undriven()));
    assert!(
        message.starts_with("nobody has driven the cloud, although there is work: due and not done yet: "),
        "{message}"
    );
    assert!(message.contains("put s3://inbox/a.txt"), "{message}");
    undriven().discard();
    drop(Cloud::start()); // there is nothing to do
}

#[tokio::test]
async fn a_failure_at_which_nobody_has_looked_is_said_when_the_cloud_is_dropped() {
    let failing = async || {
        let cloud = Cloud::start();
        cloud.stub("bad").fails("Bad", "it broke").retry_attempts(0).invoke_later(());
        cloud.clock().sleep(Duration::from_secs(1)).await; // drives the cloud, and reports nothing
        cloud
    };
    let cloud = failing().await;
    let message = panic_of(|| drop(cloud));
    let expected =
        "bad failed (attempt 1): it broke; nobody has looked at it: settle().await.assert_ok(), or discard() ";
    assert!(message.starts_with(expected), "{message}");

    let cloud = failing().await;
    assert_eq!(cloud.settle().await.failures.len(), 1);
    drop(cloud);
    let cloud = Cloud::start();
    assert!(cloud.stub("bad").fails("Bad", "it broke").try_invoke::<()>(()).await.is_err());
    drop(cloud); // whoever asked was told
}

#[tokio::test]
async fn whoever_asks_for_invocations_history_or_timeline_has_looked() {
    type Look = fn(&Cloud);
    let looks: [(Look, bool); 5] = [
        (|cloud| _ = cloud.history(), true),
        (|cloud| _ = cloud.timeline(), true),
        (|cloud| _ = cloud.state(), false),
        (|cloud| _ = cloud.explain(), false),
        (|_| {}, false),
    ];
    for (number, (look, is_enough)) in looks.into_iter().enumerate() {
        let cloud = Cloud::start();
        let bad = cloud.stub("bad").fails("Bad", "it broke").retry_attempts(0);
        look(&cloud); // before the failure it is none
        bad.invoke_later(());
        cloud.clock().sleep(Duration::from_secs(1)).await;
        look(&cloud);
        assert_eq!(catch_unwind(AssertUnwindSafe(|| drop(cloud))).is_ok(), is_enough, "look {number}");
    }

    // The invocations of one function are not those of another.
    let cloud = Cloud::start();
    let [bad, worse] = ["bad", "worse"].map(|name| cloud.stub(name).fails("Bad", "it broke").retry_attempts(0));
    bad.invoke_later(());
    worse.invoke_later(());
    cloud.clock().sleep(Duration::from_secs(1)).await;
    assert!(!bad.invocations()[0].succeeded());
    assert!(panic_of(|| drop(cloud)).starts_with("worse failed (attempt 1): it broke; nobody has looked at it"));
}

#[tokio::test]
async fn whoever_is_told_by_an_error_that_a_limit_was_reached_has_looked() {
    let cloud = Cloud::builder().max_invocations(1).start();
    let bad = cloud.stub("bad").fails("Bad", "it broke");
    bad.invoke_later(());
    assert!(matches!(cloud.try_drain().await, Err(DriveError::TooManyInvocations { limit: 1, .. })));
    drop(cloud);
}

#[tokio::test]
async fn a_report_of_many_failures_is_printed_in_part() {
    let cloud = Cloud::start();
    let bad = cloud.stub("bad").fails("Bad", "it broke");
    (0..100).for_each(|_| bad.invoke_later(()));
    let report = cloud.settle().await;
    assert_eq!((report.failures.len(), report.waiting.len()), (100, 100));
    let text = report.to_string();
    assert_eq!(text.lines().count(), 84, "{text}");
    assert_eq!(text.matches("… and 60 more").count(), 2, "{text}");
}

#[tokio::test]
async fn the_clock_is_advanced_to_a_time_and_never_back() {
    let cloud = Cloud::start();
    let check = cloud.stub("check");
    let nightly = cloud.rule("nightly", "cron(0 3 * * ? *)").trigger(&check);
    let runs = nightly.next_runs(2);
    cloud.advance_to(runs[1]).await.assert_ok();
    assert_eq!((cloud.now(), check.invocations().len()), (runs[1], 2));
    let error = cloud.try_advance_to(runs[0]).await.unwrap_err();
    assert!(matches!(error, DriveError::Passed { .. }));
    assert_eq!(error.to_string(), "cannot advance to 2026-01-01T03:00:00Z: it is 2026-01-02T03:00:00Z");
    cloud.advance_to(cloud.now()).await.assert_ok();
}

/// Runs one of the tests below, which fail, in a process of its own, and gives what it prints.
fn printed(test: &str, timeline: &str) -> String {
    let program = std::env::current_exe().expect("the test knows itself");
    let mut command = Command::new(program);
    command.args([&format!("endings::{test}"), "--exact", "--ignored"]).env(TIMELINE_VARIABLE, timeline);
    command.env("RUST_BACKTRACE", "0").env_remove("PROPTEST_CASES");
    let output = command.output().expect("it starts");
    assert!(!output.status.success(), "{test} fails");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

const HEADING: &str = "the timeline of the Cloud";

#[test]
fn a_failing_property_prints_the_timeline_of_its_simplest_case_alone() {
    let text = printed("fails_for_five_and_more", "");
    assert_eq!(text.matches(HEADING).count(), 1, "{text}");
    assert!(text.contains("put s3://box/5 (0 bytes)"), "{text}");
    assert!(!text.contains("put s3://box/6"), "{text}");
}

#[test]
fn a_property_that_fails_by_prop_assert_prints_it_too() {
    let text = printed("fails_by_prop_assert_for_five_and_more", "");
    assert_eq!(text.matches(HEADING).count(), 1, "{text}");
    assert!(text.contains("put s3://box/5 (0 bytes)") && text.contains("failed: Bad: it broke"), "{text}");
    assert!(!text.contains("put s3://box/6"), "{text}");
    // That the case was left early is no reason to say that nobody has looked.
    assert!(text.contains("too many") && !text.contains("nobody has looked"), "{text}");
}

#[test]
fn a_run_that_has_forgotten_something_says_so_at_its_end() {
    let text = printed("forgets_a_failure_for_five_and_more", "");
    assert_eq!(text.matches(HEADING).count(), 1, "{text}");
    assert!(text.contains("bad failed (attempt 1): it broke; nobody has looked at it"), "{text}");
    assert!(text.contains("put s3://box/5 (0 bytes)") && !text.contains("put s3://box/6"), "{text}");
}

#[test]
fn a_failing_run_outside_a_property_prints_its_timeline() {
    let text = printed("fails_in_a_run", "");
    assert_eq!(text.matches(HEADING).count(), 1, "{text}");
    assert!(text.contains("put s3://box/a (0 bytes)"), "{text}");
}

#[test]
fn a_failing_test_prints_two_hundred_lines_unless_it_is_told_to_print_all() {
    let text = printed("fails_after_a_thousand_puts", "");
    let lines = text.lines().filter(|line| line.contains("put s3://box/")).count();
    assert!((100..200).contains(&lines), "{lines}");
    assert!(text.contains("lines are left out"), "{text}");
    let whole = printed("fails_after_a_thousand_puts", "full");
    assert_eq!(whole.lines().filter(|line| line.contains("put s3://box/")).count(), 1_000);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    #[ignore = "fails: run by another test"]
    fn fails_for_five_and_more(number in 0..10_000_u32) {
        Cloud::builder().seed(7).run(|cloud| async move {
            cloud.bucket("box").put(&number.to_string(), "");
            assert!(number < 5, "too many");
        });
    }
}

/// A failure that no report names.
async fn fail_unseen(cloud: &Cloud) {
    cloud.stub("bad").fails("Bad", "it broke").retry_attempts(0).invoke_later(());
    cloud.clock().sleep(Duration::from_secs(1)).await;
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    #[ignore = "fails: run by another test"]
    fn fails_by_prop_assert_for_five_and_more(number in 0..10_000_u32) {
        Cloud::run(|cloud| async move {
            prop_assume!(number != 3);
            cloud.bucket("box").put(&number.to_string(), "");
            fail_unseen(&cloud).await;
            prop_assert!(number < 5, "too many");
            cloud.discard();
            Ok(())
        })?;
    }

    #[test]
    #[ignore = "fails: run by another test"]
    fn forgets_a_failure_for_five_and_more(number in 0..10_000_u32) {
        Cloud::run(|cloud| async move {
            cloud.bucket("box").put(&number.to_string(), "");
            if number >= 5 {
                fail_unseen(&cloud).await;
            }
        });
    }
}

#[test]
#[ignore = "fails: run by another test"]
fn fails_in_a_run() {
    Cloud::run(|cloud| async move {
        cloud.bucket("box").put("a", "");
        cloud.advance(Duration::from_secs(1)).await.assert_ok();
        panic!("as it should");
    })
}

#[test]
#[ignore = "fails: run by another test"]
fn fails_after_a_thousand_puts() {
    let cloud = Cloud::start();
    for number in 0..1_000 {
        cloud.bucket("box").put(&number.to_string(), "");
    }
    panic!("as it should");
}
