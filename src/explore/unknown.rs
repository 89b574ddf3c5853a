//! The ordinary course once more, where events have members that AWS has not added yet.
//!
//! The events are other ones, so whoever keeps them has kept something else. Only what is missing counts: a function that
//! fails, an event or a message that is given up, and fewer objects, messages and posts than there are otherwise.

use std::collections::BTreeMap;
use std::ops::AsyncFn;

use super::answer::Finding;
use super::causes::Causes;
use super::invariant::End;
use super::oracle::{Kind, Ordinary, Violation, fails};
use super::phases::Exploration;
use super::run::{Ended, Ran, run};
use super::settings::Settings;
use super::view::{Place, View};
use crate::choice::Plan;
use crate::cloud::Cloud;

/// What [`Explore::without`](super::Explore::without) and [`only`](super::Explore::only) call it.
pub(super) const NAME: &str = "unknown members";

/// What the user may do about a failure.
const ADVICE: &str = "AWS adds members to its events without asking: ignore those that are not known; if nobody can ever add one, \
                      say .without(\"unknown members\")";

impl<S: AsyncFn(&Cloud) + Sync> Exploration<'_, S> {
    /// What goes wrong with unknown members; none if they are not to be tried.
    pub fn with_unknown_members(&self, ordinary: &Ordinary, before: usize) -> Option<Vec<Finding>> {
        let builder = self.builder(ordinary, &Plan::new());
        if builder.has_unknown_members() || !self.settings.wants_named(NAME) {
            return None;
        }
        let builder = builder.unknown_members();
        let ran = self.workers.once(|runtime| run(runtime, self.scenario, builder.clone()));
        let mut causes = Causes::after(before, NAME);
        causes.add(&Plan::new(), wrong(ordinary, &ran, self.settings));
        let found = causes.into_found();
        let finding = |found| Finding { advice: Some(ADVICE.to_owned()), ..Finding::new(found, &ordinary.ran, &ran) };
        Some(found.iter().map(finding).collect())
    }
}

fn wrong(ordinary: &Ordinary, ran: &Ran, settings: &Settings) -> Vec<Violation> {
    match &ran.ended {
        Ended::Drained => {}
        Ended::Told(_) => return Vec::new(),
        Ended::Panicked(text) => return vec![Violation::new(Kind::Panicked, None, text.clone())],
        Ended::Endless(text) => return vec![Violation::new(Kind::Endless, None, text.clone())],
    }
    let mut wrong = fails(ran, settings);
    let (usual, given_up) = (ordinary.ran.history.given_up(), ran.history.given_up());
    if let (true, Some(last)) = (given_up.len() > usual.len(), given_up.last()) {
        wrong.push(Violation::new(Kind::GaveUp, None, last.to_string()));
    }
    let plan = Plan::new();
    let end = End { state: &ran.state, history: &ran.history, ordinary: &ordinary.ran.state, plan: &plan };
    for invariant in &settings.invariants {
        if let Err(seen) = invariant.check(&end) {
            wrong.push(Violation::new(Kind::Invariant(invariant.name().to_owned()), None, seen));
        }
    }
    let here = counts(&ordinary.masks.apply(&View::of(&ran.state)), settings);
    wrong.extend(fewer(&counts(&ordinary.view, settings), &here));
    wrong
}

/// Where there is less than in the ordinary end.
fn fewer(ordinary: &BTreeMap<String, usize>, here: &BTreeMap<String, usize>) -> Vec<Violation> {
    let count = |place: &str| here.get(place).copied().unwrap_or_default();
    let lost = ordinary.iter().filter(|(place, usual)| count(place) < **usual);
    lost.map(|(place, usual)| Violation::new(Kind::Lost, None, format!("{place}: {} of {usual}", count(place))))
        .collect()
}

/// How much there is at each place. The names of objects may follow from what an event holds, but not so their folders.
fn counts(view: &View, settings: &Settings) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (place, texts) in view.0.iter().filter(|(place, _)| !settings.ignores(&place.to_string())) {
        let name = match place {
            Place::Object { bucket, key } => format!("s3://{bucket}/{}", key.rfind('/').map_or("", |end| &key[..=end])),
            Place::Uploads { .. } | Place::GivenUp { .. } => continue,
            other => other.to_string(),
        };
        *counts.entry(name).or_default() += texts.len();
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(entries: &[(&str, &str)]) -> View {
        let place = |key: &str| Place::Object { bucket: "b".to_owned(), key: key.to_owned() };
        View(entries.iter().map(|(key, text)| (place(key), vec![(*text).to_owned()])).collect())
    }

    #[test]
    fn another_content_and_another_name_are_not_missed_and_another_folder_is() {
        let missing = |here: &[(&str, &str)]| {
            let counts = |entries: &[(&str, &str)]| counts(&view(entries), &Settings::default());
            let wrong = fewer(&counts(&[("raw/1f", "{}"), ("done/a", "a")]), &counts(here));
            wrong.into_iter().map(|violation| violation.seen).collect::<Vec<_>>()
        };
        assert!(missing(&[("raw/9c", r#"{"new":1}"#), ("done/a", "a"), ("more", "")]).is_empty());
        assert_eq!(missing(&[("raw/9c", "{}"), ("failed/a", "a")]), ["s3://b/done/: 0 of 1"]);
    }
}
