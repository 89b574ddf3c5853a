//! What an exploration answers: what was tried, and one failure for each cause.

use std::fmt;

use super::causes::Found;
use super::oracle::{Kind, Ordinary, Violation};
use super::ordinary::NotOrdinary;
use super::reduce::{Reduced, is_swept};
use super::run::Ran;
use super::{small, unknown};
use crate::choice::{Plan, PointKind};
use crate::history::Actor;

/// What was tried, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts {
    requests: usize,
    deliveries: usize,
    invocations: usize,
    volatile: usize,
    unattributed: usize,
    pub stored: usize,
    pub given: usize,
    /// The settings of the cloud under which the ordinary course was run once more.
    pub settings: Vec<&'static str>,
    singles: usize,
    singles_in_all: usize,
    classes: usize,
    skipped: usize,
    looped: usize,
    pub pairs: usize,
    pub pairs_in_all: usize,
    pub histories: usize,
    pub orders: usize,
    pub told: usize,
    pub repeated: usize,
    pub windows: usize,
    pub next_runs: usize,
}

impl Counts {
    pub fn of(ordinary: &Ordinary) -> Self {
        let Ran { course, history, .. } = &ordinary.ran;
        let points = |kind| course.points().iter().filter(|point| is_swept(point) && point.kind == kind).count();
        // What no invocation is known to ask for cannot be deviated.
        let unattributed = history.requests().filter(|answered| answered.entry.actor == Actor::Unattributed);
        Self {
            requests: points(PointKind::Before),
            deliveries: points(PointKind::Delivery),
            invocations: history.invocations().count(),
            volatile: ordinary.masks.len(),
            unattributed: unattributed.count(),
            ..Self::default()
        }
    }

    pub fn singles(&mut self, reduced: &Reduced) {
        self.singles = reduced.singles.len();
        self.singles_in_all = reduced.all;
        self.classes = reduced.classes;
        (self.skipped, self.looped) = (reduced.skipped, reduced.looped);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, deliveries, invocations, .. } = self;
        write!(f, "{}, {}, ", counted(*requests, "request"), either(*deliveries, "delivery", "deliveries"))?;
        writeln!(f, "{} in the ordinary course", counted(*invocations, "invocation"))?;
        if self.volatile > 0 {
            writeln!(f, "  volatile in its end, and so equal: {}", counted(self.volatile, "value"))?;
        }
        if self.unattributed > 0 {
            writeln!(f, "  not deviated: {} of tasks that handlers spawned", counted(self.unattributed, "request"))?;
        }
        if self.given > 0 {
            return writeln!(f, "  nothing but {}", counted(self.given, "given plan"));
        }
        if self.stored > 0 {
            writeln!(f, "  {}", counted(self.stored, "stored plan"))?;
        }
        write!(f, "  {} of {}", self.singles, counted(self.singles, "single deviation"))?;
        write!(f, " in {} classes", self.classes)?;
        let alike = self.singles_in_all.saturating_sub(self.singles);
        if alike > 0 {
            write!(f, "; {alike} more differ from these in an error's words alone")?;
        }
        if self.skipped > 0 {
            write!(f, "; {} of {} points of loops", self.looped - self.skipped, self.looped)?;
        }
        writeln!(f)?;
        if !self.settings.is_empty() {
            writeln!(f, "  the ordinary course with {}", self.settings.join(", and with "))?;
        }
        if self.pairs + self.histories + self.orders > 0 {
            writeln!(f, "  {} of {}", self.pairs, counted(self.pairs_in_all, "pair"))?;
            writeln!(f, "  {}, {}", either(self.histories, "history", "histories"), counted(self.orders, "order"))?;
        } else {
            writeln!(f, "  no pairs, histories and orders")?;
        }
        let Self { told, repeated, windows, .. } = self;
        if told + repeated + windows > 0 {
            writeln!(
                f,
                "  of these, {told} ended in an error or a dead letter, as they must; {repeated} did something again that \
                 nobody could know was done; {windows} lost something between its mark and its effect"
            )?;
        }
        if self.next_runs > 0 {
            writeln!(f, "  {} left something for the next run of a schedule", self.next_runs)?;
        }
        Ok(())
    }
}

fn counted(count: usize, noun: &str) -> String {
    either(count, noun, &format!("{noun}s"))
}

fn either(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What [`explore`](crate::explore) found out. `Display` is the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explored {
    counts: Counts,
    failures: Vec<Finding>,
    broken: Option<NotOrdinary>,
}

/// A cause of failure, with the smallest plan that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The deviations that lead to it; none if the ordinary course fails.
    pub plan: Plan,
    /// What is wrong, in a few words, such as `not idempotent`.
    pub what: String,
    /// What was seen, one finding a line.
    pub seen: String,
    /// What may be done about it.
    pub advice: Option<String>,
    /// How many other plans that were tried end the same way.
    pub others: usize,
    /// The timeline, in which `>` marks the first line that is not in the ordinary course.
    pub timeline: String,
    /// What was being tried when it was first seen: `ordinary course`, `stored plans`, `given plans`, `single deviations`,
    /// `small limits`, `unknown members`, `pairs`, `histories` or `orders`.
    pub phase: &'static str,
    /// The number of the run that showed it first, counted from 1. The ordinary course takes the first three.
    pub run: usize,
    pub(super) kind: Kind,
}

impl Finding {
    pub(super) fn new(found: &Found, ordinary: &Ran, ran: &Ran) -> Self {
        let Found { plan, violation, also, others, phase, run } = found;
        let mut seen = violation.seen.clone();
        for Violation { kind, seen: more, .. } in also.iter().take(6) {
            seen.push_str(&format!("\n{kind}: {more}"));
        }
        Self {
            plan: plan.clone(),
            what: violation.kind.to_string(),
            seen,
            advice: violation.kind.advice(violation.place.as_ref()),
            others: *others,
            timeline: marked(ordinary, ran),
            phase,
            run: *run,
            kind: violation.kind.clone(),
        }
    }
}

/// Lines before and after the first that differs.
const BEFORE: usize = 8;
const AFTER: usize = 32;

/// The part of a timeline around the first line that left the ordinary course.
fn marked(ordinary: &Ran, ran: &Ran) -> String {
    let (one, two) = (ordinary.history.timeline().to_string(), ran.history.timeline().to_string());
    let (one, two): (Vec<&str>, Vec<&str>) = (one.lines().collect(), two.lines().collect());
    let first = (0..two.len()).find(|at| one.get(*at) != two.get(*at));
    let from = first.unwrap_or(0).saturating_sub(BEFORE);
    let to = (first.unwrap_or(0) + AFTER).min(two.len());
    let mut text = String::new();
    if from > 0 {
        text.push_str(&format!("  … {from} lines as in the ordinary course …\n"));
    }
    for (at, line) in two.iter().enumerate().take(to).skip(from) {
        text.push_str(if Some(at) == first { "> " } else { "  " });
        text.push_str(line);
        text.push('\n');
    }
    if to < two.len() {
        text.push_str(&format!("  … {} more lines …\n", two.len() - to));
    }
    text
}

impl Explored {
    pub(super) fn new(counts: Counts, failures: Vec<Finding>) -> Self {
        Self { counts, failures, broken: None }
    }

    pub(super) fn not_ordinary(why: NotOrdinary) -> Self {
        Self { counts: Counts::default(), failures: Vec::new(), broken: Some(why) }
    }

    /// The failures, one for each cause.
    pub fn findings(&self) -> &[Finding] {
        &self.failures
    }

    /// Whether everything that was tried ended well.
    pub fn is_ok(&self) -> bool {
        self.failures.is_empty() && self.broken.is_none()
    }

    /// How many single deviations were tried.
    pub fn singles(&self) -> usize {
        self.counts.singles
    }

    /// Panics with the report when something failed.
    ///
    /// # Panics
    ///
    /// See above.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.is_ok(), "{self}");
    }
}

/// How many failures are printed whole.
const MOST_SHOWN: usize = 4;

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.broken {
            Some(NotOrdinary::Empty) => {
                return f
                    .write_str("there is nothing to explore: no handler makes a request, and nothing is delivered");
            }
            Some(NotOrdinary::Fails { how, why, timeline }) => {
                return write!(f, "without any deviation, {how}: {why}\nthe timeline:\n{timeline}");
            }
            Some(NotOrdinary::Differs { one, two }) => {
                writeln!(
                    f,
                    "two ordinary runs with one seed differ, so nothing can be compared. The first difference:"
                )?;
                writeln!(f, "  one:     {one}\n  another: {two}")?;
                return f.write_str(
                    "The usual suspects: the order of a HashMap, random ids or the wall clock in a key, state that \
                     outlives a run (a static), tasks that nobody waits for",
                );
            }
            None => {}
        }
        write!(f, "{}", self.counts)?;
        let count = self.failures.len();
        if count == 0 {
            return f.write_str("all ended well\n");
        }
        writeln!(f, "{count} {}:", if count == 1 { "failure" } else { "failures, each of another cause" })?;
        for (number, failure) in self.failures.iter().take(MOST_SHOWN).enumerate() {
            writeln!(f, "\n{}. {failure}", number + 1)?;
        }
        if count > MOST_SHOWN {
            writeln!(f, "\nand {} more:", count - MOST_SHOWN)?;
            for Finding { what, seen, plan, .. } in self.failures.iter().skip(MOST_SHOWN) {
                writeln!(f, "  {what}: {} ({plan})", seen.lines().next().unwrap_or_default())?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, what, seen, advice, others, timeline, phase, .. } = self;
        writeln!(f, "{what}: {}", seen.replace('\n', "\n   "))?;
        if let Some(advice) = advice {
            writeln!(f, "   {advice}")?;
        }
        if [small::NAME, unknown::NAME].contains(phase) {
            writeln!(f, "   with {phase}, and no deviation")?;
            writeln!(f, "   again: Cloud::builder().{}().start()", phase.replace(' ', "_"))?;
        } else if plan.is_empty() {
            writeln!(f, "   without any deviation")?;
        } else {
            writeln!(f, "   after: {plan}")?;
            writeln!(f, "   again: Cloud::builder().plan({:?}).start()", plan.to_string())?;
        }
        match others {
            0 => {}
            1 => writeln!(f, "   one other plan ends like this")?,
            count => writeln!(f, "   {count} other plans end like this")?,
        }
        write!(f, "{timeline}")
    }
}
