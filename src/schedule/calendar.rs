//! When a schedule runs: an expression with a time zone, a creation time, and start and end dates.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::cron::Cron;
use super::expression::{Dialect, Expression, Form};
use super::rate::Rate;
use super::zone;

const NANOSECOND: SignedDuration = SignedDuration::from_nanos(1);

/// Why a schedule was refused although its expression is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScheduleError {
    /// No zone of the IANA time zone database, spelled exactly so.
    UnknownTimeZone {
        /// The name as it was given.
        name: String,
        /// What to write instead.
        fix: String,
    },
    /// A time zone or a date on the expression of an EventBridge rule, which has neither.
    NotInRule {
        /// The setting: `time zone`, `start date` or `end date`.
        setting: &'static str,
    },
    /// The end date is before the start date.
    EndBeforeStart {
        /// The start date.
        start: Timestamp,
        /// The end date.
        end: Timestamp,
    },
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTimeZone { name, fix } => {
                write!(f, "unknown time zone {name:?}: it must be a name of the IANA time zone database; {fix}")
            }
            Self::NotInRule { setting } => {
                write!(f, "a rule has no {setting}: it runs in UTC until it is disabled; use EventBridge Scheduler")
            }
            Self::EndBeforeStart { start, end } => write!(f, "end date {end} is before start date {start}"),
        }
    }
}

impl std::error::Error for ScheduleError {}

/// An expression together with all that decides when it runs.
///
/// - `cron` and `at` are wall times of the zone. A wall time that a clock change skips does not run; one that it
///   repeats runs once, at the first of the two instants.
/// - `rate` is elapsed time counted from the start date, or else from the creation. A day is 24 hours.
/// - Nothing runs before the creation. Start and end dates are inclusive, and `at` ignores them.
/// - Recurring schedules end with the year 2199, the last year of a `cron` expression.
///
/// ```
/// use lambda_testkit::schedule::{Calendar, Expression};
///
/// let created = "2025-03-07T20:00:00Z".parse().unwrap();
/// let schedule = Calendar::new(Expression::scheduler("cron(0 9 ? * MON-FRI *)").unwrap(), created)
///     .with_time_zone("America/New_York")
///     .unwrap();
/// assert_eq!(schedule.next_after(created).unwrap().to_string(), "2025-03-10T13:00:00Z");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    expression: Expression,
    created: Timestamp,
    zone: TimeZone,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Calendar {
    /// The same schedule, created at another instant.
    #[cfg(feature = "cloud")]
    pub(crate) fn starting(mut self, created: Timestamp) -> Self {
        self.created = created;
        self
    }

    /// A schedule in UTC without start and end dates, created at the given instant.
    pub fn new(expression: Expression, created: Timestamp) -> Self {
        Self { expression, created, zone: TimeZone::UTC, start: None, end: None }
    }

    /// Sets the zone of `cron` and `at` by its IANA name (`ScheduleExpressionTimezone`). Default UTC.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::UnknownTimeZone`] for any other name, also for one in another case;
    /// [`ScheduleError::NotInRule`] for the expression of a rule.
    pub fn with_time_zone(mut self, name: &str) -> Result<Self, ScheduleError> {
        self.scheduler_only("time zone")?;
        self.zone = zone::find(name)?;
        Ok(self)
    }

    /// Sets the first instant at which the schedule may run (`StartDate`); a `rate` counts from it. Default: none.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::EndBeforeStart`], and [`ScheduleError::NotInRule`] for the expression of a rule.
    pub fn with_start(mut self, start: Timestamp) -> Result<Self, ScheduleError> {
        self.scheduler_only("start date")?;
        self.start = Some(start);
        self.check_dates()
    }

    /// Sets the last instant at which the schedule may run (`EndDate`). Default: none.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::EndBeforeStart`], and [`ScheduleError::NotInRule`] for the expression of a rule.
    pub fn with_end(mut self, end: Timestamp) -> Result<Self, ScheduleError> {
        self.scheduler_only("end date")?;
        self.end = Some(end);
        self.check_dates()
    }

    fn scheduler_only(&self, setting: &'static str) -> Result<(), ScheduleError> {
        match self.expression.dialect() {
            Dialect::Rule => Err(ScheduleError::NotInRule { setting }),
            Dialect::Scheduler => Ok(()),
        }
    }

    fn check_dates(self) -> Result<Self, ScheduleError> {
        match (self.start, self.end) {
            (Some(start), Some(end)) if end < start => Err(ScheduleError::EndBeforeStart { start, end }),
            _ => Ok(self),
        }
    }

    /// The expression.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// The zone of `cron` and `at`.
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The first run of all. For a Scheduler `rate` without start date that is the creation itself ("the schedule
    /// starts invoking immediately"); the `rate` of a rule first runs one period later, and a `cron` after the creation.
    pub fn first_run(&self) -> Option<Timestamp> {
        self.next_after(just_before(self.created))
    }

    /// The first run strictly after an instant; `None` when there is none.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match self.expression.form() {
            Form::At(time) => {
                let run = self.instant(*time)?;
                (run > after && run >= self.created).then_some(run)
            }
            Form::Cron(cron) => {
                let mut after = after.max(self.created);
                if let Some(start) = self.start {
                    after = after.max(just_before(start));
                }
                self.in_bounds(self.next_cron(cron, after)?)
            }
            Form::Rate(rate) => self.in_bounds(self.next_rate(*rate, after)?),
        }
    }

    /// All runs strictly after an instant, in order. Most schedules have thousands, so take only the first few.
    pub fn runs_after(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        std::iter::successors(self.next_after(after), |run| self.next_after(*run))
    }

    /// What the schedule means, in one English phrase, with clock times in its zone.
    ///
    /// ```
    /// use lambda_testkit::schedule::{Calendar, Expression};
    ///
    /// let created = "2025-01-01T00:00:00Z".parse().unwrap();
    /// let schedule = Calendar::new(Expression::scheduler("cron(0 9 L * ? *)").unwrap(), created)
    ///     .with_time_zone("Europe/Berlin")
    ///     .unwrap();
    /// assert_eq!(schedule.explain(), "at 09:00 Europe/Berlin on the last day of every month");
    /// ```
    pub fn explain(&self) -> String {
        let mut text = self.expression.explain_in(self.zone.iana_name().unwrap_or("UTC"));
        if !self.expression.is_one_time() {
            if let Some(start) = self.start {
                text.push_str(&format!(", not before {start}"));
            }
            if let Some(end) = self.end {
                text.push_str(&format!(", not after {end}"));
            }
        }
        text
    }

    fn in_bounds(&self, run: Timestamp) -> Option<Timestamp> {
        let year = TimeZone::UTC.to_datetime(run).year();
        // A zone behind UTC ends its year 2199 in the first hours of 2200 in UTC; cron itself stops in wall time.
        let recurs = matches!(self.expression.form(), Form::Cron(_)) || year <= 2199;
        (recurs && self.end.is_none_or(|end| run <= end)).then_some(run)
    }

    fn next_cron(&self, cron: &Cron, after: Timestamp) -> Option<Timestamp> {
        let mut wall = self.zone.to_datetime(after);
        loop {
            wall = cron.next_wall_time(wall)?;
            // In the second pass of a repeated hour the instant of a wall time lies in the first pass: already over.
            if let Some(run) = self.instant(wall).filter(|run| *run > after) {
                return Some(run);
            }
        }
    }

    fn next_rate(&self, rate: Rate, after: Timestamp) -> Option<Timestamp> {
        let period = rate.period_nanos();
        let anchor = self.start.unwrap_or(self.created).as_nanosecond();
        let first = match self.expression.dialect() {
            Dialect::Rule => anchor + period,
            Dialect::Scheduler => anchor,
        };
        let earliest = (after.as_nanosecond() + 1).max(self.created.as_nanosecond());
        let missed = (earliest - first).max(0);
        let periods = missed / period + i128::from(missed % period != 0);
        Timestamp::from_nanosecond(first + periods * period).ok()
    }

    /// The instant of a wall time: none in a gap, the first one where the clock goes back.
    fn instant(&self, wall: DateTime) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(wall);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => None,
            _ => ambiguous.earlier().ok(),
        }
    }
}

fn just_before(instant: Timestamp) -> Timestamp {
    instant.checked_sub(NANOSECOND).unwrap_or(instant)
}
