//! `rate(value unit)`: a fixed elapsed time.

use super::error::{ExpressionErrorKind as Kind, Problem};
use super::expression::Dialect;
use super::field::number;

const NANOS_PER_MINUTE: i128 = 60_000_000_000;

/// A checked rate. A day is always 24 hours, also when a zone's day has 23 or 25.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    value: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
        }
    }

    fn minutes(self) -> i128 {
        match self {
            Unit::Minute => 1,
            Unit::Hour => 60,
            Unit::Day => 24 * 60,
        }
    }
}

impl Rate {
    /// Reads what stands between the parentheses.
    pub fn parse(dialect: Dialect, body: &str) -> Result<Self, Problem> {
        let Some((value_text, unit_text)) = body.split_once(' ') else {
            let rule = "a rate is a value, one space and a unit: `rate(5 minutes)`";
            return Err(Problem::new(Kind::RateUnit, body, rule));
        };
        let Some(value) = number(value_text).filter(|value| *value > 0) else {
            let rule = format!("a rate value is a whole number from 1 to {}", u32::MAX);
            return Err(Problem::new(Kind::RateValue, value_text, rule));
        };
        let (unit, plural) = match unit_text {
            "minute" => (Unit::Minute, false),
            "minutes" => (Unit::Minute, true),
            "hour" => (Unit::Hour, false),
            "hours" => (Unit::Hour, true),
            "day" => (Unit::Day, false),
            "days" => (Unit::Day, true),
            other => return Err(unknown_unit(value, other)),
        };
        let rate = Self { value, unit };
        if dialect == Dialect::Rule && plural != (value > 1) {
            let rule = "in a rule the unit is singular for 1 and plural above 1";
            return Err(Problem::new(Kind::RateAgreement, body, rule).write(format!("rate({})", rate.words())));
        }
        Ok(rate)
    }

    fn words(self) -> String {
        let plural = if self.value == 1 { "" } else { "s" };
        format!("{} {}{plural}", self.value, self.unit.name())
    }

    /// The time between two runs, in nanoseconds.
    pub fn period_nanos(self) -> i128 {
        i128::from(self.value) * self.unit.minutes() * NANOS_PER_MINUTE
    }

    pub fn explain(self) -> String {
        let every = match self.value {
            1 => format!("every {}", self.unit.name()),
            _ => format!("every {}", self.words()),
        };
        // The difference shows only where a clock change makes a longer or shorter day.
        match (self.unit, self.value) {
            (Unit::Day, 1) => format!("{every} (every 24 hours)"),
            (Unit::Day, days) => format!("{every} (every {} hours)", u64::from(days) * 24),
            _ => every,
        }
    }
}

fn unknown_unit(value: u32, unit: &str) -> Problem {
    let problem = Problem::new(Kind::RateUnit, unit, "a rate unit is minute(s), hour(s) or day(s), in lower case");
    match unit.trim().to_ascii_lowercase().trim_end_matches('s') {
        "second" => problem.advise("the shortest period is one minute"),
        "week" => problem.write(format!("rate({} days)", u64::from(value) * 7)),
        "month" | "year" => problem.advise("use a cron expression"),
        "minute" | "hour" | "day" => problem.write(format!("rate({value} {})", unit.trim().to_ascii_lowercase())),
        _ => problem,
    }
}
