//! The points that a run met.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::plan::Step;
use super::{At, Deviation, Plan, Thing};
use crate::history::{Actor, Name};

/// What a point is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PointKind {
    /// A request, before the work.
    Before,
    /// How much of a request's work is done: a page of a listing, the entries of a batch, the messages of a receive.
    Extent,
    /// A request, after the work.
    After,
    /// A delivery of a trigger, a schedule, an asynchronous invocation or a dead letter.
    Delivery,
    /// How many messages a batch has.
    Batch,
    /// An invocation about to start.
    Invocation,
    /// Which of several things that can happen now goes first.
    Turn,
}

/// A place of a run at which the world might have gone another way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Point {
    /// What it is about, such as `s3.PutObject private-csv/a.csv` or `alarms → to-slack`.
    pub label: String,
    /// Which of the requests, deliveries and so on with this label in the run it is, counted from 1.
    pub nth: u32,
    /// What kind of place it is.
    pub kind: PointKind,
    /// Who does what it is about. What the test does itself is for single faults, not for trying them all; neither is what
    /// [nobody known](Actor::Unattributed) does, such as a task that a handler spawned: it may happen in another place the
    /// next time.
    pub actor: Actor,
    /// Whether it is about something that the test itself did.
    pub of_test: bool,
    /// What else might have happened.
    pub alternatives: Vec<Deviation>,
    /// What happened instead of the ordinary; none in the ordinary course.
    pub taken: Option<Deviation>,
    pub(super) name: String,
}

impl Point {
    /// The plan that deviates at this point and nowhere else.
    pub fn deviate(&self, deviation: &Deviation) -> Plan {
        let (label, nth, name) = (self.label.clone(), self.nth, Some(self.name.clone()));
        Plan::of(vec![Step { label, nth, name, deviation: deviation.clone() }])
    }

    /// One plan for each alternative.
    pub fn plans(&self) -> impl Iterator<Item = Plan> + '_ {
        self.alternatives.iter().map(|deviation| self.deviate(deviation))
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{} @{}", self.label, self.nth, self.name)?;
        self.taken.as_ref().map_or(Ok(()), |taken| write!(f, ": {taken}"))
    }
}

/// The points that a run met, in order, and what its plan came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    points: Vec<Point>,
    unmet: Plan,
}

/// A point as it was met.
#[derive(Debug, Clone)]
pub(super) struct Met {
    pub at: At,
    pub offered: Offered,
    pub taken: Option<Deviation>,
}

/// What a point offered.
#[derive(Debug, Clone)]
pub(super) enum Offered {
    Deviations(Arc<[Deviation]>),
    /// Any of these might have gone first; written out only when somebody asks for the course.
    First(Vec<Thing>),
}

impl Offered {
    fn alternatives(&self) -> Vec<Deviation> {
        match self {
            Self::Deviations(alternatives) => alternatives.to_vec(),
            Self::First(things) => things.iter().map(Thing::first).collect(),
        }
    }
}

/// Counts the points with one label. Before, in and after the work of a request are points in one place.
#[derive(Debug, Default)]
pub(super) struct Places {
    counts: HashMap<(PointKind, Arc<str>), u32>,
    known: HashMap<(PointKind, Name), u32>,
}

impl Places {
    /// Which of the points with this label it is, counted from 1.
    pub fn of(&mut self, at: &At) -> u32 {
        let of_request = matches!(at.kind, PointKind::Extent | PointKind::After);
        let kind = if of_request { PointKind::Before } else { at.kind };
        let Self { counts, known } = self;
        *known.entry((kind, at.name)).or_insert_with(|| {
            let count = counts.entry((kind, Arc::clone(&at.label))).or_default();
            *count += 1;
            *count
        })
    }
}

impl Course {
    pub(super) fn new(met: &[Met], unmet: Plan) -> Self {
        let mut places = Places::default();
        let points = met.iter().map(|Met { at, offered, taken }| Point {
            label: at.label.to_string(),
            nth: places.of(at),
            kind: at.kind,
            actor: at.actor.clone(),
            of_test: at.actor == Actor::Test,
            alternatives: offered.alternatives(),
            taken: taken.clone(),
            name: at.name.short(),
        });
        Self { points: points.collect(), unmet }
    }

    /// The points, in the order in which they were met.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The deviations that came to pass.
    pub fn fired(&self) -> Plan {
        let fired = self.points.iter().filter_map(|point| Some(point.deviate(point.taken.as_ref()?)));
        fired.fold(Plan::new(), |plan, fired| plan.and(&fired))
    }

    /// The deviations of the plan that never came to pass: a fault that did not fire proves nothing.
    pub fn unmet(&self) -> &Plan {
        &self.unmet
    }

    /// Panics when a deviation of the plan never came to pass, with the points that there are.
    ///
    /// # Panics
    ///
    /// See above.
    #[track_caller]
    pub fn assert_plan_met(&self) {
        assert!(self.unmet.is_empty(), "these deviations never came to pass: {}\nthe run met\n{self}", self.unmet);
    }
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.points.iter().try_for_each(|point| writeln!(f, "{point}"))
    }
}
