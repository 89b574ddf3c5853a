//! The time zone of a schedule: an IANA name, spelled as in the database.

use jiff::tz::TimeZone;

use super::calendar::ScheduleError;

/// The longest `ScheduleExpressionTimezone`, in characters.
const MAX_LENGTH: usize = 50;

/// Finds a zone by its exact name.
pub(super) fn find(name: &str) -> Result<TimeZone, ScheduleError> {
    let unknown = |fix: String| ScheduleError::UnknownTimeZone { name: name.to_owned(), fix };
    if name.is_empty() || name.chars().count() > MAX_LENGTH {
        return Err(unknown(format!("a name has 1 to {MAX_LENGTH} characters")));
    }
    let Ok(zone) = TimeZone::get(name) else {
        let fix = if jiff::tz::db().is_definitively_empty() {
            "this machine has no time zone database"
        } else if name.starts_with(['+', '-']) {
            "offsets are not names"
        } else {
            "write it like `Europe/Berlin`"
        };
        return Err(unknown(fix.to_owned()));
    };
    // The search ignores case, and `Etc/Unknown` is found as a zone that means "none".
    match zone.iana_name() {
        Some(exact) if exact == name && !zone.is_unknown() => Ok(zone),
        Some(exact) if !zone.is_unknown() => Err(unknown(format!("write `{exact}`"))),
        _ => Err(unknown("it stands for no zone".to_owned())),
    }
}
