//! What is tried, in which order: single deviations, pairs, histories, orders.

use std::collections::BTreeSet;
use std::ops::AsyncFn;
use std::sync::Arc;

use super::answer::{Counts, Explored, Finding};
use super::causes::Causes;
use super::oracle::{Check, Excuse, Kind, Ordinary, Verdict, Violation, judge, judge_ordinary, unattributed};
use super::ordinary::ordinary;
use super::reduce::{Reduced, reduce};
use super::regressions::Regressions;
use super::run::{Ran, run};
use super::settings::Settings;
use super::shrink;
use super::workers::Workers;
use crate::choice::{Drawing, Draws, Plan, PointKind, Way, mixed};
use crate::cloud::{Cloud, CloudBuilder};

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
        let mut counts = Counts::of(&ordinary, unattributed(&ordinary.ran.history));
        let failures = self.failures(&ordinary, &mut counts, stored);
        Explored::new(counts, failures)
    }

    fn failures(&self, ordinary: &Ordinary, counts: &mut Counts, stored: &Regressions) -> Vec<Finding> {
        let mut causes = Causes::default();
        // The ordinary end must pass all rules but the comparison with itself.
        if let Verdict::Wrong(violations) = judge_ordinary(ordinary, self.settings, self.check) {
            causes.add(&Plan::new(), violations);
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
        if let Some(failures) = self.under_small_limits(ordinary) {
            counts.small_limits = true;
            if !failures.is_empty() {
                return failures;
            }
        }
        self.pairs(&reduced, &seconds, ordinary, counts, &mut causes);
        if causes.is_empty() {
            self.drawn("histories", self.settings.histories, Drawing::History, ordinary, counts, &mut causes);
        }
        if causes.is_empty() {
            let turns = |kind| ordinary.ran.course.points().iter().filter(|point| point.kind == kind).count();
            let steps = u32::try_from(turns(PointKind::Turn)).unwrap_or(u32::MAX);
            let can_differ = steps > 0;
            let orders = if can_differ { self.settings.orders } else { 0 };
            self.drawn("orders", orders, Drawing::Order { steps }, ordinary, counts, &mut causes);
        }
        self.told(ordinary, causes)
    }

    /// Runs one plan, as the ordinary run's times have it.
    pub fn run(&self, runtime: &tokio::runtime::Runtime, ordinary: &Ordinary, way: Way) -> Tried {
        // What fails for good may be tried again for days: a few rounds show it.
        let rounds = if matches!(&way, Way::Planned(plan) if plan.lasts()) { 2 } else { 10 };
        let most = ordinary.ran.history.invocations().count() * rounds + 16;
        let ran = run(runtime, self.scenario, self.builder(ordinary).max_invocations(most).way(way));
        let verdict = judge(ordinary, &ran, self.settings, self.check);
        Tried { ran, verdict }
    }

    /// A cloud for a run after the ordinary one.
    pub fn builder(&self, ordinary: &Ordinary) -> CloudBuilder {
        self.settings.ordinary().aims(Arc::clone(&ordinary.ran.ends))
    }

    fn try_plans(&self, phase: &str, plans: &[Plan], ordinary: &Ordinary, counts: &mut Counts, causes: &mut Causes) {
        let tried = self.workers.map(phase, plans, |runtime, plan| {
            let Tried { ran, verdict } = self.run(runtime, ordinary, Way::Planned(plan.clone()));
            (verdict, ran.fired().is_empty())
        });
        for (plan, (verdict, _)) in plans.iter().zip(tried) {
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
        let known: BTreeSet<String> = ordinary.ran.course.points().iter().map(ToString::to_string).collect();
        let tried = self.workers.map("single deviations", &reduced.singles, |runtime, single| {
            let Tried { ran, verdict } = self.run(runtime, ordinary, Way::Planned(single.plan.clone()));
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
        phase: &str,
        count: usize,
        what: Drawing,
        ordinary: &Ordinary,
        counts: &mut Counts,
        causes: &mut Causes,
    ) {
        let seeds: Vec<u64> = (0..count as u64).map(|number| mixed(self.settings.seed() ^ (number << 8))).collect();
        let tried = self.workers.map(phase, &seeds, |runtime, seed| {
            let Tried { ran, verdict } = self.run(runtime, ordinary, Way::Drawn(Draws { seed: *seed, what }));
            (verdict, ran.fired())
        });
        counts.drawn(phase, count);
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
                let tried = self.run(runtime, ordinary, Way::Planned(plan.clone()));
                if let Verdict::Wrong(violations) = tried.verdict { violations } else { Vec::new() }
            });
            let ran = if found.plan.is_empty() {
                None
            } else {
                Some(self.run(runtime, ordinary, Way::Planned(found.plan.clone())).ran)
            };
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
            Verdict::Same | Verdict::Wrong(_) => {}
        }
    }
}
