//! Random expressions against an independent scanner that looks at every minute (or day) with its own field matcher.

use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{Calendar, Expression};

/// Always the same cases, so that a failure seen once is seen again.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// One member of a list, as written.
#[derive(Debug, Clone)]
enum Item {
    Star,
    One(i16),
    Range(i16, i16),
    StepFrom(i16, i16),
    StepStar(i16),
    StepRange(i16, i16, i16),
}

impl Item {
    fn matches(&self, min: i16, value: i16) -> bool {
        match *self {
            Item::Star => true,
            Item::One(one) => value == one,
            Item::Range(first, last) => first <= value && value <= last,
            Item::StepFrom(first, step) => value >= first && (value - first) % step == 0,
            Item::StepStar(step) => (value - min) % step == 0,
            Item::StepRange(first, last, step) => first <= value && value <= last && (value - first) % step == 0,
        }
    }

    fn text(&self, name: &dyn Fn(i16) -> String) -> String {
        match *self {
            Item::Star => "*".to_owned(),
            Item::One(one) => name(one),
            Item::Range(first, last) => format!("{}-{}", name(first), name(last)),
            Item::StepFrom(first, step) => format!("{}/{step}", name(first)),
            Item::StepStar(step) => format!("*/{step}"),
            Item::StepRange(first, last, step) => format!("{}-{}/{step}", name(first), name(last)),
        }
    }
}

#[derive(Debug, Clone)]
struct List {
    min: i16,
    items: Vec<Item>,
}

impl List {
    fn matches(&self, value: i16) -> bool {
        self.items.iter().any(|item| item.matches(self.min, value))
    }

    fn text(&self, name: &dyn Fn(i16) -> String) -> String {
        self.items.iter().map(|item| item.text(name)).collect::<Vec<_>>().join(",")
    }
}

#[derive(Debug, Clone)]
enum Days {
    OfMonth(List),
    OfWeek(List),
    Last,
    LastWeekday,
    Nearest(i8),
    LastOf(i8),
    Nth(i8, i8),
}

#[derive(Debug, Clone)]
struct Case {
    minutes: List,
    hours: List,
    days: Days,
    months: List,
    years: List,
    names: bool,
}

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// 1 is Sunday.
fn aws_weekday(date: Date) -> i16 {
    match date.weekday() {
        Weekday::Sunday => 1,
        Weekday::Monday => 2,
        Weekday::Tuesday => 3,
        Weekday::Wednesday => 4,
        Weekday::Thursday => 5,
        Weekday::Friday => 6,
        Weekday::Saturday => 7,
    }
}

fn is_work_day(date: Date) -> bool {
    (2..=6).contains(&aws_weekday(date))
}

impl Case {
    fn text(&self) -> String {
        let number = |value: i16| value.to_string();
        let month = |value: i16| if self.names { MONTHS[value as usize - 1].to_owned() } else { value.to_string() };
        let weekday = |value: i16| if self.names { WEEKDAYS[value as usize - 1].to_owned() } else { value.to_string() };
        let (of_month, of_week) = match &self.days {
            Days::OfMonth(list) => (list.text(&number), "?".to_owned()),
            Days::OfWeek(list) => ("?".to_owned(), list.text(&weekday)),
            Days::Last => ("L".to_owned(), "?".to_owned()),
            Days::LastWeekday => ("LW".to_owned(), "?".to_owned()),
            Days::Nearest(day) => (format!("{day}W"), "?".to_owned()),
            Days::LastOf(day) => ("?".to_owned(), format!("{}L", weekday((*day).into()))),
            Days::Nth(day, nth) => ("?".to_owned(), format!("{}#{nth}", weekday((*day).into()))),
        };
        let (minutes, hours) = (self.minutes.text(&number), self.hours.text(&number));
        format!(
            "cron({minutes} {hours} {of_month} {} {of_week} {})",
            self.months.text(&month),
            self.years.text(&number)
        )
    }

    fn matches_date(&self, date: Date) -> bool {
        self.years.matches(date.year()) && self.months.matches(date.month().into()) && self.matches_day(date)
    }

    fn matches_day(&self, day: Date) -> bool {
        let end = day.last_of_month();
        let weekday = aws_weekday(day);
        match &self.days {
            Days::OfMonth(list) => list.matches(day.day().into()),
            Days::OfWeek(list) => list.matches(weekday),
            Days::Last => day == end,
            Days::LastWeekday => {
                is_work_day(day) && (day.day() + 1..=end.day()).all(|later| !is_work_day(on(day, later)))
            }
            Days::LastOf(wanted) => weekday == i16::from(*wanted) && day.day() + 7 > end.day(),
            Days::Nth(wanted, nth) => weekday == i16::from(*wanted) && (day.day() + 6) / 7 == *nth,
            Days::Nearest(wanted) => {
                // By distance, ties cannot happen: of the two neighbours of a weekend day only one is a work day.
                let work_days = (1..=end.day()).filter(|candidate| is_work_day(on(day, *candidate)));
                let nearest = work_days.min_by_key(|candidate| (candidate - wanted).abs());
                *wanted <= end.day() && nearest == Some(day.day())
            }
        }
    }

    fn matches_time(&self, time: DateTime) -> bool {
        self.minutes.matches(time.minute().into()) && self.hours.matches(time.hour().into())
    }
}

fn on(month: Date, day: i8) -> Date {
    date(month.year(), month.month(), day)
}

fn item(min: i16, max: i16, max_step: i16) -> impl Strategy<Value = Item> {
    let value = min..=max;
    let pair = (min..=max, min..=max).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop_oneof![
        4 => value.clone().prop_map(Item::One),
        2 => pair.clone().prop_map(|(first, last)| Item::Range(first, last)),
        2 => (value, 1..=max_step).prop_map(|(first, step)| Item::StepFrom(first, step)),
        1 => (1..=max_step).prop_map(Item::StepStar),
        1 => (pair, 1..=max_step).prop_map(|((first, last), step)| Item::StepRange(first, last, step)),
    ]
}

fn list(min: i16, max: i16) -> impl Strategy<Value = List> {
    prop_oneof![
        2 => Just(vec![Item::Star]),
        3 => proptest::collection::vec(item(min, max, max.min(9)), 1..4),
    ]
    .prop_map(move |items| List { min, items })
}

fn years() -> impl Strategy<Value = List> {
    let near = proptest::collection::vec(item(2010, 2030, 9), 1..3);
    prop_oneof![4 => Just(vec![Item::Star]), 1 => near].prop_map(|items| {
        // `*/n` counts from the first year of the field, not from the years generated here.
        List { min: 1970, items }
    })
}

fn days() -> impl Strategy<Value = Days> {
    prop_oneof![
        3 => list(1, 31).prop_map(Days::OfMonth),
        3 => list(1, 7).prop_map(Days::OfWeek),
        1 => Just(Days::Last),
        1 => Just(Days::LastWeekday),
        1 => (1..=31_i8).prop_map(Days::Nearest),
        1 => (1..=7_i8).prop_map(Days::LastOf),
        1 => (1..=7_i8, 1..=5_i8).prop_map(|(day, nth)| Days::Nth(day, nth)),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    (list(0, 59), list(0, 23), days(), list(1, 12), years(), any::<bool>())
        .prop_map(|(minutes, hours, days, months, years, names)| Case { minutes, hours, days, months, years, names })
}

/// Every minute of some weeks in a zone with the wall time, except those whose wall time was there before.
struct Window {
    zone: &'static str,
    start: Timestamp,
    end: Timestamp,
    minutes: Vec<(Timestamp, DateTime)>,
}

impl Window {
    fn new(zone: &'static str, start: &str) -> Self {
        const MINUTE: SignedDuration = SignedDuration::from_mins(1);
        let time_zone = TimeZone::get(zone).unwrap();
        let start: Timestamp = start.parse().unwrap();
        let end = start + SignedDuration::from_hours(24 * 45);
        // Four hours more at the front, to know which wall times are repetitions.
        let mut now = start - SignedDuration::from_hours(4);
        let mut latest_wall = DateTime::MIN;
        let mut minutes = Vec::new();
        while now < end {
            let wall = time_zone.to_datetime(now);
            if wall > latest_wall {
                latest_wall = wall;
                if now > start {
                    minutes.push((now, wall));
                }
            }
            now += MINUTE;
        }
        Self { zone, start, end, minutes }
    }
}

#[test]
fn next_runs_equal_a_scan_of_every_minute_in_every_zone() {
    let windows = [
        Window::new("UTC", "2024-02-01T00:00:00Z"),
        Window::new("UTC", "2025-12-10T11:59:00Z"),
        Window::new("America/New_York", "2025-02-20T05:00:00Z"),
        Window::new("America/New_York", "2025-11-02T05:20:00Z"),
        Window::new("America/New_York", "2025-11-02T06:20:00Z"),
        Window::new("Europe/Berlin", "2025-03-01T00:00:00Z"),
        // Half an hour of summer time; a date that never was; offsets of a quarter of an hour.
        Window::new("Australia/Lord_Howe", "2025-03-20T00:00:00Z"),
        Window::new("Pacific/Apia", "2011-12-15T00:00:00Z"),
        Window::new("Asia/Kathmandu", "2025-01-20T00:00:00Z"),
    ];
    let strategy = (case(), 0..windows.len());
    let result = runner(700).run(&strategy, |(case, window)| {
        const COMPARED: usize = 250;
        let window = &windows[window];
        let text = case.text();
        let expression = Expression::scheduler(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let schedule = Calendar::new(expression, window.start).with_time_zone(window.zone).unwrap();

        let mut date = (Date::MIN, false);
        let scanned = window.minutes.iter().filter(|(_, wall)| {
            if date.0 != wall.date() {
                date = (wall.date(), case.matches_date(wall.date()));
            }
            date.1 && case.matches_time(*wall)
        });
        let expected: Vec<Timestamp> = scanned.map(|(instant, _)| *instant).take(COMPARED).collect();
        let runs = schedule.runs_after(window.start).take_while(|run| *run < window.end);
        let actual: Vec<Timestamp> = runs.take(COMPARED).collect();
        prop_assert_eq!(actual, expected, "{} in {} from {}", text, window.zone, window.start);
        Ok(())
    });
    result.unwrap();
}

#[test]
fn matching_dates_equal_a_scan_of_every_day_over_years() {
    let first = date(2010, 12, 31);
    let last = date(2026, 12, 31);
    let created = first.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    let result = runner(400).run(&case(), |mut case| {
        // One run a day, so that each run is a date.
        case.minutes.items = vec![Item::One(0)];
        case.hours.items = vec![Item::One(0)];
        let text = case.text();
        let schedule = Calendar::new(Expression::rule(&text).unwrap(), created);
        let expected: Vec<Date> =
            first.tomorrow().unwrap().series(jiff::Span::new().days(1)).take_while(|day| *day <= last).collect();
        let expected: Vec<Date> = expected.into_iter().filter(|day| case.matches_date(*day)).take(400).collect();
        let dates = schedule.runs_after(created).map(|run| TimeZone::UTC.to_datetime(run).date());
        let actual: Vec<Date> = dates.take_while(|day| *day <= last).take(400).collect();
        prop_assert_eq!(actual, expected, "{}", text);
        Ok(())
    });
    result.unwrap();
}

#[test]
fn parsing_and_displaying_again_gives_an_equal_expression() {
    let rates = (1..500_u32, prop_oneof![Just("minutes"), Just("hours"), Just("days")]);
    let texts =
        prop_oneof![case().prop_map(|case| case.text()), rates.prop_map(|(n, unit)| format!("rate({n} {unit})"))];
    let result = runner(400).run(&texts, |text| {
        let expression = Expression::scheduler(&text).unwrap();
        prop_assert_eq!(expression.to_string(), &*text);
        prop_assert_eq!(&expression.to_string().parse::<Expression>().unwrap(), &expression);
        prop_assert!(!expression.explain().is_empty());
        Ok(())
    });
    result.unwrap();
}

#[test]
fn arbitrary_text_is_an_expression_or_an_error_and_never_a_panic() {
    let token = || "[0-9A-Z*?/,#LW-]{0,9}";
    let near_cron = (token(), token(), token(), token(), token(), token());
    let texts = prop_oneof![
        any::<String>(),
        "(cron|rate|at)\\(\\PC{0,40}\\)",
        "at\\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{6,9}\\)",
        "rate\\([0-9]{1,12} (minute|hour|day)s?\\)",
        "[ -~]{250,270}",
        near_cron.prop_map(|(a, b, c, d, e, f)| format!("cron({a} {b} {c} {d} {e} {f})")),
        near_unix(),
    ];
    let instants = [Timestamp::MIN, Timestamp::UNIX_EPOCH, "2026-01-01T00:00:00Z".parse().unwrap(), Timestamp::MAX];
    let result = runner(3000).run(&texts, |text| {
        for parsed in [Expression::rule(&text), Expression::scheduler(&text)] {
            match parsed {
                Ok(expression) => {
                    prop_assert_eq!(expression.as_str(), &*text);
                    prop_assert!(!expression.explain().is_empty());
                    for created in instants {
                        let schedule = Calendar::new(expression.clone(), created);
                        for after in instants {
                            prop_assert!(schedule.next_after(after).is_none_or(|run| run > after && run >= created));
                        }
                    }
                }
                Err(error) => {
                    prop_assert_eq!(error.expression(), &*text);
                    prop_assert!(!error.rule().is_empty());
                    prop_assert!(error.to_string().starts_with("invalid schedule expression "));
                }
            }
        }
        Ok(())
    });
    result.unwrap();
}

fn near_unix() -> impl Strategy<Value = String> {
    let part = || "[0-9*,/A-Z-]{1,5}";
    (part(), part(), part(), part(), part()).prop_map(|(a, b, c, d, e)| format!("cron({a} {b} {c} {d} {e})"))
}
