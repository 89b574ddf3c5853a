//! What is tried, in which order: single deviations, pairs, histories, orders.

use std::collections::BTreeSet;
use std::ops::AsyncFn;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::answer::{Counts, Explored, Finding};
use super::causes::Causes;
use super::oracle::{Check, Excuse, Kind, Ordinary, Verdict, Violation, judge, judge_ordinary};
use super::ordinary::{ORDINARY_RUNS, ordinary};
use super::reduce::{Reduced, reduce};
use super::regressions::Regressions;
use super::run::{Ran, run};
use super::settings::Settings;
use super::workers::Workers;
use super::{shrink, small, unknown};
use crate::choice::{Drawing, Draws, Plan, PointKind, mixed};
use crate::cloud::{Cloud, CloudBuilder};

/// How many deviations a history has at most. Each may have everything done once more, and a run has ten times as many
/// invocations as the ordinary one.
const MOST_DRAWN: u32 = 8;

/// An exploration under way.
pub(super) struct Exploration<'a, S> {
    pub scenario: &'a S,
    pub settings: &'a Settings,
    pub check: &'a Check<'a>,
    pub workers: Workers,
}

/// A run, as far as later phases need it.
pub(super) struct Tried {
    pub ran: Ran,
    pub verdict: Verdict,
}

impl<S: AsyncFn(&Cloud) + Sync> Exploration<'_, S> {
    /// Tries everything, until a phase finds something.
    pub fn explore(&self, stored: &Regressions) -> Explored {
        let ordinary = match ordinary(&self.workers, self.scenario, self.settings) {
            Ok(ordinary) => ordinary,
            Err(why) => return Explored::not_ordinary(why),
        };
        let mut counts = Counts::of(&ordinary);
        let failures = self.failures(&ordinary, &mut counts, stored);
        Explored::new(counts, failures)
    }

    fn failures(&self, ordinary: &Ordinary, counts: &mut Counts, stored: &Regressions) -> Vec<Finding> {
        let mut causes = Causes::after(ORDINARY_RUNS - 1, "ordinary course");
        // The ordinary end must pass all rules but the comparison with itself.
        if let Verdict::Wrong(violations) = judge_ordinary(ordinary, self.settings, self.check) {
            causes.add(&Plan::new(), violations);
            return self.told(ordinary, causes);
        }
        if !self.settings.plans.is_empty() {
            counts.given = self.settings.plans.len();
            self.try_plans("given plans", &self.settings.plans, ordinary, counts, &mut causes);
            return self.told(ordinary, causes);
        }
        let plans: Vec<Plan> = stored.plans();
        counts.stored = plans.len();
        self.try_plans("stored plans", &plans, ordinary, counts, &mut causes);
        if !causes.is_empty() {
            return self.told(ordinary, causes);
        }
        let reduced = reduce(&ordinary.ran.course, 0, self.settings);
        let seconds = self.singles(&reduced, ordinary, counts, &mut causes);
        if !causes.is_empty() {
            return self.told(ordinary, causes);
        }
        if let Some(failures) = self.under_small_limits(ordinary, causes.runs()) {
            counts.settings.push(small::NAME);
            if !failures.is_empty() {
                return failures;
            }
        }
        let runs = causes.runs() + counts.settings.len();
        if let Some(failures) = self.with_unknown_members(ordinary, runs) {
            counts.settings.push(unknown::NAME);
            if !failures.is_empty() {
                return failures;
            }
        }
        self.pairs(&reduced, &seconds, ordinary, counts, &mut causes);
        if causes.is_empty() {
            counts.histories = self.settings.histories;
            self.drawn("histories", counts.histories, Drawing::History, ordinary, counts, &mut causes);
        }
        if causes.is_empty() {
            let turns = ordinary.ran.course.points().iter().filter(|point| point.kind == PointKind::Turn).count();
            let steps = u32::try_from(turns).unwrap_or(u32::MAX);
            counts.orders = if steps > 0 { self.settings.orders } else { 0 };
            self.drawn("orders", counts.orders, Drawing::Order { steps }, ordinary, counts, &mut causes);
        }
        self.told(ordinary, causes)
    }

    /// Runs one plan, as the ordinary run's times have it.
    pub fn run(&self, runtime: &Runtime, ordinary: &Ordinary, plan: &Plan) -> Tried {
        let ran = run(runtime, self.scenario, self.builder(ordinary, plan));
        let mut verdict = judge(ordinary, &ran, self.settings, self.check);
        match verdict {
            Verdict::Wrong(_) if self.is_made_good(runtime, ordinary, &ran) => {
                verdict = Verdict::Excused(Excuse::NextRun);
            }
            Verdict::Excused(_) => {
                let mixed = self.mixed(runtime, ordinary, &ran);
                if !mixed.is_empty() {
                    verdict = Verdict::Wrong(mixed);
                }
            }
            _ => {}
        }
        Tried { ran, verdict }
    }

    /// A cloud for a run with a plan after the ordinary one.
    pub fn builder(&self, ordinary: &Ordinary, plan: &Plan) -> CloudBuilder {
        // What fails for good may be tried again for days: a few rounds show it.
        let rounds = if plan.lasts() { 2 } else { 10 };
        let most = ordinary.ran.history.invocations().count() * rounds + 16;
        self.settings.ordinary().max_invocations(most).aims(Arc::clone(&ordinary.ran.ends)).plan(plan)
    }

    fn try_plans(
        &self,
        phase: &'static str,
        plans: &[Plan],
        ordinary: &Ordinary,
        counts: &mut Counts,
        causes: &mut Causes,
    ) {
        causes.enter(phase);
        let verdicts = self.workers.map(phase, plans, |runtime, plan| self.run(runtime, ordinary, plan).verdict);
        for (plan, verdict) in plans.iter().zip(verdicts) {
            counts.note(&verdict);
            causes.judge(plan, verdict);
        }
    }

    /// All single deviations; answers which could follow each.
    fn singles(
        &self,
        reduced: &Reduced,
        ordinary: &Ordinary,
        counts: &mut Counts,
        causes: &mut Causes,
    ) -> Vec<Vec<(Plan, bool)>> {
        counts.singles(reduced);
        causes.enter("single deviations");
        let known: BTreeSet<String> = ordinary.ran.course.points().iter().map(ToString::to_string).collect();
        let tried = self.workers.map("single deviations", &reduced.singles, |runtime, single| {
            let Tried { ran, verdict } = self.run(runtime, ordinary, &single.plan);
            let inert = !ran.course.unmet().is_empty();
            let after = ran.course.points().iter().position(|point| point.taken.is_some()).map_or(0, |at| at + 1);
            let seconds = if self.settings.pairs > 0 && !inert {
                let later = reduce(&ran.course, after, self.settings).singles;
                let is_new = |at: usize| {
                    let mut point = ran.course.points()[at].clone();
                    point.taken = None;
                    !known.contains(&point.to_string())
                };
                later.into_iter().map(|second| (second.plan, is_new(second.at))).collect()
            } else {
                Vec::new()
            };
            (verdict, inert, seconds)
        });
        let mut all = Vec::new();
        for (single, (verdict, inert, seconds)) in reduced.singles.iter().zip(tried) {
            if inert {
                let seen = "a fault that does not fire proves nothing: this one never came to pass".to_owned();
                causes.add(&single.plan, vec![Violation::new(Kind::Inert, None, seen)]);
            } else {
                counts.note(&verdict);
                causes.judge(&single.plan, verdict);
            }
            all.push(seconds);
        }
        all
    }

    /// Pairs, those first whose second deviation is only possible after the first.
    fn pairs(
        &self,
        reduced: &Reduced,
        seconds: &[Vec<(Plan, bool)>],
        ordinary: &Ordinary,
        counts: &mut Counts,
        causes: &mut Causes,
    ) {
        let mut all: Vec<(bool, u64, usize, usize)> = Vec::new();
        for (first, seconds) in seconds.iter().enumerate() {
            for (second, (_, is_new)) in seconds.iter().enumerate() {
                // A lock by hand that holds against the one need not hold against both.
                if reduced.singles[first].plan.overlaps() || seconds[second].0.overlaps() {
                    continue;
                }
                let place = ((first as u64) << 32) | second as u64;
                all.push((!is_new, mixed(place ^ self.settings.seed()), first, second));
            }
        }
        counts.pairs_in_all = all.len();
        all.sort_unstable();
        all.truncate(self.settings.pairs);
        counts.pairs = all.len();
        let plans = all
            .iter()
            .map(|(_, _, first, second)| reduced.singles[*first].plan.clone().and(&seconds[*first][*second].0));
        self.try_plans("pairs", &plans.collect::<Vec<_>>(), ordinary, counts, causes);
    }

    /// Runs whose deviations are drawn.
    fn drawn(
        &self,
        phase: &'static str,
        count: usize,
        what: Drawing,
        ordinary: &Ordinary,
        counts: &mut Counts,
        causes: &mut Causes,
    ) {
        let draws = |number: u64| Draws { seed: mixed(self.settings.seed() ^ (number << 8)), what };
        let most = (what == Drawing::History).then_some(MOST_DRAWN);
        let plans: Vec<Plan> = (0..count as u64).map(|number| Plan::drawn(draws(number), most)).collect();
        causes.enter(phase);
        let tried = self.workers.map(phase, &plans, |runtime, plan| {
            let Tried { ran, verdict } = self.run(runtime, ordinary, plan);
            (verdict, ran.fired())
        });
        for (verdict, fired) in tried {
            counts.note(&verdict);
            causes.judge(&fired, verdict);
        }
    }

    /// One failure for each cause, with its smallest plan.
    fn told(&self, ordinary: &Ordinary, causes: Causes) -> Vec<Finding> {
        let found = causes.into_found();
        let failures = self.workers.map("shrinking", &found, |runtime, found| {
            let found = shrink::shrink(found.clone(), |plan| {
                let verdict = self.run(runtime, ordinary, plan).verdict;
                if let Verdict::Wrong(violations) = verdict { violations } else { Vec::new() }
            });
            let ran = (!found.plan.is_empty()).then(|| self.run(runtime, ordinary, &found.plan).ran);
            Finding::new(&found, &ordinary.ran, ran.as_ref().unwrap_or(&ordinary.ran))
        });
        let mut unique: Vec<Finding> = Vec::new();
        for failure in failures {
            if !unique.iter().any(|other| other.plan == failure.plan && other.kind == failure.kind) {
                unique.push(failure);
            }
        }
        unique
    }
}

impl Counts {
    fn note(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Excused(Excuse::Told) => self.told += 1,
            Verdict::Excused(Excuse::Repeated) => self.repeated += 1,
            Verdict::Excused(Excuse::Window) => self.windows += 1,
            Verdict::Excused(Excuse::NextRun) => self.next_runs += 1,
            Verdict::Same | Verdict::Wrong(_) => {}
        }
    }
}
