//! Scenario 4 with many users: each is checked exactly once, and only those are given up that have failed three times.

use std::collections::BTreeSet;

use lambda_testkit::prelude::*;

use crate::fan_out::{EVERY, FanOut, How, arrange, given_up, name};

const USERS: usize = 1_000;

#[tokio::test]
async fn every_user_is_checked_exactly_once() {
    for how in [How::Event, How::OneAfterAnother, How::Joined] {
        let cloud = Cloud::start();
        let FanOut { start, check, failed } = arrange(&cloud, USERS, how, false);
        start.invoke_later(());
        let report = cloud.settle().await;
        report.assert_ok();
        assert_eq!(report.invocations, USERS + 1, "{how:?}");
        let checked: Vec<String> = check.invocations().iter().map(|invocation| invocation.event()).collect();
        assert_eq!(checked, (0..USERS).map(name).collect::<Vec<_>>(), "{how:?}");
        let answered: BTreeSet<String> =
            check.responses().into_iter().map(|user| user.as_str().unwrap().to_owned()).collect();
        assert_eq!(answered.len(), USERS, "{how:?}");
        assert!(failed.messages().is_empty() && report.is_done(), "{how:?}");
        assert_eq!(start.responses(), [0]);
    }
}

#[tokio::test]
async fn events_that_fail_three_times_are_the_dead_letters_and_no_others() {
    let cloud = Cloud::start();
    let FanOut { start, check, failed } = arrange(&cloud, USERS, How::Event, true);
    start.invoke_later(());
    let report = cloud.drain().await;
    let given_up = given_up(USERS);
    let mut letters: Vec<String> =
        failed.bodies().iter().map(|body| serde_json::from_str::<String>(body).unwrap()).collect();
    letters.sort();
    assert_eq!(letters, given_up);
    assert!(!given_up.is_empty() && given_up.len() < USERS / 20, "{}", given_up.len());
    let rounds = USERS + USERS / EVERY + USERS / EVERY / EVERY;
    assert!(check.invocations().len().abs_diff(rounds) <= 1, "{} of {rounds}", check.invocations().len());
    assert_eq!(report.failures.len(), check.invocations().iter().filter(|invocation| !invocation.succeeded()).count());
    // Who succeeded has succeeded once.
    let answered: BTreeSet<String> = check.responses().iter().map(ToString::to_string).collect();
    assert_eq!((answered.len(), check.responses().len()), (USERS - given_up.len(), USERS - given_up.len()));
}

#[tokio::test]
async fn whoever_waits_is_told_of_each_failure_and_nothing_is_tried_again() {
    for how in [How::OneAfterAnother, How::Joined] {
        let cloud = Cloud::start();
        let FanOut { start, check, failed } = arrange(&cloud, USERS, how, true);
        assert_eq!(start.invoke::<usize>(()).await, USERS / EVERY, "{how:?}");
        cloud.drain().await.assert_ok();
        assert_eq!((check.invocations().len(), failed.messages().len()), (USERS, 0), "{how:?}");
    }
}

/// One driving call may start more than a list of ten thousand needs.
#[tokio::test]
async fn ten_thousand_events_are_no_runaway() {
    let cloud = Cloud::start();
    let check = cloud.function("check", async |_: usize| ());
    (0..=10_000).for_each(|user| check.invoke_later(user));
    assert_eq!(cloud.settle().await.invocations, 10_001);
}
