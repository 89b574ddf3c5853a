//! A checked schedule expression and the dialect that it was checked against.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use jiff::civil::DateTime;

use super::at;
use super::cron::Cron;
use super::error::{ExpressionError, ExpressionErrorKind as Kind, Problem};
use super::explain;
use super::rate::Rate;

/// The longest expression that both APIs take, in characters.
const MAX_LENGTH: usize = 256;

/// The AWS product whose grammar applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// An EventBridge rule (`events:PutRule`): `cron` and `rate`, UTC only.
    Rule,
    /// EventBridge Scheduler (`scheduler:CreateSchedule`): `cron`, `rate` and `at`, in any zone.
    Scheduler,
}

/// A valid `cron(…)`, `rate(…)` or `at(…)` expression. `Display` gives the text as it was written.
///
/// Equal means: same text, same dialect. Parsing with [`FromStr`] takes the Scheduler dialect, the wider of the two.
///
/// ```
/// use lambda_testkit::schedule::Expression;
///
/// let rule = Expression::rule("rate(5 minutes)").unwrap();
/// assert_eq!(rule.to_string(), "rate(5 minutes)");
/// assert!(Expression::rule("at(2026-01-01T00:00:00)").is_err());
/// assert!(Expression::scheduler("at(2026-01-01T00:00:00)").is_ok());
/// ```
#[derive(Debug, Clone)]
pub struct Expression {
    dialect: Dialect,
    text: String,
    form: Form,
}

#[derive(Debug, Clone)]
pub(super) enum Form {
    Cron(Box<Cron>),
    Rate(Rate),
    At(DateTime),
}

impl Expression {
    /// Checks the expression of an EventBridge rule: `cron(…)` or `rate(…)`, at most 256 characters.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`] names the field, the value, the rule and, where possible, the fix.
    pub fn rule(text: &str) -> Result<Self, ExpressionError> {
        Self::parse(Dialect::Rule, text)
    }

    /// Checks the expression of an EventBridge Scheduler schedule: `cron(…)`, `rate(…)` or `at(…)`, at most 256
    /// characters.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`] names the field, the value, the rule and, where possible, the fix.
    pub fn scheduler(text: &str) -> Result<Self, ExpressionError> {
        Self::parse(Dialect::Scheduler, text)
    }

    pub(super) fn parse(dialect: Dialect, text: &str) -> Result<Self, ExpressionError> {
        let form = parse_form(dialect, text).map_err(|problem| ExpressionError::new(dialect, text, problem))?;
        Ok(Self { dialect, text: text.to_owned(), form })
    }

    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The dialect that the expression was checked against.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether this is `at(…)`, which runs at most once.
    pub fn is_one_time(&self) -> bool {
        matches!(self.form, Form::At(_))
    }

    /// What the expression means, in one English phrase, with clock times in UTC.
    ///
    /// Where days of the week are given by number it says how AWS counts them, because Unix cron counts differently.
    ///
    /// ```
    /// use lambda_testkit::schedule::Expression;
    ///
    /// let explain = |text| Expression::scheduler(text).unwrap().explain();
    /// assert_eq!(explain("cron(0/15 8-17 ? * MON-FRI *)"), "every 15 minutes from 08:00 to 17:59 UTC, Monday to Friday");
    /// assert_eq!(explain("rate(1 hour)"), "every hour");
    /// ```
    pub fn explain(&self) -> String {
        self.explain_in("UTC")
    }

    pub(super) fn explain_in(&self, zone: &str) -> String {
        match &self.form {
            Form::Cron(cron) => explain::cron(cron, zone),
            Form::Rate(rate) => rate.explain(),
            Form::At(time) => format!("once, on {} at {} {zone}", time.date(), time.time()),
        }
    }

    pub(super) fn form(&self) -> &Form {
        &self.form
    }
}

pub(super) fn parse_form(dialect: Dialect, text: &str) -> Result<Form, Problem> {
    let length = text.chars().count();
    if length > MAX_LENGTH {
        let rule = format!("an expression has at most {MAX_LENGTH} characters, this one has {length}");
        return Err(Problem::new(Kind::TooLong, text, rule));
    }
    let Some((keyword, rest)) = text.split_once('(') else { return Err(not_a_form(text)) };
    let Some(body) = rest.strip_suffix(')') else { return Err(not_a_form(text)) };
    if !matches!(keyword, "cron" | "rate" | "at") {
        return Err(not_a_form(text));
    }
    if body.trim() != body {
        return Err(Problem::new(Kind::Form, text, "no spaces are allowed inside the parentheses at either end")
            .write(format!("{keyword}({})", body.trim())));
    }
    match keyword {
        "cron" => Cron::parse(body).map(|cron| Form::Cron(Box::new(cron))),
        "rate" => Rate::parse(dialect, body).map(Form::Rate),
        _ if dialect == Dialect::Rule => {
            let rule = "a rule has only `cron(…)` and `rate(…)`";
            Err(Problem::new(Kind::OneTimeInRule, text, rule)
                .advise("use EventBridge Scheduler for a one-time schedule"))
        }
        _ => at::parse(body).map(Form::At),
    }
}

fn not_a_form(text: &str) -> Problem {
    let rule = "an expression is `cron(…)`, `rate(…)` or, in EventBridge Scheduler, `at(…)`, in lower case and without \
                spaces around it";
    let problem = Problem::new(Kind::Form, text, rule);
    let trimmed = text.trim();
    let fields = trimmed.split_whitespace().count();
    let lower = trimmed.to_ascii_lowercase();
    let has_form = ["cron(", "rate(", "at("].iter().any(|keyword| lower.starts_with(keyword)) && lower.ends_with(')');
    if has_form {
        let (keyword, rest) = trimmed.split_once('(').unwrap_or((trimmed, ""));
        problem.write(format!("{}({rest}", keyword.to_ascii_lowercase()))
    } else if (5..=7).contains(&fields) && !trimmed.contains(['(', ')']) {
        problem.write(format!("cron({trimmed})"))
    } else {
        problem
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        Self::scheduler(text)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        (self.dialect, &self.text) == (other.dialect, &other.text)
    }
}

impl Eq for Expression {}

impl Hash for Expression {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.dialect, &self.text).hash(state);
    }
}
