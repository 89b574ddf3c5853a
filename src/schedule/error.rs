//! Why a schedule expression was refused.

use std::fmt;

use super::expression::{Dialect, parse_form};
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
    /// A range of years whose end is before its start. The other fields wrap around.
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
    pub fix: Option<Fix>,
}

/// What to write instead, before it is known whether that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fix {
    /// Advice in words.
    Words(String),
    /// Advice in words that names what to write in place of the offending value.
    Part(String, String),
    /// Advice in words, and the whole expression that it leads to.
    Whole(String, String),
    /// The whole expression behind a few words; when it is refused in turn, its own fix counts.
    Write(String, String),
}

impl Problem {
    pub fn new(kind: ExpressionErrorKind, value: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { kind, field: None, value: value.into(), rule: rule.into(), fix: None }
    }

    pub fn field(mut self, field: Field) -> Self {
        self.field = Some(field);
        self
    }

    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// Advice in words.
    pub fn advise(self, words: impl Into<String>) -> Self {
        self.fix(Fix::Words(words.into()))
    }

    /// Advice that ends in the expression to write.
    pub fn write(self, expression: impl Into<String>) -> Self {
        self.fix(Fix::Write("write".to_owned(), expression.into()))
    }
}

/// A refused schedule expression: the offending field and value, the rule, and the fix where one is known.
///
/// Every fix is good: an expression that it names is accepted by the same product.
///
/// ```
/// use lambda_testkit::schedule::Expression;
///
/// let error = Expression::rule("cron(0 1 * * * *)").unwrap_err();
/// assert_eq!(error.aws_message(), "Parameter ScheduleExpression is not valid.");
/// assert_eq!(error.fix(), Some("use `?` in day-of-week: `cron(0 1 * * ? *)`"));
/// assert_eq!(error.suggestion(), Some("cron(0 1 * * ? *)"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    dialect: Dialect,
    expression: String,
    problem: Box<Problem>,
    fix: Option<String>,
    suggestion: Option<String>,
}

/// So many mistakes of one expression are put right one after the other.
const MAX_MISTAKES: u8 = 8;

/// Takes the fix out of a problem: in words, and as the expression to write. `known` mistakes were put right before.
fn advice(dialect: Dialect, expression: &str, problem: &mut Problem, known: u8) -> (Option<String>, Option<String>) {
    let good = |candidate: String| -> Option<String> {
        if known >= MAX_MISTAKES || candidate == expression {
            return None;
        }
        match parse_form(dialect, &candidate) {
            Ok(_) => Some(candidate),
            Err(mut next) => advice(dialect, &candidate, &mut next, known + 1).1,
        }
    };
    match problem.fix.take() {
        None => (None, None),
        Some(Fix::Words(words)) => (Some(words), None),
        Some(Fix::Part(words, part)) => (Some(words), replaced(expression, problem, &part).and_then(good)),
        Some(Fix::Whole(words, whole)) => (Some(words), good(whole)),
        Some(Fix::Write(words, whole)) => {
            let suggestion = good(whole);
            (suggestion.as_ref().map(|whole| format!("{words} `{whole}`")), suggestion)
        }
    }
}

impl ExpressionError {
    pub(super) fn new(dialect: Dialect, expression: &str, mut problem: Problem) -> Self {
        let (fix, suggestion) = advice(dialect, expression, &mut problem, 0);
        Self { dialect, expression: expression.to_owned(), problem: Box::new(problem), fix, suggestion }
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
        self.fix.as_deref()
    }

    /// The whole expression with this mistake, and those that come after it, put right: one that the product accepts.
    /// It need not mean what was meant. None where there is nothing to guess.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
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
        let Problem { field, value, rule, .. } = &*self.problem;
        write!(f, "invalid schedule expression {}: ", Shortened(&self.expression))?;
        if let Some(field) = field {
            write!(f, "{field} ")?;
        }
        // A mistake of the whole expression needs no second echo of it.
        if *value != self.expression {
            write!(f, "{}: ", Shortened(value))?;
        }
        f.write_str(rule)?;
        self.fix.as_ref().map_or(Ok(()), |fix| write!(f, "; {fix}"))
    }
}

impl std::error::Error for ExpressionError {}

/// The expression with `part` in place of the offending value, in the field that has it.
fn replaced(expression: &str, problem: &Problem, part: &str) -> Option<String> {
    let Some(field) = problem.field else { return Some(expression.replacen(&problem.value, part, 1)) };
    let (keyword, body) = expression.strip_suffix(')')?.split_once('(')?;
    let mut fields: Vec<String> = body.split(' ').map(str::to_owned).collect();
    let own = fields.get_mut(field as usize)?;
    *own = own.replacen(&problem.value, part, 1);
    Some(format!("{keyword}({})", fields.join(" ")))
}

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
