//! Expressions print as they were written, and their runs are in order and found from any point in time.

#![no_main]

use jiff::{SignedDuration, Timestamp};
use lambda_testkit::schedule::{Calendar, Dialect, Expression};
use libfuzzer_sys::fuzz_target;

const ZONES: [&str; 4] = ["UTC", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"];

fn check_runs(schedule: &Calendar, after: Timestamp) {
    let mut last = after;
    for run in schedule.runs_after(after).take(5) {
        assert!(run > last, "{run} after {last}");
        let just_before = run.checked_sub(SignedDuration::from_nanos(1)).expect("years are 1970 to 2199");
        assert_eq!(schedule.next_after(last), Some(run));
        assert_eq!(schedule.next_after(just_before), Some(run));
        last = run;
    }
}

fuzz_target!(|text: &str| {
    let (rule, scheduler) = (Expression::rule(text), Expression::scheduler(text));
    // Scheduler takes all that rules take.
    assert!(rule.is_err() || scheduler.is_ok(), "{text}");
    for expression in [rule, scheduler] {
        match expression {
            Ok(expression) => {
                assert_eq!(expression.to_string(), text);
                assert!(!expression.explain().is_empty());
                let second = i64::try_from(text.len()).unwrap_or(0) * 12_345_678;
                let created = Timestamp::from_second(second).expect("a second of the next centuries");
                check_runs(&Calendar::new(expression.clone(), created), created);
                if let Ok(schedule) = Calendar::new(expression, created).with_time_zone(ZONES[text.len() % ZONES.len()])
                {
                    check_runs(&schedule, created);
                }
            }
            Err(error) => {
                assert_eq!(error.expression(), text);
                assert!(!error.rule().is_empty() && !error.to_string().is_empty());
                if let Some(suggestion) = error.suggestion() {
                    let accepted = match error.dialect() {
                        Dialect::Rule => Expression::rule(suggestion),
                        Dialect::Scheduler => Expression::scheduler(suggestion),
                    };
                    assert!(accepted.is_ok(), "{text}: {suggestion}");
                }
            }
        }
    }
});
