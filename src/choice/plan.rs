//! Which points of a run go another way than the ordinary one.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{percent_decode_str, percent_encode_byte};

use super::drawn::Drawn;
use super::draws::Draws;
use super::{At, Deviation};

/// A set of deviations from the ordinary course of a run.
///
/// It prints as short text and parses back: the points by what they are about, in the n-th place among equals, and
/// after the colon what happens there. What stands behind `@` names the point by its cause, so that the deviation is
/// found again although others before it were left out; a plan written by hand may do without it.
///
/// A plan may also say that deviations are *drawn* while the run goes on: `faults drawn by 7, at most 4`. Such plans are the
/// values of `strategy::fault_plan` and its like. Which deviations a run met is noted in the plan and in
/// all its copies, and once it has run it prints as these, one by one.
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
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plan {
    pub(super) steps: Vec<Step>,
    drawn: Vec<Drawn>,
}

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

impl Step {
    /// The deviation of the `nth` point with this label.
    pub fn at(at: &At, nth: u32, deviation: &Deviation) -> Self {
        Self { label: at.label.to_string(), nth, name: Some(at.name.short()), deviation: deviation.clone() }
    }
}

impl Plan {
    /// The plan without deviations: the ordinary course.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn of(steps: Vec<Step>) -> Self {
        Self { steps, drawn: Vec::new() }
    }

    /// The plan whose deviations are drawn, at most so many in one run.
    pub(crate) fn drawn(draws: Draws, most: Option<u32>) -> Self {
        Self { steps: Vec::new(), drawn: vec![Drawn::new(draws, most)] }
    }

    pub(super) fn draws(&self) -> &[Drawn] {
        &self.drawn
    }

    /// How many deviations it has; of those that are drawn, how many the runs so far have met.
    pub fn len(&self) -> usize {
        self.recorded().map_or(self.steps.len(), |recorded| recorded.steps.len())
    }

    /// Whether it is the ordinary course: neither has it deviations, nor are any drawn.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.drawn.is_empty()
    }

    /// This plan with the deviations of another.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for step in &other.steps {
            if !self.steps.contains(step) {
                self.steps.push(step.clone());
            }
        }
        for drawn in &other.drawn {
            if !self.drawn.contains(drawn) {
                self.drawn.push(drawn.clone());
            }
        }
        self
    }

    /// This plan with the deviations that were drawn in the runs so far written down, instead of the draws; `None` where
    /// there is nothing to write down, because nothing is drawn or the plan has not run.
    ///
    /// ```
    /// use lambda_testkit::{Cloud, Plan};
    ///
    /// let plan: Plan = "faults drawn by 7, at most 4".parse().unwrap();
    /// assert_eq!(plan.recorded(), None);
    /// Cloud::builder().plan(&plan).run(|_cloud| async {});      // nobody asks for anything
    /// assert_eq!(plan.recorded(), Some(Plan::new()));
    /// ```
    pub fn recorded(&self) -> Option<Self> {
        let recorded: Vec<_> = self.drawn.iter().filter_map(Drawn::recorded).collect();
        if recorded.is_empty() {
            return None;
        }
        let mut steps = self.steps.clone();
        recorded.into_iter().flatten().for_each(|step| {
            if !steps.contains(&step) {
                steps.push(step);
            }
        });
        Some(Self::of(steps))
    }

    /// Whether an answer comes so late that invocations overlap that do not otherwise.
    pub(crate) fn overlaps(&self) -> bool {
        self.steps.iter().any(|step| step.deviation == Deviation::AnsweredLate)
    }

    /// Whether any of its deviations stays, however often what it fails is tried again.
    pub(crate) fn lasts(&self) -> bool {
        self.steps.iter().any(|step| !step.deviation.is_transient())
    }

    /// This plan without its deviations in these places.
    pub(super) fn without_all(&self, places: std::ops::Range<usize>) -> Self {
        let kept = self.steps.iter().enumerate().filter(|(at, _)| !places.contains(at));
        Self { steps: kept.map(|(_, step)| step.clone()).collect(), drawn: self.drawn.clone() }
    }

    /// The same, with its points found by their places among equals instead of by their causes.
    pub(super) fn unnamed(mut self) -> Self {
        self.steps.iter_mut().for_each(|step| step.name = None);
        self
    }

    /// The deviations in their places.
    pub(super) fn deviations(&self) -> impl ExactSizeIterator<Item = &Deviation> {
        self.steps.iter().map(|step| &step.deviation)
    }

    /// This plan with another deviation in this place.
    pub(super) fn with(&self, place: usize, deviation: Deviation) -> Self {
        let mut plan = self.clone();
        if let Some(step) = plan.steps.get_mut(place) {
            step.deviation = deviation;
        }
        plan
    }

    /// Each deviation as a plan of its own, for trying which of them are needed.
    pub fn singles(&self) -> impl Iterator<Item = Self> + '_ {
        self.steps.iter().map(|step| Self::of(vec![step.clone()]))
    }
}

/// The text without what a plan is cut at, and without anything that looks like a place.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let looks_like_place = c == '#' && rest.peek().is_some_and(char::is_ascii_digit);
        if c.is_control() || matches!(c, '%' | ';') || looks_like_place || (c == ' ' && encoded.is_empty()) {
            let mut bytes = [0; 4];
            encoded.extend(c.encode_utf8(&mut bytes).bytes().map(percent_encode_byte));
        } else {
            encoded.push(c);
        }
    }
    encoded
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
        if let Some(recorded) = self.recorded() {
            return recorded.fmt(f);
        }
        let steps = self.steps.iter().map(|step| step as &dyn fmt::Display);
        let parts = steps.chain(self.drawn.iter().map(|drawn| drawn as &dyn fmt::Display));
        for (place, part) in parts.enumerate() {
            if place > 0 {
                f.write_str("; ")?;
            }
            part.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Plan {
    /// The text as a literal of Rust, which `CloudBuilder::plan` takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
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
        let parts = text.split(';').map(|part| part.strip_prefix(' ').unwrap_or(part));
        let mut plan = Self::new();
        for part in parts.filter(|part| !part.trim().is_empty()) {
            match Drawn::parse(part) {
                Some(drawn) => plan.drawn.push(drawn),
                None => plan.steps.push(part.parse()?),
            }
        }
        Ok(plan)
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
                plan.steps.push(step(label, name, deviation.clone()));
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
