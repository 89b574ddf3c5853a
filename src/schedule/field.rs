//! One field of a `cron` expression as a set of numbers: `*`, lists, ranges, steps and names.

use std::fmt;

use super::error::{ExpressionErrorKind as Kind, Fix, Problem};

/// A field of a `cron` expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// 0 to 59.
    Minutes,
    /// 0 to 23.
    Hours,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 12, or `JAN` to `DEC`.
    Month,
    /// 1 to 7, or `SUN` to `SAT`; 1 is Sunday.
    DayOfWeek,
    /// 1970 to 2199.
    Year,
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
pub(super) const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Field {
    /// The smallest number of the field.
    pub fn min(self) -> u16 {
        match self {
            Field::Minutes | Field::Hours => 0,
            Field::DayOfMonth | Field::Month | Field::DayOfWeek => 1,
            Field::Year => 1970,
        }
    }

    /// The largest number of the field.
    pub fn max(self) -> u16 {
        match self {
            Field::Minutes => 59,
            Field::Hours => 23,
            Field::DayOfMonth => 31,
            Field::Month => 12,
            Field::DayOfWeek => 7,
            Field::Year => 2199,
        }
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Field::Month => &MONTHS,
            Field::DayOfWeek => &WEEKDAYS,
            _ => &[],
        }
    }

    fn operators(self) -> &'static str {
        match self {
            Field::DayOfMonth => "`,` `-` `*` `/` `?` `L` `W`",
            Field::DayOfWeek => "`,` `-` `*` `/` `?` `L` `#`",
            _ => "`,` `-` `*` `/`",
        }
    }

    fn values_rule(self) -> String {
        let (min, max) = (self.min(), self.max());
        match self.names() {
            [first, .., last] => format!("the {self} field is {min} to {max} or {first} to {last}"),
            _ => format!("the {self} field is {min} to {max}"),
        }
    }

    /// The largest step: a larger one would only ever give its start value.
    fn max_step(self) -> u16 {
        match self {
            Field::Year => self.max() - self.min(),
            _ => self.max(),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Minutes => "minutes",
            Field::Hours => "hours",
            Field::DayOfMonth => "day-of-month",
            Field::Month => "month",
            Field::DayOfWeek => "day-of-week",
            Field::Year => "year",
        })
    }
}

/// The numbers that a field matches, ascending, never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Values {
    field: Field,
    numbers: Vec<u16>,
}

impl Values {
    /// A single value; the caller has checked it.
    pub fn one(field: Field, number: u16) -> Self {
        Self { field, numbers: vec![number] }
    }

    /// Reads `*`, numbers, names, lists, ranges and steps.
    pub fn parse(field: Field, text: &str) -> Result<Self, Problem> {
        let mut numbers = Vec::new();
        for item in text.split(',') {
            if item == "*" && text != "*" {
                return Err(Problem::new(Kind::Operator, text, "`*` cannot be part of a list").field(field));
            }
            let (start, end, step) = parse_item(field, item)?;
            let step = usize::from(step);
            if start <= end {
                numbers.extend((start..=end).step_by(step));
            } else {
                // Steps go on over the end of the field: 22-2/2 is 22, 0, 2.
                numbers.extend((start..=field.max()).chain(field.min()..=end).step_by(step));
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(Self { field, numbers })
    }

    pub fn numbers(&self) -> &[u16] {
        &self.numbers
    }

    /// Whether every number of the field matches.
    pub fn is_all(&self) -> bool {
        self.numbers.len() == usize::from(self.field.max() - self.field.min()) + 1
    }
}

/// Reads one member of a list as start, end and step.
fn parse_item(field: Field, item: &str) -> Result<(u16, u16, u16), Problem> {
    let Some((base, step)) = item.split_once('/') else {
        if item == "*" {
            return Ok((field.min(), field.max(), 1));
        }
        let (start, end) = parse_range(field, item)?;
        return Ok((start, end.unwrap_or(start), 1));
    };
    if base.is_empty() {
        let from = format!("{}/{step}", field.min());
        return Err(Problem::new(Kind::Step, item, "a step needs a start")
            .field(field)
            .fix(Fix::Part(format!("write `*/{step}` or `{from}`"), from)));
    }
    let step_number = number(step).filter(|step| (1..=u32::from(field.max_step())).contains(step));
    let Some(step) = step_number.and_then(|step| u16::try_from(step).ok()) else {
        let rule = format!("a step in {field} is a number from 1 to {}", field.max_step());
        return Err(Problem::new(Kind::Step, item, rule).field(field));
    };
    if base == "*" {
        return Ok((field.min(), field.max(), step));
    }
    let (start, end) = parse_range(field, base)?;
    Ok((start, end.unwrap_or(field.max()), step))
}

/// Reads `a` or `a-b`.
fn parse_range(field: Field, text: &str) -> Result<(u16, Option<u16>), Problem> {
    let Some((start, end)) = text.split_once('-') else {
        return Ok((parse_value(field, text)?, None));
    };
    let (first, last) = (parse_value(field, start)?, parse_value(field, end)?);
    if first > last && field == Field::Year {
        let rule = "a range of years runs from the smaller to the larger one";
        let whole = format!("{last}-{first}");
        return Err(Problem::new(Kind::ReversedRange, text, rule)
            .field(field)
            .fix(Fix::Part(format!("write `{whole}`"), whole)));
    }
    Ok((first, Some(last)))
}

/// Reads one number or name.
pub(super) fn parse_value(field: Field, token: &str) -> Result<u16, Problem> {
    if let Some(index) = name_index(field, token) {
        return Ok(field.min() + index as u16);
    }
    if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()) {
        let in_range =
            number(token).and_then(|n| u16::try_from(n).ok()).filter(|n| (field.min()..=field.max()).contains(n));
        return in_range.ok_or_else(|| out_of_range(field, token));
    }
    if is_operator(field, token) {
        let rule = format!("not allowed here; the operators of {field} are {}", field.operators());
        return Err(Problem::new(Kind::Operator, token, rule).field(field));
    }
    if token.is_empty() {
        return Err(Problem::new(Kind::UnknownValue, token, "a value is missing").field(field));
    }
    Err(Problem::new(Kind::UnknownValue, token, field.values_rule()).field(field))
}

fn name_index(field: Field, token: &str) -> Option<usize> {
    field.names().iter().position(|name| name.eq_ignore_ascii_case(token))
}

fn out_of_range(field: Field, token: &str) -> Problem {
    let problem = Problem::new(Kind::OutOfRange, token, field.values_rule()).field(field);
    match (field, number(token)) {
        (Field::DayOfWeek, Some(0)) => {
            let words = "unlike in Unix cron, 1 is Sunday and 7 is Saturday: use `1` or `SUN`";
            problem.fix(Fix::Part(words.to_owned(), "1".to_owned()))
        }
        (Field::Hours, Some(24)) => problem.fix(Fix::Part("midnight is hour `0`".to_owned(), "0".to_owned())),
        (Field::Minutes, Some(60)) => problem.fix(Fix::Part("the full hour is minute `0`".to_owned(), "0".to_owned())),
        _ => problem,
    }
}

/// Whether a refused token is an operator at the wrong place, and not just a wrong word such as `APRIL`.
fn is_operator(field: Field, token: &str) -> bool {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'L');
    let is_value = |text: &str| is_digits(text) || name_index(field, text).is_some();
    token.contains(['?', '*', '#']) || token.strip_suffix(['L', 'W']).is_some_and(is_value)
}

/// Digits only, without sign; `None` also when the number does not fit.
pub(super) fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
