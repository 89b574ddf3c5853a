//! Tables: what AWS is recorded or documented to accept and refuse, and the runs that follow from its rules.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Calendar, Dialect, Expression, ExpressionErrorKind as Kind, Field, ScheduleError};

/// Recorded: PutRule and CreateSchedule answered 200.
const RECORDED_CRON: &[&str] = &[
    "cron(0 2 ? * SAT *)",
    "cron(0 12 * * ? *)",
    "cron(5,35 14 * * ? *)",
    "cron(15 10 ? * 6L 2002-2005)",
    "cron(0 2 ? * SAT#3 *)",
    "cron(* * ? * SAT#3 *)",
    "cron(0/5 5 ? JAN 1-5 2022)",
    "cron(0 10 * * ? *)",
    "cron(15 12 * * ? *)",
    "cron(0 18 ? * MON-FRI *)",
    "cron(0 8 1 * ? *)",
    "cron(0/15 * * * ? *)",
    "cron(0/10 * ? * MON-FRI *)",
    "cron(0/5 8-17 ? * MON-FRI *)",
    "cron(0/30 20-23 ? * MON-FRI *)",
    "cron(0/30 0-2 ? * MON-FRI *)",
    "cron(0 20 * * ? *)",
    "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)",
    "cron(30-30 13-13 ? * 2,4,6 *)",
    "cron(1-31/30 1-1 ? * 1,7 *)",
    "cron(*/15 * * * ? *)",
    "cron(0-59/10 0-23/2 ? * * *)",
];

/// Documented forms.
const DOCUMENTED_CRON: &[&str] = &[
    "cron(1/10 * * * ? *)",
    "cron(0 9 3W * ? *)",
    "cron(0 9 L * ? *)",
    "cron(0 9 LW * ? *)",
    "cron(0 9 ? * FRIL *)",
    "cron(0 9 ? * L *)",
    "cron(0 9 ? * 3#2 *)",
    "cron(0 9 ? JAN-MAR,DEC SUN-SAT 1970-2199)",
    "cron(00 09 01 * ? *)",
    "cron(0 0 31 2 ? *)",
    "cron(0 0 1 1 ? 2020/2)",
];

#[test]
fn both_products_accept_the_recorded_and_documented_cron_forms() {
    for text in RECORDED_CRON.iter().chain(DOCUMENTED_CRON) {
        for parsed in [Expression::rule(text), Expression::scheduler(text)] {
            assert_eq!(parsed.unwrap().to_string(), *text);
        }
    }
}

#[test]
fn rates_and_one_time_schedules_are_accepted_where_the_product_has_them() {
    for text in ["rate(1 minute)", "rate(10 minutes)", "rate(1 hour)", "rate(2 hours)", "rate(1 day)", "rate(365 days)"]
    {
        Expression::rule(text).unwrap();
        Expression::scheduler(text).unwrap();
    }
    for text in ["rate(1 minutes)", "rate(10 minute)", "at(2022-12-31T23:59:59)", "at(2024-02-29T00:00:00)"] {
        Expression::scheduler(text).unwrap();
        Expression::rule(text).unwrap_err();
    }
}

#[test]
fn both_products_refuse_these_and_say_which_field_and_why() {
    let day_of_week = Some(Field::DayOfWeek);
    let day_of_month = Some(Field::DayOfMonth);
    let minutes = Some(Field::Minutes);
    #[rustfmt::skip]
    let refused = [
        // Recorded.
        ("cron(0 1 * * * *)", Kind::QuestionMark, day_of_week, "*"),
        ("cron(7 20 * * NOT *)", Kind::UnknownValue, day_of_week, "NOT"),
        ("cron(71 8 1 * ? *)", Kind::OutOfRange, minutes, "71"),
        ("cron(0 dummy ? * MON-FRI *)", Kind::UnknownValue, Some(Field::Hours), "dummy"),
        ("cron(INVALID)", Kind::FieldCount, None, "INVALID"),
        ("cron()", Kind::FieldCount, None, ""),
        ("rate(10 seconds)", Kind::RateUnit, None, "seconds"),
        ("rate(10 years)", Kind::RateUnit, None, "years"),
        ("rate()", Kind::RateUnit, None, ""),
        ("rate(10)", Kind::RateUnit, None, "10"),
        ("rate(10 minutess)", Kind::RateUnit, None, "minutess"),
        ("rate(foo minutes)", Kind::RateValue, None, "foo"),
        ("rate(0 minutes)", Kind::RateValue, None, "0"),
        ("rate(-10 minutes)", Kind::RateValue, None, "-10"),
        ("rate(10 MINUTES)", Kind::RateUnit, None, "MINUTES"),
        ("rate( 10 minutes )", Kind::Form, None, "rate( 10 minutes )"),
        (" rate(10 minutes)", Kind::Form, None, " rate(10 minutes)"),
        // Documented.
        ("cron(0 9 ? * ? *)", Kind::QuestionMark, day_of_week, "?"),
        ("cron(0 9 ? * 3#1,6#3 *)", Kind::Operator, day_of_week, "3#1,6#3"),
        ("cron(0 24 * * ? *)", Kind::OutOfRange, Some(Field::Hours), "24"),
        ("cron(0 9 0 * ? *)", Kind::OutOfRange, day_of_month, "0"),
        ("cron(0 9 32 * ? *)", Kind::OutOfRange, day_of_month, "32"),
        ("cron(0 9 32W * ? *)", Kind::OutOfRange, day_of_month, "32"),
        ("cron(0 9 1 13 ? *)", Kind::OutOfRange, Some(Field::Month), "13"),
        ("cron(0 9 ? * 0 *)", Kind::OutOfRange, day_of_week, "0"),
        ("cron(0 9 ? * 0-4 *)", Kind::OutOfRange, day_of_week, "0"),
        ("cron(0 9 ? * 8L *)", Kind::OutOfRange, day_of_week, "8"),
        ("cron(0 9 ? * 3#6 *)", Kind::OutOfRange, day_of_week, "3#6"),
        ("cron(0 9 ? * 3#0 *)", Kind::OutOfRange, day_of_week, "3#0"),
        ("cron(0 9 1 * ? 1969)", Kind::OutOfRange, Some(Field::Year), "1969"),
        ("cron(0 9 1 * ? 2200)", Kind::OutOfRange, Some(Field::Year), "2200"),
        ("cron(99999999999999999999 9 1 * ? *)", Kind::OutOfRange, minutes, "99999999999999999999"),
        ("cron(? 9 1 * ? *)", Kind::Operator, minutes, "?"),
        ("cron(0 L 1 * ? *)", Kind::Operator, Some(Field::Hours), "L"),
        ("cron(0 9 1 6L ? *)", Kind::Operator, Some(Field::Month), "6L"),
        ("cron(0 9 ? * 3W *)", Kind::Operator, day_of_week, "3W"),
        ("cron(0 9 1#2 * ? *)", Kind::Operator, day_of_month, "1#2"),
        // Not documented, so refused.
        ("cron(0 9 L-3 * ? *)", Kind::Operator, day_of_month, "L-3"),
        ("cron(0 9 1,L * ? *)", Kind::Operator, day_of_month, "1,L"),
        ("cron(0 9 1,15W * ? *)", Kind::Operator, day_of_month, "1,15W"),
        ("cron(0 9 1 * ? 2030-2020)", Kind::ReversedRange, Some(Field::Year), "2030-2020"),
        ("cron(0/0 9 1 * ? *)", Kind::Step, minutes, "0/0"),
        ("cron(0/90 9 1 * ? *)", Kind::Step, minutes, "0/90"),
        ("cron(/15 9 1 * ? *)", Kind::Step, minutes, "/15"),
        ("cron(0/ 9 1 * ? *)", Kind::Step, minutes, "0/"),
        ("cron(0/5/5 9 1 * ? *)", Kind::Step, minutes, "0/5/5"),
        ("cron(1,,2 9 1 * ? *)", Kind::UnknownValue, minutes, ""),
        ("cron(1, 9 1 * ? *)", Kind::UnknownValue, minutes, ""),
        ("cron(+1 9 1 * ? *)", Kind::UnknownValue, minutes, "+1"),
        ("cron(-1 9 1 * ? *)", Kind::UnknownValue, minutes, ""),
        ("cron(*,5 9 1 * ? *)", Kind::Operator, minutes, "*,5"),
        ("cron(0 9 ? * MONDAY *)", Kind::UnknownValue, day_of_week, "MONDAY"),
        ("cron(0  9 1 * ? *)", Kind::FieldCount, None, "0  9 1 * ? *"),
        ("cron(0\t9 1 * ? *)", Kind::FieldCount, None, "0\t9 1 * ? *"),
        ("cron(0 9 1 * ?)", Kind::FieldCount, None, "0 9 1 * ?"),
        ("cron(0 0 9 1 * ? *)", Kind::FieldCount, None, "0 0 9 1 * ? *"),
        ("cron(0 9 1 * ? *) ", Kind::Form, None, "cron(0 9 1 * ? *) "),
        ("CRON(0 9 1 * ? *)", Kind::Form, None, "CRON(0 9 1 * ? *)"),
        ("cron 0 9 1 * ? *", Kind::Form, None, "cron 0 9 1 * ? *"),
        ("0 9 1 * ? *", Kind::Form, None, "0 9 1 * ? *"),
        ("", Kind::Form, None, ""),
        ("rate(5  minutes)", Kind::RateUnit, None, " minutes"),
        ("rate(4294967296 days)", Kind::RateValue, None, "4294967296"),
    ];
    for (text, kind, field, value) in refused {
        for parsed in [Expression::rule(text), Expression::scheduler(text)] {
            let error = parsed.expect_err(text);
            assert_eq!((error.kind(), error.field(), error.value()), (kind, field, value), "{text}: {error}");
        }
    }
}

#[test]
fn one_product_alone_refuses_number_disagreement_and_odd_one_time_schedules() {
    for text in ["1 minutes", "1 hours", "1 days", "10 minute", "10 hour", "10 day"] {
        let text = format!("rate({text})");
        assert_eq!(Expression::rule(&text).unwrap_err().kind(), Kind::RateAgreement, "{text}");
    }
    for body in [
        "2021-12-31T23:59:59Z",
        "2021-12-31",
        "2021-12-31T23:59",
        "2021-12-31T23:59:59.5",
        "2021-12-31T23:59:59+01:00",
        "2021-12-31 23:59:59",
        "2021-02-29T00:00:00",
        "2021-13-01T00:00:00",
        "2021-12-31T24:00:00",
        "2021-12-31T23:59:60",
        "+021-12-31T23:59:59",
        "2021-12-31T23:59:5ö",
        "",
    ] {
        let text = format!("at({body})");
        assert_eq!(Expression::scheduler(&text).unwrap_err().kind(), Kind::DateTime, "{text}");
        assert_eq!(Expression::rule(&text).unwrap_err().kind(), Kind::OneTimeInRule, "{text}");
    }
}

#[test]
fn an_expression_has_at_most_256_characters() {
    let with_minutes = |count: usize| format!("cron({}0 0 1 * ? *)", "1,".repeat(count));
    let longest = with_minutes(119);
    assert_eq!(longest.len(), 255);
    Expression::rule(&longest).unwrap();
    let error = Expression::rule(&with_minutes(120)).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLong);
    assert!(error.to_string().contains("at most 256 characters, this one has 257"), "{error}");
    assert!(error.to_string().len() < 250, "{error}");
}

#[test]
fn errors_name_the_fix() {
    #[rustfmt::skip]
    let fixes = [
        ("cron(0 1 * * * *)", "use `?` in day-of-week: `cron(0 1 * * ? *)`"),
        ("cron(0 1 * * MON *)", "use `?` in day-of-month: `cron(0 1 ? * MON *)`"),
        ("cron(0 1 1 * MON *)", "put `?` in one of the two; AWS cannot combine them"),
        ("cron(0 1 ? * ? *)", "use `*` in day-of-month: `cron(0 1 * * ? *)`"),
        ("cron(0 1 ? * 0 *)", "unlike in Unix cron, 1 is Sunday and 7 is Saturday: use `1` or `SUN`"),
        ("cron(0 9 1 * ? 2030-2020)", "write `2020-2030`"),
        ("0 3 * * *", "write `cron(0 3 * * ? *)`"),
        ("*/5 9-17 * * 1-5", "write `cron(*/5 9-17 ? * MON-FRI *)`"),
        ("0 3 * * * *", "write `cron(0 3 * * ? *)`"),
        ("0 0 3 * * *", "write `cron(0 0 3 * ? *)`"),
        ("cron(0 3 * * 5-0)", "this looks like Unix cron; in AWS it is `cron(0 3 ? * FRI-SUN *)`"),
        ("cron(/15 1 1 * ? *)", "write `*/15` or `0/15`"),
        ("cron(0 12 * * *)", "this looks like Unix cron; in AWS it is `cron(0 12 * * ? *)`"),
        ("cron(0 12 * * 1-5)", "this looks like Unix cron; in AWS it is `cron(0 12 ? * MON-FRI *)`"),
        ("cron(0 12 * * 0,6)", "this looks like Unix cron; in AWS it is `cron(0 12 ? * SUN,SAT *)`"),
        ("cron(0 12 1 * 1)", "this looks like Unix cron; in AWS it is two expressions: `cron(0 12 1 * ? *)` and `cron(0 12 ? * MON *)`"),
        ("cron(0 0 12 * * ? *)", "this looks like Quartz; AWS has no seconds: `cron(0 12 * * ? *)`"),
        ("cron(0  12 * * ? *)", "write `cron(0 12 * * ? *)`"),
        ("0 12 * * ? *", "write `cron(0 12 * * ? *)`"),
        (" Cron(0 12 * * ? *)", "write `cron(0 12 * * ? *)`"),
        ("rate( 5 minutes)", "write `rate(5 minutes)`"),
        ("rate(1 minutes)", "write `rate(1 minute)`"),
        ("rate(2 hour)", "write `rate(2 hours)`"),
        ("rate(2 weeks)", "write `rate(14 days)`"),
        ("rate(30 seconds)", "the shortest period is one minute"),
        ("rate(1 Weeks)", "write `rate(7 days)`"),
        ("RATE(10 MINUTE)", "write `rate(10 minutes)`"),
        ("rate(10  minutes)", "write `rate(10 minutes)`"),
    ];
    for (text, fix) in fixes {
        assert_eq!(Expression::rule(text).unwrap_err().fix(), Some(fix), "{text}");
    }
}

#[test]
fn errors_read_as_a_sentence_and_carry_the_message_of_aws() {
    let rule = Expression::rule("cron(71 8 1 * ? *)").unwrap_err();
    assert_eq!(
        rule.to_string(),
        r#"invalid schedule expression "cron(71 8 1 * ? *)": minutes "71": the minutes field is 0 to 59"#
    );
    assert_eq!((rule.dialect(), rule.rule()), (Dialect::Rule, "the minutes field is 0 to 59"));
    assert_eq!(rule.aws_message(), "Parameter ScheduleExpression is not valid.");
    let scheduler = Expression::scheduler(" rate(10 minutes)").unwrap_err();
    assert_eq!(scheduler.aws_message(), "Invalid Schedule Expression  rate(10 minutes).");
}

#[test]
fn explanations_are_plain_english() {
    #[rustfmt::skip]
    let explained = [
        ("cron(0 2 ? * SAT#3 *)", "at 02:00 UTC on the third Saturday of every month"),
        ("cron(0 12 * * ? *)", "at 12:00 UTC every day"),
        ("cron(5,35 14 * * ? *)", "at 14:05 and 14:35 UTC every day"),
        ("cron(* * * * ? *)", "every minute"),
        ("cron(0/15 * * * ? *)", "every 15 minutes"),
        ("cron(0/10 * ? * MON-FRI *)", "every 10 minutes, Monday to Friday (days of UTC)"),
        ("cron(0/7 * * * ? *)", "at minutes 0, 7, …, 56 of every hour"),
        ("cron(5 * * * ? *)", "every hour at minute 5"),
        ("cron(0 8-17 ? * MON,FRI *)", "every hour from 08:00 to 17:00 UTC on Mondays and Fridays"),
        ("cron(0-59/10 0-23/2 ? * * *)", "every 10 minutes in the hours 00, 02, …, 22 UTC every day"),
        ("cron(0 18 ? * MON-FRI *)", "at 18:00 UTC, Monday to Friday"),
        ("cron(0 8 1,15 * ? *)", "at 08:00 UTC on the 1st and 15th of every month"),
        ("cron(0 8 22-24 MAR ? *)", "at 08:00 UTC on the 22nd to 24th of March"),
        ("cron(0 9 L * ? *)", "at 09:00 UTC on the last day of every month"),
        ("cron(0 9 LW JUN,DEC ? *)", "at 09:00 UTC on the last weekday (Monday to Friday) of June and December"),
        ("cron(0 9 11W * ? *)", "at 09:00 UTC on the weekday (Monday to Friday) nearest to the 11th of every month"),
        ("cron(0 9 ? * FRIL *)", "at 09:00 UTC on the last Friday of every month"),
        ("cron(0 9 ? * L *)", "at 09:00 UTC on Saturdays"),
        ("cron(15 10 ? * 6L 2002-2005)", "at 10:15 UTC on the last Friday of every month, only in 2002 to 2005 (weekday numbers count from 1 = Sunday)"),
        ("cron(0/5 5 ? JAN 1-5 2022)", "every 5 minutes from 05:00 to 05:59 UTC, Sunday to Thursday in January, only in 2022 (weekday numbers count from 1 = Sunday)"),
        ("cron(0 0 31 2 ? *)", "at 00:00 UTC on the 31st of February; no such date exists, so it never runs"),
        ("rate(1 minute)", "every minute"),
        ("rate(5 hours)", "every 5 hours"),
        ("rate(1 day)", "every day (every 24 hours)"),
        ("at(2026-01-02T03:04:05)", "once, on 2026-01-02 at 03:04:05 UTC"),
    ];
    for (text, explanation) in explained {
        assert_eq!(Expression::scheduler(text).unwrap().explain(), explanation, "{text}");
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn schedule(text: &str, created: &str) -> Calendar {
    Calendar::new(Expression::scheduler(text).unwrap(), at(created))
}

/// The first runs as wall times without seconds, as the table writes them.
fn wall_times(schedule: &Calendar, after: &str, count: usize, format: &str) -> Vec<String> {
    let zone = schedule.time_zone().clone();
    let runs = schedule.runs_after(at(after)).take(count);
    runs.map(|run| run.to_zoned(zone.clone()).strftime(format).to_string()).collect()
}

#[test]
fn next_runs_in_utc_follow_the_rules() {
    #[rustfmt::skip]
    let vectors: &[(&str, &[&str])] = &[
        ("0 2 ? * SAT#3 *", &["2025-01-18T02:00", "2025-02-15T02:00", "2025-03-15T02:00"]),
        ("15 10 ? * 6L 2025", &["2025-01-31T10:15", "2025-02-28T10:15", "2025-03-28T10:15"]),
        ("0 12 L * ? *", &["2025-01-31T12:00", "2025-02-28T12:00", "2025-03-31T12:00"]),
        ("0 9 1W * ? *", &["2025-01-01T09:00", "2025-02-03T09:00", "2025-03-03T09:00", "2025-04-01T09:00", "2025-05-01T09:00", "2025-06-02T09:00"]),
        ("0 9 15W * ? *", &["2025-01-15T09:00", "2025-02-14T09:00", "2025-03-14T09:00"]),
        ("0 9 LW * ? *", &["2025-01-31T09:00", "2025-02-28T09:00", "2025-03-31T09:00"]),
        ("0 18 ? * MON-FRI *", &["2025-01-01T18:00", "2025-01-02T18:00", "2025-01-03T18:00", "2025-01-06T18:00"]),
        ("5,35 14 * * ? *", &["2025-01-01T14:05", "2025-01-01T14:35", "2025-01-02T14:05"]),
        ("0/15 * * * ? *", &["2025-01-01T00:15", "2025-01-01T00:30", "2025-01-01T00:45", "2025-01-01T01:00"]),
        ("1-31/30 1-1 ? * 1,7 *", &["2025-01-04T01:01", "2025-01-04T01:31", "2025-01-05T01:01", "2025-01-05T01:31"]),
        ("30-30 13-13 ? * 2,4,6 *", &["2025-01-01T13:30", "2025-01-03T13:30", "2025-01-06T13:30"]),
        ("0-59/10 0-23/2 ? * * *", &["2025-01-01T00:10", "2025-01-01T00:20", "2025-01-01T00:30", "2025-01-01T00:40", "2025-01-01T00:50", "2025-01-01T02:00", "2025-01-01T02:10"]),
        ("0 10 ? * 3#5 *", &["2025-04-29T10:00", "2025-07-29T10:00", "2025-09-30T10:00", "2025-12-30T10:00"]),
        ("0 0 29 2 ? *", &["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
        ("0 0 31 * ? *", &["2025-01-31T00:00", "2025-03-31T00:00", "2025-05-31T00:00", "2025-07-31T00:00"]),
        ("0 12 ? * L *", &["2025-01-04T12:00", "2025-01-11T12:00"]),
        ("1/10 3 ? * * *", &["2025-01-01T03:01", "2025-01-01T03:11", "2025-01-01T03:21", "2025-01-01T03:31", "2025-01-01T03:41", "2025-01-01T03:51", "2025-01-02T03:01"]),
    ];
    const CREATED: &str = "2025-01-01T00:00:00Z";
    for (fields, expected) in vectors {
        let schedule = schedule(&format!("cron({fields})"), CREATED);
        assert_eq!(wall_times(&schedule, CREATED, expected.len(), "%Y-%m-%dT%H:%M"), *expected, "{fields}");
    }
}

#[test]
fn next_runs_in_a_zone_skip_gaps_and_run_once_in_overlaps() {
    #[rustfmt::skip]
    let vectors: &[(&str, &str, &str, &[&str])] = &[
        ("30 2 * * ? *", "America/New_York", "2025-03-08T00:00:00Z", &["03-08T02:30-0500", "03-10T02:30-0400", "03-11T02:30-0400"]),
        ("0/30 1-3 * * ? *", "America/New_York", "2025-03-09T05:00:00Z", &["03-09T01:00-0500", "03-09T01:30-0500", "03-09T03:00-0400", "03-09T03:30-0400", "03-10T01:00-0400"]),
        ("30 1 * * ? *", "America/New_York", "2025-11-01T00:00:00Z", &["11-01T01:30-0400", "11-02T01:30-0400", "11-03T01:30-0500"]),
        ("0/30 0-2 * * ? *", "America/New_York", "2025-11-02T03:00:00Z", &["11-02T00:00-0400", "11-02T00:30-0400", "11-02T01:00-0400", "11-02T01:30-0400", "11-02T02:00-0500", "11-02T02:30-0500"]),
        ("30 2 * * ? *", "Europe/Berlin", "2025-03-29T00:00:00Z", &["03-29T02:30+0100", "03-31T02:30+0200", "04-01T02:30+0200"]),
        ("0 9 ? * MON-FRI *", "America/New_York", "2025-03-07T20:00:00Z", &["03-10T09:00-0400", "03-11T09:00-0400", "03-12T09:00-0400"]),
        // From inside the second pass of the repeated hour.
        ("0/30 * * * ? *", "America/New_York", "2025-11-02T06:10:00Z", &["11-02T02:00-0500", "11-02T02:30-0500"]),
    ];
    for (fields, zone, after, expected) in vectors {
        let schedule = schedule(&format!("cron({fields})"), after).with_time_zone(zone).unwrap();
        assert_eq!(wall_times(&schedule, after, expected.len(), "%m-%dT%H:%M%z"), *expected, "{fields} {zone}");
    }
}

#[test]
fn schedules_that_never_run_again_say_so_at_once() {
    for fields in
        ["15 10 ? * 6L 2002-2005", "0/5 5 ? JAN 1-5 2022", "0 0 31 2 ? *", "0 0 30 FEB ? *", "0 0 31 4,6,9,11 ? *"]
    {
        let schedule = schedule(&format!("cron({fields})"), "2025-01-01T00:00:00Z");
        assert_eq!(schedule.next_after(at("2025-01-01T00:00:00Z")), None, "{fields}");
    }
    let yearly = schedule("cron(0 0 1 1 ? *)", "2190-06-01T00:00:00Z");
    assert_eq!(yearly.runs_after(at("2190-06-01T00:00:00Z")).count(), 9);
    let daily = schedule("rate(1 day)", "2199-12-30T00:00:00Z");
    assert_eq!(daily.runs_after(at("2199-12-30T00:00:00Z")).count(), 1);
}

#[test]
fn a_run_is_strictly_after_the_reference_instant() {
    let daily = schedule("cron(0 12 * * ? *)", "2025-01-01T00:00:00Z");
    assert_eq!(daily.next_after(at("2025-01-01T12:00:00Z")), Some(at("2025-01-02T12:00:00Z")));
    assert_eq!(daily.next_after(at("2025-01-01T11:59:59.999999999Z")), Some(at("2025-01-01T12:00:00Z")));
    assert_eq!(daily.next_after(at("2025-01-01T12:00:00.000000001Z")), Some(at("2025-01-02T12:00:00Z")));
}

#[test]
fn a_rate_counts_from_creation_in_both_products() {
    const CREATED: &str = "2025-01-01T00:00:30.5Z";
    let rule = Calendar::new(Expression::rule("rate(5 minutes)").unwrap(), at(CREATED));
    let scheduler = Calendar::new(Expression::scheduler("rate(5 minutes)").unwrap(), at(CREATED));
    assert_eq!(rule.first_run(), Some(at("2025-01-01T00:05:30.5Z")));
    assert_eq!(scheduler.first_run(), Some(at(CREATED)));
    for schedule in [rule, scheduler] {
        let runs: Vec<_> = schedule.runs_after(at(CREATED)).take(2).collect();
        assert_eq!(runs, [at("2025-01-01T00:05:30.5Z"), at("2025-01-01T00:10:30.5Z")]);
        assert_eq!(schedule.next_after(at("2025-01-01T00:09:00Z")), Some(at("2025-01-01T00:10:30.5Z")));
    }
}

#[test]
fn a_rate_of_a_day_is_24_hours_across_a_clock_change() {
    let schedule = schedule("rate(1 day)", "2025-03-08T12:00:00Z").with_time_zone("America/New_York").unwrap();
    let runs = wall_times(&schedule, "2025-03-08T12:00:00Z", 2, "%m-%dT%H:%M");
    assert_eq!(runs, ["03-09T08:00", "03-10T08:00"]);
}

#[test]
fn start_and_end_dates_are_inclusive_and_a_rate_counts_from_the_start() {
    let created = "2025-01-01T00:00:00Z";
    let bounded = |text: &str| {
        let schedule = schedule(text, created).with_start(at("2025-01-01T06:00:00Z")).unwrap();
        let schedule = schedule.with_end(at("2025-01-01T10:00:00Z")).unwrap();
        wall_times(&schedule, created, 10, "%H:%M")
    };
    assert_eq!(bounded("cron(0 0/2 * * ? *)"), ["06:00", "08:00", "10:00"]);
    assert_eq!(bounded("rate(2 hours)"), ["06:00", "08:00", "10:00"]);
    assert_eq!(bounded("rate(3 hours)"), ["06:00", "09:00"]);
    // "StartDate and EndDate are ignored for one-time schedules".
    assert_eq!(bounded("at(2025-01-01T05:00:00)"), ["05:00"]);
}

#[test]
fn a_one_time_schedule_runs_once_in_its_zone_and_not_in_a_gap_or_the_past() {
    let run = |text: &str, zone: &str| {
        let schedule = schedule(text, "2025-01-01T00:00:00Z").with_time_zone(zone).unwrap();
        assert!(schedule.expression().is_one_time());
        schedule.runs_after(Timestamp::UNIX_EPOCH).map(|run| run.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(run("at(2025-06-01T10:00:05)", "Europe/Berlin"), ["2025-06-01T08:00:05Z"]);
    assert_eq!(run("at(2025-11-02T01:30:00)", "America/New_York"), ["2025-11-02T05:30:00Z"]);
    assert_eq!(run("at(2025-03-09T02:30:00)", "America/New_York"), [""; 0]);
    assert_eq!(run("at(2022-12-31T23:59:59)", "UTC"), [""; 0]);
}

#[test]
fn zones_are_exact_iana_names_and_only_scheduler_has_them() {
    let schedule = schedule("cron(0 9 * * ? *)", "2025-01-01T00:00:00Z");
    assert_eq!(schedule.time_zone(), &TimeZone::UTC);
    for name in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
        assert_eq!(schedule.clone().with_time_zone(name).unwrap().time_zone().iana_name(), Some(name));
    }
    let long = "x".repeat(51);
    for name in ["", "Mars/Olympus", "+02:00", "europe/berlin", "Etc/Unknown", " UTC", &long] {
        let error = schedule.clone().with_time_zone(name).unwrap_err();
        assert!(matches!(&error, ScheduleError::UnknownTimeZone { name: given, .. } if given == name), "{error}");
    }
    assert_eq!(
        schedule.clone().with_time_zone("europe/berlin").unwrap_err().to_string(),
        "unknown time zone \"europe/berlin\": it must be a name of the IANA time zone database; write `Europe/Berlin`"
    );
    let rule = Calendar::new(Expression::rule("rate(1 day)").unwrap(), at("2025-01-01T00:00:00Z"));
    assert_eq!(rule.clone().with_time_zone("UTC"), Err(ScheduleError::NotInRule { setting: "time zone" }));
    assert_eq!(rule.with_end(Timestamp::MAX), Err(ScheduleError::NotInRule { setting: "end date" }));
}

#[test]
fn an_end_before_the_start_is_refused() {
    let start = at("2025-01-02T00:00:00Z");
    let end = at("2025-01-01T00:00:00Z");
    let schedule = schedule("rate(1 day)", "2025-01-01T00:00:00Z");
    let refused = Err(ScheduleError::EndBeforeStart { start, end });
    assert_eq!(schedule.clone().with_start(start).unwrap().with_end(end), refused);
    assert_eq!(schedule.with_end(end).unwrap().with_start(start), refused);
}
