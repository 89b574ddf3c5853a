//! `at(yyyy-mm-ddThh:mm:ss)`: a wall time without an offset.

use jiff::civil::DateTime;

use super::error::{ExpressionErrorKind as Kind, Fix, Problem};
use super::field::number;

/// Reads what stands between the parentheses.
pub(super) fn parse(body: &str) -> Result<DateTime, Problem> {
    const SHAPE: &str = "a one-time schedule is `at(yyyy-mm-ddThh:mm:ss)`, local time of the schedule's zone";

    let Some(parts) = split(body) else {
        let problem = Problem::new(Kind::DateTime, body, SHAPE);
        let has_offset = split(body.get(..19).unwrap_or_default()).is_some();
        return Err(match has_offset {
            true => problem.fix(Fix::Whole(
                "leave out the offset and the fraction, and give the zone beside the expression".to_owned(),
                format!("at({})", &body[..19]),
            )),
            false if body.len() == 10 => {
                problem.fix(Fix::Whole("add the time of day".to_owned(), format!("at({body}T00:00:00)")))
            }
            false => problem,
        });
    };
    let [year, month, day, hour, minute, second] = parts;
    DateTime::new(year, month as i8, day as i8, hour as i8, minute as i8, second as i8, 0)
        .map_err(|_| Problem::new(Kind::DateTime, body, "no such date or time of day in the calendar"))
}

/// The six numbers, if the punctuation is right. Numbers after the year have two digits, so they fit an `i8`.
fn split(body: &str) -> Option<[i16; 6]> {
    let part = |range: std::ops::Range<usize>| i16::try_from(number(body.get(range)?)?).ok();
    let punctuation = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if body.len() != 19 || punctuation.iter().any(|(index, byte)| body.as_bytes()[*index] != *byte) {
        return None;
    }
    Some([part(0..4)?, part(5..7)?, part(8..10)?, part(11..13)?, part(14..16)?, part(17..19)?])
}
