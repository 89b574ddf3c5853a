//! The ordinary course once more, where a page holds 3 entries, a batch 2 messages and a message 8 KiB.

use std::ops::AsyncFn;

use super::answer::Finding;
use super::causes::Causes;
use super::oracle::{Ordinary, Verdict, judge};
use super::phases::Exploration;
use super::run::run;
use crate::choice::Plan;
use crate::cloud::Cloud;

/// What [`Explore::without`](super::Explore::without) and [`only`](super::Explore::only) call it.
pub(super) const NAME: &str = "small limits";

/// What the user may do about a failure.
const ADVICE: &str = "what breaks here at 3 entries a page or at 8 KiB breaks on AWS at 1,000 entries or at 1 MiB; if it can never \
                      grow so far, say .without(\"small limits\")";

impl<S: AsyncFn(&Cloud) + Sync> Exploration<'_, S> {
    /// What goes wrong under small limits; none if they are not to be tried.
    pub fn under_small_limits(&self, ordinary: &Ordinary, before: usize) -> Option<Vec<Finding>> {
        let builder = self.builder(ordinary, &Plan::new());
        if builder.has_small_limits() || !self.settings.wants_named(NAME) {
            return None;
        }
        let builder = builder.small_limits();
        let ran = self.workers.once(|runtime| run(runtime, self.scenario, builder.clone()));
        let Verdict::Wrong(violations) = judge(ordinary, &ran, self.settings, self.check) else {
            return Some(Vec::new());
        };
        let mut causes = Causes::after(before, NAME);
        causes.add(&Plan::new(), violations);
        let found = causes.into_found();
        let finding = |found| Finding { advice: Some(ADVICE.to_owned()), ..Finding::new(found, &ordinary.ran, &ran) };
        Some(found.iter().map(finding).collect())
    }
}
