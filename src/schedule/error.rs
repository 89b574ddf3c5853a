//! Why a schedule expression was refused.

use std::fmt;

use super::expression::Dialect;
use super::field::Field;

/// The kind of mistake in a schedule expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpressionErrorKind {
    /// Longer than 256 characters, the limit of both APIs.
    TooLong,
    /// Not `cron(…)`, `rate(…)` or `at(…)`, or with padding around or inside the parentheses.
    Form,
    /// `at(…)` in an EventBridge rule. Only EventBridge Scheduler has one-time schedules.
    OneTimeInRule,
    /// Not exactly six `cron` fields with one space between them.
    FieldCount,
    /// Both or neither of day-of-month and day-of-week are `?`.
    QuestionMark,
    /// A number outside the range of its field.
    OutOfRange,
    /// A token that is neither a number nor a name of its field.
    UnknownValue,
    /// An operator that its field does not have, or that is not allowed at this place.
    Operator,
    /// A range whose end is before its start. Ranges do not wrap around.
    ReversedRange,
    /// A step (`/n`) of zero, without a start, or larger than the field.
    Step,
    /// A `rate` value that is not a positive whole number.
    RateValue,
    /// A `rate` unit other than minutes, hours and days.
    RateUnit,
    /// A singular unit with a value above 1, or a plural unit with 1. EventBridge rules refuse both.
    RateAgreement,
    /// An `at` time that is not `yyyy-mm-ddThh:mm:ss`, or no date of the calendar.
    DateTime,
}

/// What is wrong inside an expression, before it is known whose expression it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub kind: ExpressionErrorKind,
    pub field: Option<Field>,
    pub value: String,
    pub rule: String,
    pub fix: Option<String>,
}

impl Problem {
    pub fn new(kind: ExpressionErrorKind, value: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { kind, field: None, value: value.into(), rule: rule.into(), fix: None }
    }

    pub fn field(mut self, field: Field) -> Self {
        self.field = Some(field);
        self
    }

    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// A refused schedule expression: the offending field and value, the rule, and the fix where one is known.
///
/// ```
/// use lambda_testkit::schedule::Expression;
///
/// let error = Expression::rule("cron(0 1 * * * *)").unwrap_err();
/// assert_eq!(error.aws_message(), "Parameter ScheduleExpression is not valid.");
/// assert_eq!(error.fix(), Some("use `?` in day-of-week: `cron(0 1 * * ? *)`"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    dialect: Dialect,
    expression: String,
    problem: Box<Problem>,
}

impl ExpressionError {
    pub(super) fn new(dialect: Dialect, expression: &str, problem: Problem) -> Self {
        Self { dialect, expression: expression.to_owned(), problem: Box::new(problem) }
    }

    /// The kind of mistake.
    pub fn kind(&self) -> ExpressionErrorKind {
        self.problem.kind
    }

    /// The expression as it was given.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The product whose grammar refused it.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The offending `cron` field; `None` when the mistake is not in one field.
    pub fn field(&self) -> Option<Field> {
        self.problem.field
    }

    /// The offending part of the expression.
    pub fn value(&self) -> &str {
        &self.problem.value
    }

    /// The rule that the value breaks.
    pub fn rule(&self) -> &str {
        &self.problem.rule
    }

    /// What to write instead, where that can be said.
    pub fn fix(&self) -> Option<&str> {
        self.problem.fix.as_deref()
    }

    /// The message of the `ValidationException` (400) that AWS answers with, as recorded from both services.
    pub fn aws_message(&self) -> String {
        match self.dialect {
            Dialect::Rule => "Parameter ScheduleExpression is not valid.".to_owned(),
            Dialect::Scheduler => format!("Invalid Schedule Expression {}.", self.expression),
        }
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { field, value, rule, fix, .. } = &*self.problem;
        write!(f, "invalid schedule expression {}: ", Shortened(&self.expression))?;
        if let Some(field) = field {
            write!(f, "{field} ")?;
        }
        // A mistake of the whole expression needs no second echo of it.
        if *value != self.expression {
            write!(f, "{}: ", Shortened(value))?;
        }
        f.write_str(rule)?;
        match fix {
            Some(fix) => write!(f, "; {fix}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ExpressionError {}

/// Quotes a text and cuts it, so that a megabyte of garbage does not fill the screen.
struct Shortened<'a>(&'a str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 100;
        match self.0.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "{:?}…", &self.0[..end]),
            None => write!(f, "{:?}", self.0),
        }
    }
}
