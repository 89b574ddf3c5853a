//! Asked at every point which way the world goes; remembers what was asked.

use std::sync::{Arc, MutexGuard};

use super::course::{Met, Places};
use super::draws::{Draws, Priorities};
use super::{Course, Deviation, Injections, Plan, PointKind};
use crate::history::{Actor, Name};
use crate::lock::Lock;

/// A point that asks.
#[derive(Debug, Clone)]
pub(crate) struct At {
    pub name: Name,
    pub kind: PointKind,
    /// What the point is about.
    pub label: Arc<str>,
    /// Who does what it is about.
    pub actor: Actor,
}

/// How the deviations of a run come about.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// They are written down.
    Planned(Plan),
    /// They are drawn.
    Drawn(Draws),
}

/// The choices of one run: its plan, and the points that it met.
#[derive(Debug)]
pub(crate) struct Choices {
    way: Way,
    /// What happens beside the plan.
    injections: Injections,
    /// How many points are remembered, for servers that live long.
    limit: Option<usize>,
    state: Lock<State>,
}

#[derive(Debug, Default)]
struct State {
    met: Vec<Met>,
    /// Which deviations of the plan have come to pass.
    fired: Vec<bool>,
    /// Which of its equals a point is: for plans that count them.
    places: Places,
    /// Who goes first in a run whose order is drawn.
    priorities: Priorities,
}

impl Choices {
    pub fn new(way: Way, limit: Option<usize>) -> Self {
        let planned = if let Way::Planned(plan) = &way { plan.len() } else { 0 };
        let state = State { fired: vec![false; planned], ..State::default() };
        Self { way, injections: Injections::default(), limit, state: Lock::new(state) }
    }

    /// Whether every pick is the ordinary one.
    pub fn is_ordinary(&self) -> bool {
        matches!(&self.way, Way::Planned(plan) if plan.is_empty())
    }

    /// The faults that the test has injected. They are no part of the course: a plan meets the same points with them.
    pub fn injections(&self) -> &Injections {
        &self.injections
    }

    /// Which of the alternatives comes to pass; `None` is the ordinary course.
    pub fn pick(&self, at: At, alternatives: &Arc<[Deviation]>) -> Option<Deviation> {
        if alternatives.is_empty() {
            return None;
        }
        let mut state = self.state();
        let taken = match &self.way {
            Way::Planned(plan) if plan.is_empty() => None,
            Way::Planned(plan) => planned(plan, &mut state, &at, alternatives),
            Way::Drawn(draws) => draws.pick(&at, alternatives),
        };
        self.remember(&mut state, at, alternatives, taken.as_ref());
        taken
    }

    /// Which of several things goes first: one of the alternatives, or `own`, which does in the ordinary course.
    pub fn pick_first(&self, at: At, own: &Deviation, alternatives: &Arc<[Deviation]>) -> Option<Deviation> {
        let Way::Drawn(draws) = &self.way else { return self.pick(at, alternatives) };
        let mut state = self.state();
        let taken = state.priorities.first(draws, own, alternatives);
        self.remember(&mut state, at, alternatives, taken.as_ref());
        taken
    }

    fn remember(&self, state: &mut State, at: At, alternatives: &Arc<[Deviation]>, taken: Option<&Deviation>) {
        if self.limit.is_none_or(|limit| state.met.len() < limit) {
            state.met.push(Met { at, alternatives: Arc::clone(alternatives), taken: taken.cloned() });
        }
    }

    /// The points so far.
    pub fn course(&self) -> Course {
        let state = self.state();
        let steps = if let Way::Planned(plan) = &self.way { &*plan.0 } else { &[] };
        let unmet = steps.iter().zip(&state.fired).filter(|(_, fired)| !**fired).map(|(step, _)| step.clone());
        Course::new(&state.met, Plan(unmet.collect()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

fn planned(plan: &Plan, state: &mut State, at: &At, alternatives: &[Deviation]) -> Option<Deviation> {
    let count = state.places.of(at);
    let (place, step) = plan.0.iter().enumerate().find(|(place, step)| {
        // Names are short, so two points may share one by chance.
        let is_it = || step.name.as_ref().map_or(step.nth == count, |name| *name == at.name.short());
        *step.label == *at.label && is_it() && !state.fired[*place] && alternatives.contains(&step.deviation)
    })?;
    state.fired[place] = true;
    Some(step.deviation.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(label: &str, nth: u32) -> At {
        let name = Name::ROOT.under("request", label).nth(nth);
        At { name, kind: PointKind::After, label: label.into(), actor: Actor::Service }
    }

    #[test]
    fn a_deviation_fires_once_at_its_place_and_nowhere_else() {
        let alternatives: Arc<[Deviation]> = [Deviation::AnswerLost, Deviation::Crash].into();
        let choices = Choices::new(Way::Planned("a #2: answer lost; b #1: twice".parse().unwrap()), None);
        let picks: Vec<_> = (0..4).map(|nth| choices.pick(at("a", nth), &alternatives)).collect();
        assert_eq!(picks, [None, Some(Deviation::AnswerLost), None, None]);
        assert_eq!(choices.pick(at("b", 0), &alternatives), None, "`twice` is no alternative there");
        let course = choices.course();
        assert_eq!(course.unmet().to_string(), "b #1: twice");
        assert_eq!(course.fired().to_string(), format!("a #2 @{}: answer lost", at("a", 1).name.short()));
    }

    #[test]
    fn a_point_is_found_by_its_name_although_others_before_it_are_gone() {
        let alternatives: Arc<[Deviation]> = [Deviation::AnswerLost].into();
        let ordinary = Choices::new(Way::Planned(Plan::new()), None);
        (0..3).for_each(|nth| assert_eq!(ordinary.pick(at("a", nth), &alternatives), None));
        let plan = ordinary.course().points()[2].deviate(&Deviation::AnswerLost);
        let choices = Choices::new(Way::Planned(plan), None);
        assert_eq!(choices.pick(at("a", 2), &alternatives), Some(Deviation::AnswerLost));
        choices.course().assert_plan_met();
    }
}
