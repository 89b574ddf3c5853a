//! Which points of a run go another way than the ordinary one.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::Deviation;

/// What a label must not hold as it is, so that a plan can be cut into its parts again.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%').add(b';');

/// A set of deviations from the ordinary course of a run.
///
/// It prints as short text and parses back: the points by what they are about, in the n-th place among equals, and
/// after the colon what happens there. What stands behind `@` names the point by its cause, so that the deviation is
/// found again although others before it were left out; a plan written by hand may do without it.
///
/// ```
/// use lambda_testkit::{Cloud, Plan};
///
/// let plan: Plan = "s3.PutObject private/a.csv #1: answer lost; alarms → to-slack #2: twice".parse().unwrap();
/// assert_eq!(plan.len(), 2);
/// assert_eq!(plan.to_string().parse::<Plan>().unwrap(), plan);
/// let cloud = Cloud::builder().plan(&plan).start();          // or the text itself
/// # drop(cloud);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plan(pub(super) Vec<Step>);

/// One deviation of a plan: where, and what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Step {
    pub label: String,
    /// Which of the points with this label in the run, counted from 1.
    pub nth: u32,
    /// The point's own name, as eight hexadecimal digits; found by it alone where it is given.
    pub name: Option<String>,
    pub deviation: Deviation,
}

impl Plan {
    /// The plan without deviations: the ordinary course.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many deviations it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is the ordinary course.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This plan with the deviations of another.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for step in &other.0 {
            if !self.0.contains(step) {
                self.0.push(step.clone());
            }
        }
        self
    }

    /// Each deviation as a plan of its own, for trying which of them are needed.
    pub fn singles(&self) -> impl Iterator<Item = Self> + '_ {
        self.0.iter().map(|step| Self(vec![step.clone()]))
    }
}

/// The text without semicolons, and without anything that looks like a place.
fn encoded(text: &str) -> String {
    let text = utf8_percent_encode(text, ENCODED).to_string();
    let text = text.strip_prefix(' ').map_or_else(|| text.clone(), |rest| format!("%20{rest}"));
    let mut parts = text.split('#');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let sign = if part.starts_with(|digit: char| digit.is_ascii_digit()) { "%23" } else { "#" };
        text + sign + part
    })
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", encoded(&self.label), self.nth)?;
        if let Some(name) = &self.name {
            write!(f, " @{name}")?;
        }
        write!(f, ": {}", encoded(&self.deviation.to_string()))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("; ")?;
            }
            step.fmt(f)?;
        }
        Ok(())
    }
}

/// Why a text is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsePlanError {
    step: String,
    rule: &'static str,
}

impl fmt::Display for ParsePlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid deviation {:?}: {}", self.step, self.rule)
    }
}

impl std::error::Error for ParsePlanError {}

impl FromStr for Plan {
    type Err = ParsePlanError;

    /// Reads what `Display` prints. Nothing at all is the ordinary course.
    fn from_str(text: &str) -> Result<Self, ParsePlanError> {
        let steps = text.split(';').map(|step| step.strip_prefix(' ').unwrap_or(step));
        steps.filter(|step| !step.trim().is_empty()).map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl From<&Plan> for Plan {
    fn from(plan: &Plan) -> Self {
        plan.clone()
    }
}

/// As [`FromStr`], for what takes a plan or its text.
impl TryFrom<&str> for Plan {
    type Error = ParsePlanError;

    fn try_from(text: &str) -> Result<Self, ParsePlanError> {
        text.parse()
    }
}

impl FromStr for Step {
    type Err = ParsePlanError;

    fn from_str(text: &str) -> Result<Self, ParsePlanError> {
        let wrong = |rule| ParsePlanError { step: text.to_owned(), rule };
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(std::borrow::Cow::into_owned).map_err(|_| wrong("an escape such as %3B is not UTF-8"))
        };
        let (place, deviation) = split_place(text).ok_or_else(|| wrong("the form is `what #n: deviation`"))?;
        let (label, nth, name) = place;
        let deviation = decoded(deviation)?;
        let deviation = Deviation::parse(&deviation).ok_or_else(|| {
            wrong(
                "after the colon stands an error's code such as SlowDown, or a word such as reset, answer lost, twice",
            )
        })?;
        Ok(Self { label: decoded(label)?, nth, name: name.map(str::to_owned), deviation })
    }
}

type Place<'a> = (&'a str, u32, Option<&'a str>);

fn split_place(text: &str) -> Option<(Place<'_>, &str)> {
    text.match_indices(" #").find_map(|(at, sign)| {
        let (label, rest) = (&text[..at], &text[at + sign.len()..]);
        let (place, deviation) = rest.split_once(": ")?;
        let (nth, name) = match place.split_once(" @") {
            Some((nth, name)) => (nth, Some(name)),
            None => (place, None),
        };
        let is_name = |name: &str| name.len() == 8 && name.bytes().all(|digit| digit.is_ascii_hexdigit());
        let is_number = nth.bytes().all(|digit| digit.is_ascii_digit());
        let nth = nth.parse().ok().filter(|nth| is_number && *nth > 0)?;
        (name.is_none_or(is_name) && !label.is_empty()).then_some(((label, nth, name), deviation))
    })
}

#[cfg(test)]
mod tests {
    use super::super::Span;
    use super::*;

    fn step(label: &str, name: Option<&str>, deviation: Deviation) -> Step {
        Step { label: label.to_owned(), nth: 2, name: name.map(str::to_owned), deviation }
    }

    #[test]
    fn every_plan_parses_back_whatever_its_keys_hold() {
        let labels = [
            "s3.PutObject b/a.csv",
            "slack.PostMessage #general",
            "s3.GetObject b/a #1: late; x%3B @0",
            "a → b",
            " ",
            " b/a #+5: late",
            "b/\n;",
            "日本",
        ];
        let deviations = [
            Deviation::AnswerLost,
            Deviation::error("SlowDown", Span::Once),
            Deviation::error("AWS.X_y", Span::WholeCall),
            Deviation::Reset(Span::ForGood),
            Deviation::Twice,
            Deviation::After("invoke a; b #2 @00ff00ff".to_owned()),
        ];
        let mut plan = Plan::new();
        for label in labels {
            for deviation in &deviations {
                let name = label.len().is_multiple_of(2).then_some("0123abcd");
                plan.0.push(step(label, name, deviation.clone()));
            }
        }
        assert_eq!(plan.to_string().parse(), Ok(plan.clone()));
        plan.singles().for_each(|single| assert_eq!(single.to_string().parse(), Ok(single)));
    }

    #[test]
    fn what_is_no_plan_says_why() {
        for (text, rule) in [
            ("s3.PutObject a", "the form is"),
            ("s3.PutObject a #0: late", "the form is"),
            ("s3.PutObject a #1 @xyz: late", "the form is"),
            ("s3.PutObject a #1: what happens here", "after the colon"),
            ("s3.PutObject a #1: ", "after the colon"),
        ] {
            let error = text.parse::<Plan>().unwrap_err().to_string();
            assert!(error.contains(rule) && error.contains(text.trim()), "{error}");
        }
        assert_eq!("".parse(), Ok(Plan::new()));
    }
}
