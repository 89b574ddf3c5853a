//! `next`: when a schedule runs.

use super::*;

#[test]
fn next_lists_runs_in_the_zone_of_the_schedule() {
    // New York changes its clocks on March 8.
    insta::assert_snapshot!(
        ok(&["next", "cron(0 9 ? * MON-FRI *)", "-n", "3", "--tz", "America/New_York", "--from", "2026-03-05T20:00:00Z"]),
        @r"
    2026-03-06T09:00:00-05:00
    2026-03-09T09:00:00-04:00
    2026-03-10T09:00:00-04:00
    "
    );
    insta::assert_snapshot!(
        ok(&["next", "rate(5 minutes)", "-n", "2", "--from", "2026-01-01T00:00:00Z", "--json"]),
        @r#"{"expression":"rate(5 minutes)","explanation":"every 5 minutes","timeZone":"UTC","runs":["2026-01-01T00:05:00Z","2026-01-01T00:10:00Z"]}"#
    );
    assert_eq!(ok(&["next", "rate(1 hour)"]).lines().count(), 10);
    let run = run(&["next", "at(2026-01-01T00:00:00)", "--from", "2026-01-02T00:00:00Z"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    assert!(run.stderr.contains("no run after 2026-01-02T00:00:00Z"), "{run:?}");
}

#[test]
fn next_gives_the_reason_and_the_fix_of_a_bad_expression() {
    insta::assert_snapshot!(
        fails(1, &["next", "cron(0 9 * * * *)"]).trim_end(),
        @"error: invalid schedule expression \"cron(0 9 * * * *)\": day-of-week \"*\": exactly one of day-of-month and day-of-week must be `?`; use `?` in day-of-week: `cron(0 9 * * ? *)`"
    );
    assert!(fails(1, &["next", "--rule", "at(2026-01-01T00:00:00)"]).contains("Scheduler"));
    assert!(fails(2, &["next", "rate(1 hour)", "--tz", "europe/berlin"]).contains("write `Europe/Berlin`"));
    assert!(fails(2, &["next", "rate(1 hour)", "--rule", "--tz", "Europe/Berlin"]).contains("a rule has no time zone"));
    fails(2, &["next", "rate(1 hour)", "-n", "0"]);
    fails(2, &["next", "rate(1 hour)", "--from", "yesterday"]);
}
