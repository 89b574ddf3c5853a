//! Asked at every point which way the world goes; remembers what was asked.

use std::sync::{Arc, MutexGuard};

use super::course::{Met, Offered, Places};
use super::drawn::Drawn;
use super::draws::Priorities;
use super::plan::Step;
use super::{Course, Deviation, Injections, Plan, PointKind, Thing};
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

/// The choices of one run: its plan, and the points that it met.
#[derive(Debug)]
pub(crate) struct Choices {
    plan: Plan,
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
    /// The draws of the plan, in its order.
    drawn: Vec<DrawnSoFar>,
}

/// What draws have come to in this run.
#[derive(Debug, Clone, Default)]
struct DrawnSoFar {
    fired: u32,
    /// Who goes first in a run whose order is drawn.
    priorities: Priorities,
}

impl Choices {
    pub fn new(plan: Plan, limit: Option<usize>) -> Self {
        plan.draws().iter().for_each(Drawn::begin);
        let drawn = vec![DrawnSoFar::default(); plan.draws().len()];
        let state = State { fired: vec![false; plan.steps.len()], drawn, ..State::default() };
        Self { plan, injections: Injections::default(), limit, state: Lock::new(state) }
    }

    /// Whether every pick is the ordinary one.
    pub fn is_ordinary(&self) -> bool {
        self.plan.is_empty()
    }

    /// The faults that the test has injected. They are no part of the course: a plan meets the same points with them.
    pub fn injections(&self) -> &Injections {
        &self.injections
    }

    /// Which of the alternatives comes to pass; `None` is the ordinary course.
    pub fn pick(&self, at: At, alternatives: &Arc<[Deviation]>) -> Option<Deviation> {
        self.pick_by(at, alternatives, |drawn, _, at| drawn.draws.pick(at, alternatives))
    }

    /// Which of several things goes first: one of the alternatives, or `own`, which does in the ordinary course.
    pub fn pick_first(&self, at: At, own: &Deviation, alternatives: &Arc<[Deviation]>) -> Option<Deviation> {
        self.pick_by(at, alternatives, |drawn, so_far, _| so_far.priorities.first(&drawn.draws, own, alternatives))
    }

    fn pick_by(
        &self,
        at: At,
        alternatives: &Arc<[Deviation]>,
        mut draw: impl FnMut(&Drawn, &mut DrawnSoFar, &At) -> Option<Deviation>,
    ) -> Option<Deviation> {
        if alternatives.is_empty() {
            return None;
        }
        let mut state = self.state();
        let mut taken = None;
        if !self.plan.is_empty() {
            let nth = state.places.of(&at);
            taken = planned(&self.plan, &mut state, &at, nth, alternatives);
            for (drawn, so_far) in self.plan.draws().iter().zip(&mut state.drawn) {
                if taken.is_some() || drawn.most.is_some_and(|most| so_far.fired >= most) {
                    continue;
                }
                taken = draw(drawn, so_far, &at);
                if let Some(deviation) = &taken {
                    so_far.fired += 1;
                    drawn.fired(Step::at(&at, nth, deviation));
                }
            }
        }
        self.remember(&mut state, at, Offered::Deviations(Arc::clone(alternatives)), taken.as_ref());
        taken
    }

    /// Remembers that others might have gone first, in a run without a plan.
    pub fn pass_in_order(&self, at: At, others: Vec<Thing>) {
        if !others.is_empty() {
            self.remember(&mut self.state(), at, Offered::First(others), None);
        }
    }

    fn remember(&self, state: &mut State, at: At, offered: Offered, taken: Option<&Deviation>) {
        if self.limit.is_none_or(|limit| state.met.len() < limit) {
            state.met.push(Met { at, offered, taken: taken.cloned() });
        }
    }

    /// The points so far.
    pub fn course(&self) -> Course {
        let state = self.state();
        let unmet =
            self.plan.steps.iter().zip(&state.fired).filter(|(_, fired)| !**fired).map(|(step, _)| step.clone());
        Course::new(&state.met, Plan::of(unmet.collect()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

fn planned(plan: &Plan, state: &mut State, at: &At, nth: u32, alternatives: &[Deviation]) -> Option<Deviation> {
    let (place, step) = plan.steps.iter().enumerate().find(|(place, step)| {
        // Names are short, so two points may share one by chance.
        let is_it = || step.name.as_ref().map_or(step.nth == nth, |name| *name == at.name.short());
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
        let choices = Choices::new("a #2: answer lost; b #1: twice".parse().unwrap(), None);
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
        let ordinary = Choices::new(Plan::new(), None);
        (0..3).for_each(|nth| assert_eq!(ordinary.pick(at("a", nth), &alternatives), None));
        let plan = ordinary.course().points()[2].deviate(&Deviation::AnswerLost);
        let choices = Choices::new(plan, None);
        assert_eq!(choices.pick(at("a", 2), &alternatives), Some(Deviation::AnswerLost));
        choices.course().assert_plan_met();
    }
}
