//! The four scenarios of the tour, each with a snapshot of its timeline: the same bytes in every run, without redactions.

#[path = "../../examples/tour/alarms.rs"]
pub mod alarms;
#[path = "../../examples/tour/export.rs"]
pub mod export;
#[path = "../../examples/tour/nightly.rs"]
pub mod nightly;
#[path = "../../examples/tour/users.rs"]
pub mod users;

#[tokio::test]
async fn csv_exports_reach_the_private_bucket_as_utf8() {
    insta::assert_snapshot!(export::run().await.0.timeline());
}

#[tokio::test]
async fn the_log_is_checked_every_hour_with_the_constant_input() {
    insta::assert_snapshot!(nightly::run().await.0.timeline());
}

#[tokio::test]
async fn every_alarm_reaches_slack_once_although_slack_is_busy() {
    insta::assert_snapshot!(alarms::run().await.0.timeline());
}

#[tokio::test]
async fn every_user_is_checked_and_the_failed_one_is_kept() {
    insta::assert_snapshot!(users::run().await.0.timeline());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timelines_are_the_same_on_a_multi_thread_runtime() {
    for _ in 0..5 {
        assert_eq!(export::run().await.0.timeline(), export::run().await.0.timeline());
        assert_eq!(alarms::run().await.0.timeline(), alarms::run().await.0.timeline());
        assert_eq!(users::run().await.0.timeline(), users::run().await.0.timeline());
    }
}
