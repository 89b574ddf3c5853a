//! A cron expression in plain English.

use super::cron::{Cron, Days};
use super::field::Values;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const NTH: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

/// Up to so many times of day are listed one by one.
const LISTED_TIMES: usize = 6;

/// Longer regular lists are cut in the middle.
const LISTED_VALUES: usize = 8;

/// The whole phrase, with clock times in the named zone.
pub(super) fn cron(cron: &Cron, zone: &str) -> String {
    let mut text = times(cron, zone);
    text.push_str(&days(cron));
    if cron.hours.is_all() && cron.days != Days::Every {
        text.push_str(&format!(" (days of {zone})"));
    }
    if !cron.years.is_all() {
        let years = cron.years.numbers();
        text.push_str(&format!(", only in {}", series(years, |year| year.to_string())));
    }
    if cron.weekday_by_number {
        text.push_str(" (weekday numbers count from 1 = Sunday)");
    }
    if !cron.has_dates() {
        text.push_str("; no such date exists, so it never runs");
    }
    text
}

fn times(cron: &Cron, zone: &str) -> String {
    let (minutes, hours) = (cron.minutes.numbers(), cron.hours.numbers());
    if minutes.len() * hours.len() <= LISTED_TIMES {
        let clock = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}")));
        return format!("at {} {zone}", join(clock.collect()));
    }
    let (first_hour, last_hour) = (hours[0], hours[hours.len() - 1]);
    if let &[minute] = minutes {
        return if cron.hours.is_all() {
            format!("every hour at minute {minute}")
        } else if is_run(hours) {
            format!("every hour from {first_hour:02}:{minute:02} to {last_hour:02}:{minute:02} {zone}")
        } else {
            format!("at minute {minute}{}", in_hours(&cron.hours, zone))
        };
    }
    let (interval, regular) = minute_phrase(&cron.minutes);
    match (cron.hours.is_all(), regular) {
        (true, true) => interval,
        (true, false) => format!("{interval} of every hour"),
        (false, _) if is_run(hours) => format!("{interval} from {first_hour:02}:00 to {last_hour:02}:59 {zone}"),
        (false, _) => format!("{interval}{}", in_hours(&cron.hours, zone)),
    }
}

fn in_hours(hours: &Values, zone: &str) -> String {
    format!(" in the hours {} {zone}", series(hours.numbers(), |hour| format!("{hour:02}")))
}

/// The minutes of an hour with two or more of them, and whether the phrase speaks of the whole hour.
fn minute_phrase(minutes: &Values) -> (String, bool) {
    let numbers = minutes.numbers();
    if minutes.is_all() {
        return ("every minute".to_owned(), true);
    }
    let fills_the_hour = |step: &u16| numbers[0] == 0 && usize::from(*step) * numbers.len() == 60;
    if let Some(step) = step(numbers).filter(fills_the_hour) {
        return (format!("every {step} minutes"), true);
    }
    (format!("at minutes {}", series(numbers, |minute| minute.to_string())), false)
}

fn days(cron: &Cron) -> String {
    let all_months = cron.months.is_all();
    let months = series(cron.months.numbers(), |month| MONTHS[usize::from(month) - 1].to_owned());
    let of_months = if all_months { "every month".to_owned() } else { months.clone() };
    let in_months = if all_months { String::new() } else { format!(" in {months}") };
    let weekday = |day: u16| WEEKDAYS[usize::from(day) - 1].to_owned();
    match &cron.days {
        Days::Every if cron.hours.is_all() => in_months,
        Days::Every => format!(" every day{in_months}"),
        Days::OfMonth(days) => format!(" on the {} of {of_months}", series(days.numbers(), ordinal)),
        Days::Last => format!(" on the last day of {of_months}"),
        Days::LastWeekday => format!(" on the last weekday (Monday to Friday) of {of_months}"),
        Days::NearestWeekday(day) => {
            format!(" on the weekday (Monday to Friday) nearest to the {} of {of_months}", ordinal(*day))
        }
        Days::OfWeek(days) if days.is_all() => format!(" every day{in_months}"),
        Days::OfWeek(days) if is_run(days.numbers()) && days.numbers().len() > 2 => {
            format!(", {}{in_months}", series(days.numbers(), weekday))
        }
        Days::OfWeek(days) => format!(" on {}{in_months}", series(days.numbers(), |day| format!("{}s", weekday(day)))),
        Days::LastOfWeek(day) => format!(" on the last {} of {of_months}", weekday(*day)),
        Days::Nth(day, nth) => format!(" on the {} {} of {of_months}", NTH[usize::from(*nth) - 1], weekday(*day)),
    }
}

/// `a to b`, `a, b and c`, or `a, b, …, z` for a long list with a constant step.
fn series(numbers: &[u16], name: impl Fn(u16) -> String) -> String {
    match numbers {
        [first, _, .., last] if numbers.len() > 2 && is_run(numbers) => format!("{} to {}", name(*first), name(*last)),
        [first, second, .., last] if numbers.len() > LISTED_VALUES && step(numbers).is_some() => {
            format!("{}, {}, …, {}", name(*first), name(*second), name(*last))
        }
        _ => join(numbers.iter().map(|number| name(*number)).collect()),
    }
}

fn join(mut items: Vec<String>) -> String {
    match items.pop() {
        Some(last) if !items.is_empty() => format!("{} and {last}", items.join(", ")),
        Some(only) => only,
        None => String::new(),
    }
}

/// Whether the numbers follow each other without holes.
fn is_run(numbers: &[u16]) -> bool {
    numbers.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

/// The constant step between the numbers, if there is one.
fn step(numbers: &[u16]) -> Option<u16> {
    let &[first, second, ..] = numbers else { return None };
    let step = second - first;
    numbers.windows(2).all(|pair| pair[1] - pair[0] == step).then_some(step)
}

fn ordinal(day: u16) -> String {
    let suffix = match (day / 10, day % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{day}{suffix}")
}
