//! The AWS form of a five-field Unix cron line, for the fix in an error message.

use super::cron::Cron;
use super::field::{WEEKDAYS, number};

/// `None` when AWS cannot say it, or not in one expression.
pub(super) fn translate(fields: &[&str]) -> Option<String> {
    let &[minutes, hours, day_of_month, month, day_of_week] = fields else { return None };
    let is_any = |field: &str| field == "*" || field == "?";
    let text = if is_any(day_of_week) {
        let day_of_month = if day_of_month == "?" { "*" } else { day_of_month };
        format!("{minutes} {hours} {day_of_month} {month} ? *")
    } else if is_any(day_of_month) {
        format!("{minutes} {hours} ? {month} {} *", weekdays(day_of_week)?)
    } else {
        return None;
    };
    Cron::parse(&text).is_ok().then_some(text)
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
