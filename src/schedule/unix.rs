//! The AWS form of a five-field Unix cron line, for the fix in an error message.

use super::cron::Cron;
use super::error::Fix;
use super::field::{WEEKDAYS, number};

/// What to write in AWS; `None` when AWS cannot say it.
pub(super) fn advice(fields: &[&str]) -> Option<Fix> {
    let &[minutes, hours, day_of_month, month, day_of_week] = fields else { return None };
    let is_any = |field: &str| field == "*" || field == "?";
    let on_days = |days: &str| format!("{minutes} {hours} {days} {month} ? *");
    let words = "this looks like Unix cron; in AWS it is";
    let one = |text: String| Fix::Write(words.to_owned(), format!("cron({text})"));
    if is_any(day_of_week) {
        return Some(one(on_days(if day_of_month == "?" { "*" } else { day_of_month })));
    }
    let of_week = format!("{minutes} {hours} ? {month} {} *", weekdays(day_of_week)?);
    if is_any(day_of_month) {
        return Some(one(of_week));
    }
    // Unix takes the days that match either field, and so do two schedules.
    let of_month = on_days(day_of_month);
    let good = Cron::parse(&of_month).is_ok() && Cron::parse(&of_week).is_ok();
    good.then(|| Fix::Words(format!("{words} two expressions: `cron({of_month})` and `cron({of_week})`")))
}

/// Unix counts 0 (or 7) as Sunday; names mean the same everywhere.
fn weekdays(text: &str) -> Option<String> {
    let name = |token: &str| match number(token) {
        Some(day) if day <= 7 => Some(WEEKDAYS[day as usize % 7].to_owned()),
        Some(_) => None,
        None => Some(token.to_ascii_uppercase()),
    };
    let items = text.split(',').map(|item| match item.split_once('-') {
        Some((first, last)) => Some(format!("{}-{}", name(first)?, name(last)?)),
        None => name(item),
    });
    Some(items.collect::<Option<Vec<_>>>()?.join(","))
}
