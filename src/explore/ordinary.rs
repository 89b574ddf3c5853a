//! The ordinary course, three times: what it is, and what in it is another value each time.

use std::ops::AsyncFn;
use std::time::Duration;

use super::mask::Masks;
use super::oracle::Ordinary;
use super::run::{Ended, Ran, run};
use super::settings::Settings;
use super::view::View;
use super::workers::Workers;
use crate::choice::{Course, Point};
use crate::cloud::{Cloud, CloudBuilder};

/// How many runs the ordinary course takes.
pub(super) const ORDINARY_RUNS: usize = 3;

/// Another run starts so much later: no minute, no second and no part of one is the same.
const LATER: Duration = Duration::from_millis(17 * 60_000 + 13_007);

/// Why there is nothing to explore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotOrdinary {
    /// It fails without any deviation.
    Fails { how: &'static str, why: String, timeline: String },
    /// Two runs with one seed take different ways.
    Differs { one: String, two: String },
    /// There is no place at which it might go another way.
    Empty,
}

/// Runs the scenario without deviations: twice alike, and once with another seed and start.
pub(super) fn ordinary<S>(workers: &Workers, scenario: &S, settings: &Settings) -> Result<Ordinary, NotOrdinary>
where
    S: AsyncFn(&Cloud) + Sync,
{
    let builder = settings.ordinary();
    let other = || builder.clone().seed(builder.seeded().wrapping_add(1));
    let builders: [CloudBuilder; ORDINARY_RUNS - 1] = [builder.clone(), builder.clone()];
    let mut ran = workers.map("", &builders, |runtime, builder: &CloudBuilder| run(runtime, scenario, builder.clone()));
    let (Some(again), Some(first)) = (ran.pop(), ran.pop()) else { unreachable!("two builders make two runs") };
    is_over(&first)?;
    if let Some((one, two)) = first_difference(&first.course, &again.course, Point::eq) {
        return Err(NotOrdinary::Differs { one, two });
    }
    let mut later = workers.once(|runtime| run(runtime, scenario, other().later(LATER)));
    let alike = |one: &Point, two: &Point| {
        let operation = |point: &Point| point.label.split(' ').next().map(str::to_owned);
        (one.kind, operation(one), &one.actor) == (two.kind, operation(two), &two.actor)
    };
    if later.ended != Ended::Drained || first_difference(&first.course, &later.course, alike).is_some() {
        // What happens may follow from the time of day, as with schedules.
        later = workers.once(|runtime| run(runtime, scenario, other()));
    }
    if first.course.points().iter().all(|point| !super::reduce::is_swept(point)) {
        return Err(NotOrdinary::Empty);
    }
    let mut masks = Masks::default();
    let view = View::of(&first.state);
    for other in [again, later] {
        masks.learn(&view, &View::of(&other.state));
    }
    let view = masks.apply(&view);
    Ok(Ordinary { ran: first, masks, view })
}

fn is_over(ran: &Ran) -> Result<(), NotOrdinary> {
    let (how, why) = match &ran.ended {
        Ended::Drained => return Ok(()),
        Ended::Told(why) => ("a verb of the cloud fails", why),
        Ended::Panicked(why) => ("the scenario panics", why),
        Ended::Endless(why) => ("the run does not end", why),
    };
    let why = why.lines().take(24).collect::<Vec<_>>().join("\n");
    Err(NotOrdinary::Fails { how, why, timeline: ran.history.timeline().bounded() })
}

/// The first points that are not alike.
fn first_difference(one: &Course, two: &Course, alike: impl Fn(&Point, &Point) -> bool) -> Option<(String, String)> {
    let (first, second) = (one.points(), two.points());
    let at = first.iter().zip(second).position(|(one, two)| !alike(one, two));
    let at = at.or_else(|| (first.len() != second.len()).then(|| first.len().min(second.len())))?;
    let shown = |points: &[Point]| points.get(at).map_or_else(|| "nothing more".to_owned(), ToString::to_string);
    Some((shown(first), shown(second)))
}
