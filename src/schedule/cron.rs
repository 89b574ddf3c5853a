//! `cron(minutes hours day-of-month month day-of-week year)`: the AWS rules, then `croner` for the calendar search.

use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::{DateTime, date};

use super::error::{ExpressionErrorKind as Kind, Fix, Problem};
use super::field::{Field, Values, number, parse_value};
use super::unix;

/// A checked cron expression.
#[derive(Debug, Clone)]
pub(super) struct Cron {
    pub minutes: Values,
    pub hours: Values,
    pub days: Days,
    pub months: Values,
    pub years: Values,
    /// Whether the day of the week was given by number, where Unix habits mislead.
    pub weekday_by_number: bool,
    pattern: croner::Cron,
}

/// The days of a month that match. Exactly one of day-of-month and day-of-week says so; the other is `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Days {
    /// `*` in either field.
    Every,
    /// Days of the month.
    OfMonth(Values),
    /// `L`: the last day of the month.
    Last,
    /// `LW`: the last Monday to Friday of the month.
    LastWeekday,
    /// `15W`: the Monday to Friday nearest to a day, within the month.
    NearestWeekday(u16),
    /// Days of the week, 1 is Sunday.
    OfWeek(Values),
    /// `6L`: the last such day of the week in the month.
    LastOfWeek(u16),
    /// `3#2`: a day of the week, and which one in the month (1 to 5).
    Nth(u16, u16),
}

impl Cron {
    /// Reads what stands between the parentheses.
    pub fn parse(body: &str) -> Result<Self, Problem> {
        let fields = split(body)?;
        let [minutes, hours, day_of_month, month, day_of_week, year] = fields;
        let minutes = Values::parse(Field::Minutes, minutes)?;
        let hours = Values::parse(Field::Hours, hours)?;
        let by_month = parse_day_of_month(day_of_month)?;
        let months = Values::parse(Field::Month, month)?;
        let by_week = parse_day_of_week(day_of_week)?;
        let years = Values::parse(Field::Year, year)?;
        let days = match (by_month, by_week) {
            (Some(days), None) | (None, Some(days)) => days,
            (Some(_), Some(_)) => return Err(question_mark_missing(fields)),
            (None, None) => {
                let problem = Problem::new(Kind::QuestionMark, "?", ONE_QUESTION_MARK).field(Field::DayOfWeek);
                return Err(problem.fix(use_in(fields, Field::DayOfMonth, "*")));
            }
        };
        let pattern = pattern(&minutes, &hours, &days, &months, &years);
        let weekday_by_number = day_of_week.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        Ok(Self { minutes, hours, days, months, years, weekday_by_number, pattern })
    }

    /// The first matching wall time strictly after `after`; `None` when there is none up to the year 2199.
    pub fn next_wall_time(&self, after: DateTime) -> Option<DateTime> {
        let first = *self.years.numbers().first()?;
        let last = *self.years.numbers().last()?;
        if after.year() > last as i16 {
            return None;
        }
        // Starting at the first year keeps the search away from years that cannot match.
        let start = after.max(date(first as i16 - 1, 12, 31).at(23, 59, 59, 0));
        self.pattern.find_next_occurrence(&start, false).ok()
    }

    /// Whether any date matches at all; the 31st of February does not.
    pub fn has_dates(&self) -> bool {
        self.next_wall_time(DateTime::MIN).is_some()
    }
}

const ONE_QUESTION_MARK: &str = "exactly one of day-of-month and day-of-week must be `?`";

fn split(body: &str) -> Result<[&str; 6], Problem> {
    let words: Vec<&str> = body.split_whitespace().collect();
    let fields: Vec<&str> = body.split(' ').collect();
    let rule =
        "cron has six fields with one space between them: minutes, hours, day-of-month, month, day-of-week, year";
    let problem = Problem::new(Kind::FieldCount, body, rule);
    if let Ok(fields) = <[&str; 6]>::try_from(fields) {
        // Other white space (a tab, two spaces around an empty field) would end up inside a field.
        if words == fields {
            return Ok(fields);
        }
    }
    Err(match words.len() {
        6 => problem.write(format!("cron({})", words.join(" "))),
        5 => match unix::advice(&words) {
            Some(fix) => problem.fix(fix),
            None => problem,
        },
        7 => problem.fix(Fix::Write(
            "this looks like Quartz; AWS has no seconds:".to_owned(),
            format!("cron({})", words[1..].join(" ")),
        )),
        _ => problem,
    })
}

/// Advice to put `value` into a field.
fn use_in(mut fields: [&str; 6], field: Field, value: &'static str) -> Fix {
    fields[field as usize] = value;
    Fix::Write(format!("use `{value}` in {field}:"), format!("cron({})", fields.join(" ")))
}

fn question_mark_missing(fields: [&str; 6]) -> Problem {
    let [_, _, day_of_month, _, day_of_week, _] = fields;
    let problem = |field, value| Problem::new(Kind::QuestionMark, value, ONE_QUESTION_MARK).field(field);
    if day_of_week == "*" {
        problem(Field::DayOfWeek, day_of_week).fix(use_in(fields, Field::DayOfWeek, "?"))
    } else if day_of_month == "*" {
        problem(Field::DayOfMonth, day_of_month).fix(use_in(fields, Field::DayOfMonth, "?"))
    } else {
        problem(Field::DayOfWeek, day_of_week).advise("put `?` in one of the two; AWS cannot combine them")
    }
}

fn alone(field: Field, text: &str) -> Result<(), Problem> {
    if text.contains([',', '-', '/']) {
        let rule = "`?`, `L`, `W` and `#` stand for the whole field and cannot be part of a list, a range or a step";
        return Err(Problem::new(Kind::Operator, text, rule).field(field));
    }
    Ok(())
}

/// `None` is `?`.
fn parse_day_of_month(text: &str) -> Result<Option<Days>, Problem> {
    let field = Field::DayOfMonth;
    if text.contains(['?', 'L', 'W']) {
        alone(field, text)?;
    }
    Ok(Some(match text {
        "?" => return Ok(None),
        "*" => Days::Every,
        "L" => Days::Last,
        "LW" => Days::LastWeekday,
        _ => match text.strip_suffix('W') {
            Some(day) if number(day).is_some() => Days::NearestWeekday(parse_value(field, day)?),
            _ => Days::OfMonth(Values::parse(field, text)?),
        },
    }))
}

/// `None` is `?`.
fn parse_day_of_week(text: &str) -> Result<Option<Days>, Problem> {
    let field = Field::DayOfWeek;
    // No weekday name has an L in it.
    if text.contains(['?', 'L', '#']) {
        alone(field, text)?;
    }
    if let Some((day, nth)) = text.split_once('#') {
        let day = parse_value(field, day)?;
        let nth = number(nth).and_then(|nth| u16::try_from(nth).ok()).filter(|nth| (1..=5).contains(nth));
        let rule = "the number after `#` is 1 to 5, the occurrence of the day in the month";
        return match nth {
            Some(nth) => Ok(Some(Days::Nth(day, nth))),
            None => Err(Problem::new(Kind::OutOfRange, text, rule).field(field)),
        };
    }
    Ok(Some(match text {
        "?" => return Ok(None),
        "*" => Days::Every,
        // "The last day of the week": Saturday, as 7 is Saturday.
        "L" => Days::OfWeek(Values::one(field, field.max())),
        _ => match text.strip_suffix('L') {
            Some(day) => Days::LastOfWeek(parse_value(field, day)?),
            None => Days::OfWeek(Values::parse(field, text)?),
        },
    }))
}

/// The same set of minutes for `croner`: explicit lists only, 0 is Sunday, seconds first.
fn pattern(minutes: &Values, hours: &Values, days: &Days, months: &Values, years: &Values) -> croner::Cron {
    let list = |numbers: &[u16]| numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
    let any = || "*".to_owned();
    let (day_of_month, day_of_week) = match days {
        Days::Every => (any(), any()),
        Days::OfMonth(values) => (list(values.numbers()), any()),
        Days::Last => ("L".to_owned(), any()),
        Days::LastWeekday => ("LW".to_owned(), any()),
        Days::NearestWeekday(day) => (format!("{day}W"), any()),
        Days::OfWeek(values) => (any(), list(&values.numbers().iter().map(|day| day - 1).collect::<Vec<_>>())),
        Days::LastOfWeek(day) => (any(), format!("{}L", day - 1)),
        Days::Nth(day, nth) => (any(), format!("{}#{nth}", day - 1)),
    };
    let [minutes, hours, months, years] = [minutes, hours, months, years].map(|values| list(values.numbers()));
    let text = format!("0 {minutes} {hours} {day_of_month} {months} {day_of_week} {years}");
    let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Required).build();
    parser.parse(&text).expect("lists of checked numbers are a croner pattern")
}
