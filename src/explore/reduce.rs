//! Which deviations of a course are tried: one of each class at each point, and some points of each loop.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::Settings;
use crate::choice::{Class, Course, Deviation, Plan, Point, PointKind, Span, mixed};
use crate::history::Actor;

/// One deviation to try.
#[derive(Debug, Clone)]
pub(super) struct Single {
    /// The place of its point in the course.
    pub at: usize,
    pub plan: Plan,
}

/// The deviations of a course that are tried, and how many there are.
#[derive(Debug, Clone, Default)]
pub(super) struct Reduced {
    pub singles: Vec<Single>,
    /// All alternatives of all points.
    pub all: usize,
    /// Points of loops that are not tried, and points of loops in all.
    pub skipped: usize,
    pub looped: usize,
    pub classes: usize,
}

/// A loop of so many points is tried whole.
const WHOLE_LOOP: usize = 4;

/// The deviations to try among the points of a course from `from` on.
pub(super) fn reduce(course: &Course, from: usize, settings: &Settings) -> Reduced {
    let mut loops: BTreeMap<(PointKind, String), Vec<usize>> = BTreeMap::new();
    let points = course.points();
    for (at, point) in points.iter().enumerate().skip(from).filter(|(_, point)| is_swept(point)) {
        loops.entry((point.kind, shape_of(point))).or_default().push(at);
    }
    let mut reduced = Reduced::default();
    let mut kept: Vec<usize> = Vec::new();
    for places in loops.values() {
        if places.len() <= WHOLE_LOOP {
            kept.extend(places);
            continue;
        }
        let last = places.len() - 1;
        let middle = 2 + usize::try_from(mixed(places.len() as u64)).unwrap_or_default() % (last - 2);
        kept.extend([0, 1, middle, last].map(|place| places[place]));
        reduced.looped += places.len();
        reduced.skipped += places.len() - 4;
    }
    kept.sort_unstable();
    let mut classes = BTreeSet::new();
    for at in kept {
        let point = &points[at];
        let wanted: Vec<&Deviation> =
            point.alternatives.iter().filter(|deviation| settings.wants(&point.label, deviation)).collect();
        reduced.all += wanted.len();
        let mut seen: BTreeSet<(Class, Option<Span>, Option<&Deviation>)> = BTreeSet::new();
        for deviation in wanted {
            let class = deviation.class();
            let by_itself = matches!(class, Class::Delivery | Class::Batch | Class::Part | Class::Deed | Class::Order);
            let by_itself = by_itself.then_some(deviation);
            // Whoever is denied once is denied again.
            let span = if class == Class::Denied { Some(Span::ForGood) } else { deviation.span() };
            if deviation.span() == span && seen.insert((class, span, by_itself)) {
                classes.insert((shape_of(point), class, span));
                reduced.singles.push(Single { at, plan: point.deviate(deviation) });
            }
        }
    }
    reduced.classes = classes.len();
    reduced
}

/// What the test itself does is not deviated, nor what nobody known does.
pub(super) fn is_swept(point: &Point) -> bool {
    !matches!(point.actor, Actor::Test | Actor::Unattributed)
}

/// What points of one loop have in common: who asks, for what, about what kind of resource.
fn shape_of(point: &Point) -> String {
    let who = if let Actor::Function(name) = &point.actor { name } else { "" };
    format!("{who} {}", shape(&point.label))
}

/// A text without what numbers its likes: digits, and the stem of a key's last part.
pub(super) fn shape(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.rsplit_once('/') {
        Some((folder, name)) => {
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            format!("{}/*.{extension}", numberless(folder))
        }
        None => numberless(word),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn numberless(text: &str) -> String {
    let mut shape = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if shape.ends_with('0') => {}
            '0'..='9' => shape.push('0'),
            other => shape.push(other),
        }
    }
    shape
}
