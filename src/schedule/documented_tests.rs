//! Every expression that AWS shows as an example, and what it says about it.

use super::Expression;

/// "Setting a schedule pattern for scheduled rules" of the EventBridge user guide (`eb-scheduled-rule-pattern.html`, before
/// `eb-create-rule-schedule.html`): the table of sample cron strings, as fields, and what it says of them.
const RULE_TABLE: [(&str, &str); 11] = [
    ("0 10 * * ? *", "at 10:00 UTC every day"),
    ("15 12 * * ? *", "at 12:15 UTC every day"),
    ("0 18 ? * MON-FRI *", "at 18:00 UTC, Monday to Friday"),
    ("0 8 1 * ? *", "at 08:00 UTC on the 1st of every month"),
    ("0/15 * * * ? *", "every 15 minutes"),
    ("0/10 * ? * MON-FRI *", "every 10 minutes, Monday to Friday (days of UTC)"),
    ("0/5 8-17 ? * MON-FRI *", "every 5 minutes from 08:00 to 17:59 UTC, Monday to Friday"),
    ("0/30 20-2 ? * MON-FRI *", "every 30 minutes in the hours 00, 01, 02, 20, 21, 22 and 23 UTC, Monday to Friday"),
    // Newer editions of the page have the last row in two.
    ("0/30 20-23 ? * MON-FRI *", "every 30 minutes from 20:00 to 23:59 UTC, Monday to Friday"),
    ("0/30 0-2 ? * MON-FRI *", "at 00:00, 00:30, 01:00, 01:30, 02:00 and 02:30 UTC, Monday to Friday"),
    (
        "15 10 ? * 6L 2019-2022",
        "at 10:15 UTC on the last Friday of every month, only in 2019 to 2022 (weekday numbers count from 1 = Sunday)",
    ),
];

/// The same page: the commands below the table, and the examples in the lists of wildcards, each in an expression.
const RULE_TEXT: [&str; 13] = [
    "cron(0 12 * * ? *)",
    "cron(5,35 14 * * ? *)",
    "rate(1 minute)",
    "rate(5 minutes)",
    "rate(1 hour)",
    "rate(1 day)",
    "rate(5 hours)",
    "cron(0 12 ? JAN,FEB,MAR MON *)",
    "cron(0 12 1-15 * ? *)",
    "cron(1/10 * * * ? *)",
    "cron(0 12 7 * ? *)",
    "cron(0 12 3W * ? *)",
    "cron(0 12 ? * 3#2 *)",
];

/// "Schedule types in EventBridge Scheduler" of the EventBridge Scheduler user guide (`schedule-types.html`).
const SCHEDULER: [&str; 6] = [
    "rate(5 minutes)",
    "cron(15 10 ? * 6L 2022-2023)",
    "at(2022-11-20T13:00:00)",
    "cron(30 8 * * ? *)",
    "cron(30 2 * * ? *)",
    "rate(1 day)",
];

#[test]
fn every_example_of_aws_is_accepted_by_the_product_whose_page_shows_it() {
    for (fields, meaning) in RULE_TABLE {
        let text = format!("cron({fields})");
        assert_eq!(Expression::rule(&text).unwrap().explain(), meaning);
        assert!(Expression::scheduler(&text).is_ok());
    }
    for text in RULE_TEXT {
        Expression::rule(text).unwrap();
    }
    for text in SCHEDULER {
        Expression::scheduler(text).unwrap();
    }
}

#[test]
fn what_aws_shows_as_wrong_is_refused() {
    for text in ["rate(1 hours)", "rate(5 hour)", "cron(0 12 ? * 3#1,6#3 *)", "cron(0 12 * * * *)"] {
        Expression::rule(text).unwrap_err();
    }
}

#[test]
fn names_are_taken_in_any_case() {
    for (text, upper) in [
        ("cron(0 9 ? * mon-fri *)", "cron(0 9 ? * MON-FRI *)"),
        ("cron(0 9 ? jan,Dec Sun *)", "cron(0 9 ? JAN,DEC SUN *)"),
        ("cron(0 9 ? * friL *)", "cron(0 9 ? * FRIL *)"),
        ("cron(0 9 ? * sat#3 *)", "cron(0 9 ? * SAT#3 *)"),
    ] {
        let [given, expected] = [text, upper].map(|text| Expression::rule(text).unwrap());
        assert_eq!((given.explain(), given.as_str()), (expected.explain(), text));
    }
}

#[test]
fn ranges_go_over_the_end_of_their_field() {
    for (wrapped, spelt_out) in [
        ("cron(0 20-2 * * ? *)", "cron(0 20-23,0-2 * * ? *)"),
        ("cron(0 22-2/2 * * ? *)", "cron(0 22,0,2 * * ? *)"),
        ("cron(50-10/5 9 * * ? *)", "cron(50,55,0,5,10 9 * * ? *)"),
        ("cron(0 9 ? * FRI-MON *)", "cron(0 9 ? * FRI,SAT,SUN,MON *)"),
        ("cron(0 9 ? NOV-FEB MON *)", "cron(0 9 ? NOV,DEC,JAN,FEB MON *)"),
        ("cron(0 9 30-2 * ? *)", "cron(0 9 30,31,1,2 * ? *)"),
    ] {
        let [given, expected] = [wrapped, spelt_out].map(|text| Expression::rule(text).unwrap().explain());
        assert_eq!(given, expected, "{wrapped}");
    }
}
